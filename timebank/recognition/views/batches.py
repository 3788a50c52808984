"""Certificates for many at once: whom to choose, how far a batch is, its papers in one file."""

from datetime import date
from io import BytesIO

from flask import render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.places import queries as places
from timebank.recognition import batches
from timebank.recognition.models import CertificateBatch
from timebank.recognition.schemas import BatchForm, SpanArgs
from timebank.recognition.views.office import Page
from timebank.recognition.views.shared import UNPROCESSABLE, blueprint, me, scope, speaks
from timebank.web import found, submitted


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
            ordered = batches.order(community, asked["start"], asked["end"], chosen, me(), language=speaks(), replaces=replaces)
            return taken.redirect(url_for(".batch", batch_id=ordered.id))
    except Invalid as error:
        return _choose(community.id, sentences(error)), UNPROCESSABLE


def _choose(community_id: int, errors: dict[str, str]) -> str:
    """Return the page that lists who has service on record in a period."""
    asked = args(SpanArgs())
    today = clock.today()
    start, end = asked["start"] or date(today.year, 1, 1), asked["end"] or today
    return render_template(
        "recognition/batch_new.html",
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
        "recognition/batch.html",
        batch=shown,
        progress=batches.progress(shown),
        refused=batches.refused_lines(shown),
        kept=batches.papers_kept(shown),
        lost=batches.is_lost(shown),
    )


@blueprint.post("/certificates/batch/<int:batch_id>/go-on")
def batch_go_on(batch_id: int) -> AnyResponse:
    """Start a batch again whose job has died."""
    with submitted() as taken:
        batches.go_on(_batch(batch_id))
        return taken.redirect(url_for(".batch", batch_id=batch_id))


@blueprint.get("/certificates/batch/<int:batch_id>.zip")
def batch_papers(batch_id: int) -> AnyResponse:
    """Give the papers of a batch in one file."""
    shown = _batch(batch_id)
    name = f"certificates-{shown.period_from}-{shown.period_to}.zip"
    return send_file(BytesIO(batches.archive(shown)), mimetype="application/zip", as_attachment=True, download_name=name)


def _batch(batch_id: int) -> CertificateBatch:
    """Return a batch the reader may see."""
    return found(batches.batch_in(batch_id, scope()))
