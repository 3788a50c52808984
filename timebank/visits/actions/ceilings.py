"""Ceilings of a month: what a community has settled, and how much one person may put on record on nobody's word but their own.

A visit whose code the elder showed, and a meal tapped at the door on the volunteer's own phone, rest on evidence (``shown``); so do an
approved relative's word and that of two people of the office, as where one typed the times in and another confirmed them. What is left,
a check-in without the code among it, rests on the word of whoever of the office confirms it, or took the request on, alone.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.proposals import actions as proposals
from timebank.proposals import carriers
from timebank.proposals.carriers import Carrier, Change, Shown
from timebank.proposals.models import Kind, Proposal
from timebank.sentences import Sentence
from timebank.visits.actions import shown
from timebank.visits.actions.kin import may_speak
from timebank.visits.entries import RecordRules
from timebank.visits.models import Offer, ServiceRecord, Trust
from timebank.visits.states import SERVED

RULES = {
    "volunteer_month": Sentence("每位志愿者每月，分钟"),
    "coordinator_month": Sentence("每位经办人每月，分钟"),
    "back_days": Sentence.of("visits", "最早能录几天前的"),
    "call_back_percent": Sentence("每周抽查回访，%"),
    "own_word_month": Sentence("每人每月凭一句话确认，分钟"),
}
DEFAULTS = {"volunteer_month": 600, "coordinator_month": 3000, "back_days": 30, "call_back_percent": 5, "own_word_month": 3000}


def rules_of(community_id: int) -> RecordRules:
    """Return what a community has settled about its records, else the defaults."""
    return db.session.get(RecordRules, community_id) or RecordRules(community_id=community_id, **DEFAULTS)


def reach(community_id: int) -> timedelta:
    """Return how far back service may be entered."""
    return timedelta(days=rules_of(community_id).back_days)


def must_be_recent(community_id: int, day: date, field: str) -> None:
    """Refuse service of a day that lies too far back to be entered, on whatever form."""
    if day < clock.today() - reach(community_id):
        most = reach(community_id).days
        raise wrong(field, "只能补录 %(most)s 天以内的服务。更早的请管理员核实后放宽天数。", most=most)


def propose_rules(community_id: int, by: User, **values: int) -> Proposal | None:
    """Ask for other ceilings; None when nothing would change. A second person decides."""
    rules = rules_of(community_id)
    terms = {name: [getattr(rules, name), value] for name, value in values.items() if getattr(rules, name) != value}
    return proposals.propose(Kind.RECORD_RULES, community_id, f"community:{community_id}", terms, by) if terms else None


def _carry_rules(proposal: Proposal, _by: User | None) -> None:
    """Settle the ceilings that two people stand for."""
    settle_rules(proposal.community_id, **{name: after for name, (_before, after) in proposal.terms.items()})


def _show_rules(proposal: Proposal) -> Shown:
    """Return other ceilings in words."""
    changes = (Change(RULES[name], *((str(value), str(value)) for value in pair)) for name, pair in proposal.terms.items())
    return Shown(Sentence("手工与补录的上限"), tuple(changes))


carriers.register(Kind.RECORD_RULES, Carrier(_carry_rules, _show_rules))


def settle_rules(community_id: int, **values: int) -> None:
    """Settle the ceilings and the share of call-backs of a community."""
    rules = rules_of(community_id)
    before = {name: getattr(rules, name) for name in DEFAULTS}
    for name, value in values.items():
        setattr(rules, name, value)
    db.session.add(rules)
    db.session.flush()
    audit.record("settle_rules", "community", community_id, before=before, after=values)


def month_of(day: date) -> tuple[date, date]:
    """Return the first day of a day's month and the first of the next one."""
    first = day.replace(day=1)
    return first, clock.next_month(first)


def word_of(offers: Iterable[Offer], trust: Trust, by: User | None) -> int | None:
    """Return on whose word alone it rests that offers were served, None where somebody or something else shows it."""
    served = [each for each in offers if each.outcome in SERVED]
    if trust is Trust.TWO_PERSONS or (trust is Trust.FAMILY and by is not None and may_speak(by.id, _homes(served))):
        return None
    bare = next((each for each in served if not shown.stands(each)), None)
    if bare is None:
        return None
    return one_hand.word_of(by) if by is not None and trust is not Trust.FAMILY else bare.visit.request.decided_by


def _homes(offers: Iterable[Offer]) -> set[int]:
    """Return the doors of some offers."""
    return {each.visit.household_id for each in offers}


def must_fit_own_word(community_id: int, who: int | None, day: date, minutes: int) -> None:
    """Refuse what would rest on one person's word alone and goes over their month; two at one moment are counted one after the other."""
    if who is None:
        return
    db.session.execute(select(User.id).where(User.id == who).with_for_update())
    most, already = rules_of(community_id).own_word_month, minutes_on_word_of(who, day)
    if already + minutes > most:
        raise Conflict(
            "没有到访码、也没有手机点的送到，只凭一个人的话确认的服务，每人每月最多记 %(most)s 分钟。这个月已有 %(already)s 分钟，再加 %(minutes)s 分钟就超了。请另一位同事来确认；没有同事的请管理员确认。",
            most=most,
            already=already,
            minutes=minutes,
        )


def minutes_on_word_of(who: int, day: date) -> int:
    """Return the minutes on record for the days of a month that rest on one person's word alone."""
    first, after = month_of(day)
    total = select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(
        ServiceRecord.word_of == who, ServiceRecord.current, ServiceRecord.day >= first, ServiceRecord.day < after
    )
    return int(db.session.scalar(total) or 0)
