"""The edge of the office's pages."""

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from timebank.access.models import Role
from timebank.access.schemas import Mobile
from timebank.forms import DayTime, Form, Telephone, Whole, Words, one_of
from timebank.hours import DAY_AT_MOST
from timebank.office.queries import OF_THE_OFFICE, Step
from timebank.places.points import DATUMS

LONGEST_LIST = 20_000


class StepForm(Form):
    """Which step is left out or taken up."""

    step = one_of(Step)


class CommunityForm(Form):
    """A community and the unit that records its service."""

    street = Words(50, required=True)
    name = Words(50, required=True)
    issuer = Words(60, required=True)
    issuer_code = Words(18, load_default="")
    responsible = Words(20, required=True)
    phone = Telephone(20, required=True)


class PointForm(Form):
    """Where something stands: a press on the map, or a coordinate as it was copied."""

    lat = fields.Float(load_default=None, allow_nan=False, validate=validate.Range(-90, 90))
    lon = fields.Float(load_default=None, allow_nan=False, validate=validate.Range(-180, 180))
    spot = Words(60, load_default="")
    datum = fields.String(load_default="gcj02", validate=validate.OneOf(list(DATUMS.values()), error=_("请选一项。")))


class BuildingForm(PointForm):
    """A building of a compound."""

    compound = Words(50, required=True)
    name = Words(30, required=True)
    floors = Whole(1, 200, required=True)
    lift = fields.Boolean(load_default=False)
    access = Whole(0, 60, load_default=1)


class FindForm(Form):
    """The building a map's service is asked for; ``building`` is its number when it is written down already."""

    compound = Words(50, required=True)
    name = Words(30, required=True)
    building = Whole(1, 999_999_999, load_default=None)


class ColumnForm(Form):
    """A pasted list of buildings, one a line."""

    lines = Words(LONGEST_LIST, required=True)


class CanteenForm(PointForm):
    """A canteen, beside a building or where the map says."""

    name = Words(50, required=True)
    address = Words(100, load_default="")
    building = Whole(1, 999_999_999, load_default=None)
    ready = DayTime(required=True)
    until = DayTime(required=True)
    closes = DayTime(load_default=960)
    hot = Whole(1, 240, load_default=45)
    access = Whole(0, 60, load_default=1)
    phone = Telephone(20, load_default="")


class KindForm(Form):
    """The numbers of a kind of service."""

    windows = Words(100, required=True)
    weight = Whole(1, 1000, required=True)
    minutes = Whole(1, DAY_AT_MOST, required=True)
    credit_cap = Whole(1, DAY_AT_MOST, load_default=None)


class ColleagueForm(Form):
    """Somebody who is to sign in for the office."""

    name = Words(20, required=True)
    phone = Mobile(required=True, error_messages={"required": _("请填手机号。")})
    role = fields.Enum(
        Role,
        by_value=True,
        required=True,
        validate=validate.OneOf(OF_THE_OFFICE, error=_("请选一项。")),
        error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")},
    )
