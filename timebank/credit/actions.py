"""Verbs of the time account in use: earning by the rules, gifts, donations, grants, and what somebody leaves behind.

Each posts through the ledger inside the caller's write unit. ``key`` names one submission, so that a second tap finds
the first one's transfer.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Unpack

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.credit import queries, refusals, rules
from timebank.credit.models import CreditSetting, ElderAccount, GiftLink, Relation
from timebank.credit.owing import settle
from timebank.db import db
from timebank.elders.models import Elder, ElderState
from timebank.errors import Refusal
from timebank.ledger import actions as ledger
from timebank.ledger import queries as book
from timebank.ledger.models import Account, AccountKind, Transfer
from timebank.volunteers.models import Volunteer

BY_RULE = "clock"
came_in: list[Callable[[Elder], None]] = []
"""What else is done when minutes have come onto an elder's account; a room above that promises them to visits adds itself here."""
LEAVERS_WAIT = timedelta(days=1)
"""So long the clock leaves alone what somebody left behind: a mistake, or worse, is seen by then."""


def changed_settings(community_id: int, given: Mapping[str, str]) -> list[str]:
    """Return which of a community's rules would change; Invalid when a number may not be set."""
    wrong = {each.setting: each for each in rules.catalogue() if each.setting in given and not each.takes(given[each.setting])}
    if wrong:
        raise refusals.out_of_bounds(wrong)
    before = asdict(queries.terms_of(community_id))
    merged = rules.terms({name: str(value) for name, value in before.items()} | dict(given))
    if merged.day_alone > merged.day_at_most:
        raise refusals.alone_above_most()
    return [name for name, value in given.items() if name in before and str(before[name]) != value]


def change_settings(community_id: int, given: Mapping[str, str], by: User) -> list[str]:
    """Set the numbers of a community's rules and return the names of those that changed; a wrong one changes none."""
    changed = changed_settings(community_id, given)
    before = asdict(queries.terms_of(community_id))
    for name in changed:
        db.session.merge(CreditSetting(community_id=community_id, name=name, value=given[name], changed_by=by.id, changed_at=clock.now()))
        audit.record("set_rule", "community", community_id, name=name, before=before[name], after=given[name])
    db.session.flush()
    return changed


def earn(volunteer: Volunteer, minutes: int, *, collective: bool, source: str, actor: str) -> Transfer:
    """Credit one version of one service record: to the volunteer within the largest balance, of a group (``collective``) to the pool."""
    account = volunteer.account_id
    if rules.goes_to_pool(collective):
        account = ledger.system_account(volunteer.community_id, AccountKind.POOL).id
    transfer = ledger.earn(account, minutes, source=source, idem=("record", source), actor=actor)
    after_credit(volunteer, transfer)
    return transfer


def after_credit(volunteer: Volunteer, credit: Transfer) -> None:
    """Do what follows from a credit: it pays what is owed (R18), and what is then above the largest balance goes to the pool (R6)."""
    settle(credit)
    over = rules.over_cap(book.balance(volunteer.account_id), queries.terms_of(volunteer.community_id))
    over = min(over, credit.minutes)
    if credit.credit_id == volunteer.account_id and over:
        _into_pool(volunteer.account_id, over, source=f"cap:{credit.seq}", idem=("cap", str(credit.seq)), actor=BY_RULE, note="R6")


def _into_pool(account: int, minutes: int, *, source: str, **asked: Unpack[ledger.Asked]) -> Transfer:
    """Give an account's minutes to the pool, which pays what it owes with them."""
    given = ledger.donate(account, minutes, source=source, **asked)
    settle(given)
    return given


def elder_account(elder: Elder) -> Account:
    """Return an elder's time account, opened when the first minute comes in."""
    found = queries.account_of(elder)
    if found is not None:
        return found
    db.session.execute(select(Elder.id).where(Elder.id == elder.id).with_for_update())
    if (found := queries.account_of(elder)) is not None:
        return found
    account = ledger.open_account(elder.community_id)
    db.session.add(ElderAccount(elder_id=elder.id, account_id=account.id))
    db.session.flush()
    return account


def ask_link(volunteer: Volunteer, relation: Relation, said_name: str) -> GiftLink:
    """Say which elder is one's own; a coordinator then looks who that is."""
    if not rules.may_give_to(relation, queries.terms_of(volunteer.community_id)):
        raise refusals.no_relative()
    if any(each.agreed is None for each in queries.links_of(volunteer)):
        raise refusals.link_waits()
    link = GiftLink(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        relation=relation,
        said_name=said_name,
        asked_at=clock.now(),
    )
    db.session.add(link)
    db.session.flush()
    audit.record("ask_link", "gift_link", link.id, volunteer=volunteer.id, relation=relation.value)
    return link


