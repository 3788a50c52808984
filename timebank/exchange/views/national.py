"""The page on which our records are held against the national system's own export."""

from datetime import timedelta

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import forget_reads, transaction
from timebank.errors import Invalid, TooMany
from timebank.excel import MIME
from timebank.exchange import reconciling, uploads
from timebank.exchange.schemas import ReconcileForm, chosen
from timebank.exchange.views.shared import as_file, blueprint
from timebank.forms import sentences, take
from timebank.places.tenancy import community_seen_by
from timebank.web import UNPROCESSABLE


@blueprint.get("/national")
def national() -> str:
    """Show where their export is chosen; the days are those of the last month at first."""
    last = clock.today().replace(day=1) - timedelta(days=1)
    return render_template("exchange/national.html", start=last.replace(day=1), end=last, found=None, errors={})


@blueprint.post("/national")
def reconcile() -> AnyResponse | str | tuple[str, int]:
    """Show what differs, or give it as a workbook."""
    start, end = clock.today(), clock.today()
    try:
        asked = take(ReconcileForm(), request.form)
        start, end = asked["start"], asked["end"]
        files = chosen(request.files.getlist("files"))
        user_id = this_user().id
        forget_reads()
        handed = uploads.read_upload(files, user_id)
        theirs = reconciling.read(handed)
        with transaction():
            found = reconciling.reconcile(community_seen_by(this_user()), theirs, start, end)
    except (Invalid, TooMany) as refusal:
        errors = sentences(refusal) if isinstance(refusal, Invalid) else {"files": refusal.zh}
        return render_template("exchange/national.html", start=start, end=end, found=None, errors=errors), UNPROCESSABLE
    if asked["excel"]:
        return as_file(reconciling.as_workbook(found, start, end), f"reconcile-{start}-{end}.xlsx", MIME)
    return render_template("exchange/national.html", start=start, end=end, found=found, rows=len(theirs), errors={})
