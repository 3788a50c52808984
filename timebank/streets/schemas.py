"""The edge of the pages of streets."""

from flask_babel import lazy_gettext as _

from timebank.access.schemas import Mobile
from timebank.forms import Form, Whole, Words
from timebank.web import LARGEST


class StreetArgs(Form):
    """Which street is shown; without a number the reader's first."""

    street = Whole(1, LARGEST, load_default=None)


class LookForm(Form):
    """Which community somebody wants to look at."""

    community = Whole(1, LARGEST, required=True)


class OfficerForm(Form):
    """Somebody who is to sign in for a street."""

    name = Words(20, required=True)
    phone = Mobile(required=True, error_messages={"required": _("请填手机号。")})
