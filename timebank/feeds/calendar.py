"""A feed written as iCalendar: in the product's zone with its rules, what is called off marked so, the same words for the same state."""

from collections.abc import Iterable
from datetime import UTC, timedelta

from icalendar import STATUS, Calendar, Event

from timebank import clock
from timebank.feeds import events
from timebank.outside import outside
from timebank.sentences import Sentence

EVERY = timedelta(hours=1)
PRODUCT = "-//timebank//feeds 1//ZH"
ASKED = Sentence("（等您回复）")
OFF = Sentence("（取消）")


def written(name: str, found: Iterable[events.Event], *, english: bool) -> bytes:
    """Return a calendar with a name, in one of both languages."""
    host = outside.address.split("//", 1)[1]
    language = "en" if english else "zh-CN"
    book = Calendar.new(prodid=PRODUCT, name=name, uid=f"feed@{host}", method="PUBLISH", refresh_interval=EVERY, language=language)
    book.add("X-WR-TIMEZONE", clock.ZONE.key)
    for each in found:
        book.add_component(_event(each, host, at=1 if english else 0))
    book.add_missing_timezones()
    return bytes(book.to_ical())


def _event(each: events.Event, host: str, at: int) -> Event:
    """Return one event; called off, it keeps its number so that the reader's calendar strikes it."""
    mark = OFF[at] if each.off else ASKED[at] if each.asked else ""
    return Event.new(
        uid=f"{each.uid}@{host}",
        summary=f"{each.title[at]}{mark}",
        location=each.place or None,
        start=each.starts.astimezone(clock.ZONE),
        end=each.ends.astimezone(clock.ZONE),
        stamp=each.changed.astimezone(UTC),
        last_modified=each.changed.astimezone(UTC),
        sequence=1 if each.off else 0,
        status=STATUS.CANCELLED if each.off else STATUS.TENTATIVE if each.asked else STATUS.CONFIRMED,
        url=outside.address,
    )
