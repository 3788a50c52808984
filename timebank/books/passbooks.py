"""The paper passbook at the desk: opened, brought up to date line by line with a running balance, checked, replaced when lost or full."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import User
from timebank.books.booklets import CODE_LENGTH, Ended, Passbook, PassbookLine
from timebank.books.movements import said
from timebank.certificates.models import ALPHABET
from timebank.db import db
from timebank.errors import Conflict
from timebank.ledger import queries as ledger
from timebank.ledger.models import Transfer
from timebank.ledger.queries import Line
from timebank.papers import words
from timebank.papers.facts import Language
from timebank.papers.tables import Figure, Table, TablesPaper
from timebank.places.models import Community
from timebank.sentences import Sentence, to
from timebank.volunteers.models import Volunteer

EVER = (date(1, 1, 2), date(9999, 12, 1))


def in_use(volunteer: Volunteer) -> Passbook | None:
    """Return the book a volunteer uses now."""
    return db.session.scalar(select(Passbook).where(Passbook.volunteer_id == volunteer.id, Passbook.ended.is_(None)))


def books_of(volunteer: Volunteer) -> Sequence[Passbook]:
    """Return all books of a volunteer, the newest first."""
    return db.session.scalars(select(Passbook).where(Passbook.volunteer_id == volunteer.id).order_by(Passbook.serial.desc())).all()


def waiting(book: Passbook) -> list[Line]:
    """Return the movements of the account that are not printed yet."""
    return [line for line in _movements(book) if line.seq > book.last_seq]


def open_book(volunteer: Volunteer, by: User) -> Passbook:
    """Open a first book: it begins with what stands on the account now."""
    if in_use(volunteer) is not None:
        raise Conflict("这位志愿者已经有存折。丢了请办挂失。")
    return _opened(volunteer, ledger.balance(volunteer.account_id), _newest(volunteer), by)


def bring_up(book: Passbook, by: User) -> list[PassbookLine]:
    """Print what has moved since the last line; every line has the balance after it and a code of its own."""
    _must_be_used(book)
    lines = waiting(book)
    if not lines:
        raise Conflict("没有新的往来，存折已经登到最后一笔。")
    balance, place, made = book.balance, len(book.lines), []
    for each in lines:
        balance, place = balance + each.minutes, place + 1
        row = PassbookLine(passbook_id=book.id, place=place, transfer_seq=each.seq, minutes=each.minutes, balance=balance)
        row.code = _code(book, row, db.session.get_one(Transfer, each.seq).hash)
        row.printed_at, row.printed_by = clock.now(), by.id
        db.session.add(row)
        db.session.flush()
        made.append(row)
    db.session.expire(book, ["lines"])
    audit.record("print", "passbook", book.id, lines=len(made), balance=balance)
    return made


def replace(book: Passbook, why: Ended, by: User) -> Passbook:
    """End a book that is lost or full and open the next one, which goes on from its last line."""
    _must_be_used(book)
    book.ended, book.ended_at, book.ended_by = why, clock.now(), by.id
    db.session.flush()
    audit.record("end", "passbook", book.id, why=why.value)
    return _opened(book.volunteer, book.balance, book.last_seq, by)


def line_with(volunteer: Volunteer, number: str, place: int, code: str) -> PassbookLine | None:
    """Return the line of a volunteer's book that carries this code, None when the paper is not ours or was changed."""
    rows = select(PassbookLine).join(Passbook).where(Passbook.volunteer_id == volunteer.id, Passbook.number == number.strip().upper())
    line = db.session.scalar(rows.where(PassbookLine.place == place))
    return line if line is not None and hmac.compare_digest(line.code, code.strip().upper()) else None


def paper(book: Passbook, first: int, language: Language) -> TablesPaper:
    """Return a book's lines from one place on as they are printed."""
    known = {line.seq: line for line in _movements(book)}
    lines = [line for line in book.lines if line.place >= first]
    community = db.session.get_one(Community, book.community_id)
    before = next((line.balance for line in reversed(book.lines) if line.place < first), book.carried)
    rows = tuple(
        (line.place, known[line.transfer_seq].at.date(), said(known[line.transfer_seq], language), line.minutes, line.balance, line.code)
        for line in lines
    )
    return TablesPaper(
        title=to(Sentence("存折 %(number)s", number=book.number), language),
        when=words.one((f"{book.volunteer.name} · {book.volunteer.number}",) * 2, language),
        unit=community.issuer,
        dated=clock.today(),
        printed_at=clock.now(),
        figures=(
            Figure(to(Sentence("承前结余"), language), str(before), to(Sentence("分钟"), language)),
            Figure(to(Sentence("现在结余"), language), str(lines[-1].balance if lines else before), to(Sentence("分钟"), language)),
        ),
        tables=(
            Table(
                title=to(Sentence("时间账户"), language),
                head=(
                    to(Sentence("行"), language),
                    to(Sentence.of("books", "日期"), language),
                    to(Sentence.of("books", "事由"), language),
                    to(Sentence.of("books", "分钟"), language),
                    to(Sentence("结余 分钟"), language),
                    to(Sentence("校验码"), language),
                ),
                rows=rows,
            ),
        ),
        notes=(to(Sentence("每行的校验码可以在服务台核对。丢了请到服务台挂失，旧折作废，换新折接着记。不过期，不换钱。"), language),),
        demo=clock.clock.is_demo,
    )


def _movements(book: Passbook) -> Sequence[Line]:
    """Return all movements of the account of a book."""
    return ledger.lines(book.volunteer.account_id, *EVER).lines


def _newest(volunteer: Volunteer) -> int:
    """Return the number of the newest transfer of a volunteer's account."""
    lines = ledger.lines(volunteer.account_id, *EVER).lines
    return lines[-1].seq if lines else 0


def _opened(volunteer: Volunteer, carried: int, after_seq: int, by: User) -> Passbook:
    """Open the next book of a volunteer."""
    serial = len(books_of(volunteer)) + 1
    book = Passbook(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        serial=serial,
        number=f"{volunteer.number}-{serial}".upper(),
        carried=carried,
        after_seq=after_seq,
        opened_at=clock.now(),
        opened_by=by.id,
    )
    db.session.add(book)
    db.session.flush()
    audit.record("open", "passbook", book.id, balance=carried)
    return book


def _code(book: Passbook, line: PassbookLine, mark: str) -> str:
    """Return the code of a line: nobody works it out from what is printed, for the ledger's own mark is in it."""
    text = f"{book.number}/{line.place}/{line.minutes}/{line.balance}/{mark}"
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:CODE_LENGTH])


def _must_be_used(book: Passbook) -> None:
    """Refuse to go on with a book that has ended."""
    if book.ended is not None:
        raise Conflict("这本存折已经作废，请用新的那本。")
