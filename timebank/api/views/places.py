"""Doors of who asks, of places, of the catalogue, and of the outbox."""

from typing import Any

from flask import g
from sqlalchemy import select

from timebank import clock
from timebank.access.guards import this_user
from timebank.access.models import Role
from timebank.access.tokens import ApiToken
from timebank.api.edge import Doors, marked
from timebank.api.paging import PageArgs, cut, listed, page
from timebank.api.shapes import places as shapes
from timebank.api.shared import here, my_community
from timebank.catalogue.models import ServiceKind, Skill
from timebank.errors import NotFound
from timebank.notices.models import Notice
from timebank.places import tenancy
from timebank.places.models import Building, Canteen, Community, Compound, Station
from timebank.volunteers.queries import volunteer_of

doors = Doors("places", "Who asks, places, the catalogue, the outbox")
Page = dict[str, Any]


@doors.get("/me")
@marked
@doors.response(200, shapes.MeShape)
def me() -> dict[str, Any]:
    """In whose name the token acts, where, and what for."""
    token: ApiToken = g.token
    volunteer = volunteer_of(token.user) if token.role is Role.VOLUNTEER else None
    return {
        "user": token.user,
        "role": token.role,
        "community": _community(),
        "volunteer": volunteer.id if volunteer else None,
        "name_of_token": token.name,
        "scopes": token.scopes,
        "expires_at": token.expires_at,
        "today": clock.today(),
    }


def _community() -> Community | None:
    """Return the community the token sees, nothing for somebody of none."""
    try:
        return my_community()
    except NotFound:
        return None


@doors.get("/communities")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.CommunityShape))
def communities(asked: dict[str, Any]) -> Page:
    """The communities that are open to the token's user; a token sees the rows of one of them, see /me."""
    return cut(sorted(tenancy.communities_open_to(this_user()), key=lambda each: each.id), asked, lambda each: int(each.id))


@doors.get("/buildings")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.BuildingShape))
def buildings(asked: dict[str, Any]) -> Page:
    """The buildings of the community."""
    return page(select(Building).join(Compound).where(Compound.community_id == here()), Building.id, asked)


@doors.get("/canteens")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.CanteenShape))
def canteens(asked: dict[str, Any]) -> Page:
    """The canteens of the community."""
    return page(select(Canteen).where(Canteen.community_id == here()), Canteen.id, asked)


@doors.get("/stations")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.StationShape))
def stations(asked: dict[str, Any]) -> Page:
    """The stations of the community."""
    return page(select(Station).where(Station.community_id == here()), Station.id, asked)


@doors.get("/kinds")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.KindShape))
def kinds(asked: dict[str, Any]) -> Page:
    """The kinds of service in the catalogue."""
    return page(select(ServiceKind), ServiceKind.id, asked)


@doors.get("/skills")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.SkillShape))
def skills(asked: dict[str, Any]) -> Page:
    """The skills of the catalogue."""
    return page(select(Skill), Skill.id, asked)


@doors.get("/notices")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.NoticeShape))
def notices(asked: dict[str, Any]) -> Page:
    """The messages of the community's outbox, the oldest first."""
    return page(select(Notice).where(Notice.community_id == here()), Notice.id, asked)
