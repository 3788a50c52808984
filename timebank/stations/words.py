"""The words of stations in both languages: what is offered, held, left there, and where each person and thing stands."""

from timebank.stations.models import Kind, Outcome, Progress, Service, SessionState, Sort, Source, Turn

Pair = tuple[str, str]

SERVICES: dict[Service, Pair] = {
    Service.HAIRCUT: ("理发", "Haircuts"),
    Service.REPAIR: ("家电维修", "Appliance repair"),
    Service.SEWING: ("缝补", "Sewing"),
    Service.PARCEL: ("代收包裹", "Parcels kept"),
    Service.CHECK_UP: ("定期检查", "Check-ups"),
    Service.CLINIC: ("义诊", "Clinic"),
    Service.COURSE: ("课程", "Classes"),
    Service.CANTEEN: ("堂食", "Canteen"),
    Service.CHILDREN: ("四点半课堂", "After school"),
    Service.DAY_CARE: ("托老托幼", "Day care"),
    Service.REST: ("歇脚喝水", "Rest point"),
}
KINDS: dict[Kind, Pair] = {
    Kind.HAIRCUT: ("理发日", "Haircut day"),
    Kind.CLINIC: ("义诊", "Clinic"),
    Kind.COURSE: ("老年大学", "Class for elders"),
    Kind.CRAFT: ("手工课", "Craft course"),
    Kind.CHILDREN: ("四点半课堂", "After-school hour"),
    Kind.DAY_CARE: ("托老托幼", "Day care"),
    Kind.SITTING: ("食堂堂食", "Canteen sitting"),
    Kind.OTHER: ("其他活动", "Other event"),
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
    SessionState.OPEN: ("开放", "Open"),
    SessionState.CLOSED: ("已结束", "Over"),
    SessionState.CANCELLED: ("已取消", "Cancelled"),
}
TURNS: dict[Turn, Pair] = {
    Turn.WAITING: ("候补", "Waiting list"),
    Turn.SIGNED_UP: ("已报名", "Signed up"),
    Turn.ARRIVED: ("到了，在等", "Here, waiting"),
    Turn.CALLED: ("正在服务", "Being served"),
    Turn.SERVED: ("做完了", "Served"),
    Turn.NO_SHOW: ("没来", "Did not come"),
    Turn.CANCELLED: ("取消了", "Called off"),
}
CAME: Pair = ("来了", "Came")
SOURCES: dict[Source, Pair] = {
    Source.DESK: ("服务台", "At the desk"),
    Source.PHONE: ("电话", "By telephone"),
    Source.WALK_IN: ("当场来的", "Walked in"),
    Source.ONLINE: ("手机", "On a phone"),
    Source.REGISTER: ("学员", "From the register"),
}
SORTS: dict[Sort, Pair] = {
    Sort.REPAIR: ("维修", "Repair"),
    Sort.SEWING: ("缝补", "Sewing"),
    Sort.PARCEL: ("包裹", "Parcel"),
}
PROGRESS: dict[Progress, Pair] = {
    Progress.BROUGHT: ("收下了", "Brought in"),
    Progress.IN_WORK: ("在修", "In work"),
    Progress.READY: ("可以取了", "Ready"),
    Progress.CANNOT: ("修不好，等取回", "Cannot be mended, to be fetched"),
    Progress.COLLECTED: ("取走了", "Fetched"),
    Progress.RETURNED: ("没修好，取回了", "Returned unmended"),
}
OUTCOMES: dict[Outcome, Pair] = {
    Outcome.COMING: ("约好了来", "Coming"),
    Outcome.DONE: ("检查过了", "Done"),
    Outcome.NOT_REACHED: ("没打通", "Not reached"),
    Outcome.LATER: ("过些天再说", "Later"),
}
