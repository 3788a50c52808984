"""Pages of a volunteer on a phone: today, this week, offers, one visit, and every tap at canteen and door."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import signed_in
from timebank.db import db
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.phone.views.alarm_cards import alarms_of, own_lines, papers_of
from timebank.phone.views.late_taps import deed_word, kept_when_refused, must_be_told, outcome_words
from timebank.places.models import Community
from timebank.sentences import Sentence
from timebank.visits import distances, on_duty, queries, registers
from timebank.visits.actions import duty_times, lengths, offering, serving, telling
from timebank.visits.mismatches import Deed, mismatches_of
from timebank.visits.models import Offer, OfferState
from timebank.visits.promises import promises_of
from timebank.visits.schemas import CheckInForm, DeclineForm, PicksForm, PickUpForm, ProblemForm, TapForm
from timebank.visits.states import LIVE
from timebank.visits.swaps import hands_to
from timebank.visits.views import cards
from timebank.volunteers.lent import was_told
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteer_of
from timebank.web import UNPROCESSABLE, found, submitted, voiced

SEE_OFFERS = Sentence("看邀约")
blueprint = Blueprint("phone", __name__, url_prefix="/phone")
AHEAD = timedelta(days=60)
DECLINE_WORDS = {"time": "时间不方便", "unwell": "身体不舒服", "unsuited": "不适合我", "other": "其他"}
WARN_HOT = 25


def me() -> Volunteer:
    """Return the volunteer who is signed in."""
    user = signed_in()
    return found(volunteer_of(user) if user else None)


def waiting_of(volunteer: Volunteer) -> list[Offer]:
    """Return the offers that wait for an answer and can still be accepted."""
    offers = queries.offers_of(volunteer, clock.today(), clock.today() + AHEAD)
    return [each for each in offers if offering.can_still_be_accepted(each)]


def _waiting(volunteer: Volunteer, waiting: Sequence[Offer]) -> int:
    """Return how much waits for a volunteer's answer: offers, turns of duty, and what colleagues would give them."""
    return queries.rows(waiting) + len(on_duty.asked_of(volunteer)) + len(hands_to(volunteer))


def tabs(current: str, volunteer: Volunteer) -> list[dict[str, Any]]:
    """Return the four places of a volunteer's phone; other rooms show them under their own pages too."""
    places = (
        ("phone.today", _("今天"), "house", 0),
        ("phone.week", _("本周"), "calendar", 0),
        ("phone.offers", _("邀约"), "inbox", _waiting(volunteer, waiting_of(volunteer))),
        ("phone.mine", _("我的"), "person", 0),
    )
    return [
        {"href": url_for(endpoint), "word": word, "icon": picture, "count": count, "current": endpoint == current}
        for endpoint, word, picture, count in places
    ]


def show(template: str, volunteer: Volunteer, tab: str = "", **values: Any) -> str:  # noqa: ANN401 - a template takes anything
    """Return a page of the phone with its tab bar and the community's name."""
    community = found(db.session.get(Community, volunteer.community_id))
    bar = tabs(tab, volunteer) if tab else []
    return render_template(template, community=community.name, station_phone=community.phone, tabs=bar, me=volunteer, **values)


@blueprint.get("")
def today() -> str:
    """Show what is to do now, or say that this number is not yet tied to a volunteer."""
    user = signed_in()
    if user is not None and volunteer_of(user) is None:
        return render_template("phone/stranger.html")
    return _today_page({})


def _today_page(errors: dict[str, str]) -> str:
    """Return the page of today, with what was wrong in the form on it."""
    volunteer = me()
    accepted = _accepted(queries.offers_of(volunteer, clock.today(), clock.today()))
    rounds = cards.rounds_of(accepted)
    timed = cards.timed_of(accepted)
    waiting, turns = waiting_of(volunteer), on_duty.today_of(volunteer)
    return show(
        "phone/today.html",
        volunteer,
        "phone.today",
        errors=errors,
        current=next((card for card in rounds if card.left), None),
        trips=rounds,
        under_way=[door for door in timed if door.state == "under_way"],
        timed=[door for door in timed if door.state in {"accepted", "waiting"}],
        over=[door for door in timed if door.offer.outcome is not None],
        noted=cards.just_noted(accepted),
        mismatches=mismatches_of(volunteer),
        alarms=alarms_of(volunteer),
        papers=papers_of(volunteer),
        own_lines=[each(volunteer) for each in own_lines],
        deed_word=deed_word,
        door_of=cards.door_of,
        outcomes=outcome_words(),
        warn_hot=WARN_HOT,
        waiting=_waiting(volunteer, waiting),
        turns=turns,
        tries_left=duty_times.tries_left,
        now=clock.now(),
        next_day=None if accepted or turns else _next_day(volunteer),
        when=cards.day_words(clock.today()).split(" · ")[-1],
    )


