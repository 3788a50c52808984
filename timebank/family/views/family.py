"""Pages of a family: asking for help from the menu, following each visit live, confirming it, cancelling a request."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from marshmallow import ValidationError
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import may, signed_in
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.desk.views.people import until
from timebank.elders.models import Elder
from timebank.elders.queries import links_of
from timebank.errors import Conflict, Invalid, NotSignedIn
from timebank.family.views import following
from timebank.forms import filled, in_full, sentences, take
from timebank.phone.views.phone import refused
from timebank.places.models import Canteen, Community
from timebank.visits import queries
from timebank.visits.actions import asking, confirming, homes, kitchen, not_coming, paying, telling
from timebank.visits.actions.scheduling import calendar_between, canteen_of
from timebank.visits.models import HelpRequest, Pattern, RequestState, Source, Trust, Visit, VisitState
from timebank.visits.registers import state_of
from timebank.visits.schemas import AskForm, DoubtForm, ThanksForm
from timebank.visits.views import cards, kitchen_words
from timebank.web import found, invalid_fields, safe_next, submitted

blueprint = Blueprint("family", __name__)
DRAFT = "ask"
PLACE = "community"
SIZE = "elder_size"
SIZES = ("standard", "large", "largest")
ORDINARY = "ordinary"
DAYS_SHOWN = 8
LONG_WINDOW = 300
NOON = 630
MIDDAY = 720
AFTER_REST = 780
EVENING = 960
WITHOUT_AN_END = {RequestState.NEW, RequestState.DECLINED}
"""Standing requests that wait for an answer, or were answered with a no, are told like single ones."""
OVER = {VisitState.CONFIRMED, VisitState.FAILED}


def show(template: str, **values: Any) -> str:  # noqa: ANN401 - a template takes anything
    """Return a family page, in the ordinary frame or the one for elders."""
    return render_template(template, **looks(), **values)


def looks() -> dict[str, Any]:
    """Return what the frame for elders needs: whose pages these are, the size of their words, and where to choose another."""
    community = community_here()
    size = session.get(SIZE)
    return {
        "community": community.name if community else None,
        "station_phone": community.phone if community else None,
        "elder_size": size if size in SIZES else None,
        "size_href": lambda chosen: url_for("family.size", chosen=chosen, next=_here()),
        "ordinary_href": url_for("family.size", chosen=ORDINARY, next=_here()),
    }


def _here() -> str:
    """Return this page's own address, of a form that of its page."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return url_for("family.home" if may("family.home") else "access.home")


def _communities() -> Sequence[Community]:
    """Return all communities."""
    return db.session.scalars(select(Community).order_by(Community.id)).all()


def community_here() -> Community | None:
    """Return whose pages these are: the one in the address, the reader's own, the one kept before, or the only one."""
    user = signed_in()
    asked = request.args.get("c")
    if asked:
        known = db.session.scalars(select(Community).where(Community.slug == asked)).first()
        if known is not None:
            session[PLACE] = known.id
            return known
    own = user.community_id if user else None
    kept = db.session.get(Community, own or session.get(PLACE) or 0)
    if kept is not None:
        return kept
    every = _communities()
    return every[0] if len(every) == 1 else None


def _kinds() -> Sequence[ServiceKind]:
    """Return the menu."""
    return db.session.scalars(
        select(ServiceKind).where(ServiceKind.enabled, ServiceKind.at_door).order_by(ServiceKind.position, ServiceKind.id)
    ).all()


@blueprint.get("/elder-view/<chosen>")
def size(chosen: str) -> AnyResponse:
    """Choose how large the pages are; a choice of looks, kept in this browser."""
    session[SIZE] = chosen if chosen in SIZES else ORDINARY
    return redirect(safe_next(request.args.get("next"), url_for(".ask")), 303)


@blueprint.get("/ask")
def ask() -> str:
    """Show the menu of what can be asked for; where there are several communities, ask for one first."""
    if community_here() is None:
        return show("family/places.html", communities=_communities())
    return show("family/ask.html", kinds=_kinds(), everything="all" in request.args, back_href=_home())


