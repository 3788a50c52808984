"""Every recorded hour and every time account of a community as a workbook for people: what left with the office can be read anywhere."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.db import db
from timebank.excel import Sheet, workbook
from timebank.ledger.models import Account, Transfer
from timebank.places.models import Community
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

RECORDS = ("记录编号", "版本", "有效", "志愿者编号", "姓名", "日期", "服务内容", "地点", "分钟", "确认方式", "专职", "笔号", "更正原因")
ACCOUNTS = ("账户", "种类", "志愿者编号", "姓名", "余额（分钟）")
TRANSFERS = ("笔号", "时刻", "种类", "出账户", "入账户", "分钟", "来源", "冲销哪一笔", "封印")


def hours_book(community: Community, mark: str) -> tuple[str, bytes]:
    """Return the workbook with its name; ``mark`` tells which export a copy comes from."""
    sheets = [_records(community, mark), _accounts(community, mark), _transfers(community, mark)]
    return f"{community.slug}-时间.xlsx", workbook(f"{community.name} 服务记录与时间账户", sheets, clock.now())


def _records(community: Community, mark: str) -> Sheet:
    """Return every version of every record."""
    rows = select(ServiceRecord).where(ServiceRecord.community_id == community.id).order_by(ServiceRecord.day, ServiceRecord.id)
    found = db.session.scalars(rows.options(joinedload(ServiceRecord.kind), joinedload(ServiceRecord.volunteer)))
    lines = [
        (
            f"R{each.id}", each.version, each.current, each.volunteer.number, each.volunteer.name, each.day, each.kind.name, each.place,
            each.minutes, each.trust.value, each.paid, each.transfer_seq, each.reason,
        )
        for each in found
    ]  # fmt: skip
    return Sheet("服务记录", RECORDS, lines, notes=[mark])


def _accounts(community: Community, mark: str) -> Sheet:
    """Return every account with its balance, and whose it is."""
    rows = select(Account, Volunteer.number, Volunteer.name).outerjoin(Volunteer, Volunteer.account_id == Account.id)
    found = db.session.execute(rows.where(Account.community_id == community.id).order_by(Account.id))
    lines = [(each.id, each.kind.value, number or "", name or "", each.balance) for each, number, name in found]
    return Sheet("时间账户", ACCOUNTS, lines, notes=[mark])


def _transfers(community: Community, mark: str) -> Sheet:
    """Return every transfer with its seal, in the order of the book."""
    rows = select(Transfer).where(Transfer.community_id == community.id).order_by(Transfer.seq)
    lines = [
        (each.seq, f"{each.at:%Y-%m-%d %H:%M}", each.kind.value, each.debit_id, each.credit_id, each.minutes, each.source, each.reverses, each.hash)
        for each in db.session.scalars(rows)
    ]  # fmt: skip
    return Sheet("账本", TRANSFERS, lines, notes=[mark])
