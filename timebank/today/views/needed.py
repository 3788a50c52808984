"""要有人去: asking somebody at once, entering what they say, taking it back, and deciding that nobody goes; what becomes of late boxes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, request, url_for
from marshmallow import fields, validate
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.errors import Conflict, Invalid
from timebank.forms import Day, Form, Whole, Words, sentences, take
from timebank.planning import cover
from timebank.planning.actions import covering
from timebank.planning.views.shared import my_community
from timebank.planning.words import _, ngettext
from timebank.today.views import lines, takers
from timebank.today.views.shared import blueprint
from timebank.today.views.today import Wrong, today_page
from timebank.visits import queries
from timebank.visits.actions import kitchen, offering
from timebank.visits.models import BoxFate, Offer, OfferState, Visit
from timebank.visits.views import cards
from timebank.volunteers.lent import serving
from timebank.volunteers.models import Volunteer
from timebank.volunteers.sight import sight_of
from timebank.web import LARGEST, UNPROCESSABLE, Page, found, listed, submitted, voiced

MOST = 60


class AskForm(Form):
    """Whom to ask for what, and the newest offer the page knew of."""

    ask = fields.List(Words(600), required=True, validate=validate.Length(1, 8))
    last = Whole(0, LARGEST, load_default=0)
    day = Day(required=True)
    case = Whole(1, LARGEST, load_default=None)
    stay = Words(40, load_default="")


class SaidForm(Form):
    """What somebody said about what they were asked for."""

    offer = fields.List(Whole(1, LARGEST), required=True, validate=validate.Length(1, MOST))
    said = fields.String(required=True, validate=validate.OneOf(["yes", "no", "back"]))
    case = Whole(1, LARGEST, load_default=None)


class GiveUpForm(Form):
    """Which visits nobody goes to after all, and why."""

    visit = fields.List(Whole(1, LARGEST), required=True, validate=validate.Length(1, MOST))
    reason = Words(100, load_default="")


class LateForm(Form):
    """What becomes of boxes that were ordered or dropped after the kitchen had closed."""

    fate = fields.Enum(BoxFate, by_value=True, load_default=None)
    kept_for = Words(30, load_default="")


def back(visits: Sequence[Visit], day: date, case: int | None = None, stay: str = "") -> str:
    """Return where a press in the card leads: to the line, wherever it stands now; ``stay`` is one that is asked for door by door."""
    if case is not None:
        return url_for("today.case", request_id=case)
    if stay and any(line.key == stay and line.state == cover.NOBODY for line in cover.lines(my_community().id)):
        return url_for(".today" if day <= clock.today() else ".tomorrow", open=stay, by="door", _anchor=f"line-{stay}")
    line = lines.line_with(my_community().id, [each.id for each in visits])
    page = ".today" if day <= clock.today() else ".tomorrow"
    return url_for(page, open=line.key, _anchor=f"line-{line.key}") if line else url_for(page)


def visits_of(numbers: Sequence[int]) -> list[Visit]:
    """Return visits of the reader's community, as they were asked for."""
    return [found(queries.visit_of(my_community().id, number)) for number in numbers]


def people_of(numbers: Sequence[int], day: date) -> list[Volunteer]:
    """Return volunteers who serve the reader's community on a day and have not stopped."""
    people = [found(serving(my_community().id, number, day)) for number in numbers]
    if not all(each.active for each in people):
        raise Conflict("这位已经不再服务了。请看名单里的下一位。")
    return people


def must_be_seen(visits: Sequence[Visit], last: int) -> None:
    """Refuse when somebody else has asked or heard an answer since the page was shown; nothing is sent then."""
    fresh = [made for visit in visits for made in visit.offers if made.id > last]
    if not fresh:
        return
    made = max(fresh, key=lambda each: each.id)
    time = clock.hhmm(clock.minute_of(made.sent_at))
    raise Conflict(
        "同事 %(time)s 已经请了%(volunteer)s，这次没有再发。看这一行现在的样子，还要请就再按一次。",
        time=time,
        volunteer=made.volunteer.name,
    )


@blueprint.post("/today/ask")
def ask_for() -> AnyResponse:
    """Ask one person, or two for a half each, at once; whoever cannot be asked any more is a sentence above the list."""
    asked = take(AskForm(), request.form)
    choices = [takers.read_choice(said) for said in asked["ask"]]
    wanted = visits_of([number for _people, numbers in choices for number in numbers])
    day: date = asked["day"]
    try:
        with submitted() as taken:
            must_be_seen(wanted, asked["last"])
            done = [_ask(numbers, people, day) for people, numbers in choices]
            flash(" ".join(done), "done")
            return taken.redirect(back(wanted, day, asked["case"], asked["stay"]))
    except Conflict as error:
        flash(voiced(error.words), "late")
        return _see(back(wanted, day, asked["case"], asked["stay"]))


def _see(location: str) -> AnyResponse:
    """Lead on to a page after nothing was done."""
    return AnyResponse(status=303, headers={"Location": location})


