"""Work side by side: threads with the application at hand, of which a slow one keeps nobody waiting."""

import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, TypeVar

from flask import Flask, current_app

from govdesk.db import db

Thing = TypeVar("Thing")


def each(work: Callable[[Thing], int], things: Sequence[Thing], *, patience: float | None) -> int:
    """Do the work for each thing in a thread of its own; the sum of what is done after so many seconds.

    Without patience for all of them; else what is slower goes on by itself, and its result is nobody's.
    """
    if not things:
        return 0
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - a thread has none
    pool = ThreadPoolExecutor(len(things), thread_name_prefix="abreast")
    running = [pool.submit(contextvars.copy_context().run, _inside, app, work, one) for one in things]
    done, _slow = wait(running, timeout=patience)
    pool.shutdown(wait=False)
    return sum(one.result() for one in done)


def _inside(app: Flask, work: Callable[[Any], int], thing: object) -> int:
    with app.app_context():
        try:
            return work(thing)
        finally:
            db.session.remove()
