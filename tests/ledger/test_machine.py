"""Random days of a community, played against a plain dictionary that says what each request must do."""

import dataclasses
import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from timebank import clock
from timebank.db import db, forget_reads, transaction
from timebank.errors import Conflict, Invalid
from timebank.ledger import actions, owing, queries
from timebank.ledger.models import Account, AccountKind, Transfer, record_source
from timebank.ledger.verify import verify

# 50 days of 50 requests on each of two databases are 5,000 in all; 10,000 days are 1,000,000.
STEPS, IN_CI, LONG = 50, 30, 10_000
communities = itertools.count(100)
MINUTES = st.integers(1, 150)
MEMBER = st.integers(0, 3)
ANY = st.integers(0, 10_000)
LASTING = {"reversal", "hold", "take_back", "advance", "repay", "write_off"}


@dataclass
class Posted:
    """What the model knows of a transfer."""

    seq: int
    kind: str
    debit: int
    credit: int
    minutes: int
    source: str
    hold: int | None = None
    undone: bool = False


@dataclass(frozen=True)
class Request:
    """What somebody asked for: a verb of the ledger, its accounts or transfer, and its key."""

    verb: str
    places: tuple[int, ...]
    minutes: int
    key: str
    more: dict[str, Any] = field(default_factory=dict)


