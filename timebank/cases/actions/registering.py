"""Verbs of the registers outside the time ledger: places of gifts and what comes and goes, groups of residents, the speciality."""

from dataclasses import dataclass
from datetime import date

from timebank import audit, clock
from timebank.access.models import User
from timebank.cases import keeping
from timebank.cases.actions.steps import worded
from timebank.cases.models import Sort
from timebank.cases.registers import Club, ClubSort, GiftEntry, GiftPlace, GiftSort, GiftWay, Speciality
from timebank.db import db
from timebank.errors import Conflict, wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a place's register: on which day, which way, what and how many, and roughly by whom."""

    day: date
    way: GiftWay
    count: int
    what: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What is written down of a group of residents."""

    name: str
    sort: ClubSort
    lead: str = ""
    lead_phone: str = ""
    members: int = 0
    place: str = ""
    meets: str = ""


def open_place(community_id: int, name: str, sort: GiftSort, place: str = "") -> GiftPlace:
    """Note a place where things are given and taken, or where people rest."""
    named = worded(name, "name", "请写下这个点叫什么。")
    if keeping.place_named(community_id, named) is not None:
        raise wrong("name", "已经有一个点叫这个名字。撤掉的也算；换个名字，如加上路名。")
    made = GiftPlace(community_id=community_id, name=named, sort=sort, place=place.strip())
    db.session.add(made)
    db.session.flush()
    audit.record("open", "gift_place", made.id, sort=sort.value)
    return made


def end_place(place: GiftPlace, reason: str) -> None:
    """Note that a place is no more; its register stays."""
    _must_be_there(place)
    place.ended_reason = worded(reason, "reason", "请写一句为什么撤掉，剩下的东西去了哪里。")
    place.ended = clock.today()
    audit.record("close", "gift_place", place.id)


def enter(place: GiftPlace, line: Line, by: User) -> GiftEntry:
    """Write a line into a place's register; nothing goes out that is not there."""
    _must_be_there(place)
    if line.day > clock.today():
        raise wrong("day", "还没有到这一天，请记今天或以前的。")
    what = "" if line.way is GiftWay.HEADS else worded(line.what, "what", "请写下是什么东西。")
    if line.way is GiftWay.OUT and line.count > (here := keeping.at_hand(place, what)):
        raise wrong(
            "count",
            "登记里“%(what)s”只有 %(here)s 件，出不了 %(line_count)s 件。先补记收进来的，再记取走的。",
            what=what,
            here=here,
            line_count=line.count,
        )
    made = GiftEntry(
        place_id=place.id,
        day=line.day,
        way=line.way,
        what=what,
        count=line.count,
        who=line.who.strip(),
        noted_at=clock.now(),
        noted_by=by.id,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("enter", "gift_entry", made.id, way=line.way.value, count=line.count)
    return made


def withdraw(entry: GiftEntry, by: User, reason: str) -> None:
    """Take back a line that was entered by mistake; it stays, struck through."""
    if entry.withdrawn_at is not None:
        raise Conflict("这一笔已经撤了。")
    why = worded(reason, "reason", "请写一句哪里记错了。")
    if entry.way is GiftWay.IN and keeping.at_hand(entry.place, entry.what) < entry.count:
        raise Conflict("这一笔收进来的已经有人取走了，撤了数就不对。先撤取走的那一笔。")
    entry.withdrawn_at, entry.withdrawn_by, entry.withdrawn_reason = clock.now(), by.id, why
    audit.record("withdraw", "gift_entry", entry.id)


def _must_be_there(place: GiftPlace) -> None:
    """Refuse to write into the register of a place that is no more."""
    if place.ended is not None:
        raise Conflict("这个点已经撤了，不能再记。要用请另开一个点。")


def add_club(community_id: int, group: Group) -> Club:
    """Write down a group of residents."""
    made = Club(community_id=community_id, ended_reason="")
    _take(made, group)
    db.session.add(made)
    db.session.flush()
    audit.record("add", "club", made.id)
    return made


def edit_club(club: Club, group: Group) -> None:
    """Change what is written down of a group."""
    if club.ended is not None:
        raise Conflict("这个团体已经解散了。又办起来的，请另记一个。")
    with audit.changing("edit", club):
        _take(club, group)


def _take(club: Club, group: Group) -> None:
    """Set the fields of a group; no two of a community have one name."""
    name = worded(group.name, "name", "请写下团体的名字。")
    other = keeping.club_named(club.community_id, name)
    if other is not None and other is not club:
        raise wrong("name", "已经有一个团体叫这个名字，解散的也算。换个名字，或去改那一个。")
    club.name, club.sort, club.members = name, group.sort, group.members
    club.lead, club.lead_phone, club.place, club.meets = group.lead, group.lead_phone, group.place, group.meets


def dissolve(club: Club, day: date, reason: str) -> None:
    """Note that a group is no more from a day on."""
    if club.ended is not None:
        raise Conflict("这个团体已经记过解散了。")
    club.ended_reason = worded(reason, "reason", "请写一句为什么解散。")
    club.ended = day
    audit.record("dissolve", "club", club.id)


def set_speciality(community_id: int, title: str, words: str, sorts: list[Sort], doings: list[str]) -> Speciality:
    """Say what a community is known for, and what belongs to it."""
    named = worded(title, "title", "请写下叫什么。")
    kept = keeping.speciality(community_id) or Speciality(community_id=community_id, title=named, words="", sorts=[], doings=[])
    kept.title, kept.words = named, words.strip()
    kept.sorts, kept.doings = [each.value for each in sorts], [line.strip() for line in doings if line.strip()]
    db.session.add(kept)
    db.session.flush()
    audit.record("set", "speciality", kept.id)
    return kept
