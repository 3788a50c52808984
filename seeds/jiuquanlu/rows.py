"""The rows of Jiuquanlu's four workbooks: a street of five communities, each with a speciality of its own (一社一特)."""

import random
from dataclasses import dataclass

from making import TWO_DAYS, Books, Crew, Errand, Habit, Town, elders, errands, habits, needs, places, together, volunteers

SEED = 20202
COUPLES, SINGLES = 3, 9
AGES = (78, 84, 71, 88, 75, 81, 69, 86, 79, 73, 91, 82)
MORNING, AFTERNOON, SHOPS = "9:00-11:00", "14:30-17:00", "8:00-11:00"
EYES = "我的声音·你的眼睛服务队"


@dataclass(frozen=True, slots=True)
class Special:
    """One community: its code, name, head and lane, its speciality as the name of its station, and what is asked for most there."""

    code: str
    name: str
    head: str
    lane: str
    station: str
    habits: tuple[Habit, ...]


SPECIALS = (
    Special("changjiaxiang", "畅家巷社区", "慕容谨", "畅家巷", "我的声音·你的眼睛工作室", (
        Habit("上门送学", 7, 1, TWO_DAYS, (MORNING, "14:00-16:30"), ("眼睛看不清，读报、读家信", "读政策、讲医保", "读一段《平凡的世界》")),
        Habit("心理疏导", 3, 2, TWO_DAYS, (AFTERNOON,)),
    )),
    Special("jingerjie", "井儿街社区", "上官平", "井儿街", "三级调解室", (
        Habit("心理疏导", 6, 1, TWO_DAYS, (MORNING, AFTERNOON), ("和邻居闹了别扭，想有人说说", "失眠，想有人聊聊")),
        Habit("上门送学", 3, 2, TWO_DAYS, (MORNING,)),
    )),
    Special("gongyuanxiang", "贡元巷社区", "欧阳静", "贡元巷", "一口式接件窗口", (
        Habit("政务代办", 5, 2, TWO_DAYS, ("9:00-11:30",), ("证件收三件、还三件，写在清单上", "委托书已签")),
        Habit("代取药", 6, 2, TWO_DAYS, (SHOPS,), ("处方单已备好，请先上门取", "")),
    )),
    Special("mutaxiang", "木塔巷社区", "司徒朗", "木塔巷", "以书换绿书屋", (
        Habit("上门送学", 5, 1, TWO_DAYS, ("14:00-16:30", MORNING), ("借两本书带去，旧的带回", "学视频通话")),
        Habit("手机教学", 4, 1, ("三,五", "二,四"), ("14:00-16:30",), ("学挂号", "防诈骗")),
    )),
    Special("minqinjie", "民勤街社区", "诸葛慧", "民勤街", "爱心共享冰箱", (
        Habit("买菜代购", 7, 1, TWO_DAYS, (SHOPS,), ("顺路从冰箱取一份面点", "清单：青菜、鸡蛋；预算 40 元")),
        Habit("居家保洁", 4, 1, TWO_DAYS, ("8:30-11:30", "14:00-17:00")),
    )),
)  # fmt: skip
# What is asked for in each of the five.
COMMON = (
    Habit("居家保洁", 4, 2, TWO_DAYS, ("8:30-11:30", "14:00-17:00"), ("腿脚不便，地面拖一拖", "")),
    Habit("买菜代购", 5, 1, TWO_DAYS, (SHOPS,), ("清单：菜、豆腐；预算 50 元，小票带回", "")),
    Habit("探访关爱", 6, 1, TWO_DAYS, (MORNING, AFTERNOON), ("独居，单元信息员请去看看", "")),
    Habit("代交水电费", 5, 4, TWO_DAYS, ("9:00-17:00",)),
    Habit("上门理发", 6, 4, TWO_DAYS, ("9:00-11:30", "14:00-17:00")),
    Habit("上门送学", 3, 2, TWO_DAYS, (MORNING, "14:00-16:30"), ("读报", "")),
)
ONCE: tuple[Errand, ...] = (
    ("政务代办", 2, "24", "9:00-11:30", {"note": "残疾人证换证：收身份证、旧证、照片，共三件"}),
    ("陪同就医", 5, "2", "7:00-12:00", {"note": "复查，家属在外地"}),
    ("心理疏导", 9, "35", AFTERNOON, {"note": "单元信息员反映，本人同意"}),
    ("家电小维修", 11, "4", "14:00-17:00", {"note": "灯不亮"}),
)
UNITS = {"酒泉路辖区单位联合队": "共建单位值班", "兰山学院青年协会": "青年队", "金城夕阳合唱社": "文体社团"}
# Staff, party members, units, youth and clubs: the kinds of people the street's teams are made of.
CREWS = (
    Crew(people=1, team=EYES, skills=("政务代办培训 代购代办 探访关爱培训",), free=("a12345 p12345",), ages=(34,), genders="F", travel="e", day=240, week=900, staff=True),
    Crew(people=4, team=EYES, skills=("代购代办 上门讲读", "保洁 代购代办", "探访关爱培训 心理疏导培训", "理发"), free=("a135 p24", "a24 p135", "a1245 p3")),
    Crew(people=3, unit="酒泉路辖区单位联合队", skills=("政务代办培训 代购代办", "保洁", "小家电维修 代购代办"), free=("a24 p3", "a135 p24", "p24 a5"), ages=(41, 47, 38), travel="e"),
    Crew(people=3, team=EYES, unit="兰山学院青年协会", skills=("上门讲读 手机教学", "手机教学 探访关爱培训", "陪诊培训 代购代办"), free=("h35 a46", "h24 a6", "e25 h1"), ages=(20, 19, 22)),
    Crew(people=2, unit="金城夕阳合唱社", skills=("上门讲读 探访关爱培训", "探访关爱培训 心理疏导培训"), free=("a135 h24", "a24 h135"), ages=(64, 67)),
)  # fmt: skip


