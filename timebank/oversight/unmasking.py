"""Full names on the trail: for a reason that is written down, for a while, and whoever is named hears of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from timebank import audit, clock
from timebank.access.circles import OFFICE
from timebank.access.models import User
from timebank.audit import AuditRow
from timebank.db import db
from timebank.errors import Invalid, wrong
from timebank.notices.actions import notify
from timebank.oversight import queries
from timebank.oversight.models import Unmasking
from timebank.sentences import Sentence
from timebank.volunteers.models import Volunteer

Person = tuple[str, int]
"""What kind somebody is on the trail, and the number."""
SHOWN_FOR = timedelta(minutes=15)
SHORTEST = 4
NOBODY: frozenset[Person] = frozenset()


def unmask(community_id: int, rows: Sequence[AuditRow], reason: str, by: User) -> Unmasking:
    """Show the people of some rows by their full names to one reader; each is noted on their own trail, and who signs in is told."""
    if len(reason.strip()) < SHORTEST:
        sentence = Sentence("请写清为什么要看全名，它会一直留着。")
        raise wrong("reason", sentence)
    people = sorted(people_of(rows))
    if not people:
        raise Invalid("这一页没有遮住的姓名。")
    made = Unmasking(
        community_id=community_id,
        asked_by=by.id,
        asked_at=clock.now(),
        sealed_reason=reason.strip(),
        people=[list(each) for each in people],
    )
    db.session.add(made)
    db.session.flush()
    for masked_kind, number in people:
        audit.record("unmask", masked_kind, number, unmasking=made.id)
    for user_id in sorted(_who_sign_in(people)):
        notify(user_id, "unmasked", who=by.shown_name)
    return made


def people_of(rows: Sequence[AuditRow]) -> set[Person]:
    """Return the people whose names are masked in some rows: volunteers, elders, and whoever signs in for neither office nor kitchen."""
    behind = queries.behind(rows)
    users = [*behind.actors.values(), *behind.users.values()]
    found = {("user", each.id) for each in users if each.role not in OFFICE}
    found |= {("volunteer", each.id) for each in behind.volunteers.values()}
    return found | {("elder", each.id) for each in behind.elders.values()}


def _who_sign_in(people: Iterable[Person]) -> set[int]:
    """Return the sign-ins of some people, each once; elders have none."""
    users = {number for kind, number in people if kind == "user"}
    volunteers = (db.session.get_one(Volunteer, number) for kind, number in people if kind == "volunteer")
    return users | {each.user_id for each in volunteers if each.user_id is not None}


def shown(number: int | None, by: User) -> Unmasking | None:
    """Return what one reader may see in full now: their own asking, while it lasts."""
    found = db.session.get(Unmasking, number) if number else None
    return found if found is not None and found.asked_by == by.id and clock.now() < until(found) else None


def until(made: Unmasking) -> datetime:
    """Return until when names are shown."""
    return made.asked_at + SHOWN_FOR


def named(made: Unmasking | None) -> frozenset[Person]:
    """Return whose names are shown in full."""
    return frozenset((str(kind), int(number)) for kind, number in made.people) if made is not None else NOBODY
