"""Pages of an elder who signs in with their own number: who comes next, the code, one button that calls, 我不舒服, 今天别来."""

from collections.abc import Sequence

from flask import Blueprint, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.elders.models import Elder
from timebank.elders.queries import asking_at, links_of
from timebank.family.views import family, following
from timebank.family.views.family import reader, show
from timebank.family.views.following import Followed
from timebank.forms import Form, Whole, take
from timebank.visits import calls, queries
from timebank.visits.actions import homes, not_coming
from timebank.visits.calls import ElderCall
from timebank.visits.models import Visit, VisitState
from timebank.web import found, submitted

blueprint = Blueprint("own", __name__, url_prefix="/own")
SHOWN = 4


class NotTodayForm(Form):
    """What shall not come today: one visit, or everything."""

    visit = Whole(1, 999_999_999, load_default=None)


def own_elders(user: User) -> list[Elder]:
    """Return the elders that somebody signed in is themselves."""
    return [link.elder for link in links_of(user) if link.own and link.approved_at is not None]


def _me() -> list[Elder]:
    """Return the elders the reader is, for pages that are nobody else's; they begin large."""
    session.setdefault(family.SIZE, "large")
    elders = own_elders(reader())
    found(elders or None)
    return elders


def _visits(elders: Sequence[Elder]) -> list[Visit]:
    """Return the visits to the reader's door, those called off too."""
    return queries.visits_at_doors({each.household_id for each in elders})


@blueprint.get("")
def home() -> AnyResponse | str:
    """Show who comes next, and the few things an elder may want."""
    elders = _me()
    today = clock.today()
    every = [following.follow(each) for each in _visits(elders)]
    ahead = [each for each in every if each.ahead and each.day is not None and each.day >= today]
    return show(
        "own/home.html",
        elders=elders,
        hello=elders[0].name,
        next=ahead[0] if ahead else None,
        later=ahead[1 : SHOWN + 1],
        asks=[each for each in every if each.asks][-2:],
        today_has=bool(_today(every)),
        back=[each for each in every if not_coming.may_come_after_all(each.visit)][:2],
        came_before=_came_before(ahead[0]) if ahead else False,
        asking=bool(asking_at(reader())),
        call=_call(elders),
    )


def _came_before(it: Followed) -> bool:
    """Say whether whoever comes next has been at this door before."""
    pairs = queries.times_served(it.visit.community_id, {it.visit.household_id})
    return any((it.visit.household_id, each.volunteer_id) in pairs for each in it.going)


def _today(every: Sequence[Followed]) -> list[Followed]:
    """Return what of today can still be called off."""
    today = clock.today()
    return [each for each in every if (each.day or each.visit.occurrence) == today and not_coming.may_be_called_off(each.visit)]


def _call(elders: Sequence[Elder]) -> ElderCall | None:
    """Return the reader's call that nobody has closed."""
    return next((made for each in elders if (made := calls.open_of(each)) is not None), None)


@blueprint.post("/unwell")
def unwell() -> AnyResponse:
    """Call for help at the first press."""
    with submitted() as taken:
        calls.call(_me()[0], reader())
        return taken.redirect(url_for(".called"))


@blueprint.get("/unwell")
def called() -> AnyResponse | str:
    """Say who rings, and what to do meanwhile."""
    elders = _me()
    made = _call(elders)
    if made is None:
        return redirect(url_for(".home"), 303)
    office = users_with(Role.COORDINATOR, made.community_id)
    return show(
        "own/called.html",
        hello=elders[0].name,
        made=made,
        noted=following.said_at(made.raised_at),
        who_rings=office[0].name if office else "",
        relatives=calls.family_users(made.elder, but=reader()),
        back_href=url_for(".home"),
    )


@blueprint.post("/unwell/fine")
def fine() -> AnyResponse:
    """Say that it was nothing; the station hears that too."""
    with submitted() as taken:
        made = _call(_me())
        if made is not None:
            calls.fine(made)
        return taken.redirect(url_for(".called"))


@blueprint.get("/not-today")
def not_today() -> str:
    """Ask which of today's visits shall not come."""
    elders = _me()
    rows = _today([following.follow(each) for each in _visits(elders)])
    return show(
        "own/not_today.html",
        hello=elders[0].name,
        rows=rows,
        couple=[each for elder in elders for each in homes.together(elder)],
        relatives=calls.family_users(elders[0], but=reader()),
        back_href=url_for(".home"),
    )


@blueprint.post("/not-today")
def call_off() -> AnyResponse:
    """Call one visit of today off, or all of them."""
    chosen = take(NotTodayForm(), request.form)["visit"]
    with submitted() as taken:
        rows = [each.visit for each in _today([following.follow(each) for each in _visits(_me())])]
        gone = rows if chosen is None else [found(next((each for each in rows if each.id == chosen), None))]
        not_coming.not_coming(gone, reader())
        return taken.redirect(url_for(".home"))


@blueprint.post("/visits/<int:visit_id>/after-all")
def after_all(visit_id: int) -> AnyResponse:
    """Let a visit come after all."""
    with submitted() as taken:
        mine = [each for each in _visits(_me()) if each.id == visit_id and each.state is VisitState.CANCELLED]
        not_coming.after_all(found(next(iter(mine), None)), reader())
        return taken.redirect(url_for(".home"))
