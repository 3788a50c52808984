"""The edge of the day: whose sheets to print."""

from marshmallow import fields

from timebank.forms import Form


class SheetsForm(Form):
    """Whose day sheets to print."""

    volunteer = fields.List(fields.Integer(), load_default=list)
