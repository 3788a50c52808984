"""求助, for the office: the inbox, one request to accept or decline, and what the desk writes down in an elder's name."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields, validate
from sqlalchemy import select

from timebank import clock
from timebank.access.guards import may, this_user
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.desk.views.people import boxes_of, eaters, how_often, until
from timebank.elders import actions as elder_actions
from timebank.elders import queries as elders
from timebank.elders.actions import SameDoor
from timebank.elders.models import Elder, ElderState, Household
from timebank.elders.schemas import NewElderForm
from timebank.elders.views import building_choices, door_of, person_of
from timebank.errors import Conflict, Invalid
from timebank.forms import Day, DayTime, Form, Whole, Words, sentences, take
from timebank.hours import DAY_AT_MOST
from timebank.places import queries as places
from timebank.visits import queries, registers
from timebank.visits.actions import asking, calling_off
from timebank.visits.actions.asking import Asker, Wish
from timebank.visits.actions.scheduling import canteen_of
from timebank.visits.models import HelpRequest, Pattern, RequestState, Source
from timebank.visits.states import BEFORE_DOOR, Why
from timebank.visits.views import cards, kitchen_words
from timebank.web import UNPROCESSABLE, Page, found, joined, listed, submitted, voiced

blueprint = Blueprint("requests", __name__, url_prefix="/requests")
MATCHES = 12
PLACES = 7
STATES = {
    "new": RequestState.NEW,
    "accepted": RequestState.ACCEPTED,
    "declined": RequestState.DECLINED,
    "ended": RequestState.ENDED,
    "all": None,
}


class InboxArgs(Form):
    """Which requests are shown."""

    state = fields.String(load_default="new", validate=validate.OneOf([*STATES]))
    q = Words(40, load_default="")


class AcceptForm(Form):
    """Whose request it is."""

    elder = Whole(1, 999_999_999, load_default=None)


class ReasonForm(Form):
    """Why it is declined."""

    reason = Words(100, load_default="")


class EndForm(Form):
    """After which day nothing more is needed."""

    last_day = Day(required=True)


class WishForm(Form):
    """When somebody is wanted, how long, how much, and who eats."""

    weekdays = fields.List(Whole(0, 6), load_default=list)
    dates = fields.List(Day(), load_default=list, validate=validate.Length(max=PLACES))
    every_weeks = Whole(1, 52, load_default=1)
    window_from = DayTime(required=True)
    window_to = DayTime(required=True)
    minutes = Whole(1, DAY_AT_MOST, load_default=None)
    boxes = Whole(0, 20, load_default=0)
    eaters = fields.List(Whole(1, 999_999_999), load_default=list, validate=validate.Length(max=20))
    note = Words(200, load_default="")


class IntakeForm(WishForm):
    """What the desk writes down in an elder's name."""

    elder = Whole(1, 999_999_999, required=True, error_messages={"required": lazy_gettext("请先选一位老人。")})
    kind = Words(20, required=True, error_messages={"required": lazy_gettext("请选一项服务。")})
    pattern = fields.Enum(Pattern, by_value=True, load_default=Pattern.ONCE)
    then = fields.String(load_default="inbox")


def community_id() -> int:
    """Return the community whose requests the reader sees."""
    return places.community_seen_by(this_user()).id


def _request(request_id: int) -> HelpRequest:
    """Return a request the reader may see."""
    return found(queries.request_of(community_id(), request_id))


@blueprint.get("")
def inbox() -> str:
    """List the requests of a state; new ones first, the oldest on top."""
    asked = take(InboxArgs(), request.args)
    mine = community_id()
    return render_template(
        "requests/inbox.html",
        rows=registers.requests(mine, STATES[asked["state"]], asked["q"]),
        asked=asked,
        counts={state.value: count for state, count in registers.counts(mine).items()},
        how_often=how_often,
        until=until,
        state_of=registers.state_of,
        late=len(registers.late_meals(mine)),
        whom=whom,
    )


@blueprint.app_template_filter("whom")
def whom(asked: HelpRequest) -> str:
    """Return whom a request is for: the elder, the household, or the name that was given."""
    if asked.elder is not None:
        return asked.elder.name
    if asked.household is not None:
        return listed(each.name for each in asked.household.elders)
    return asked.for_name or _("没有写名字")


