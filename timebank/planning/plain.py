"""A week's rows in plain form: what the planner and the pages read of visits, people, answers and the plan, each table once.

Thousands of stored objects take seconds to build, plain ones a tenth of it. They carry the names of the stored rows' fields, so that
the same rules read both, and only what planning needs; they are read and never written: whoever changes something loads the row itself.
How many questions it takes does not depend on how large the week is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Executable, select
from sqlalchemy.orm import joinedload

from timebank.access.models import User
from timebank.catalogue.models import ServiceKind, Skill
from timebank.db import db
from timebank.elders.models import Elder, ElderState, Household, Pause
from timebank.places.models import Building, Compound
from timebank.planning.models import Assignment, Plan
from timebank.visits.models import HelpRequest, Offer, OfferState, Outcome, Round, Trust, Visit, VisitState
from timebank.volunteers.lent import serves
from timebank.volunteers.models import Availability, Gender, HeldSkill, TimeOff, Travel, Unit, Volunteer


@dataclass(slots=True)
class PlainElder:
    """Somebody behind a door."""

    id: int
    household_id: int
    name: str
    state: ElderState
    pauses: list[Pause] = field(default_factory=list)


@dataclass(slots=True)
class PlainDoor:
    """One door with its entrance and who lives there."""

    id: int
    building_id: int
    entrance: str
    floor: int
    building: Building
    elders: list[PlainElder] = field(default_factory=list)


@dataclass(slots=True)
class PlainRequest:
    """What a visit was asked for: whom it is for, how many boxes, and whether it is needed now."""

    id: int
    elder: PlainElder | None
    household: PlainDoor | None
    eaters: list[Any]
    boxes: int
    urgent: bool


@dataclass(slots=True)
class PlainVisit:
    """One visit of the week."""

    id: int
    community_id: int
    week: date
    request_id: int
    household_id: int
    kind_id: int
    days: list[Any]
    window_from: int
    window_to: int
    minutes: int
    crew: int
    weight: int
    gender: str
    canteen_id: int | None
    boxes: int
    state: VisitState
    day: date | None
    start: int | None
    request: PlainRequest
    household: PlainDoor
    kind: ServiceKind


@dataclass(slots=True)
class PlainSkill:
    """A skill somebody holds, until a day."""

    skill: Skill
    expires: date | None


@dataclass(slots=True)
class PlainUser:
    """Whose messages somebody reads, and in which language."""

    id: int
    locale: str


@dataclass(slots=True)
class PlainPerson:
    """A volunteer with their week."""

    id: int
    community_id: int
    user_id: int | None
    unit_id: int | None
    number: str
    name: str
    sort_key: str
    phone: str
    has_phone: bool
    gender: Gender | None
    lat: float
    lon: float
    travel: Travel
    boxes: int
    radius: int | None
    max_day: int
    max_week: int
    staff: bool
    insured_until: date | None
    standby_until: datetime | None
    active: bool
    unit: Unit | None
    user: PlainUser | None
    skills: list[PlainSkill] = field(default_factory=list)
    availability: list[Any] = field(default_factory=list)
    time_off: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class PlainRound:
    """The trip a meal was promised with."""

    id: int
    canteen_id: int
    pickup: int
    picked_up_at: datetime | None


@dataclass(slots=True)
class PlainOffer:
    """What somebody was asked, and what they answered and did."""

    id: int
    visit_id: int
    volunteer_id: int
    round_id: int | None
    day: date
    start: int
    state: OfferState
    answered_by: Trust | None
    reason: str
    answered_at: datetime | None
    over_at: datetime | None
    asked_by: int | None
    started_at: datetime | None
    outcome: Outcome | None
    round: PlainRound | None
    visit: PlainVisit
    volunteer: PlainPerson


@dataclass(slots=True)
class PlainAssignment:
    """One line of the plan."""

    id: int
    plan_id: int
    visit_id: int
    volunteer_id: int
    day: date
    window: int
    start: int
    pickup: int | None
    pinned: bool
    made_at: datetime
    visit: PlainVisit
    volunteer: PlainPerson


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a plan's week, under the names of the stored ones: visits, active volunteers, the last offers, the plan's lines, all houses."""

    houses: list[Building]
    visits: list[Visit]
    volunteers: list[Volunteer]
    offers: dict[tuple[int, int], Offer]
    assignments: list[Assignment]
    declined: dict[int, set[int]]


