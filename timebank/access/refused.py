"""What was refused to somebody who is signed in leaves a row, once a day for each thing: a denied try is part of the trail.

A row is left by whatever was sent to a door of another role or about a row that is not the sender's, by a page about such a row, and by what a
rule refused to whoever decides on minutes, papers and people. Nothing else: a field that is wrong and a volunteer's double tap are nobody's
try. One person leaves so many rows a day and no more, so that nobody fills the table.
"""

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from timebank import audit
from timebank.access.by_sheet import SAFE
from timebank.access.circles import STAFF
from timebank.access.models import User
from timebank.db import db

MOST = 40
FORBIDDEN, MISSING, CONFLICT = 403, 404, 409


def init_app(app: Flask) -> None:
    """Note what an app refuses."""
    app.after_request(_follow)


def _follow(response: Response) -> Response:
    """Leave the row of a refused try, as far as the database takes it just now."""
    user: User | None = g.get("user")
    if user is None or request.url_rule is None:
        return response
    try:
        if _is_a_try(user, response.status_code):
            audit.refuse(g.user_id, f"{request.method} {_page(request.url_rule.rule)}", response.status_code, MOST)
    except SQLAlchemyError:
        db.session.rollback()
    return response


def _is_a_try(user: User, status: int) -> bool:
    """Say whether an answer refuses what was not the reader's to do or to see."""
    sent, of_a_row = request.method not in SAFE, any(isinstance(each, int) for each in (request.view_args or {}).values())
    if status == CONFLICT:
        return sent and user.role in STAFF
    return (status == FORBIDDEN and (sent or of_a_row)) or (status == MISSING and of_a_row)


def _page(rule: str) -> str:
    """Return the address as it may be kept: with the numbers of rows, without the words in it, which may be somebody's secret."""
    return request.path if all(isinstance(each, int) for each in (request.view_args or {}).values()) else rule
