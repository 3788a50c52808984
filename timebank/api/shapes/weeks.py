"""Shapes of a week's plan: how it stands, who is proposed, what is left and why, runs of the engine, and what publishing would change."""

from typing import Any

from marshmallow import Schema, fields

from timebank.api.fields import Day, DayTime, Mark, Sized, Week, number, text, whether, word_of
from timebank.planning.models import PlanState, RunKind, RunState
from timebank.web import LARGEST


class AssignmentShape(Schema):
    """Somebody of a visit in the plan."""

    visit = fields.Integer(attribute="visit_id")
    volunteer = fields.Integer(attribute="volunteer_id")
    day = fields.Date()
    start = DayTime()
    pickup = DayTime(allow_none=True)
    pinned = fields.Boolean()
    status = fields.String(metadata={"description": "where it is on the way from draft to confirmed"})


class UnservedShape(Schema):
    """A visit that the plan does not serve, and why."""

    visit = fields.Integer(attribute="visit_id")
    reason = fields.String()
    zh = fields.String()
    en = fields.String()
    can_be_taken_up = fields.Boolean(metadata={"description": "the smallest change that serves it can be made by take-up"})


class PlanShape(Schema):
    """A week's plan; ``version`` counts every change and comes back with each edit."""

    week = Week()
    state = word_of(PlanState)
    version = fields.Integer()
    status = fields.String(metadata={"description": "what the engine proved"})
    needed = fields.Integer()
    served = fields.Integer()
    published_at = fields.AwareDateTime(allow_none=True)
    run = fields.Integer(allow_none=True, metadata={"description": "the run that is queued or under way"})


class WholePlanShape(PlanShape):
    """A week's plan with who is proposed and what is left."""

    assignments = fields.List(fields.Nested(AssignmentShape))
    unserved = fields.List(fields.Nested(UnservedShape))


def _served(run: Any) -> int | None:  # noqa: ANN401 - a row, or what a test makes of it
    """Return how many visits a run serves, nothing before its end."""
    return int(run.result["score"]["served"]) if run.result else None


class RunShape(Schema):
    """A run of the engine."""

    id = fields.Integer()
    week = Week(attribute="plan.week")
    kind = word_of(RunKind)
    state = word_of(RunState)
    asked_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    needed = fields.Integer()
    served = fields.Function(_served, metadata={"type": ["integer", "null"]})
    kept = fields.Boolean(metadata={"description": "whether its result became the plan"})
    fault = fields.String()


class VersionBody(Schema):
    """The version of the plan that the change is one of."""

    version = number(1, LARGEST, required=True)


class SolveBody(Schema):
    """How long the engine may look; the service's own setting where nothing is said."""

    seconds = number(1, 600, load_default=None, allow_none=True)


class AssignBody(VersionBody):
    """Who should go, and when if it matters."""

    volunteers = fields.List(number(), required=True, validate=Sized(1, 4))
    day = Day(load_default=None, allow_none=True)
    start = DayTime(load_default=None, allow_none=True)


class PinBody(VersionBody):
    """Whether a visit is fixed."""

    pinned = whether(required=True)


class TakeUpBody(VersionBody):
    """Why a volunteer's own ceiling is exceeded, where it is."""

    reason = text(200, load_default="")


class CandidateShape(Schema):
    """A way to serve a visit: who, when, and what it costs."""

    volunteers = fields.List(fields.Integer())
    day = fields.Date()
    start = DayTime()
    more_travel_minutes = fields.Integer()
    strangers = fields.Integer()
    serves_now = fields.Boolean()


class CandidatesShape(Schema):
    """Who could serve a visit, the best first."""

    items = fields.List(fields.Nested(CandidateShape))


class ChangeShape(Schema):
    """What publishing would do for one volunteer and visit; the word is new, moved, withdrawn, held or too_late."""

    word = Mark()
    volunteer = fields.Integer()
    visit = fields.Integer()
    day = fields.Date()
    start = DayTime()
    told = fields.Boolean(metadata={"description": "whether the volunteer hears of it"})


class ChangesShape(Schema):
    """What publishing would do now."""

    version = fields.Integer()
    items = fields.List(fields.Nested(ChangeShape))


class PublishedShape(Schema):
    """Who heard of what was published."""

    version = fields.Integer()
    told = fields.List(fields.Integer(), metadata={"description": "numbers of the volunteers"})
