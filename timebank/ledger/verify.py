"""The check of the whole book: every seal, every balance and every rule, read from the stored rows themselves.

It reads with plain SQL in big slices, so that a million transfers take seconds, and on a connection of its own that
sees one unmoving state of the database.
"""

# ruff: noqa: S608 - the statements are put together from constants of this room only

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, text

from timebank.db import db
from timebank.ledger import chain
from timebank.ledger.models import LASTING, OF_CLAIM, PASSED_ON

_SLICE = 10_000
_ENOUGH = 16
_AT = chain.SEALED.index("at")
_COMMUNITY = chain.SEALED.index("community_id")
# {mine} stands for the rows in question, see ``_asked``.
_ROWS = f"SELECT {', '.join(chain.SEALED)}, hash FROM ledger_transfer v WHERE seq > :after AND {{mine}} ORDER BY seq LIMIT :slice"
_LIVE = "NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.reverses = v.seq)"
_LASTING, _OF_CLAIM, _PASSED_ON = (", ".join(f"'{kind}'" for kind in kinds) for kinds in (LASTING, OF_CLAIM, PASSED_ON))
# Each rule's statement names the first transfer that breaks it.
_RULES = {
    "a reversal is the exact mirror of a transfer that may be reversed": f"""
        SELECT MIN(v.seq) FROM ledger_transfer v LEFT JOIN ledger_transfer t ON t.seq = v.reverses
        WHERE {{mine}} AND v.kind = 'reversal' AND (t.seq IS NULL OR t.kind IN ({_LASTING})
        OR t.minutes <> v.minutes OR t.community_id <> v.community_id
        OR t.debit_id <> v.credit_id OR t.credit_id <> v.debit_id)""",
    "a transfer is reversed once": """
        SELECT MIN(v.seq) FROM ledger_transfer v WHERE {mine} AND v.reverses IS NOT NULL
        AND EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.reverses = v.reverses AND t.seq < v.seq)""",
    "a source has one credit": """
        SELECT MIN(v.seq) FROM ledger_transfer v WHERE {mine} AND v.kind IN ('earn', 'manual')
        AND EXISTS (SELECT 1 FROM ledger_transfer t
        WHERE t.source = v.source AND t.kind IN ('earn', 'manual') AND t.seq < v.seq)""",
    "of a record's versions one credit stands": f"""
        SELECT MIN(w.seq) FROM (SELECT MAX(v.seq) AS seq FROM ledger_transfer v
        WHERE {{mine}} AND v.kind IN ('earn', 'manual') AND substr(v.source, 1, 7) = 'record:' AND {_LIVE}
        GROUP BY rtrim(v.source, '0123456789') HAVING COUNT(*) > 1) w""",
    "the parts of a hold or a claim are together no more than it": f"""
        SELECT MIN(w.seq) FROM (SELECT MAX(v.seq) AS seq FROM ledger_transfer v
        JOIN ledger_transfer h ON h.seq = v.hold_seq
        WHERE {{mine}} AND {_LIVE} GROUP BY h.seq, h.minutes HAVING SUM(v.minutes) > h.minutes) w""",
    "a part is of a hold or a claim, as its kind says": f"""
        SELECT MIN(v.seq) FROM ledger_transfer v JOIN ledger_transfer h ON h.seq = v.hold_seq
        WHERE {{mine}} AND h.kind <> CASE WHEN v.kind IN ({_OF_CLAIM}) THEN 'advance' ELSE 'hold' END""",
    "no more is taken back than was passed on": f"""
        SELECT MIN(v.seq) FROM ledger_transfer v WHERE {{mine}} AND v.kind = 'take_back' AND NOT EXISTS (
        SELECT 1 FROM ledger_transfer t WHERE t.debit_id = v.credit_id AND t.credit_id = v.debit_id
        AND t.kind IN ({_PASSED_ON}) AND v.source = 'transfer:' || t.seq
        AND NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.reverses = t.seq)
        AND t.minutes >= (SELECT SUM(b.minutes) FROM ledger_transfer b WHERE b.source = v.source AND b.kind = 'take_back'))""",
}
# The account of what is owed stands below zero by its open claims, and by nothing else.
_OWED = f"""
SELECT MIN(v.id) FROM ledger_account v WHERE {{mine}} AND v.kind = 'owed' AND v.balance <> (
    SELECT COALESCE(SUM(p.minutes), 0) FROM ledger_transfer p JOIN ledger_transfer h ON h.seq = p.hold_seq
    WHERE p.kind IN ({_OF_CLAIM}) AND h.debit_id = v.id AND h.kind = 'advance'
) - (SELECT COALESCE(SUM(h.minutes), 0) FROM ledger_transfer h WHERE h.debit_id = v.id AND h.kind = 'advance')"""
_FOLD = """
SELECT v.id, v.balance, COALESCE(f.minutes, 0) AS folded, v.limit_minutes, v.last_seq, COALESCE(f.seq, 0) AS newest FROM ledger_account v
LEFT JOIN (
    SELECT m.id, SUM(m.minutes) AS minutes, MAX(m.seq) AS seq FROM (
        SELECT debit_id AS id, -minutes AS minutes, seq FROM ledger_transfer v WHERE {mine}
        UNION ALL SELECT credit_id, minutes, seq FROM ledger_transfer v WHERE {mine}
    ) m GROUP BY m.id
) f ON f.id = v.id
WHERE {mine} ORDER BY v.id
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found; when it is not ok, the sentences say what and where."""

    ok: bool
    transfers: int
    first_bad_seq: int | None
    bad_account: int | None
    zh: str
    en: str


