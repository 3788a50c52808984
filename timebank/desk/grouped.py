"""一群人一条消息: who is in a group that can be chosen, one message to all of them, and what became of it for each.

A message goes to whom it can reach by the same door as any other: quiet hours, refusals and channels hold for it. ``about`` of its
notices keeps them together: the community, the moment, and the group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access.models import User
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember, Household
from timebank.errors import Conflict, wrong
from timebank.notices import actions as notices
from timebank.notices.models import Notice
from timebank.notices.templates import LONGEST, SMS_LENGTH, render
from timebank.sentences import CHINESE
from timebank.visits.models import Offer, OfferState
from timebank.volunteers.models import Availability, HeldSkill, TeamMember, Volunteer

TEMPLATE = "group"
ROOM = SMS_LENGTH - len(render(TEMPLATE, CHINESE, {"words": ""}, "一" * LONGEST))
"""So many characters are left for what is said, under the longest signature: a second part would cost twice and arrive alone."""
UNWANTED = ("http", "www.", "【", "】")
NOON = 720
MOST = 500
"""So many people one message goes to; for more there is the notice board."""
SHOWN = 300
EVERYBODY, UNANSWERED, TEAM, UNIT, SKILL, FREE, HOUSE = "everybody", "unanswered", "team", "unit", "skill", "free", "building"
HALVES = ("am", "pm")


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody a message can go to: by their sign-in, else by their number alone."""

    name: str
    phone: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to a group as it went out, with a notice for each."""

    group: str
    lines: Sequence[tuple[Notice, str]]


def people_of(community_id: int, group: str) -> list[Reached] | None:
    """Return who is in a group, by name; None where there is no such group. Relatives stand for a building, volunteers for all else."""
    sort, _, which = group.partition(":")
    if sort == HOUSE:
        return _relatives(community_id, int(which)) if which.isdecimal() else None
    condition = _condition(sort, which)
    if condition is None:
        return None
    mine = select(Volunteer).where(Volunteer.community_id == community_id, Volunteer.active, condition)
    found = db.session.scalars(mine.options(joinedload(Volunteer.user)).order_by(Volunteer.sort_key, Volunteer.id))
    return [Reached(each.name, each.phone, each.user_id) for each in found]


def _condition(sort: str, which: str) -> ColumnElement[bool] | None:
    """Return which volunteers are in a group, None where there is no such group."""
    if sort == EVERYBODY:
        return Volunteer.id.is_not(None)
    if sort == UNANSWERED:
        return Volunteer.id.in_(select(Offer.volunteer_id).where(Offer.state == OfferState.SENT, Offer.day >= clock.today()))
    if sort == FREE:
        day, _, half = which.partition(":")
        if not day.isdecimal() or half not in HALVES:
            return None
        hours = Availability.start < NOON if half == HALVES[0] else Availability.end > NOON
        return Volunteer.id.in_(select(Availability.volunteer_id).where(Availability.weekday == int(day), hours))
    if not which.isdecimal():
        return None
    number = int(which)
    if sort == TEAM:
        return Volunteer.id.in_(select(TeamMember.volunteer_id).where(TeamMember.team_id == number, TeamMember.left.is_(None)))
    if sort == SKILL:
        holds = or_(HeldSkill.expires.is_(None), HeldSkill.expires >= clock.today())
        return Volunteer.id.in_(select(HeldSkill.volunteer_id).where(HeldSkill.skill_id == number, holds))
    return Volunteer.unit_id == number if sort == UNIT else None


def _relatives(community_id: int, building_id: int) -> list[Reached]:
    """Return who may speak for an elder of a building."""
    rows = (
        select(User)
        .join(FamilyMember, FamilyMember.user_id == User.id)
        .join(Elder, Elder.id == FamilyMember.elder_id)
        .join(Household, Household.id == Elder.household_id)
        .where(Elder.community_id == community_id, Household.building_id == building_id, FamilyMember.approved_at.is_not(None), User.active)
        .distinct()
        .order_by(User.name, User.id)
    )
    return [Reached(each.shown_name, each.phone, each.id) for each in db.session.scalars(rows)]


def send(community_id: int, group: str, words: str, by: User) -> tuple[int, int]:
    """Write a message to everybody in a group; return how many get it, and how many want none of its kind."""
    people = people_of(community_id, group)
    if not people:
        raise Conflict("这一群里现在没有人，没有发。请选别的一群。")
    if len(people) > MOST:
        raise Conflict("这一群有 %(count)s 人，一次最多发 %(most)s 人。请选小一些的一群。", count=len(people), most=MOST)
    if any(sign in words for sign in UNWANTED):
        raise wrong("words", "消息里不放网址和【】，收到的人会当成骗子。请去掉。")
    about = f"group:{community_id}:{clock.now():%Y%m%d%H%M%S}:{by.id}:{group}"
    written = sum(_told(community_id, about, words, each) for each in people)
    return written, len(people) - written


def _told(community_id: int, about: str, words: str, who: Reached) -> bool:
    """Write the message to one of them; say whether they get it."""
    if who.user_id is None:
        notices.tell_number(who.phone, community_id, TEMPLATE, about, words=words)
        return True
    return notices.notify(who.user_id, TEMPLATE, about=about, words=words) is not None


def last_sent(community_id: int) -> list[Sent]:
    """Return the last messages to groups with what became of them for each person, newest first."""
    rows = (
        select(Notice, User.name)
        .outerjoin(User, User.id == Notice.user_id)
        .where(Notice.community_id == community_id, Notice.template == TEMPLATE)
        .order_by(Notice.id.desc())
        .limit(SHOWN)
    )
    lines = db.session.execute(rows).all()
    if not lines:
        return []
    people = select(Volunteer.user_id, Volunteer.phone, Volunteer.name).where(Volunteer.community_id == community_id)
    names: dict[int | str, str] = {each.user_id or each.phone: each.name for each in db.session.execute(people)}
    found = [(notice, name or names.get(notice.user_id or notice.phone, "")) for notice, name in lines]
    return [Sent((about or "").split(":", 4)[-1], list(rest)) for about, rest in groupby(found, key=lambda line: line[0].about)]
