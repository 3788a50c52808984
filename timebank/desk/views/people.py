"""Pages that join people with what visits know of them: an elder's door, the volunteers and their week, the search over both."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import fields
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock
from timebank.access.guards import may, this_user
from timebank.db import BRIEFLY, transaction
from timebank.elders import actions as elder_actions
from timebank.elders import consents
from timebank.elders import queries as elders
from timebank.elders.models import Elder, ElderState, Household, Pause, Said
from timebank.elders.schemas import BackForm, PauseForm, StateForm
from timebank.errors import Invalid
from timebank.forms import Form, SearchArgs, Whole, sentences, take
from timebank.leafing import leaf
from timebank.places import queries as places
from timebank.visits import disputes, registers
from timebank.visits.actions import homes
from timebank.visits.actions.scheduling import boxes_on, served_by
from timebank.visits.models import HelpRequest, Offer, Pattern, RequestState, Tie
from timebank.visits.views import cards, kitchen_words
from timebank.volunteers import queries as volunteers
from timebank.volunteers.lent import is_guest
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, Page, found, joined, listed, submitted, voiced

blueprint = Blueprint("people", __name__)
SOON = timedelta(days=30)
AHEAD = timedelta(days=13)
NEAR = 0.9
WORKDAYS = [0, 1, 2, 3, 4]


class TieForm(Form):
    """Who is usual at a door or must not come there."""

    volunteer = Whole(1, 999_999_999, required=True)
    tie = fields.Enum(Tie, by_value=True, required=True)


def community_id() -> int:
    """Return the community whose people the reader sees."""
    return places.community_seen_by(this_user()).id


def _elder(elder_id: int) -> Elder:
    """Return an elder the reader may see."""
    return found(elders.elder_of(community_id(), elder_id))


@blueprint.get("/elders/<int:elder_id>")
def elder(elder_id: int) -> str:
    """Show an elder; the door and the notes only when asked for, and then it is noted who read them."""
    opened = "door" in request.args and may("elders.edit")
    if opened:
        with transaction(patience=BRIEFLY):
            elder_actions.read_door(_elder(elder_id))
    audit.look("elder", _elder(elder_id).id)
    return _elder_page(elder_id, {}, opened=opened)


def _elder_page(elder_id: int, errors: dict[str, str], *, opened: bool = False) -> str:
    """Return the page of an elder."""
    shown = _elder(elder_id)
    home = shown.household
    meals = registers.meals_to_come(home)
    return render_template(
        "elders/elder.html",
        elder=shown,
        home=home,
        opened=opened,
        errors=errors,
        given=request.form,
        today=clock.today(),
        paused=elders.paused_on(shown, clock.today()),
        pauses=[each for each in shown.pauses if each.last_day >= clock.today()],
        family=elders.family_of(shown),
        awaits_second=elders.awaits_second,
        consents=elders.consents(shown),
        needs=registers.needs_of(home),
        how_often=how_often,
        ties=registers.ties_of(home),
        volunteers=[(each.id, each.name) for each in volunteers.volunteers(home.community_id)],
        visits=registers.visits_at(home),
        who_came=_who_came,
        eaters=eaters,
        boxes_of=boxes_of,
        until=until,
        together=homes.together(shown),
        late=registers.late_meals(home.community_id, home),
        late_line=kitchen_words.line,
        kitchen=kitchen_words.dropping(meals),
        undo=_may_be_undone(shown),
        said_word=said_word,
        disputes=[_dispute(each) for each in disputes.disputes(shown)],
        texts=consents.TEXTS,
    )


def said_word(said: Said) -> str:
    """Return how an elder agreed, in words."""
    words = {
        Said.CODE: _("老人给了纸上的码"),
        Said.OWN: _("老人在自己手机上同意的"),
        Said.CALL: _("电话问过老人，同意"),
        Said.DESK: _("当面问过老人，同意"),
        Said.FILE: _("登记表上写着同意"),
    }
    return str(words[said])


def _dispute(each: disputes.Dispute) -> str:
    """Return where two families say different things, in one sentence."""
    names = {"first": each.first.shown_name, "second": each.second.shown_name}
    return str(_("%(first)s%(said)s，%(second)s后来%(then)s。请打电话问清楚。", **names, said=voiced(each.said), then=voiced(each.then)))


def eaters(need: HelpRequest) -> list[Elder]:
    """Return who eats of a meal that is shared."""
    return [each for each in served_by(need) if each.state is ElderState.ACTIVE] if need.boxes and need.elder is None else []


def boxes_of(need: HelpRequest) -> int:
    """Return how many boxes a need takes now on a day on which nobody is away."""
    return boxes_on(need, date.max) if need.boxes and need.household is not None else need.boxes


def _may_be_undone(shown: Elder) -> bool:
    """Say whether an elder was noted as gone so lately that taking it back restores the offers too."""
    since = elders.state_set_at(shown) if shown.state is not ElderState.ACTIVE else None
    return since is not None and clock.now() - since < timedelta(hours=elder_actions.UNDO_HOURS)


def how_often(need: HelpRequest) -> str:
    """Return how often a need comes, in words."""
    days = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    if need.pattern is Pattern.ONCE:
        return str(_("一次：%(days)s", days=listed(cards.date_words(date.fromisoformat(day)) for day in need.dates)))
    if need.pattern is Pattern.EACH_DAY and need.every_weeks == 1 and sorted(need.weekdays) == WORKDAYS:
        return str(_("每个工作日") if need.kind.workdays_only else _("每周一到周五"))
    names = listed(days[day] for day in sorted(need.weekdays))
    every = _("每 %(count)s 周", count=need.every_weeks) if need.every_weeks > 1 else _("每周")
    words = _("%(every)s任一天：%(names)s") if need.pattern is Pattern.ONE_OF else _("%(every)s：%(names)s")
    return str(words) % {"every": every, "names": names}


def until(need: HelpRequest) -> str:
    """Return until when a standing need that has been taken on still runs, in words; nothing when it has no end."""
    if need.last_day is None or need.pattern is Pattern.ONCE or registers.state_of(need) is not RequestState.ACCEPTED:
        return ""
    return str(_("做到 %(day)s为止", day=cards.date_words(need.last_day)))


def _who_came(offers: list[Offer]) -> str:
    """Return who was or will be there, in one line."""
    return listed(each.volunteer.name for each in offers if each.state in {"accepted", "sent"}) or "—"


@blueprint.post("/elders/<int:elder_id>/pause")
def pause(elder_id: int) -> Page:
    """Note that an elder needs nobody on some days, and take the offers of those days back."""
    try:
        said = take(PauseForm(), request.form)
        with submitted() as taken:
            away = _elder(elder_id)
            others = homes.others_away(away, said["both"])
            gone = homes.pause(away, said["first_day"], said["last_day"], said["reason"], others=others)
            flash(_say_changed(_("已记下暂停，到期自动恢复。"), gone, away.household), "done")
            return taken.redirect(url_for(".elder", elder_id=elder_id))
    except Invalid as error:
        return _elder_page(elder_id, sentences(error)), UNPROCESSABLE


def _say_changed(first: str, changed: homes.Changed, home: Household) -> str:
    """Return what was done, how many people need not come now, what waits to be planned again, and what the kitchen must know."""
    people = len({made.volunteer_id for made in changed.gone})
    gone, opened, boxes = len(changed.gone), len(changed.opened), len(changed.boxes)
    said = [
        first,
        _("取消了 %(count)s 次上门，%(people)s 位志愿者已收到消息。", count=gone, people=people) if gone else "",
        _("%(count)s 次上门等着重新安排。", count=opened) if opened else "",
        _("%(count)s 次送餐改了份数，食堂和送餐的人会看到。", count=boxes) if boxes else "",
        kitchen_words.noted(home),
    ]
    return joined(said)


@blueprint.post("/elders/<int:elder_id>/pauses/<int:pause_id>/end")
def come_back(elder_id: int, pause_id: int) -> AnyResponse:
    """Note that an elder is back earlier."""
    back = take(BackForm(), request.form)["back"]
    with submitted() as taken:
        shown = _elder(elder_id)
        which: Pause = found(elders.pause_of(shown, pause_id))
        reopened = homes.come_back(shown, which, back)
        flash(_say_changed(_("已恢复。"), reopened, shown.household), "done")
        return taken.redirect(url_for(".elder", elder_id=elder_id))


@blueprint.route("/elders/<int:elder_id>/state", methods=["GET", "POST"])
def set_state(elder_id: int) -> Page:
    """Note that an elder has moved away or has died, once it was said what will happen; or that they live here after all."""
    said = take(StateForm(), request.values)
    state = said["state"]
    if request.method == "GET" or (state is not ElderState.ACTIVE and not said["sure"]):
        return _state_page(_elder(elder_id), state), UNPROCESSABLE if request.method == "POST" else 200
    with submitted() as taken:
        changed = homes.set_state(_elder(elder_id), state)
        flash(_say_changed(_("已记下。"), changed, _elder(elder_id).household), "done")
        return taken.redirect(url_for(".elder", elder_id=elder_id))


def _state_page(shown: Elder, state: ElderState) -> str:
    """Return the page that names what will happen."""
    would = homes.would_change(shown)
    return render_template(
        "elders/state.html",
        elder=shown,
        state=state,
        would=would,
        people=list(dict.fromkeys(made.volunteer.name for made in would.offers)),
        standing=[each for each in would.needs if each.pattern is not Pattern.ONCE],
        how_often=how_often,
        together=homes.together(shown),
        kitchen=kitchen_words.dropping(would.visits, fewer=would.fewer),
    )


@blueprint.post("/elders/<int:elder_id>/ties")
def tie(elder_id: int) -> AnyResponse:
    """Tie a volunteer to the door: usual there, or not to be sent."""
    said = take(TieForm(), request.form)
    with submitted() as taken:
        who: Volunteer = found(volunteers.volunteer_in(community_id(), said["volunteer"]))
        homes.tie(_elder(elder_id).household, who, said["tie"])
        flash(_("已记下，下次排班按这个来。"), "done")
        return taken.redirect(url_for(".elder", elder_id=elder_id) + "#ties")


@blueprint.post("/elders/<int:elder_id>/ties/<int:tie_id>/drop")
def untie(elder_id: int, tie_id: int) -> AnyResponse:
    """Untie a volunteer from the door."""
    with submitted() as taken:
        homes.untie(found(registers.tie_of(_elder(elder_id).household, tie_id)))
        return taken.redirect(url_for(".elder", elder_id=elder_id) + "#ties")


@blueprint.get("/volunteers", endpoint="volunteers")
def volunteer_list() -> str:
    """List the volunteers with this week's minutes against the ceiling and what expires soon."""
    asked = take(SearchArgs(), request.args)
    mine = community_id()
    listed = leaf(volunteers.register(mine, asked["q"], gone=asked["gone"]), asked["page"])
    minutes = registers.week_minutes(mine, clock.monday_of(clock.today()))
    return render_template(
        "volunteers/index.html",
        rows=[(each, minutes.get(each.id, 0), expiring(each)) for each in listed.rows],
        listed=listed,
        href=lambda number: url_for(".volunteers", q=asked["q"] or None, gone=asked["gone"] or None, page=number),
        asked=asked,
        near=NEAR,
        today=clock.today(),
    )


