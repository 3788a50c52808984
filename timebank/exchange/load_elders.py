"""Rows of the elders' workbook: elders with household, consents and pairings; the family that may speak for them."""

from datetime import date
from typing import Any

from sqlalchemy import select, tuple_

from timebank import audit, clock, phones
from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.access.sorting import same_name, sort_key
from timebank.db import Base, db
from timebank.elders import own_number
from timebank.elders import queries as elders
from timebank.elders.actions import approve_family, look_anew
from timebank.elders.models import CareLevel, Consent, Elder, FamilyMember, Household, Purpose, Said
from timebank.elders.queries import awaits_second
from timebank.errors import wrong
from timebank.exchange.loading import (
    Into,
    Storey,
    ask_whether_same,
    building_named,
    changed,
    elder_numbered,
    put,
    stored_of,
    taken,
    volunteer_numbered,
)
from timebank.exchange.report import Fate
from timebank.exchange.rows import Row
from timebank.sentences import Sentence
from timebank.visits.models import HelpRequest, Pairing, RequestState, Tie
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import volunteers_with_phone

Loaded = tuple[Fate, Base]
STOREY = (Household.building_id, Household.floor, Household.entrance)
CONSENT_VERSION = "1"
PLAIN = ("name", "gender", "birth_year", "phone", "lives_alone", "level")
TIES = {"usual": Tie.USUAL, "excluded": Tie.EXCLUDED}
CONSENTS = {"consent_service": Purpose.SERVICE, "consent_health": Purpose.HEALTH, "consent_door": Purpose.DOOR}


def elder(line: Row, into: Into) -> Loaded:
    """Put in an elder: door and household first, then the person, then consents and pairings."""
    row = _elder(line.values, into)
    home = _home(row, line.values, into)
    values = taken(line, _stored(row, home) | _tied(home, line), into)
    _must_be_allowed(line.values, values)
    withdrawn = _withdrawn(row, values)
    if Purpose.DOOR in withdrawn:
        values["door_note"] = stored_of(home, ("door_note",)).get("door_note")
    home_fate = _put_home(home, line, values, into)
    ties = _ties(line.values, into)
    wanted = {name: values[name] for name in PLAIN}
    wanted |= {"household_id": home.id, "sort_key": sort_key(values["name"]), "level": CareLevel(values["level"])}
    wanted |= {"diet": values["diet"] or None, "care_note": values["care_note"] or None}
    if Purpose.HEALTH in withdrawn:
        wanted |= {"level": CareLevel.UNKNOWN, "diet": None, "care_note": None}
    before = row.household if row in db.session else home
    number = row.phone if row in db.session else None
    if number is not None:
        look_anew(row, values["name"])
    fate = put(row, wanted)
    if number is not None:
        own_number.follow_number(row, number)
    touched = [
        home_fate is Fate.CHANGED,
        *_consents(row, values, known=fate is not Fate.NEW),
        *(_pair(home, volunteer, tie, into) for volunteer, tie in ties),
    ]
    touched += [_untie(home, tie) for column, tie in TIES.items() if column in line.cleared]
    if before is not home:
        _move(row, before, home, into)
    into.found[Elder, row.number] = row
    return (Fate.CHANGED if fate is Fate.SAME and any(touched) else fate), row


def _elder(values: dict[str, Any], into: Into) -> Elder:
    """Return the elder of this number, or a new one; a new number of somebody who is known is said, and changes them where that is wished."""
    namesakes = into.known.spelled(Elder.name, values["name"], into.id)
    used = into.known.is_used((Elder.number,), (values["number"],), into.id)
    row = db.session.scalar(select(Elder).where(Elder.community_id == into.id, Elder.number == values["number"])) if used else None
    twin = None if row or not namesakes else _twin(values, namesakes, into)
    if twin is None:
        return row or Elder(community_id=into.id, number=values["number"])
    if into.same_people:
        into.found[Elder, values["number"]] = twin
        return twin
    ask_whether_same(into, twin.number, Sentence("门或电话"))
    return Elder(community_id=into.id, number=values["number"])


