"""What a volunteer's phone needs without a network: what it keeps, under which keys, the page it falls back on, and what did not fit."""

import hashlib
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, render_template, request, send_from_directory, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import signed_in, this_session
from timebank.access.models import Role
from timebank.paths import PACKAGE
from timebank.phone.views.phone import me
from timebank.sealed import mark_of, sealer
from timebank.visits.actions import mismatching
from timebank.visits.mismatches import mismatch_of
from timebank.web import asset, found, settings, submitted

blueprint = Blueprint("offline", __name__, url_prefix="/phone")
FILES = ("timebank.css", "icons.svg", "mark.svg", "forms.js", "phone.js", "offline.js", "worker.js")
GROUND, PINE = "#F6F3EC", "#16453B"


@blueprint.app_context_processor
def _for_pages() -> dict[str, Any]:
    """Let a volunteer's page say what the phone keeps."""
    return {"phone_keeps": phone_keeps}


def phone_keeps() -> dict[str, str] | None:
    """Return what a volunteer's own phone needs to keep its day: marks and keys of the session and of the person; nothing for anybody else.

    The day is sealed with the session's key and ends with the session. Taps that wait are sealed with the person's: they can be read,
    and sent, only while that very person is signed in, with this session or with a later one.
    """
    user, session = signed_in(), this_session()
    if user is None or session is None or user.role is not Role.VOLUNTEER or request.endpoint == "offline.shell":
        return None
    of_session, of_person = f"session {session.id} {session.token_hash}", f"person {user.id}"
    return {
        "session": mark_of(of_session),
        "person": mark_of(of_person),
        "session_key": sealer.key_for(of_session),
        "person_key": sealer.key_for(of_person),
        "now": f"{clock.now().timestamp():.3f}",
        "until": f"{clock.at(clock.today(), 24 * 60).timestamp():.0f}",
        "worker": url_for("offline.worker", v=_version()),
    }


def _version() -> str:
    """Return a mark of all the files a phone keeps: with another one it fetches them anew."""
    return hashlib.sha256("".join(asset(each) for each in FILES).encode()).hexdigest()[:12]


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Say how the pages of a volunteer are put on the first screen of a phone."""
    answer = jsonify(
        name=settings().product_name,
        short_name=settings().product_name,
        lang="zh-CN",
        start_url=url_for("phone.today"),
        scope=url_for("phone.today"),
        display="standalone",
        background_color=GROUND,
        theme_color=PINE,
        icons=[{"src": asset("app.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
    )
    answer.content_type = "application/manifest+json"
    return answer


@blueprint.get("/worker.js")
def worker() -> Response:
    """Give the worker that answers a page without a network; it stands before the pages of volunteers only."""
    answer = send_from_directory(PACKAGE / "static", "worker.js")
    answer.headers["Service-Worker-Allowed"] = url_for("phone.today")
    return answer


@blueprint.get("/without-network")
def shell() -> Response:
    """Give the page that opens without a network; it holds nobody's data, the phone fills in what it has kept."""
    return make_response(render_template("phone/shell.html"))


@blueprint.post("/mismatches/<int:mismatch_id>/insist")
def insist(mismatch_id: int) -> AnyResponse:
    """Say that a tap which did not fit is true all the same."""
    with submitted() as taken:
        mismatching.insist(found(mismatch_of(me(), mismatch_id)))
        flash(_("记下了。两条都留着，协调员会打给你。"), "done")
        return taken.redirect(url_for("phone.today"))
