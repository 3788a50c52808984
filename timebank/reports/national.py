"""Reporting to the national volunteer service system: an export with the columns of O67 art. 5-10, and its answer entered back.

The export holds names, telephones and skills of volunteers, so only the office takes it, within a limit, and it is on
record who took what. What this service does not keep (document numbers, days of birth) stays empty.
A record counts as reported from the moment its foreign number is entered; a corrected version is reported anew, under the
number it had or another, and what says something else now, or counts no more, is listed to be withdrawn.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.certificates.actions import lock_register
from timebank.db import db
from timebank.errors import wrong
from timebank.excel import Sheet, workbook
from timebank.hours import hours_in_hundredths
from timebank.places.models import Community
from timebank.records.models import Evaluation, Grade, Training
from timebank.records.queries import latest_evaluations
from timebank.records.reported import LONGEST_NUMBER, NationalReport, must_be_free
from timebank.records.totals import VOLUNTARY
from timebank.reports import withdrawals
from timebank.reports.withdrawals import Original, Withdrawal
from timebank.stars import standing as stars
from timebank.stars.models import Award
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

MOST_ROWS = 5_000
GENDER = {"F": "女", "M": "男"}
GRADE = {Grade.GOOD: "满意", Grade.FAIR: "一般", Grade.POOR: "不满意"}
PAIR = re.compile(r"R?(\d{1,9})[\s,，;；]+(\S+)", re.IGNORECASE | re.ASCII)
PERSON = ("志愿者编号", "姓名", "性别", "出生日期", "身份证件号码", "居住区域", "联系方式", "专业技能", "服务类别")
SERVICE = (
    "记录编号", "志愿者编号", "姓名", "活动名称", "日期", "地点", "服务内容", "服务时间（小时）", "活动组织单位", "活动负责人",
    "已报送", "全国系统编号", "原编号", "更正", "撤销",
)  # fmt: skip
WITHDRAWN = ("原编号", "记录编号", "志愿者编号", "姓名", "日期", "报送时（小时）", "现在（小时）", "为什么")
WITHDRAW = frozenset({"撤销", "withdrawn"})
TRAINING = ("志愿者编号", "姓名", "培训名称", "主要内容", "学习时长", "举办单位", "日期")
AWARDS = ("志愿者编号", "姓名", "名称", "日期", "授予单位")
EVALUATION = ("记录编号", "志愿者编号", "姓名", "服务质量评价", "评价日期", "星级")


def records(community_id: int, start: date, end: date, *, unreported: bool) -> Sequence[ServiceRecord]:
    """Return the voluntary records of some days, all or only those not reported yet, one more than the limit at most."""
    rows = (
        select(ServiceRecord)
        .outerjoin(NationalReport, NationalReport.record_id == ServiceRecord.id)
        .where(_inside(community_id, start, end))
        .options(joinedload(ServiceRecord.kind), joinedload(ServiceRecord.volunteer))
        .order_by(ServiceRecord.day, ServiceRecord.id)
        .limit(MOST_ROWS + 1)
    )
    return db.session.scalars(rows.where(NationalReport.record_id.is_(None)) if unreported else rows).all()


def counts(community_id: int, start: date, end: date) -> tuple[int, int]:
    """Return how many records there are on some days and how many of them are reported."""
    rows = select(func.count(), func.count(NationalReport.record_id)).select_from(ServiceRecord)
    found = rows.outerjoin(NationalReport, NationalReport.record_id == ServiceRecord.id).where(_inside(community_id, start, end))
    total, reported = db.session.execute(found).one()
    return total, reported


def reports_of(listed: Iterable[ServiceRecord]) -> dict[int, NationalReport]:
    """Return what the national system answered to some records, by record."""
    numbers = [record.id for record in listed]
    return {each.record_id: each for each in db.session.scalars(select(NationalReport).where(NationalReport.record_id.in_(numbers)))}


def export(community: Community, start: date, end: date, *, unreported: bool) -> bytes:
    """Return the records of some days, and the people behind them, as the workbook to report; that it was taken is on record."""
    if end < start:
        raise wrong("end", "截止日期早于起始日期，请对调或改正。")
    listed = records(community.id, start, end, unreported=unreported)
    back = withdrawals.pending(community.id, start, end)
    if not listed and not back:
        raise wrong("start", "这段时间没有要报送的记录。")
    if len(listed) > MOST_ROWS:
        raise wrong("start", "一次最多导出 %(most_rows)s 条，请把时间分成几段。", most_rows=MOST_ROWS)
    audit.record("export", "national_report", community.id, records=len(listed), start=start.isoformat(), end=end.isoformat())
    return workbook(f"志愿服务记录 {start} {end}", _sheets(community, listed, back), clock.now())


def acknowledge(community_id: int, text: str, by: User) -> int:
    """Enter the foreign numbers of an answer, or that one was withdrawn, a line a record, all or none; return how many were new."""
    lock_register(community_id)
    lines = _pairs(text)
    pairs = {number: said for number, said in lines.items() if said.lower() not in WITHDRAW}
    back = [withdrawals.find(community_id, number) for number in lines.keys() - pairs.keys()]
    wanted = select(ServiceRecord).where(ServiceRecord.id.in_(pairs), ServiceRecord.community_id == community_id, VOLUNTARY)
    known = {record.id: record for record in db.session.scalars(wanted)}
    before = reports_of(known.values())
    new = 0
    for number, foreign in pairs.items():
        record = known.get(number)
        if record is None:
            raise wrong("lines", "R%(number)s：没有这条有效的记录。", number=number)
        known_no = before.get(number)
        if known_no is not None and known_no.national_no != foreign:
            raise wrong(
                "lines",
                "R%(number)s 已登记为 %(national_no)s，和这次的不一样，请核对。原来的登错了，就在那一条的页上提请更改。",
                number=number,
                national_no=known_no.national_no,
            )
        must_be_free(record, foreign)
        if number not in before:
            db.session.add(NationalReport(record_id=number, national_no=foreign, reported_at=clock.now(), noted_by=by.id))
            new += 1
    for each in back:
        withdrawals.note(each, by)
    db.session.flush()
    audit.record("acknowledge", "national_report", community_id, records=len(pairs), new=new)
    return new + len(back)


def _pairs(text: str) -> dict[int, str]:
    """Return the record numbers and foreign numbers of some lines; two columns copied from a table do."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_ROWS:
        raise wrong("lines", "一次最多 %(most_rows)s 行，请分几次登记。", most_rows=MOST_ROWS)
    pairs: dict[int, str] = {}
    for place, line in enumerate(lines, start=1):
        found = PAIR.fullmatch(line)
        if found is None or len(found[2]) > LONGEST_NUMBER:
            raise wrong("lines", "第 %(place)s 行看不懂，请写成“R12 370200123456”：记录编号、空格、全国系统编号。", place=place)
        number = int(found[1])
        if pairs.get(number, found[2]) != found[2]:
            raise wrong("lines", "R%(number)s 写了两个不同的编号。", number=number)
        pairs[number] = found[2]
    if not pairs:
        raise wrong("lines", "请贴上回执里的记录编号和全国系统编号。")
    numbers = [said for said in pairs.values() if said.lower() not in WITHDRAW]
    if len(set(numbers)) < len(numbers):
        raise wrong("lines", "有两条记录用了同一个全国系统编号，请核对。")
    return pairs


