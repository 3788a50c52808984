"""确认: the finished rounds and visits that wait for somebody's word, by day; one tap each, or a whole day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext
from flask_babel import gettext as _
from marshmallow import fields, validate
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.credit.queries import terms_of
from timebank.db import db
from timebank.errors import Conflict
from timebank.forms import Day, Form, Whole, take
from timebank.planning.views.shared import my_community
from timebank.today.views.shared import blueprint
from timebank.today.views.today import names_of
from timebank.visits import on_duty, queries, registers
from timebank.visits.actions import confirming, duty_records, lengths, one_word
from timebank.visits.duties import Duty
from timebank.visits.models import Offer, OfferState, Round, Trust, Visit
from timebank.visits.states import SERVED
from timebank.web import found, listed, submitted, voiced

MARKS = (Trust.DESK, Trust.CALL)


class ConfirmForm(Form):
    """What is confirmed, and how it is known."""

    what = fields.String(required=True, validate=validate.OneOf(["visit", "round", "duty"]))
    number = Whole(1, 2_147_483_647, required=True)
    trust = fields.Enum(Trust, by_value=True, required=True, validate=validate.OneOf(MARKS))


class DayForm(Form):
    """The day that is confirmed as a whole."""

    day = Day(required=True)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One round, visit or duty that waits for a confirmation."""

    what: str
    number: int
    day: date
    icon: str
    title: str
    who: str
    volunteers: str
    started: datetime
    ended: datetime
    planned: int
    coded: bool
    shaky: str
    long: str = ""
    typed: tuple[str, ...] = ()
    barred: str = ""

    @property
    def minutes(self) -> int:
        """The real minutes."""
        return lengths.minutes_between(self.started, self.ended)

    @property
    def sure(self) -> bool:
        """Whether it may be confirmed together with the rest of its day."""
        return not self.shaky and not self.long and not self.barred


def _waiting_visit(visit: Visit, recorded: confirming.Recorded) -> Waiting | None:
    """Return a timed visit as a row."""
    served = [
        made for made in visit.offers if made.state is OfferState.ACCEPTED and made.outcome in SERVED and made.started_at and made.ended_at
    ]
    if not served:
        return None
    started = min(made.started_at for made in served if made.started_at)
    ended = max(made.ended_at for made in served if made.ended_at)
    coded = all(made.code_ok for made in served)
    return Waiting(
        what="visit",
        number=visit.id,
        day=served[0].day,
        icon=visit.kind.icon,
        title=voiced(visit.kind.words),
        who=names_of(visit),
        volunteers=_names(served),
        started=started,
        ended=ended,
        planned=visit.minutes,
        coded=coded,
        shaky=_doubts([visit]) or _late(max(made.late_by for made in served)) or ("" if coded else _("没有到访码，请打电话核对")),
        **_length(visit, recorded),
        **_word(served),
    )


def _waiting_round(meals: Round) -> Waiting | None:
    """Return a finished round as a row."""
    going = [made for made in meals.offers if made.state is OfferState.ACCEPTED and made.ended_at]
    if not going or meals.picked_up_at is None:
        return None
    return Waiting(
        what="round",
        number=meals.id,
        day=meals.day,
        icon="bowl",
        title=_("送餐 %(doors)s 户", doors=len(going)),
        who=listed(words for words in (_missed(going), _told_late(going)) if words),
        volunteers=meals.volunteer.name,
        started=meals.picked_up_at,
        ended=max(made.ended_at for made in going if made.ended_at),
        planned=lengths.planned_for(meals, going),
        coded=False,
        shaky=_doubts(made.visit for made in going) or _late(meals.late_by),
        **_length(meals),
        **_word(going),
    )


def _missed(going: Sequence[Offer]) -> str:
    """Return how many doors of a round were not served, nothing where all were."""
    missed = sum(1 for made in going if made.outcome not in SERVED)
    return _("其中 %(count)s 户没有送到", count=missed) if missed else ""


def _told_late(going: Sequence[Offer]) -> str:
    """Return how many doors of a round the phone told of later, nothing where it told of each at once."""
    late = sum(1 for made in going if made.late_by)
    return _("其中 %(count)s 户是事后补报的", count=late) if late else ""


def _late(late: int) -> str:
    """Return that a beginning was told of later, nothing where the phone told of it at once."""
    return _("开始时间是手机事后报的，晚了 %(minutes)s 分钟，请打电话核对", minutes=late) if late else ""


def _waiting_duty(duty: Duty) -> Waiting | None:
    """Return a duty that is done as a row."""
    if duty.volunteer is None or duty.started_at is None or duty.ended_at is None:
        return None
    why = duty_records.why_not(duty, duty.volunteer, Trust.DESK, this_user())
    minutes = lengths.minutes_between(duty.started_at, duty.ended_at)
    long = _("记了 %(minutes)s 分钟，计划 %(planned)s 分钟，请核对", minutes=minutes, planned=duty.planned)
    unproved = not duty.code_ok and duty.enterer is None
    return Waiting(
        what="duty",
        number=duty.id,
        day=duty.day,
        icon=duty.kind.icon,
        title=duty.title,
        who=duty.place,
        volunteers=duty.volunteer.name,
        started=duty.started_at,
        ended=duty.ended_at,
        planned=duty.planned,
        coded=duty.code_ok,
        shaky=_("没有到岗码，请核对签到表或打电话") if unproved else "",
        long=long if lengths.too_long(minutes, duty.planned) else "",
        typed=(_typed_in(duty),) if duty.enterer else (),
        barred=voiced(why) if why else "",
    )