@blueprint.get("/<int:request_id>")
def show(request_id: int) -> str:
    """Show one request and what may be done with it."""
    return _page(request_id, {})


def _page(request_id: int, errors: dict[str, str], same: Sequence[Household] = ()) -> str:
    """Return the page of one request; ``same`` are the households at the door that was typed."""
    shown = _request(request_id)
    unknown = shown.household is None
    words = request.values.get("q", "") or (shown.for_name or "" if unknown else "")
    matches = elders.elders(shown.community_id, words)[:MATCHES] if unknown and words else []
    return render_template(
        "requests/request.html",
        shown=shown,
        state=registers.state_of(shown),
        until=until(shown),
        eaters=eaters(shown),
        boxes=boxes_of(shown),
        same=same,
        ordering=kitchen_words.ordering(canteen_of(shown.community_id)) if shown.kind.from_canteen else "",
        dropping=kitchen_words.dropping(each for each in shown.visits if each.state in BEFORE_DOOR),
        whom=whom(shown),
        how_often=how_often(shown),
        asker=db.session.get(User, shown.asked_by) if shown.asked_by else None,
        decided_by=db.session.get(User, shown.decided_by) if shown.decided_by else None,
        words=words,
        matches=matches,
        errors=errors,
        given=request.form or {"name": shown.for_name or "", "phone": shown.for_phone or "", "floor": "1"},
        buildings=building_choices() if unknown else [],
        making="new" in request.args or "building" in request.form,
        today=clock.today(),
        visits=[visit for visit in shown.visits if visit.day is not None][-10:],
    )


@blueprint.post("/<int:request_id>/accept")
def accept(request_id: int) -> Page:
    """Accept a request into the weeks, bound to an elder where it was not."""
    said = take(AcceptForm(), request.form)
    try:
        with submitted() as taken:
            shown = _request(request_id)
            elder = found(elders.elder_of(shown.community_id, said["elder"])) if said["elder"] else None
            asking.accept_request(shown, this_user(), elder=elder)
            _say(_("已接下，下次排班会排上。"), shown)
            return taken.redirect(url_for(".show", request_id=request_id))
    except Conflict as error:
        return _page(request_id, {"elder": voiced(error.words)}), error.status


@blueprint.post("/<int:request_id>/new-elder")
def accept_for_new(request_id: int) -> Page:
    """Write down the elder of a request who is new here, and accept it."""
    try:
        said = take(NewElderForm(), request.form)
        with submitted() as taken:
            shown = _request(request_id)
            elder = elder_actions.register(shown.community_id, door_of(said), person_of(said), same=said["same"])
            asking.accept_request(shown, this_user(), elder=elder)
            _say(_("已登记 %(name)s，求助已接下。", name=elder.name), shown)
            return taken.redirect(url_for(".show", request_id=request_id))
    except SameDoor as error:
        return _page(request_id, {}, error.homes), UNPROCESSABLE
    except Invalid as error:
        return _page(request_id, sentences(error)), UNPROCESSABLE


@blueprint.post("/<int:request_id>/decline")
def decline(request_id: int) -> Page:
    """Decline a request with a reason that the family reads."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            asking.decline_request(_request(request_id), this_user(), reason)
            flash(_("已婉拒，家属会看到原因。"), "done")
            return taken.redirect(url_for(".inbox"))
    except Invalid as error:
        return _page(request_id, sentences(error)), UNPROCESSABLE


@blueprint.post("/<int:request_id>/end")
def end(request_id: int) -> Page:
    """End a need after a day; the volunteers of what falls away are told."""
    try:
        last = take(EndForm(), request.form)["last_day"]
        with submitted() as taken:
            shown = _request(request_id)
            gone = calling_off.cancel_request(shown, last, this_user(), Why.DESK)
            _say(_say_ended(shown, last, len(gone)), shown)
            return taken.redirect(url_for(".show", request_id=request_id))
    except Invalid as error:
        return _page(request_id, sentences(error)), UNPROCESSABLE


def _say(words: str, asked: HelpRequest) -> None:
    """Say what was done, and what the kitchen must be told because it has closed."""
    flash(joined([words, kitchen_words.noted(asked.household)]), "done")


def _say_ended(ended: HelpRequest, last: date, gone: int) -> str:
    """Return what ending a need does: at once or after its last day, and how many visits fall away."""
    first = _("已结束。") if ended.state is RequestState.ENDED else _("已记下，做到 %(day)s为止。", day=cards.date_words(last))
    more = _("取消了 %(count)s 次上门，要去的志愿者已收到消息。", count=gone) if gone else ""
    return joined([first, more])


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Write down a request in an elder's name, once or standing."""
    if request.method == "GET":
        return _intake_page({})
    try:
        said = take(IntakeForm(), request.form)
        with submitted() as taken:
            made = _ask(said)
            if said["then"] == "accept" and may("requests.accept"):
                asking.accept_request(made, this_user())
                _say(_("已记下并接下，下次排班会排上。"), made)
            else:
                flash(_("已记下，在求助里等着处理。"), "done")
            return taken.redirect(url_for(".show", request_id=made.id) if may("requests.show") else url_for("today.today"))
    except Invalid as error:
        return _intake_page(sentences(error)), UNPROCESSABLE


