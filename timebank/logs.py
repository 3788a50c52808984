"""What the service writes down of its own work: a line for each event, in words or as JSON, ids only and never what people wrote.

Every request has a number; it goes back with the answer (``X-Request-Id``) and stands in each line written on the way, so that what a
reader reports is found. Of an exception its kind and where it was raised are written, not what it says: a database quotes the very
values it refuses. Of a request the name of its page is written, not its address, which may hold a secret.
"""

import json
import logging
import secrets
import sys
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from flask import Flask, Response, g, request

from timebank.errors import Refusal

WORDS, JSON = "words", "json"
REQUESTS = logging.getLogger("timebank.requests")
NUMBER = "X-Request-Id"
FIELDS = "fields"
"""Under this name a line's own fields hang on its record."""

number: ContextVar[str] = ContextVar("number", default="")
"""The number of the request at hand; nothing outside one."""

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def where_from(raised: BaseException | None) -> list[str]:
    """Return of an exception, and of what it came from, the kind and the places it passed, the innermost last, without a word of what it says."""
    said: list[str] = []
    while raised is not None:
        said.append(type(raised).__qualname__)
        said += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(raised.__traceback__)]
        raised = raised.__cause__ or (None if raised.__suppress_context__ else raised.__context__)
    return said


class Words(logging.Formatter):
    """A line of words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of an event, and below it where an exception came from."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone().isoformat(" ", "seconds")
        of = f" [{number.get()}]" if number.get() else ""
        line = f"{at} {record.levelname} {record.name}{of} {record.getMessage()}"
        return "\n".join([line, *(where_from(record.exc_info[1]) if record.exc_info else ())])


class Lines(logging.Formatter):
    """A line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of an event."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "of": record.name,
            "event": record.getMessage(),
            "process": record.process,
        }
        if number.get():
            said["request"] = number.get()
        said |= getattr(record, FIELDS, {})
        if record.exc_info:
            said["raised"] = where_from(record.exc_info[1])
        return json.dumps(said, ensure_ascii=False)


def begin(form: str, stream: TextIO | None = None) -> logging.Handler:
    """Write down what happens from now on, in one form for every library as well; requests only as JSON, for a machine to read."""
    if form not in {WORDS, JSON}:
        raise Refusal("设置 TIMEBANK_LOG 只能是 words 或 json。")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines() if form == JSON else Words())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("timebank").setLevel(logging.INFO if form == JSON else logging.WARNING)
    for name in ("timebank", "waitress", "huey", "gunicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    return handler


def init_app(app: Flask) -> None:
    """Number an app's requests and write each down once it is answered."""
    app.before_request(_number)
    app.after_request(_write)
    app.teardown_request(_forget)


def _forget(_error: BaseException | None) -> None:
    """Let what is written between requests have no number."""
    number.set("")


def _number() -> None:
    """Give the request its number."""
    number.set(secrets.token_hex(6))
    g.began = time.perf_counter()


def _write(response: Response) -> Response:
    """Write a request down, and give its number back."""
    response.headers[NUMBER] = number.get()
    fields = {
        "page": request.endpoint or "",
        "method": request.method,
        "status": response.status_code,
        "ms": round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
        "user": g.get("user_id"),
    }
    REQUESTS.info("answered", extra={FIELDS: fields})
    return response
