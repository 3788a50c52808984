"""Reads of duties; every one is narrowed to a community or to a person. A duty takes its volunteer's time and the way there and back."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.sentences import Sentence
from timebank.visits.duties import BLOCKING, Duty, DutyState
from timebank.visits.models import Offer, OfferState, Round, Visit
from timebank.volunteers.models import HeldSkill, TimeOff, Volunteer

SOON = timedelta(days=1)
"""What is lost for today or tomorrow is told at once."""
AHEAD = timedelta(days=60)
WAY_MINUTES = 15
"""So many minutes before and after a duty nothing else is planned: the way to the place and back."""
Busy = dict[int, list[tuple[date, int, int]]]


@cache
def _whole() -> Select[Duty]:
    """Return the statement that loads duties with what pages show of them."""
    return select(Duty).options(joinedload(Duty.kind), joinedload(Duty.volunteer), joinedload(Duty.unit), joinedload(Duty.enterer))


def duty_in(community_id: int, duty_id: int) -> Duty | None:
    """Return a duty of a community."""
    return db.session.scalar(_whole().where(Duty.id == duty_id, Duty.community_id == community_id))


def duty_of(volunteer: Volunteer, duty_id: int) -> Duty | None:
    """Return a duty of this very volunteer."""
    return db.session.scalar(_whole().where(Duty.id == duty_id, Duty.volunteer_id == volunteer.id))


def duties_of(volunteer: Volunteer, first: date, last: date, states: Collection[DutyState] = (*BLOCKING, DutyState.ASKED)) -> list[Duty]:
    """Return a volunteer's duties of some days, in the order of the day."""
    mine = (Duty.volunteer_id == volunteer.id, Duty.day >= first, Duty.day <= last, Duty.state.in_(states))
    return list(db.session.scalars(_whole().where(*mine).order_by(Duty.day, Duty.start, Duty.id)))


def day_duties(community_id: int, first: date, last: date | None = None) -> list[Duty]:
    """Return the duties of a community on a day, or from one to another, that were not given up or called off."""
    return list(db.session.scalars(_live(_whole(), community_id, first, last or first)))


def _live(rows: Select[Duty], community_id: int, first: date, last: date) -> Select[Duty]:
    """Return those of some duties that are a community's from a day to another and were not given up or called off."""
    mine = rows.where(Duty.community_id == community_id, Duty.day >= first, Duty.day <= last)
    live = mine.where(Duty.state.not_in((DutyState.GIVEN_UP, DutyState.CALLED_OFF)))
    return live.order_by(Duty.day, Duty.start, Duty.title, Duty.seat)


def duties_of_part(part_of: str, part_id: int, first: date, last: date) -> list[Duty]:
    """Return the duties of a post, a session or another part on some days, those given up or called off left out."""
    mine = (Duty.part_of == part_of, Duty.part_id == part_id, Duty.day >= first, Duty.day <= last)
    live = _whole().where(*mine, Duty.state.not_in((DutyState.GIVEN_UP, DutyState.CALLED_OFF)))
    return list(db.session.scalars(live.order_by(Duty.day, Duty.start, Duty.seat)))


def given_up(part_of: str, part_id: int, first: date) -> set[tuple[int | None, date, int]]:
    """Return who has given up which turn of a part from a day on: the volunteer, the day and the minute it begins."""
    mine = (Duty.part_of == part_of, Duty.part_id == part_id, Duty.day >= first, Duty.state == DutyState.GIVEN_UP)
    return {(who, day, start) for who, day, start in db.session.execute(select(Duty.volunteer_id, Duty.day, Duty.start).where(*mine))}


def booked(community_id: int, first: date) -> list[Duty]:
    """Return the places units have booked from a day on, those given up or called off left out."""
    mine = (Duty.community_id == community_id, Duty.day >= first, Duty.unit_id.is_not(None))
    live = _whole().where(*mine, Duty.state.not_in((DutyState.GIVEN_UP, DutyState.CALLED_OFF)))
    return list(db.session.scalars(live.order_by(Duty.day, Duty.start, Duty.seat)))


