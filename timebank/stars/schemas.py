"""The edge of stars: steps, objections, reviews, rules and awards as people type them."""

from enum import StrEnum

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validates

from timebank.forms import Day, Form, Whole, Words
from timebank.papers.schemas import LARGEST, LONGEST_TITLE, LONGEST_WORDS, ReasonForm
from timebank.stars.models import How, Verdict
from timebank.stars.reviews import LEAST_YEARS, MOST_YEARS
from timebank.stars.standing import LEAST_DAYS, MOST_DAYS

MOST_HOURS = 100_000
MOST_FAULTS = 100


class StarStep(StrEnum):
    """What is done with an application for a star."""

    PUBLISH = "publish"
    GRANT = "grant"
    DECLINE = "decline"


class DecisionForm(ReasonForm):
    """Whether an application is made public, granted or declined, and why not."""

    step = fields.Enum(StarStep, by_value=True, required=True)


class StarObjectionForm(Form):
    """What somebody says against a star that is public, and how they said it."""

    words = Words(LONGEST_WORDS, required=True)
    how = fields.Enum(How, by_value=True, required=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")})


class StarAnswerForm(Form):
    """What was found about an objection, and whether it is right."""

    answer = Words(LONGEST_WORDS, required=True)
    upheld = fields.Boolean(required=True)


class ReviewForm(ReasonForm):
    """What becomes of a star whose hours have fallen: kept until a day, taken back, or with a bar of some years; and why."""

    verdict = fields.Enum(Verdict, by_value=True, required=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")})
    until = Day(load_default=None)
    years = Whole(LEAST_YEARS, MOST_YEARS, load_default=None)

    @validates("verdict")
    def by_people(self, verdict: Verdict, **_kwargs: object) -> None:
        """Refuse what only the hours themselves decide."""
        if verdict is Verdict.RECOVERED:
            raise ValidationError(_("请选一项。"))


class BarForm(ReasonForm):
    """Who may not ask for a star because of false hours, for how many years, and why."""

    volunteer = Whole(1, LARGEST, required=True)
    years = Whole(LEAST_YEARS, MOST_YEARS, required=True)


class HonourForm(Form):
    """Whether somebody agrees to stand on the honour list."""

    shown = fields.Boolean(required=True)


class RuleForm(Form):
    """The hours of each star, and how many faults a year do not stand in the way."""

    one = Whole(1, MOST_HOURS, required=True)
    two = Whole(1, MOST_HOURS, required=True)
    three = Whole(1, MOST_HOURS, required=True)
    four = Whole(1, MOST_HOURS, required=True)
    five = Whole(1, MOST_HOURS, required=True)
    faults = Whole(0, MOST_FAULTS, required=True)
    days = Whole(LEAST_DAYS, MOST_DAYS, required=True)


class AwardForm(Form):
    """Who was honoured, with what, when, by whom."""

    volunteer = Whole(1, LARGEST, required=True)
    name = Words(LONGEST_TITLE, required=True)
    day = Day(required=True)
    given_by = Words(LONGEST_TITLE, required=True)