def _next_day(volunteer: Volunteer) -> cards.Day | None:
    """Return the next day on which something was accepted."""
    days = cards.days_of(_accepted(queries.offers_of(volunteer, clock.today() + timedelta(days=1), clock.today() + AHEAD)))
    return days[0] if days else None


def _accepted(offers: Iterable[Offer]) -> list[Offer]:
    """Return the accepted ones."""
    return [each for each in offers if each.state is OfferState.ACCEPTED]


@blueprint.get("/week")
def week() -> str:
    """Show what was accepted this week and next, day by day."""
    volunteer = me()
    monday = clock.monday_of(clock.today())
    days = cards.days_of(_accepted(queries.offers_of(volunteer, monday, monday + timedelta(days=13))))
    sunday = monday + timedelta(days=6)
    return show(
        "phone/week.html",
        volunteer,
        "phone.week",
        this_week=[each for each in days if each.day <= sunday],
        next_week=[each for each in days if each.day > sunday],
        turns=on_duty.agreed_of(volunteer),
        promises=promises_of(volunteer),
        names=cards.weekdays(),
        today=clock.today(),
    )


@blueprint.get("/offers")
def offers() -> str:
    """Show the offers that wait for an answer, all ticked."""
    volunteer = me()
    return _offers_page(volunteer)


def _offers_page(volunteer: Volunteer) -> str:
    """Return the page of offers."""
    waiting = waiting_of(volunteer)
    monday = clock.monday_of(clock.today())
    accepted = _accepted(queries.offers_of(volunteer, clock.today(), monday + timedelta(days=13)))
    return show(
        "phone/offers.html",
        volunteer,
        "phone.offers",
        days=cards.days_of(waiting),
        turns=on_duty.asked_of(volunteer),
        hands=hands_to(volunteer),
        why_of=cards.why_of,
        count=queries.rows(waiting),
        picks=list(dict.fromkeys(f"r{each.round_id}" if each.round_id else f"o{each.id}" for each in waiting)),
        minutes=_minutes(waiting),
        deadline=min((each.deadline for each in waiting), default=None),
        now=clock.now(),
        accepted=[] if waiting else cards.days_of(accepted),
    )


def _minutes(offers: Sequence[Offer]) -> int:
    """Return the minutes that offers would take: rounds from pick-up to last door, visits as planned."""
    rounds = sum(max(door.offer.start + door.visit.minutes for door in card.doors) - card.round.pickup for card in cards.rounds_of(offers))
    return rounds + sum(each.visit.minutes for each in offers if each.round_id is None)


@blueprint.post("/offers")
def accept() -> AnyResponse:
    """Accept the ticked offers together; one that changed meanwhile does not hold up the others."""
    picks = _picks()
    with submitted() as taken:
        volunteer = me()
        chosen = [each for pick in picks for each in _offers_of_pick(volunteer, pick)]
        open_ones = {each.id for each in waiting_of(volunteer)}
        offering.accept_all([each for each in chosen if each.id in open_ones])
        accepted = _accepted(chosen)  # by an earlier tap, too
        lost = queries.rows(each for each in chosen if each.state is not OfferState.ACCEPTED)
        _say_accepted(queries.rows(accepted), lost)
        return taken.redirect(url_for(".week") if accepted else url_for(".offers"))


def _say_accepted(accepted: int, lost: int) -> None:
    """Say how many were accepted, and how many were gone."""
    if lost:
        flash(_("已接受 %(count)s 项；有 %(lost)s 项刚刚撤回或已过时间，不用再去。", count=accepted, lost=lost), "late")
    elif accepted:
        flash(_("已接受 %(count)s 项。门牌和电话在上门前一天显示。", count=accepted), "done")


def _picks() -> list[tuple[str, int]]:
    """Return the ticked rows."""
    try:
        picks: list[tuple[str, int]] = take(PicksForm(), request.form)["pick"]
    except Invalid as error:
        raise Invalid("请至少选一项，再点接受。都不方便就点“都不方便”。") from error
    return picks


