"""岗位, for the office: the list, a post with the rota of its week and its streak, its shifts and who holds them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.leafing import leaf_of
from timebank.places import queries as places
from timebank.places.models import Station
from timebank.posts import actions, queries
from timebank.posts.actions import About
from timebank.posts.models import Post
from timebank.posts.schemas import ListArgs, PostForm, ShiftForm, WeekArgs, WhoForm
from timebank.volunteers import queries as volunteers
from timebank.volunteers.sight import sight_of
from timebank.web import UNPROCESSABLE, Page, found, listed, submitted

blueprint = Blueprint("posts", __name__, url_prefix="/posts")
SHOWN = 40


def community_id() -> int:
    """Return the community whose posts the reader sees."""
    return places.community_seen_by(this_user()).id


def post_or_404(post_id: int) -> Post:
    """Return a post the reader may see."""
    post: Post = found(queries.post_in(community_id(), post_id))
    return found(post if queries.concerns(sight_of(this_user()), post) else None)


@blueprint.get("")
def index() -> str:
    """List the posts: all, those with free places, those this week lacks somebody at, or those that are over."""
    sight = sight_of(this_user())
    if sight.is_nothing:
        return render_template("today/no_part.html", role=this_user().role)
    asked = args(ListArgs())
    rows = queries.posts(community_id(), asked["q"], free=asked["show"] == "free", over=asked["show"] == "over", sight=sight)
    if asked["show"] == "missing":
        rows = [row for row in rows if row.missing]
    shown = leaf_of(rows, asked["page"], SHOWN)
    return render_template(
        "posts/index.html",
        rows=shown.rows,
        total=shown.count,
        free=sum(row.free for row in rows),
        missing=sum(row.missing for row in rows),
        asked=asked,
        page=shown.page,
        pages=shown.pages,
        part=sight.names,
        rota=rota_words,
        href=lambda number: url_for(".index", q=asked["q"] or None, show=asked["show"], page=number),
    )


def weekday_names() -> list[str]:
    """Return the names of the weekdays from Monday on."""
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]


def rota_words(post: Post) -> str:
    """Return a post's week in a few words: the weekdays of each stretch."""
    spans: dict[tuple[int, int], list[int]] = {}
    for each in queries.in_force(post):
        spans.setdefault((each.start, each.until), []).append(each.weekday)
    return str(gettext("；")).join(
        f"{_weekday_words(days)} {clock.hhmm(start)}–{clock.hhmm(until)}" for (start, until), days in sorted(spans.items())
    )


