"""Several elders or volunteers changed at once: every change by the verb a single one is changed by, tried first, and all of them or none."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select

from timebank import audit, clock
from timebank.catalogue.models import Skill
from timebank.db import db, transaction
from timebank.elders import actions as elders
from timebank.elders.actions import Door
from timebank.elders.models import CareLevel, Elder, Purpose
from timebank.elders.queries import consents as consents_of
from timebank.errors import Conflict, Invalid, Refusal
from timebank.places.models import Building
from timebank.sentences import Sentence
from timebank.visits.actions import homes
from timebank.volunteers import actions as volunteers
from timebank.volunteers import queries, standing
from timebank.volunteers.models import Team, Unit, Volunteer
from timebank.volunteers.standing import Wish

MOST = 200
"""So many people at once and no more: a preview is to be read."""
NAMED = 3

Person = TypeVar("Person", Elder, Volunteer)
Look = Callable[[Person], str]
Act = Callable[[Person], object]


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a change: what is there, what would be, and why it cannot be where it cannot."""

    number: int
    name: str
    before: str
    after: str
    refusal: Refusal | None

    @property
    def is_news(self) -> bool:
        """Whether anything becomes another for this one."""
        return self.refusal is None and self.before != self.after


class _Enough(Exception):  # noqa: N818 - not an error: what was tried is to leave nothing
    """Ends a write unit that only tried."""


def chosen(kind: type[Person], community_id: int, numbers: Sequence[int]) -> list[Person]:
    """Return the people that were chosen, by name; whoever is not of the community is left out."""
    rows = select(kind).where(kind.community_id == community_id, kind.id.in_(numbers[:MOST]))
    return list(db.session.scalars(rows.order_by(kind.sort_key, kind.id)))


def try_out(read: Callable[[], list[Person]], act: Act[Person], look: Look[Person]) -> list[Line]:
    """Do a change for everybody and take all of it back: what it would be, and for whom it breaks."""
    lines: list[Line] = []
    with contextlib.suppress(_Enough), transaction():
        lines = [_tried(each, act, look) for each in read()]
        raise _Enough
    return lines


def _tried(person: Person, act: Act[Person], look: Look[Person]) -> Line:
    """Do a change for one person, back to before it when it is refused."""
    number, name, before = person.id, person.name, look(person)
    try:
        with db.session.begin_nested():
            act(person)
    except Refusal as refusal:
        return Line(number, name, before, before, refusal)
    return Line(number, name, before, look(person), None)


def carry_out(people: list[Person], act: Act[Person], look: Look[Person], what: str) -> int:
    """Do a change for everybody in the caller's write unit, or refuse it whole; return for how many something became another."""
    lines = [_tried(each, act, look) for each in people]
    broken = [(each.name, each.refusal) for each in lines if each.refusal is not None]
    if broken:
        why = [Sentence("%(name)s：%(why)s", name=name, why=refusal.words) for name, refusal in broken[:NAMED]]
        raise Conflict("有 %(count)s 位改不了，所以一位也没有改。%(why)s 去掉这几位的勾再改。", count=len(broken), why=why)
    changed = [each.number for each in lines if each.is_news]
    if changed:
        audit.record("change_many", "community", people[0].community_id, what=what, people=changed)
    return len(changed)


def move(building: Building) -> Act[Elder]:
    """Return the change that puts a door into another building; whoever is to come there is told."""

    def act(elder: Elder) -> None:
        home = elder.household
        door = Door(building=building, entrance=home.entrance, floor=home.floor, door=home.door or "", note=home.door_note or "")
        homes.move_door(elder, door)

    return act


def describe(**said: Any) -> Act[Elder]:  # noqa: ANN401 - any of the fields of a person
    """Return the change of who an elder is; what tells of health needs the consent that is there."""

    def act(elder: Elder) -> None:
        now = elders.Person(
            name=elder.name, gender=elder.gender, birth_year=elder.birth_year, phone=elder.phone, lives_alone=elder.lives_alone,
            level=CareLevel(elder.level), diet=elder.diet or "", care_note=elder.care_note or "",
        )  # fmt: skip
        wish = replace(now, **said)
        if wish.tells_more_than(elder) and Purpose.HEALTH not in consents_of(elder):
            raise Invalid("还没有记下老人同意记录健康情况。请先在老人那一页问过、记下。")
        elders.edit_elder(elder, wish)

    return act


def join(team: Team, reason: str) -> Act[Volunteer]:
    """Return the change that puts a volunteer into a team from today on."""

    def act(volunteer: Volunteer) -> None:
        if all(each.id != team.id for each in queries.teams_of(volunteer)):
            volunteers.join_team(team, volunteer, clock.today(), reason)

    return act


def belong(unit: Unit | None, day: date, reason: str) -> Act[Volunteer]:
    """Return the change of whom a volunteer belongs to from a day on; what they are besides stays."""

    def act(volunteer: Volunteer) -> None:
        last = queries.standings(volunteer)[-1]
        if last.unit_id != (unit.id if unit else None):
            standing.change(volunteer, Wish(from_day=day, reason=reason, paid=last.paid, collective=last.collective, unit=unit))

    return act


def hold(skill: Skill, proof: str, expires: date | None) -> Act[Volunteer]:
    """Return the change that notes a skill with its proof."""
    return lambda volunteer: volunteers.hold_skill(volunteer, skill, proof, expires)


def set_to(**said: Any) -> Act[Volunteer]:  # noqa: ANN401 - any of the fields of a person
    """Return the change of what is known of a volunteer: insured until when, ceilings."""

    def act(volunteer: Volunteer) -> None:
        now = volunteers.Person(
            name=volunteer.name, phone=volunteer.phone, gender=volunteer.gender, birth_year=volunteer.birth_year, travel=volunteer.travel,
            boxes=volunteer.boxes, radius=volunteer.radius, max_day=volunteer.max_day, max_week=volunteer.max_week,
            has_phone=volunteer.has_phone, insured_until=volunteer.insured_until, active=volunteer.active,
        )  # fmt: skip
        volunteers.edit_volunteer(volunteer, replace(now, **said))

    return act
