"""The words of stations in both languages: what is offered, held, left there, and where each person and thing stands."""

from timebank.sentences import Pair, Sentence
from timebank.stations.models import Kind, Outcome, Progress, Service, SessionState, Sort, Source, Turn

SERVICES: dict[Service, Pair] = {
    Service.HAIRCUT: Sentence.of("stations", "理发"),
    Service.REPAIR: Sentence("家电维修"),
    Service.SEWING: Sentence("缝补"),
    Service.PARCEL: Sentence("代收包裹"),
    Service.CHECK_UP: Sentence("定期检查"),
    Service.CLINIC: Sentence("义诊"),
    Service.COURSE: Sentence.of("stations", "课程"),
    Service.CANTEEN: Sentence("堂食"),
    Service.CHILDREN: Sentence("四点半课堂"),
    Service.DAY_CARE: Sentence("托老托幼"),
    Service.REST: Sentence("歇脚喝水"),
}
KINDS: dict[Kind, Pair] = {
    Kind.HAIRCUT: Sentence("理发日"),
    Kind.CLINIC: Sentence("义诊"),
    Kind.COURSE: Sentence("老年大学"),
    Kind.CRAFT: Sentence("手工课"),
    Kind.CHILDREN: Sentence.of("stations", "四点半课堂"),
    Kind.DAY_CARE: Sentence("托老托幼"),
    Kind.SITTING: Sentence("食堂堂食"),
    Kind.OTHER: Sentence("其他活动"),
}
ICONS: dict[Kind, str] = {
    Kind.HAIRCUT: "scissors",
    Kind.CLINIC: "cross",
    Kind.COURSE: "book",
    Kind.CRAFT: "flower",
    Kind.CHILDREN: "pencil",
    Kind.DAY_CARE: "house",
    Kind.SITTING: "bowl",
    Kind.OTHER: "two-persons",
}
STATES: dict[SessionState, Pair] = {
    SessionState.OPEN: Sentence("开放"),
    SessionState.CLOSED: Sentence.of("stations", "已结束"),
    SessionState.CANCELLED: Sentence("已取消"),
}
TURNS: dict[Turn, Pair] = {
    Turn.WAITING: Sentence("候补"),
    Turn.SIGNED_UP: Sentence("已报名"),
    Turn.ARRIVED: Sentence("到了，在等"),
    Turn.CALLED: Sentence.of("stations", "正在服务"),
    Turn.SERVED: Sentence("做完了"),
    Turn.NO_SHOW: Sentence.of("stations", "没来"),
    Turn.CANCELLED: Sentence.of("stations", "取消了"),
}
CAME: Pair = Sentence("来了")
SOURCES: dict[Source, Pair] = {
    Source.DESK: Sentence.of("stations", "服务台"),
    Source.PHONE: Sentence.of("stations", "电话"),
    Source.WALK_IN: Sentence("当场来的"),
    Source.ONLINE: Sentence.of("stations", "手机"),
    Source.REGISTER: Sentence.of("stations", "学员"),
}
SORTS: dict[Sort, Pair] = {
    Sort.REPAIR: Sentence.of("stations", "维修"),
    Sort.SEWING: Sentence("缝补"),
    Sort.PARCEL: Sentence("包裹"),
}
PROGRESS: dict[Progress, Pair] = {
    Progress.BROUGHT: Sentence("收下了"),
    Progress.IN_WORK: Sentence("在修"),
    Progress.READY: Sentence("可以取了"),
    Progress.CANNOT: Sentence("修不好，等取回"),
    Progress.COLLECTED: Sentence.of("stations", "取走了"),
    Progress.RETURNED: Sentence("没修好，取回了"),
}
OUTCOMES: dict[Outcome, Pair] = {
    Outcome.COMING: Sentence("约好了来"),
    Outcome.DONE: Sentence("检查过了"),
    Outcome.NOT_REACHED: Sentence("没打通"),
    Outcome.LATER: Sentence("过些天再说"),
}
