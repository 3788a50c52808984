"""Whether the service lives and whether it can serve: two public addresses for whoever watches over it.

``/healthz`` answers as long as the process does and asks no database; ``/readyz`` answers 503 until the database can be
reached, has the newest schema and keeps what it is told. Neither names a version, an address or a number of rows.
"""

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from timebank import schema
from timebank.db import db, sqlite_driver, wal_is_safe

blueprint = Blueprint("health", __name__)
UNAVAILABLE = 503
RETRY_SECONDS = 5
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
        return None if _keeps_promises() else "storage"
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