def _offers_of_pick(volunteer: Volunteer, pick: tuple[str, int]) -> list[Offer]:
    """Return the live offers of a ticked row that have not begun."""
    kind, number = pick
    if kind == "o":
        return [found(queries.offer_of(volunteer, number))]
    meals = found(queries.round_of(volunteer, number))
    return [each for each in meals.offers if each.state in LIVE and each.started_at is None]


@blueprint.route("/decline", methods=["GET", "POST"])
def decline() -> AnyResponse | str:
    """Decline the chosen rows with a reason; it costs nothing."""
    if request.method == "GET":
        return _decline_page({})
    try:
        said = take(DeclineForm(), request.form)
    except Invalid as error:
        return refused(_decline_page(sentences(error)))
    with submitted() as taken:
        volunteer = me()
        reason = "：".join(part for part in (DECLINE_WORDS[said["reason"]], said["words"]) if part)
        chosen = [each for pick in said["pick"] for each in _offers_of_pick(volunteer, pick)]
        offering.decline_all(chosen, reason)
        flash(_("已婉拒 %(count)s 项，没有任何影响。谢谢你早说一声。", count=queries.rows(chosen)), "done")
        return taken.redirect(url_for(".offers"))


def _decline_page(errors: dict[str, str]) -> str:
    """Return the page that asks for a reason."""
    volunteer = me()
    try:
        picks = take(PicksForm(), request.values)["pick"]
    except Invalid as error:
        raise Invalid("请先选要婉拒的邀约。", way=(SEE_OFFERS, url_for(".offers"))) from error
    chosen = [each for pick in picks for each in _offers_of_pick(volunteer, pick)]
    live = [each for each in chosen if each.state in LIVE]
    return show(
        "phone/decline.html",
        volunteer,
        errors=errors,
        days=cards.days_of(live),
        picks=request.values.getlist("pick"),
        given=request.form,
        late=any(each.state is OfferState.ACCEPTED for each in live),
        count=queries.rows(live),
        back_href=url_for(".offers"),
    )


@blueprint.post("/rounds/<int:round_id>/pick-up")
def pick_up(round_id: int) -> AnyResponse:
    """Note the counted boxes; a wrong count is told beside its field."""
    try:
        said = take(PickUpForm(), request.form)
    except Invalid as error:
        must_be_told(error)
        return refused(_today_page(sentences(error)))
    try:
        with kept_when_refused(Deed.PICK_UP, said, lambda: found(queries.round_of(me(), round_id)).offers[0]), submitted() as taken:
            serving.pick_up(found(queries.round_of(me(), round_id)), said["counted"], said["at"])
            return taken.redirect(url_for(".today"))
    except Invalid as error:
        must_be_told(error)
        return refused(_today_page({"counted": voiced(error.words)}))


@blueprint.get("/visits/<int:offer_id>")
def visit(offer_id: int) -> str:
    """Show one stop with what may be done there now."""
    return _visit_page(offer_id, {})


def _visit_page(offer_id: int, errors: dict[str, str]) -> str:
    """Return the page of one stop, with what was wrong in the form on it."""
    volunteer = me()
    made = found(queries.offer_of(volunteer, offer_id))
    back = url_for(".today") if made.day == clock.today() else url_for(".week")
    door = cards.door_of(made)
    return show(
        "phone/visit.html",
        volunteer,
        door=door,
        why=cards.why_of(made),
        errors=errors,
        back_href=back,
        day=cards.day_words(made.day),
        record=next((each for each in registers.records_of_visit(made.visit) if each.volunteer_id == volunteer.id), None),
    )


def _mine(offer_id: int) -> Callable[[], Offer]:
    """Return what looks one's own offer up again, after a write unit that came to nothing."""
    return lambda: found(queries.offer_of(me(), offer_id))


@blueprint.post("/visits/<int:offer_id>/delivered")
def deliver(offer_id: int) -> AnyResponse:
    """Note one tap at a meal door."""
    said = take(TapForm(), request.form)
    with kept_when_refused(Deed.DELIVER, said, _mine(offer_id)), submitted() as taken:
        serving.deliver(found(queries.offer_of(me(), offer_id)), said["at"])
        return taken.redirect(url_for(".today"))


