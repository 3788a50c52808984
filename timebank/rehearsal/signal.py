"""Phones in a rehearsal: without a network, taps that arrive later with the minute they were made; an answer that is lost, a tap sent again."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from timebank import clock
from timebank.db import db
from timebank.errors import Conflict
from timebank.rehearsal.rates import Rates
from timebank.visits import queries as visits
from timebank.visits.actions import mismatching, serving
from timebank.visits.mismatches import Deed
from timebank.visits.models import Offer, OfferState

Act = Callable[[], object]
Happening = tuple[datetime, str, Act]
BACK_AFTER = timedelta(minutes=7)
TAPS = ("fetch", "deliver", "check_in", "check_out")
"""What a phone sends again when it has heard no answer."""


@dataclass(frozen=True, slots=True)
class Tap:
    """One tap as a phone keeps it: what it says, of which offer, when it was made, and how many boxes were counted."""

    deed: Deed
    offer: int
    at: datetime
    counted: int = 0


class Signal:
    """What is on its way from phones: taps kept while there was no network, taps whose answer was lost."""

    def __init__(self, community_id: int, rates: Rates, seed: int) -> None:
        """Keep whose phones they are; their dice are their own, so that the rest of the week stays as it was."""
        self.community_id = community_id
        self.rates = rates
        self.dice = random.Random(f"{seed} signal")  # noqa: S311 - a rehearsal repeats itself
        self.trips: dict[int, bool] = {}
        self.kept: set[int] = set()
        self.waiting: dict[str, Happening] = {}

    def is_gone(self, trip: int) -> bool:
        """Say whether a trip is walked without a network, the same however often it is asked."""
        return self.trips.setdefault(trip, self.dice.random() < self.rates.no_signal)

    def due(self) -> list[Happening]:
        """Return what phones will send."""
        return list(self.waiting.values())

    def carry(self, number: int, late: timedelta) -> None:
        """Walk a whole trip without a network: nothing arrives before its end."""
        trip = visits.round_in(self.community_id, number)
        if trip is None or number in self.kept:
            return
        self.kept.add(number)
        doors = sorted((each for each in trip.offers if each.state is OfferState.ACCEPTED), key=lambda each: (each.start, each.id))
        if not doors:
            return
        taps = [Tap(Deed.PICK_UP, doors[0].id, clock.now(), sum(each.visit.boxes for each in doors))]
        taps += [Tap(Deed.DELIVER, each.id, clock.at(each.day, each.start + each.visit.minutes) + late) for each in doors]
        sent = taps[-1].at + BACK_AFTER
        for place, tap in enumerate(taps):
            what = f"kept {tap.deed.value} offer {tap.offer}"
            self.waiting[what] = (sent + timedelta(seconds=place), what, partial(self._arrives, what, tap))

    def _arrives(self, what: str, tap: Tap) -> None:
        """Let a kept tap arrive; one that does not fit any more is kept with both sides."""
        self.waiting.pop(what, None)
        made = db.session.get_one(Offer, tap.offer)
        try:
            with db.session.begin_nested():
                self._tap(made, tap)
        except Conflict as refused:
            mismatching.keep(made, mismatching.Tap(key=what, deed=tap.deed, at=tap.at), refused)

    def _tap(self, made: Offer, tap: Tap) -> None:
        """Do what a tap says."""
        if tap.deed is Deed.DELIVER:
            serving.deliver(made, tap.at)
        elif made.round is not None:
            serving.pick_up(made.round, tap.counted, tap.at)

    def may_be_lost(self, what: str, act: Act) -> None:
        """Let the answer of a tap be lost sometimes: the phone sends it once more."""
        if what.split(" ", maxsplit=1)[0] in TAPS and self.dice.random() < self.rates.lost_replies:
            again = f"{what} sent again"
            self.waiting[again] = (clock.now() + timedelta(minutes=1 + self.dice.randrange(20)), again, partial(self._again, again, act))

    def _again(self, what: str, act: Act) -> None:
        """Send a tap once more."""
        self.waiting.pop(what, None)
        act()
