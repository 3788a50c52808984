"""月结: a month is closed, its statements are issued and told, its reports kept as they were given; nothing of it holds a correction up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.books import printing, queries
from timebank.clock import month_of, months_until
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.hours import hours_text
from timebank.ledger import queries as ledger
from timebank.ledger.models import Account
from timebank.notices.actions import notify
from timebank.notices.models import Notice
from timebank.papers import frozen, pdf
from timebank.papers.facts import Language
from timebank.papers.tables import TablesPaper
from timebank.places.models import Community
from timebank.records.still_open import still_open
from timebank.reports import groups, redemption
from timebank.reports import monthly as reports
from timebank.reports import report_paper as reporting
from timebank.reports.issued import IssuedReport, IssuedStatement, PaperSort
from timebank.sentences import Dated, Sentence, the_day, the_month
from timebank.visits.closing import LATEST_DAY, MonthClose, StatementDay, close_of, issue_day, statement_day
from timebank.visits.deadlines import until_after
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

LANGUAGES: tuple[Language, Language] = ("zh", "en")
_LOCK = 13


@dataclass(frozen=True, slots=True)
class Issued:
    """What was closed, with its statements, how many of them a message told of, and how many papers are still to be handed over."""

    close: MonthClose
    statements: int
    told: int
    to_hand: int


def close(community: Community, month: date, by: User | None, *, anyway: bool = False) -> MonthClose:
    """Close a month that is over: number and keep its statements, tell the volunteers; what is still open stays open.

    Somebody who closes it by hand is told first of what is open; the clock does not wait.
    """
    _hold_still(community.id)
    _may_close(community.id, month)
    until, left = clock.next_month(month), still_open(community.id, clock.next_month(month)).count
    if left and by is not None and not anyway:
        raise Conflict(
            "%(month)s还有 %(left)s 件没有办完。先办完再结；或者勾选“照样月结”，办完后记在办的那个月。", month=the_month(month), left=left
        )
    head = ledger.chain_head(community.id)
    made = MonthClose(
        community_id=community.id,
        month=month,
        until=until,
        issued_on=max(clock.today(), issue_day(community.id, month)),
        closed_at=clock.now(),
        closed_by=by.id if by is not None else None,
        last_record=db.session.scalar(select(func.max(ServiceRecord.id))) or 0,
        head_seq=head.seq,
        head_hash=head.hash,
        weekly=redemption.weekly(community.id),
        left_open=left,
    )
    db.session.add(made)
    db.session.flush()
    _keep_reports(made, community)
    count = _issue(made, community)
    audit.record("close", "month_close", made.id, month=month.isoformat(), statements=count, left_open=left)
    return made


def set_day(community: Community, day: int) -> None:
    """Say on which day of a month the clock closes the month before."""
    if not 1 <= day <= LATEST_DAY:
        raise Invalid(
            "月结日请填 1 到 %(latest_day)s。",
            fields={"day": Sentence("请填 1 到 %(latest_day)s", latest_day=LATEST_DAY)},
            latest_day=LATEST_DAY,
        )
    before = statement_day(community.id)
    row = db.session.get(StatementDay, community.id) or StatementDay(community_id=community.id)
    row.day = day
    db.session.add(row)
    db.session.flush()
    audit.record("set_statement_day", "community", community.id, days=[before, day])


def hand_over(made: MonthClose, by: User) -> int:
    """Note that the papers of those whom no message tells were handed over; say how many there were."""
    rows = [each for each in statements_of(made) if each.notice_id is None and each.handed_at is None]
    if not rows:
        raise Conflict("纸质对账单都已经交给本人了。")
    for each in rows:
        each.handed_at, each.handed_by = clock.now(), by.id
    audit.record("hand_over", "month_close", made.id, statements=len(rows))
    return len(rows)


def due(today: date) -> list[tuple[int, date]]:
    """Return which months of which communities the clock is to close by a day, the earliest first; the first one is last month."""
    found = []
    for community_id in db.session.scalars(select(Community.id).order_by(Community.id)):
        month = next_to_close(community_id)
        while today >= max(issue_day(community_id, month), clock.next_month(month)):
            found.append((community_id, month))
            month = clock.next_month(month)
    return found


def close_due(community_id: int, month: date) -> None:
    """Close a month by the clock."""
    close(db.session.get_one(Community, community_id), month, None)


def next_to_close(community_id: int) -> date:
    """Return the month that is closed next: the one after the newest that is closed, last month where none is."""
    newest: date | None = db.session.scalar(select(func.max(MonthClose.until)).where(MonthClose.community_id == community_id))
    return newest or months_until(month_of(clock.today()), 2)[0]


def closed_months(community_id: int, count: int = 24) -> list[Issued]:
    """Return the closed months of a community, the newest first, with how many statements reached whom."""
    rows = db.session.execute(
        select(
            MonthClose,
            func.count(IssuedStatement.id),
            func.count(IssuedStatement.notice_id),
            func.count(IssuedStatement.id).filter(IssuedStatement.notice_id.is_(None), IssuedStatement.handed_at.is_(None)),
        )
        .outerjoin(IssuedStatement, IssuedStatement.close_id == MonthClose.id)
        .where(MonthClose.community_id == community_id)
        .group_by(MonthClose.id)
        .order_by(MonthClose.month.desc())
        .limit(count)
    )
    return [Issued(*row) for row in rows]


def statements_of(made: MonthClose) -> Sequence[IssuedStatement]:
    """Return the statements of a closed month by number."""
    rows = select(IssuedStatement).where(IssuedStatement.close_id == made.id).order_by(IssuedStatement.number)
    return db.session.scalars(rows.options(joinedload(IssuedStatement.volunteer), joinedload(IssuedStatement.notice))).all()


def own_statements(volunteer: Volunteer) -> Sequence[IssuedStatement]:
    """Return the statements issued to a volunteer, the newest first."""
    rows = select(IssuedStatement).join(IssuedStatement.close).where(IssuedStatement.volunteer_id == volunteer.id)
    return db.session.scalars(rows.options(joinedload(IssuedStatement.close)).order_by(MonthClose.month.desc())).all()


def print_all(made: MonthClose, *, language: Language, font_dir: str = "", on_paper: bool = False) -> bytes:
    """Print the statements of a closed month in one file as they were given; ``on_paper`` only those no message tells of."""
    rows = [each for each in statements_of(made) if each.notice_id is None or not on_paper]
    if not rows:
        raise Conflict("这个月没有要打印的对账单。")
    papers = [frozen.statement(each.content, each.content_sha256, language) for each in rows]
    return pdf.statements(papers, language=language, font_dir=font_dir)


def _hold_still(community_id: int) -> None:
    """Let nobody close the same community, nor write a record, until the write unit ends; SQLite's write unit is alone already."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_LOCK, community_id)))
        db.session.execute(text("LOCK TABLE service_record IN SHARE MODE"))


