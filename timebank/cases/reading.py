"""Who sees a ticket, who reads its words and who works on it: plain rules that pages, queries and verbs ask alike.

The office sees every ticket of its community; a steward those of their compound, a building's lead those of their buildings, and
both what is in their own hands. The words of a mediation are read by whoever wrote it down, whoever has it in hand, and an
administrator; before it is sorted also by the coordinators, who have to sort it, and once it has come to the street by the street's
officers. An inspector, and an officer otherwise, see states and days, never words, names or numbers.
"""

from timebank.access.circles import LOCAL, STAFF
from timebank.access.models import Role, User
from timebank.cases.models import Level, Sort, State, Ticket


def is_theirs(ticket: Ticket, user: User) -> bool:
    """Say whether a ticket is in somebody's hands, or was written down or brought by them."""
    return user.id in {ticket.charge_id, ticket.received_by, ticket.brought_by}


def reads_words(ticket: Ticket, user: User) -> bool:
    """Say whether somebody reads what was brought, its notes and its meetings."""
    if is_theirs(ticket, user) or user.role is Role.ADMIN:
        return True
    if ticket.sort is Sort.MEDIATION:
        is_streets = user.role is Role.STREET_OFFICER and ticket.level is Level.STREET
        return is_streets or (user.role is Role.COORDINATOR and ticket.state is State.RECEIVED)
    return user.role in STAFF or user.role in LOCAL


def reads_names(ticket: Ticket, user: User) -> bool:
    """Say whether somebody reads the whole name and number of whoever brought it."""
    return is_theirs(ticket, user) or (user.role in STAFF and reads_words(ticket, user))


def works_on(ticket: Ticket, user: User) -> bool:
    """Say whether somebody takes the next steps of a ticket: the office, or a lead in whose hands it is."""
    return reads_words(ticket, user) and (user.role in STAFF or ticket.charge_id == user.id)