def of_turn(duty: Duty) -> list[Duty]:
    """Return everybody's places of the turn a duty belongs to, itself among them."""
    if duty.part_id is None:
        return [duty]
    mine = (Duty.part_of == duty.part_of, Duty.part_id == duty.part_id, Duty.day == duty.day, Duty.start == duty.start)
    live = _whole().where(*mine, Duty.state.not_in((DutyState.GIVEN_UP, DutyState.CALLED_OFF)))
    return list(db.session.scalars(live.order_by(Duty.seat, Duty.id)))


def unfilled(community_id: int, first: date, last: date) -> list[Duty]:
    """Return the places that turns lack to their least, nobody's or not answered for, from a day to another; asked ones come first.

    What a unit has booked counts as filled: the unit names its people.
    """
    return _lacked(day_duties(community_id, first, last))


def open_on(community_id: int, day: date) -> int:
    """Return how many places turns of a day lack that nobody was asked for, read lean: it stands on every page of the office."""
    return sum(1 for each in _lacked(db.session.scalars(_live(select(Duty), community_id, day, day))) if each.state is DutyState.OPEN)


def _lacked(found: Iterable[Duty]) -> list[Duty]:
    """Return the places that the turns among some duties lack to their least, as long as they are not over."""
    turns: dict[tuple[date, int, str, int | None], list[Duty]] = {}
    for each in found:
        if each.ends > clock.now():
            turns.setdefault((each.day, each.start, each.part_of, each.part_id if each.part_of else each.id), []).append(each)
    return [each for seats in turns.values() for each in _lacking(seats)]


def _lacking(seats: Sequence[Duty]) -> list[Duty]:
    """Return the places of one turn that it lacks to its least."""
    waits = [each for each in seats if each.unit_id is None and each.state in (DutyState.OPEN, DutyState.ASKED)]
    there = sum(1 for each in seats if each not in waits and each.state is not DutyState.MISSED)
    short = max(0, max(each.least for each in seats) - there)
    return sorted(waits, key=lambda each: each.state is DutyState.OPEN)[:short]


def unconfirmed(community_id: int) -> list[Duty]:
    """Return the duties that are done and not on record, oldest first."""
    rows = _whole().where(Duty.community_id == community_id, Duty.state == DutyState.DONE)
    return list(db.session.scalars(rows.order_by(Duty.day, Duty.start, Duty.id)))


def unfinished(community_id: int) -> list[Duty]:
    """Return the duties of past days that somebody had agreed to and that have neither an end nor a word that nobody came."""
    rows = _whole().where(Duty.community_id == community_id, Duty.day < clock.today(), Duty.state.in_((DutyState.AGREED, DutyState.THERE)))
    return list(db.session.scalars(rows.order_by(Duty.day, Duty.start, Duty.id)))


def blocking(volunteer: Volunteer, day: date, first: int, last: int, *, way: int = WAY_MINUTES) -> Duty | None:
    """Return the duty that takes a volunteer's time somewhere in a stretch of a day, the way to it counted in."""
    mine = (Duty.volunteer_id == volunteer.id, Duty.day == day, Duty.state.in_(BLOCKING))
    rows = select(Duty).where(*mine, Duty.start - way < last, Duty.until + way > first)
    return db.session.scalar(rows.order_by(Duty.start).limit(1))


def taken(volunteers: Collection[int], days: Collection[date]) -> list[Duty]:
    """Return the duties that take the time of some volunteers on some days, in the order of time."""
    mine = (Duty.volunteer_id.in_(volunteers), Duty.day.in_(days), Duty.state.in_(BLOCKING))
    return list(db.session.scalars(select(Duty).where(*mine).order_by(Duty.day, Duty.start)))


def busy(community_id: int, monday: date) -> Busy:
    """Return when each volunteer is on duty in a week, the way there and back counted in."""
    week = (Duty.community_id == community_id, Duty.day >= monday, Duty.day < monday + timedelta(days=7))
    found: Busy = {}
    rows = select(Duty.volunteer_id, Duty.day, Duty.start, Duty.until).where(*week, Duty.state.in_(BLOCKING))
    for volunteer, day, start, until in db.session.execute(rows.order_by(Duty.day, Duty.start)):
        if volunteer is not None:
            found.setdefault(volunteer, []).append((day, max(0, start - WAY_MINUTES), min(1440, until + WAY_MINUTES)))
    return found


