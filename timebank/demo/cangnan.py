"""Cangnan, Weifang: the supermarket of services, from shopping with a list and receipt to a medical errand, and the elders' canteen.

Those of eighty and more eat in two sittings of forty seats; retired officials hold their weekly clinic; fifteen craft courses meet;
a pipe bursts on Tuesday and the stewards for emergencies are there within the hour. Whoever shops has a list with a budget and brings a
receipt back; once it was more, and the daughter had agreed.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from timebank import clock
from timebank.access.models import Role
from timebank.cases.actions.registering import Group, add_club, set_speciality
from timebank.cases.counting import shares
from timebank.cases.models import Sort
from timebank.cases.registers import ClubSort
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.demo import gatherings, tickets
from timebank.demo.days import Event
from timebank.demo.neighbours import comers, invented, of_age
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.week import TUESDAY, WEEK, Week, Wish
from timebank.elders.models import Elder
from timebank.places.queries import canteens
from timebank.planning.actions.covering import close_now, need_now
from timebank.stations import figures, queries
from timebank.stations.actions import courses, queueing
from timebank.stations.actions.courses import Syllabus
from timebank.stations.actions.people import Person
from timebank.stations.actions.places import set_up
from timebank.stations.actions.sessions import Draft
from timebank.stations.models import Kind, Service, Source
from timebank.visits import queries as visits
from timebank.visits.actions import shopping
from timebank.visits.models import HelpRequest, Offer, OfferState
from timebank.visits.shopping import list_of

SEATS, FROM_AGE, DAYS = 40, 80, 5
SITTINGS = (("第一轮堂食", 11 * 60, 11 * 60 + 45), ("第二轮堂食", 11 * 60 + 50, 12 * 60 + 35))
CLINIC = "老干部坐诊"
CRAFTS = ("剪纸", "编织", "布艺", "插花", "衍纸", "软陶", "书法", "国画", "风筝扎制", "面塑", "串珠", "皮影", "核雕", "刺绣", "木版年画")
"""The fifteen craft courses; Weifang is known for its kites and its New Year prints."""
LEARNERS = 8
BROUGHT, SETTLED = 80, 72
"""What people brought within the year, and how much of it was settled: more than eighty in a hundred."""
GROUPS = 9
LIST, FEN = re.compile("清单：(.+?)；预算 (\\d+) 元"), 100


def _set_up(week: Week) -> None:
    """Open the supermarket, lay the tables of the week, put clinic, day care and courses on the calendar."""
    words = "买菜、交费、理发、剪指甲、寻医问药，十几项服务像超市一样点；八十岁以上在食堂吃"
    set_speciality(
        week.community_id, "暖巢志愿服务超市 · 爱老食堂", words, [Sort.PROBLEM], ["买菜代购", "代交水电费", "堂食", "老干部坐诊"]
    )
    shop = gatherings.named(week, "暖巢志愿服务超市")
    offered = (Service.CLINIC, Service.COURSE, Service.CANTEEN, Service.CHILDREN, Service.DAY_CARE, Service.REPAIR, Service.REST)
    set_up(shop, [(day, 8 * 60 + 30, 17 * 60) for day in range(6)], offered)
    _lay_tables(week)
    clinic = Draft(
        kind=Kind.CLINIC, title=CLINIC, day=WEEK + timedelta(days=2), start=9 * 60, end=11 * 60, seats=16, chairs=2, station=shop
    )
    doctors = gatherings.hold(week, clinic, "counsel", 2)
    for person in comers(week, 12, first=20):
        queueing.sign_up(doctors, person, Source.DESK)
    for day in range(DAYS):
        on = WEEK + timedelta(days=day)
        gatherings.hold(
            week, Draft(kind=Kind.DAY_CARE, title="托老托幼", day=on, start=8 * 60 + 30, end=11 * 60 + 30, seats=20, station=shop)
        )
        gatherings.hold(
            week, Draft(kind=Kind.CHILDREN, title="四点半课堂", day=on, start=16 * 60 + 30, end=18 * 60, seats=30, station=shop)
        )
    for session in queries.sessions(week.community_id, WEEK, WEEK + timedelta(days=6)):
        if session.kind in {Kind.DAY_CARE, Kind.CHILDREN}:
            for _, person in zip(range(12), invented(week, 40 if session.kind is Kind.CHILDREN else 0), strict=False):
                queueing.sign_up(session, person, Source.PHONE)
    for place, craft in enumerate(CRAFTS):
        _teach(week, craft, place)
    _write_lists(week)
    tickets.bring(week, BROUGHT, SETTLED)
    tickets.just_brought(week, tickets.MATTERS)
    for number in range(1, GROUPS + 1):
        group = Group(name=f"{number}号楼邻里微信群", sort=ClubSort.HELP, members=42 + number * 7, meets="线上，有事接龙")
        add_club(week.community_id, group)


def _write_lists(week: Week) -> None:
    """Write down what is to be bought, and at most for how much, as the elders said it."""
    asked = select(HelpRequest).join(HelpRequest.kind).where(HelpRequest.community_id == week.community_id, ServiceKind.code == "SHOP")
    for request in db.session.scalars(asked.order_by(HelpRequest.id)):
        if said := LIST.search(request.note or ""):
            shopping.set_list(request, said[1], int(said[2]) * FEN, week.coordinator)


def _receipts(week: Week, day: date) -> Iterator[Event]:
    """Yield the receipts of a day's shopping; one in nine is above the budget, and somebody has agreed."""
    for made in visits.day_offers(week.community_id, day):
        kept = list_of(made.visit.request)
        if kept is not None:
            yield clock.at(day, made.start) + timedelta(minutes=20), _note_receipt(made.id, kept.budget, over=made.id % 9 == 0)