def decide_link(link: GiftLink, elder: Elder | None, by: User) -> None:
    """Bind a link to the elder it means, or refuse it when there is none; nobody decides on their own, or on what they wrote down themselves."""
    if link.volunteer.user_id == by.id:
        raise refusals.own_link()
    asked = audit.last("gift_link", link.id, verbs={"ask_link"})
    if asked is not None and one_hand.is_one(audit.hand_in(asked), by):
        raise refusals.link_of_ones_own_hand()
    if link.agreed is not None:
        raise refusals.link_decided()
    if elder is not None:
        _may_receive(link, elder)
        _must_be_known(elder)
    link.elder_id, link.agreed = (elder.id if elder else None), elder is not None
    link.decided_at, link.decided_by = clock.now(), one_hand.maker(by)
    db.session.flush()
    audit.record("decide_link", "gift_link", link.id, agreed=link.agreed, elder=link.elder_id)


def _must_be_known(elder: Elder) -> None:
    """Refuse to let minutes go to an elder whom only whoever registered them has looked at."""
    if elder.registered_by is not None and elder.vouched_by is None:
        raise refusals.nobody_else_looked(elder.name)


def _may_receive(link: GiftLink, elder: Elder) -> None:
    """Refuse to bind a link to somebody who may not spend (R8), or twice to the same."""
    on = queries.terms_of(link.community_id)
    if not rules.old_enough(queries.age_of(elder), on):
        raise refusals.too_young(on.spend_age)
    if any(each.agreed and each.elder_id == elder.id for each in queries.links_of(link.volunteer)):
        raise refusals.link_there()


def may_give(link: GiftLink, minutes: int) -> Elder:
    """Refuse a gift to somebody nobody has checked, who is gone or no relative by the rules, or above the largest balance; say to whom it goes."""
    ledger.lock(link.community_id)  # of two at one moment the second reads what the first has given
    on = queries.terms_of(link.community_id)
    elder = link.elder
    if not link.agreed or elder is None or elder.state is not ElderState.ACTIVE or not rules.may_give_to(link.relation, on):
        raise refusals.unchecked_link()
    if rules.over_cap(queries.balance_of(elder) + minutes, on):
        raise refusals.full(on.balance_cap)
    return elder


def give(link: GiftLink, minutes: int, *, key: str, actor: str, approver: str | None = None) -> Transfer:
    """Give a volunteer's minutes to the relative of a checked link (R11), up to the largest balance (R6)."""
    elder = may_give(link, minutes)
    asked = ledger.Asked(idem=("gift", key), actor=actor, approver=approver)
    given = ledger.gift(link.volunteer.account_id, elder_account(elder).id, minutes, source=f"link:{link.id}", **asked)
    return _arrived(elder, given)


def _arrived(elder: Elder, transfer: Transfer) -> Transfer:
    """Let whoever waits for an elder's minutes know that some have come in; return the transfer that brought them."""
    for follow in came_in:
        follow(elder)
    return transfer


def donate(volunteer: Volunteer, minutes: int, *, key: str, actor: str, approver: str | None = None) -> Transfer:
    """R12: Give a volunteer's minutes to the public pool, at any time, as far as they are there."""
    source = f"volunteer:{volunteer.id}"
    return _into_pool(volunteer.account_id, minutes, source=source, idem=("donate", key), actor=actor, approver=approver)


def may_grant(elder: Elder, minutes: int) -> None:
    """Refuse a grant to somebody whom the pool does not help, whom only one person has looked at, or beyond this month's grant."""
    if not queries.is_priority(elder) or elder.state is not ElderState.ACTIVE:
        raise refusals.no_priority()
    _must_be_known(elder)
    given = book.granted(elder_account(elder).id, queries.grant_source(clock.today()))
    left = rules.grant_left(given, queries.terms_of(elder.community_id))
    if minutes > left:
        raise refusals.grant_spent(left, minutes)


def grant(elder: Elder, minutes: int, *, key: str, actor: str, approver: str | None = None) -> Transfer:
    """Give a priority elder minutes from the pool, within this month's grant (R10); what the pool lacks is issued."""
    ledger.lock(elder.community_id)
    if (known := book.by_key("grant", key)) is None:
        may_grant(elder, minutes)
    account, source = elder_account(elder), queries.grant_source(clock.today())
    pool = ledger.system_account(account.community_id, AccountKind.POOL)
    if known is None and minutes > pool.balance:
        lacking = ledger.Asked(idem=("grant", f"{key}:issue"), actor=actor, approver=approver)
        ledger.fill_pool(account.community_id, minutes - pool.balance, source=source, **lacking)
    granted = ledger.grant(account.id, minutes, source=source, fresh=False, idem=("grant", key), actor=actor, approver=approver)
    return _arrived(elder, granted)


