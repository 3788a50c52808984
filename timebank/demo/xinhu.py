"""Xinhu, Dezhou: a street of 22 communities and the zero-distance stations of the first two.

On Tuesday sixty people stand in the queue of the haircut station, on Monday and Wednesday the clinic is full; appliances are brought
and mended, parcels kept and fetched, and everybody who was looked at is called again after twelve weeks. The other twenty plan their small
weeks; one borrows a barber of the first for two weeks, another has asked for one and waits.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from timebank import clock
from timebank.access.models import Role
from timebank.cases.actions.registering import Line, enter, open_place, set_speciality
from timebank.cases.counting import shares
from timebank.cases.models import Sort
from timebank.cases.registers import GiftSort, GiftWay
from timebank.db import db
from timebank.demo import gatherings, tickets
from timebank.demo.days import Event
from timebank.demo.neighbours import able, comers
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.week import FRIDAY, TUESDAY, WEEK, Week, Wish
from timebank.lending import actions as lending
from timebank.lending.actions import Wish as Wanted
from timebank.places import queries as places
from timebank.stations import figures, queries
from timebank.stations.actions import check_ups, queueing
from timebank.stations.actions.check_ups import Rhythm
from timebank.stations.actions.places import set_up
from timebank.stations.actions.sessions import Draft
from timebank.stations.models import CheckUp, Kind, Outcome, Service, Source

HAIRCUTS, CLINIC = "免费理发日", "免费体检"
WALK_INS = {HAIRCUTS: 16, CLINIC: 6}
QUEUES = {"新湖社区": 60, "湖滨社区": 40}
"""How many stand in the queue of the haircut day of each community."""
BORROWERS = ("德兴社区", "东汇社区")
LOOKED_AT = 32
BROUGHT, SETTLED = 290, 256
"""What people brought to the desk of each of the two within the year, and how much of it was settled: 512 of 580 together."""
WEEKS = 12
RESTED = (31, 27, 36, 29, 33)
"""How many of those who work outdoors rested at the station on each of the last days."""
BEGUN = (
    ("dexing", "阮慧兰"), ("donghui", "柯明月"), ("beiyuan", "仇如松"), ("tianqu", "暴雪梅"), ("yunhe", "危文婷"), ("liuhu", "宫小玲"),
    ("sanbalu", "敖心怡"), ("hudong", "冷月华"), ("huxi", "辜雅琴"), ("qingnianlu", "那秋萍"), ("wenhualu", "饶慧敏"), ("guangchuan", "鄢春燕"),
    ("qiaokou", "焦玉洁"), ("chahe", "滑淑贞"), ("dongziyuan", "明晓岚"), ("jinxiu", "车晚秋"), ("kangcheng", "费雅静"), ("xinghe", "晏如意"),
    ("tiexi", "巴特丽"), ("mishi", "宿雨晴"),
)  # fmt: skip
"""The communities the street goes on to, each with its coordinator."""
WEDNESDAY = WEEK + timedelta(days=2)
DAYS = {
    "零距离服务站": (range(6), 8 * 60 + 30, 17 * 60 + 30, (Service.REST, Service.SEWING)),
    "零距离维修站": (range(5), 9 * 60, 17 * 60, (Service.REPAIR,)),
    "零距离理发站": ((1, 3, 5), 9 * 60, 16 * 60 + 30, (Service.HAIRCUT,)),
    "零距离代收站": (range(7), 8 * 60, 20 * 60, (Service.PARCEL,)),
    "零距离健康站": ((0, 2, 4), 8 * 60 + 30, 11 * 60 + 30, (Service.CHECK_UP, Service.CLINIC)),
}
WARES = (
    ("电饭锅", "不加热"),
    ("落地扇", "不转"),
    ("热水壶", "插上不亮"),
    ("收音机", "没声音"),
    ("电磁炉", "报错 E3"),
    ("台灯", "开关松"),
    ("豆浆机", "漏水"),
    ("电动剃须刀", "充不进电"),
)


def _set_up(week: Week) -> None:
    """Open the stations with their hours, put the sessions of the week on the calendar, and write down who signs up.

    Of the year before there are the problems people brought. A community that has no stations yet may ask for somebody.
    """
    if week.name not in QUEUES:
        _borrow(week)
        return
    words = "家门口修家电、理发、收快递、量血压；有事说一声，办完打电话回访"
    set_speciality(week.community_id, "零距离服务站", words, [Sort.PROBLEM], ["家电维修", "免费理发", "代收包裹", "免费体检"])
    tickets.bring(week, BROUGHT, SETTLED)
    tickets.just_brought(week, tickets.MATTERS)
    rest = open_place(week.community_id, "户外劳动者驿站", GiftSort.REST, "零距离服务站一层")
    for ago, heads in enumerate(RESTED, start=1):
        enter(rest, Line(day=FRIDAY.date() - timedelta(days=ago), way=GiftWay.HEADS, count=heads, who="骑手、环卫工"), week.coordinator)
    for ending, (days, opens, closes, services) in DAYS.items():
        set_up(gatherings.named(week, ending), [(day, opens, closes) for day in days], services)
    chairs = gatherings.named(week, "零距离理发站")
    draft = Draft(kind=Kind.HAIRCUT, title=HAIRCUTS, day=TUESDAY, start=9 * 60, end=16 * 60 + 30, seats=60, chairs=3, station=chairs)
    haircuts = gatherings.hold(week, draft, "hair", 3)
    for person in comers(week, QUEUES[week.name] - WALK_INS[HAIRCUTS]):
        queueing.sign_up(haircuts, person, Source.DESK if person.elder else Source.PHONE)
    clinic = gatherings.named(week, "零距离健康站")
    for place, day in enumerate((WEEK, WEDNESDAY)):
        held = Draft(kind=Kind.CLINIC, title=CLINIC, day=day, start=8 * 60 + 30, end=11 * 60 + 30, seats=60, chairs=4, station=clinic)
        session = gatherings.hold(week, held, "escort", 2)
        for person in comers(week, LOOKED_AT, first=place * 4):
            queueing.sign_up(session, person, Source.PHONE)
    for person in comers(week, LOOKED_AT):
        check_ups.begin(week.community_id, Rhythm(what="血压血糖", every_weeks=WEEKS, due=WEEK, station=clinic), person)


def _borrow(week: Week) -> None:
    """Let a community ask the first one for a barber for two weeks; one gets an answer, one still waits for it."""
    if week.name not in BORROWERS:
        return
    lender = places.community_named("xinhu")
    home = Week(lender, STORY.offices[0].coordinator[0], week.say, week.dice)
    barber = able(home, "hair", 4)[BORROWERS.index(week.name) + 2]
    wish = Wanted(WEEK + timedelta(days=7), WEEK + timedelta(days=14), "社区没有会理发的，有六位老人等着")
    asked = lending.ask(places.community_of(week.community_id), barber, wish, week.coordinator)
    if week.name == BORROWERS[0]:
        lending.agree(asked, home.coordinator)


def _more(week: Week, day: date) -> Iterator[Event]:
    """Yield what happens at the stations on a day."""
    if week.name not in QUEUES:
        return
    offset = 20 * (day - WEEK).days
    yield from gatherings.queue(week, day, WALK_INS)
    yield from gatherings.repairs(week, gatherings.named(week, "零距离维修站"), day, WARES, 20 + offset)
    yield from gatherings.parcels(week, gatherings.named(week, "零距离代收站"), day, 20, 100 + offset)
    if day == WEEK:
        looked_at = queries.check_ups(week.community_id, day)
        yield from (
            (clock.at(day, 11 * 60 + 40) + timedelta(seconds=20 * place), _looked_at(week, each.id, place))
            for place, each in enumerate(looked_at)
        )


def _looked_at(week: Week, number: int, place: int) -> gatherings.Act:
    """Return the act of noting that somebody was looked at; every eighth could not be reached."""
    outcome = Outcome.NOT_REACHED if place % 8 == 7 else Outcome.DONE
    words = "没有来，电话没人接" if outcome is Outcome.NOT_REACHED else "正常" if place % 5 else "血压偏高，请去医院复查"
    return lambda: check_ups.note(db.session.get_one(CheckUp, number), outcome, words, week.coordinator)


def _tell(week: Week) -> Iterator[str]:
    """Say how many were served at the stations, persons and person-times apart, and how much was mended and fetched."""
    if week.name not in QUEUES:
        return
    found = figures.served(week.community_id, WEEK, WEDNESDAY)
    mended = figures.mended(week.community_id, WEEK, WEDNESDAY)
    share = shares(week.community_id, WEEK.year).whole
    yield f"{week.name} 今年接件 {share.received} 件，办成 {share.settled} 件 / {share.received} things brought this year, {share.settled} settled"
    yield f"{week.name} 五个站三天：{found.persons} 人、{found.times} 人次，修好 {mended} 件 / five stations in three days: {found.persons} people, {found.times} times, {mended} things mended"


STORY = Story(
    name="xinhu",
    officer=("17003900002", "荀立新"),
    offices=(
        Office(
            "xinhu",
            ("17003900001", "邬小凡"),
            (
                (Role.ADMIN, ("17003900003", "隋远帆")),
                (Role.INSPECTOR, ("17003900004", "栾正清")),
                (Role.TEAM_LEAD, ("17003900005", "厉建功")),
                (Role.BUILDING_LEAD, ("17003900006", "国桂芳")),
            ),
            stewards=(("17003900011", "迟红梅"), ("17003900012", "于得水"), ("17003900013", "幸福来"), ("17003900014", "展翼飞")),
        ),
        Office(
            "hubin",
            ("17003900021", "习秋雁"),
            stewards=(("17003900031", "双喜年"), ("17003900032", "牟淑英"), ("17003900033", "衡志坚"), ("17003900034", "原野青")),
        ),
        *(Office(code, (f"170039001{place:02d}", name)) for place, (code, name) in enumerate(BEGUN, start=1)),
    ),
    wishes=(Wish("FIX", 9 * 60, 12 * 60), Wish("HAIR", 14 * 60, 17 * 60)),
    sets_up=_set_up,
    more=_more,
    tells=_tell,
)
