"""Reads of posts: the list, a post's week, what is missing, streaks, and what is somebody's own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from timebank import clock
from timebank.db import db
from timebank.posts.models import Claim, Post, Shift, Swap, SwapState
from timebank.visits import on_duty
from timebank.visits.duties import BLOCKING, Duty, DutyState
from timebank.volunteers.models import Unit, Volunteer
from timebank.volunteers.sight import EVERYTHING, Sight

PART = "post"
WEEK = timedelta(days=7)
THERE = (DutyState.THERE, DutyState.DONE, DutyState.CONFIRMED)
FILLED = (DutyState.AGREED, *THERE)
STREAK_DAYS = 1500
"""So many days back a streak is counted; what was kept before is among the earlier days."""


@dataclass(frozen=True, slots=True)
class Row:
    """A post in the list: its places, how many of them somebody has taken for every week, and what this week lacks."""

    post: Post
    wanted: int
    taken: int
    missing: int

    @property
    def free(self) -> int:
        """How many places nobody has taken."""
        return max(0, self.wanted - self.taken)


@cache
def _whole() -> Select[Post]:
    """Return the statement that loads posts with what pages show of them."""
    shifts = selectinload(Post.shifts).selectinload(Shift.claims).joinedload(Claim.volunteer)
    return select(Post).options(joinedload(Post.kind), shifts)


def post_in(community_id: int, post_id: int) -> Post | None:
    """Return a post of a community."""
    return db.session.scalar(_whole().where(Post.id == post_id, Post.community_id == community_id))


def concerns(sight: Sight, post: Post) -> bool:
    """Say whether a post is to be seen: of a part, the posts at its buildings and those its people hold."""
    held = {claim.volunteer_id for shift in in_force(post) for claim in shift.holders}
    return sight.whole or post.building_id in sight.buildings or not sight.people.isdisjoint(held)


def posts(community_id: int, words: str = "", *, free: bool = False, over: bool = False, sight: Sight = EVERYTHING) -> list[Row]:
    """Return the posts of a community by name, those that hold some words; ``free`` only those with places nobody has taken."""
    today = clock.today()
    rows = _whole().where(Post.community_id == community_id)
    rows = rows.where(Post.last_day < today) if over else rows.where(or_(Post.last_day.is_(None), Post.last_day >= today))
    for word in words.split():
        rows = rows.where(or_(Post.name.icontains(word, autoescape=True), Post.place.icontains(word, autoescape=True)))
    found = [each for each in db.session.scalars(rows.order_by(Post.name, Post.id)) if concerns(sight, each)]
    lacks = missing(community_id, today, clock.monday_of(today) + WEEK)
    listed = [_row(each, lacks.get(each.id, 0)) for each in found]
    return [each for each in listed if each.free or not free]


def _row(post: Post, lacks: int) -> Row:
    """Return a post as the list shows it."""
    shifts = in_force(post)
    return Row(post, sum(each.wanted for each in shifts), sum(len(each.holders) for each in shifts), lacks)


def in_force(post: Post) -> list[Shift]:
    """Return the shifts of a post that are kept."""
    return [each for each in post.shifts if not each.dropped]


@dataclass(frozen=True, slots=True)
class OfRota:
    """A shift in force, by the columns that say on which days it is kept and how many it wants."""

    post_id: int
    weekday: int
    start: int
    wanted: int
    workdays_only: bool
    first_day: date
    last_day: date | None

    def is_on(self, day: date) -> bool:
        """Say whether a day is one of its own, holidays left aside."""
        return day.weekday() == self.weekday and self.first_day <= day and (self.last_day is None or day <= self.last_day)


def rota(today: date) -> Iterator[OfRota]:
    """Yield the shifts in force of every post that goes on, of all communities."""
    columns = (Shift.post_id, Shift.weekday, Shift.start, Shift.wanted, Post.workdays_only, Post.first_day, Post.last_day)
    goes_on = or_(Post.last_day.is_(None), Post.last_day >= today)
    for row in db.session.execute(select(*columns).join(Shift.post).where(~Shift.dropped, goes_on)):
        yield OfRota(*row)


def seats_there(first: date, last: date) -> dict[tuple[int, date, int], int]:
    """Return how many places the turns of all posts have, by post, day and minute."""
    key = (Duty.part_id, Duty.day, Duty.start)
    mine = (Duty.part_of == PART, Duty.day.between(first, last), Duty.state != DutyState.GIVEN_UP)
    rows = select(*key, func.count()).where(*mine).group_by(*key)
    return {(post_id, day, start): seats for post_id, day, start, seats in db.session.execute(rows) if post_id is not None}


def held_and_open(today: date) -> set[int]:
    """Return the posts with an open place to come of a shift that somebody holds who neither has nor gave up a place of that turn."""
    mine = (Duty.part_of == PART, Duty.day >= today)
    turn = (Duty.part_id, Duty.day, Duty.start)
    is_open = select(*turn).where(*mine, Duty.state == DutyState.OPEN, Duty.unit_id.is_(None)).distinct()
    to_give = db.session.execute(is_open).all()
    posts = {post_id for post_id, _day, _start in to_give}
    there = {tuple(row) for row in db.session.execute(select(*turn, Duty.volunteer_id).where(*mine, Duty.part_id.in_(posts)))}
    held = select(Shift.post_id, Shift.weekday, Shift.start, Claim.volunteer_id, Claim.from_day).join(Claim.shift)
    holders: dict[tuple[int | None, int, int], list[tuple[int, date]]] = {}
    for post_id, weekday, start, who, since in db.session.execute(
        held.where(Claim.ended.is_(None), ~Shift.dropped, Shift.post_id.in_(posts))
    ):
        holders.setdefault((post_id, weekday, start), []).append((who, since))
    return {
        post_id
        for post_id, day, start in to_give
        for who, since in holders.get((post_id, day.weekday(), start), [])
        if post_id is not None and since <= day and (post_id, day, start, who) not in there
    }


def shift_in(community_id: int, shift_id: int) -> Shift | None:
    """Return a shift in force of a community's post."""
    rows = select(Shift).join(Shift.post).where(Shift.id == shift_id, Post.community_id == community_id, ~Shift.dropped)
    return db.session.scalar(rows.options(selectinload(Shift.claims)))


