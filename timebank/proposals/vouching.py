"""A second look at people: whoever one person of the office has written down, another one looks at, before hours rest on them.

A look is no second one where whoever looks has changed what it is about since.

The rooms of volunteers and of elders register here whom they keep.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from timebank import audit
from timebank.access import one_hand
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, NotFound
from timebank.sentences import Pair, Sentence

OWN: Pair = Sentence("自己登记的人要由另一位同事核对。")
CHANGED: Pair = Sentence("登记以后你改过这一位的资料，不能再由你核对。请另一位没有改过的同事来核对。")


class Registered(Protocol):
    """Somebody who was written down at the desk."""

    id: int
    number: str
    name: str
    registered_by: int | None
    vouched_by: int | None


@dataclass(frozen=True, slots=True)
class Book:
    """A room's people: its word for one of them, how to find those of a community nobody else has looked at, and how a look is noted.

    ``fields`` are what a look is about.
    """

    word: Pair
    unseen: Callable[[int], Sequence[Registered]]
    note: Callable[[Registered], None]
    fields: frozenset[str]


_books: dict[str, Book] = {}


def register(name: str, book: Book) -> None:
    """Say where some people are kept, by the name the trail has for one of them."""
    _books[name] = book


@dataclass(frozen=True, slots=True)
class Unseen:
    """Somebody only one person has looked at: whose book they are in, and who wrote them down."""

    name: str
    book: Book
    person: Registered
    registered_by: User

    @property
    def key(self) -> str:
        """What a form names them by."""
        return f"{self.name}-{self.person.id}"


def unseen(community_id: int) -> list[Unseen]:
    """Return the people of a community whom only whoever registered them has looked at, book by book."""
    return [
        Unseen(name, book, each, db.session.get_one(User, each.registered_by))
        for name, book in _books.items()
        for each in book.unseen(community_id)
    ]


def why_not(each: Unseen, by: User) -> Pair | None:
    """Return why somebody may not be the second one to look at a person, in both languages; None when they may."""
    if each.registered_by.id == by.id:
        return OWN
    if (why := one_hand.why_one(each.registered_by.id, by)) is not None:
        return why
    return CHANGED if _has_changed(each, by) else None


def _has_changed(each: Unseen, by: User) -> bool:
    """Say whether somebody has changed what a look is about since the last one, or since the person was registered."""
    since = takewhile(
        lambda row: row.verb != "vouch", audit.newest_first(each.name, each.person.id, verbs={"vouch"}, fields=each.book.fields)
    )
    return any(one_hand.is_one(audit.hand_in(row), by) for row in since)


def vouch(community_id: int, keys: Iterable[str], by: User) -> int:
    """Note that a second person has looked at some people; say at how many.

    Nobody vouches for whom they registered themselves, nor for what they have changed since.
    """
    waiting = {each.key: each for each in unseen(community_id)}
    chosen = [waiting[key] for key in dict.fromkeys(keys) if key in waiting]
    if not chosen:
        raise NotFound("没有选中要核对的人，或者已经核对过了。")
    if (why := next(filter(None, (why_not(each, by) for each in chosen)), None)) is not None:
        raise Conflict(why)
    for each in chosen:
        each.person.vouched_by = by.id
        each.book.note(each.person)
    db.session.flush()
    return len(chosen)
