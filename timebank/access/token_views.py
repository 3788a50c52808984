"""接口令牌: the page on which somebody makes a token for a program and ends it; a new one is shown once."""

from flask import Blueprint, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields, validate
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit
from timebank.access import tokens
from timebank.access.guards import this_user
from timebank.access.models import Role
from timebank.access.tokens import LONGEST_DAYS, Scope
from timebank.errors import Invalid, NotAllowed
from timebank.forms import Form, Whole, Words, sentences, take
from timebank.web import UNPROCESSABLE, found, submitted

blueprint = Blueprint("tokens", __name__, url_prefix="/tokens")
NEW = "new_token"
LIVES = (30, 90, 180, LONGEST_DAYS)
SEVERAL = (Role.ADMIN, Role.STREET_OFFICER)


class TokenForm(Form):
    """What a token is for and how long it counts."""

    name = Words(40, required=True)
    scopes = fields.List(
        fields.Enum(Scope, by_value=True),
        required=True,
        validate=validate.Length(min=1),
        error_messages={"required": lazy_gettext("请至少选一项权限。")},
    )
    days = Whole(1, LONGEST_DAYS, required=True)


@blueprint.get("")
def index() -> str:
    """List the reader's tokens, and show a new one this once."""
    return _page({}, session.pop(NEW, None))


def _page(errors: dict[str, str], new: str | None = None) -> str:
    """Return the page."""
    words = {
        Scope.READ: _("只看，不改"),
        Scope.PEOPLE: _("登记和修改老人、志愿者"),
        Scope.PLAN: _("求助、排班、发布"),
        Scope.SERVICE: _("回复邀约、签到、确认"),
        Scope.MINUTES: _("更正记录、动时间"),
        Scope.HOOKS: _("登记回调地址"),
    }
    return render_template(
        "access/tokens.html",
        tokens=tokens.tokens_of(this_user()),
        scopes=[(scope.value, words[scope]) for scope in Scope],
        lives=[(days, _("%(count)s 天", count=days)) for days in LIVES],
        given=request.form,
        chosen=request.form.getlist("scopes") or [Scope.READ.value],
        errors=errors,
        new=new,
    )


@blueprint.post("")
def make() -> AnyResponse | tuple[str, int]:
    """Make a token for one's own programs; of several communities it is for the one looked at now."""
    _must_not_be_invited()
    try:
        said = take(TokenForm(), request.form)
        with submitted() as taken:
            user = this_user()
            place = user.looks_at if user.role in SEVERAL else None
            session[NEW] = tokens.make_token(user, said["name"], said["scopes"], said["days"], place)
            return taken.redirect(url_for(".index"))
    except Invalid as error:
        return _page(sentences(error)), UNPROCESSABLE


def _must_not_be_invited() -> None:
    """Refuse whoever came in by an invitation: a token would not say any more who made it, and for four eyes that counts."""
    if audit.inviter.get() is not None:
        raise NotAllowed("这次是用邀请登录的，还不能做令牌。请用手机号和验证码登录后再做。")


@blueprint.post("/<int:token_id>/end")
def end(token_id: int) -> AnyResponse:
    """End a token at once."""
    with submitted() as taken:
        tokens.end_token(found(tokens.own_token(this_user(), token_id)))
        return taken.redirect(url_for(".index"))
