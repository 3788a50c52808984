"""场次: the calendar of sessions, a new one, the page of one with its queue, and what its hosts and the desk do with it."""

from datetime import date, timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.elders import queries as elders
from timebank.errors import wrong
from timebank.forms import args, take
from timebank.places import queries as places
from timebank.stations import figures, queries
from timebank.stations.actions import hosting, queueing
from timebank.stations.actions import sessions as verbs
from timebank.stations.models import SEATED, TAUGHT, Attendance, Kind, ServiceSession, Turn
from timebank.stations.schemas import ChangeForm, CountForm, HostForm, LookArgs, ReasonForm, SessionForm
from timebank.stations.views.shared import (
    FOUND,
    Errors,
    attempt,
    blueprint,
    choices,
    looked_words,
    mine,
    station_choices,
    station_of,
    volunteer_choices,
)
from timebank.volunteers import queries as volunteers
from timebank.web import Page, Submission, found, listed

AHEAD, BACK = timedelta(days=20), timedelta(days=30)
OLD_AGE = 80
SEATS = {Kind.HAIRCUT: 60, Kind.CLINIC: 40, Kind.SITTING: 40}


@blueprint.get("/sessions")
def sessions() -> str:
    """Show the sessions of the weeks to come, or those that were."""
    gone, today = args(LookArgs())["gone"], clock.today()
    rows = queries.sessions(mine(), today - BACK, today - timedelta(days=1)) if gone else queries.sessions(mine(), today, today + AHEAD)
    days: dict[date, list[ServiceSession]] = {}
    for each in reversed(rows) if gone else rows:
        days.setdefault(each.day, []).append(each)
    return render_template("stations/sessions.html", days=days, gone=gone, today=today)


@blueprint.route("/sessions/new", methods=["GET", "POST"])
def hold() -> Page:
    """Put a session on the calendar."""
    if request.method == "GET":
        return _new_page({})

    def act(taken: Submission) -> AnyResponse:
        made = verbs.hold(mine(), _draft(take(SessionForm(), request.form)))
        flash(_("排上了。现在可以报名，也可以先写上谁来服务。"), "done")
        return taken.redirect(url_for(".session", session_id=made.id))

    return attempt(act, _new_page)


def _draft(said: dict[str, Any]) -> verbs.Draft:
    """Return the session a form describes."""
    canteen = next((each for each in places.canteens(mine()) if each.id == said["canteen"]), None)
    names = ("kind", "title", "day", "start", "end", "seats", "chairs", "min_age", "place")
    return verbs.Draft(
        **{name: said[name] for name in names},
        station=station_of(mine(), said["station"]),
        canteen=canteen if said["kind"] is Kind.SITTING else None,
        unit=found(volunteers.unit_in(mine(), said["unit"])) if said["unit"] else None,
    )


def _new_page(errors: Errors) -> str:
    """Return the form of a session; what its kind is known by is filled in."""
    asked = request.form or request.args
    kind = next((each for each in Kind if each.value == asked.get("kind")), Kind.HAIRCUT)
    given = {
        "kind": kind.value,
        "title": "",
        "day": clock.today().isoformat(),
        "seats": SEATS.get(kind, 20),
        "chairs": 1,
        "min_age": OLD_AGE if kind is Kind.SITTING else "",
        **asked.to_dict(),
    }
    return render_template(
        "stations/session_new.html",
        kinds=choices(Kind, [each for each in Kind if each not in TAUGHT]),
        kind=kind,
        stations=station_choices(mine()),
        canteens=[(each.id, each.name) for each in places.canteens(mine())],
        units=[(each.id, each.name) for each in volunteers.units_now(mine())],
        given=given,
        errors=errors,
    )


@blueprint.get("/sessions/<int:session_id>")
def session(session_id: int) -> str:
    """Show a session with its queue: who is served, who is next, who is here, who is to come."""
    return session_page(session_id, {})


def session_page(session_id: int, errors: Errors) -> str:
    """Return the page of a session, with what was wrong in a form on it."""
    shown = found(queries.session_in(mine(), session_id))
    q = looked_words()
    by_turn: dict[str, list[Attendance]] = {each.value: [] for each in Turn}
    for row in shown.attendances:
        by_turn[row.turn.value].append(row)
    queued = {row.who: row for row in shown.attendances if row.turn is not Turn.CANCELLED}
    return render_template(
        "stations/session.html",
        session=shown,
        by_turn=by_turn,
        next=queries.next_in(shown),
        taken=queries.seats_taken(shown),
        to_tell=[row for row in shown.attendances if row.moved_up and row.told_at is None and row.turn is Turn.SIGNED_UP],
        q=q,
        rows_found=_in_queue(shown, q) if q else [],
        elders=[(each, queued.get(f"elder {each.id}")) for each in elders.elders(mine(), q)[:FOUND]] if q else [],
        hosts=queries.hosts(shown),
        fed_at_home=_fed_at_home(shown),
        volunteers=volunteer_choices(mine()),
        carried=figures.boxes_carried(shown.canteen_id, shown.day) if shown.canteen_id else None,
        is_today=shown.day == clock.today(),
        is_past=shown.day < clock.today(),
        given=request.form,
        errors=errors,
    )


