"""The sentences in which the ledger says no."""

from timebank.errors import Conflict, Invalid
from timebank.ledger.models import MOST_CREDIT, MOST_MINUTES


def spoken(minutes: int) -> tuple[str, str]:
    """Return a length of time in Chinese and English words, such as 2 小时 15 分钟 and 2 h 15 min."""
    hours, rest = divmod(abs(minutes), 60)
    sign_zh, sign_en = ("负 ", "minus ") if minutes < 0 else ("", "")
    zh = " ".join(part for part in (f"{hours} 小时" if hours else "", f"{rest} 分钟" if rest or not hours else "") if part)
    en = " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part)
    return sign_zh + zh, sign_en + en


def bad_minutes() -> Invalid:
    """Say which lengths of time can be booked."""
    return Invalid(
        f"时长必须是 1 到 {MOST_MINUTES} 之间的整数分钟，请改正后再提交。",
        f"Minutes must be a whole number from 1 to {MOST_MINUTES}; correct them and submit again.",
        fields={"minutes": ("请填整数分钟。", "Enter whole minutes.")},
    )


def short(left: int, wanted: int) -> Conflict:
    """Say what is left and what was asked for."""
    (left_zh, left_en), (wanted_zh, wanted_en) = spoken(left), spoken(wanted)
    return Conflict(
        f"时间余额不足：现有 {left_zh}，需要 {wanted_zh}。请减少时长，或先由公共时间池补充。",
        f"Not enough time credit: {left_en} left, {wanted_en} needed. Use less, or ask for a grant from the pool.",
    )


def hold_spent(left: int, wanted: int) -> Conflict:
    """Say what of a hold is still open."""
    (left_zh, left_en), (wanted_zh, wanted_en) = spoken(left), spoken(wanted)
    return Conflict(
        f"这笔冻结只剩 {left_zh} 未结，不能再结 {wanted_zh}。请刷新后核对。",
        f"Only {left_en} of this hold is still open, not {wanted_en}. Reload and compare.",
    )


def owing(debt: int) -> Conflict:
    """Say that whoever owes pays back before giving anything away."""
    zh, en = spoken(debt)
    return Conflict(
        f"有记录更正过，这个账户还欠回 {zh}。以后存入的时间先还，还清以后再送、再捐、再约。",
        f"Records were corrected and this account still owes {en}. What comes in pays that first; give or book again afterwards.",
    )


def claim_settled(left: int, wanted: int) -> Conflict:
    """Say what of a claim is still open."""
    (left_zh, left_en), (wanted_zh, wanted_en) = spoken(left), spoken(wanted)
    return Conflict(
        f"这一笔只欠 {left_zh} 了，不能再还或核销 {wanted_zh}。请刷新后核对。",
        f"Only {left_en} of this is still owed, not {wanted_en}. Reload and compare.",
    )


def taken_back(left: int, wanted: int) -> Conflict:
    """Say what of a gift or donation can still be taken back."""
    (left_zh, left_en), (wanted_zh, wanted_en) = spoken(left), spoken(wanted)
    return Conflict(
        f"这一笔送出或捐出的时间只剩 {left_zh} 可以收回，不能收回 {wanted_zh}。请刷新后核对。",
        f"Only {left_en} of this gift or donation can still be taken back, not {wanted_en}. Reload and compare.",
    )


def resolved() -> Conflict:
    """Say that a hold is settled once and released once."""
    return Conflict(
        "这笔冻结已经这样结过了，不会再结一次。请刷新后核对；要改，先冲正原来那一笔。",
        "This hold was resolved this way already and is not resolved twice. Reload; to change it, reverse the first one.",
    )


def too_much_for_a_day() -> Invalid:
    """Say how much one record can be credited with."""
    (zh, en) = spoken(MOST_CREDIT)
    return Invalid(
        f"一条服务记录最多计入 {zh}，请核对起止时间后再提交。",
        f"One record is credited with at most {en}; check its times and submit again.",
        fields={"minutes": (f"最多 {zh}", f"At most {en}")},
    )


def key_reused() -> Invalid:
    """Say that a retry asks for something else than the first try did."""
    return Invalid(
        "同一次提交的内容与之前不同，没有记账。请刷新页面后重新提交。",
        "This submission differs from the first one under the same key; nothing was booked. Reload and submit again.",
    )


def already_credited() -> Conflict:
    """Say that the record already has its credit."""
    return Conflict(
        "这条服务记录已经记过账。如需更正，请先冲正再按新版本记账。",
        "This service record has already been credited. To correct it, reverse first, then post the new version.",
    )


def already_reversed() -> Conflict:
    """Say that a transfer is reversed at most once."""
    return Conflict(
        "这笔记账已经冲正过，不能再次冲正。如需恢复，请重新记一笔。",
        "This transfer has already been reversed. To restore it, post a new one.",
    )


def not_reversible() -> Conflict:
    """Say which transfers have another way back."""
    return Conflict(
        "冲正、冻结、欠回和收回都不能再被冲正。冲正之后请重新记账；冻结请解冻；记录不对请再更正一次。",
        "A reversal, a hold, or what was owed or taken back is not reversed: post anew, release a hold, correct the record once more.",
    )


def wrong_way() -> Conflict:
    """Say that these two accounts do not go together for this kind of transfer."""
    return Conflict(
        "这两个账户之间不能这样记账：请核对账户种类，并确认同属一个社区。",
        "Minutes cannot move between these accounts this way: check their kinds and that both are of one community.",
    )


def moved_meanwhile() -> Conflict:
    """Say that another booking came between."""
    return Conflict(
        "账本刚刚有其他变动，这一笔没有记上。请刷新后再试。",
        "The ledger changed just now and this was not booked. Reload and try again.",
    )


def not_two_people() -> Conflict:
    """Say that a credit by hand, or a write-off, needs a reason and a second person."""
    return Conflict(
        "手工记账和核销需要写明原因，并由另一人审核，经办人不能审核自己。请另选审核人。",
        "A manual credit, or a write-off, needs a reason and a second person; nobody approves their own. Choose another approver.",
    )
