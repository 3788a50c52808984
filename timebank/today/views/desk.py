"""服务台录入: what people without phones answered and did, in one grid a day: a row a door, typed by keyboard, sent once."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import fields
from werkzeug.datastructures import MultiDict

from timebank import clock
from timebank.access.guards import this_user
from timebank.catalogue.models import Evidence
from timebank.db import db
from timebank.errors import Invalid, Refusal
from timebank.forms import Day, Form, minutes_of, take
from timebank.planning.views.shared import my_community
from timebank.today.views.shared import blueprint
from timebank.today.views.today import names_of, place_of
from timebank.visits import queries
from timebank.visits.actions import offering, serving, telling
from timebank.visits.models import Offer, OfferState, Outcome, Round, Trust
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, Page, submitted, voiced

LONGEST = 12
LONGEST_REASON = 200
DECLINED = "declined"


class DeskArgs(Form):
    """Which day, and whether people with phones are shown too."""

    day = Day(load_default=None)
    everybody = fields.Boolean(load_default=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the grid: an offer, what was entered for it, why it was refused."""

    offer: Offer
    who: str
    place: str
    entered: dict[str, str]
    error: str
    asks: bool
    reason: str

    @property
    def over(self) -> bool:
        """Whether nothing is left to enter."""
        return self.offer.outcome is not None

    @property
    def timed(self) -> bool:
        """Whether it has a beginning and an end of its own."""
        return self.offer.visit.kind.evidence is Evidence.TIMED


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper sheet: a volunteer's round, or their visits of the day."""

    volunteer: Volunteer
    round: Round | None
    lines: list[Line]
    entered: dict[str, str]
    error: str

    @property
    def over(self) -> bool:
        """Whether nothing is left to enter."""
        return all(line.over for line in self.lines)

    @property
    def asking(self) -> Line | None:
        """The first row whose times are far over the plan: the reason of a whole round is asked for there."""
        return next((line for line in self.lines if line.asks), None)


@dataclass(slots=True)
class Entry:
    """A grid being saved: what went in, what of it a colleague has to look at, and the sentence of each row that did not."""

    saved: int = 0
    long: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    asks: set[int] = field(default_factory=set)


@blueprint.get("/desk")
def desk() -> str:
    """Show the grid of a day."""
    asked = take(DeskArgs(), request.args)
    return _grid(asked["day"] or clock.today(), MultiDict(), Entry(), everybody=asked["everybody"])


@blueprint.post("/desk")
def enter() -> Page:
    """Save the rows of the grid: good ones stay saved, refused ones stay on the page with what was typed."""
    asked = take(DeskArgs(), request.form)
    day = asked["day"] or clock.today()
    with submitted() as taken:
        entry = _save(day, request.form)
        answer = taken.redirect(url_for(".desk", day=day.isoformat(), everybody=1 if asked["everybody"] else None))
    if entry.errors:
        return _grid(day, request.form, entry, everybody=asked["everybody"]), UNPROCESSABLE
    flash(_("已存 %(count)s 行。", count=entry.saved) if entry.saved else _("没有新填的，什么也没有改。"), "done")
    if entry.long:
        flash(_("其中 %(count)s 行比计划长很多，要由另一位同事在“等确认”里确认。", count=entry.long), "late")
    return answer


def _grid(day: date, said: MultiDict[str, str], entry: Entry, *, everybody: bool) -> str:
    """Return the page of a day; rows that were saved are shown as they stand now."""
    sheets = _sheets(day, said, entry, everybody=everybody)
    return render_template(
        "desk/desk.html",
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        everybody=everybody,
        sheets=sheets,
        rows=sum(1 for sheet in sheets for line in sheet.lines if not line.over),
        errors=entry.errors,
        saved=entry.saved,
        outcomes=outcomes(),
        today=clock.today(),
    )


def outcomes() -> list[tuple[str, str]]:
    """Return the outcomes the desk can enter, the ordinary one first."""
    return [
        ("", "—"),
        (Outcome.DONE.value, _("做好了")),
        (Outcome.NO_ANSWER.value, _("没人应门")),
        (Outcome.UNWELL.value, _("老人不舒服")),
        (Outcome.REFUSED.value, _("老人不要")),
        (Outcome.WRONG_ADDRESS.value, _("地址不对")),
        (Outcome.NOT_READY.value, _("还没准备好")),
        (Outcome.OTHER.value, _("其他")),
        (DECLINED, _("去不了，婉拒")),
    ]


def _offers(day: date, *, everybody: bool) -> list[Offer]:
    """Return the offers of a day that the desk enters: of people without phones, or of all."""
    offers = queries.day_offers(my_community().id, day)
    return [made for made in offers if everybody or not made.volunteer.has_phone]


def _sheets(day: date, said: MultiDict[str, str], entry: Entry, *, everybody: bool) -> list[Sheet]:
    """Return the sheets of a day by volunteer."""
    grouped: dict[tuple[str, int, int], list[Offer]] = {}
    for made in _offers(day, everybody=everybody):
        grouped.setdefault((made.volunteer.sort_key, made.volunteer_id, made.round_id or 0), []).append(made)
    sheets = [_sheet(members, said, entry) for _key, members in sorted(grouped.items(), key=lambda item: item[0])]
    return sorted(sheets, key=lambda sheet: sheet.over)