def expiring(volunteer: Volunteer) -> list[str]:
    """Return what of a volunteer has ended or ends within a month: insurance and proofs."""
    today, soon = clock.today(), clock.today() + SOON
    found_ones = []
    if volunteer.insured_until is None:
        found_ones.append(_("没有保险"))
    elif volunteer.insured_until < soon:
        words = _("保险 %(day)s 已到期") if volunteer.insured_until < today else _("保险 %(day)s 到期")
        found_ones.append(words % {"day": cards.day_words(volunteer.insured_until)})
    ending = [held for held in volunteer.skills if held.expires is not None and held.expires < soon]
    found_ones += [
        _("%(skill)s证明 %(day)s 到期", skill=voiced(held.skill.words), day=cards.day_words(held.expires or today)) for held in ending
    ]
    return found_ones


@blueprint.get("/volunteers/<int:volunteer_id>")
def volunteer(volunteer_id: int) -> AnyResponse | str:
    """Show a volunteer: skills, free times, what is coming, what is on record; of somebody lent to us there is only the lending."""
    mine = community_id()
    if is_guest(volunteer_id, mine):
        return redirect(url_for("lending.index"), 303)
    audit.look("volunteer", found(volunteers.volunteer_in(mine, volunteer_id)).id)
    shown = found(volunteers.volunteer_in(mine, volunteer_id))
    return render_template("volunteers/volunteer.html", **volunteer_page(mine, shown))


def volunteer_page(mine: int, shown: Volunteer) -> dict[str, Any]:
    """Return what the page of a volunteer shows."""
    today = clock.today()
    monday = clock.monday_of(today)
    return {
        "volunteer": shown,
        "today": today,
        "minutes": registers.week_minutes(mine, monday).get(shown.id, 0),
        "near": NEAR,
        "warnings": expiring(shown),
        "week": volunteers.availability_of(shown),
        "time_off": volunteers.time_off_from(shown, today),
        "days": cards.days_of(registers.coming_up(shown, today + AHEAD, mine)),
        "records": registers.records_of(shown),
        "standings": volunteers.standings(shown),
        "now": volunteers.standing_on(shown, today),
        "errors": {},
        "given": {},
        "standing": [],
    }


@blueprint.get("/search")
def search() -> str:
    """Find people by name, telephone or address."""
    q = take(SearchArgs(), request.args)["q"]
    mine = community_id()
    return render_template(
        "requests/search.html",
        q=q,
        elders=elders.elders(mine, q)[:20] if q else [],
        volunteers=volunteers.volunteers(mine, q)[:20] if q else [],
    )
