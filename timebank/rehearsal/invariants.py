"""What must always hold while a week is lived; each check yields what it finds broken, in one English line with ids only.

``quick`` is asked after every event, ``whole`` after everything that changes who does what, ``evening`` once a day.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from timebank import clock
from timebank.db import db
from timebank.elders.models import Household
from timebank.ledger.models import Transfer, TransferKind
from timebank.ledger.verify import verify
from timebank.places.models import Canteen
from timebank.planning import cover, queries
from timebank.planning.actions.judging import judged
from timebank.planning.scenes import Scene, scene
from timebank.today.sheets import kitchen_sheet
from timebank.visits.actions.paying import source_of
from timebank.visits.actions.scheduling import boxes_on, is_wanted
from timebank.visits.duties import Duty, DutyState
from timebank.visits.evidence import first_unfounded
from timebank.visits.models import Offer, OfferState, Pairing, Round, ServiceRecord, Tie, Visit, VisitState
from timebank.visits.on_duty import WAY_MINUTES
from timebank.visits.queries import meals_of
from timebank.visits.states import BEFORE_DOOR, LIVE, TO_COME
from timebank.volunteers.models import TimeOff, Volunteer

EVENING_HOUR = 19


@dataclass(frozen=True, slots=True)
class View:
    """What checks look at, read once: a community, and the weeks of it that are planned and not over."""

    community: int
    weeks: tuple[Scene, ...] = ()


Check = Callable[[View], Iterator[str]]


def states_follow_offers(view: View) -> Iterator[str]:
    """A visit to come is open without anybody asked, offered while somebody is, accepted when its crew is whole; nothing else is asked for."""
    for visit, state, crew, asked, accepted in db.session.execute(_not_following(), {"community": view.community, "monday": _monday()}):
        yield f"visit {visit} is {state.value} with {asked} asked, {accepted} of {crew} accepted"


@cache
def _not_following() -> Select[Any]:
    """Return the statement of visits that do not follow their offers, put together once: it is asked after every event."""
    live, going = (func.coalesce(func.sum(case((Offer.state.in_(states), 1), else_=0)), 0) for states in (LIVE, (OfferState.ACCEPTED,)))
    wrong = or_(
        and_(Visit.state.in_((VisitState.OPEN, VisitState.CANCELLED)), live != 0),
        and_(Visit.state == VisitState.OFFERED, or_(live == 0, going >= Visit.crew)),
        and_(Visit.state == VisitState.ACCEPTED, going != Visit.crew),
        and_(Visit.state == VisitState.UNDER_WAY, going == 0),
    )
    return (
        select(Visit.id, Visit.state, Visit.crew, live, going)
        .outerjoin(Visit.offers)
        .where(Visit.community_id == bindparam("community"), Visit.week >= bindparam("monday"))
        .group_by(Visit.id, Visit.state, Visit.crew)
        .having(wrong)
    )


def nobody_away_is_asked(view: View) -> Iterator[str]:
    """No offer to come stands for somebody who has stopped, is away then, or must not come to that door."""
    end = Offer.start + Visit.minutes
    rows = db.session.execute(
        _to_come(view.community, Offer.id, Offer.volunteer_id)
        .join(Offer.volunteer)
        .outerjoin(
            TimeOff,
            (TimeOff.volunteer_id == Offer.volunteer_id) & (TimeOff.day == Offer.day) & (TimeOff.start < end) & (TimeOff.end > Offer.start),
        )
        .outerjoin(
            Pairing,
            (Pairing.volunteer_id == Offer.volunteer_id) & (Pairing.household_id == Visit.household_id) & (Pairing.tie == Tie.EXCLUDED),
        )
        .where((Volunteer.active.is_(False)) | (TimeOff.id.is_not(None)) | (Pairing.id.is_not(None)))
    )
    for made, volunteer in rows:
        yield f"offer {made} stands for volunteer {volunteer}, who is away, has stopped or is not wanted there"


def deadlines_are_ahead(view: View) -> Iterator[str]:
    """Nobody is asked to answer before they were asked."""
    rows = select(Offer.id).join(Offer.visit).where(Visit.community_id == view.community, Offer.deadline < Offer.sent_at)
    for made in db.session.scalars(rows):
        yield f"offer {made} asks for an answer in the past"


def nobody_waits_for_yesterday(view: View) -> Iterator[str]:
    """No visit that can still be made waits for an answer about a day that is over."""
    past = Visit.offers.any((Offer.state == OfferState.SENT) & (Offer.day < clock.today()))
    for visit in db.session.scalars(select(Visit).where(Visit.community_id == view.community, Visit.state == VisitState.OFFERED, past)):
        if max(visit.days) >= clock.today().isoformat():
            yield f"visit {visit.id} waits for an answer about a day that is over"


def trips_can_be_carried(view: View) -> Iterator[str]:
    """A published trip is never more boxes than its volunteer carries, nor longer than the food stays hot."""
    boxes, last = func.sum(Visit.boxes), func.max(Offer.start + Visit.minutes)
    rows = db.session.execute(
        select(Round.id, Volunteer.boxes, boxes, Round.pickup, last, Canteen.hot, func.min(Offer.start))
        .join(Round.volunteer)
        .join(Round.canteen)
        .join(Round.offers)
        .join(Offer.visit)
        .where(Round.community_id == view.community, Round.day >= clock.today(), Round.picked_up_at.is_(None), Offer.state.in_(LIVE))
        .group_by(Round.id, Volunteer.boxes, Round.pickup, Canteen.hot)
    )
    for trip, carries, wanted, pickup, ends, hot, first in rows:
        if wanted > carries or ends - pickup > hot or first < pickup:
            yield f"trip {trip}: {wanted} boxes for {carries}, {ends - pickup} minutes for {hot}"


def holds_are_agreed_visits(view: View) -> Iterator[str]:
    """Minutes are held for visits that are agreed, under way or done, and for no others."""
    part, reversal = aliased(Transfer), aliased(Transfer)
    stands = ~select(reversal.seq).where(reversal.reverses == part.seq).exists()
    resolved = select(part.seq).where(part.hold_seq == Transfer.seq, stands).exists()
    held = set(
        db.session.scalars(
            select(Transfer.source).where(Transfer.community_id == view.community, Transfer.kind == TransferKind.HOLD, ~resolved)
        )
    )
    numbers = [int(source.split(":")[1]) for source in held]
    for visit in db.session.scalars(select(Visit).where(Visit.id.in_(numbers))):
        if visit.state not in {VisitState.ACCEPTED, VisitState.UNDER_WAY, VisitState.DONE}:
            yield f"minutes are held for {source_of(visit)}, which is {visit.state.value}"


def no_minute_twice(view: View) -> Iterator[str]:
    """No two records of one volunteer overlap, but for a visit made inside a trip; none has more minutes than it lasted."""
    one, other = aliased(ServiceRecord), aliased(ServiceRecord)
    rows = db.session.execute(
        select(one.id, other.id).where(
            one.community_id == view.community,
            one.day >= clock.today() - timedelta(days=1),
            one.volunteer_id == other.volunteer_id,
            one.id < other.id,
            one.current,
            other.current,
            one.minutes > 0,
            other.minutes > 0,
            one.started_at < other.ended_at,
            other.started_at < one.ended_at,
            or_((one.round_id.is_(None)) == (other.round_id.is_(None)), one.duty_id.is_not(None), other.duty_id.is_not(None)),
        )
    )
    for first, second in rows:
        yield f"records {first} and {second} overlap"
    recent = (ServiceRecord.community_id == view.community, ServiceRecord.current, ServiceRecord.day >= clock.today())
    for record in db.session.scalars(select(ServiceRecord).where(*recent)):
        if record.minutes > round((record.ended_at - record.started_at).total_seconds() / 60) + 1:
            yield f"record {record.id} has more minutes than it lasted"


def everybody_is_at_home(view: View) -> Iterator[str]:
    """No offer to come is for somebody who is not at home; a meal takes a box for each head that is."""
    for made in (each for week in view.weeks for each in week.live.values() if clock.at(each.day, each.start) > clock.now()):
        if made.outcome is None and not is_wanted(made.visit, made.day):
            yield f"offer {made.id} is for visit {made.visit_id}, where nobody is at home on {made.day}"
    for visit in (each for week in view.weeks for each in week.visits if each.state in TO_COME and each.boxes > 0):
        day = visit.day
        if day is not None and day >= clock.today() and boxes_on(visit.request, day) not in {0, visit.boxes}:
            yield f"visit {visit.id} takes {visit.boxes} boxes for {boxes_on(visit.request, day)} heads"


def nothing_is_unseen(view: View) -> Iterator[str]:
    """Every visit of today and tomorrow is accepted, asked, on the list of what needs somebody, or over: exactly one of them."""
    listed: dict[int, list[str]] = {}
    for line in cover.lines(view.community):
        for visit in line.visits:
            listed.setdefault(visit.id, []).append(line.state)
    days = (clock.today(), clock.today() + timedelta(days=1))
    names = {day.isoformat() for day in days}
    for week in view.weeks:
        going = Counter(number for (number, _who), made in week.live.items() if made.state is OfferState.ACCEPTED)
        for visit in (each for each in week.visits if each.state in BEFORE_DOOR):
            due = visit.day in days if visit.day else max(visit.days) in names
            seen = listed.get(visit.id, [])
            if due and going[visit.id] < visit.crew and len(seen) != 1:
                yield f"visit {visit.id} ({visit.state.value}) stands {len(seen)} times on the list"


def kitchen_counts_once(view: View) -> Iterator[str]:
    """The kitchen's sheet has as many boxes as Today counts, its trips as many as the phones fetch; each once."""
    evening = clock.now().hour >= EVENING_HOUR
    for day in (clock.today(), clock.today() + timedelta(days=1))[: 2 if evening else 1]:
        meals = meals_of(view.community, day)
        counted = cover.kitchen(view.community, day, meals)
        carried = sum(visit.boxes for visit, made in meals if made is not None)
        sheets = (kitchen_sheet(canteen, day, "zh", meals) for canteen in _canteens(view.community))
        packed = sum(portion.count for sheet in sheets for each in sheet.rounds for portion in each.portions)
        phones = db.session.scalar(
            select(func.coalesce(func.sum(Visit.boxes), 0))
            .select_from(Offer)
            .join(Offer.visit)
            .where(Visit.community_id == view.community, Offer.day == day, Offer.state == OfferState.ACCEPTED, Offer.round_id.is_not(None))
        )
        live = sum(visit.boxes for visit, made in meals if made is not None and made.state is OfferState.ACCEPTED)
        if not packed == counted.wanted >= carried:
            yield f"on {day} the kitchen packs {packed} boxes, Today counts {counted.wanted}, {carried} are carried"
        if phones != live:
            yield f"on {day} the phones fetch {phones} boxes of {live}"


