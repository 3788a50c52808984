"""Badaguan, Qingdao: noon meals carried upstairs to some seventy elders, in all weather.

Its 38 units held more than seventy projects with it within the year, under one theme: clinics, lessons, halls lent, the beach cleaned of
seaweed. Each is a session with the people who came, counted. On Saturday a unit comes to the beach again: it has booked six places and
named two of its people.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import func, select

from timebank import clock
from timebank.access.models import Role
from timebank.cases.actions.registering import set_speciality
from timebank.cases.models import Sort
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.demo.office import Office
from timebank.demo.story import Story
from timebank.demo.week import FRIDAY, WEEK, Week
from timebank.posts import actions as posts
from timebank.posts.actions import About
from timebank.posts.queries import PART
from timebank.stations import figures
from timebank.stations.actions import sessions
from timebank.stations.actions.sessions import Draft
from timebank.stations.models import Kind
from timebank.visits import on_duty
from timebank.volunteers.models import Unit, Volunteer

THEME = ("一年一主题：2026 同一张饭桌", "今年和共建单位一起围着“吃饭”做事：送餐、厨房安全、合理用药、一起过节")
PROJECTS = (
    (Kind.CLINIC, "义诊"),
    (Kind.OTHER, "浒苔清理"),
    (Kind.OTHER, "送课进社区"),
    (Kind.OTHER, "借出礼堂，老人过节"),
    (Kind.OTHER, "厨房安全检查"),
    (Kind.OTHER, "合理用药讲座"),
    (Kind.OTHER, "陪老人逛公园"),
    (Kind.OTHER, "手机课堂"),
)
EACH = 2
"""How many projects each of the 38 units held: 76 together."""
BEACH, BOOKED, NAMED = "海水浴场清洁岗", 6, 2
SATURDAY = WEEK + timedelta(days=5)
FIRST = date(2026, 1, 10)
APART = (FRIDAY.date() - FIRST).days


def _set_up(week: Week) -> None:
    """Say what the year is about, and let each unit have held its projects, with how many came."""
    set_speciality(week.community_id, *THEME, [Sort.SUGGESTION], ["送餐上门", "共建单位的项目"])
    units = db.session.scalars(select(Unit).where(Unit.community_id == week.community_id).order_by(Unit.id)).all()
    held = [(unit, turn) for turn in range(EACH) for unit in units]
    for place, (unit, turn) in enumerate(held):
        day = FIRST + timedelta(days=place * APART // len(held))
        clock.clock.start_at(clock.at(day, 9 * 60))
        # In summer the seaweed comes ashore, and everybody goes to the beach.
        kind, what = PROJECTS[1] if day.month == 7 else PROJECTS[(place * 3 + turn) % len(PROJECTS)]
        made = sessions.hold(
            week.community_id,
            Draft(kind=kind, title=what, day=day, start=9 * 60, end=11 * 60, seats=200, place="八大关社区和共建单位", unit=unit),
        )
        sessions.count(made, 18 + place * 7 % 45, 0)
        clock.clock.start_at(clock.at(day, 11 * 60 + 5))
        sessions.close(made, week.coordinator)
    clock.clock.start_at(FRIDAY)
    _book_for_a_unit(week)


def _book_for_a_unit(week: Week) -> None:
    """Let the unit with the most volunteers book places at the beach on Saturday, and name some of its people already."""
    mine = select(Volunteer.unit_id).where(Volunteer.community_id == week.community_id, Volunteer.unit_id.is_not(None))
    greatest = db.session.scalars(mine.group_by(Volunteer.unit_id).order_by(func.count().desc(), Volunteer.unit_id)).first()
    unit = db.session.get_one(Unit, greatest)
    kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "WATCH")).one()
    about = About(name=BEACH, kind=kind, place="第一海水浴场东门", first_day=FRIDAY.date(), note="带手套，工具在站里领")
    post = posts.add_post(week.community_id, about, week.coordinator)
    posts.add_shifts(post, [SATURDAY.weekday()], (9 * 60, 11 * 60), 4, 8)
    seats = posts.book(on_duty.duties_of_part(PART, post.id, SATURDAY, SATURDAY)[0], unit, BOOKED, week.coordinator)
    people = select(Volunteer).where(Volunteer.unit_id == unit.id, Volunteer.active, Volunteer.staff.is_(False)).order_by(Volunteer.id)
    posts.name_people(seats, db.session.scalars(people.limit(NAMED)).all(), week.coordinator)


def _tell(week: Week) -> Iterator[str]:
    """Say how many projects the year had, and how many times somebody came."""
    found = figures.served(week.community_id, FIRST, WEEK)
    yield f"共建单位今年 {found.sessions} 个项目、{found.times} 人次 / the units' projects of the year: {found.sessions}, {found.times} person-times"


STORY = Story(
    name="badaguan",
    offices=(
        Office(
            "badaguan",
            ("18653200001", "衣晓雯"),
            (
                (Role.ADMIN, ("18653200002", "綦文远")),
                (Role.INSPECTOR, ("18653200003", "宫映秋")),
                (Role.TEAM_LEAD, ("18653200005", "邢春霞")),
                (Role.BUILDING_LEAD, ("18653200006", "房德顺")),
                (Role.CANTEEN, ("18653200004", "逄师傅")),
            ),
        ),
    ),
    sets_up=_set_up,
    tells=_tell,
)
