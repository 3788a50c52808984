"""Stars, the honour list and awards: the volunteer's phone page, the office's, and the list anybody may read."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import must_be_oneself, this_user
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.places import queries as places
from timebank.recognition import queries, stars
from timebank.recognition.models import Award, StarApplication, StarState
from timebank.recognition.schemas import AwardForm, DecisionForm, HonourForm, ReasonForm, RuleForm
from timebank.recognition.views.office import Page
from timebank.recognition.views.own import myself
from timebank.recognition.views.shared import UNPROCESSABLE, blueprint, me, scope
from timebank.volunteers.queries import volunteers
from timebank.web import found, submitted

STARS = ("one", "two", "three", "four", "five")


@blueprint.get("/my/stars")
def my_stars() -> str:
    """Show how far one is from the next star, one's applications, one's awards."""
    volunteer = myself()
    return render_template(
        "recognition/my_stars.html",
        volunteer=volunteer,
        now=stars.standing(volunteer),
        rule=stars.rule_of(volunteer.community_id),
        applications=stars.applications_of(volunteer),
        awards=[each for each in stars.awards_of(volunteer) if each.withdrawn_at is None],
        honoured=stars.on_honour_list(volunteer),
        slug=places.community_of(volunteer.community_id).slug,
    )


@blueprint.post("/my/stars")
def ask_for_star() -> AnyResponse:
    """Ask for the next star."""
    must_be_oneself()
    with submitted() as taken:
        asked = stars.ask(myself(), me())
        flash(_("已申请 %(level)s 星，服务站审核后结果写在这里。", level=asked.level), "done")
        return taken.redirect(url_for(".my_stars"))


@blueprint.post("/my/honour")
def set_honour() -> AnyResponse:
    """Agree to stand on the honour list, or take it back."""
    must_be_oneself()
    shown = take(HonourForm(), request.form)["shown"]
    with submitted() as taken:
        stars.set_honour(myself(), shown=shown)
        flash(_("已同意上光荣榜，随时可以收回。") if shown else _("已从光荣榜撤下。"), "done")
        return taken.redirect(url_for(".my_stars"))


@blueprint.get("/stars")
def star_list() -> str:
    """Show the applications to decide, who may apply, and what was decided."""
    return _stars_page({})


def _stars_page(errors: dict[str, str], *, wrong: int = 0) -> str:
    """Return the page of stars; ``wrong`` is the application whose form was refused."""
    community = places.community_seen_by(this_user())
    rule = stars.rule_of(community.id)
    set_now = dict(zip(STARS, rule.hours, strict=True)) | {"faults": rule.faults}
    return render_template(
        "recognition/stars.html",
        slug=community.slug,
        waiting=stars.applications(community.id, StarState.ASKED),
        near=stars.near(community.id),
        granted=stars.applications(community.id, StarState.GRANTED)[::-1],
        rule=rule,
        given=request.form if "one" in request.form else set_now,
        today=clock.today(),
        errors=errors,
        wrong=wrong,
    )


@blueprint.post("/stars/<int:application_id>")
def decide_star(application_id: int) -> Page:
    """Grant or decline a star."""
    try:
        asked = take(DecisionForm(), request.form)
        with submitted() as taken:
            stars.decide(_application(application_id), me(), grant=asked["grant"], reason=asked["reason"])
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error), wrong=application_id), UNPROCESSABLE


@blueprint.post("/stars/rule")
def set_star_rule() -> Page:
    """Set the hours of each star."""
    try:
        asked = take(RuleForm(), request.form)
        with submitted() as taken:
            community = places.community_seen_by(this_user())
            stars.propose_rule(community.id, [asked[name] for name in STARS], asked["faults"], me())
            flash(_("已经提请，第二个人核准以后，从下一次申请起按这个来。"), "done")
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error)), UNPROCESSABLE


@blueprint.get("/honours/<slug>")
def honours(slug: str) -> str:
    """Show the honour list of a community: only who agreed, only masked names."""
    place = found(next((each for each in places.communities() if each.slug == slug), None))
    return render_template("recognition/honours.html", place=place.name, rows=stars.honour_list(place.id))


@blueprint.route("/awards", methods=["GET", "POST"])
def awards() -> Page:
    """List the awards and note one."""
    if request.method == "GET":
        return _awards_page({})
    try:
        asked = take(AwardForm(), request.form)
        with submitted() as taken:
            volunteer = found(queries.volunteer_in(asked["volunteer"], scope()))
            stars.note_award(volunteer, asked["name"], asked["day"], asked["given_by"], me())
            flash(_("已登记。"), "done")
            return taken.redirect(url_for(".awards"))
    except Invalid as error:
        return _awards_page(sentences(error)), UNPROCESSABLE


@blueprint.post("/awards/<int:award_id>/withdraw")
def withdraw_award(award_id: int) -> Page:
    """Withdraw an award that was noted by mistake."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            stars.withdraw_award(_award(award_id), reason)
            return taken.redirect(url_for(".awards"))
    except Invalid as error:
        return _awards_page(sentences(error), wrong=award_id), UNPROCESSABLE


def _awards_page(errors: dict[str, str], *, wrong: int = 0) -> str:
    """Return the page of awards; ``wrong`` is the award whose form was refused."""
    community = places.community_seen_by(this_user())
    return render_template(
        "recognition/awards.html",
        rows=stars.awards(community.id),
        people=[(each.id, each.name) for each in volunteers(community.id)],
        given=request.form or {"day": clock.today().isoformat(), "given_by": community.issuer},
        errors=errors,
        wrong=wrong,
    )


def _application(application_id: int) -> StarApplication:
    """Return an application the reader may decide."""
    return found(stars.application_in(application_id, scope()))


def _award(award_id: int) -> Award:
    """Return an award the reader may see."""
    return found(next((each for each in stars.awards(scope()) if each.id == award_id), None))
