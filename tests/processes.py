"""Real processes of an installation: commands, and scripts that several processes run at the same moment.

They are forked from a process that has the program loaded, which starts them in a tenth of the time.
"""

import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from govdesk.config import SECRETS, Settings
from tests import databases

ROOT = Path(__file__).parent.parent
SETTINGS = ("instance", "database_url", "jobs", "threads", *SECRETS)
PATIENCE = 1200  # seconds: how long a process may take on a machine that has other work
COMMAND = "import sys\nfrom govdesk import cli\nsys.exit(cli.main())"
BEGIN = (
    "import sys\n"
    "from govdesk.app import create_app\n"
    "app = create_app()\n"
    "app.app_context().push()\n"
    "ready.wait()\n"
)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["govdesk.cli"])


def environ(settings: Settings | None = None, **more: str) -> dict[str, str]:
    """The environment of a process of this installation; PostgreSQL's own programs are on its path."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GOVDESK_")}
    inherited["PATH"] = f"{databases.programs()}{os.pathsep}{inherited.get('PATH', '')}"
    inherited["LANG"] = "C.UTF-8"
    own = {f"GOVDESK_{name.upper()}": str(getattr(settings, name)) for name in SETTINGS} if settings else {}
    return {**inherited, **own, **more}


class Running:
    """A script that runs in a process of its own, with the files that it reads and writes."""

    def __init__(
        self, script: str, *arguments: str, env: Mapping[str, str], said: str = "", ready: Any = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="govdesk-process-"))
        (self.folder / "in").write_text(said)
        given = (script, arguments, dict(env), self.folder, ready)
        self.process = _context.Process(target=_run, args=given, daemon=True)
        self.process.start()
        assert self.process.pid is not None
        self.pid = self.process.pid

    def ended(self) -> subprocess.CompletedProcess[str]:
        """Wait for its end; what it said and how it ended."""
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None, f"still running after {PATIENCE} s"
        out, err = ((self.folder / name).read_text() for name in ("out", "err"))
        shutil.rmtree(self.folder)
        return subprocess.CompletedProcess([], self.process.exitcode, out, err)

    def kill(self) -> None:
        """End it as the power would; wait until it is gone."""
        self.process.kill()
        self.process.join()
        shutil.rmtree(self.folder, ignore_errors=True)


def govdesk(*arguments: str, env: Mapping[str, str], said: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command `govdesk`, with `said` at its input; what it said and how it ended."""
    return Running(COMMAND, *arguments, env=env, said=said).ended()


def together(script: str, *, count: int, settings: Settings, arguments: Sequence[str] = ()) -> list[str]:
    """Run a script in several processes at the same moment, with the application ready; their outputs."""
    ready = _context.Barrier(count)
    env = environ(settings)
    running = [Running(BEGIN + script, *arguments, env=env, ready=ready) for _ in range(count)]
    outputs = []
    for one in running:
        done = one.ended()
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    return outputs


def _run(script: str, arguments: Sequence[str], env: Mapping[str, str], folder: Path, ready: Any) -> None:
    """Be that process: its own environment, arguments and files."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    sys.argv = ["govdesk", *arguments]
    for number, (name, mode) in enumerate((("in", "r"), ("out", "w"), ("err", "w"))):
        with (folder / name).open(mode) as file:
            os.dup2(file.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - open until the end
        for number, mode in enumerate("rww")
    )
    try:
        exec(script, {"__name__": "__main__", "ready": ready})  # noqa: S102 - the test's own words
    except BaseException:
        if ready is not None:
            ready.abort()  # the others would wait for this one for ever
        raise
