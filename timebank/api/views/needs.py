"""Doors of requests and visits: what is asked for, what is decided on it, and the visits that come of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from timebank.access.guards import this_user
from timebank.api.edge import Doors, marked, once
from timebank.api.paging import listed, page
from timebank.api.shapes import needs as shapes
from timebank.api.shapes.people import DoneShape
from timebank.api.shared import here
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders import queries as elders
from timebank.elders.models import Elder, Household
from timebank.visits import queries
from timebank.visits.actions import asking, calling_off
from timebank.visits.actions.asking import Asker, Wish
from timebank.visits.models import HelpRequest, Offer, Pattern, Source, Visit
from timebank.visits.states import Why
from timebank.volunteers.models import TeamMember
from timebank.volunteers.sight import sight_of
from timebank.web import found

doors = Doors("needs", "Requests and visits")
Page = dict[str, Any]


def _request(request_id: int) -> HelpRequest:
    """Return a request of the community."""
    return found(queries.request_of(here(), request_id))


@doors.get("/requests")
@doors.arguments(shapes.RequestArgs, location="query")
@doors.response(200, listed(shapes.RequestShape))
def list_requests(asked: dict[str, Any]) -> Page:
    """The requests of the community."""
    rows = select(HelpRequest).where(HelpRequest.community_id == here())
    rows = rows.options(joinedload(HelpRequest.kind), selectinload(HelpRequest.visits))
    return page(rows.where(HelpRequest.state == asked["state"]) if asked["state"] else rows, HelpRequest.id, asked)


@doors.get("/requests/<int:request_id>")
@marked
@doors.response(200, shapes.RequestShape)
def request(request_id: int) -> HelpRequest:
    """One request."""
    return _request(request_id)


@doors.post("/requests")
@once
@doors.arguments(shapes.AskBody)
@doors.response(201, shapes.RequestShape)
def ask(said: dict[str, Any]) -> HelpRequest:
    """Write down a request in an elder's name; it waits in the inbox until somebody accepts it."""
    elder = found(elders.elder_of(here(), said["elder"]))
    return _asked(said, elder, Asker(source=Source.DESK, user=this_user(), elder=elder))


def asked_by_family(said: dict[str, Any], elder: Elder) -> HelpRequest:
    """Put what a family asks for into the inbox."""
    return _asked(said, elder, Asker(source=Source.FAMILY, user=this_user(), elder=elder))


def _asked(said: dict[str, Any], elder: Elder, asker: Asker) -> HelpRequest:
    """Put a request into the inbox."""
    kind = _kind(said["kind"])
    once_only = said["pattern"] is Pattern.ONCE
    eaters: Sequence[int] = ()
    boxes: int = said["boxes"]
    if kind.from_canteen:
        eaters, boxes = asking.who_eats(elder.household, said["eaters"], boxes)
    wish = Wish(
        kind=kind,
        window=(said["window_from"], said["window_to"]),
        pattern=said["pattern"],
        dates=tuple(said["dates"]) if once_only else (),
        weekdays=() if once_only else tuple(sorted(set(said["weekdays"]))),
        every_weeks=said["every_weeks"],
        minutes=said["minutes"],
        boxes=boxes,
        eaters=tuple(eaters),
        note=said["note"],
    )
    return asking.ask_for_help(elder.community_id, wish, asker)


def _kind(code: str) -> ServiceKind:
    """Return a kind that can be asked for."""
    return found(db.session.scalar(select(ServiceKind).where(ServiceKind.code == code, ServiceKind.enabled, ServiceKind.at_door)))


@doors.post("/requests/<int:request_id>/accept")
@once
@doors.arguments(shapes.AcceptBody)
@doors.response(200, shapes.RequestShape)
def accept(said: dict[str, Any], request_id: int) -> HelpRequest:
    """Accept a request into the weeks, bound to an elder where it was not."""
    known = _request(request_id)
    elder = found(elders.elder_of(known.community_id, said["elder"])) if said["elder"] else None
    asking.accept_request(known, this_user(), elder=elder)
    return known


@doors.post("/requests/<int:request_id>/decline")
@once
@doors.arguments(shapes.ReasonBody)
@doors.response(200, shapes.RequestShape)
def decline(said: dict[str, Any], request_id: int) -> HelpRequest:
    """Decline a request with a reason that the family reads."""
    known = _request(request_id)
    asking.decline_request(known, this_user(), said["reason"])
    return known


@doors.post("/requests/<int:request_id>/end")
@once
@doors.arguments(shapes.EndBody)
@doors.response(200, DoneShape)
def end(said: dict[str, Any], request_id: int) -> dict[str, Any]:
    """End a need after a day; the volunteers of what falls away are told."""
    gone = calling_off.cancel_request(_request(request_id), said["last_day"], this_user(), Why.DESK)
    return {"done": "ended", "given_back": len(gone)}


def _visits() -> Any:  # noqa: ANN401 - a statement of many parts
    """Return the statement of visits with what is shown of them."""
    return select(Visit).options(joinedload(Visit.kind), selectinload(Visit.offers), joinedload(Visit.household))


@doors.get("/visits")
@doors.arguments(shapes.VisitArgs, location="query")
@doors.response(200, listed(shapes.VisitShape))
def list_visits(asked: dict[str, Any]) -> Page:
    """The visits of the community, of a week, a day or a state; a lead or a kitchen sees what they look after."""
    rows = _visits().where(Visit.community_id == here())
    for column in ("week", "day", "state"):
        if asked[column] is not None:
            rows = rows.where(getattr(Visit, column) == asked[column])
    return page(_in_sight(rows), Visit.id, asked)


def _in_sight(rows: Any) -> Any:  # noqa: ANN401 - a statement of many parts
    """Narrow visits to what the token's user looks after, as pages do."""
    sight = sight_of(this_user())
    if sight.whole:
        return rows
    homes = select(Household.id).where(Household.building_id.in_(sight.buildings))
    in_it = and_(
        TeamMember.volunteer_id == Offer.volunteer_id,
        TeamMember.joined <= Offer.day,
        or_(TeamMember.left.is_(None), TeamMember.left > Offer.day),
    )
    served = select(Offer.visit_id).join(TeamMember, in_it).where(TeamMember.team_id.in_(sight.teams))
    return rows.where(Visit.household_id.in_(homes) | Visit.canteen_id.in_(sight.canteens) | Visit.id.in_(served))


@doors.get("/visits/<int:visit_id>")
@marked
@doors.response(200, shapes.VisitShape)
def visit(visit_id: int) -> Visit:
    """One visit with its offers."""
    rows = _in_sight(_visits().where(Visit.community_id == here(), Visit.id == visit_id))
    known: Visit | None = db.session.scalars(rows).unique().first()
    return found(known)
