"""The edge of recognition: months, periods, reasons, numbers and codes as people type them."""

import re
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, validate, validates

from timebank.credit.models import Relation
from timebank.forms import Day, Form, Whole, Words
from timebank.ledger.models import MOST_MINUTES
from timebank.recognition.booklets import Ended
from timebank.recognition.models import Errand, How, Verdict
from timebank.recognition.reviews import LEAST_YEARS, MOST_YEARS
from timebank.recognition.stars import LEAST_DAYS, MOST_DAYS

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
YEARS = range(2000, 2100)
LONGEST_REASON = 200
LONGEST_WORDS = 500
LONGEST_NUMBER = 40
LARGEST = 999_999_999
LONGEST_ANSWER = 400_000
LONGEST_DIGEST = 100
LONGEST_PAPER = 5000
LONGEST_TITLE = 60
LONGEST_LATIN = 200
MOST_HOURS = 100_000
MOST_FAULTS = 100
ID_TYPES = {
    "居民身份证": "Resident identity card",
    "护照": "Passport",
    "港澳台居民居住证": "Residence permit for Hong Kong, Macao and Taiwan residents",
}


NO_DATE = _("日期不对，请重新选。")


class Month(fields.Field[date]):
    """A month such as 2026-10; its first day inside."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ANN401 - marshmallow's own signature
        """Return the first day."""
        del attr, data, kwargs
        found = MONTH.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None or int(found[1]) not in YEARS:
            raise ValidationError(_("月份请写成 2026-10 这样。"))
        return date(int(found[1]), int(found[2]), 1)


class MonthArgs(Form):
    """Which month, and whom to look for."""

    month = Month(load_default=None)
    q = Words(LONGEST_NUMBER, load_default="")


class ReportArgs(Form):
    """Which month, and of which street; without one, the reader's community."""

    month = Month(load_default=None)
    street = Whole(1, LARGEST, load_default=None)


class YearArgs(Form):
    """Which year."""

    year = Whole(YEARS.start, YEARS.stop - 1, load_default=None)


class CloseForm(Form):
    """Which month is closed, and whether it is although something of it is open."""

    month = Month(required=True)
    anyway = fields.Boolean(load_default=False)


class StatementDayForm(Form):
    """The day of a month on which the clock closes the month before."""

    day = Whole(1, 28, required=True)


class PrintArgs(Form):
    """Whether only the papers are printed that no message tells of."""

    paper = fields.Boolean(load_default=False)


class LinesArgs(Form):
    """From which line of a passbook on."""

    first = Whole(1, LARGEST, load_default=1)


class LineArgs(LinesArgs):
    """A line of a passbook as it stands on paper."""

    number = Words(LONGEST_NUMBER, load_default="")
    place = Whole(1, LARGEST, load_default=None)
    code = Words(LONGEST_NUMBER, load_default="")


class ReplaceForm(Form):
    """Why a passbook is replaced."""

    why = fields.Enum(Ended, by_value=True, required=True, error_messages={"required": _("请选一项。"), "unknown": _("请选一项。")})


class DayArgs(Form):
    """Which day."""

    day = Day(load_default=None)


class PeriodForm(Form):
    """The period of a certificate."""

    start = Day(required=True, error_messages={"required": _("请填起始日期。"), "invalid": NO_DATE})
    end = Day(required=True, error_messages={"required": _("请填截止日期。"), "invalid": NO_DATE})


class SpanArgs(Form):
    """The days a list looks at."""

    start = Day(load_default=None)
    end = Day(load_default=None)


class OwnForm(PeriodForm):
    """The period of a certificate of one's own, and which one in force it may replace."""

    replaces = Whole(1, LARGEST, load_default=None)


class BatchForm(PeriodForm):
    """A period, whose certificates are wanted, and which in force were shown as to be replaced."""

    volunteer = fields.List(Whole(1, LARGEST), load_default=list)
    replaces = fields.List(Whole(1, LARGEST), load_default=list)


class CertificateForm(PeriodForm):
    """What the office may add to a certificate at the volunteer's wish, and which one in force it may replace."""

    replaces = Whole(1, LARGEST, load_default=None)
    remarks = Words(LONGEST_REASON, load_default="")
    seal_required = fields.Boolean(load_default=False)
    id_type = fields.String(load_default=next(iter(ID_TYPES)), validate=validate.OneOf(ID_TYPES, error=_("请从列表里选。")))
    id_last4 = fields.String(load_default="", validate=validate.Regexp(r"^[0-9A-Za-z]{4}$", error=_("证件尾号是最后 4 位，比如 123X。")))