def _ask(numbers: Sequence[int], people: Sequence[int], day: date) -> str:
    """Ask somebody for some visits and return the sentence that says so."""
    wanted, who = visits_of(numbers), people_of(people, day)
    if not wanted or not who or not all(day.isoformat() in visit.days for visit in wanted):
        raise Conflict("这一页不完整。请刷新后再按一次。")
    made = covering.ask(covering.plan_for(my_community().id, day), wanted, who, day, this_user())
    if not made.offers:
        return _("已经请过%(who)s了，在等回话。", who=listed(each.name for each in who))
    left = ngettext(" 另 %(count)s 户没排进去，还在这里。", " 另 %(count)s 户没排进去，还在这里。", len(made.left), count=len(made.left))
    return _sent(made.offers) + (left if made.left else "")


def _sent(offers: Sequence[Offer]) -> str:
    """Say who was asked and how they hear of it: at once also by telephone within two hours."""
    people = list({each.volunteer_id: each.volunteer for each in offers}.values())
    who, first = listed(each.name for each in people), people[0]
    if first.staff:
        return _("已排给%(who)s（专职），不用等回话。", who=who)
    if first.user_id is None:
        return _("已记下请%(who)s。没有手机，请现在打 %(phone)s。", who=who, phone=first.phone)
    if any(offering.is_at_once(each) for each in offers):
        return _("已请%(who)s，消息发出了。时间紧，请同时打 %(phone)s。", who=who, phone=first.phone)
    return _("已请%(who)s，消息发出了。", who=who)


@blueprint.post("/today/answer")
def enter_answer() -> AnyResponse:
    """Enter what somebody said on the telephone about what they were asked for, or take the asking back."""
    said = take(SaidForm(), request.form)
    offers = [found(queries.offer_in(my_community().id, number)) for number in said["offer"]]
    visits = [made.visit for made in offers]
    try:
        with submitted() as taken:
            flash(*_enter(offers, said["said"]))
            return taken.redirect(back(visits, offers[0].day, said["case"]))
    except Conflict as error:
        flash(voiced(error.words), "late")
        return _see(back(visits, offers[0].day, said["case"]))


def _enter(offers: Sequence[Offer], said: str) -> tuple[str, str]:
    """Enter one answer and return its sentence; whoever has answered themselves meanwhile is left as they said."""
    who = offers[0].volunteer.name
    if not any(made.state is OfferState.SENT for made in offers):
        return _answered(offers[0]), "late"
    if said == "back":
        covering.take_back(offers)
        return _("收回了，%(who)s会知道不用去。这一件又没人了。", who=who), "done"
    covering.answer(offers, yes=said == "yes")
    if said == "yes":
        return _("记下了，%(who)s去。", who=who), "done"
    return _("记下了，%(who)s去不了。下一位在下面。", who=who), "done"


def _answered(made: Offer) -> str:
    """Say what somebody has answered meanwhile."""
    who = made.volunteer.name
    if made.state is OfferState.ACCEPTED:
        return _("%(who)s刚才自己答应了，没有再改。", who=who)
    if made.state is OfferState.DECLINED:
        return _("%(who)s刚才自己说了去不了，没有再改。", who=who)
    return _("请%(who)s的消息已经收回，或者别人先答应了。没有再改。", who=who)


@blueprint.post("/today/give-up")
def give_up() -> Page:
    """Decide that nobody goes this time, with the reason."""
    said = take(GiveUpForm(), request.form)
    visits = visits_of(said["visit"])
    day = visits[0].day or date.fromisoformat(max(visits[0].days))
    try:
        with submitted() as taken:
            covering.give_up(visits, this_user(), said["reason"])
            off = [each for each in visits if each.state.value == "cancelled"]
            flash(_given_up(off), "done" if off else "late")
            return taken.redirect(back(visits, day))
    except Invalid as error:
        line = lines.line_with(my_community().id, said["visit"])
        wrong = {line.key: sentences(error)["reason"]} if line else {}
        return today_page(day=day, open_line=line.key if line else None, wrong=Wrong(lines=wrong)), UNPROCESSABLE


def _given_up(off: Sequence[Visit]) -> str:
    """Say what was called off and who has to be told by telephone."""
    if not off:
        return _("这一件已经有人在做，或者已经结束，没有改。")
    people: list[Any] = [each for visit in off for each in cards.elders_of(visit)]
    told = listed(f"{each.name} {each.phone}".strip() for each in people)
    return _("这 %(count)s 件不去了，记下了原因。请打电话告诉：%(who)s", count=len(off), who=told)


@blueprint.post("/today/kitchen/<int:late_id>")
def settle_late(late_id: int) -> Page:
    """Note what became of boxes nobody eats, or that the kitchen knows of those it cooks more."""
    said = take(LateForm(), request.form)
    try:
        with submitted() as taken:
            late = found(queries.late_meal_of(my_community().id, late_id, sight_of(this_user())))
            kitchen.settle_late(late, this_user(), said["fate"], said["kept_for"])
            flash(_("食堂那边记好了。"), "done")
            return taken.redirect(url_for(".today", _anchor="kitchen"))
    except Invalid as error:
        return today_page(wrong=Wrong(meals={late_id: voiced(error.words)})), UNPROCESSABLE
