"""日历订阅: the pages that make and end the addresses of calendars, and the address itself, open to whoever has its secret."""

import hashlib
from typing import Any, cast

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.access.models import Role
from timebank.feeds import actions, calendar, events, queries
from timebank.feeds.models import Feed, Thing
from timebank.feeds.schemas import MakeForm
from timebank.forms import take
from timebank.outside import outside
from timebank.phone.views.phone import me, show
from timebank.sentences import Sentence
from timebank.web import found, submitted, voiced

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/feeds/<secret>.ics")
def calendar_of(secret: str) -> AnyResponse:
    """Give a calendar, and nothing (304) to whoever has it as it is now."""
    feed = found(queries.feed_of(secret))
    g.locale = feed.maker.locale
    written = calendar.written(_name(feed), events.of(feed), english=feed.maker.locale == "en")
    answer = Response(written, content_type="text/calendar; charset=utf-8")
    answer.set_etag(hashlib.sha256(written).hexdigest()[:32])
    return answer.make_conditional(request)


def _name(feed: Feed) -> str:
    """Return what a calendar is called; one's own does not carry one's name."""
    return voiced(Sentence("我的志愿服务")) if feed.volunteer_id else feed.about.name


def _rows(rows: list[Feed]) -> list[dict[str, Any]]:
    """Return some feeds with their addresses, as pages show them."""
    found_rows = []
    for each in rows:
        path = url_for("feeds.calendar_of", secret=each.secret)
        address = f"{outside.address}{path}"
        found_rows.append({"feed": each, "name": _name(each), "address": address, "open": f"webcal://{address.split('//', 1)[1]}"})
    return found_rows


@blueprint.get("/feeds")
def index() -> str:
    """List the teams and stations one may make a calendar of, and the addresses there are."""
    user = this_user()
    return render_template(
        "feeds/index.html",
        feeds=_rows([each for each in queries.feeds_of(user) if each.volunteer_id is None]),
        teams=queries.teams_for(user),
        stations=queries.stations_for(user),
        leads=user.role is Role.TEAM_LEAD,
    )


@blueprint.post("/feeds")
def make() -> AnyResponse:
    """Make an address for the calendar of a team or a station."""
    said = take(MakeForm(), request.form)
    with submitted() as taken:
        user = this_user()
        thing = cast("Thing", found(queries.thing_for(user, said["kind"], said["number"])))
        actions.make(thing, user)
        return taken.redirect(url_for(".index"))


@blueprint.post("/feeds/<int:feed_id>/end")
def end(feed_id: int) -> AnyResponse:
    """End an address at once."""
    with submitted() as taken:
        feed = found(queries.own_feed(this_user(), feed_id))
        actions.end(feed)
        return taken.redirect(url_for(".mine" if feed.volunteer_id else ".index"))


@blueprint.get("/phone/calendar")
def mine() -> str:
    """Show the addresses of one's own calendar."""
    volunteer = me()
    rows = [each for each in queries.feeds_of(this_user()) if each.volunteer_id == volunteer.id]
    return show("feeds/mine.html", volunteer, feeds=_rows(rows), back_href=url_for("phone.mine"))


@blueprint.post("/phone/calendar")
def make_mine() -> AnyResponse:
    """Make an address for one's own calendar."""
    with submitted() as taken:
        actions.make(me(), this_user())
        return taken.redirect(url_for(".mine"))
