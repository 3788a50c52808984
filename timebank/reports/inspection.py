"""What an inspector takes along (O67 arts. 21, 22): records, the register, objections and corrections of a period as one workbook.

Whoever only inspects reads masked names and none of the words people said; the office reads both. That it was taken is noted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, joinedload

from timebank import audit, clock
from timebank.access.circles import STAFF
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.certificates.actions import refuse_period
from timebank.certificates.models import Certificate, CertificateState
from timebank.db import db
from timebank.errors import wrong
from timebank.excel import Cell, Sheet, workbook
from timebank.hours import hours_number
from timebank.papers import words
from timebank.places.models import Community
from timebank.records.models import Objection, Origin
from timebank.visits.models import ServiceRecord

MOST_ROWS = 20_000
RECORDS = (
    "记录",
    "志愿者编号",
    "姓名",
    "日期",
    "起",
    "止",
    "服务内容",
    "地点",
    "分钟",
    "小时",
    "户次",
    "确认方式",
    "标记",
    "版本",
    "账链",
    "入账时间",
)
REGISTER = (
    "证明编号",
    "志愿者编号",
    "姓名",
    "出具日期",
    "从",
    "到",
    "次数",
    "分钟",
    "小时",
    "状态",
    "失效日期",
    "失效原因",
    "全国系统编号",
)
OBJECTIONS = (
    "记录",
    "志愿者编号",
    "姓名",
    "服务日期",
    "谁提的",
    "提出日期",
    "应答复",
    "答复日期",
    "是否更正",
    "更正后分钟",
    "说了什么",
    "答复",
)
CORRECTIONS = ("记录", "志愿者编号", "姓名", "服务日期", "第几版", "原来分钟", "现在分钟", "相差分钟", "更正时间", "经办人", "原因")
STATES = {CertificateState.VALID: "有效", CertificateState.REVOKED: "已撤销", CertificateState.REPLACED: "已替换"}
ORIGINS = {Origin.VOLUNTEER: "本人", Origin.CALL_BACK: "回访发现", Origin.FINDING: "核查发现"}
Rows = list[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken: of which community, of which days, and whether names are masked."""

    community: Community
    first: date
    last: date
    masked: bool

    @property
    def start(self) -> datetime:
        """When the first day begins."""
        return clock.at(self.first, 0)

    @property
    def end(self) -> datetime:
        """When the last day is over."""
        return clock.at(self.last + timedelta(days=1), 0)

    def name(self, name: str) -> str:
        """Return a name as this reader may see it."""
        return mask_name(name) if self.masked else name

    def words(self, said: str | None) -> str:
        """Return what somebody said, to those who may read it."""
        return "" if self.masked else said or ""


def export(community: Community, first: date, last: date, by: User) -> bytes:
    """Return the workbook of a period; that it was taken, by whom and of which days, is noted."""
    refuse_period(first, last)
    taken = Taken(community, first, last, masked=by.role not in STAFF)
    parts = (
        ("服务记录", RECORDS, _records(taken)),
        ("证明登记簿", REGISTER, _register(taken)),
        ("异议", OBJECTIONS, _objections(taken)),
        ("更正", CORRECTIONS, _corrections(taken)),
    )
    audit.record(
        "export", "community", community.id, first=first.isoformat(), last=last.isoformat(), rows=sum(len(rows) for _, _, rows in parts)
    )
    notes = (f"{community.issuer} · {first:%Y-%m-%d} – {last:%Y-%m-%d}", *_notes(taken))
    sheets = [Sheet(name, head, rows, notes=notes if place == 0 else ()) for place, (name, head, rows) in enumerate(parts)]
    return workbook(f"{community.name} {first:%Y-%m-%d} {last:%Y-%m-%d}", sheets, clock.now())


def _notes(taken: Taken) -> tuple[str, ...]:
    """Return how the sheets were made."""
    said = "记录按服务日期，登记簿按出具日期，异议按提出日期，更正按更正日期；小时由分钟四舍五入。"
    return (said, "姓名遮住，人说的话不写出。") if taken.masked else (said,)


def _all_of(rows: Select[ServiceRecord] | Select[Certificate] | Select[Objection]) -> Sequence[object]:
    """Return the rows of a select unless they are too many for one file."""
    found = db.session.scalars(rows.limit(MOST_ROWS + 1)).unique().all()
    if len(found) > MOST_ROWS:
        raise wrong("end", "这一段超过 %(most_rows)s 行，请把日期分成几段导出。", most_rows=MOST_ROWS)
    return found