def _canteens(community_id: int) -> list[Canteen]:
    """Return the canteens of a community."""
    return list(db.session.scalars(select(Canteen).where(Canteen.community_id == community_id)))


def nobody_is_in_two_places(view: View) -> Iterator[str]:
    """Whoever agreed to a duty to come still serves, is not away then, and has agreed to no visit at that time, its way counted in."""
    ahead = (Duty.community_id == view.community, Duty.day >= clock.today(), Duty.state == DutyState.AGREED)
    people = selectinload(Volunteer.time_off)
    duties = list(db.session.scalars(select(Duty).where(*ahead).options(joinedload(Duty.volunteer).options(people))))
    agreed = _agreed({each.volunteer_id for each in duties})
    for duty in duties:
        who = duty.volunteer
        if who is None or duty.begins <= clock.now():
            continue
        if not who.active or any(off.day == duty.day and off.start < duty.until and duty.start < off.end for off in who.time_off):
            yield f"duty {duty.id} stands for volunteer {who.id}, who is away or has stopped"
        for made, first, end in agreed.get((who.id, duty.day), ()):
            if first < duty.until + WAY_MINUTES and duty.start - WAY_MINUTES < end:
                yield f"volunteer {who.id} has agreed to duty {duty.id} and to offer {made} at one time"


