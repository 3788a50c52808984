"""同事: who signs in for the office, with which role and for which part; let in by a link, ended in one press."""

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.actions import INVITED_FOR
from timebank.access.guards import this_user
from timebank.access.models import Role, User
from timebank.errors import Conflict, Invalid, NotAllowed
from timebank.forms import take
from timebank.office import actions, queries
from timebank.office.queries import Step
from timebank.office.schemas import ColleagueForm
from timebank.office.views.shared import Errors, blueprint, mine, page, sentences_of
from timebank.outside import outside
from timebank.volunteers import sight
from timebank.web import UNPROCESSABLE, Page, Submission, found, submitted

GIVEN = "office_link"
"""Where a link that was just made is kept until its page has told it."""


def role_words() -> dict[Role, tuple[str, str]]:
    """Return of each role of the office its name and what somebody with it sees and does."""
    return {
        Role.ADMIN: (_("管理员"), _("什么都能看、能改，管同事和设置")),
        Role.COORDINATOR: (_("协调员"), _("管本社区的老人、志愿者、周计划和账")),
        Role.INSPECTOR: (_("查看人员"), _("只看不改，姓名遮住")),
        Role.STEWARD: (_("红色管家"), _("只看自己小区的门")),
        Role.TEAM_LEAD: (_("队长"), _("只看自己队里的人")),
        Role.BUILDING_LEAD: (_("楼长"), _("只看自己的楼")),
        Role.CANTEEN: (_("食堂"), _("只看从自己食堂取的餐")),
    }


@blueprint.route("/colleagues", methods=["GET", "POST"])
def colleagues() -> Page:
    """List who signs in, and let somebody in: the next page shows the link, which is told this once."""
    if request.method == "GET":
        return _page({})
    try:
        said = take(ColleagueForm(), request.form)
        with submitted() as taken:
            user, token = actions.let_in(mine().id, said["phone"], said["name"], said["role"], this_user())
            return _told(taken, user, token)
    except (Invalid, NotAllowed, Conflict) as error:
        return _page(sentences_of(error)), UNPROCESSABLE


def _page(errors: Errors) -> str:
    """Return the list with the form of one more."""
    words, by = role_words(), this_user()
    colleagues = queries.colleagues(mine().id)
    parts = sight.things_by_user([each.user.id for each in colleagues if each.user.role in sight.PARTIAL])
    rows = [
        {
            "each": each,
            "word": words[each.user.role][0],
            "parts": [sight.name_of(thing) for thing in parts[each.user.id]] if each.user.id in parts else None,
            "mine": each.user.id == by.id,
            "may_change": each.user.role in actions.may_give(by),
        }
        for each in colleagues
    ]
    roles = [("", _("请选")), *((role.value, f"{words[role][0]} · {words[role][1]}") for role in actions.may_give(by))]
    return page("office/colleagues.html", Step.COLLEAGUES, rows=rows, roles=roles, given=request.form, errors=errors)


def _told(taken: Submission, user: User, token: str) -> AnyResponse:
    """Keep a link in whoever gives it's own browser, and lead on to the page that tells it."""
    session[GIVEN] = [user.id, token]
    return taken.redirect(url_for(".link", user_id=user.id))


@blueprint.get("/colleagues/<int:user_id>/link")
def link(user_id: int) -> AnyResponse | str:
    """Tell a colleague's link, this once; afterwards it can only be given anew."""
    number, token = session.pop(GIVEN, (0, ""))
    if number != user_id:
        return redirect(url_for(".colleagues"), 303)
    user = found(queries.colleague(mine().id, user_id))
    address = (outside.address if outside.is_known else request.host_url.rstrip("/")) + url_for("access.link", token=token)
    until = clock.now() + INVITED_FOR
    return render_template(
        "office/link.html", user=user, word=role_words()[user.role][0], link=address, until=until, parts=_parts_href(user)
    )


def _parts_href(user: User) -> str | None:
    """Return where it is said what somebody looks after, nothing for who sees everything."""
    return url_for("volunteers.lead", user_id=user.id) if user.role in sight.PARTIAL else None


@blueprint.post("/colleagues/<int:user_id>/link")
def invite_again(user_id: int) -> AnyResponse:
    """Give a colleague a new link; the next page shows it."""
    with submitted() as taken:
        user = found(queries.colleague(mine().id, user_id))
        return _told(taken, user, actions.invite_again(user, mine().id, this_user()))


@blueprint.post("/colleagues/<int:user_id>/end")
def end(user_id: int) -> AnyResponse:
    """Let a colleague in no more."""
    with submitted() as taken:
        colleague = found(queries.colleague(mine().id, user_id))
        actions.end(colleague, this_user())
        flash(_("%(name)s 不能再登录了，正在用的设备也退出了。", name=colleague.shown_name), "done")
        return taken.redirect(url_for(".colleagues"))
