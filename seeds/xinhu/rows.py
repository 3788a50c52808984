"""The rows of Xinhu's four workbooks: a street of 22 communities, ten zero-distance stations in two of them."""

import random

from making import TWO_DAYS, Books, Crew, Errand, Habit, Row, Town, elders, errands, habits, needs, places, together, volunteers

SEED = 20203
AGES = (72, 79, 83, 68, 86, 75, 81, 70, 88, 77)
MORNING, AFTERNOON, SHOPS = "9:00-11:00", "14:30-17:00", "8:00-11:00"
# The two communities with stations, then those the street goes on to: code, name, head.
FULL = (("xinhu", "新湖社区", "芦文岳"), ("hubin", "湖滨社区", "褚静安"))
TO_COME = (
    ("dexing", "德兴社区", "阮平川"), ("donghui", "东汇社区", "柯慧心"), ("beiyuan", "北园社区", "仇立群"), ("tianqu", "天衢社区", "暴云生"),
    ("yunhe", "运河社区", "危长河"), ("liuhu", "柳湖社区", "宫小满"), ("sanbalu", "三八路社区", "敖玉兰"), ("hudong", "湖东社区", "冷东升"),
    ("huxi", "湖西社区", "辜晚晴"), ("qingnianlu", "青年路社区", "那新民"), ("wenhualu", "文化路社区", "饶书香"), ("guangchuan", "广川社区", "鄢大川"),
    ("qiaokou", "桥口社区", "焦永桥"), ("chahe", "岔河社区", "滑清波"), ("dongziyuan", "董子园社区", "明修远"), ("jinxiu", "锦绣社区", "车锦云"),
    ("kangcheng", "康城社区", "费康宁"), ("xinghe", "星河社区", "晏星辰"), ("tiexi", "铁西社区", "巴铁山"), ("mishi", "米市社区", "宿丰年"),
)  # fmt: skip
# The stations of each of the two: what is done there, with road, share and hours.
STATIONS = (
    ("零距离服务站", "党群服务中心一层", 0.50, "周一至周六 8:30-17:30"),
    ("零距离维修站", "旧车棚改建", 0.30, "周一至周五 9:00-17:00"),
    ("零距离理发站", "三号楼一层", 0.62, "周二、周四、周六 9:00-16:30"),
    ("零距离代收站", "门卫室旁", 0.76, "每天 8:00-20:00"),
    ("零距离健康站", "卫生室", 0.18, "周一、周三、周五 8:30-11:30"),
)
UNITS = {"湖滨电器维修部": "维修班", "新湖理发店联盟": "理发师傅队", "湖滨卫生服务站": "体检组", "德州学院青年队": "青年队"}
CREWS = (
    Crew(people=1, team="零距离服务队", skills=("代购代办 小家电维修",), free=("a12345 p12345",), ages=(38,), genders="M", travel="e", day=300, week=1500, staff=True),
    Crew(people=5, team="零距离维修队", unit="湖滨电器维修部", skills=("小家电维修", "小家电维修 电工证"), free=("a135 p24", "p135 a24", "a24 p5"), ages=(45, 52, 39), genders="M", travel="e", week=600),
    Crew(people=4, team="零距离理发队", unit="新湖理发店联盟", skills=("理发", "理发 修剪指甲培训"), free=("a24 p246", "a246 p13", "p1235"), ages=(36, 48, 55)),
    Crew(people=4, team="零距离健康队", unit="湖滨卫生服务站", skills=("陪诊培训 修剪指甲培训", "陪诊培训 轮椅协助", "探访关爱培训"), free=("e135", "e24 p3"), ages=(41, 33, 46)),
    Crew(people=9, team="零距离服务队", skills=("代购代办 探访关爱培训", "代购代办", "保洁 代购代办"), free=("a135 p2", "a24 p13", "a135 h4", "a245 p3")),
    Crew(people=4, team="零距离服务队", unit="德州学院青年队", skills=("手机教学 代购代办", "手机教学 探访关爱培训"), free=("h35 a6", "h24 a67", "p15"), ages=(20, 21, 19), travel="e"),
)  # fmt: skip
FEW = (
    Crew(people=4, team="邻里互助队", skills=("代购代办 探访关爱培训", "保洁 代购代办"), free=("a135 p2", "a24 p13")),
    Crew(people=2, team="邻里互助队", skills=("小家电维修", "理发"), free=("p24", "a135"), ages=(49, 57), genders="MF"),
)
HABITS = (
    Habit("家电小维修", 12, 4, TWO_DAYS, ("9:00-12:00", "13:30-17:00"), ("电饭锅不加热", "洗衣机漏水", "油烟机异响", "灯不亮")),
    Habit("上门理发", 14, 4, TWO_DAYS, ("9:00-11:30", "14:00-17:00"), ("下不了楼，去不了理发站", "")),
    Habit("快递代取", 10, 1, TWO_DAYS, ("9:00-19:00",), ("代收站有件，送上楼", "")),
    Habit("探访关爱", 10, 1, TWO_DAYS, (MORNING, AFTERNOON), ("独居，看看用气用电", "")),
    Habit("买菜代购", 9, 1, TWO_DAYS, (SHOPS,), ("清单：青菜、鸡蛋；预算 40 元，小票带回", "")),
    Habit("居家保洁", 8, 2, TWO_DAYS, ("8:30-11:30", "14:00-17:00")),
    Habit("代交水电费", 10, 4, TWO_DAYS, ("9:00-17:00",)),
    Habit("剪指甲", 8, 4, TWO_DAYS, ("14:00-17:00",)),
    Habit("代取药", 8, 4, TWO_DAYS, (SHOPS,)),
    Habit("手机教学", 3, 1, ("三,五", "二,三"), ("14:00-16:30",), ("学扫码取件", "防诈骗")),
)
LESS = (
    Habit("探访关爱", 4, 1, TWO_DAYS, (MORNING,)),
    Habit("买菜代购", 3, 1, TWO_DAYS, (SHOPS,)),
    Habit("上门理发", 3, 4, TWO_DAYS, (MORNING,)),
)
ONCE: tuple[Errand, ...] = (
    ("家电小维修", 3, "1", "9:00-12:00", {"note": "燃气灶打不着火，急"}),
    ("家电小维修", 8, "2", "13:30-17:00", {"note": "热水器不热"}),
    ("家电小维修", 14, "24", "9:00-12:00", {"note": "冰箱不制冷，太大搬不动"}),
    ("家电小维修", 20, "3", "13:30-17:00", {"note": "水龙头滴水"}),
    ("家电小维修", 27, "35", "13:30-17:00", {"note": "纱窗坏了"}),
    ("上门理发", 5, "4", "14:00-17:00", {"note": "出院在家，坐着理"}),
    ("陪同就医", 11, "3", "7:00-12:00", {"note": "体检发现血压高，去复查"}),
    ("快递代取", 17, "2", "14:00-18:00", {"note": "两箱牛奶，较重"}),
)


