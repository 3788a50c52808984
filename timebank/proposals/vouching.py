"""A second look at people: whoever one person of the office has written down, another one looks at, before hours rest on them.

The rooms of volunteers and of elders register here whom they keep.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, NotFound


class Registered(Protocol):
    """Somebody who was written down at the desk."""

    id: int
    number: str
    name: str
    registered_by: int | None
    vouched_by: int | None


@dataclass(frozen=True, slots=True)
class Book:
    """A room's people: its word for one of them, how to find those of a community nobody else has looked at, and how a look is noted."""

    word: tuple[str, str]
    unseen: Callable[[int], Sequence[Registered]]
    note: Callable[[Registered], None]


_books: dict[str, Book] = {}


def register(name: str, book: Book) -> None:
    """Say where some people are kept."""
    _books[name] = book


@dataclass(frozen=True, slots=True)
class Unseen:
    """Somebody only one person has looked at: a key to name them by, whose book they are in, and who wrote them down."""

    key: str
    book: Book
    person: Registered
    registered_by: User


def unseen(community_id: int) -> list[Unseen]:
    """Return the people of a community whom only whoever registered them has looked at, book by book."""
    return [
        Unseen(f"{name}-{each.id}", book, each, db.session.get_one(User, each.registered_by))
        for name, book in _books.items()
        for each in book.unseen(community_id)
    ]


def vouch(community_id: int, keys: Iterable[str], by: User) -> int:
    """Note that a second person has looked at some people; say at how many. Nobody vouches for whom they registered themselves."""
    waiting = {each.key: each for each in unseen(community_id)}
    chosen = [waiting[key] for key in dict.fromkeys(keys) if key in waiting]
    if not chosen:
        raise NotFound("没有选中要核对的人，或者已经核对过了。", "Nobody is chosen, or they have been checked already.")
    if any(each.person.registered_by == by.id for each in chosen):
        raise Conflict("自己登记的人要由另一位同事核对。", "A colleague has to check people you registered yourself.")
    for each in chosen:
        each.person.vouched_by = by.id
        each.book.note(each.person)
    db.session.flush()
    return len(chosen)
