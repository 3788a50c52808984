"""A whole community of a size, made the same way each time: doors, elders, volunteers with their week, needs; M is a street of six hundred.

``build(M)`` inside an app's context adds it on the Friday before the builders' week; ``plan`` lets the engine plan that week once.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests import builders as make
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind, Skill
from timebank.db import db, transaction
from timebank.planning import runner
from timebank.planning.actions import runs, weeks
from timebank.planning.models import PlanRun, RunKind, RunState
from timebank.visits.models import Pattern
from timebank.volunteers.models import Availability, HeldSkill, Travel, Volunteer

FRIDAY = "2026-11-20 10:00"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "秀兰桂英淑珍建国志强玉梅凤霞德明文华春燕海涛丽萍国庆爱莲永福慧敏"
STREETS = ("韶关路", "居庸关路", "函谷关路", "嘉峪关路", "武胜关路", "宁武关路", "正阳关路", "临淮关路")
HOME_KINDS = (
    ("HAIR", "上门理发", "Haircut at home", 40, ["hair"], 1),
    ("SHOP", "代买代购", "Shopping", 45, [], 2),
    ("VISIT", "探访陪聊", "A visit", 45, [], 3),
    ("CLEAN", "简单保洁", "Cleaning", 60, ["clean"], 2),
    ("BATH", "助浴", "Bathing", 60, ["care"], 1),
)
MEAL_DAYS = [0, 1, 2, 3, 4]


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each: visits are five meals for each of some doors and the rest at home."""

    elders: int
    volunteers: int
    meals: int
    home: int


TINY = Size(elders=12, volunteers=10, meals=8, home=4)
SMALL = Size(elders=48, volunteers=40, meals=40, home=16)
M = Size(elders=630, volunteers=600, meals=600, home=650)


def build(size: Size) -> int:
    """Add a community of a size and return its number."""
    rng = random.Random(size.elders)
    make.set_clock(FRIDAY)
    with transaction():
        community = make.make_community(f"size-{size.elders}", name="关路社区")
        make.make_canteen(community, ready=640, until=735, hot=60)
        kinds = {"MEAL": _kind("MEAL", skills=[])}
        for code, name, english, minutes, skills, _share in HOME_KINDS:
            kinds[code] = _kind(code, name=name, name_en=english, minutes=minutes, skills=skills)
        skills = {code: _skill(code, name) for code, name in (("hair", "理发"), ("clean", "保洁"), ("care", "护理"))}
        houses = [_house(community, rng, number) for number in range(max(4, size.elders // 9))]
        homes = [make.make_household(community, houses[place % len(houses)], floor=rng.randint(1, 4)) for place in range(size.elders)]
        for home in homes:
            make.make_elder(home, _name(rng), phone="")
        for place in range(size.volunteers):
            _volunteer(community, rng, skills, place)
        for home in homes[: size.meals]:
            make.make_request(
                community,
                kinds["MEAL"],
                home,
                pattern=Pattern.EACH_DAY,
                weekdays=MEAL_DAYS,
                dates=[],
                first_day=make.MONDAY,
                elder=home.elders[0],
            )
        codes = [code for code, *_rest, share in HOME_KINDS for _ in range(share)]
        for place in range(size.home):
            _home_visit(community, kinds[codes[place % len(codes)]], homes[place % len(homes)], rng)
        return community.id


def _kind(code: str, **values: Any) -> ServiceKind:
    """Return a kind of the catalogue, made for the first community."""
    return db.session.scalars(select(ServiceKind).where(ServiceKind.code == code)).first() or make.make_kind(code, **values)


def _skill(code: str, name: str) -> Skill:
    """Return a skill of the catalogue, made for the first community."""
    return db.session.scalars(select(Skill).where(Skill.code == code)).first() or make.add(Skill(code=code, name=name, name_en=code))


def _name(rng: random.Random) -> str:
    """Return an invented name."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN) + rng.choice(GIVEN)


def _house(community, rng: random.Random, number: int):  # noqa: ANN001, ANN202
    """Add one building of the community."""
    lat, lon = 36.056 + rng.gauss(0, 0.0035), 120.352 + rng.gauss(0, 0.0045)
    return make.make_building(community, f"{STREETS[number % len(STREETS)]} {number // len(STREETS) + 1} 号", lat=lat, lon=lon)


def _volunteer(community, rng: random.Random, skills: dict[str, Skill], place: int) -> Volunteer:  # noqa: ANN001
    """Add one volunteer: three in four have free time."""
    user = make.make_user(Role.VOLUNTEER, community)
    who = make.make_volunteer(
        community,
        _name(rng),
        user.id,
        lat=36.056 + rng.gauss(0, 0.0035),
        lon=120.352 + rng.gauss(0, 0.0045),
        travel=Travel.EBIKE if rng.random() < 0.4 else Travel.WALK,
        boxes=rng.choice((6, 8, 12)),
    )
    if place % 4 != 3:
        for weekday in sorted(rng.sample(range(6), rng.choice((2, 3, 3, 4)))):
            start, end = rng.choice(((480, 750), (600, 750), (540, 1050), (630, 1020)))
            db.session.add(Availability(volunteer_id=who.id, weekday=weekday, start=start, end=end))
    for code, share in (("hair", 0.12), ("clean", 0.35), ("care", 0.2)):
        if rng.random() < share or place < 2:
            db.session.add(HeldSkill(volunteer_id=who.id, skill_id=skills[code].id))
    return who


def _home_visit(community, kind: ServiceKind, home, rng: random.Random) -> None:  # noqa: ANN001
    """Add one need at a door, on one of two days."""
    days = sorted(rng.sample(range(5), 2))
    window = rng.choice(((510, 690), (840, 1020)))
    make.make_request(
        community,
        kind,
        home,
        elder=home.elders[0],
        dates=[(make.MONDAY + timedelta(days=day)).isoformat() for day in days],
        first_day=make.MONDAY,
        window_from=window[0],
        window_to=window[1],
    )


def plan(community_id: int, seconds: int) -> int:
    """Let the engine plan the week once; return the plan's number."""
    with transaction():
        opened = weeks.open_week(community_id, make.MONDAY)
        run_id = runs.queue_run(opened, RunKind.SOLVE, seconds, send=False).id
        number = opened.id
    runner.run(run_id)
    done = db.session.get_one(PlanRun, run_id)
    assert done.state is RunState.DONE, done.fault
    return number
