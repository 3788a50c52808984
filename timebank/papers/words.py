"""The words of both books in both languages: trust marks, movements of the account, lines of the record."""

from collections.abc import Container, Sequence
from datetime import date

from timebank.hours import hours_text
from timebank.ledger.models import TransferKind
from timebank.papers.facts import Language
from timebank.visits.entries import EntrySort
from timebank.visits.models import ServiceRecord, Trust

Pair = tuple[str, str]

TRUST: dict[Trust, Pair] = {
    Trust.CODE: ("到访码", "visit code"),
    Trust.FAMILY: ("家属", "family"),
    Trust.DESK: ("服务台", "station desk"),
    Trust.CALL: ("电话回访", "telephone call"),
    Trust.AUTO: ("到期自动", "automatic when due"),
    Trust.TWO_PERSONS: ("两人核准", "two persons"),
}
BACK_ENTRY: Pair = ("补录", "entered later")
BY_HAND: Pair = ("手工", "by hand")
FROM_PAPER: Pair = ("照纸录入", "from paper")
CORRECTED: Pair = ("更正", "corrected")
LATE: Pair = ("月结以后才入账", "came on record after the month was closed")
STRUCK: Pair = ("作废", "void")
SIGNED: Pair = ("系统签到", "Signed by the system")
AFTERWARDS: Pair = ("事后录入", "Entered afterwards")
ENTERED: Pair = ("事后录入 分钟", "Entered later, min")
CREDITED_ANEW: Pair = ("更正后重新记入", "Credited anew after a correction")
RECEIVED: dict[TransferKind, Pair] = {
    TransferKind.EARN: ("服务存入", "Earned by service"),
    TransferKind.MANUAL: ("手工记入", "Entered by hand"),
    TransferKind.GRANT: ("公共时间池补助", "Granted from the pool"),
    TransferKind.GIFT: ("收到赠送", "Received as a gift"),
    TransferKind.RELEASE: ("解冻退回", "Released"),
    TransferKind.REVERSAL: ("冲正", "Reversal"),
    TransferKind.TAKE_BACK: ("更正，从去处收回", "Correction: taken back"),
    TransferKind.ADVANCE: ("更正，记为欠回", "Correction: now owed"),
}
GIVEN: dict[TransferKind, Pair] = {
    TransferKind.GIFT: ("转送亲友", "Given away"),
    TransferKind.DONATE: ("捐给公共时间池", "Donated to the pool"),
    TransferKind.HOLD: ("预约冻结", "Held for a visit"),
    TransferKind.REVERSAL: ("冲正", "Reversal"),
    TransferKind.TAKE_BACK: ("送出的人更正，收回", "Taken back: the giver's record was corrected"),
    TransferKind.REPAY: ("还欠回", "Paid back what was owed"),
}


def one(pair: Pair, language: Language) -> str:
    """Return the one of two wordings that is asked for."""
    return pair[0] if language == "zh" else pair[1]


def month_words(month: date, language: Language) -> str:
    """Return a month in words."""
    return f"{month.year}年{month.month}月" if language == "zh" else f"{month:%B %Y}"


def on_duty(records: Sequence[ServiceRecord]) -> tuple[Pair, ...]:
    """Return what somebody did on duty as paid staff, in both languages, when they did anything."""
    if not records:
        return ()
    hours = hours_text(sum(each.minutes for each in records))
    return (
        (
            f"另有专职在岗 {len(records)} 次、{hours} 小时，不是志愿服务，不在以上数字里。",
            f"Paid work besides: {some(len(records), 'visit', 'visits')}, {hours} hours; not voluntary service, not in these figures.",
        ),
    )


def terms(object_until: date | None, language: Language) -> str:
    """Return until when a volunteer may object to a record of a month, and where."""
    if object_until is None:
        return one(("这个月还没有结束，数字还会变。", "This month is not over and the figures will still change."), language)
    return one(
        (
            f"有异议请在 {object_until:%Y-%m-%d} 前，在手机“我的服务记录”里点开那一条提出，5 个工作日内答复。",
            f"Object before {object_until:%Y-%m-%d} on the record itself under “My hours” on the phone; an answer comes in 5 working days.",
        ),
        language,
    )


def signed_hours(minutes: int) -> str:
    """Return minutes as hours with their sign, as what changed a sum."""
    hours = hours_text(minutes)
    return f"−{hours.removeprefix('-')}" if hours.startswith("-") else f"+{hours}"


def corrected(month: date, language: Language) -> str:
    """Return the words of what was corrected of an earlier month that is closed."""
    return f"更正{month_words(month, language)}" if language == "zh" else f"Correction for {month_words(month, language)}"


def some(count: int, singular: str, plural: str) -> str:
    """Return a count with its English word."""
    return f"{count} {singular if count == 1 else plural}"


def movement(kind: TransferKind, minutes: int, language: Language) -> str:
    """Return the words of a movement of signed minutes."""
    return one((RECEIVED if minutes > 0 else GIVEN)[kind], language)


def earned(count: int, language: Language) -> str:
    """Return the words of several credits for service."""
    return f"{RECEIVED[TransferKind.EARN][0]} {count} 笔" if language == "zh" else f"{RECEIVED[TransferKind.EARN][1]} ({count})"


def what(record: ServiceRecord, language: Language) -> str:
    """Return what a record is for: the kind, of a round how many doors, of a duty what it is called; elsewhere, for whom."""
    done = _done(record, language)
    return f"{done} · {record.unit}" if record.is_away else done


def _done(record: ServiceRecord, language: Language) -> str:
    """Return the same wherever it was done."""
    name = record.kind.name if language == "zh" else record.kind.name_en
    if record.duty_id is not None and record.activity not in {"", record.kind.name}:
        return f"{name} · {record.activity}"
    if record.round_id is None:
        return name
    return f"{name} {record.doors} 户" if language == "zh" else f"{name}, {some(record.doors, 'door', 'doors')}"


def two_totals(minutes: int, entered: int, language: Language) -> str:
    """Return a sum of minutes as its two totals: signed by the system, and entered afterwards."""
    signed = minutes - entered
    if language == "zh":
        return f"{SIGNED[0]} {signed} 分钟（{hours_text(signed)} 小时），{AFTERWARDS[0]} {entered} 分钟（{hours_text(entered)} 小时）"
    return f"{SIGNED[1]} {signed} min ({hours_text(signed)} h), {AFTERWARDS[1].lower()} {entered} min ({hours_text(entered)} h)"


def entry(record: ServiceRecord, language: Language, typed: Container[int] = ()) -> str:
    """Return the marks a record carries for ever when it did not come straight from a visit, was corrected or set to nothing.

    ``typed`` are the records whose times were typed in from paper.
    """
    marks = []
    if record.entry is not None:
        marks.append(one(BY_HAND if record.entry.sort is EntrySort.BY_HAND else BACK_ENTRY, language))
    elif record.trust is Trust.TWO_PERSONS:
        marks.append(one(BACK_ENTRY, language))
    elif record.id in typed:
        marks.append(one(FROM_PAPER, language))
    if record.version > 1:
        marks.append(one(CORRECTED, language))
    if record.minutes < 1:
        marks.append(one(STRUCK, language))
    return " · ".join(marks)
