"""Shapes of duties and posts, of what happens at stations, and of what people bring to the desk."""

from marshmallow import Schema, fields

from timebank.api.fields import Day, DayTime, Mark, number, one_of, text, word_of
from timebank.api.paging import PageArgs
from timebank.cases.models import Door, Sort
from timebank.cases.models import State as TicketState
from timebank.stations.models import Kind, Progress, SessionState, Turn
from timebank.stations.models import Sort as ItemSort
from timebank.visits.duties import DutyState


class DutyShape(Schema):
    """A place on duty: whose it is, when and where, and what became of it."""

    id = fields.Integer()
    title = fields.String()
    place = fields.String()
    kind = fields.String(attribute="kind.code")
    day = fields.Date()
    start = DayTime()
    until = DayTime()
    part_of = fields.String()
    part = fields.Integer(attribute="part_id", allow_none=True)
    seat = fields.Integer()
    volunteer = fields.Integer(attribute="volunteer_id", allow_none=True)
    unit = fields.Integer(attribute="unit_id", allow_none=True)
    state = word_of(DutyState)
    started_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    code_ok = fields.Boolean()


class ShiftShape(Schema):
    """A turn of the ordinary week; weekday 0 is Monday."""

    id = fields.Integer()
    weekday = fields.Integer()
    start = DayTime()
    until = DayTime()
    least = fields.Integer()
    wanted = fields.Integer()
    dropped = fields.Boolean()


class PostShape(Schema):
    """A post with its weekly rota."""

    id = fields.Integer()
    name = fields.String()
    place = fields.String()
    kind = fields.String(attribute="kind.code")
    first_day = fields.Date()
    last_day = fields.Date(allow_none=True)
    workdays_only = fields.Boolean()
    note = fields.String()
    shifts = fields.List(fields.Nested(ShiftShape))


class ClaimBody(Schema):
    """Who takes a place."""

    volunteer = number(required=True)


class GiveUpBody(Schema):
    """Why somebody cannot come, if they want to say."""

    reason = text(50, load_default="")


class SessionShape(Schema):
    """A session at a station, with its seats."""

    id = fields.Integer()
    title = fields.String()
    kind = word_of(Kind)
    station = fields.Integer(attribute="station_id", allow_none=True)
    unit = fields.Integer(attribute="unit_id", allow_none=True)
    place = fields.String()
    day = fields.Date()
    start = DayTime()
    end = DayTime()
    seats = fields.Integer()
    state = word_of(SessionState)
    head_count = fields.Integer()


class AttendanceShape(Schema):
    """Somebody in the queue of a session."""

    id = fields.Integer()
    session = fields.Integer(attribute="session_id")
    number = fields.Integer()
    name = fields.String()
    elder = fields.Integer(attribute="elder_id", allow_none=True)
    turn = word_of(Turn)


class QueueShape(SessionShape):
    """A session with its queue."""

    queue = fields.List(fields.Nested(AttendanceShape), attribute="attendances")


class SignUpBody(Schema):
    """Who gets a number: an elder of the register, or a name with a telephone."""

    elder = number(load_default=None, allow_none=True)
    name = text(20, load_default="")
    phone = text(20, load_default="")
    boxes = number(0, 20, load_default=0)


class MoveBody(Schema):
    """What becomes of a number."""

    turn = one_of(Turn, required=True)


class ItemShape(Schema):
    """Something left to be mended, sewn or kept."""

    id = fields.Integer()
    number = fields.String()
    sort = word_of(ItemSort)
    what = fields.String()
    station = fields.Integer(attribute="station_id")
    progress = word_of(Progress)
    brought_at = fields.AwareDateTime()
    ready_at = fields.AwareDateTime(allow_none=True)


class TicketShape(Schema):
    """What somebody brought to the desk; name and words only as far as the token's user may read them."""

    id = fields.Integer()
    number = fields.String()
    sort = word_of(Sort)
    door = word_of(Door)
    state = word_of(TicketState)
    name = Mark()
    words = fields.String(allow_none=True)
    received_at = fields.AwareDateTime()
    due = fields.Date(allow_none=True)
    in_charge = fields.Integer(allow_none=True)


class TicketBody(Schema):
    """What somebody brings, in their own words."""

    sort = one_of(Sort, required=True)
    name = text(20, required=True)
    words = text(500, required=True)
    phone = text(20, load_default="")
    elder = number(load_default=None, allow_none=True)


class NoteBody(Schema):
    """A dated step, and another day until which, where it moves."""

    words = text(500, required=True)
    due = Day(load_default=None, allow_none=True)


class DaysArgs(PageArgs):
    """From which day to which."""

    first = Day(load_default=None)
    last = Day(load_default=None)