def rows(plan: Plan) -> Rows:
    """Read the rows of a plan's week.

    Lines and offers of visits that are called off are left out; the last offer of each visit and volunteer is kept, and whoever
    declined a visit at any time is in ``declined``.
    """
    houses = _houses(plan.community_id)
    found = _visits(plan, houses)
    people = _people(plan)
    offers, declined = _offers(plan, found, people)
    return Rows(
        list(houses.values()),
        cast("list[Visit]", list(found.values())),
        cast("list[Volunteer]", [each for each in people.values() if each.active]),
        cast("dict[tuple[int, int], Offer]", offers),
        cast("list[Assignment]", _assignments(plan, found, people)),
        declined,
    )


def _read(statement: Executable) -> list[Any]:
    """Return the rows of a statement as they come."""
    return list(db.session.execute(statement))


def _houses(community_id: int) -> dict[int, Building]:
    """Read the buildings of a community, by compound and name."""
    mine = select(Building).join(Building.compound).where(Compound.community_id == community_id)
    rows = mine.options(joinedload(Building.compound)).order_by(Compound.name, Building.name)
    return {each.id: each for each in db.session.scalars(rows)}


def _visits(plan: Plan, houses: dict[int, Building]) -> dict[int, PlainVisit]:
    """Read the visits of a week that are not called off, with their doors and kinds, each of these once."""
    mine = (Visit.community_id == plan.community_id, Visit.week == plan.week, Visit.state != VisitState.CANCELLED)
    doors, elders = _doors(plan.community_id, houses)
    kinds = {each.id: each for each in db.session.scalars(select(ServiceKind))}
    columns = (
        *(Visit.id, Visit.community_id, Visit.week, Visit.request_id, Visit.household_id, Visit.kind_id, Visit.days),
        *(Visit.window_from, Visit.window_to, Visit.minutes, Visit.crew, Visit.weight, Visit.gender, Visit.canteen_id, Visit.boxes),
        *(Visit.state, Visit.day, Visit.start),
    )
    about = (HelpRequest.id, HelpRequest.elder_id, HelpRequest.household_id, HelpRequest.eaters, HelpRequest.boxes, HelpRequest.urgent)
    needs = select(*about).where(HelpRequest.id.in_(select(Visit.request_id).where(*mine)))
    asked = {each.id: PlainRequest(each[0], elders.get(each[1]), doors.get(each[2]), *each[3:]) for each in _read(needs)}
    rows = _read(select(*columns).where(*mine).order_by(Visit.id))
    return {row[0]: PlainVisit(*(*row, asked[row[3]], doors[row[4]], kinds[row[5]])) for row in rows}


def _doors(community_id: int, houses: dict[int, Building]) -> tuple[dict[int, PlainDoor], dict[int, PlainElder]]:
    """Read the doors of a community with who lives there and when they are away, all at once."""
    home = (Household.id, Household.building_id, Household.entrance, Household.floor)
    own = (Elder.id, Elder.household_id, Elder.name, Elder.state)
    lived = (
        select(*home, *own, Pause)
        .outerjoin(Household.elders)
        .outerjoin(Pause, Pause.elder_id == Elder.id)
        .where(Household.community_id == community_id)
        .order_by(Household.id, Elder.id)
    )
    doors: dict[int, PlainDoor] = {}
    elders: dict[int, PlainElder] = {}
    for row in _read(lived):
        number, who, pause = row[0], row[4], row[8]
        if number not in doors:
            doors[number] = PlainDoor(*(*row[:4], houses[row[1]]))
        if who is not None and who not in elders:
            elders[who] = PlainElder(*row[4:8])
            doors[number].elders.append(elders[who])
        if pause is not None:
            elders[who].pauses.append(pause)
    return doors, elders


def _people(plan: Plan) -> dict[int, PlainPerson]:
    """Read who serves a community in a week, and whoever else stands in its plan or was asked for it."""
    named = select(Assignment.volunteer_id).where(Assignment.plan_id == plan.id)
    asked = select(Offer.volunteer_id).join(Offer.visit).where(Visit.community_id == plan.community_id, Visit.week == plan.week)
    here = serves(plan.community_id, plan.week)
    columns = (
        *(Volunteer.id, Volunteer.community_id, Volunteer.user_id, Volunteer.unit_id, Volunteer.number, Volunteer.name),
        *(Volunteer.sort_key, Volunteer.phone, Volunteer.has_phone, Volunteer.gender, Volunteer.lat, Volunteer.lon, Volunteer.travel),
        *(Volunteer.boxes, Volunteer.radius, Volunteer.max_day, Volunteer.max_week, Volunteer.staff, Volunteer.insured_until),
        Volunteer.standby_until,
    )
    wanted = here | Volunteer.id.in_(named) | Volunteer.id.in_(asked)
    rows = select(*columns, (Volunteer.active & here), Unit, User.locale).outerjoin(Volunteer.unit).outerjoin(Volunteer.user)
    people = {
        row[0]: PlainPerson(*(*row[:-1], PlainUser(row.user_id, row.locale) if row.user_id is not None else None))
        for row in _read(rows.where(wanted).order_by(Volunteer.id))
    }
    _add_weeks(plan, people)
    return people


