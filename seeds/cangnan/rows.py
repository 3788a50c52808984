"""The rows of Cangnan's four workbooks: the supermarket of services, the elders' canteen, six classes of stewards."""

import random

from making import TWO_DAYS, Books, Crew, Errand, Habit, Town, elders, errands, habits, needs, noon_meals, places, volunteers

SEED = 20201
COUPLES, SINGLES = 12, 44
# In turn, so that two in three are eighty or older.
AGES = (84, 81, 88, 82, 76, 90, 83, 72, 86, 80, 79, 93, 85, 78, 87)
CARRIED_TO = ("H003", "H007", "H016", "H019", "H024", "H028", "H031", "H035", "H040", "H046", "H049", "H053")
MORNING, AFTERNOON, SHOPS = "9:00-11:00", "14:00-17:00", "8:00-11:00"

TOWN = Town(
    code="cangnan",
    street="仓南街道",
    name="仓南街社区",
    head="蔺秋实",
    phone="0536-8000001",
    area="0536",
    mobile="17001",
    mark="C",
    roads={
        "仓南街": (36.7062, 119.0905, 36.7066, 119.1010),
        "仓前巷": (36.7080, 119.0938, 36.7032, 119.0942),
        "和平路": (36.7085, 119.0978, 36.7025, 119.0981),
        "健康街": (36.7038, 119.0908, 36.7041, 119.1012),
        "永安路": (36.7083, 119.1004, 36.7028, 119.1007),
    },
    compounds=(
        ("仓南街36号院", "仓南街", [("1号楼", 0.20, 6, False, 3), ("2号楼", 0.24, 6, False, 3), ("3号楼", 0.28, 5, False, 2)]),
        ("仓南街58号院", "仓南街", [("1号楼", 0.62, 6, False, 4), ("2号楼", 0.66, 6, False, 4), ("3号楼", 0.70, 11, True, 2)]),
        ("仓前巷宿舍", "仓前巷", [("甲楼", 0.30, 4, False, 2), ("乙楼", 0.36, 4, False, 2), ("丙楼", 0.42, 5, False, 2)]),
        ("纺机宿舍", "仓前巷", [("东楼", 0.70, 5, False, 3), ("西楼", 0.76, 5, False, 3)]),
        ("和平路88号院", "和平路", [("1号楼", 0.28, 6, False, 3), ("2号楼", 0.34, 6, False, 3), ("3号楼", 0.40, 18, True, 2)]),
        ("健康街12号院", "健康街", [("1号楼", 0.18, 5, False, 2), ("2号楼", 0.22, 5, False, 2)]),
        ("健康街45号院", "健康街", [("1号楼", 0.58, 6, False, 3), ("2号楼", 0.62, 6, False, 3), ("3号楼", 0.66, 6, False, 3)]),
        ("永安路新村", "永安路", [("1号楼", 0.34, 6, False, 4), ("2号楼", 0.40, 6, False, 4), ("3号楼", 0.46, 6, False, 4)]),
        ("永安路9号院", "永安路", [("南楼", 0.72, 4, False, 2), ("北楼", 0.78, 4, False, 2)]),
    ),
)
CANTEEN = {
    "name": "爱老食堂",
    "address": "仓南街40号（120 平方米，40 个座位）",
    "pickup": "10:50-11:40",
    "hot": 45,
    "access": 1,
    "phone": "0536-8000002",
    "road": "仓南街",
    "share": 0.44,
}
STATION = {
    "name": "暖巢志愿服务超市",
    "address": "仓南街42号",
    "hours": "周一至周六 8:30-17:00",
    "phone": "0536-8000001",
    "road": "仓南街",
    "share": 0.48,
}

CONTACTS = {
    "退休老干部志愿团": "老干部坐诊队",
    "永安物业服务处": "永安维修班",
    "和平路卫生服务站": "护理组",
    "潍水职业学院青年协会": "青年队",
}
# The six classes of red stewards, and who carries the canteen's meals to those who cannot come down.
CREWS = (
    Crew(people=1, team="爱心帮扶队", skills=("送餐培训",), free=("s12345",), ages=(44,), genders="M", travel="e", boxes=14, day=240, week=1200, staff=True),
    Crew(people=6, team="爱心帮扶队", skills=("送餐培训 代购代办", "送餐培训"), free=("l135 h2", "l24 h3", "n12345"), travel="ew", boxes=6, ages=(61, 64, 67, 59)),
    Crew(people=9, team="爱心帮扶队", skills=("代购代办 探访关爱培训", "代购代办", "保洁 代购代办"), free=("a135 p2", "a24 p13", "a135 h4", "a245 p3")),
    Crew(people=3, team="爱心帮扶队", unit="永安物业服务处", skills=("保洁", "保洁 代购代办"), free=("a135 p24", "a24 p13"), ages=(46, 52)),
    Crew(people=3, team="爱心帮扶队", skills=("理发", "理发 修剪指甲培训"), free=("a135 p24", "p135 a24", "a24 p4"), ages=(48, 53, 57)),
    Crew(people=3, team="爱心帮扶队", unit="和平路卫生服务站", skills=("修剪指甲培训 陪诊培训", "助浴护理员 修剪指甲培训"), free=("p124 a3", "p135"), ages=(41, 38, 45), travel="e"),
    Crew(people=4, team="维修维护队", unit="永安物业服务处", skills=("小家电维修", "小家电维修 电工证"), free=("p24 a5", "p135"), ages=(49, 41, 55), genders="M"),
    Crew(people=2, team="信息咨询队", skills=("政务代办培训 代购代办",), free=("a24 p3", "p15 a3"), ages=(57, 60)),
    Crew(people=4, team="信息咨询队", unit="潍水职业学院青年协会", skills=("手机教学", "手机教学 探访关爱培训"), free=("h35 a6", "h24 a6"), ages=(20, 21, 19), travel="e"),
    Crew(people=5, team="文化娱乐队", skills=("探访关爱培训", "探访关爱培训 手机教学"), free=("a135 h24", "a24 h135"), ages=(65, 68, 62)),
    Crew(people=5, team="应急处理队", skills=("陪诊培训 轮椅协助 代购代办", "代购代办 轮椅协助"), free=("e12345", "e135 p24", "e24 p135"), ages=(52, 56, 50), genders="MF", travel="e", day=240, week=600),
    Crew(people=4, team="矛盾调处队", unit="退休老干部志愿团", skills=("探访关爱培训 心理疏导培训", "探访关爱培训"), free=("a24 p4", "a135"), ages=(66, 69, 71), genders="MMF"),
)  # fmt: skip

