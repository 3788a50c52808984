"""Reads of visits for the office: the register of requests, what a door has seen, what a volunteer does, who is to be called."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from timebank import clock
from timebank.db import db
from timebank.elders.models import Elder, Household
from timebank.places.models import Building
from timebank.visits.models import (
    HelpRequest,
    LateMeal,
    Offer,
    OfferState,
    Pairing,
    RequestState,
    Round,
    ServiceRecord,
    Visit,
    VisitState,
)
from timebank.visits.states import BEFORE_DOOR, LIVE
from timebank.volunteers.models import Volunteer

SHOWN = 200


def requests(community_id: int, state: RequestState | None, words: str = "") -> list[HelpRequest]:
    """Return the requests of a community in a state (None = all), new ones oldest first, others newest first."""
    rows = (
        select(HelpRequest)
        .outerjoin(HelpRequest.elder)
        .where(HelpRequest.community_id == community_id)
        .options(
            joinedload(HelpRequest.kind),
            contains_eager(HelpRequest.elder),
            joinedload(HelpRequest.household).joinedload(Household.building).joinedload(Building.compound),
            joinedload(HelpRequest.household).selectinload(Household.elders),
        )
    )
    if state is not None:
        rows = rows.where(_stands() == state.value)
    for word in words.split():
        homes = select(Elder.household_id).where(Elder.community_id == community_id, Elder.name.icontains(word, autoescape=True))
        rows = rows.where(or_(HelpRequest.household_id.in_(homes), HelpRequest.number.icontains(word, autoescape=True)))
    newest = state is not RequestState.NEW
    order = (HelpRequest.asked_at.desc(), HelpRequest.id.desc()) if newest else (HelpRequest.asked_at, HelpRequest.id)
    return list(db.session.scalars(rows.order_by(*order).limit(SHOWN)).unique())


def counts(community_id: int) -> dict[RequestState, int]:
    """Return how many requests of a community are in each state."""
    each = select(_stands().label("stands")).where(HelpRequest.community_id == community_id).subquery()
    rows = db.session.execute(select(each.c.stands, func.count()).group_by(each.c.stands))
    return {RequestState(state): int(count) for state, count in rows}


def undecided(community_id: int) -> ScalarSelect[int]:
    """Return how many requests wait for somebody to decide as part of a wider read."""
    mine = (HelpRequest.community_id == community_id, HelpRequest.state == RequestState.NEW)
    return select(func.count()).select_from(HelpRequest).where(*mine).scalar_subquery()


def _stands() -> ColumnElement[str]:
    """Return the state of a request as of today: an accepted one whose last day is past has ended."""
    over = and_(HelpRequest.state == RequestState.ACCEPTED, HelpRequest.last_day < clock.today())
    return case((over, literal(RequestState.ENDED.value)), else_=cast(HelpRequest.state, String))


def state_of(asked: HelpRequest) -> RequestState:
    """Return how a request stands as of today: an accepted one whose last day is past has ended."""
    over = asked.state is RequestState.ACCEPTED and asked.last_day is not None and asked.last_day < clock.today()
    return RequestState.ENDED if over else asked.state


def late_meals(community_id: int, home: Household | None = None) -> list[LateMeal]:
    """Return the boxes nobody has settled yet, of a community or of one door: those the kitchen had not counted with, or in vain."""
    rows = select(LateMeal).where(LateMeal.community_id == community_id, LateMeal.settled_at.is_(None)).join(LateMeal.visit)
    if home is not None:
        rows = rows.where(Visit.household_id == home.id)
    return list(db.session.scalars(rows.options(contains_eager(LateMeal.visit)).order_by(LateMeal.day, LateMeal.id)))


def late_meal_of(community_id: int, late_id: int) -> LateMeal | None:
    """Return boxes of a community that were ordered or dropped late."""
    return db.session.scalars(select(LateMeal).where(LateMeal.community_id == community_id, LateMeal.id == late_id)).first()


def meals_to_come(home: Household) -> list[Visit]:
    """Return the meals of a door from today on that nobody has brought yet."""
    rows = select(Visit).where(Visit.household_id == home.id, Visit.canteen_id.is_not(None), Visit.state.in_(BEFORE_DOOR))
    return [each for each in db.session.scalars(rows.order_by(Visit.occurrence)) if max(each.days) >= clock.today().isoformat()]


def needs_of(home: Household) -> list[HelpRequest]:
    """Return what a household has asked for and has not ended, standing needs first."""
    going = (RequestState.NEW, RequestState.ACCEPTED)
    rows = db.session.scalars(
        select(HelpRequest).where(HelpRequest.household_id == home.id, HelpRequest.state.in_(going)).options(joinedload(HelpRequest.kind))
    )
    found = [each for each in rows if each.last_day is None or each.last_day >= clock.today()]
    return sorted(found, key=lambda each: (each.pattern.value == "once", each.kind.position, each.id))


def visits_at(home: Household, *, limit: int = 30) -> list[Visit]:
    """Return the visits of a door that have a day, the latest first."""
    return list(
        db.session.scalars(
            select(Visit)
            .where(Visit.household_id == home.id, Visit.day.is_not(None), Visit.state.not_in((VisitState.OPEN, VisitState.CANCELLED)))
            .options(joinedload(Visit.kind), selectinload(Visit.offers).joinedload(Offer.volunteer), joinedload(Visit.confirmation))
            .order_by(Visit.day.desc(), Visit.start.desc())
            .limit(limit)
        )
    )


def ties_of(home: Household) -> list[tuple[Pairing, Volunteer]]:
    """Return who is usual at a door and who must not be sent there."""
    rows = select(Pairing, Volunteer).join(Volunteer, Volunteer.id == Pairing.volunteer_id).where(Pairing.household_id == home.id)
    return [(pairing, volunteer) for pairing, volunteer in db.session.execute(rows.order_by(Pairing.tie.desc(), Volunteer.sort_key))]


def tie_of(home: Household, pairing_id: int) -> Pairing | None:
    """Return a tie of this very door."""
    return db.session.scalars(select(Pairing).where(Pairing.id == pairing_id, Pairing.household_id == home.id)).first()


def coming_up(volunteer: Volunteer, last: date, community_id: int) -> list[Offer]:
    """Return what a community asks a volunteer to do from today to a day, in order."""
    mine = (Offer.volunteer_id == volunteer.id, Offer.day >= clock.today(), Offer.day <= last, Offer.state.in_(LIVE))
    return list(db.session.scalars(_offers().join(Offer.visit).where(*mine, Visit.community_id == community_id)))


def _offers() -> Select[Offer]:
    """Return the statement that loads offers with what the office's lists show of them."""
    visit = joinedload(Offer.visit)
    return (
        select(Offer)
        .options(
            visit.joinedload(Visit.kind),
            visit.joinedload(Visit.request),
            visit.joinedload(Visit.household).joinedload(Household.building).joinedload(Building.compound),
            visit.joinedload(Visit.household).selectinload(Household.elders),
            joinedload(Offer.volunteer),
            joinedload(Offer.round),
        )
        .order_by(Offer.day, Offer.start, Offer.id)
    )


