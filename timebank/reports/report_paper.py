"""The monthly report as a paper: the same tables for the page, the PDF and the workbook."""

from collections.abc import Sequence
from dataclasses import replace

from timebank import clock
from timebank.clock import next_month
from timebank.hours import hours_number, hours_text
from timebank.papers.facts import Language
from timebank.papers.tables import Figure, Table, TablesPaper
from timebank.papers.words import ENTERED, TRUST, month_words, signed_hours, two_totals, what
from timebank.records.changes import Change, Moved
from timebank.reports.counting import Tally
from timebank.reports.marks import Mark
from timebank.reports.monthly import Report, Row
from timebank.reports.redemption import WEEKS_AHEAD, Clearing, Health
from timebank.reports.satisfaction import Satisfaction
from timebank.sentences import Pair, Sentence, to

DAYS = (
    Sentence.of("reports", "周一"),
    Sentence.of("reports", "周二"),
    Sentence.of("reports", "周三"),
    Sentence.of("reports", "周四"),
    Sentence.of("reports", "周五"),
    Sentence.of("reports", "周六"),
    Sentence.of("reports", "周日"),
)
COUNTED = (
    Sentence("人、次（户次）、小时是三样东西，分开数，不相加。一轮送餐算 1 次服务，送到几户算几户次。"),
    Sentence("两人同去一家是 1 次、1 户次，各记各的分钟。小时由分钟四舍五入到一位小数；各行分钟之和等于合计，各行小时之和可能差零点几。"),
    Sentence(
        "合计里每个人、每次服务只算一次：一人可做几项、在几个队，一轮可到几栋楼。一轮的分钟平摊到各户；没有上门地点的算在“不在楼栋里”。"
    ),
)


def report_paper(report: Report, health: Health, clearing: Clearing, language: Language) -> TablesPaper:
    """Return a month's report as a paper."""
    tables = [
        _months(report, language),
        rows_table(
            to(Sentence("各项服务"), language), to(Sentence.of("reports", "服务内容"), language), report.kinds, language, total=report.whole
        ),
        rows_table(to(Sentence("各楼栋"), language), to(Sentence("楼栋"), language), report.buildings, language, total=report.whole),
        rows_table(to(Sentence("各服务队"), language), to(Sentence.of("reports", "服务队"), language), report.teams, language),
        rows_table(to(Sentence.of("reports", "各单位"), language), to(Sentence("单位"), language), report.units, language),
        _weekdays(report.weekdays, report.whole, language),
        _marks(report.marks, language),
        _asked(report.satisfaction, language),
        _health(health, language),
        _clearing(clearing, language),
        _flows(health, language),
    ]
    if report.corrections:
        tables.insert(1, _corrections(report.corrections, language))
    if len(report.place.communities) > 1:
        tables.insert(
            1,
            rows_table(to(Sentence("各社区"), language), to(Sentence("社区"), language), report.communities, language, total=report.whole),
        )
        tables.insert(2, _helped(report, language))
    return TablesPaper(
        title=to(Sentence("%(name)s月报", name=report.place.name), language),
        when=month_words(report.month, language),
        unit=report.place.unit,
        dated=report.month,
        printed_at=clock.now(),
        figures=head_figures(report.whole, report.elders, language),
        tables=tuple(tables),
        notes=(
            two_totals(report.minutes, report.entered, language),
            to(
                Sentence(
                    "受益 %(elders)s 人、%(times)s 人次：一次服务里有几位老人，就算几人次。", elders=report.elders, times=report.times
                ),
                language,
            ),
            *_not_closed(report, language),
            *(to(pair, language) for pair in COUNTED),
            *_by_hand(report, language),
            *_staff(report, language),
        ),
        demo=clock.clock.is_demo,
    )


def head_figures(whole: Tally, elders: int, language: Language) -> tuple[Figure, ...]:
    """Return the figures at the head of a report: hours, for whom, at how many doors, by whom."""
    return (
        Figure(to(Sentence("服务时间"), language), hours_text(whole.minutes), to(Sentence("小时"), language)),
        Figure.of(Sentence("服务了"), elders, Sentence.many_of("figures", elders, "位老人"), language),
        Figure.of(Sentence.of("reports", "上门"), whole.doors, Sentence.many_of("figures", whole.doors, "户次"), language),
        given_by(whole.volunteers, language),
    )


def given_by(count: int, language: Language) -> Figure:
    """Return how many persons helped."""
    return Figure.of(Sentence("出力的"), count, Sentence.many_of("figures", count, "人"), language)


