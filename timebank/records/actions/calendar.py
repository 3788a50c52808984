"""The holidays of a year as the State Council says them: read line by line, taken in whole or not at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from timebank import audit
from timebank.db import db
from timebank.errors import wrong
from timebank.places.models import CalendarDay, DayKind

DATE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
LINE = re.compile(rf"{DATE}(?:\s*(?:至|到|to|~|—)\s*{DATE})?[,，\s]+(off|放假|休|work|上班|班)(?:[,，\s]+(\S.*))?", re.ASCII)
HEAD = "date,kind,name"
KINDS = {"off": DayKind.OFF, "放假": DayKind.OFF, "休": DayKind.OFF, "work": DayKind.WORK, "上班": DayKind.WORK, "班": DayKind.WORK}
LONGEST_SPAN = 15
LONGEST_NAME = 20
BY_HAND = "notice"


@dataclass(frozen=True, slots=True)
class Special:
    """A day that differs from the ordinary week, as a line says."""

    day: date
    kind: DayKind
    name: str


def read(words: str) -> list[Special]:
    """Return the days that some lines say; Invalid at the first line that cannot be read."""
    lines = [(number, line.strip()) for number, line in enumerate(words.splitlines(), 1)]
    found = [each for number, line in lines if line and line.lower() != HEAD for each in _days(number, line)]
    if not found:
        raise wrong("lines", "还没有填哪一天放假。")
    return found


def _days(number: int, line: str) -> Iterator[Special]:
    """Yield the days of one line, both ends of a span with it."""
    parts = LINE.fullmatch(line)
    first = _day(parts.groups()[:3]) if parts else None
    last = _day(parts.groups()[3:6]) if parts and parts[4] else first
    if parts is None or first is None or last is None or not 0 <= (last - first).days < LONGEST_SPAN or len(parts[8] or "") > LONGEST_NAME:
        raise wrong(
            "lines",
            "第 %(number)s 行看不懂。请写成“2027-02-05 至 2027-02-11 放假 春节”或“2027-02-14 上班 春节”这样，一行一段。",
            number=number,
        )
    for offset in range((last - first).days + 1):
        yield Special(first + timedelta(days=offset), KINDS[parts[7]], parts[8] or "")


def _day(parts: tuple[str, ...]) -> date | None:
    """Return the day that year, month and day name, None when there is none."""
    try:
        return date(*map(int, parts))
    except ValueError:
        return None


def take_in(days: list[Special]) -> list[int]:
    """Put days into the calendar, in the place of what stood there; return the years they are of."""
    for each in days:
        db.session.merge(CalendarDay(day=each.day, kind=each.kind, name=each.name, source=BY_HAND))
    db.session.flush()
    years = sorted({each.day.year for each in days})
    audit.record("import", "calendar", BY_HAND, rows=len(days), years=years)
    return years
