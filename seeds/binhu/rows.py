"""The rows of Binhu's four workbooks: 6,327 volunteers in 67 teams of nine neighbourhoods, 189 buildings."""

import random
from itertools import islice

from making import (
    GENDERS,
    INSURED_UNTIL,
    THIS_YEAR,
    TWO_DAYS,
    UNPROVED,
    YOUNG,
    Books,
    Habit,
    Row,
    Sheets,
    Town,
    elders,
    free_times,
    habits,
    namer,
    needs,
    noon_meals,
    places,
    proof,
    spot,
    together,
)

SEED = 20204
VOLUNTEERS, TEAMS, BUILDINGS = 6327, 67, 189
HOODS = (
    ("huiyuan", "惠园社区", "从晓光"), ("kangyuan", "康园社区", "苍明月"), ("fuyuan", "福园社区", "经纬国"),
    ("heyuan", "和园社区", "屈海棠"), ("runyuan", "润园社区", "查一鸣"), ("xinyuan", "欣园社区", "荆楚风"),
    ("shunyuan", "顺园社区", "乐天成"), ("qingyuan", "清园社区", "阚思源"), ("anyuan", "安园社区", "佘长宁"),
)  # fmt: skip
# Seven kinds of teams in every neighbourhood, an eighth in the first four: 9 x 7 + 4 = 67. What their people can do, and when.
KINDS = (
    ("睦邻互助队", ("代购代办", "代购代办 探访关爱培训", "保洁", "代购代办"), ("a135 p2", "a24 p13", "p135", "a246")),
    ("护学队", ("代购代办",), ("a135 p24", "p135 a24")),
    ("助餐队", ("送餐培训", "代购代办"), ("n135", "n24", "n12345")),
    ("便民队", ("理发", "小家电维修", "代购代办", "修剪指甲培训"), ("p24 a6", "p135", "a15 p3")),
    ("助医队", ("陪诊培训", "代购代办 轮椅协助", "代购代办"), ("e135", "e24", "a135 p2")),
    ("智慧助老队", ("手机教学", "政务代办培训", "手机教学"), ("h35 a6", "h24", "p24")),
    ("文体队", ("探访关爱培训", "上门讲读", "上门讲读"), ("a135 h24", "h135", "a24")),
    ("衣旧传情队", ("代购代办", "保洁"), ("a6 p135", "a24")),
)
# 老乡长: the crossing team of the first neighbourhood grew from ten to 38.
CROSSING = 38
AGES = (66, 34, 58, 41, 63, 29, 52, 69, 38, 61, 45, 71, 26, 55, 64)
CANTEEN = {"pickup": "10:50-11:40", "hot": 45, "access": 1, "share": 0.5}
MORNING, AFTERNOON, SHOPS = "9:00-11:00", "14:30-17:00", "8:00-11:00"
HABITS = (
    Habit("买菜代购", 26, 1, TWO_DAYS, (SHOPS,), ("清单：青菜、豆腐；预算 50 元，小票带回", "")),
    Habit("探访关爱", 24, 1, TWO_DAYS, (MORNING, AFTERNOON), ("独居，看看用气用电", "")),
    Habit("居家保洁", 16, 2, TWO_DAYS, ("8:30-11:30", "14:00-17:00")),
    Habit("上门理发", 24, 4, TWO_DAYS, ("9:00-11:30", "14:00-17:00")),
    Habit("剪指甲", 16, 4, TWO_DAYS, ("14:00-17:00",)),
    Habit("代交水电费", 20, 4, TWO_DAYS, ("9:00-17:00",)),
    Habit("代取药", 16, 4, TWO_DAYS, (SHOPS,)),
    Habit("快递代取", 10, 1, TWO_DAYS, ("9:00-19:00",)),
    Habit("手机教学", 10, 1, ("三,五", "二,四"), ("14:00-16:30",)),
    Habit("上门送学", 8, 2, TWO_DAYS, (MORNING,)),
    Habit("家电小维修", 12, 4, TWO_DAYS, ("13:30-17:00",)),
)
COUPLES, SINGLES, MEALS, MUTUAL = 14, 62, 12, 12
"""Of each neighbourhood: couples and singles, households whose meals are carried, and elders who are volunteers as well."""


def town_of(place: int, code: str, name: str, head: str) -> Town:
    """Return the town of one neighbourhood: its square of a map three wide, with three compounds of seven buildings."""
    south, west = 31.7190 + place // 3 * 0.0110, 117.2640 + place % 3 * 0.0120
    short = name.removesuffix("社区")
    roads = {
        f"{short}北路": (south + 0.0060, west, south + 0.0060, west + 0.0090),
        f"{short}中路": (south + 0.0030, west, south + 0.0030, west + 0.0090),
        f"{short}南路": (south, west, south, west + 0.0090),
    }
    tall = ((11, True, 2), (18, True, 2), (6, False, 3), (6, False, 3), (11, True, 2), (6, False, 4), (28, True, 1))
    houses = [(f"{house + 1}号楼", 0.10 + house * 0.12, *kind) for house, kind in enumerate(tall)]
    return Town(
        code=code,
        street="滨湖世纪社区",
        name=name,
        head=head,
        phone=f"0551-800900{place + 1:02d}",
        area="0551",
        mobile="17004",
        mark=f"B{place + 1}",
        first=place * 1000,
        digits=8,
        roads=roads,
        compounds=tuple((f"{short}{word}苑", road, houses) for word, road in zip("东中西", roads, strict=True)),
    )


