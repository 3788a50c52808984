"""The steps of a ticket: the one door that moves it, and the step that each verb leaves behind."""

from datetime import date, timedelta

from timebank import clock
from timebank.access.models import User
from timebank.cases import reading
from timebank.cases.models import Deed, State, Ticket, TicketStep
from timebank.cases.states import ALLOWED
from timebank.db import db
from timebank.errors import Conflict, NotAllowed, wrong
from timebank.sentences import Sentence

FURTHEST = timedelta(days=366)


def step(ticket: Ticket, deed: Deed, by: User | None, note: str = "", **detail: object) -> TicketStep:
    """Add a dated step to a ticket."""
    made = TicketStep(
        ticket_id=ticket.id, at=clock.now(), by_user=by.id if by else None, deed=deed, note=note.strip() or None, detail=detail
    )
    ticket.steps.append(made)
    db.session.flush()
    return made


def move(ticket: Ticket, state: State) -> None:
    """Bring a ticket to another state along the lines that are drawn; Conflict where there is none."""
    if state not in ALLOWED[ticket.state]:
        raise Conflict("这件接件刚才已经往下走了一步。请看上面的经过，再做下一步。")
    ticket.state = state


def may_work_on(ticket: Ticket, by: User) -> None:
    """Refuse whoever must not touch a ticket: it is confidential, or in the hands of somebody else and they are no office."""
    if not reading.reads_words(ticket, by):
        raise NotAllowed("这件调解只有经办的人能看能办。要由你来办，请先在这一页写明原因，接手过来。")
    if not reading.works_on(ticket, by):
        raise NotAllowed("这件不在你手里，你能看不能改。有话请告诉办公室，由他们记上去。")


def due_day(day: date) -> date:
    """Return the day by which something is due; Invalid when it is past or too far away."""
    if day < clock.today():
        raise wrong("due", "这一天已经过了，请选今天或以后的日子。")
    if day > clock.today() + FURTHEST:
        raise wrong("due", "最远定到一年以内，请选近一些的日子。")
    return day


def worded(words: str, field: str, sentence: str | Sentence) -> str:
    """Return words that have to be there; Invalid with a sentence for their field when they are not."""
    if not words.strip():
        raise wrong(field, sentence)
    return words.strip()
