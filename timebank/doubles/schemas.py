"""The edge of doubles: which of two rows stays, and why one thinks they are one person."""

from flask_babel import lazy_gettext as _

from timebank.forms import Form, Whole, Words


class MergerForm(Form):
    """Which row is kept, and why both are one person."""

    kept = Whole(1, 999_999_999, required=True, error_messages={"required": _("请选留下哪一份。")})
    reason = Words(200, required=True, error_messages={"required": _("请写怎么知道是同一个人。")})
