"""Shapes of entries by hand."""

from marshmallow import Schema, fields

from timebank.api.fields import Day, DayTime, number, one_of, text, word_of
from timebank.api.paging import PageArgs
from timebank.visits.entries import EntrySort, EntryState

LONGEST = 300


class EntryShape(Schema):
    """What somebody entered by hand, and where it is."""

    id = fields.Integer()
    volunteer = fields.Integer(attribute="volunteer_id")
    visit = fields.Integer(attribute="visit_id", allow_none=True)
    kind = fields.String(attribute="kind.code")
    sort = word_of(EntrySort)
    day = fields.Date()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime()
    minutes = fields.Integer()
    place = fields.String()
    reason = fields.String()
    evidence = fields.String()
    state = word_of(EntryState)
    entered_by = fields.Integer()
    entered_at = fields.AwareDateTime()
    decided_by = fields.Integer(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    decision = fields.String()


class EntryArgs(PageArgs):
    """Which entries are listed; without a state all of them."""

    state = one_of(EntryState, load_default=None)


class EntryBody(Schema):
    """Service that no check-in shows; ``visit`` is the planned one, else ``kind`` says what was done."""

    volunteer = number(required=True)
    visit = number(load_default=None, allow_none=True)
    kind = text(20, load_default=None, allow_none=True)
    day = Day(required=True)
    started = DayTime(required=True)
    ended = DayTime(required=True)
    place = text(60, load_default="")
    reason = text(LONGEST, load_default="")
    evidence = text(LONGEST, load_default="")
