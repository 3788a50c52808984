"""What the communities' scripts share: invented people, doors, free times and needs, as rows of the workbooks.

Everything is drawn from a seed that is handed in; nothing is asked of clock or network, so the same script writes the same bytes.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from timebank.exchange.columns import WEEK

Row = dict[str, Any]
Sheets = dict[str, list[Row]]
Books = dict[str, Sheets]
MONDAY = date(2026, 11, 23)
THIS_YEAR = 2026
INSURED_UNTIL = date(2027, 2, 28)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
OLD = {
    "F": ("淑玉桂秀兰凤素惠翠月锦瑞慧美春宝爱丽佩雅静文彩云", "珍英兰芳琴芝仙贞华梅娥萍云霞莲琳卿香娟芬"),
    "M": ("德振永世长广兆鸿景志维汝绍国继宗传守克启善修树耀培敬", "厚邦福昌庚仁祥儒山远新霖华栋业岳义信勤明行齐人庭元亭"),
}
YOUNG = {
    "F": ("晓雨思静海丽雪秋佳文若婷慧春梦红瑞玉安舒亚云书彦", "岚桐敏怡燕萍莹月宁静溪玉雯洁霞雪琪雅楠瑶君彤菲蕾"),
    "M": ("海志晨建立浩文少永振俊明泽家晓洪承向世凯小嘉子天", "涛强曦波新然博军刚宇峰远民骏东亮志阳杰旋川诚航睿"),
}
GENDERS = {"F": "女", "M": "男"}
# Free times by a letter; a volunteer's week is written as letter + weekdays, such as "n135 p2" (1 = Monday).
TIMES = {
    "e": "7:00-12:00",
    "a": "8:30-11:30",
    "l": "8:30-12:40",
    "n": "10:40-12:40",
    "p": "13:30-17:00",
    "h": "14:00-17:00",
    "w": "17:00-19:00",
    "s": "10:20-12:50",
}
# Skills that need no proof; every other skill gets a row in the sheet of proofs.
UNPROVED = {"代购代办", "保洁", "小家电维修", "手机教学", "上门讲读"}
ISSUERS = {"理发": "区职业技能鉴定站", "助浴护理员": "市养老护理协会", "电工证": "市应急管理培训站", "健康证": "区疾控中心"}
REPEATS = {1: "每周", 2: "隔周", 3: "每3周", 4: "每4周", 8: "每8周"}
TWO_DAYS = ("一,三", "二,四", "三,五", "一,四", "二,五")
DIETS = ("", "", "", "软食", "低盐", "低糖", "软食、低盐", "忌花生", "忌海鲜")
CARE = ("", "", "", "听力不好，请大声慢说", "用助行器，请等一等", "记性不好，先报姓名")
AT_DOOR = ("", "", "", "", "门铃坏了，请敲门", "家里有小狗，不咬人", "楼道灯暗，带手电")
RELATIONS = {"女儿": "F", "儿子": "M", "孙女": "F", "外甥": "M"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A community to be invented: who it is, its telephones, and the marks before its people's numbers.

    ``mobile`` is five digits nobody has, ``first`` where its people's numbers begin among those of the same five,
    ``digits`` how long a landline's number is, ``roads`` the names of roads with the two ends of each, ``compounds`` the courtyards on them with their buildings.
    """

    code: str
    street: str
    name: str
    head: str
    phone: str
    area: str
    mobile: str
    mark: str = ""
    first: int = 0
    digits: int = 7
    roads: Mapping[str, Sequence[float]]
    compounds: Sequence[tuple[str, str, Sequence[tuple[str, float, int, bool, int]]]]

    def number(self, letter: str, index: int) -> str:
        """Return the number of a row, such as CE007."""
        return number(self.mark + letter, index)

    def mobile_of(self, sort: int, index: int) -> str:
        """Return an invented mobile number: of a volunteer (0), an elder (1), a relative (2)."""
        return f"{self.mobile}{sort}{self.first + index:05d}"

    def landline_of(self, index: int) -> str:
        """Return an invented landline number."""
        return f"{self.area}-{8 * 10 ** (self.digits - 1) + self.first + index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Volunteers alike: so many people of a team or a unit, who take ages, skills, free times and means of travel in turn."""

    people: int
    team: str = ""
    unit: str = ""
    ages: tuple[int, ...] = (58, 63, 66, 61, 69)
    genders: str = "FFM"
    skills: tuple[str, ...] = ("代购代办",)
    free: tuple[str, ...] = ("a135 p2", "a24 p13", "l135", "p124 a5")
    travel: str = "we"
    boxes: int = 0
    day: int = 180
    week: int = 480
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Habit:
    """A standing need of many elders: how many have it, how often, and the days and times they choose from."""

    kind: str
    elders: int
    every: int
    days: tuple[str, ...]
    windows: tuple[str, ...]
    notes: tuple[str, ...] = ("",)
    each: bool = False
    extra: Row = field(default_factory=dict)


