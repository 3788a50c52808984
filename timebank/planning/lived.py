"""What of a week has been lived already, as the engine has to know it: a fact, never judged again with today's data.

Whoever has begun is not free before they are done, and goes on from where they are then, not from home. The engine knows only
trips from home back home; so in the window they are in, a stop of one minute is pinned at their last door (``HERE``), the window
begins just in time to walk straight to it, and ``used`` holds what they really did, the referee's own minutes, less that walk.
Counted together it is the whole trip, no minute more or less.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from matching.referee.case import Case
from timebank import clock
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.states import TO_COME
from timebank.volunteers.models import Volunteer

HERE = "n"
"""The first letter of the ids of what only says where somebody is."""
MOST_BACK = 60
"""Minutes: a way from or to home that is longer than this comes from an address that was corrected since, and is not counted."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing somebody did or is doing: where and when, in minutes of the day as it was agreed."""

    place: str
    start: int
    minutes: int

    @property
    def end(self) -> int:
        """When it is over."""
        return self.start + self.minutes


@dataclass(frozen=True, slots=True)
class Here:
    """Where somebody is when they are done with what they have begun today, and in which of their windows."""

    volunteer: int
    window: int
    weekday: int
    place: str
    free_from: int
    leg: int
    leg_home: int

    @property
    def name(self) -> str:
        """The id of the stop that says so."""
        return f"{HERE}{self.volunteer}"

    @property
    def begins(self) -> int:
        """The minute the stop begins; it takes one."""
        return self.free_from - 1

    @property
    def leaves(self) -> int:
        """The minute home is left to walk straight there."""
        return self.begins - self.leg


@dataclass(frozen=True, slots=True)
class Lived:
    """What somebody has done this week: minutes by weekday, and where they go on from today."""

    used: dict[int, int]
    here: Here | None = None


def is_fact(made: Offer) -> bool:
    """Say whether what somebody accepted has begun: they did something of it, or its time has come."""
    if made.state is not OfferState.ACCEPTED:
        return False
    first = min(made.round.pickup, made.start) if made.round else made.start
    return made.visit.state not in TO_COME or clock.has_come(made.day, first)


def is_to_come(visit: Visit, live: Iterable[Offer]) -> bool:
    """Say whether a visit can still be planned: nobody has begun it, and there is time left on one of its days."""
    if visit.state not in TO_COME or any(is_fact(made) for made in live):
        return False
    now = clock.now()
    return any(clock.at(date.fromisoformat(day), visit.window_to - visit.minutes) >= now for day in visit.days)


def lived(
    case: Case,
    person: Volunteer,
    facts: Iterable[tuple[Offer, str, str | None]],
    windows: list[list[int]],
    monday: date,
    ahead: Mapping[int, tuple[int, str]],
) -> Lived:
    """Return what a volunteer has lived of a week.

    An address may have been corrected since: a way is never longer than the time there was for it, and whoever could not walk from
    that door to what is agreed next is taken to start from home.

    Parameters
    ----------
    case : Case
        The referee over a week that holds every place.
    person : Volunteer
        Whose week it is.
    facts : iterable of (Offer, str, str or None)
        What they did, the place of its door and that of the kitchen it came from.
    windows : list of [weekday, from, to]
        Their windows as the plan numbers them.
    monday : date
        The first day of the week.
    ahead : mapping of window to (minute, place)
        The first thing that still stands in each window of today.
    """
    used: dict[int, int] = {}
    here: Here | None = None
    today = (clock.today() - monday).days
    home, mode = f"home-{person.id}", person.travel.value
    for (weekday, index), stops in _trips(facts, windows, monday).items():
        last = max(stops, key=lambda stop: stop.end)
        leg, back = case.leg(mode, home, last.place), case.leg(mode, last.place, home)
        done = _ways(case, mode, home, stops) + sum(stop.minutes for stop in stops)
        goes_on = weekday == today and index is not None and windows[index][2] > clock.minute_of(clock.now())
        if goes_on and index is not None and _could_go_on(case, mode, last, leg, windows[index], ahead.get(index)):
            here = Here(person.id, index, weekday, last.place, last.end, leg, back)
            done = max(0, done - leg - 1)
        else:
            done += _home(back)
        used[weekday] = used.get(weekday, 0) + done
    return Lived(used, here)


def _ways(case: Case, mode: str, home: str, stops: list[Stop]) -> int:
    """Return the minutes walked to some stops from home, none longer than the time there was between two of them."""
    first = case.leg(mode, home, stops[0].place)
    between = (
        min(case.leg(mode, one.place, other.place), max(0, other.start - one.end)) if one.place != other.place else 0
        for one, other in pairwise(stops)
    )
    return _home(first) + sum(between)


def _home(minutes: int) -> int:
    """Return a way from or to home, nothing where it cannot have been walked."""
    return minutes if minutes <= MOST_BACK else 0


def within(done: Lived, ceilings: tuple[int, int], agreed: Mapping[int, int]) -> Lived:
    """Return what was lived so that what is agreed still fits: with a day's and a week's ceiling, less what is agreed by weekday.

    What somebody has promised was within their ceilings when they promised it; what has been lived since does not turn against it.
    """
    used = {weekday: min(minutes, max(0, ceilings[0] - agreed.get(weekday, 0))) for weekday, minutes in done.used.items()}
    over = sum(used.values()) + sum(agreed.values()) - ceilings[1]
    for weekday in sorted(used):
        less = min(used[weekday], max(0, over))
        used[weekday], over = used[weekday] - less, over - less
    return Lived(used, done.here)


def work(case: Case, person: Volunteer, stops: list[Stop], here: Here | None) -> int:
    """Return the minutes of some stops in a row, from where somebody is (that minute and the way there with it) or from home."""
    home, mode = f"home-{person.id}", person.travel.value
    start = here.place if here is not None else home
    ways = sum(case.leg(mode, a, b) for a, b in pairwise([start, *(stop.place for stop in stops), home]))
    return ways + sum(stop.minutes for stop in stops) + (here.leg + 1 if here is not None else 0)


def _could_go_on(case: Case, mode: str, last: Stop, leg: int, window: list[int], ahead: tuple[int, str] | None) -> bool:
    """Say whether somebody can have walked to their last door within their window, and can be at the next one in time."""
    in_time = ahead is None or last.end + case.leg(mode, last.place, ahead[1]) <= ahead[0]
    return in_time and last.end - 1 - leg >= 0 and leg <= max(MOST_BACK, last.end - window[1])


def _trips(
    facts: Iterable[tuple[Offer, str, str | None]], windows: list[list[int]], monday: date
) -> dict[tuple[int, int | None], list[Stop]]:
    """Return the stops of each trip from home back home: those of one day and window, in the order of time."""
    trips: dict[tuple[int, int | None], list[Stop]] = {}
    for made, stops in _stops(facts):
        weekday = (made.day - monday).days
        fits = (index for index, (day, start, end) in enumerate(windows) if day == weekday and start <= made.start < end)
        trips.setdefault((weekday, next(fits, None)), []).extend(stops)
    return {key: sorted(set(stops), key=lambda stop: (stop.start, stop.minutes, stop.place)) for key, stops in trips.items()}


def _stops(facts: Iterable[tuple[Offer, str, str | None]]) -> Iterator[tuple[Offer, list[Stop]]]:
    """Yield each thing done with its stops: the pick-up before the door where there was one."""
    for made, door, kitchen in facts:
        fetched = [Stop(kitchen, made.round.pickup, 0)] if kitchen is not None and made.round is not None else []
        yield made, [*fetched, Stop(door, made.start, made.visit.minutes)]
