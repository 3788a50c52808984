"""The frame of every page: which places a reader can go to, how many things wait there, and the page of the kit in the demo."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from timebank.access.guards import may, signed_in
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.errors import NotFound
from timebank.family.views import family
from timebank.office import queries as office
from timebank.phone.views import phone
from timebank.places import tenancy
from timebank.places.models import Community
from timebank.planning import cover
from timebank.streets.front import front
from timebank.visits import registers
from timebank.volunteers.queries import volunteer_of
from timebank.volunteers.sight import sight_of
from timebank.web import LARGEST, settings

blueprint = Blueprint("frame", __name__)
OWN = ("books.my_", "certificates.my_", "stars.my_", "records.my_", "own_time.", "account.own", "oversight.mine")
ELDERS = {"people.elder", "people.pause", "people.set_state"}
VOLUNTEERS = {"people.volunteers", "people.volunteer"}


def init_app(app: Flask) -> None:
    """Give every page its frame, and every form the community it was shown for."""
    app.context_processor(_frame)
    app.add_template_global(looked_at)
    app.before_request(_go_where_the_form_is)


def looked_at() -> int | None:
    """Return the community looked at by somebody who has several to choose from; nothing for whoever has one."""
    user = signed_in()
    community = _community(user) if user is not None and user.role in tenancy.SEVERAL else None
    return community.id if community is not None else None


def _go_where_the_form_is() -> None:
    """Look again at the community a form was shown for, when another was chosen since: nothing goes into the wrong books, or is lost."""
    user = signed_in()
    shown_for = request.form.get("_at", type=int) if request.method == "POST" and request.endpoint != "streets.look_at" else None
    other = db.session.get(Community, shown_for) if shown_for is not None and shown_for <= LARGEST else None
    if user is None or other is None or other.id == looked_at() or not tenancy.is_open_to(user, other) or not may("streets.look_at"):
        return
    with transaction():
        tenancy.look_at(user, other)
    g.pop("community")
    flash(_("这张表是%(where)s的，已经换回%(where)s。", where=other.name), "news")


@blueprint.get("/kit")
def kit() -> str:
    """Show every part pages are made of; only the demo has this page."""
    if not settings().demo:
        abort(404)
    return render_template("kit.html")


def _frame() -> dict[str, Any]:
    """Return the places of whoever is signed in, and the name of their community."""
    user = signed_in()
    if user is None:
        return _looks() | ({"front": front()} if request.endpoint == "access.home" else {})
    if user.role is Role.VOLUNTEER:
        return _of_volunteer(user)
    community = _community(user)
    name = community.name if community else None
    if user.role is Role.FAMILY:
        return _looks() | {"community": name}
    several = tenancy.communities_open_to(user) if may("streets.look_at") else []
    above = (request.endpoint or "").startswith("streets.")
    return {
        "community": name,
        "open_to": several if len(several) > 1 else [],
        "looked_at": None if above else community,
        "nav": _places(None if above else community, user),
        "search_href": url_for("people.search") if may("people.search") else None,
    }


def _looks() -> dict[str, Any]:
    """Return what the frame for elders needs; nothing while the database cannot be asked, for the page says so."""
    try:
        return family.looks()
    except SQLAlchemyError:
        db.session.rollback()
        return {}


def _community(user: User) -> Community | None:
    """Return a user's community, nothing before there is one; asked once for a page."""
    if "community" not in g:
        try:
            g.community = tenancy.community_seen_by(user)
        except NotFound:
            g.community = None
    community: Community | None = g.community
    return community


def _of_volunteer(user: User) -> dict[str, Any]:
    """Return the tab bar of a volunteer's phone."""
    volunteer = volunteer_of(user)
    if volunteer is None:
        return {}
    endpoint = request.endpoint or ""
    current = "phone.mine" if endpoint.startswith(OWN) else endpoint
    community = db.session.get(Community, volunteer.community_id)
    here = {"community": community.name, "station_phone": community.phone} if community else {}
    return {"tabs": phone.tabs(current, volunteer), **here}


def _places(community: Community | None, user: User) -> list[dict[str, Any]]:
    """Return the places of the office that this reader may open, with what waits there; the page of a refusal counts nothing."""
    section = _section(request.endpoint or "")
    opened, undecided = _numbers(community)
    words = (
        ("streets.overview", _("街道"), "streets"),
        ("today.today", _("今天"), "today"),
        ("planning.week", _("周计划"), "week"),
        ("requests.inbox", _("求助"), "requests"),
        ("cases.index", _("接件"), "cases"),
        ("elders.index", _("老人"), "elders"),
        ("people.volunteers", _("志愿者"), "volunteers"),
        ("posts.index", _("岗位"), "posts"),
        ("stations.index", _("服务站点"), "stations"),
        ("books.books", _("账与证"), "books"),
        ("oversight.trail", _("查账"), "oversight"),
        ("exchange.choose", _("导入"), "exchange"),
        ("notices.outbox", _("消息"), "notices"),
        ("office.first_day", _("设置") if opened else _("开张"), "office"),
    )
    counted = {} if g.get("refused") else {"requests": undecided, "today": _nobody(community, user)}
    return [
        {"href": url_for(endpoint), "word": word, "count": counted.get(key, 0), "urgent": key == "today", "current": key == section}
        for endpoint, word, key in words
        if may(endpoint)
    ]


def _section(endpoint: str) -> str:
    """Return the place a page belongs to."""
    if endpoint in ELDERS:
        return "elders"
    if endpoint in VOLUNTEERS:
        return "volunteers"
    if endpoint == "office.friday":
        return "week"
    room = endpoint.split(".", maxsplit=1)[0]
    return {
        "duty_desk": "posts",
        "planning": "week",
        "certificates": "books",
        "stars": "books",
        "reports": "books",
        "records": "books",
        "proposals": "books",
        "credit": "books",
        "late_meals": "requests",
        "shopping": "requests",
    }.get(room, room)


def _nobody(community: Community | None, user: User) -> int:
    """Return how many things of today, of those the reader sees, nobody is going to do; a kitchen is not told."""
    return cover.count(community.id, sight_of(user)) if community and may("today.tomorrow") else 0


def _numbers(community: Community | None) -> tuple[bool, int]:
    """Return whether a community has opened and how many requests wait for somebody to decide, in one read."""
    if community is None:
        return False, 0
    opened, undecided = db.session.execute(select(office.published(community.id), registers.undecided(community.id))).one()
    return bool(opened), int(undecided)
