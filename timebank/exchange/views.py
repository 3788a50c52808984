"""Pages of import: choose files, read what the check says row by row, then take them in; and blank templates."""

import io

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank.db import forget_reads, transaction
from timebank.errors import Invalid, TooMany
from timebank.exchange import queries, uploads
from timebank.exchange.columns import SHEETS, WORKBOOKS
from timebank.exchange.report import Report
from timebank.exchange.schemas import TakeInForm, chosen
from timebank.exchange.writing import write_workbook
from timebank.forms import take
from timebank.web import current_user, found, says, submitted

blueprint = Blueprint("exchange", __name__, url_prefix="/import")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def choose() -> str:
    """Show where files are chosen and blank templates are fetched."""
    return _choose_page("")


def _choose_page(error: str) -> str:
    """Return the page on which files are chosen."""
    return render_template("exchange/choose.html", workbooks=WORKBOOKS, error=error)


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
        return _choose_page(says(refusal.zh, refusal.en)), refusal.status
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
    workbook = found(next((each for each in WORKBOOKS if each.stem == stem), None))
    target = io.BytesIO()
    write_workbook(target, workbook, {})
    target.seek(0)
    return send_file(target, mimetype=XLSX, as_attachment=True, download_name=f"{workbook.title}.xlsx")
