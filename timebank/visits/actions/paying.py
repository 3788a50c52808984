"""What a visit costs the elder: held when it is agreed, settled when it is confirmed, given back when it is called off.

``keep`` compares a visit with its hold and posts what is missing; ``moving.move`` calls it at every step. An elder
with nothing on the account is served all the same, and a volunteer's credit never waits for any of this.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.credit import actions as credit
from timebank.credit import queries, rules
from timebank.db import db
from timebank.elders.models import Elder, ElderState
from timebank.ledger import actions as ledger
from timebank.ledger import queries as book
from timebank.ledger.models import Account, Transfer
from timebank.visits.actions.one_word import took_on, unseen
from timebank.visits.actions.shown import asked_by_a_stranger, follows
from timebank.visits.models import Offer, OfferState, Trust, Visit, VisitState

AGREED = {VisitState.ACCEPTED}
OVER = {VisitState.OPEN, VisitState.OFFERED, VisitState.CANCELLED, VisitState.FAILED}
YES = "yes"
BY_RULE = "clock"


def source_of(visit: Visit) -> str:
    """Return what the transfers of a visit name as their source."""
    return f"visit:{visit.id}"


def keep(visit: Visit) -> Transfer | None:
    """R14: Hold an agreed visit's minutes, settle a confirmed one's, give back those of one that is not going to be."""
    if visit.state not in AGREED | OVER | {VisitState.CONFIRMED}:
        return None
    held = book.open_hold(source_of(visit))
    if held is None:
        return _promise(visit) if visit.state in AGREED else None
    asked = ledger.Asked(idem=("visit", f"{held.seq}:{visit.state.value}"), actor=BY_RULE)
    if visit.state is VisitState.CONFIRMED:
        return ledger.settle(held, held.minutes, **asked)
    if visit.state not in OVER:
        return None
    given_back = ledger.release(held, held.minutes, **asked)
    _pay_agreed(visit.household_id)
    return given_back


def pay_agreed_of(elder: Elder) -> None:
    """Let minutes that have come in reach the visits that were agreed while an elder's account was short."""
    _pay_agreed(elder.household_id)


credit.came_in.append(pay_agreed_of)


def _pay_agreed(household_id: int) -> None:
    """Set aside what is missing for the agreed visits of a door that are still to come, the next one first."""
    rows = select(Visit).where(Visit.household_id == household_id, Visit.state.in_(AGREED), Visit.day >= clock.today())
    for visit in db.session.scalars(rows.order_by(Visit.day, Visit.start, Visit.id)):
        held = book.open_hold(source_of(visit))
        if held is None:
            _promise(visit)
        elif held.minutes < price(visit):
            _promise_more(visit, held)


def _promise_more(visit: Visit, held: Transfer) -> None:
    """Set aside more for a visit that was paid in part, where its account has more by now: one hold in the place of the other."""
    account = db.session.get_one(Account, held.debit_id)
    week, today = _already(visit, account)
    wanted = price(visit)
    if rules.may_set_aside(wanted, held.minutes + account.balance, week, today, queries.terms_of(visit.community_id)) > held.minutes:
        ledger.release(held, held.minutes, idem=("visit", f"{held.seq}:more"), actor=BY_RULE)
        _promise(visit, account)


@dataclass(frozen=True, slots=True)
class Bill:
    """Who pays for a visit: what it costs, and what of it stands ready or was paid from an elder's account; the rest nobody pays."""

    minutes: int
    paid: int

    @property
    def free(self) -> int:
        """The minutes that cost nobody anything."""
        return self.minutes - self.paid


def bill(visit: Visit) -> Bill | None:
    """Return who pays for a visit that is agreed or took place; None where nothing is promised here, or not yet."""
    if visit.state in OVER or queries.terms_of(visit.community_id).hold != YES:
        return None
    return Bill(price(visit), book.paid(source_of(visit)))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a visit would take of whose time, before it is agreed: the minutes it needs, and what the account has."""

    minutes: int
    has: int


def estimate(minutes: int, elder: Elder | None, household_elders: Iterable[Elder] = ()) -> Estimate | None:
    """Return what something of so many minutes would take of an elder's account, or of the first at the door who has any; None where nothing is promised."""
    people = [elder] if elder is not None else list(household_elders)
    if not people or queries.terms_of(people[0].community_id).hold != YES:
        return None
    return Estimate(minutes, max(queries.balance_of(each) for each in people))


