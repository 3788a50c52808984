"""What a card of the phone pages shows: the one place that decides between a door and a masked name."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import format_date, gettext
from flask_babel import gettext as _

from timebank import clock
from timebank.access.masking import mask_name
from timebank.elders.diets import diet_words
from timebank.elders.models import Elder
from timebank.sentences import Sentence
from timebank.visits.actions import staying
from timebank.visits.actions.scheduling import at_home, served_by
from timebank.visits.actions.serving import EARLY_MINUTES, EARLY_PICK_UP, UNDO_SECONDS, tries_left
from timebank.visits.models import Offer, OfferState, Outcome, Round, Visit, VisitState
from timebank.visits.queries import shows_door
from timebank.visits.states import BEFORE_DOOR, SERVED
from timebank.volunteers.models import Travel
from timebank.web import language, listed, voiced

SENTENCES = re.compile(r"(?<=。)|(?<=\.) ")
SEGMENT_ROOM = 100.0
SEGMENT_GAP = 1.6
PLACES_NAMED = 2
COUNTS_BESIDE = 2
BRING = {
    "MEAL": Sentence("保温箱、工作牌"),
    "SHOP": Sentence("清单、环保袋，小票带回"),
    "BILL": Sentence("双签收款单"),
    "GOV": Sentence("书面委托、身份证复印件由老人交给你"),
    "HAIR": Sentence("推子、剪刀、围布"),
    "NAIL": Sentence("一次性指甲套装"),
    "CLEAN": Sentence("手套、抹布"),
    "BATH": Sentence("防滑鞋、护理包"),
    "MED": Sentence("病历卡、家属电话"),
    "DRUG": Sentence("处方单"),
    "FIX": Sentence("工具包、电笔"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a door, as far as the reader may know them."""

    name: str
    phone: str
    diet: str
    note: str