def _helped(report: Report, language: Language) -> Table:
    """Return for whom the service of each community was: persons and person-times, apart from visits and hours."""
    return Table(
        title=to(Sentence("各社区服务了多少人"), language),
        head=(to(Sentence("社区"), language), to(Sentence("老人 位"), language), to(Sentence("受益 人次"), language)),
        rows=tuple((each.name, each.persons, each.times) for each in report.helped),
        total=(to(Sentence("合计"), language), report.elders, report.times),
    )


def _not_closed(report: Report, language: Language) -> tuple[str, ...]:
    """Return which communities of a street have not closed a month that is over: their figures may still change."""
    open_ones = [name for name, closed in report.closed if not closed]
    if len(report.closed) == 1 or not open_ones or next_month(report.month) > clock.today():
        return ()
    return (
        Sentence(
            "还没有月结的社区：%(names)s。它们的数还会变；月结以后，街道的合计就是各社区月结数的和。",
            names=[(each, each) for each in open_ones],
        ).to(language),
    )


def with_changes(paper: TablesPaper, changes: Sequence[Change], language: Language) -> TablesPaper:
    """Return what was given with what has changed of it since; as it is when nothing has."""
    if not changes:
        return paper
    minutes, credit = sum(each.minutes for each in changes), sum(each.credit for each in changes)
    since = Table(
        title=to(Sentence("月结以后更正的"), language),
        head=(
            to(Sentence("哪天更正"), language),
            to(Sentence("服务日期"), language),
            to(Sentence.of("reports", "内容"), language),
            to(Sentence("原来 分钟"), language),
            to(Sentence("现在 分钟"), language),
            to(Sentence("相差 分钟"), language),
        ),
        rows=tuple(
            (
                f"{each.newer.created_at:%Y-%m-%d}",
                each.newer.day.isoformat(),
                what(each.newer, language),
                each.before,
                each.newer.minutes,
                each.minutes,
            )
            for each in changes
        ),
        total=(
            to(Sentence("合计"), language),
            "",
            "",
            sum(each.before for each in changes),
            sum(each.newer.minutes for each in changes),
            minutes,
        ),
        note=to(
            Sentence(
                "上面的数是月结时报出的，一直不变。更正记在做更正的那个月：服务记录 %(signed_hours)s 小时，时间账户 %(signed_hours2)s 小时。",
                signed_hours=signed_hours(minutes),
                signed_hours2=signed_hours(credit),
            ),
            language,
        ),
    )
    return replace(paper, tables=(*paper.tables[:1], since, *paper.tables[1:]))


def with_calls(paper: TablesPaper, found: Satisfaction, language: Language) -> TablesPaper:
    """Return what was given with the calls about its services as they stand by now, beside those of then; as it is when none came since."""
    now = _asked(found, language)
    place = next((place for place, each in enumerate(paper.tables) if each.title == now.title), None)
    if place is None or (paper.tables[place].rows, paper.tables[place].total) == (now.rows, now.total):
        return paper
    since = replace(now, title=to(Sentence("回访满意度，算上月结以后打的"), language), note="")
    return replace(paper, tables=(*paper.tables[: place + 1], since, *paper.tables[place + 1 :]))


def _corrections(months: Sequence[Moved], language: Language) -> Table:
    """Return what was changed in a month of months closed before, in both books."""
    return Table(
        title=to(Sentence("本月更正的以前月份"), language),
        head=(
            to(Sentence("哪个月的"), language),
            to(Sentence.of("reports", "条"), language),
            to(Sentence("服务记录 分钟"), language),
            to(Sentence("服务记录 小时"), language),
            to(Sentence.of("reports", "时间账户 小时"), language),
        ),
        rows=tuple(
            (f"{each.month:%Y-%m}", each.count, each.minutes, hours_number(each.minutes), hours_number(each.credit)) for each in months
        ),
        note=to(Sentence("这些月份已经月结，数字不改；更正记在本月，不在本月的服务时间里。"), language),
    )


def _by_hand(report: Report, language: Language) -> tuple[str, ...]:
    """Return what of a month was entered by hand, when anything was."""
    found = (
        (
            report.by_hand,
            Sentence("其中手工记入 %(visits)s 次、%(minutes)s 分钟（%(hours)s 小时），没有上门记录，不算户次。"),
        ),
        (
            report.back_entries,
            Sentence("其中补录（计划过、没有签到）%(visits)s 次、%(minutes)s 分钟（%(hours)s 小时）。"),
        ),
    )
    return tuple(
        Sentence(said.msgid, visits=each.visits, minutes=each.minutes, hours=hours_text(each.minutes)).to(language)
        for each, said in found
        if each.visits
    )


