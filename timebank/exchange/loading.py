"""What every loader shares: the community it loads into, what it may look up, and how a row is put into a table."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import Select, select

from timebank import numbered
from timebank.catalogue.models import ServiceKind, Skill
from timebank.db import Base, db
from timebank.elders.models import Elder
from timebank.errors import Invalid, wrong
from timebank.exchange.cells import shown
from timebank.exchange.known import Known
from timebank.exchange.report import Fate
from timebank.exchange.rows import Row
from timebank.places.models import Building, Community, Compound
from timebank.places.points import DATUMS, in_wgs84
from timebank.sentences import Sentence
from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Volunteer

T = TypeVar("T", bound=Base)
Address = tuple[Any, ...]
Storey = tuple[int, int, str]


@dataclass(slots=True)
class Said:
    """What is to be said of one row: remarks by column, known cells it clears or its empty ones leave, whether it may be somebody known."""

    remarks: list[tuple[str, Sentence]] = field(default_factory=list)
    cleared: int = 0
    kept: int = 0
    alike: int = 0


@dataclass(slots=True)
class Into:
    """Where rows go: one community, what this import has said about households, and what it has looked up.

    ``bound`` keeps it to that community, ``named`` says how many the files name, ``others`` holds the same for each further one.
    ``same_people`` lets a row of somebody who is known by another number change that person. ``changed`` holds the needs
    whose days, hours or door are others now; ``said`` what is to be said of the row in hand; ``fates`` what became of the rows
    so far. ``known`` are the keys in use, ``heads`` how many live behind each door, ``doors`` the households of a storey by door.
    """

    community: Community | None = None
    same_people: bool = False
    bound: bool = False
    named: int = 0
    others: dict[str, "Into"] = field(default_factory=dict)
    fates: Counter[Fate] = field(default_factory=Counter)
    houses: dict[str, Address] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    found: dict[tuple[type[Base], str], Base] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    heads: dict[int, int] | None = None
    changed: list[HelpRequest] = field(default_factory=list)
    doors: dict[Storey, dict[str | None, str]] = field(default_factory=dict)
    said: Said = field(default_factory=Said)

    def within(self, code: str) -> "Into":
        """Return where the rows of the community with this code go; without a code there must be no doubt which one is meant."""
        if not code:
            if self.named > 1:
                raise wrong("community", "文件里不止一个社区，请在“社区代码”里写明这一行是哪一个的。")
            return self
        if self.community is not None and (self.bound or self.community.slug == code):
            self.must_be_own(code, "community")
            return self
        if code not in self.others:
            found = db.session.scalar(select(Community).where(Community.slug == code))
            if found is None:
                raise wrong("community", "没有代码为“%(code_)s”的社区，请先写进“社区”表。", code_=shown(code))
            self.others[code] = Into(found, same_people=self.same_people, known=self.known)
        return self.others[code]

    def must_be_own(self, code: str, column: str) -> None:
        """Refuse what is of another community than a coordinator's own."""
        if self.bound and self.community is not None and self.community.slug != code:
            raise wrong(
                column,
                "这份表是另一个社区的；您负责的是“%(community)s”（%(slug)s）。",
                community=self.community.name,
                slug=self.community.slug,
            )

    def add(self, found: Community) -> None:
        """Take a community in: the first one, or a further one beside it."""
        if self.community is None or self.community is found:
            self.community = found
        else:
            self.others.setdefault(found.slug, Into(found, same_people=self.same_people, known=self.known))

    @property
    def every(self) -> "list[Into]":
        """Where rows of any community went."""
        return [each for each in (self, *self.others.values()) if each.community is not None]

    def mark(self) -> Callable[[], None]:
        """Return what brings back what was looked up and noted so far, for when what came in since is taken out again."""
        community, others = self.community, dict(self.others)
        noted = [(each, dict(each.found), list(each.changed)) for each in (self, *others.values())]

        def back() -> None:
            self.community, self.others = community, others
            for each, found, changes in noted:
                each.found, each.changed, each.doors = found, changes, {}

        return back

    def remark(self, column: str, words: str, **gaps: object) -> None:
        """Say something of a row that does not stop it."""
        self.said.remarks.append((column, Sentence(words, **gaps)))

    @property
    def id(self) -> int:
        """The community's id; a refusal while there is none."""
        if self.community is None:
            raise Invalid("还不知道导入到哪个社区：请先导入带“社区”表的地点文件。")
        return self.community.id


def put(row: T, values: Mapping[str, Any]) -> Fate:
    """Give a row these values and say whether it is new, changed or the same; only what differs is written."""
    new = row not in db.session
    changed = False
    for name, value in values.items():
        if new or getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    if new:
        numbered.add(row)
        return Fate.NEW
    return Fate.CHANGED if changed else Fate.SAME


