"""Doors of what no check-in shows: entered by one person, counted for once another has posted it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access.guards import this_user
from timebank.api.edge import Doors, marked, once
from timebank.api.paging import listed, page
from timebank.api.shapes import books
from timebank.api.shapes import entries as shapes
from timebank.api.shared import here
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Invalid
from timebank.records import queries
from timebank.sentences import Sentence
from timebank.visits.actions import ceilings, entering
from timebank.visits.entries import ManualEntry
from timebank.visits.models import Offer, ServiceRecord
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteer_in
from timebank.web import found

doors = Doors("entries", "Entries by hand")
Page = dict[str, Any]


def _entry(entry_id: int) -> ManualEntry:
    """Return an entry of the community."""
    return found(queries.entry_in(here(), entry_id))


@doors.get("/entries")
@doors.arguments(shapes.EntryArgs, location="query")
@doors.response(200, listed(shapes.EntryShape))
def list_entries(asked: dict[str, Any]) -> Page:
    """The entries by hand of the community, those that wait and those decided."""
    rows = select(ManualEntry).where(ManualEntry.community_id == here()).options(joinedload(ManualEntry.kind))
    return page(rows.where(ManualEntry.state == asked["state"]) if asked["state"] else rows, ManualEntry.id, asked)


@doors.get("/entries/<int:entry_id>")
@marked
@doors.response(200, shapes.EntryShape)
def entry(entry_id: int) -> ManualEntry:
    """One entry by hand."""
    return _entry(entry_id)


@doors.post("/entries")
@once
@doors.arguments(shapes.EntryBody)
@doors.response(201, shapes.EntryShape)
def enter(said: dict[str, Any]) -> ManualEntry:
    """Enter service that no check-in shows; it counts for nothing until somebody else of the office has posted it."""
    return entering.enter(_draft(said), this_user())


def _draft(said: dict[str, Any]) -> entering.Draft:
    """Return what a body describes; the kind is the planned visit's where there was one."""
    volunteer = found(volunteer_in(here(), said["volunteer"]))
    made = _offer(volunteer, said["visit"]) if said["visit"] else None
    return entering.Draft(
        volunteer=volunteer,
        kind=made.visit.kind if made else _kind(said["kind"]),
        started=clock.at(said["day"], said["started"]),
        ended=clock.at(said["day"], said["ended"]),
        place=said["place"] or (made.visit.household.building.compound.name if made else ""),
        reason=said["reason"],
        evidence=said["evidence"],
        offer=made,
    )


def _kind(code: str | None) -> ServiceKind:
    """Return the kind of service a body names."""
    known = db.session.scalar(select(ServiceKind).where(ServiceKind.code == code, ServiceKind.enabled))
    if known is None:
        raise Invalid("请写明做了什么（kind）。", fields={"kind": Sentence("没有这项服务")})
    return known


def _offer(volunteer: Volunteer, visit_id: int) -> Offer:
    """Return what a volunteer had accepted of a visit that took place without check-in."""
    rows = queries.back_enterable(volunteer, clock.today() - ceilings.reach(volunteer.community_id))
    return found(next((each for each in rows if each.visit_id == visit_id), None))


@doors.post("/entries/<int:entry_id>/post")
@once
@doors.response(200, books.RecordShape)
def post(entry_id: int) -> ServiceRecord:
    """Post what somebody else entered: record and credit are written together."""
    return entering.post(_entry(entry_id), this_user())


@doors.post("/entries/<int:entry_id>/refuse")
@once
@doors.arguments(books.RefusalBody)
@doors.response(200, shapes.EntryShape)
def refuse(said: dict[str, Any], entry_id: int) -> ManualEntry:
    """Refuse what somebody else entered, with the reason; nothing is counted."""
    known = _entry(entry_id)
    entering.refuse(known, this_user(), said["decision"])
    return known
