"""Corrections at random among gifts, donations, caps, leavers and deaths, against a model that counts minutes one lot after the other."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.visits.owing import WHY, Town, town
from timebank import clock
from timebank.credit import actions as credit
from timebank.credit.models import Relation
from timebank.db import db, transaction
from timebank.elders.models import Elder, ElderState
from timebank.ledger import actions as ledger
from timebank.ledger import claims
from timebank.ledger import queries as book
from timebank.ledger.models import Account, AccountKind, Transfer
from timebank.ledger.verify import verify
from timebank.places.models import Community
from timebank.visits.actions.correcting import correct
from timebank.visits.evidence import first_unfounded
from timebank.visits.models import ServiceRecord
from timebank.visits.registers import versions_of
from timebank.volunteers.models import Volunteer

CORRECTIONS_IN_CI, CORRECTIONS = 60, 200
CAP = 600
KEYS = itertools.count(1)
AS_OTHERS = "user:999"


@dataclass
class Passed:
    """What somebody gave away at some time, and what of it was not taken back; ``record`` where it went to the pool above the cap."""

    at: int
    left: int
    elder: int | None = None
    record: int | None = None


@dataclass
class Purse:
    """An elder's minutes, as lots in the order they came, and how many are set aside or spent: the oldest ones."""

    lots: list[tuple[Passed | None, int]] = field(default_factory=list)
    used: int = 0
    holds: list[Transfer] = field(default_factory=list)
    alive: bool = True

    @property
    def minutes(self) -> int:
        """All that came and is not used."""
        return sum(minutes for _gift, minutes in self.lots) - self.used

    def lying(self, gift: Passed, most: int) -> int:
        """Return what of a gift is among the newest ``most`` minutes."""
        for each, minutes in reversed(self.lots):
            part = min(minutes, most)
            if each is gift:
                return part
            most -= part
        return 0

    def give_back(self, gift: Passed, minutes: int) -> None:
        """Take minutes of a gift out again."""
        self.lots = [(each, there - minutes if each is gift else there) for each, there in self.lots]


@dataclass
class Model:
    """The community as plain numbers."""

    balance: dict[int, int]
    purses: dict[int, Purse]
    given: dict[int, list[Passed]]
    first_at: dict[int, int] = field(default_factory=dict)
    pool: int = 0
    owed: dict[int, int] = field(default_factory=dict)
    pool_owes: int = 0
    now: int = 0

    def tick(self) -> int:
        """Return the next moment."""
        self.now += 1
        return self.now

    def into_pool(self, minutes: int) -> None:
        """Let minutes come into the pool, which pays what it owes."""
        paid = min(minutes, self.pool_owes)
        self.pool_owes -= paid
        self.pool += minutes - paid

    def earned(self, who: int, record: int, minutes: int) -> None:
        """Credit somebody: debts first, what is above the cap goes to the pool."""
        at = self.first_at.setdefault(record, self.tick())
        paid = min(minutes, self.owed[who])
        self.owed[who] -= paid
        self.balance[who] += minutes - paid
        over = min(max(0, self.balance[who] - CAP), minutes)
        if over:
            self.balance[who] -= over
            self.given[who].append(Passed(at, over, record=record))
            self.into_pool(over)

    def corrected(self, who: int, record: int, less: int) -> None:
        """Take minutes of a record back from wherever they are, and note the rest as owed."""
        wanted = less
        for cap in (each for each in reversed(self.given[who]) if each.record == record):
            part = min(wanted, cap.left)
            self.pool_owes += max(0, part - self.pool)
            self.pool = max(0, self.pool - part)
            cap.left -= part
            self.balance[who] += part
            wanted -= part
        since = self.first_at[record]
        for given in [each for each in reversed(self.given[who]) if each.elder is None and each.at >= since]:
            part = min(max(0, less - self.balance[who]), given.left, self.pool)
            given.left, self.pool = given.left - part, self.pool - part
            self.balance[who] += part
        for gift in [each for each in reversed(self.given[who]) if each.elder is not None and each.at >= since]:
            self._from_elder(who, gift, max(0, less - self.balance[who]))
        lacking = max(0, less - self.balance[who])
        self.owed[who] += lacking
        self.balance[who] += lacking - less

    def _from_elder(self, who: int, gift: Passed, wanted: int) -> None:
        """Take back what of a gift lies with its elder, or went on to the pool when they died."""
        assert gift.elder is not None
        purse = self.purses[gift.elder]
        there = purse.minutes if purse.alive else min(self.pool, purse.minutes)
        part = min(wanted, purse.lying(gift, there))
        if not purse.alive:
            self.pool -= part
        purse.give_back(gift, part)
        gift.left -= part
        self.balance[who] += part


