"""Doors of elders and volunteers: who there is, when they are free or away, and what of them is changed."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from timebank import audit, clock
from timebank.api.edge import Doors, marked, must_match, once
from timebank.api.paging import PageArgs, listed, page
from timebank.api.shapes import people as shapes
from timebank.api.shared import columns, here
from timebank.db import BRIEFLY, transaction
from timebank.desk.views.volunteers import note_away
from timebank.elders import actions as elder_actions
from timebank.elders import queries as elders
from timebank.elders.actions import Door
from timebank.elders.actions import Person as ElderPerson
from timebank.elders.models import Elder, ElderState, Household
from timebank.places import queries as places
from timebank.places.models import Building
from timebank.visits.actions import homes, leaving
from timebank.volunteers import actions as volunteer_actions
from timebank.volunteers import queries as volunteers
from timebank.volunteers.actions import Person
from timebank.volunteers.models import Team, Volunteer
from timebank.web import found

doors = Doors("people", "Elders and volunteers")
Page = dict[str, Any]
ELDERS_OWN = ("name", "gender", "birth_year", "phone", "lives_alone", "level", "diet", "care_note")
VOLUNTEERS_OWN = (
    "name", "phone", "gender", "birth_year", "travel", "boxes", "radius", "max_day", "max_week", "has_phone", "insured_until", "active",
)  # fmt: skip


def _elder(elder_id: int) -> Elder:
    """Return an elder of the community."""
    return found(elders.elder_of(here(), elder_id))


def _volunteer(volunteer_id: int) -> Volunteer:
    """Return a volunteer of the community."""
    return found(volunteers.volunteer_in(here(), volunteer_id))


def _building(building_id: int) -> Building:
    """Return a building of the community."""
    return found(next((each for each in places.buildings(here()) if each.id == building_id), None))


@doors.get("/elders")
@doors.arguments(shapes.PeopleArgs, location="query")
@doors.response(200, listed(shapes.ElderShape))
def list_elders(asked: dict[str, Any]) -> Page:
    """The elders of the community."""
    active = Elder.state == ElderState.ACTIVE
    home = joinedload(Elder.household).joinedload(Household.building).joinedload(Building.compound)
    rows = select(Elder).where(Elder.community_id == here(), ~active if asked["gone"] else active)
    return page(rows.options(home, selectinload(Elder.pauses)), Elder.id, asked)


@doors.get("/elders/<int:elder_id>")
@marked
@doors.response(200, shapes.ElderShape)
def elder(elder_id: int) -> Elder:
    """One elder; reading is on record."""
    audit.look("elder", _elder(elder_id).id)
    return _elder(elder_id)


@doors.get("/elders/<int:elder_id>/door")
@doors.response(200, shapes.DoorShape)
def elder_door(elder_id: int) -> Elder:
    """The door, diet and care notes of an elder; reading is on record, each time."""
    with transaction(patience=BRIEFLY):
        elder_actions.read_door(_elder(elder_id))
    return _elder(elder_id)


@doors.post("/elders")
@once
@doors.arguments(shapes.ElderBody)
@doors.response(201, shapes.ElderShape)
def add_elder(said: dict[str, Any]) -> Elder:
    """Write down an elder who is new here; where somebody lives at that door already (same_door), say whether it is the same household."""
    door = Door(building=_building(said["building"]), entrance=said["entrance"], floor=said["floor"], door=said["door"])
    person = ElderPerson(**{name: said[name] for name in ELDERS_OWN if name in said})
    return elder_actions.register(here(), door, person, same=said["same_household"])


@doors.patch("/elders/<int:elder_id>")
@once
@doors.arguments(shapes.ElderChange)
@doors.response(200, shapes.ElderShape)
def change_elder(said: dict[str, Any], elder_id: int) -> Elder:
    """Change who an elder is; wants If-Match."""
    known = _elder(elder_id)
    must_match(shapes.ElderShape(), known)
    as_it_is = {name: getattr(known, name) for name in ELDERS_OWN} | {"diet": known.diet or "", "care_note": known.care_note or ""}
    elder_actions.edit_elder(known, ElderPerson(**{**as_it_is, **said}))
    return known


@doors.post("/elders/<int:elder_id>/pauses")
@once
@doors.arguments(shapes.PauseBody)
@doors.response(201, shapes.DoneShape)
def pause_elder(said: dict[str, Any], elder_id: int) -> dict[str, Any]:
    """Note the days on which an elder needs nobody; whoever was to come is told."""
    known = _elder(elder_id)
    others = homes.others_away(known, said["both"])
    changed = homes.pause(known, said["first_day"], said["last_day"], said["reason"], others=others)
    return {"done": "paused", "given_back": len(changed.gone)}


@doors.post("/elders/<int:elder_id>/pauses/<int:pause_id>/end")
@once
@doors.arguments(shapes.BackBody)
@doors.response(200, shapes.DoneShape)
def come_back(said: dict[str, Any], elder_id: int, pause_id: int) -> dict[str, Any]:
    """Note the day from which an elder is back, earlier than was said."""
    known = _elder(elder_id)
    homes.come_back(known, found(elders.pause_of(known, pause_id)), said["back"])
    return {"done": "ended", "given_back": 0}


@doors.get("/volunteers")
@doors.arguments(shapes.PeopleArgs, location="query")
@doors.response(200, listed(shapes.VolunteerShape))
def list_volunteers(asked: dict[str, Any]) -> Page:
    """The volunteers of the community."""
    rows = select(Volunteer).where(Volunteer.community_id == here(), Volunteer.active.is_(not asked["gone"]))
    return page(rows, Volunteer.id, asked)


def _spans(known: Volunteer) -> list[dict[str, int]]:
    """Return the free times of a volunteer's ordinary week."""
    week = volunteers.availability_of(known)
    return [{"weekday": weekday, "start": start, "end": end} for weekday, spans in week.items() for start, end in spans]


