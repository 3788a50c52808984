"""The edge of the pages of messages: the settings of each kind of channel, a test, the quiet hours."""

import re
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate

from timebank.forms import DayTime, Form, Whole, Words
from timebank.notices.apprised import ROBOTS, SECURITY
from timebank.notices.gateways import GATEWAYS
from timebank.notices.models import Way
from timebank.notices.templates import LONGEST

CHOOSE = _("请选一项。")
ADDRESS = re.compile(r"https?://[^\s@]+\Z")
HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[^\s@?]*)?\Z")


def _address(said: str) -> None:
    """Refuse an address that is none of the web's."""
    if said and not ADDRESS.fullmatch(said):
        raise ValidationError(_("网址写成 https://… 这样。"))


def _host(said: str) -> None:
    """Refuse what is no machine's name."""
    if said and not HOST.fullmatch(said):
        raise ValidationError(_("写主机名，如 smtp.example.cn。"))


class SmsForm(Form):
    """An SMS gateway: whose, the account there, the signature that is registered, and how many a day it may cost."""

    gateway = fields.String(required=True, validate=validate.OneOf(GATEWAYS, error=CHOOSE), error_messages={"required": CHOOSE})
    address = Words(200, load_default="", validate=_address)
    account = Words(100, load_default="")
    secret = Words(200, load_default="")
    signature = Words(LONGEST, required=True)
    daily = Whole(1, 100_000, required=True)


class MailForm(Form):
    """The office's own mail server."""

    host = Words(100, required=True, validate=_host)
    port = Whole(1, 65_535, required=True)
    security = fields.String(load_default=SECURITY[0], validate=validate.OneOf(SECURITY, error=CHOOSE))
    user = Words(100, load_default="")
    secret = Words(200, load_default="")
    sender = Words(100, required=True, validate=validate.Regexp(r"[^@\s]+@[^@\s]+", error=_("邮箱写成 name@example.cn 这样。")))
    daily = Whole(1, 100_000, required=True)


class RobotForm(Form):
    """The robot of the colleagues' group."""

    kind = fields.String(required=True, validate=validate.OneOf(ROBOTS, error=CHOOSE), error_messages={"required": CHOOSE})
    key = Words(200, load_default="")
    secret = Words(200, load_default="")
    address = Words(200, load_default="", validate=_host)
    daily = Whole(1, 100_000, required=True)


FORMS: dict[Way, type[Form]] = {Way.SMS: SmsForm, Way.MAIL: MailForm, Way.ROBOT: RobotForm}
"""The form of each kind of channel."""


def fields_of(way: Way) -> list[str]:
    """Return the names of the fields that only one kind of channel has; number of parts and signature every channel has in its row."""
    known: dict[str, Any] = FORMS[way]().fields
    return [name for name in known if name not in {"daily", "signature"}]


class TestForm(Form):
    """Where a test goes: a number, a mail address, or nowhere in particular for a group."""

    to = Words(100, load_default="")


class QuietForm(Form):
    """From when to when people are left in peace."""

    starts = DayTime(required=True)
    ends = DayTime(required=True)
