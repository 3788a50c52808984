"""Monthly statements of a team or a unit: what its people did, from the record alone; credit is each person's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, select

from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.clock import month_of, next_month
from timebank.db import db
from timebank.hours import hours_number, hours_text
from timebank.papers.facts import KindTotal, Language
from timebank.papers.tables import Figure, Table, TablesPaper
from timebank.papers.words import ENTERED, month_words, one, terms, two_totals
from timebank.places.models import Community
from timebank.records.totals import GIVEN, UNPAID
from timebank.reports import counting
from timebank.reports.counting import Counted, Line, Tally
from timebank.reports.report_paper import given_by
from timebank.sentences import Sentence, to
from timebank.visits.closing import issue_day
from timebank.visits.deadlines import until_after
from timebank.visits.models import ServiceRecord, record_team
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Team, Unit, Volunteer

Kind = Literal["team", "unit"]
Group = Team | Unit
MEASURES = (Sentence.of("reports", "次"), Sentence.of("reports", "分钟"), Sentence.of("reports", "小时"))
TITLES: dict[Kind, tuple[str, str]] = {"team": Sentence("服务队对账单"), "unit": Sentence("单位对账单")}


@dataclass(frozen=True, slots=True)
class Share:
    """What one person did for the group in a month, and how many of the minutes were entered afterwards."""

    volunteer: Volunteer
    visits: int
    minutes: int
    entered: int


@dataclass(frozen=True, slots=True)
class GroupMonth(Counted):
    """One team's or unit's month."""

    kind: Kind
    group: Group
    community: Community
    month: date
    shares: Sequence[Share]
    kinds: Sequence[KindTotal]
    whole: Tally

    @property
    def object_until(self) -> date | None:
        """The last day on which members may object; nothing while the month goes on."""
        over = next_month(self.month) <= clock.today()
        return until_after(issue_day(self.community.id, self.month)) if over else None


def group_in(kind: str, group_id: int, community_id: int | None) -> tuple[Kind, Group] | None:
    """Return a team or a unit of a community (None = all)."""
    if kind == "team" and (team := volunteers.team_in(community_id, group_id)):
        return "team", team
    if kind == "unit" and (unit := volunteers.unit_in(community_id, group_id)):
        return "unit", unit
    return None


def group_month(kind: Kind, group: Group, month: date) -> GroupMonth:
    """Return what a group did in a month."""
    start = month_of(month)
    inside = and_(GIVEN, UNPAID, ServiceRecord.day >= start, ServiceRecord.day < next_month(start), belongs(kind, group))
    lines = counting.lines_of(inside)
    return GroupMonth(
        kind=kind,
        group=group,
        community=db.session.get_one(Community, group.community_id),
        month=start,
        shares=_shares(lines),
        kinds=_kinds(lines),
        whole=counting.total(lines),
    )


def overview(community_id: int, month: date) -> list[GroupMonth]:
    """Return the month of every team and every unit of a community, of a dissolved one those it still had."""
    every: list[tuple[Kind, Group]] = [("team", each) for each in volunteers.teams(community_id)]
    every += [("unit", each) for each in volunteers.units(community_id) if each.ended is None or month_of(month) < each.ended]
    return [group_month(kind, group, month) for kind, group in every]


def belongs(kind: Kind, group: Group) -> ColumnElement[bool]:
    """Say that a record was made for a group: it says itself of which unit and in which teams its volunteer was that day."""
    if kind == "unit":
        return ServiceRecord.unit_id == group.id
    return exists().where(record_team.c.record_id == ServiceRecord.id, record_team.c.team_id == group.id)


def group_paper(found: GroupMonth, language: Language) -> TablesPaper:
    """Return a group's month as a paper."""
    whole, shares = found.whole, found.shares
    total = (whole.visits, whole.minutes, hours_number(whole.minutes), whole.entered)
    later = one(ENTERED, language)
    people = Table(
        title=to(Sentence("每个人"), language),
        head=(*(to(each, language) for each in (Sentence("姓名"), Sentence.of("reports", "编号"), *MEASURES)), later),
        rows=tuple(
            (each.volunteer.name, each.volunteer.number, each.visits, each.minutes, hours_number(each.minutes), each.entered)
            for each in shares
        ),
        total=(to(Sentence("合计"), language), "", *total),
        drawn=4,
    )
    kinds = Table(
        title=to(Sentence("各项服务"), language),
        head=(*(to(each, language) for each in (Sentence.of("reports", "服务内容"), *MEASURES)), later),
        rows=tuple(
            (to((each.content, each.content_en), language), each.visits, each.minutes, hours_number(each.minutes), each.entered)
            for each in found.kinds
        ),
        total=(to(Sentence("合计"), language), *total),
        drawn=3,
    )
    return TablesPaper(
        title=f"{found.group.name} · {one(TITLES[found.kind], language)}",
        when=month_words(found.month, language),
        unit=found.community.issuer,
        dated=found.month,
        printed_at=clock.now(),
        figures=(
            given_by(whole.volunteers, language),
            Figure.of(Sentence.of("reports", "服务"), whole.visits, Sentence.many_of("figures", whole.visits, "次"), language),
            Figure(to(Sentence("服务时间"), language), hours_text(whole.minutes), to(Sentence("小时"), language)),
        ),
        tables=(people, kinds),
        notes=_notes(found, language),
        demo=clock.clock.is_demo,
    )


def _notes(found: GroupMonth, language: Language) -> tuple[str, ...]:
    """Return how it was counted, and how long members may object."""
    counted = {
        "team": Sentence("只算队员在队期间的服务；一个人可以在几个队，各队相加会多于社区合计。"),
        "unit": Sentence("按服务当天属于本单位的志愿者统计。"),
    }[found.kind]
    books = Sentence("这里只有服务记录；时间账户是各人自己的，不在单位和服务队的对账单上。")
    together = Sentence("两人同去一家，各记各的分钟，合计里是 1 次。小时由分钟四舍五入到一位小数，以分钟为准。")
    totals = two_totals(found.minutes, found.entered, language)
    return totals, one(counted, language), one(together, language), one(books, language), terms(found.object_until, language)


def _shares(lines: Sequence[Line]) -> list[Share]:
    """Return who did how much, in the order of a register."""
    tallies = counting.added_up(lines, lambda line: [line.volunteer])
    people = db.session.scalars(select(Volunteer).where(Volunteer.id.in_(tallies)).order_by(Volunteer.sort_key, Volunteer.id))
    return [Share(each, tallies[each.id].visits, tallies[each.id].minutes, tallies[each.id].entered) for each in people]


def _kinds(lines: Sequence[Line]) -> list[KindTotal]:
    """Return what was done, most minutes first."""
    tallies = counting.added_up(lines, lambda line: [line.kind])
    kinds = db.session.scalars(select(ServiceKind).where(ServiceKind.id.in_(tallies)).order_by(ServiceKind.id))
    found = [(each, tallies[each.id]) for each in kinds]
    rows = [KindTotal(each.name, each.name_en, tally.visits, tally.minutes, tally.entered) for each, tally in found]
    return sorted(rows, key=lambda each: -each.minutes)