def claim_in(community_id: int, claim_id: int) -> Claim | None:
    """Return a claim that stands of a community's post."""
    rows = select(Claim).join(Claim.shift).join(Shift.post).where(Claim.id == claim_id, Claim.ended.is_(None))
    return db.session.scalar(rows.where(Post.community_id == community_id))


def missing(community_id: int, first: date, before: date) -> dict[int, int]:
    """Return how many people the turns of each post lack to the least of their shift, from a day up to, but not with, another."""
    turns = (
        select(Duty.part_id, Duty.day, Duty.start, func.sum(case((Duty.state.in_(FILLED) | Duty.unit_id.is_not(None), 1), else_=0)))
        .where(
            Duty.community_id == community_id,
            Duty.part_of == PART,
            Duty.day >= first,
            Duty.day < before,
            Duty.state.not_in((DutyState.GIVEN_UP, DutyState.CALLED_OFF)),
        )
        .group_by(Duty.part_id, Duty.day, Duty.start)
    )
    least = {
        (post, weekday, start): number
        for post, weekday, start, number in db.session.execute(
            select(Shift.post_id, Shift.weekday, Shift.start, Shift.least)
            .join(Shift.post)
            .where(Post.community_id == community_id, ~Shift.dropped)
        )
    }
    found: dict[int, int] = {}
    for post, day, start, filled in db.session.execute(turns):
        lacks = least.get((post, day.weekday(), start), 0) - int(filled or 0)
        if post is not None and lacks > 0:
            found[post] = found.get(post, 0) + lacks
    return found


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a post: a stretch of a day with its places."""

    day: date
    start: int
    until: int
    least: int
    seats: Sequence[Duty]

    @property
    def filled(self) -> int:
        """How many places somebody has."""
        return sum(1 for each in self.seats if each.state in FILLED)

    @property
    def missing(self) -> int:
        """How many people it lacks to the least it takes, what a unit has booked counted as there."""
        booked = sum(1 for each in self.seats if each.state not in FILLED and each.unit_id is not None)
        return max(0, self.least - self.filled - booked)

    @property
    def open_seat(self) -> Duty | None:
        """The first place that anybody can have."""
        return next((each for each in self.seats if each.state is DutyState.OPEN and each.unit_id is None), None)

    @property
    def free(self) -> int:
        """How many places anybody can have."""
        return sum(1 for each in self.seats if each.state is DutyState.OPEN and each.unit_id is None)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return clock.at(self.day, self.until) <= clock.now()


def week_of(post: Post, monday: date) -> list[Turn]:
    """Return the turns of a post in a week, in their order."""
    return turns_between(post, monday, monday + WEEK - timedelta(days=1))


def turns_between(post: Post, first: date, last: date) -> list[Turn]:
    """Return the turns of a post on some days, in their order."""
    least = {(each.weekday, each.start): each.least for each in in_force(post)}
    grouped: dict[tuple[date, int], list[Duty]] = {}
    for each in on_duty.duties_of_part(PART, post.id, first, last):
        grouped.setdefault((each.day, each.start), []).append(each)
    return [
        Turn(day, start, seats[0].until, least.get((day.weekday(), start), 1), seats) for (day, start), seats in sorted(grouped.items())
    ]


def streak(post: Post) -> int:
    """Return on how many days on end a post was kept up to now: every turn of the day with as many there as it takes at least.

    A day without turns, such as a holiday, neither counts nor breaks it; today counts once it is kept. Where nothing here breaks it,
    the days before it was written down here are added.
    """
    today = clock.today()
    turns = turns_between(post, today - timedelta(days=STREAK_DAYS), today)
    return unbroken(_days(turns), post.earlier_days)


def _days(turns: Iterable[Turn]) -> list[bool | None]:
    """Return of each day whether it was kept, in order; None where that is not settled yet."""
    days: dict[date, list[bool | None]] = {}
    for turn in turns:
        there = sum(1 for each in turn.seats if each.state in THERE)
        days.setdefault(turn.day, []).append(True if there >= turn.least else False if turn.is_over else None)
    return [None if None in kept and False not in kept else all(kept) for _day, kept in sorted(days.items())]


def unbroken(days: Sequence[bool | None], earlier: int) -> int:
    """Return how many of the last days were kept on end, with those of before where none breaks it; a day not settled is passed over."""
    count = 0
    for kept in reversed(days):
        if kept is False:
            return count
        count += kept is True
    return count + earlier


def claims_of(volunteer: Volunteer) -> list[Claim]:
    """Return what somebody has taken for every week, by weekday."""
    rows = select(Claim).join(Claim.shift).where(Claim.volunteer_id == volunteer.id, Claim.ended.is_(None), ~Shift.dropped)
    whole = joinedload(Claim.shift).joinedload(Shift.post)
    return list(db.session.scalars(rows.options(whole).order_by(Shift.weekday, Shift.start)))


def turns_of(volunteer: Volunteer) -> list[Duty]:
    """Return the turns of posts somebody has agreed to and that have not begun."""
    today = clock.today()
    mine = on_duty.duties_of(volunteer, today, today + 2 * WEEK, (DutyState.AGREED,))
    return [each for each in mine if each.part_of == PART and each.begins > clock.now()]


def swaps_for(volunteer: Volunteer) -> list[Swap]:
    """Return the turns others offer to somebody who is not elsewhere then: to them by name, or to whoever has a place of the same post."""
    taken = [(each.day, each.start, each.until) for each in turns_of(volunteer)]
    return [
        swap
        for swap in _offered_to(volunteer)
        if not any(day == swap.duty.day and start < swap.duty.until and swap.duty.start < until for day, start, until in taken)
    ]


def _ever_offered_to(volunteer: Volunteer) -> Select[Swap]:
    """Return the turns others offer or offered to somebody, whatever became of it."""
    mine = select(Shift.post_id).join(Claim, Claim.shift_id == Shift.id).where(Claim.volunteer_id == volunteer.id, Claim.ended.is_(None))
    to_any = Swap.to_id.is_(None) & Duty.part_id.in_(mine) & (Duty.part_of == PART)
    rows = select(Swap).join(Swap.duty).where(Swap.from_id != volunteer.id, or_(Swap.to_id == volunteer.id, to_any))
    return rows.options(joinedload(Swap.duty), joinedload(Swap.giver))


def _offered_to(volunteer: Volunteer) -> list[Swap]:
    """Return the turns others offer to somebody, whatever else they do then."""
    found = db.session.scalars(_ever_offered_to(volunteer).where(Swap.state == SwapState.OFFERED))
    return [each for each in found if is_open(each)]


def is_open(swap: Swap) -> bool:
    """Say whether a turn that was offered can still be taken: it is its giver's, and has not begun."""
    return swap.state is SwapState.OFFERED and swap.duty.begins > clock.now() and swap.duty.state is DutyState.AGREED


