"""服务队: the teams of a community, who is in them and since when."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.volunteers import actions, queries
from timebank.volunteers.models import Team, TeamMember
from timebank.volunteers.schemas import JoinForm, ReasonForm, TeamForm
from timebank.volunteers.views.shared import blueprint, community_id, volunteer_or_404
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.route("/teams", methods=["GET", "POST"])
def teams() -> Page:
    """List the teams and found one."""
    if request.method == "GET":
        return _teams_page({})
    try:
        said = take(TeamForm(), request.form)
        with submitted() as taken:
            team = actions.add_team(community_id(), said["name"])
            return taken.redirect(url_for(".team", team_id=team.id))
    except Invalid as error:
        return _teams_page(sentences(error)), UNPROCESSABLE


def _teams_page(errors: dict[str, str]) -> str:
    """Return the list of teams."""
    rows = [(each, [member for member in each.members if member.left is None]) for each in queries.teams(community_id())]
    return render_template("volunteers/teams.html", rows=rows, given=request.form, errors=errors)


@blueprint.get("/teams/<int:team_id>")
def team(team_id: int) -> str:
    """Show who is in a team."""
    return _team_page(_team(team_id), {})


@blueprint.post("/teams/<int:team_id>/members")
def join_team(team_id: int) -> Page:
    """Note that a volunteer is in a team."""
    try:
        said = take(JoinForm(), request.form)
        with submitted() as taken:
            member = actions.join_team(_team(team_id), volunteer_or_404(said["volunteer"]), said["joined"], said["reason"])
            flash(_("%(name)s已入队。", name=member.volunteer.name), "done")
            return taken.redirect(url_for(".team", team_id=team_id))
    except Invalid as error:
        return _team_page(_team(team_id), sentences(error)), UNPROCESSABLE


@blueprint.route("/teams/<int:team_id>/members/<int:member_id>/leave", methods=["GET", "POST"])
def leave_team(team_id: int, member_id: int) -> Page:
    """Ask why a volunteer leaves a team, and note it."""
    if request.method == "GET":
        return _leave_page(team_id, member_id, {})
    try:
        said = take(ReasonForm(), request.form)
        with submitted() as taken:
            member = _member(team_id, member_id)
            actions.leave_team(member, said["reason"])
            flash(_("%(name)s已离队，以前的月份照旧算在队里。", name=member.volunteer.name), "done")
            return taken.redirect(url_for(".team", team_id=team_id))
    except Invalid as error:
        return _leave_page(team_id, member_id, sentences(error)), UNPROCESSABLE


def _leave_page(team_id: int, member_id: int, errors: dict[str, str]) -> str:
    """Return the form that asks why somebody leaves."""
    member = _member(team_id, member_id)
    return render_template(
        "volunteers/leave.html",
        team=member.team,
        member=member,
        from_day=member.left or actions.leaves_from(member),
        given=request.form,
        errors=errors,
    )


def _member(team_id: int, member_id: int) -> TeamMember:
    """Return a membership of a team the reader may see."""
    return found(next((each for each in _team(team_id).members if each.id == member_id), None))


def _team_page(shown: Team, errors: dict[str, str]) -> str:
    """Return the page of a team."""
    inside = {each.volunteer_id for each in shown.members if each.left is None}
    others = [(each.id, each.name) for each in queries.volunteers(shown.community_id) if each.id not in inside]
    return render_template(
        "volunteers/team.html",
        team=shown,
        members=sorted(shown.members, key=lambda each: (each.left is not None, each.volunteer.sort_key, each.id)),
        others=others,
        given=request.form or {"joined": clock.today().isoformat()},
        errors=errors,
    )


def _team(team_id: int) -> Team:
    """Return a team the reader may see."""
    return found(queries.team_in(community_id(), team_id))
