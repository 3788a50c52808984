"""Both books, for the office: everybody's months, where an hour came from, corrections and objections."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.books import queries
from timebank.books import trail as trails
from timebank.books.movements import said
from timebank.books.printing import issued_statement, print_statements
from timebank.books.schemas import AnswerForm, CorrectForm
from timebank.books.views.shared import blueprint, statement_excel, statement_pdf
from timebank.certificates import put_right
from timebank.certificates.schemas import RightNumberForm
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.ledger import claims
from timebank.papers import bundles, words
from timebank.papers.answers import as_pdf, month_in_address, month_words, months_around, scope, speaks
from timebank.papers.schemas import MonthArgs
from timebank.places import queries as places
from timebank.proposals.models import Proposal
from timebank.records import changes, totals
from timebank.records import queries as records
from timebank.records.actions import objecting
from timebank.records.models import Objection
from timebank.reports import national, withdrawals
from timebank.stars import standing as stars
from timebank.visits import afterwards, registers
from timebank.visits.actions.correcting import correct
from timebank.visits.deadlines import objection_until
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, Page, found, settings, submitted, voiced


@blueprint.get("/books")
def books() -> str:
    """List the volunteers with their recorded hours and their credit."""
    asked, mine = args(MonthArgs()), scope()
    month = asked["month"] or clock.month_of(clock.today())
    return render_template(
        "books/books.html",
        listed=queries.standings_on(asked["page"], mine, month, asked["q"]),
        href=lambda number: url_for(".books", q=asked["q"] or None, month=f"{month:%Y-%m}", page=number),
        month=month,
        words=month_words(month),
        q=asked["q"],
        waiting=len(records.objections(mine, still_open=True)),
        owed=len(claims.claims(mine, still_open=True)),
        parts=bundles.parts(queries.how_many_served(mine, month)),
        **months_around(month),
    )


@blueprint.get("/books/<int:volunteer_id>")
def month(volunteer_id: int) -> str:
    """Show a volunteer's month in both books."""
    volunteer = _volunteer(volunteer_id)
    asked = args(MonthArgs())["month"] or clock.month_of(clock.today())
    statement = queries.statement(volunteer, asked)
    return render_template("books/month.html", **month_page(statement))


def month_page(statement: queries.Month) -> dict[str, Any]:
    """Return what a page about a month shows."""
    shown = clock.months_until(statement.month, 12)
    return {
        "statement": statement,
        "volunteer": statement.volunteer,
        "words": month_words(statement.month),
        "star": stars.standing(statement.volunteer),
        "bars": totals.minutes_by_month(statement.volunteer, shown),
        "what": lambda record: words.what(record, speaks()),
        "entry": lambda record: words.entry(record, speaks(), statement.typed),
        "hour_of": queries.hours_behind(statement.account.lines),
        "moved": lambda line: (
            words.corrected(earlier, speaks()) if (earlier := changes.month_of(line, statement.corrections)) else said(line, speaks())
        ),
        "issued": issued_statement(statement),
        **months_around(statement.month),
    }


@blueprint.get("/books/<int:volunteer_id>/<month>.pdf")
def month_pdf(volunteer_id: int, month: str) -> AnyResponse:
    """Print a volunteer's month."""
    return statement_pdf(queries.statement(_volunteer(volunteer_id), month_in_address(month)))


@blueprint.get("/books/<int:volunteer_id>/<month>.xlsx")
def month_excel(volunteer_id: int, month: str) -> AnyResponse:
    """Give a volunteer's month as a workbook."""
    return statement_excel(queries.statement(_volunteer(volunteer_id), month_in_address(month)))


@blueprint.get("/books/statements/<month>/<int:part>.pdf")
def month_bundle(month: str, part: int) -> AnyResponse:
    """Print the month of everybody with service in it as one file, a hundred at a time."""
    asked = month_in_address(month)
    people = bundles.part_of(queries.with_service(places.community_seen_by(this_user()).id, asked), part)
    made = print_statements([queries.statement(each, asked) for each in people], language=speaks(), font_dir=settings().font_dir)
    return as_pdf(made, f"statements-{asked:%Y-%m}-{part}.pdf")