def town_of(place: int, code: str, name: str, head: str, *, full: bool) -> Town:
    """Return the town of one community: its square of the street's map, five wide."""
    south, west = 37.4365 + place // 5 * 0.0068, 116.2760 + place % 5 * 0.0092
    short = name.removesuffix("社区").removesuffix("路")
    lane, across = f"{short}街", f"{short}中路"
    blocks = [("1号楼", 0.20, 6, False, 3), ("2号楼", 0.26, 6, False, 3), ("3号楼", 0.32, 11, True, 2)]
    compounds = [(f"{short}花园", lane, blocks), (f"{short}新村", across, blocks[:2])]
    if full:
        compounds += [(f"{short}嘉园", lane, [(house, share + 0.45, *rest) for house, share, *rest in blocks]), (f"{short}宿舍", across, [("东楼", 0.66, 5, False, 3), ("西楼", 0.74, 5, False, 3)])]  # fmt: skip
    return Town(
        code=code,
        street="新湖街道",
        name=name,
        head=head,
        phone=f"0534-89000{place + 1:02d}",
        area="0534",
        mobile="17003",
        mark=f"X{place + 1:02d}",
        first=place * 100,
        roads={lane: (south, west, south + 0.0003, west + 0.0062), across: (south + 0.0022, west + 0.0030, south - 0.0022, west + 0.0032)},
        compounds=tuple(compounds),
    )


def stations(town: Town) -> list[Row]:
    """Return the five stations of one of the two communities that have them."""
    short, lane = town.name.removesuffix("社区"), next(iter(town.roads))
    return [
        {"name": f"{short}{name}", "address": f"{lane}{where}", "hours": hours, "phone": town.phone, "road": lane, "share": share}
        for name, where, share, hours in STATIONS
    ]


def community(rng: random.Random, town: Town, taken: set[str], *, full: bool) -> Books:
    """Return every row of one community: a whole one, or one the street has just begun with."""
    many = {"couples": 6, "singles": 24} if full else {"couples": 1, "singles": 6}
    people = elders(rng, town, **many, ages=AGES, taken=taken)
    rows = people["老人"]
    return {
        "places": places(town, (), stations(town) if full else ()),
        "volunteers": volunteers(rng, town, CREWS if full else FEW, taken, UNITS),
        "elders": people,
        "needs": needs(town, habits(rng, rows, HABITS if full else LESS), errands(rows, ONCE) if full else ()),
    }


def all_rows() -> Books:
    """Return every row, by workbook and sheet."""
    rng = random.Random(SEED)
    taken: set[str] = set()
    towns = [town_of(place, *who, full=place < len(FULL)) for place, who in enumerate(FULL + TO_COME)]
    return together({town.code: community(rng, town, taken, full=place < len(FULL)) for place, town in enumerate(towns)})