Errand = tuple[str, int, str, str, Row]
"""What is asked for once: kind, the elder's position, weekdays, window, further fields."""


def number(letter: str, index: int) -> str:
    """Return the number of a row, such as E007."""
    return f"{letter}{index:03d}"


def numbered(letter: str, rows: Iterable[Row]) -> list[Row]:
    """Return the rows with their numbers."""
    return [{"number": number(letter, index), **row} for index, row in enumerate(rows, start=1)]


def people(rng: random.Random, pools: Mapping[str, tuple[str, str]], taken: set[str]) -> Iterator[Any]:
    """Yield names without end, none that is taken; the gender is sent in."""
    gender = yield ""
    while True:
        first, second = pools[gender]
        name = rng.choice(SURNAMES) + rng.choice(first) + rng.choice(second)
        if name not in taken:
            taken.add(name)
            gender = yield name


def namer(rng: random.Random, pools: Mapping[str, tuple[str, str]], taken: set[str]) -> Any:  # noqa: ANN401 - a generator one sends to
    """Return what answers a gender with a name."""
    drawn = people(rng, pools, taken)
    next(drawn)
    return drawn.send  # type: ignore[attr-defined]


def point(ends: Sequence[float], share: float) -> tuple[float, float]:
    """Return a point some metres off a road, at a share of its length."""
    south, west, north, east = ends
    side = 0.00022 if round(share * 100) % 2 else -0.00022
    return round(south + (north - south) * share + side, 5), round(west + (east - west) * share + side / 2, 5)


def free_times(free: str) -> dict[str, str]:
    """Return the seven columns of free times of a short form such as ``n135 p2``."""
    week: dict[int, list[str]] = {index: [] for index in range(len(WEEK))}
    for part in free.split():
        for digit in part[1:]:
            week[int(digit) - 1].append(TIMES[part[0]])
    return {f"free_{index}": ",".join(times) for index, times in week.items()}


def places(town: Town, canteens: Sequence[Row] = (), stations: Sequence[Row] = ()) -> Sheets:
    """Return the rows of the places' workbook; canteens and stations name road and share instead of a point."""
    community = {
        "code": town.code,
        "street": town.street,
        "name": town.name,
        "issuer": f"{town.name}居民委员会（演示）",
        "responsible": town.head,
        "phone": town.phone,
    }
    buildings = [
        {
            "compound": compound,
            "building": building,
            "floors": floors,
            "lift": lift,
            "access": 2 if floors > 3 else 1,
            **spot(town, road, share),
        }
        for compound, road, blocks in town.compounds
        for building, share, floors, lift, _ in blocks
    ]
    return {
        "社区": [community],
        "小区楼栋": buildings,
        "食堂": [_placed(town, row) for row in canteens],
        "服务站": [_placed(town, row) for row in stations],
    }


def spot(town: Town, road: str, share: float) -> Row:
    """Return the columns of a point on a road of a town."""
    lat, lon = point(town.roads[road], share)
    return {"lat": lat, "lon": lon, "datum": "WGS-84"}


def _placed(town: Town, row: Row) -> Row:
    """Return a canteen or station with the point its road and share mean."""
    return {name: value for name, value in row.items() if name not in {"road", "share"}} | spot(town, row["road"], row["share"])