class ReasonForm(Form):
    """Why."""

    reason = Words(LONGEST_REASON, load_default="")


class ReportedForm(Form):
    """The number the national system gave."""

    national_no = Words(LONGEST_NUMBER, load_default="")


class RightNumberForm(Form):
    """The right number of the national system; none takes a wrong one off."""

    right_no = Words(LONGEST_NUMBER, load_default="")


class WordsForm(Form):
    """An objection, or the answer to one."""

    words = Words(LONGEST_WORDS, load_default="")


class AnswerForm(WordsForm):
    """The answer to an objection, and the right minutes where the record was wrong."""

    minutes = Whole(0, 720, load_default=None)


class CorrectForm(ReasonForm):
    """The right minutes of a record."""

    minutes = fields.Integer(required=True, error_messages={"required": _("请填分钟数。"), "invalid": _("请填整数分钟。")})


class SheetsForm(Form):
    """Whose day sheets to print."""

    volunteer = fields.List(fields.Integer(), load_default=list)


class CheckArgs(Form):
    """The number, the check code and the digest printed on a certificate."""

    number = Words(LONGEST_NUMBER, load_default="")
    code = Words(LONGEST_NUMBER, load_default="")
    digest = Words(LONGEST_DIGEST, load_default="")


class MaskedForm(Form):
    """What a certificate says in the places that the check page masks, with the number and the code printed on it."""

    number = Words(LONGEST_NUMBER, required=True)
    code = Words(LONGEST_NUMBER, required=True)
    volunteer_name = Words(LONGEST_TITLE, required=True)
    name_latin = Words(LONGEST_LATIN, load_default="")
    volunteer_no = Words(LONGEST_NUMBER, load_default="")
    id_type = Words(LONGEST_TITLE, load_default="")
    id_last4 = Words(LONGEST_NUMBER, load_default="")
    responsible = Words(LONGEST_TITLE, load_default="")
    handler = Words(LONGEST_TITLE, load_default="")
    remarks = Words(LONGEST_REASON, load_default="")


class PaperForm(Form):
    """What somebody copied from a certificate line by line, and the check code and the digest printed on it."""

    lines = Words(LONGEST_PAPER, required=True)
    code = Words(LONGEST_NUMBER, load_default="")
    digest = Words(LONGEST_DIGEST, load_default="")


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


CHOOSE = {"required": _("请选一项。"), "unknown": _("请选一项。"), "invalid": _("请选一项。")}


class InNameForm(Form):
    """What the desk does in a volunteer's name, and how they asked for it."""

    what = fields.Enum(Errand, by_value=True, required=True, error_messages=CHOOSE)
    how = fields.Enum(How, by_value=True, required=True, error_messages=CHOOSE)
    words = Words(LONGEST_WORDS, load_default="")


class ObjectionInNameForm(InNameForm):
    """Which record is wrong, and how."""

    words = Words(LONGEST_WORDS, required=True)
    record = Whole(1, LARGEST, required=True, error_messages=CHOOSE)


class RelativeInNameForm(InNameForm):
    """Which elder is the volunteer's own."""

    relation = fields.Enum(Relation, by_value=True, required=True, error_messages=CHOOSE)
    name = Words(20, required=True)


class DonationInNameForm(InNameForm):
    """How many minutes to give away."""

    minutes = Whole(1, MOST_MINUTES, required=True, error_messages={"required": _("请填整数分钟。")})


class GiftInNameForm(DonationInNameForm):
    """How many minutes to give to which relative."""

    link = Whole(1, LARGEST, required=True, error_messages=CHOOSE)


IN_NAME: dict[str, type[InNameForm]] = {
    Errand.OBJECTION: ObjectionInNameForm,
    Errand.RELATIVE: RelativeInNameForm,
    Errand.GIFT: GiftInNameForm,
    Errand.DONATION: DonationInNameForm,
}
"""What each thing the desk does asks for; a star needs no more than what all do."""


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


class ExportForm(PeriodForm):
    """Which records to report: those of some days that are not reported yet, or all of them."""

    reported = fields.Boolean(load_default=False)


class ReceiptForm(Form):
    """The answer of the national system: record numbers and foreign numbers, a line each; and the period to go back to."""

    lines = Words(LONGEST_ANSWER, required=True)
    start = Day(load_default=None)
    end = Day(load_default=None)


class NumberForm(Form):
    """One foreign number."""

    national_no = Words(LONGEST_NUMBER, required=True)
