"""`govdesk serve` and `govdesk worker`."""

import atexit
import contextlib
import gc
import multiprocessing
import signal
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from jinja2 import FileSystemBytecodeCache

from govdesk import outbox, schema, wiring
from govdesk.app import create_app
from govdesk.commands.web_process import WebProcess
from govdesk.config import settings
from govdesk.db import db
from govdesk.demo import presence
from govdesk.faces.following import shelf
from govdesk.scheduler import Worker

CONNECTIONS = 5000  # of a process; a phone that follows keeps one open without holding a thread
TOGETHER = 10.0  # seconds for which the first process waits for the others before it takes connections
SWITCH = 0.0005  # seconds, on SQLite: who computes lets the writer, who pauses at each statement, go on soon


class Server(BaseApplication):
    """gunicorn with our own settings instead of its command line."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self.made, self.options = app, options
        super().__init__()

    def load_config(self) -> None:
        """Take over the settings."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made before the processes part; it has no open connection and no thread then."""
        return self.made


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
@click.option("--workers", type=int, help="Number of processes.")
@click.option("--no-jobs", is_flag=True, help="Leave scheduled jobs and the outbox to `govdesk worker`.")
def serve(host: str | None, port: int | None, workers: int | None, no_jobs: bool) -> None:  # noqa: FBT001 - a flag
    """Serve the pages; brings the database up to date first.

    Example: govdesk serve --port 8000 --workers 2
    """
    app = create_app()
    with app.app_context():
        here = settings()
        address = (host or here.host, port or here.port)
        refuse_taken_port(*address)
        schema.upgrade()
        if here.is_demo:
            presence.wake()
        db.engine.dispose()
    compile_pages(app, here.instance / "pages")
    click.echo(f"govdesk serves at http://{address[0]}:{address[1]}  (stop with Ctrl+C)", err=True)
    processes = workers or here.workers
    options = {
        "bind": f"{address[0]}:{address[1]}",
        "workers": processes,
        "worker_class": WebProcess,
        "threads": here.threads,
        "worker_connections": CONNECTIONS,
        "graceful_timeout": 3,
        "timeout": 60,
        "keepalive": 15,
        "loglevel": "warning",
        "proc_name": "govdesk",
    }
    server = Server(app, options)
    if processes > 1:
        app.extensions["followers"].snapshots.shelf = shelf.of_server(here.instance)
        server.cfg.set("on_exit", lambda _server: shelf.clear(here.instance))
    begin: Callable[[Any], None] = _settle
    if not no_jobs and here.jobs:
        begin = _begin_jobs
        server.cfg.set("worker_exit", _end_jobs)
    together = multiprocessing.get_context("fork").Barrier(processes)

    def begin_together(process: Any) -> None:
        begin(process)
        if process.age <= processes:  # one that replaces another finds the rest at work
            _wait_for_all(together)

    server.cfg.set("post_worker_init", begin_together)
    server.run()


@click.command()
def worker() -> None:
    """Run scheduled jobs and the outbox, apart from the web processes.

    Example: govdesk worker
    """
    app = create_app()
    with app.app_context():
        schema.upgrade()
    runner = Worker(app, wiring.JOBS, wiring.HANDLERS)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runner.start()
    click.echo("govdesk runs jobs and messages  (stop with Ctrl+C)", err=True)
    stop.wait()
    runner.stop()


def refuse_taken_port(host: str, port: int) -> None:
    """Say in one sentence that another program has the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            click.echo(
                f"Port {port} on {host} cannot be used ({error.strerror}); choose another with GOVDESK_PORT.",
                err=True,
            )
            sys.exit(1)


def compile_pages(app: Flask, folder: Path) -> None:
    """Compile every page before anybody asks for one; kept in `folder`, so that only a first start is slow.

    Where a page is first asked for by many at once, each thread would compile it, and all would wait.
    """
    folder.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)


_runners: list[Worker] = []


def _settle(process: Any) -> None:
    """Leave what lives as long as the process out of every later collection of garbage."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else the reader of codes reports what is left as its own leak
    gc.set_threshold(20_000, 20, 50)
    if process.wsgi.extensions["govdesk"].is_sqlite:  # elsewhere many write, and would only wake each other
        sys.setswitchinterval(SWITCH)
    process.wsgi.extensions["followers"].snapshots.keep()
    _end_streams(process)


def _end_streams(process: Any) -> None:
    """Let open streams end as soon as the process is told to stop, so that it can stop in time."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        before = signal.getsignal(number)

        def stop(of: int, frame: Any, before: Any = before) -> None:
            process.wsgi.extensions["followers"].end()
            if callable(before):
                before(of, frame)

        signal.signal(number, stop)


def _wait_for_all(together: Barrier) -> None:
    """Take no connection before the others can: kept open, all would stay with whoever came first."""
    with contextlib.suppress(threading.BrokenBarrierError):
        together.wait(TOGETHER)


def _begin_jobs(process: Any) -> None:
    runner = Worker(process.wsgi, wiring.JOBS, wiring.HANDLERS)
    runner.start()
    _runners.append(runner)
    _settle(process)


def _end_jobs(_server: Any, _process: Any) -> None:
    outbox.awake.set()
    for runner in _runners:
        runner.stop()