def lacks(volunteer: Volunteer, kind: ServiceKind, day: date) -> tuple[str, str] | None:
    """Return what somebody lacks for a kind of service on a day, in both languages: a skill with a proof that lasts, or the insurance."""
    held = {each.skill.code for each in volunteer.skills if each.expires is None or each.expires >= day}
    if missing := sorted(set(kind.skills) - held):
        what = (kind.gate, ", ".join(missing)) if kind.gate else missing
        return Sentence("%(kind)s要有：%(what)s。请先到服务站登记，再认领。", kind=kind.words, what=what)
    if kind.insured and not volunteer.staff and (volunteer.insured_until is None or volunteer.insured_until < day):
        return Sentence("%(kind)s那天要在保险期内。请先到服务站登记保险，再认领。", kind=kind.words)
    return None


def could(duty: Duty, *, most: int = 80) -> list[tuple[Volunteer, bool]]:
    """Return who could take a place nobody has, and whether it lies in their ordinary free time: those first, then by name."""
    taken = select(Duty.volunteer_id).where(
        Duty.day == duty.day, Duty.state.in_(BLOCKING), Duty.start < duty.until, Duty.until > duty.start, Duty.volunteer_id.is_not(None)
    )
    away = select(TimeOff.volunteer_id).where(TimeOff.day == duty.day, TimeOff.start < duty.until, TimeOff.end > duty.start)
    rows = select(Volunteer).where(
        Volunteer.community_id == duty.community_id, Volunteer.active, Volunteer.id.not_in(taken), Volunteer.id.not_in(away)
    )
    if duty.unit_id is not None:
        rows = rows.where(Volunteer.unit_id == duty.unit_id)
    whole = (selectinload(Volunteer.skills).joinedload(HeldSkill.skill), selectinload(Volunteer.availability))
    visiting = _visiting(duty)
    found = [
        (
            each,
            any(slot.weekday == duty.day.weekday() and slot.start <= duty.start and duty.until <= slot.end for slot in each.availability),
        )
        for each in db.session.scalars(rows.options(*whole).order_by(Volunteer.sort_key, Volunteer.id))
        if each.id not in visiting and lacks(each, duty.kind, duty.day) is None
    ]
    return sorted(found, key=lambda pair: not pair[1])[:most]


def _visiting(duty: Duty) -> set[int]:
    """Return who has agreed to a visit at the time of a duty, the way there and back counted in."""
    rows = db.session.execute(
        select(Offer.volunteer_id, func.coalesce(Round.pickup, Offer.start), Offer.start + Visit.minutes)
        .join(Offer.visit)
        .outerjoin(Offer.round)
        .where(Visit.community_id == duty.community_id, Offer.day == duty.day, Offer.state == OfferState.ACCEPTED)
    )
    return {who for who, first, last in rows if first < duty.until + WAY_MINUTES and duty.start - WAY_MINUTES < last}


def today_of(volunteer: Volunteer) -> list[Duty]:
    """Return somebody's turns of today."""
    mine = duties_of(volunteer, clock.today(), clock.today())
    return [each for each in mine if each.state is not DutyState.ASKED]


def asked_of(volunteer: Volunteer) -> list[Duty]:
    """Return the turns somebody is asked for and can still answer."""
    asked = duties_of(volunteer, clock.today(), clock.today() + AHEAD, (DutyState.ASKED,))
    return [each for each in asked if each.ends > clock.now()]


def agreed_of(volunteer: Volunteer) -> list[Duty]:
    """Return the turns somebody has agreed to from today on, two weeks ahead."""
    monday = clock.monday_of(clock.today())
    mine = duties_of(volunteer, clock.today(), monday + timedelta(days=13))
    return [each for each in mine if each.state is not DutyState.ASKED]