def _sheet(members: list[Offer], said: MultiDict[str, str], entry: Entry) -> Sheet:
    """Return one sheet with what was typed into it."""
    meals = members[0].round
    name = f"r{meals.id}" if meals else ""
    lines = [
        Line(
            offer=made,
            who=names_of(made.visit),
            place=place_of(made.visit),
            entered=_typed(said, made.id),
            error=entry.errors.get(f"o{made.id}", ""),
            asks=made.outcome is None and (made.id in entry.asks or bool(_reason(made, said))),
            reason=_reason(made, said),
        )
        for made in members
    ]
    typed = {key: said.get(f"{key}-{name}", "")[:LONGEST] for key in ("fetched", "last")} if meals else {}
    return Sheet(volunteer=members[0].volunteer, round=meals, lines=lines, entered=typed, error=entry.errors.get(name, ""))


def _typed(said: MultiDict[str, str], number: int) -> dict[str, str]:
    """Return what was typed into one row."""
    return {key: said.get(f"{key}-{number}", "").strip()[:LONGEST] for key in ("accepted", "started", "ended", "outcome")}


def _reason(made: Offer, said: MultiDict[str, str]) -> str:
    """Return why a row's times are far over the plan; all doors of a round share one reason."""
    name = f"r{made.round_id}" if made.round_id else str(made.id)
    return said.get(f"reason-{name}", "").strip()[:LONGEST_REASON]


def _save(day: date, said: MultiDict[str, str]) -> Entry:
    """Save every row that says something, each in a savepoint of its own."""
    entry = Entry()
    for made in _offers(day, everybody=True):
        typed = _typed(said, made.id)
        if made.outcome is not None or not any(typed.values()):
            continue
        reason = _reason(made, said)
        try:
            with db.session.begin_nested():
                entry.long += _enter(made, typed, _round_times(made, said), reason)
            entry.saved += 1
        except Refusal as error:
            entry.errors[f"o{made.id}"] = voiced(error.words)
            if "reason" in error.fields:
                entry.asks.add(made.id)
    return entry


def _round_times(made: Offer, said: MultiDict[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return when the round of an offer was fetched and when its last door was left, as the sheet says."""
    if made.round_id is None:
        return None, None
    return _instant(made.day, said.get(f"fetched-r{made.round_id}", "")), _instant(made.day, said.get(f"last-r{made.round_id}", ""))


def _instant(day: date, words: str) -> datetime | None:
    """Return the instant of a time as typed, None for an empty one."""
    if not words.strip():
        return None
    minutes = minutes_of(words[:LONGEST])
    if minutes is None:
        raise Invalid("“%(words_)s”不是时间，写成 11:05 或 1105。", words_=words[:LONGEST])
    return clock.at(day, minutes)


def _enter(made: Offer, typed: dict[str, str], of_round: tuple[datetime | None, datetime | None], reason: str) -> bool:
    """Enter one row: the answer, and what was done when the sheet says so; say whether a colleague has to look at its times."""
    if typed["outcome"] == DECLINED:
        offering.decline(made, "去不了", Trust.DESK)
        return False
    if made.state is OfferState.SENT:
        offering.accept(made, Trust.DESK, carried=any(each.strip() for each in typed.values()))
    started, ended = _instant(made.day, typed["started"]), _instant(made.day, typed["ended"])
    if not typed["outcome"] and started is None and ended is None:
        return False
    outcome = _outcome(typed["outcome"])
    if made.round is not None:
        started = ended = _at_door(made, ended or of_round[1], of_round[0])
    if started is None or ended is None:
        raise Invalid("请把开始和结束的时间都填上。")
    long = serving.enter_from_sheet(made, started, ended, outcome, by=this_user(), reason=reason)
    _raise_alarm(made)
    return long


def _outcome(word: str) -> Outcome:
    """Return the outcome of a row, done when only times were entered."""
    if word and word not in [each.value for each in Outcome]:
        raise Invalid("请选一种结果。")
    return Outcome(word) if word else Outcome.DONE


def _at_door(made: Offer, at: datetime | None, fetched: datetime | None) -> datetime:
    """Return when one door of a round was served: at its own time, else at that of the last door; note the pick-up first."""
    meals = made.round
    if meals is not None and meals.picked_up_at is None:
        if fetched is None:
            raise Invalid("请先填这一轮的取餐时间。")
        serving.enter_pick_up(meals, fetched)
    if at is None:
        raise Invalid("请填几点送到，或填“最后一户”的时间。")
    if meals is not None and meals.picked_up_at is not None and at < meals.picked_up_at:
        raise Invalid("送到的时间早于取餐，请对照纸上再看。")
    return at


def _raise_alarm(made: Offer) -> None:
    """Let the coordinators know of somebody unwell or not answering, when the sheet of today says so."""
    if made.day != clock.today():
        return
    alert = serving.alarm(made)
    if alert is not None:
        telling.tell_coordinators(alert)
