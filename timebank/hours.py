"""How whole minutes are shown as hours, on every page, paper, workbook and chart: added up first, then rounded once, half up.

Minutes are what is counted, so they stand beside their hours wherever rows are added up: hours of rows need not make the
hours of the total, minutes always do. Everything here is arithmetic of whole numbers; nothing else divides minutes by sixty.
"""

from collections.abc import Sequence

MINUTES_A_TENTH = 6
DAY_AT_MOST = 720
"""Twelve hours: no visit, turn, record, entry, credit or day of one person is longer (rulebook 1.2, T5)."""


def hours_text(minutes: int) -> str:
    """Return minutes as hours with one decimal, rounded half away from zero."""
    tenths = _tenths(abs(minutes))
    sign = "-" if minutes < 0 and tenths else ""
    return f"{sign}{_shown(tenths)}"


def hours_number(minutes: int) -> float:
    """Return minutes as the same hours for a cell of a workbook or the length of a bar."""
    return float(hours_text(minutes))


def short_text(minutes: int) -> str:
    """Return a ceiling in minutes as hours, whole ones without a decimal."""
    return hours_text(minutes).removesuffix(".0")


def hours_in_hundredths(minutes: int) -> float:
    """Return minutes as hours with two decimals, as the national system asks for each single record."""
    return (minutes * 100 + 30) // 60 / 100


def shares_text(parts: Sequence[int]) -> list[str]:
    """Return the minutes of parts as hours that add up to the hours of their sum: the tenths left over go where most was cut off.

    Only certificates sealed before hours stood beside their minutes are shown so.
    """
    tenths = [part // MINUTES_A_TENTH for part in parts]
    left = _tenths(sum(parts)) - sum(tenths)
    for place in sorted(range(len(parts)), key=lambda each: -(parts[each] % MINUTES_A_TENTH))[:left]:
        tenths[place] += 1
    return [_shown(each) for each in tenths]


def signed_text(minutes: int) -> str:
    """Return minutes as a signed figure for a list of movements."""
    return f"+{minutes}" if minutes > 0 else str(minutes).replace("-", "−")


def _tenths(minutes: int) -> int:
    """Return minutes as tenths of an hour, rounded half up."""
    return (minutes + MINUTES_A_TENTH // 2) // MINUTES_A_TENTH


def _shown(tenths: int) -> str:
    """Return tenths of an hour as a figure."""
    return f"{tenths // 10}.{tenths % 10}"
