"""要有人去: what of today and tomorrow nobody is going to do, and how long is left; ``taking`` says who could go.

A line is one visit, or the meals that were one trip. Its state is ``nobody`` (somebody has to decide), ``late`` (accepted and not
begun), ``asked`` (an answer is waited for) or ``settled`` (somebody has just said yes).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from timebank import clock
from timebank.db import db
from timebank.elders.models import Household
from timebank.planning.models import Assignment, Plan
from timebank.visits import on_duty
from timebank.visits.duties import Duty
from timebank.visits.models import HelpRequest, LateMeal, Offer, OfferState, Visit
from timebank.visits.queries import Meals, bare_visits, lean_visits, meals_of, sees
from timebank.visits.states import BEFORE_DOOR, LIVE, UNDER_WAY
from timebank.volunteers.models import Volunteer
from timebank.volunteers.sight import EVERYTHING, Sight

LATE_MINUTES = 5
NO_SHOW_MINUTES = 15
SETTLED_MINUTES = 10
NOBODY, LATE, ASKED, SETTLED = "nobody", "late", "asked", "settled"
ORDER = (NOBODY, LATE, ASKED, SETTLED)


@dataclass(frozen=True, slots=True)
class Line:
    """What belongs together and has to be done by somebody: ``visits`` in the order they were to be walked."""

    key: str
    visits: tuple[Visit, ...]
    state: str
    day: date
    start: int
    until: int
    lost: Offer | None
    asked: tuple[Offer, ...]
    proposed: Assignment | None
    missing: int
    urgent: bool

    @property
    def is_meal(self) -> bool:
        """Whether it is carried from a kitchen."""
        return self.visits[0].canteen_id is not None

    @property
    def boxes(self) -> int:
        """How many boxes it takes."""
        return sum(visit.boxes for visit in self.visits)

    @property
    def begins(self) -> datetime:
        """When it should begin: the pick-up of a meal, else the visit."""
        return clock.at(self.day, self.start)

    @property
    def due(self) -> datetime:
        """The next moment that matters: its beginning, and once that has passed the last moment that was agreed."""
        return self.begins if self.begins > clock.now() else clock.at(self.day, self.until)

    @property
    def minutes_left(self) -> int:
        """Whole minutes until then; below zero when even the last moment has passed."""
        return int((self.due - clock.now()).total_seconds() // 60)

    @property
    def waited(self) -> int:
        """Whole minutes since the last of those who were asked was asked."""
        return max(0, int((clock.now() - max(each.sent_at for each in self.asked)).total_seconds() // 60)) if self.asked else 0

    @property
    def volunteers(self) -> list[Volunteer]:
        """Who was asked, or who is late: each once."""
        return list({each.volunteer_id: each.volunteer for each in self.asked}.values())


def lines(community_id: int, sight: Sight = EVERYTHING) -> list[Line]:
    """Return what needs somebody today and tomorrow and a reader sees, the fewest minutes left first; what was just settled comes last."""
    today = clock.today()
    found = _lines(community_id, (today, today + timedelta(days=1)), sight)
    return sorted(found, key=lambda line: (not line.urgent, line.state == SETTLED, line.day, line.due, ORDER.index(line.state), line.key))


def count(community_id: int, sight: Sight = EVERYTHING) -> int:
    """Return how many lines and turns of duty of today nobody is going to do, of those a reader sees.

    It stands on every page of the office: who sees the whole is told what is counted lean, the number is the same.
    """
    lines = len({need.key for need in _undone((community_id,)) if _sees(sight, need)})
    return lines + (on_duty.open_on(community_id, clock.today()) if sight.whole else 0)


def turns(community_id: int, days: Sequence[date], sight: Sight = EVERYTHING) -> list[Duty]:
    """Return the turns of duty of some days nobody has, or nobody has answered for; who sees a part only is shown whom they see."""
    found = on_duty.unfilled(community_id, min(days), max(days))
    return [each for each in found if sight.whole or sight.has(each.volunteer_id, each.day)]


def counts(community_ids: Collection[int]) -> Counter[int]:
    """Return how many lines of today nobody is going to do in each of some communities, whole."""
    lines = {(need.visit.community_id, need.key) for need in _undone(community_ids)}
    return Counter(number for number, _key in lines)


def line_of(community_id: int, key: str) -> Line | None:
    """Return one line by its key, while it is there."""
    return next((line for line in lines(community_id) if line.key == key), None)


def lines_of(volunteer: Volunteer, offers: Iterable[Offer]) -> list[Line]:
    """Return what somebody would leave behind, as lines: each trip, each visit."""
    grouped: dict[str, list[Offer]] = {}
    for made in offers:
        grouped.setdefault(f"r{made.round_id}" if made.round_id else f"x{made.visit_id}", []).append(made)
    return [
        Line(
            key=key,
            visits=tuple(each.visit for each in sorted(members, key=lambda each: each.start)),
            state=NOBODY,
            day=members[0].day,
            start=min(_first_minute(each) for each in members),
            until=max(each.visit.window_to for each in members),
            lost=members[0],
            asked=(),
            proposed=None,
            missing=1,
            urgent=members[0].visit.request.urgent,
        )
        for key, members in grouped.items()
        if volunteer.id == members[0].volunteer_id
    ]


def _lines(community_id: int, days: Sequence[date], sight: Sight) -> list[Line]:
    """Return the lines of some days, made of what a reader sees."""
    planned = _planned((community_id,), days)
    needs = [_need(visit, planned.get(visit.id, []), days) for visit in _to_come((community_id,), days)]
    found = [need for need in needs if need is not None]
    whole = _in_full(need.visit for need in found)
    grouped: dict[tuple[str, str], list[_Need]] = {}
    for need in (each for each in found if each.visit.id in whole and _sees(sight, each)):
        grouped.setdefault((need.state, need.key), []).append(need)
    return [_line(members) for members in grouped.values()]


@dataclass(frozen=True, slots=True)
class _Need:
    """One visit that needs somebody, with what is known of how it was to be done."""

    visit: Visit
    state: str
    key: str
    day: date
    start: int
    about: Offer | None
    asked: list[Offer]
    proposed: Assignment | None
    missing: int


def _undone(community_ids: Collection[int]) -> list[_Need]:
    """Return what of today nobody is going to do in some communities: one lean read, of what lacks somebody only."""
    today = (clock.today(),)
    offers = joinedload(Visit.offers).options(joinedload(Offer.round), defer(Offer.outcome_note), defer(Offer.entered_reason))
    home = joinedload(Visit.household).load_only(Household.building_id)
    agreed = select(func.count()).where(Offer.visit_id == Visit.id, Offer.state == OfferState.ACCEPTED).scalar_subquery()
    of_the_day = and_(Assignment.visit_id == Visit.id, Assignment.day.in_(today))
    rows = select(Visit, Assignment).outerjoin(Assignment, of_the_day).where(*_may_be(community_ids, today), agreed < Visit.crew)
    pairs: Iterable[tuple[Visit, Assignment | None]] = db.session.execute(rows.options(defer(Visit.doubt), home, offers)).unique()
    found: dict[Visit, list[Assignment]] = {}
    for visit, planned in pairs:
        if _is_on(visit, today):
            found.setdefault(visit, []).extend([planned] if planned is not None else [])
    needs = (_need(visit, planned, today) for visit, planned in found.items())
    return [need for need in needs if need is not None and need.state == NOBODY]


def _sees(sight: Sight, need: _Need) -> bool:
    """Say whether a need is a reader's: at its door or kitchen, or of whoever was going, is asked or stands in the plan."""
    if sees(sight, need.visit, need.asked + ([need.about] if need.about else [])):
        return True
    return need.about is None and need.proposed is not None and sight.has(need.proposed.volunteer_id, need.proposed.day)


