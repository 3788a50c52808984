"""Names in the order of a Chinese register: by pinyin, with the surnames that are read otherwise than the common word."""

import unicodedata

from pypinyin import lazy_pinyin

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


def sort_key(name: str) -> str:
    """Return the key by which a name is sorted."""
    for length in (2, 1):
        surname = SURNAMES.get(name[:length])
        if surname:
            return " ".join([surname, *lazy_pinyin(name[length:])])
    return " ".join(lazy_pinyin(name)).lower()


def same_name(one: str, other: str) -> bool:
    """Say whether two names are one, however they are spaced, dotted or typed in wide letters."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    """Return the letters of a name."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalpha())