def volunteers(rng: random.Random, town: Town, crews: Sequence[Crew], taken: set[str], contacts: Mapping[str, str]) -> Sheets:
    """Return the rows of the volunteers' workbook: units by the crews' with whom one asks for there, teams, people, proofs."""
    draw = namer(rng, YOUNG, taken)
    rows: list[Row] = []
    proofs: list[Row] = []
    for crew in crews:
        for place in range(crew.people):
            index = len(rows) + 1
            gender = crew.genders[place % len(crew.genders)]
            held = crew.skills[place % len(crew.skills)].split()
            road = rng.choice(list(town.roads))
            row = {
                "number": town.number("V", index),
                "name": draw(gender),
                "gender": GENDERS[gender],
                "birth_year": THIS_YEAR - crew.ages[place % len(crew.ages)],
                "phone": town.mobile_of(0, index),
                "has_phone": crew.staff or crew.ages[place % len(crew.ages)] < 70 or place % 2 == 0,
                "staff": "专职" if crew.staff else "志愿者",
                "unit": crew.unit,
                "address": f"{road}附近",
                **spot(town, road, rng.uniform(0.1, 0.9)),
                "travel": "电动车" if crew.travel[place % len(crew.travel)] == "e" else "步行",
                "boxes": crew.boxes,
                "max_day": crew.day,
                "max_week": crew.week,
                "insured_until": INSURED_UNTIL,
                "skills": "；".join(skill for skill in held if skill in UNPROVED),
                "teams": crew.team,
            }
            rows.append(row | free_times(crew.free[place % len(crew.free)]))
            proofs += [proof(row["number"], index, skill, town) for skill in held if skill not in UNPROVED]
    units = dict.fromkeys(crew.unit for crew in crews if crew.unit)
    teams = dict.fromkeys(crew.team for crew in crews if crew.team)
    return {
        "单位": [{"name": name, "contact": contacts.get(name, "")} for name in units],
        "服务队": [{"name": name} for name in teams],
        "志愿者": rows,
        "技能证明": proofs,
    }


def proof(holder: str, index: int, skill: str, town: Town) -> Row:
    """Return the row of one proof of a skill."""
    words = f"{ISSUERS.get(skill, town.name)} {THIS_YEAR - 1}-{index:03d}号"
    return {"volunteer": holder, "skill": skill, "proof": words, "expires": date(2027, 6, 30) if "培训" in skill else None}


def doors(rng: random.Random, town: Town, homes: int) -> list[Row]:
    """Return one address for each household, spread over the buildings; nobody shares a door."""
    blocks = [(compound, *block) for compound, _, blocks in town.compounds for block in blocks]
    found = []
    for index in range(homes):
        compound, building, _, floors, _, entrances = blocks[index % len(blocks)]
        turn = index // len(blocks)
        floor = 1 + (index * 2 + turn) % floors
        where = {"compound": compound, "building": building, "entrance": f"{1 + turn % entrances}单元", "floor": floor}
        found.append(where | {"door": f"{floor}0{1 + turn}"})
    rng.shuffle(found)
    return found


def elders(rng: random.Random, town: Town, *, couples: int, singles: int, ages: Sequence[int], taken: set[str]) -> Sheets:
    """Return the rows of the elders' workbook: couples first, then those in a household of their own, their ages in turn."""
    draw = namer(rng, OLD, taken)
    rows: list[Row] = []
    for house, door in enumerate(doors(rng, town, couples + singles)):
        couple = house < couples
        for gender in ("M", "F") if couple else (rng.choice("FFFM"),):
            index = len(rows) + 1
            age = ages[house % len(ages)] - (rng.randint(0, 3) if couple and gender == "F" else 0)
            row = {
                "number": town.number("E", index),
                "name": draw(gender),
                "gender": GENDERS[gender],
                "birth_year": THIS_YEAR - age,
                "household": town.number("H", house + 1),
                **door,
                "phone": town.mobile_of(1, index) if rng.random() < 0.45 else town.landline_of(index),
                "lives_alone": not couple and rng.random() < 0.5,
                "consent_service": date(2026, 9, 1) + timedelta(days=rng.randint(0, 60)),
                "channel": rng.choice(["纸质", "纸质", "当面", "电话"]),
            }
            note = door_note(rng, row["consent_service"]) if gender == "M" or not couple else {}
            rows.append(row | health(rng, age, row["consent_service"]) | note)
    return {"老人": rows, "家属": family(rng, town, rows, taken)}


