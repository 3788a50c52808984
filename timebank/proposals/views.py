"""等核准: what a colleague has asked for and a second person decides, and what was decided."""

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.db import db
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.places import queries as places
from timebank.proposals import actions, carriers, elsewhere, queries, vouching
from timebank.proposals.models import Proposal, State
from timebank.proposals.schemas import RefusalForm
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced

blueprint = Blueprint("proposals", __name__, url_prefix="/proposals")


def mine() -> int:
    """Return the community whose proposals the reader sees."""
    return places.community_seen_by(this_user()).id


def state_word(state: State) -> str:
    """Return where a proposal is, in words."""
    words = {
        State.PENDING: _("等核准"),
        State.AGREED: _("同意了"),
        State.REFUSED: _("没有同意"),
        State.WITHDRAWN: _("撤回了"),
        State.ELAPSED: _("到时间生效"),
    }
    return str(words[state])


def waiting() -> int:
    """Return how many proposals and people wait for the reader."""
    me = this_user()
    asked = sum(1 for each in queries.pending(mine()) if actions.why_not(each, me) is None)
    return asked + sum(1 for each in vouching.unseen(mine()) if each.registered_by.id != me.id)


@blueprint.get("")
def index() -> str:
    """List what waits for a second person, and what was decided."""
    return _page({}, 0)


def _page(errors: dict[str, str], wrong: int) -> str:
    """Return the list; ``wrong`` is the proposal whose form was refused."""
    return render_template(
        "proposals/index.html",
        pending=[_row(each) for each in queries.pending(mine())],
        decided=[_row(each) for each in queries.decided(mine())],
        people=[_person(each) for each in vouching.unseen(mine())],
        elsewhere=[_elsewhere(each) for each in elsewhere.waiting(mine(), this_user())],
        given=request.form,
        errors=errors,
        wrong=wrong,
    )


def _row(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as the list shows it."""
    me = this_user()
    shown = carriers.of(proposal.kind).show(proposal)
    why = actions.why_not(proposal, me) if proposal.state is State.PENDING else None
    return {
        "proposal": proposal,
        "title": voiced(shown.title),
        "changes": [(voiced(each.name), voiced(each.before), voiced(each.after)) for each in shown.changes],
        "state": state_word(proposal.state),
        "own": proposal.proposed_by == me.id,
        "why_not": voiced(why) if why else "",
    }


def _elsewhere(each: elsewhere.Elsewhere) -> dict[str, Any]:
    """Return what waits in a room of its own, as the list shows it."""
    why = voiced(each.why_not) if each.why_not else ""
    return {"title": voiced(each.title), "by": each.asked_by, "at": each.asked_at, "href": each.href, "why_not": why}


def _person(each: vouching.Unseen) -> dict[str, Any]:
    """Return somebody whom only one person has looked at, as the list shows them."""
    own = each.registered_by.id == this_user().id
    why = None if own else vouching.why_not(each, this_user())
    return {
        "key": each.key,
        "word": voiced(each.book.word),
        "name": each.person.name,
        "number": each.person.number,
        "by": each.registered_by.shown_name,
        "own": own,
        "why_not": voiced(why) if why else "",
    }


@blueprint.post("/people")
def vouch() -> AnyResponse:
    """Note that the reader has looked at some people whom a colleague registered."""
    with submitted() as taken:
        count = vouching.vouch(mine(), request.form.getlist("person"), this_user())
        flash(_("核对了 %(count)s 位。", count=count), "done")
        return taken.redirect(url_for(".index"))


@blueprint.post("/<int:proposal_id>/agree")
def agree(proposal_id: int) -> Page:
    """Agree to what a colleague asked for."""
    try:
        with submitted() as taken:
            actions.agree(found(queries.proposal_in(mine(), proposal_id)), this_user())
            flash(_("同意了，已经生效。"), "done")
            return taken.redirect(url_for(".index"))
    except Invalid as error:
        db.session.rollback()
        return _page({"form": voiced(error.words)}, proposal_id), UNPROCESSABLE


@blueprint.post("/<int:proposal_id>/refuse")
def refuse(proposal_id: int) -> Page:
    """Refuse what a colleague asked for."""
    try:
        decision = take(RefusalForm(), request.form)["decision"]
        with submitted() as taken:
            actions.refuse(found(queries.proposal_in(mine(), proposal_id)), this_user(), decision)
            flash(_("没有同意，原因记下了，什么也没有改。"), "done")
            return taken.redirect(url_for(".index"))
    except Invalid as error:
        return _page(sentences(error), proposal_id), UNPROCESSABLE


@blueprint.post("/<int:proposal_id>/withdraw")
def withdraw(proposal_id: int) -> AnyResponse:
    """Take back what one has asked for oneself."""
    with submitted() as taken:
        actions.withdraw(found(queries.proposal_in(mine(), proposal_id)), this_user())
        flash(_("撤回了。"), "done")
        return taken.redirect(url_for(".index"))
