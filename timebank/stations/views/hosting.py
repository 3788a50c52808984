"""The queue in the hand of whoever holds a session today: who is served, who is next, one large button for each step."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.access.masking import mask_name
from timebank.errors import NotFound
from timebank.forms import take
from timebank.stations import queries
from timebank.stations.actions import queueing
from timebank.stations.models import ServiceSession, Turn
from timebank.stations.schemas import MoveForm
from timebank.stations.views.shared import Errors, attempt, blueprint
from timebank.visits.duties import BLOCKING
from timebank.volunteers.queries import volunteer_of
from timebank.web import Page, Submission, found


def _held(session_id: int) -> ServiceSession:
    """Return a session of today that the reader holds."""
    volunteer = found(volunteer_of(this_user()))
    session = found(queries.session_in(volunteer.community_id, session_id))
    mine = [each for each in queries.hosts(session) if each.volunteer_id == volunteer.id and each.state in BLOCKING]
    if not mine or session.day != clock.today():
        raise NotFound("这一场今天不归你叫号。是你来服务的话，请服务站把你写上。")
    return session


@blueprint.get("/hosting/<int:session_id>")
def in_hand(session_id: int) -> str:
    """Show the queue to whoever holds the session."""
    return _page(session_id, {})


def _page(session_id: int, errors: Errors) -> str:
    """Return the queue for a phone; of names only what is needed to call somebody in."""
    session = _held(session_id)
    here = [row for row in session.attendances if row.turn is Turn.ARRIVED]
    serving = [row for row in session.attendances if row.turn is Turn.CALLED]
    return render_template(
        "stations/in_hand.html",
        session=session,
        serving=serving,
        next=here[0] if here and len(serving) < session.chairs else None,
        here=here,
        coming=[row for row in session.attendances if row.turn is Turn.SIGNED_UP],
        served=sum(row.turn is Turn.SERVED for row in session.attendances),
        mask=mask_name,
        errors=errors,
        back_href=url_for("phone.today"),
    )


@blueprint.post("/hosting/<int:session_id>/attendances/<int:attendance_id>")
def move_in_hand(session_id: int, attendance_id: int) -> Page:
    """Move somebody on in the queue of a session one holds."""

    def act(taken: Submission) -> AnyResponse:
        row = found(next((each for each in _held(session_id).attendances if each.id == attendance_id), None))
        queueing.move(row, take(MoveForm(), request.form)["turn"])
        return taken.redirect(url_for(".in_hand", session_id=session_id))

    return attempt(act, lambda errors: _page(session_id, errors))
