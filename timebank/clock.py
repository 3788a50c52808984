"""The one clock: every "now" of the product is asked here, so that a demo can live in its own week."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


class Clock:
    """A ticking clock that may be shifted against the machine's own."""

    def __init__(self) -> None:
        """Start as the machine's clock."""
        self.shift = timedelta(0)
        self.is_demo = False

    def now(self) -> datetime:
        """Return this instant in the product's zone."""
        return (datetime.now(UTC) + self.shift).astimezone(ZONE)

    def start_at(self, instant: datetime) -> None:
        """Make the clock show this instant now and tick on from it; the clock then says it is a demo's."""
        self.shift = instant - datetime.now(UTC)
        self.is_demo = True

    def reset(self) -> None:
        """Show the machine's own time again."""
        self.shift = timedelta(0)
        self.is_demo = False


clock = Clock()


def now() -> datetime:
    """Return this instant in the product's zone."""
    return clock.now()


def today() -> date:
    """Return today's date in the product's zone."""
    return clock.now().date()


def at(day: date, minute: int) -> datetime:
    """Return the instant of a minute after local midnight."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    return midnight + timedelta(minutes=minute)


def has_come(day: date, minute: int) -> bool:
    """Say whether a minute after local midnight has begun; asked of thousands, so no instant is made of it."""
    local = clock.now()
    return (day, minute) <= (local.date(), local.hour * 60 + local.minute)


def minute_of(instant: datetime) -> int:
    """Return the minute after local midnight of an instant."""
    local = instant.astimezone(ZONE)
    return local.hour * 60 + local.minute


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_name(monday: date) -> str:
    """Return the ISO name of a week, such as 2026-W48."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def parse_week(name: str) -> date:
    """Return the Monday of a week named like 2026-W48; ValueError when it is not one."""
    return datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=UTC).date()


def hhmm(minute: int) -> str:
    """Return a minute of the day as 24-hour time."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_instant(text: str) -> datetime:
    """Return the instant of an ISO text; without an offset it is local time."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=ZONE)


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Return the first day of the month after a day's month."""
    return (month_of(day) + timedelta(days=31)).replace(day=1)


def months_until(month: date, count: int) -> list[date]:
    """Return so many months in order, ending with this one."""
    found = [month]
    while len(found) < count:
        found.append(month_of(found[-1] - timedelta(days=1)))
    return found[::-1]