def _staff(report: Report, language: Language) -> tuple[str, ...]:
    """Return what paid staff did, when they did anything."""
    staff = report.staff
    if not staff.visits:
        return ()
    hours = hours_text(staff.minutes)
    return (
        to(
            Sentence(
                "专职人员另做了 %(visits)s 次、%(minutes)s 分钟（%(hours)s 小时），不是志愿服务，不在以上数字里。",
                visits=staff.visits,
                minutes=staff.minutes,
                hours=hours,
            ),
            language,
        ),
    )


def _months(report: Report, language: Language) -> Table:
    """Return the hours of the last months."""
    whole, later = sum(minutes for _, minutes in report.by_month), report.entered_by_month
    return Table(
        title=to(Sentence("近 12 个月"), language),
        head=(
            *(to(each, language) for each in (Sentence("月份"), Sentence.of("reports", "分钟"), Sentence.of("reports", "小时"))),
            to(ENTERED, language),
        ),
        rows=tuple(
            (f"{month:%Y-%m}", minutes, hours_number(minutes), entered)
            for (month, minutes), entered in zip(report.by_month, later, strict=True)
        ),
        total=(to(Sentence("合计"), language), whole, hours_number(whole), sum(later)),
        drawn=2,
    )


def rows_table(title: str, first: str, rows: Sequence[Row], language: Language, total: Tally | None = None) -> Table:
    """Return a table of rows: persons, visits, doors and hours apart."""
    return Table(
        title=title,
        head=(first, *heads(language)),
        rows=tuple((to(row.words, language), *figures_of(row)) for row in rows),
        total=(to(Sentence("合计"), language), *figures_of(total)) if total else (),
        drawn=5,
    )


def figures_of(row: Row | Tally) -> tuple[int, int, int, int, float, int]:
    """Return the figures of a row, minutes beside their hours, and the minutes among them that were entered afterwards."""
    return row.volunteers, row.visits, row.doors, row.minutes, hours_number(row.minutes), row.entered


def heads(language: Language) -> tuple[str, ...]:
    """Return the headings of the figures, of which no two are ever added to each other."""
    words = (
        to(Sentence("志愿者 人"), language),
        to(Sentence.of("reports", "服务 次"), language),
        to(Sentence("上门 户次"), language),
        to(Sentence.of("reports", "分钟"), language),
        to(Sentence.of("reports", "小时"), language),
    )
    return (*words, to(ENTERED, language))


def _weekdays(tallies: Sequence[Tally], whole: Tally, language: Language) -> Table:
    """Return the table of Monday to Sunday."""
    return Table(
        title=to(Sentence.of("reports", "星期几"), language),
        head=(to(Sentence.of("reports", "星期"), language), *heads(language)),
        rows=tuple((to(DAYS[place], language), *figures_of(each)) for place, each in enumerate(tallies)),
        total=(to(Sentence("合计"), language), *figures_of(whole)),
        drawn=5,
    )


def _marks(marks: Sequence[Mark], language: Language) -> Table:
    """Return who confirmed how much, by the mark of how it was known, and what of it rests on one person's word."""
    whole, alone = sum(each.minutes for each in marks), sum(each.alone for each in marks)
    return Table(
        title=to(Sentence("谁确认的、凭什么"), language),
        head=(
            to(Sentence("谁"), language),
            to(Sentence.of("reports", "凭什么"), language),
            to(Sentence.of("reports", "分钟"), language),
            to(Sentence.of("reports", "小时"), language),
            to(Sentence("占此人 %"), language),
            to(Sentence("一句话 分钟"), language),
        ),
        rows=tuple(
            (
                to(each.who, language),
                to(TRUST[each.trust], language),
                each.minutes,
                hours_number(each.minutes),
                each.percent,
                each.alone,
            )
            for each in marks
        ),
        total=(to(Sentence("合计"), language), "", whole, hours_number(whole), "", alone) if marks else (),
        drawn=3,
        note=to(Sentence("“一句话”是其中只凭一个人说的分钟数：没有到访码、没有手机点的送到，时间也不是别人录入的。"), language),
    )


