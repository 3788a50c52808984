"""Jiuquanlu, Lanzhou: five communities, each with a speciality of its own, and people who go to those who cannot come.

One desk takes everything in, sorts it to somebody and calls back; papers taken for an errand are given back before it is over; a
quarrel of two neighbours takes four meetings in three steps; a fridge and a shelf of books stand outside the time ledger.
"""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from timebank import clock
from timebank.access.models import Role
from timebank.cases.actions import following, handling, intake, registering
from timebank.cases.actions.following import Gathering
from timebank.cases.actions.handling import Charge
from timebank.cases.actions.intake import Brought
from timebank.cases.actions.registering import Group, Line
from timebank.cases.counting import shares
from timebank.cases.models import Consent, Door, Heard, Outcome, PaperFate, Sort, State, Topic, Way
from timebank.cases.registers import ClubSort, GiftSort, GiftWay
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.demo import tickets
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.week import FRIDAY, WEEK, Week, Wish
from timebank.elders.models import Elder
from timebank.visits.actions import asking
from timebank.visits.actions.asking import Wish as Asked

BROUGHT, SETTLED = 40, 36
"""What people brought to each desk within the year, and how much of it was settled."""
SPECIALITIES = {
    "畅家巷社区": (
        "我的声音·你的眼睛",
        "给看不清、走不动的老人读报、送学、代办，每周上门",
        [Sort.ERRAND],
        ["上门送学", "家政", "政务代办"],
    ),
    "井儿街社区": ("三级调解", "楼栋、社区、街道三级，小事不出网格", [Sort.MEDIATION], ["心理疏导", "调解会"]),
    "贡元巷社区": ("一口式接件", "一个窗口接件，分类办理，多种方式回访", [Sort.PROBLEM, Sort.CONSULTATION, Sort.ERRAND], ["政务代办"]),
    "木塔巷社区": ("以书换绿", "一本旧书换一盆绿植，书进书屋，人进读书会", [Sort.SUGGESTION], ["读书会", "上门送学"]),
    "民勤街社区": ("爱心共享冰箱", "面点、蔬菜谁都可以放、谁都可以取", [Sort.PROBLEM], ["买菜代购", "家政"]),
}
MEETINGS = (
    ("楼长、两家", "各说各的，约定不再半夜拖椅子"),
    ("楼长、两家、单元信息员", "又吵了，同意请社区来"),
    ("社区调解员、两家、律师志愿者", "写了协议：铺地垫，十点后安静"),
    ("街道司法所、两家", "两家都签了字，互换了电话"),
)
VISITS = ((0, "SHOP", "家里没菜了"), (1, "VISIT", "看看腿怎么样，陪说说话"), (3, "SHOP", "再买一次"))
"""The visits of the informant's case: the day of the week, the kind, what is said of it; two are over when the demo stops."""


def _set_up(week: Week) -> None:
    """Say what the community is known for, and let there be what people brought over the year."""
    registering.set_speciality(week.community_id, *SPECIALITIES[week.name])
    tickets.bring(week, BROUGHT, SETTLED)
    if week.name == "井儿街社区":
        _quarrel(week)
    if week.name == "畅家巷社区":
        _report(week)
    if week.name in {"畅家巷社区", "贡元巷社区"}:
        _errand(week)
    if week.name in {"木塔巷社区", "民勤街社区"}:
        _give(week)
    clock.clock.start_at(FRIDAY)
    tickets.just_brought(week, tickets.MATTERS[:6])


def _quarrel(week: Week) -> None:
    """Let a quarrel be settled in four meetings, by the house, the community and the street in turn."""
    office, charge = week.coordinator, Charge(name="10 号院楼长")
    clock.clock.start_at(FRIDAY - timedelta(days=60))
    words = "井儿街 24 号楼上楼下为半夜响动吵了三次，楼下老人睡不着"
    ticket = intake.take_in(
        week.community_id, Brought(sort=Sort.MEDIATION, door=Door.DESK, name="危长春", phone="17002890001", words=words), office
    )
    handling.sort_out(ticket, office, sort=Sort.MEDIATION, topic=Topic.DISPUTE, charge=charge)
    handling.begin(ticket, office)
    for place, (who, agreed) in enumerate(MEETINGS):
        if place in {2, 3}:
            handling.raise_level(ticket, office, "这一级没有谈成", charge=Charge(user=office))
            if ticket.state is not State.IN_HAND:
                handling.begin(ticket, office)
        meeting = following.meet(ticket, office, Gathering(day=clock.today(), who=who, place="三级调解室"))
        following.hold(ticket, meeting, office, agreed)
        clock.clock.start_at(clock.now() + timedelta(days=9))
    handling.end(ticket, office, Outcome.SETTLED, "两家签了协议，铺了地垫，晚上十点后安静")
    handling.call_back(ticket, office, Heard.SATISFIED, Way.DOOR, "楼下老人说能睡着了")


