"""One visit of the plan: who goes and why, who else could, and the forms that change it. A refused edit keeps what was entered."""

from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.errors import Conflict, Invalid
from timebank.family.views.following import cost_words
from timebank.forms import take
from timebank.hours import hours_text, short_text
from timebank.places.models import Community
from timebank.planning import queries, words
from timebank.planning.actions import editing, weeks
from timebank.planning.actions.editing import Candidate
from timebank.planning.actions.steps import CannotBe, Overtaken, lines_of, mark_of
from timebank.planning.models import Assignment, Plan
from timebank.planning.naming import Names
from timebank.planning.schemas import AssignForm, CeilingForm, PinForm, SeenForm, TakeUpForm
from timebank.planning.views.again import tried_again
from timebank.planning.views.board import Table
from timebank.planning.views.shared import blueprint, my_community, my_visit
from timebank.planning.views.week import card
from timebank.planning.why import Reasons
from timebank.visits import registers
from timebank.visits.models import Visit
from timebank.visits.states import TO_COME
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, Page, found, listed, submitted, voiced

CONFLICT = 409
ORDINARY_RAISE = 45
SHOWN_CANDIDATES = 8


@blueprint.get("/plan/visits/<int:visit_id>")
def visit(visit_id: int) -> str:
    """Show one visit of the plan."""
    plan, shown = my_visit(visit_id)
    return visit_page(plan, shown)


def visit_page(plan: Plan, shown: Visit, *, refusal: Table | None = None, errors: dict[str, str] | None = None) -> str:
    """Return the page of a visit."""
    seen = queries.glance(plan)
    community: Community = plan.community
    mine = [each for each in seen.rows if each.visit_id == shown.id]
    left = queries.unserved_of(plan, shown)
    names = Names(community.id)
    may_edit = shown.state in TO_COME and not editing.is_over(shown)
    minutes = queries.week_minutes(seen.standing)
    return render_template(
        "planning/visit.html",
        community=community.name,
        plan=plan,
        seen=mark_of(lines_of(seen.of.assignments, [shown.id])),
        visit=shown,
        week_name=clock.week_name(plan.week),
        title=f"{words.kind_words(shown.kind)} · {_whom(shown)}",
        whom=_whom(shown),
        wished=_wished(shown),
        who=[_seat(seen, each) for each in mine],
        pinned=any(each.pinned for each in mine),
        declined=[made for made in shown.offers if made.state.value == "declined"],
        left={**card(left, names), "href": ""} if left else None,
        past=editing.is_over(shown),
        records=registers.records_of_visit(shown),
        cost=cost_words(shown),
        **tried_again(shown),
        may_edit=may_edit,
        candidates=[_way(each, minutes, plan) for each in editing.candidates(plan, shown)[:SHOWN_CANDIDATES]] if may_edit else [],
        people=[(each.id, each.name) for each in queries.people(community.id, plan.week)],
        days=[(day, words.day_words(date.fromisoformat(day))) for day in shown.days],
        refusal=refusal,
        errors=errors or {},
        entered=_entered(mine),
        day_href=url_for(".week", week=clock.week_name(plan.week), day=(mine[0].day.isoformat() if mine else shown.days[0])),
    )


def _whom(shown: Visit) -> str:
    """Return whom a visit is for."""
    return shown.request.elder.name if shown.request.elder else words.elders_of(shown)


def _wished(shown: Visit) -> str:
    """Return when a visit is wished for."""
    days = listed(words.day_words(date.fromisoformat(day)) for day in shown.days)
    return f"{days} {words.span(shown.window_from, shown.window_to)}"


def _seat(seen: queries.Glance, each: Assignment) -> Table:
    """Return one person of a visit's crew: who, when, how it stands, and why them."""
    return {
        "volunteer": each.volunteer,
        "day": words.day_words(each.day),
        "span": words.span(each.start, each.start + each.visit.minutes),
        "pickup": clock.hhmm(each.pickup) if each.pickup is not None else None,
        "status": queries.status_of(seen, each),
        "why": voiced(Reasons(seen.of.plan).why(each)),
    }


def _way(found_way: Candidate, minutes: dict[int, int], plan: Plan) -> Table:
    """Return one way to serve a visit in words, with what it costs."""
    faces = len(found_way.volunteers) - found_way.strangers
    return {
        "ids": [each.id for each in found_way.volunteers],
        "names": listed(each.name for each in found_way.volunteers),
        "day": found_way.day,
        "when": f"{words.day_words(found_way.day)} {clock.hhmm(found_way.start)}",
        "start": clock.hhmm(found_way.start),
        "more": _("多走 %(minutes)s 分钟", minutes=found_way.travel) if found_way.travel > 0 else _("顺路"),
        "face": _("熟悉的人") if faces else _("第一次上门"),
        "familiar": bool(faces),
        "load": [_load(each, minutes.get(each.id, 0), plan) for each in found_way.volunteers],
        "serves_now": found_way.serves_now,
    }


def _load(person: Volunteer, spent: int, plan: Plan) -> str:
    """Return the hours of a volunteer's week against their ceiling."""
    return f"{hours_text(spent)}/{short_text(queries.ceiling(plan, person))}"


def _entered(mine: list[Assignment]) -> Table:
    """Return what the forms start with: what was entered before a refusal, else how the visit stands."""
    if request.form:
        chosen: list[Any] = request.form.getlist("volunteers")
        return {**request.form.to_dict(), "volunteers": chosen}
    first = mine[0] if mine else None
    return {
        "volunteers": [str(each.volunteer_id) for each in mine],
        "day": first.day.isoformat() if first else "",
        "start": clock.hhmm(first.start) if first else "",
    }


