"""我的资料: what is kept of somebody, to be seen, put right, taken along and erased; consents one by one; and what anybody may know of it all."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from marshmallow import fields
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock
from timebank.access.guards import take_back
from timebank.access.models import User
from timebank.db import db, transaction
from timebank.desk.views.people import how_often
from timebank.elders import consents, own_number
from timebank.elders.models import Consent, Elder, Purpose, Said
from timebank.elders.queries import consents as held_by
from timebank.elders.queries import every_consent, links_of
from timebank.elders.schemas import ConsentForm
from timebank.errors import Invalid
from timebank.family.views import following, own
from timebank.family.views.binding import relations
from timebank.family.views.family import reader, show
from timebank.forms import Form, Words, sentences, take
from timebank.notices import queries as notices
from timebank.phone.views.phone import refused
from timebank.sentences import Sentence
from timebank.visits import queries
from timebank.visits.actions import forgetting as erasing
from timebank.visits.actions import homes
from timebank.visits.registers import needs_of
from timebank.web import found, submitted, voiced

blueprint = Blueprint("own_data", __name__)


class NameForm(Form):
    """What somebody is called."""

    name = Words(20, required=True)


class ForgetForm(Form):
    """That somebody has read what will be erased."""

    sure = fields.Boolean(load_default=False)


@blueprint.get("/privacy")
def privacy() -> str:
    """Say to everybody what is kept, why, who sees it, for how long, and what they can ask for."""
    return show("family/privacy.html", texts=[voiced(consents.TEXTS[each]) for each in Purpose], back_href=url_for("access.home"))


@blueprint.get("/my/data")
def mine() -> str:
    """Show what is kept of the reader, and of the elders the reader is or speaks for."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    """Return the page, with what was wrong in a form on it."""
    user = reader()
    me = own.own_elders(user)
    told = dict([*relations(), (own_number.SELF, _("本人"))])
    return show(
        "family/data.html",
        user=user,
        me=me,
        elders=queries.elders_of_user(user),
        relation={link.elder_id: told.get(link.relation, link.relation) for link in links_of(user)},
        held=held_by,
        how_given=how_given,
        purposes=purposes(),
        texts={purpose.value: voiced(words) for purpose, words in consents.TEXTS.items()},
        given=request.form,
        errors=errors,
        back_href=url_for("family.home"),
    )


def how_given(given: Consent) -> str:
    """Return who gave a consent, when, how it was asked, and who of the office heard it, in one line."""
    words: dict[str, str] = {
        Said.CODE: _("凭纸上的码"),
        Said.OWN: _("自己在手机上点的"),
        Said.CALL: _("打电话问的"),
        Said.DESK: _("当面问的"),
        Said.FILE: _("登记表上写的"),
        "paper": _("纸上签的"),
        "phone": _("打电话问的"),
        "in_person": _("当面问的"),
        "web": _("网上填的"),
    }
    if given.given_by == "assumed":
        return str(_("以前的系统自动记的，没有问过您"))
    who = _("本人同意") if given.given_by == "elder" else _("家里人替老人同意")
    heard = _heard_by(given)
    parts = [
        voiced(Sentence("%(when)s%(who)s", when=following.said_at(given.given_at), who=str(who))),
        str(words.get(given.channel, given.channel)),
    ]
    return str(_("，")).join(part for part in (*parts, _("%(name)s听的", name=heard) if heard else "") if part)


def _heard_by(given: Consent) -> str:
    """Return who of the office heard a consent, nothing where nobody did."""
    return db.session.get_one(User, given.heard_by).shown_name if given.heard_by else ""


def purposes() -> list[tuple[str, str]]:
    """Return what consents are for, in words."""
    return [("service", _("接受上门服务")), ("health", _("记录健康情况")), ("door", _("记录上门提示"))]


def _elder(elder_id: int) -> Elder:
    """Return an elder the reader is or speaks for."""
    return found(next((each for each in queries.elders_of_user(reader()) if each.id == elder_id), None))


@blueprint.post("/my/data/name")
def rename() -> AnyResponse:
    """Put the reader's own name right."""
    try:
        name = take(NameForm(), request.form)["name"]
        with submitted() as taken:
            user = reader()
            with audit.changing("edit", user):
                user.name = name
            flash(_("已改好。"), "done")
            return taken.redirect(url_for(".mine"))
    except Invalid as error:
        return refused(_page(sentences(error)))


