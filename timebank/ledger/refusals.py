"""The sentences in which the ledger says no."""

from timebank.errors import Conflict, Invalid
from timebank.ledger.models import MOST_CREDIT, MOST_MINUTES
from timebank.sentences import Sentence


def spoken(minutes: int) -> tuple[str, str]:
    """Return a length of time in Chinese and English words, such as 2 小时 15 分钟 and 2 h 15 min."""
    hours, rest = divmod(abs(minutes), 60)
    if hours and rest:
        length = Sentence.of("a length of time", "%(hours)s 小时 %(minutes)s 分钟", hours=hours, minutes=rest)
    elif hours:
        length = Sentence.of("a length of time", "%(hours)s 小时", hours=hours)
    else:
        length = Sentence.of("a length of time", "%(minutes)s 分钟", minutes=rest)
    return Sentence("负 %(length)s", length=length) if minutes < 0 else length


def bad_minutes() -> Invalid:
    """Say which lengths of time can be booked."""
    return Invalid(
        "时长必须是 1 到 %(most_minutes)s 之间的整数分钟，请改正后再提交。",
        fields={"minutes": Sentence("请填整数分钟。")},
        most_minutes=MOST_MINUTES,
    )


def short(left: int, wanted: int) -> Conflict:
    """Say what is left and what was asked for."""
    return Conflict(
        "时间余额不足：现有 %(left)s，需要 %(wanted)s。请减少时长，或先由公共时间池补充。", left=spoken(left), wanted=spoken(wanted)
    )


def hold_spent(left: int, wanted: int) -> Conflict:
    """Say what of a hold is still open."""
    return Conflict("这笔冻结只剩 %(left)s 未结，不能再结 %(wanted)s。请刷新后核对。", left=spoken(left), wanted=spoken(wanted))


def owing(debt: int) -> Conflict:
    """Say that whoever owes pays back before giving anything away."""
    return Conflict("有记录更正过，这个账户还欠回 %(debt)s。以后存入的时间先还，还清以后再送、再捐、再约。", debt=spoken(debt))


def claim_settled(left: int, wanted: int) -> Conflict:
    """Say what of a claim is still open."""
    return Conflict("这一笔只欠 %(left)s 了，不能再还或核销 %(wanted)s。请刷新后核对。", left=spoken(left), wanted=spoken(wanted))


def taken_back(left: int, wanted: int) -> Conflict:
    """Say what of a gift or donation can still be taken back."""
    return Conflict(
        "这一笔送出或捐出的时间只剩 %(left)s 可以收回，不能收回 %(wanted)s。请刷新后核对。", left=spoken(left), wanted=spoken(wanted)
    )


def resolved() -> Conflict:
    """Say that a hold is settled once and released once."""
    return Conflict("这笔冻结已经这样结过了，不会再结一次。请刷新后核对；要改，先冲正原来那一笔。")


def too_much_for_a_day() -> Invalid:
    """Say how much one record can be credited with."""
    most = spoken(MOST_CREDIT)
    return Invalid(
        "一条服务记录最多计入 %(most)s，请核对起止时间后再提交。", most=most, fields={"minutes": Sentence("最多 %(most)s", most=most)}
    )


def key_reused() -> Invalid:
    """Say that a retry asks for something else than the first try did."""
    return Invalid("同一次提交的内容与之前不同，没有记账。请刷新页面后重新提交。")


def already_credited() -> Conflict:
    """Say that the record already has its credit."""
    return Conflict("这条服务记录已经记过账。如需更正，请先冲正再按新版本记账。")


def already_reversed() -> Conflict:
    """Say that a transfer is reversed at most once."""
    return Conflict("这笔记账已经冲正过，不能再次冲正。如需恢复，请重新记一笔。")


def not_reversible() -> Conflict:
    """Say which transfers have another way back."""
    return Conflict("冲正、冻结、欠回和收回都不能再被冲正。冲正之后请重新记账；冻结请解冻；记录不对请再更正一次。")


def wrong_way() -> Conflict:
    """Say that these two accounts do not go together for this kind of transfer."""
    return Conflict("这两个账户之间不能这样记账：请核对账户种类，并确认同属一个社区。")


def moved_meanwhile() -> Conflict:
    """Say that another booking came between."""
    return Conflict("账本刚刚有其他变动，这一笔没有记上。请刷新后再试。")


def not_two_people() -> Conflict:
    """Say that a credit by hand, or a write-off, needs a reason and a second person."""
    return Conflict("手工记账和核销需要写明原因，并由另一人审核，经办人不能审核自己。请另选审核人。")
