"""Several processes behind one address on Linux: gunicorn shares the connections out, each process has threads and its share of the jobs.

One of them is ended and begun anew without the others noticing; what only one may do is settled by a lease in the database, so
the clock's work is done once however many there are. Elsewhere, and without gunicorn, one process with lanes serves (``serving``).
"""

import contextlib
import importlib.util
import sys
from typing import Any

from flask import Flask

from timebank import logs, metrics
from timebank.app import ready_app
from timebank.config import Settings
from timebank.errors import NotAvailable
from timebank.outside import outside
from timebank.serving import IDLE_SECONDS, answering, begin

THREADS = 14
SILENT_SECONDS = 120
"""A process that says nothing for so long is ended and begun anew; a job of its threads does not silence it."""
GRACE_SECONDS = 20


def must_be_possible() -> None:
    """Refuse several processes where gunicorn does not run or is not installed."""
    if sys.platform != "linux" or importlib.util.find_spec("gunicorn") is None:
        raise NotAvailable(
            "多进程只在 Linux 上可用，并要先安装：python -m pip install 'timebank[processes]'。不写 --processes 就用一个进程。"
        )


def serve(settings: Settings, host: str, port: int, processes: int) -> None:
    """Serve by so many processes until interrupted; one that ends is begun anew."""
    must_be_possible()
    from gunicorn.app.base import BaseApplication

    kept = contextlib.ExitStack()

    class Service(BaseApplication):  # type: ignore[misc] # it ships no types
        """The service as gunicorn runs it."""

        def load_config(self) -> None:
            """Give gunicorn its settings; none is read from a file or from the environment."""
            logs.begin(settings.log)
            for name, value in _options(host, port, processes).items():
                self.cfg.set(name, value)
            self.cfg.set("post_worker_init", lambda worker: _begin(worker.wsgi, settings, kept))
            self.cfg.set("worker_exit", lambda _arbiter, _worker: kept.close())
            self.cfg.set("child_exit", lambda _arbiter, worker: metrics.forget(worker.pid))

        def load(self) -> Flask:
            """Build the service, in each process its own."""
            outside.serve_at(host, port)
            return ready_app()

    Service().run()


def _options(host: str, port: int, processes: int) -> dict[str, Any]:
    """Return gunicorn's settings; who is believed of the headers of proxies is for ``proxies`` to say, not for gunicorn."""
    return {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": processes,
        "worker_class": "gthread",
        "threads": THREADS,
        "keepalive": IDLE_SECONDS,
        "timeout": SILENT_SECONDS,
        "graceful_timeout": GRACE_SECONDS,
        "loglevel": "warning",
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
        "proc_name": "timebank",
        "control_socket_disable": True,  # nobody else gives it orders, and a hardened unit has no home
    }


def _begin(app: Flask, settings: Settings, kept: contextlib.ExitStack) -> None:
    """Begin one process: take up what a lost one left, and answer jobs until it ends."""
    logs.begin(settings.log)
    begin(app)
    kept.enter_context(answering(settings.workers))
