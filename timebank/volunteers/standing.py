"""身份: what somebody is on a day, and the verbs that change it from a day on; nothing before that day, or on record, becomes another.

Paid or voluntary, and for oneself or a group, take a second person. A record takes its standing from here when it is made and keeps it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on
from timebank.sentences import Pair, Sentence, the_day
from timebank.volunteers import queries
from timebank.volunteers.models import BEGINNING, Standing, Unit, Volunteer
from timebank.volunteers.telling import tell

A_YEAR = timedelta(days=366)
"""Nothing is noted further ahead than this: so far nobody knows."""
MARKS: dict[str, tuple[Pair, Pair, Pair]] = {
    "paid": (Sentence("专职或志愿"), Sentence.of("volunteers", "志愿"), Sentence.of("volunteers", "专职")),
    "collective": (Sentence("个人或集体"), Sentence("个人"), Sentence.of("volunteers", "集体")),
}
"""What keeps somebody's time from being credited to them: its name, and how no and yes are said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody is to be from a day on, and why."""

    from_day: date
    reason: str
    paid: bool = False
    collective: bool = False
    unit: Unit | None = None


def begin(volunteer: Volunteer) -> Standing:
    """Note how somebody is registered: it holds until the first change."""
    opening = Standing(
        volunteer_id=volunteer.id,
        from_day=BEGINNING,
        paid=volunteer.staff,
        collective=volunteer.collective,
        unit_id=volunteer.unit_id,
        reason="",
        noted_at=clock.now(),
        noted_by=audit.first_hand(),
    )
    db.session.add(opening)
    return opening


def frozen(volunteer: Volunteer, day: date) -> dict[str, Any]:
    """Return what a record of a day says of its volunteer's standing, for ever."""
    on = queries.standing_on(volunteer, day)
    return {"paid": on.paid, "collective": on.collective, "unit_id": on.unit_id, "teams": queries.teams_on(volunteer, day)}


def change(volunteer: Volunteer, wish: Wish) -> Standing | Proposal:
    """Change what somebody is from a day on: another unit at once; paid or group when a second person agrees, the proposal is returned.

    What the machine's own commands change takes effect at once.
    """
    _must_be_sound(volunteer, wish)
    before, by = queries.standings(volunteer)[-1], audit.first_hand()
    unit = wish.unit.id if wish.unit is not None else None
    marks = {mark: [getattr(before, mark), getattr(wish, mark)] for mark in MARKS if getattr(before, mark) != getattr(wish, mark)}
    if not marks and before.unit_id == unit:
        raise wrong("from_day", "和现在登记的一样，没有要改的。")
    if waiting_on(Kind.STANDING, _subject(volunteer)) is not None:
        raise Conflict("上一次改的身份还在等第二个人核准，定了以后再改。")
    if not marks or by is None:
        return _note(volunteer, wish, noted_by=by, agreed_by=None)
    terms = {"from_day": wish.from_day.isoformat(), "unit": [before.unit_id, unit]} | marks
    asked_by = db.session.get_one(User, by)
    return proposals.propose(Kind.STANDING, volunteer.community_id, _subject(volunteer), terms, asked_by, reason=wish.reason)


def earliest(*people: Volunteer) -> date:
    """Return the first day from which something may become another: after the last service on record, not before the last change."""
    served = queries.last_on_record(*people)
    noted = queries.last_noted(people) or BEGINNING
    return max(noted, served + timedelta(days=1)) if served is not None else noted


def follow(volunteer: Volunteer) -> bool:
    """Let what lists and plans read of somebody be today's standing; say whether that made a difference."""
    today = queries.standing_on(volunteer, clock.today())
    wanted = (today.paid, today.collective, today.unit_id)
    if (volunteer.staff, volunteer.collective, volunteer.unit_id) == wanted:
        return False
    with audit.changing("follow_standing", volunteer):
        volunteer.staff, volunteer.collective, volunteer.unit_id = wanted
    db.session.expire(volunteer, ["unit"])
    return True


def follow_all() -> int:
    """Let everybody's lists follow a change whose day has come; return how many."""
    return sum(follow(each) for each in queries.due_to_follow(clock.today()))


def dissolve(unit: Unit, day: date, reason: str) -> int:
    """Note that a unit is no more from a day on: its people go on without one, its past months stay; return how many they are."""
    if unit.ended is not None:
        raise Conflict("这个单位已经撤销了。")
    must_be_said(reason)
    people = queries.people_of_unit(unit, day)
    first = earliest(*people)
    if day < first:
        raise wrong(
            "from_day",
            "单位里有人在 %(first)s 还有服务记录或登记的改动。请填 %(first2)s 或以后的日期，以前的月份不会变。",
            first=f"{first - timedelta(days=1):%Y-%m-%d}",
            first2=f"{first:%Y-%m-%d}",
        )
    _must_be_near(day)
    unit.ended = day
    for each in people:
        last = queries.standings(each)[-1]
        wish = Wish(from_day=day, paid=last.paid, collective=last.collective, reason=reason)
        _note(each, wish, noted_by=audit.first_hand(), agreed_by=None)
    audit.record("dissolve", "unit", unit.id, day=day.isoformat(), people=len(people))
    return len(people)