def call_list(community_id: int) -> list[Offer]:
    """Return the offers to ask about by telephone: not answered in time, or made to somebody without a phone; nothing that is past."""
    rows = db.session.scalars(
        _offers()
        .join(Offer.visit)
        .join(Offer.volunteer)
        .where(
            Visit.community_id == community_id,
            Offer.state == OfferState.SENT,
            Offer.day >= clock.today(),
            or_(Offer.deadline < clock.now(), Volunteer.has_phone.is_(False)),
        )
    )
    return [made for made in rows if clock.at(made.day, made.start) > clock.now()]


def records_of(volunteer: Volunteer, *, limit: int = 12) -> list[ServiceRecord]:
    """Return the last records of a volunteer."""
    return list(
        db.session.scalars(
            select(ServiceRecord)
            .where(ServiceRecord.volunteer_id == volunteer.id, ServiceRecord.current)
            .options(joinedload(ServiceRecord.kind))
            .order_by(ServiceRecord.day.desc(), ServiceRecord.started_at.desc())
            .limit(limit)
        )
    )


def records_confirmed_since(community_id: int, since: date) -> list[ServiceRecord]:
    """Return the records of a community written since a day, the latest first."""
    return list(
        db.session.scalars(
            select(ServiceRecord)
            .where(ServiceRecord.community_id == community_id, ServiceRecord.current, ServiceRecord.created_at >= clock.at(since, 0))
            .options(joinedload(ServiceRecord.kind), joinedload(ServiceRecord.volunteer))
            .order_by(ServiceRecord.created_at.desc(), ServiceRecord.id.desc())
            .limit(SHOWN)
        )
    )