def _asked(found: Satisfaction, language: Language) -> Table:
    """Return how content those were who were called, by kind and by team."""
    team = to(Sentence("队："), language)
    rows = [(to(row.words, language), row.counted) for row in found.kinds] + [(f"{team}{row.name}", row.counted) for row in found.teams]
    return Table(
        title=to(Sentence("回访满意度"), language),
        head=(
            to(Sentence("服务或服务队"), language),
            to(Sentence("要打 次"), language),
            to(Sentence("打通 次"), language),
            to(Sentence("打分 次"), language),
            to(Sentence("4–5 分 次"), language),
            to(Sentence.of("reports", "满意率 %"), language),
            to(Sentence("平均分"), language),
        ),
        rows=tuple((name, *counted.figures) for name, counted in rows),
        total=(to(Sentence("合计"), language), *found.whole.figures) if rows else (),
        note=to(
            Sentence(
                "按服务的日期归月：每周抽签的和核查出可疑的都打电话。满意率是打 4、5 分的占打了分的百分比；一人可在几个队，合计每通电话只算一次。"
            ),
            language,
        ),
    )


def _health(health: Health, language: Language) -> Table:
    """Return what is stored against what is used, what is promised against who can come, and the oldest hour."""
    weeks = "—" if health.weeks is None else str(health.weeks)
    oldest = "—" if health.oldest_credit is None else health.oldest_credit.isoformat()
    lines: tuple[tuple[Pair, str, str], ...] = (
        (Sentence("账户里存着"), hours_text(health.stored), "h"),
        (Sentence("已约好、冻结着"), hours_text(health.held), "h"),
        (Sentence("已经用掉"), hours_text(health.used), "h"),
        (Sentence("公共时间池"), hours_text(health.pool), "h"),
        (Sentence("更正后欠回、还没还的"), hours_text(health.owed), "h"),
        (Sentence("志愿者今后 %(weeks)s 周能来", weeks=WEEKS_AHEAD), hours_text(health.weekly * WEEKS_AHEAD), "h"),
        (Sentence("存着的全部用完要"), weeks, "w"),
        (Sentence("最早一笔还没用的"), oldest, "d"),
    )
    units = {"h": Sentence("小时"), "w": Sentence("周"), "d": Sentence.of("reports", "日期")}
    return Table(
        title=to(Sentence("时间账户好不好用"), language),
        head=(to(Sentence("项目"), language), to(Sentence("数"), language), to(Sentence("单位"), language)),
        rows=tuple((to(name, language), value, to(units[unit], language)) for name, value, unit in lines),
        note=_verdict(health, language),
    )


def _verdict(health: Health, language: Language) -> str:
    """Return in one sentence whether what is promised can be kept."""
    if health.held > health.weekly * WEEKS_AHEAD:
        return to(Sentence("已约好的比志愿者今后四周能来的还多，请先招人，再答应新的。"), language)
    if health.used * 10 < health.stored:
        return to(Sentence("存得多、用得少，还不到存量的十分之一。请提醒存时间的人用、送或捐。"), language)
    return to(Sentence("约好的都有人能来。"), language)


def _flows(health: Health, language: Language) -> Table:
    """Return what was earned, issued without service and used month by month, in minutes."""
    return Table(
        title=to(Sentence("每月存入和用掉"), language),
        head=(
            to(Sentence("月份"), language),
            to(Sentence("服务存入 分钟"), language),
            to(Sentence("发进时间池 分钟"), language),
            to(Sentence("用掉 分钟"), language),
        ),
        rows=tuple((f"{each.month:%Y-%m}", each.earned, each.issued, each.used) for each in health.flows),
        total=(
            to(Sentence("合计"), language),
            sum(each.earned for each in health.flows),
            sum(each.issued for each in health.flows),
            sum(each.used for each in health.flows),
        ),
        drawn=1,
        note=to(
            Sentence("“发进时间池”是社区补给公共时间池的，没有人为它做服务。冲正算在冲正的那个月，从同一栏里减去，不算用掉。"), language
        ),
    )


def _clearing(clearing: Clearing, language: Language) -> Table:
    """Return how many done visits wait for their confirmation, by age, and the oldest."""
    names = (to(Sentence("3 天以内"), language), to(Sentence("4 到 10 天"), language), to(Sentence("10 天以上"), language))
    oldest = (
        to(Sentence("最久的一次是 %(oldest)s，已等 %(days)s 天。", oldest=f"{clearing.oldest:%Y-%m-%d}", days=clearing.days), language)
    ) if clearing.oldest else ""  # fmt: skip
    return Table(
        title=to(Sentence("做完还没确认的"), language),
        head=(to(Sentence("等了多久"), language), to(Sentence.of("reports", "次"), language)),
        rows=tuple(zip(names, clearing.counts, strict=True)),
        total=(to(Sentence("合计"), language), clearing.waiting),
        drawn=1,
        note=oldest,
    )
