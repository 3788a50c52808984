"""Reads of visits; every query is narrowed to a community or to a person."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import defer, joinedload, selectinload

from timebank import clock
from timebank.access.models import User
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember, Household
from timebank.places.models import Building
from timebank.visits.models import (
    Alert,
    HelpRequest,
    LateMeal,
    Offer,
    OfferState,
    Pairing,
    RequestState,
    Round,
    ServiceRecord,
    Tie,
    Visit,
    VisitState,
)
from timebank.visits.states import LIVE, SERVED, Why
from timebank.volunteers.models import Volunteer
from timebank.volunteers.sight import EVERYTHING, Sight

Meals = list[tuple[Visit, Offer | None]]
DOOR_BEFORE = timedelta(hours=24)
DOOR_AFTER = timedelta(hours=2)
NEAR = timedelta(days=21)


def inbox(community_id: int) -> list[HelpRequest]:
    """Return the requests nobody has decided on, oldest first."""
    return list(
        db.session.scalars(
            select(HelpRequest)
            .where(HelpRequest.community_id == community_id, HelpRequest.state == RequestState.NEW)
            .options(joinedload(HelpRequest.kind), joinedload(HelpRequest.elder))
            .order_by(HelpRequest.asked_at, HelpRequest.id)
        )
    )


def request_of(community_id: int, request_id: int) -> HelpRequest | None:
    """Return a request of a community."""
    return db.session.scalars(select(HelpRequest).where(HelpRequest.community_id == community_id, HelpRequest.id == request_id)).first()


def requests_of_user(user: User) -> list[HelpRequest]:
    """Return what a family member asked for or may follow because they speak for the elder, newest first."""
    mine = select(FamilyMember.elder_id).where(FamilyMember.user_id == user.id, FamilyMember.approved_at.is_not(None))
    homes = select(Elder.household_id).where(Elder.id.in_(mine))
    of_home = and_(HelpRequest.elder_id.is_(None), HelpRequest.household_id.in_(homes))
    return list(
        db.session.scalars(
            select(HelpRequest)
            .where(or_(HelpRequest.asked_by == user.id, HelpRequest.elder_id.in_(mine), of_home))
            .options(joinedload(HelpRequest.kind))
            .order_by(HelpRequest.asked_at.desc(), HelpRequest.id.desc())
        )
    )


def elders_of_user(user: User) -> list[Elder]:
    """Return the elders a family member may speak for."""
    return list(
        db.session.scalars(
            select(Elder)
            .join(FamilyMember)
            .where(FamilyMember.user_id == user.id, FamilyMember.approved_at.is_not(None))
            .options(joinedload(Elder.household).joinedload(Household.building), joinedload(Elder.pauses))
            .order_by(Elder.id)
        ).unique()
    )


def visits_of_user(user: User, *, called_off: bool = False) -> list[Visit]:
    """Return the visits a family may follow: of their requests and of their elders, by day; those called off only if they are asked for."""
    requests = [request.id for request in requests_of_user(user)]
    households = [elder.household_id for elder in elders_of_user(user)]
    return list(
        db.session.scalars(
            _whole_visits()
            .where(
                or_(Visit.request_id.in_(requests), Visit.household_id.in_(households)),
                true() if called_off else Visit.state != VisitState.CANCELLED,
            )
            .order_by(func.coalesce(Visit.day, Visit.occurrence), Visit.start, Visit.id)
        )
    )


def visits_at_doors(homes: set[int]) -> list[Visit]:
    """Return the visits of some doors of the last and the coming weeks, those called off too, by day."""
    since = clock.today() - NEAR
    rows = _whole_visits().where(Visit.household_id.in_(homes), Visit.occurrence >= since)
    return list(db.session.scalars(rows.order_by(func.coalesce(Visit.day, Visit.occurrence), Visit.start, Visit.id)))


def visit_of_user(user: User, visit_id: int) -> Visit | None:
    """Return a visit a family may follow, also one that was called off."""
    return next((visit for visit in visits_of_user(user, called_off=True) if visit.id == visit_id), None)


def visit_of(community_id: int, visit_id: int) -> Visit | None:
    """Return a visit of a community."""
    return db.session.scalars(_whole_visits().where(Visit.community_id == community_id, Visit.id == visit_id)).first()


@cache
def _whole_visits() -> Select[Visit]:
    """Return the statement that loads visits with what pages show of them."""
    return select(Visit).options(
        joinedload(Visit.kind),
        joinedload(Visit.household).joinedload(Household.building).joinedload(Building.compound),
        joinedload(Visit.household).selectinload(Household.elders).joinedload(Elder.pauses),
        selectinload(Visit.offers).joinedload(Offer.volunteer),
        joinedload(Visit.request).joinedload(HelpRequest.household),
    )


@cache
def _whole_offers() -> Select[Offer]:
    """Return the statement that loads offers with what pages show of them."""
    visit = joinedload(Offer.visit)
    return select(Offer).options(
        visit.joinedload(Visit.kind),
        visit.joinedload(Visit.household).joinedload(Household.building).joinedload(Building.compound),
        visit.joinedload(Visit.household).selectinload(Household.elders).joinedload(Elder.pauses),
        visit.joinedload(Visit.request).joinedload(HelpRequest.household),
        joinedload(Offer.volunteer),
        joinedload(Offer.round),
    )


def offers_of(volunteer: Volunteer, first: date, last: date) -> list[Offer]:
    """Return a volunteer's live offers of some days, in the order of the day."""
    return list(
        db.session.scalars(
            _whole_offers()
            .where(Offer.volunteer_id == volunteer.id, Offer.day >= first, Offer.day <= last, Offer.state.in_(LIVE))
            .order_by(Offer.day, Offer.start, Offer.id)
        )
    )