class Ledger(RuleBasedStateMachine):
    """One community; every rule is one request in one write unit."""

    def __init__(self) -> None:
        """Open the accounts."""
        super().__init__()
        self.community = next(communities)
        clock.clock.start_at(clock.parse_instant("2026-11-23 09:00"))
        self.first_day = clock.today()
        with transaction():
            self.members = [actions.open_account(self.community, limit=limit).id for limit in (0, 0, 0, 60)]
            own = {kind: actions.system_account(self.community, kind).id for kind in AccountKind if kind is not AccountKind.MEMBER}
        self.issued, self.pool = own[AccountKind.ISSUED], own[AccountKind.POOL]
        self.held, self.redeemed, self.owed = own[AccountKind.HELD], own[AccountKind.REDEEMED], own[AccountKind.OWED]
        self.limits = dict(zip(self.members, (0, 0, 0, 60), strict=True))
        self.balances = dict.fromkeys((*self.members, *own.values()), 0)
        self.log: dict[int, Posted] = {}
        self.done: list[tuple[Request, int]] = []
        self.keys = itertools.count(1)

    def _ask(self, verb: str, *places: int, minutes: int = 0, **more: object) -> None:
        """Make a request and let the model judge it."""
        request = Request(verb, places, minutes, f"{self.community}:{next(self.keys)}", dict(more))
        moves = self._moves(request)
        if moves is None:
            with pytest.raises(Conflict), transaction():
                self._send(request)
            return
        with transaction():
            transfer = self._send(request)
            self._book(request, transfer, moves)

    def _send(self, request: Request) -> Transfer:
        """Send a request to the ledger."""
        asked = actions.Asked(idem=("machine", request.key), actor="user:1")
        source = f"{request.verb}:{request.key}"
        match request.verb, request.places:
            case "earn", (account,):
                source = record_source(self.community * 1_000 + request.more["record"], request.more["version"])
                return actions.earn(account, request.minutes, source=source, **asked)
            case "grant", (account,):
                return actions.grant(account, request.minutes, source=source, fresh=request.more["fresh"], **asked)
            case "gift", (giver, receiver):
                return actions.gift(giver, receiver, request.minutes, source=source, **asked)
            case "donate", (giver,):
                return actions.donate(giver, request.minutes, source=source, **asked)
            case "hold", (account,):
                return actions.hold(account, request.minutes, source=source, **asked)
            case "settle", (seq,):
                return actions.settle(self._transfer(seq), request.minutes, **asked)
            case "release", (seq,):
                return actions.release(self._transfer(seq), request.minutes, **asked)
            case "reverse", (seq,):
                return actions.reverse(self._transfer(seq), "user:1", "wrong", idem=("machine", request.key))
        return self._send_debt(request, asked)

    def _send_debt(self, request: Request, asked: actions.Asked) -> Transfer:
        """Send a request about what is owed."""
        place = request.places[0]
        if request.verb == "advance":
            return owing.advance(self.community, place, request.minutes, source=f"advance:{request.key}", **asked)
        if request.verb == "write_off":
            return owing.write_off(self._transfer(place), request.minutes, approver="user:2", note="gone", **asked)
        return {"repay": owing.repay, "take_back": owing.take_back}[request.verb](self._transfer(place), request.minutes, **asked)

    @staticmethod
    def _transfer(seq: int) -> Transfer:
        return db.session.get_one(Transfer, seq)

    def _moves(self, request: Request) -> list[tuple[str, int, int]] | None:
        """Return what a request has to move (kind, debit, credit), or nothing when it has to be refused."""
        moves = self._wished(request)
        if moves is None:
            return None
        _, debit, _ = moves[-1]
        if len(moves) == 1 and debit not in {self.issued, self.owed}:
            left = self.balances[debit] + self.limits.get(debit, 0)
            minutes = self.log[request.places[0]].minutes if request.verb == "reverse" else request.minutes
            return moves if left >= minutes else None
        return moves

    def _wished(self, request: Request) -> list[tuple[str, int, int]] | None:
        """Return what a request moves if there is enough."""
        place = request.places[0]
        if request.verb in {"gift", "donate", "hold"} and self._owes(place):
            return None
        match request.verb:
            case "earn":
                return [("earn", self.issued, place)] if self._may_credit(request) else None
            case "grant":
                fresh = [("grant", self.issued, self.pool)] if request.more["fresh"] else []
                return [*fresh, ("grant", self.pool, place)]
            case "gift":
                receiver = request.places[1]
                return [("gift", place, receiver)] if place != receiver else None
            case "donate":
                return [("donate", place, self.pool)]
            case "hold":
                return [("hold", place, self.held)]
            case "settle" | "release":
                way = self.redeemed if request.verb == "settle" else self.log[place].debit
                ok = self._open(place) >= request.minutes and not self._resolved(place, request.verb)
                return [(request.verb, self.held, way)] if ok else None
            case "advance" | "repay" | "write_off" | "take_back":
                return self._wished_debt(request)
        target = self.log[place]
        ok = target.kind not in LASTING and not target.undone and not self._taken(place)
        return [("reversal", target.credit, target.debit)] if ok else None

    def _may_credit(self, request: Request) -> bool:
        stem = f"record:{self.community * 1_000 + request.more['record']}:v"
        credits_ = [each for each in self.log.values() if each.kind == "earn" and each.source.startswith(stem)]
        return all(each.undone and each.source != f"{stem}{request.more['version']}" for each in credits_)

    def _resolved(self, seq: int, verb: str) -> bool:
        return any(each.hold == seq and each.kind == verb and not each.undone for each in self.log.values())

    def _wished_debt(self, request: Request) -> list[tuple[str, int, int]] | None:
        """Return what a request about what is owed moves if there is enough."""
        place = request.places[0]
        if request.verb == "advance":
            return [("advance", self.owed, place)]
        named = self.log[place]
        if request.verb == "take_back":
            ok = not named.undone and named.minutes - self._taken(place) >= request.minutes
            return [("take_back", named.credit, named.debit)] if ok else None
        payer = named.credit if request.verb == "repay" else self.issued
        return [(request.verb, payer, self.owed)] if self._open(place) >= request.minutes else None

    def _owes(self, account: int) -> bool:
        return any(each.kind == "advance" and each.credit == account and self._open(each.seq) for each in self.log.values())

    def _taken(self, seq: int) -> int:
        return sum(each.minutes for each in self.log.values() if each.kind == "take_back" and each.source == f"transfer:{seq}")

    def _open(self, seq: int) -> int:
        used = sum(each.minutes for each in self.log.values() if each.hold == seq and not each.undone)
        return self.log[seq].minutes - used

    def _book(self, request: Request, transfer: Transfer, moves: list[tuple[str, int, int]]) -> None:
        """Write into the model what was moved."""
        for place, (kind, debit, credit) in enumerate(reversed(moves)):
            hold = request.places[0] if kind in {"settle", "release", "repay", "write_off"} else None
            seq = transfer.seq - place
            self.log[seq] = Posted(seq, kind, debit, credit, transfer.minutes, transfer.source, hold)
            self.balances[debit] -= transfer.minutes
            self.balances[credit] += transfer.minutes
        if request.verb == "reverse":
            self.log[request.places[0]].undone = True
        self.done.append((request, transfer.seq))

    @rule(who=MEMBER, minutes=MINUTES, record=st.integers(1, 20), version=st.integers(1, 3))
    def earn(self, who: int, minutes: int, record: int, version: int) -> None:
        """Credit a record's version."""
        self._ask("earn", self.members[who], minutes=minutes, record=record, version=version)

    @rule(who=MEMBER, minutes=MINUTES, fresh=st.booleans())
    def grant(self, who: int, minutes: int, *, fresh: bool) -> None:
        """Give from the pool."""
        self._ask("grant", self.members[who], minutes=minutes, fresh=fresh)

    @rule(giver=MEMBER, receiver=MEMBER, minutes=MINUTES)
    def gift(self, giver: int, receiver: int, minutes: int) -> None:
        """Give to another, or to oneself."""
        self._ask("gift", self.members[giver], self.members[receiver], minutes=minutes)

    @rule(who=MEMBER, minutes=MINUTES)
    def donate(self, who: int, minutes: int) -> None:
        """Give to the pool."""
        self._ask("donate", self.members[who], minutes=minutes)

    @rule(who=MEMBER, minutes=MINUTES)
    def hold(self, who: int, minutes: int) -> None:
        """Set minutes aside."""
        self._ask("hold", self.members[who], minutes=minutes)

    @precondition(lambda self: any(each.kind == "hold" for each in self.log.values()))
    @rule(which=ANY, minutes=MINUTES, verb=st.sampled_from(("settle", "release")))
    def resolve(self, which: int, minutes: int, verb: str) -> None:
        """Settle or release a part of a hold."""
        holds = [each.seq for each in self.log.values() if each.kind == "hold"]
        self._ask(verb, holds[which % len(holds)], minutes=minutes)

    @rule(who=st.integers(0, 4), minutes=MINUTES)
    def advance(self, who: int, minutes: int) -> None:
        """Let a member, or the pool, owe minutes."""
        self._ask("advance", [*self.members, self.pool][who], minutes=minutes)

    @precondition(lambda self: any(each.kind == "advance" for each in self.log.values()))
    @rule(which=ANY, minutes=MINUTES, verb=st.sampled_from(("repay", "write_off")))
    def settle_claim(self, which: int, minutes: int, verb: str) -> None:
        """Pay back or write off a part of a claim."""
        owed = [each.seq for each in self.log.values() if each.kind == "advance"]
        self._ask(verb, owed[which % len(owed)], minutes=minutes)

    @precondition(lambda self: any(each.kind in {"gift", "donate"} for each in self.log.values()))
    @rule(which=ANY, minutes=MINUTES)
    def take_back(self, which: int, minutes: int) -> None:
        """Take a part of a gift or donation back."""
        given = [each.seq for each in self.log.values() if each.kind in {"gift", "donate"}]
        self._ask("take_back", given[which % len(given)], minutes=minutes)

    @precondition(lambda self: self.log)
    @rule(which=ANY)
    def reverse(self, which: int) -> None:
        """Undo any transfer."""
        self._ask("reverse", list(self.log)[which % len(self.log)])

    @precondition(lambda self: any(each.kind == "earn" and not each.undone for each in self.log.values()))
    @rule(which=ANY, minutes=MINUTES)
    def correct(self, which: int, minutes: int) -> None:
        """Count a record anew: its credit is reversed and the next version credited, unless too much of it is spent."""
        earned = [each for each in self.log.values() if each.kind == "earn" and not each.undone]
        old = earned[which % len(earned)]
        source = f"{old.source.rstrip('0123456789')}{1_000 + len(self.log)}"
        asked = actions.Asked(idem=("machine", f"{self.community}:{next(self.keys)}"), actor="user:1")
        if self.balances[old.credit] + self.limits[old.credit] < old.minutes - minutes:
            with pytest.raises(Conflict), transaction():
                actions.correct(self._transfer(old.seq), minutes, source=source, reason="recounted", **asked)
            return
        with transaction():
            seq = actions.correct(self._transfer(old.seq), minutes, source=source, reason="recounted", **asked).seq
        old.undone = True
        self.log[seq - 1] = Posted(seq - 1, "reversal", old.credit, old.debit, old.minutes, f"transfer:{old.seq}")
        self.log[seq] = Posted(seq, "earn", old.debit, old.credit, minutes, source)
        self.balances[old.credit] += minutes - old.minutes
        self.balances[old.debit] += old.minutes - minutes

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        """Let time pass, over midnights and month ends."""
        clock.clock.shift += timedelta(hours=hours)

    @precondition(lambda self: self.done)
    @rule(which=ANY)
    def retry(self, which: int) -> None:
        """Send an earlier request again: the first transfer comes back and nothing moves."""
        request, seq = self.done[which % len(self.done)]
        with transaction():
            assert self._send(request).seq == seq

    @precondition(lambda self: self.done)
    @rule(which=ANY)
    def retry_changed(self, which: int) -> None:
        """Send another request under an earlier key: it is refused."""
        request, _ = self.done[which % len(self.done)]
        if request.verb != "reverse":
            with pytest.raises(Invalid, match="differs from the first"), transaction():
                self._send(dataclasses.replace(request, minutes=request.minutes + 1))

    @invariant()
    def stands_as_the_model_says(self) -> None:
        """Compare every balance with the model's, and look at the sum and the limits."""
        forget_reads()
        own = select(Account.id, Account.balance).where(Account.community_id == self.community)
        balances = {account: minutes for account, minutes in db.session.execute(own)}  # noqa: C416 - a row is no plain pair
        assert balances == self.balances
        assert sum(balances.values()) == 0
        assert all(
            minutes >= -self.limits.get(account, 0) for account, minutes in balances.items() if account not in {self.issued, self.owed}
        )
        assert balances[self.owed] == -sum(self._open(each.seq) for each in self.log.values() if each.kind == "advance")

    def teardown(self) -> None:
        """Check the whole chain at the end of the day."""
        forget_reads()
        assert queries.fold(self.community) == self.balances
        for account, minutes in self.balances.items():
            self._assert_statements_join(account, minutes)
        report = verify(self.community)
        assert report.ok
        assert report.transfers == len(self.log)

    def _assert_statements_join(self, account: int, minutes: int) -> None:
        """Split an account's life into weeks: each begins where the last ended, and the last ends at the balance."""
        day, last, standing, seen = self.first_day, clock.today() + timedelta(days=1), 0, 0
        while day < last:
            until = min(day + timedelta(days=7), last)
            lines = queries.lines(account, day, until)
            assert lines.opening == standing
            assert lines.closing == standing + sum(line.minutes for line in lines.lines)
            day, standing, seen = until, lines.closing, seen + len(lines.lines)
        assert standing == minutes
        assert seen == sum(account in {each.debit, each.credit} for each in self.log.values())


def _assert_days_stand(examples: int) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("app")
def test_random_days_stand_as_the_model_says() -> None:
    _assert_days_stand(IN_CI)


@pytest.mark.long
@pytest.mark.usefixtures("app")
def test_ten_thousand_random_days_stand_as_the_model_says() -> None:
    _assert_days_stand(LONG)
