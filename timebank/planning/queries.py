"""Reads of planning: the week at a glance, the board of a day, routes, what is unserved, today."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.db import db
from timebank.elders.models import Elder, Household
from timebank.places.models import Canteen
from timebank.planning import snapshot
from timebank.planning.models import Assignment, Plan, PlanRun, Unserved
from timebank.visits import queries as visits
from timebank.visits.models import Offer, OfferState, Outcome, Round, Visit, VisitState
from timebank.volunteers.models import Volunteer

DAYS = 7
NEAR_LIMIT = 0.9


@dataclass(frozen=True, slots=True)
class DayCount:
    """One day of the week: how many visits are planned on it, how many are needed."""

    day: date
    planned: int
    needed: int

    @property
    def whole(self) -> bool:
        """Whether everything of the day is planned."""
        return self.planned >= self.needed


@dataclass(slots=True)
class Block:
    """One block on the board: a meal round or one timed visit of one volunteer."""

    assignments: list[Assignment]
    start: int
    end: int
    is_round: bool
    status: str

    @property
    def first(self) -> Assignment:
        """The first assignment of the block."""
        return self.assignments[0]

    @property
    def doors(self) -> int:
        """How many doors the block has."""
        return len(self.assignments)

    @property
    def boxes(self) -> int:
        """How many boxes the block carries."""
        return sum(each.visit.boxes for each in self.assignments)

    @property
    def pinned(self) -> bool:
        """Whether anything in the block is pinned."""
        return any(each.pinned for each in self.assignments)


@dataclass(slots=True)
class Row:
    """One volunteer's day on the board, with the minutes of the whole week against the ceiling."""

    volunteer: Volunteer
    week_minutes: int
    ceiling: int
    blocks: list[Block] = field(default_factory=list)
    away: bool = False

    @property
    def near_ceiling(self) -> bool:
        """Whether the week is nearly full."""
        return self.week_minutes >= NEAR_LIMIT * self.ceiling


def plan_of(community_id: int, monday: date) -> Plan | None:
    """Return the plan of a week."""
    return db.session.scalars(select(Plan).where(Plan.community_id == community_id, Plan.week == monday)).first()


def plan_by_id(community_id: int, plan_id: int) -> Plan | None:
    """Return a plan of a community."""
    return db.session.scalars(select(Plan).where(Plan.community_id == community_id, Plan.id == plan_id)).first()


def run_of(community_id: int, run_id: int) -> PlanRun | None:
    """Return a run of a community."""
    return db.session.scalars(select(PlanRun).join(Plan).where(Plan.community_id == community_id, PlanRun.id == run_id)).first()


def assignments(plan: Plan) -> list[Assignment]:
    """Return the assignments of a plan with what pages show of them."""
    visit = joinedload(Assignment.visit)
    return list(
        db.session.scalars(
            select(Assignment)
            .where(Assignment.plan_id == plan.id)
            .options(
                visit.joinedload(Visit.kind),
                visit.joinedload(Visit.household).joinedload(Household.building),
                visit.joinedload(Visit.household).selectinload(Household.elders),
                joinedload(Assignment.volunteer),
            )
            .order_by(Assignment.day, Assignment.start, Assignment.id)
        )
    )


def unserved(plan: Plan) -> list[Unserved]:
    """Return what the plan does not serve, the weightiest first."""
    rows = db.session.scalars(
        select(Unserved)
        .where(Unserved.plan_id == plan.id)
        .options(joinedload(Unserved.visit).joinedload(Visit.kind), joinedload(Unserved.visit).joinedload(Visit.household))
    )
    return sorted(rows, key=lambda each: (-each.visit.weight, each.visit.days[0], each.visit_id))


def day_counts(plan: Plan, rows: Iterable[Assignment], left: Iterable[Unserved]) -> list[DayCount]:
    """Return how each day of a week stands; what is unserved counts on its first wished day."""
    planned: dict[date, set[int]] = {}
    for each in rows:
        planned.setdefault(each.day, set()).add(each.visit_id)
    missing: dict[date, int] = {}
    for gone in left:
        first = date.fromisoformat(gone.visit.days[0])
        missing[first] = missing.get(first, 0) + 1
    week = [plan.week + timedelta(days=offset) for offset in range(DAYS)]
    return [DayCount(day, len(planned.get(day, ())), len(planned.get(day, ())) + missing.get(day, 0)) for day in week]


def board(plan: Plan, rows: list[Assignment], day: date) -> list[Row]:
    """Return the board of a day: everybody who has work on it, meals first, then by the time of their first block."""
    offers = {(made.visit_id, made.volunteer_id): made for made in visits.live_offers(plan.community_id, plan.week)}
    minutes = week_minutes(rows)
    found: dict[int, Row] = {}
    for each in (row for row in rows if row.day == day):
        ceiling = plan.ceilings.get(str(each.volunteer_id), {}).get("max_week", each.volunteer.max_week)
        row = found.setdefault(each.volunteer_id, Row(each.volunteer, minutes.get(each.volunteer_id, 0), ceiling))
        _place(row, each, offers.get((each.visit_id, each.volunteer_id)))
    return sorted(found.values(), key=lambda row: (not row.blocks[0].is_round, row.blocks[0].start, row.volunteer.sort_key))