def _must_be_sound(volunteer: Volunteer, wish: Wish) -> None:
    """Refuse a change without a reason, of what is on record, before another change, too far ahead, or into a unit that is not there."""
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update())
    must_be_said(wish.reason)
    _must_be_near(wish.from_day)
    must_touch_nothing(volunteer, wish.from_day, "from_day")
    last = queries.standings(volunteer)[-1].from_day
    if wish.from_day < last:
        raise wrong(
            "from_day",
            "已经登记了从 %(last)s 起的改动。请填这一天或以后的日期；那次登记错了，就从同一天起再改回来。",
            last=f"{last:%Y-%m-%d}",
        )
    now = queries.standings(volunteer)[-1].unit_id
    if wish.unit is not None and wish.unit.ended is not None and wish.unit.id != now:
        raise wrong("unit", "“%(unit)s”已经撤销，请选别的单位。", unit=wish.unit.name)


def must_touch_nothing(volunteer: Volunteer, day: date, field: str) -> None:
    """Refuse a day on or after which service is on record already: what is on record stays what it was."""
    served = queries.last_on_record(volunteer)
    if served is not None and day <= served:
        free = served + timedelta(days=1)
        raise wrong(
            field,
            "%(served)s 已经有服务记录，记录上的身份和归属不会再变。请填 %(free)s 或以后的日期；已经记下而身份不对的那几条，请逐条更正分钟数并写明原因。",
            served=f"{served:%Y-%m-%d}",
            free=f"{free:%Y-%m-%d}",
        )


def must_be_said(reason: str) -> None:
    """Refuse to go on without a reason."""
    if not reason.strip():
        raise wrong("reason", "请写原因，它会一直留着。")


def _must_be_near(day: date) -> None:
    """Refuse a day that is too far ahead to be known."""
    if day > clock.today() + A_YEAR:
        raise wrong("from_day", "日期太远了，最多提前一年登记。")


def _note(volunteer: Volunteer, wish: Wish, *, noted_by: int | None, agreed_by: int | None) -> Standing:
    """Write what somebody is from a day on; lists follow where the day has come."""
    made = Standing(
        volunteer_id=volunteer.id,
        from_day=wish.from_day,
        paid=wish.paid,
        collective=wish.collective,
        unit_id=wish.unit.id if wish.unit is not None else None,
        reason=wish.reason.strip(),
        noted_at=clock.now(),
        noted_by=noted_by,
        agreed_by=agreed_by,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("set_standing", "volunteer", volunteer.id, standing=made.id, from_day=wish.from_day.isoformat())
    follow(volunteer)
    _tell(volunteer, made)
    return made


def _tell(volunteer: Volunteer, made: Standing) -> None:
    """Tell somebody what they are noted as from a day on, with a sign-in or on the number they have."""
    what = [*(words[2 if getattr(made, mark) else 1] for mark, words in MARKS.items()), _unit_words(made.unit_id)]
    tell(volunteer, "standing", day=the_day(made.from_day), what=what)


def _subject(volunteer: Volunteer) -> str:
    """Return how a proposal names somebody."""
    return f"volunteer:{volunteer.id}"


def _carry(proposal: Proposal, by: User | None) -> None:
    """Note what two people stand for; what has come on record meanwhile is not touched, and refused in words."""
    volunteer, terms = db.session.get_one(Volunteer, proposal.about), proposal.terms
    before = queries.standings(volunteer)[-1]
    unit = terms["unit"][1]
    marks = {mark: terms[mark][1] if mark in terms else getattr(before, mark) for mark in MARKS}
    wish = Wish(
        from_day=date.fromisoformat(terms["from_day"]),
        unit=db.session.get_one(Unit, unit) if unit is not None else None,
        reason=proposal.reason,
        **marks,
    )
    _must_be_sound(volunteer, wish)
    _note(volunteer, wish, noted_by=proposal.proposed_by, agreed_by=by.id if by is not None else None)


def _show(proposal: Proposal) -> Shown:
    """Return a change of standing in words."""
    volunteer, terms = db.session.get_one(Volunteer, proposal.about), proposal.terms
    day = terms["from_day"]
    found = [Change(name, *((no, yes)[flag] for flag in terms[mark])) for mark, (name, no, yes) in MARKS.items() if mark in terms]
    if terms["unit"][0] != terms["unit"][1]:
        found.append(Change(Sentence("单位"), *(_unit_words(each) for each in terms["unit"])))
    return Shown(Sentence("志愿者 %(number)s 从 %(day)s 起改身份", number=volunteer.number, day=day), tuple(found))


def _unit_words(unit_id: int | None) -> Pair:
    """Return a unit by name, in both languages."""
    return Sentence.of("volunteers", "没有单位") if unit_id is None else (db.session.get_one(Unit, unit_id).name,) * 2


carriers.register(Kind.STANDING, Carrier(_carry, _show))