def swaps_by(volunteer: Volunteer) -> dict[int, Swap]:
    """Return the turns somebody offers to others, by the number of the duty."""
    rows = select(Swap).where(Swap.from_id == volunteer.id, Swap.state == SwapState.OFFERED)
    return {each.duty_id: each for each in db.session.scalars(rows.options(joinedload(Swap.to)))}


def swap_for(volunteer: Volunteer, swap_id: int) -> Swap | None:
    """Return a turn that is or was offered to somebody."""
    return db.session.scalar(_ever_offered_to(volunteer).where(Swap.id == swap_id))


def swap_by(volunteer: Volunteer, duty_id: int) -> Swap | None:
    """Return how somebody last offered a turn to others, whatever became of it."""
    mine = select(Swap).where(Swap.from_id == volunteer.id, Swap.duty_id == duty_id)
    return db.session.scalars(mine.order_by(Swap.id.desc())).first()


def colleagues_of(volunteer: Volunteer, duty: Duty) -> list[Volunteer]:
    """Return who else has a place of the post a turn belongs to and does not stand there at that turn anyhow, by name."""
    there = exists().where(
        Claim.volunteer_id == Volunteer.id, Claim.ended.is_(None), Claim.shift_id == Shift.id, Shift.post_id == duty.part_id
    )
    anyhow = exists().where(
        Duty.volunteer_id == Volunteer.id, Duty.part_of == PART, Duty.part_id == duty.part_id, Duty.day == duty.day,
        Duty.start == duty.start, Duty.state.in_(BLOCKING),
    )  # fmt: skip
    rows = select(Volunteer).where(there, ~anyhow, Volunteer.id != volunteer.id, Volunteer.active)
    return list(db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id)))