def _note_receipt(offer_id: int, budget: int, *, over: bool) -> gatherings.Act:
    """Return the act of noting a receipt by whoever is out shopping."""
    spent = budget + 350 if over else budget - offer_id % 13 * FEN // 2

    def act() -> None:
        made = db.session.get_one(Offer, offer_id)
        if made.state is OfferState.ACCEPTED and made.started_at is not None:
            shopping.note_receipt(made, budget + 10 * FEN, spent, "女儿在电话里同意的" if over else "")

    return act


def _lay_tables(week: Week) -> None:
    """Seat those of eighty and more to whom no meal is carried, half in each sitting of every working day."""
    (canteen,) = canteens(week.community_id)
    carried = set(db.session.scalars(select(HelpRequest.household_id).join(HelpRequest.kind).where(ServiceKind.from_canteen)))
    guests = [each for each in of_age(week, FROM_AGE, WEEK.year) if each.household_id not in carried]
    for day in range(DAYS):
        for place, (title, start, end) in enumerate(SITTINGS):
            draft = Draft(
                kind=Kind.SITTING, title=title, day=WEEK + timedelta(days=day), start=start, end=end,
                seats=SEATS, min_age=FROM_AGE, place=canteen.name, canteen=canteen,
            )  # fmt: skip
            sitting = gatherings.hold(week, draft)
            for each in guests[place::2]:
                queueing.sign_up(sitting, Person(each.name, each.phone, each), Source.DESK)


def _teach(week: Week, craft: str, place: int) -> None:
    """Found one of the craft courses, with its teacher and learners, and put two classes on the calendar."""
    shop = gatherings.named(week, "暖巢志愿服务超市")
    teacher = next(invented(week, 300 + place)).name
    course = courses.found_course(
        week.community_id, Syllabus(title=f"{craft}课", kind=Kind.CRAFT, seats=12, teacher_name=teacher, station=shop)
    )
    for _, person in zip(range(LEARNERS), invented(week, 60 + place * LEARNERS), strict=False):
        courses.join(course, person)
    courses.schedule(course, WEEK + timedelta(days=place % DAYS), 14 * 60 + 30, 16 * 60, 2)


def _more(week: Week, day: date) -> Iterator[Event]:
    """Yield what happens at the tables, the clinic and the courses of a day, and on Tuesday the burst pipe."""
    yield from gatherings.queue(week, day, {CLINIC: 2})
    yield from _receipts(week, day)
    if day == TUESDAY:
        asked: list[int] = []
        yield clock.at(day, 15 * 60), _burst(week, asked)
        yield clock.at(day, 15 * 60 + 48), _mended(week, asked)


def _burst(week: Week, asked: list[int]) -> gatherings.Act:
    """Return the act of writing down that somebody is needed now."""

    def act() -> None:
        elder = db.session.scalars(
            select(Elder).where(Elder.community_id == week.community_id, Elder.lives_alone).order_by(Elder.id)
        ).first()
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "FIX")).one()
        if elder is not None:
            asked.append(need_now(elder, kind, "水管爆了，厨房进水，老人一个人在家", week.coordinator).id)

    return act


def _mended(week: Week, asked: list[int]) -> gatherings.Act:
    """Return the act of closing the emergency with its result."""
    result = "应急处理队 20 分钟到，关了总阀，维修维护队换了软管；老人没事"

    def act() -> None:
        for number in asked:
            close_now(db.session.get_one(HelpRequest, number), week.coordinator, result)

    return act


def _tell(week: Week) -> Iterator[str]:
    """Say how many ate, learnt and were seen, persons and person-times apart."""
    found = figures.served(week.community_id, WEEK, WEEK + timedelta(days=2))
    share = shares(week.community_id, WEEK.year).whole
    yield f"今年接件 {share.received} 件，办成 {share.settled} 件 / {share.received} things brought this year, {share.settled} settled"
    yield (
        f"食堂、坐诊、{len(queries.courses(week.community_id))} 门手工课三天：{found.persons} 人、{found.times} 人次"
        f" / canteen, clinic and craft courses in three days: {found.persons} people, {found.times} times"
    )


STORY = Story(
    name="cangnan",
    offices=(
        Office(
            "cangnan",
            ("17001900001", "蔺如月"),
            (
                (Role.ADMIN, ("17001900002", "满江春")),
                (Role.INSPECTOR, ("17001900003", "鞠明秀")),
                (Role.TEAM_LEAD, ("17001900005", "展红英")),
                (Role.BUILDING_LEAD, ("17001900006", "麻守成")),
                (Role.CANTEEN, ("17001900004", "辛师傅")),
            ),
            stewards=(("17001900011", "仲秋菊"), ("17001900012", "逯家和"), ("17001900013", "郇玉梅")),
        ),
    ),
    wishes=(Wish("SHOP", 8 * 60, 11 * 60), Wish("BILL", 9 * 60, 12 * 60), Wish("NAIL", 14 * 60, 17 * 60)),
    sets_up=_set_up,
    more=_more,
    tells=_tell,
)
