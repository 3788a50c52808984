"""Filling duties: places are opened, claimed or asked for, handed on, given up and called off. Whoever is on duty is nowhere else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.hours import DAY_AT_MOST
from timebank.notices.actions import notify
from timebank.sentences import Sentence, the_day
from timebank.visits import on_duty
from timebank.visits.actions import offering, telling
from timebank.visits.actions.ceilings import must_be_recent
from timebank.visits.duties import BLOCKING, TO_COME, Duty, DutyState, new_code
from timebank.visits.models import Offer, OfferState
from timebank.visits.on_duty import WAY_MINUTES
from timebank.visits.states import Why
from timebank.volunteers.lent import community_served
from timebank.volunteers.models import Unit, Volunteer

SEATS_AT_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What somebody is to be on duty for; ``part_of`` and ``part_id`` name the post or session of a room above it is a part of.

    ``least`` is how many people it takes at least, every place where nothing is said.
    """

    community_id: int
    kind: ServiceKind
    title: str
    place: str
    day: date
    start: int
    until: int
    part_of: str = ""
    part_id: int | None = None
    least: int | None = None


def open_seats(turn: Turn, seats: int) -> list[Duty]:
    """Let a turn have so many places; those that are there already stay as they are. Return the new ones."""
    return open_all([(turn, seats)])


def open_all(wanted: Sequence[tuple[Turn, int]]) -> list[Duty]:
    """Let turns have so many places each, read and written together; return the new ones."""
    there = _every_seat([turn for turn, _seats in wanted])
    new = [duty for turn, seats in wanted for duty in _new_seats(turn, seats, there.get(_key(turn), []))]
    db.session.add_all(new)
    db.session.flush()
    by_turn: dict[tuple[str, int | None, date, int], list[Duty]] = {}
    for each in new:
        by_turn.setdefault((each.part_of, each.part_id, each.day, each.start), []).append(each)
    for (part_of, part, day, _start), seats in by_turn.items():
        audit.record("open_seats", "duty", seats[0].id, seats=len(seats), part_of=part_of, part=part, day=day.isoformat())
    return new


def _key(turn: Turn) -> tuple[int | None, date, int]:
    """Return what makes two turns of one part the same."""
    return turn.part_id, turn.day, turn.start


def _new_seats(turn: Turn, seats: int, known: Sequence[Duty]) -> list[Duty]:
    """Return the places a turn has not got yet, with its code of the day."""
    _must_be_a_turn(turn, seats)
    code = known[0].code if known else new_code()
    taken = {each.seat for each in known}
    return [
        Duty(
            community_id=turn.community_id,
            kind=turn.kind,
            title=turn.title.strip(),
            place=turn.place.strip(),
            day=turn.day,
            start=turn.start,
            until=turn.until,
            part_of=turn.part_of,
            part_id=turn.part_id,
            seat=seat,
            least=turn.least or seats,
            code=code,
            state=DutyState.OPEN,
        )
        for seat in range(1, seats + 1)
        if seat not in taken
    ]


def _every_seat(turns: Sequence[Turn]) -> dict[tuple[int | None, date, int], list[Duty]]:
    """Return the places some turns of one sort of part have or had, by turn: what was called off is not opened again."""
    parts = {turn.part_id for turn in turns} - {None}
    if not parts:
        return {}
    days, part_of = {turn.day for turn in turns}, turns[0].part_of
    mine = (Duty.part_of == part_of, Duty.part_id.in_(parts), Duty.day >= min(days), Duty.day <= max(days))
    found: dict[tuple[int | None, date, int], list[Duty]] = {}
    for each in db.session.scalars(select(Duty).where(*mine, Duty.state != DutyState.GIVEN_UP).order_by(Duty.seat)):
        found.setdefault((each.part_id, each.day, each.start), []).append(each)
    return found


def _must_be_a_turn(turn: Turn, seats: int) -> None:
    """Refuse a turn without a name, of no length, or with more places than anybody could watch over."""
    if not turn.title.strip() or not turn.place.strip():
        raise wrong("title", "请写岗位的名称和地点。")
    if not 0 <= turn.start < turn.until <= 24 * 60 or turn.until - turn.start > DAY_AT_MOST:
        raise wrong("until", "结束时间要晚于开始时间，一次最多 12 小时。跨过零点的请分两天写。")
    if not 1 <= seats <= SEATS_AT_MOST:
        raise wrong("seats", "人数要在 1 到 %(seats_at_most)s 之间。", seats_at_most=SEATS_AT_MOST)


def claim(duty: Duty, volunteer: Volunteer, by: User | None = None) -> None:
    """Take a place nobody has. Of two at one moment the second is refused.

    ``by`` is who writes it down at the desk in the volunteer's name; when the turn is over, from the sheet: a colleague confirms it.
    """
    _take(duty)
    if duty.state is not DutyState.OPEN:
        if duty.volunteer_id == volunteer.id:
            return
        raise Conflict("这一班刚刚有人认领了。看看别的班，或者等有人退出再来。")
    must_be_able(volunteer, duty, from_sheet=by is not None)
    _agree(duty, volunteer, by)
    audit.record("claim", "duty", duty.id, volunteer=volunteer.id)


