"""What the pages of both books share: the blueprint, and a month as an answer."""

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from timebank.books import queries
from timebank.books.printing import print_statement, statement_workbook
from timebank.papers.answers import as_excel, as_pdf, speaks
from timebank.web import settings

blueprint = Blueprint("books", __name__)


def statement_pdf(month: queries.Month) -> AnyResponse:
    """Answer with a volunteer's month."""
    made = print_statement(month, language=speaks(), font_dir=settings().font_dir)
    return as_pdf(made, f"statement-{month.volunteer.number}-{month.month:%Y-%m}.pdf")


def statement_excel(month: queries.Month) -> AnyResponse:
    """Answer with a volunteer's month as a workbook."""
    book = statement_workbook(month, language=speaks())
    return as_excel(book, f"statement-{month.volunteer.number}-{month.month:%Y-%m}.xlsx")
