"""给家里人订午饭: one form without an account, an honest answer with the times the plan leaves, and only then a telephone number."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields, validate
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import signed_in
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Conflict
from timebank.family.views import binding, family, following
from timebank.forms import Day, Form, Reachable, Whole, Words, filled
from timebank.phone.views.phone import refused
from timebank.places.finding import building_at, floor_in
from timebank.planning.bringing import Wanted, bringing
from timebank.visits.actions import asking, kitchen
from timebank.visits.actions.scheduling import calendar_between, canteen_of
from timebank.visits.coming import Coming
from timebank.visits.models import Pattern, Source
from timebank.visits.views import cards, kitchen_words
from timebank.web import found, invalid_fields, submitted

blueprint = Blueprint("lunch", __name__, url_prefix="/lunch")
DRAFT = "lunch"
EACH, SOME, ONCE = "each", "some", "once"
WORKDAYS = (0, 1, 2, 3, 4)
AHEAD = 14
DAYS_SHOWN = 5
DIETS = ("ordinary", "less_salt", "less_sugar", "soft")
KEPT_DIETS = dict(zip(DIETS, ("", "低盐", "低糖", "软食"), strict=True))
"""What stands in the note that the office and whoever cooks read, whatever language the family reads."""


class LunchForm(Form):
    """Lunch for somebody at home: how often, from when, how much, what not, for whom, where."""

    rhythm = fields.String(load_default=EACH, validate=validate.OneOf((EACH, SOME, ONCE), error=lazy_gettext("请选一项。")))
    weekdays = fields.List(Whole(0, 6), load_default=list)
    first_day = Day(required=True)
    boxes = Whole(1, 2, load_default=1)
    other = Words(20, load_default="")
    avoid = Words(60, load_default="")
    diet = fields.String(load_default=DIETS[0], validate=validate.OneOf(DIETS, error=lazy_gettext("请选一项。")))
    relation = Words(10, load_default="")
    name = Words(20, required=True)
    address = Words(60, required=True)
    phone = Reachable(20, load_default="")


class AnswerForm(Form):
    """What is to become of days on which nobody comes: keep them open, or leave them out."""

    empty = fields.String(load_default="wait", validate=validate.OneOf(("wait", "skip"), error=lazy_gettext("请选一项。")))


def meal_kind() -> ServiceKind | None:
    """Return the meal that is brought to the door, None where nobody cooks here."""
    community = family.community_here()
    if community is None or canteen_of(community.id) is None:
        return None
    rows = select(ServiceKind).where(ServiceKind.enabled, ServiceKind.at_door, ServiceKind.from_canteen)
    return db.session.scalars(rows.order_by(ServiceKind.position, ServiceKind.id)).first()


def _first_days(kind: ServiceKind) -> list[date]:
    """Return the days on which lunch may begin: workdays, tomorrow only before the kitchen closes."""
    community = found(family.community_here())
    late = kitchen.is_late(canteen_of(community.id), clock.today() + timedelta(days=1))
    ahead = [clock.today() + timedelta(days=offset) for offset in range(2 if late else 1, AHEAD + 1)]
    calendar = calendar_between(ahead[0], ahead[-1])
    return [day for day in ahead if not kind.workdays_only or calendar.works(day)]


def _diets() -> list[tuple[str, str]]:
    """Return what somebody may choose to eat."""
    words = (_("普通"), _("低盐"), _("低糖"), _("软食"))
    return [(value, str(word)) for value, word in zip(DIETS, words, strict=True)]


@blueprint.get("")
def form() -> AnyResponse | str:
    """Show the form, with what was entered before."""
    kept = session.get(DRAFT)
    if meal_kind() is None:  # several communities to choose from, or no kitchen: the menu asks first
        return redirect(url_for("family.ask"), 303)
    return _form_page(dict(kept) if isinstance(kept, dict) else {}, {})


def _form_page(given: dict[str, Any], errors: dict[str, str]) -> str:
    """Return the form."""
    days = _first_days(found(meal_kind()))
    weekdays = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五")]
    return family.show(
        "lunch/form.html",
        rhythms=[(EACH, _("每个工作日")), (SOME, _("挑几天")), (ONCE, _("只一次"))],
        weekdays=[(str(day), word) for day, word in enumerate(weekdays)],
        days=[(day.isoformat(), cards.day_words(day)) for day in days],
        diets=_diets(),
        relations=[*binding.lives(), ("本人", _("给我自己"))],
        kitchen=kitchen_words.ordering(canteen_of(found(family.community_here()).id), family=True),
        given={"rhythm": EACH, "boxes": "1", "diet": DIETS[0], **given},
        errors=errors,
        back_href=url_for("family.ask"),
    )


@blueprint.post("")
def look() -> AnyResponse:
    """Keep what was entered and lead to the answer; nothing is ordered and nothing is written down."""
    given = filled(LunchForm(), request.form)
    try:
        said = LunchForm().load(given)
        _check(said)
    except ValidationError as error:
        return refused(_form_page(given, invalid_fields(error.messages_dict)))
    session[DRAFT] = {name: value for name, value in given.items() if name in LunchForm().fields}
    return redirect(url_for(".answer"), 303)


def _check(said: dict[str, Any]) -> None:
    """Refuse chosen days without a day, and a day on which the kitchen does not cook."""
    if said["rhythm"] == SOME and not said["weekdays"]:
        raise ValidationError({"weekdays": [str(_("请至少选一个星期几。"))]})
    kind = meal_kind()
    if kind is None or said["first_day"] not in _first_days(kind):
        raise ValidationError({"first_day": [str(_("这一天订不到，请选表里的日子。"))]})


def _kept() -> dict[str, Any] | None:
    """Return what was entered, None when there is nothing, or its first day is too near by now."""
    kept = session.get(DRAFT)
    if not isinstance(kept, dict) or meal_kind() is None:
        return None
    try:
        said: dict[str, Any] = LunchForm().load(kept)
        _check(said)
    except ValidationError:
        return None
    return said


def _days(said: dict[str, Any], kind: ServiceKind) -> list[date]:
    """Return the first days on which lunch is wanted, up to a week of them."""
    if said["rhythm"] == ONCE:
        return [said["first_day"]]
    wanted = set(said["weekdays"]) if said["rhythm"] == SOME else set(WORKDAYS)
    later = [day for day in _first_days(kind) if day >= said["first_day"] and day.weekday() in wanted]
    return later[: min(DAYS_SHOWN, len(wanted))]


def _answer(said: dict[str, Any]) -> list[Coming] | None:
    """Return who could bring it on each day; None where nobody can say: an unknown address, or no week that is planned."""
    kind, community = found(meal_kind()), found(family.community_here())
    building = building_at(community.id, said["address"])
    if building is None:
        return None
    wanted = Wanted(kind, building, floor_in(said["address"]), tuple(kind.windows[0]), kind.minutes, said["boxes"])
    return bringing(community.id, wanted, _days(said, kind))


@blueprint.get("/answer")
def answer() -> AnyResponse | str:
    """Say day by day who could bring it and when, or honestly that nobody can or nobody knows."""
    said = _kept()
    if said is None:
        return redirect(url_for(".form"), 303)
    rows = _answer(said)
    kind = found(meal_kind())
    return family.show(
        "lunch/answer.html",
        rows=rows,
        asked=_days(said, kind),
        said=said,
        kind=kind,
        served=[each for each in rows or [] if each.start is not None],
        courtesy=following.courtesy,
        day_words=cards.day_short,
        back_href=url_for(".form"),
    )


@blueprint.post("/answer")
def send() -> AnyResponse:
    """Ask for it in the reader's name; somebody who has not signed in leaves a phone number first and comes back to the answer."""
    said = _kept()
    if said is None:
        raise Conflict("这份订餐已经交过了，或者日子过了。请回到“给家里人订午饭”再填一次。")
    if signed_in() is None:
        return redirect(url_for("access.sign_in", next=url_for(".answer"), door="help"), 303)
    empty = AnswerForm().load(filled(AnswerForm(), request.form))["empty"]
    with submitted() as taken:
        asked = asking.ask_for_help(found(family.community_here()).id, _wish(said, empty), _asker(said))
        flash(_("服务站收到了。核对以后给您回话。"), "done")
        reply = taken.redirect(url_for("family.request_page", request_id=asked.id))
    session.pop(DRAFT, None)
    return reply