def ask(duty: Duty, volunteer: Volunteer, by: User) -> None:
    """Ask somebody to take a place nobody has; staff on duty need not answer."""
    _take(duty)
    if duty.state is not DutyState.OPEN:
        raise Conflict("这一班已经有人了，或者已经请过人。看它现在的样子。")
    must_be_able(volunteer, duty)
    _give(duty, volunteer, DutyState.AGREED if volunteer.staff else DutyState.ASKED, None)
    duty.asked_by, duty.asked_at = one_hand.maker(by), clock.now()
    db.session.flush()
    audit.record("ask", "duty", duty.id, volunteer=volunteer.id)
    if volunteer.user_id is not None and not volunteer.staff:
        notify(volunteer.user_id, "now", what=words_of(duty))


def accept(duty: Duty, by: User | None = None) -> None:
    """Say yes to a duty one was asked for; saying it again changes nothing. ``by`` enters it at the desk."""
    _take(duty)
    if duty.state in BLOCKING:
        return
    if duty.state is not DutyState.ASKED or duty.volunteer is None:
        raise Conflict("这一班已经不再请你了，不用去。回到今天看最新安排。")
    must_be_able(duty.volunteer, duty)
    _agree(duty, duty.volunteer, by)
    audit.record("accept", "duty", duty.id, volunteer=duty.volunteer_id)


def _agree(duty: Duty, volunteer: Volunteer, by: User | None) -> None:
    """Let a place be somebody's; what they were asked for at that time and have not answered goes back to the coordinators at once."""
    _give(duty, volunteer, DutyState.AGREED, by)
    duty.answered_at = clock.now()
    db.session.flush()
    asked = [made for made in _meets(volunteer, duty, OfferState.SENT) if made.started_at is None]
    telling.tell_lost(offering.take_back(asked, Why.ILL, tell=False))


def _give(duty: Duty, volunteer: Volunteer, state: DutyState, by: User | None) -> None:
    """Write somebody's name on a place; by a printed sheet's code whoever printed it could have done so."""
    duty.volunteer, duty.state = volunteer, state
    duty.answered_for = one_hand.maker(by) if by is not None else audit.printer.get()


def give_up(duty: Duty, reason: str = "", why: Why = Why.ELSEWHERE, *, tell: bool = True) -> Duty:
    """Let somebody out of a duty they have not begun: their row stays with the reason, and a new place stands open. Returns it.

    Whom the desk lets out is told not to go; what anybody else gives up for today or tomorrow the coordinators are told.
    """
    _take(duty)
    if duty.state not in (DutyState.ASKED, DutyState.AGREED) or duty.volunteer is None:
        raise Conflict("这一班已经开始、已经结束，或者已经退过了，现在不能退。到岗以后走不开请打服务站电话。")
    before = duty.volunteer
    duty.state, duty.over_at, duty.reason = DutyState.GIVEN_UP, clock.now(), reason.strip() or why.value
    db.session.flush()
    fresh = Duty(
        community_id=duty.community_id,
        kind_id=duty.kind_id,
        title=duty.title,
        place=duty.place,
        day=duty.day,
        start=duty.start,
        until=duty.until,
        part_of=duty.part_of,
        part_id=duty.part_id,
        seat=duty.seat,
        least=duty.least,
        unit_id=duty.unit_id,
        code=duty.code,
        state=DutyState.OPEN,
    )
    db.session.add(fresh)
    db.session.flush()
    audit.record("give_up", "duty", duty.id, volunteer=before.id, why=why.value, open=fresh.id)
    if why is Why.DESK and before.user_id is not None:
        notify(before.user_id, "cancelled", what=words_of(duty))
    if tell and duty.day <= clock.today() + on_duty.SOON:
        for user in users_with(Role.COORDINATOR, duty.community_id):
            notify(user.id, "lost", who=mask_name(before.name), what=words_of(duty))
    return fresh


def hand_on(duty: Duty, volunteer: Volunteer) -> Duty:
    """Let somebody else take over a duty in one step, so that it is never nobody's meanwhile; returns theirs."""
    must_be_able(volunteer, duty)
    fresh = give_up(duty, "", Why.ELSEWHERE, tell=False)
    claim(fresh, volunteer)
    return fresh