def verify(community_id: int | None = None) -> Report:
    """Check one community's book, or all of them."""
    engine = db.session.get_bind().engine
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as connection:
        return verify_on(connection, community_id)


def passes_through(seq: int, printed: str) -> bool:
    """Say whether a transfer has the hash that was printed on a statement; what was printed of it may be its beginning, in groups."""
    said = "".join(printed.split()).lower()
    stored = db.session.scalar(text("SELECT hash FROM ledger_transfer WHERE seq = :seq"), {"seq": seq})
    return stored is not None and len(said) >= _ENOUGH and str(stored).startswith(said)


def verify_on(connection: Connection, community_id: int | None = None) -> Report:
    """Check the book of any database, as one reading of it sees it."""
    transfers, broken_seal = _check_chain(connection, community_id)
    broken_rules = [_first_breaking(connection, rule, community_id) for rule in _RULES.values()]
    account = _check_balances(connection, community_id)
    first_bad = min((seq for seq in (broken_seal, *broken_rules) if seq is not None), default=None)
    return _report(transfers, first_bad, account)


def _check_chain(connection: Connection, community_id: int | None) -> tuple[int, int | None]:
    """Return how many transfers there are and the first whose seal or place in the chain is wrong."""
    heads: dict[Any, str] = {}
    count, first_bad = 0, None
    for row in _rows(connection, community_id):
        *values, seal = row
        count += 1
        if isinstance(values[_AT], datetime):
            values[_AT] = chain.sealed_instant(values[_AT])
        place = values[_COMMUNITY]
        if first_bad is None and (values[-1] != heads.get(place, chain.GENESIS) or seal != chain.digest(values)):
            first_bad = values[0]
        heads[place] = seal
    return count, first_bad


def _rows(connection: Connection, community_id: int | None) -> Iterator[tuple[Any, ...]]:
    """Yield the stored rows in the order of the log, a slice at a time."""
    after = -1
    while found := _asked(connection, _ROWS, community_id, after=after, slice=_SLICE).fetchall():
        yield from found
        after = found[-1][0]


def _asked(connection: Connection, statement: str, community_id: int | None, **values: int) -> CursorResult[Any]:
    """Run a statement for one community or for all of them."""
    if community_id is None:
        return connection.execute(text(statement.format(mine="1 = 1")), values)
    return connection.execute(text(statement.format(mine="v.community_id = :community")), values | {"community": community_id})


def _first_breaking(connection: Connection, rule: str, community_id: int | None) -> int | None:
    """Return the first transfer, or account, that breaks a rule."""
    found: int | None = _asked(connection, rule, community_id).scalar()
    return found


def _check_balances(connection: Connection, community_id: int | None) -> int | None:
    """R20: Return the first account whose balance is not the sum of its transfers, or is below its limit; of what is owed, of its claims."""
    for row in _asked(connection, _FOLD, community_id):
        if row.balance != row.folded or row.last_seq != row.newest or (row.limit_minutes is not None and row.balance < -row.limit_minutes):
            found: int = row.id
            return found
    return _first_breaking(connection, _OWED, community_id)


def _report(transfers: int, first_bad: int | None, account: int | None) -> Report:
    """Put the findings into words."""
    if first_bad is not None:
        zh = f"账本不一致：从第 {first_bad} 笔记账开始对不上。请保留现状，用最近的备份核对这一笔。"
        en = f"The ledger is broken: transfer {first_bad} is the first bad one. Touch nothing; compare with a backup."
    elif account is not None:
        zh = f"账本不一致：{account} 号账户的余额与其记账之和不符。请保留现状，用最近的备份核对。"
        en = f"The ledger is broken: account {account} is not the sum of its transfers. Compare with a backup."
    else:
        zh = f"账本完好：共核对 {transfers} 笔记账，余额之和为零。"
        en = f"The ledger is whole: {transfers} transfers checked, all balances together are zero."
    return Report(first_bad is None and account is None, transfers, first_bad, account, zh, en)
