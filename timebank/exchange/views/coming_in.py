"""Pages of import: choose files, read what the check says row by row, then take them in; and blank templates."""

import io

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank.db import forget_reads, transaction
from timebank.errors import Invalid, TooMany
from timebank.excel import MIME
from timebank.exchange import queries, undoing, uploads
from timebank.exchange.columns import EVERY_BOOK, SHEETS
from timebank.exchange.models import ImportBatch
from timebank.exchange.report import Report
from timebank.exchange.schemas import TakeInForm, chosen
from timebank.exchange.views.shared import as_file, blueprint
from timebank.exchange.writing import write_workbook
from timebank.forms import take
from timebank.oversight import words
from timebank.places import tenancy
from timebank.web import current_user, found, submitted, voiced


@blueprint.get("")
def choose() -> str:
    """Show where files are chosen and blank templates are fetched."""
    return _choose_page("")


def _choose_page(error: str) -> str:
    """Return the page on which files are chosen."""
    past = queries.imports(queries.community_of(current_user()))
    return render_template("exchange/choose.html", workbooks=EVERY_BOOK, error=error, past=past, can_be_undone=undoing.can_be_undone)


@blueprint.post("")
def check() -> AnyResponse | tuple[str, int]:
    """Check the chosen files and lead on to what was found; a check changes nothing, so it may be made twice."""
    user = current_user()
    user_id = user.id
    queries.community_of(user)
    try:
        files = chosen(request.files.getlist("files"))
        # Other people's pages are not to wait for a connection meanwhile.
        forget_reads()
        handed = uploads.read_upload(files, user_id)
    except (Invalid, TooMany) as refusal:
        return _choose_page(voiced(refusal.words)), refusal.status
    # Not counted by the form's key: other files chosen after going back are another check.
    with transaction():
        user = current_user()
        token = uploads.check_upload(handed, user, queries.community_of(user)).token
    return redirect(url_for(".report", token=token), 303)


@blueprint.get("/<token>")
def report(token: str) -> str:
    """Show what a check or an import found."""
    upload = found(queries.upload_of(token, current_user()))
    read = Report.from_kept(upload.report)
    return render_template("exchange/report.html", upload=upload, report=read, sheets=SHEETS, all_problems=upload.report["all_problems"])


@blueprint.post("/<token>")
def take_in(token: str) -> AnyResponse:
    """Take in the files of a check."""
    said = take(TakeInForm(), request.form)
    with submitted() as form:
        upload = found(queries.upload_of(token, current_user()))
        uploads.take_in_upload(upload, **said)
        return form.redirect(url_for(".report", token=token))


@blueprint.get("/templates/<stem>.xlsx")
def template(stem: str) -> AnyResponse:
    """Hand out one of the four workbooks, blank."""
    workbook = found(next((each for each in EVERY_BOOK if each.stem == stem), None))
    target = io.BytesIO()
    write_workbook(target, workbook, {})
    return as_file(target.getvalue(), f"{workbook.title}.xlsx", MIME)


@blueprint.get("/past/<int:import_id>")
def past(import_id: int) -> str:
    """Show an import, and what became of it when it was taken back."""
    batch = _past_of(import_id)
    return render_template(
        "exchange/past.html", batch=batch, outcome=undoing.Outcome.of(batch), can=undoing.can_be_undone(batch), things=words.THINGS
    )


def _past_of(import_id: int) -> ImportBatch:
    """Return an import of the community that is looked at, or of none as yet."""
    user = current_user()
    batch = found(queries.import_of(import_id, queries.community_of(user)))
    return found(batch if batch.community_id in {None, tenancy.community_seen_by(user).id} else None)


@blueprint.post("/past/<int:import_id>/undo")
def undo(import_id: int) -> AnyResponse:
    """Take an import back."""
    with submitted() as form:
        undoing.undo(_past_of(import_id), current_user())
        return form.redirect(url_for(".past", import_id=import_id))
