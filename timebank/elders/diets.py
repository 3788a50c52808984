"""What somebody eats, for whoever cooks and carries: the usual words in both languages; what nobody knows stays as it was written."""

import re

USUAL = {
    "普通": "ordinary",
    "软食": "soft food",
    "软饭": "soft food",
    "半流食": "half-liquid food",
    "半流质": "half-liquid food",
    "流食": "liquid food",
    "流质": "liquid food",
    "低盐": "low salt",
    "少盐": "little salt",
    "低糖": "low sugar",
    "少糖": "little sugar",
    "无糖": "no sugar",
    "低脂": "low fat",
    "少油": "little oil",
    "清淡": "light food",
    "清真": "halal",
    "素食": "vegetarian",
    "素餐": "vegetarian",
    "吃素": "vegetarian",
    "糖尿病餐": "food for diabetics",
}
FOODS = {
    "花生": "peanuts",
    "海鲜": "seafood",
    "虾": "shrimps",
    "虾蟹": "shrimps or crabs",
    "鱼": "fish",
    "猪肉": "pork",
    "牛肉": "beef",
    "牛羊肉": "beef or mutton",
    "羊肉": "mutton",
    "肉": "meat",
    "鸡蛋": "eggs",
    "牛奶": "milk",
    "坚果": "nuts",
    "豆制品": "bean curd",
    "辣": "hot spices",
    "辛辣": "hot spices",
    "葱": "leeks",
    "葱蒜": "leeks or garlic",
    "香菜": "coriander",
    "酒": "alcohol",
}
NOT = re.compile(r"(?:忌口|忌|不吃|不要|不能吃|对)(?P<food>.+?)(?:过敏)?")
BETWEEN = re.compile(r"[、，,；;/]+\s*|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")


def diet_words(diet: str, language: str) -> str:
    """Return a diet as a reader of a language understands it."""
    if language == "zh":
        return diet
    return ", ".join(_english(part) for part in BETWEEN.split(diet.strip()) if part)


def _english(part: str) -> str:
    """Return one thing of a diet in English, as written where it is not known."""
    without = NOT.fullmatch(part)
    if without and without["food"] in FOODS:
        return f"no {FOODS[without['food']]}"
    return USUAL.get(part, part)
