"""The public check of a certificate: number and code together or nothing, and never more than what is needed to trust it."""

import hashlib

from flask import current_app, render_template, request

from timebank.access.masking import mask_name
from timebank.db import transaction
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.recognition import actions, seal
from timebank.recognition.schemas import CheckArgs, PaperForm
from timebank.recognition.views.shared import UNPROCESSABLE, blueprint

NOT_FOUND = 404


@blueprint.get("/check")
def check() -> str | tuple[str, int]:
    """Ask for number and check code, and answer."""
    asked = args(CheckArgs())
    if not asked["number"] and not asked["code"]:
        return render_template("recognition/check.html", number="", tried=False)
    return _answer(asked["number"], asked["code"])


@blueprint.get("/check/<number>/<code>")
def check_link(number: str, code: str) -> str | tuple[str, int]:
    """Answer the QR code of a certificate."""
    return _answer(number, code)


@blueprint.route("/check/paper", methods=["GET", "POST"])
def check_paper() -> str | tuple[str, int]:
    """Work out the digest of what somebody copied from a paper; nothing is looked up and nothing is kept."""
    if request.method == "GET":
        return render_template("recognition/check_paper.html", entered={}, errors={}, computed="")
    try:
        asked = take(PaperForm(), request.form)
    except Invalid as error:
        page = render_template("recognition/check_paper.html", entered=request.form, errors=sentences(error), computed="")
        return page, UNPROCESSABLE
    computed = seal.digest(asked["lines"].splitlines())
    return render_template(
        "recognition/check_paper.html",
        entered=request.form,
        errors={},
        computed=computed,
        fits=seal.same(asked["digest"], computed) if asked["digest"] else None,
    )


def _answer(number: str, code: str) -> str | tuple[str, int]:
    """Say what may be known of a certificate; the same for a wrong number and a wrong code."""
    with transaction():
        found = actions.check(number, code, _source())
        shown = found and {
            "name": mask_name(found.content["volunteer_name"]),
            "period_from": found.period_from,
            "period_to": found.period_to,
            "minutes": found.content["total_minutes"],
            "unit": found.content["unit"],
            "state": found.state.value if actions.is_whole(found) else "broken",
            "number": found.number,
        }
    if shown is None:
        return render_template("recognition/check.html", number=number, tried=True), NOT_FOUND
    return render_template("recognition/checked.html", shown=shown)


def _source() -> str:
    """Return a name for the reader's place on the network, from which the address cannot be read."""
    salted = f"{current_app.secret_key!r}check{request.remote_addr}"
    return hashlib.sha256(salted.encode()).hexdigest()[:16]
