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
from timebank.sentences import Pair, Sentence, to
from timebank.stars.models import Award
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

MONTHS = 12
Item = tuple[Pair, int, Pair]


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
        (Sentence("新记录"), _count(ServiceRecord.id, record, ServiceRecord.version == 1), Sentence("条")),
        (Sentence.of("reports", "更正"), _count(ServiceRecord.id, record, ServiceRecord.version > 1), Sentence("条")),
        (Sentence("其中改为不计"), _count(ServiceRecord.id, record, ServiceRecord.version > 1, ServiceRecord.minutes < 1), Sentence("条")),
        (Sentence.of("reports", "提出异议"), _count(Objection.id, objected), Sentence.of("reports", "件")),
        (Sentence("已答复"), len(answers), Sentence.of("reports", "件")),
        (Sentence("过期才答复"), late, Sentence.of("reports", "件")),
        (Sentence("每周核查发现"), _count(Finding.id, Finding.check_id == CheckWeek.id, check), Sentence.of("reports", "件")),
        (Sentence.of("reports", "抽查回访"), _count(CallBack.id, CallBack.check_id == CheckWeek.id, check), Sentence.of("reports.2", "次")),
        (Sentence("服务质量评价"), _count(Evaluation.id, said, Evaluation.at >= start, Evaluation.at < end), Sentence.of("reports.2", "条")),
        (Sentence("出具证明"), _count(Certificate.id, issued), Sentence.of("reports", "份")),
        (Sentence("撤销或替换证明"), _count(Certificate.id, ended), Sentence.of("reports", "份")),
        (Sentence.of("reports", "报送全国系统"), _count(NationalReport.record_id, told, NationalReport.reported_at >= start, NationalReport.reported_at < end), Sentence("条")),
        (Sentence("培训"), _count(Training.id, course), Sentence.of("reports", "人次")),
        (Sentence("培训时长"), _sum(Training.minutes, course), Sentence("分钟")),
        (Sentence("表彰奖励"), _count(Award.id, award), Sentence("项")),
        (Sentence("登记在册的志愿者"), _count(Volunteer.id, Volunteer.community_id == community_id, Volunteer.active.is_(True)), Sentence.of("reports", "人")),
    ]  # fmt: skip


def _count(column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    """Return how many rows meet some conditions."""
    return int(db.session.scalar(select(func.count(column)).where(*conditions)) or 0)


def _sum(column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    """Return the sum of a column over the rows that meet some conditions."""
    return int(db.session.scalar(select(func.coalesce(func.sum(column), 0)).where(*conditions)) or 0)


def yearly_paper(found: Year, language: Language) -> TablesPaper:
    """Return a year as a paper."""
    whole = found.whole
    over = found.until == date(found.year, MONTHS, 31)
    tables = (
        _months(found.months, whole, language),
        Table(
            title=to(Sentence("各月服务的老人"), language),
            head=(to(Sentence("月份"), language), to(Sentence("老人 人"), language), to(Sentence.of("reports.2", "人次"), language)),
            rows=tuple((f"{month:%Y-%m}", persons, times) for month, persons, times in found.helped),
            total=(to(Sentence("合计"), language), found.elders, found.times),
            drawn=1,
        ),
        rows_table(
            to(Sentence("各项服务"), language), to(Sentence.of("reports", "服务内容"), language), found.kinds, language, total=whole
        ),
        Table(
            title=to(Sentence("记录和证明"), language),
            head=(to(Sentence("事项"), language), to(Sentence.of("reports", "数"), language), to(Sentence("单位"), language)),
            rows=tuple((to(name, language), count, to(unit, language)) for name, count, unit in found.items),
        ),
    )
    return TablesPaper(
        title=to(Sentence("%(year)s 年志愿服务记录与证明年度总结", year=found.year), language),
        when=to(Sentence("%(year)s年", year=found.year), language),
        unit=found.community.issuer,
        dated=found.until,
        printed_at=clock.now(),
        figures=head_figures(whole, found.elders, language),
        tables=tables,
        notes=(
            two_totals(whole.minutes, whole.entered, language),
            to(
                Sentence(
                    "依民政部令第67号第十八条，随年度工作报告提交。只算志愿服务，专职人员的工作不在内；服务按服务的日期归月，更正和异议按发生的日期。"
                ),
                language,
            ),
            *_since(found.since, language),
            *(() if over else ((to(Sentence("这一年还没有过完，数字算到今天。"), language)),)),
        ),
        demo=clock.clock.is_demo,
    )


def _since(minutes: int, language: Language) -> tuple[str, ...]:
    """Return what was changed of months after they were closed, where anything was."""
    if not minutes:
        return ()
    return (
        to(
            Sentence(
                "月报里是月结时的数；月结以后更正的合计 %(signed_hours)s 小时，已经算在这里各月里。", signed_hours=signed_hours(minutes)
            ),
            language,
        ),
    )


def _months(months: Sequence[tuple[date, Tally]], whole: Tally, language: Language) -> Table:
    """Return the table of the months."""
    return Table(
        title=to(Sentence("各月"), language),
        head=(to(Sentence("月份"), language), *heads(language)),
        rows=tuple((f"{month:%Y-%m}", *figures_of(tally)) for month, tally in months),
        total=(to(Sentence("合计"), language), *figures_of(whole)),
        drawn=5,
    )


def last_year_with_report() -> int:
    """Return the year whose summary is due: the last one in the first half of a year, else this one."""
    today = clock.today()
    return month_of(today - timedelta(days=181)).year