def call_off(duties: Iterable[Duty], reason: str) -> list[Duty]:
    """Call duties off that have not begun; whoever had agreed is told, each once. Returns those that stood."""
    off = [each for each in duties if each.state in TO_COME]
    for each in off:
        each.state, each.over_at, each.reason = DutyState.CALLED_OFF, clock.now(), reason.strip()
        audit.record("call_off", "duty", each.id)
    db.session.flush()
    first: dict[int, Duty] = {}
    for each in off:
        if each.volunteer is not None and each.volunteer.user_id is not None and each.day >= clock.today():
            first.setdefault(each.volunteer.user_id, each)
    for user_id, each in first.items():
        notify(user_id, "cancelled", what=words_of(each))
    return off


def book(duties: Sequence[Duty], unit: Unit, by: User) -> None:
    """Keep places nobody has for the people of a unit, who are named later."""
    for each in duties:
        _take(each)
        if each.state is not DutyState.OPEN or each.unit_id not in (None, unit.id):
            raise Conflict("这几个名额刚刚有人认领了，没有订上。刷新后看还剩几个名额。")
        each.unit = unit
    db.session.flush()
    audit.record("book", "duty", duties[0].id, unit=unit.id, seats=len(duties), by=by.id)


def free_again(duty: Duty) -> None:
    """Let anybody have a place again that was kept for a unit and that nobody is named for."""
    _take(duty)
    if duty.state is DutyState.OPEN and duty.unit_id is not None:
        audit.record("free_again", "duty", duty.id, unit=duty.unit_id)
        duty.unit = None
        db.session.flush()


def must_be_able(volunteer: Volunteer, duty: Duty, *, from_sheet: bool = False) -> None:
    """Refuse a duty to somebody who has stopped, is away, elsewhere, lacks what it needs, or is not of the unit it is kept for.

    Of a turn that is over, only a sheet (``from_sheet``) can still say who was there.
    """
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update())
    if not volunteer.active or community_served(volunteer, duty.day) != duty.community_id:
        raise Conflict("这位已经不在本社区服务了，请换一位。")
    over = duty.ends <= clock.now()
    if over and from_sheet:
        must_be_recent(duty.community_id, duty.day, "day")
    if over and not from_sheet:
        raise Conflict("这一班已经过去了，不能再认领。真去过的，请服务站按签到表录入。")
    if duty.unit_id is not None and volunteer.unit_id != duty.unit_id:
        raise Conflict("这个名额是单位订下的，只能填那个单位的人。请选别的名额。")
    if not over and any(off.day == duty.day and off.start < duty.until and duty.start < off.end for off in volunteer.time_off):
        raise Conflict("%(volunteer)s这段时间请假了。先撤回请假，再认领这一班。", volunteer=volunteer.name)
    if (lack := on_duty.lacks(volunteer, duty.kind, duty.day)) is not None:
        raise Conflict(lack)
    _must_be_free(volunteer, duty)


def _must_be_free(volunteer: Volunteer, duty: Duty) -> None:
    """Refuse a duty at a time when somebody is on another one, or has a visit, its way counted in."""
    other = on_duty.blocking(volunteer, duty.day, duty.start, duty.until, way=0)
    if other is not None and other.id != duty.id:
        raise Conflict(
            "%(volunteer)s %(span)s 已经在“%(other)s”值守，一个人不能同时在两处。请选别的班。",
            volunteer=volunteer.name,
            span=other.span,
            other=other.title,
        )
    for made in _meets(volunteer, duty, OfferState.ACCEPTED):
        span = f"{clock.hhmm(_first_minute(made))}–{clock.hhmm(made.start + made.visit.minutes)}"
        raise Conflict(
            "%(volunteer)s %(span)s 已经接受了%(kind)s，和这一班（含路上 %(way_minutes)s 分钟）撞上了。先退掉那一件，再认领。",
            volunteer=volunteer.name,
            span=span,
            kind=made.visit.kind.words,
            way_minutes=WAY_MINUTES,
        )


def _meets(volunteer: Volunteer, duty: Duty, state: OfferState) -> list[Offer]:
    """Return somebody's offers of one state that meet a duty, the way there and back counted in."""
    mine = (Offer.volunteer_id == volunteer.id, Offer.day == duty.day, Offer.state == state)
    first, last = duty.start - WAY_MINUTES, duty.until + WAY_MINUTES
    found = db.session.scalars(select(Offer).where(*mine).order_by(Offer.start, Offer.id))
    return [made for made in found if _first_minute(made) < last and first < made.start + made.visit.minutes]


def _first_minute(made: Offer) -> int:
    """Return the minute an offer takes somebody from: for a meal from the pick-up on."""
    return made.round.pickup if made.round is not None else made.start


def words_of(duty: Duty) -> tuple[str, str]:
    """Return a duty as a message names it, in Chinese and English."""
    at = clock.hhmm(duty.start)
    return Sentence("%(day)s %(at)s %(title)s", day=the_day(duty.day), at=at, title=duty.title)


def _take(duty: Duty) -> None:
    """Wait for whoever decides about the same duty at this moment, and see what they did."""
    db.session.execute(select(Duty.id).where(Duty.id == duty.id).with_for_update())
    db.session.refresh(duty)
