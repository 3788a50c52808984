"""The rows of Badaguan's four workbooks: places, volunteers, elders, needs; ``python seeds/make.py badaguan`` writes them."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from badaguan import roster
from badaguan.wishes import needs_rows
from making import (
    AT_DOOR,
    INSURED_UNTIL,
    ISSUERS,
    RELATIONS,
    THIS_YEAR,
    UNPROVED,
    Books,
    Row,
    Sheets,
    free_times,
    health,
    number,
    point,
)

SEED = 20261123
COUPLES = 8
SINGLES = 54
ELDEST = 91
# Volunteers (by position) whose insurance has ended, or ends within thirty days of the week.
INSURANCE_ENDS = {14: date(2026, 10, 31), 6: date(2026, 12, 5), 22: date(2026, 12, 18)}
# Proofs (by volunteer's position and skill) that have ended: the training must be repeated before the next round.
PROOF_ENDS = {(36, "送餐培训"): date(2026, 11, 10), (19, "送餐培训"): date(2026, 12, 12)}
CANTEEN = (36.0564, 120.3532)


def names(rng: random.Random, pools: dict[str, str]) -> Iterable[Any]:
    """Yield names without end, none twice; the gender is sent in."""
    taken: set[str] = set()
    gender = yield ""
    while True:
        name = rng.choice(roster.SURNAMES) + rng.choice(pools[gender].split())
        if name not in taken:
            taken.add(name)
            gender = yield name


def places() -> Sheets:
    """Return the rows of the places' workbook."""
    community = {
        "code": "badaguan",
        "street": "八大关街道",
        "name": "八大关社区",
        "issuer": "八大关社区居民委员会（演示）",
        "responsible": "闻松",
        "phone": "0532-80000001",
    }
    roads = {name: ends for name, *ends in roster.ROADS}
    buildings = []
    for compound, road, blocks in roster.COMPOUNDS:
        for building, share, floors, lift, _ in blocks:
            lat, lon = point(roads[road], share)
            access = 2 if floors > 3 else 1
            spot = {"lat": lat, "lon": lon, "datum": "WGS-84"}
            buildings.append({"compound": compound, "building": building, "floors": floors, "lift": lift, "access": access, **spot})
    canteen = {
        "name": "宁武关路老年食堂",
        "address": "宁武关路20号",
        "pickup": "10:50-11:40",
        "hot": 45,
        "access": 1,
        "phone": "0532-80000002",
    }
    station = {"name": "八大关志愿服务站", "address": "正阳关路28号", "hours": "周一至周五 8:30-17:00", "phone": "0532-80000001"}
    return {
        "社区": [community],
        "小区楼栋": buildings,
        "食堂": [{**canteen, "lat": CANTEEN[0], "lon": CANTEEN[1], "datum": "WGS-84"}],
        "服务站": [{**station, "lat": 36.0559, "lon": 120.3524, "datum": "WGS-84"}],
    }


def volunteers(rng: random.Random) -> Sheets:
    """Return the rows of the volunteers' workbook."""
    drawn = names(rng, roster.VOLUNTEER_NAMES)
    next(drawn)
    people: list[Row] = []
    proofs: list[Row] = []
    for index, (gender, age, unit, mode, boxes, max_day, max_week, free, skills, extras) in enumerate(roster.VOLUNTEERS):
        lat, lon, address = home(rng, far="far" in extras)
        held = skills.split()
        row = {
            "number": number("V", index + 1),
            "name": drawn.send(gender),
            "gender": "女" if gender == "F" else "男",
            "birth_year": THIS_YEAR - age,
            "phone": f"1700000{index + 1:04d}",
            "has_phone": "nophone" not in extras,
            "staff": "专职" if "staff" in extras else "志愿者",
            "unit": roster.UNITS[unit][0] if unit >= 0 else "",
            "address": address,
            "lat": lat,
            "lon": lon,
            "datum": "WGS-84",
            "travel": "电动车" if mode == "ebike" else "步行",
            "boxes": boxes,
            "radius": next((int(word[7:]) for word in extras.split() if word.startswith("radius:")), None),
            "max_day": max_day,
            "max_week": max_week,
            "insured_until": INSURANCE_ENDS.get(index, INSURED_UNTIL),
            "skills": "；".join(skill for skill in held if skill in UNPROVED),
        }
        people.append(row | free_times(free))
        proofs += [proof(index, skill) for skill in held if skill not in UNPROVED]
    units = [{"name": name, "contact": contact} for name, contact in roster.UNITS]
    return {"单位": units, "志愿者": people, "技能证明": proofs}


def proof(index: int, skill: str) -> Row:
    """Return the row of one proof of a skill."""
    issuer = ISSUERS.get(skill, "八大关志愿服务站")
    words = f"{issuer} {THIS_YEAR - 1}-{index + 1:03d}号"
    ends = PROOF_ENDS.get((index, skill), date(2027, 6, 30) if "培训" in skill else None)
    return {"volunteer": number("V", index + 1), "skill": skill, "proof": words, "expires": ends}


