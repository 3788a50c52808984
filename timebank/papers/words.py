"""The words of both books in both languages: trust marks, movements of the account, lines of the record."""

from collections.abc import Container, Sequence
from datetime import date

from timebank.hours import hours_text
from timebank.ledger.models import TransferKind
from timebank.papers.facts import Language
from timebank.sentences import Dated, Pair, Sentence, to
from timebank.visits.entries import EntrySort
from timebank.visits.models import ServiceRecord, Trust

TRUST: dict[Trust, Pair] = {
    Trust.CODE: Sentence.of("papers", "到访码"),
    Trust.FAMILY: Sentence.of("papers", "家属"),
    Trust.DESK: Sentence.of("papers", "服务台"),
    Trust.CALL: Sentence.of("papers", "电话回访"),
    Trust.AUTO: Sentence.of("papers", "到期自动"),
    Trust.TWO_PERSONS: Sentence.of("papers", "两人核准"),
}
BACK_ENTRY: Pair = Sentence.of("papers", "补录")
BY_HAND: Pair = Sentence.of("papers", "手工")
FROM_PAPER: Pair = Sentence("照纸录入")
CORRECTED: Pair = Sentence.of("papers", "更正")
LATE: Pair = Sentence("月结以后才入账")
STRUCK: Pair = Sentence("作废")
SIGNED: Pair = Sentence("系统签到")
AFTERWARDS: Pair = Sentence("事后录入")
ENTERED: Pair = Sentence("事后录入 分钟")
CREDITED_ANEW: Pair = Sentence("更正后重新记入")
RECEIVED: dict[TransferKind, Pair] = {
    TransferKind.EARN: Sentence("服务存入"),
    TransferKind.MANUAL: Sentence("手工记入"),
    TransferKind.GRANT: Sentence("公共时间池补助"),
    TransferKind.GIFT: Sentence("收到赠送"),
    TransferKind.RELEASE: Sentence("解冻退回"),
    TransferKind.REVERSAL: Sentence("冲正"),
    TransferKind.TAKE_BACK: Sentence("更正，从去处收回"),
    TransferKind.ADVANCE: Sentence("更正，记为欠回"),
}
GIVEN: dict[TransferKind, Pair] = {
    TransferKind.GIFT: Sentence("转送亲友"),
    TransferKind.DONATE: Sentence.of("papers", "捐给公共时间池"),
    TransferKind.HOLD: Sentence("预约冻结"),
    TransferKind.REVERSAL: Sentence("冲正"),
    TransferKind.TAKE_BACK: Sentence("送出的人更正，收回"),
    TransferKind.REPAY: Sentence("还欠回"),
}


def one(pair: Pair, language: Language) -> str:
    """Return the one of two wordings that is asked for."""
    return to(pair, language)


def month_words(month: date, language: Language) -> str:
    """Return a month in words."""
    return Dated(month, Sentence("y年M月")).to(language)


def on_duty(records: Sequence[ServiceRecord]) -> tuple[Pair, ...]:
    """Return what somebody did on duty as paid staff, in both languages, when they did anything."""
    if not records:
        return ()
    hours = hours_text(sum(each.minutes for each in records))
    return (Sentence.many(len(records), "另有专职在岗 %(count)s 次、%(hours)s 小时，不是志愿服务，不在以上数字里。", hours=hours),)


def terms(object_until: date | None, language: Language) -> str:
    """Return until when a volunteer may object to a record of a month, and where."""
    if object_until is None:
        return one(Sentence.of("papers", "这个月还没有结束，数字还会变。"), language)
    return one(
        Sentence(
            "有异议请在 %(object_until)s 前，在手机“我的服务记录”里点开那一条提出，5 个工作日内答复。",
            object_until=f"{object_until:%Y-%m-%d}",
        ),
        language,
    )


def signed_hours(minutes: int) -> str:
    """Return minutes as hours with their sign, as what changed a sum."""
    hours = hours_text(minutes)
    return f"−{hours.removeprefix('-')}" if hours.startswith("-") else f"+{hours}"


def corrected(month: date, language: Language) -> str:
    """Return the words of what was corrected of an earlier month that is closed."""
    return Sentence("更正%(month)s", month=Dated(month, Sentence("y年M月"))).to(language)


def movement(kind: TransferKind, minutes: int, language: Language) -> str:
    """Return the words of a movement of signed minutes."""
    return one((RECEIVED if minutes > 0 else GIVEN)[kind], language)


def earned(count: int, language: Language) -> str:
    """Return the words of several credits for service."""
    return Sentence("%(what)s %(count)s 笔", what=RECEIVED[TransferKind.EARN], count=count).to(language)


def what(record: ServiceRecord, language: Language) -> str:
    """Return what a record is for: the kind, of a round how many doors, of a duty what it is called; elsewhere, for whom."""
    done = _done(record, language)
    return f"{done} · {record.unit}" if record.is_away else done


def _done(record: ServiceRecord, language: Language) -> str:
    """Return the same wherever it was done."""
    name = to(record.kind.words, language)
    if record.duty_id is not None and record.activity not in {"", record.kind.name}:
        return f"{name} · {record.activity}"
    if record.round_id is None:
        return name
    return Sentence.many(record.doors, "%(name)s %(count)s 户", name=name).to(language)


def two_totals(minutes: int, entered: int, language: Language) -> str:
    """Return a sum of minutes as its two totals: signed by the system, and entered afterwards."""
    signed = minutes - entered
    return Sentence(
        "系统签到 %(signed)s 分钟（%(signed_hours)s 小时），事后录入 %(entered)s 分钟（%(entered_hours)s 小时）",
        signed=signed,
        signed_hours=hours_text(signed),
        entered=entered,
        entered_hours=hours_text(entered),
    ).to(language)


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
