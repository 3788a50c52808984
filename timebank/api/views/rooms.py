"""Doors of duties and posts, of what happens at stations, and of what people bring to the desk."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from timebank.access.circles import STAFF
from timebank.access.guards import this_user
from timebank.access.masking import mask_name
from timebank.api.edge import Doors, judges, marked, once
from timebank.api.paging import PageArgs, listed, page
from timebank.api.shapes import rooms as shapes
from timebank.api.shapes.needs import CheckInBody, TapBody
from timebank.api.shared import here, me
from timebank.cases import queries as cases
from timebank.cases import reading
from timebank.cases.actions import handling, intake
from timebank.cases.actions.intake import Brought
from timebank.cases.models import Door, Ticket
from timebank.elders import queries as elders
from timebank.elders.models import Elder
from timebank.errors import NotAllowed
from timebank.posts.models import Post
from timebank.stations import queries as stations
from timebank.stations.actions import people, queueing
from timebank.stations.models import Attendance, Item, ServiceSession, Source
from timebank.visits import on_duty
from timebank.visits.actions import duties, duty_times
from timebank.visits.duties import Duty
from timebank.visits.states import Why
from timebank.volunteers import queries as volunteers
from timebank.web import found

doors = Doors("rooms", "Duties, posts, stations, the desk")
Page = dict[str, Any]


def _days(rows: Any, column: Any, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - statements of many parts
    """Narrow rows to some days."""
    rows = rows.where(column >= asked["first"]) if asked["first"] else rows
    return rows.where(column <= asked["last"]) if asked["last"] else rows


def _duty(duty_id: int) -> Duty:
    """Return a duty of the community."""
    return found(on_duty.duty_in(here(), duty_id))


@doors.get("/duties")
@doors.arguments(shapes.DaysArgs, location="query")
@doors.response(200, listed(shapes.DutyShape))
def list_duties(asked: dict[str, Any]) -> Page:
    """The places on duty of the community, of some days."""
    rows = select(Duty).where(Duty.community_id == here()).options(joinedload(Duty.kind))
    return page(_days(rows, Duty.day, asked), Duty.id, asked)


@doors.get("/duties/<int:duty_id>")
@marked
@doors.response(200, shapes.DutyShape)
def duty(duty_id: int) -> Duty:
    """One place on duty."""
    return _duty(duty_id)


@doors.post("/duties/<int:duty_id>/claim")
@once
@doors.arguments(shapes.ClaimBody)
@doors.response(200, shapes.DutyShape)
def claim(said: dict[str, Any], duty_id: int) -> Duty:
    """Give a place that nobody has to somebody who said yes at the desk."""
    known = _duty(duty_id)
    duties.claim(known, found(volunteers.volunteer_in(here(), said["volunteer"])), this_user())
    return known


@doors.get("/my/duties")
@doors.arguments(shapes.DaysArgs, location="query")
@doors.response(200, listed(shapes.DutyShape))
def my_duties(asked: dict[str, Any]) -> Page:
    """One's own turns of duty."""
    rows = select(Duty).where(Duty.volunteer_id == me().id).options(joinedload(Duty.kind))
    return page(_days(rows, Duty.day, asked), Duty.id, asked)


def _mine(duty_id: int) -> Duty:
    """Return a turn of one's own."""
    return found(on_duty.duty_of(me(), duty_id))


@doors.post("/my/duties/<int:duty_id>/accept")
@once
@doors.response(200, shapes.DutyShape)
def accept_duty(duty_id: int) -> Duty:
    """Agree to a turn one was asked for."""
    known = _mine(duty_id)
    duties.accept(known)
    return known


@doors.post("/my/duties/<int:duty_id>/give-up")
@once
@doors.arguments(shapes.GiveUpBody)
@doors.response(200, shapes.DutyShape)
def give_up_duty(said: dict[str, Any], duty_id: int) -> Duty:
    """Say that one cannot come; the place is open again at once and costs nothing."""
    known = _mine(duty_id)
    duties.give_up(known, said["reason"], Why.ILL)
    return known


@doors.post("/my/duties/<int:duty_id>/sign-in")
@once
@judges
@doors.arguments(CheckInBody)
@doors.response(200, shapes.DutyShape)
def sign_in(said: dict[str, Any], duty_id: int) -> Duty:
    """Be there, with the code of the day or without; a wrong code is counted."""
    known = _mine(duty_id)
    duty_times.sign_in(known, said["code"], said["at"])
    return known


@doors.post("/my/duties/<int:duty_id>/sign-out")
@once
@doors.arguments(TapBody)
@doors.response(200, shapes.DutyShape)
def sign_out(said: dict[str, Any], duty_id: int) -> Duty:
    """Leave: the turn is done."""
    known = _mine(duty_id)
    duty_times.sign_out(known, said["at"])
    return known