@blueprint.post("/visits/<int:offer_id>/undo")
def undo(offer_id: int) -> AnyResponse:
    """Take the last tap at a meal door back."""
    at = take(TapForm(), request.form)["at"]
    with submitted() as taken:
        serving.undo(found(queries.offer_of(me(), offer_id)), at)
        return taken.redirect(url_for(".today"))


@blueprint.post("/visits/<int:offer_id>/check-in")
def check_in(offer_id: int) -> AnyResponse:
    """Begin a timed visit, with the code or without; a wrong code is counted and told."""
    try:
        said = take(CheckInForm(), request.form)
    except Invalid as error:
        must_be_told(error)
        return refused(_visit_page(offer_id, sentences(error)))
    with kept_when_refused(Deed.CHECK_IN, said, _mine(offer_id)), submitted() as taken:
        made = found(queries.offer_of(me(), offer_id))
        if not serving.check_in(made, said["code"] or None, said["at"]):
            _wrong_code(made, said["at"])
        if said["metres"] is not None:
            distances.note(made, said["metres"], said["accuracy"] or 0)
        return taken.redirect(url_for(".visit", offer_id=offer_id))


def _wrong_code(made: Offer, at: datetime | None) -> None:
    """Say that the code was wrong and what is left; whoever typed it long ago has been at the door since, and begins without it."""
    left = serving.tries_left(made)
    if at is not None and lengths.late_by(at):
        serving.check_in(made, None, at)
        flash(_("%(time)s 的到访码没有对上，先按没有码记了签到，服务台会打电话核对。", time=at.strftime("%H:%M")), "late")
    elif left > 0:
        flash(_("到访码不对。请再看一下老人或家属那里的 4 位数字，还可以试 %(left)s 次。", left=left), "late")


@blueprint.post("/visits/<int:offer_id>/check-out")
def check_out(offer_id: int) -> AnyResponse:
    """End a timed visit."""
    said = take(TapForm(), request.form)
    with kept_when_refused(Deed.CHECK_OUT, said, _mine(offer_id)), submitted() as taken:
        serving.check_out(found(queries.offer_of(me(), offer_id)), said["at"])
        flash(_("已签退。家属或服务站确认以后，这段时间记入你的服务记录。"), "done")
        return taken.redirect(url_for(".visit", offer_id=offer_id))


@blueprint.route("/visits/<int:offer_id>/problem", methods=["GET", "POST"])
def problem(offer_id: int) -> AnyResponse | str:
    """Report what is wrong at a door; somebody unwell or no answer reaches the coordinators at once."""
    if request.method == "GET":
        return _problem_page(offer_id, {})
    try:
        said = take(ProblemForm(), request.form)
    except Invalid as error:
        must_be_told(error)
        return refused(_problem_page(offer_id, sentences(error)))
    with kept_when_refused(Deed.PROBLEM, said, _mine(offer_id)), submitted() as taken:
        made = found(queries.offer_of(me(), offer_id))
        alert = serving.report(made, said["outcome"], said["note"], said["at"])
        if alert is not None:
            telling.tell_coordinators(alert)
            unwell = alert.kind == "unwell"
            flash(_("协调员已经收到。请先别走开，等电话。") if unwell else _("协调员已经收到，会联系家属。你接着往下走就行。"), "done")
        else:
            flash(_("已记下，协调员会看到。"), "done")
        return taken.redirect(url_for(".today") if made.round_id else url_for(".visit", offer_id=offer_id))


def _problem_page(offer_id: int, errors: dict[str, str]) -> str:
    """Return the page of what may be wrong."""
    volunteer = me()
    made = found(queries.offer_of(volunteer, offer_id))
    back = url_for(".today") if made.round_id else url_for(".visit", offer_id=offer_id)
    return show(
        "phone/problem.html",
        volunteer,
        door=cards.door_of(made),
        errors=errors,
        given=request.form,
        outcomes=outcome_words(),
        back_href=back,
    )


@blueprint.get("/me")
def mine() -> str:
    """Show the ways to one's own record, times and devices."""
    volunteer = me()
    follows = volunteer.user is not None and bool(queries.elders_of_user(volunteer.user) or queries.requests_of_user(volunteer.user))
    return show("phone/mine.html", volunteer, "phone.mine", today=clock.today(), follows=follows, lent=was_told(volunteer))


def refused(page: str) -> Response:
    """Return a page that says what is wrong in a form."""
    return make_response(page, UNPROCESSABLE)