def _may_close(community_id: int, month: date) -> None:
    """Refuse a month that is not over, is closed already, or whose turn it is not, and as the first one a month before there was anything.

    From the first one on the clock closes every month up to last month.
    """
    if clock.next_month(month) > clock.today():
        raise Conflict("%(month)s还没有过完，%(day)s起才能结。", month=the_month(month), day=the_day(clock.next_month(month)))
    if (made := close_of(community_id, month)) is not None:
        raise Conflict(
            "%(month)s在 %(day)s 已经结过了。以后的更正记在做更正的那个月。", month=the_month(month), day=f"{made.closed_at:%Y-%m-%d}"
        )
    turn = next_to_close(community_id)
    is_first = db.session.scalar(select(func.count()).select_from(MonthClose).where(MonthClose.community_id == community_id)) == 0
    if is_first and month < (begun := _begun(community_id, turn)):
        raise Conflict("%(month)s以前没有记录，没有可结的。请从这个月或以后的月份结起。", month=the_month(begun))
    if not is_first and month != turn:
        raise Conflict("月份要一个一个结，下一个是 %(month)s。", month=the_month(turn))


def _begun(community_id: int, last: date) -> date:
    """Return the month of the first day on record in a community; the last month that is over where that is earlier."""
    first = db.session.scalar(select(func.min(ServiceRecord.day)).where(ServiceRecord.community_id == community_id))
    return min(month_of(first), last) if first is not None else last


def _keep_reports(made: MonthClose, community: Community) -> None:
    """Keep what the report of the month and the statements of teams and units say at this moment."""
    shown = reports.monthly(reports.of_community(community), made.month)
    health = redemption.health([community.id], made.month)
    clearing = redemption.clearing([community.id], made.month)
    _keep(made, PaperSort.REPORT, community.id, *(reporting.report_paper(shown, health, clearing, each) for each in LANGUAGES))
    for found in groups.overview(community.id, made.month):
        _keep(made, PaperSort(found.kind), found.group.id, *(groups.group_paper(found, each) for each in LANGUAGES))


def _keep(made: MonthClose, sort: PaperSort, subject_id: int, *papers: TablesPaper) -> None:
    """Keep one report in both languages."""
    content = frozen.freeze(dict(zip(LANGUAGES, papers, strict=True)))
    db.session.add(IssuedReport(close_id=made.id, kind=sort, subject_id=subject_id, content=content, content_sha256=frozen.digest(content)))


def _issue(made: MonthClose, community: Community) -> int:
    """Issue the statements of a closed month, in the order of a register, and tell who signs in; say how many there are."""
    serial = 0
    for volunteer in _holders(community.id):
        month = queries.statement(volunteer, made.month)
        if not (month.records or month.account.lines or month.account.closing or month.corrections):
            continue
        serial += 1
        number = f"DZ-{community.slug.upper()}-{made.month:%Y-%m}-{serial:04d}"
        content = frozen.freeze({each: printing.statement_paper(month, each, number) for each in LANGUAGES})
        notice = _tell(month, made)
        db.session.add(
            IssuedStatement(
                close_id=made.id,
                volunteer_id=volunteer.id,
                number=number,
                content=content,
                content_sha256=frozen.digest(content),
                notice_id=notice.id if notice is not None else None,
            )
        )
    db.session.flush()
    return serial


def _holders(community_id: int) -> Sequence[Volunteer]:
    """Return the volunteers of a community who have a record or a movement of their account at all, in the order of a register."""
    recorded = select(ServiceRecord.volunteer_id).where(ServiceRecord.community_id == community_id)
    rows = select(Volunteer).join(Account, Account.id == Volunteer.account_id).where(Volunteer.community_id == community_id)
    rows = rows.where((Account.last_seq > 0) | Volunteer.id.in_(recorded))
    return db.session.scalars(rows.order_by(Volunteer.sort_key, Volunteer.id)).all()


def _tell(month: queries.Month, made: MonthClose) -> Notice | None:
    """Tell a volunteer that their statement is there; None for somebody who does not sign in."""
    if month.volunteer.user_id is None:
        return None
    until = until_after(made.issued_on)
    return notify(
        month.volunteer.user_id,
        "statement",
        month=Dated(made.month, Sentence.of("of a year", "M月")),
        hours=hours_text(month.minutes),
        balance=hours_text(month.account.closing),
        until=the_day(until),
    )