def health(rng: random.Random, age: int, consent: date) -> Row:
    """Return the fields that need a consent of their own; one in eight keeps them to themselves."""
    if rng.random() < 0.125:
        return {"level": "未评估"}
    frail = rng.random() * (2 if age >= 85 else 1)
    level = "能自理" if frail < 0.75 else "部分失能" if frail < 1.5 else "失能"
    return {"level": level, "diet": rng.choice(DIETS), "care_note": rng.choice(CARE), "consent_health": consent}


def door_note(rng: random.Random, consent: date) -> Row:
    """Return what a helper should know at the door, for some."""
    note = rng.choice(AT_DOOR)
    return {"door_note": note, "consent_door": consent} if note else {}


def family(rng: random.Random, town: Town, rows: Sequence[Row], taken: set[str]) -> list[Row]:
    """Return relatives of every third elder; some are still to be approved."""
    draw = namer(rng, YOUNG, taken)
    found = []
    for index, elder in enumerate(rows[::3], start=1):
        relation = rng.choice(list(RELATIONS))
        approved = {"phone": town.mobile_of(2, index), "relation": relation, "approved": index % 8 != 0}
        found.append({"elder": elder["number"], "name": draw(RELATIONS[relation]), **approved})
    return found


def noon_meals(rows: Sequence[Row], houses: Iterable[str], *, weekdays: str = "工作日") -> list[Row]:
    """Return one standing noon meal for each of some households: a portion a head."""
    found = []
    for house in houses:
        here = [row for row in rows if row["household"] == house]
        when = {"every_weeks": "每周", "weekdays": weekdays, "pattern": "每天都要", "first_day": MONDAY - timedelta(weeks=11)}
        found.append({"elder": here[0]["number"], "kind": "送餐上门", "boxes": len(here)} | when)
    return found


def habits(rng: random.Random, rows: Sequence[Row], wished: Iterable[Habit]) -> list[Row]:
    """Return the standing needs of many, shared out over weeks, days and times so that no week is much fuller than another."""
    found = []
    for habit in wished:
        for index, elder in enumerate(rng.sample(rows, habit.elders)):
            row = {
                "elder": elder["number"],
                "kind": habit.kind,
                "every_weeks": REPEATS[habit.every],
                "weekdays": habit.days[index % len(habit.days)],
                "pattern": "每天都要" if habit.each else "任选一天",
                "window": habit.windows[index // 2 % len(habit.windows)],
                "first_day": MONDAY - timedelta(weeks=2 * habit.every + index % habit.every),
                "note": habit.notes[index % len(habit.notes)],
            }
            found.append(row | habit.extra)
    return found


def errands(rows: Sequence[Row], asked: Iterable[Errand]) -> list[Row]:
    """Return what was asked for once in this week."""
    found = []
    for kind, position, weekdays, window, more in asked:
        dates = ",".join((MONDAY + timedelta(days=int(digit) - 1)).isoformat() for digit in weekdays)
        found.append({"elder": rows[position]["number"], "kind": kind, "dates": dates, "window": window, **more})
    return found


def needs(town: Town, standing: Sequence[Row], once: Sequence[Row]) -> Sheets:
    """Return the rows of the needs' workbook."""
    return {"固定需求": numbered(town.mark + "N", standing), "单次需求": numbered(town.mark + "S", once)}


def together(communities: Mapping[str, Books]) -> Books:
    """Return the books of several communities as one set: every row says by its community's code which one it is of."""
    found: Books = {}
    for code, books in communities.items():
        for stem, sheets in books.items():
            for sheet, rows in sheets.items():
                named = rows if sheet == "社区" else [row | {"community": code} for row in rows]
                found.setdefault(stem, {}).setdefault(sheet, []).extend(named)
    return found
