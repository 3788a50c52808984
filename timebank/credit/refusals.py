"""The sentences in which the credit rules say no, each naming its rule."""

from collections.abc import Mapping

from timebank.credit.rules import Line
from timebank.errors import Conflict, Invalid
from timebank.ledger.refusals import spoken
from timebank.sentences import Sentence


def out_of_bounds(wrong: Mapping[str, Line]) -> Invalid:
    """Say what may stand in each setting."""
    said = {name: _may_be(line) for name, line in wrong.items()}
    return Invalid("规则没有改：%(why)s", why=next(iter(said.values())), fields=said)


def _may_be(line: Line) -> tuple[str, str]:
    """Return what a setting may be."""
    if line.choices:
        return Sentence("%(code_)s 只能选列出的几种。", code_=line.code)
    return Sentence("%(code_)s 请填 %(low)s 到 %(high)s 的整数。", code_=line.code, low=line.low, high=line.high)


def alone_above_most() -> Invalid:
    """Say that the two bounds of a day are crossed."""
    return Invalid("R7：不经协调员的上限不能高于一天的上限，请改其中一个。", fields={"day_alone": Sentence("高于一天的上限")})


def no_relative() -> Invalid:
    """Say whom minutes may be given to."""
    return Invalid(
        "按规则 R11，时间只能送给本人、配偶、父母、祖父母或配偶的父母。朋友要社区先允许。", fields={"relation": Sentence("只限直系亲属")}
    )


def link_waits() -> Conflict:
    """Say that one link is checked at a time."""
    return Conflict("上一位亲属还在核对（R11）。协调员核对完再添下一位。")


def link_decided() -> Conflict:
    """Say that a link is decided once."""
    return Conflict("这一条已经核对过了。请刷新看最新情况。")


def own_link() -> Conflict:
    """Say that nobody checks their own link."""
    return Conflict("不能核对自己的亲属关系（R11），请另一位同事来核对。")


def link_of_ones_own_hand() -> Conflict:
    """Say that whoever wrote a link down in a volunteer's name does not say who is meant."""
    return Conflict("这位亲属是你替本人写下的（R11），要由另一位同事核对是哪一位老人。")


def link_there() -> Conflict:
    """Say that somebody is linked already."""
    return Conflict("这位志愿者和这位老人已经关联了，不用再加。")


def too_young(age: int) -> Invalid:
    """Say from which age minutes can be spent."""
    return Invalid("按规则 R8，满 %(age)s 岁才能用时间。请核对出生年份。", fields={"elder": Sentence("未满 %(age)s 岁", age=age)}, age=age)


def unchecked_link() -> Conflict:
    """Say that minutes go to checked relatives only."""
    return Conflict("按规则 R11，要先由协调员核对过亲属关系才能送。请等核对，或打服务站电话。")


def full(cap: int) -> Conflict:
    """Say how much an account holds."""
    return Conflict("按规则 R6，一个账户最多 %(cap)s，对方放不下这么多。请少送一些，或捐给公共时间池。", cap=spoken(cap))


def no_priority() -> Conflict:
    """Say who gets a grant."""
    return Conflict("按规则 R10，公共时间池只补助重点老人：独居满 80 岁，或生活不能全自理。请先核对老人的登记。")


def grant_spent(left: int, wanted: int) -> Conflict:
    """Say what is left of a month's grant."""
    return Conflict("按规则 R10，这位老人本月还能补 %(left)s，不能补 %(wanted)s。", left=spoken(left), wanted=spoken(wanted))


def nothing_left() -> Conflict:
    """Say that there is nothing to pass on."""
    return Conflict("没有可以转的余额：人还在服务，或账户已经是零（R17）。请刷新后核对。")


def nobody_else_looked(name: str) -> Conflict:
    """Say that only whoever registered an elder has looked at them."""
    return Conflict(
        "%(name)s只有登记的那位同事看过，还没有第二个人核对，时间先不能给到他的账户。请另一位同事在“等第二人核准”里核对。", name=name
    )


def linked_by_oneself() -> Conflict:
    """Say that whoever bound a link may not pass minutes on by it."""
    return Conflict("这位亲属是你核对的，余额要由另一位同事来转。")


def gone_by_oneself() -> Conflict:
    """Say that whoever noted that somebody is gone does not move what they left."""
    return Conflict("这个人是你记为停用或离开的，余额要由另一位同事来转；没有同事的请管理员来转。")
