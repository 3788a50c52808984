"""我的岗位: what a volunteer has taken, the posts that look for somebody, and turns to swap."""

from datetime import date, timedelta

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.phone.views.phone import me, refused, show
from timebank.posts import actions, queries
from timebank.posts.models import Claim, Post
from timebank.posts.schemas import ListArgs, SwapForm
from timebank.posts.views.office import rota_words, weekday_names
from timebank.visits import on_duty
from timebank.visits.actions import duties
from timebank.visits.duties import Duty
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteer_in
from timebank.web import found, submitted

blueprint = Blueprint("my_posts", __name__, url_prefix="/phone/posts")
SHOWN = 30
AHEAD = timedelta(days=13)


@blueprint.get("")
def mine() -> str:
    """Show what one has taken, the turns to come, and what colleagues would swap."""
    volunteer = me()
    return show(
        "posts/mine.html",
        volunteer,
        claims=queries.claims_of(volunteer),
        turns=queries.turns_of(volunteer),
        offered=queries.swaps_by(volunteer),
        swaps=queries.swaps_for(volunteer),
        weekdays=weekday_names(),
        back_href=url_for("phone.mine"),
    )


@blueprint.get("/all")
def look() -> str:
    """Show the posts that have free places, or lack somebody these two weeks."""
    volunteer, asked = me(), args(ListArgs())
    rows = [row for row in queries.posts(volunteer.community_id, asked["q"]) if row.free or row.missing]
    rows.sort(key=lambda row: (not row.missing, row.post.name))
    return show(
        "posts/look.html",
        volunteer,
        rows=rows[:SHOWN],
        more=max(0, len(rows) - SHOWN),
        asked=asked,
        rota=rota_words,
        back_href=url_for(".mine"),
    )


@blueprint.get("/<int:post_id>")
def post(post_id: int) -> str:
    """Show a post: its shifts to take for every week, and the single turns that lack somebody."""
    volunteer = me()
    shown = _post(volunteer, post_id)
    held = {each.shift_id: each for each in queries.claims_of(volunteer)}
    return show(
        "posts/one.html",
        volunteer,
        post=shown,
        shifts=queries.in_force(shown),
        held=held,
        turns=[turn for turn in queries.turns_between(shown, clock.today(), _last()) if turn.free and not turn.is_over],
        streak=queries.streak(shown),
        weekdays=weekday_names(),
        back_href=url_for(".look"),
    )


def _last() -> date:
    """Return the last day whose turns are made already."""
    return clock.monday_of(clock.today()) + AHEAD


def _post(volunteer: Volunteer, post_id: int) -> Post:
    """Return a post of the volunteer's own community."""
    return found(queries.post_in(volunteer.community_id, post_id))


@blueprint.post("/<int:post_id>/shifts/<int:shift_id>/claim")
def claim(post_id: int, shift_id: int) -> AnyResponse:
    """Take a place of a shift for every week."""
    with submitted() as taken:
        volunteer = me()
        _post(volunteer, post_id)
        actions.claim_shift(found(queries.shift_in(volunteer.community_id, shift_id)), volunteer)
        flash(_("认领好了。每次的班都在“今天”和“本周”里，到了点到岗。"), "done")
        return taken.redirect(url_for(".mine"))


@blueprint.post("/claims/<int:claim_id>/end")
def end_claim(claim_id: int) -> AnyResponse:
    """Give a place of a shift back; the turns to come are open again."""
    with submitted() as taken:
        gone = actions.end_claim(_claim(me(), claim_id))
        flash(_("退掉了，空出来的 %(count)s 次社区会另找人。没有任何影响。", count=len(gone)), "done")
        return taken.redirect(url_for(".mine"))


def _claim(volunteer: Volunteer, claim_id: int) -> Claim:
    """Return a claim of one's own that stands."""
    return found(next((each for each in queries.claims_of(volunteer) if each.id == claim_id), None))


@blueprint.post("/turns/<int:duty_id>/take")
def take_turn(duty_id: int) -> AnyResponse:
    """Take one turn that nobody has, this once."""
    with submitted() as taken:
        volunteer = me()
        duty = found(on_duty.duty_in(volunteer.community_id, duty_id))
        duties.claim(duty, volunteer)
        flash(_("认领好了，%(day)s见。", day=f"{duty.day.month}-{duty.day.day} {clock.hhmm(duty.start)}"), "done")
        return taken.redirect(url_for("duties.turn", duty_id=duty_id))


@blueprint.route("/turns/<int:duty_id>/swap", methods=["GET", "POST"])
def swap(duty_id: int) -> AnyResponse | str:
    """Offer a turn of one's own to a colleague, or to whoever would take it."""
    volunteer = me()
    if request.method == "GET":
        return _swap_page(volunteer, _mine(volunteer, duty_id), {})
    try:
        said = take(SwapForm(), request.form)
        with submitted() as taken:
            to = found(volunteer_in(volunteer.community_id, said["to"])) if said["to"] else None
            actions.offer_swap(_mine(me(), duty_id), me(), to)
            flash(_("问出去了。有人接之前，这一班还是你的。"), "done")
            return taken.redirect(url_for(".mine"))
    except Invalid as error:
        return refused(_swap_page(me(), _mine(me(), duty_id), sentences(error)))


def _mine(volunteer: Volunteer, duty_id: int) -> Duty:
    """Return a turn of one's own that has not begun."""
    return found(next((each for each in queries.turns_of(volunteer) if each.id == duty_id), None))


def _swap_page(volunteer: Volunteer, duty: Duty, errors: dict[str, str]) -> str:
    """Return the page that asks to whom a turn is offered."""
    return show(
        "posts/swap.html",
        volunteer,
        duty=duty,
        people=queries.colleagues_of(volunteer, duty),
        errors=errors,
        given=request.form,
        back_href=url_for(".mine"),
    )


@blueprint.post("/swaps/<int:swap_id>/take")
def take_swap(swap_id: int) -> AnyResponse:
    """Take over a turn that a colleague offers."""
    with submitted() as taken:
        volunteer = me()
        fresh = actions.take_swap(found(queries.swap_for(volunteer, swap_id)), volunteer)
        flash(_("这一班归你了，谢谢你帮忙。"), "done")
        return taken.redirect(url_for("duties.turn", duty_id=fresh.id))


@blueprint.post("/turns/<int:duty_id>/swap/withdraw")
def withdraw_swap(duty_id: int) -> AnyResponse:
    """Take an offer to swap back."""
    with submitted() as taken:
        actions.withdraw_swap(found(queries.swap_by(me(), duty_id)))
        flash(_("收回了，这一班还是你的。"), "done")
        return taken.redirect(url_for(".mine"))
