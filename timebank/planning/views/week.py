"""周计划: one week, how it stands, the one button that plans it, what publishing would change, and for whom."""

from dataclasses import replace
from datetime import date, timedelta

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.errors import Conflict
from timebank.forms import args, take
from timebank.places.models import Community
from timebank.planning import finding, handing, queries, words
from timebank.planning.actions import differences, editing, publishing, runs, weeks
from timebank.planning.actions.differences import Change
from timebank.planning.actions.steps import CannotBe
from timebank.planning.finding import Wanted
from timebank.planning.models import PLANNING, Assignment, Plan, RunKind, Unserved
from timebank.planning.naming import Names
from timebank.planning.queries import Glance
from timebank.planning.schemas import WeekArgs, WeekForm
from timebank.planning.views import board
from timebank.planning.views.board import Looking, Table
from timebank.planning.views.shared import blueprint, my_community
from timebank.planning.views.stepping import steps_table
from timebank.web import found, listed, settings, submitted, voiced

MOST_CARDS = 20


@blueprint.get("/plan")
def week() -> str:
    """Show a week: as the board of a day or as the list of everybody's week."""
    community = my_community()
    asked = args(WeekArgs())
    monday = asked["week"] or clock.monday_of(asked["day"] or clock.today())
    plan = queries.plan_of(community.id, monday)
    seen = queries.glance(plan) if plan is not None else None
    if seen is None or not (seen.rows or seen.left):
        return _empty(community, monday, plan)
    return _planned(community, seen, _looking(asked, monday))


def _looking(asked: Table, monday: date) -> Looking:
    """Return what the reader looks at."""
    wanted = Wanted(**{name: asked[name] for name in ("q", "show", "unit", "team", "building", "skill", "page")})
    return Looking(monday, _day(asked["day"], monday), asked["view"], wanted, asked["volunteer"], asked["routes"])


def with_refusal(plan: Plan, asked: Table, error: Conflict) -> str:
    """Return the board of a day with a move that does not hold: what was chosen, why not, and the way on."""
    could_at = error.could_at if isinstance(error, CannotBe) else None
    refused = {"sentence": voiced(error.words), "could_at": clock.hhmm(could_at) if could_at is not None else None, **asked}
    return _planned(plan.community, queries.glance(plan), Looking(plan.week, asked["day"], volunteer=asked["giver"]), refused)


def _day(asked: date | None, monday: date) -> date:
    """Return the day that is looked at: the one asked for, else today, else Monday."""
    days = board.week_days(monday)
    return next((day for day in (asked, clock.today()) if day in days), monday)


def _empty(community: Community, monday: date, plan: Plan | None) -> str:
    """Show a week that is not planned yet, with what is asked for in it."""
    wanted = queries.asked_for(community.id, monday)
    return render_template(
        "planning/empty.html",
        community=community.name,
        **head(monday, plan),
        wanted=[(words.kind_words(kind), kind.icon, count) for kind, count in wanted],
        total=sum(count for _kind, count in wanted),
        people=len(queries.people(community.id, monday)),
    )


def head(monday: date, plan: Plan | None) -> Table:
    """Return what the title row of a week says."""
    made = queries.runs(plan, whole=False) if plan else []
    return {
        "plan": plan,
        "monday": monday,
        "week_name": clock.week_name(monday),
        "week_number": monday.isocalendar().week,
        "days_words": words.week_words(monday),
        "before": url_for(".week", week=clock.week_name(monday - timedelta(days=7))),
        "after": url_for(".week", week=clock.week_name(monday + timedelta(days=7))),
        "past": monday + timedelta(days=7) <= clock.today(),
        "runs": [each for each in made if each.kind in PLANNING],
        "going_on": queries.going_on(made),
        "going_out": publishing.publication_of(plan) if plan else None,
        "seconds": settings().solve_seconds,
    }


