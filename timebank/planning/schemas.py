"""The edge of planning: weeks, days, people and times as addresses and forms say them."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate

from timebank import clock
from timebank.forms import Day, Form, Words
from timebank.visits.states import Why

CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)
LONGEST_REASON = 200
LARGEST = 2**31 - 1
VIEWS = ("day", "volunteers")
SHOWN = ("all", "meals", "home", "waiting", "unsent")
YEARS = range(2000, 2100)


class Week(fields.Field[date]):
    """A week such as 2026-W48; its Monday inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ANN401 - marshmallow's own signature
        """Return the Monday."""
        del attr, data, kwargs
        try:
            monday = clock.parse_week(str(value))
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("没有这一周。周请写成 2026-W48 这样。")) from error
        if monday.year not in YEARS:
            raise ValidationError(_("没有这一周。周请写成 2026-W48 这样。"))
        return monday


class Minute(fields.Field[int]):
    """A clock time such as 14:30; its minute of the day inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ANN401 - marshmallow's own signature
        """Return the minute of the day."""
        del attr, data, kwargs
        found = CLOCK.fullmatch(str(value))
        if found is None:
            raise ValidationError(_("时间请写成 14:30 这样。"))
        return int(found[1]) * 60 + int(found[2])


BROKEN = _("这一页不完整。请返回、刷新后再交一次。")
WHOLE: dict[str, Any] = {"required": BROKEN, "invalid": BROKEN, "null": BROKEN}


def number(**given: Any) -> fields.Integer:  # noqa: ANN401 - passed on to marshmallow
    """Return a field for the number of a row."""
    return fields.Integer(
        validate=validate.Range(1, LARGEST, error=_("请从页面上选。")), error_messages={**WHOLE, "invalid": _("请从页面上选。")}, **given
    )


class WeekArgs(Form):
    """Which week, which day of it, who is looked at, and how."""

    week = Week(load_default=None)
    day = Day(load_default=None, error_messages={"invalid": _("日期不对，请重新选。")})
    volunteer = number(load_default=None)
    unit = number(load_default=None)
    view = fields.String(load_default="day", validate=validate.OneOf(VIEWS))
    show = fields.String(load_default="all", validate=validate.OneOf(SHOWN))


class WeekForm(Form):
    """Which week to plan."""

    week = Week(required=True, error_messages=WHOLE)


class VersionForm(Form):
    """The version of the plan that the reader saw."""

    version = fields.Integer(required=True, validate=validate.Range(1, LARGEST, error=BROKEN), error_messages=WHOLE)


class PublishForm(VersionForm):
    """Which week's plan to publish."""

    week = Week(required=True, error_messages=WHOLE)


class AssignForm(VersionForm):
    """Who should go, and when if it matters."""

    volunteers = fields.List(number(), load_default=list)
    day = Day(load_default=None, error_messages={"invalid": _("日期不对，请重新选。")})
    start = Minute(load_default=None)


class PinForm(VersionForm):
    """Whether a visit is fixed."""

    pinned = fields.Boolean(required=True, error_messages=WHOLE)


class TakeUpForm(VersionForm):
    """Why a volunteer's own ceiling is exceeded, where it is."""

    reason = Words(LONGEST_REASON, load_default="")


class CeilingForm(TakeUpForm):
    """Whose ceiling is raised, by how much, and why."""

    volunteer = number(required=True)
    minutes = fields.Integer(required=True, error_messages={"invalid": _("请填整数分钟。"), "required": _("请填分钟数。")})


class TryAgainForm(Form):
    """On which day somebody goes again to where nobody answered."""

    day = Day(required=True)


class LeaveForm(Form):
    """Why nobody goes again."""

    why = fields.Enum(Why, by_value=True, required=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")})
