"""What sorts, topics, states and outcomes are called, in both languages, and a step of a ticket as a line of its own."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from timebank.cases.models import Consent, Deed, Door, Heard, Level, Outcome, PaperFate, Sort, State, Topic, Way
from timebank.cases.registers import ClubSort, GiftSort, GiftWay
from timebank.web import voiced

Pair = tuple[str, str]
Chosen = TypeVar("Chosen", bound=StrEnum)

SORTS: Final[Mapping[Sort, Pair]] = {
    Sort.PROBLEM: ("问题", "Problem"),
    Sort.SUGGESTION: ("建议", "Suggestion"),
    Sort.MEDIATION: ("调解", "Mediation"),
    Sort.CONSULTATION: ("咨询", "Consultation"),
    Sort.ERRAND: ("带材料的代办", "Errand with papers"),
}
DOORS: Final[Mapping[Door, Pair]] = {
    Door.DESK: ("服务台", "Desk"),
    Door.PHONE: ("电话", "Telephone"),
    Door.ONLINE: ("手机上写的", "Written on a phone"),
    Door.INFORMANT: ("邻居或信息员代报", "Reported by a neighbour or informant"),
}
CONSENTS: Final[Mapping[Consent, Pair]] = {
    Consent.ASKED: ("还没有问过本人", "Not asked yet"),
    Consent.GIVEN: ("本人愿意", "They agree"),
    Consent.REFUSED: ("本人不愿意", "They do not want it"),
    Consent.UNABLE: ("本人说不清，由社区上门看", "They cannot say; the community looks in"),
}
TOPICS: Final[Mapping[Topic, Pair]] = {
    Topic.REPAIR: ("维修维护", "Repairs"),
    Topic.CARE: ("爱心帮扶", "Care"),
    Topic.INFORMATION: ("信息咨询", "Information"),
    Topic.LEISURE: ("文化娱乐", "Culture and leisure"),
    Topic.URGENT: ("应急处理", "Urgent"),
    Topic.DISPUTE: ("矛盾调处", "Disputes"),
    Topic.PROPERTY: ("物业服务", "Property management"),
    Topic.CLEANLINESS: ("环境卫生", "Cleanliness"),
    Topic.PARKING: ("停车秩序", "Parking"),
    Topic.BENEFITS: ("政策待遇", "Benefits"),
    Topic.OTHER: ("其他", "Other"),
}
STATES: Final[Mapping[State, Pair]] = {
    State.RECEIVED: ("等分类", "To be sorted"),
    State.SORTED: ("等开始办", "To be begun"),
    State.IN_HAND: ("正在办", "In hand"),
    State.ENDED: ("等回访", "To be called back"),
    State.CLOSED: ("办结", "Closed"),
}
OUTCOMES: Final[Mapping[Outcome, Pair]] = {
    Outcome.SETTLED: ("办成了", "Settled"),
    Outcome.NOT_SETTLED: ("没有办成", "Not settled"),
    Outcome.PASSED_ON: ("转出", "Passed on"),
}
HEARD: Final[Mapping[Heard, Pair]] = {
    Heard.SATISFIED: ("满意", "Satisfied"),
    Heard.PARTLY: ("部分满意", "Partly satisfied"),
    Heard.NOT: ("不满意", "Not satisfied"),
    Heard.UNREACHED: ("没联系上", "Not reached"),
}
LEVELS: Final[Mapping[Level, Pair]] = {
    Level.BUILDING: ("楼栋一级", "Building"),
    Level.COMMUNITY: ("社区一级", "Community"),
    Level.STREET: ("街道一级", "Street"),
}
WAYS: Final[Mapping[Way, Pair]] = {
    Way.PHONE: ("电话", "By telephone"),
    Way.DOOR: ("上门", "At the door"),
    Way.DESK: ("来服务台", "At the desk"),
    Way.ONLINE: ("本人在手机上", "On their phone"),
}
FATES: Final[Mapping[PaperFate, Pair]] = {
    PaperFate.BACK: ("还了", "Given back"),
    PaperFate.HANDED_IN: ("交给办事窗口了", "Handed in"),
    PaperFate.LOST: ("丢了", "Lost"),
}
DEEDS: Final[Mapping[Deed, Pair]] = {
    Deed.TAKE_IN: ("接件", "Taken in"),
    Deed.SORT: ("分类，交办", "Sorted and given to somebody"),
    Deed.BEGIN: ("开始办", "Begun"),
    Deed.NOTE: ("记一笔", "Note"),
    Deed.CONSENT: ("问了本人", "They were asked"),
    Deed.NAME_ELDER: ("认出了是哪位老人", "The elder is known"),
    Deed.TAKE_OVER: ("接手", "Taken over"),
    Deed.RAISE: ("往上一级调解", "Raised a level"),
    Deed.MEET: ("约了见面", "A meeting planned"),
    Deed.MET: ("见了面", "A meeting held"),
    Deed.TAKE_PAPER: ("收了材料", "A paper taken"),
    Deed.END_PAPER: ("材料有了去处", "A paper accounted for"),
    Deed.ASK_HELP: ("请人上门", "Help asked for"),
    Deed.END: ("有了结果", "Outcome"),
    Deed.TRY: ("回访没有联系上", "Called back in vain"),
    Deed.CALL: ("回访，办结", "Called back and closed"),
    Deed.REOPEN: ("重新办", "Reopened"),
}

GIFTS: Final[Mapping[GiftSort, Pair]] = {
    GiftSort.FRIDGE: ("爱心冰箱", "Sharing fridge"),
    GiftSort.CLOTHES: ("衣旧传情", "Clothes passed on"),
    GiftSort.REST: ("户外劳动者歇脚点", "Rest point for outdoor workers"),
    GiftSort.BOOKS: ("以书换绿", "Books for greens"),
    GiftSort.OTHER: ("其他", "Other"),
}
GIFT_WAYS: Final[Mapping[GiftWay, Pair]] = {
    GiftWay.IN: ("收进来", "Came in"),
    GiftWay.OUT: ("取走了", "Went out"),
    GiftWay.HEADS: ("来歇脚的人数", "Heads counted"),
}
CLUBS: Final[Mapping[ClubSort, Pair]] = {
    ClubSort.ARTS: ("文艺", "Arts"),
    ClubSort.SPORT: ("体育健身", "Sport"),
    ClubSort.READING: ("读书", "Reading"),
    ClubSort.CRAFT: ("手工", "Crafts"),
    ClubSort.HELP: ("互助服务", "Mutual help"),
    ClubSort.HOBBY: ("兴趣", "Hobby"),
    ClubSort.OTHER: ("其他", "Other"),
}


def choices(words: Mapping[Chosen, Pair]) -> list[tuple[str, str]]:
    """Return some choices as a form offers them."""
    return [(each.value, voiced(pair)) for each, pair in words.items()]
