"""What Badaguan's elders need: the standing needs of every kind, and what was asked for once in the week of the demo."""

import random
from datetime import timedelta

from making import MONDAY, TWO_DAYS, Errand, Habit, Row, Sheets, errands, habits, numbered

MORNING, LATE_MORNING, AFTERNOON = "9:00-11:00", "9:00-11:30", "14:00-17:00"
# Households without meals, and with meals on some days only, by position; everybody else eats every working day.
NO_MEALS = {30, 47}
SOME_DAYS = {18: "一,三,五", 29: "一,三,五", 41: "一,三,五", 36: "二,四", 52: "二,四", 31: "一,三,四,五"}
EARLY_EATERS = {5, 14, 33, 50}


HABITS = (
    Habit("买菜代购", 20, 1, TWO_DAYS, ("8:30-11:00", "8:00-11:00"), ("青菜、豆腐、鸡蛋，50 元以内", "米面较重，请带小车", "")),
    Habit("买菜代购", 14, 2, TWO_DAYS, ("8:00-11:00",), ("水果和牛奶", "")),
    Habit("探访关爱", 19, 1, TWO_DAYS, (MORNING, "14:30-17:00"), ("独居，看看用气用电", "喜欢聊老电影", "")),
    Habit("探访关爱", 12, 2, TWO_DAYS, ("14:30-17:00", MORNING)),
    Habit("探访关爱", 16, 4, TWO_DAYS, (MORNING,)),
    Habit("上门理发", 32, 4, TWO_DAYS, (LATE_MORNING, AFTERNOON)),
    Habit("剪指甲", 24, 4, ("一,二", "三,四", "一,四", "二,三"), (AFTERNOON,)),
    Habit("居家保洁", 18, 2, TWO_DAYS, ("8:30-11:30", AFTERNOON), ("厨房油烟机外面擦一擦", "")),
    Habit("代交水电费", 20, 4, TWO_DAYS, ("9:00-12:00", "9:00-17:00"), ("水费单在门口信箱", "")),
    Habit("代取药", 20, 4, TWO_DAYS, ("8:00-11:00",), ("处方单已备好，请先上门取", "")),
    Habit("快递代取", 7, 1, TWO_DAYS, ("9:00-19:00",)),
    Habit("手机教学", 5, 1, ("三,五", "二,三", "三,四"), ("14:00-16:30",), ("学视频通话", "学挂号", "防诈骗")),
    Habit("陪同散步", 6, 1, ("二,四", "一,五", "一,三"), ("8:30-10:30", "15:00-17:00"), each=True),
)


def needs_rows(rng: random.Random, elders: list[Row]) -> Sheets:
    """Return the rows of the two sheets of needs."""
    standing = meals(elders) + habits(rng, elders, HABITS) + baths(elders)
    single = errands(elders, ONCE)
    return {"固定需求": numbered("N", standing), "单次需求": numbered("S", single)}


def meals(elders: list[Row]) -> list[Row]:
    """Return one standing noon meal for each household: two portions for a couple."""
    homes: dict[str, list[Row]] = {}
    for elder in elders:
        homes.setdefault(elder["household"], []).append(elder)
    found = []
    for house, people in enumerate(homes.values()):
        if house in NO_MEALS:
            continue
        row = {
            "elder": people[0]["number"],
            "kind": "送餐上门",
            "every_weeks": "每周",
            "weekdays": SOME_DAYS.get(house, "工作日"),
            "pattern": "每天都要",
            "boxes": len(people),
            "first_day": MONDAY - timedelta(weeks=11),
        }
        found.append(row | ({"window": "11:00-11:45", "note": "打胰岛素后按时吃饭"} if house in EARLY_EATERS else {}))
    return found


def baths(elders: list[Row]) -> list[Row]:
    """Return the baths: somebody certified of the elder's own sex leads; three on a Thursday are one more than the carers can."""
    women = [elder for elder in elders if elder["gender"] == "女"]
    men = [elder for elder in elders if elder["gender"] == "男"]
    plan = ((women[3], "一"), (women[11], "四"), (women[20], "四"), (women[28], "四"), (men[9], "五"), (men[14], "二"))
    return [
        {
            "elder": elder["number"],
            "kind": "助浴",
            "every_weeks": "每周",
            "weekdays": weekday,
            "pattern": "每天都要",
            "window": "13:30-16:00",
            "gender": elder["gender"],
            "first_day": MONDAY - timedelta(weeks=6),
            "note": "风险告知书已签",
        }
        for elder, weekday in plan
    ]


