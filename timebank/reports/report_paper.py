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

DAYS = (("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun"))
COUNTED = (
    (
        "人、次（户次）、小时是三样东西，分开数，不相加。一轮送餐算 1 次服务，送到几户算几户次。",
        "People, visits (doors) and hours are three things, counted apart and never added. A meal round is one visit and all its doors.",
    ),
    (
        "两人同去一家是 1 次、1 户次，各记各的分钟。小时由分钟四舍五入到一位小数；各行分钟之和等于合计，各行小时之和可能差零点几。",
        "Two people at one door are one visit, each with their own minutes. Hours are minutes rounded half up; the rows' minutes make the total.",
    ),
    (
        "合计里每个人、每次服务只算一次：一人可做几项、在几个队，一轮可到几栋楼。一轮的分钟平摊到各户；没有上门地点的算在“不在楼栋里”。",
        "Totals count each person and each visit once. A round's minutes are shared by its doors; what has no door is not in a building.",
    ),
)


def report_paper(report: Report, health: Health, clearing: Clearing, language: Language) -> TablesPaper:
    """Return a month's report as a paper."""
    zh = language == "zh"
    tables = [
        _months(report, zh=zh),
        rows_table("各项服务" if zh else "By kind", "服务内容" if zh else "Kind of service", report.kinds, zh=zh, total=report.whole),
        rows_table("各楼栋" if zh else "By building", "楼栋" if zh else "Building", report.buildings, zh=zh, total=report.whole),
        rows_table("各服务队" if zh else "By team", "服务队" if zh else "Team", report.teams, zh=zh),
        rows_table("各单位" if zh else "By unit", "单位" if zh else "Unit", report.units, zh=zh),
        _weekdays(report.weekdays, report.whole, zh=zh),
        _marks(report.marks, zh=zh),
        _asked(report.satisfaction, zh=zh),
        _health(health, zh=zh),
        _clearing(clearing, zh=zh),
        _flows(health, zh=zh),
    ]
    if report.corrections:
        tables.insert(1, _corrections(report.corrections, zh=zh))
    if len(report.place.communities) > 1:
        tables.insert(
            1, rows_table("各社区" if zh else "By community", "社区" if zh else "Community", report.communities, zh=zh, total=report.whole)
        )
        tables.insert(2, _helped(report, zh=zh))
    return TablesPaper(
        title=f"{report.place.name}月报" if zh else f"Monthly report, {report.place.name}",
        when=month_words(report.month, language),
        unit=report.place.unit,
        dated=report.month,
        printed_at=clock.now(),
        figures=head_figures(report.whole, report.elders, zh=zh),
        tables=tuple(tables),
        notes=(
            two_totals(report.minutes, report.entered, language),
            f"受益 {report.elders} 人、{report.times} 人次：一次服务里有几位老人，就算几人次。"
            if zh
            else f"Helped: {report.elders} people, {report.times} person-times; a visit for two people is two person-times.",
            *_not_closed(report, zh=zh),
            *(pair[0 if zh else 1] for pair in COUNTED),
            *_by_hand(report, zh=zh),
            *_staff(report, zh=zh),
        ),
        demo=clock.clock.is_demo,
    )


def head_figures(whole: Tally, elders: int, *, zh: bool) -> tuple[Figure, ...]:
    """Return the figures at the head of a report: hours, for whom, at how many doors, by whom."""
    return (
        Figure("服务时间" if zh else "Service time", hours_text(whole.minutes), "小时" if zh else "hours"),
        Figure.of(("服务了", "Helped"), elders, ("位老人", "elder", "elders"), zh=zh),
        Figure.of(("上门", "At the door"), whole.doors, ("户次", "door", "doors"), zh=zh),
        given_by(whole.volunteers, zh=zh),
    )


def given_by(count: int, *, zh: bool) -> Figure:
    """Return how many persons helped."""
    return Figure.of(("出力的", "Given by"), count, ("人", "person", "people"), zh=zh)


def _helped(report: Report, *, zh: bool) -> Table:
    """Return for whom the service of each community was: persons and person-times, apart from visits and hours."""
    return Table(
        title="各社区服务了多少人" if zh else "Whom each community helped",
        head=("社区", "老人 位", "受益 人次") if zh else ("Community", "Elders", "Person-times"),
        rows=tuple((each.name, each.persons, each.times) for each in report.helped),
        total=("合计" if zh else "Total", report.elders, report.times),
    )