def _ask(said: dict[str, Any]) -> HelpRequest:
    """Put what the desk wrote down into the inbox."""
    elder: Elder = found(elders.elder_of(community_id(), said["elder"]))
    kind: ServiceKind = found(next((each for each in _kinds() if each.code == said["kind"]), None))
    once = said["pattern"] is Pattern.ONCE
    eaters, boxes = asking.who_eats(elder.household, said["eaters"], said["boxes"]) if kind.from_canteen else ([], said["boxes"])
    wish = Wish(
        kind=kind,
        window=(said["window_from"] or 0, said["window_to"] or 0),
        pattern=said["pattern"],
        dates=tuple(said["dates"]) if once else (),
        weekdays=() if once else tuple(sorted(set(said["weekdays"]))),
        every_weeks=said["every_weeks"],
        minutes=said["minutes"],
        boxes=boxes,
        eaters=tuple(eaters),
        note=said["note"],
    )
    return asking.ask_for_help(elder.community_id, wish, Asker(source=Source.DESK, user=this_user(), elder=elder))


def _kinds() -> list[ServiceKind]:
    """Return the kinds that can be asked for."""
    return list(
        db.session.scalars(
            select(ServiceKind).where(ServiceKind.enabled, ServiceKind.at_door).order_by(ServiceKind.position, ServiceKind.id)
        )
    )


def _intake_page(errors: dict[str, str]) -> str:
    """Return the form of the desk: first the elder, then what, then when."""
    mine = community_id()
    chosen = request.values.get("elder", "")
    elder = elders.elder_of(mine, int(chosen)) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 10 else None
    words = request.args.get("q", "").strip()
    kinds = _kinds()
    code = request.values.get("kind") or (kinds[0].code if kinds else "")
    kind = next((each for each in kinds if each.code == code), None)
    return render_template(
        "requests/new.html",
        elder=elder,
        words=words,
        matches=elders.elders(mine, words)[:MATCHES] if words and elder is None else [],
        kinds=kinds,
        kind=kind,
        given=request.form or _fresh(kind, elder),
        many=_many(elder),
        couple=homes_of(elder) if kind and kind.from_canteen else [],
        kitchen=kitchen_words.ordering(canteen_of(mine)) if kind and kind.from_canteen else "",
        errors=errors,
        today=clock.today(),
    )


def _many(elder: Elder | None) -> dict[str, list[str]]:
    """Return the fields that come several times, as typed; at first everybody of a household eats."""
    if request.form:
        return {name: request.form.getlist(name) for name in ("weekdays", "dates", "eaters")}
    return {"weekdays": [], "dates": [], "eaters": [str(each.id) for each in homes_of(elder)]}


def homes_of(elder: Elder | None) -> list[Elder]:
    """Return who lives behind an elder's door, where that is more than one."""
    here = [each for each in elder.household.elders if each.state is ElderState.ACTIVE] if elder else []
    return here if len(here) > 1 else []


def _fresh(kind: ServiceKind | None, elder: Elder | None) -> dict[str, Any]:
    """Return what stands in the form at first: the kind's own times."""
    start, end = kind.windows[0] if kind and kind.windows else (540, 690)
    standing = bool(kind and kind.from_canteen)
    return {
        "pattern": (Pattern.EACH_DAY if standing else Pattern.ONCE).value,
        "window_from": clock.hhmm(start),
        "window_to": clock.hhmm(end),
        "boxes": 1 if standing and elder and not homes_of(elder) else "",
        "every_weeks": 1,
    }
