"""What the pages of planning share: the blueprint, whose rows a reader sees, forms and addresses as they are read."""

from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError
from sqlalchemy import select

from timebank.db import db
from timebank.errors import Invalid, NotFound
from timebank.places.models import Community
from timebank.planning import queries
from timebank.planning.models import Plan
from timebank.visits import queries as visits
from timebank.visits.models import Visit
from timebank.web import current_user, found, invalid_fields

blueprint = Blueprint("planning", __name__)


def my_community() -> Community:
    """Return the reader's community; an administrator without one sees the first."""
    user = current_user()
    own = user.community_id if user else None
    every = select(Community).order_by(Community.id)
    mine = db.session.scalars(every.where(Community.id == own) if own else every).first()
    if mine is None:
        raise NotFound("这里还没有社区。先导入一个社区的资料。", "There is no community yet. Import one first.")
    return mine


def args(schema: Schema) -> dict[str, Any]:
    """Return the arguments of an address; refuse what cannot be read."""
    try:
        loaded: dict[str, Any] = schema.load(request.args)
    except ValidationError as error:
        raise Invalid("地址里的内容不对，请从页面上的按钮进来。", "The address is not right; come in by the page's buttons.") from error
    return loaded


def form(schema: Schema) -> dict[str, Any]:
    """Return what a form says; refuse it with a sentence for each field that is wrong."""
    said: dict[str, Any] = request.form.to_dict()
    said |= {name: request.form.getlist(name) for name, field in schema.fields.items() if type(field).__name__ == "List"}
    try:
        loaded: dict[str, Any] = schema.load(said)
    except ValidationError as error:
        wrong = {name.split(".")[0]: _(text) for name, text in invalid_fields(error.messages_dict).items()}
        first = next(iter(wrong.values()))
        raise Invalid(first, first, fields={name: (text, text) for name, text in wrong.items()}) from error
    return loaded


def my_visit(visit_id: int) -> tuple[Plan, Visit]:
    """Return a visit of the reader's community with the plan of its week."""
    community = my_community()
    visit = found(visits.visit_of(community.id, visit_id))
    return found(queries.plan_of(community.id, visit.week)), visit