def _not_closed(report: Report, *, zh: bool) -> tuple[str, ...]:
    """Return which communities of a street have not closed a month that is over: their figures may still change."""
    open_ones = [name for name, closed in report.closed if not closed]
    if len(report.closed) == 1 or not open_ones or next_month(report.month) > clock.today():
        return ()
    if zh:
        return (f"还没有月结的社区：{'、'.join(open_ones)}。它们的数还会变；月结以后，街道的合计就是各社区月结数的和。",)
    return (f"Not closed yet: {', '.join(open_ones)}; their figures may change. Once closed, the street's totals are the sum of theirs.",)


def with_changes(paper: TablesPaper, changes: Sequence[Change], language: Language) -> TablesPaper:
    """Return what was given with what has changed of it since; as it is when nothing has."""
    if not changes:
        return paper
    zh = language == "zh"
    minutes, credit = sum(each.minutes for each in changes), sum(each.credit for each in changes)
    since = Table(
        title="月结以后更正的" if zh else "Changed since the month was closed",
        head=("哪天更正", "服务日期", "内容", "原来 分钟", "现在 分钟", "相差 分钟")
        if zh
        else ("Made on", "Service of", "What", "Was, min", "Now, min", "Change"),
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
            "合计" if zh else "Total",
            "",
            "",
            sum(each.before for each in changes),
            sum(each.newer.minutes for each in changes),
            minutes,
        ),
        note=f"上面的数是月结时报出的，一直不变。更正记在做更正的那个月：服务记录 {signed_hours(minutes)} 小时，时间账户 {signed_hours(credit)} 小时。"
        if zh
        else f"The figures above are those given when the month was closed and stay. Changes stand in the month in which they were made: "
        f"{signed_hours(minutes)} h in the service record, {signed_hours(credit)} h on the accounts.",
    )
    return replace(paper, tables=(*paper.tables[:1], since, *paper.tables[1:]))


def with_calls(paper: TablesPaper, found: Satisfaction, language: Language) -> TablesPaper:
    """Return what was given with the calls about its services as they stand by now, beside those of then; as it is when none came since."""
    zh = language == "zh"
    now = _asked(found, zh=zh)
    place = next((place for place, each in enumerate(paper.tables) if each.title == now.title), None)
    if place is None or (paper.tables[place].rows, paper.tables[place].total) == (now.rows, now.total):
        return paper
    since = replace(now, title="回访满意度，算上月结以后打的" if zh else "Call-backs, with those made since the month was closed", note="")
    return replace(paper, tables=(*paper.tables[: place + 1], since, *paper.tables[place + 1 :]))


def _corrections(months: Sequence[Moved], *, zh: bool) -> Table:
    """Return what was changed in a month of months closed before, in both books."""
    return Table(
        title="本月更正的以前月份" if zh else "Earlier months corrected in this one",
        head=("哪个月的", "条", "服务记录 分钟", "服务记录 小时", "时间账户 小时")
        if zh
        else ("For", "Records", "Record, min", "Record, h", "Account, h"),
        rows=tuple(
            (f"{each.month:%Y-%m}", each.count, each.minutes, hours_number(each.minutes), hours_number(each.credit)) for each in months
        ),
        note="这些月份已经月结，数字不改；更正记在本月，不在本月的服务时间里。"
        if zh
        else "These months are closed and keep their figures; what changed stands here and not in this month's service time.",
    )


def _by_hand(report: Report, *, zh: bool) -> tuple[str, ...]:
    """Return what of a month was entered by hand, when anything was."""
    found = (
        (
            report.by_hand,
            "其中手工记入 {visits} 次、{minutes} 分钟（{hours} 小时），没有上门记录，不算户次。",
            "Of these, {visits} services of {minutes} minutes ({hours} hours) were entered by hand; they have no door.",
        ),
        (
            report.back_entries,
            "其中补录（计划过、没有签到）{visits} 次、{minutes} 分钟（{hours} 小时）。",
            "Of these, {visits} planned visits of {minutes} minutes ({hours} hours) had no check-in and were entered later.",
        ),
    )
    return tuple(
        (said if zh else said_en).format(visits=each.visits, minutes=each.minutes, hours=hours_text(each.minutes))
        for each, said, said_en in found
        if each.visits
    )


def _staff(report: Report, *, zh: bool) -> tuple[str, ...]:
    """Return what paid staff did, when they did anything."""
    staff = report.staff
    if not staff.visits:
        return ()
    hours = hours_text(staff.minutes)
    return (
        f"专职人员另做了 {staff.visits} 次、{staff.minutes} 分钟（{hours} 小时），不是志愿服务，不在以上数字里。"
        if zh
        else f"Paid staff did {staff.visits} visits of {staff.minutes} minutes ({hours} hours) besides; "
        "it is not voluntary service and not in these figures.",
    )