def _records(taken: Taken) -> Rows:
    """Return the records of the period as they stand now."""
    rows = select(ServiceRecord).where(
        ServiceRecord.community_id == taken.community.id,
        ServiceRecord.current,
        ServiceRecord.day >= taken.first,
        ServiceRecord.day <= taken.last,
    )
    whole = (joinedload(ServiceRecord.volunteer), joinedload(ServiceRecord.kind), joinedload(ServiceRecord.entry))
    found: Sequence[ServiceRecord] = _all_of(rows.options(*whole).order_by(ServiceRecord.day, ServiceRecord.id))  # type: ignore[assignment]
    return [
        (
            f"R{each.id}",
            each.volunteer.number,
            taken.name(each.volunteer.name),
            each.day,
            f"{each.started_at:%H:%M}",
            f"{each.ended_at:%H:%M}",
            each.kind.name,
            each.place,
            each.minutes,
            hours_number(each.minutes),
            each.doors if each.visit_id or each.round_id else 0,
            words.TRUST[each.trust][0],
            words.entry(each, "zh"),
            each.version,
            each.transfer_seq,
            _local(each.created_at),
        )
        for each in found
    ]


def _register(taken: Taken) -> Rows:
    """Return the certificates issued in the period."""
    rows = select(Certificate).where(
        Certificate.community_id == taken.community.id, Certificate.issued_at >= taken.start, Certificate.issued_at < taken.end
    )
    found: Sequence[Certificate] = _all_of(rows.options(joinedload(Certificate.volunteer)).order_by(Certificate.id))  # type: ignore[assignment]
    return [
        (
            each.number,
            each.volunteer.number,
            taken.name(each.content["volunteer_name"]),
            _local(each.issued_at),
            each.period_from,
            each.period_to,
            each.content["visit_count"],
            each.content["total_minutes"],
            hours_number(each.content["total_minutes"]),
            STATES[each.state],
            _local(each.ended_at),
            each.revoked_reason,
            each.national_no,
        )
        for each in found
    ]


def _objections(taken: Taken) -> Rows:
    """Return what was objected to in the period, and how it was answered."""
    rows = select(Objection).where(
        Objection.community_id == taken.community.id, Objection.raised_at >= taken.start, Objection.raised_at < taken.end
    )
    whole = (joinedload(Objection.record).joinedload(ServiceRecord.volunteer), joinedload(Objection.newer))
    found: Sequence[Objection] = _all_of(rows.options(*whole).order_by(Objection.id))  # type: ignore[assignment]
    return [
        (
            f"R{each.record_id}",
            each.record.volunteer.number,
            taken.name(each.record.volunteer.name),
            each.record.day,
            ORIGINS[each.origin],
            _local(each.raised_at),
            each.due,
            _local(each.answered_at),
            each.newer is not None,
            each.newer.minutes if each.newer else None,
            taken.words(each.words),
            taken.words(each.answer),
        )
        for each in found
    ]


def _corrections(taken: Taken) -> Rows:
    """Return each newer version of a record made in the period, beside the one before it."""
    older = aliased(ServiceRecord)
    same = (
        (older.volunteer_id == ServiceRecord.volunteer_id)
        & (older.version == ServiceRecord.version - 1)
        & older.visit_id.is_not_distinct_from(ServiceRecord.visit_id)
        & older.round_id.is_not_distinct_from(ServiceRecord.round_id)
        & older.entry_id.is_not_distinct_from(ServiceRecord.entry_id)
        & older.duty_id.is_not_distinct_from(ServiceRecord.duty_id)
    )
    rows = (
        select(ServiceRecord, older.minutes)
        .join(older, same)
        .where(
            ServiceRecord.community_id == taken.community.id,
            ServiceRecord.created_at >= taken.start,
            ServiceRecord.created_at < taken.end,
            ServiceRecord.version > 1,
        )
        .options(joinedload(ServiceRecord.volunteer), joinedload(ServiceRecord.confirmer))
        .order_by(ServiceRecord.created_at, ServiceRecord.id)
        .limit(MOST_ROWS)
    )
    return [
        (
            f"R{each.id}",
            each.volunteer.number,
            taken.name(each.volunteer.name),
            each.day,
            each.version,
            before,
            each.minutes,
            each.minutes - before,
            _local(each.created_at),
            each.confirmer.shown_name if each.confirmer else "",
            each.reason,
        )
        for each, before in db.session.execute(rows)
    ]


def _local(instant: datetime | None) -> str:
    """Return an instant as the office reads it."""
    return f"{instant.astimezone(clock.ZONE):%Y-%m-%d %H:%M}" if instant else ""
