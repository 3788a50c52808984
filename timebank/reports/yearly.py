"""The yearly summary a recording unit gives account with (O67 art. 18): what was recorded, corrected, objected to and certified."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from timebank import clock
from timebank.certificates.models import Certificate
from timebank.clock import month_of, months_until
from timebank.db import db
from timebank.papers.facts import Language
from timebank.papers.tables import Table, TablesPaper
from timebank.papers.words import signed_hours, two_totals
from timebank.places.models import Community
from timebank.records import changes
from timebank.records.models import CallBack, CheckWeek, Evaluation, Finding, Objection, Training
from timebank.records.reported import NationalReport
from timebank.records.totals import UNPAID, VOLUNTARY
from timebank.reports import counting
from timebank.reports.counting import Tally
from timebank.reports.helped import Turn, turns
from timebank.reports.monthly import Row, kind_names, named
from timebank.reports.report_paper import figures_of, head_figures, heads, rows_table
from timebank.stars.models import Award
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

MONTHS = 12
Item = tuple[str, str, int, str, str]


@dataclass(frozen=True, slots=True)
class Year:
    """One community's year: the sums of its voluntary service, month by month and by kind, and what was done with the records.

    ``helped`` is for how many persons it was in each month, and how many times: the same person in two months is one of the year's.

    ``since`` is what was changed of its months after they were closed, in minutes: it is in these sums, not in the monthly reports.
    """

    community: Community
    year: int
    until: date
    whole: Tally
    months: list[tuple[date, Tally]]
    kinds: list[Row]
    elders: int
    times: int
    helped: list[tuple[date, int, int]]
    items: list[Item]
    since: int


def yearly(community: Community, year: int) -> Year:
    """Return a community's year, up to today when it is not over."""
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    inside = and_(VOLUNTARY, ServiceRecord.community_id == community.id, ServiceRecord.day >= first, ServiceRecord.day < after)
    lines, served = counting.lines_of(inside), turns(inside)
    by_month = counting.added_up(lines, lambda line: [line.day.month])
    until = min(clock.today(), after - timedelta(days=1))
    months = months_until(month_of(until), until.month)
    return Year(
        community=community,
        year=year,
        until=until,
        whole=counting.total(lines),
        months=[(each, by_month.get(each.month, Tally())) for each in months],
        kinds=named(counting.added_up(lines, lambda line: [line.kind]), kind_names()),
        elders=len({each.elder for each in served}),
        times=len(served),
        helped=[(each, *_helped_in(served, each.month)) for each in months],
        items=_items(community.id, first, after),
        since=sum(each.minutes for each in changes.made_to(first, after, UNPAID, ServiceRecord.community_id == community.id)),
    )


def _helped_in(served: Iterable[Turn], month: int) -> tuple[int, int]:
    """Return for how many persons a month's service was, and how many times."""
    mine = [each.elder for each in served if each.day.month == month]
    return len(set(mine)), len(mine)


def _items(community_id: int, first: date, after: date) -> list[Item]:
    """Return what was done with the records in a year: each with its name, its number and its unit, in both languages."""
    start, end = clock.at(first, 0), clock.at(after, 0)
    record = and_(ServiceRecord.community_id == community_id, ServiceRecord.created_at >= start, ServiceRecord.created_at < end)
    objected = and_(Objection.community_id == community_id, Objection.raised_at >= start, Objection.raised_at < end)
    issued = and_(Certificate.community_id == community_id, Certificate.issued_at >= start, Certificate.issued_at < end)
    ended = and_(Certificate.community_id == community_id, Certificate.ended_at >= start, Certificate.ended_at < end)
    course = and_(Training.community_id == community_id, Training.withdrawn_at.is_(None), Training.day >= first, Training.day < after)
    award = and_(Award.community_id == community_id, Award.withdrawn_at.is_(None), Award.day >= first, Award.day < after)
    said = and_(Evaluation.record_id == ServiceRecord.id, ServiceRecord.community_id == community_id)
    told = and_(NationalReport.record_id == ServiceRecord.id, ServiceRecord.community_id == community_id)
    check = and_(CheckWeek.community_id == community_id, CheckWeek.week >= first, CheckWeek.week < after)
    answers = db.session.execute(select(Objection.answered_at, Objection.due).where(objected, Objection.answered_at.is_not(None))).all()
    late = sum(1 for at, due in answers if at is not None and at.astimezone(clock.ZONE).date() > due)
    return [
        ("新记录", "Records made", _count(ServiceRecord.id, record, ServiceRecord.version == 1), "条", "records"),
        ("更正", "Corrections", _count(ServiceRecord.id, record, ServiceRecord.version > 1), "条", "records"),
        ("其中改为不计", "of these set to nothing", _count(ServiceRecord.id, record, ServiceRecord.version > 1, ServiceRecord.minutes < 1), "条", "records"),
        ("提出异议", "Objections", _count(Objection.id, objected), "件", "cases"),
        ("已答复", "answered", len(answers), "件", "cases"),
        ("过期才答复", "answered late", late, "件", "cases"),
        ("每周核查发现", "Found by the weekly check", _count(Finding.id, Finding.check_id == CheckWeek.id, check), "件", "cases"),
        ("抽查回访", "Call-backs drawn", _count(CallBack.id, CallBack.check_id == CheckWeek.id, check), "次", "calls"),
        ("服务质量评价", "Evaluations", _count(Evaluation.id, said, Evaluation.at >= start, Evaluation.at < end), "条", "words"),
        ("出具证明", "Certificates issued", _count(Certificate.id, issued), "份", "papers"),
        ("撤销或替换证明", "revoked or replaced", _count(Certificate.id, ended), "份", "papers"),
        ("报送全国系统", "Reported to the national system", _count(NationalReport.record_id, told, NationalReport.reported_at >= start, NationalReport.reported_at < end), "条", "records"),
        ("培训", "Trainings", _count(Training.id, course), "人次", "places"),
        ("培训时长", "Time of training", _sum(Training.minutes, course), "分钟", "minutes"),
        ("表彰奖励", "Awards", _count(Award.id, award), "项", "awards"),
        ("登记在册的志愿者", "Volunteers on the register", _count(Volunteer.id, Volunteer.community_id == community_id, Volunteer.active.is_(True)), "人", "people"),
    ]  # fmt: skip


