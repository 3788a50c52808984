"""The edge of the room of records: entries by hand, trainings, evaluations, results of checks, as people type them."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields

from timebank import clock
from timebank.forms import Day, DayTime, Form, Whole, Words, one_of
from timebank.records.models import Grade, Heard, Settled
from timebank.web import LARGEST

LONGEST = 300
YEARS = range(2000, 2100)


LONGEST_CALENDAR = 10_000


class Week(fields.Field[Any]):
    """A week such as 2026-W47; its Monday inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the Monday."""
        del attr, data, kwargs
        try:
            monday = clock.parse_week(str(value))
        except ValueError as error:
            raise ValidationError(_("周请写成 2026-W47 这样。")) from error
        if monday.year not in YEARS:
            raise ValidationError(_("周请写成 2026-W47 这样。"))
        return monday


class WeekArgs(Form):
    """Which week."""

    week = Week(load_default=None)


class WeekForm(Form):
    """Which week to check."""

    week = Week(required=True)


class WhoArgs(Form):
    """Whose service, and which planned visit it was."""

    volunteer = Whole(1, LARGEST, load_default=None)
    visit = Whole(1, LARGEST, load_default=None)


class EntryForm(Form):
    """Service entered by hand; ``visit`` is the planned visit without check-in, if it was one."""

    volunteer = Whole(1, LARGEST, required=True)
    visit = Whole(1, LARGEST, load_default=None)
    kind = Whole(1, LARGEST, load_default=None)
    day = Day(required=True)
    started = DayTime(required=True)
    ended = DayTime(required=True)
    place = Words(60, load_default="")
    reason = Words(LONGEST, load_default="")
    evidence = Words(LONGEST, load_default="")


class DecisionForm(Form):
    """Why an entry is refused."""

    decision = Words(LONGEST, load_default="")


class RulesForm(Form):
    """The ceilings of entries by hand and the share of call-backs."""

    volunteer_month = Whole(0, 14_400, required=True)
    coordinator_month = Whole(0, 144_000, required=True)
    back_days = Whole(1, 366, required=True)
    call_back_percent = Whole(0, 100, required=True)
    own_word_month = Whole(0, 144_000, required=True)


class KinForm(Form):
    """Who of the office is family of which volunteer."""

    user = Whole(1, LARGEST, required=True)
    volunteer = Whole(1, LARGEST, required=True)
    relation = Words(20, required=True)


class TrainingForm(Form):
    """A training somebody took part in."""

    name = Words(60, required=True)
    content = Words(LONGEST, load_default="")
    minutes = Whole(1, 60_000, required=True)
    held_by = Words(60, required=True)
    day = Day(required=True)


class WithdrawForm(Form):
    """Why a training is withdrawn."""

    reason = Words(LONGEST, load_default="")


class EvaluationForm(Form):
    """How a service was."""

    grade = one_of(Grade)
    words = Words(LONGEST, load_default="")


class SettleForm(Form):
    """How a flag ended."""

    settled = one_of(Settled)
    result = Words(LONGEST, load_default="")


class CallForm(Form):
    """What was heard on the telephone, and the score of whoever was served."""

    heard = one_of(Heard)
    words = Words(LONGEST, load_default="")
    score = Whole(1, 5, load_default=None)


class CalendarForm(Form):
    """The holidays of a notice, a span a line."""

    lines = Words(LONGEST_CALENDAR, required=True)


class AcceptOlderForm(Form):
    """What whoever accepts an older system's rows has seen of them."""

    seen = Words(LONGEST, load_default="")


class RefuseOlderForm(Form):
    """Why what an older system recorded is not accepted."""

    reason = Words(LONGEST, load_default="")
