"""The edge of the pages of feeds."""

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from timebank.forms import Form, Whole

KINDS = ("team", "station")


class MakeForm(Form):
    """Of which team or station a calendar is made."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS), error_messages={"required": _("请选一项。")})
    number = Whole(1, 999_999_999, required=True, error_messages={"required": _("请选一项。")})
