"""Stars and the honour list: the volunteer's phone page, the office's steps, and what anybody may read."""

from datetime import timedelta

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.hours import hours_text
from timebank.papers.answers import scope
from timebank.phone.views.alarm_cards import OwnLine, own_lines
from timebank.places import queries as places
from timebank.records import totals as queries
from timebank.stars import awards, publicity, reviews
from timebank.stars import standing as stars
from timebank.stars.models import StarApplication, StarObjection, StarReview, StarState
from timebank.stars.schemas import BarForm, DecisionForm, HonourForm, ReviewForm, RuleForm, StarAnswerForm, StarObjectionForm, StarStep
from timebank.stars.views.shared import blueprint
from timebank.today.views.waiting import Waiting, waiting_above
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.volunteers.own import myself
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


def _fallen(community_id: int) -> Waiting:
    """Return how many stars wait for a decision because the hours behind them have fallen."""
    count = len(reviews.reviews(community_id))
    return count, "star", _("%(count)s 位志愿者的小时不够星级了，等你定", count=count), "stars.star_list"


def _star_steps(community_id: int) -> Waiting:
    """Return how many applications wait for the reader: to be made public, or to be granted after their publicity."""
    public = stars.applications(community_id, StarState.PUBLISHED)
    ripe = sum(1 for each in public if publicity.why_not_grant(each, this_user()) is None)
    count = ripe + len(stars.applications(community_id, StarState.ASKED))
    return count, "star", _("%(count)s 份星级申请等你办", count=count), "stars.star_list"


waiting_above.extend((_fallen, _star_steps))


def _own_line(volunteer: Volunteer) -> OwnLine:
    """Return this month's hours of a volunteer and how far the next star is."""
    now, today = stars.standing(volunteer), clock.today()
    minutes = queries.minutes_of(volunteer, today.replace(day=1), today + timedelta(days=1))
    if now.next_hours is None:
        text = _("五颗星都有了。")
    elif now.may_apply:
        text = _("%(star)s 星的小时够了，可以申请", star=now.level + 1)
    else:
        text = _("离 %(star)s 星还差 %(hours)s 小时", star=now.level + 1, hours=hours_text(now.missing))
    return OwnLine("star", _("本月 %(hours)s 小时", hours=hours_text(minutes)), text, "stars.my_stars")


own_lines.append(_own_line)
STARS = ("one", "two", "three", "four", "five")


@blueprint.get("/my/stars")
def my_stars() -> str:
    """Show how far one is from the next star, one's applications, one's awards."""
    volunteer = myself()
    return render_template(
        "stars/my_stars.html",
        volunteer=volunteer,
        now=stars.standing(volunteer),
        rule=stars.rule_of(volunteer.community_id),
        applications=stars.applications_of(volunteer),
        review=reviews.review_of(volunteer),
        awards=[each for each in awards.awards_of(volunteer) if each.withdrawn_at is None],
        honoured=stars.on_honour_list(volunteer),
        slug=places.community_of(volunteer.community_id).slug,
    )


@blueprint.post("/my/stars")
def ask_for_star() -> AnyResponse:
    """Ask for the next star."""
    with submitted() as taken:
        asked = stars.ask(myself(), this_user())
        flash(_("已申请 %(level)s 星，服务站审核后结果写在这里。", level=asked.level), "done")
        return taken.redirect(url_for(".my_stars"))


@blueprint.post("/my/honour")
def set_honour() -> AnyResponse:
    """Agree to stand on the honour list, or take it back."""
    shown = take(HonourForm(), request.form)["shown"]
    with submitted() as taken:
        stars.set_honour(myself(), shown=shown)
        flash(_("已同意上光荣榜，随时可以收回。") if shown else _("已从光荣榜撤下。"), "done")
        return taken.redirect(url_for(".my_stars"))


@blueprint.get("/stars")
def star_list() -> str:
    """Show the applications to decide, what is public, whose hours have fallen, who may apply, and who holds a star."""
    return _stars_page({})


def _stars_page(errors: dict[str, str], *, wrong: str = "") -> str:
    """Return the page of stars; ``wrong`` names the form that was refused, such as ``application-3``."""
    community = places.community_seen_by(this_user())
    rule = stars.rule_of(community.id)
    set_now = dict(zip(STARS, rule.hours, strict=True)) | {"faults": rule.faults, "days": rule.days}
    public = stars.applications(community.id, StarState.PUBLISHED)
    return render_template(
        "stars/stars.html",
        slug=community.slug,
        waiting=stars.applications(community.id, StarState.ASKED),
        public=[(each, _why_not_grant(each)) for each in public],
        fallen=reviews.reviews(community.id),
        settled=reviews.settled(community.id),
        lowered=[(each.id, f"{each.name} {each.number}") for each in reviews.lowered(community.id)],
        near=stars.near(community.id),
        granted=stars.holders(community.id),
        hows=how_choices(),
        rule=rule,
        given=request.form if "one" in request.form else set_now,
        today=clock.today(),
        errors=errors,
        wrong=wrong,
    )


