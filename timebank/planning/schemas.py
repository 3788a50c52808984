"""The edge of planning: weeks, days, people and times as addresses and forms say them."""

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates_schema

from timebank import clock
from timebank.forms import Day, DayTime, Form, Whole, Words
from timebank.planning.goals import MOST, USUAL
from timebank.visits.states import Why

CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)", re.ASCII)
LONGEST_REASON = 200
LONGEST_MARK = 16
MOST_IN_BLOCK = 40
OTHER_BLOCK = re.compile(r"\d{1,9}\|[0-9a-f]{16}\|\d{1,9}(,\d{1,9}){0,39}", re.ASCII)
LARGEST = 2**31 - 1
VIEWS = ("day", "volunteers")
SHOWN = ("all", "meals", "home", "waiting", "unsent", "near", "new", "idle", "alike")
MOST_PAGES = 10_000
LONGEST_FIND = 40
YEARS = range(2000, 2100)
MOST_COMING, MOST_ASKING = 20, 100


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


def level() -> fields.Integer:
    """Return a field for the position of a slider."""
    return fields.Integer(
        load_default=USUAL,
        validate=validate.Range(0, MOST, error=_("请从页面上选。")),
        error_messages={"invalid": _("请从页面上选。")},
    )


class WeekArgs(Form):
    """Which week, which day of it, who is looked at, and how."""

    week = Week(load_default=None)
    day = Day(load_default=None, error_messages={"invalid": _("日期不对，请重新选。")})
    volunteer = number(load_default=None)
    unit = number(load_default=None)
    view = fields.String(load_default="day", validate=validate.OneOf(VIEWS))
    show = fields.String(load_default="all", validate=validate.OneOf(SHOWN))
    q = Words(LONGEST_FIND, load_default="")
    team = number(load_default=None)
    building = number(load_default=None)
    skill = Words(LONGEST_FIND, load_default="")
    routes = fields.Boolean(load_default=False)
    page = fields.Integer(load_default=1, validate=validate.Range(1, MOST_PAGES), error_messages={"invalid": _("请从页面上选。")})


class WeekForm(Form):
    """Which week to plan."""

    week = Week(required=True, error_messages=WHOLE)


class GoalsForm(WeekForm):
    """How much each of the four goals of a week's plan matters."""

    reach = level()
    faces = level()
    ways = level()
    share = level()


class SideArgs(Form):
    """Which week, and which of its runs stand side by side."""

    week = Week(load_default=None)
    run = fields.List(number(), load_default=list)


class WhatIfForm(WeekForm):
    """Who is supposed not to come, whose door not to need anybody, who to come, and what to be asked for."""

    leave = Words(LONGEST_REASON, load_default="")
    gone = Words(LONGEST_REASON, load_default="")
    come = Whole(0, MOST_COMING, load_default=0)
    come_days = fields.List(Whole(0, 6), load_default=list)
    come_from = DayTime(load_default=None)
    come_to = DayTime(load_default=None)
    come_skills = fields.List(Words(LONGEST_FIND), load_default=list)
    come_building = number(load_default=None)
    need = Whole(0, MOST_ASKING, load_default=0)
    need_days = fields.List(Whole(0, 6), load_default=list)
    need_kind = number(load_default=None)
    need_building = number(load_default=None)

    @validates_schema
    def whole(self, data: dict[str, Any], **_kwargs: object) -> None:
        """Want days for whoever comes and whatever is asked, and times the right way round."""
        wrong: dict[str, list[Any]] = {}
        for name in ("come", "need"):
            if data[name] and not data[f"{name}_days"]:
                wrong[f"{name}_days"] = [_("请勾上星期几。")]
        if data["need"] and data["need_kind"] is None:
            wrong["need_kind"] = [_("请选要什么服务。")]
        if data["come_from"] is not None and data["come_to"] is not None and data["come_from"] >= data["come_to"]:
            wrong["come_from"] = [_("结束要比开始晚。")]
        if wrong:
            raise ValidationError(wrong)


class VersionForm(Form):
    """The version of the plan that the reader saw."""

    version = fields.Integer(required=True, validate=validate.Range(1, LARGEST, error=BROKEN), error_messages=WHOLE)


class PublishForm(VersionForm):
    """Which week's plan to publish."""

    week = Week(required=True, error_messages=WHOLE)


class SeenForm(VersionForm):
    """How the visit stood that the reader saw; without it nothing of the plan may have changed."""

    seen = fields.String(load_default="", validate=validate.Length(max=LONGEST_MARK))


class PlaceForm(Form):
    """Which block is put on whose row, on which day, from which minute on; ``giver`` is whose row it stood on."""

    visits = fields.List(number(), required=True, validate=validate.Length(1, MOST_IN_BLOCK), error_messages=WHOLE)
    giver = number(load_default=None)
    seen = fields.String(required=True, validate=validate.Length(max=LONGEST_MARK), error_messages=WHOLE)
    taker = number(required=True)
    day = Day(required=True, error_messages=WHOLE)
    start = Minute(required=True, error_messages={"required": _("请填几点开始。")})


class SwapForm(Form):
    """Which two blocks change hands: the visits of each, whose row it stands on, how it was seen."""

    visits = fields.List(number(), required=True, validate=validate.Length(1, MOST_IN_BLOCK), error_messages=WHOLE)
    giver = number(required=True)
    seen = fields.String(required=True, validate=validate.Length(max=LONGEST_MARK), error_messages=WHOLE)
    other = fields.String(required=True, validate=validate.Regexp(OTHER_BLOCK, error=BROKEN), error_messages=WHOLE)


class StepForm(Form):
    """Which step is taken back or made again, in which week, and whether somebody else's is meant to be."""

    week = Week(required=True, error_messages=WHOLE)
    step = number(required=True)
    sure = fields.Boolean(load_default=False)


class AssignForm(SeenForm):
    """Who should go, and when if it matters."""

    volunteers = fields.List(number(), load_default=list)
    day = Day(load_default=None, error_messages={"invalid": _("日期不对，请重新选。")})
    start = Minute(load_default=None)


class PinForm(SeenForm):
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
