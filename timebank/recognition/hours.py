"""How whole minutes are shown as hours: added up first, then rounded once, half up, to one decimal."""


def hours_text(minutes: int) -> str:
    """Return minutes as hours with one decimal, rounded half away from zero."""
    tenths = (abs(minutes) + 3) // 6
    sign = "-" if minutes < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}"


def signed_text(minutes: int) -> str:
    """Return minutes as a signed figure for a list of movements."""
    return f"+{minutes}" if minutes > 0 else str(minutes).replace("-", "−")