def _length(waiting: Visit | Round, recorded: confirming.Recorded = ()) -> dict[str, Any]:
    """Return what is to be looked at when something lasted far longer than planned."""
    long = confirming.overlong(waiting, recorded)
    if long is None:
        return {}
    if long.usual < long.planned:
        said = _("记了 %(minutes)s 分钟，计划写了 %(planned)s 分钟，这项服务一般 %(usual)s 分钟，请核对", **_minutes_of(long))
        return {"long": said}
    return {"long": _("记了 %(minutes)s 分钟，计划 %(planned)s 分钟，请核对", minutes=long.minutes, planned=long.planned)}


def _minutes_of(served: confirming.Served) -> dict[str, int]:
    """Return what something lasted, was planned for and takes as a rule."""
    return {"minutes": served.minutes, "planned": served.planned, "usual": served.usual}


def _word(offers: Sequence[Offer]) -> dict[str, Any]:
    """Return who typed the times in, and why the reader may not confirm what rests on one person's word."""
    why = one_word.why_not(offers, Trust.DESK, this_user())
    return {
        "typed": tuple(dict.fromkeys(_typed_in(made) for made in offers if made.enterer is not None)),
        "barred": voiced(why) if why else "",
    }


def _typed_in(row: Offer | Duty) -> str:
    """Return who typed times in from paper, with the reason, or by whose printed sheet they were tapped."""
    who = row.enterer.shown_name if row.enterer else ""
    if row.by_sheet:
        return str(_("用%(who)s印的单子上的码点的，凭确认的人的话", who=who))
    if not row.entered_reason:
        return str(_("%(who)s照纸录入", who=who))
    return str(_("%(who)s照纸录入：“%(reason)s”", who=who, reason=row.entered_reason))


def _doubts(visits: Iterable[Visit]) -> str:
    """Return what families said was not right, nothing when nobody did."""
    return " ".join(_("%(who)s家说不对：“%(words)s”", who=names_of(each), words=each.doubt or "") for each in visits if each.doubted_at)


def _names(offers: Sequence[Offer]) -> str:
    """Return who did it."""
    return listed(made.volunteer.name for made in offers)


def waiting(community_id: int) -> dict[date, list[Waiting]]:
    """Return what waits, day by day, the oldest day first."""
    visits, rounds = queries.unconfirmed(community_id)
    recorded = confirming.on_record(visits)
    timed = (_waiting_visit(each, recorded) for each in visits)
    turns = map(_waiting_duty, on_duty.unconfirmed(community_id))
    rows = [row for row in (*map(_waiting_round, rounds), *timed, *turns) if row is not None]
    days: dict[date, list[Waiting]] = {}
    for row in sorted(rows, key=lambda each: (each.day, each.started)):
        days.setdefault(row.day, []).append(row)
    return days


@blueprint.get("/confirm")
def confirm() -> str:
    """List what waits for a confirmation, and what was confirmed today."""
    community = my_community()
    return render_template(
        "today/confirm.html",
        days=waiting(community.id),
        records=registers.records_confirmed_since(community.id, clock.today()),
        auto_days=terms_of(community.id).auto_days,
    )


@blueprint.post("/confirm")
def confirm_one() -> AnyResponse:
    """Confirm one round, visit or duty; its record and its credit are written together."""
    said = take(ConfirmForm(), request.form)
    with submitted() as taken:
        minutes = _confirm(my_community().id, said["what"], said["number"], said["trust"])
        flash(_("已确认，记入 %(minutes)s 分钟。", minutes=minutes) if minutes else _("已经确认过了，没有再记一次。"), "done")
        return taken.redirect(url_for(".confirm"))


def _confirm(community_id: int, what: str, number: int, trust: Trust) -> int:
    """Confirm one and return the minutes that went on record."""
    if what == "round":
        record = confirming.confirm_round(found(queries.round_in(community_id, number)), trust, this_user())
        return record.minutes if record else 0
    if what == "duty":
        record = duty_records.confirm(found(on_duty.duty_in(community_id, number)), trust, this_user())
        return record.minutes if record else 0
    records = confirming.confirm(found(queries.visit_of(community_id, number)), trust, this_user())
    return sum(each.minutes for each in records)


@blueprint.post("/confirm/day")
def confirm_day() -> AnyResponse:
    """Confirm everything of a day; what the rules refuse stays on the list."""
    day = take(DayForm(), request.form)["day"]
    with submitted() as taken:
        community = my_community()
        rows = [row for row in waiting(community.id).get(day, []) if row.sure]
        refused: list[str] = []
        for row in rows:
            try:
                with db.session.begin_nested():
                    _confirm(community.id, row.what, row.number, Trust.DESK)
            except Conflict as error:
                refused.append(f"{row.volunteers}{gettext('：')}{voiced(error.words)}")
        flash(" ".join([_("已确认 %(count)s 次服务。", count=len(rows) - len(refused)), *refused]), "late" if refused else "done")
        return taken.redirect(url_for(".confirm"))