def _planned(community: Community, seen: Glance, looking: Looking, refused: Table | None = None) -> str:
    """Show a planned week."""
    by_day = looking.view == "day"
    days = {looking.day} if by_day else set(board.week_days(looking.monday))
    shown = finding.found(seen, queries.board(seen, days), looking.wanted, looking.day)
    chosen = board.chosen_row(shown.rows, looking) if by_day else None
    names = Names(community.id)
    page = _day_page(seen, shown, chosen, looking, names, refused) if by_day else {}
    return render_template(
        "planning/week.html",
        community=community.name,
        **head(looking.monday, seen.plan),
        **unsent(seen, names),
        looking=looking,
        tabs=board.day_tabs(seen, looking),
        served=len(seen.served),
        needed=len(seen.of.visits),
        filters=board.filters(shown, looking),
        choices=board.choices(seen, finding.teams(community.id)),
        shown=shown,
        steps=steps_table(seen.plan),
        lists=board.week_lists(shown.rows if by_day else sorted(shown.rows, key=lambda row: row.volunteer.sort_key)),
        dropped=dropped(seen),
        fresh=_fresh(seen),
        **page,
    )


def _day_page(
    seen: Glance, shown: finding.Found, chosen: queries.Row | None, looking: Looking, names: Names, refused: Table | None
) -> Table:
    """Return what the board of a day shows beside the head of the week."""
    mine, others = board.left_on(seen, looking.day)
    marked = replace(looking, volunteer=chosen.volunteer.id if chosen else None)
    stops, pick_up = board.stop_table(chosen) if chosen else ([], None)
    return {
        "rows": board.board_rows(seen, shown.rows, marked),
        "moving": board.moving(seen, shown.rows, chosen, looking, refused),
        "cards": [card(each, names) for each in mine[:MOST_CARDS]],
        "more_cards": max(0, len(mine) - MOST_CARDS),
        "declined": _declined_on(seen, looking.day),
        "elsewhere": _elsewhere(others, looking),
        "advice": words.advice(seen.left, names),
        "chosen": chosen,
        "chosen_status": board.status_of_row(chosen) if chosen and chosen.blocks else "",
        "map": board.day_map(seen.of, shown.rows, chosen, mine, whole=looking.routes),
        "stops": stops,
        "pick_up": pick_up,
        "tiles_url": settings().tiles_url,
    }


def card(left: Unserved, names: Names) -> Table:
    """Return what the card of an unserved visit says."""
    visit = left.visit
    can = editing.can_take_up(left)
    return {
        "title": f"{words.kind_words(visit.kind)} · {words.elders_of(visit)}",
        "icon": visit.kind.icon,
        "place": words.address(visit),
        "when": words.span(visit.window_from, visit.window_to),
        "reason": words.reason(left, names),
        "href": url_for("planning.visit", visit_id=visit.id),
        "visit_id": visit.id,
        "button": words.fix_button(left, names) if can else None,
        "needs_reason": editing.needs_reason(left),
        "fix": None if can else _("这一天已经过去了。") if editing.is_over(visit, left.fix) else words.fix_words(left, names),
        "who": _("须写明理由") if can and editing.needs_reason(left) else "",
    }


def _elsewhere(others: list[Unserved], looking: Looking) -> list[Table]:
    """Return the other days that leave something unserved, each with how many and what first."""
    by_day: dict[date, list[Unserved]] = {}
    for each in others:
        by_day.setdefault(date.fromisoformat(each.visit.days[0]), []).append(each)
    return [
        {
            "day": words.weekday(day),
            "count": len(members),
            "kinds": listed(dict.fromkeys(words.short_kind(each.visit.kind) for each in members)),
            "href": looking.address(day=day.isoformat(), volunteer=None),
        }
        for day, members in sorted(by_day.items())
    ]