def _place(row: Row, each: Assignment, made: Offer | None) -> None:
    """Put an assignment into its volunteer's row: with the other meals of its round, or as a block of its own."""
    status = status_of(each, made)
    end = each.start + each.visit.minutes
    meals = next((block for block in row.blocks if block.is_round and block.first.window == each.window), None)
    if each.pickup is not None and meals is not None:
        meals.assignments.append(each)
        meals.end = max(meals.end, end)
        meals.status = _weaker(meals.status, status)
        return
    start = each.pickup if each.pickup is not None else each.start
    row.blocks.append(Block([each], start, end, each.pickup is not None, status))


STATUSES = ("unpublished", "changed", "waiting", "accepted", "under_way", "done", "confirmed", "failed")


def _weaker(one: str, other: str) -> str:
    """Return the earlier of two statuses on the way from draft to done."""
    return min(one, other, key=STATUSES.index)


def status_of(each: Assignment, made: Offer | None) -> str:
    """Return the status of an assignment as the board shows it."""
    if made is None:
        return "unpublished"
    if made.day != each.day or made.start != each.start:
        return "changed"
    if made.state is OfferState.SENT:
        return "waiting"
    by_visit = {VisitState.UNDER_WAY: "under_way", VisitState.DONE: "done", VisitState.CONFIRMED: "confirmed", VisitState.FAILED: "failed"}
    return by_visit.get(each.visit.state, "accepted")


def week_minutes(rows: Iterable[Assignment]) -> dict[int, int]:
    """Return each volunteer's planned minutes of a week: of a round from pick-up to its last door, of a visit its own."""
    rounds: dict[tuple[int, date, int], tuple[int, int]] = {}
    total: dict[int, int] = {}
    for each in rows:
        end = each.start + each.visit.minutes
        if each.pickup is None:
            total[each.volunteer_id] = total.get(each.volunteer_id, 0) + each.visit.minutes
            continue
        key = (each.volunteer_id, each.day, each.window)
        first, last = rounds.get(key, (each.pickup, end))
        rounds[key] = (min(first, each.pickup), max(last, end))
    for (volunteer, _, _), (first, last) in rounds.items():
        total[volunteer] = total.get(volunteer, 0) + last - first
    return total


def names(community_id: int) -> dict[tuple[str, int], str]:
    """Return what each id of the engine's sentences is called on a coordinator's pages."""
    found: dict[tuple[str, int], str] = {}
    for volunteer_id, name in db.session.execute(select(Volunteer.id, Volunteer.name).where(Volunteer.community_id == community_id)):
        found["v", volunteer_id] = name
    for canteen_id, name in db.session.execute(select(Canteen.id, Canteen.name).where(Canteen.community_id == community_id)):
        found["c", canteen_id] = name
    for household_id, name in db.session.execute(
        select(Elder.household_id, func.min(Elder.name)).where(Elder.community_id == community_id).group_by(Elder.household_id)
    ):
        found["h", household_id] = name
    return found


def with_names(text: str, known: dict[tuple[str, int], str], visit_names: dict[int, str]) -> str:
    """Return one of the engine's sentences with names for ids."""
    return snapshot.put_names_in(text, lambda kind, number: visit_names.get(number) if kind == "x" else known.get((kind, number)))


@dataclass(frozen=True, slots=True)
class RoundToday:
    """One meal round of today with how far it has come."""

    round: Round
    offers: list[Offer]

    @property
    def delivered(self) -> int:
        """How many doors have their meal."""
        return sum(1 for made in self.offers if made.outcome in {Outcome.DONE, Outcome.UNWELL})

    @property
    def hot_left(self) -> int | None:
        """Minutes until the food is no longer hot; None before pick-up and when all doors are done."""
        if self.round.picked_up_at is None or all(made.outcome for made in self.offers):
            return None
        gone = (clock.now() - self.round.picked_up_at).total_seconds() / 60
        return round(self.round.canteen.hot - gone)


def rounds_today(offers: list[Offer]) -> list[RoundToday]:
    """Return the meal rounds among a day's offers, by pick-up time."""
    grouped: dict[int, list[Offer]] = {}
    by_id: dict[int, Round] = {}
    for made in offers:
        if made.round is not None:
            grouped.setdefault(made.round.id, []).append(made)
            by_id[made.round.id] = made.round
    return sorted((RoundToday(by_id[key], members) for key, members in grouped.items()), key=lambda each: (each.round.pickup, each.round.id))


def weeks(community_id: int) -> list[Plan]:
    """Return the plans of a community, newest week first."""
    return list(db.session.scalars(select(Plan).where(Plan.community_id == community_id).order_by(Plan.week.desc())))
