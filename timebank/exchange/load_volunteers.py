"""Rows of the volunteers' workbook: units, volunteers with their free times, proofs of skills."""

from typing import Any

from sqlalchemy import or_, select

from timebank import clock, numbered
from timebank.access.models import User
from timebank.access.sorting import sort_key
from timebank.catalogue.models import Skill
from timebank.db import Base, db
from timebank.errors import wrong
from timebank.exchange.cells import shown
from timebank.exchange.columns import WEEK
from timebank.exchange.loading import Into, ask_whether_same, found_of, point, put, skill_named, stored_of, taken, volunteer_numbered
from timebank.exchange.report import Fate
from timebank.exchange.rows import Row
from timebank.ledger.actions import open_account
from timebank.proposals.models import Kind
from timebank.proposals.queries import waiting_on
from timebank.sentences import Sentence
from timebank.volunteers import queries as volunteers
from timebank.volunteers import standing
from timebank.volunteers.actions import Person, add_team, check_phone, hold_back, join_team, let_sign_in
from timebank.volunteers.models import Availability, HeldSkill, Standing, Team, Unit, Volunteer

Loaded = tuple[Fate, Base]
PLAIN = ("name", "gender", "birth_year", "phone", "has_phone", "address", "travel", "boxes", "radius", "max_day", "max_week")


def unit(line: Row, into: Into) -> Loaded:
    """Put in a unit."""
    name = line.values["name"]
    row = db.session.scalar(select(Unit).where(Unit.community_id == into.id, Unit.name == name)) or Unit(community_id=into.id, name=name)
    return put(row, {"contact": taken(line, stored_of(row, ("contact",)), into)["contact"]}), row


def team(line: Row, into: Into) -> Loaded:
    """Put in a team."""
    found = _team(into, line.values["name"])
    return (Fate.NEW, add_team(into.id, line.values["name"])) if found is None else (Fate.SAME, found)


def _team(into: Into, name: str) -> Team | None:
    """Return a team of the community by name."""
    return found_of(into, Team, name, select(Team).where(Team.community_id == into.id, Team.name == name))


def volunteer(line: Row, into: Into) -> Loaded:
    """Put in a volunteer: the person, a time account when new, a sign-in when there is a smartphone, the free times."""
    row = _volunteer(line.values, into)
    known = row if row in db.session else None
    values = taken(line, _stored(row) if known else {}, into)
    signs_in = into.known.is_used((User.phone,), (values["phone"],))
    shares = into.known.is_used((Volunteer.phone,), (values["phone"],), into.id)
    if known or signs_in or shares:
        check_phone(into.id, known, Person(name=values["name"], phone=values["phone"], has_phone=values["has_phone"]))
    skills = [_unproved(into, word) for word in line.values["skills"]]
    teams = [_known_team(into, word) for word in line.values["teams"]]
    wanted = {name: values[name] for name in PLAIN} | point(line, row)
    wanted |= {"insured_until": values["insured_until"], "sort_key": sort_key(values["name"])}
    unit = _unit(values, into)
    if known is None:
        wanted |= {"account_id": open_account(into.id).id, "staff": values["staff"], "unit_id": unit.id if unit else None}
    elif _waits(known, values, into):
        wanted |= {"name": known.name, "phone": known.phone, "sort_key": known.sort_key}
    fate = put(row, wanted)
    if known is None:
        standing.begin(row)
    touched = [
        known is not None and _restand(known, values["staff"], unit, into),
        let_sign_in(row, is_free=not signs_in),
        *(_hold(row, skill.id) for skill in skills),
        _keep_times(row, values),
        *(_join(row, each) for each in teams),
    ]
    touched.append("skills" in line.cleared and _drop_unproved(row))
    return (Fate.CHANGED if fate is Fate.SAME and any(touched) else fate), row


def _waits(known: Volunteer, values: dict[str, Any], into: Into) -> bool:
    """Say whether another name or number of somebody known waits for a second person, and remark it in the report."""
    waiting = waiting_on(Kind.IDENTITY, f"volunteer:{known.id}") is not None
    if not waiting and hold_back(known, values["name"], values["phone"]) is None:
        return False
    into.remark(
        "phone", "姓名或手机号和登记的不一样：已经提请，要第二个人核准才改（只改手机号的，24 小时没有人反对也会改），其余的照表里的改。"
    )
    return True


def _restand(known: Volunteer, paid: bool, unit: Unit | None, into: Into) -> bool:  # noqa: FBT001 - as the sheet says it
    """Note another standing of somebody known, from the first day that touches nothing on record; say whether it holds or will."""
    last = volunteers.standings(known)[-1]
    if (last.paid, last.unit_id) == (paid, unit.id if unit else None):
        return False
    if waiting_on(Kind.STANDING, f"volunteer:{known.id}") is not None:
        into.remark("staff", "上一次改的身份还在等第二个人核准，这次的没有登记；定了以后再导入。")
        return False
    day = max(clock.today(), standing.earliest(known))
    wish = standing.Wish(from_day=day, reason="名单导入", paid=paid, collective=last.collective, unit=unit)
    if isinstance(standing.change(known, wish), Standing):
        into.remark("unit", "身份或单位从 %(day)s 起改，以前的记录不变。", day=day)
        return True
    into.remark("staff", "专职或志愿从 %(day)s 起改：已经提请，要第二个人核准才算，以前的记录不变。", day=day)
    return False


