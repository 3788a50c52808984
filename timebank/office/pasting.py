"""A pasted column of buildings, as somebody keeps it in a note or copies it out of a sheet: one building a line."""

import re
import unicodedata

from timebank.errors import wrong
from timebank.places.actions import House
from timebank.places.points import read

MOST = 500
GAP = re.compile(r"[\t,;，；]+|\s{1,}")
COORDINATE = re.compile(r"(-?\d{2,3}\.\d+)[\s,，]+(-?\d{2,3}\.\d+)\s*$")
FLOORS = re.compile(r"(\d{1,3})层?")
LIFTS = frozenset({"有电梯", "电梯", "lift"})


def houses_of(lines: str) -> list[House]:
    """Return the buildings of a column: compound, building, floors, then perhaps a lift and a coordinate; refuse the first line that is not one."""
    wanted = [(number, each) for number, each in enumerate(lines.splitlines(), start=1) if each.strip()]
    if len(wanted) > MOST:
        raise wrong("lines", "一次最多贴 %(most)s 行，请分几次贴。", most=MOST)
    return [_house(number, each) for number, each in wanted]


def _house(number: int, line: str) -> House:
    """Return the building of one line."""
    said = unicodedata.normalize("NFKC", line).strip()
    at = COORDINATE.search(said)
    point = read(at[0], "gcj02") if at else None
    words = [each for each in GAP.split(said[: at.start()] if at else said) if each]
    lift = [each for each in words[2:] if each in LIFTS]
    words = [each for each in words if each not in lift]
    floors = FLOORS.fullmatch(words[2]) if len(words) == 3 else None
    if floors is None or not 1 <= int(floors[1]) <= 200 or (at and point is None) or len(words[0]) > 50 or len(words[1]) > 30:
        raise wrong(
            "lines",
            "第 %(number)s 行没有看懂：“%(said)s”。写成“海棠路9号院 6号楼 7”，后面可以加“有电梯”和坐标。",
            number=number,
            said=said[:30],
        )
    return House(compound=words[0], name=words[1], floors=int(floors[1]), lift=bool(lift), point=point)
