"""The edge of reports: which month, year and street, and the national system's answer."""

from marshmallow import fields

from timebank.forms import Day, Form, Whole, Words
from timebank.papers.schemas import LARGEST, LONGEST_NUMBER, YEARS, Month, PeriodForm

LONGEST_ANSWER = 400_000


class ReportArgs(Form):
    """Which month, and of which street; without one, the reader's community."""

    month = Month(load_default=None)
    street = Whole(1, LARGEST, load_default=None)


class YearArgs(Form):
    """Which year."""

    year = Whole(YEARS.start, YEARS.stop - 1, load_default=None)


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
