"""A volunteer's turns of duty on the phone: agree, be there with the code of the day, leave, or say early that one cannot come."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.errors import Invalid
from timebank.forms import Words, sentences, take
from timebank.phone.views.late_taps import must_be_told
from timebank.phone.views.phone import me, refused, show
from timebank.visits import on_duty
from timebank.visits.actions import duties, duty_times
from timebank.visits.duties import Duty
from timebank.visits.schemas import Code, TapForm
from timebank.visits.states import Why
from timebank.visits.views import cards
from timebank.web import found, submitted

blueprint = Blueprint("duties", __name__, url_prefix="/phone/duties")


class DayCode(Code):
    """The code of the day as it is shown at the place."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Return four digits or nothing."""
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            raise ValidationError(_("到岗码是 4 位数字，贴在岗位上。没有就点“没有码”。")) from error


class SignInForm(TapForm):
    """The code of the day; none when it could not be read."""

    code = DayCode(load_default="")


class GiveUpForm(TapForm):
    """Why somebody cannot come, if they want to say."""

    reason = Words(50, load_default="")


@blueprint.get("/<int:duty_id>")
def turn(duty_id: int) -> str:
    """Show one turn with what may be done now."""
    return _page(duty_id, {})


def _page(duty_id: int, errors: dict[str, str]) -> str:
    """Return the page of one turn, with what was wrong in the form on it."""
    volunteer = me()
    duty = found(on_duty.duty_of(volunteer, duty_id))
    together = [each.volunteer.name for each in on_duty.of_turn(duty) if each.volunteer is not None and each.id != duty.id]
    return show(
        "duties/turn.html",
        volunteer,
        duty=duty,
        day=cards.day_words(duty.day),
        together=together,
        may_sign_in=duty_times.may_sign_in(duty),
        tries_left=duty_times.tries_left(duty),
        over=duty.ends <= clock.now(),
        opens=clock.hhmm(max(0, duty.start - duty_times.EARLY_MINUTES)),
        errors=errors,
        given=request.form,
        back_href=url_for("phone.today") if duty.day == clock.today() else url_for("phone.week"),
    )


@blueprint.post("/<int:duty_id>/accept")
def accept(duty_id: int) -> AnyResponse:
    """Agree to a turn one was asked for."""
    with submitted() as taken:
        duties.accept(_mine(duty_id))
        flash(_("记下了，到那天在“今天”里点到岗。"), "done")
        return taken.redirect(url_for(".turn", duty_id=duty_id))


@blueprint.post("/<int:duty_id>/give-up")
def give_up(duty_id: int) -> AnyResponse:
    """Say that one cannot come; the place is open again at once and costs nothing."""
    try:
        said = take(GiveUpForm(), request.form)
    except Invalid as error:
        return refused(_page(duty_id, sentences(error)))
    with submitted() as taken:
        duties.give_up(_mine(duty_id), said["reason"], Why.ILL)
        flash(_("记下了，这一班空出来，社区马上另找人。没有任何影响。"), "done")
        return taken.redirect(url_for("phone.today"))


@blueprint.post("/<int:duty_id>/sign-in")
def sign_in(duty_id: int) -> AnyResponse:
    """Be there, with the code of the day or without; a wrong code is counted and told."""
    try:
        said = take(SignInForm(), request.form)
    except Invalid as error:
        must_be_told(error)
        return refused(_page(duty_id, sentences(error)))
    with submitted() as taken:
        duty = _mine(duty_id)
        if not duty_times.sign_in(duty, said["code"] or None, said["at"]) and duty.started_at is None:
            left = duty_times.tries_left(duty)
            flash(_("到岗码不对。请再看一下岗位上贴的 4 位数字，还可以试 %(left)s 次。", left=left), "late")
        return taken.redirect(url_for(".turn", duty_id=duty_id))


@blueprint.post("/<int:duty_id>/sign-out")
def sign_out(duty_id: int) -> AnyResponse:
    """Leave: the turn is done."""
    at = take(TapForm(), request.form)["at"]
    with submitted() as taken:
        duty_times.sign_out(_mine(duty_id), at)
        flash(_("已记离岗。服务站确认以后，这段时间记入你的服务记录。"), "done")
        return taken.redirect(url_for(".turn", duty_id=duty_id))


def _mine(duty_id: int) -> Duty:
    """Return a turn of the reader's own."""
    return found(on_duty.duty_of(me(), duty_id))
