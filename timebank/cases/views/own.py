"""我反映的事: somebody brings a problem or a suggestion on a phone, for themselves or for a neighbour, and sees what became of it."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.cases import queries, words
from timebank.cases.actions import handling, intake
from timebank.cases.actions.intake import Brought
from timebank.cases.models import Consent, Deed, Door, Heard, Sort, State, Ticket
from timebank.cases.schemas import BringForm, OwnWordForm
from timebank.cases.views.shared import blueprint, charge_of, moment, place_choices, place_chosen, place_of, state_chip
from timebank.errors import Conflict, Invalid
from timebank.family.views.family import community_here, reader, show
from timebank.forms import sentences, take
from timebank.visits import queries as visits
from timebank.visits.views import cards
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced

BROUGHT = (Sort.PROBLEM, Sort.SUGGESTION, Sort.MEDIATION, Sort.CONSULTATION, Sort.ERRAND)
TOLD = {Deed.TAKE_IN, Deed.SORT, Deed.BEGIN, Deed.MEET, Deed.END, Deed.CALL, Deed.REOPEN}
"""The steps that whoever brought it sees; of their words only the answer."""
SAID = (Heard.SATISFIED, Heard.PARTLY, Heard.NOT)


@blueprint.get("/family/cases")
def my_list() -> str:
    """Show what the reader brought and what became of it."""
    rows = [_row(each) for each in queries.brought_by(reader())]
    return show("cases/my_list.html", rows=rows, back_href=url_for("family.home"))


def _row(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket as whoever brought it sees it."""
    return {
        "ticket": ticket,
        "sort": voiced(words.SORTS[ticket.sort]),
        "mark": state_chip(ticket, own=True),
        "charge": charge_of(ticket),
        "due": cards.date_words(ticket.due) if ticket.due else "",
        "place": place_of(ticket),
    }


@blueprint.route("/family/cases/new", methods=["GET", "POST"])
def bring() -> Page:
    """Write down a problem, a suggestion or a question, for oneself or for a neighbour."""
    if community_here() is None:
        return redirect(url_for("family.ask"), 303)
    if request.method == "GET":
        return _bring_page({})
    try:
        said = take(BringForm(), request.form)
        with submitted() as taken:
            ticket = intake.take_in(found(community_here()).id, _brought(said), reader())
            flash(_("社区收到了，编号 %(number)s。有了进展，这里看得到。", number=ticket.number), "done")
            return taken.redirect(url_for(".mine_one", ticket_id=ticket.id))
    except Invalid as error:
        return _bring_page(sentences(error)), UNPROCESSABLE


def _brought(said: dict[str, Any]) -> Brought:
    """Return what the form on the phone says; of a neighbour it is a report, which waits for their own word."""
    user, other = reader(), said["whose"] == "other"
    compound, building = place_chosen(found(community_here()).id, said["place"])
    elders = visits.elders_of_user(user)
    return Brought(
        sort=said["sort"],
        door=Door.INFORMANT if other else Door.ONLINE,
        name=said["name"],
        phone=user.phone,
        about=said["about"] if other else "",
        consent=(said["consent"] or Consent.ASKED) if other else None,
        elder=elders[0] if len(elders) == 1 and not other and building is None else None,
        compound=compound,
        building=building,
        words=said["words"],
    )


def _bring_page(errors: dict[str, str]) -> str:
    """Return the form on the phone."""
    return show(
        "cases/bring.html",
        given=request.form or {"name": reader().name, "whose": "own", "consent": Consent.ASKED.value},
        errors=errors,
        sorts=[(each.value, voiced(words.SORTS[each])) for each in BROUGHT],
        consents=words.choices(words.CONSENTS),
        places=place_choices(found(community_here()).id),
        back_href=url_for(".my_list"),
    )


@blueprint.get("/family/cases/<int:ticket_id>")
def mine_one(ticket_id: int) -> str:
    """Show one thing that the reader brought, with its steps."""
    return _own_page(ticket_id, {})


def _own_page(ticket_id: int, errors: dict[str, str]) -> str:
    """Return the page of one thing that was brought."""
    ticket = found(queries.brought_one(reader(), ticket_id))
    return show(
        "cases/mine.html",
        **_row(ticket),
        own=ticket.brought_by == reader().id,
        steps=[_line(each.deed, each.note, moment(each.at)) for each in reversed(ticket.steps) if each.deed in TOLD],
        asks=ticket.state is State.ENDED and ticket.brought_by == reader().id,
        said=[(each.value, voiced(words.HEARD[each])) for each in SAID],
        given=request.form,
        errors=errors,
        back_href=url_for(".my_list"),
    )


def _line(deed: Deed, note: str | None, time: str) -> dict[str, str]:
    """Return a step as whoever brought it sees it."""
    return {"state": "done", "title": voiced(words.DEEDS[deed]), "text": (note or "") if deed is Deed.END else "", "time": time}


@blueprint.post("/family/cases/<int:ticket_id>/word")
def say(ticket_id: int) -> AnyResponse | tuple[str, int]:
    """Say on the phone whether one is content, which is the return call."""
    try:
        said = take(OwnWordForm(), request.form)
        with submitted() as taken:
            ticket = found(queries.brought_one(reader(), ticket_id))
            handling.answer_oneself(ticket, reader(), said["heard"], said["words"])
            flash(_("谢谢您，记下了。"), "done")
            return taken.redirect(url_for(".mine_one", ticket_id=ticket_id))
    except (Invalid, Conflict) as error:
        told = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
        return _own_page(ticket_id, told), error.status