def taken(row: Row, stored: Mapping[str, Any], into: Into) -> dict[str, Any]:
    """Return what a row says over what is stored, and note what it clears."""
    into.said.kept += row.kept(stored)
    lost = row.lost(stored)
    if lost:
        into.said.cleared += len(lost)
        into.remark("", "会清空：%(lost)s。", lost=lost)
    return row.over(stored)


def ask_whether_same(into: Into, number: str, alike: tuple[str, str]) -> None:
    """Say that somebody new may be somebody known, in what they are alike, and what to do if they are the same person."""
    into.said.alike += 1
    into.remark(
        "number",
        "和 %(number)s 同名，%(alike)s也一样，导入后会成为两个人。如果是同一个人，请把这一行的编号改成 %(number)s，或在导入时勾选“就是同一个人”。",
        number=number,
        alike=alike,
    )


def changed(request: HelpRequest, into: Into) -> None:
    """Note a need that is another now, so that its visits can follow it once every row is in."""
    db.session.flush()
    db.session.expire(request, ["household", "elder", "kind"])
    if request not in into.changed:
        into.changed.append(request)


def stored_of(row: Base, names: Iterable[str]) -> dict[str, Any]:
    """Return what these fields of a row hold; nothing of a row that is new."""
    return {name: getattr(row, name) for name in names} if row in db.session else {}


def point(line: Row, row: Base) -> dict[str, float]:
    """Return a row's point in WGS-84; where the file does not say by which map it was measured, by the one of before."""
    maps = [line.values["datum"]] if "datum" in line.given else list(DATUMS.values())
    spots = [dict(zip(("lat", "lon"), in_wgs84(line.values["lat"], line.values["lon"], datum), strict=True)) for datum in maps]
    known = stored_of(row, ("lat", "lon"))
    return known if known in spots else spots[0]


def found_of(into: Into, table: type[T], word: str, query: Select[T]) -> T | None:
    """Return what a word names, asked of the database once an import."""
    known = into.found.get((table, word))
    if known is not None:
        return cast("T", known)
    found: T | None = db.session.scalar(query)
    if found is not None:
        into.found[table, word] = found
    return found


def skill_named(into: Into, word: str, column: str = "skill") -> Skill:
    """Return the skill of this name or code."""
    found = found_of(into, Skill, word, select(Skill).where((Skill.name == word) | (Skill.code == word)))
    if found is None:
        names = "、".join(db.session.scalars(select(Skill.name).order_by(Skill.id)))
        raise wrong(column, "服务目录里没有技能“%(word)s”；有：%(names)s。", word=shown(word), names=names)
    return found


def kind_named(into: Into, word: str) -> ServiceKind:
    """Return the service kind of this name or code."""
    found = found_of(into, ServiceKind, word, select(ServiceKind).where((ServiceKind.name == word) | (ServiceKind.code == word)))
    if found is None:
        names = "、".join(db.session.scalars(select(ServiceKind.name).order_by(ServiceKind.position, ServiceKind.id)))
        raise wrong("kind", "服务目录里没有“%(word)s”；有：%(names)s。", word=shown(word), names=names)
    return found


def building_key(compound: str, building: str) -> str:
    """Return the word by which a building is looked up in its community."""
    return f"{compound}\n{building}"


def building_named(into: Into, compound: str, building: str) -> Building:
    """Return a building of the community by the names of compound and building."""
    query = select(Building).join(Compound).where(Compound.community_id == into.id, Compound.name == compound, Building.name == building)
    found = found_of(into, Building, building_key(compound, building), query)
    if found is None:
        where = shown(f"{compound} {building}")
        raise wrong("building", "“小区楼栋”表里没有“%(where)s”，请先加上这一栋。", where=where)
    return found


def volunteer_numbered(into: Into, number: str, column: str) -> Volunteer:
    """Return a volunteer of the community by number."""
    query = select(Volunteer).where(Volunteer.community_id == into.id, Volunteer.number == number)
    found = found_of(into, Volunteer, number, query)
    if found is None:
        raise wrong(column, "没有编号为“%(number)s”的志愿者，请核对。", number=shown(number))
    return found


def elder_numbered(into: Into, number: str) -> Elder:
    """Return an elder of the community by number."""
    found = found_of(into, Elder, number, select(Elder).where(Elder.community_id == into.id, Elder.number == number))
    if found is None:
        raise wrong("elder", "没有编号为“%(number)s”的老人，请核对。", number=shown(number))
    return found
