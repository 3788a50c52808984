"""红色管家、队长、楼长和食堂: who looks after which compound, team, building or canteen, and therefore sees it."""

from collections.abc import Sequence

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank.access.models import Role, User
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.places import queries as places
from timebank.volunteers import actions, queries, sight
from timebank.volunteers.schemas import ChargeForm, LeadForm
from timebank.volunteers.views.shared import blueprint, community_id
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.route("/leads", methods=["GET", "POST"])
def leads() -> Page:
    """List who looks after what, and add somebody."""
    if request.method == "GET":
        return _leads_page({})
    try:
        said = take(LeadForm(), request.form)
        with submitted() as taken:
            lead = actions.add_lead(community_id(), said["phone"], said["name"], said["role"])
            return taken.redirect(url_for(".lead", user_id=lead.id))
    except Invalid as error:
        return _leads_page(sentences(error)), UNPROCESSABLE


def _leads_page(errors: dict[str, str]) -> str:
    """Return the list."""
    leads = sight.leads(community_id())
    things = sight.things_by_user([each.id for each in leads])
    rows = [(each, role_word(each.role), [sight.name_of(thing) for thing in things[each.id]]) for each in leads]
    roles = [(role.value, role_word(role)) for role in sight.PARTIAL]
    return render_template("volunteers/leads.html", rows=rows, roles=roles, given=request.form, errors=errors)


def role_word(role: Role) -> str:
    """Return what a role is called on these pages."""
    words: dict[Role, str] = {
        Role.STEWARD: _("红色管家"),
        Role.TEAM_LEAD: _("队长"),
        Role.BUILDING_LEAD: _("楼长"),
        Role.CANTEEN: _("食堂"),
    }
    return words[role]


@blueprint.route("/leads/<int:user_id>", methods=["GET", "POST"])
def lead(user_id: int) -> Page:
    """Show what somebody looks after, with everything they could, and take what was ticked."""
    shown: User = found(sight.lead_in(community_id(), user_id))
    if request.method == "GET":
        return _lead_page(shown)
    ticked = set(take(ChargeForm(), request.form)["thing"])
    chosen = [each for each in _things(shown.role) if each.id in ticked]
    with submitted() as taken:
        actions.look_after(shown, found(chosen if len(chosen) == len(ticked) else None))
        flash(_("已记下，%(name)s 打开“今天”就只看到这些。", name=shown.shown_name), "done")
        return taken.redirect(url_for(".leads"))


def _things(role: Role) -> Sequence[sight.Thing]:
    """Return everything of the community that a role could look after."""
    if role is Role.STEWARD:
        return places.compounds(community_id())
    if role is Role.TEAM_LEAD:
        return queries.teams(community_id())
    return places.buildings(community_id()) if role is Role.BUILDING_LEAD else places.canteens(community_id())


def _lead_page(shown: User) -> str:
    """Return the page of one person."""
    mine = {each.id for each in sight.things_of(shown)}
    things = [(each.id, sight.name_of(each), each.id in mine) for each in _things(shown.role)]
    return render_template("volunteers/lead.html", lead=shown, role=shown.role, word=role_word(shown.role), things=things)