def live_offers_of(volunteer: Volunteer, first: date, last: date) -> list[Offer]:
    """Return a volunteer's live offers of some days that nobody has begun, in the order of the day."""
    return [each for each in offers_of(volunteer, first, last) if each.started_at is None and each.outcome is None]


def offer_of(volunteer: Volunteer, offer_id: int) -> Offer | None:
    """Return an offer made to this very volunteer."""
    return db.session.scalars(_whole_offers().where(Offer.id == offer_id, Offer.volunteer_id == volunteer.id)).first()


def offer_in(community_id: int, offer_id: int) -> Offer | None:
    """Return an offer of a community."""
    return db.session.scalars(_whole_offers().join(Offer.visit).where(Offer.id == offer_id, Visit.community_id == community_id)).first()


def round_of(volunteer: Volunteer, round_id: int) -> Round | None:
    """Return a meal round of this very volunteer."""
    return db.session.scalars(select(Round).where(Round.id == round_id, Round.volunteer_id == volunteer.id)).first()


def round_in(community_id: int, round_id: int) -> Round | None:
    """Return a meal round of a community."""
    return db.session.scalars(select(Round).where(Round.id == round_id, Round.community_id == community_id)).first()


def sees(sight: Sight, visit: Visit, offers: Iterable[Offer]) -> bool:
    """Say whether a visit, as far as these offers of it go, is among what a reader looks after."""
    return sight.whole or sight.sees(((made.volunteer_id, made.day) for made in offers), visit.household.building_id, visit.canteen_id)


def day_offers(community_id: int, day: date, sight: Sight = EVERYTHING) -> list[Offer]:
    """Return all live offers of a community's day that a reader sees."""
    rows = db.session.scalars(
        _whole_offers()
        .join(Offer.visit)
        .where(Visit.community_id == community_id, Offer.day == day, Offer.state.in_(LIVE))
        .order_by(Offer.start, Offer.id)
    )
    return [made for made in rows if sees(sight, made.visit, [made])]


def meals_of(community_id: int, day: date, sight: Sight = EVERYTHING, *, bare: bool = False) -> Meals:
    """Return every meal of a day that is not called off, once, with the offer it is carried by: agreed, else asked first, else none.

    A meal that is nobody's stays among them until somebody decides that it is not needed. ``bare`` is for whoever only counts them.
    """
    rows = db.session.scalars(
        (bare_visits() if bare else lean_visits().options(selectinload(Visit.offers).joinedload(Offer.round)))
        .where(
            Visit.community_id == community_id,
            Visit.week == clock.monday_of(day),
            or_(Visit.day == day, Visit.day.is_(None)),
            Visit.canteen_id.is_not(None),
            Visit.state != VisitState.CANCELLED,
        )
        .order_by(Visit.id)
    ).unique()
    found = []
    for visit in rows:
        if (visit.day or date.fromisoformat(visit.days[0])) == day:
            live = sorted((each for each in visit.offers if each.state in LIVE), key=lambda each: (each.state is OfferState.SENT, each.id))
            found.append((visit, live[0] if live else None))
    return [(visit, made) for visit, made in found if sees(sight, visit, [made] if made else [])]


