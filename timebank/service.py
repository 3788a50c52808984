"""The service as Flask runs it: whoever loses a race looks again, and whoever finds the writers' line full is told at once.

Two hands that do the same at the same moment read the same state; the database lets one through and stops the other. The other
then begins anew: it reads what the first has done, and so comes to the first one's answer, as it would have a second later.
"""

import copy
from contextvars import ContextVar
from typing import Any

from flask import Flask, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from timebank.db import db
from timebank.web import busy

TRIES = 5
OVERTAKEN = {"40001", "40P01"}
"""What PostgreSQL calls a write unit that it ended because of another: serialization failure, deadlock."""
READING = {"GET", "HEAD", "OPTIONS"}

turned_away: ContextVar[bool] = ContextVar("turned_away", default=False)
"""Whether the request at hand found the writers' line full."""


class Service(Flask):
    """A Flask whose forms are taken again, from the start, when somebody else was faster."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer a request."""
        if turned_away.get():
            return busy()
        if request.method in READING:
            return super().dispatch_request()
        kept = copy.deepcopy(dict(session))
        for _try in range(TRIES - 1):
            try:
                return super().dispatch_request()
            except (IntegrityError, StaleDataError, OperationalError) as error:
                if not was_overtaken(error):
                    raise
                self.logger.info("looks again in %s: %s", request.endpoint, type(error).__name__)
                _begin_anew(kept)
        return super().dispatch_request()


def was_overtaken(error: Exception) -> bool:
    """Say whether a write unit failed because of what another one did, so that it may come to something when it begins anew."""
    return not isinstance(error, OperationalError) or getattr(error.orig, "sqlstate", None) in OVERTAKEN


def _begin_anew(kept: dict[str, Any]) -> None:
    """Forget what the first try has read and said, and let its files be read once more."""
    db.session.rollback()
    session.clear()
    session.update(copy.deepcopy(kept))
    for file in request.files.values():
        file.stream.seek(0)
