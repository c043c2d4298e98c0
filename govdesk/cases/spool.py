"""A file between reading and writing: its drafts lie on disk, so that memory stays bounded."""

import pickle
import sqlite3
from collections.abc import Iterator
from typing import Any

from govdesk.cases.drafts import Draft


class Spool:
    """Drafts by their number and rejections by their line, in a private temporary database."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # an unnamed file of its own, gone when closed
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE draft (place INTEGER PRIMARY KEY, number TEXT UNIQUE, line INTEGER, content BLOB)",
            "CREATE TABLE rejected (line INTEGER, reason TEXT)",
            "BEGIN",
        ):
            self._db.execute(statement)
        self.kept = self.rejected = 0

    def keep(self, number: str, line: int, draft: Draft) -> int | None:
        """Keep a draft; if its number is there already, keep nothing and give the line on which it stands."""
        content = pickle.dumps(draft, pickle.HIGHEST_PROTOCOL)
        done = self._db.execute(
            "INSERT OR IGNORE INTO draft (number, line, content) VALUES (?, ?, ?)", (number, line, content)
        )
        if done.rowcount:
            self.kept += 1
            return None
        first: int = self._db.execute("SELECT line FROM draft WHERE number = ?", (number,)).fetchone()[0]
        return first

    def reject(self, line: int, reason: str) -> None:
        """Remember why a line is not taken."""
        self._db.execute("INSERT INTO rejected VALUES (?, ?)", (line, reason))
        self.rejected += 1

    def batches(self, size: int) -> Iterator[list[tuple[int, Draft]]]:
        """The drafts with their lines, in the order of the file, some at a time."""
        last = 0
        query = "SELECT place, line, content FROM draft WHERE place > ? ORDER BY place LIMIT ?"
        while rows := self._db.execute(query, (last, size)).fetchall():
            last = rows[-1][0]
            yield [(line, _content(content)) for _, line, content in rows]

    def rejections(self) -> Iterator[tuple[int, str]]:
        """Lines and reasons, in the order of the file."""
        yield from self._db.execute("SELECT line, reason FROM rejected ORDER BY line, rowid")

    def close(self) -> None:
        """Let go of the temporary file."""
        self._db.close()


def _content(packed: bytes) -> dict[str, Any]:
    content: dict[str, Any] = pickle.loads(packed)  # noqa: S301 - packed above, by this very process
    return content
