"""A printer in the network, for tests: keeps what it is sent, answers for its paper, or says nothing."""

import contextlib
import socket
import threading
from collections.abc import Iterator

PAPER, NO_PAPER = b"\x12", b"\x72"  # answers to DLE EOT 4
ASKED = b"\x10\x04\x04"
CUT = b"\x1dV"


class Printer:
    """Listens on a port of its own until it is closed."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.slips: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Switch it off: whoever connects is refused."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._listener.accept()
            except OSError:
                return
            with line:
                self._print(line)

    def _print(self, line: socket.socket) -> None:
        sent = b""
        with contextlib.suppress(OSError):
            while piece := line.recv(65536):
                if piece == ASKED:
                    if self.answer is not None:
                        line.sendall(self.answer)
                else:
                    sent += piece
        if sent:
            self.slips.append(sent)


@contextlib.contextmanager
def printer(answer: bytes | None = PAPER) -> Iterator[Printer]:
    """A printer that is switched on for the length of a block."""
    made = Printer(answer)
    try:
        yield made
    finally:
        made.close()
