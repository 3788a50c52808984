"""我的消息: what somebody was told, each message with the page it leads to, and which kinds they want to hear of."""

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from marshmallow import fields
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.models import Role, User
from timebank.family.views.family import reader, show
from timebank.forms import Form, Words, take
from timebank.notices import choices, queries
from timebank.web import submitted

blueprint = Blueprint("messages", __name__, url_prefix="/my/messages")


class ChoicesForm(Form):
    """The kinds of messages somebody wants."""

    kind = fields.List(Words(20), load_default=list)


def kind_words(user: User) -> dict[str, tuple[str, str]]:
    """Return the kinds somebody may be sent, in words, with what each brings."""
    words = {
        "evening": (_("头一天傍晚"), _("明天谁来、几点、到访码；志愿者：明天去几家")),
        "soon": (_("提前一小时"), _("快到了，谁来")),
        "arrived": (_("人到了"), _("上门的人到门口了")),
        "delivered": (_("做好了、送到了"), _("每次都说一声，送饭的话天天有")),
        "answers": (_("求助的回话"), _("社区接下了，或者接不下来")),
        "changes": (_("改动"), _("换人、改时间、家里人说不用来")),
        "station": (_("站里的话"), _("服务站写给一队人、一个单位、有空的人或者一栋楼的话")),
        "offers": (_("新的邀约"), _("下周的邀约，同事想请你替一次")),
        "thanks": (_("谢谢"), _("老人家里转告的一句谢")),
        "books": (_("对账单和星级"), _("每月的对账单，星级申请到哪一步")),
    }
    hidden = frozenset() if user.role is Role.VOLUNTEER else choices.OF_VOLUNTEERS
    return {kind: said for kind, said in words.items() if kind not in hidden}


@blueprint.get("")
def mine() -> str:
    """Show the reader's last messages and their choices."""
    user = reader()
    return show(
        "family/messages.html",
        rows=queries.mine(user.id),
        kinds=kind_words(user),
        wanted=choices.wanted_of(user.id),
        back_href=url_for("access.home"),
    )


@blueprint.post("")
def choose() -> AnyResponse:
    """Keep which kinds the reader wants; a NO counts from now on."""
    wanted = set(take(ChoicesForm(), request.form)["kind"])
    with submitted() as taken:
        user = reader()
        choices.choose(user.id, wanted, set(kind_words(user)))
        flash(_("记下了。没有勾的，从现在起不再发；急事、答应过的事变了和改登记的还是会发。"), "done")
        return taken.redirect(url_for(".mine"))
