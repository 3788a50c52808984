"""The passbook page of the desk: open, bring up to date, print, check a line, replace."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.books import passbooks
from timebank.books.movements import said
from timebank.books.schemas import LineArgs, LinesArgs, ReplaceForm
from timebank.books.views.shared import blueprint
from timebank.forms import args, take
from timebank.papers import pdf
from timebank.papers.answers import as_pdf, scope, speaks
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import found, settings, submitted


def _volunteer(volunteer_id: int) -> Volunteer:
    """Return a volunteer of the reader's community."""
    volunteer: Volunteer = found(volunteers.volunteer_in(scope(), volunteer_id))
    return volunteer


@blueprint.get("/books/<int:volunteer_id>/passbook")
def passbook(volunteer_id: int) -> str:
    """Show a volunteer's passbook: what is printed, what waits, and whether a line somebody shows is ours."""
    volunteer, asked = _volunteer(volunteer_id), args(LineArgs())
    book = passbooks.in_use(volunteer)
    checked = all(asked[name] for name in ("number", "place", "code"))
    return render_template(
        "books/passbook.html",
        volunteer=volunteer,
        book=book,
        others=[each for each in passbooks.books_of(volunteer) if each.ended],
        waiting=passbooks.waiting(book) if book else [],
        moved=lambda line: said(line, speaks()),
        asked=asked,
        checked=checked,
        line=passbooks.line_with(volunteer, asked["number"], asked["place"], asked["code"]) if checked else None,
    )


@blueprint.post("/books/<int:volunteer_id>/passbook")
def open_passbook(volunteer_id: int) -> AnyResponse:
    """Open a volunteer's first passbook."""
    with submitted() as taken:
        book = passbooks.open_book(_volunteer(volunteer_id), this_user())
        flash(_("存折 %(number)s 开好了。", number=book.number), "done")
        return taken.redirect(url_for(".passbook", volunteer_id=volunteer_id))


@blueprint.post("/books/<int:volunteer_id>/passbook/lines")
def bring_up_passbook(volunteer_id: int) -> AnyResponse:
    """Print what has moved since the last line."""
    with submitted() as taken:
        lines = passbooks.bring_up(found(passbooks.in_use(_volunteer(volunteer_id))), this_user())
        flash(ngettext("登了 %(count)s 行，请打印。", "登了 %(count)s 行，请打印。", len(lines), count=len(lines)), "done")
        return taken.redirect(url_for(".passbook", volunteer_id=volunteer_id, first=lines[0].place))


@blueprint.post("/books/<int:volunteer_id>/passbook/replace")
def replace_passbook(volunteer_id: int) -> AnyResponse:
    """Replace a passbook that is lost or full."""
    why = take(ReplaceForm(), request.form)["why"]
    with submitted() as taken:
        book = passbooks.replace(found(passbooks.in_use(_volunteer(volunteer_id))), why, this_user())
        flash(_("旧折作废，新折 %(number)s 接着记。", number=book.number), "done")
        return taken.redirect(url_for(".passbook", volunteer_id=volunteer_id))


@blueprint.get("/books/<int:volunteer_id>/passbook.pdf")
def passbook_pdf(volunteer_id: int) -> AnyResponse:
    """Print the lines of a passbook from one place on."""
    book = found(passbooks.in_use(_volunteer(volunteer_id)))
    shown = passbooks.paper(book, args(LinesArgs())["first"], speaks())
    return as_pdf(pdf.tables(shown, language=speaks(), font_dir=settings().font_dir), f"passbook-{book.number}.pdf")