def _in_full(lean: Iterable[Visit]) -> set[int]:
    """Read what pages show of the few visits that need somebody, onto the rows that were read lean; return which are there."""
    numbers = {visit.id for visit in lean}
    if not numbers:
        return numbers
    offers = selectinload(Visit.offers).selectinload(Offer.volunteer)
    return {visit.id for visit in db.session.scalars(lean_visits().options(offers).where(Visit.id.in_(numbers)))}


def _to_come(community_ids: Collection[int], days: Sequence[date]) -> list[Visit]:
    """Return the visits that may be on some days in these communities and that nobody has been at yet, lean: most need nobody."""
    found = db.session.scalars(bare_visits().where(*_may_be(community_ids, days)).order_by(Visit.id))
    return [visit for visit in found if _is_on(visit, days)]


def _may_be(community_ids: Collection[int], days: Sequence[date]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of visits that may be on some days in these communities and that nobody has been at yet."""
    return (
        Visit.community_id.in_(community_ids),
        Visit.week.in_({clock.monday_of(day) for day in days}),
        Visit.state.in_(BEFORE_DOOR),
        or_(Visit.day.is_(None), Visit.day.in_(list(days))),
    )


def _is_on(visit: Visit, days: Sequence[date]) -> bool:
    """Say whether a visit is on some days, or may still be put on one of them."""
    wanted = {day.isoformat() for day in days}
    return visit.day.isoformat() in wanted if visit.day else bool(wanted.intersection(visit.days))


def _planned(community_ids: Collection[int], days: Sequence[date]) -> dict[int, list[Assignment]]:
    """Return what plans say of some days, by visit."""
    rows = db.session.scalars(
        select(Assignment).join(Assignment.plan).where(Plan.community_id.in_(community_ids), Assignment.day.in_(list(days)))
    )
    found: dict[int, list[Assignment]] = {}
    for each in rows:
        found.setdefault(each.visit_id, []).append(each)
    return found


def _need(visit: Visit, planned: list[Assignment], days: Sequence[date]) -> _Need | None:
    """Return what a visit needs, None where somebody is going as agreed."""
    live = [each for each in visit.offers if each.state in LIVE]
    going = [each for each in live if each.state is OfferState.ACCEPTED]
    if len(going) >= visit.crew:
        return _going(visit, going)
    sent = [each for each in live if each.state is OfferState.SENT and _can_come(each)]
    today = clock.today()
    about = _last(live) or _last([each for each in visit.offers if each.day >= today and each.day.isoformat() in visit.days])
    mine = next((each for each in planned if each.visit_id == visit.id), None)
    day = about.day if about else mine.day if mine else date.fromisoformat(max(visit.days))
    if day not in days:
        return None
    start = _first_minute(about) if about else (mine.pickup or mine.start) if mine else visit.window_from
    state = ASKED if len(going) + len(sent) >= visit.crew else NOBODY
    return _Need(visit, state, _key(visit, about, mine), day, start, about, sent, mine, visit.crew - len(going))


def _going(visit: Visit, going: list[Offer]) -> _Need | None:
    """Return that somebody should have begun and has not, or has just said yes: whoever said yes late has as long from that minute on."""
    made = max(going, key=lambda each: each.answered_at or each.sent_at)
    now, begins, key = clock.now(), clock.at(made.day, _first_minute(made)), _key(visit, made, None)
    allowed = timedelta(minutes=LATE_MINUTES if made.round is not None else NO_SHOW_MINUTES)
    begun = any(each.started_at is not None for each in going) or (made.round is not None and made.round.picked_up_at is not None)
    if not begun and visit.state is not UNDER_WAY and now > max(begins, made.answered_at or begins) + allowed:
        return _Need(visit, LATE, key, made.day, _first_minute(made), made, going, None, 0)
    just = made.asked_by is not None and made.answered_at is not None and now - made.answered_at <= timedelta(minutes=SETTLED_MINUTES)
    if just and visit.state is not UNDER_WAY:
        return _Need(visit, SETTLED, key, made.day, _first_minute(made), made, going, None, 0)
    return None


def _can_come(made: Offer) -> bool:
    """Say whether somebody who was asked could still say yes in time: it has not begun."""
    return clock.at(made.day, _first_minute(made)) > clock.now() or made.asked_by is not None


def _last(offers: list[Offer]) -> Offer | None:
    """Return the last offer of some."""
    return max(offers, key=lambda each: each.id, default=None)


def _first_minute(made: Offer) -> int:
    """Return the minute an offer takes somebody from."""
    return made.round.pickup if made.round is not None else made.start


def _key(visit: Visit, about: Offer | None, mine: Assignment | None) -> str:
    """Return what a visit belongs together with: the trip it was in, or itself."""
    if about is not None and about.round_id is not None:
        return f"r{about.round_id}"
    if mine is not None and mine.pickup is not None:
        return f"p{mine.volunteer_id}-{mine.day:%m%d}-{mine.pickup}"
    return f"x{visit.id}"


def _line(members: list[_Need]) -> Line:
    """Return one line of what belongs together."""
    members = sorted(members, key=lambda need: (need.about.start if need.about else need.start, need.visit.id))
    first = members[0]
    return Line(
        key=first.key,
        visits=tuple(need.visit for need in members),
        state=first.state,
        day=first.day,
        start=min(need.start for need in members),
        until=max(need.visit.window_to for need in members),
        lost=first.about if first.about is not None and first.about.state not in LIVE else None,
        asked=tuple(each for need in members for each in need.asked),
        proposed=first.proposed,
        missing=max(need.missing for need in members),
        urgent=first.visit.request.urgent,
    )


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What a day's kitchen has to know: boxes somebody fetches, boxes that are nobody's yet, meals changed too late."""

    wanted: int
    fetched: int
    waiting: int
    nobody: int
    late: list[LateMeal]


def kitchen(community_id: int, day: date, meals: Meals | None = None, sight: Sight = EVERYTHING) -> Kitchen:
    """Count the boxes of a day: of live meals only, those nobody carries yet among them until somebody decides otherwise.

    Whoever was asked for one more door and had not answered when the boxes were fetched has not fetched that one.
    ``meals`` are those of the day, where they have been read already.
    """
    fetched = waiting = nobody = 0
    for visit, made in meals if meals is not None else meals_of(community_id, day, sight, bare=sight.whole):
        if made is not None and made.state is OfferState.ACCEPTED:
            if made.round is not None and made.round.picked_up_at is not None:
                fetched += visit.boxes
            else:
                waiting += visit.boxes
        elif visit.state in BEFORE_DOOR:
            nobody += visit.boxes
    late = db.session.scalars(
        select(LateMeal)
        .where(LateMeal.community_id == community_id, LateMeal.day == day, LateMeal.settled_at.is_(None))
        .order_by(LateMeal.id)
    )
    seen = [each for each in late if sight.whole or sees(sight, each.visit, each.visit.offers)]
    return Kitchen(fetched + waiting + nobody, fetched, waiting, nobody, seen)


def urgent_open(community_id: int, sight: Sight = EVERYTHING) -> list[HelpRequest]:
    """Return the emergencies nobody has closed that a reader sees, oldest first."""
    rows = select(HelpRequest).where(HelpRequest.community_id == community_id, HelpRequest.urgent, HelpRequest.closed_at.is_(None))
    found = db.session.scalars(rows.order_by(HelpRequest.asked_at))
    return [asked for asked in found if sight.whole or any(sees(sight, visit, visit.offers) for visit in asked.visits)]
