"""The sentences in which the credit rules say no, each naming its rule."""

from collections.abc import Mapping

from timebank.credit.rules import Line
from timebank.errors import Conflict, Invalid
from timebank.ledger.refusals import spoken


def out_of_bounds(wrong: Mapping[str, Line]) -> Invalid:
    """Say what may stand in each setting."""
    said = {name: _may_be(line) for name, line in wrong.items()}
    zh, en = next(iter(said.values()))
    return Invalid(f"规则没有改：{zh}", f"The rules were not changed: {en}", fields=said)


def _may_be(line: Line) -> tuple[str, str]:
    """Return what a setting may be."""
    if line.choices:
        return f"{line.code} 只能选列出的几种。", f"{line.code} is one of those listed."
    return f"{line.code} 请填 {line.low} 到 {line.high} 的整数。", f"{line.code} is a whole number from {line.low} to {line.high}."


def alone_above_most() -> Invalid:
    """Say that the two bounds of a day are crossed."""
    return Invalid(
        "R7：不经协调员的上限不能高于一天的上限，请改其中一个。",
        "R7: what counts without a coordinator cannot be above the day's limit; change one of them.",
        fields={"day_alone": ("高于一天的上限", "Above the day's limit")},
    )


def no_relative() -> Invalid:
    """Say whom minutes may be given to."""
    return Invalid(
        "按规则 R11，时间只能送给本人、配偶、父母、祖父母或配偶的父母。朋友要社区先允许。",
        "By rule R11, minutes go to yourself, a spouse, parents, grandparents or parents-in-law; to friends only where the community allows it.",
        fields={"relation": ("只限直系亲属", "Direct relatives only")},
    )


def link_waits() -> Conflict:
    """Say that one link is checked at a time."""
    return Conflict(
        "上一位亲属还在核对（R11）。协调员核对完再添下一位。",
        "Your last relative is still being checked (R11). Add the next one afterwards.",
    )


def link_decided() -> Conflict:
    """Say that a link is decided once."""
    return Conflict("这一条已经核对过了。请刷新看最新情况。", "This link has been checked already. Reload to see it.")


def own_link() -> Conflict:
    """Say that nobody checks their own link."""
    return Conflict("不能核对自己的亲属关系（R11），请另一位同事来核对。", "You cannot check your own link (R11). Ask a colleague.")


def link_of_ones_own_hand() -> Conflict:
    """Say that whoever wrote a link down in a volunteer's name does not say who is meant."""
    return Conflict(
        "这位亲属是你替本人写下的（R11），要由另一位同事核对是哪一位老人。",
        "You wrote this relative down in the volunteer's name (R11). A colleague checks who is meant.",
    )


def link_there() -> Conflict:
    """Say that somebody is linked already."""
    return Conflict("这位志愿者和这位老人已经关联了，不用再加。", "This volunteer and this elder are linked already.")


def too_young(age: int) -> Invalid:
    """Say from which age minutes can be spent."""
    return Invalid(
        f"按规则 R8，满 {age} 岁才能用时间。请核对出生年份。",
        f"By rule R8, time can be spent from the age of {age}. Check the year of birth.",
        fields={"elder": (f"未满 {age} 岁", f"Younger than {age}")},
    )


def unchecked_link() -> Conflict:
    """Say that minutes go to checked relatives only."""
    return Conflict(
        "按规则 R11，要先由协调员核对过亲属关系才能送。请等核对，或打服务站电话。",
        "By rule R11, a coordinator checks the link before minutes can be given. Wait for it, or call the station.",
    )


def full(cap: int) -> Conflict:
    """Say how much an account holds."""
    zh, en = spoken(cap)
    return Conflict(
        f"按规则 R6，一个账户最多 {zh}，对方放不下这么多。请少送一些，或捐给公共时间池。",
        f"By rule R6, an account holds at most {en}; this is too much for it. Give less, or give it to the pool.",
    )


def no_priority() -> Conflict:
    """Say who gets a grant."""
    return Conflict(
        "按规则 R10，公共时间池只补助重点老人：独居满 80 岁，或生活不能全自理。请先核对老人的登记。",
        "By rule R10, the pool helps priority elders only: alone and 80 or older, or in need of care. Check the elder's record first.",
    )


def grant_spent(left: int, wanted: int) -> Conflict:
    """Say what is left of a month's grant."""
    (left_zh, left_en), (wanted_zh, wanted_en) = spoken(left), spoken(wanted)
    return Conflict(
        f"按规则 R10，这位老人本月还能补 {left_zh}，不能补 {wanted_zh}。",
        f"By rule R10, this elder can still get {left_en} this month, not {wanted_en}.",
    )


def nothing_left() -> Conflict:
    """Say that there is nothing to pass on."""
    return Conflict(
        "没有可以转的余额：人还在服务，或账户已经是零（R17）。请刷新后核对。",
        "There is nothing to pass on: still active, or the account is at zero (R17). Reload and check.",
    )


def nobody_else_looked(name: str) -> Conflict:
    """Say that only whoever registered an elder has looked at them."""
    return Conflict(
        f"{name}只有登记的那位同事看过，还没有第二个人核对，时间先不能给到他的账户。请另一位同事在“等第二人核准”里核对。",
        f"Only the colleague who registered {name} has looked at them, so no minutes go there yet. Another one checks them under To approve.",
    )


def linked_by_oneself() -> Conflict:
    """Say that whoever bound a link may not pass minutes on by it."""
    return Conflict(
        "这位亲属是你核对的，余额要由另一位同事来转。",
        "You checked this relative yourself, so a colleague has to pass the balance on.",
    )


def gone_by_oneself() -> Conflict:
    """Say that whoever noted that somebody is gone does not move what they left."""
    return Conflict(
        "这个人是你记为停用或离开的，余额要由另一位同事来转；没有同事的请管理员来转。",
        "You noted yourself that they are gone, so a colleague, or the administrator, has to move the balance.",
    )
