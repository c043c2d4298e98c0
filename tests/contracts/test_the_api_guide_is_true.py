"""Each command of docs/api.md is run, in its order, as a shell would run it; each must succeed."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

from flask import Flask

from govdesk.db import transaction
from govdesk.people.tokens import SCOPES
from tests.api import Program, make_token
from tests.makers import MORNING, Cast, make_slot

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
KEPT = re.compile(r"(?P<name>[A-Z]+)=\$\((?P<command>curl .*?) \| jq -r '(?P<path>[^']+)'\)")


def test_every_command_of_the_guide_succeeds(app: Flask, cast: Cast) -> None:
    with transaction() as session:
        make_slot(session, branch=cast.north, service=cast.renewal)
        make_slot(session, branch=cast.north, service=cast.renewal, starts_at=MORNING.replace(day=6))
    values = {"DESK": "", "TOKEN": make_token(*SCOPES)}
    asked = []
    for line in "".join(BLOCK.findall(GUIDE.read_text("utf-8"))).splitlines():
        kept = KEPT.fullmatch(line)
        answer = run(app, kept["command"] if kept else line, values)
        asked.append(line)
        if kept:
            values[kept["name"]] = str(picked(answer, kept["path"]))
    assert len(asked) > 12


def run(app: Flask, command: str, values: dict[str, str]) -> Any:
    """Ask what a curl command asks; its answer."""
    words = shlex.split(re.sub(r"\$([A-Z]+)", lambda match: values[match[1]], command))
    assert words[0] == "curl"
    method, headers, options, path = "GET", {}, {}, ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = next(rest)
        elif word == "--json":
            method, options = "POST", {"json": json.loads(next(rest))}
        elif word != "-s":
            path = word
    answer = Program(app).ask(method, path, headers=headers, status={200, 201, 204}, **options)
    return answer.get_json(silent=True)


def picked(answer: Any, path: str) -> Any:
    """What jq would take out: `.[0].id`, `.hold`."""
    for step in path.lstrip(".").split("."):
        answer = answer[int(step[1:-1])] if step.startswith("[") else answer[step]
    return answer
