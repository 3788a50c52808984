"""What publishing would change, the button that sends it, and how far it is."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.db import db
from timebank.forms import args, take
from timebank.leafing import leaf_of
from timebank.planning import handing, queries
from timebank.planning.actions import publishing
from timebank.planning.models import Publication
from timebank.planning.naming import Names
from timebank.planning.schemas import PublishForm, WeekArgs
from timebank.planning.views.shared import blueprint, my_community
from timebank.planning.views.week import dropped, head, unsent
from timebank.web import found, submitted

Page = AnyResponse | str
LINES = 60
"""So many lines stand on one page."""
AT_ONCE = 200
"""So many changes are sent while whoever pressed waits; more are a job."""


@blueprint.get("/plan/diff")
def diff() -> str:
    """Show what publishing would change: who takes over what from whom, what moves, what is new."""
    community = my_community()
    asked = args(WeekArgs())
    monday = asked["week"] or clock.monday_of(clock.today())
    seen = queries.glance(found(queries.plan_of(community.id, monday)))
    changed = unsent(seen, Names(community.id))
    shown = leaf_of(changed["sending"], asked["page"], LINES)
    return render_template(
        "planning/diff.html",
        community=community.name,
        **head(monday, seen.plan),
        **changed,
        shown=[handing.line(each) for each in shown.rows],
        left=[handing.line(each) for each in changed["stuck"][:LINES]],
        page=shown.page,
        pages=shown.pages,
        page_href=lambda number: url_for(".diff", week=clock.week_name(monday), page=number),
        dropped=dropped(seen),
    )


@blueprint.post("/plan/publish")
def publish() -> AnyResponse:
    """Send what has changed, if the plan is still the one the reader saw; a whole street's week goes out while the reader waits elsewhere."""
    asked = take(PublishForm(), request.form)
    plan = found(queries.plan_of(my_community().id, asked["week"]))
    with submitted() as taken:
        begun = publishing.begin(plan, asked["version"])
        db.session.flush()
        number = begun.id
        answer = taken.redirect(url_for(".week", week=request.form["week"]))
    publishing.run(number, most=AT_ONCE)
    if begun.ended_at is None:
        return redirect(url_for(".publication", publication_id=number), 303)
    _say_gone_out(begun)
    return answer


def _say_gone_out(done: Publication) -> None:
    """Say in the next page's banner who hears of what has gone out."""
    flash(_("已发布，%(count)s 人会收到消息。", count=done.touched), "done")


@blueprint.get("/plan/publications/<int:publication_id>")
def publication(publication_id: int) -> Page:
    """Show how far a publication is; one that is done leads back to its week and says who hears of it."""
    community = my_community()
    shown = found(queries.publication(community.id, publication_id))
    if shown.ended_at is not None:
        _say_gone_out(shown)
        return redirect(url_for(".week", week=clock.week_name(shown.plan.week)), 303)
    return render_template(
        "planning/publication.html",
        community=community.name,
        **head(shown.plan.week, shown.plan),
        shown=shown,
        version=shown.plan.version,
        lost=publishing.is_lost(shown),
    )
