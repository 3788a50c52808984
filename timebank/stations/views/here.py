"""On a phone, for families and volunteers: the stations with their hours, the sessions to come, signing up to them and calling off."""

from collections.abc import Sequence
from datetime import timedelta

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.access.models import Role
from timebank.elders.models import Elder
from timebank.errors import NotFound
from timebank.family.views.family import show
from timebank.forms import take
from timebank.stations import queries
from timebank.stations.actions import people, queueing
from timebank.stations.models import Attendance, ServiceSession, SessionState, Source, Turn
from timebank.stations.schemas import OwnSignUpForm
from timebank.stations.views.shared import Errors, attempt, blueprint
from timebank.visits.queries import elders_of_user
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteer_of
from timebank.web import Page, Submission, found

AHEAD = timedelta(days=20)
ONESELF = 0


def _elders() -> list[Elder]:
    """Return the elders the reader speaks for."""
    return elders_of_user(this_user())


def _community_id() -> int:
    """Return the community whose stations the reader may use: their own, else their elders'."""
    user = this_user()
    if user.community_id is not None:
        return user.community_id
    elder = next(iter(_elders()), None)
    if elder is None:
        raise NotFound("还不知道您是哪个社区的。请先打电话给服务站，连上您家的老人。")
    return elder.community_id


def _self() -> Volunteer | None:
    """Return the volunteer the reader is."""
    return volunteer_of(this_user()) if this_user().role is Role.VOLUNTEER else None


@blueprint.get("/here")
def here() -> str:
    """Show stations and sessions to somebody at home."""
    return _page({})


def _page(errors: Errors) -> str:
    """Return the page."""
    community_id, today = _community_id(), clock.today()
    stations = [(each, queries.openings(each)) for each in queries.stations(community_id)]
    elders = _elders()
    mine = _own(elders)
    counts = queries.learner_counts(community_id)
    signed = {(row.session_id, row.who) for row in mine}
    rows = [
        each for each in queries.sessions(community_id, today, today + AHEAD) if each.state is SessionState.OPEN and each.course_id is None
    ]
    return show(
        "stations/here.html",
        stations=[(each, hours, queries.open_now(hours)) for each, hours in stations],
        services=queries.services(community_id),
        sessions=[(each, queries.seats_taken(each), _whom(each, elders, signed)) for each in rows],
        courses=[(each, each.seats - counts.get(each.id, 0)) for each in queries.courses(community_id)],
        mine=mine,
        errors=errors,
        back_href=url_for("phone.today" if this_user().role is Role.VOLUNTEER else "family.home"),
    )


def _own(elders: Sequence[Elder]) -> Sequence[Attendance]:
    """Return what the reader and their elders have signed up to."""
    return queries.sign_ups_of(this_user().id, [each.id for each in elders], clock.today())


def _whom(session: ServiceSession, elders: Sequence[Elder], signed: set[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return for whom the reader may still sign up to a session."""
    whom = [(each.id, each.name) for each in elders if (session.id, f"elder {each.id}") not in signed]
    volunteer = _self()
    if volunteer is not None and session.min_age is None and (session.id, _as_person(volunteer).who) not in signed:
        whom.append((ONESELF, ""))
    return whom


def _as_person(volunteer: Volunteer) -> people.Person:
    """Return a volunteer who comes to be served."""
    return people.person(volunteer.community_id, name=volunteer.name, phone=volunteer.phone)


@blueprint.post("/here/<int:session_id>")
def sign_up_here(session_id: int) -> Page:
    """Sign an elder up, or oneself."""

    def act(taken: Submission) -> AnyResponse:
        wanted: int = take(OwnSignUpForm(), request.form)["elder"]
        session = found(queries.session_in(_community_id(), session_id))
        if wanted == ONESELF:
            who = _as_person(found(_self()))
        else:
            elder = found(next((each for each in _elders() if each.id == wanted), None))
            who = people.person(elder.community_id, elder=elder)
        row = queueing.sign_up(session, who, Source.ONLINE, asked_by=this_user().id)
        if row.turn is Turn.WAITING:
            flash(_("名额满了，先排在候补，%(number)s 号。有人取消就轮到您，服务站会告诉您。", number=row.number), "late")
        else:
            flash(_("报上了，%(number)s 号。到时候带上这个号就行。", number=row.number), "done")
        return taken.redirect(url_for(".here"))

    return attempt(act, _page)


@blueprint.post("/here/sign-ups/<int:attendance_id>/call-off")
def call_off_here(attendance_id: int) -> Page:
    """Call a sign-up of one's own, or of one's elder, off."""

    def act(taken: Submission) -> AnyResponse:
        row = found(next((each for each in _own(_elders()) if each.id == attendance_id), None))
        queueing.move(row, Turn.CANCELLED)
        flash(_("取消了，位子让给别人。"), "done")
        return taken.redirect(url_for(".here"))

    return attempt(act, _page)
