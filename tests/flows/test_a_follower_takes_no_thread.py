"""A real server answers those who follow in its loop, and everybody else as always, on the same line."""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from govdesk.config import Settings
from govdesk.db import db, transaction
from govdesk.faces.following import shelf
from govdesk.queue import counters, service
from tests.makers import Cast
from tests.processes import COMMAND, Running, environ

LENGTH = re.compile(r"content-length: (\d+)", re.IGNORECASE)
OF_A_THREAD = "server: gunicorn"  # gunicorn's own answers say so


@pytest.fixture
def token(cast: Cast) -> str:
    """The secret of a ticket that waits."""
    with transaction() as session:
        counters.open_counter(session, actor=cast.staff["omar"].actor, counter_id=cast.north_1.id)
        actor = cast.staff["reem"].actor
        token = service.issue(session, actor=actor, branch=cast.north, service=cast.renewal).token
    db.engine.dispose()
    return token


@pytest.fixture
def port(token: str, settings: Settings) -> Iterator[int]:
    """Where a server of two processes listens; it stops when it is told to, and leaves nothing behind."""
    assert token
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    env = environ(settings, GOVDESK_PORT=str(port), GOVDESK_RATE_LIMITS="no")
    running = Running(COMMAND, "serve", "--workers", "2", "--no-jobs", env=env)
    try:
        while True:
            assert running.process.is_alive()
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
        os.kill(running.pid, signal.SIGTERM)
        assert running.ended().returncode == 0
        assert list((Path(settings.instance) / shelf.FOLDER).iterdir()) == []
    finally:
        if running.process.is_alive():
            running.kill()


def hear(line: socket.socket) -> tuple[str, bytes]:
    """One answer: its head and its content."""
    data = b""
    while b"\r\n\r\n" not in data:
        some = line.recv(65536)
        assert some, "hung up"
        data += some
    head, _cut, content = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head.decode())
    while length and len(content) < int(length[1]):
        content += line.recv(65536)
    return head.decode().lower(), content


def question(path: str, *lines: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: desk", *lines, "", "")).encode()


def test_a_line_serves_followers_and_pages_in_turn(port: int, token: str) -> None:
    state = f"/ticket/{token}/state.json"
    with socket.create_connection(("127.0.0.1", port)) as line:
        while True:  # until its process has made ready what is asked for
            line.sendall(question(state))
            head, content = hear(line)
            assert b'"state":"waiting"' in content
            if OF_A_THREAD not in head:
                break
            time.sleep(0.05)
        tag = re.search(r'etag: ("[^"]+")', head)
        assert tag is not None
        line.sendall(question(state, f"If-None-Match: {tag[1]}"))
        head, content = hear(line)
        assert head.startswith("http/1.1 304")
        assert (content, OF_A_THREAD in head) == (b"", False)
        line.sendall(question("/no/such/page"))
        head, _content = hear(line)
        assert head.startswith("http/1.1 404")
        assert OF_A_THREAD in head
        line.sendall(question(state))
        head, _content = hear(line)
        assert OF_A_THREAD not in head
        whole = question(state)  # in two halves: a thread waits for the second
        line.sendall(whole[:30])
        time.sleep(0.2)
        line.sendall(whole[30:])
        assert b'"state":"waiting"' in hear(line)[1]
        line.sendall(question(state, "Connection: close"))
        assert "connection: close" in hear(line)[0]
        assert line.recv(1) == b""
