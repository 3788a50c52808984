"""The edge of the volunteers' forms, as the office fills them in."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from timebank.access.models import Role
from timebank.access.schemas import Mobile
from timebank.forms import Day, DayTime, Form, Whole, Words
from timebank.hours import DAY_AT_MOST
from timebank.volunteers.models import Gender, Travel
from timebank.volunteers.sight import PARTIAL


def _choice(words: Any, **kwargs: Any) -> fields.Enum[Any]:  # noqa: ANN401 - marshmallow's own arguments
    """Return a field that takes one of an enum's words."""
    return fields.Enum(words, by_value=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")}, **kwargs)


class PersonForm(Form):
    """Who a volunteer is, but their standing, which has a day and a form of its own."""

    name = Words(20, required=True)
    phone = Mobile(required=True, error_messages={"required": _("请填手机号。")})
    gender = _choice(Gender, load_default=None)
    birth_year = Whole(1900, date.max.year, load_default=None)
    home = Whole(1, 999_999_999, load_default=None)
    travel = _choice(Travel, required=True)
    boxes = Whole(0, 100, required=True)
    radius = Whole(1, 100_000, load_default=None)
    max_day = Whole(1, DAY_AT_MOST, required=True)
    max_week = Whole(1, 5040, required=True)
    insured_until = Day(load_default=None)
    has_phone = fields.Boolean(load_default=False)
    active = fields.Boolean(load_default=False)


class VolunteerForm(PersonForm):
    """Somebody who is new: who they are and what they are registered as."""

    unit = Whole(1, 999_999_999, load_default=None)
    staff = fields.Boolean(load_default=False)
    collective = fields.Boolean(load_default=False)


class StopForm(PersonForm):
    """A volunteer as changed; ``sure`` says that what they leave behind has been seen."""

    sure = fields.Boolean(load_default=False)


class SkillForm(Form):
    """A skill with its proof."""

    skill = Whole(1, 999_999_999, required=True, error_messages={"required": _("请选一项技能。")})
    proof = Words(60, load_default="")
    expires = Day(load_default=None)


class TimeOffForm(Form):
    """A day, or part of it, on which a volunteer is away; ``give_back`` says that what stands then is given back."""

    day = Day(required=True)
    start = DayTime(load_default=None)
    end = DayTime(load_default=None)
    reason = Words(50, load_default="")
    give_back = fields.Boolean(load_default=False)


class ReasonForm(Form):
    """Why."""

    reason = Words(100, required=True, error_messages={"required": _("请写原因。")})


class EndForm(ReasonForm):
    """From which day on something is another, or no more, and why."""

    from_day = Day(required=True)


class StandingForm(EndForm):
    """What somebody is to be from a day on, and why."""

    paid = fields.Boolean(load_default=False)
    collective = fields.Boolean(load_default=False)
    unit = Whole(1, 999_999_999, load_default=None)


class TeamForm(Form):
    """The name of a team."""

    name = Words(30, required=True)


class JoinForm(ReasonForm):
    """Who joins a team, from which day on, and why."""

    volunteer = Whole(1, 999_999_999, required=True, error_messages={"required": _("请选一位志愿者。")})
    joined = Day(required=True)


class LeadForm(Form):
    """Somebody who is to look after a part of the community, and sign in for it."""

    name = Words(20, required=True)
    phone = Mobile(required=True, error_messages={"required": _("请填手机号。")})
    role = _choice(Role, required=True, validate=validate.OneOf(PARTIAL, error=_("请选一项。")))


class ChargeForm(Form):
    """The compounds, teams, buildings or canteens somebody looks after."""

    thing = fields.List(Whole(1, 999_999_999), load_default=list)