HABITS = (
    Habit("买菜代购", 22, 1, TWO_DAYS, (SHOPS, "8:30-11:00"), ("清单：青菜、豆腐、鸡蛋；预算 50 元，小票带回", "清单：排骨一斤、白菜两棵；预算 80 元，小票带回", "清单：米 5 斤、油一桶；较重，请带小车")),
    Habit("买菜代购", 12, 2, TWO_DAYS, (SHOPS,), ("清单：水果和牛奶；预算 60 元，小票带回", "")),
    Habit("代交水电费", 24, 4, TWO_DAYS, ("9:00-12:00", "9:00-17:00"), ("单子在门口信箱；交完拍回执", "")),
    Habit("上门理发", 24, 4, TWO_DAYS, ("9:00-11:30", AFTERNOON)),
    Habit("剪指甲", 22, 4, ("一,二", "三,四", "一,四", "二,三"), (AFTERNOON,)),
    Habit("代取药", 20, 4, TWO_DAYS, (SHOPS,), ("处方单已备好，请先上门取", "")),
    Habit("探访关爱", 16, 1, TWO_DAYS, (MORNING, "14:30-17:00"), ("独居，看看用气用电", "喜欢下象棋", "")),
    Habit("探访关爱", 14, 2, TWO_DAYS, ("14:30-17:00", MORNING)),
    Habit("居家保洁", 14, 2, TWO_DAYS, ("8:30-11:30", AFTERNOON), ("灶台擦一擦", "")),
    Habit("快递代取", 6, 1, TWO_DAYS, ("9:00-19:00",)),
    Habit("手机教学", 5, 1, ("三,五", "二,三", "三,四"), ("14:00-16:30",), ("学视频通话", "学挂号", "防诈骗")),
    Habit("陪同散步", 4, 1, ("二,四", "一,五"), ("8:30-10:30", "15:00-17:00"), each=True),
    Habit("心理疏导", 4, 2, TWO_DAYS, (MORNING, "14:30-17:00"), ("老伴刚走，想有人说说话", "")),
)  # fmt: skip
ONCE: tuple[Errand, ...] = (
    ("陪同就医", 8, "1", "7:00-12:00", {"note": "骨科复诊，家属在外地"}),
    ("陪同就医", 23, "2", "7:00-12:00", {"note": "抽血空腹"}),
    ("陪同就医", 37, "4", "7:00-12:00", {}),
    ("陪同就医", 52, "45", "7:30-12:00", {"minutes": 150, "note": "眼科取报告"}),
    ("政务代办", 5, "24", "9:00-11:30", {"note": "高龄津贴年审，委托书已签"}),
    ("政务代办", 31, "1", "13:30-17:00", {"note": "医保异地备案"}),
    ("家电小维修", 12, "2", "13:30-17:00", {"note": "燃气灶打不着火"}),
    ("家电小维修", 29, "24", "13:30-17:00", {"note": "灯管换新，已买好"}),
    ("家电小维修", 44, "35", "13:30-17:00", {"note": "水龙头漏水"}),
    ("家电小维修", 60, "4", "14:00-17:00", {"note": "插座松了"}),
    ("助浴", 17, "3", "13:30-16:00", {"note": "风险告知书已签"}),
    ("上门理发", 3, "5", AFTERNOON, {"note": "周末拍全家福"}),
    ("买菜代购", 40, "3", SHOPS, {"note": "清单：饺子馅两斤、韭菜；预算 60 元，小票带回"}),
    ("代取药", 48, "1", SHOPS, {"note": "慢病处方"}),
    ("剪指甲", 10, "24", AFTERNOON, {}),
    ("快递代取", 55, "3", "14:00-18:00", {"note": "两件，较重"}),
)


def all_rows() -> Books:
    """Return every row, by workbook and sheet."""
    rng = random.Random(SEED)
    taken: set[str] = set()
    people = elders(rng, TOWN, couples=COUPLES, singles=SINGLES, ages=AGES, taken=taken)
    rows = people["老人"]
    standing = noon_meals(rows, [f"C{house}" for house in CARRIED_TO]) + habits(rng, rows, HABITS)
    return {
        "places": places(TOWN, [CANTEEN], [STATION]),
        "volunteers": volunteers(rng, TOWN, CREWS, taken, CONTACTS),
        "elders": people,
        "needs": needs(TOWN, standing, errands(rows, ONCE)),
    }