def home(rng: random.Random, *, far: bool) -> tuple[float, float, str]:
    """Return a volunteer's home: among the roads of the district, or up to a kilometre and a half north of it."""
    if far:
        return round(rng.uniform(36.0605, 36.0690), 5), round(rng.uniform(120.3470, 120.3650), 5), "八大关街道以北"
    road, *ends = rng.choice(roster.ROADS)
    lat, lon = point(ends, rng.uniform(0.1, 0.9))
    return lat, lon, f"{road}附近"


def doors(rng: random.Random) -> list[Row]:
    """Return one address for each household, spread over the buildings."""
    blocks = [(compound, *block) for compound, _, blocks in roster.COMPOUNDS for block in blocks]
    found = []
    for index in range(COUPLES + SINGLES):
        compound, building, _, floors, _, entrances = blocks[index % len(blocks)]
        # The third household of a small house lives on the ground floor; nobody shares a door.
        floor = 1 + (index * 2 + index // len(blocks)) % floors
        entrance = 1 + index // len(blocks) % entrances
        door = f"{floor}0{1 + index // len(blocks)}"
        where = {"compound": compound, "building": building, "entrance": f"{entrance}单元", "floor": floor, "door": door}
        found.append(where)
    rng.shuffle(found)
    return found


def elders(rng: random.Random) -> Sheets:
    """Return the rows of the elders' workbook: eight couples, then those in a household of their own."""
    drawn = names(rng, roster.ELDER_NAMES)
    next(drawn)
    people: list[Row] = []
    for house, door in enumerate(doors(rng)):
        couple = house < COUPLES
        years = ELDEST if house == 0 else rng.randint(74, 88) if couple else rng.choice([68, 71, 73, 75, 77, 79, 81, 83, 84, 86, 88, 90])
        for gender in ("M", "F") if couple else (rng.choice("FFFM"),):
            age = years if house == 0 else years - (rng.randint(0, 3) if couple and gender == "F" else 0)
            index = len(people) + 1
            row = {
                "number": number("E", index),
                "name": drawn.send(gender),
                "gender": "女" if gender == "F" else "男",
                "birth_year": THIS_YEAR - age,
                "household": number("H", house + 1),
                **door,
                "phone": f"1700001{index:04d}" if rng.random() < 0.45 else f"0532-8000{1000 + index}",
                "lives_alone": not couple and rng.random() < 0.5,
                "consent_service": date(2026, 9, 1) + timedelta(days=rng.randint(0, 60)),
                "channel": rng.choice(["纸质", "纸质", "当面", "电话"]),
            }
            # A note about the door stands once, with the first of a couple.
            note = door_note(rng, house, row["consent_service"]) if gender == "M" or not couple else {}
            people.append(row | health(rng, age, row["consent_service"]) | note)
    tie(people)
    return {"老人": people, "家属": family(rng, people)}


def door_note(rng: random.Random, house: int, consent: date) -> Row:
    """Return what a helper should know at the door, for some."""
    if house == 0:
        return {"door_note": "两位老人都 91 岁，开门慢，请多等两分钟", "consent_door": consent}
    note = rng.choice(AT_DOOR)
    return {"door_note": note, "consent_door": consent} if note else {}


def tie(people: list[Row]) -> None:
    """Name each household's usual deliverer and the few pairs that must not meet."""
    carriers = [index + 1 for index, row in enumerate(roster.VOLUNTEERS) if row[4] and "staff" not in row[9]]
    for row in people:
        house = int(row["household"][1:])
        if house <= COUPLES // 2:
            row["usual"] = "V001"
        elif house % 4:
            row["usual"] = number("V", carriers[house % len(carriers)])
    for elder, volunteer in ((12, 4), (23, 12), (31, 25), (44, 8), (58, 32)):
        people[elder]["excluded"] = number("V", volunteer)
        if people[elder].get("usual") == number("V", volunteer):
            people[elder]["usual"] = "V002"


def family(rng: random.Random, people: list[Row]) -> list[Row]:
    """Return relatives of two dozen elders; some are still to be approved."""
    drawn = names(rng, roster.VOLUNTEER_NAMES)
    next(drawn)
    found = []
    for index, elder in enumerate(people[::3], start=1):
        relation = rng.choice(list(RELATIONS))
        found.append(
            {
                "elder": elder["number"],
                "name": drawn.send(RELATIONS[relation]),
                "phone": f"1700002{index:04d}",
                "relation": relation,
                "approved": index % 8 != 0,
            }
        )
    return found


def all_rows() -> Books:
    """Return every row, by workbook and sheet."""
    rng = random.Random(SEED)
    people = elders(rng)
    return {"places": places(), "volunteers": volunteers(rng), "elders": people, "needs": needs_rows(rng, people["老人"])}