def _twin(values: dict[str, Any], namesakes: set[str], into: Into) -> Elder | None:
    """Return an elder of the same name and year of birth who has the same door or telephone."""
    born = (Elder.birth_year.is_(None)) | (Elder.birth_year == values["birth_year"])
    likely = select(Elder).where(Elder.community_id == into.id, born, Elder.name.in_(namesakes))
    return next((each for each in db.session.scalars(likely.order_by(Elder.id)) if _reached_alike(each, values)), None)


def _reached_alike(known: Elder, values: dict[str, Any]) -> bool:
    """Say whether an elder has the door or the telephone of a row."""
    home = known.household
    there = (home.building.compound.name, home.building.name, home.floor, home.door)
    same_door = there == tuple(values[name] for name in ("compound", "building", "floor", "door"))
    return same_door or bool(known.phone and phones.dialled(known.phone) == phones.dialled(values["phone"]))


def _home(row: Elder, values: dict[str, Any], into: Into) -> Household:
    """Return the household of this number, or a new one; who is known by another number stays in theirs while the door is the same."""
    if row in db.session and row.number != values["number"] and _reached_alike(row, values | {"phone": ""}):
        return row.household
    number = values["household"]
    used = into.known.is_used((Household.number,), (number,), into.id)
    known = db.session.scalar(select(Household).where(Household.community_id == into.id, Household.number == number)) if used else None
    return known or Household(community_id=into.id, number=number)


def _stored(row: Elder, home: Household) -> dict[str, Any]:
    """Return what is known of an elder and the door, as the sheet's cells would say it."""
    held = elders.consents(row) if row in db.session else {}
    dates = {column: held[purpose].given_at.date() for column, purpose in CONSENTS.items() if purpose in held}
    person = stored_of(row, PLAIN) | {name: value or "" for name, value in stored_of(row, ("diet", "care_note")).items()}
    door = {name: value or "" for name, value in stored_of(home, ("entrance", "door_note")).items()}
    return person | door | dates


def _tied(home: Household, line: Row) -> dict[str, Any]:
    """Return who is tied to a door in the ways that a row clears."""
    return {column: tuple(each.volunteer_id for each in _pairings(home, tie)) for column, tie in TIES.items() if column in line.cleared}


def _must_be_allowed(said: dict[str, Any], values: dict[str, Any]) -> None:
    """Refuse sensitive words of a row that nobody agreed to have written down; what is known was agreed to."""
    if values["consent_health"] is None and (said["diet"] or said["care_note"] or said["level"] != "unknown"):
        raise wrong("consent_health", "填了自理程度、饮食或照护提示，但没有“同意记录健康”的日期。请先征得同意，或清空这几格。")
    if values["consent_door"] is None and said["door_note"]:
        raise wrong("consent_door", "填了上门提示，但没有“同意上门提示”的日期。请先征得同意，或清空上门提示。")


def _withdrawn(row: Elder, values: dict[str, Any]) -> set[Purpose]:
    """Return the consents of this sheet that have been withdrawn since: what stands in an old file does not bring them back."""
    given = {purpose: values[column] for column, purpose in CONSENTS.items()}
    known = _known(row)
    gone = {each.purpose for each in known if each.withdrawn_at and each.given_at.date() == given[each.purpose]}
    return gone - {each.purpose for each in known if not each.withdrawn_at}


def _known(row: Elder) -> list[Consent]:
    """Return every consent an elder has given."""
    return list(db.session.scalars(select(Consent).where(Consent.elder_id == row.id))) if row.id else []