@dataclass(frozen=True, slots=True)
class Booking:
    """What a unit has booked of one turn: its places, some of them with a name."""

    unit: Unit
    seats: Sequence[Duty]

    @property
    def first(self) -> Duty:
        """The first of the places, for the day and the time."""
        return self.seats[0]

    @property
    def named(self) -> int:
        """How many of the places have a name."""
        return sum(1 for each in self.seats if each.volunteer_id is not None)

    @property
    def unnamed(self) -> list[Duty]:
        """The places that have no name yet."""
        return [each for each in self.seats if each.state is DutyState.OPEN]


def bookings(community_id: int, unit_id: int | None = None) -> list[Booking]:
    """Return what units have booked from four weeks back on, by day, of posts and of sessions."""
    rows = on_duty.booked(community_id, clock.today() - 4 * WEEK)
    grouped: dict[tuple[date, int, str, int | None, int], list[Duty]] = {}
    for each in rows:
        if each.unit is not None and (unit_id is None or each.unit_id == unit_id):
            grouped.setdefault((each.day, each.start, each.part_of, each.part_id, each.unit.id), []).append(each)
    return [
        Booking(seats[0].unit, seats) for _key, seats in sorted(grouped.items(), key=lambda item: item[0][:2]) if seats[0].unit is not None
    ]
