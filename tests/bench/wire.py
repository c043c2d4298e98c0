"""A browser's connection as bare as can be: a client shares the processors with the server it measures."""

import socket


class Wire:
    """One connection that is kept open, and made again after the server has hung up."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.link: socket.socket | None = None

    def ask(self, method: str, path: str, cookie: str, form: str = "") -> tuple[int, str, str]:
        """Send one request and read its answer: status, head and text.

        OSError or ValueError when there was none; the next one then begins a new connection.
        """
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}"]
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
        try:
            head, text = self._exchange(("\r\n".join(lines) + "\r\n\r\n" + form).encode())
        except (OSError, ValueError):
            self.link = None
            raise
        return int(head[9:12]), head, text

    def _exchange(self, request: bytes) -> tuple[str, str]:
        if self.link is None:
            self.link = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.link.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, text = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
        while len(text) < length:
            text += self._more()
        return head.decode("latin-1"), text.decode()

    def _more(self) -> bytes:
        assert self.link is not None
        got = self.link.recv(65536)
        if not got:
            raise ValueError("hung up")
        return got