ONCE: tuple[Errand, ...] = (
    ("陪同就医", 6, "1", "7:00-12:00", {"note": "复查眼底，家属在外地"}),
    ("陪同就医", 19, "2", "7:00-12:00", {"note": "抽血空腹，7 点半前出门"}),
    ("陪同就医", 27, "4", "7:00-12:00", {"note": "骨科复诊"}),
    ("陪同就医", 35, "5", "7:00-12:00", {}),
    ("陪同就医", 51, "24", "7:30-12:00", {"minutes": 150, "note": "心内科取报告"}),
    ("陪同就医", 62, "25", "7:00-12:00", {"gender": "女"}),
    ("上门理发", 9, "3", AFTERNOON, {"note": "周四要拍照，请安排周三下午"}),
    ("上门理发", 22, "3", AFTERNOON, {}),
    ("上门理发", 34, "3", AFTERNOON, {}),
    ("上门理发", 45, "3", AFTERNOON, {"note": "行动不便，坐着理"}),
    ("上门理发", 57, "3", AFTERNOON, {}),
    ("上门理发", 66, "3", AFTERNOON, {}),
    ("上门理发", 13, "3", AFTERNOON, {}),
    ("上门理发", 26, "3", AFTERNOON, {}),
    ("上门理发", 40, "3", AFTERNOON, {}),
    ("家电小维修", 8, "2", "13:30-17:00", {"note": "热水器不打火"}),
    ("家电小维修", 17, "24", "13:30-17:00", {"note": "灯管换新，已买好"}),
    ("家电小维修", 31, "4", "14:00-17:00", {"note": "洗衣机不排水"}),
    ("家电小维修", 43, "35", "13:30-17:00", {}),
    ("家电小维修", 55, "6", "9:00-11:30", {"note": "门锁松了"}),
    ("家电小维修", 60, "2", "14:00-17:00", {"note": "油烟机异响"}),
    ("政务代办", 4, "24", "9:00-11:30", {"note": "高龄津贴年审，委托书已签"}),
    ("政务代办", 21, "1", "13:30-17:00", {}),
    ("政务代办", 38, "35", "13:30-17:00", {"note": "医保异地备案"}),
    ("政务代办", 59, "3", "9:00-11:30", {}),
    ("快递代取", 11, "12", "9:00-12:00", {}),
    ("快递代取", 25, "3", "14:00-18:00", {"note": "两件，较重"}),
    ("快递代取", 48, "45", "9:00-17:00", {}),
    ("快递代取", 64, "5", "14:00-18:00", {}),
    ("买菜代购", 16, "5", "8:00-11:00", {"note": "周末儿女回家，多买些"}),
    ("买菜代购", 53, "3", "8:00-11:00", {}),
    ("代取药", 28, "1", "8:00-11:00", {"note": "慢病处方"}),
    ("代取药", 49, "4", "8:00-11:00", {}),
    ("剪指甲", 10, "24", AFTERNOON, {"gender": "男", "note": "希望男志愿者"}),
    ("居家保洁", 33, "25", "14:00-17:00", {"note": "出院后第一次打扫"}),
    ("代交水电费", 58, "1234", "9:00-12:00", {}),
    ("手机教学", 41, "6", "9:00-11:00", {"note": "想学在线挂号"}),
    ("手机教学", 24, "4", "18:00-19:30", {"note": "白天要照看老伴，只有晚上有空"}),
    ("探访关爱", 69, "3", "14:30-17:00", {"note": "出院回访"}),
    ("送餐上门", 39, "2", "12:30-13:00", {"boxes": 1, "note": "上午透析，12 点半才到家"}),
    ("送餐上门", 55, "25", "11:00-12:15", {"boxes": 1}),
)
