"""Real processes of an installation: commands, and scripts that several processes run at the same moment."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from govdesk.config import SECRETS, Settings
from tests import databases

ROOT = Path(__file__).parent.parent
SETTINGS = ("instance", "database_url", "jobs", "threads", *SECRETS)
BEGIN = (
    "import sys\n"
    "from govdesk.app import create_app\n"
    "app = create_app()\n"
    "app.app_context().push()\n"
    "sys.stdin.readline()\n"
)


def environ(settings: Settings | None = None, **more: str) -> dict[str, str]:
    """The environment of a process of this installation; PostgreSQL's own programs are on its path."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GOVDESK_")}
    inherited["PATH"] = f"{databases.programs()}{os.pathsep}{inherited.get('PATH', '')}"
    inherited["LANG"] = "C.UTF-8"
    own = {f"GOVDESK_{name.upper()}": str(getattr(settings, name)) for name in SETTINGS} if settings else {}
    return {**inherited, **own, **more}


def govdesk(*arguments: str, env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command `govdesk`; what it said and how it ended."""
    command = [str(Path(sys.executable).with_name("govdesk")), *arguments]
    return subprocess.run(
        command, env=env, cwd=ROOT, text=True, capture_output=True, check=False, timeout=400, **options
    )


def together(script: str, *, count: int, settings: Settings, arguments: Sequence[str] = ()) -> list[str]:
    """Run a script in several processes at the same moment, with the application ready; their outputs."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN + script, *arguments], env=environ(settings), cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(count)
    ]  # fmt: skip
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = []
    for process in running:
        out, err = process.communicate(timeout=400)
        assert process.returncode == 0, err
        outputs.append(out)
    return outputs