def _weekday_words(days: list[int]) -> str:
    """Return some weekdays in words."""
    if sorted(days) == list(range(7)):
        return str(_("每天"))
    if sorted(days) == list(range(5)):
        return str(_("周一到周五"))
    names = weekday_names()
    return listed(names[each] for each in sorted(days))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Write a post down."""
    if request.method == "GET":
        return _form(None, {})
    try:
        said = take(PostForm(), request.form)
        with submitted() as taken:
            post = actions.add_post(community_id(), _about(said), this_user())
            flash(_("岗位建好了。接着排它每周的班。"), "done")
            return taken.redirect(url_for(".show", post_id=post.id, _anchor="shifts"))
    except Invalid as error:
        return _form(None, sentences(error)), UNPROCESSABLE


@blueprint.route("/<int:post_id>/edit", methods=["GET", "POST"])
def edit(post_id: int) -> Page:
    """Change what a post is."""
    if request.method == "GET":
        return _form(post_or_404(post_id), {})
    try:
        said = take(PostForm(), request.form)
        with submitted() as taken:
            actions.edit_post(post_or_404(post_id), _about(said))
            flash(_("已存好。"), "done")
            return taken.redirect(url_for(".show", post_id=post_id))
    except Invalid as error:
        return _form(post_or_404(post_id), sentences(error)), UNPROCESSABLE


def _about(said: dict[str, Any]) -> About:
    """Return what a form says of a post."""
    mine = community_id()
    building = next((each for each in places.buildings(mine) if each.id == said["building"]), None)
    stations = select(Station).where(Station.community_id == mine, Station.id == said["station"])
    return About(
        name=said["name"],
        kind=found(db.session.get(ServiceKind, said["kind"])),
        place=said["place"],
        building=building,
        station=None if building else db.session.scalar(stations),
        workdays_only=said["workdays_only"],
        earlier_days=said["earlier_days"],
        first_day=said["first_day"],
        last_day=said["last_day"],
        note=said["note"],
    )


def _form(post: Post | None, errors: dict[str, str]) -> str:
    """Return the form of a post as it was typed, else as it is."""
    mine = community_id()
    kinds = db.session.scalars(
        select(ServiceKind)
        .where(ServiceKind.enabled, ServiceKind.from_canteen.is_(False))
        .order_by(ServiceKind.at_door, ServiceKind.position)
    )
    return render_template(
        "posts/form.html",
        post=post,
        given=request.form or _as_it_is(post),
        errors=errors,
        kinds=list(kinds),
        buildings=places.buildings(mine),
        stations=db.session.scalars(select(Station).where(Station.community_id == mine).order_by(Station.name)).all(),
    )


def _as_it_is(post: Post | None) -> dict[str, Any]:
    """Return a post as its form shows it; of a new one, that it begins today."""
    if post is None:
        return {"first_day": clock.today().isoformat(), "workdays_only": ""}
    named = post.building.compound.name + " " + post.building.name if post.building else post.station.name if post.station else ""
    return {
        "name": post.name,
        "kind": post.kind_id,
        "building": post.building_id or "",
        "station": post.station_id or "",
        "place": post.place.removeprefix(named).strip(),
        "workdays_only": "1" if post.workdays_only else "",
        "earlier_days": post.earlier_days or "",
        "first_day": post.first_day.isoformat(),
        "last_day": post.last_day.isoformat() if post.last_day else "",
        "note": post.note,
    }


@blueprint.get("/<int:post_id>")
def show(post_id: int) -> str:
    """Show a post with the rota of a week, who holds which shift, and its streak."""
    return _page(post_or_404(post_id), {})


def _page(post: Post, errors: dict[str, str]) -> str:
    """Return the page of a post, with what was wrong in a form on it."""
    monday = clock.monday_of(args(WeekArgs())["week"] or clock.today())
    week = queries.week_of(post, monday)
    return render_template(
        "posts/post.html",
        post=post,
        monday=monday,
        before=monday - queries.WEEK,
        after=monday + queries.WEEK,
        days=[(monday + timedelta(days=number), [turn for turn in week if turn.day.weekday() == number]) for number in range(7)],
        shifts=queries.in_force(post),
        streak=queries.streak(post),
        people=volunteers.volunteers(post.community_id) if errors or request.args.get("claim") else [],
        weekdays=weekday_names(),
        today=clock.today(),
        claiming=request.args.get("claim", ""),
        given=request.form,
        errors=errors,
    )


@blueprint.post("/<int:post_id>/shifts")
def add_shifts(post_id: int) -> Page:
    """Add a stretch to some weekdays of the rota."""
    try:
        said = take(ShiftForm(), request.form)
        with submitted() as taken:
            span = (said["start"] or 0, said["until"] or 0)
            made = actions.add_shifts(post_or_404(post_id), said["weekdays"], span, said["least"], said["wanted"] or said["least"])
            flash(_("排好了，一周 %(count)s 班，这两周的都列出来了。", count=len(made)), "done")
            return taken.redirect(url_for(".show", post_id=post_id))
    except Invalid as error:
        return _page(post_or_404(post_id), sentences(error)), UNPROCESSABLE


@blueprint.post("/<int:post_id>/shifts/<int:shift_id>/drop")
def drop_shift(post_id: int, shift_id: int) -> AnyResponse:
    """Take a shift off the rota."""
    with submitted() as taken:
        off = actions.drop_shift(found(queries.shift_in(community_id(), shift_id)))
        flash(_("这一班不再排了，取消了 %(count)s 个还没开始的名额，有人的都会收到消息。", count=len(off)), "done")
        return taken.redirect(url_for(".show", post_id=post_id))


@blueprint.post("/<int:post_id>/claims")
def claim(post_id: int) -> Page:
    """Write down at the desk that somebody takes a place of a shift for every week."""
    try:
        said = take(WhoForm(), request.form)
        with submitted() as taken:
            shift = found(queries.shift_in(community_id(), said["shift"]))
            who = found(volunteers.volunteer_in(community_id(), said["volunteer"]))
            actions.claim_shift(shift, who, this_user())
            flash(_("记下了，%(who)s每周都来这一班。", who=who.name), "done")
            return taken.redirect(url_for(".show", post_id=post_id))
    except Invalid as error:
        return _page(post_or_404(post_id), sentences(error)), UNPROCESSABLE


@blueprint.post("/<int:post_id>/claims/<int:claim_id>/end")
def end_claim(post_id: int, claim_id: int) -> AnyResponse:
    """Write down that somebody does not come every week any more."""
    with submitted() as taken:
        gone = actions.end_claim(found(queries.claim_in(community_id(), claim_id)))
        flash(_("记下了，空出 %(count)s 次还没开始的班。", count=len(gone)), "done")
        return taken.redirect(url_for(".show", post_id=post_id))
