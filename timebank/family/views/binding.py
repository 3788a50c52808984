"""Pages on which a family is bound to an elder: by the code on the elder's paper, or by saying who it is; and on which it ends."""

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.masking import mask_name
from timebank.elders import binding, queries
from timebank.elders.binding import Claimed
from timebank.errors import Invalid
from timebank.family.views import family
from timebank.family.views.family import reader
from timebank.forms import Form, Reachable, Words, sentences, take
from timebank.phone.views.phone import refused
from timebank.web import found, sending, submitted, voiced

blueprint = Blueprint("family_bind", __name__, url_prefix="/family/bind")
NOT_THE_CODE = lazy_gettext("这个码不对，或者过期了、用过了。请再看一眼纸上的 8 位数字，或者请服务站再写一张。")


class CodeForm(Form):
    """The code on an elder's paper, and who is asking."""

    code = Words(40, required=True)
    relation = Words(10, required=True)


class ClaimForm(Form):
    """Whom a family says they belong to."""

    name = Words(20, required=True)
    address = Words(60, required=True)
    relation = Words(10, required=True)
    phone = Reachable(20, load_default="")


def relations() -> list[tuple[str, str]]:
    """Return what somebody may be to an elder, as it is kept and in the reader's words."""
    words = {
        "女儿": _("女儿"),
        "儿子": _("儿子"),
        "老伴": _("老伴"),
        "儿媳": _("儿媳"),
        "女婿": _("女婿"),
        "孙辈": _("孙辈"),
        "别的亲戚": _("别的亲戚"),
        "邻居朋友": _("邻居朋友"),
    }
    return [(kept, str(said)) for kept, said in words.items()]


def lives() -> list[tuple[str, str]]:
    """Return for whom somebody at home may ask, from the asker's side: what the asker is to them is kept."""
    words = {
        "子女": _("爸妈"),
        "儿媳女婿": _("公婆、岳父母"),
        "孙辈": _("爷爷奶奶、外公外婆"),
        "老伴": _("老伴"),
        "别的亲戚": _("别的亲戚"),
        "邻居朋友": _("邻居朋友"),
    }
    return [(kept, str(said)) for kept, said in words.items()]


@blueprint.get("")
def mine() -> str:
    """Show whom the reader is bound to or asks to be, and the two ways to ask."""
    return _page({})


def _page(errors: dict[str, str], given: dict[str, str] | None = None) -> str:
    """Return the page, with what was wrong in a form on it."""
    user = reader()
    return family.show(
        "family/bind.html",
        links=queries.links_of(user),
        asking=queries.asking_at(user),
        ties=queries.ties_at(user),
        claims=queries.claims_of(user),
        courtesy=lambda elder: voiced((queries.courtesy_name(elder), mask_name(elder.name))),
        awaits_second=queries.awaits_second,
        relations=relations(),
        errors=errors,
        given=given or {"code": request.args.get("code", "")[:12]},
        back_href=url_for("family.home"),
    )


@blueprint.post("")
def claim() -> AnyResponse:
    """Ask to be bound to an elder whom the station has to find."""
    try:
        said = take(ClaimForm(), request.form)
        with submitted() as taken:
            binding.claim(reader(), found(family.community_here()).id, Claimed(**said))
            flash(_("服务站收到了。他们会打电话问老人愿不愿意，一般一个工作日内给您回话。"), "done")
            return taken.redirect(url_for(".mine"))
    except Invalid as error:
        return refused(_page(sentences(error), request.form.to_dict()))


@blueprint.post("/code")
def by_code() -> AnyResponse:
    """Ask to be bound by the code on an elder's paper; a wrong one is counted."""
    try:
        said = take(CodeForm(), request.form)
        with submitted() as taken:
            link = binding.use_code(reader(), said["code"], said["relation"])
            answer = taken.redirect(url_for(".mine"))
            if link is not None:
                flash(_("码对了，老人已经同意。服务站批准以后您就能看到，最多等一天。"), "done")
            elif sending() is not None:  # a program sees no field beside which it could stand
                flash(str(NOT_THE_CODE), "warning")
    except Invalid as error:
        return refused(_page(sentences(error), request.form.to_dict()))
    return answer if link is not None else refused(_page({"code": str(NOT_THE_CODE)}, request.form.to_dict()))


@blueprint.post("/<int:link_id>/agree")
def agree(link_id: int) -> AnyResponse:
    """Let the elder agree, on their own telephone, to who asks to be bound."""
    with submitted() as taken:
        user = reader()
        link = found(next((each for each, _user in queries.asking_at(user) if each.id == link_id), None))
        binding.elder_agrees(link, user)
        flash(_("记下了，您同意。服务站批准以后，对方就能看到上门安排。"), "done")
        return taken.redirect(url_for(".mine"))


@blueprint.post("/<int:link_id>/end")
def end(link_id: int) -> AnyResponse:
    """End a tie: one's own, or, for the elder, anybody's; each is told."""
    with submitted() as taken:
        user = reader()
        link = found(next((each for each in queries.ties_in_reach(user) if each.id == link_id), None))
        binding.end(link, user)
        flash(_("已经解除。有关的人会收到消息。"), "done")
        return taken.redirect(url_for(".mine"))