def _volunteer(values: dict[str, Any], into: Into) -> Volunteer:
    """Return the volunteer of this number, or a new one; a new number of somebody who may be known is said, or taken as theirs."""
    namesakes = into.known.spelled(Volunteer.name, values["name"], into.id)
    used = into.known.is_used((Volunteer.number,), (values["number"],))
    row = db.session.scalar(select(Volunteer).where(Volunteer.number == values["number"])) if used else None
    if row is not None and row.community_id != into.id:
        raise wrong("number", "这个编号已被别的社区使用，请换一个。")
    twin = None if row or not namesakes else _twin(values, namesakes, into)
    if twin is not None and into.same_people:
        into.found[Volunteer, values["number"]] = row = twin
    elif twin is not None:
        ask_whether_same(into, twin.number, Sentence("手机、出生年份或住址"))
    # Somebody new holds nothing yet: said here, nobody asks the database.
    return row or Volunteer(community_id=into.id, number=values["number"], skills=[], availability=[])


def _twin(values: dict[str, Any], namesakes: set[str], into: Into) -> Volunteer | None:
    """Return a volunteer of the same name who has the same mobile, year of birth or address."""
    facts = [getattr(Volunteer, fact) == values[fact] for fact in ("phone", "birth_year", "address") if values[fact]]
    alike = select(Volunteer).where(Volunteer.community_id == into.id, Volunteer.name.in_(namesakes), or_(*facts))
    return db.session.scalars(alike.order_by(Volunteer.id)).first()


def _stored(row: Volunteer) -> dict[str, Any]:
    """Return what is known of a volunteer, as the sheet's cells would say it."""
    free = {f"free_{day}": tuple((slot.start, slot.end) for slot in row.availability if slot.weekday == day) for day in range(len(WEEK))}
    unproved = tuple(held.skill.name for held in row.skills if not held.proof)
    last = volunteers.standings(row)[-1]
    more = {"insured_until": row.insured_until, "staff": last.paid, "unit": last.unit.name if last.unit else "", "skills": unproved}
    return stored_of(row, PLAIN) | free | more


def _unit(values: dict[str, Any], into: Into) -> Unit | None:
    """Return the unit that is named, if any."""
    if not values["unit"]:
        return None
    found = db.session.scalar(select(Unit).where(Unit.community_id == into.id, Unit.name == values["unit"]))
    if found is None:
        raise wrong("unit", "“单位”表里没有这个单位，请先加上。")
    return found


def _unproved(into: Into, word: str) -> Skill:
    """Return a skill that may be held without a proof."""
    skill = skill_named(into, word, "skills")
    if skill.needs_proof:
        raise wrong("skills", "“%(skill)s”需要证明，请写在“技能证明”表里。", skill=skill.words)
    return skill


def _known_team(into: Into, word: str) -> Team:
    """Return the team that is named."""
    found = _team(into, word)
    if found is None:
        raise wrong("teams", "“服务队”表里没有“%(word)s”，请先加上。", word=shown(word))
    return found


def _join(row: Volunteer, team: Team) -> bool:
    """Let a volunteer be in a team from today on; say whether that is new. Who is in another team stays there."""
    if any(each.volunteer_id == row.id and each.left is None for each in team.members):
        return False
    join_team(team, row, clock.today(), "名单导入")
    return True


def _hold(row: Volunteer, skill_id: int) -> bool:
    """Let a volunteer hold a skill; say whether that is new."""
    if any(held.skill_id == skill_id for held in row.skills):
        return False
    row.skills.append(HeldSkill(skill_id=skill_id, proof="", expires=None))
    return True


def _drop_unproved(row: Volunteer) -> bool:
    """Let go of the skills that are held without a proof; say whether there were any."""
    gone = [held for held in row.skills if not held.proof]
    for held in gone:
        row.skills.remove(held)
    return bool(gone)


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


def proof(line: Row, into: Into) -> Loaded:
    """Put in the proof of a skill."""
    values = line.values
    holder = volunteer_numbered(into, values["volunteer"], "volunteer")
    skill = skill_named(into, values["skill"])
    row = next((held for held in holder.skills if held.skill_id == skill.id), None)
    values = taken(line, {"expires": row.expires} if row else {}, into)
    wanted = {"proof": values["proof"], "expires": values["expires"]}
    if row is None:
        row = HeldSkill(skill_id=skill.id, **wanted)
        holder.skills.append(row)
        numbered.add(row)
        return Fate.NEW, row
    return put(row, wanted), row
