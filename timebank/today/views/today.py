"""今天: what needs somebody now, the rounds on their way, the visits of the day, and the calls to make."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import fields, validate
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock, phones
from timebank.access.circles import READERS
from timebank.access.guards import may, this_user
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.cases import keeping
from timebank.cases import queries as cases
from timebank.elders import queries as elders
from timebank.errors import Conflict, Invalid
from timebank.forms import Form, Whole, Words, args, sentences, take
from timebank.places import queries as places
from timebank.planning import cover
from timebank.planning import queries as plans
from timebank.planning.views.again import failed_ones
from timebank.planning.views.shared import my_community
from timebank.proposals import views as proposals
from timebank.records import checklists
from timebank.records import queries as records
from timebank.records.still_open import left_from_closed
from timebank.records.workdays import unknown_years
from timebank.sentences import Sentence
from timebank.stations import figures
from timebank.stations import queries as stations
from timebank.stations.views.waiting import waiting as stations_waiting
from timebank.today.elder_calls import call_cards
from timebank.today.views import lines, takers
from timebank.today.views.shared import blueprint
from timebank.today.views.waiting import waiting_above
from timebank.visits import on_duty, queries, registers
from timebank.visits.actions import alarms, offering, serving, staying
from timebank.visits.actions.kin import why_not
from timebank.visits.entries import ManualEntry
from timebank.visits.mismatches import to_settle
from timebank.visits.models import Alert, Offer, OfferState, Outcome, RequestState, Trust, Visit, VisitState
from timebank.visits.views import cards
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.volunteers.sight import Sight, sight_of
from timebank.web import LARGEST, UNPROCESSABLE, Page, found, listed, submitted, voiced

LATE_MINUTES = 5
WARN_HOT = 25
TROUBLE = {Outcome.UNWELL, Outcome.NO_ANSWER}
ORDER = ("unwell", "no_answer", "late", "under_way", "waiting", "accepted", "delivered")
REASONS = (
    Sentence.of("today", "时间不方便"),
    Sentence.of("today", "身体不舒服"),
    Sentence.of("today", "不适合我"),
    Sentence("联系不上，先请别人"),
)


class LookingArgs(Form):
    """Which line is unfolded, how a trip is handed over, and whether everybody who could go is named."""

    open = Words(40, load_default="")
    by = fields.String(load_default="whole", validate=validate.OneOf(takers.BY))
    all = fields.Boolean(load_default=False)


class ResultForm(Form):
    """How an alert ended."""

    result = Words(200, load_default="")


class AnswerForm(Form):
    """What somebody said on the telephone."""

    offer = fields.List(Whole(1, LARGEST), required=True, validate=validate.Length(1, 200))
    answer = fields.String(required=True, validate=validate.OneOf(["accept", "decline"]))
    reason = Words(60, load_default="")


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One meal round of the day as a row."""

    round: plans.RoundToday
    state: str
    late: int

    @property
    def volunteer(self) -> Volunteer:
        """Who carries it."""
        return self.round.round.volunteer

    @property
    def going(self) -> list[Offer]:
        """The doors in order, as far as they are accepted or asked for."""
        return self.round.offers

    @property
    def next(self) -> Offer | None:
        """The next door."""
        return next((made for made in self.going if made.outcome is None), None)

    @property
    def boxes(self) -> int:
        """How many boxes it carries."""
        return sum(made.visit.boxes for made in self.going)

    @property
    def discs(self) -> list[dict[str, str]]:
        """One mark a door."""
        return [{"state": self._disc(made), "label": place_of(made.visit)} for made in self.going]

    def _disc(self, made: Offer) -> str:
        """Return the mark of one door."""
        if made.outcome is not None:
            return "done" if made.outcome is Outcome.DONE else "trouble"
        return "next" if made is self.next and self.round.round.picked_up_at is not None else "to_do"

    @property
    def last_seen(self) -> str:
        """When the volunteer was last heard of."""
        heard = [at for at in (self.round.round.picked_up_at, *(made.ended_at for made in self.going)) if at is not None]
        return max(heard).strftime("%H:%M") if heard else "—"


