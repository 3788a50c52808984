"""Papers of stations as plain facts: the sign-in sheet of a session, the ticket of a thing left to be mended or kept."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class SignLine:
    """One person of a sign-in sheet: of the telephone only its end."""

    number: int
    name: str
    phone_end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSheet:
    """The sheet people sign at a session."""

    title: str
    on: date
    start: str
    end: str
    where: str
    unit: str
    hosts: tuple[str, ...]
    lines: tuple[SignLine, ...]
    first_empty: int
    empty: int
    printed_at: datetime
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What the owner of a thing takes home: its number large, and where it is fetched with it."""

    number: str
    sort_zh: str
    sort_en: str
    what: str
    name: str
    station: str
    address: str
    hours: str
    phone: str
    brought: datetime
    until: date | None
    printed_at: datetime
    unit: str
    demo: bool = field(default=False)
