"""The edge of posts: what people type about a post, its rota, its people and its bookings."""

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from timebank.forms import Day, DayTime, Form, Whole, Words
from timebank.web import LARGEST

YEARS = 20_000


class ListArgs(Form):
    """Which posts are looked for, and which page of them."""

    q = Words(30, load_default="")
    show = fields.String(load_default="all", validate=validate.OneOf(["all", "free", "missing", "over"]))
    page = Whole(1, 10_000, load_default=1)


class WeekArgs(Form):
    """Which week of a post."""

    week = Day(load_default=None)


class PostForm(Form):
    """What a post is."""

    name = Words(20, required=True, error_messages={"required": _("请写岗位叫什么。")})
    kind = Whole(1, LARGEST, required=True, error_messages={"required": _("请选做什么。")})
    building = Whole(1, LARGEST, load_default=None)
    station = Whole(1, LARGEST, load_default=None)
    place = Words(40, load_default="")
    workdays_only = fields.Boolean(load_default=False)
    earlier_days = Whole(0, YEARS, load_default=0)
    first_day = Day(required=True)
    last_day = Day(load_default=None)
    note = Words(200, load_default="")


class ShiftForm(Form):
    """A stretch of some weekdays, and how many it takes."""

    weekdays = fields.List(Whole(0, 6), required=True, validate=validate.Length(1, 7), error_messages={"required": _("请至少勾一天。")})
    start = DayTime(required=True)
    until = DayTime(required=True)
    least = Whole(1, 50, required=True)
    wanted = Whole(1, 50, load_default=None)


class WhoForm(Form):
    """A volunteer for a place of a shift."""

    shift = Whole(1, LARGEST, required=True, error_messages={"required": _("请选一班。")})
    volunteer = Whole(1, LARGEST, required=True, error_messages={"required": _("请选一位志愿者。")})


class BookForm(Form):
    """How many places a unit books."""

    unit = Whole(1, LARGEST, required=True, error_messages={"required": _("请选一个单位。")})
    places = Whole(1, 200, required=True)


class NamesForm(Form):
    """Who comes of a unit."""

    volunteer = fields.List(Whole(1, LARGEST), load_default=list, validate=validate.Length(max=200))


class SwapForm(Form):
    """To whom a turn is offered; nobody in particular when empty."""

    to = Whole(1, LARGEST, load_default=None)
