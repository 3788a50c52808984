"""What sorts, topics, states and outcomes are called, in both languages, and a step of a ticket as a line of its own."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from timebank.cases.models import Consent, Deed, Door, Heard, Level, Outcome, PaperFate, Sort, State, Topic, Way
from timebank.cases.registers import ClubSort, GiftSort, GiftWay
from timebank.sentences import Pair, Sentence
from timebank.web import voiced

Chosen = TypeVar("Chosen", bound=StrEnum)

SORTS: Final[Mapping[Sort, Pair]] = {
    Sort.PROBLEM: Sentence("问题"),
    Sort.SUGGESTION: Sentence("建议"),
    Sort.MEDIATION: Sentence("调解"),
    Sort.CONSULTATION: Sentence("咨询"),
    Sort.ERRAND: Sentence("带材料的代办"),
}
DOORS: Final[Mapping[Door, Pair]] = {
    Door.DESK: Sentence("服务台"),
    Door.PHONE: Sentence.of("cases.doors", "电话"),
    Door.ONLINE: Sentence("手机上写的"),
    Door.INFORMANT: Sentence("邻居或信息员代报"),
}
CONSENTS: Final[Mapping[Consent, Pair]] = {
    Consent.ASKED: Sentence("还没有问过本人"),
    Consent.GIVEN: Sentence("本人愿意"),
    Consent.REFUSED: Sentence("本人不愿意"),
    Consent.UNABLE: Sentence("本人说不清，由社区上门看"),
}
TOPICS: Final[Mapping[Topic, Pair]] = {
    Topic.REPAIR: Sentence("维修维护"),
    Topic.CARE: Sentence("爱心帮扶"),
    Topic.INFORMATION: Sentence("信息咨询"),
    Topic.LEISURE: Sentence("文化娱乐"),
    Topic.URGENT: Sentence("应急处理"),
    Topic.DISPUTE: Sentence("矛盾调处"),
    Topic.PROPERTY: Sentence("物业服务"),
    Topic.CLEANLINESS: Sentence("环境卫生"),
    Topic.PARKING: Sentence("停车秩序"),
    Topic.BENEFITS: Sentence("政策待遇"),
    Topic.OTHER: Sentence.of("cases", "其他"),
}
STATES: Final[Mapping[State, Pair]] = {
    State.RECEIVED: Sentence("等分类"),
    State.SORTED: Sentence("等开始办"),
    State.IN_HAND: Sentence("正在办"),
    State.ENDED: Sentence("等回访"),
    State.CLOSED: Sentence("办结"),
}
OUTCOMES: Final[Mapping[Outcome, Pair]] = {
    Outcome.SETTLED: Sentence("办成了"),
    Outcome.NOT_SETTLED: Sentence("没有办成"),
    Outcome.PASSED_ON: Sentence("转出"),
}
HEARD: Final[Mapping[Heard, Pair]] = {
    Heard.SATISFIED: Sentence.of("cases", "满意"),
    Heard.PARTLY: Sentence("部分满意"),
    Heard.NOT: Sentence.of("cases", "不满意"),
    Heard.UNREACHED: Sentence("没联系上"),
}
LEVELS: Final[Mapping[Level, Pair]] = {
    Level.BUILDING: Sentence("楼栋一级"),
    Level.COMMUNITY: Sentence("社区一级"),
    Level.STREET: Sentence("街道一级"),
}
WAYS: Final[Mapping[Way, Pair]] = {
    Way.PHONE: Sentence.of("cases.ways", "电话"),
    Way.DOOR: Sentence.of("cases", "上门"),
    Way.DESK: Sentence("来服务台"),
    Way.ONLINE: Sentence("本人在手机上"),
}
FATES: Final[Mapping[PaperFate, Pair]] = {
    PaperFate.BACK: Sentence("还了"),
    PaperFate.HANDED_IN: Sentence("交给办事窗口了"),
    PaperFate.LOST: Sentence("丢了"),
}
DEEDS: Final[Mapping[Deed, Pair]] = {
    Deed.TAKE_IN: Sentence.of("cases", "接件"),
    Deed.SORT: Sentence.of("cases", "分类，交办"),
    Deed.BEGIN: Sentence.of("cases", "开始办"),
    Deed.NOTE: Sentence.of("cases", "记一笔"),
    Deed.CONSENT: Sentence("问了本人"),
    Deed.NAME_ELDER: Sentence("认出了是哪位老人"),
    Deed.TAKE_OVER: Sentence("接手"),
    Deed.RAISE: Sentence("往上一级调解"),
    Deed.MEET: Sentence("约了见面"),
    Deed.MET: Sentence("见了面"),
    Deed.TAKE_PAPER: Sentence("收了材料"),
    Deed.END_PAPER: Sentence("材料有了去处"),
    Deed.ASK_HELP: Sentence("请人上门"),
    Deed.END: Sentence("有了结果"),
    Deed.TRY: Sentence("回访没有联系上"),
    Deed.CALL: Sentence("回访，办结"),
    Deed.REOPEN: Sentence.of("cases", "重新办"),
}

GIFTS: Final[Mapping[GiftSort, Pair]] = {
    GiftSort.FRIDGE: Sentence("爱心冰箱"),
    GiftSort.CLOTHES: Sentence("衣旧传情"),
    GiftSort.REST: Sentence("户外劳动者歇脚点"),
    GiftSort.BOOKS: Sentence("以书换绿"),
    GiftSort.OTHER: Sentence.of("cases", "其他"),
}
GIFT_WAYS: Final[Mapping[GiftWay, Pair]] = {
    GiftWay.IN: Sentence("收进来"),
    GiftWay.OUT: Sentence("取走了"),
    GiftWay.HEADS: Sentence("来歇脚的人数"),
}
CLUBS: Final[Mapping[ClubSort, Pair]] = {
    ClubSort.ARTS: Sentence("文艺"),
    ClubSort.SPORT: Sentence("体育健身"),
    ClubSort.READING: Sentence("读书"),
    ClubSort.CRAFT: Sentence.of("cases", "手工"),
    ClubSort.HELP: Sentence("互助服务"),
    ClubSort.HOBBY: Sentence("兴趣"),
    ClubSort.OTHER: Sentence.of("cases", "其他"),
}


def choices(words: Mapping[Chosen, Pair]) -> list[tuple[str, str]]:
    """Return some choices as a form offers them."""
    return [(each.value, voiced(pair)) for each, pair in words.items()]
