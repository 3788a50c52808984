"""Reads of planning: the week at a glance, the board of a day, routes, what is unserved, today."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders.models import Household
from timebank.places.models import Building
from timebank.planning import scenes
from timebank.planning.lived import is_fact
from timebank.planning.models import PLANNING, Assignment, Plan, PlanRun, Publication, RunState, Unserved
from timebank.visits.actions import scheduling
from timebank.visits.models import Offer, OfferState, Outcome, Round, Visit, VisitState
from timebank.visits.states import TO_COME
from timebank.volunteers.lent import serves
from timebank.volunteers.models import TimeOff, Volunteer

DAYS = 7
LEASE_SECONDS = 120
WAITING = {RunState.QUEUED, RunState.RUNNING}


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
    goes_on: bool = False
    mates: list[Assignment] = field(default_factory=list)
    mark: str = ""

    @property
    def whole(self) -> list[Assignment]:
        """The assignments of the block, and those of whoever goes with them."""
        return [*self.assignments, *self.mates]

    def is_round_of(self, each: Assignment) -> bool:
        """Say whether an assignment is a meal of this block's round."""
        return self.is_round and each.pickup is not None and (self.first.day, self.first.pickup) == (each.day, each.pickup)

    @property
    def first(self) -> Assignment:
        """The first assignment of the block."""
        return self.assignments[0]

    @property
    def day(self) -> date:
        """The day the block is on."""
        return self.first.day

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
    away: list[TimeOff] = field(default_factory=list)


def plan_of(community_id: int, monday: date) -> Plan | None:
    """Return the plan of a week."""
    return db.session.scalars(select(Plan).where(Plan.community_id == community_id, Plan.week == monday)).first()


def run_of(community_id: int, run_id: int) -> PlanRun | None:
    """Return a run of a community."""
    return db.session.scalars(select(PlanRun).join(Plan).where(Plan.community_id == community_id, PlanRun.id == run_id)).first()


def assignment_of(community_id: int, visit: int, volunteer: int) -> Assignment | None:
    """Return the line of a community's plans that gives a visit to somebody."""
    mine = (Plan.community_id == community_id, Assignment.visit_id == visit, Assignment.volunteer_id == volunteer)
    return db.session.scalars(select(Assignment).join(Plan).where(*mine)).first()


def publication(community_id: int, number: int) -> Publication | None:
    """Return a publication of a community."""
    return db.session.scalars(select(Publication).join(Plan).where(Plan.community_id == community_id, Publication.id == number)).first()


def run_mark(community_id: int, run_id: int) -> str | None:
    """Return a word that changes whenever there is news of a run, read without its progress and its result; None without the run."""
    news = (PlanRun.state, PlanRun.stop_asked, PlanRun.heartbeat, PlanRun.asked_at)
    found = db.session.execute(select(*news).join(Plan).where(Plan.community_id == community_id, PlanRun.id == run_id)).first()
    if found is None:
        return None
    lost = found.state in WAITING and (found.heartbeat or found.asked_at) < _lease_begins()
    told = found.heartbeat.timestamp() if found.heartbeat else 0
    return f"{run_id}-{found.state.value}-{told}-{found.stop_asked:d}-{lost:d}"