def _errand(week: Week) -> None:
    """Let an errand with three papers be done: all three are given back, then whoever brought it is called."""
    office = week.coordinator
    clock.clock.start_at(FRIDAY - timedelta(days=11))
    elder = db.session.scalars(select(Elder).where(Elder.community_id == week.community_id).order_by(Elder.id.desc())).first()
    said = Brought(
        sort=Sort.ERRAND, door=Door.PHONE, name=elder.name if elder else "老人", words="残疾证到期，走不了，想请人代办换证", elder=elder
    )
    ticket = intake.take_in(week.community_id, said, office)
    handling.sort_out(ticket, office, sort=Sort.ERRAND, topic=Topic.BENEFITS, charge=Charge(user=office))
    handling.begin(ticket, office)
    papers = [following.take_paper(ticket, office, name) for name in ("身份证", "旧残疾证", "一寸照片两张")]
    clock.clock.start_at(clock.now() + timedelta(days=4))
    for paper in papers:
        following.end_paper(ticket, paper, office, PaperFate.BACK, "本人")
    handling.end(ticket, office, Outcome.SETTLED, "新证办好，送到家里")
    handling.call_back(ticket, office, Heard.SATISFIED, Way.PHONE)


def _report(week: Week) -> None:
    """Let an informant of an entrance report for a neighbour, who agrees; three visits of the week come of it, and it is in hand now."""
    office = week.coordinator
    clock.clock.start_at(FRIDAY - timedelta(days=2))
    elder = db.session.scalars(select(Elder).where(Elder.community_id == week.community_id).order_by(Elder.id)).first()
    words = "三天没见老人下楼，敲门说腿疼，家里没菜了"
    said = Brought(
        sort=Sort.PROBLEM,
        door=Door.INFORMANT,
        name="宿桂枝",
        phone="17002890002",
        about=elder.name if elder else "",
        words=words,
        elder=elder,
    )
    ticket = intake.take_in(week.community_id, said, office)
    intake.set_consent(ticket, Consent.GIVEN, office, "电话里说愿意有人来")
    handling.sort_out(ticket, office, sort=Sort.PROBLEM, topic=Topic.CARE, charge=Charge(user=office))
    handling.begin(ticket, office, "先送一顿饭，周一起排买菜")
    for offset, code, note in VISITS:
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == code)).one()
        wish = Asked(kind=kind, window=(8 * 60 + 30, 16 * 60 + 30), dates=(WEEK + timedelta(days=offset),), note=note)
        asking.accept_request(following.ask_help(ticket, office, wish), office)


def _give(week: Week) -> None:
    """Let there be a fridge, or a shelf of books, and the groups that keep it; none of it is time."""
    office, books = week.coordinator, week.name == "木塔巷社区"
    clock.clock.start_at(FRIDAY)
    sort, name, what = (GiftSort.BOOKS, "以书换绿书架", "旧书") if books else (GiftSort.FRIDGE, "爱心共享冰箱", "面点和蔬菜")
    place = registering.open_place(week.community_id, name, sort, "社区门口")
    for day, came in enumerate((60, 45, 38)):
        on = FRIDAY.date() - timedelta(days=6 - day)
        registering.enter(place, Line(day=on, way=GiftWay.IN, count=came, what=what, who="居民和商户"), office)
        registering.enter(place, Line(day=on, way=GiftWay.OUT, count=came - 7, what=what, who="居民"), office)
    club = Group(
        name="木塔读书会" if books else "冰箱守护队", sort=ClubSort.READING if books else ClubSort.HELP, members=26, meets="每周六上午"
    )
    registering.add_club(week.community_id, club)


def _tell(week: Week) -> Iterator[str]:
    """Say what the community is known for, and how much of what was brought was settled."""
    share = shares(week.community_id, WEEK.year).whole
    yield (
        f"{week.name} 一社一特：{SPECIALITIES[week.name][0]}；今年接件 {share.received} 件，办成 {share.settled} 件"
        f" / {share.received} things brought this year, {share.settled} settled"
    )


STORY = Story(
    name="jiuquanlu",
    officer=("17002900006", "年丰收"),
    offices=(
        Office(
            "changjiaxiang",
            ("17002900001", "把秀云"),
            (
                (Role.ADMIN, ("17002900002", "魏铭远")),
                (Role.INSPECTOR, ("17002900003", "达文静")),
                (Role.TEAM_LEAD, ("17002900004", "者红霞")),
                (Role.BUILDING_LEAD, ("17002900005", "火德福")),
            ),
        ),
        Office("jingerjie", ("17002900011", "苗青兰")),
        Office("gongyuanxiang", ("17002900012", "豆佳慧")),
        Office("mutaxiang", ("17002900013", "虎晓梅")),
        Office("minqinjie", ("17002900014", "蒲海燕")),
    ),
    wishes=(Wish("LEARN", 9 * 60, 11 * 60), Wish("GOV", 9 * 60, 11 * 60 + 30)),
    sets_up=_set_up,
    tells=_tell,
)
