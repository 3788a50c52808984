"""The referee: judges any plan by contract sections 3 and 4 alone.

It shares no rule with the engine that plans nor with the one that explains; even its travel times are its own.
One function a hard rule, named as in the contract, gives every breach of that rule.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from operator import attrgetter
from typing import NamedTuple

from matching import reasons
from matching.model import DAY, PickupStop, Pin, Plan, Score, Stop, Visit, VisitStop, Volunteer, Week
from matching.referee.case import Case, Served, Trip, doors, score, touched_people, work_by_day, work_by_volunteer
from matching.referee.pins import left_out
from matching.referee.seats import of_gender, orders, skilled

RADIUS_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One broken rule: where, the fields of its sentence, and the sentence with ids in both languages."""

    rule: str
    zh: str
    en: str
    volunteer: str | None = None
    window: int | None = None
    visit: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)

    def said(self, names: reasons.Names) -> reasons.Words:
        """Say the sentence again with names in place of ids."""
        return reasons.say(reasons.RULES.get(self.rule) or reasons.AUDIT[self.rule], self.fields, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the referee says: whether every hard rule holds, each breach, and the score of the plan as it stands."""

    ok: bool
    breaches: tuple[Breach, ...]
    score: Score


Rule = Callable[[Case], Iterator[Breach]]


def _broken(rule: str, trip: Trip | None = None, **fields: object) -> Breach:
    if trip is not None:
        fields |= {"volunteer": trip.volunteer.id, "day": fields.get("day", trip.window.day)}
    words = reasons.say(reasons.RULES[rule], fields)
    visit = fields.get("visit")
    return Breach(
        rule=rule,
        zh=words.zh,
        en=words.en,
        volunteer=trip.volunteer.id if trip else None,
        window=trip.route.window if trip else None,
        visit=str(visit) if visit is not None else None,
        fields=fields,
    )


def window_volunteer(case: Case) -> Iterator[Breach]:
    """Home is left after the window's start and reached again by its end."""
    for trip in case.trips:
        first, last, home, mode = trip.route.stops[0], trip.route.stops[-1], trip.volunteer.place, trip.volunteer.mode
        leave = _time(first) - case.leg(mode, home, case.place(first))
        back = case.end(trip, last) + case.leg(mode, case.place(last), home)
        if leave < trip.window.start or back > trip.window.end:
            yield _broken("window_volunteer", trip, start=trip.window.start, end=trip.window.end, leave=leave, home=back)


def travel_time(case: Case) -> Iterator[Breach]:
    """No stop is earlier than the end of the stop before plus the way."""
    for trip in case.trips:
        for before, after in zip(trip.route.stops, trip.route.stops[1:], strict=False):
            earliest = case.end(trip, before) + case.leg(trip.volunteer.mode, case.place(before), case.place(after))
            if _time(after) < earliest:
                yield _broken("travel_time", trip, at=_time(after), earliest=earliest, visit=_visit_of(after))


def day(case: Case) -> Iterator[Breach]:
    """A visit is on one of its days."""
    for visit, served in doors(case):
        if served.trip.window.day not in visit.days:
            yield _broken("day", served.trip, visit=visit.id)


def window_visit(case: Case) -> Iterator[Breach]:
    """A visit starts and ends within its window."""
    for visit, served in doors(case):
        start, until = visit.window
        end = served.start + case.minutes(served.trip.volunteer, visit.id)
        if served.start < start or end > until:
            yield _broken("window_visit", served.trip, visit=visit.id, at=served.start, end=end, start=start, until=until)


def skill(case: Case) -> Iterator[Breach]:
    """One of the crew has the skills, the other those of the second."""
    for visit, crew in _crews(case):
        if not any(skilled(visit, order) for order in orders(crew)):
            who = [one.id for one in crew]
            wanted = dict.fromkeys([*visit.skills, *(visit.second.skills if visit.second else ())])
            yield _broken("skill", case.served[visit.id][0].trip, visit=visit.id, who=who, skills=tuple(wanted))


def gender(case: Case) -> Iterator[Breach]:
    """The one who has the skills has the gender asked for, and so has the second."""
    for visit, crew in _crews(case):
        able = [order for order in orders(crew) if skilled(visit, order)] or list(orders(crew))
        if not any(of_gender(visit, order) for order in able):
            yield _broken("gender", case.served[visit.id][0].trip, visit=visit.id, who=[one.id for one in crew])


def excluded(case: Case) -> Iterator[Breach]:
    """Nobody comes whom the elder does not want, or who is not to come for this visit."""
    for visit, served in doors(case):
        for by, barred in (("elder", case.elders[visit.elder].excluded), ("visit", visit.excluded)):
            if served.trip.volunteer.id in barred:
                yield _broken("excluded", served.trip, visit=visit.id, elder=visit.elder, by=by)


def radius(case: Case) -> Iterator[Breach]:
    """Nobody comes from farther away than agreed."""
    for visit, served in doors(case):
        limit = served.trip.volunteer.radius
        if limit is None:
            continue
        metres = case.metres(served.trip.volunteer.place, case.elders[visit.elder].place)
        if metres is not None and metres > limit + RADIUS_TOLERANCE:
            yield _broken("radius", served.trip, visit=visit.id, metres=round(metres), radius=limit)


def pickup(case: Case) -> Iterator[Breach]:
    """Each meal is picked up once, at its canteen and hours, earlier in the route; each box aboard is delivered later."""
    for trip in case.trips:
        aboard: set[str] = set()
        taken: set[str] = set()
        for stop in trip.route.stops:
            if isinstance(stop, PickupStop):
                kitchen = case.canteens[stop.pickup]
                late = kitchen.until is not None and stop.at > kitchen.until
                for name in stop.visits:
                    if late or stop.at < kitchen.ready or case.visits[name].canteen != stop.pickup or name in taken:
                        yield _broken("pickup", trip, visit=name)
                    aboard.add(name)
                    taken.add(name)
            elif case.visits[stop.visit].canteen is not None:
                if stop.visit not in aboard:
                    yield _broken("pickup", trip, visit=stop.visit)
                aboard.discard(stop.visit)
        for name in sorted(aboard):
            yield _broken("pickup", trip, visit=name)


def boxes(case: Case) -> Iterator[Breach]:
    """Never more boxes are aboard than the volunteer carries."""
    for trip in case.trips:
        aboard: Counter[str] = Counter()
        for stop in trip.route.stops:
            if isinstance(stop, VisitStop):
                aboard.pop(stop.visit, None)
                continue
            for name in stop.visits:
                aboard[name] += case.visits[name].boxes
            if aboard.total() > trip.volunteer.boxes:
                yield _broken("boxes", trip, at=stop.at, aboard=aboard.total(), boxes=trip.volunteer.boxes)


def trips(case: Case) -> Iterator[Breach]:
    """A window has at most so many pick-ups."""
    for trip in case.trips:
        count = sum(isinstance(stop, PickupStop) for stop in trip.route.stops)
        if trip.volunteer.trips is not None and count > trip.volunteer.trips:
            yield _broken("trips", trip, count=count, trips=trip.volunteer.trips)


def hot(case: Case) -> Iterator[Breach]:
    """A meal is delivered while it is hot."""
    for trip in case.trips:
        picked: dict[str, PickupStop] = {}
        for stop in trip.route.stops:
            if isinstance(stop, PickupStop):
                picked |= dict.fromkeys(stop.visits, stop)
            elif stop.visit in picked:
                limit = case.canteens[picked[stop.visit].pickup].hot
                minutes = case.end(trip, stop) - picked[stop.visit].at
                if limit is not None and minutes > limit:
                    yield _broken("hot", trip, visit=stop.visit, minutes=minutes, hot=limit)


def crew(case: Case) -> Iterator[Breach]:
    """A crew comes whole, as different people, on the same day at the same minute."""
    for name, served in case.served.items():
        wanted = case.visits[name].crew
        moments = {(one.trip.window.day, one.start) for one in served}
        who = {one.trip.volunteer.id for one in served}
        if wanted > 1 and (len(served) < wanted or len(moments) > 1 or len(who) < len(served)):
            yield _broken("crew", visit=name, crew=wanted)


def once(case: Case) -> Iterator[Breach]:
    """A visit is served once."""
    for name, served in case.served.items():
        if len(served) > case.visits[name].crew:
            yield _broken("once", visit=name)


def at_once(case: Case) -> Iterator[Breach]:
    """At a door where one comes at a time, two visits do not overlap."""
    for home in case.week.elders:
        if not home.at_once:
            for one, two in combinations(_moments(case, home.id), 2):
                if one.begins < two.ends and two.begins < one.ends:
                    yield _broken("at_once", elder=home.id, visit=one.visit, other=two.visit)


def apart_people(case: Case) -> Iterator[Breach]:
    """Two visits that want different people have nobody in common."""
    for visit, other in (each.visits for each in case.week.apart if each.people):
        crews = ({served.trip.volunteer.id for served in case.served.get(name, ())} for name in (visit, other))
        for volunteer in sorted(set.intersection(*crews)):
            yield _broken("apart_people", visit=visit, other=other, volunteer=volunteer)


def apart_gap(case: Case) -> Iterator[Breach]:
    """Between two visits that want a gap there are as many minutes as they want, days counted in full."""
    for each in case.week.apart:
        moments = [_moment(case, name) for name in each.visits if case.served.get(name)]
        if each.gap is None or len(moments) < len(each.visits):
            continue
        earlier, later = sorted(moments, key=attrgetter("begins"))
        minutes, (least, most) = later.begins - earlier.ends, each.gap
        if minutes < least or (most is not None and minutes > most):
            visit, other = each.visits
            yield _broken("apart_gap", visit=visit, other=other, minutes=minutes, wanted=reasons.gap(least, most))


def max_day(case: Case) -> Iterator[Breach]:
    """Nobody who serves on a day works longer than the day's ceiling, work already spent included."""
    for (name, on), work in work_by_day(case).items():
        volunteer = case.volunteers[name]
        total = work + sum(minutes for spent_on, minutes in volunteer.used if spent_on == on)
        if total > volunteer.max_day:
            trip = next(one for one in case.trips if one.volunteer.id == name and one.window.day == on)
            yield _broken("max_day", trip, work=total, ceiling=volunteer.max_day)


def max_week(case: Case) -> Iterator[Breach]:
    """Nobody who serves works longer than the week's ceiling, work already spent included."""
    for name, work in work_by_volunteer(case).items():
        volunteer = case.volunteers[name]
        total = work + sum(minutes for _, minutes in volunteer.used)
        if total > volunteer.max_week:
            trip = next(one for one in case.trips if one.volunteer.id == name)
            yield _broken("max_week", trip, work=total, ceiling=volunteer.max_week)


def pin_kept(case: Case) -> Iterator[Breach]:
    """A pinned visit that is served is served as pinned."""
    for pin in case.week.pins:
        served = case.served.get(pin.visit)
        if served and not _as_pinned(pin, served):
            yield _broken("pin", visit=pin.visit)


def touched(case: Case) -> Iterator[Breach]:
    """At most so many people have their week changed."""
    most = case.week.max_touched
    if most is not None and (count := len(touched_people(case))) > most:
        yield _broken("touched", count=count, most=most)


def from_(case: Case) -> Iterator[Breach]:
    """No stop is before the moment the plan starts from, except pinned ones."""
    if case.week.from_ is None:
        return
    for trip in case.trips:
        for stop in trip.route.stops:
            names = stop.visits if isinstance(stop, PickupStop) else (stop.visit,)
            if (trip.window.day, _time(stop)) < case.week.from_ and not all(name in case.pins for name in names):
                yield _broken("from", trip, at=_time(stop), visit=_visit_of(stop))


ROUTE_RULES: tuple[Rule, ...] = (
    window_volunteer,
    travel_time,
    day,
    window_visit,
    excluded,
    radius,
    pickup,
    boxes,
    trips,
    hot,
    max_day,
    max_week,
    from_,
)
VISIT_RULES: tuple[Rule, ...] = (skill, gender, crew, once, at_once, apart_people, apart_gap, pin_kept)


def check(week: Week, plan: Plan) -> Verdict:
    """Judge a plan: every breach of every hard rule, and the score.

    Parameters
    ----------
    week : Week
        The week the plan is for.
    plan : Plan
        Any plan of it, solved or made by hand; only its routes are looked at.

    Returns
    -------
    Verdict
        `ok` if no hard rule is broken; `breaches` by rule, with volunteer, window (index) and visit where one is meant, and
        the sentence in both languages; the `score` (weight as in the file, travel in minutes) of the routes as they stand.

    Raises
    ------
    KeyError, IndexError
        If the plan names what the week lacks; `read_plan` lets no such plan through.
    """
    case = Case(week, plan)
    breaches = [breach for rule in (*ROUTE_RULES, *VISIT_RULES, touched) for breach in rule(case)]
    breaches += [_broken("pin", visit=name) for name in left_out(case, _stands)]
    return Verdict(ok=not breaches, breaches=tuple(breaches), score=score(case))


def _time(stop: Stop) -> int:
    return stop.at if isinstance(stop, PickupStop) else stop.start


def _visit_of(stop: Stop) -> str | None:
    return stop.visit if isinstance(stop, VisitStop) else None


class Moment(NamedTuple):
    """When a visit is served, in minutes of the week."""

    visit: str
    begins: int
    ends: int


def _moment(case: Case, name: str) -> Moment:
    """Find when a visit is served, from who of its crew is there first to who stays longest."""
    begins = min(served.trip.window.day * DAY + served.start for served in case.served[name])
    return Moment(name, begins, begins + case.visits[name].lasts)


def _moments(case: Case, elder: str) -> list[Moment]:
    """Give the visits to an elder that are served."""
    return [_moment(case, name) for name in case.served if case.visits[name].elder == elder]


def _crews(case: Case) -> Iterator[tuple[Visit, list[Volunteer]]]:
    """Give the visits whose crew is complete: what its members can do means nothing otherwise."""
    for name, served in case.served.items():
        visit, people = case.visits[name], [one.trip.volunteer for one in served]
        if visit.crew == 1:
            for one in people:
                yield visit, [one]
        elif len(people) == visit.crew:
            yield visit, people


def _as_pinned(pin: Pin, served: list[Served]) -> bool:
    who = {one.trip.volunteer.id for one in served}
    return set(pin.volunteers) <= who and all(one.trip.window.day == pin.day and pin.start in {None, one.start} for one in served)


def _stands(case: Case, name: str) -> bool:
    """Say whether these routes and this visit in them break nothing."""
    return not any(True for rule in ROUTE_RULES for _ in rule(case)) and not any(
        name in {breach.visit, breach.fields.get("other")} for rule in VISIT_RULES for breach in rule(case)
    )
