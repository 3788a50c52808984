"""The edge of the room of cases: what somebody brings, and each next step, as people type them."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields

from timebank.cases.models import Consent, Door, Heard, Outcome, PaperFate, Sort, State, Topic, Way
from timebank.cases.registers import ClubSort, GiftSort, GiftWay
from timebank.forms import Day, DayTime, Form, Telephone, Whole, Words
from timebank.web import LARGEST

LONG = 1000
LINE = 300
NAME = 30


def _choice(words: Any, *, required: bool = True) -> fields.Enum[Any]:  # noqa: ANN401 - marshmallow's own arguments
    """Return a field that takes one of an enum's words."""
    said = {"required": _("请选一项。"), "unknown": _("请选一项。")}
    if required:
        return fields.Enum(words, by_value=True, required=True, error_messages=said)
    return fields.Enum(words, by_value=True, load_default=None, error_messages=said)


class ListArgs(Form):
    """Which tickets are listed, and which page of them."""

    state = fields.String(load_default="open")
    sort = _choice(Sort, required=False)
    topic = _choice(Topic, required=False)
    outcome = _choice(Outcome, required=False)
    due = fields.Boolean(load_default=False)
    mine = fields.Boolean(load_default=False)
    q = Words(40, load_default="")
    page = Whole(1, 100_000, load_default=1)


class IntakeForm(Form):
    """What the desk writes down; ``place`` is a compound (c12) or a building (b34)."""

    sort = _choice(Sort)
    door = _choice(Door)
    name = Words(NAME, required=True)
    phone = Telephone(20, load_default="")
    about = Words(NAME, load_default="")
    consent = _choice(Consent, required=False)
    place = Words(12, load_default="")
    words = Words(LONG, required=True)


class BringForm(Form):
    """What somebody writes on a phone, for themselves or for a neighbour."""

    sort = _choice(Sort)
    whose = fields.String(load_default="own")
    name = Words(NAME, required=True)
    about = Words(NAME, load_default="")
    consent = _choice(Consent, required=False)
    place = Words(12, load_default="")
    words = Words(LONG, required=True)


class SortForm(Form):
    """What a ticket is, in whose hands and by when; ``charge`` is a user (u12) or a unit (n3), else a name."""

    sort = _choice(Sort)
    topic = _choice(Topic)
    charge = Words(12, load_default="")
    charge_name = Words(40, load_default="")
    due = Day(required=True)
    note = Words(LINE, load_default="")
    begin = fields.Boolean(load_default=False)


class RaiseForm(Form):
    """Why a mediation goes up a level, to whom and by when."""

    charge = Words(12, load_default="")
    charge_name = Words(40, load_default="")
    due = Day(required=True)
    reason = Words(LINE, load_default="")


class NoteForm(Form):
    """What happened meanwhile, and another day where it needs one."""

    note = Words(LONG, load_default="")
    due = Day(load_default=None)


class ReasonForm(Form):
    """Why somebody does it."""

    reason = Words(LINE, load_default="")


class ReopenForm(ReasonForm):
    """Why a ticket is taken up again, and by when it is done."""

    due = Day(required=True)


class ConsentForm(Form):
    """What the person says for whom somebody else reported."""

    consent = _choice(Consent)
    note = Words(LINE, load_default="")


class ElderForm(Form):
    """Which elder it is about."""

    elder = Whole(1, LARGEST, required=True)


class EndForm(Form):
    """How the work ended, and the answer that whoever brought it reads."""

    outcome = _choice(Outcome)
    answer = Words(LONG, load_default="")


class CallForm(Form):
    """What was heard, and how they were reached."""

    heard = _choice(Heard)
    way = _choice(Way)
    words = Words(LINE, load_default="")


class OwnWordForm(Form):
    """What somebody says on a phone of what became of it."""

    heard = _choice(Heard)
    words = Words(LINE, load_default="")


class MeetForm(Form):
    """A meeting: when, where and with whom, and what was agreed where it is over."""

    day = Day(required=True)
    start = DayTime(load_default=None)
    place = Words(60, load_default="")
    who = Words(LINE, load_default="")
    agreed = Words(LONG, load_default="")


class HoldForm(Form):
    """What was agreed."""

    agreed = Words(LONG, load_default="")


class PaperForm(Form):
    """Which paper was taken, and whether it is the original."""

    paper = Words(60, load_default="")
    original = fields.Boolean(load_default=False)


class PaperFateForm(Form):
    """Where a paper went."""

    fate = _choice(PaperFate)
    whom = Words(60, load_default="")


class HelpForm(Form):
    """A request for help made of a ticket."""

    kind = Words(20, required=True)
    day = Day(required=True)
    window_from = DayTime(required=True)
    window_to = DayTime(required=True)
    note = Words(200, load_default="")
    accept = fields.Boolean(load_default=False)


class SharesArgs(Form):
    """Of which year the shares are."""

    year = Whole(2000, 2100, load_default=None)


class PlaceForm(Form):
    """A place of gifts."""

    name = Words(NAME, required=True)
    sort = _choice(GiftSort)
    place = Words(60, load_default="")


class LineForm(Form):
    """A line of a place's register."""

    day = Day(required=True)
    way = _choice(GiftWay)
    what = Words(20, load_default="")
    count = Whole(1, 100_000, required=True)
    who = Words(40, load_default="")


class ClubForm(Form):
    """What is written down of a group."""

    name = Words(NAME, required=True)
    sort = _choice(ClubSort)
    lead = Words(NAME, load_default="")
    lead_phone = Telephone(20, load_default="")
    members = Whole(0, 100_000, load_default=0)
    place = Words(60, load_default="")
    meets = Words(60, load_default="")


class DissolveForm(ReasonForm):
    """From which day a group is no more, and why."""

    day = Day(required=True)


class ClubArgs(Form):
    """Which groups are listed."""

    q = Words(40, load_default="")
    ended = fields.Boolean(load_default=False)


class SpecialityForm(Form):
    """What a community is known for; each line of ``doings`` is one."""

    title = Words(NAME, load_default="")
    words = Words(LINE, load_default="")
    sorts = fields.List(_choice(Sort), load_default=list)
    doings = Words(LONG, load_default="")


STATES = ("open", *(each.value for each in State), "all")
"""The words by which a list is asked for one state, for what is open, or for all."""
