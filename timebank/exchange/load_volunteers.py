"""Rows of the volunteers' workbook: units, volunteers with their free times, proofs of skills."""

from typing import Any

from sqlalchemy import select

from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.models import Role, User
from timebank.access.sorting import sort_key
from timebank.catalogue.models import Skill
from timebank.db import Base, db
from timebank.exchange.columns import WEEK
from timebank.exchange.loading import Into, point, put, skill_named, volunteer_numbered, wrong
from timebank.exchange.report import Fate
from timebank.ledger.actions import open_account
from timebank.volunteers.models import Availability, HeldSkill, Unit, Volunteer

Loaded = tuple[Fate, Base]
PLAIN = ("name", "gender", "birth_year", "phone", "has_phone", "staff", "address", "travel", "boxes", "radius", "max_day", "max_week")


def unit(values: dict[str, Any], into: Into) -> Loaded:
    """Put in a unit."""
    row = db.session.scalar(select(Unit).where(Unit.community_id == into.id, Unit.name == values["name"])) or Unit(
        community_id=into.id, name=values["name"]
    )
    return put(row, {"contact": values["contact"]}), row


def volunteer(values: dict[str, Any], into: Into) -> Loaded:
    """Put in a volunteer: the person, a time account when new, a sign-in when there is a smartphone, the free times."""
    row = _volunteer(values, into)
    skills = [_unproved(into, word) for word in values["skills"]]
    wanted = {name: values[name] for name in PLAIN} | point(values)
    wanted |= {"insured_until": values["insured_until"], "unit_id": _unit_id(values, into), "sort_key": sort_key(values["name"])}
    if row not in db.session:
        wanted["account_id"] = open_account(into.id).id
    wanted["user_id"] = _user_id(row, values, into)
    fate = put(row, wanted)
    touched = [_hold(row, skill.id) for skill in skills]
    touched.append(_keep_times(row, values))
    return (Fate.CHANGED if fate is Fate.SAME and any(touched) else fate), row


def _volunteer(values: dict[str, Any], into: Into) -> Volunteer:
    """Return the volunteer of this number, or a new one; refuse numbers and phones that are somebody else's."""
    row = db.session.scalar(select(Volunteer).where(Volunteer.number == values["number"]))
    if row is not None and row.community_id != into.id:
        raise wrong("number", "这个编号已被别的社区使用，请换一个。", "This number is in use in another community; choose another.")
    holder = db.session.scalar(select(Volunteer).where(Volunteer.community_id == into.id, Volunteer.phone == values["phone"]))
    if holder is not None and holder is not row:
        raise wrong(
            "phone",
            f"手机号和志愿者 {holder.number} 重复；同一个人请用同一个编号，否则请核对号码。",
            f"This mobile is volunteer {holder.number}'s; use one number for one person, or check it.",
        )
    return row or Volunteer(community_id=into.id, number=values["number"])


def _unit_id(values: dict[str, Any], into: Into) -> int | None:
    """Return the id of the unit that is named, if any."""
    if not values["unit"]:
        return None
    found = db.session.scalar(select(Unit.id).where(Unit.community_id == into.id, Unit.name == values["unit"]))
    if found is None:
        raise wrong("unit", "“单位”表里没有这个单位，请先加上。", "The sheet 单位 has no such unit; add it first.")
    return found


def _user_id(row: Volunteer, values: dict[str, Any], into: Into) -> int | None:
    """Return the sign-in of a volunteer with a smartphone; it follows a change of number."""
    if not values["has_phone"]:
        return row.user_id
    known = users.user_of(values["phone"])
    mine = db.session.get(User, row.user_id) if row.user_id else None
    if known is not None and known is not mine:
        taken = db.session.scalar(select(Volunteer.number).where(Volunteer.user_id == known.id))
        if taken or known.role is not Role.VOLUNTEER or mine is not None:
            raise wrong("phone", "这个手机号已经用于另一个登录用户，请核对。", "This mobile signs somebody else in already; check it.")
        return known.id
    if mine is not None:
        put(mine, {"phone": values["phone"], "name": values["name"]})
        return mine.id
    return access.add_user(values["phone"], values["name"], Role.VOLUNTEER, community_id=into.id).id


def _unproved(into: Into, word: str) -> Skill:
    """Return a skill that may be held without a proof."""
    skill = skill_named(into, word, "skills")
    if skill.needs_proof:
        raise wrong(
            "skills", f"“{skill.name}”需要证明，请写在“技能证明”表里。", f"{skill.name_en} needs a proof; write it in the sheet 技能证明."
        )
    return skill


def _hold(row: Volunteer, skill_id: int) -> bool:
    """Let a volunteer hold a skill; say whether that is new."""
    if any(held.skill_id == skill_id for held in row.skills):
        return False
    row.skills.append(HeldSkill(skill_id=skill_id, proof="", expires=None))
    return True


def _keep_times(row: Volunteer, values: dict[str, Any]) -> bool:
    """Make the free times of the week those of the sheet; say whether that changed anything."""
    wanted = {(day, start): end for day in range(len(WEEK)) for start, end in values[f"free_{day}"]}
    there = {(slot.weekday, slot.start): slot for slot in row.availability}
    if {key: slot.end for key, slot in there.items()} == wanted:
        return False
    # Changed in place: a row deleted and written anew would meet itself in the unique key.
    for key, slot in there.items():
        if key in wanted:
            slot.end = wanted[key]
        else:
            row.availability.remove(slot)
    row.availability += [
        Availability(weekday=day, start=start, end=end) for (day, start), end in wanted.items() if (day, start) not in there
    ]
    return True


def proof(values: dict[str, Any], into: Into) -> Loaded:
    """Put in the proof of a skill."""
    holder = volunteer_numbered(into, values["volunteer"], "volunteer")
    skill = skill_named(into, values["skill"])
    row = next((held for held in holder.skills if held.skill_id == skill.id), None)
    wanted = {"proof": values["proof"], "expires": values["expires"]}
    if row is None:
        row = HeldSkill(skill_id=skill.id, **wanted)
        holder.skills.append(row)
        return Fate.NEW, row
    return put(row, wanted), row
