"""The edge of the time account's forms: whole minutes, a relative, the numbers of the rules."""

from flask_babel import lazy_gettext as _
from marshmallow import fields

from timebank.credit.models import Relation
from timebank.forms import Form, Whole, Words
from timebank.ledger.models import MOST_MINUTES


class MinutesForm(Form):
    """How many minutes to give, donate or grant."""

    minutes = Whole(1, MOST_MINUTES, required=True, error_messages={"required": _("请填整数分钟。")})


class LinkForm(Form):
    """Which elder is one's own."""

    relation = fields.Enum(Relation, by_value=True, required=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")})
    name = Words(20, required=True)


class DecideForm(Form):
    """Which elder a link means; none refuses it."""

    elder = Whole(1, 999_999_999, load_default=None)


class PassOnForm(Form):
    """Which relative gets what somebody left behind; none leaves it to the pool."""

    link = Whole(1, 999_999_999, load_default=None)