def unsent(seen: Glance, names: Names) -> Table:
    """Return what is not sent yet: the lines, who hears of them, and what the referee says of the whole."""
    changes = differences.changes(seen.plan, seen)
    if not changes:
        return {"lines": [], "sending": [], "stuck": [], "version": seen.plan.version}
    people = differences.touched(changes)
    held = [change for change in changes if change.word == "held"]
    late = [change for change in changes if change.too_late]
    everybody = {each.volunteer_id for each in seen.standing} | {each.volunteer_id for each in seen.offers.values()}
    groups = handing.groups(changes)
    return {
        "lines": groups,
        "sending": [group for group in groups if not group.stuck],
        "stuck": [group for group in groups if group.stuck],
        "clean": not held and not late,
        "version": seen.plan.version,
        "people": people,
        "first": handing.summary(groups),
        "fine": any(change.goes_out for change in changes),
        "verdict": _verdict(held, late, names),
        "untouched": len(everybody - {each.id for each in people}) or None,
        "stays": _stays(changes),
    }


def _stays(changes: list[Change]) -> bool:
    """Say whether nothing that was accepted or pinned is moved or taken back."""
    return not any(change.goes_out and change.offer and change.offer.state.value == "accepted" and not change.small for change in changes)


def _verdict(held: list[Change], late: list[Change], names: Names) -> str:
    """Return what the referee says of the changes, and what cannot be sent."""
    said = []
    if held and held[0].held is not None:
        people = len({change.volunteer.id for change in held})
        said.append(_("%(people)s 人的先不发：%(why)s", people=people, why=voiced(names.breach(held[0].held))))
    if late:
        said.append(_("%(count)s 件的时间已经过了，发不出去，在“今天 · 要有人去”里", count=len({change.visit.id for change in late})))
    return words.full_stop(said) if said else _("已复核，没有违反任何一条硬规则")


def _waiting(seen: Glance) -> list[Assignment]:
    """Return what was declined, is still to come and has not been taken over by anybody."""
    served = seen.served
    return [each for each in seen.dropped if each.visit_id not in served and clock.at(each.day, each.start) > clock.now()]


def _fresh(seen: Glance) -> Table | None:
    """Return how many things came in since the week was planned, and of what kinds; emergencies have their own page."""
    new = [visit for visit in seen.fresh if not visit.request.urgent]
    if not new:
        return None
    return {"count": len(new), "kinds": listed(dict.fromkeys(words.short_kind(visit.kind) for visit in new))}


def dropped(seen: Glance) -> Table | None:
    """Return how many people declined, what, and who they are; None when nothing waits for somebody else."""
    waiting = _waiting(seen)
    if not waiting:
        return None
    return {
        "people": len({each.volunteer_id for each in waiting}),
        "visits": len({each.visit_id for each in waiting}),
        "names": listed(dict.fromkeys(each.volunteer.name for each in waiting)),
    }


def _declined_on(seen: Glance, day: date) -> list[Table]:
    """Return who declined what on a day, and why."""
    by_person: dict[int, list[Assignment]] = {}
    for each in _waiting(seen):
        if each.day == day:
            by_person.setdefault(each.volunteer_id, []).append(each)
    return [
        {
            "who": members[0].volunteer.name,
            "what": listed(dict.fromkeys(words.short_kind(each.visit.kind) for each in members)),
            "count": len(members),
            "reason": seen.refused[members[0].visit_id, members[0].volunteer_id].reason,
            "href": url_for("planning.visit", visit_id=members[0].visit_id),
        }
        for members in by_person.values()
    ]


@blueprint.post("/plan/solve")
def solve() -> AnyResponse:
    """Open a week and ask the engine for its plan."""
    community = my_community()
    monday = take(WeekForm(), request.form)["week"]
    with submitted() as taken:
        plan = weeks.open_week(community.id, monday)
        run = runs.queue_run(plan, RunKind.SOLVE, settings().solve_seconds)
        return taken.redirect(url_for(".run", run_id=run.id))


@blueprint.post("/plan/replan")
def replan() -> AnyResponse:
    """Ask the engine for the fewest changes to a week's plan."""
    plan = found(queries.plan_of(my_community().id, take(WeekForm(), request.form)["week"]))
    with submitted() as taken:
        run = runs.queue_run(plan, RunKind.REPLAN, settings().solve_seconds)
        return taken.redirect(url_for(".run", run_id=run.id))