def _agreed(people: set[int | None]) -> dict[tuple[int, date], list[tuple[int, int, int]]]:
    """Return what some people have agreed to from today on, by person and day: the offer, its first minute and its last."""
    found: dict[tuple[int, date], list[tuple[int, int, int]]] = {}
    columns = (Offer.volunteer_id, Offer.day, Offer.id, func.coalesce(Round.pickup, Offer.start), Offer.start + Visit.minutes)
    rows = select(*columns).join(Offer.visit).outerjoin(Offer.round)
    mine = (Offer.volunteer_id.in_(people), Offer.day >= clock.today(), Offer.state == OfferState.ACCEPTED)
    for who, day, made, first, end in db.session.execute(rows.where(*mine)):
        found.setdefault((who, day), []).append((made, first, end))
    return found


def duties_are_on_record_once(view: View) -> Iterator[str]:
    """Every duty that is confirmed has one record that stands, and no other duty has any."""
    stands = select(func.count()).where(ServiceRecord.duty_id == Duty.id, ServiceRecord.current).correlate(Duty).scalar_subquery()
    rows = db.session.execute(select(Duty.id, Duty.state, stands).where(Duty.community_id == view.community))
    for duty, state, count in rows:
        if count != (1 if state is DutyState.CONFIRMED else 0):
            yield f"duty {duty} is {state.value} with {count} records"


