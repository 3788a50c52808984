"""The edge of stations: sessions, sign-ups, courses, things left and check-ups, as people type them."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate

from timebank.forms import Day, DayTime, Form, Telephone, Whole, Words, one_of
from timebank.stations.actions.courses import MOST_CLASSES
from timebank.stations.models import Kind, Outcome, Service, Sort, Source, Turn
from timebank.web import LARGEST

LONGEST = 200
MOST_SEATS = 2000
YEARS = range(2000, 2100)


class LookArgs(Form):
    """Whom or what is looked for, and whether what is over is shown."""

    q = Words(40, load_default="")
    gone = fields.Boolean(load_default=False)
    station = Whole(1, LARGEST, load_default=None)


class Month(fields.Field[date]):
    """A month such as 2026-11; its first day inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ANN401 - marshmallow's own signature
        """Return the first day."""
        del attr, data, kwargs
        try:
            first = date.fromisoformat(f"{value}-01")
        except ValueError as error:
            raise ValidationError(_("月份请写成 2026-11 这样。")) from error
        if first.year not in YEARS:
            raise ValidationError(_("月份请写成 2026-11 这样。"))
        return first


class MonthArgs(Form):
    """Which month."""

    month = Month(load_default=None)


class YearArgs(Form):
    """Which year."""

    year = Whole(2000, 2100, load_default=None)


class StationForm(Form):
    """A new station beside a building."""

    name = Words(40, required=True)
    address = Words(80, required=True)
    phone = Telephone(20, load_default="")
    building = Whole(1, LARGEST, required=True)


class ServicesForm(Form):
    """What a station offers; its hours are read day by day."""

    service = fields.List(
        fields.Enum(Service, by_value=True, error_messages={"unknown": _("请选一项。")}),
        load_default=list,
        validate=validate.Length(max=20),
    )


class DayHours(Form):
    """The hours of one weekday: a morning and an afternoon, either left empty."""

    morning_from = DayTime(load_default=None)
    morning_to = DayTime(load_default=None)
    afternoon_from = DayTime(load_default=None)
    afternoon_to = DayTime(load_default=None)


class SessionForm(Form):
    """A session for many."""

    kind = one_of(Kind)
    title = Words(40, required=True)
    day = Day(required=True)
    start = DayTime(required=True)
    end = DayTime(required=True)
    seats = Whole(1, MOST_SEATS, required=True)
    chairs = Whole(1, 50, load_default=1)
    min_age = Whole(1, 120, load_default=None)
    station = Whole(1, LARGEST, load_default=None)
    place = Words(60, load_default="")
    canteen = Whole(1, LARGEST, load_default=None)
    unit = Whole(1, LARGEST, load_default=None)


class ChangeForm(Form):
    """Seats, chairs and times of a session."""

    seats = Whole(1, MOST_SEATS, required=True)
    chairs = Whole(1, 50, load_default=1)
    start = DayTime(required=True)
    end = DayTime(required=True)


class WhoForm(Form):
    """Somebody: an elder of the register, or a name and a telephone."""

    elder = Whole(1, LARGEST, load_default=None)
    name = Words(40, load_default="")
    phone = Telephone(20, load_default="")


class SignUpForm(WhoForm):
    """Who signs up to a session, how, whether they are there already, and how many boxes they take away."""

    source = one_of(Source)
    here = fields.Boolean(load_default=False)
    boxes = Whole(0, 10, load_default=0)


class MoveForm(Form):
    """The next step of somebody in a queue."""

    turn = one_of(Turn)


class CountForm(Form):
    """How many came without a name, and the boxes they took away."""

    heads = Whole(0, 20_000, required=True)
    boxes = Whole(0, 2000, load_default=0)


class ReasonForm(Form):
    """Why a session is called off."""

    reason = Words(LONGEST, load_default="")


class HostForm(Form):
    """Who holds a session: they have agreed, or are asked now."""

    volunteer = Whole(1, LARGEST, required=True)
    agreed = fields.Boolean(load_default=True)


class CourseForm(Form):
    """A course with its teacher."""

    kind = one_of(Kind)
    title = Words(40, required=True)
    seats = Whole(1, 500, required=True)
    teacher = Whole(1, LARGEST, load_default=None)
    teacher_name = Words(40, load_default="")
    station = Whole(1, LARGEST, load_default=None)
    place = Words(60, load_default="")


class SeatsForm(Form):
    """How many a course holds."""

    seats = Whole(1, 500, required=True)


class ClassesForm(Form):
    """Weekly classes of a course from a day on."""

    first = Day(required=True)
    start = DayTime(required=True)
    end = DayTime(required=True)
    times = Whole(1, MOST_CLASSES, required=True)


class ItemForm(WhoForm):
    """Something left at a station."""

    sort = one_of(Sort)
    station = Whole(1, LARGEST, required=True)
    what = Words(60, required=True)
    fault = Words(LONGEST, load_default="")
    until = Day(load_default=None)


class FinishForm(Form):
    """Mended, by whom, or not, and why."""

    mended = fields.Boolean(required=True)
    mender = Whole(1, LARGEST, load_default=None)
    result = Words(LONGEST, load_default="")


class ReachedForm(Form):
    """Whether somebody was reached on the telephone."""

    reached = fields.Boolean(required=True)


class HandOutForm(Form):
    """Who fetches a thing, with its paper or known in another way."""

    to = Words(40, load_default="")
    ticket = fields.Boolean(load_default=False)
    check_note = Words(LONGEST, load_default="")


class UntilForm(Form):
    """Until which day a parcel is kept."""

    until = Day(required=True)


class CheckUpForm(WhoForm):
    """What is looked at, every how many weeks, and when first."""

    what = Words(40, required=True)
    every_weeks = Whole(1, 104, required=True)
    due = Day(required=True)
    station = Whole(1, LARGEST, load_default=None)


class RecallForm(Form):
    """What came of a call about a check-up."""

    outcome = one_of(Outcome)
    note = Words(LONGEST, load_default="")
    due = Day(load_default=None)


class OwnSignUpForm(Form):
    """For whom somebody signs up on a phone: an elder they speak for, themselves for 0."""

    elder = Whole(0, LARGEST, required=True)