def _fed_at_home(shown: ServiceSession) -> set[int]:
    """Return who of a canteen's sitting has a meal carried home that day after all, ordered since they signed up."""
    if shown.canteen_id is None:
        return set()
    seated = [row for row in shown.attendances if row.turn in SEATED and row.elder is not None]
    return {row.id for row in seated if row.elder is not None and figures.meal_at_home(row.elder, shown.day)}


def _in_queue(shown: ServiceSession, q: str) -> list[Attendance]:
    """Return who in a queue is meant by some words: a number, a name or a telephone."""
    here = [row for row in shown.attendances if row.turn is not Turn.CANCELLED]
    if q.isdecimal() and len(q) <= len(str(len(shown.attendances) + 1)):
        return [row for row in here if row.number == int(q)]
    return [row for row in here if q in row.name or (len(q) > 2 and q in row.phone)][:FOUND]


def _answer(session_id: int, taken: Submission, said: str, kind: str = "done") -> AnyResponse:
    """Go back to a session with what was done."""
    flash(said, kind)
    return taken.redirect(url_for(".session", session_id=session_id))


def moved_words(moved: list[Attendance]) -> str:
    """Return who moved up from the waiting list, nothing when nobody did."""
    if not moved:
        return ""
    silent = [each.name for each in moved if each.told_at is None]
    said = _("候补的%(names)s有位子了。", names=listed(each.name for each in moved))
    return str(said) + (str(_("请打电话告诉%(names)s。", names=listed(silent))) if silent else "")


@blueprint.post("/sessions/<int:session_id>/change")
def change(session_id: int) -> Page:
    """Change seats and times."""

    def act(taken: Submission) -> AnyResponse:
        said = take(ChangeForm(), request.form)
        moved = queueing.change(found(queries.session_in(mine(), session_id)), **said)
        return _answer(session_id, taken, _("名额和时间改好了。") + moved_words(moved))

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/sessions/<int:session_id>/count")
def count(session_id: int) -> Page:
    """Write down how many came without a name."""

    def act(taken: Submission) -> AnyResponse:
        said = take(CountForm(), request.form)
        verbs.count(found(queries.session_in(mine(), session_id)), said["heads"], said["boxes"])
        return _answer(session_id, taken, _("人数记下了，只算人次，不算人。"))

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/sessions/<int:session_id>/close")
def close(session_id: int) -> Page:
    """End a session."""

    def act(taken: Submission) -> AnyResponse:
        absent = verbs.close(found(queries.session_in(mine(), session_id)), this_user())
        return _answer(session_id, taken, _("这一场结束了，%(count)s 位报了名没来。", count=absent))

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/sessions/<int:session_id>/reopen")
def reopen(session_id: int) -> Page:
    """Open a session of today again."""

    def act(taken: Submission) -> AnyResponse:
        verbs.reopen(found(queries.session_in(mine(), session_id)))
        return _answer(session_id, taken, _("重新打开了。"))

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/sessions/<int:session_id>/call-off")
def call_off(session_id: int) -> Page:
    """Call a session off."""

    def act(taken: Submission) -> AnyResponse:
        silent = verbs.call_off(found(queries.session_in(mine(), session_id)), take(ReasonForm(), request.form)["reason"], this_user())
        if silent:
            return _answer(session_id, taken, _("取消了。还要打电话告诉：%(names)s。", names=listed(silent)), "late")
        return _answer(session_id, taken, _("取消了，报名的人都收到消息了。"))

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/sessions/<int:session_id>/hosts")
def add_host(session_id: int) -> Page:
    """Say who holds a session."""

    def act(taken: Submission) -> AnyResponse:
        said = take(HostForm(), request.form)
        volunteer = volunteers.volunteer_in(mine(), said["volunteer"])
        if volunteer is None:
            raise wrong("volunteer", "请选一位志愿者。")
        hosting.add_host(found(queries.session_in(mine(), session_id)), volunteer, this_user(), agreed=said["agreed"])
        words = _("%(name)s来服务，记下了。", name=volunteer.name) if said["agreed"] else _("请%(name)s来，等他回话。", name=volunteer.name)
        return _answer(session_id, taken, words)

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/sessions/<int:session_id>/hosts/<int:duty_id>/drop")
def drop_host(session_id: int, duty_id: int) -> Page:
    """Take somebody off a session's hosts."""

    def act(taken: Submission) -> AnyResponse:
        shown = found(queries.session_in(mine(), session_id))
        hosting.drop_host(shown, found(next((each for each in queries.hosts(shown) if each.id == duty_id), None)))
        return _answer(session_id, taken, _("去掉了。"))

    return attempt(act, lambda errors: session_page(session_id, errors))