def _home() -> str | None:
    """Return the way back to the family's own page, for somebody who has signed in."""
    return url_for(".home") if may("family.home") else None


@blueprint.get("/ask/<code>")
def form(code: str) -> str:
    """Show the form of one kind of help, with what was entered before."""
    return _form_page(_kind(code), _draft(code), {})


def _kind(code: str) -> ServiceKind:
    """Return a kind of the menu."""
    return found(next((kind for kind in _kinds() if kind.code == code), None))


def _draft(code: str) -> dict[str, Any]:
    """Return what was entered for a kind before signing in."""
    kept = session.get(DRAFT)
    return dict(kept["said"]) if isinstance(kept, dict) and kept.get("kind") == code else {}


def _form_page(kind: ServiceKind, given: dict[str, Any], errors: dict[str, str]) -> str:
    """Return the form of one kind."""
    user = signed_in()
    days = days_of(kind)
    windows = window_choices(kind)
    elders = queries.elders_of_user(user) if user else []
    couples = list({elder.household_id: here for elder in elders if (here := [elder, *homes.together(elder)])[1:]}.values())
    return show(
        "family/form.html",
        kind=kind,
        elders=elders,
        couples=[sorted(here, key=lambda each: each.id) for here in couples] if kind.from_canteen else [],
        kitchen=kitchen_words.ordering(_canteen(), family=True) if kind.from_canteen else "",
        days=[(day.isoformat(), cards.day_short(day)) for day in days],
        windows=windows,
        costs={elder.id: following.estimate_words(paying.estimate(kind.minutes, elder)) for elder in elders},
        given={"dates": [days[0].isoformat()] if days else [], "window": windows[0][0] if windows else "", **given},
        errors=errors,
        back_href=url_for(".ask"),
    )


def days_of(kind: ServiceKind) -> list[date]:
    """Return the next days to choose from; a meal for tomorrow only before the kitchen closes."""
    late = kind.from_canteen and kitchen.is_late(_canteen(), clock.today() + timedelta(days=1))
    first = 2 if late else 1
    ahead = [clock.today() + timedelta(days=offset) for offset in range(first, first + 21)]
    calendar = calendar_between(ahead[0], ahead[-1])
    fits = [day for day in ahead if not kind.workdays_only or calendar.works(day)]
    return fits[:DAYS_SHOWN]


def _canteen() -> Canteen | None:
    """Return the kitchen of the community whose pages these are."""
    community = community_here()
    return canteen_of(community.id) if community else None


def window_choices(kind: ServiceKind) -> list[tuple[str, str]]:
    """Return the times of day a kind can be asked for: its own windows, a long one also by its halves."""
    spans: list[tuple[int, int]] = []
    for start, end in kind.windows:
        if end - start > LONG_WINDOW and start + kind.minutes <= MIDDAY and AFTER_REST + kind.minutes <= end:
            spans += [(start, MIDDAY), (AFTER_REST, end)]
        spans.append((start, end))
    return [(f"{start}-{end}", f"{_part(start, end)} {clock.hhmm(start)}–{clock.hhmm(end)}") for start, end in spans]


def _part(start: int, end: int) -> str:
    """Return the part of the day a window lies in."""
    if start >= EVENING:
        return str(_("傍晚"))
    if start >= AFTER_REST:
        return str(_("下午"))
    if start >= NOON and end <= AFTER_REST:
        return str(_("中午"))
    return str(_("上午") if end <= MIDDAY else _("都可以"))


@blueprint.post("/ask/<code>")
def fill(code: str) -> AnyResponse:
    """Take what was entered; somebody who has not signed in keeps it while leaving a phone number."""
    kind = _kind(code)
    fields = filled(AskForm(), request.form)
    try:
        said = AskForm().load(fields)
        _check(said)
    except ValidationError as error:
        return refused(_form_page(kind, fields, invalid_fields(error.messages_dict)))
    if signed_in() is not None:
        return _send(fields, lambda: (kind, said))
    session[DRAFT] = {"kind": code, "said": {name: value for name, value in fields.items() if name in AskForm().fields}}
    return redirect(url_for("access.sign_in", next=url_for(".check"), door="help"), 303)