def the_plan_is_sound(view: View) -> Iterator[str]:
    """What is still to come of each plan breaks no rule of the engine."""
    for week in view.weeks:
        for breach in judged(week).breaches:
            yield f"plan of {week.plan.week}: {breach.rule}: {breach.en}"


def the_ledger_verifies(_view: View) -> Iterator[str]:
    """The ledger is whole, and every credit has its record."""
    report = verify()
    if not report.ok:
        yield f"the ledger: {report.en}"
    elif (unfounded := first_unfounded()) is not None:
        yield f"transfer {unfounded} has no service record behind it"


def _monday() -> date:
    """Return the Monday of this week."""
    return clock.monday_of(clock.today())


def _to_come(community_id: int, *columns: Any) -> Select[Any]:  # noqa: ANN401 - SQLAlchemy takes any column
    """Return the statement of offers that stand and have not begun, from this minute on."""
    now = clock.minute_of(clock.now())
    ahead = (Offer.day > clock.today()) | ((Offer.day == clock.today()) & (Offer.start > now))
    return (
        select(*columns)
        .select_from(Offer)
        .join(Offer.visit)
        .join(Household, Visit.household_id == Household.id)
        .where(Visit.community_id == community_id, Offer.state.in_(LIVE), Offer.started_at.is_(None), Offer.outcome.is_(None), ahead)
    )


QUICK: tuple[Check, ...] = (states_follow_offers, nobody_away_is_asked, deadlines_are_ahead, trips_can_be_carried)
WHOLE: tuple[Check, ...] = (
    *QUICK,
    everybody_is_at_home,
    nothing_is_unseen,
    nobody_waits_for_yesterday,
    kitchen_counts_once,
    holds_are_agreed_visits,
    nobody_is_in_two_places,
    the_plan_is_sound,
)
EVENING: tuple[Check, ...] = (*WHOLE, no_minute_twice, duties_are_on_record_once, the_ledger_verifies)


def view(checks: tuple[Check, ...], community_id: int) -> View:
    """Return what some checks look at, read now; the quick ones read what they need themselves."""
    plans = [each for each in queries.weeks(community_id) if each.week >= _monday()] if set(checks) - set(QUICK) else []
    return View(community_id, tuple(map(scene, plans)))


def broken(checks: tuple[Check, ...], seen: View) -> list[str]:
    """Return everything that some checks find broken, each with the name of its check."""
    return [f"{check.__name__}: {said}" for check in checks for said in check(seen)]
