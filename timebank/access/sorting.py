"""Names in the order of a Chinese register: by pinyin, with the surnames that are read otherwise than the common word."""

import unicodedata

from pypinyin import lazy_pinyin
from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

SURNAMES = {
    "曾": "zeng",
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "盖": "ge",
    "任": "ren",
    "华": "hua",
    "尹": "yin",
    "乐": "yue",
    "尉迟": "yuchi",
    "万俟": "moqi",
    "长孙": "zhangsun",
}


DOUBLE = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "司徒",
        "东方",
        "夏侯",
        "皇甫",
        "令狐",
        "慕容",
        "宇文",
        "端木",
        "公孙",
        "轩辕",
        "钟离",
        "太史",
        "申屠",
        "公羊",
        "淳于",
        "闻人",
        "濮阳",
        "澹台",
    ]
)
VOWELS = ("a", "o", "e")
MOST_SIGNS = 6
"""A name of more signs is not looked for by its first letters."""


def romanised(name: str) -> str:
    """Return a Chinese name in Latin letters as the standard for names writes it, surname first: Wang Xiufen; others as they are."""
    if not any(sign.isalpha() and not unicodedata.name(sign, "").startswith("LATIN") for sign in name):
        return name
    if "·" in name:
        return "·".join(_spelled(lazy_pinyin(part)) for part in name.split("·"))
    length = 2 if name[:2] in SURNAMES or name[:2] in DOUBLE else 1
    surname = SURNAMES.get(name[:length]) or _spelled(lazy_pinyin(name[:length]))
    return f"{surname.capitalize()} {_spelled(lazy_pinyin(name[length:]))}".strip()


def _spelled(syllables: list[str]) -> str:
    """Return syllables as one word: an apostrophe before those that begin with a vowel, yu for the ü of passports."""
    plain = [each.replace("v", "yu") if each[:1] in {"l", "n"} else each for each in syllables]
    return "".join(f"'{each}" if place and each.startswith(VOWELS) else each for place, each in enumerate(plain)).capitalize()


def sort_key(name: str) -> str:
    """Return the key by which a name is sorted."""
    for length in (2, 1):
        surname = SURNAMES.get(name[:length])
        if surname:
            return " ".join([surname, *lazy_pinyin(name[length:])])
    return " ".join(lazy_pinyin(name)).lower()


def same_name(one: str, other: str) -> bool:
    """Say whether two names are one, however they are spaced, dotted or typed in wide letters."""
    return bare(one) == bare(other)


def bare(name: str) -> str:
    """Return the letters of a name."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalpha())


def spelled_like(column: ColumnElement[str] | InstrumentedAttribute[str], word: str) -> list[ColumnElement[bool]]:
    """Return what finds a register's key by letters typed without gaps: the whole pinyin or a part of it, or the first letter of each sign."""
    letters = word.lower()
    if not (letters.isascii() and letters.isalpha()):
        return []
    whole = func.replace(column, " ", "").contains(letters, autoescape=True)
    if not 2 <= len(letters) <= MOST_SIGNS:
        return [whole]
    return [whole, column.like("% ".join(letters) + "%")]
