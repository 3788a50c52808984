"""A month of both books as paper and workbook, as it was given once it was issued."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from timebank import clock
from timebank.books.movements import is_new_version, said
from timebank.books.queries import Month
from timebank.db import db
from timebank.excel import Cell, Sheet, workbook
from timebank.ledger.models import TransferKind
from timebank.ledger.queries import Line
from timebank.papers import frozen, pdf, words
from timebank.papers.facts import AccountLine, CorrectionLine, Language, RecordLine, StatementPaper
from timebank.records import changes
from timebank.records.changes import Change
from timebank.reports.issued import IssuedStatement
from timebank.sentences import Sentence, to
from timebank.visits.deadlines import until_after
from timebank.visits.models import ServiceRecord


def print_statement(month: Month, *, language: Language, font_dir: str = "") -> bytes:
    """Print a volunteer's month, as it was given once it was issued."""
    return pdf.statement(given_paper(month, language), language=language, font_dir=font_dir)


def given_paper(month: Month, language: Language) -> StatementPaper:
    """Return a volunteer's month as it was issued, else as it stands."""
    issued = issued_statement(month)
    return statement_paper(month, language) if issued is None else frozen.statement(issued.content, issued.content_sha256, language)


def issued_statement(month: Month) -> IssuedStatement | None:
    """Return the statement of a volunteer's month that was issued."""
    if month.closed is None:
        return None
    mine = (IssuedStatement.close_id == month.closed.id, IssuedStatement.volunteer_id == month.volunteer.id)
    return db.session.scalar(select(IssuedStatement).where(*mine))


def print_statements(months: Sequence[Month], *, language: Language, font_dir: str = "") -> bytes:
    """Print the months of volunteers as one file, each as it was given once it was issued."""
    return pdf.statements([given_paper(each, language) for each in months], language=language, font_dir=font_dir)


def statement_workbook(month: Month, *, language: Language) -> bytes:
    """Return a volunteer's month as a workbook, a sheet a book: the two are never added."""
    paper = given_paper(month, language)
    account: list[tuple[Cell, ...]] = [(line.on, line.what, line.minutes) for line in paper.account_lines]
    sheets = (
        Sheet(
            to(Sentence("服务记录"), language),
            (
                to(Sentence.of("books", "日期"), language),
                to(Sentence("起"), language),
                to(Sentence("止"), language),
                to(Sentence.of("books", "内容"), language),
                to(Sentence("确认方式"), language),
                to(Sentence("标记"), language),
                to(Sentence.of("books", "分钟"), language),
            ),
            [(line.on, line.start, line.end, line.what, line.mark_word, _marks(line, language), line.minutes) for line in paper.lines],
            (to(Sentence("合计"), language), "", "", "", "", "", paper.record_minutes),
            (
                words.two_totals(paper.record_minutes, paper.entered_minutes, language),
                words.terms(paper.object_until, language),
                *paper.rules,
            ),
            struck=[place for place, line in enumerate(paper.lines) if line.was],
        ),
        Sheet(
            to(Sentence("时间账户"), language),
            (
                to(Sentence.of("books", "日期"), language),
                to(Sentence.of("books", "事由"), language),
                to(Sentence.of("books", "分钟"), language),
            ),
            [("", to(Sentence("月初结余"), language), paper.opening), *account],
            ("", to(Sentence("月末结余"), language), paper.closing),
        ),
        *_corrections_sheet(paper, language),
    )
    return workbook(f"{paper.volunteer_no} {paper.month:%Y-%m}", sheets, paper.printed_at)


def _corrections_sheet(paper: StatementPaper, language: Language) -> tuple[Sheet, ...]:
    """Return the sheet of what was corrected of earlier months, where anything was."""
    if not paper.corrections:
        return ()
    return (
        Sheet(
            to(Sentence("更正以前的月份"), language),
            (
                to(Sentence("哪个月的"), language),
                to(Sentence.of("books", "服务日期"), language),
                to(Sentence.of("books", "内容"), language),
                to(Sentence("原来 分钟"), language),
                to(Sentence("现在 分钟"), language),
                to(Sentence("相差 分钟"), language),
                to(Sentence("时间账户 分钟"), language),
                to(Sentence("原因"), language),
                to(Sentence("可提异议到"), language),
            ),
            [
                (
                    f"{each.month:%Y-%m}",
                    each.on,
                    each.what,
                    each.before,
                    each.after,
                    each.after - each.before,
                    each.credit,
                    each.reason,
                    each.until,
                )
                for each in paper.corrections
            ],
        ),
    )


