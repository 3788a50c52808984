"""The public check of a certificate: number and code together or nothing, and never more than what is needed to trust it."""

import hashlib

from flask import current_app, render_template, request

from timebank.access.masking import mask_name
from timebank.db import transaction
from timebank.forms import args
from timebank.recognition import actions
from timebank.recognition.schemas import CheckArgs
from timebank.recognition.views.shared import blueprint

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
