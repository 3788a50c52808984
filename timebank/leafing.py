"""Long lists in leaves: so many rows a page, counted once, whatever their number; a page past the end is the last one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from timebank.db import db

A_LEAF = 60
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Row]):
    """The rows of one page, which page that is, of how many, and how many rows there are in all."""

    rows: Sequence[Row]
    page: int
    pages: int
    count: int


def leaf(rows: Select[Any], page: int, size: int = A_LEAF) -> Leaf[Any]:
    """Return a page of what a statement reads, in two reads; of a statement of several columns each row is a tuple."""
    count = db.session.scalar(select(func.count()).select_from(rows.order_by(None).options().subquery())) or 0
    pages, shown = _place(count, page, size)
    asked = rows.limit(size).offset((shown - 1) * size)
    whole = len(rows.column_descriptions) > 1
    found = db.session.execute(asked).all() if whole else db.session.scalars(asked).all()
    return Leaf(found, shown, pages, count)


def leaf_of(rows: Sequence[Row], page: int, size: int = A_LEAF) -> Leaf[Row]:
    """Return a page of rows that are there already."""
    pages, shown = _place(len(rows), page, size)
    return Leaf(rows[(shown - 1) * size : shown * size], shown, pages, len(rows))


def _place(count: int, page: int, size: int) -> tuple[int, int]:
    """Return how many pages there are, and which one is shown."""
    pages = max(1, -(-count // size))
    return pages, min(max(page, 1), pages)
