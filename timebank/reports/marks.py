"""Who confirmed a month's minutes and how it was known: the share of each trust mark in what each person confirmed."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select

from timebank.access.models import Role, User
from timebank.db import db
from timebank.sentences import Sentence
from timebank.visits.models import ServiceRecord, Trust

FAMILY = Sentence.of("reports", "家属")
NOBODY = Sentence("没有人")


@dataclass(frozen=True, slots=True)
class Mark:
    """The minutes that one person of the office, the families, or nobody confirmed with one mark.

    ``of`` are all minutes the same confirmed, ``alone`` what of these rests on one person's word alone.
    """

    who: tuple[str, str]
    trust: Trust
    minutes: int
    of: int
    alone: int

    @property
    def percent(self) -> int:
        """The mark's share of what the same confirmed."""
        return (200 * self.minutes + self.of) // (2 * self.of)


def marks(inside: ColumnElement[bool]) -> list[Mark]:
    """Return the marks of some records: whoever confirmed most comes first, and of each the mark with most minutes."""
    alone = func.coalesce(func.sum(case((ServiceRecord.word_of.is_not(None), ServiceRecord.minutes), else_=0)), 0)
    columns = (ServiceRecord.confirmed_by, ServiceRecord.trust, func.sum(ServiceRecord.minutes), alone)
    rows = db.session.execute(select(*columns).where(inside).group_by(ServiceRecord.confirmed_by, ServiceRecord.trust)).all()
    people = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_({user for user, *_ in rows if user})))}
    added: dict[tuple[int, Trust], tuple[int, int]] = defaultdict(lambda: (0, 0))
    total: dict[int, int] = defaultdict(int)
    for user, trust, minutes, on_word in rows:
        who = _one_of(people.get(user or 0))
        so_far = added[who, trust]
        added[who, trust] = (so_far[0] + int(minutes), so_far[1] + int(on_word))
        total[who] += int(minutes)
    order = sorted(added, key=lambda each: (-total[each[0]], each[0], -added[each][0], each[1].value))
    return [Mark(_name(who, people), trust, added[who, trust][0], total[who], added[who, trust][1]) for who, trust in order]


def _one_of(user: User | None) -> int:
    """Return the number under which what somebody confirmed is added up: families are one, and so is nobody."""
    if user is None:
        return 0
    return -1 if user.role in {Role.FAMILY, Role.VOLUNTEER} else user.id


def _name(who: int, people: dict[int, User]) -> tuple[str, str]:
    """Return a name in both languages."""
    if who > 0:
        return (people[who].shown_name,) * 2
    return FAMILY if who else NOBODY
