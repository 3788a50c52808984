"""The queue of a session: signing people up at the desk, and one press for each step."""

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.forms import take
from timebank.stations import queries
from timebank.stations.actions import queueing
from timebank.stations.models import Turn
from timebank.stations.schemas import MoveForm, SignUpForm
from timebank.stations.views.sessions import moved_words, session_page
from timebank.stations.views.shared import attempt, blueprint, mine, person
from timebank.web import Page, Submission, found


@blueprint.post("/sessions/<int:session_id>/sign-up")
def sign_up(session_id: int) -> Page:
    """Sign somebody up at the desk, by telephone or as they walk in."""

    def act(taken: Submission) -> AnyResponse:
        said = take(SignUpForm(), request.form)
        session = found(queries.session_in(mine(), session_id))
        who = person(mine(), said["elder"], said["name"], said["phone"])
        row = queueing.sign_up(session, who, said["source"], boxes=said["boxes"], here=said["here"])
        words = {
            Turn.WAITING: _(
                "名额满了，%(name)s排在候补，%(number)s 号。有人取消会自动补上，能发消息的会收到消息。", name=row.name, number=row.number
            ),
            Turn.SIGNED_UP: _("%(name)s报上了，%(number)s 号。", name=row.name, number=row.number),
        }.get(row.turn, _("%(name)s到了，%(number)s 号。", name=row.name, number=row.number))
        flash(words, "late" if row.turn is Turn.WAITING else "done")
        return taken.redirect(url_for(".session", session_id=session_id))

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/attendances/<int:attendance_id>")
def move(attendance_id: int) -> Page:
    """Move somebody on in the queue, or back."""
    session_id = found(queries.attendance_in(mine(), attendance_id)).session_id

    def act(taken: Submission) -> AnyResponse:
        row = found(queries.attendance_in(mine(), attendance_id))
        moved = queueing.move(row, take(MoveForm(), request.form)["turn"])
        if moved:
            flash(moved_words(moved), "late" if any(each.told_at is None for each in moved) else "done")
        return taken.redirect(url_for(".session", session_id=session_id))

    return attempt(act, lambda errors: session_page(session_id, errors))


@blueprint.post("/attendances/<int:attendance_id>/told")
def told(attendance_id: int) -> Page:
    """Note that somebody was told on the telephone that there is a seat."""
    session_id = found(queries.attendance_in(mine(), attendance_id)).session_id

    def act(taken: Submission) -> AnyResponse:
        queueing.told(found(queries.attendance_in(mine(), attendance_id)))
        return taken.redirect(url_for(".session", session_id=session_id))

    return attempt(act, lambda errors: session_page(session_id, errors))