def _wish(said: dict[str, Any], empty: str) -> asking.Wish:
    """Return what is asked for; days on which nobody comes are left out where the family says so."""
    kind = found(meal_kind())
    rows = _answer(said) or []
    nobody = {each.day.weekday() for each in rows if each.start is None} if empty == "skip" else set()
    once = said["rhythm"] == ONCE
    wanted = set(said["weekdays"]) if said["rhythm"] == SOME else set(WORKDAYS)
    notes = [
        KEPT_DIETS[said["diet"]],
        f"过敏、忌口：{said['avoid']}" if said["avoid"] else "",
        f"另一位：{said['other']}" if said["other"] and said["boxes"] > 1 else "",
    ]
    return asking.Wish(
        kind=kind,
        window=tuple(kind.windows[0]),
        pattern=Pattern.ONCE if once else Pattern.EACH_DAY,
        dates=(said["first_day"],) if once else (),
        weekdays=() if once else tuple(sorted(wanted - nobody or wanted)),
        boxes=said["boxes"],
        note="；".join(filter(None, notes)),
        first_day=said["first_day"],
    )


def _asker(said: dict[str, Any]) -> asking.Asker:
    """Return who asks and for whom."""
    return asking.Asker(
        source=Source.FAMILY,
        user=family.reader(),
        for_name=said["name"],
        for_address=said["address"],
        for_phone=said["phone"] or None,
        for_relation="" if said["relation"] == "本人" else said["relation"],
    )
