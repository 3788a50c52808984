"""Rows of the elders' workbook: elders with household, consents and pairings; the family that may speak for them."""

from datetime import date
from typing import Any

from sqlalchemy import select

from timebank import clock
from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.models import Role
from timebank.access.sorting import sort_key
from timebank.db import Base, db
from timebank.elders.models import CareLevel, Consent, Elder, FamilyMember, Household, Purpose
from timebank.exchange.loading import Into, building_named, elder_numbered, put, volunteer_numbered, wrong
from timebank.exchange.report import Fate
from timebank.visits.models import Pairing, Tie

Loaded = tuple[Fate, Base]
CONSENT_VERSION = "1"
PLAIN = ("name", "gender", "birth_year", "phone", "lives_alone", "level")
CONSENTS = {"consent_service": Purpose.SERVICE, "consent_health": Purpose.HEALTH, "consent_door": Purpose.DOOR}


def elder(values: dict[str, Any], into: Into) -> Loaded:
    """Put in an elder: door and household first, then the person, then consents and pairings."""
    _must_be_allowed(values)
    row = db.session.scalar(select(Elder).where(Elder.community_id == into.id, Elder.number == values["number"])) or Elder(
        community_id=into.id, number=values["number"]
    )
    withdrawn = _withdrawn(row, values)
    home, home_fate = _household(values, into)
    ties = _ties(values, into)
    wanted = {name: values[name] for name in PLAIN}
    wanted |= {"household_id": home.id, "sort_key": sort_key(values["name"]), "level": CareLevel(values["level"])}
    wanted |= {"diet": values["diet"] or None, "care_note": values["care_note"] or None}
    if Purpose.HEALTH in withdrawn:
        wanted |= {"level": CareLevel.UNKNOWN, "diet": None, "care_note": None}
    fate = put(row, wanted)
    touched = [home_fate is Fate.CHANGED, *_consents(row, values), *(_pair(home, volunteer, tie) for volunteer, tie in ties)]
    return (Fate.CHANGED if fate is Fate.SAME and any(touched) else fate), row


def _must_be_allowed(values: dict[str, Any]) -> None:
    """Refuse sensitive words that nobody agreed to have written down."""
    if values["consent_health"] is None and (values["diet"] or values["care_note"] or values["level"] != "unknown"):
        raise wrong(
            "consent_health",
            "填了自理程度、饮食或照护提示，但没有“同意记录健康”的日期。请先征得同意，或清空这几格。",
            "Care level, diet or care note is filled in without a consent to health notes; ask first, or clear them.",
        )
    if values["consent_door"] is None and values["door_note"]:
        raise wrong(
            "consent_door",
            "填了上门提示，但没有“同意上门提示”的日期。请先征得同意，或清空上门提示。",
            "A door note is filled in without a consent; ask first, or clear it.",
        )


def _withdrawn(row: Elder, values: dict[str, Any]) -> set[Purpose]:
    """Return the consents of this sheet that have been withdrawn since: what stands in an old file does not bring them back."""
    given = {purpose: values[column] for column, purpose in CONSENTS.items()}
    return {each.purpose for each in _known(row) if each.withdrawn_at and each.given_at.date() == given[each.purpose]}


def _known(row: Elder) -> list[Consent]:
    """Return every consent an elder has given."""
    return list(db.session.scalars(select(Consent).where(Consent.elder_id == row.id))) if row.id else []


def _household(values: dict[str, Any], into: Into) -> tuple[Household, Fate]:
    """Return the household at this door; a couple's two rows must name one door."""
    place = building_named(into, values["compound"], values["building"])
    if values["floor"] > place.floors:
        raise wrong("floor", f"这一栋只有 {place.floors} 层，请核对楼层。", f"This building has {place.floors} floors; check the floor.")
    address = (place.id, values["entrance"], values["floor"], values["door"])
    if into.houses.setdefault(values["household"], address) != address:
        raise wrong(
            "household",
            "同一个户号的地址不一样，请核对户号或地址。",
            "Rows of one household name different doors; check number or address.",
        )
    note = values["door_note"]
    if note and into.notes.setdefault(values["household"], note) != note:
        raise wrong("door_note", "同一户写了两个不同的上门提示，请合成一句。", "One household has two different door notes; make them one.")
    row = db.session.scalar(
        select(Household).where(Household.community_id == into.id, Household.number == values["household"])
    ) or Household(community_id=into.id, number=values["household"])
    wanted = {"building_id": place.id, "entrance": values["entrance"], "floor": values["floor"], "door": values["door"]}
    if note:
        wanted["door_note"] = note
    return row, put(row, wanted)


def _consents(row: Elder, values: dict[str, Any]) -> list[bool]:
    """Write down the consents that are not known yet; say for each whether it is new."""
    there = {(each.purpose, each.given_at.date()) for each in _known(row)}
    given = [(purpose, values[column]) for column, purpose in CONSENTS.items() if values[column]]
    new = [(purpose, day) for purpose, day in given if (purpose, day) not in there]
    db.session.add_all([_consent(row, purpose, day, values["channel"]) for purpose, day in new])
    return [True] * len(new)


def _consent(row: Elder, purpose: Purpose, day: date, channel: str) -> Consent:
    """Return one consent as the sheet says it was given."""
    when = clock.at(day, 12 * 60)
    return Consent(elder_id=row.id, purpose=purpose, given_by="elder", channel=channel, version=CONSENT_VERSION, given_at=when)


def _ties(values: dict[str, Any], into: Into) -> list[tuple[int, Tie]]:
    """Return who is usual at this door and who must not come."""
    both = set(values["usual"]) & set(values["excluded"])
    if both:
        raise wrong(
            "excluded",
            "同一个志愿者不能又熟悉又不搭配，请核对。",
            "A volunteer cannot be usual and excluded at one door; check the numbers.",
        )
    usual = [(volunteer_numbered(into, number, "usual").id, Tie.USUAL) for number in values["usual"]]
    return usual + [(volunteer_numbered(into, number, "excluded").id, Tie.EXCLUDED) for number in values["excluded"]]


def _pair(home: Household, volunteer_id: int, tie: Tie) -> bool:
    """Tie a volunteer to a door; say whether that changed anything. Ties made elsewhere stay."""
    row = db.session.scalar(select(Pairing).where(Pairing.household_id == home.id, Pairing.volunteer_id == volunteer_id))
    return put(row or Pairing(household_id=home.id, volunteer_id=volunteer_id), {"tie": tie}) is not Fate.SAME


def family(values: dict[str, Any], into: Into) -> Loaded:
    """Put in a relative: a sign-in, and the link to the elder, approved when the sheet says it was checked."""
    person = elder_numbered(into, values["elder"])
    user = users.user_of(values["phone"]) or access.add_user(values["phone"], values["name"], Role.FAMILY, community_id=into.id)
    row = db.session.scalar(
        select(FamilyMember).where(FamilyMember.elder_id == person.id, FamilyMember.user_id == user.id)
    ) or FamilyMember(elder_id=person.id, user_id=user.id)
    wanted: dict[str, Any] = {"relation": values["relation"]}
    if values["approved"] and row.approved_at is None:
        wanted["approved_at"] = clock.now()
    return put(row, wanted), row