def _check(said: dict[str, Any]) -> None:
    """Refuse a wish without a name and an address when it is for nobody we know."""
    if not said["elder"]:
        missing = {name: [_("这一项要填，社区才知道是哪一家。")] for name in ("for_name", "for_address") if not said[name]}
        if missing:
            raise ValidationError(missing)


@blueprint.get("/ask/check")
def check() -> AnyResponse | str:
    """Show what was entered, once the phone number is known, with one button."""
    kept = session.get(DRAFT)
    if not isinstance(kept, dict):
        return redirect(url_for(".ask"), 303)
    if signed_in() is None:
        return redirect(url_for("access.sign_in", next=url_for(".check"), door="help"), 303)
    kind = _kind(kept["kind"])
    said = AskForm().load(kept["said"])
    return show(
        "family/check.html", kind=kind, said=said, dates=_dates(said), window=_window(said), back_href=url_for(".form", code=kind.code)
    )


@blueprint.post("/ask/check")
def send() -> AnyResponse:
    """Put the kept request into the inbox."""
    kept = session.get(DRAFT)
    return _send(kept["said"] if isinstance(kept, dict) else {}, _kept)


def _kept() -> tuple[ServiceKind, dict[str, Any]]:
    """Return what was kept while somebody left a phone number."""
    kept = session.get(DRAFT)
    if not isinstance(kept, dict):
        raise Conflict("这份求助已经交过了。在“我家的安排”里可以看到。")
    return _kind(kept["kind"]), AskForm().load(kept["said"])


def _dates(said: dict[str, Any]) -> list[date]:
    """Return the days asked for, each once."""
    return sorted({*said["dates"], *([said["other_date"]] if said["other_date"] else [])})


def _window(said: dict[str, Any]) -> tuple[int, int]:
    """Return the times asked for: typed ones before the chosen window."""
    start, end = said["window"]
    return (said["start"] if said["start"] is not None else start, said["end"] if said["end"] is not None else end)


def _send(given: dict[str, Any], read: Callable[[], tuple[ServiceKind, dict[str, Any]]]) -> AnyResponse:
    """Ask for help in the signed-in reader's name; what the rules refuse is told beside its field."""
    try:
        with submitted() as taken:
            kind, said = read()
            answer = taken.redirect(url_for(".request_page", request_id=_asked(kind, said).id))
    except Invalid as error:
        return refused(_form_page(read()[0], given, in_full(error)))
    session.pop(DRAFT, None)
    return answer


def _asked(kind: ServiceKind, said: dict[str, Any]) -> HelpRequest:
    """Return the request that a form asks for."""
    user = reader()
    elder = _elder(user, said["elder"])
    community_id = elder.community_id if elder else found(community_here()).id
    eaters: list[int] = []
    boxes: int = said["boxes"]
    if elder is not None and kind.from_canteen:
        eaters, boxes = asking.who_eats(elder.household, said["eaters"], 0 if said["eaters"] else boxes)
    wish = asking.Wish(
        kind=kind,
        window=_window(said),
        pattern=Pattern.ONCE,
        dates=tuple(_dates(said)),
        boxes=boxes,
        eaters=tuple(eaters),
        note=said["note"],
    )
    name, address = (None, None) if elder else (said["for_name"], said["for_address"])
    return asking.ask_for_help(
        community_id, wish, asking.Asker(source=Source.FAMILY, user=user, elder=elder, for_name=name, for_address=address)
    )


def reader() -> User:
    """Return who is signed in."""
    user = signed_in()
    if user is None:
        raise NotSignedIn("请先留个手机号，再请人帮忙。")
    return user


def _elder(user: User, elder_id: int | None) -> Elder | None:
    """Return the chosen elder of this very family."""
    if not elder_id:
        return None
    return found(next((elder for elder in queries.elders_of_user(user) if elder.id == elder_id), None))