def _promise(visit: Visit, payer: Account | None = None) -> Transfer | None:
    """Set aside what the elder of a visit can pay; nothing where there is no account or the rule is off."""
    payer = payer or _payer(visit)
    on = queries.terms_of(visit.community_id)
    if payer is None or on.hold != YES:
        return None
    week, today = _already(visit, payer)
    minutes = rules.may_set_aside(price(visit), payer.balance, week, today, on)
    if minutes < 1:
        return None
    source = source_of(visit)
    key = f"{visit.id}:{visit.version}:{book.chain_head(visit.community_id).seq}"
    return ledger.hold(payer.id, minutes, source=source, idem=("hold", key), actor=BY_RULE)


def price(visit: Visit) -> int:
    """R4: Return what a visit costs the elder: its planned minutes, once, whatever the crew."""
    return visit.minutes


def _payer(visit: Visit) -> Account | None:
    """Return the account a visit is paid from: that of whom it is for, else of the first at the door who has minutes."""
    accounts = [queries.account_of(each) for each in _served(visit) if each.state is ElderState.ACTIVE]
    return next((each for each in accounts if each is not None and each.balance > 0), None)


def _served(visit: Visit) -> list[Elder]:
    """Return the elders a visit is for."""
    return [visit.request.elder] if visit.request.elder is not None else list(visit.household.elders)


def _already(visit: Visit, payer: Account) -> tuple[int, int]:
    """Return the minutes an account has set aside for the week of a visit, and for how many visits of its day."""
    others = db.session.execute(
        select(Visit.id, Visit.day).where(Visit.household_id == visit.household_id, Visit.week == visit.week, Visit.id != visit.id)
    ).all()
    days = {f"visit:{number}": day for number, day in others}
    paid = book.set_aside(payer.id, list(days))
    return sum(paid.values()), sum(1 for source in paid if days[source] == visit.day)


def make_up(made: Offer) -> None:
    """Make up to a volunteer for a visit they had accepted themselves and that is called off shortly before (R15).

    Nothing goes to or for somebody whom only whoever registered them has looked at, nor to whoever follows the visit themselves, nor by
    whoever called this very visit into being or chose the volunteer for it.
    """
    if unseen([made]) or follows(made) or _is_of(made, audit.first_hand()):
        return
    begin = clock.at(made.day, made.start)
    before = timedelta(minutes=queries.terms_of(made.visit.community_id).late_before)
    if made.state is OfferState.ACCEPTED and made.answered_by is Trust.CODE and begin - before < clock.now() <= begin:
        credit.compensate(made.volunteer, source=source_of(made.visit))


def _is_of(made: Offer, by: int | None) -> bool:
    """Say whether somebody chose the volunteer for a visit, had the last word on its need, or asked for it and is no relative."""
    stranger = made.visit.request.asked_by if asked_by_a_stranger(made.visit) else None
    return by is not None and by in (made.asked_by, took_on(made.visit), stranger)


def give_back_overdue() -> int:
    """R19: Give back what is held for agreed visits that nobody made; say how many."""
    waiting = db.session.scalars(select(Visit).where(Visit.state == VisitState.ACCEPTED, Visit.day < clock.today()))
    given = 0
    for visit in waiting:
        last = (visit.day or visit.occurrence) + timedelta(days=queries.terms_of(visit.community_id).auto_days)
        held = book.open_hold(source_of(visit)) if last < clock.today() else None
        if held is not None:
            ledger.release(held, held.minutes, idem=("visit", f"{held.seq}:overdue"), actor=BY_RULE)
            given += 1
    return given
