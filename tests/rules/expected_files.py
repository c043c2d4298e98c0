"""The reference figures handed to the project, and one clear reason where they are missing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("GOVDESK_EXPECTED", Path(__file__).parents[3] / "shared" / "expected"))


def expected_text(name: str) -> str:
    """Give a file of the folder; where the whole folder is missing the tests of this file are skipped."""
    if not FOLDER.is_dir():
        pytest.skip(
            f"no folder of reference figures at {FOLDER} (set GOVDESK_EXPECTED)", allow_module_level=True
        )
    return (FOLDER / name).read_text(encoding="utf-8")


def expected_json(name: str) -> dict[str, Any]:
    """Give a JSON file of the folder."""
    document: dict[str, Any] = json.loads(expected_text(name))
    return document