def week_minutes(community_id: int, monday: date) -> dict[int, int]:
    """Return the minutes each volunteer was asked for in a week: a round from pick-up to its last door, a visit its own."""
    rows = db.session.execute(
        select(Offer.volunteer_id, Offer.round_id, Offer.start, Visit.minutes, Round.pickup)
        .join(Offer.visit)
        .outerjoin(Offer.round)
        .where(Visit.community_id == community_id, Offer.day >= monday, Offer.day < monday + timedelta(days=7), Offer.state.in_(LIVE))
    )
    total: dict[int, int] = {}
    rounds: dict[tuple[int, int], tuple[int, int]] = {}
    for volunteer, round_id, start, minutes, pickup in rows:
        if round_id is None:
            total[volunteer] = total.get(volunteer, 0) + minutes
            continue
        known = rounds.get((volunteer, round_id), (pickup, 0))
        rounds[volunteer, round_id] = (pickup, max(known[1], start + minutes))
    for (volunteer, _), (pickup, end) in rounds.items():
        total[volunteer] = total.get(volunteer, 0) + max(end - pickup, 0)
    return total


def same_record(record: ServiceRecord) -> ColumnElement[bool]:
    """Return the condition that finds every version of a record: of the same volunteer, from the same visit, round, duty or entry."""
    if record.visit_id is not None:
        source = ServiceRecord.visit_id == record.visit_id
    elif record.round_id is not None:
        source = ServiceRecord.round_id == record.round_id
    elif record.duty_id is not None:
        source = ServiceRecord.duty_id == record.duty_id
    else:
        source = ServiceRecord.entry_id == record.entry_id
    return and_(ServiceRecord.volunteer_id == record.volunteer_id, source)


def source(record: ServiceRecord) -> tuple[int, int | None, int | None, int | None, int | None]:
    """Return what every version of a record has in common and no other record has."""
    return record.volunteer_id, record.visit_id, record.round_id, record.entry_id, record.duty_id


def versions_of(record: ServiceRecord) -> list[ServiceRecord]:
    """Return every version of a record, the first one first."""
    rows = select(ServiceRecord).where(same_record(record)).options(joinedload(ServiceRecord.confirmer))
    return list(db.session.scalars(rows.order_by(ServiceRecord.version)))


def records_of_visit(visit: Visit) -> list[ServiceRecord]:
    """Return what came on record for a visit: a record for each of its crew, or that of the round a meal went with."""
    rounds = [made.round_id for made in visit.offers if made.round_id is not None and made.state is OfferState.ACCEPTED]
    rows = select(ServiceRecord).where(or_(ServiceRecord.visit_id == visit.id, ServiceRecord.round_id.in_(rounds)), ServiceRecord.current)
    whole = (joinedload(ServiceRecord.kind), joinedload(ServiceRecord.volunteer), joinedload(ServiceRecord.entry))
    return list(db.session.scalars(rows.options(*whole).order_by(ServiceRecord.id)))
