"""The public check of a certificate: number and code together or nothing, and never more than what is needed to trust it."""

import hashlib
from datetime import date
from typing import Any

from flask import current_app, render_template, request

from timebank import clock
from timebank.access.masking import mask_name
from timebank.db import transaction
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.recognition import actions, queries, seal
from timebank.recognition.models import Certificate
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
        shown = found and _shown(found)
    if shown is None:
        return render_template("recognition/check.html", number=number, tried=True), NOT_FOUND
    return render_template("recognition/checked.html", shown=shown)


def _shown(certificate: Certificate) -> dict[str, Any]:
    """Return what anybody may read of a certificate; of a correction when and how many minutes, never what, whose door or why."""
    said, state = certificate.content, actions.standing(certificate)
    corrections = queries.corrections_since(certificate) if state == "corrected" else []
    return {
        "name": mask_name(said["volunteer_name"]),
        "period_from": certificate.period_from,
        "period_to": certificate.period_to,
        "issued_on": date.fromisoformat(said["issued_on"]),
        "minutes": said["total_minutes"],
        "visits": said["visit_count"],
        "unit": said["unit"],
        "state": state,
        "number": certificate.number,
        "corrections": [
            {"on": each.now.created_at.astimezone(clock.ZONE).date(), "then": each.then.minutes, "now": each.now.minutes}
            for each in sorted(corrections, key=lambda each: each.now.created_at)
        ],
        "minutes_now": said["total_minutes"] + sum(each.now.minutes - each.then.minutes for each in corrections),
        "visits_now": said["visit_count"] - sum(1 for each in corrections if not each.now.minutes),
    }


def _source() -> str:
    """Return a name for the reader's place on the network, from which the address cannot be read."""
    salted = f"{current_app.secret_key!r}check{request.remote_addr}"
    return hashlib.sha256(salted.encode()).hexdigest()[:16]