def town_of(place: int, special: Special) -> Town:
    """Return the town of one community: its lane and the two roads it runs between."""
    south = 36.0575 - place * 0.0024
    west = 103.8262 + place * 0.0011
    return Town(
        code=special.code,
        street="酒泉路街道",
        name=special.name,
        head=special.head,
        phone=f"0931-80000{place + 1:02d}",
        area="0931",
        mobile="17002",
        mark=f"J{place + 1}",
        first=place * 100,
        roads={
            special.lane: (south, west, south + 0.0002, west + 0.0058),
            "酒泉路": (south + 0.0010, 103.8302, south - 0.0010, 103.8303),
            "静宁路": (south + 0.0010, 103.8338, south - 0.0010, 103.8339),
        },
        compounds=(
            (f"{special.lane}{10 + place * 3}号院", special.lane, [("1号楼", 0.20, 6, False, 3), ("2号楼", 0.30, 6, False, 3), ("3号楼", 0.40, 5, False, 2)]),
            (f"{special.lane}{41 + place * 2}号院", special.lane, [("1号楼", 0.62, 6, False, 2), ("2号楼", 0.72, 16, True, 1)]),
            (f"酒泉路{112 + place * 18}号院", "酒泉路", [("东楼", 0.30, 6, False, 3), ("西楼", 0.66, 6, False, 3)]),
        ),
    )  # fmt: skip


def community(rng: random.Random, place: int, special: Special, taken: set[str]) -> Books:
    """Return every row of one community."""
    town = town_of(place, special)
    people = elders(rng, town, couples=COUPLES, singles=SINGLES, ages=AGES[place:] + AGES[:place], taken=taken)
    rows = people["老人"]
    station = {"name": special.station, "address": f"{special.lane}20号", "hours": "周一至周五 9:00-17:00", "phone": town.phone}
    return {
        "places": places(town, (), [station | {"road": special.lane, "share": 0.5}]),
        "volunteers": volunteers(rng, town, CREWS, taken, UNITS),
        "elders": people,
        "needs": needs(town, habits(rng, rows, special.habits + COMMON), errands(rows, ONCE)),
    }


def all_rows() -> Books:
    """Return every row, by workbook and sheet."""
    rng = random.Random(SEED)
    taken: set[str] = set()
    return together({special.code: community(rng, place, special, taken) for place, special in enumerate(SPECIALS)})
