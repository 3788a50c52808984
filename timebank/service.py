"""The service as Flask runs it: whoever loses a race looks again, and whoever finds the writers' line full is told at once.

Two hands that do the same at the same moment read the same state; the database lets one through and stops the other. The other
then begins anew: it reads what the first has done, and so comes to the first one's answer, as it would have a second later.
"""

import copy
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from flask import Flask, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from timebank.db import db
from timebank.web import busy

OVERTAKEN = {"40001", "40P01"}
"""What PostgreSQL calls a write unit that it ended because of another: serialization failure, deadlock."""
PAUSES = (0.05, 0.2, 0.6, 1.2)
"""So many seconds to wait, each drawn up to half as much longer, before a database that cut the connection is asked again."""
READING = {"GET", "HEAD", "OPTIONS"}
Answer = TypeVar("Answer")

turned_away: ContextVar[bool] = ContextVar("turned_away", default=False)
"""Whether the request at hand found the writers' line full."""


class Service(Flask):
    """A Flask whose forms are taken again, from the start, when somebody else was faster."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer a request."""
        if turned_away.get():
            return busy()
        kept = copy.deepcopy(dict(session))
        for pause in PAUSES:
            try:
                return super().dispatch_request()
            except (IntegrityError, StaleDataError, DBAPIError) as error:
                if not was_cut(error) and (request.method in READING or not was_overtaken(error)):
                    raise
                self._look_again(error, pause)
                _begin_anew(kept)
        return super().dispatch_request()

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Find out who asks, again when the database was cut off meanwhile."""
        return self._asked_again(super().preprocess_request)

    def handle_user_exception(self, e: Exception) -> HTTPException | ResponseReturnValue:
        """Answer what was refused or went wrong, again when the database was cut off meanwhile."""
        return self._asked_again(lambda: super(Service, self).handle_user_exception(e))

    def _asked_again(self, ask: Callable[[], Answer]) -> Answer:
        """Return an answer that changes nothing, asked for again when the database was cut off meanwhile."""
        for pause in PAUSES:
            try:
                return ask()
            except DBAPIError as error:
                if not was_cut(error):
                    raise
                self._look_again(error, pause)
                db.session.rollback()
        return ask()

    def _look_again(self, error: Exception, pause: float) -> None:
        """Say that a request is taken again; a database that is just coming back gets a moment, everybody another one."""
        self.logger.info("looks again in %s: %s", request.endpoint, type(error).__name__)
        if was_cut(error):
            time.sleep(pause * random.uniform(1, 1.5))  # noqa: S311 - so that not all come back at once


def was_overtaken(error: Exception) -> bool:
    """Say whether a write unit failed because of what another one did, so that it may come to something when it begins anew."""
    return not isinstance(error, DBAPIError) or isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in OVERTAKEN


def was_cut(error: Exception) -> bool:
    """Say whether the connection to the database is gone: what was asked may be asked again, for a form counts once."""
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or (db.engine.name != "sqlite" and "connection" in str(error.orig))
    )


def _begin_anew(kept: dict[str, Any]) -> None:
    """Forget what the first try has read and said, and let its files be read once more."""
    db.session.rollback()
    session.clear()
    session.update(copy.deepcopy(kept))
    for file in request.files.values():
        file.stream.seek(0)