def _inside(community_id: int, start: date, end: date) -> ColumnElement[bool]:
    """Say that a record is voluntary service of a community on some days."""
    return and_(VOLUNTARY, ServiceRecord.community_id == community_id, ServiceRecord.day >= start, ServiceRecord.day <= end)


def _sheets(community: Community, listed: Sequence[ServiceRecord], back: Sequence[Withdrawal]) -> list[Sheet]:
    """Return a sheet for each article: the person, the service, training, awards, evaluation; and what is to be withdrawn."""
    rows = [*listed, *(each.now for each in back if each.is_gone)]
    people = sorted({record.volunteer for record in rows}, key=lambda each: each.number)
    kinds: dict[int, set[str]] = {}
    for record in rows:
        kinds.setdefault(record.volunteer_id, set()).add(record.kind.group)
    reported, originals = reports_of(listed), withdrawals.originals_of(rows)
    said = latest_evaluations(listed)
    levels = {each.id: stars.granted(each) or None for each in people}
    return [
        Sheet("个人基本信息", PERSON, [_person(each, community, kinds[each.id]) for each in people]),
        Sheet("志愿服务情况", SERVICE, [_service(each, community, reported.get(each.id), originals.get(each.id)) for each in rows]),
        Sheet("培训情况", TRAINING, [_training(each) for each in _trainings(people)]),
        Sheet("表彰奖励", AWARDS, [_award(each) for each in _awards(people)]),
        Sheet("评价情况", EVALUATION, [_evaluation(each, said.get(each.id), levels[each.volunteer_id]) for each in listed]),
        Sheet("要撤销的编号", WITHDRAWN, [_withdrawal(each) for each in back]),
    ]