def place_of(visit: Visit) -> str:
    """Return the compound and the building of a visit."""
    building = visit.household.building
    return f"{building.compound.name} {building.name}"


def _round_row(each: plans.RoundToday, urgent: dict[int, Outcome]) -> RoundRow:
    """Return a round with how it stands; an alarm that nobody has closed comes first."""
    late = _late(each)
    if each.round.id in urgent:
        return RoundRow(each, urgent[each.round.id].value, late)
    outcomes = {made.outcome for made in each.offers}
    if None not in outcomes:
        state = "delivered"
    elif each.round.picked_up_at is not None:
        state = "late" if late > LATE_MINUTES else "under_way"
    elif any(made.state is OfferState.SENT for made in each.offers):
        state = "waiting"
    else:
        state = "late" if late > LATE_MINUTES else "accepted"
    return RoundRow(each, state, late)


def _late(each: plans.RoundToday) -> int:
    """Return by how many minutes a round is behind its plan."""
    now = clock.minute_of(clock.now())
    if each.round.picked_up_at is None:
        return now - each.round.pickup
    coming = next((made for made in each.offers if made.outcome is None), None)
    return now - (coming.start + coming.visit.minutes) if coming else 0


@dataclass(frozen=True, slots=True)
class AlertCard:
    """An alarm from a door with what helps to answer it."""

    alert: Alert
    names: str
    minutes_ago: int
    left: int
    family: list[tuple[str, User]]