def return_unused(community_id: int, month: date) -> int:
    """Give what of a past month's grants was not used back to the pool, once (R10); return the minutes."""
    source = queries.grant_source(month)
    returned = 0
    for account in queries.accounts_with_grant(community_id, month):
        key = ("unused", f"{account.id}:{source}")
        minutes = 0 if book.by_key(*key) else queries.unused(account, month)
        if minutes:
            _into_pool(account.id, minutes, source=source, idem=key, actor=BY_RULE, note="R10")
            returned += minutes
    return returned


def compensate(volunteer: Volunteer, *, source: str) -> Transfer | None:
    """R15: Give a volunteer whose visit was called off too late a little from the pool, as far as the pool has it.

    So much a month and no more: whoever calls off a family's visit at the desk does so on their own word.
    """
    ledger.lock(volunteer.community_id)
    minutes = queries.terms_of(volunteer.community_id).late_minutes
    pool = ledger.system_account(volunteer.community_id, AccountKind.POOL)
    if volunteer.staff or volunteer.collective or not 0 < minutes <= pool.balance:
        return None
    if queries.made_up(volunteer, clock.today()) + minutes > rules.LATE_MONTH:
        return None
    key = ("late", f"{source}:{volunteer.id}")
    made = ledger.grant(volunteer.account_id, minutes, source=source, fresh=False, idem=key, actor=BY_RULE, note="R15")
    settle(made)
    return made


def pass_on(volunteer: Volunteer, to: GiftLink | None, *, key: str, actor: str) -> Transfer:
    """R17: Pass what a volunteer who serves no more has left to a relative somebody else has checked, else to the pool."""
    left = book.balance(volunteer.account_id)
    if volunteer.active or left < 1:
        raise refusals.nothing_left()
    if to is not None and _is_one(to.decided_by, actor):
        raise refusals.linked_by_oneself()
    _ended_by_another(audit.last("volunteer", volunteer.id, fields={"active"}), actor)
    if to is not None:
        return give(to, left, key=key, actor=actor)
    return donate(volunteer, left, key=key, actor=actor)


def _ended_by_another(ended: audit.AuditRow | None, actor: str) -> None:
    """Refuse to move what somebody leaves behind who was noted as gone by the same person."""
    if ended is not None and _is_one(audit.hand_in(ended), actor):
        raise refusals.gone_by_oneself()


def _is_one(made_by: int | None, actor: str) -> bool:
    """Say whether what one person made and another now moves could be one hand's."""
    by = audit.user_in(actor)
    return by is not None and one_hand.is_one(made_by, db.session.get_one(User, by))


def pass_on_by_rule(community_id: int) -> int:
    """Do with what leavers left behind as the community's rule says (R17); return how many were passed on. What cannot be waits for a person."""
    rule = queries.terms_of(community_id).leaving
    if rule == "keep":
        return 0
    moved = 0
    for volunteer in queries.leavers(community_id):
        ended = audit.last("volunteer", volunteer.id, fields={"active"})
        if ended is not None and clock.now() - ended.at < LEAVERS_WAIT:
            continue
        checked = (each for each in queries.links_of(volunteer) if ended is None or audit.hand_in(ended) != each.decided_by)
        to = next(filter(_can_take, checked), None) if rule == "relative" else None
        if rule == "pool" or to is not None:
            key = f"rule:{volunteer.id}:{book.chain_head(community_id).seq}"
            with contextlib.suppress(Refusal), db.session.begin_nested():
                pass_on(volunteer, to, key=key, actor=BY_RULE)
                moved += 1
    return moved


def _can_take(link: GiftLink) -> bool:
    """Say whether a link leads to somebody who can still spend."""
    return bool(link.agreed) and link.elder is not None and link.elder.state is ElderState.ACTIVE


def take_back(elder: Elder, *, key: str, actor: str) -> Transfer:
    """Pass what stands on the account of an elder who has moved away or died to the pool (R17)."""
    account = queries.account_of(elder)
    if elder.state is ElderState.ACTIVE or account is None or account.balance < 1:
        raise refusals.nothing_left()
    _ended_by_another(audit.last("elder", elder.id, verbs={"set_state"}), actor)
    return _into_pool(account.id, account.balance, source=f"elder:{elder.id}", idem=("donate", key), actor=actor, note="R17")
