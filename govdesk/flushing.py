"""One flush for all who wait for the disk."""

import threading
from collections.abc import Callable


class Flushing:
    """Answers wait until what they tell is on the disk, outside every lock; one flush serves all who wait.

    1. Who comes takes a number.
    2. One of them flushes for all numbers taken so far.
    3. Who finds its number flushed goes on.
    """

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._guard, self._turn = threading.Lock(), threading.Lock()
        self._taken = self._flushed = 0

    def wait(self) -> int:
        """Come back when everything committed before the call is on the disk; how many have waited before."""
        with self._guard:
            self._taken += 1
            number = self._taken
        with self._turn:
            if self._flushed < number:
                with self._guard:
                    covered = self._taken
                self._flush()
                self._flushed = covered
        return number
