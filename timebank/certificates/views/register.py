"""The register of certificates, for the office: issued, looked at, printed, revoked, replaced, reported."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.certificates import actions, checking, in_force, proposed, put_right, queries
from timebank.certificates.models import Certificate
from timebank.certificates.refusals import WouldReplace
from timebank.certificates.schemas import ID_TYPES, CertificateForm, ReportedForm, RightNumberForm
from timebank.certificates.views.shared import blueprint, certificate_pdf
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.leafing import leaf
from timebank.papers import words
from timebank.papers.answers import scope, speaks
from timebank.papers.schemas import MonthArgs, ReasonForm
from timebank.proposals.models import Proposal
from timebank.visits import afterwards
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


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
            made = proposed.ask_for_certificate(volunteer, start, end, this_user(), actions.Wishes(**asked), replaces=replaces)
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
        "certificates/issue.html",
        volunteer=volunteer,
        entered=request.form or {"start": date(today.year, 1, 1).isoformat(), "end": today.isoformat()},
        id_types=[(each, voiced(words)) for each, words in ID_TYPES.items()],
        warning=warning,
        errors=errors,
    )


@blueprint.get("/certificates")
def register() -> str:
    """Show the register of certificates."""
    asked = args(MonthArgs())
    listed = leaf(queries.register(scope(), asked["q"]), asked["page"])
    return render_template(
        "certificates/register.html",
        listed=listed,
        href=lambda number: url_for(".register", q=asked["q"] or None, page=number),
        q=asked["q"],
        **doubts_of(listed.rows),
    )


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
        "certificates/certificate.html",
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
    return render_template("certificates/certificate_records.html", **records_page(_certificate(certificate_id)))


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
        return render_template("certificates/revoke.html", certificate=shown, errors={})
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            actions.revoke(shown, this_user(), reason)
            return taken.redirect(url_for(".certificate", certificate_id=certificate_id))
    except Invalid as error:
        page = render_template("certificates/revoke.html", certificate=_certificate(certificate_id), errors=sentences(error))
        return page, UNPROCESSABLE


@blueprint.post("/certificates/<int:certificate_id>/replace")
def replace(certificate_id: int) -> Page:
    """Issue a certificate anew from today's record."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            newer = actions.replace(_certificate(certificate_id), this_user(), reason)
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
            put_right.propose(shown, shown.community_id, number, this_user())
            flash(_("已经提请，第二个人核准以后才改。"), "done")
            return taken.redirect(url_for(".certificate", certificate_id=certificate_id))
    except Invalid as error:
        return _certificate_page(_certificate(certificate_id), sentences(error)), UNPROCESSABLE


def _certificate(certificate_id: int) -> Certificate:
    """Return a certificate the reader may see."""
    return found(queries.certificate_in(certificate_id, scope()))


def _volunteer(volunteer_id: int) -> Volunteer:
    """Return a volunteer the reader may see."""
    return found(volunteers.volunteer_in(scope(), volunteer_id))
