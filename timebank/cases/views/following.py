"""What a case takes along the way: its meetings, its papers, and the requests for help that are made of it."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from timebank import clock
from timebank.access.guards import this_user
from timebank.access.models import User
from timebank.cases.actions import following
from timebank.cases.actions.following import Gathering
from timebank.cases.actions.steps import may_work_on
from timebank.cases.models import Ticket
from timebank.cases.schemas import HelpForm, HoldForm, MeetForm, PaperFateForm, PaperForm
from timebank.cases.views.shared import blueprint, shown, ticket_here
from timebank.cases.views.ticket import taken_step
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.forms import sentences, take
from timebank.visits.actions import asking
from timebank.visits.actions.asking import Wish
from timebank.web import Page, found, submitted, voiced


@blueprint.post("/cases/<int:ticket_id>/meetings")
def meet(ticket_id: int) -> Page:
    """Note a meeting, to come or just held."""

    def act(ticket: Ticket, said: dict[str, Any], user: User) -> None:
        planned = Gathering(day=said["day"], start=said["start"], place=said["place"], who=said["who"])
        meeting = following.meet(ticket, user, planned)
        if said["agreed"]:
            following.hold(ticket, meeting, user, said["agreed"])

    return taken_step(ticket_id, MeetForm(), "meet", act, _("记下了。"))


@blueprint.post("/cases/<int:ticket_id>/meetings/<int:meeting_id>")
def hold(ticket_id: int, meeting_id: int) -> Page:
    """Note what was agreed at a meeting."""

    def act(ticket: Ticket, said: dict[str, Any], user: User) -> None:
        meeting = found(next((each for each in ticket.meetings if each.id == meeting_id), None))
        following.hold(ticket, meeting, user, said["agreed"])

    return taken_step(ticket_id, HoldForm(), f"hold{meeting_id}", act, _("说定的事记下了。"))


@blueprint.post("/cases/<int:ticket_id>/papers")
def take_paper(ticket_id: int) -> Page:
    """Note a paper that was taken."""
    return taken_step(
        ticket_id,
        PaperForm(),
        "paper",
        lambda ticket, said, user: following.take_paper(ticket, user, said["paper"], original=said["original"]),
        _("收下的材料记下了。"),
    )


@blueprint.post("/cases/<int:ticket_id>/papers/<int:paper_id>")
def end_paper(ticket_id: int, paper_id: int) -> Page:
    """Note where a paper went."""

    def act(ticket: Ticket, said: dict[str, Any], user: User) -> None:
        paper = found(next((each for each in ticket.papers if each.id == paper_id), None))
        following.end_paper(ticket, paper, user, said["fate"], said["whom"])

    return taken_step(ticket_id, PaperFateForm(), f"fate{paper_id}", act, _("材料的去处记下了。"))


@blueprint.route("/cases/<int:ticket_id>/help", methods=["GET", "POST"])
def ask_help(ticket_id: int) -> Page:
    """Make a request for help of a ticket, filled in from it."""
    ticket = ticket_here(ticket_id)
    if request.method == "GET":
        may_work_on(ticket, this_user())
        return _help_page(ticket, {})
    try:
        said = take(HelpForm(), request.form)
        with submitted() as taken:
            ticket = ticket_here(ticket_id)
            made = following.ask_help(ticket, this_user(), _wish(said))
            if said["accept"] and ticket.elder is not None:
                asking.accept_request(made, this_user())
                flash(_("求助记下并接下了，下次排班会排上。"), "done")
            else:
                flash(_("求助记下了，在“求助”里等着处理。"), "done")
            return taken.redirect(url_for(".show", ticket_id=ticket_id))
    except (Invalid, Conflict) as error:
        told = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
        return _help_page(ticket_here(ticket_id), told), error.status


def _wish(said: dict[str, Any]) -> Wish:
    """Return what a form asks for."""
    kind = following.kind_named(_kinds(), said["kind"])
    return Wish(
        kind=kind, window=(said["window_from"] or 0, said["window_to"] or 0), dates=(said["day"],), boxes=1, note=said["note"] or None
    )


def _kinds() -> list[ServiceKind]:
    """Return the kinds of help that are done at a door; meals are ordered by their own form."""
    at_door = (ServiceKind.enabled, ServiceKind.at_door, ServiceKind.from_canteen.is_(False))
    return list(db.session.scalars(select(ServiceKind).where(*at_door).order_by(ServiceKind.position, ServiceKind.id)))


def _help_page(ticket: Ticket, errors: dict[str, str]) -> str:
    """Return the form of a request made of a ticket."""
    return render_template(
        "cases/help.html",
        **shown(ticket, this_user()),
        kinds=[(each.code, voiced(each.words)) for each in _kinds()],
        given=request.form or {"note": ticket.words[:200], "window_from": "9:00", "window_to": "11:30", "accept": "1"},
        errors=errors,
        today=clock.today(),
    )