@doors.get("/posts")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.PostShape))
def list_posts(asked: dict[str, Any]) -> Page:
    """The posts of the community with their weekly rota."""
    rows = select(Post).where(Post.community_id == here()).options(joinedload(Post.kind), selectinload(Post.shifts))
    return page(rows, Post.id, asked)


@doors.get("/sessions")
@doors.arguments(shapes.DaysArgs, location="query")
@doors.response(200, listed(shapes.SessionShape))
def list_sessions(asked: dict[str, Any]) -> Page:
    """The sessions at the stations, of some days."""
    rows = select(ServiceSession).where(ServiceSession.community_id == here())
    return page(_days(rows, ServiceSession.day, asked), ServiceSession.id, asked)


@doors.get("/sessions/<int:session_id>")
@marked
@doors.response(200, shapes.QueueShape)
def session(session_id: int) -> ServiceSession:
    """One session with its queue."""
    return found(stations.session_in(here(), session_id))


@doors.post("/sessions/<int:session_id>/sign-up")
@once
@doors.arguments(shapes.SignUpBody)
@doors.response(201, shapes.AttendanceShape)
def sign_up(said: dict[str, Any], session_id: int) -> Attendance:
    """Give somebody a number; where every seat is taken they stand on the waiting list."""
    elder = _elder(said["elder"])
    who = people.person(here(), elder=elder, name=said["name"], phone=said["phone"])
    return queueing.sign_up(found(stations.session_in(here(), session_id)), who, Source.DESK, boxes=said["boxes"])


def _elder(elder_id: int | None) -> Elder | None:
    """Return an elder of the community, nobody where nobody is named."""
    return found(elders.elder_of(here(), elder_id)) if elder_id else None


@doors.post("/attendances/<int:attendance_id>/move")
@once
@doors.arguments(shapes.MoveBody)
@doors.response(200, shapes.AttendanceShape)
def move(said: dict[str, Any], attendance_id: int) -> Attendance:
    """Note what becomes of a number: called, served, gone; the waiting list moves up by itself."""
    known = found(stations.attendance_in(here(), attendance_id))
    queueing.move(known, said["turn"])
    return known


@doors.get("/items")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.ItemShape))
def list_items(asked: dict[str, Any]) -> Page:
    """What was left to be mended, sewn or kept."""
    return page(select(Item).where(Item.community_id == here()), Item.id, asked)


@doors.get("/tickets")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.TicketShape))
def list_tickets(asked: dict[str, Any]) -> Page:
    """What people brought to the desk, as far as the token's user sees it."""
    rows = page(select(Ticket).where(*cases.seen_by(here(), this_user())), Ticket.id, asked)
    return {**rows, "items": [_shown(each) for each in rows["items"]]}


def _shown(ticket: Ticket) -> dict[str, Any]:
    """Return a ticket with what of it the token's user may read."""
    user = this_user()
    names = ("id", "number", "sort", "door", "state", "received_at", "due")
    return {
        **{name: getattr(ticket, name) for name in names},
        "name": ticket.name if reading.reads_names(ticket, user) else mask_name(ticket.name),
        "words": ticket.words if reading.reads_words(ticket, user) else None,
        "in_charge": ticket.charge_id,
    }


def _ticket(ticket_id: int) -> Ticket:
    """Return a ticket of the community that the token's user sees."""
    known = found(cases.ticket_of(here(), ticket_id))
    return found(known if cases.is_seen(known, this_user()) else None)


@doors.get("/tickets/<int:ticket_id>")
@marked
@doors.response(200, shapes.TicketShape)
def ticket(ticket_id: int) -> dict[str, Any]:
    """One of them."""
    return _shown(_ticket(ticket_id))


@doors.post("/tickets")
@once
@doors.arguments(shapes.TicketBody)
@doors.response(201, shapes.TicketShape)
def take_in(said: dict[str, Any]) -> dict[str, Any]:
    """Write down what somebody brings, in their own words."""
    elder = _elder(said.pop("elder"))
    user = this_user()
    door = Door.DESK if user.role in STAFF else Door.ONLINE
    return _shown(intake.take_in(here(), Brought(**said, door=door, elder=elder), user))


@doors.post("/tickets/<int:ticket_id>/notes")
@once
@doors.arguments(shapes.NoteBody)
@doors.response(200, shapes.TicketShape)
def note(said: dict[str, Any], ticket_id: int) -> dict[str, Any]:
    """Add a dated step to one that is in one's hands."""
    known = _ticket(ticket_id)
    if not reading.works_on(known, this_user()):
        raise NotAllowed("这件不在您手上，请找办它的人。")
    handling.note(known, this_user(), said["words"], said["due"])
    return _shown(known)
