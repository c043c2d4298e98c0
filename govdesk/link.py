"""A connection to PostgreSQL on which what can wait travels with the next statement that is answered."""

import itertools
import select
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import psycopg
from psycopg.abc import RV, Buffer, PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

MOST_WAITING = 20  # statements: their answers never fill the line while others are still being sent
_READ_ONLY = b"BEGIN READ ONLY"
_TEXT = PyFormat.TEXT
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_SOON = 10  # milliseconds


class Link(psycopg.Connection[Any]):
    """A connection that goes to the server as seldom as it can: each way there and back costs both sides.

    1. What is written for its effect alone (`later`) waits here.
    2. It goes with the next statement whose rows are wanted (`ask`), with the COMMIT, or before whatever else
       is done with the connection. So does the BEGIN. The server sees all statements, in their order.
    3. All are sent at once and answered at once (libpq's pipeline; that of psycopg takes more processor time
       than it saves). The server leaves out whatever follows an error; the error is raised here.
    4. Each text is prepared when it first comes. What was only read ends with COMMIT: after a ROLLBACK
       psycopg forgets what is prepared.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.is_reading = False  # until it is given back: what writes is refused
        self._waiting: list[tuple[str, Sequence[Buffer | None]]] = []
        self._names: dict[str, bytes] = {}
        self._numbers = itertools.count(1)
        self._values = Transformer(self)
        self._listening: Any = None

    def later(self, statement: str, values: Sequence[Any]) -> None:
        """Run a statement before anything else is done here or the transaction ends; its error comes then."""
        self._put(statement, values)
        if len(self._waiting) >= MOST_WAITING:
            self._exchange()

    def ask(
        self, statement: str, values: Sequence[Any], row: Callable[..., Any] = tuple, *, alone: bool = False
    ) -> list[Any]:
        """Run a statement behind those that wait; its rows. `alone`: one that needs no transaction."""
        self._put(statement, values, alone=alone)
        last = self._exchange()
        if last.status != ExecStatus.TUPLES_OK:
            return []
        self._values.set_pgresult(last)
        return self._values.load_rows(0, last.ntuples, row)

    def commit(self) -> None:
        """Send what waits, and commit; where that fails, all is undone, as after any COMMIT that fails."""
        status = self.pgconn.transaction_status
        if self._waiting or status == TransactionStatus.INTRANS:
            self._waiting.append(("COMMIT", ()))
            try:
                self._exchange()
            except psycopg.Error:
                if not self.closed:
                    super().rollback()
                raise
        elif status != TransactionStatus.IDLE:
            super().commit()

    def rollback(self) -> None:
        """Undo, what waits included; or where nothing can have been written, just end."""
        self._waiting.clear()
        status = self.pgconn.transaction_status
        if status == TransactionStatus.INTRANS and self.is_reading:
            self.commit()
        elif status != TransactionStatus.IDLE:
            super().rollback()

    def wait(self, gen: PQGen[RV], *given: Any, **named: Any) -> RV:
        """Send what waits before psycopg does anything by itself."""
        if self._waiting:
            self._exchange()
        return super().wait(gen, *given, **named)

    def _get_tx_start_command(self) -> bytes:
        return _READ_ONLY if self.is_reading else super()._get_tx_start_command()

    def _deallocate(self, name: bytes | None) -> PQGen[None]:
        if name is None:  # of all, also of those prepared here
            self._names.clear()
        return super()._deallocate(name)

    def _put(self, statement: str, values: Sequence[Any], *, alone: bool = False) -> None:
        given = self._values.dump_sequence(values, [_TEXT] * len(values))
        is_first = not self._waiting and self.pgconn.transaction_status == TransactionStatus.IDLE
        if is_first and not alone and not self.autocommit:
            self._waiting.append((self._get_tx_start_command().decode(), ()))
        self._waiting.append((statement, given))

    def _exchange(self) -> PGresult:
        """Send all that waits and read all answers: the last one. Raises the first error among them."""
        sent, self._waiting = self._waiting, []
        line, fresh, count = self.pgconn, {}, 0
        try:
            line.enter_pipeline_mode()
            for statement, values in sent:
                name = self._names.get(statement)
                if name is None:
                    name = self._names[statement] = b"govdesk_%d" % next(self._numbers)
                    line.send_prepare(name, statement.encode())
                    fresh[count] = statement
                    count += 1
                line.send_query_prepared(name, values)
                count += 1
            line.pipeline_sync()
            answers = self._answers(count)
            line.exit_pipeline_mode()
        except BaseException:  # nobody knows what the server has done: this line is not used again
            self.close()
            raise
        for place, statement in fresh.items():
            if answers[place].status != ExecStatus.COMMAND_OK:
                del self._names[statement]
        for answer in answers:
            if answer.status not in _DONE:
                self._refuse(answer)
        return answers[-1]

    def _answers(self, count: int) -> list[PGresult]:
        """Read so many answers, and the mark behind them. Others compute meanwhile."""
        line = self.pgconn
        answers: list[PGresult] = []
        if self._listening is None:
            self._listening = select.poll()
            self._listening.register(line.socket, select.POLLIN)
        while line.flush():  # more than the line holds at once
            self._listening.poll(_SOON)
            line.consume_input()
        while True:
            while line.is_busy():
                self._listening.poll()
                line.consume_input()
            answer = line.get_result()
            if answer is None:
                continue
            if answer.status == ExecStatus.PIPELINE_SYNC:
                return answers
            answers.append(answer)
            if len(answers) > count or line.status != ConnStatus.OK:
                raise error_from_result(answer)

    def _refuse(self, answer: PGresult) -> NoReturn:
        error = error_from_result(answer, self.info.encoding)
        if isinstance(error, FeatureNotSupported):  # a table has changed under what was prepared
            self._names.clear()
        raise error
