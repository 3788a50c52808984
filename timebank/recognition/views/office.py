"""账与证, for the office: everybody's two books, statements, the certificate register, objections, the monthly report."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.ledger import claims
from timebank.places import queries as places
from timebank.proposals.models import Proposal
from timebank.recognition import (
    actions,
    bundles,
    changes,
    checking,
    in_force,
    national,
    proposed,
    put_right,
    queries,
    stars,
    withdrawals,
    words,
)
from timebank.recognition import trail as trails
from timebank.recognition.models import Certificate
from timebank.recognition.movements import said
from timebank.recognition.printing import issued_statement, print_statements
from timebank.recognition.refusals import WouldReplace
from timebank.recognition.schemas import (
    ID_TYPES,
    AnswerForm,
    CertificateForm,
    CorrectForm,
    MonthArgs,
    ReasonForm,
    ReportedForm,
    RightNumberForm,
)
from timebank.recognition.views.shared import (
    UNPROCESSABLE,
    as_pdf,
    blueprint,
    certificate_pdf,
    me,
    month_in_address,
    month_words,
    months_around,
    scope,
    speaks,
    statement_excel,
    statement_pdf,
)
from timebank.records import queries as records
from timebank.records.actions import objecting
from timebank.records.hands import Hands
from timebank.records.models import Objection, Origin
from timebank.visits import afterwards, registers
from timebank.visits.actions.correcting import correct
from timebank.visits.deadlines import objection_until
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer
from timebank.web import found, says, settings, submitted

Page = AnyResponse | str | tuple[str, int]


@blueprint.get("/books")
def books() -> str:
    """List the volunteers with their recorded hours and their credit."""
    asked = args(MonthArgs())
    month = asked["month"] or queries.month_of(clock.today())
    rows = queries.standings(scope(), month, asked["q"])
    waiting = len(records.objections(scope(), still_open=True))
    return render_template(
        "recognition/books.html",
        rows=rows,
        month=month,
        words=month_words(month),
        q=asked["q"],
        waiting=waiting,
        owed=len(claims.claims(scope(), still_open=True)),
        parts=bundles.parts(len(bundles.with_service(places.community_seen_by(me()).id, month))),
        **months_around(month),
    )


@blueprint.get("/books/<int:volunteer_id>")
def month(volunteer_id: int) -> str:
    """Show a volunteer's month in both books."""
    volunteer = _volunteer(volunteer_id)
    asked = args(MonthArgs())["month"] or queries.month_of(clock.today())
    statement = queries.statement(volunteer, asked)
    return render_template("recognition/month.html", **month_page(statement))


