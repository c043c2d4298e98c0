"""A process of the server: gunicorn's with threads, where a question that memory can answer takes none."""

import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from govdesk.faces.following.question import LONGEST


class WebProcess(ThreadWorker):
    """Listens to all lines in one loop, and gives to a thread only what the loop cannot answer at once.

    A thread for each question, gunicorn's reading of it and the way to the application and back cost ten
    times what the answer itself costs.
    1. What has come over a line is looked at without being taken away.
    2. If it is one whole question of a screen that follows, and the answer is in memory, it is taken and
       answered in the loop; the line is kept among the followers.
    3. Anything else is left there untouched, and gunicorn goes on as it always does.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.followers: dict[TConn, None] = {}  # who has been silent longest comes first

    def accept(self, listener: socket.socket) -> None:
        """Take a new line; a thread is for those that have said something."""
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            line, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # another process was quicker, or nobody is there any more
        self.nr_conns += 1
        conn = TConn(self.cfg, line, address, listener.getsockname())
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(line, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer the first question of a line, or give it to a thread."""
        if not self._follows(conn, self.pending_conns):
            super().on_pending_socket_readable(conn, client)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer the next question of a line, or give it to a thread."""
        if not self._follows(conn, self.keepalived_conns):
            super().on_client_socket_readable(conn, client)

    def on_follower_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer a follower again; a question of another kind goes to a thread, and its line leaves these."""
        goes_on = self._answered(conn)
        if goes_on is None:
            del self.followers[conn]
            self.poller.unregister(client)
            conn.data_ready = True
            self.enqueue_req(conn)
        elif goes_on:
            del self.followers[conn]
            self.followers[conn] = None
            conn.set_timeout()
        else:
            self._hang_up(conn)

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - gunicorn's
        """Close lines that have been silent for too long."""
        super().murder_keepalived(force)
        now = time.monotonic()
        while self.followers:
            conn = next(iter(self.followers))
            if conn.timeout > now and not force:
                return
            self._hang_up(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in (*self.followers, *self.pending_conns):
            conn.timeout = min(conn.timeout, deadline)

    def _follows(self, conn: TConn, among: deque[TConn]) -> bool:
        """Answer what came over a line, if it is a follower's; the line is one of these from then on."""
        goes_on = None if self.cfg.is_ssl or conn.is_http2 else self._answered(conn)
        if goes_on is None:
            return False
        among.remove(conn)
        self.followers[conn] = None
        if goes_on:
            conn.set_timeout()
            self.poller.modify(conn.sock, selectors.EVENT_READ, partial(self.on_follower_readable, conn))
        else:
            self._hang_up(conn)
        return True

    def _answered(self, conn: TConn) -> bool | None:
        """Answer at once: whether the line stays open; None, and nothing is taken, for all else."""
        try:
            data = conn.sock.recv(LONGEST, socket.MSG_PEEK)
            answer = self.wsgi.extensions["followers"].at_once(data, is_last=not self.alive)
            if answer is None:
                return None
            conn.sock.recv(len(data))
            sent = conn.sock.send(answer[0])
        except OSError:  # cut, or the other side takes nothing: its page asks again
            return False
        return bool(answer[1]) and sent == len(answer[0])

    def _hang_up(self, conn: TConn) -> None:
        del self.followers[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()