def _refused(visit_id: int, error: CannotBe | Overtaken | Invalid) -> Page:
    """Show the visit again with the refusal, what was entered, and the way on."""
    plan, shown = my_visit(visit_id)
    if isinstance(error, Invalid):
        return visit_page(plan, shown, errors={name: voiced(pair) for name, pair in error.fields.items()}), UNPROCESSABLE
    if isinstance(error, Overtaken):
        return visit_page(plan, shown, refusal={"sentence": voiced(error.words), "gate": False, "volunteer": None}), CONFLICT
    whose = next((each for each in queries.people(plan.community_id, plan.week) if each.id == error.volunteer), None)
    refusal = {
        "sentence": voiced(error.words),
        "gate": error.gate,
        "volunteer": whose,
        "minutes": max(error.minutes, ORDINARY_RAISE) if whose else 0,
    }
    return visit_page(plan, shown, refusal=refusal), CONFLICT


def _done(plan: Plan, shown: Visit) -> str:
    """Return where an edit leads: the day of the board it is about."""
    mine = next((each for each in plan.assignments if each.visit_id == shown.id), None)
    day = mine.day.isoformat() if mine else shown.days[0]
    return url_for(".week", week=clock.week_name(plan.week), day=day, volunteer=mine.volunteer_id if mine else None)


def _told(plan: Plan, shown: Visit) -> None:
    """Say in the next page's banner how a visit stands now."""
    mine = [each for each in plan.assignments if each.visit_id == shown.id]
    title = f"{words.kind_words(shown.kind)} · {_whom(shown)}"
    if not mine:
        flash(_("%(what)s 已从计划里取下，还没有发出去。", what=title), "done")
        return
    who = listed(each.volunteer.name for each in mine)
    when = f"{words.day_words(mine[0].day)} {clock.hhmm(mine[0].start)}"
    flash(_("%(what)s 排给了%(who)s，%(when)s。还没有发出去。", what=title, who=who, when=when), "done")


@blueprint.post("/plan/visits/<int:visit_id>/assign")
def assign(visit_id: int) -> Page:
    """Give a visit to somebody, or move it to another time."""
    plan, shown = my_visit(visit_id)
    try:
        asked = take(AssignForm(), request.form)
        people = [
            found(each) for each in map({each.id: each for each in queries.people(plan.community_id, plan.week)}.get, asked["volunteers"])
        ]
        with submitted() as taken:
            editing.assign(plan, asked["version"], shown, people, asked["day"], asked["start"], seen=asked["seen"])
            answer = taken.redirect(_done(plan, shown))
    except (CannotBe, Overtaken, Invalid) as error:
        return _refused(visit_id, error)
    _told(plan, shown)
    return answer


@blueprint.post("/plan/visits/<int:visit_id>/unassign")
def unassign(visit_id: int) -> Page:
    """Take a visit off the plan."""
    plan, shown = my_visit(visit_id)
    asked = take(SeenForm(), request.form)
    with submitted() as taken:
        editing.unassign(plan, asked["version"], shown, seen=asked["seen"])
        answer = taken.redirect(_done(plan, shown))
    _told(plan, shown)
    return answer


@blueprint.post("/plan/visits/<int:visit_id>/pin")
def pin(visit_id: int) -> Page:
    """Fix a visit to its people and time, or free it."""
    plan, shown = my_visit(visit_id)
    asked = take(PinForm(), request.form)
    with submitted() as taken:
        editing.pin(plan, asked["version"], shown, pinned=asked["pinned"], seen=asked["seen"])
        return taken.redirect(url_for(".visit", visit_id=visit_id))


@blueprint.post("/plan/visits/<int:visit_id>/take-up")
def take_up(visit_id: int) -> Page:
    """Make the smallest change that serves an unserved visit."""
    plan, shown = my_visit(visit_id)
    try:
        asked = take(TakeUpForm(), request.form)
        with submitted() as taken:
            left = queries.unserved_of(plan, shown)
            if left is None:
                raise _served_already(plan)
            editing.take_up(plan, asked["version"], left, asked["reason"])
            answer = taken.redirect(_done(plan, shown))
    except (CannotBe, Invalid) as error:
        return _refused(visit_id, error)
    _told(plan, shown)
    return answer


def _served_already(plan: Plan) -> Conflict:
    """Return the refusal of a fix that is no longer needed."""
    return Conflict("这一件已经排上了，不用再改。", way=(weeks.SEE_PLAN, url_for(".week", week=clock.week_name(plan.week))))


@blueprint.post("/plan/visits/<int:visit_id>/ceiling")
def raise_ceiling(visit_id: int) -> Page:
    """Let a volunteer be asked for more minutes this week, with a reason, and come back to the visit."""
    plan, _shown = my_visit(visit_id)
    try:
        asked = take(CeilingForm(), request.form)
        with submitted() as taken:
            person = found(next((each for each in queries.people(my_community().id, plan.week) if each.id == asked["volunteer"]), None))
            editing.raise_ceiling(plan, asked["version"], person, asked["minutes"], asked["reason"])
            answer = taken.redirect(url_for(".visit", visit_id=visit_id))
    except Invalid as error:
        return _refused(visit_id, error)
    flash(_("%(who)s本周可以多请 %(minutes)s 分钟，现在再排一次。", who=person.name, minutes=asked["minutes"]), "done")
    return answer