def live_offers(community_id: int, monday: date) -> list[Offer]:
    """Return all live offers of a community's week."""
    return list(
        db.session.scalars(
            _whole_offers()
            .join(Offer.visit)
            .where(Visit.community_id == community_id, Visit.week == monday, Offer.state.in_(LIVE))
            .order_by(Offer.day, Offer.start, Offer.id)
        )
    )


def declined(community_id: int, monday: date) -> list[Offer]:
    """Return the declined offers of a week, newest first."""
    return list(
        db.session.scalars(
            _whole_offers()
            .join(Offer.visit)
            .where(Visit.community_id == community_id, Visit.week == monday, Offer.state == OfferState.DECLINED)
            .order_by(Offer.answered_at.desc())
        )
    )


def alerts(community_id: int, sight: Sight = EVERYTHING) -> list[Alert]:
    """Return the alerts nobody has closed that a reader sees, oldest first."""
    visit = joinedload(Alert.offer).joinedload(Offer.visit)
    home = visit.joinedload(Visit.household)
    told = select(Alert).options(
        joinedload(Alert.offer).options(joinedload(Offer.volunteer), joinedload(Offer.round)),
        visit.options(joinedload(Visit.kind), joinedload(Visit.request)),
        home.options(joinedload(Household.building), selectinload(Household.elders).joinedload(Elder.pauses)),
    )
    rows = db.session.scalars(told.where(Alert.community_id == community_id, Alert.closed_at.is_(None)).order_by(Alert.raised_at))
    return [each for each in rows if sees(sight, each.offer.visit, [each.offer])]


def alert_of(community_id: int, alert_id: int) -> Alert | None:
    """Return an alert of a community."""
    return db.session.scalars(select(Alert).where(Alert.community_id == community_id, Alert.id == alert_id)).first()


def alerts_of(volunteer: Volunteer, *, closed: bool = False) -> list[Alert]:
    """Return a volunteer's own alarms that nobody has closed, newest first; the closed ones too where they are asked for."""
    mine = select(Alert).join(Alert.offer).where(Offer.volunteer_id == volunteer.id)
    return list(db.session.scalars((mine if closed else mine.where(Alert.closed_at.is_(None))).order_by(Alert.raised_at.desc(), Alert.id)))


def late_meal_of(community_id: int, late_id: int, sight: Sight = EVERYTHING) -> LateMeal | None:
    """Return a meal that was changed after its kitchen had closed, if the reader sees it."""
    late = db.session.scalars(select(LateMeal).where(LateMeal.community_id == community_id, LateMeal.id == late_id)).first()
    return late if late is not None and sees(sight, late.visit, late.visit.offers) else None


def unanswered(community_id: int) -> list[Offer]:
    """Return the offers whose deadline has passed without an answer: the call list."""
    return list(
        db.session.scalars(
            _whole_offers()
            .join(Offer.visit)
            .where(
                Visit.community_id == community_id,
                Offer.state == OfferState.SENT,
                Offer.deadline < clock.now(),
                Offer.day >= clock.today(),
            )
            .order_by(Offer.day, Offer.start)
        )
    )


def unconfirmed(community_id: int) -> tuple[list[Visit], list[Round]]:
    """Return the timed visits and the finished rounds that wait for a confirmation, oldest first."""
    visits = db.session.scalars(
        _whole_visits()
        .where(Visit.community_id == community_id, Visit.state == VisitState.DONE, Visit.canteen_id.is_(None))
        .order_by(Visit.day, Visit.start)
    )
    rounds = db.session.scalars(
        select(Round)
        .options(joinedload(Round.volunteer), selectinload(Round.offers).joinedload(Offer.visit))
        .where(Round.community_id == community_id, Round.confirmed_at.is_(None), Round.picked_up_at.is_not(None))
        .order_by(Round.day, Round.id)
    )
    finished = [each for each in rounds if all(offer.outcome for offer in each.offers if offer.state is OfferState.ACCEPTED)]
    return list(visits), finished


def doubted(community_id: int) -> int:
    """Return how many visits a family has objected to and nobody has settled yet."""
    waits = (Visit.community_id == community_id, Visit.state == VisitState.DONE, Visit.doubted_at.is_not(None))
    return db.session.scalar(select(func.count()).select_from(Visit).where(*waits)) or 0


