"""Serving: a pure-Python server with lanes of threads, jobs beside it, a free port when the wished one is taken."""

import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Generator
from typing import Protocol

from flask import Flask
from huey.consumer import Consumer
from waitress import create_server

from timebank import logs
from timebank.config import Settings
from timebank.db import transaction
from timebank.errors import Refusal
from timebank.lanes import Lanes
from timebank.outside import outside
from timebank.planning.actions import runs
from timebank.queue import jobs

PORTS_TRIED = 50
CONNECTIONS = 1_000
"""So many browsers may keep a connection; beyond the server's own bound of a hundred, idle ones would shut out everybody."""
IDLE_SECONDS = 30

log = logging.getLogger(__name__)


class Server(Protocol):
    """What is used of the server."""

    effective_port: int

    def run(self) -> None:
        """Serve until closed."""

    def close(self) -> None:
        """End."""


def free_port(host: str, wished: int) -> int:
    """Return the wished port, or the next one that is free."""
    for port in range(wished, min(wished + PORTS_TRIED, 65536)):
        with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise Refusal(
        "%(host)s 上从 %(wished)s 起的 %(ports_tried)s 个端口都被占用，请用 --port 换一个。",
        host=host,
        wished=wished,
        ports_tried=PORTS_TRIED,
    )


def server_for(app: Flask, host: str, port: int) -> Server:
    """Return a server whose requests wait in lanes, so that nothing one person does stops the others."""
    server: Server = create_server(
        app,
        _dispatcher=Lanes(),
        host=host,
        port=port,
        ident=None,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # who is believed is for ``proxies`` to say
    )
    return server


def serve(app: Flask, host: str, port: int) -> None:
    """Serve until interrupted; SIGTERM ends it like Ctrl-C."""
    settings: Settings = app.extensions["timebank"]
    logs.begin(settings.log)
    outside.serve_at(host, port)
    server = server_for(app, host, port)
    begin(app)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with answering(settings.workers):
        try:
            server.run()
        except (KeyboardInterrupt, SystemExit):
            log.info("stopped")
        finally:
            server.close()


def begin(app: Flask) -> None:
    """Take up what an earlier process of this machine left unfinished."""
    with app.app_context(), transaction():
        for run in runs.take_up_lost():
            log.warning("the run before run %s was lost with its process and is made again", run.id)


@contextlib.contextmanager
def answering(threads: int) -> Generator[None]:
    """Answer jobs in threads of this process while inside."""
    if threads < 1 or jobs.huey is None or jobs.huey.immediate:
        yield
        return
    consumer = _consumer(threads)
    consumer.start()
    try:
        yield
    finally:
        consumer.stop()


def work(app: Flask, threads: int) -> None:
    """Answer jobs until interrupted."""
    logs.begin(app.extensions["timebank"].log)
    begin(app)
    _consumer(threads).run()


def _consumer(threads: int) -> Consumer:
    """Return a consumer whose signals stay with the main program when it runs beside a server."""
    consumer = Consumer(jobs.huey, workers=threads, initial_delay=0.1, max_delay=1.0, check_worker_health=False)
    if threading.current_thread() is threading.main_thread():
        consumer._set_signal_handlers = lambda: None  # noqa: SLF001 - huey would take Ctrl-C away from the server
    return consumer