def _months(report: Report, *, zh: bool) -> Table:
    """Return the hours of the last months."""
    whole, later = sum(minutes for _, minutes in report.by_month), report.entered_by_month
    return Table(
        title="近 12 个月" if zh else "Last 12 months",
        head=("月份", "分钟", "小时", ENTERED[0]) if zh else ("Month", "Minutes", "Hours", ENTERED[1]),
        rows=tuple(
            (f"{month:%Y-%m}", minutes, hours_number(minutes), entered)
            for (month, minutes), entered in zip(report.by_month, later, strict=True)
        ),
        total=("合计" if zh else "Total", whole, hours_number(whole), sum(later)),
        drawn=2,
    )


def rows_table(title: str, first: str, rows: Sequence[Row], *, zh: bool, total: Tally | None = None) -> Table:
    """Return a table of rows: persons, visits, doors and hours apart."""
    return Table(
        title=title,
        head=(first, *heads(zh=zh)),
        rows=tuple((row.name if zh else row.name_en, *figures_of(row)) for row in rows),
        total=("合计" if zh else "Total", *figures_of(total)) if total else (),
        drawn=5,
    )


def figures_of(row: Row | Tally) -> tuple[int, int, int, int, float, int]:
    """Return the figures of a row, minutes beside their hours, and the minutes among them that were entered afterwards."""
    return row.volunteers, row.visits, row.doors, row.minutes, hours_number(row.minutes), row.entered


def heads(*, zh: bool) -> tuple[str, ...]:
    """Return the headings of the figures, of which no two are ever added to each other."""
    words = ("志愿者 人", "服务 次", "上门 户次", "分钟", "小时") if zh else ("Volunteers", "Visits", "Doors", "Minutes", "Hours")
    return (*words, ENTERED[0 if zh else 1])


def _weekdays(tallies: Sequence[Tally], whole: Tally, *, zh: bool) -> Table:
    """Return the table of Monday to Sunday."""
    return Table(
        title="星期几" if zh else "By weekday",
        head=("星期" if zh else "Weekday", *heads(zh=zh)),
        rows=tuple((DAYS[place][0 if zh else 1], *figures_of(each)) for place, each in enumerate(tallies)),
        total=("合计" if zh else "Total", *figures_of(whole)),
        drawn=5,
    )


def _marks(marks: Sequence[Mark], *, zh: bool) -> Table:
    """Return who confirmed how much, by the mark of how it was known, and what of it rests on one person's word."""
    whole, alone = sum(each.minutes for each in marks), sum(each.alone for each in marks)
    return Table(
        title="谁确认的、凭什么" if zh else "Confirmed by whom and how",
        head=("谁", "凭什么", "分钟", "小时", "占此人 %", "一句话 分钟")
        if zh
        else ("Who", "How", "Minutes", "Hours", "Share %", "One word, min"),
        rows=tuple(
            (
                each.who[0 if zh else 1],
                TRUST[each.trust][0 if zh else 1],
                each.minutes,
                hours_number(each.minutes),
                each.percent,
                each.alone,
            )
            for each in marks
        ),
        total=("合计" if zh else "Total", "", whole, hours_number(whole), "", alone) if marks else (),
        drawn=3,
        note="“一句话”是其中只凭一个人说的分钟数：没有到访码、没有手机点的送到，时间也不是别人录入的。"
        if zh
        else "One word: the minutes among them that no code, no tap on a phone and no times typed in by a colleague show.",
    )


def _asked(found: Satisfaction, *, zh: bool) -> Table:
    """Return how content those were who were called, by kind and by team."""
    team = "队：" if zh else "Team "
    rows = [(row.name if zh else row.name_en, row.counted) for row in found.kinds] + [
        (f"{team}{row.name}", row.counted) for row in found.teams
    ]
    return Table(
        title="回访满意度" if zh else "Call-backs",
        head=("服务或服务队", "要打 次", "打通 次", "打分 次", "4–5 分 次", "满意率 %", "平均分")
        if zh
        else ("Kind or team", "To call", "Reached", "Scored", "Score 4–5", "Content %", "Mean score"),
        rows=tuple((name, *counted.figures) for name, counted in rows),
        total=("合计" if zh else "Total", *found.whole.figures) if rows else (),
        note="按服务的日期归月：每周抽签的和核查出可疑的都打电话。满意率是打 4、5 分的占打了分的百分比；一人可在几个队，合计每通电话只算一次。"
        if zh
        else "By the day of the service: drawn by lot each week, and all flagged. Content: a score of 4 or 5 among those who scored; the total counts each call once.",
    )


