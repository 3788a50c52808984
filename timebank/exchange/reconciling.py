"""Our records beside the national system's own export: what differs, and for each difference what to do.

The rows are paired by the national number that was entered back. A span of days bounds our side; theirs is whatever the file holds.
What another office writes is found by its headings, wherever they stand; columns nobody asked for are passed over.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access.sorting import same_name
from timebank.db import db
from timebank.errors import Invalid, wrong
from timebank.excel import Sheet, workbook
from timebank.exchange import cells
from timebank.exchange.handed import Handed
from timebank.hours import hours_in_hundredths
from timebank.places.models import Community
from timebank.records.reported import NationalReport
from timebank.reports.withdrawals import Now, same
from timebank.sentences import Pair, Sentence
from timebank.visits.models import ServiceRecord

HEADINGS = {
    "number": ("全国系统编号", "志愿服务记录编号", "服务记录编号", "全国编号"),
    "record": ("记录编号", "原系统记录编号"),
    "name": ("姓名", "志愿者姓名"),
    "day": ("日期", "服务日期"),
    "hours": ("服务时间（小时）", "服务时长（小时）", "服务时长", "服务时间", "时长"),
}
LOOKED_AT = 10
HEAD = ("全国系统编号", "记录编号", "姓名", "日期", "这里（小时）", "那边（小时）", "差别", "怎么办")


class Differs(StrEnum):
    """In what the two sides differ."""

    UNKNOWN = "unknown"
    UNANSWERED = "unanswered"
    MISSING = "missing"
    HOURS = "hours"
    PERSON = "person"
    WITHDRAWN = "withdrawn"
    TWICE = "twice"


WORDS: Mapping[Differs, tuple[Pair, Pair]] = {
    Differs.UNKNOWN: (
        Sentence("那边有，这里没有这个编号"),
        Sentence("查清是谁报的；不是这里的就在那边撤销。"),
    ),
    Differs.UNANSWERED: (
        Sentence("那边已有编号，这里没有登记"),
        Sentence("在“报送全国系统”里登记这个编号。"),
    ),
    Differs.MISSING: (
        Sentence("这里登记为已报送，那边没有"),
        Sentence("把这一段连已报送的再导出一次，重新报送。"),
    ),
    Differs.HOURS: (
        Sentence("时长不一样"),
        Sentence("以这里的记录为准：按原编号在那边更正。"),
    ),
    Differs.PERSON: (
        Sentence("姓名或日期不一样"),
        Sentence("核对是不是登记错了编号；错了在那一条的页上提请更改。"),
    ),
    Differs.WITHDRAWN: (
        Sentence("这里已不计入或登记撤销，那边还在"),
        Sentence("在那边撤销这个编号。"),
    ),
    Differs.TWICE: (
        Sentence("同一个编号在文件里出现两次"),
        Sentence("在那边查一查，撤销多出来的一条。"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Theirs:
    """One row of their export; ``record`` is our own number where they kept it."""

    number: str
    hours: float
    record: int | None = None
    name: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """What we reported: under which number, and what is on record now; ``gone`` where it counts no more or was withdrawn."""

    number: str
    record: int
    name: str
    day: date
    minutes: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference with both sides, as far as there are two."""

    what: Differs
    ours: Ours | None
    theirs: Theirs | None

    @property
    def words(self) -> Pair:
        """What differs, in both languages."""
        return WORDS[self.what][0]

    @property
    def to_do(self) -> Pair:
        """What to do about it, in both languages."""
        return WORDS[self.what][1]

    @property
    def number(self) -> str:
        """The number of the national system."""
        return next((each.number for each in (self.ours, self.theirs) if each is not None and each.number), "")

    @property
    def record(self) -> int | None:
        """The number of our record."""
        return self.ours.record if self.ours else self.theirs.record if self.theirs else None

    @property
    def row(self) -> tuple[Any, ...]:
        """The difference as a row of the workbook."""
        ours, theirs = self.ours, self.theirs
        name = ours.name if ours else theirs.name if theirs else ""
        day = ours.day if ours else theirs.day if theirs else None
        record = f"R{self.record}" if self.record else ""
        here = hours_in_hundredths(ours.minutes) if ours else None
        return self.number, record, name, day, here, theirs.hours if theirs else None, self.words[0], self.to_do[0]


