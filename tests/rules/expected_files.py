"""The reference figures handed to the project, and one clear reason where they are missing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("GOVDESK_EXPECTED", Path(__file__).parents[3] / "shared" / "expected"))
IS_MISSING = not FOLDER.is_dir()
REASON = f"no folder of reference figures at {FOLDER} (set GOVDESK_EXPECTED)"

needs_expected = pytest.mark.skipif(IS_MISSING, reason=REASON)


def expected_text(name: str) -> str:
    """Give a file of the folder; nothing where the whole folder is missing."""
    return "" if IS_MISSING else (FOLDER / name).read_text(encoding="utf-8")


def expected_json(name: str) -> dict[str, Any]:
    """Give a JSON file of the folder; an empty document where the whole folder is missing."""
    document: dict[str, Any] = json.loads(expected_text(name) or "{}")
    return document


def cases(found: Iterable[Any] | None) -> list[Any]:
    """Give the cases of a file as parameters; where the folder is missing, one that is skipped."""
    listed = list(found or ())
    if not listed and not IS_MISSING:
        raise LookupError(f"no cases found in {FOLDER}")
    return listed or [pytest.param(None, marks=pytest.mark.skip(reason=REASON), id="missing")]
