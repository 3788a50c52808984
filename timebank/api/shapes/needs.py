"""Shapes of what is asked for and of visits."""

from typing import Any

from marshmallow import Schema, fields, validate

from timebank.api.fields import Among, Day, DayTime, Moment, Sized, Week, Written, number, one_of, text, word_of
from timebank.api.paging import PageArgs
from timebank.hours import DAY_AT_MOST
from timebank.visits.models import HelpRequest, OfferState, Outcome, Pattern, RequestState, Source, Trust, Visit, VisitState


def kind_code(**given: Any) -> fields.String:  # noqa: ANN401 - passed on to marshmallow
    """Return the field of a kind's code."""
    return fields.String(attribute="kind.code", dump_only=True, **given)


def _numbers(need: HelpRequest) -> list[int]:
    """Return the numbers of a request's visits."""
    return [each.id for each in need.visits]


def _is_doubted(visit: Visit) -> bool:
    """Say whether a family has objected to a visit."""
    return visit.doubted_at is not None


class RequestShape(Schema):
    """A request for help; the name and the address somebody gave who is not known yet are shown until it is decided."""

    id = fields.Integer()
    number = fields.String()
    state = word_of(RequestState)
    kind = kind_code()
    elder = fields.Integer(attribute="elder_id", allow_none=True)
    household = fields.Integer(attribute="household_id", allow_none=True)
    for_name = fields.String(allow_none=True)
    pattern = word_of(Pattern)
    weekdays = fields.List(fields.Integer())
    dates = fields.List(fields.String())
    every_weeks = fields.Integer()
    first_day = fields.Date()
    last_day = fields.Date(allow_none=True)
    window_from = DayTime()
    window_to = DayTime()
    minutes = fields.Integer(allow_none=True)
    boxes = fields.Integer()
    urgent = fields.Boolean()
    source = word_of(Source)
    asked_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)
    reason = fields.String()
    visits = fields.Function(_numbers, metadata={"type": "array", "items": {"type": "integer"}})


class RequestArgs(PageArgs):
    """Which requests are listed."""

    state = one_of(RequestState, load_default=None)


class AskBody(Schema):
    """What the desk writes down in an elder's name."""

    elder = number(required=True)
    kind = text(20, required=True)
    pattern = one_of(Pattern, load_default=Pattern.ONCE)
    dates = fields.List(Day(), load_default=list, validate=Sized(max=14))
    weekdays = fields.List(number(0, 6), load_default=list, validate=Sized(max=7))
    every_weeks = number(1, 52, load_default=1)
    window_from = DayTime(required=True)
    window_to = DayTime(required=True)
    minutes = number(1, DAY_AT_MOST, load_default=None, allow_none=True)
    boxes = number(0, 20, load_default=0)
    eaters = fields.List(number(), load_default=list, validate=Sized(max=20))
    note = text(200, load_default="")


class AcceptBody(Schema):
    """Whose request it is, where it has no elder yet."""

    elder = number(load_default=None, allow_none=True)


class ReasonBody(Schema):
    """Why."""

    reason = text(100, required=True)


class EndBody(Schema):
    """After which day nothing more is needed."""

    last_day = Day(required=True)


class OfferShape(Schema):
    """An offer: who is asked for what and when, and what they answered and did."""

    id = fields.Integer()
    visit = fields.Integer(attribute="visit_id")
    volunteer = fields.Integer(attribute="volunteer_id")
    round = fields.Integer(attribute="round_id", allow_none=True)
    day = fields.Date()
    start = DayTime()
    state = word_of(OfferState)
    reason = fields.String()
    deadline = fields.AwareDateTime()
    answered_at = fields.AwareDateTime(allow_none=True)
    started_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    code_ok = fields.Boolean()
    outcome = fields.Enum(Outcome, by_value=True, allow_none=True)


class VisitShape(Schema):
    """A visit: where and when, and who was asked."""

    id = fields.Integer()
    request = fields.Integer(attribute="request_id")
    kind = kind_code()
    household = fields.Integer(attribute="household_id")
    week = Week()
    days = fields.List(fields.String())
    window_from = DayTime()
    window_to = DayTime()
    minutes = fields.Integer()
    crew = fields.Integer()
    boxes = fields.Integer()
    state = word_of(VisitState)
    day = fields.Date(allow_none=True)
    start = DayTime(allow_none=True)
    ended_why = fields.String()
    doubted = fields.Function(_is_doubted, metadata={"type": "boolean", "description": "somebody's family objected"})
    offers = fields.List(fields.Nested(OfferShape))


class VisitArgs(PageArgs):
    """Which visits are listed."""

    week = Week(load_default=None)
    day = Day(load_default=None)
    state = one_of(VisitState, load_default=None)


class OwnOfferShape(OfferShape):
    """An offer as the volunteer sees it: the kind, the house and, around the visit only, the door and the telephone."""

    kind = fields.String()
    address = fields.String()
    minutes = fields.Integer()
    boxes = fields.Integer()
    who = fields.String()
    door = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)


class AnswerBody(Schema):
    """Which offers are meant."""

    offers = fields.List(number(), required=True, validate=Sized(1, 200))


class DeclineBody(AnswerBody):
    """Which offers do not suit, and why; declining costs nothing."""

    reason = text(100, required=True)


class AnsweredShape(Schema):
    """The offers as they stand after an answer."""

    items = fields.List(fields.Nested(OfferShape))


class PickUpBody(Schema):
    """The boxes counted at the canteen."""

    counted = number(0, 200, required=True)


class TapBody(Schema):
    """A tap; ``at`` is the device's time of one that was kept while offline."""

    at = Moment(load_default=None, allow_none=True)


class CheckInBody(TapBody):
    """The code that is said at the door, none when there is none."""

    code = fields.String(load_default=None, allow_none=True, validate=Written(r"^[0-9]{4}$"))


class OutcomeBody(TapBody):
    """How it ended at a door when it is not simply done."""

    outcome = fields.Enum(Outcome, by_value=True, required=True, validate=validate.NoneOf([Outcome.DONE]))
    note = text(200, load_default="")


class CheckedShape(OfferShape):
    """An offer after a check-in: whether the code was right, and how many tries are left."""

    tries_left = fields.Integer()


class ConfirmBody(Schema):
    """Who stands behind a confirmation at the desk: the desk, or a call."""

    trust = fields.String(load_default=Trust.DESK.value, validate=Among([Trust.DESK.value, Trust.CALL.value]))


class ThanksBody(Schema):
    """Thanks that come with a family's confirmation."""

    thanks = text(100, load_default="")


class DoubtBody(Schema):
    """What was not right with a visit."""

    doubt = text(200, required=True)


class OwnVisitShape(Schema):
    """A visit as the family follows it."""

    id = fields.Integer()
    request = fields.Integer(attribute="request_id")
    kind = kind_code()
    state = word_of(VisitState)
    day = fields.Date(allow_none=True)
    start = DayTime(allow_none=True)
    minutes = fields.Integer()
    boxes = fields.Integer()
    who_comes = fields.List(fields.String(), metadata={"description": "who agreed to come"})


class FromTo(PageArgs):
    """From which day to which."""

    first = Day(load_default=None)
    last = Day(load_default=None)