@dataclass(frozen=True, slots=True)
class Glance:
    """A week as pages show it, read once: its visits, who is proposed, who was asked and answered what, what is left.

    ``standing`` can still happen as planned; ``missed`` was never sent and its minute has passed.
    """

    of: scenes.Scene
    rows: list[Assignment]
    standing: list[Assignment]
    missed: list[Assignment]
    left: list[Unserved]

    @property
    def plan(self) -> Plan:
        """The plan of the week."""
        return self.of.plan

    @property
    def offers(self) -> dict[tuple[int, int], Offer]:
        """The offers that stand, by visit and volunteer."""
        return self.of.live

    @property
    def refused(self) -> dict[tuple[int, int], Offer]:
        """The last offers that were declined or lost, of assignments that have not been made anew since; worked out once."""
        if "refused" not in self.of.memo:
            made = {(each.visit_id, each.volunteer_id): each.made_at for each in self.rows}
            lost = self.of.lost.items()
            self.of.memo["refused"] = {
                key: each for key, each in lost if key not in made or each.over_at is None or each.over_at >= made[key]
            }
        found: dict[tuple[int, int], Offer] = self.of.memo["refused"]
        return found

    @property
    def dropped(self) -> list[Assignment]:
        """The assignments that were lost and that nobody has taken over."""
        refused = self.refused
        return [each for each in self.rows if (each.visit_id, each.volunteer_id) in refused]

    @property
    def served(self) -> set[int]:
        """The visits that were served or are under way, and those whose whole crew stands; worked out once."""
        if "served" not in self.of.memo:
            done = {key[0] for key, made in self.offers.items() if is_fact(made)}
            agreed = {visit.id for visit in self.of.visits if visit.state is VisitState.ACCEPTED}
            self.of.memo["served"] = done | agreed | {each.visit_id for each in self.standing}
        found: set[int] = self.of.memo["served"]
        return found

    @property
    def fresh(self) -> list[Visit]:
        """The visits to come that no plan has looked at yet: accepted, resumed or opened since."""
        known = {each.visit_id for each in self.left} | self.served | {each.visit_id for each in self.rows}
        return [visit for visit in scenes.to_come(self.of) if visit.id not in known]


def glance(plan: Plan) -> Glance:
    """Read a week."""
    of = scenes.scene(plan)
    mine = of.assignments
    now = clock.now()
    missed = [
        each
        for each in mine
        if (each.visit_id, each.volunteer_id) not in of.live
        and (each.visit_id, each.volunteer_id) not in of.lost
        and each.visit.state in TO_COME
        and clock.at(each.day, each.start if each.pickup is None else each.pickup) <= now
    ]
    return Glance(of, mine, scenes.standing(of), missed, unserved(plan))


def unserved(plan: Plan) -> list[Unserved]:
    """Return what the plan does not serve, the weightiest first."""
    rows = db.session.scalars(
        select(Unserved)
        .where(Unserved.plan_id == plan.id)
        .options(
            joinedload(Unserved.visit).joinedload(Visit.kind),
            joinedload(Unserved.visit).joinedload(Visit.household).joinedload(Household.building).joinedload(Building.compound),
            joinedload(Unserved.visit).joinedload(Visit.household).selectinload(Household.elders),
        )
    )
    return sorted(rows, key=lambda each: (-each.visit.weight, each.visit.days[0], each.visit_id))


def unserved_of(plan: Plan, visit: Visit) -> Unserved | None:
    """Return why a visit is not served, if it is not."""
    return db.session.scalars(select(Unserved).where(Unserved.plan_id == plan.id, Unserved.visit_id == visit.id)).first()


def runs(plan: Plan, *, whole: bool = True) -> list[PlanRun]:
    """Return the runs of a plan, newest first; unless whole, what they found is left where it is: it is large."""
    rows = select(PlanRun).where(PlanRun.plan_id == plan.id).order_by(PlanRun.id.desc())
    return list(db.session.scalars(rows if whole else rows.options(defer(PlanRun.result), defer(PlanRun.progress))))


def plannings(plan: Plan) -> list[PlanRun]:
    """Return the runs of a plan that were to become it, newest first."""
    return [each for each in runs(plan) if each.kind in PLANNING]


def going_on(found: Iterable[PlanRun]) -> PlanRun | None:
    """Return the run that is queued or under way; one whose heartbeat stopped is lost."""
    return next((run for run in found if run.state in WAITING and (run.heartbeat or run.asked_at) >= _lease_begins()), None)


def _lease_begins() -> datetime:
    """Return the instant before which a run must have been heard of not to be lost."""
    return clock.now() - timedelta(seconds=LEASE_SECONDS)