def _health(health: Health, *, zh: bool) -> Table:
    """Return what is stored against what is used, what is promised against who can come, and the oldest hour."""
    weeks = "—" if health.weeks is None else str(health.weeks)
    oldest = "—" if health.oldest_credit is None else health.oldest_credit.isoformat()
    lines: tuple[tuple[str, str, str, str], ...] = (
        ("账户里存着", "Stored on accounts", hours_text(health.stored), "h"),
        ("已约好、冻结着", "Promised and held", hours_text(health.held), "h"),
        ("已经用掉", "Used so far", hours_text(health.used), "h"),
        ("公共时间池", "Public pool", hours_text(health.pool), "h"),
        ("更正后欠回、还没还的", "Owed back after corrections", hours_text(health.owed), "h"),
        (f"志愿者今后 {WEEKS_AHEAD} 周能来", f"Volunteers can give in {WEEKS_AHEAD} weeks", hours_text(health.weekly * WEEKS_AHEAD), "h"),
        ("存着的全部用完要", "Weeks of everybody to use it all", weeks, "w"),
        ("最早一笔还没用的", "Oldest not yet used", oldest, "d"),
    )
    units = {"h": ("小时", "hours"), "w": ("周", "weeks"), "d": ("日期", "day")}
    return Table(
        title="时间账户好不好用" if zh else "Redemption health",
        head=("项目", "数", "单位") if zh else ("What", "Figure", "Unit"),
        rows=tuple((name if zh else name_en, value, units[unit][0 if zh else 1]) for name, name_en, value, unit in lines),
        note=_verdict(health, zh=zh),
    )


def _verdict(health: Health, *, zh: bool) -> str:
    """Return in one sentence whether what is promised can be kept."""
    if health.held > health.weekly * WEEKS_AHEAD:
        return (
            "已约好的比志愿者今后四周能来的还多，请先招人，再答应新的。"
            if zh
            else "More is promised than volunteers can give in four weeks: find volunteers before promising more."
        )
    if health.used * 10 < health.stored:
        return (
            "存得多、用得少，还不到存量的十分之一。请提醒存时间的人用、送或捐。"
            if zh
            else "Much is stored and less than a tenth of it was used: remind people to use, give or donate it."
        )
    return "约好的都有人能来。" if zh else "What is promised can be kept."


def _flows(health: Health, *, zh: bool) -> Table:
    """Return what was earned, issued without service and used month by month, in minutes."""
    return Table(
        title="每月存入和用掉" if zh else "Earned and used by month",
        head=("月份", "服务存入 分钟", "发进时间池 分钟", "用掉 分钟")
        if zh
        else ("Month", "Earned, min", "Issued to the pool, min", "Used, min"),
        rows=tuple((f"{each.month:%Y-%m}", each.earned, each.issued, each.used) for each in health.flows),
        total=(
            "合计" if zh else "Total",
            sum(each.earned for each in health.flows),
            sum(each.issued for each in health.flows),
            sum(each.used for each in health.flows),
        ),
        drawn=1,
        note="“发进时间池”是社区补给公共时间池的，没有人为它做服务。冲正算在冲正的那个月，从同一栏里减去，不算用掉。"
        if zh
        else "Issued: what the community puts into the pool, for which nobody served. A reversal is taken off its own column in its own month; it is never a use.",
    )


def _clearing(clearing: Clearing, *, zh: bool) -> Table:
    """Return how many done visits wait for their confirmation, by age, and the oldest."""
    names = ("3 天以内", "4 到 10 天", "10 天以上") if zh else ("up to 3 days", "4 to 10 days", "more than 10 days")
    oldest = (
        f"最久的一次是 {clearing.oldest:%Y-%m-%d}，已等 {clearing.days} 天。"
        if zh
        else f"The oldest is of {clearing.oldest:%Y-%m-%d}: {clearing.days} days."
    ) if clearing.oldest else ""  # fmt: skip
    return Table(
        title="做完还没确认的" if zh else "Done and not yet confirmed",
        head=("等了多久", "次") if zh else ("Waiting", "Visits"),
        rows=tuple(zip(names, clearing.counts, strict=True)),
        total=("合计" if zh else "Total", clearing.waiting),
        drawn=1,
        note=oldest,
    )