def compare(ours: Sequence[Ours], theirs: Sequence[Theirs], unreported: Mapping[int, Ours]) -> list[Difference]:
    """Return what differs: ``ours`` is what we reported, ``unreported`` what is on record without a number, by record."""
    by_number = {each.number: each for each in ours}
    seen = Counter(each.number for each in theirs)
    found = [Difference(Differs.TWICE, by_number.get(each.number), each) for each in theirs if seen[each.number] > 1]
    for each in theirs:
        known = by_number.get(each.number)
        if known is None:
            own = unreported.get(each.record or 0)
            found.append(Difference(Differs.UNANSWERED if own else Differs.UNKNOWN, own, each))
        elif known.gone:
            found.append(Difference(Differs.WITHDRAWN, known, each))
        elif (each.name and not same_name(each.name, known.name)) or (each.day and each.day != known.day):
            found.append(Difference(Differs.PERSON, known, each))
        elif abs(each.hours * 60 - known.minutes) >= 1:
            found.append(Difference(Differs.HOURS, known, each))
    found += [Difference(Differs.MISSING, each, None) for each in ours if not each.gone and each.number not in seen]
    return found


def read(handed: Handed) -> list[Theirs]:
    """Return the rows of their export; a file that cannot be read, or in which the headings are not found, is refused in words."""
    if handed.problems:
        raise wrong("files", handed.problems[0].words)
    for sheet in handed.sheets:
        for place, line in enumerate(sheet.lines[:LOOKED_AT]):
            where = _headings([cells.trimmed(str(cell)) if cell is not None else "" for cell in line.cells])
            if "number" in where and "hours" in where:
                return [each for below in sheet.lines[place + 1 :] if (each := _row(below.cells, where, below.row))]
    raise wrong(
        "files",
        "没有找到表头。文件里要有“%(headings)s”和“%(headings2)s”两列，请核对是不是选错了文件。",
        headings=HEADINGS["number"][0],
        headings2=HEADINGS["hours"][0],
    )


def _headings(words: Sequence[str]) -> dict[str, int]:
    """Return in which column each thing stands."""
    return {name: words.index(known) for name, listed in HEADINGS.items() for known in listed if known in words}


def _row(line: Sequence[Any], where: Mapping[str, int], number: int) -> Theirs | None:
    """Return one row; nothing where it has no number, as totals have none."""
    said = {name: line[place] for name, place in where.items() if place < len(line) and not cells.is_blank(line[place])}
    if "number" not in said:
        return None
    try:
        return Theirs(
            number=cells.text(40)(said["number"]),
            hours=cells.number(0, 24)(said.get("hours", 0)),
            record=_record(str(said.get("record", ""))),
            name=cells.text(50)(said["name"]) if "name" in said else "",
            day=cells.day(said["day"]) if "day" in said else None,
        )
    except Invalid as error:
        raise wrong("files", "第 %(number)s 行：%(why)s", number=number, why=error.words) from error


def _record(words: str) -> int | None:
    """Return the number of our record, such as R12."""
    digits = words.strip().removeprefix("R").removeprefix("r")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


def reconcile(community: Community, theirs: Sequence[Theirs], start: date, end: date) -> list[Difference]:
    """Return what differs between a community's records of some days and their export; that it was looked at is on record."""
    found = compare(list(_reported(community, start, end)), theirs, _unreported(community, start, end))
    audit.record("reconcile", "community", community.id, rows=len(theirs), differences=len(found))
    return found


def _reported(community: Community, start: date, end: date) -> Iterator[Ours]:
    """Yield what was reported of some days, with what is on record now."""
    rows = (
        select(NationalReport, Now)
        .join(ServiceRecord, ServiceRecord.id == NationalReport.record_id)
        .join(Now, and_(Now.current, same(Now, ServiceRecord)))
        .where(ServiceRecord.community_id == community.id, ServiceRecord.day >= start, ServiceRecord.day <= end)
        .options(joinedload(Now.volunteer))
        .order_by(ServiceRecord.day, ServiceRecord.id)
    )
    newest: dict[str, Ours] = {}
    for report, now in db.session.execute(rows):
        gone = report.withdrawn_at is not None or not now.minutes
        newest[report.national_no] = Ours(report.national_no, now.id, now.volunteer.name, now.day, now.minutes, gone)
    yield from newest.values()


def _unreported(community: Community, start: date, end: date) -> dict[int, Ours]:
    """Return what is on record of some days without a number, by record."""
    rows = (
        select(ServiceRecord)
        .outerjoin(NationalReport, NationalReport.record_id == ServiceRecord.id)
        .where(ServiceRecord.community_id == community.id, ServiceRecord.day >= start, ServiceRecord.day <= end)
        .where(ServiceRecord.current, NationalReport.record_id.is_(None))
        .options(joinedload(ServiceRecord.volunteer))
    )
    return {each.id: Ours("", each.id, each.volunteer.name, each.day, each.minutes) for each in db.session.scalars(rows)}


def as_workbook(found: Sequence[Difference], start: date, end: date) -> bytes:
    """Return the differences as a workbook."""
    sheet = Sheet("差别", HEAD, [each.row for each in found], notes=[f"{start} – {end}，共 {len(found)} 处"])
    return workbook(f"与全国系统核对 {start} {end}", [sheet], clock.now())