def _as_shown(volunteer_id: int) -> dict[str, Any]:
    """Return a volunteer as the fields of the whole shape read it."""
    known = _volunteer(volunteer_id)
    return {
        **columns(shapes.VolunteerShape, known),
        "skills": list(known.skills),
        "availability": _spans(known),
        "time_off": volunteers.time_off_from(known, clock.today()),
    }


@doors.get("/volunteers/<int:volunteer_id>")
@marked
@doors.response(200, shapes.WholeVolunteerShape)
def volunteer(volunteer_id: int) -> dict[str, Any]:
    """One volunteer with skills, free times and days away; reading is on record."""
    audit.look("volunteer", _volunteer(volunteer_id).id)
    return _as_shown(volunteer_id)


@doors.post("/volunteers")
@once
@doors.arguments(shapes.VolunteerBody)
@doors.response(201, shapes.VolunteerShape)
def add_volunteer(said: dict[str, Any]) -> Volunteer:
    """Write down a volunteer who is new here."""
    unit, home = said.pop("unit"), _building(said.pop("home"))
    chosen = found(next((each for each in volunteers.units_now(here()) if each.id == unit), None)) if unit else None
    return volunteer_actions.add_volunteer(here(), Person(**said, unit=chosen, home=home))


@doors.patch("/volunteers/<int:volunteer_id>")
@once
@doors.arguments(shapes.VolunteerChange)
@doors.response(200, shapes.WholeVolunteerShape)
def change_volunteer(said: dict[str, Any], volunteer_id: int) -> dict[str, Any]:
    """Change what is known of a volunteer; wants If-Match. Another name or number waits for a second person."""
    known = _volunteer(volunteer_id)
    must_match(shapes.WholeVolunteerShape(), _as_shown(volunteer_id))
    home = _building(said.pop("home")) if "home" in said else None
    as_it_is = {name: getattr(known, name) for name in VOLUNTEERS_OWN}
    leaving.edit(known, Person(**{**as_it_is, **said}, home=home))
    return _as_shown(volunteer_id)


@doors.put("/volunteers/<int:volunteer_id>/availability")
@once
@doors.arguments(shapes.WeekBody)
@doors.response(200, shapes.WeekShape)
def set_availability(said: dict[str, Any], volunteer_id: int) -> dict[str, Any]:
    """Set the free times of a volunteer's whole ordinary week."""
    known = _volunteer(volunteer_id)
    before = volunteers.availability_of(known)
    for weekday in range(7):
        spans = [(each["start"], each["end"]) for each in said["spans"] if each["weekday"] == weekday]
        if spans != before[weekday]:
            volunteer_actions.set_availability(known, weekday, spans)
    return {"spans": _spans(known)}


@doors.post("/volunteers/<int:volunteer_id>/time-off")
@once
@doors.arguments(shapes.TimeOffBody)
@doors.response(201, shapes.DoneShape)
def add_time_off(said: dict[str, Any], volunteer_id: int) -> dict[str, Any]:
    """Note that a volunteer is away; what stands then is given back only where that is said, else refused (promised)."""
    return {"done": "noted", "given_back": len(note_away(_volunteer(volunteer_id), said).offers)}


@doors.delete("/volunteers/<int:volunteer_id>/time-off/<int:time_off_id>")
@once
@doors.response(200, shapes.DoneShape)
def drop_time_off(volunteer_id: int, time_off_id: int) -> dict[str, Any]:
    """Take a day away back."""
    volunteer_actions.drop_time_off(found(volunteers.time_off_of(_volunteer(volunteer_id), time_off_id)))
    return {"done": "dropped", "given_back": 0}


@doors.get("/teams")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.TeamShape))
def teams(asked: dict[str, Any]) -> Page:
    """The teams of the community."""
    return page(select(Team).where(Team.community_id == here()).options(selectinload(Team.members)), Team.id, asked)
