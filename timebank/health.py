"""Whether the service lives and whether it can serve: two public addresses for whoever watches over it.

``/healthz`` answers as long as the process does and asks no database; ``/readyz`` answers 503 until the database can be
reached, has the newest schema, takes a write within a second and keeps what it is told, on a disk with room. Neither names a
version, an address or a number of rows; however often they are asked, the disk is tried once in some seconds.
"""

import math
import os
import shutil
import tempfile
import threading
import time

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from timebank import schema
from timebank.config import Settings
from timebank.db import db, sqlite_driver, transaction, wal_is_safe

blueprint = Blueprint("health", __name__)
UNAVAILABLE = 503
RETRY_SECONDS = 5
WRITE_PATIENCE = 1.0
LEAST_ROOM = 64 * 1024 * 1024
PROBE = 64 * 1024
TRIED_EACH = 2.0
KEPT = {"foreign_keys": 1, "recursive_triggers": 1, "synchronous": 2}


@blueprint.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> Response:
    """Say whether the database is there, up to date and safe to write to."""
    missing = _missing()
    if missing is None:
        return jsonify(status="ready")
    answer = jsonify(status="not ready", missing=missing)
    answer.status_code = UNAVAILABLE
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _missing() -> str | None:
    """Return the first thing that is missing, in one word."""
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        if not schema.is_current():
            return "schema"
        if not _keeps_promises():
            return "storage"
        return storage.missing(current_app.extensions["timebank"])
    except (SQLAlchemyError, OSError) as error:
        current_app.logger.warning("not ready: %s", type(error).__name__)
        return "database"


def _keeps_promises() -> bool:
    """Say whether SQLite runs with the pragmas that the ledger stands on, in WAL mode only where that is safe."""
    if db.engine.dialect.name != "sqlite":
        return True
    with db.engine.connect() as connection:
        seen = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in (*KEPT, "journal_mode")}
    journal_is_safe = seen.pop("journal_mode") != "wal" or wal_is_safe(sqlite_driver().sqlite_version_info)
    return journal_is_safe and seen == KEPT


class Storage:
    """Whether what is written stays written, tried once in a while for everybody who asks."""

    def __init__(self) -> None:
        """Start without having tried."""
        self._lock = threading.Lock()
        self._tried: dict[str, tuple[float, str | None]] = {}

    def missing(self, settings: Settings) -> str | None:
        """Return what is missing, in one word; the answer of a moment ago where somebody has just asked."""
        place = f"{settings.instance_path} {settings.database}"
        with self._lock:
            at, found = self._tried.get(place, (-math.inf, None))
            if time.monotonic() - at >= TRIED_EACH:
                found = _try_to_write(settings)
                self._tried[place] = (time.monotonic(), found)
        return found


storage = Storage()


def _try_to_write(settings: Settings) -> str | None:
    """Try a file on the disk and a write unit of the database; return what is missing, in one word."""
    try:
        if shutil.disk_usage(settings.instance_path).free < LEAST_ROOM:
            return "room"
        with tempfile.TemporaryFile(dir=settings.instance_path) as probe:
            probe.write(bytes(PROBE))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        current_app.logger.warning("not ready: the disk says %s", error.strerror)
        return "room"
    with transaction(patience=WRITE_PATIENCE):
        if db.engine.dialect.name == "sqlite":
            db.session.connection().exec_driver_sql("PRAGMA user_version = 0")
        elif db.session.execute(text("SHOW transaction_read_only")).scalar_one() == "on":
            return "writing"
    return None
