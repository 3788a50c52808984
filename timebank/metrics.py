"""Figures for whoever watches the service, in Prometheus' own words: ``/metrics``, for those who bring the token of the setting.

They count requests, and say at each question how the service stands: the age of the newest backup, what waits in the queue and for
the engine, room on the disk. No figure is about a person. Without a token there is no such page and nothing is counted.
"""

import hmac
import importlib.util
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from sqlalchemy import func, select

from timebank import audit, clock
from timebank.config import Settings
from timebank.db import db
from timebank.errors import NotFound, Refusal
from timebank.planning.models import PlanRun, RunState
from timebank.queue import jobs
from timebank.service import READING

blueprint = Blueprint("metrics", __name__)
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where several processes keep what they count, so that whichever is asked answers for all."""
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METER = "timebank_metrics"


def share(instance: Path) -> None:
    """Let the processes that begin now count together; what earlier ones counted is forgotten."""
    kept = instance / "metrics"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    os.environ[SHARED] = str(kept)


def forget(process: int) -> None:
    """Let go of what only a process that has ended could count on."""
    if SHARED in os.environ and importlib.util.find_spec("prometheus_client") is not None:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(process)  # type: ignore[no-untyped-call]


class Meter:
    """What is counted of requests by one process, and the figures of the moment."""

    def __init__(self) -> None:
        """Begin to count."""
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._own = CollectorRegistry()
        self._requests = Counter("timebank_requests", "Requests answered", ("page", "method", "status"), registry=self._own)
        self._seconds = Histogram("timebank_request_seconds", "Time of an answer", ("kind",), registry=self._own, buckets=BOUNDS)

    def count(self, page: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(page, method, str(status)).inc()
        self._seconds.labels("read" if method in READING else "write").observe(seconds)

    def text(self) -> bytes:
        """Return every figure."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._own
        if SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        moment = CollectorRegistry()
        moment.register(_Moment())
        return bytes(generate_latest(registry) + generate_latest(moment))


class _Moment:
    """The figures of the moment, asked of the database, the queue and the disk."""

    def collect(self) -> Iterator[Any]:
        """Yield each figure."""
        from prometheus_client.core import GaugeMetricFamily

        for name, meaning, value in _figures(current_app.extensions["timebank"]):
            yield GaugeMetricFamily(f"timebank_{name}", meaning, value=value)


def _figures(settings: Settings) -> Iterator[tuple[str, str, float]]:
    """Yield the name, the meaning and the value of each figure of the moment."""
    last = audit.newest("back_up")
    if last is not None:
        yield "backup_age_seconds", "Time since the newest whole backup", (clock.now() - last).total_seconds()
    yield "jobs_waiting", "Jobs in the queue", jobs.huey.pending_count() if jobs.huey is not None else 0
    for state in (RunState.QUEUED, RunState.RUNNING):
        count = db.session.scalar(select(func.count()).select_from(PlanRun).where(PlanRun.state == state)) or 0
        yield f"runs_{state}", f"Runs of the engine that are {state}", count
    yield "disk_free_bytes", "Room on the disk of the instance folder", shutil.disk_usage(settings.instance_path).free


def init_app(app: Flask, settings: Settings) -> None:
    """Count an app's requests, where a token is set for whoever asks."""
    if not settings.metrics_token:
        return
    if importlib.util.find_spec("prometheus_client") is None:
        raise Refusal("设了 TIMEBANK_METRICS_TOKEN，还要安装：python -m pip install 'timebank[metrics]'。")
    app.extensions[METER] = Meter()
    app.after_request(_count)


def _count(response: Response) -> Response:
    """Count a request that was answered."""
    current_app.extensions[METER].count(request.endpoint or "", request.method, response.status_code, time.perf_counter() - g.began)
    return response


@blueprint.get("/metrics")
def figures() -> Response:
    """Give the figures to whoever brings the token; for others there is no such page."""
    meter: Meter | None = current_app.extensions.get(METER)
    token = current_app.extensions["timebank"].metrics_token
    given = request.authorization
    if meter is None or given is None or given.type != "bearer" or not hmac.compare_digest((given.token or "").encode(), token.encode()):
        raise NotFound("没有这一页。可能是地址写错了，或者它已经不在了。")
    return Response(meter.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
