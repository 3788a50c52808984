"""What an office does in the evening of a rehearsed day besides confirming: failed visits, taps that did not fit, emergencies that are over."""

import random
from functools import partial

from timebank.db import db, forget_reads
from timebank.planning import cover
from timebank.planning.actions import covering
from timebank.rehearsal.diary import Diary
from timebank.rehearsal.office import Office
from timebank.rehearsal.rates import Rates
from timebank.visits.actions import again, mismatching
from timebank.visits.mismatches import Mismatch, to_settle
from timebank.visits.models import HelpRequest, Visit
from timebank.visits.states import TO_COME, Why


class Chores:
    """One evening's loose ends; their dice are their own, so that the rest of the week stays as it was."""

    def __init__(self, community_id: int, diary: Diary, office: Office, rates: Rates, seed: int) -> None:
        """Keep whose evening it is."""
        self.community_id = community_id
        self.diary = diary
        self.office = office
        self.rates = rates
        self.dice = random.Random(f"{seed} chores")  # noqa: S311 - a rehearsal repeats itself

    def evening(self) -> None:
        """Decide what waits for a word: each in a write unit of its own."""
        forget_reads()
        failed = [each.id for each in again.waiting(self.community_id)]
        taps = [each.id for each in to_settle(self.community_id)]
        urgent = [each.id for each in cover.urgent_open(self.community_id) if not any(visit.state in TO_COME for visit in each.visits)]
        self.diary.let_go()
        for number in failed:
            self.diary.event(f"next_for visit {number}", partial(self._next_for, number), whole=True)
        for number in taps:
            self.diary.event(f"settle tap {number}", partial(self._settle, number))
        for number in urgent:
            self.diary.event(f"close emergency {number}", partial(self._close, number), whole=True)

    def _next_for(self, number: int) -> None:
        """Try a failed visit again on the first day that can be, or leave it."""
        visit = db.session.get_one(Visit, number)
        days = again.choices(visit)
        if days and self.dice.random() < self.rates.tried_again:
            again.try_again(visit, days[0])
        else:
            again.leave_it(visit, Why.FAMILY)

    def _settle(self, number: int) -> None:
        """Settle a tap that did not fit."""
        mismatching.settle(db.session.get_one(Mismatch, number), self.office.by, "电话问过，按实际补录")

    def _close(self, number: int) -> None:
        """Close an emergency that is over."""
        covering.close_now(db.session.get_one(HelpRequest, number), self.office.coordinator(), "人没事，已经坐起来了")