def _person(volunteer: Volunteer, community: Community, groups: Iterable[str]) -> tuple[Any, ...]:
    """Return the row of a person (art. 5); of the birth only the year is kept, of the document nothing."""
    return (
        volunteer.number,
        volunteer.name,
        GENDER.get(volunteer.gender or "", ""),
        str(volunteer.birth_year or ""),
        "",
        community.name,
        volunteer.phone,
        "、".join(held.skill.name for held in volunteer.skills),
        "、".join(sorted(groups)),
    )


def _service(record: ServiceRecord, community: Community, reported: NationalReport | None, original: Original | None) -> tuple[Any, ...]:
    """Return the row of a record (art. 7); as it held on the day; of the place the compound or canteen, no door.

    A record that counts no more stands there with no hours and the number it was reported under, to be withdrawn.
    """
    return (
        f"R{record.id}",
        record.volunteer.number,
        record.volunteer.name,
        record.activity,
        record.day,
        record.place or community.name,
        record.kind.name,
        hours_in_hundredths(record.minutes),
        record.unit or community.issuer,
        record.responsible or community.responsible,
        reported is not None,
        reported.national_no if reported else "",
        original.national_no if original else "",
        original is not None and original.corrected and record.minutes > 0,
        not record.minutes,
    )


def _withdrawal(found: Withdrawal) -> tuple[Any, ...]:
    """Return the row of a number that is to be withdrawn."""
    return (
        found.report.national_no,
        f"R{found.then.id}",
        found.now.volunteer.number,
        found.now.volunteer.name,
        found.now.day,
        hours_in_hundredths(found.then.minutes),
        hours_in_hundredths(found.now.minutes),
        "不再计入" if found.is_gone else "更正",
    )


def _trainings(people: Iterable[Volunteer]) -> Sequence[Training]:
    """Return the trainings that stand of some people."""
    numbers = [each.id for each in people]
    rows = (
        select(Training).where(Training.volunteer_id.in_(numbers), Training.withdrawn_at.is_(None)).options(joinedload(Training.volunteer))
    )
    return db.session.scalars(rows.order_by(Training.day, Training.id)).all()


def _training(course: Training) -> tuple[Any, ...]:
    """Return the row of a training (art. 8)."""
    return (
        course.volunteer.number,
        course.volunteer.name,
        course.name,
        course.content,
        hours_in_hundredths(course.minutes),
        course.held_by,
        course.day,
    )


def _awards(people: Iterable[Volunteer]) -> Sequence[Award]:
    """Return the awards that stand of some people."""
    numbers = [each.id for each in people]
    rows = select(Award).where(Award.volunteer_id.in_(numbers), Award.withdrawn_at.is_(None)).options(joinedload(Award.volunteer))
    return db.session.scalars(rows.order_by(Award.day, Award.id)).all()


def _award(award: Award) -> tuple[Any, ...]:
    """Return the row of an award (art. 9)."""
    return award.volunteer.number, award.volunteer.name, award.name, award.day, award.given_by


def _evaluation(record: ServiceRecord, said: Evaluation | None, level: int | None) -> tuple[Any, ...]:
    """Return the row of an evaluation (art. 10): what was said of it last and when, nothing where nobody did; and the star."""
    return (
        f"R{record.id}",
        record.volunteer.number,
        record.volunteer.name,
        GRADE[said.grade] if said else "",
        said.at.date() if said else None,
        level,
    )