def sizes(place: int) -> list[tuple[str, int]]:
    """Return the teams of a neighbourhood with how many people each has; together they are the 6,327."""
    kinds = KINDS[: 8 if place < TEAMS - 7 * len(HOODS) else 7]
    people = VOLUNTEERS // len(HOODS)
    fixed = {1: CROSSING} if place == 0 else {}
    share, rest = divmod(people - sum(fixed.values()), len(kinds) - len(fixed))
    open_teams = [index for index in range(len(kinds)) if index not in fixed]
    return [(kind[0], fixed.get(index, share + (index in open_teams[:rest]))) for index, kind in enumerate(kinds)]


def volunteers(rng: random.Random, town: Town, place: int, taken: set[str], mutual: list[Row]) -> Sheets:
    """Return the volunteers of one neighbourhood, team by team, each at home in one of its buildings; the mutual ones are elders as well."""
    draw = namer(rng, YOUNG, taken)
    short = town.name.removesuffix("社区")
    blocks = [(compound, road, building, share) for compound, road, houses in town.compounds for building, share, *_ in houses]
    both = iter(mutual)
    rows: list[Row] = []
    proofs: list[Row] = []
    for (kind, people), (_, skills, free) in zip(sizes(place), KINDS, strict=False):
        for turn in range(people):
            index = len(rows) + 1
            compound, road, building, share = blocks[index % len(blocks)]
            age, gender = AGES[index % len(AGES)], "FFM"[index % 3]
            held = skills[turn % len(skills)].split()
            row = {
                "number": town.number("V", index),
                "birth_year": THIS_YEAR - age,
                "phone": town.mobile_of(0, index),
                "has_phone": age < 70 or turn % 3 > 0,
                "address": f"{compound}{building}",
                **spot(town, road, share),
                "travel": "电动车" if age < 60 and turn % 2 else "步行",
                "boxes": 6 if "送餐培训" in held else 0,
                "max_day": 120,
                "max_week": 240,
                "insured_until": INSURED_UNTIL,
                "skills": "；".join(skill for skill in held if skill in UNPROVED),
                "teams": f"{short}{kind}",
            }
            elder = next(both, None) if kind == "睦邻互助队" and turn % 7 == 3 else None
            known = {name: elder[name] for name in ("name", "gender", "birth_year", "phone")} if elder else None
            rows.append(row | (known or {"name": draw(gender), "gender": GENDERS[gender]}) | free_times(free[turn % len(free)]))
            proofs += [proof(row["number"], index, skill, town) for skill in held if skill not in UNPROVED]
    return {"单位": [], "服务队": [{"name": f"{short}{kind}"} for kind, _ in sizes(place)], "志愿者": rows, "技能证明": proofs}


def community(rng: random.Random, place: int, taken: set[str]) -> Books:
    """Return every row of one neighbourhood."""
    town = town_of(place, *HOODS[place])
    people = elders(rng, town, couples=COUPLES, singles=SINGLES, ages=(78, 84, 66, 81, 68, 87, 73, 69, 90, 76), taken=taken)
    rows = people["老人"]
    able = [row for row in rows if 60 <= THIS_YEAR - row["birth_year"] < 70 and row["phone"].startswith("1")]
    middle = list(town.roads)[1]
    canteen = CANTEEN | {
        "name": f"{town.name.removesuffix('社区')}长者食堂",
        "address": f"{middle}18号",
        "phone": town.phone,
        "road": middle,
    }
    station = {
        "name": "滨湖帮客驿站" if place == 0 else f"{town.name.removesuffix('社区')}帮客点",
        "address": f"{middle}20号",
        "hours": "每天 8:30-20:00",
    }
    carried = list(
        islice(dict.fromkeys(row["household"] for row in rows if row["household"] not in {each["household"] for each in able}), MEALS)
    )
    return {
        "places": places(town, [canteen], [station | {"phone": town.phone, "road": middle, "share": 0.55}]),
        "volunteers": volunteers(rng, town, place, taken, able[:MUTUAL]),
        "elders": people,
        "needs": needs(town, noon_meals(rows, carried) + habits(rng, rows, HABITS), ()),
    }


def all_rows() -> Books:
    """Return every row, by workbook and sheet."""
    rng = random.Random(SEED)
    taken: set[str] = set()
    return together({HOODS[place][0]: community(rng, place, taken) for place in range(len(HOODS))})