def month_page(statement: queries.Month) -> dict[str, Any]:
    """Return what a page about a month shows."""
    shown = queries.months_until(statement.month, 12)
    return {
        "statement": statement,
        "volunteer": statement.volunteer,
        "words": month_words(statement.month),
        "star": stars.standing(statement.volunteer),
        "bars": queries.minutes_by_month(statement.volunteer, shown),
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
    people = bundles.part_of(bundles.with_service(places.community_seen_by(me()).id, asked), part)
    made = print_statements([queries.statement(each, asked) for each in people], language=speaks(), font_dir=settings().font_dir)
    return as_pdf(made, f"statements-{asked:%Y-%m}-{part}.pdf")


@blueprint.get("/books/hours/<int:record_id>")
def hour(record_id: int) -> str:
    """Show where an hour came from and what it was credited with."""
    record = found(trails.record_in(record_id, scope()))
    return render_template("recognition/hour.html", **hour_page(record_id, errors={}), volunteer=record.volunteer)


def hour_page(record_id: int, *, errors: dict[str, str]) -> dict[str, Any]:
    """Return what a page about one record shows."""
    record = found(trails.record_in(record_id, None))
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
    record = found(trails.record_in(record_id, scope()))
    try:
        asked = take(CorrectForm(), request.form)
        with submitted() as taken:
            made = correct(record, asked["minutes"], asked["reason"], me())
            if isinstance(made, Proposal):
                flash(_("多记的分钟要第二个人核准，已经提请，同意以前还是原来的分钟数。"), "done")
                return taken.redirect(url_for(".hour", record_id=record_id))
            return taken.redirect(url_for(".hour", record_id=made.id))
    except Invalid as error:
        page = hour_page(record_id, errors=sentences(error))
        return render_template("recognition/hour.html", **page, volunteer=page["record"].volunteer), UNPROCESSABLE


@blueprint.route("/books/<int:volunteer_id>/certificate", methods=["GET", "POST"])
def issue(volunteer_id: int) -> Page:
    """Issue a certificate for a volunteer of the reader's community."""
    volunteer = _volunteer(volunteer_id)
    if request.method == "GET":
        return _issue_page(volunteer, {})
    try:
        asked = take(CertificateForm(), request.form)
        with submitted() as taken:
            start, end, replaces = (asked.pop(name) for name in ("start", "end", "replaces"))
            made = proposed.ask_for_certificate(volunteer, start, end, me(), actions.Wishes(**asked), replaces=replaces)
            if isinstance(made, Proposal):
                flash(_("带备注或换了证件尾号的证明要第二个人核准，已经提请，同意以后就在登记簿里。"), "done")
                return taken.redirect(url_for(".register"))
            return taken.redirect(url_for(".certificate", certificate_id=made.id))
    except Invalid as error:
        return _issue_page(_volunteer(volunteer_id), sentences(error)), UNPROCESSABLE
    except WouldReplace as warning:
        return _issue_page(_volunteer(volunteer_id), {}, warning), warning.status


def _issue_page(volunteer: Volunteer, errors: dict[str, str], warning: WouldReplace | None = None) -> str:
    """Return the form that asks for the period; ``warning`` says which certificate in force would be replaced."""
    today = clock.today()
    return render_template(
        "recognition/issue.html",
        volunteer=volunteer,
        entered=request.form or {"start": date(today.year, 1, 1).isoformat(), "end": today.isoformat()},
        id_types=[(each, says(each, english)) for each, english in ID_TYPES.items()],
        warning=warning,
        errors=errors,
    )


@blueprint.get("/certificates")
def register() -> str:
    """Show the register of certificates."""
    q = args(MonthArgs())["q"]
    rows = queries.register(scope(), q)
    return render_template("recognition/register.html", rows=rows, q=q, **doubts_of(rows))


def doubts_of(rows: Sequence[Certificate]) -> dict[str, Any]:
    """Return what a list of certificates says of those in force: corrected, overtaken by new service, overlapping others."""
    return {
        "corrected": queries.corrected_among(rows),
        "stale": in_force.stale_among(rows),
        "overlaps": in_force.overlaps_among(rows),
    }


@blueprint.get("/certificates/<int:certificate_id>")
def certificate(certificate_id: int) -> str:
    """Show one certificate of the register."""
    return _certificate_page(_certificate(certificate_id), {})


def _certificate_page(shown: Certificate, errors: dict[str, str]) -> str:
    """Return the page of one certificate."""
    return render_template(
        "recognition/certificate.html",
        certificate=shown,
        stale=actions.is_stale(shown),
        corrections=queries.corrections_since(shown),
        whole=actions.is_whole(shown),
        successor=queries.successor_of(shown),
        overlaps=checking.overlaps(shown),
        number_waits=put_right.waits(shown),
        errors=errors,
    )


@blueprint.get("/certificates/<int:certificate_id>/records")
def certificate_records(certificate_id: int) -> str:
    """List the records behind a certificate, each with the way to where it came from."""
    return render_template("recognition/certificate_records.html", **records_page(_certificate(certificate_id)))


def records_page(shown: Certificate) -> dict[str, Any]:
    """Return what a page about a certificate's records shows."""
    listed = queries.records_in(shown)
    typed = afterwards.typed_among(listed)
    return {
        "certificate": shown,
        "records": listed,
        "later": afterwards.entered_of(listed),
        "what": lambda record: words.what(record, speaks()),
        "entry": lambda record: words.entry(record, speaks(), typed),
    }


@blueprint.get("/certificates/<int:certificate_id>.pdf")
def print_certificate(certificate_id: int) -> AnyResponse:
    """Print one certificate of the register."""
    return certificate_pdf(_certificate(certificate_id))


@blueprint.route("/certificates/<int:certificate_id>/revoke", methods=["GET", "POST"])
def revoke(certificate_id: int) -> Page:
    """Say what revoking does, ask why, then revoke."""
    shown = _certificate(certificate_id)
    if request.method == "GET":
        return render_template("recognition/revoke.html", certificate=shown, errors={})
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            actions.revoke(shown, me(), reason)
            return taken.redirect(url_for(".certificate", certificate_id=certificate_id))
    except Invalid as error:
        page = render_template("recognition/revoke.html", certificate=_certificate(certificate_id), errors=sentences(error))
        return page, UNPROCESSABLE


@blueprint.post("/certificates/<int:certificate_id>/replace")
def replace(certificate_id: int) -> Page:
    """Issue a certificate anew from today's record."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            newer = actions.replace(_certificate(certificate_id), me(), reason)
            return taken.redirect(url_for(".certificate", certificate_id=newer.id))
    except Invalid as error:
        return _certificate_page(_certificate(certificate_id), sentences(error)), UNPROCESSABLE


@blueprint.post("/certificates/<int:certificate_id>/reported")
def reported(certificate_id: int) -> Page:
    """Note that the national system has taken a certificate."""
    try:
        asked = take(ReportedForm(), request.form)
        with submitted() as taken:
            actions.report(_certificate(certificate_id), asked["national_no"])
            return taken.redirect(url_for(".certificate", certificate_id=certificate_id))
    except Invalid as error:
        return _certificate_page(_certificate(certificate_id), sentences(error)), UNPROCESSABLE


@blueprint.post("/certificates/<int:certificate_id>/number")
def certificate_number(certificate_id: int) -> Page:
    """Ask for a mistyped number of the national system to be put right; a second person decides."""
    try:
        number = take(RightNumberForm(), request.form)["right_no"]
        with submitted() as taken:
            shown = _certificate(certificate_id)
            put_right.propose(shown, shown.community_id, number, me())
            flash(_("已经提请，第二个人核准以后才改。"), "done")
            return taken.redirect(url_for(".certificate", certificate_id=certificate_id))
    except Invalid as error:
        return _certificate_page(_certificate(certificate_id), sentences(error)), UNPROCESSABLE


@blueprint.get("/objections")
def objections() -> str:
    """List the objections, the open ones first."""
    rows = records.objections(scope(), still_open=False)
    still_open = [each for each in rows if each.answered_at is None]
    newest = {each.id: registers.versions_of(each.record)[-1] for each in still_open}
    return render_template(
        "recognition/objections.html",
        still_open=still_open,
        answered=[each for each in reversed(rows) if each.answered_at is not None],
        newest=newest,
        bars={each.id: _bar(each, newest[each.id]) for each in still_open},
        today=clock.today(),
        what=lambda record: words.what(record, speaks()),
        errors={},
    )


def _bar(objection: Objection, current: ServiceRecord) -> str:
    """Return why the reader does not answer an objection, and who does; nothing when they may."""
    if (why := objecting.why_not_answer(objection, me())) is not None:
        return says(*why)
    way = Hands(current.community_id, [current]).way(me(), current) if objection.origin is not Origin.VOLUNTEER else None
    return says(way.zh, way.en) if way else ""


@blueprint.post("/objections/<int:objection_id>")
def answer(objection_id: int) -> Page:
    """Answer an objection."""
    asked = take(AnswerForm(), request.form)
    with submitted() as taken:
        if objecting.answer(_objection(objection_id), asked["words"], me(), asked["minutes"]) is not None:
            flash(_("多记的分钟要第二个人核准，已经提请，同意以后这个异议就答复了。"), "done")
        return taken.redirect(url_for(".objections"))


def _volunteer(volunteer_id: int) -> Volunteer:
    """Return a volunteer the reader may see."""
    return found(queries.volunteer_in(volunteer_id, scope()))


def _certificate(certificate_id: int) -> Certificate:
    """Return a certificate the reader may see."""
    return found(queries.certificate_in(certificate_id, scope()))


def _objection(objection_id: int) -> Objection:
    """Return an objection the reader may answer."""
    return found(next((each for each in records.objections(scope(), still_open=False) if each.id == objection_id), None))
