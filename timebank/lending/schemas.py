"""The edge of the pages of lending."""

from flask_babel import lazy_gettext as _

from timebank.forms import Form, Whole, Words
from timebank.planning.schemas import Week
from timebank.web import LARGEST


class AskForm(Form):
    """Whom another community is asked for: its number, the volunteer's number and name, from which week, how many, and why."""

    community = Whole(1, LARGEST, required=True, error_messages={"required": _("请选一个社区。")})
    number = Words(20, required=True)
    name = Words(20, required=True)
    first_week = Week(required=True, error_messages={"required": _("请选从哪一周起。")})
    weeks = Whole(1, 53, required=True)
    reason = Words(200, required=True)


class WordsForm(Form):
    """Why something is refused, declined or ended."""

    words = Words(200, load_default="")
