"""The data files of real offices, and one clear reason where they are missing."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from govdesk.config import Settings
from tests import processes

FOLDER = Path(os.environ.get("GOVDESK_REALDATA", processes.ROOT.parent / "shared" / "data"))
MAPPINGS = processes.ROOT / "docs" / "mappings"
real = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real data at {FOLDER} (set GOVDESK_REALDATA)"),
]


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this installation, which must succeed."""
    done = processes.govdesk(*arguments, env=processes.environ(settings))
    assert done.returncode == 0, done.stderr
    return done


def bring(settings: Settings, kind: str, file: str, mapping: str) -> str:
    """Import a real file by its mapping; what the command said."""
    told = ("--mapping", str(MAPPINGS / f"{mapping}.toml"))
    return run(settings, "import", kind, str(FOLDER / file), *told).stdout


def figures(settings: Settings, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    """Ask for figures by the command; their rows by key."""
    said = json.loads(run(settings, "kpi", *arguments, "--format", "json").stdout)
    return {figure["key"]: figure["rows"] for figure in (said if isinstance(said, list) else [said])}
