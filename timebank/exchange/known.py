"""Which keys are in use, read once an import instead of once a row, so that what is new needs no question to the database."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from timebank.access.sorting import bare
from timebank.db import db

Column = InstrumentedAttribute[Any]


class Known:
    """The keys in use, of each kind read at the first question; what was asked for counts as used from then on.

    So a key may be held for used whose row was refused since, never the other way: where one is, the database says by whom.
    """

    def __init__(self) -> None:
        """Begin without having read anything."""
        self._keys: dict[tuple[str, int | None], set[tuple[Any, ...]]] = {}
        self._names: dict[tuple[str, int], dict[str, set[str]]] = {}

    def is_used(self, columns: tuple[Column, ...], key: tuple[Any, ...], community_id: int | None = None) -> bool:
        """Say whether a row, of a community or of all, may have these values in these columns already."""
        kind = ("".join(map(str, columns)), community_id)
        if kind not in self._keys:
            rows = select(*columns)
            of_one = rows if community_id is None else rows.where(columns[0].class_.community_id == community_id)
            self._keys[kind] = {tuple(row) for row in db.session.execute(of_one)}
        used = key in self._keys[kind]
        self._keys[kind].add(key)
        return used

    def spelled(self, column: Column, name: str, community_id: int) -> set[str]:
        """Return how those of a community are spelled who have this name; none where nobody has it."""
        kind = (str(column), community_id)
        if kind not in self._names:
            self._names[kind] = {}
            for known in db.session.scalars(select(column).where(column.class_.community_id == community_id)):
                self._names[kind].setdefault(bare(known), set()).add(known)
        spellings = self._names[kind].setdefault(bare(name), set())
        found = set(spellings)
        spellings.add(name)
        return found
