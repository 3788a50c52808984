"""The four workbooks filled with what is known of a community, so that they can be read, changed in Excel and imported again.

Words that are under seal (doors, diets, notes) stand in them only where they are asked for. What the sheets have no column for
(people who have left, what was asked for on a phone) is not in them.
"""

import io
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from timebank import clock
from timebank.access.models import User
from timebank.db import db
from timebank.elders.models import Consent, Elder, ElderState, FamilyMember, Household
from timebank.elders.models import Purpose as Agreed
from timebank.exchange import columns
from timebank.exchange.columns import WEEK, WORKBOOKS
from timebank.exchange.writing import write_workbook
from timebank.places.models import Building, Canteen, Community, Compound, Station
from timebank.visits.models import HelpRequest, Pairing, Pattern, RequestState, Source, Tie
from timebank.volunteers.models import HeldSkill, Team, TeamMember, Unit, Volunteer

Row = Mapping[str, Any]
Rows = list[dict[str, Any]]
NAMES_OF_DAYS = [day.removeprefix("周") for day in WEEK]
GENDERS, MODES, LEVELS, CHANNELS, REPEATS, SPREADS, STATUSES = (
    {value: word for word, value in words.items()}
    for words in (columns.GENDERS, columns.MODES, columns.LEVELS, columns.CHANNELS, columns.REPEATS, columns.SPREADS, columns.STATUSES)
)


def books(community: Community, *, in_clear: bool, mark: str = "") -> list[tuple[str, bytes]]:
    """Return the four workbooks of a community with their names; ``mark`` is written into each, to tell where a copy comes from."""
    rows = rows_of(community, in_clear=in_clear)
    made = []
    for workbook in WORKBOOKS:
        target = io.BytesIO()
        write_workbook(target, workbook, rows, mark=mark)
        made.append((f"{community.slug}-{workbook.title}.xlsx", target.getvalue()))
    return made


def rows_of(community: Community, *, in_clear: bool) -> dict[str, Rows]:
    """Return the rows of every sheet by its name."""
    return {
        columns.COMMUNITY.name: [_community(community)],
        columns.BUILDINGS.name: [_building(each) for each in _all(select(Building).join(Compound), Compound.community_id, community)],
        columns.CANTEENS.name: [_canteen(each) for each in _all(select(Canteen), Canteen.community_id, community)],
        columns.STATIONS.name: [_station(each) for each in _all(select(Station), Station.community_id, community)],
        columns.UNITS.name: [{"name": each.name, "contact": each.contact} for each in _all(select(Unit), Unit.community_id, community)],
        columns.TEAMS.name: [{"name": each.name} for each in _all(select(Team), Team.community_id, community)],
        **_volunteers(community),
        **_elders(community, in_clear=in_clear),
        **_needs(community, in_clear=in_clear),
    }


def _all(rows: Any, owner: Any, community: Community) -> Sequence[Any]:  # noqa: ANN401 - any model's select and column
    """Return what a community has of something, in the order it was entered."""
    (model,) = (each["entity"] for each in rows.column_descriptions)
    found: Sequence[Any] = db.session.scalars(rows.where(owner == community.id).order_by(model.id)).all()
    return found


def _span(start: int, end: int) -> str:
    """Return a time from and to."""
    return f"{clock.hhmm(start)}-{clock.hhmm(end)}"


def _point(place: Any) -> Row:  # noqa: ANN401 - whatever has a point
    """Return a point with the map it was measured by."""
    return {"lat": place.lat, "lon": place.lon, "datum": "WGS-84"}


def _community(row: Community) -> dict[str, Any]:
    """Return the row of a community."""
    return {
        "code": row.slug,
        "street": row.street.name,
        **{name: getattr(row, name) for name in ("name", "issuer", "issuer_code", "responsible", "phone")},
    }