def day_counts(found: Glance) -> list[DayCount]:
    """Return how each day of a week stands; what nobody serves counts on its first wished day."""
    served = found.served
    planned: dict[date, set[int]] = {}
    for each in found.rows:
        if each.visit_id in served:
            planned.setdefault(each.day, set()).add(each.visit_id)
    missing: dict[date, int] = {}
    for visit in found.of.visits:
        if visit.id not in served:
            first = date.fromisoformat(visit.days[0])
            missing[first] = missing.get(first, 0) + 1
    week = [found.plan.week + timedelta(days=offset) for offset in range(DAYS)]
    return [DayCount(day, len(planned.get(day, ())), len(planned.get(day, ())) + missing.get(day, 0)) for day in week]


def board(found: Glance, days: Collection[date]) -> list[Row]:
    """Return the board of some days: everybody who has work on them, meals first, then by the time of their first block."""
    minutes = week_minutes(found.standing)
    known: dict[int, Row] = {}
    crews: dict[int, list[Assignment]] = {}
    for each in found.rows:
        if each.visit.crew > 1:
            crews.setdefault(each.visit_id, []).append(each)
    for each in (row for row in found.rows if row.day in days):
        row = known.setdefault(
            each.volunteer_id, Row(each.volunteer, minutes.get(each.volunteer_id, 0), ceiling(found.plan, each.volunteer))
        )
        _place(row, each, status_of(found, each))
        row.blocks[-1].mates += [mate for mate in crews.get(each.visit_id, ()) if mate.volunteer_id != each.volunteer_id]
    for person in found.of.volunteers:
        away = [off for off in person.time_off if off.day in days]
        if away:
            row = known.setdefault(person.id, Row(person, minutes.get(person.id, 0), ceiling(found.plan, person)))
            row.away = away
    return sorted(known.values(), key=_by_work)


def _by_work(row: Row) -> tuple[bool, bool, date, int, int, str]:
    """Order rows of the board: meals first, then by time, the longer round first; who has only time off comes last."""
    if not row.blocks:
        return True, True, date.max, 0, 0, row.volunteer.sort_key
    first = row.blocks[0]
    return False, not first.is_round, first.day, first.start, -first.doors, row.volunteer.sort_key


def ceiling(plan: Plan, volunteer: Volunteer) -> int:
    """Return the minutes a volunteer may be asked for in a plan's week."""
    return int(plan.ceilings.get(str(volunteer.id), {}).get("max_week", volunteer.max_week))


def _place(row: Row, each: Assignment, status: str) -> None:
    """Put an assignment into its volunteer's row: with the meals before it, or as a block of its own.

    A round with another visit in its midst stands as two blocks, for so it is walked.
    """
    end = each.start + each.visit.minutes
    last = row.blocks[-1] if row.blocks else None
    if last is not None and last.is_round_of(each):
        last.assignments.append(each)
        last.end = max(last.end, end)
        last.status = _weaker(last.status, status)
        return
    begun = any(block.is_round_of(each) for block in row.blocks)
    start = each.start if each.pickup is None or begun else each.pickup
    row.blocks.append(Block([each], start, end, each.pickup is not None, status, begun))


STATUSES = ("declined", "too_late", "unpublished", "changed", "waiting", "accepted", "under_way", "done", "confirmed", "failed")
UNSENT = {"unpublished", "changed"}
BY_VISIT = {
    VisitState.UNDER_WAY: "under_way",
    VisitState.DONE: "done",
    VisitState.CONFIRMED: "confirmed",
    VisitState.FAILED: "failed",
}


def _weaker(one: str, other: str) -> str:
    """Return the earlier of two statuses on the way from draft to done."""
    return min(one, other, key=STATUSES.index)


