"""What stands on each paper: frozen facts that ``pdf`` prints, free of database, request and clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from timebank.sentences import Sentence

Language = str
"""A language that has a catalogue; what is handed out on paper is Chinese or English, as it is kept (sentences.WRITTEN)."""
Mark = Literal["code", "family", "desk", "call", "auto", "two_persons"]


@dataclass(frozen=True, slots=True)
class Issuer:
    """The legal unit that recorded the service and vouches for it."""

    unit: str
    unit_code: str = ""
    responsible: str = ""
    handler: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class KindTotal:
    """The visits and minutes of one kind of service, and how many of the minutes were entered afterwards."""

    content: str
    content_en: str
    visits: int
    minutes: int
    entered: int = 0


@dataclass(frozen=True, slots=True)
class CertificatePaper:
    """A certificate as it was frozen in the register; older ones do not say how many minutes were entered afterwards."""

    number: str
    check_code: str
    check_url: str
    check_page: str
    issued_on: date
    volunteer_name: str
    volunteer_no: str
    period_from: date
    period_to: date
    total_minutes: int
    visit_count: int
    by_kind: tuple[KindTotal, ...]
    issuer: Issuer
    content_sha256: str
    id_type: str = ""
    id_last4: str = ""
    entered_minutes: int | None = None
    name_latin: str = ""
    national_no: str = ""
    reported: bool = False
    seal_required: bool = False
    remarks: str = ""
    demo: bool = False
    older_minutes: int = 0
    older_systems: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One recorded visit or round; ``entry`` is 补录 or 手工 when it did not come from a planned visit.

    One that counts for nothing any more is struck through and says what it ``was``; ``object_until`` is its own deadline
    where that is not the paper's.
    """

    on: date
    start: str
    end: str
    what: str
    mark: Mark
    mark_word: str
    minutes: int
    entry: str = ""
    was: int = 0
    object_until: date | None = None


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """What was corrected of an earlier, closed month: minutes before and after, what that moved on the account, and its deadline."""

    month: date
    on: date
    made_on: date
    what: str
    before: int
    after: int
    credit: int
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One movement of the time account, signed minutes."""

    on: date
    what: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Minutes that came in, went out, came back because a visit was not made, and what corrections added or took off (signed)."""

    credited: int = 0
    spent: int = 0
    returned: int = 0
    corrected: int = 0

    @property
    def net(self) -> int:
        """What all of it changes the balance by."""
        return self.credited - self.spent + self.returned + self.corrected

    @property
    def terms(self) -> list[tuple[tuple[str, str], str, int]]:
        """The parts in both languages with their sign, those that are seldom there only where they are."""
        seldom = (
            (Sentence("退回"), "+", self.returned),
            (Sentence("更正"), "−" if self.corrected < 0 else "+", abs(self.corrected)),
        )
        return [
            (Sentence("存入"), "+", self.credited),
            (Sentence.of("papers", "转出"), "−", self.spent),
            *(each for each in seldom if each[2]),
        ]


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """One volunteer's month in both books; one that was issued has a number and stays as it was given."""

    month: date
    unit: str
    volunteer_name: str
    volunteer_no: str
    lines: tuple[RecordLine, ...]
    entered_minutes: int
    lifetime_minutes: int
    lifetime_entered: int
    opening: int
    account_lines: tuple[AccountLine, ...]
    moved: Moved
    printed_at: datetime
    object_until: date | None = None
    phone: str = ""
    chain_row: int = 0
    chain_head: str = ""
    rules: tuple[str, ...] = ()
    demo: bool = False
    number: str = ""
    corrections: tuple[CorrectionLine, ...] = ()
    older_minutes: int = 0
    older_systems: str = ""

    @property
    def record_minutes(self) -> int:
        """The minutes recorded in the month."""
        return sum(line.minutes for line in self.lines)

    @property
    def visits(self) -> int:
        """The visits and rounds that count."""
        return sum(1 for line in self.lines if line.minutes > 0)

    @property
    def closing(self) -> int:
        """The balance at the end of the month."""
        return self.opening + self.moved.net


@dataclass(frozen=True, slots=True)
class Portion:
    """So many boxes of one kind; special diets are framed on paper."""

    kind: str
    count: int
    special: bool = False


@dataclass(frozen=True, slots=True)
class SheetStop:
    """One door of a day sheet: boxes of a meal round, or a time and a task of a home visit."""

    number: int
    address: str
    who: str
    door: str = ""
    note: str = ""
    portions: tuple[Portion, ...] = ()
    at: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class DaySheet:
    """What one volunteer carries on paper for one round or one day."""

    number: str
    on: date
    title: str
    community: str
    volunteer_name: str
    summary: str
    stops: tuple[SheetStop, ...]
    station_phone: str
    contact: str = ""
    pickup_time: str = ""
    pickup_place: str = ""
    finish_time: str = ""
    latest_time: str = ""
    sign_in_url: str = ""

    @property
    def portions(self) -> tuple[Portion, ...]:
        """The boxes to carry, added up by kind, ordinary ones first."""
        return add_up([each for stop in self.stops for each in stop.portions])


@dataclass(frozen=True, slots=True)
class TurnSheet:
    """The sign-in sheet of one turn of duty; an empty name is a line to spare, no code is printed of a turn that is over."""

    on: date
    title: str
    place: str
    span: str
    community: str
    names: tuple[str, ...]
    code: str
    printed_at: datetime
    demo: bool = False


@dataclass(frozen=True, slots=True)
class KitchenRound:
    """One round that fetches boxes at the canteen."""

    number: str
    pickup_time: str
    carrier: str
    doors: int
    portions: tuple[Portion, ...]


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """The label of one box: round and stop, kind, and when it must be eaten; no name."""

    round: str
    stop: int
    kind: str
    special: bool
    eat_before: str


@dataclass(frozen=True, slots=True)
class CanteenSheet:
    """What the kitchen needs to know for one day."""

    on: date
    canteen: str
    rounds: tuple[KitchenRound, ...]
    labels: tuple[BoxLabel, ...]
    printed_at: datetime
    demo: bool = False

    @property
    def totals(self) -> tuple[Portion, ...]:
        """All boxes of the day by kind, ordinary ones first."""
        return add_up([each for one in self.rounds for each in one.portions])


def add_up(portions: Iterable[Portion]) -> tuple[Portion, ...]:
    """Return the portions added up by kind, ordinary ones first, then by name."""
    counts: dict[tuple[bool, str], int] = {}
    for each in portions:
        key = (each.special, each.kind)
        counts[key] = counts.get(key, 0) + each.count
    return tuple(Portion(kind, count, special) for (special, kind), count in sorted(counts.items()))
