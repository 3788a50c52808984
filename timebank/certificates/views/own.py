"""One's own certificates: listed, issued, printed, and the records behind them."""

from datetime import date

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.certificates import actions, queries
from timebank.certificates.models import Certificate
from timebank.certificates.refusals import WouldReplace
from timebank.certificates.schemas import OwnForm
from timebank.certificates.views.register import doubts_of, records_page
from timebank.certificates.views.shared import blueprint, certificate_pdf
from timebank.errors import Conflict, Invalid
from timebank.forms import sentences, take
from timebank.volunteers.own import myself
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


@blueprint.route("/my/certificates", methods=["GET", "POST"])
def my_certificates() -> Page:
    """List one's own certificates and issue a new one."""
    if request.method == "GET":
        return _certificates_page({})
    try:
        asked = take(OwnForm(), request.form)
        with submitted() as taken:
            made = actions.issue_certificate(myself(), asked["start"], asked["end"], this_user(), replaces=asked["replaces"])
            return taken.redirect(url_for(".my_certificates") + f"#c{made.id}")
    except Invalid as error:
        return _certificates_page(sentences(error)), UNPROCESSABLE
    except WouldReplace as warning:
        return _certificates_page({}, warning), warning.status
    except Conflict as error:
        return _certificates_page({"start": voiced(error.words)}), error.status


@blueprint.get("/my/certificates/<int:certificate_id>.pdf")
def print_my_certificate(certificate_id: int) -> AnyResponse:
    """Print one of one's own certificates."""
    return certificate_pdf(_mine(certificate_id))


@blueprint.get("/my/certificates/<int:certificate_id>/records")
def my_certificate_records(certificate_id: int) -> str:
    """List the records behind one of one's own certificates."""
    return render_template("certificates/my_certificate_records.html", **records_page(_mine(certificate_id)))


def _certificates_page(errors: dict[str, str], warning: WouldReplace | None = None) -> str:
    """Return the page of one's own certificates; ``warning`` says which one in force would be replaced."""
    today = clock.today()
    rows = queries.certificates_of(myself())
    return render_template(
        "certificates/my_certificates.html",
        rows=rows,
        **doubts_of(rows),
        warning=warning,
        entered=request.form or {"start": date(today.year, 1, 1).isoformat(), "end": today.isoformat()},
        errors=errors,
    )


def _mine(certificate_id: int) -> Certificate:
    """Return a certificate of one's own."""
    return found(next((each for each in queries.certificates_of(myself()) if each.id == certificate_id), None))