def status_of(found: Glance, each: Assignment) -> str:
    """Return the status of an assignment as the board shows it."""
    key = (each.visit_id, each.volunteer_id)
    made = found.offers.get(key)
    if key in found.refused:
        return "declined"
    if made is None:
        return "too_late" if each in found.missed else BY_VISIT.get(each.visit.state, "unpublished")
    if made.day != each.day or made.start != each.start:
        return "changed"
    if made.state is OfferState.SENT:
        return "waiting"
    return BY_VISIT.get(each.visit.state, "accepted")


def week_minutes(rows: Iterable[Assignment]) -> dict[int, int]:
    """Return each volunteer's planned minutes of a week: of a trip from pick-up to its last door, of a visit its own."""
    rounds: dict[tuple[int, date, int], tuple[int, int]] = {}
    total: dict[int, int] = {}
    for each in rows:
        end = each.start + each.visit.minutes
        if each.pickup is None:
            total[each.volunteer_id] = total.get(each.volunteer_id, 0) + each.visit.minutes
            continue
        key = (each.volunteer_id, each.day, each.pickup)
        first, last = rounds.get(key, (each.pickup, end))
        rounds[key] = (min(first, each.pickup), max(last, end))
    for (volunteer, _, _), (first, last) in rounds.items():
        total[volunteer] = total.get(volunteer, 0) + last - first
    return total


@dataclass(frozen=True, slots=True)
class RoundToday:
    """One meal round of today with how far it has come."""

    round: Round
    offers: list[Offer]

    @property
    def delivered(self) -> int:
        """How many doors have their meal and nobody has to look at them any more."""
        return sum(1 for made in self.offers if made.outcome is Outcome.DONE)

    @property
    def hot_left(self) -> int | None:
        """Minutes until the food is no longer hot; None before pick-up and when all doors are done."""
        if self.round.picked_up_at is None or all(made.outcome for made in self.offers):
            return None
        gone = (clock.now() - self.round.picked_up_at).total_seconds() / 60
        return round(self.round.canteen.hot - gone)


def rounds_today(offers: list[Offer]) -> list[RoundToday]:
    """Return the meal rounds among a day's offers, by pick-up time; a door nobody had agreed to when its boxes were fetched is in none."""
    grouped: dict[int, list[Offer]] = {}
    by_id: dict[int, Round] = {}
    for made in offers:
        if made.round is not None and (made.round.picked_up_at is None or made.state is OfferState.ACCEPTED):
            grouped.setdefault(made.round.id, []).append(made)
            by_id[made.round.id] = made.round
    return sorted(
        (RoundToday(by_id[key], members) for key, members in grouped.items()), key=lambda each: (each.round.pickup, each.round.id)
    )


def weeks(community_id: int) -> list[Plan]:
    """Return the plans of a community, newest week first."""
    return list(db.session.scalars(select(Plan).where(Plan.community_id == community_id).order_by(Plan.week.desc())))


def asked_for(community_id: int, monday: date) -> list[tuple[ServiceKind, int]]:
    """Return how many visits of each kind a week asks for before it is opened, the most frequent first."""
    calendar = scheduling.calendar_of(monday)
    counted: dict[int, int] = {}
    kinds: dict[int, ServiceKind] = {}
    for request in scheduling.requests_of_week(community_id, monday):
        kinds[request.kind_id] = request.kind
        counted[request.kind_id] = counted.get(request.kind_id, 0) + sum(1 for _ in scheduling.occurrences(request, monday, calendar))
    found = [(kinds[kind], count) for kind, count in counted.items() if count]
    return sorted(found, key=lambda each: (-each[1], each[0].position, each[0].id))


def people(community_id: int, monday: date) -> list[Volunteer]:
    """Return the active volunteers who serve a community in a week, by name: its own and those lent to it, nobody it has lent away."""
    mine = (serves(community_id, monday), Volunteer.active)
    return list(db.session.scalars(select(Volunteer).where(*mine).order_by(Volunteer.sort_key, Volunteer.id)))