def _why_not_grant(application: StarApplication) -> str:
    """Return why the reader may not grant what is public, in their language; nothing when they may."""
    why = publicity.why_not_grant(application, this_user())
    return voiced(why) if why else ""


def how_choices() -> list[tuple[str, str]]:
    """Return the ways to say something to the station, for a select."""
    return [("in_person", _("当面")), ("telephone", _("在电话里")), ("letter", _("写信"))]


@blueprint.post("/stars/<int:application_id>")
def decide_star(application_id: int) -> Page:
    """Make an application public, grant it, or decline it."""
    try:
        asked = take(DecisionForm(), request.form)
        with submitted() as taken:
            application = _application(application_id)
            if asked["step"] is StarStep.PUBLISH:
                publicity.publish(application, this_user())
                flash(_("开始公示了，期满以后由另一位同事通过。"), "done")
            elif asked["step"] is StarStep.GRANT:
                publicity.grant(application, this_user())
                flash(_("通过了，本人会收到消息。"), "done")
            else:
                publicity.decline(application, this_user(), asked["reason"])
                flash(_("没有通过，原因本人看得到。"), "done")
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error), wrong=f"application-{application_id}"), UNPROCESSABLE


@blueprint.post("/stars/<int:application_id>/objections")
def object_to_star(application_id: int) -> Page:
    """Write down what somebody says against a star that is public."""
    try:
        said = take(StarObjectionForm(), request.form)
        with submitted() as taken:
            publicity.object_to(_application(application_id), said["words"], said["how"], this_user())
            flash(_("记下了。另一位同事核对、答复以后，才能通过。"), "done")
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error), wrong=f"object-{application_id}"), UNPROCESSABLE


@blueprint.post("/stars/objections/<int:objection_id>")
def answer_star_objection(objection_id: int) -> Page:
    """Answer what was said against a star."""
    try:
        said = take(StarAnswerForm(), request.form)
        with submitted() as taken:
            objection: StarObjection = found(publicity.objection_in(objection_id, scope()))
            publicity.answer(objection, said["answer"], this_user(), upheld=said["upheld"])
            flash(_("意见属实，星级不通过。") if said["upheld"] else _("答复记下了。"), "done")
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error), wrong=f"objection-{objection_id}"), UNPROCESSABLE


@blueprint.post("/stars/reviews/<int:review_id>")
def review_star(review_id: int) -> Page:
    """Decide what becomes of a star whose hours have fallen."""
    try:
        said = take(ReviewForm(), request.form)
        with submitted() as taken:
            review: StarReview = found(reviews.review_in(review_id, scope()))
            waits = reviews.decide(review, said["verdict"], said["reason"], this_user(), until=said["until"], years=said["years"])
            flash(_("已经提请，第二个人核准以后才撤下、禁止申请。") if waits else _("定了，本人会收到消息。"), "done")
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error), wrong=f"review-{review_id}"), UNPROCESSABLE


@blueprint.post("/stars/bars")
def bar_from_stars() -> Page:
    """Ask a second person to bar somebody whose hours were false, star or none."""
    try:
        said = take(BarForm(), request.form)
        with submitted() as taken:
            volunteer = found(volunteers.volunteer_in(scope(), said["volunteer"]))
            reviews.bar(volunteer, said["reason"], said["years"], this_user())
            flash(_("已经提请，第二个人核准以后才禁止申请。"), "done")
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error), wrong="bar"), UNPROCESSABLE


@blueprint.post("/stars/rule")
def set_star_rule() -> Page:
    """Set the hours of each star."""
    try:
        asked = take(RuleForm(), request.form)
        with submitted() as taken:
            community = places.community_seen_by(this_user())
            stars.propose_rule(community.id, [asked[name] for name in STARS], asked["faults"], asked["days"], this_user())
            flash(_("已经提请，第二个人核准以后，从下一次申请起按这个来。"), "done")
            return taken.redirect(url_for(".star_list"))
    except Invalid as error:
        return _stars_page(sentences(error)), UNPROCESSABLE


@blueprint.get("/honours/<slug>")
def honours(slug: str) -> str:
    """Show the honour list of a community: only who agreed, only masked names."""
    place = found(next((each for each in places.communities() if each.slug == slug), None))
    rows, public = stars.honour_list(place.id), publicity.public(place.id)
    return render_template("stars/honours.html", place=place.name, rows=rows, public=public, station=place.phone)


def _application(application_id: int) -> StarApplication:
    """Return an application the reader may decide."""
    return found(stars.application_in(application_id, scope()))
