"""表彰奖励, for the office: awards are noted, listed, and withdrawn for a reason."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.papers.answers import scope
from timebank.papers.schemas import ReasonForm
from timebank.places import queries as places
from timebank.stars import awards as noted
from timebank.stars import proposed
from timebank.stars.models import Award
from timebank.stars.schemas import AwardForm
from timebank.stars.views.shared import blueprint
from timebank.volunteers import queries as volunteers
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.route("/awards", methods=["GET", "POST"])
def awards() -> Page:
    """List the awards and ask for one to be noted."""
    if request.method == "GET":
        return _awards_page({})
    try:
        asked = take(AwardForm(), request.form)
        with submitted() as taken:
            volunteer = found(volunteers.volunteer_in(scope(), asked["volunteer"]))
            proposed.propose_award(volunteer, asked["name"], asked["day"], asked["given_by"], this_user())
            flash(_("已经提请，第二个人核准以后登记上，报送时才一起报。"), "done")
            return taken.redirect(url_for(".awards"))
    except Invalid as error:
        return _awards_page(sentences(error)), UNPROCESSABLE


@blueprint.post("/awards/<int:award_id>/withdraw")
def withdraw_award(award_id: int) -> Page:
    """Withdraw an award that was noted by mistake."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            noted.withdraw_award(_award(award_id), reason)
            return taken.redirect(url_for(".awards"))
    except Invalid as error:
        return _awards_page(sentences(error), wrong=award_id), UNPROCESSABLE


def _awards_page(errors: dict[str, str], *, wrong: int = 0) -> str:
    """Return the page of awards; ``wrong`` is the award whose form was refused."""
    community = places.community_seen_by(this_user())
    return render_template(
        "stars/awards.html",
        rows=noted.awards(community.id),
        people=[(each.id, each.name) for each in volunteers.volunteers(community.id)],
        given=request.form or {"day": clock.today().isoformat(), "given_by": community.issuer},
        errors=errors,
        wrong=wrong,
    )


def _award(award_id: int) -> Award:
    """Return an award the reader may see."""
    return found(next((each for each in noted.awards(scope()) if each.id == award_id), None))