class Play:
    """A community in which anything happens at random, by the product's own verbs."""

    def __init__(self, here: Town, seed: int) -> None:
        """Add volunteers and elders, everybody linked to an elder of their own and to one they share."""
        self.here, self.random, self.corrections = here, Random(seed), 0
        with transaction():
            credit.change_settings(here.community, {"balance_cap": str(CAP)}, here.by)
            community = db.session.get_one(Community, here.community)
            homes = [make.make_household(community) for _ in range(4)]
            self.elders = [make.make_elder(home, f"老人{number}", birth_year=1940).id for number, home in enumerate(homes)]
            self.people = [make.make_volunteer(community, f"志愿者{number}").id for number in range(4)]
            self.links = {}
            for place, who in enumerate(self.people):
                for elder in (self.elders[place], self.elders[0]):
                    if (who, elder) not in self.links:
                        link = credit.ask_link(db.session.get_one(Volunteer, who), Relation.PARENT, "老人")
                        credit.decide_link(link, db.session.get_one(Elder, elder), here.by)
                        self.links[who, elder] = link.id
        self.model = Model(
            dict.fromkeys(self.people, 0), {each: Purse() for each in self.elders}, {each: [] for each in self.people},
            owed=dict.fromkeys(self.people, 0),
        )  # fmt: skip
        self.records: list[tuple[int, int]] = []
        self.gone: set[int] = set()
        self.starts = itertools.cycle(range(480, 1_000, 5))

    def run(self, corrections: int) -> None:
        """Let things happen until there were enough corrections."""
        deeds = [self.serve, self.correct, self.correct, self.give, self.donate, self.grant, self.hold, self.resolve]
        for step in itertools.count(1):
            if self.corrections >= corrections:
                return
            deed = {120: self.leave, 150: self.die, 240: self.die, 260: self.leave}.get(step) or self.random.choice(deeds)
            with transaction():
                deed()
            if deed == self.correct:
                self.compare()
            if step % 40 == 0:
                clock.clock.shift += timedelta(days=9)

    def serve(self) -> None:
        """Let somebody serve."""
        who, minutes = self.random.choice([each for each in self.people if each not in self.gone]), self.random.randint(20, 200)
        record = self.here.served(minutes, clock.today(), next(self.starts), who=who)
        self.records.append((who, record.id))
        self.model.earned(who, record.id, minutes)

    def correct(self) -> None:
        """Correct any record downwards, an old one too."""
        if not self.records:
            return
        who, first = self.random.choice(self.records)
        record = versions_of(db.session.get_one(ServiceRecord, first))[-1]
        if record.minutes == 0:
            return
        minutes = self.random.choice([0, self.random.randrange(record.minutes), self.random.randrange(record.minutes)])
        newer = correct(record, minutes, WHY, self.here.by)
        assert isinstance(newer, ServiceRecord)
        assert newer.minutes == minutes
        self.model.corrected(who, first, record.minutes - minutes)
        self.corrections += 1

    def give(self) -> None:
        """Let somebody give to an elder of theirs."""
        (who, elder), link = self.random.choice(sorted(self.links.items()))
        purse = self.model.purses[elder]
        most = min(self.model.balance[who], CAP - purse.minutes)
        if not purse.alive or who in self.gone or most < 1:
            return
        minutes = self.random.randint(1, most)
        credit.give(db.session.get_one(credit.GiftLink, link), minutes, key=str(next(KEYS)), actor="user:1")
        gift = Passed(self.model.tick(), minutes, elder)
        purse.lots.append((gift, minutes))
        self._given(who, gift)

    def _given(self, who: int, given: Passed) -> None:
        """Note what somebody gave away."""
        self.model.given[who].append(given)
        self.model.balance[who] -= given.left

    def donate(self) -> None:
        """Let somebody give to the pool."""
        who = self.random.choice(self.people)
        if who in self.gone or self.model.balance[who] < 1:
            return
        minutes = self.random.randint(1, self.model.balance[who])
        credit.donate(db.session.get_one(Volunteer, who), minutes, key=str(next(KEYS)), actor="user:1")
        self._given(who, Passed(self.model.tick(), minutes))
        self.model.into_pool(minutes)

    def grant(self) -> None:
        """Let the pool help an elder."""
        elder = self.random.choice(self.elders)
        if not self.model.purses[elder].alive or self.model.pool < 1:
            return
        minutes = self.random.randint(1, self.model.pool)
        account = credit.elder_account(db.session.get_one(Elder, elder)).id
        ledger.grant(account, minutes, source="grant:test", fresh=False, idem=("test", str(next(KEYS))), actor="user:1")
        self.model.pool -= minutes
        self.model.purses[elder].lots.append((None, minutes))

    def hold(self) -> None:
        """Set minutes of an elder aside."""
        elder = self.random.choice(self.elders)
        purse = self.model.purses[elder]
        if not purse.alive or purse.minutes < 1:
            return
        minutes, key = self.random.randint(1, purse.minutes), next(KEYS)
        account = credit.elder_account(db.session.get_one(Elder, elder)).id
        held = ledger.hold(account, minutes, source=f"visit:{key}", idem=("test", str(key)), actor="clock")
        purse.holds.append(held)
        purse.used += minutes

    def resolve(self) -> None:
        """Spend what is set aside, or give it back."""
        purse = self.model.purses[self.random.choice(self.elders)]
        if not purse.alive or not purse.holds:
            return
        held = purse.holds.pop(self.random.randrange(len(purse.holds)))
        asked = ledger.Asked(idem=("test", str(next(KEYS))), actor="clock")
        if self.random.random() < 0.6:
            ledger.settle(db.session.merge(held), held.minutes, **asked)
        else:
            ledger.release(db.session.merge(held), held.minutes, **asked)
            purse.used -= held.minutes

    def leave(self) -> None:
        """Let somebody stop, and what they leave go to the pool."""
        who = max(set(self.people) - self.gone, key=lambda each: self.model.balance[each])
        db.session.get_one(Volunteer, who).active = False
        self.gone.add(who)
        if minutes := self.model.balance[who]:
            credit.pass_on(db.session.get_one(Volunteer, who), None, key=str(next(KEYS)), actor=AS_OTHERS)
            self._given(who, Passed(self.model.tick(), minutes))
            self.model.into_pool(minutes)

    def die(self) -> None:
        """Let an elder die, and what they had go to the pool."""
        number = max((each for each in self.elders if self.model.purses[each].alive), key=lambda each: self.model.purses[each].minutes)
        elder, purse = db.session.get_one(Elder, number), self.model.purses[number]
        elder.state, purse.alive = ElderState.DECEASED, False
        if purse.minutes:
            credit.take_back(elder, key=str(next(KEYS)), actor=AS_OTHERS)
            self.model.into_pool(purse.minutes)

    def compare(self) -> None:
        """Compare every account and every debt with the model, to the minute."""
        db.session.rollback()
        pool = db.session.scalars(
            select(Account).where(Account.community_id == self.here.community, Account.kind == AccountKind.POOL)
        ).first()
        assert (book.totals(self.here.community)[AccountKind.POOL], claims.owed_by(pool.id) if pool else 0) == (
            self.model.pool,
            self.model.pool_owes,
        )
        for who in self.people:
            account = db.session.get_one(Volunteer, who).account_id
            assert (book.balance(account), claims.owed_by(account)) == (self.model.balance[who], self.model.owed[who])
        for elder in self.elders:
            purse = self.model.purses[elder]
            assert credit.queries.balance_of(db.session.get_one(Elder, elder)) == (purse.minutes if purse.alive else 0)


@pytest.fixture
def here(both: Flask) -> Iterator[Town]:
    """Give the community on each database."""
    yield from town(both)


def test_corrections_in_random_order_all_take_effect_and_every_debt_is_right(here: Town) -> None:
    whole_after(here, CORRECTIONS_IN_CI)


@pytest.mark.long
def test_two_hundred_corrections_in_random_order_all_take_effect_and_every_debt_is_right(here: Town) -> None:
    """Twenty seconds on each database, for what grows with everything that happened before."""
    whole_after(here, CORRECTIONS)


def whole_after(here: Town, corrections: int) -> None:
    """Play some corrections and look at every debt and at the whole book."""
    play = Play(here, seed=1)
    play.run(corrections)
    assert play.corrections == corrections
    report = verify(here.community)
    assert (report.ok, first_unfounded()) == (True, None), report.en
    assert -book.totals(here.community)[AccountKind.OWED] == sum(play.model.owed.values()) + play.model.pool_owes
    assert sum(play.model.owed.values()) > 0