def _put_home(row: Household, line: Row, values: dict[str, Any], into: Into) -> Fate:
    """Put in the household at this door; a couple's two rows must name one door."""
    place = building_named(into, values["compound"], values["building"])
    if values["floor"] > place.floors:
        raise wrong("floor", "这一栋只有 %(floors)s 层，请核对楼层。", floors=place.floors)
    address = (place.id, values["entrance"], values["floor"], values["door"])
    if into.houses.setdefault(values["household"], address) != address:
        raise wrong("household", "同一个户号的地址不一样，请核对户号或地址。")
    note = line.values["door_note"]
    if note and into.notes.setdefault(values["household"], note) != note:
        raise wrong("door_note", "同一户写了两个不同的上门提示，请合成一句。")
    wanted = {"building_id": place.id, "entrance": values["entrance"], "floor": values["floor"], "door": values["door"]}
    if row not in db.session:
        _ask_about_door(row, wanted, into)
    elif stored_of(row, wanted) != wanted:
        _say_who_moves(row, values, into)
        into.known.is_used(STOREY, tuple(wanted[name] for name in ("building_id", "floor", "entrance")), into.id)
        into.doors.clear()
    return put(row, wanted | {"door_note": values["door_note"] or None})


def _ask_about_door(row: Household, wanted: dict[str, Any], into: Into) -> None:
    """Say that a new household has the door of one that is known: one door is one household."""
    doors = _doors((wanted["building_id"], wanted["floor"], wanted["entrance"]), into)
    there = doors.setdefault(wanted["door"], row.number)
    if there != row.number and not into.said.alike:
        into.remark(
            "household", "这个门已经是户号 %(there_number)s。住在一起的请填同一个户号，不然会当成两户各送一趟。", there_number=there
        )


def _doors(storey: Storey, into: Into) -> dict[str | None, str]:
    """Return the households of a storey by door, the first one of each; asked of the database once, and only where anybody lives."""
    inhabited = into.known.is_used(STOREY, storey, into.id)
    if storey not in into.doors:
        there = select(Household).where(tuple_(*STOREY) == storey).order_by(Household.id.desc())
        into.doors[storey] = {each.door: each.number for each in db.session.scalars(there)} if inhabited else {}
    return into.doors[storey]


def _say_who_moves(home: Household, values: dict[str, Any], into: Into) -> None:
    """Say who else moves when the address of a household changes."""
    others = "、".join(each.name for each in home.elders if each.number != values["number"])
    if others:
        into.remark(
            "household",
            "户号 %(home_number)s 的地址改了，同户的%(others)s一起搬。只有一个人搬，请给这一位另一个户号。",
            home_number=home.number,
            others=others,
        )


def _move(row: Elder, before: Household, home: Household, into: Into) -> None:
    """Let an elder's own needs move along to another door; of what was asked for the old household, ask."""
    for stale, names in ((row, ["household"]), (before, ["elders"]), (home, ["elders"])):
        db.session.expire(stale, names)
    going = (HelpRequest.household_id == before.id, HelpRequest.state.in_((RequestState.NEW, RequestState.ACCEPTED)))
    asked = list(db.session.scalars(select(HelpRequest).where(*going).order_by(HelpRequest.id)))
    for request in [each for each in asked if each.elder_id == row.id]:
        put(request, {"household_id": home.id})
        audit.record("move", "help_request", request.id, household=home.id)
        changed(request, into)
    shared = "、".join(f"{each.number}（{each.kind.name}）" for each in asked if each.elder_id is None)
    if shared:
        into.remark(
            "household",
            "%(row)s搬到 %(home_number)s，本人的需求一起搬。原来的 %(before_number)s 还有合在一起的需求：%(shared)s。还要不要、几份、送到哪个门？请在需求表里改好。",
            row=row.name,
            home_number=home.number,
            before_number=before.number,
            shared=shared,
        )


def _consents(row: Elder, values: dict[str, Any], *, known: bool) -> list[bool]:
    """Write down the consents that are not known yet; say for each whether it is new. Somebody who is not known has given none."""
    there = {(each.purpose, each.given_at.date()) for each in _known(row)} if known else set()
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
        raise wrong("excluded", "同一个志愿者不能又熟悉又不搭配，请核对。")
    usual = [(volunteer_numbered(into, number, "usual").id, Tie.USUAL) for number in values["usual"]]
    return usual + [(volunteer_numbered(into, number, "excluded").id, Tie.EXCLUDED) for number in values["excluded"]]


