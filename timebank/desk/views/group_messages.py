"""给一群人发消息: choose a group, see who is in it, write a line that fits one message, and see what became of it for each."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import fields, validate

from timebank.access.guards import this_user
from timebank.desk import grouped
from timebank.errors import Conflict, Invalid
from timebank.forms import Form, Words, args, sentences, take
from timebank.places import queries as places
from timebank.volunteers import queries as volunteers
from timebank.web import UNPROCESSABLE, Page, listed, submitted, voiced

blueprint = Blueprint("group_messages", __name__, url_prefix="/group-messages")


class GroupArgs(Form):
    """Which group is looked at."""

    group = Words(40, load_default="")


class MessageForm(Form):
    """To which group, and what."""

    group = fields.String(required=True, validate=validate.Length(1, 40))
    words = Words(grouped.ROOM, required=True)


def _community() -> int:
    """Return the community whose people the reader writes to."""
    return places.community_seen_by(this_user()).id


def _groups(community_id: int) -> list[tuple[str, str]]:
    """Return every group that can be chosen, with what it is called."""
    days = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return [
        (grouped.EVERYBODY, _("所有志愿者")),
        (grouped.UNANSWERED, _("邀约还没有回复的志愿者")),
        *((f"{grouped.TEAM}:{number}", _("服务队：%(name)s", name=name)) for number, name in volunteers.team_names(community_id)),
        *((f"{grouped.UNIT}:{each.id}", _("单位：%(name)s", name=each.name)) for each in volunteers.units_now(community_id)),
        *((f"{grouped.SKILL}:{each.id}", _("技能：%(name)s", name=voiced(each.words))) for each in volunteers.skills()),
        *((f"{grouped.FREE}:{day}:am", _("%(day)s上午有空的志愿者", day=word)) for day, word in enumerate(days)),
        *((f"{grouped.FREE}:{day}:pm", _("%(day)s下午有空的志愿者", day=word)) for day, word in enumerate(days)),
        *(
            (f"{grouped.HOUSE}:{each.id}", _("%(name)s老人的家属", name=f"{each.compound.name} {each.name}"))
            for each in places.buildings(community_id)
        ),
    ]


@blueprint.get("")
def choose() -> str:
    """Show the groups, who is in the one that was chosen, and what was sent last."""
    return _page(args(GroupArgs())["group"], {})


@blueprint.post("")
def send() -> Page:
    """Write a message to everybody in a group."""
    try:
        said = take(MessageForm(), request.form)
        with submitted() as taken:
            written, left = grouped.send(_community(), said["group"], said["words"], this_user())
            words = _("写好了，发给 %(count)s 人；夜里不发，等到早上。", count=written)
            flash(words + (_("另有 %(count)s 人说过不收这一类。", count=left) if left else ""), "done")
            return taken.redirect(url_for(".choose"))
    except Invalid as error:
        return _page(request.form.get("group", ""), sentences(error)), UNPROCESSABLE
    except Conflict as error:
        return _page(request.form.get("group", ""), {"form": voiced(error.words)}), error.status


def _page(group: str, errors: dict[str, str]) -> str:
    """Return the page, with what was wrong in the form on it."""
    mine = _community()
    groups = _groups(mine)
    names = dict(groups)
    people = grouped.people_of(mine, group) if group in names else None
    return render_template(
        "desk/group_messages.html",
        groups=[("", _("请选")), *groups],
        group=group if group in names else "",
        people=people,
        who=listed(each.name for each in people or ()),
        names=names,
        sent=grouped.last_sent(mine),
        room=grouped.ROOM,
        given=request.form,
        errors=errors,
    )
