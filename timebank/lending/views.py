"""Pages of lending: what an office asked for and was asked for, and what a volunteer is told of it."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import format_date, gettext, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.errors import Conflict, Invalid, NotAllowed, wrong
from timebank.forms import sentences, take
from timebank.lending import actions, queries
from timebank.lending.schemas import AskForm, WordsForm
from timebank.phone.views import phone
from timebank.places import tenancy
from timebank.places.models import Community
from timebank.today.views.waiting import Waiting, waiting_above
from timebank.volunteers.lent import Lending, LendingState
from timebank.web import UNPROCESSABLE, Page, found, joined, submitted, voiced

blueprint = Blueprint("lending", __name__)
WEEKS_AHEAD = 26


def _asked_of(community_id: int) -> Waiting:
    """Return how many other communities wait for an answer, for Today."""
    count = sum(1 for each in queries.lendings(community_id) if each.state is LendingState.ASKED and each.lender_id == community_id)
    return count, "two-arrows", ngettext("%(count)s 个社区想借人", "%(count)s 个社区想借人", count, count=count), "lending.index"


waiting_above.append(_asked_of)


@blueprint.get("/lending")
def index() -> str:
    """Show what this community asked for and was asked for, and the form to ask."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    """Return the page, with what was typed and what is wrong in it."""
    community = _mine()
    monday = clock.monday_of(clock.today())
    coming = queries.weeks_between(monday, monday + timedelta(weeks=WEEKS_AHEAD))
    return render_template(
        "lending/index.html",
        here=community.id,
        rows=queries.lendings(community.id),
        others=queries.neighbours(community),
        weeks=[(clock.week_name(each), _span(each, each)) for each in coming],
        most=actions.MOST_WEEKS,
        today=clock.today(),
        this_week=monday,
        state_word=state_word,
        given=request.form,
        errors=errors,
        me=this_user().id,
    )


def _span(first: date, last: date) -> str:
    """Return the weeks from one Monday to another by their first and last day."""
    sunday = last + timedelta(days=6)
    return f"{format_date(first, gettext('M月d日'))} – {format_date(sunday, gettext('M月d日'))}"


def state_word(lending: Lending, today: date) -> tuple[str, str]:
    """Return how a lending stands, in a word and its colour."""
    if lending.state is LendingState.AGREED and lending.last_week + timedelta(days=6) < today:
        return _("到期了"), ""
    words: dict[LendingState, tuple[str, str]] = {
        LendingState.ASKED: (_("等对方定"), "ginkgo"),
        LendingState.AGREED: (_("借定了"), "soft"),
        LendingState.REFUSED: (_("没有同意"), ""),
        LendingState.WITHDRAWN: (_("撤回了"), ""),
        LendingState.DECLINED: (_("本人婉拒了"), ""),
        LendingState.ENDED: (_("提前还了"), ""),
    }
    return words[lending.state]


@blueprint.post("/lending")
def ask() -> Page:
    """Ask another community of the street for a volunteer."""
    try:
        said = take(AskForm(), request.form)
        lender = found(next((each for each in queries.neighbours(_mine()) if each.id == said["community"]), None))
        with submitted() as taken:
            _ask(lender, said)
            flash(_("已请%(where)s，等对方同意。", where=lender.name), "done")
            return taken.redirect(url_for(".index"))
    except Invalid as error:
        return _page(sentences(error)), UNPROCESSABLE
    except Conflict as error:
        return _page({"name": voiced(error.words)}), UNPROCESSABLE


def _ask(lender: Community, said: dict[str, Any]) -> None:
    """Ask for whoever has this number and name in a community; which of the two is wrong is not said."""
    volunteer = queries.volunteer_called(lender, said["number"], said["name"])
    if volunteer is None:
        raise wrong("number", "%(lender)s没有编号和姓名都对得上的志愿者。请打电话向对方问清楚，再填。", lender=lender.name)
    last = said["first_week"] + timedelta(weeks=said["weeks"] - 1)
    try:
        actions.ask(_mine(), volunteer, actions.Wish(said["first_week"], last, said["reason"]), this_user())
    except Invalid as error:
        raise Invalid(error.words, fields={FIELDS.get(name, name): pair for name, pair in error.fields.items()}) from error


FIELDS = {"last_week": "weeks"}


@blueprint.post("/lending/<int:lending_id>/agree")
def agree(lending_id: int) -> AnyResponse:
    """Lend somebody of this community."""
    lending = _lent_by_us(lending_id)
    with submitted() as taken:
        freed = actions.agree(lending, this_user())
        told = (
            _("已告诉本人，本人可以婉拒。")
            if lending.volunteer.user_id
            else _("本人没有手机登录，请打 %(phone)s 说一声。", phone=lending.volunteer.phone)
        )
        anew = _("本社区周计划里有 %(count)s 次要重新排。", count=freed) if freed else ""
        flash(joined([_("借给%(where)s了。", where=lending.borrower.name), told, anew]), "done")
        return taken.redirect(url_for(".index"))


@blueprint.post("/lending/<int:lending_id>/refuse")
def refuse(lending_id: int) -> Page:
    """Say no, with a reason."""
    lending = _lent_by_us(lending_id)
    try:
        words = take(WordsForm(), request.form)["words"]
        with submitted() as taken:
            actions.refuse(lending, this_user(), words)
            flash(_("已回对方：没有同意。"), "done")
            return taken.redirect(url_for(".index"))
    except Invalid as error:
        return _page({f"words-{lending.id}": sentences(error)["words"]}), UNPROCESSABLE


@blueprint.post("/lending/<int:lending_id>/withdraw")
def withdraw(lending_id: int) -> AnyResponse:
    """Ask no more."""
    community = _mine()
    lending = found(queries.lending_in(community.id, lending_id))
    found(lending if lending.borrower_id == community.id else None)
    with submitted() as taken:
        actions.withdraw(lending)
        flash(_("撤回了。"), "done")
        return taken.redirect(url_for(".index"))


@blueprint.post("/lending/<int:lending_id>/end")
def end(lending_id: int) -> AnyResponse:
    """Give somebody back before the time; either community may."""
    lending = found(queries.lending_in(_mine().id, lending_id))
    with submitted() as taken:
        flash(_over(lending, actions.end(lending)), "done")
        return taken.redirect(url_for(".index"))


def _over(lending: Lending, kept: date | None) -> str:
    """Say from when somebody serves at home again."""
    if kept is None:
        return str(_("还回去了，从今天起在%(where)s服务。", where=lending.lender.name))
    day = f"{kept + timedelta(days=1):%Y-%m-%d}"
    return str(_("已经约好的照旧；从 %(day)s 起回%(where)s服务。", day=day, where=lending.lender.name))


@blueprint.get("/phone/me/lending")
def mine() -> str:
    """Show a volunteer where they are lent to, and let them decline."""
    volunteer = phone.me()
    rows = queries.lendings_of(volunteer)
    return phone.show("lending/mine.html", volunteer, "phone.mine", rows=rows, today=clock.today(), state_word=state_word, span=_span)


@blueprint.post("/phone/me/lending/<int:lending_id>/decline")
def decline(lending_id: int) -> AnyResponse:
    """Say no to being lent; what has been promised there is declined like any other offer."""
    lending = found(next((each for each in queries.lendings_of(phone.me()) if each.id == lending_id), None))
    with submitted() as taken:
        kept = actions.decline(lending, take(WordsForm(), request.form)["words"])
        flash(_over(lending, kept), "done")
        return taken.redirect(url_for(".mine"))


def _mine() -> Community:
    """Return the community the reader sees."""
    return tenancy.community_seen_by(this_user())


def _lent_by_us(lending_id: int) -> Lending:
    """Return a lending of which the reader's community is the one that lends."""
    community = _mine()
    lending = found(queries.lending_in(community.id, lending_id))
    if lending.lender_id != community.id:
        raise NotAllowed("要由出借的社区来定。您可以撤回，或者等对方回话。")
    return lending