@blueprint.get("/books/hours/<int:record_id>")
def hour(record_id: int) -> str:
    """Show where an hour came from and what it was credited with."""
    record = found(records.record_in(record_id, scope()))
    return render_template("books/hour.html", **hour_page(record_id, errors={}), volunteer=record.volunteer)


def hour_page(record_id: int, *, errors: dict[str, str]) -> dict[str, Any]:
    """Return what a page about one record shows."""
    record = found(records.record_in(record_id, None))
    reported_as = national.reports_of([record]).get(record.id)
    return {
        "trail": trails.trail(record, speaks()),
        "record": record,
        "what": words.what(record, speaks()),
        "entry": words.entry(record, speaks(), afterwards.typed_among([record])),
        "objections": records.objections_to(record),
        "evaluations": records.evaluations_of(record),
        "object_until": objection_until(record),
        "can_object": clock.today() <= objection_until(record),
        "national": reported_as,
        "number_waits": reported_as is not None and put_right.waits(reported_as),
        "original": withdrawals.originals_of([record]).get(record.id),
        "errors": errors,
    }


@blueprint.post("/books/hours/<int:record_id>/correct")
def correct_hour(record_id: int) -> Page:
    """Correct a record's minutes: a new version, the old one stays to be seen."""
    record = found(records.record_in(record_id, scope()))
    try:
        asked = take(CorrectForm(), request.form)
        with submitted() as taken:
            made = correct(record, asked["minutes"], asked["reason"], this_user())
            if isinstance(made, Proposal):
                flash(_("多记的分钟要第二个人核准，已经提请，同意以前还是原来的分钟数。"), "done")
                return taken.redirect(url_for(".hour", record_id=record_id))
            return taken.redirect(url_for(".hour", record_id=made.id))
    except Invalid as error:
        page = hour_page(record_id, errors=sentences(error))
        return render_template("books/hour.html", **page, volunteer=page["record"].volunteer), UNPROCESSABLE


@blueprint.post("/national/<int:record_id>/number")
def national_number(record_id: int) -> Page:
    """Ask for a mistyped number of a record to be put right; a second person decides."""
    record = found(records.record_in(record_id, scope()))
    try:
        number = take(RightNumberForm(), request.form)["right_no"]
        with submitted() as taken:
            put_right.propose(found(national.reports_of([record]).get(record_id)), record.community_id, number, this_user())
            flash(_("已经提请，第二个人核准以后才改。"), "done")
            return taken.redirect(url_for(".hour", record_id=record_id))
    except Invalid as error:
        page = hour_page(record_id, errors=sentences(error))
        return render_template("books/hour.html", **page, volunteer=page["record"].volunteer), UNPROCESSABLE


@blueprint.get("/objections")
def objections() -> str:
    """List the objections, the open ones first."""
    rows = records.objections(scope(), still_open=False)
    still_open = [each for each in rows if each.answered_at is None]
    newest = {each.id: registers.versions_of(each.record)[-1] for each in still_open}
    return render_template(
        "books/objections.html",
        still_open=still_open,
        answered=[each for each in reversed(rows) if each.answered_at is not None],
        newest=newest,
        bars={each.id: _bar(each) for each in still_open},
        today=clock.today(),
        what=lambda record: words.what(record, speaks()),
        errors={},
    )


def _bar(objection: Objection) -> str:
    """Return why the reader does not answer an objection, and who does; nothing when they may."""
    why = objecting.why_not_answer(objection, this_user())
    return voiced(why) if why else ""


@blueprint.post("/objections/<int:objection_id>")
def answer(objection_id: int) -> Page:
    """Answer an objection."""
    asked = take(AnswerForm(), request.form)
    with submitted() as taken:
        if objecting.answer(_objection(objection_id), asked["words"], this_user(), asked["minutes"]) is not None:
            flash(_("多记的分钟要第二个人核准，已经提请，同意以后这个异议就答复了。"), "done")
        return taken.redirect(url_for(".objections"))


def _volunteer(volunteer_id: int) -> Volunteer:
    """Return a volunteer the reader may see."""
    return found(volunteers.volunteer_in(scope(), volunteer_id))


def _objection(objection_id: int) -> Objection:
    """Return an objection the reader may answer."""
    return found(next((each for each in records.objections(scope(), still_open=False) if each.id == objection_id), None))