def _alert_card(alert: Alert, sight: Sight, *, full: bool) -> AlertCard:
    """Return an alarm as a card; of the doors left, those its reader sees."""
    made = alert.offer
    people = cards.elders_of(made.visit)
    ago = max(0, int((clock.now() - alert.raised_at).total_seconds() // 60))
    coming = [each for each in made.round.offers if each.outcome is None and each.state is OfferState.ACCEPTED] if made.round else []
    left = [each for each in coming if queries.sees(sight, each.visit, [each])]
    family = [(each.name, user) for each in people for link, user in elders.family_of(each) if link.approved_at] if full else []
    return AlertCard(
        alert=alert,
        names=listed(each.name if full else mask_name(each.name) for each in people),
        minutes_ago=ago,
        left=len(left),
        family=family,
    )


@blueprint.get("/today")
def today() -> str:
    """Show the day; before there is a community, the way to import one."""
    if not places.communities():
        return render_template("today/nothing.html")
    return today_page()


@blueprint.get("/today/tomorrow")
def tomorrow() -> str:
    """Show what of tomorrow nobody is going to do."""
    return today_page(day=clock.today() + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Wrong:
    """The sentences of forms on the page that were not taken: by alarm, by line, by late meal."""

    alerts: dict[int, str] = field(default_factory=dict)
    calls: dict[int, str] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    meals: dict[int, str] = field(default_factory=dict)


def today_page(*, day: date | None = None, open_line: str | None = None, wrong: Wrong | None = None) -> str:
    """Return the page of today, or that of tomorrow's open lines, with what was not taken of the forms on it."""
    asked = args(LookingArgs())
    looking = lines.Looking(open_line if open_line is not None else asked["open"], asked["by"], asked["all"])
    community = my_community()
    sight = sight_of(this_user())
    if sight.is_nothing:
        return render_template("today/no_part.html", role=this_user().role)
    full = this_user().role in READERS
    shown = day or clock.today()
    said: dict[str, Any] = {"community": community.name, "full": full, "day": shown, "looking": looking, "wrong": wrong or Wrong()}
    said["known_for"] = keeping.speciality(community.id)
    said |= {"given": request.form, "now": clock.now(), "here": _here(shown, looking), "part": sight.names}
    if this_user().role is not Role.CANTEEN:
        days = (shown, shown + timedelta(days=1)) if shown == clock.today() else (shown,)
        said["turns"] = cover.turns(community.id, days, sight)
        said["open"] = lines.card(community.id, shown, looking, full=full, asking=may("today.ask_for"), sight=sight)
    if shown > clock.today():
        return render_template("today/tomorrow.html", **said)
    return render_template("today/today.html", **said, **_live(community.id, sight, full=full))


def _here(shown: date, looking: lines.Looking) -> str:
    """Return the address of the page as it is unfolded, for what lives on it to be fetched again."""
    endpoint = ".today" if shown <= clock.today() else ".tomorrow"
    by = looking.by if looking.by != "whole" else None
    return url_for(endpoint, open=looking.open or None, by=by, all=1 if looking.everybody else None)


def _live(community_id: int, sight: Sight, *, full: bool) -> dict[str, Any]:
    """Return what is on its way today: alarms, rounds, visits, the kitchen, and what waits for a coordinator."""
    offers = queries.day_offers(community_id, clock.today(), sight)
    urgent = _alerts(community_id, sight)
    alarmed = {each.offer.round_id: each.kind for each in reversed(urgent) if each.offer.round_id}
    rounds = sorted((_round_row(each, alarmed) for each in plans.rounds_today(offers)), key=lambda row: ORDER.index(row.state))
    return {
        "elder_calls": call_cards(community_id) if sight.whole and this_user().role is not Role.CANTEEN else [],
        "alerts": [_alert_card(each, sight, full=full) for each in urgent],
        "rounds": rounds,
        "doors": sum(len(row.going) for row in rounds),
        "delivered": sum(row.round.delivered for row in rounds),
        "timed": timed_rows(offers),
        "kitchen": _kitchen(community_id, rounds, sight),
        "todo": _todo(community_id, rounds) if full else [],
        "sessions": stations.sessions(community_id, clock.today(), clock.today()) if full else [],
        "warn_hot": WARN_HOT,
        "place_of": place_of,
        "name_of": lambda visit: names_of(visit, full=full),
    }


def _alerts(community_id: int, sight: Sight) -> list[Alert]:
    """Return the open alarms, unwell elders first; the canteen has no need to know of them."""
    if this_user().role is Role.CANTEEN:
        return []
    return sorted(queries.alerts(community_id, sight), key=lambda each: (each.kind is not Outcome.UNWELL, each.raised_at))


def names_of(visit: Visit, *, full: bool = True) -> str:
    """Return whom a visit is for."""
    return listed(each.name if full else mask_name(each.name) for each in cards.elders_of(visit))


@dataclass(frozen=True, slots=True)
class TimedRow:
    """One timed visit of the day with everybody who goes there."""

    visit: Visit
    offers: list[Offer]

    @property
    def state(self) -> str:
        """The word of the status chip."""
        if self.visit.state is VisitState.FAILED:
            outcome = next((made.outcome for made in self.offers if made.outcome), None)
            return outcome.value if outcome in TROUBLE and outcome is not None else "failed"
        if self.visit.state is VisitState.ACCEPTED and clock.minute_of(clock.now()) - self.offers[0].start > LATE_MINUTES:
            return "late"
        return self.visit.state.value

    @property
    def over(self) -> bool:
        """Whether nobody has to look at it any more."""
        return self.visit.state in {VisitState.DONE, VisitState.CONFIRMED}

    @property
    def who(self) -> str:
        """Who goes there."""
        return listed(made.volunteer.name for made in self.offers)


def timed_rows(offers: list[Offer]) -> list[TimedRow]:
    """Return the timed visits among a day's offers in the order of the day, what needs somebody first."""
    grouped: dict[int, list[Offer]] = {}
    for made in offers:
        if made.round_id is None:
            grouped.setdefault(made.visit_id, []).append(made)
    rows = [TimedRow(members[0].visit, members) for members in grouped.values()]
    first = {"unwell": 0, "no_answer": 1, "late": 2, "under_way": 3}
    return sorted(rows, key=lambda row: (first.get(row.state, 5 if row.over else 4), row.offers[0].start))


def _kitchen(community_id: int, rounds: list[RoundRow], sight: Sight) -> dict[str, Any] | None:
    """Return what the canteen has to know, nothing on a day without meals."""
    counted = cover.kitchen(community_id, clock.today(), sight=sight)
    kitchens = [each for each in places.canteens(community_id) if each.id in sight.canteens or not sight.canteens]
    eaten = figures.dining(kitchens[0].id, clock.today()) if kitchens else figures.Dining(0, 0)
    if not kitchens or not (counted.wanted or counted.late or eaten.seats or eaten.boxes):
        return None
    taken = [row.round.round.picked_up_at for row in rounds if row.round.round.picked_up_at is not None]
    first = min((row.round.round.pickup for row in rounds), default=kitchens[0].ready)
    return {
        "canteen": rounds[0].round.round.canteen if rounds else kitchens[0],
        "counted": counted,
        "dining": eaten,
        "rounds": len(rounds),
        "first": min(taken).strftime("%H:%M") if taken else clock.hhmm(first),
        "started": bool(taken),
    }


def _todo(community_id: int, rounds: list[RoundRow]) -> list[dict[str, Any]]:
    """Return what waits for a coordinator besides the alarms, each with its page."""
    calls = len({made.volunteer_id for made in registers.call_list(community_id)})
    visits, meals = queries.unconfirmed(community_id)
    unconfirmed = len(visits) + len(meals) + len(on_duty.unconfirmed(community_id))
    new = registers.counts(community_id).get(RequestState.NEW, 0)
    families = elders.waiting_families(community_id)
    expiring = volunteers.uninsured(community_id, clock.today())
    steps = cases.due(community_id, this_user())
    doubted = queries.doubted(community_id)
    uncleared = records.uncleared(community_id, (visits, meals))
    overdue = sum(row.is_late for row in uncleared)
    left = left_from_closed(community_id, uncleared)
    entries = [each for each in records.entries(community_id, pending=True) if _may_decide(each)]
    second = proposals.waiting()
    objections = len(records.objections(community_id, still_open=True))
    checks = sum(checklists.open_by_week(community_id).values())
    unknown = unknown_years(clock.today())
    mismatched = len(to_settle(community_id))
    late = [row for row in rounds if row.state == "late" and row.round.round.picked_up_at is not None]
    found_ones = [
        {
            "icon": "clock",
            "word": _("%(who)s 晚 %(minutes)s 分钟", who=row.volunteer.name, minutes=row.late),
            "text": _("打电话问一下"),
            "href": f"tel:{phones.dialled(row.volunteer.phone)}",
        }
        for row in late
    ] + [
        {
            "icon": "alert",
            "word": _("%(who)s过了时间 %(minutes)s 分钟没签退", who=made.volunteer.name, minutes=staying.over_by(made)),
            "text": _("%(place)s，马上打电话问平安", place=place_of(made.visit)),
            "href": f"tel:{phones.dialled(made.volunteer.phone)}",
        }
        for made in staying.overdue(community_id)
    ]
    waiting = (
        (mismatched, "two-arrows", _("%(count)s 条补报对不上", count=mismatched), "today.mismatches"),
        (doubted, "alert", _("%(count)s 次服务家属说不对", count=doubted), "today.confirm"),
        (new, "inbox", _("%(count)s 件求助待处理", count=new), "requests.inbox"),
        (steps, "desk", _("%(count)s 件接件今天到期或者晚了", count=steps), "cases.index"),
        (calls, "handset", _("%(count)s 位志愿者还没回复，要打电话", count=calls), "today.calls"),
        (unconfirmed, "double-tick", _("%(count)s 次服务等确认", count=unconfirmed), "today.confirm"),
        (overdue, "clock", _("%(count)s 次服务过了 10 个工作日还没入账", count=overdue), "records.overdue"),
        (left, "calendar", _("已月结的月份还有 %(count)s 件没有办完，办完记在本月", count=left), "books.months"),
        (objections, "alert", _("%(count)s 个异议等答复", count=objections), "books.objections"),
        (len(entries), "two-persons", _("%(count)s 条手工或补录等你核准", count=len(entries)), "records.entries"),
        (second, "two-persons", _("%(count)s 件等你核准或核对", count=second), "proposals.index"),
        *stations_waiting(community_id),
        *(each(community_id) for each in waiting_above),
        (len(unknown), "calendar", _("%(years)s 年的放假安排还没有填", years=listed(map(str, unknown))), "records.calendar"),
        (checks, "search", _("%(count)s 件每周核查没有结果", count=checks), "records.checks"),
        (len(families), "house", _("%(count)s 位家属等你同意", count=len(families)), "elders.index"),
        (expiring, "lock", _("%(count)s 位志愿者保险到期", count=expiring), "people.volunteers"),
    )
    return (
        found_ones
        + failed_ones(community_id)
        + [
            {"icon": icon, "word": word, "text": "", "href": url_for(endpoint)}
            for count, icon, word, endpoint in waiting
            if count and may(endpoint)
        ]
    )


def _may_decide(entry: ManualEntry) -> bool:
    """Say whether the reader is the second person an entry by hand waits for."""
    return entry.entered_by != this_user().id and why_not(this_user(), entry.volunteer) is None


@blueprint.post("/alerts/<int:alert_id>/close")
def close_alert(alert_id: int) -> Page:
    """Close an alarm with what was found."""
    try:
        result = take(ResultForm(), request.form)["result"]
        with submitted() as taken:
            serving.close_alert(found(queries.alert_of(my_community().id, alert_id)), this_user().id, result)
            flash(_("已处理完毕，结果记下了。"), "done")
            return taken.redirect(url_for(".today"))
    except Invalid as error:
        sentence = sentences(error).get("result", voiced(error.words))
        return today_page(wrong=Wrong(alerts={alert_id: sentence})), UNPROCESSABLE


@blueprint.post("/alerts/<int:alert_id>/take")
def take_alert(alert_id: int) -> AnyResponse:
    """Say that one rings whoever raised an alarm; they see who."""
    with submitted() as taken:
        alarms.take(found(queries.alert_of(my_community().id, alert_id)), this_user())
        return taken.redirect(url_for(".today"))


@dataclass(frozen=True, slots=True)
class Call:
    """One volunteer to be called, with everything that waits for an answer."""

    volunteer: Volunteer
    days: list[cards.Day]
    offers: list[Offer]


@blueprint.get("/calls")
def calls() -> str:
    """List who is to be called about unanswered offers."""
    grouped: dict[int, list[Offer]] = {}
    for made in registers.call_list(my_community().id):
        grouped.setdefault(made.volunteer_id, []).append(made)
    rows = [Call(members[0].volunteer, cards.days_of(members), members) for members in grouped.values()]
    return render_template("today/calls.html", rows=rows, reasons=REASONS, names_of=names_of)


@blueprint.post("/calls")
def answer() -> AnyResponse:
    """Enter what somebody said on the telephone; what changed meanwhile does not hold up the rest."""
    said = take(AnswerForm(), request.form)
    with submitted() as taken:
        chosen = [found(queries.offer_in(my_community().id, number)) for number in said["offer"]]
        lost = []
        for made in chosen:
            try:
                _enter(made, said["answer"], said["reason"])
            except Conflict as error:
                lost.append(voiced(error.words))
        done = len(chosen) - len(lost)
        words = (
            _("已记下接受 %(count)s 项。", count=done)
            if said["answer"] == "accept"
            else _("已记下婉拒 %(count)s 项，可以重新安排。", count=done)
        )
        flash(words + "".join(dict.fromkeys(lost)), "late" if lost else "done")
        return taken.redirect(url_for(".calls"))


def _enter(made: Offer, said: str, reason: str) -> None:
    """Enter one answer in somebody's name."""
    if said == "accept":
        offering.accept(made, Trust.DESK)
    else:
        offering.decline(made, reason, Trust.DESK)