@blueprint.get("/family")
def home() -> AnyResponse | str:
    """Show who comes next, what waits for a word, and what was asked for; an elder's own page where the number is the elder's."""
    user = reader()
    if any(link.own and link.approved_at is not None for link in links_of(user)) and "family" not in request.args:
        return redirect(url_for("own.home"), 303)
    followed = [following.follow(visit) for visit in queries.visits_of_user(user)]
    today = clock.today()
    ahead = [each for each in followed if each.day is not None and each.day >= today and each.ahead]
    asked = queries.requests_of_user(user)
    return show(
        "family/home.html",
        hello=_("%(name)s，您好", name=user.name) if user.name else _("您好"),
        now=ahead[0] if ahead and ahead[0].day == today else None,
        later=[each for each in ahead if each is not ahead[0] or each.day != today][:DAYS_SHOWN],
        to_confirm=[each for each in followed if each.asks][-DAYS_SHOWN:],
        open_count=sum(each.visit.state is VisitState.OPEN and each.visit.occurrence >= today for each in followed),
        over=[each for each in reversed(followed) if each.visit.state in OVER or each.visit.doubted_at or each.overlong][:5],
        single=[each for each in asked if each.pattern is Pattern.ONCE or state_of(each) in WITHOUT_AN_END][:DAYS_SHOWN],
        standing=[each for each in asked if each.pattern is not Pattern.ONCE and state_of(each) is RequestState.ACCEPTED],
        until=until,
        kinds=_kinds()[:6],
        purse=bool(queries.elders_of_user(user)),
    )


@blueprint.get("/family/visits/<int:visit_id>")
def visit(visit_id: int) -> str:
    """Show one visit; only its own card moves while it is read."""
    return _visit_page(visit_id, {})


def _visit_page(visit_id: int, errors: dict[str, str]) -> str:
    """Return the page of one visit."""
    followed = following.follow(_followed(visit_id))
    return show(
        "family/visit.html",
        it=followed,
        may_call_off=not_coming.may_be_called_off(followed.visit),
        may_come=not_coming.may_come_after_all(followed.visit),
        errors=errors,
        given=request.form,
        back_href=url_for(".home"),
    )


def _followed(visit_id: int) -> Visit:
    """Return a visit this reader may follow."""
    return found(queries.visit_of_user(reader(), visit_id))


@blueprint.get("/family/visits/<int:visit_id>/card")
def card(visit_id: int) -> AnyResponse:
    """Return the living card of a visit alone; a phone that has it as it is gets nothing but a word that it is the same."""
    answer = make_response(show("family/card.html", it=following.follow(_followed(visit_id)), alone=True))
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.post("/family/visits/<int:visit_id>/confirm")
def confirm(visit_id: int) -> AnyResponse:
    """Confirm that a visit took place, with thanks where they are given."""
    try:
        thanks = take(ThanksForm(), request.form)["thanks"]
    except Invalid as error:
        return refused(_visit_page(visit_id, sentences(error)))
    with submitted() as taken:
        done = _followed(visit_id)
        records = confirming.confirm(done, Trust.FAMILY, reader(), thanks)
        if thanks:
            telling.tell_thanks(done, records)
        flash(_("谢谢您。已经确认，来的人会收到一份服务记录。"), "done")
        return taken.redirect(url_for(".visit", visit_id=visit_id))


@blueprint.post("/family/visits/<int:visit_id>/object")
def object_to(visit_id: int) -> AnyResponse:
    """Say that something was not right: the visit waits for a coordinator instead of the clock."""
    try:
        words = take(DoubtForm(), request.form)["doubt"]
    except Invalid as error:
        return refused(_visit_page(visit_id, sentences(error)))
    with submitted() as taken:
        done = _followed(visit_id)
        confirming.object_to(done, words, reader())
        telling.tell_doubt(done)
        flash(_("记下了。协调员会打电话给您，核对以后才算数。"), "done")
        return taken.redirect(url_for(".visit", visit_id=visit_id))