@dataclass(frozen=True, slots=True)
class Door:
    """One stop of a volunteer: the door when it may be shown, else the building and a masked name."""

    offer: Offer
    number: int
    open: bool
    address: str
    detail: str
    people: tuple[Person, ...]
    door_note: str
    note: str

    @property
    def visit(self) -> Visit:
        """The visit of the stop."""
        return self.offer.visit

    @property
    def names(self) -> str:
        """Who lives there, in one line."""
        return listed(person.name for person in self.people)

    @property
    def phones(self) -> list[Person]:
        """Whom one can call."""
        return [person for person in self.people if person.phone]

    @property
    def diets(self) -> list[str]:
        """The special diets, each once."""
        return list(dict.fromkeys(person.diet for person in self.people if person.diet))

    @property
    def notes(self) -> list[str]:
        """What to know at the door, each once."""
        said = [*(person.note for person in self.people), self.door_note, self.note]
        return list(dict.fromkeys(each for each in said if each))

    @property
    def geo(self) -> str:
        """The address of the building for the phone's own map."""
        building = self.visit.household.building
        return f"geo:{building.lat:.5f},{building.lon:.5f}?q={building.lat:.5f},{building.lon:.5f}"

    @property
    def times(self) -> str:
        """From when to when."""
        return f"{clock.hhmm(self.offer.start)}–{clock.hhmm(self.offer.start + self.visit.minutes)}"

    @property
    def state(self) -> str:
        """The word of the status chip."""
        if self.offer.outcome is not None:
            return (
                "done"
                if self.offer.outcome in SERVED
                else self.offer.outcome.value
                if self.offer.outcome is Outcome.NO_ANSWER
                else "failed"
            )
        if self.offer.started_at is not None:
            return "under_way"
        return "accepted" if self.offer.state is OfferState.ACCEPTED else "waiting"

    @property
    def until(self) -> str:
        """Until when whoever is in a home said they stay."""
        ends = staying.until(self.offer)
        return ends.strftime("%H:%M") if ends else ""

    @property
    def over_by(self) -> int:
        """By how many minutes whoever is in a home is over their time."""
        return staying.over_by(self.offer)

    @property
    def bring(self) -> str:
        """What to take along."""
        return voiced(BRING.get(self.visit.kind.code, Sentence("工作牌")))

    @property
    def past(self) -> bool:
        """Whether the agreed time has passed."""
        return clock.at(self.offer.day, self.offer.start) < clock.now()

    @property
    def locked(self) -> bool:
        """Whether the visit code takes no more tries."""
        return not tries_left(self.offer)

    @property
    def tries_left(self) -> int:
        """How many tries the visit code still takes."""
        return tries_left(self.offer)

    @property
    def may_check_in(self) -> bool:
        """Whether the time has come to check in."""
        begins = clock.at(self.offer.day, self.offer.start)
        return begins - timedelta(minutes=EARLY_MINUTES) <= clock.now() and clock.today() <= self.offer.day


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of the bar of doors in a round's head."""

    state: str
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class RoundCard:
    """A meal round of a volunteer with its doors in order."""

    round: Round
    doors: tuple[Door, ...]

    @property
    def households(self) -> int:
        """How many doors."""
        return len({door.visit.household_id for door in self.doors})

    @property
    def boxes(self) -> int:
        """How many boxes."""
        return sum(door.visit.boxes for door in self.doors)

    @property
    def diets(self) -> list[tuple[str, int]]:
        """Special diets and their boxes, where the doors may be shown."""
        counted: Counter[str] = Counter()
        for door in self.doors:
            for diet in door.diets:
                counted[diet] += (
                    sum(person.diet == diet for person in door.people) if len(door.people) == door.visit.boxes else door.visit.boxes
                )
        return counted.most_common()

    @property
    def left(self) -> list[Door]:
        """The doors not yet visited, in order."""
        return [door for door in self.doors if door.offer.outcome is None]

    @property
    def done(self) -> list[Door]:
        """The doors visited."""
        return [door for door in self.doors if door.offer.outcome is not None]

    @property
    def next(self) -> Door | None:
        """The door to go to now."""
        return self.left[0] if self.left else None

    @property
    def times(self) -> str:
        """From the pick-up to the last door."""
        return f"{clock.hhmm(self.round.pickup)}–{self.ends}"

    @property
    def ends(self) -> str:
        """When the last door should be reached."""
        return clock.hhmm(max((door.offer.start + door.visit.minutes for door in self.doors), default=self.round.pickup))

    @property
    def opens(self) -> str:
        """From when on its boxes can be fetched."""
        return clock.hhmm(max(0, self.round.pickup - EARLY_PICK_UP))

    @property
    def may_fetch(self) -> bool:
        """Whether the time has come to fetch its boxes."""
        earliest = clock.at(self.round.day, max(0, self.round.pickup - EARLY_PICK_UP))
        return clock.today() == self.round.day and clock.now() >= earliest

    @property
    def counts(self) -> list[int]:
        """The numbers one may have counted at the canteen, the right one among them without a mark."""
        return list(range(max(1, self.boxes - COUNTS_BESIDE), self.boxes + COUNTS_BESIDE + 1))

    @property
    def hot_left(self) -> int | None:
        """Minutes until the meals have been on the way for too long; below zero when they have."""
        if self.round.picked_up_at is None:
            return None
        return self.round.canteen.hot - int((clock.now() - self.round.picked_up_at).total_seconds() // 60)

    @property
    def segments(self) -> list[Segment]:
        """The bar of doors: done, the next one, those to come."""
        width = (SEGMENT_ROOM - SEGMENT_GAP * (len(self.doors) - 1)) / max(len(self.doors), 1)
        return [
            Segment(self._segment(door), round(place * (width + SEGMENT_GAP), 2), round(width, 2)) for place, door in enumerate(self.doors)
        ]

    def _segment(self, door: Door) -> str:
        """Return the state of one piece."""
        if door.offer.outcome is not None:
            return "done" if door.offer.outcome in SERVED else "trouble"
        return "next" if door is self.next and self.round.picked_up_at is not None else "to-do"

    @property
    def place(self) -> str:
        """The compounds the round leads through."""
        names = list(dict.fromkeys(door.visit.household.building.compound.name for door in self.doors))
        if len(names) > PLACES_NAMED:
            return str(_("%(names)s等 %(count)s 处", names=listed(names[:PLACES_NAMED]), count=len(names)))
        return listed(names)

    @property
    def rides(self) -> bool:
        """Whether the volunteer goes by e-bike."""
        return self.round.volunteer.travel is Travel.EBIKE


def why_of(offer: Offer) -> list[str]:
    """Return why an offer came to this person, sentence by sentence in the reader's language."""
    said = voiced((offer.why_zh, offer.why_en))
    return [each for each in SENTENCES.split(said) if each]


def door_of(offer: Offer, number: int = 1) -> Door:
    """Return the card of one stop."""
    seen = shows_door(offer)
    household = offer.visit.household
    building = household.building
    return Door(
        offer=offer,
        number=number,
        open=seen,
        address=f"{building.compound.name} {building.name}",
        detail=_detail(household.entrance, household.floor, household.door, lift=building.lift) if seen else "",
        people=tuple(_person(each, seen=seen) for each in elders_of(offer.visit)),
        door_note=(household.door_note or "") if seen else "",
        note=(offer.visit.request.note or "") if seen else "",
    )


def elders_of(visit: Visit) -> Sequence[Elder]:
    """Return whom a visit is for: one elder, or of those who share it everybody who is at home that day."""
    people = served_by(visit.request) if visit.request.household_id == visit.household_id else visit.household.elders
    if visit.state not in BEFORE_DOOR:
        return people
    return [each for each in people if at_home(visit.household, each, visit.day or visit.occurrence)] or people


def _person(elder: Elder, *, seen: bool) -> Person:
    """Return an elder as a volunteer may know them now."""
    if not seen:
        return Person(mask_name(elder.name), "", "", "")
    return Person(elder.name, elder.phone, diet_words(elder.diet or "", language()), elder.care_note or "")


def _detail(entrance: str, floor: int, door: str | None, *, lift: bool) -> str:
    """Return the way from the building's entrance to the door."""
    stairs = _("有电梯") if lift else _("无电梯")
    parts = [entrance, _("%(floor)s 楼", floor=floor), door or "", stairs if floor > 1 else ""]
    return " · ".join(part for part in parts if part)


def rounds_of(offers: Iterable[Offer]) -> list[RoundCard]:
    """Return the meal rounds among offers, in order of day and pick-up."""
    grouped: dict[int, list[Offer]] = {}
    for offer in offers:
        if offer.round_id is not None:
            grouped.setdefault(offer.round_id, []).append(offer)
    cards = [
        RoundCard(_round(group), tuple(door_of(each, place) for place, each in enumerate(group, start=1))) for group in grouped.values()
    ]
    return sorted(cards, key=lambda card: (card.round.day, card.round.pickup))


def _round(group: list[Offer]) -> Round:
    """Return the round that offers belong to."""
    return next(offer.round for offer in group if offer.round is not None)


def timed_of(offers: Iterable[Offer]) -> list[Door]:
    """Return the visits among offers that belong to no round."""
    return [door_of(offer) for offer in offers if offer.round_id is None]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a volunteer: its rounds and its other visits."""

    day: date
    rounds: tuple[RoundCard, ...]
    timed: tuple[Door, ...]

    @property
    def items(self) -> list[RoundCard | Door]:
        """Rounds and visits by the time they begin."""
        both: list[tuple[int, int, RoundCard | Door]] = [(card.round.pickup, place, card) for place, card in enumerate(self.rounds)]
        both += [(door.offer.start, len(both) + place, door) for place, door in enumerate(self.timed)]
        return [item for _start, _place, item in sorted(both, key=lambda each: each[:2])]

    @property
    def words(self) -> str:
        """The day in words."""
        return day_words(self.day)


def days_of(offers: Sequence[Offer]) -> list[Day]:
    """Return offers day by day."""
    days = sorted({offer.day for offer in offers})
    return [_day(day, [offer for offer in offers if offer.day == day]) for day in days]


def _day(day: date, offers: list[Offer]) -> Day:
    """Return one day."""
    return Day(day, tuple(rounds_of(offers)), tuple(timed_of(offers)))


def weekdays() -> list[str]:
    """Return the names of the weekdays from Monday on."""
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]


def day_words(day: date) -> str:
    """Return a day with its weekday, today and tomorrow by name."""
    written = format_date(day, gettext("M月d日 EEE"))
    near = {0: _("今天"), 1: _("明天")}.get((day - clock.today()).days)
    return f"{near} · {written}" if near else written


def date_words(day: date) -> str:
    """Return a day without its weekday."""
    return str(format_date(day, gettext("M月d日")))


def day_short(day: date) -> str:
    """Return a day in as few words as a small choice holds."""
    written = format_date(day, gettext("M月d日 EEE"))
    return str(_("明天 %(weekday)s", weekday=format_date(day, "EEE"))) if (day - clock.today()).days == 1 else written


def just_noted(offers: Iterable[Offer]) -> tuple[Offer, int] | None:
    """Return the last tap at a meal door that can still be taken back, and for how many seconds."""
    taps = [offer for offer in offers if _can_be_undone(offer)]
    if not taps:
        return None
    last = max(taps, key=lambda offer: offer.ended_at or offer.sent_at)
    return last, UNDO_SECONDS - int((clock.now() - _ended(last)).total_seconds())


def _can_be_undone(offer: Offer) -> bool:
    """Say whether a tap is young enough to take back."""
    young = offer.ended_at is not None and clock.now() - offer.ended_at < timedelta(seconds=UNDO_SECONDS)
    return young and offer.outcome is Outcome.DONE and offer.round_id is not None and offer.visit.state is VisitState.DONE


def _ended(offer: Offer) -> datetime:
    """Return when a tap was made."""
    return offer.ended_at or clock.now()
