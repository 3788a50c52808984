"""Lists by keyset: each page begins after the last row of the one before, so nothing is shown twice or passed over."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from marshmallow import Schema, fields
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from timebank.api.fields import Between, text
from timebank.db import db
from timebank.errors import Invalid
from timebank.sentences import Sentence

MOST = 200
ORDINARY = 50
UNSIGNED = ("after", "limit")


class PageArgs(Schema):
    """How many rows a page has, and after which it begins."""

    limit = fields.Integer(load_default=ORDINARY, validate=Between(1, MOST), metadata={"description": f"rows of a page, {MOST} at most"})
    after = text(400, load_default=None, metadata={"description": "the mark `next` of the page before"})


def page(rows: Select[Any], column: InstrumentedAttribute[int], asked: dict[str, Any]) -> dict[str, Any]:
    """Return one page of some rows in the order of their numbers, and the mark of the next one."""
    last = _read(asked["after"])
    found = db.session.scalars(rows.where(column > last).order_by(column).limit(asked["limit"] + 1)).unique().all()
    return _cut(found, asked["limit"], column.key)


def cut(found: Sequence[Any], asked: dict[str, Any], key: Callable[[Any], int]) -> dict[str, Any]:
    """Return one page of rows that were read as a whole and stand in the order of their numbers."""
    last = _read(asked["after"])
    later = [each for each in found if key(each) > last]
    shown = later[: asked["limit"]]
    return {"items": shown, "next": _mark(key(shown[-1])) if len(later) > len(shown) else None}


def _cut(found: Sequence[Any], limit: int, name: str) -> dict[str, Any]:
    """Return the rows of a page, and the mark of the next where there is one."""
    shown = found[:limit]
    return {"items": shown, "next": _mark(getattr(shown[-1], name)) if len(found) > limit else None}


def _signer() -> URLSafeSerializer:
    """Return what signs a mark: for this address and these other arguments only."""
    rest = sorted((name, value) for name, value in request.args.items(multi=True) if name not in UNSIGNED)
    return URLSafeSerializer(str(current_app.secret_key), salt=f"page {request.path} {rest}")


def _mark(last: int) -> str:
    """Return the mark of the page after a row."""
    return str(_signer().dumps(last))


def _read(mark: str | None) -> int:
    """Return after which row a page begins; refuse a mark that we did not make for this list."""
    if not mark:
        return 0
    try:
        return int(_signer().loads(mark))
    except (BadSignature, ValueError) as error:
        raise Invalid(
            "这个翻页标记不是这张列表给的。请从第一页取起，照上一页的 next 翻。",
            fields={"after": Sentence("不是这张列表的标记")},
            code="not_a_page",
        ) from error


@cache
def listed(schema: type[Schema]) -> type[Schema]:
    """Return the shape of a page of some shape."""
    name = schema.__name__.removesuffix("Shape")
    return type(
        f"{name}Page",
        (Schema,),
        {
            "__doc__": f"A page of {name}.",
            "items": fields.List(fields.Nested(schema), required=True, dump_only=True),
            "next": fields.String(required=True, allow_none=True, dump_only=True),
        },
    )