def _building(row: Building) -> dict[str, Any]:
    """Return the row of a building."""
    return {
        "compound": row.compound.name,
        "building": row.name,
        "floors": row.floors,
        "lift": row.lift,
        "access": row.access,
        **_point(row),
    }


def _canteen(row: Canteen) -> dict[str, Any]:
    """Return the row of a canteen."""
    plain = {name: getattr(row, name) for name in ("name", "address", "hot", "access", "phone")}
    return plain | {"pickup": _span(row.ready, row.until), "closes": clock.hhmm(row.closes), **_point(row)}


def _station(row: Station) -> dict[str, Any]:
    """Return the row of a station."""
    return {name: getattr(row, name) for name in ("name", "address", "hours", "phone")} | dict(_point(row))


def _volunteers(community: Community) -> dict[str, Rows]:
    """Return the sheets of the volunteers who serve."""
    known = select(Volunteer).where(Volunteer.active).options(
        selectinload(Volunteer.skills).joinedload(HeldSkill.skill), selectinload(Volunteer.availability), joinedload(Volunteer.unit)
    )  # fmt: skip
    people = _all(known, Volunteer.community_id, community)
    teams: dict[int, list[str]] = {}
    now = select(TeamMember.volunteer_id, Team.name).join(Team).where(Team.community_id == community.id, TeamMember.left.is_(None))
    for number, name in db.session.execute(now.order_by(Team.id)):
        teams.setdefault(number, []).append(name)
    proofs = [
        {"volunteer": each.number, "skill": held.skill.name, "proof": held.proof, "expires": held.expires}
        for each in people
        for held in each.skills
        if held.proof
    ]
    return {
        columns.VOLUNTEERS.name: [_volunteer(each, teams.get(each.id, [])) for each in people],
        columns.PROOFS.name: proofs,
    }


def _volunteer(row: Volunteer, teams: Sequence[str]) -> dict[str, Any]:
    """Return the row of a volunteer."""
    plain = ("number", "name", "birth_year", "phone", "has_phone", "address", "boxes", "radius", "max_day", "max_week", "insured_until")
    free: dict[int, list[str]] = {}
    for slot in row.availability:
        free.setdefault(slot.weekday, []).append(_span(slot.start, slot.end))
    return {
        **{name: getattr(row, name) for name in plain},
        "gender": GENDERS.get(row.gender or "", ""),
        "staff": STATUSES[row.staff],
        "unit": row.unit.name if row.unit else "",
        "travel": MODES[row.travel],
        **{f"free_{day}": ",".join(free.get(day, ["无"])) for day in range(len(WEEK))},
        "skills": "；".join(held.skill.name for held in row.skills if not held.proof),
        "teams": "；".join(teams),
        **_point(row),
    }


def _elders(community: Community, *, in_clear: bool) -> dict[str, Rows]:
    """Return the sheets of the elders who are served, and of their families."""
    known = select(Elder).where(Elder.state == ElderState.ACTIVE)
    known = known.options(joinedload(Elder.household).joinedload(Household.building).joinedload(Building.compound))
    people = _all(known, Elder.community_id, community)
    ties: dict[tuple[int, Tie], list[str]] = {}
    pairs = select(Pairing.household_id, Pairing.tie, Volunteer.number).join(Volunteer, Volunteer.id == Pairing.volunteer_id)
    for home, tie, number in db.session.execute(pairs.where(Volunteer.community_id == community.id).order_by(Pairing.id)):
        ties.setdefault((home, tie), []).append(number)
    agreed: dict[int, dict[Agreed, Consent]] = {}
    held = select(Consent).join(Elder).where(Elder.community_id == community.id, Consent.withdrawn_at.is_(None))
    for each in db.session.scalars(held.order_by(Consent.given_at, Consent.id)):
        agreed.setdefault(each.elder_id, {})[each.purpose] = each
    return {
        columns.ELDERS.name: [_elder(each, ties, agreed.get(each.id, {}), in_clear=in_clear) for each in people],
        columns.FAMILY.name: _family(community),
    }


