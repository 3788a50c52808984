"""Certificates for many at once: whom to choose, how far a batch is, its papers in one file."""

from datetime import date
from io import BytesIO

from flask import render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.certificates import batches
from timebank.certificates.models import CertificateBatch
from timebank.certificates.printing import print_certificates
from timebank.certificates.schemas import BatchForm
from timebank.certificates.views.shared import blueprint
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.papers import bundles
from timebank.papers.answers import as_pdf, scope, speaks
from timebank.papers.facts import Language
from timebank.papers.schemas import SpanArgs
from timebank.places import queries as places
from timebank.web import UNPROCESSABLE, Page, found, settings, submitted


@blueprint.route("/certificates/batch", methods=["GET", "POST"])
def batch_new() -> Page:
    """Choose volunteers and a period, and ask for their certificates."""
    community = places.community_seen_by(this_user())
    if request.method == "GET":
        return _choose(community.id, {})
    try:
        asked = take(BatchForm(), request.form)
        with submitted() as taken:
            chosen, replaces = asked["volunteer"], asked["replaces"]
            ordered = batches.order(community, asked["start"], asked["end"], chosen, this_user(), language=speaks(), replaces=replaces)
            return taken.redirect(url_for(".batch", batch_id=ordered.id))
    except Invalid as error:
        return _choose(community.id, sentences(error)), UNPROCESSABLE


def _choose(community_id: int, errors: dict[str, str]) -> str:
    """Return the page that lists who has service on record in a period."""
    asked = args(SpanArgs())
    today = clock.today()
    start, end = asked["start"] or date(today.year, 1, 1), asked["end"] or today
    return render_template(
        "certificates/batch_new.html",
        rows=batches.candidates(community_id, start, end),
        start=start,
        end=end,
        chosen=request.form.getlist("volunteer"),
        most=batches.MOST,
        recent=[(each, batches.progress(each)) for each in batches.recent(community_id)],
        errors=errors,
    )


@blueprint.get("/certificates/batch/<int:batch_id>")
def batch(batch_id: int) -> str:
    """Show how far a batch is."""
    shown = _batch(batch_id)
    return render_template(
        "certificates/batch.html",
        batch=shown,
        progress=batches.progress(shown),
        refused=batches.refused_lines(shown),
        kept=batches.papers_kept(shown),
        lost=batches.is_lost(shown),
        parts=bundles.parts(len(batches.of_batch(shown))),
    )


@blueprint.post("/certificates/batch/<int:batch_id>/go-on")
def batch_go_on(batch_id: int) -> AnyResponse:
    """Start a batch again whose job has died."""
    with submitted() as taken:
        batches.go_on(_batch(batch_id))
        return taken.redirect(url_for(".batch", batch_id=batch_id))


@blueprint.get("/certificates/batch/<int:batch_id>/<int:part>.pdf")
def batch_bundle(batch_id: int, part: int) -> AnyResponse:
    """Print the certificates of a batch as one file, a hundred at a time."""
    shown = _batch(batch_id)
    papers = bundles.part_of(batches.of_batch(shown), part)
    language: Language = "en" if shown.language == "en" else "zh"
    made = print_certificates(papers, shown.base_url, language=language, font_dir=settings().font_dir)
    return as_pdf(made, f"certificates-{shown.period_from}-{shown.period_to}-{part}.pdf")


@blueprint.get("/certificates/batch/<int:batch_id>.zip")
def batch_papers(batch_id: int) -> AnyResponse:
    """Give the papers of a batch in one file."""
    shown = _batch(batch_id)
    name = f"certificates-{shown.period_from}-{shown.period_to}.zip"
    return send_file(BytesIO(batches.archive(shown)), mimetype="application/zip", as_attachment=True, download_name=name)


def _batch(batch_id: int) -> CertificateBatch:
    """Return a batch the reader may see."""
    return found(batches.batch_in(batch_id, scope()))