@blueprint.post("/my/data/<int:elder_id>/consent")
def withdraw(elder_id: int) -> AnyResponse:
    """Take a consent back, with effect at once."""
    purpose: Purpose = take(ConsentForm(), request.form)["purpose"]
    with submitted() as taken:
        gone = homes.withdraw_consent(_elder(elder_id), purpose, reader())
        told = _("要来的 %(count)s 次已经退掉，志愿者会收到消息。", count=len(gone)) if gone else ""
        flash(_("已撤回，从现在起生效，相关的记录已经清空。") + told, "done")
        return taken.redirect(url_for(".mine"))


@blueprint.post("/my/data/<int:elder_id>/agree")
def agree(elder_id: int) -> AnyResponse:
    """Give a consent, the text before one's eyes; only the elder themselves."""
    purpose: Purpose = take(ConsentForm(), request.form)["purpose"]
    with submitted() as taken:
        elder = found(next((each for each in own.own_elders(reader()) if each.id == elder_id), None))
        consents.give(elder, purpose, Said.OWN)
        flash(_("已记下同意。"), "done")
        return taken.redirect(url_for(".mine"))


@blueprint.get("/my/data.json")
def take_along() -> AnyResponse:
    """Give what is kept of the reader as a file; that it left the house is noted."""
    user = reader()
    with transaction():
        audit.record("export", "user", user.id)
    user = reader()
    body = json.dumps(_all_of(user), ensure_ascii=False, indent=1)
    head = {"Content-Disposition": f'attachment; filename="my-data-{clock.today()}.json"'}
    return AnyResponse(body, content_type="application/json; charset=utf-8", headers=head)


def _all_of(user: User) -> dict[str, Any]:
    """Return everything kept of a family, as plain words."""
    me = {each.id for each in own.own_elders(user)}
    return {
        "number": user.phone,
        "name": user.name,
        "since": _at(user.created_at),
        "elders": [_of_elder(each, own=each.id in me) for each in queries.elders_of_user(user)],
        "requests": [
            {
                "number": each.number,
                "kind": each.kind.name,
                "asked": _at(each.asked_at),
                "for": each.for_name,
                "address": each.for_address,
                "telephone": each.for_phone,
                "note": each.note,
                "state": each.state.value,
            }
            for each in queries.requests_of_user(user)
        ],
        "messages": [{"at": _at(each.created_at), "text": each.text} for each in notices.mine(user.id, limit=500)],
    }


def _of_elder(elder: Elder, *, own: bool) -> dict[str, Any]:
    """Return what is kept of an elder; notes on health and door only to the elder."""
    home = elder.household
    said: dict[str, Any] = {
        "name": elder.name,
        "address": f"{home.building.compound.name} {home.building.name} {home.entrance} {home.floor}",
        "telephone": elder.phone,
        "consents": [_of_consent(each) for each in every_consent(elder)],
        "pauses": [[each.first_day.isoformat(), each.last_day.isoformat()] for each in elder.pauses],
        "needs": [f"{each.kind.name}：{how_often(each)}" for each in needs_of(home)],
        "visits": _visits(elder),
    }
    if own:
        said |= {"door": home.door, "door_note": home.door_note, "diet": elder.diet, "care_note": elder.care_note, "born": elder.birth_year}
    return said


def _visits(elder: Elder) -> Sequence[dict[str, Any]]:
    """Return the visits of an elder's door, as plain words."""
    return [
        {"day": (each.day or each.occurrence).isoformat(), "kind": each.kind.name, "state": each.state.value, "minutes": each.minutes}
        for each in queries.visits_at_doors({elder.household_id})
    ]


def _of_consent(given: Consent) -> dict[str, Any]:
    """Return a consent as plain words."""
    return {
        "for": given.purpose.value,
        "by": given.given_by,
        "how": given.channel,
        "heard_by": _heard_by(given),
        "words": given.words,
        "given": _at(given.given_at),
        "withdrawn": _at(given.withdrawn_at),
    }


def _at(instant: datetime | None) -> str | None:
    """Return an instant as plain words."""
    return instant.isoformat() if instant is not None else None


@blueprint.get("/my/data/forget")
def forgetting() -> str:
    """Say what would be erased and what stays."""
    return show("family/forget.html", me=own.own_elders(reader()), back_href=url_for(".mine"))


@blueprint.post("/my/data/forget")
def forget() -> AnyResponse:
    """Erase what the reader has read the list of."""
    with submitted() as taken:
        user = reader()
        if not take(ForgetForm(), request.form)["sure"]:
            return taken.redirect(url_for(".forgetting"))
        for elder in own.own_elders(user):
            erasing.forget_elder(elder, user)
        erasing.forget_family(user)
        flash(_("已经删除。谢谢您用过这里。"), "done")
        return take_back(taken.redirect(url_for("access.home")))