def _add_weeks(plan: Plan, people: dict[int, PlainPerson]) -> None:
    """Add to some people their ordinary week, their time off and their skills."""
    mine = select(Volunteer.id).where(serves(plan.community_id, plan.week))
    free = select(Availability).where(Availability.volunteer_id.in_(mine)).order_by(Availability.weekday, Availability.start)
    away = select(TimeOff).where(TimeOff.volunteer_id.in_(mine), TimeOff.day >= plan.week).order_by(TimeOff.day)
    held = select(HeldSkill.volunteer_id, HeldSkill.expires, Skill).join(HeldSkill.skill).where(HeldSkill.volunteer_id.in_(mine))
    times = (Availability.volunteer_id, Availability.weekday, Availability.start, Availability.end)
    for slot in _read(free.with_only_columns(*times)):
        people[slot.volunteer_id].availability.append(slot)
    off_at = (TimeOff.volunteer_id, TimeOff.day, TimeOff.start, TimeOff.end, TimeOff.reason)
    for off in _read(away.with_only_columns(*off_at)):
        people[off.volunteer_id].time_off.append(off)
    for who, expires, skill in _read(held.order_by(HeldSkill.id)):
        people[who].skills.append(PlainSkill(skill, expires))


def _offers(
    plan: Plan, found: dict[int, PlainVisit], people: dict[int, PlainPerson]
) -> tuple[dict[tuple[int, int], PlainOffer], dict[int, set[int]]]:
    """Read the last offer of each visit and volunteer, and who has ever declined which visit."""
    columns = (
        *(Offer.id, Offer.visit_id, Offer.volunteer_id, Offer.round_id, Offer.day, Offer.start, Offer.state, Offer.answered_by),
        *(Offer.reason, Offer.answered_at, Offer.over_at, Offer.asked_by, Offer.started_at, Offer.outcome),
        *(Round.id, Round.canteen_id, Round.pickup, Round.picked_up_at),
    )
    mine = (Visit.community_id == plan.community_id, Visit.week == plan.week)
    trips: dict[int, PlainRound] = {}
    last: dict[tuple[int, int], PlainOffer] = {}
    declined: dict[int, set[int]] = {}
    for row in _read(select(*columns).join(Offer.visit).outerjoin(Offer.round).where(*mine).order_by(Offer.id)):
        if row.state is OfferState.DECLINED:
            declined.setdefault(row.visit_id, set()).add(row.volunteer_id)
        visit = found.get(row.visit_id)
        if visit is None:
            continue
        if row[3] is not None and row[3] not in trips:
            trips[row[3]] = PlainRound(*row[-4:])
        last[row.visit_id, row.volunteer_id] = PlainOffer(*(*row[:-4], trips.get(row[3]), visit, people[row.volunteer_id]))
    return last, declined


def _assignments(plan: Plan, found: dict[int, PlainVisit], people: dict[int, PlainPerson]) -> list[PlainAssignment]:
    """Read the lines of a plan in the order of days and times."""
    columns = (
        *(Assignment.id, Assignment.plan_id, Assignment.visit_id, Assignment.volunteer_id, Assignment.day, Assignment.window),
        *(Assignment.start, Assignment.pickup, Assignment.pinned, Assignment.made_at),
    )
    mine = select(*columns).where(Assignment.plan_id == plan.id).order_by(Assignment.day, Assignment.start, Assignment.id)
    return [PlainAssignment(*(*row, found[row.visit_id], people[row.volunteer_id])) for row in _read(mine) if row.visit_id in found]


def gone(plan: Plan, known: Iterable[int]) -> list[int]:
    """Return the lines of a plan whose visits are not among some."""
    wanted = set(known)
    found = db.session.execute(select(Assignment.id, Assignment.visit_id).where(Assignment.plan_id == plan.id))
    return [line for line, visit in found if visit not in wanted]