def _marks(line: RecordLine, language: Language) -> str:
    """Return the marks of a line of the record, what it once counted for and its own deadline."""
    said = [line.entry] if line.entry else []
    if line.was:
        said.append(to(Sentence("原 %(was)s 分钟", was=line.was), language))
    if line.object_until is not None:
        said.append(to(Sentence("可提异议到 %(object_until)s", object_until=f"{line.object_until:%Y-%m-%d}"), language))
    return to(Sentence("，"), language).join(said)


def statement_paper(found: Month, language: Language, number: str = "") -> StatementPaper:
    """Return a month as it stands, under a number where it is issued."""
    return StatementPaper(
        month=found.month,
        unit=found.community.issuer,
        volunteer_name=found.volunteer.name,
        volunteer_no=found.volunteer.number,
        lines=tuple(_record_line(record, found, language) for record in found.records),
        entered_minutes=found.entered,
        lifetime_minutes=found.lifetime,
        lifetime_entered=found.lifetime_entered,
        older_minutes=found.older.minutes,
        older_systems=found.older.systems,
        opening=found.account.opening,
        account_lines=_account_lines(found.account.lines, found.corrections, language),
        moved=found.moved,
        printed_at=clock.now(),
        object_until=found.object_until,
        phone=found.community.phone,
        chain_row=found.head.seq,
        chain_head=found.head.hash if found.head.seq else "",
        rules=tuple(words.one(each, language) for each in (*words.on_duty(found.on_duty), *found.rules)),
        demo=clock.clock.is_demo,
        number=number,
        corrections=tuple(_correction_line(each, found.issued_on, language) for each in found.corrections),
    )


def _correction_line(change: Change, issued: date, language: Language) -> CorrectionLine:
    """Return a correction of an earlier month as a line of the paper it stands on."""
    record = change.newer
    return CorrectionLine(
        month=change.month,
        on=record.day,
        made_on=record.created_at.date(),
        what=words.what(record, language),
        before=change.before,
        after=record.minutes,
        credit=change.credit,
        reason=record.reason or words.one(words.LATE, language),
        until=until_after(issued, record),
    )


def _record_line(record: ServiceRecord, found: Month, language: Language) -> RecordLine:
    """Return a record as a line of paper; its deadline stands on it where that is not the month's."""
    until = until_after(found.issued_on, record)
    return RecordLine(
        on=record.day,
        start=f"{record.started_at:%H:%M}",
        end=f"{record.ended_at:%H:%M}",
        what=words.what(record, language),
        mark=record.trust.value,
        mark_word=words.one(words.TRUST[record.trust], language),
        minutes=record.minutes,
        entry=words.entry(record, language, found.typed),
        was=found.was.get(record.id, 0),
        object_until=until if until != found.object_until and found.object_until is not None else None,
    )


def _account_lines(lines: Sequence[Line], corrections: Sequence[Change], language: Language) -> tuple[AccountLine, ...]:
    """Return the movements as lines of paper.

    The credits for service, each shown above as a record, are one line, and so is what was corrected of each earlier month.
    """
    months = {line.seq: changes.month_of(line, corrections) for line in lines}
    mine = [line for line in lines if months[line.seq] is None]
    earnings = [line for line in mine if line.kind is TransferKind.EARN and not is_new_version(line)]
    found = [AccountLine(line.at.date(), said(line, language), line.minutes) for line in mine if line not in earnings]
    for month in sorted({each for each in months.values() if each is not None}):
        anew = [line for line in lines if months[line.seq] == month]
        found.append(AccountLine(anew[-1].at.date(), words.corrected(month, language), sum(line.minutes for line in anew)))
    if not earnings:
        return tuple(found)
    earned = AccountLine(earnings[-1].at.date(), words.earned(len(earnings), language), sum(line.minutes for line in earnings))
    return (earned, *found)
