"""The edge of the trail: whose deeds, on what, of which kind, and from which day to which."""

from marshmallow import fields, validate

from timebank.forms import Day, Form, Whole, Words
from timebank.oversight.words import GROUPS, THINGS
from timebank.web import LARGEST

LONGEST_REASON = 200


class TrailArgs(Form):
    """What is looked for in the trail; without a day it is today, with a name the last thirty days."""

    who = Words(20, load_default="")
    thing = fields.String(load_default="", validate=validate.OneOf(["", *THINGS]))
    words = Words(40, load_default="")
    group = fields.String(load_default="", validate=validate.OneOf(["", *GROUPS]))
    first = Day(load_default=None)
    last = Day(load_default=None)
    page = Whole(1, LARGEST, load_default=1)
    examine = fields.Boolean(load_default=False)
    names = Whole(1, LARGEST, load_default=None)


class ReasonForm(Form):
    """Why names are to be seen in full."""

    reason = Words(LONGEST_REASON, load_default="")
