"""How whole minutes are shown as hours: added up first, then rounded once, half up, to one decimal."""

from collections.abc import Sequence

MINUTES_A_TENTH = 6


def hours_text(minutes: int) -> str:
    """Return minutes as hours with one decimal, rounded half away from zero."""
    tenths = _tenths(abs(minutes))
    sign = "-" if minutes < 0 and tenths else ""
    return f"{sign}{_shown(tenths)}"


def shares_text(parts: Sequence[int]) -> list[str]:
    """Return the minutes of parts as hours that add up to the hours of their sum: the tenths left over go where most was cut off."""
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
