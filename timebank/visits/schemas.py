"""The edge of the phone and family forms: what people type becomes dates, minutes and words, or one sentence a field."""

import re
import unicodedata
from datetime import timedelta
from typing import Any, cast

from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields, post_load, validate

from timebank import clock
from timebank.forms import Day, DayTime, Form, Whole, Words
from timebank.visits.distances import FARTHEST
from timebank.visits.models import Outcome

WINDOW = re.compile(r"(\d{1,4})-(\d{1,4})", re.ASCII)
PICK = re.compile(r"([ro])([1-9]\d{0,17})", re.ASCII)
LONGEST_KEPT = 14 * 24 * 3600
DECLINES = ("time", "unwell", "unsuited", "other")


def _(sentence: str, **values: object) -> str:
    """Return a sentence that is put into the reader's language when it is shown."""
    return cast("str", lazy_gettext(sentence, **values))


class Window(fields.Field[tuple[int, int]]):
    """A window chosen from a list: from and to in minutes of the day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[int, int]:  # noqa: ANN401 - marshmallow's own signature
        """Return both ends."""
        del attr, data, kwargs
        read = WINDOW.fullmatch(str(value))
        if read is None or not int(read[1]) < int(read[2]) <= 1440:
            raise ValidationError(_("请选一个时段。"))
        return int(read[1]), int(read[2])


class Code(fields.Field[str]):
    """A visit code: four digits, full-width ones and spaces allowed; empty when there is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401 - marshmallow's own signature
        """Return four digits or nothing."""
        del attr, data, kwargs
        digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value)))
        if digits and not re.fullmatch(r"\d{4}", digits, re.ASCII):
            raise ValidationError(_("到访码是 4 位数字，在老人或家属那里。"))
        return digits


class Pick(fields.Field[tuple[str, int]]):
    """One ticked row of the offers: a round (r12) or a single visit (o34)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, int]:  # noqa: ANN401 - marshmallow's own signature
        """Return what it is and its number."""
        del attr, data, kwargs
        read = PICK.fullmatch(str(value))
        if read is None:
            raise ValidationError(_("这一页不完整。请返回、刷新后再选。"))
        return read[1], int(read[2])


class TapForm(Form):
    """A tap on the phone; one that was kept until there was a network says how many seconds ago it was made.

    Seconds, because both their ends are read from the phone's clock: whatever that shows, ``at`` is right by ours.
    """

    ago = Whole(
        0, LONGEST_KEPT, data_key="_ago", load_default=None, error_messages={"invalid": _("这一页不完整。请返回、刷新后再交一次。")}
    )

    @post_load
    def _count_back(self, said: dict[str, Any], **_more: object) -> dict[str, Any]:
        """Say when it was made by our clock, nothing for one that is told of as it is made."""
        ago = said.pop("ago")
        return said | {"at": None if ago is None else clock.now() - timedelta(seconds=ago)}


class CheckInForm(TapForm):
    """The code an elder or a family says at the door, and how far the phone is from it where the volunteer lets that be noted."""

    code = Code(load_default="")
    metres = Whole(0, FARTHEST, load_default=None)
    accuracy = Whole(0, FARTHEST, load_default=None)


class PickUpForm(TapForm):
    """The boxes counted at the canteen."""

    counted = fields.Integer(
        required=True,
        validate=validate.Range(0, 200, error=_("请填 0 到 200 之间的数。")),
        error_messages={"invalid": _("请填份数，如 8。"), "required": _("请填份数。")},
    )


class ProblemForm(TapForm):
    """How it ended at a door when it is not simply done."""

    outcome = fields.Enum(
        Outcome, by_value=True, required=True, error_messages={"required": _("请选一种情况。"), "unknown": _("请选一种情况。")}
    )
    note = Words(200, load_default="")


class PicksForm(Form):
    """The ticked rows of the offers."""

    pick = fields.List(Pick(), required=True, validate=validate.Length(1, 200, error=_("请至少选一项。")))


class DeclineForm(PicksForm):
    """The rows that do not suit, and why."""

    reason = fields.String(
        required=True,
        validate=validate.OneOf(DECLINES, error=_("请选一个原因。")),
        error_messages={"required": _("请选一个原因，选哪个都没有影响。")},
    )
    words = Words(100, load_default="")


class TimeOffForm(Form):
    """A day, or part of it, on which a volunteer is away; ``give_back`` says that what stands then is given back."""

    day = Day(required=True, error_messages={"required": _("请选日期。"), "invalid": _("请选日期。")})
    start = DayTime(load_default=None)
    end = DayTime(load_default=None)
    reason = Words(50, load_default="")
    give_back = fields.Boolean(load_default=False)


class AwayForm(Form):
    """The days on which an elder needs nobody; the last one may be left out; ``both`` answers for a couple."""

    elder = fields.Integer(required=True, error_messages={"required": _("请选一位老人。"), "invalid": _("请选一位老人。")})
    first_day = Day(required=True)
    last_day = Day(load_default=None)
    both = fields.Boolean(load_default=None, allow_none=True, error_messages={"invalid": _("请选一项。")})


class AskForm(Form):
    """What a family asks for."""

    elder = fields.Integer(load_default=None, allow_none=True, error_messages={"invalid": _("请选一位老人。")})
    for_name = Words(20, load_default="")
    for_address = Words(60, load_default="")
    dates = fields.List(Day(error_messages={"invalid": _("日期不对，请重新选。")}), load_default=list, validate=validate.Length(max=14))
    other_date = Day(load_default=None, allow_none=True, error_messages={"invalid": _("日期不对，请重新选。")})
    window = Window(required=True, error_messages={"required": _("请选一个时段。")})
    start = DayTime(load_default=None)
    end = DayTime(load_default=None)
    boxes = fields.Integer(
        load_default=0, validate=validate.Range(0, 20, error=_("一次最多 20 份。")), error_messages={"invalid": _("请填份数，如 2。")}
    )
    eaters = fields.List(Whole(1, 999_999_999), load_default=list, validate=validate.Length(max=20))
    note = Words(200, load_default="")


class DoubtForm(Form):
    """What was not right with a visit."""

    doubt = Words(200, required=True)


class ThanksForm(Form):
    """Thanks that come with a confirmation."""

    thanks = Words(100, load_default="")
