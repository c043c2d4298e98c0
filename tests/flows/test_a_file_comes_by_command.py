"""`govdesk import` and `govdesk export` as a person types them: what is said where, exit status."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from govdesk.cases.models import Visit
from govdesk.config import Settings
from govdesk.db import reading
from tests import processes
from tests.flows.exchange_files import written
from tests.flows.test_an_office_brings_its_past import CASES, VISITS


def test_a_file_comes_in_and_goes_out_by_command(app: Flask, settings: Settings, tmp_path: Path) -> None:
    env = processes.environ(settings)
    file = written(tmp_path, VISITS)
    rehearsed = processes.govdesk("import", "visits", str(file), "--dry-run", env=env)
    assert (rehearsed.returncode, "nothing was changed" in rehearsed.stdout) == (0, True)
    assert reading().scalars(select(func.count()).select_from(Visit)).one() == 0
    done = processes.govdesk("import", "visits", str(file), env=env)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "4 rows read",
        "4 new",
        "1 service created as imported: licence",
        "1 branch created as imported: main",
    ]
    assert "reading" in done.stderr
    out = processes.govdesk("export", "visits", "--format", "json", "--from", "2025-01-08", env=env)
    assert [row["class"] for row in json.loads(out.stdout)] == ["repeat", "index_new", "unlinked"]
    assert processes.govdesk("export", "visits", str(tmp_path / "out.csv.gz"), env=env).returncode == 0
    assert (tmp_path / "out.csv.gz").read_bytes()[:2] == b"\x1f\x8b"


def test_a_refusal_is_one_sentence_and_status_one(app: Flask, settings: Settings, tmp_path: Path) -> None:
    env = processes.environ(settings)
    file = written(tmp_path, VISITS.replace("branch", "office"))
    refused = processes.govdesk("import", "visits", str(file), env=env)
    assert refused.returncode == 1
    assert "Unknown columns: office." in refused.stderr
    assert "Traceback" not in refused.stderr
    arabic = processes.govdesk("import", "visits", str(file), env={**env, "LANG": "ar_SA.UTF-8"})
    assert "أعمدة غير معروفة: office." in arabic.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("import", "visits", "nothing.csv"), 2, "does not exist"),
        (("import", "appointments", "nothing.csv"), 2, "does not exist"),
        (("export", "complaints"), 2, "complaints"),
        (("export", "visits", "--from", "yesterday"), 2, "yesterday"),
        (("export", "visits", "--from", "2025-02-01", "--to", "2025-01-01"), 2, "--from is after --to"),
    ],
)
def test_wrong_usage_is_told(
    app: Flask, settings: Settings, arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = processes.govdesk(*arguments, env=processes.environ(settings))
    assert (done.returncode, said in done.stderr) == (status, True)


def test_a_mapping_and_the_end_of_observation_are_told_by_option(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    env = processes.environ(settings)
    file = written(tmp_path, CASES.replace("case_no", "number"), "cases.csv")
    rule = written(tmp_path, 'source = "old"\n[columns]\ncase_no = "number"', "rule.toml")
    options = ("--mapping", str(rule), "--observed-until", "2025-02-01T00:00:00")
    done = processes.govdesk("import", "cases", str(file), *options, env=env)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert "1 ends before it begins" in done.stdout
    wrong = processes.govdesk("import", "cases", str(file), *options[:3], "soon", env=env)
    assert (wrong.returncode, "“soon” is not a time" in wrong.stderr) == (1, True)
