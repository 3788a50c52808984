"""代办, for the desk: what a volunteer without a phone asks for, on one page, with how they said it."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.access.guards import this_user
from timebank.books import in_name
from timebank.books.in_name import Said
from timebank.books.schemas import IN_NAME, InNameForm
from timebank.books.views.shared import blueprint
from timebank.credit import queries as credit
from timebank.credit.queries import terms_of
from timebank.credit.views import relation_choices
from timebank.errors import Conflict, Invalid
from timebank.filters import weekday
from timebank.forms import sentences, take
from timebank.ledger import queries as book
from timebank.papers.answers import scope
from timebank.records import queries as records
from timebank.stars import standing as stars
from timebank.stars.models import DeskAct, Errand
from timebank.stars.views.stars import how_choices
from timebank.visits import registers
from timebank.visits.deadlines import objection_until
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


@blueprint.route("/in-name/<int:volunteer_id>", methods=["GET", "POST"])
def act_in_name(volunteer_id: int) -> Page:
    """Show what the desk may do in a volunteer's name, and do one thing of it."""
    if request.method == "GET":
        return _page(volunteer_id, {})
    try:
        said = take(IN_NAME.get(request.form.get("what", ""), InNameForm)(), request.form)
        with submitted() as taken:
            flash(_say(_do(_volunteer(volunteer_id), said)), "done")
            return taken.redirect(url_for(".act_in_name", volunteer_id=volunteer_id))
    except Invalid as error:
        return _page(volunteer_id, sentences(error)), UNPROCESSABLE
    except Conflict as error:
        return _page(volunteer_id, {"form": voiced(error.words)}), error.status


def _do(volunteer: Volunteer, said: dict[str, Any]) -> DeskAct:
    """Do what a form says."""
    heard = Said(volunteer, said["how"], this_user(), said["words"])
    match said["what"]:
        case Errand.STAR:
            return in_name.ask_star(heard)
        case Errand.OBJECTION:
            record = found(records.record_in(said["record"], scope()))
            return in_name.object_to(heard, record)
        case Errand.RELATIVE:
            return in_name.name_relative(heard, said["relation"], said["name"])
        case Errand.GIFT:
            return in_name.give(heard, found(credit.link_of(volunteer, said["link"])), said["minutes"])
        case _:
            return in_name.donate(heard, said["minutes"])


def _say(act: DeskAct) -> str:
    """Return what was done, in words."""
    words = {
        Errand.STAR: _("申请写下了，接着审核、公示。本人会收到消息。"),
        Errand.OBJECTION: _("异议写下了，5 个工作日内答复。本人会收到消息。"),
        Errand.RELATIVE: _("记下了，在“公共时间池”里核对以后就能送。本人会收到消息。"),
        Errand.GIFT: _("写下了，第二个人核准以后才送。本人马上会收到消息。"),
        Errand.DONATION: _("写下了，第二个人核准以后才捐。本人马上会收到消息。"),
    }
    return str(words[act.what])


def _page(volunteer_id: int, errors: dict[str, str]) -> str:
    """Return the page of a volunteer's errands, with what was wrong in the form that was sent."""
    volunteer = _volunteer(volunteer_id)
    links = [each for each in credit.links_of(volunteer) if each.agreed and each.elder is not None]
    friends = terms_of(volunteer.community_id).gift_to == "friends"
    return render_template(
        "books/in_name.html",
        volunteer=volunteer,
        why_not=_why_not(volunteer),
        now=stars.standing(volunteer),
        balance=book.balance(volunteer.account_id),
        links=[("", _("请选")), *((each.id, each.elder.name) for each in links if each.elder is not None)],
        records=_objectionable(volunteer),
        relations=[pair for pair in relation_choices() if friends or pair[0] != "friend"],
        hows=how_choices(),
        acts=in_name.acts_of(volunteer),
        given=request.form,
        wrong=request.form.get("what", "") if errors else "",
        errors=errors,
    )


def _why_not(volunteer: Volunteer) -> str:
    """Return why the reader does nothing in a volunteer's name, nothing when they may."""
    why = in_name.bar(volunteer, this_user())
    return voiced(why) if why else ""


def _objectionable(volunteer: Volunteer) -> list[tuple[int | str, str]]:
    """Return the latest records that may still be objected to, for a select."""
    return [("", _("请选"))] + [
        (each.id, f"{weekday(each.day)} {voiced(each.kind.words)} · {_('%(minutes)s 分钟', minutes=each.minutes)}")
        for each in registers.records_of(volunteer)
        if objection_until(each) >= clock.today()
    ]


def _volunteer(volunteer_id: int) -> Volunteer:
    """Return a volunteer of the reader's community."""
    return found(volunteers.volunteer_in(scope(), volunteer_id))
