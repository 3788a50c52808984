"""Re-planning by the command, after one kind of event a time: what it takes, how much is placed again, who else is touched."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from matching.files import read_plan, read_week, week_to_json
from matching.model import Plan, Visit, VisitStop, Volunteer, Week, Window
from matching.referee.check import check
from tests.benchmarks import engine
from tests.benchmarks.generate import generate
from tests.benchmarks.measure import Run, run, stamp
from tests.benchmarks.store import Row, Store, average, groups, markdown, measured_on, percent

TABLE = "replans"
SIZES = ("M", "XL")
TRIALS = 5
BASELINE_SECONDS = 60.0
SECONDS = 30.0
NOON = (2, 720)
"""Wednesday, 12:00."""
SEVERAL = 10

Event = Callable[[Random, Week, Plan], Week]


def withdrawn(week: Week, gone: set[tuple[str, int]]) -> Week:
    """Take back windows of volunteers: they stay in their places and hold nothing any more."""

    def left(volunteer: Volunteer) -> Volunteer:
        windows = [
            Window(one.day, one.start, one.start) if (volunteer.id, index) in gone else one for index, one in enumerate(volunteer.windows)
        ]
        return replace(volunteer, windows=tuple(windows))

    return replace(week, volunteers=tuple(map(left, week.volunteers)))


def window_gone(dice: Random, week: Week, plan: Plan) -> Week:
    """Somebody cannot come on one day after all."""
    route = dice.choice(plan.routes)
    return withdrawn(week, {(route.volunteer, route.window)})


def out_for_the_week(dice: Random, week: Week, plan: Plan) -> Week:
    """Somebody cannot come at all."""
    who = dice.choice(plan.routes).volunteer
    return withdrawn(week, {(one.volunteer, one.window) for one in plan.routes if one.volunteer == who})


def new_visit(dice: Random, week: Week, _plan: Plan) -> Week:
    """A family asks for one visit more."""
    return replace(week, visits=(*week.visits, replace(dice.choice(week.visits), id="new")))


def elder_paused(dice: Random, week: Week, _plan: Plan) -> Week:
    """An elder is in hospital."""
    elder = dice.choice(week.visits).elder
    return replace(week, visits=tuple(one for one in week.visits if one.elder != elder))


def ten_at_once(dice: Random, week: Week, plan: Plan) -> Week:
    """Ten people cannot come on one of their days."""
    return withdrawn(week, {(one.volunteer, one.window) for one in dice.sample(plan.routes, SEVERAL)})


def wednesday_noon(dice: Random, week: Week, plan: Plan) -> Week:
    """Half the week is done and counts as used; somebody who has work from then on cannot come any more."""
    begins = {one.id: one for one in week.visits}
    work: dict[str, dict[int, int]] = {}
    done: set[str] = set()
    days = {one.id: [window.day for window in one.windows] for one in week.volunteers}
    for route in plan.routes:
        day = days[route.volunteer][route.window]
        for stop in route.stops:
            if isinstance(stop, VisitStop) and (day, stop.start) < NOON:
                done.add(stop.visit)
                spent = work.setdefault(route.volunteer, {})
                spent[day] = spent.get(day, 0) + begins[stop.visit].minutes
    visits = [_later(one) for one in week.visits if one.id not in done and one.days[-1] >= NOON[0]]
    people = [replace(one, used=tuple(sorted(work.get(one.id, {}).items()))) for one in week.volunteers]
    rest = replace(week, visits=tuple(visits), volunteers=tuple(people), from_=NOON)
    ahead = [one for one in plan.routes if days[one.volunteer][one.window] > NOON[0]]
    who = dice.choice(ahead).volunteer
    return withdrawn(rest, {(one.volunteer, one.window) for one in ahead if one.volunteer == who})


def _later(visit: Visit) -> Visit:
    return replace(visit, days=tuple(day for day in visit.days if day >= NOON[0]))


EVENTS: dict[str, Event] = {
    "a window gone": window_gone,
    "out for the week": out_for_the_week,
    "a new visit": new_visit,
    "an elder paused": elder_paused,
    "ten windows at once": ten_at_once,
    "Wednesday noon": wednesday_noon,
}


def keys(sizes: Sequence[str], trials: int) -> Iterator[Row]:
    """Name the rows that are wanted."""
    for size in sizes:
        for event in EVENTS:
            for trial in range(trials):
                yield {"table": TABLE, "size": size, "event": event, "trial": trial}


def measure(store: Store, wanted: Sequence[Row]) -> None:
    """Run what has no row yet; the baseline of a size is planned once."""
    bases: dict[str, tuple[Week, Plan]] = {}
    for key in store.missing(wanted):
        engine.start_up()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if key["size"] not in bases:
                week = read_week(generate(key["size"], 1))
                _, plan = engine.solve(week, folder, seconds=BASELINE_SECONDS)
                if plan is None:
                    raise RuntimeError(f"no plan of {key['size']} to change")
                bases[key["size"]] = week, plan
            week, plan = bases[key["size"]]
            changed = EVENTS[key["event"]](Random(f"{key}"), week, plan)
            store.add({**key, **stamp(), **_replanned(replace(changed, baseline=plan), plan, folder)})


def _replanned(week: Week, before: Plan, folder: Path) -> Row:
    source, target = folder / "week.json", folder / "plan.json"
    source.write_text(week_to_json(week), encoding="utf-8")
    options = ["--seconds", str(SECONDS), "--progress"]
    ran = run(["-m", "matching", "replan", str(source), "-o", str(target), *options], limit=600)
    if ran.code:
        return {"wall": ran.wall, "failed": ran.said or f"exit {ran.code}"}
    after = read_plan(target, week)
    verdict = check(week, after)
    lost, again = lost_visits(week, before), engine.served_by(after)
    forced = next(event["touched"] for _, event in ran.events() if event["phase"] == "keep")
    return {
        **_seconds(ran),
        "refused": verdict.breaches[0].en if verdict.breaches else "",
        "lost": len(lost),
        "placed": len(lost & again),
        "gone": sum(one.visit in lost and one.reason not in {"taken", "ceiling"} for one in after.unserved),
        "others": max(0, verdict.score.touched - forced),
    }


def _seconds(ran: Run) -> Row:
    """Give the seconds until the week was loaded, those of the ladder, and those of the whole command."""
    loaded = next(event["seconds"] for _, event in ran.events() if event["phase"] == "keep")
    mended = max(event["seconds"] for _, event in ran.events() if str(event["phase"]).startswith("ladder"))
    return {"wall": ran.wall, "loaded": loaded, "mended": mended - loaded}


def lost_visits(week: Week, before: Plan) -> set[str]:
    """Give the visits that were served and no longer are, and those that are new."""
    named = {one.id for one in week.visits}
    open_still = {(one.id, index) for one in week.volunteers for index, window in enumerate(one.windows) if window.start < window.end}
    lost = {
        stop.visit
        for route in before.routes
        if (route.volunteer, route.window) not in open_still
        for stop in route.stops
        if isinstance(stop, VisitStop)
    }
    old = engine.served_by(before) | {one.visit for one in before.unserved}
    return (lost | (named - old)) & named


HEADS = (
    "size", "event", "runs", "clean", "lost visits", "placed again", "nobody could", "others touched, mean", "most",
    "ladder s, mean", "most ", "command s, mean", "most  ",
)  # fmt: skip


def table(store: Store) -> str:
    """Write a line for each size and event: means over the runs, and the most."""
    rows = store.table(TABLE)
    lines = [_line(key, group) for key, group in groups(rows, "size", "event")]
    return f"{markdown(HEADS, lines)}\n\n{measured_on(rows)}"


def _line(key: tuple[str, ...], rows: Sequence[Row]) -> list[object]:
    done = [row for row in rows if "failed" not in row]
    lost = sum(row["lost"] for row in done)
    return [
        *key,
        len(rows),
        sum(not row["refused"] for row in done),
        lost,
        percent(sum(row["placed"] for row in done) / lost, 1) if lost else None,
        sum(row["gone"] for row in done),
        average(done, "others"),
        max((row["others"] for row in done), default=None),
        average(done, "mended"),
        max((row["mended"] for row in done), default=None),
        average(rows, "wall"),
        max(row["wall"] for row in rows),
    ]