def _count(column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    """Return how many rows meet some conditions."""
    return int(db.session.scalar(select(func.count(column)).where(*conditions)) or 0)


def _sum(column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    """Return the sum of a column over the rows that meet some conditions."""
    return int(db.session.scalar(select(func.coalesce(func.sum(column), 0)).where(*conditions)) or 0)


def yearly_paper(found: Year, language: Language) -> TablesPaper:
    """Return a year as a paper."""
    zh, whole = language == "zh", found.whole
    over = found.until == date(found.year, MONTHS, 31)
    tables = (
        _months(found.months, whole, zh=zh),
        Table(
            title="各月服务的老人" if zh else "Elders helped by month",
            head=("月份", "老人 人", "人次") if zh else ("Month", "Persons", "Person-times"),
            rows=tuple((f"{month:%Y-%m}", persons, times) for month, persons, times in found.helped),
            total=("合计" if zh else "Total", found.elders, found.times),
            drawn=1,
        ),
        rows_table("各项服务" if zh else "By kind", "服务内容" if zh else "Kind of service", found.kinds, zh=zh, total=whole),
        Table(
            title="记录和证明" if zh else "Records and certificates",
            head=("事项", "数", "单位") if zh else ("What", "Number", "Unit"),
            rows=tuple((name if zh else name_en, count, unit if zh else unit_en) for name, name_en, count, unit, unit_en in found.items),
        ),
    )
    return TablesPaper(
        title=f"{found.year} 年志愿服务记录与证明年度总结" if zh else f"Yearly summary of records and certificates, {found.year}",
        when=f"{found.year}年" if zh else str(found.year),
        unit=found.community.issuer,
        dated=found.until,
        printed_at=clock.now(),
        figures=head_figures(whole, found.elders, zh=zh),
        tables=tables,
        notes=(
            two_totals(whole.minutes, whole.entered, language),
            "依民政部令第67号第十八条，随年度工作报告提交。只算志愿服务，专职人员的工作不在内；服务按服务的日期归月，更正和异议按发生的日期。"
            if zh
            else "For the annual report (O67 art. 18). Voluntary service only; service by its day, corrections and objections by when they came.",
            *_since(found.since, zh=zh),
            *(() if over else (("这一年还没有过完，数字算到今天。" if zh else "This year is not over; the figures are up to today."),)),
        ),
        demo=clock.clock.is_demo,
    )


def _since(minutes: int, *, zh: bool) -> tuple[str, ...]:
    """Return what was changed of months after they were closed, where anything was."""
    if not minutes:
        return ()
    return (
        f"月报里是月结时的数；月结以后更正的合计 {signed_hours(minutes)} 小时，已经算在这里各月里。"
        if zh
        else f"Monthly reports say what months were closed with; what changed since, {signed_hours(minutes)} h, is counted here in its month.",
    )


def _months(months: Sequence[tuple[date, Tally]], whole: Tally, *, zh: bool) -> Table:
    """Return the table of the months."""
    return Table(
        title="各月" if zh else "By month",
        head=("月份" if zh else "Month", *heads(zh=zh)),
        rows=tuple((f"{month:%Y-%m}", *figures_of(tally)) for month, tally in months),
        total=("合计" if zh else "Total", *figures_of(whole)),
        drawn=5,
    )


def last_year_with_report() -> int:
    """Return the year whose summary is due: the last one in the first half of a year, else this one."""
    today = clock.today()
    return month_of(today - timedelta(days=181)).year