def _pair(home: Household, volunteer_id: int, tie: Tie, into: Into) -> bool:
    """Tie a volunteer to a door; say whether that changed anything. Ties made elsewhere stay."""
    used = into.known.is_used((Pairing.household_id, Pairing.volunteer_id), (home.id, volunteer_id))
    pair = select(Pairing).where(Pairing.household_id == home.id, Pairing.volunteer_id == volunteer_id)
    row = db.session.scalar(pair) if used else None
    return put(row or Pairing(household_id=home.id, volunteer_id=volunteer_id), {"tie": tie}) is not Fate.SAME


def _pairings(home: Household, tie: Tie) -> list[Pairing]:
    """Return who is tied to a door in one way."""
    return list(db.session.scalars(select(Pairing).where(Pairing.household_id == home.id, Pairing.tie == tie))) if home.id else []


def _untie(home: Household, tie: Tie) -> bool:
    """Let go of everybody who is tied to a door in one way; say whether there was anybody."""
    gone = _pairings(home, tie)
    for each in gone:
        db.session.delete(each)
    db.session.flush()
    return bool(gone)


def family(line: Row, into: Into) -> Loaded:
    """Put in a relative: a sign-in, and the link to the elder, approved when the sheet says it was checked; never by a shared number."""
    values = line.values
    person = elder_numbered(into, values["elder"])
    known = users.user_of(values["phone"]) if into.known.is_used((User.phone,), (values["phone"],)) else None
    user = known or access.add_user(values["phone"], values["name"], Role.FAMILY, community_id=into.id, is_free=True)
    own = _own_number(user, values, into)
    named = not user.name and put(user, {"name": values["name"]}) is Fate.CHANGED
    linked = select(FamilyMember).where(FamilyMember.elder_id == person.id, FamilyMember.user_id == user.id)
    row = (db.session.scalar(linked) if known else None) or FamilyMember(elder_id=person.id, user_id=user.id)
    wanted: dict[str, Any] = {"relation": values["relation"] if own else f"{values['relation']}（{values['name']}）"}
    by = audit.acting_user()
    checked = own and values["approved"] and row.approved_at is None
    if checked and row.elder_said is None:
        wanted["elder_said"] = Said.FILE
    if checked and by is None:
        wanted["approved_at"] = clock.now()
    if not own:
        into.remark(
            "shared", "手机和“%(user)s”共用：从这个号码登录的人还不能替老人说话，请在老人页面上问过老人再批准。", user=user.shown_name
        )
    fate = put(row, wanted)
    if checked and by is not None and not awaits_second(row):
        approve_family(row, db.session.get_one(User, by))
        into.remark("approved", "家属要第二个人核准，或者 24 小时没有人反对，才能替老人说话。")
    return (Fate.CHANGED if fate is Fate.SAME and named else fate), row


def _own_number(user: User, values: dict[str, Any], into: Into) -> bool:
    """Say whether a relative's number is their own; one that carries another's name is only taken where the sheet says it is shared."""
    shares = into.known.is_used((Volunteer.phone,), (values["phone"],), into.id)
    names = [user.name, *(each.name for each in (volunteers_with_phone(into.id, values["phone"]) if shares else ()))]
    other = next((name for name in names if name and not same_name(name, values["name"])), None)
    if other is None:
        return True
    if not values["shared"]:
        known = other if user.community_id == into.id else mask_name(other)
        raise wrong(
            "phone",
            "这个手机号登记的是“%(known)s”，和“%(values)s”不同名。请核对号码和姓名；确实共用一个手机，请在“共用手机”列填“是”，再到老人页面上批准。",
            known=known,
            values=values["name"],
        )
    return False
