"""What the pages of cases share: the blueprint, whose tickets a reader sees, and how one is shown to them."""

from datetime import datetime
from typing import Any

from flask import Blueprint
from flask_babel import format_datetime, gettext
from flask_babel import gettext as _

from timebank import clock
from timebank.access.guards import this_user
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.cases import queries, reading, words
from timebank.cases.actions.handling import Charge
from timebank.cases.models import State, Ticket
from timebank.errors import NotAllowed, wrong
from timebank.phones import mask_phone
from timebank.places import queries as places
from timebank.places.models import Building, Compound
from timebank.visits.views import cards
from timebank.volunteers import queries as volunteers
from timebank.web import found, voiced

blueprint = Blueprint("cases", __name__)


def mine() -> int:
    """Return the community whose tickets the reader sees."""
    return places.community_seen_by(this_user()).id


def ticket_here(ticket_id: int) -> Ticket:
    """Return a ticket of the reader's community; refuse in words what lies outside their part of it."""
    ticket = found(queries.ticket_of(mine(), ticket_id))
    if not queries.is_seen(ticket, this_user()):
        raise NotAllowed("这件不在您负责的小区或楼栋，由社区办公室和那边的负责人办。您那边的接件在列表里。")
    return ticket


def shown(ticket: Ticket, user: User) -> dict[str, Any]:
    """Return a ticket as a list shows it to somebody: names and numbers whole, or masked where they are not theirs to read."""
    whole = reading.reads_names(ticket, user)
    return {
        "ticket": ticket,
        "name": ticket.name if whole else mask_name(ticket.name),
        "about": ticket.about if whole else mask_name(ticket.about),
        "phone": ticket.phone if whole else mask_phone(ticket.phone) if ticket.phone else "",
        "whole": whole,
        "place": place_of(ticket),
        "charge": charge_of(ticket),
        "sort": voiced(words.SORTS[ticket.sort]),
        "topic": voiced(words.TOPICS[ticket.topic]) if ticket.topic else "",
        "late": (clock.today() - ticket.due).days if ticket.due else -1,
        "due": cards.date_words(ticket.due) if ticket.due else "",
        "mark": state_chip(ticket),
    }


def place_of(ticket: Ticket) -> str:
    """Return where it is: the building with its compound, the compound, or nothing."""
    if ticket.building is not None:
        return f"{ticket.building.compound.name} {ticket.building.name}"
    return ticket.compound.name if ticket.compound else ""


def charge_of(ticket: Ticket) -> str:
    """Return in whose hands a ticket is."""
    if ticket.charge is not None:
        return ticket.charge.shown_name
    return ticket.unit.name if ticket.unit else ticket.charge_name


CHIPS = {
    State.RECEIVED: ("ginkgo", "inbox"),
    State.SORTED: ("open", "dashed-ring"),
    State.IN_HAND: ("sea", "play"),
    State.ENDED: ("ginkgo", "handset"),
}
ENDS = {"settled": ("soft", "tick"), "not_settled": ("tile", "alert"), "passed_on": ("", "return")}


def state_chip(ticket: Ticket, *, own: bool = False) -> tuple[str, str, str]:
    """Return the word, the colour and the shape of where a ticket is; a closed one, and to whoever brought it an ended one, shows how it ended."""
    if ticket.outcome is not None and (own or ticket.state is State.CLOSED):
        return (voiced(words.OUTCOMES[ticket.outcome]), *ENDS[ticket.outcome.value])
    return (voiced(words.STATES[ticket.state]), *CHIPS[ticket.state])


def place_choices(community_id: int) -> list[tuple[str, str]]:
    """Return where something can be, as a form offers it: each compound, then its buildings."""
    compounds, buildings = queries.places(community_id, this_user())
    offered: list[tuple[str, str]] = [("", str(_("说不清，或者是整个社区的事")))]
    for compound in compounds:
        offered.append((f"c{compound.id}", compound.name))
        offered += [(f"b{each.id}", f"{compound.name} {each.name}") for each in buildings if each.compound_id == compound.id]
    return offered


def place_chosen(community_id: int, chosen: str) -> tuple[Compound | None, Building | None]:
    """Return the compound or the building that was chosen in a form; Invalid when it is none of the community's."""
    if not chosen:
        return None, None
    compounds, buildings = queries.places(community_id, this_user())
    compound = next((each for each in compounds if f"c{each.id}" == chosen), None)
    building = next((each for each in buildings if f"b{each.id}" == chosen), None)
    if compound is None and building is None:
        raise wrong("place", "没有这个地方，请重新选。")
    return compound, building


def charge_choices(community_id: int) -> list[tuple[str, str]]:
    """Return who can be given a ticket, as a form offers it."""
    users, units = queries.hands(community_id)
    offered = [("", str(_("别的单位或人，写在下面")))]
    offered += [(f"u{each.id}", each.shown_name) for each in users]
    return offered + [(f"n{each.id}", each.name) for each in units]


def charge_chosen(community_id: int, chosen: str, name: str) -> Charge:
    """Return in whose hands a form puts a ticket."""
    users, _units = queries.hands(community_id)
    if chosen.startswith("u"):
        return Charge(user=found(next((each for each in users if f"u{each.id}" == chosen), None)))
    if chosen.startswith("n") and chosen[1:].isdecimal():
        return Charge(unit=found(volunteers.unit_in(community_id, int(chosen[1:]))))
    return Charge(name=name)


def moment(instant: datetime) -> str:
    """Return when something was, such as 11月25日 10:30."""
    return str(format_datetime(instant, gettext("M月d日 HH:mm")))
