"""The edge of both books: months to close, passbook lines, objections, corrections and what the desk does in a name."""

from flask_babel import lazy_gettext as _
from marshmallow import fields

from timebank.books.booklets import Ended
from timebank.credit.models import Relation
from timebank.forms import Form, Whole, Words
from timebank.hours import DAY_AT_MOST
from timebank.ledger.models import MOST_MINUTES
from timebank.papers.schemas import CHOOSE, LARGEST, LONGEST_NUMBER, LONGEST_WORDS, Month, ReasonForm
from timebank.stars.models import Errand, How


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


class WordsForm(Form):
    """An objection, or the answer to one."""

    words = Words(LONGEST_WORDS, load_default="")


class AnswerForm(WordsForm):
    """The answer to an objection, and the right minutes where the record was wrong."""

    minutes = Whole(0, DAY_AT_MOST, load_default=None)


class CorrectForm(ReasonForm):
    """The right minutes of a record."""

    minutes = fields.Integer(required=True, error_messages={"required": _("请填分钟数。"), "invalid": _("请填整数分钟。")})


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
