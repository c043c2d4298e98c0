"""Messages written to files, where no mail server and no gateway is set."""

import os
from pathlib import Path

from govdesk import clock
from govdesk.config import settings
from govdesk.notify.letters import Attached, Letter

FOLDER = "outbox"
KEPT = 200  # files; the oldest go


def write(letter: Letter) -> str:
    """Write a message into a file of its own that only this user reads; the file's name."""
    folder = settings().instance / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{clock.now():%Y%m%dT%H%M%S}-{letter.channel}-{letter.token[:8]}.txt"
    head = [f"To: {letter.to}", f"Language: {letter.language}"]
    if letter.subject:
        head.append(f"Subject: {letter.subject}")
    if letter.attached is not None:
        head.append(f"Attached: {letter.attached.name}")
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join([*head, "", letter.text, ""]))
    if letter.attached is not None:
        _write_beside(folder / name, letter.attached)
    for old in sorted(folder.glob("*.txt"))[:-KEPT]:
        for own in folder.glob(f"{old.stem}*"):
            own.unlink(missing_ok=True)
    return name


def _write_beside(text: Path, attached: Attached) -> None:
    handle = os.open(f"{text.with_suffix('')}-{attached.name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(attached.content)