def _elder(row: Elder, ties: Mapping[tuple[int, Tie], list[str]], agreed: Mapping[Agreed, Consent], *, in_clear: bool) -> dict[str, Any]:
    """Return the row of an elder."""
    home = row.household
    private = {"door": home.door, "diet": row.diet, "care_note": row.care_note} if in_clear else {}
    # A couple has one note on its door; it goes with whoever agreed to have it written down.
    private |= {"door_note": home.door_note} if in_clear and Agreed.DOOR in agreed else {}
    days = {
        column: agreed[purpose].given_at.date() if purpose in agreed else None
        for column, purpose in (("consent_service", Agreed.SERVICE), ("consent_health", Agreed.HEALTH), ("consent_door", Agreed.DOOR))
    }
    channel = next((CHANNELS.get(each.channel, "") for each in agreed.values()), "")
    return {
        **{name: getattr(row, name) for name in ("number", "name", "birth_year", "phone", "lives_alone")},
        "gender": GENDERS.get(row.gender, ""),
        "household": home.number,
        "compound": home.building.compound.name,
        "building": home.building.name,
        "entrance": home.entrance,
        "floor": home.floor,
        "level": LEVELS[row.level],
        "usual": "；".join(ties.get((home.id, Tie.USUAL), [])),
        "excluded": "；".join(ties.get((home.id, Tie.EXCLUDED), [])),
        **days,
        "channel": channel,
        **private,
    }


def _family(community: Community) -> Rows:
    """Return the rows of the relatives."""
    known = select(FamilyMember, Elder.number, User.name, User.phone).select_from(FamilyMember)
    known = known.join(Elder, Elder.id == FamilyMember.elder_id).join(User, User.id == FamilyMember.user_id)
    known = known.where(Elder.community_id == community.id, Elder.state == ElderState.ACTIVE).order_by(FamilyMember.id)
    return [
        {"elder": number, "name": name, "phone": phone, "relation": each.relation, "approved": each.approved_at is not None}
        for each, number, name, phone in db.session.execute(known)
        if name
    ]


def _needs(community: Community, *, in_clear: bool) -> dict[str, Rows]:
    """Return the sheets of the needs that were imported and hold."""
    known = select(HelpRequest).where(HelpRequest.state == RequestState.ACCEPTED, HelpRequest.source == Source.IMPORT)
    known = known.options(joinedload(HelpRequest.kind), joinedload(HelpRequest.elder), joinedload(HelpRequest.household))
    asked = _all(known, HelpRequest.community_id, community)
    row = partial(_need, in_clear=in_clear)
    return {
        columns.STANDING.name: [_standing(each) | row(each) for each in asked if each.pattern is not Pattern.ONCE],
        columns.ONCE.name: [{"dates": ",".join(each.dates)} | row(each) for each in asked if each.pattern is Pattern.ONCE],
    }


def _standing(row: HelpRequest) -> dict[str, Any]:
    """Return what only a standing need says."""
    return {
        "every_weeks": REPEATS.get(row.every_weeks, f"每{row.every_weeks}周"),
        "weekdays": ",".join(NAMES_OF_DAYS[day] for day in row.weekdays),
        "pattern": SPREADS[row.pattern],
        "first_day": row.first_day,
        "last_day": row.last_day,
    }


def _need(row: HelpRequest, *, in_clear: bool) -> dict[str, Any]:
    """Return what every need says; one of a whole household is told by whoever lives there first."""
    first = row.elder or next(iter(row.household.elders), None) if row.household else row.elder
    return {
        "number": row.number,
        "elder": first.number if first else "",
        "kind": row.kind.name,
        "window": _span(row.window_from, row.window_to),
        "boxes": row.boxes or None,
        "minutes": row.minutes,
        "gender": GENDERS.get(row.gender, ""),
        "note": row.note if in_clear else None,
    }
