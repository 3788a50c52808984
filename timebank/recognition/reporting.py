"""The monthly report as a paper: the same tables for the page, the PDF and the workbook."""

from collections.abc import Sequence
from datetime import date

from timebank import clock
from timebank.recognition.hours import hours_text
from timebank.recognition.marks import Mark
from timebank.recognition.papers import Language
from timebank.recognition.redemption import WEEKS_AHEAD, Clearing, Health
from timebank.recognition.reports import Report, Row, Tally
from timebank.recognition.tables import Figure, Table, TablesPaper, hours_column, hours_number
from timebank.recognition.words import TRUST, month_words

DAYS = (("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun"))
COUNTED = (
    (
        "人、次（户次）、小时是三样东西，分开数，不相加。一轮送餐算 1 次服务，送到几户算几户次。",
        "People, visits (doors) and hours are three things, counted apart and never added. A meal round is one visit and all its doors.",
    ),
    (
        "小时按分钟加总后折算，各行之和等于合计。一人可在几个队；按楼栋只数上门的服务，一轮的分钟平摊到各户。",
        "Hours are minutes added up first, and rows make the total. People may be in several teams. A round's minutes are shared by its doors.",
    ),
)


def report_paper(report: Report, health: Health, clearing: Clearing, language: Language) -> TablesPaper:
    """Return a month's report as a paper."""
    zh = language == "zh"
    tables = [
        _months(report.by_month, zh=zh),
        _rows("各项服务" if zh else "By kind", "服务内容" if zh else "Kind of service", report.kinds, zh=zh, total=report),
        _rows("各楼栋" if zh else "By building", "楼栋" if zh else "Building", report.buildings, zh=zh),
        _rows("各服务队" if zh else "By team", "服务队" if zh else "Team", report.teams, zh=zh),
        _weekdays(report.weekdays, zh=zh),
        _marks(report.marks, zh=zh),
        _health(health, zh=zh),
        _clearing(clearing, zh=zh),
        _flows(health, zh=zh),
    ]
    if len(report.place.communities) > 1:
        tables.insert(1, _rows("各社区" if zh else "By community", "社区" if zh else "Community", report.communities, zh=zh, total=report))
    return TablesPaper(
        title=f"{report.place.name}月报" if zh else f"Monthly report, {report.place.name}",
        when=month_words(report.month, language),
        unit=report.place.unit,
        dated=report.month,
        printed_at=clock.now(),
        figures=(
            Figure("服务时间" if zh else "Service time", hours_text(report.minutes), "小时" if zh else "hours"),
            Figure("服务了" if zh else "Helped", str(report.elders), "位老人" if zh else "elders"),
            Figure("上门" if zh else "At the door", str(report.doors), "户次" if zh else "doors"),
            Figure("出力的" if zh else "Given by", str(report.volunteers), "人" if zh else "people"),
        ),
        tables=tuple(tables),
        notes=(*(pair[0 if zh else 1] for pair in COUNTED), *_staff(report, zh=zh)),
        demo=clock.clock.is_demo,
    )


def _staff(report: Report, *, zh: bool) -> tuple[str, ...]:
    """Return what paid staff did, when they did anything."""
    if not report.staff_visits:
        return ()
    hours = hours_text(report.staff_minutes)
    return (
        f"专职人员另做了 {report.staff_visits} 次、{hours} 小时，不是志愿服务，不在以上数字里。"
        if zh
        else f"Paid staff did {report.staff_visits} visits, {hours} hours besides; it is not voluntary service and not in these figures.",
    )


def _months(months: Sequence[tuple[date, int]], *, zh: bool) -> Table:
    """Return the hours of the last months."""
    hours = [hours_number(minutes) for _, minutes in months]
    return Table(
        title="近 12 个月" if zh else "Last 12 months",
        head=("月份", "小时") if zh else ("Month", "Hours"),
        rows=tuple((f"{month:%Y-%m}", each) for (month, _), each in zip(months, hours, strict=True)),
        drawn=1,
    )


def _rows(title: str, first: str, rows: Sequence[Row], *, zh: bool, total: Report | None = None) -> Table:
    """Return a table of rows: persons, visits, doors and hours apart."""
    hours = hours_column([row.minutes for row in rows])
    summed = (total.volunteers, total.visits, total.doors, hours_number(total.minutes)) if total else None
    return Table(
        title=title,
        head=(first, *_heads(zh=zh)),
        rows=tuple(
            (row.name if zh else row.name_en, row.volunteers, row.visits, row.doors, each) for row, each in zip(rows, hours, strict=True)
        ),
        total=("合计" if zh else "Total", *summed) if summed else (),
        drawn=4,
    )


def _heads(*, zh: bool) -> tuple[str, str, str, str]:
    """Return the headings of the four figures that are never added to each other."""
    return ("志愿者 人", "服务 次", "上门 户次", "小时") if zh else ("Volunteers", "Visits", "Doors", "Hours")


def _weekdays(tallies: Sequence[Tally], *, zh: bool) -> Table:
    """Return the table of Monday to Sunday."""
    hours = hours_column([each.minutes for each in tallies])
    return Table(
        title="星期几" if zh else "By weekday",
        head=("星期" if zh else "Weekday", *_heads(zh=zh)),
        rows=tuple(
            (DAYS[place][0 if zh else 1], len(each.persons), each.visits, each.doors, hour)
            for place, (each, hour) in enumerate(zip(tallies, hours, strict=True))
        ),
        drawn=4,
    )


def _marks(marks: Sequence[Mark], *, zh: bool) -> Table:
    """Return who confirmed how much, by the mark of how it was known, and what of it rests on one person's word."""
    hours, alone = hours_column([each.minutes for each in marks]), hours_column([each.alone for each in marks])
    return Table(
        title="谁确认的、凭什么" if zh else "Confirmed by whom and how",
        head=("谁", "凭什么", "小时", "占此人 %", "一句话") if zh else ("Who", "How", "Hours", "Share %", "One word"),
        rows=tuple(
            (each.who[0 if zh else 1], TRUST[each.trust][0 if zh else 1], hour, each.percent, on_word)
            for each, hour, on_word in zip(marks, hours, alone, strict=True)
        ),
        total=(
            "合计" if zh else "Total",
            "",
            hours_number(sum(each.minutes for each in marks)),
            100,
            hours_number(sum(each.alone for each in marks)),
        )
        if marks
        else (),
        drawn=2,
        note="“一句话”是其中只凭一个人说的小时数：没有到访码、没有手机点的送到，时间也不是别人录入的。"
        if zh
        else "One word: the hours among them that no code, no tap on a phone and no times typed in by a colleague show.",
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
    """Return what was earned and used month by month."""
    return Table(
        title="每月存入和用掉" if zh else "Earned and used by month",
        head=("月份", "存入 小时", "用掉 小时") if zh else ("Month", "Earned, hours", "Used, hours"),
        rows=tuple((f"{each.month:%Y-%m}", hours_number(each.earned), hours_number(each.used)) for each in health.flows),
        drawn=1,
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