def ties(community_id: int) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """Return the usual and the excluded volunteers of each household."""
    usual: dict[int, set[int]] = {}
    excluded: dict[int, set[int]] = {}
    rows = db.session.scalars(
        select(Pairing).join(Household, Pairing.household_id == Household.id).where(Household.community_id == community_id)
    )
    for row in rows:
        (usual if row.tie is Tie.USUAL else excluded).setdefault(row.household_id, set()).add(row.volunteer_id)
    return usual, excluded


def has_served(community_id: int) -> set[tuple[int, int]]:
    """Return the (household, volunteer) pairs that have met at a door before."""
    rows = db.session.execute(
        select(Visit.household_id, Offer.volunteer_id)
        .join(Offer.visit)
        .where(Visit.community_id == community_id, Offer.outcome.in_(SERVED))
        .distinct()
    )
    return {(household, volunteer) for household, volunteer in rows}


def times_served(community_id: int, homes: set[int]) -> dict[tuple[int, int], int]:
    """Return how often each volunteer has served at some doors, by (household, volunteer)."""
    rows = db.session.execute(
        select(Visit.household_id, Offer.volunteer_id, func.count())
        .join(Offer.visit)
        .where(Visit.community_id == community_id, Visit.household_id.in_(homes), Offer.outcome.in_(SERVED))
        .group_by(Visit.household_id, Offer.volunteer_id)
    )
    return {(home, volunteer): int(times) for home, volunteer, times in rows}


@cache
def bare_visits() -> Select[Visit]:
    """Return the statement that loads visits with who was asked and what they answered, and nothing else: neither door nor person."""
    offers = selectinload(Visit.offers).options(joinedload(Offer.round), defer(Offer.outcome_note), defer(Offer.entered_reason))
    return select(Visit).options(defer(Visit.doubt), offers)


@cache
def lean_visits() -> Select[Visit]:
    """Return the statement that loads visits with all a plan needs of them: who is at home, where, what kind; nothing sealed."""
    request, home = joinedload(Visit.request), joinedload(Visit.household)
    asked = request.joinedload(HelpRequest.household)
    elders = home.selectinload(Household.elders)
    return select(Visit).options(
        defer(Visit.doubt),
        joinedload(Visit.kind),
        request.options(defer(HelpRequest.note), defer(HelpRequest.for_name), defer(HelpRequest.for_address)),
        request.joinedload(HelpRequest.elder).options(defer(Elder.diet), defer(Elder.care_note)).selectinload(Elder.pauses),
        asked.options(defer(Household.door), defer(Household.door_note)),
        home.options(defer(Household.door), defer(Household.door_note)),
        home.joinedload(Household.building),
        elders.options(defer(Elder.diet), defer(Elder.care_note)).selectinload(Elder.pauses),
    )


def is_lost(made: Offer) -> bool:
    """Say whether an offer stands no more for a reason of life, not because the plan was made anew."""
    return made.state not in LIVE and made.reason != Why.REPLANNED.value


def minutes_by_day(community_id: int, monday: date) -> dict[int, dict[date, int]]:
    """Return the recorded minutes of each volunteer on each day of a week."""
    rows = db.session.execute(
        select(ServiceRecord.volunteer_id, ServiceRecord.day, func.sum(ServiceRecord.minutes))
        .where(
            ServiceRecord.community_id == community_id,
            ServiceRecord.current,
            ServiceRecord.day >= monday,
            ServiceRecord.day < monday + timedelta(days=7),
        )
        .group_by(ServiceRecord.volunteer_id, ServiceRecord.day)
    )
    found: dict[int, dict[date, int]] = {}
    for volunteer, day, minutes in rows:
        found.setdefault(volunteer, {})[day] = int(minutes)
    return found


def rows(offers: Iterable[Offer]) -> int:
    """Return how many rows offers make for whoever answers them: a round is one."""
    return len({(each.round_id, None) if each.round_id else (None, each.id) for each in offers})


def shows_door(made: Offer) -> bool:
    """Say whether a volunteer may see the door, the note and the telephone now: accepted, and around the visit only."""
    begins = clock.at(made.day, made.start)
    around = begins - DOOR_BEFORE <= clock.now() <= begins + timedelta(minutes=made.visit.minutes) + DOOR_AFTER
    return made.state is OfferState.ACCEPTED and around
