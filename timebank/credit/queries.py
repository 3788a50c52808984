"""Reads of the time account in use: a community's terms, elders' accounts and grants, links, and who has left minutes behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from timebank import clock
from timebank.credit import rules
from timebank.credit.models import CreditSetting, ElderAccount, GiftLink
from timebank.credit.rules import Terms
from timebank.db import db
from timebank.elders.models import CareLevel, Elder, ElderState
from timebank.ledger import queries as ledger
from timebank.ledger.models import Account, Transfer, TransferKind
from timebank.volunteers.models import Volunteer


def terms_of(community_id: int) -> Terms:
    """Return the rules as a community has set them."""
    rows = db.session.execute(select(CreditSetting.name, CreditSetting.value).where(CreditSetting.community_id == community_id))
    return rules.terms({name: value for name, value in rows})  # noqa: C416 - a row is no plain pair


def made_up(volunteer: Volunteer, day: date) -> int:
    """Return what a volunteer has been made up to in a day's month for visits called off late (R15)."""
    since = clock.at(day.replace(day=1), 0)
    mine = (Transfer.credit_id == volunteer.account_id, Transfer.kind == TransferKind.GRANT, Transfer.note == "R15", Transfer.at >= since)
    return int(db.session.scalar(select(func.coalesce(func.sum(Transfer.minutes), 0)).where(*mine)) or 0)


def account_of(elder: Elder) -> Account | None:
    """Return an elder's time account, None before the first minute came in."""
    return db.session.scalar(
        select(Account).join(ElderAccount, ElderAccount.account_id == Account.id).where(ElderAccount.elder_id == elder.id)
    )


def balance_of(elder: Elder) -> int:
    """Return what an elder can spend."""
    account = account_of(elder)
    return account.balance if account else 0


def age_of(elder: Elder) -> int | None:
    """Return an elder's age this year, None when nobody wrote the year of birth down."""
    return clock.today().year - elder.birth_year if elder.birth_year else None


def is_priority(elder: Elder) -> bool:
    """Say whether the pool helps an elder (重点老人)."""
    cares = elder.level in {CareLevel.UNKNOWN, CareLevel.ABLE}
    return rules.is_priority(lives_alone=elder.lives_alone, age=age_of(elder), cares_for_self=cares)


def grant_source(month: date) -> str:
    """Return what the grants of a month, and what of them returns, name as their source."""
    return f"grant:{month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Granted:
    """A priority elder's month: what was granted, what may still be, what is on the account."""

    elder: Elder
    granted: int
    left: int
    balance: int


def granted(community_id: int, month: date) -> list[Granted]:
    """Return the priority elders of a community with their grants of a month, by name."""
    on = terms_of(community_id)
    elders = db.session.scalars(
        select(Elder).where(Elder.community_id == community_id, Elder.state == ElderState.ACTIVE).order_by(Elder.sort_key, Elder.id)
    )
    return [_granted(elder, month, on) for elder in elders if is_priority(elder)]


def due_grants(community_id: int, month: date) -> list[Granted]:
    """Return the priority elders who have something left of a month's grant, as far as a second person has looked at them."""
    seen = (each for each in granted(community_id, month) if each.elder.registered_by is None or each.elder.vouched_by is not None)
    return [each for each in seen if each.left > 0]


def _granted(elder: Elder, month: date, on: Terms) -> Granted:
    """Return one elder's month."""
    account = account_of(elder)
    given = ledger.granted(account.id, grant_source(month)) if account else 0
    return Granted(elder, given, rules.grant_left(given, on), account.balance if account else 0)


def unused(account: Account, month: date) -> int:
    """Return what of a month's grant was neither set aside nor spent; what is set aside is promised."""
    given = ledger.granted(account.id, grant_source(month))
    first = month.replace(day=1)
    moved = ledger.lines(account.id, first, clock.next_month(first)).lines
    used = -sum(line.minutes for line in moved if line.kind in {TransferKind.HOLD, TransferKind.RELEASE})
    return max(0, min(account.balance, given - used))


def accounts_with_grant(community_id: int, month: date) -> Sequence[Account]:
    """Return the elders' accounts of a community that got a grant in a month."""
    accounts = db.session.scalars(
        select(Account).join(ElderAccount, ElderAccount.account_id == Account.id).where(Account.community_id == community_id)
    ).all()
    return [each for each in accounts if ledger.granted(each.id, grant_source(month))]


def links_of(volunteer: Volunteer) -> Sequence[GiftLink]:
    """Return whom a volunteer has named, newest first; refused ones too."""
    return db.session.scalars(select(GiftLink).where(GiftLink.volunteer_id == volunteer.id).order_by(GiftLink.id.desc())).all()


def link_of(volunteer: Volunteer, link_id: int) -> GiftLink | None:
    """Return one of a volunteer's links."""
    return db.session.scalar(select(GiftLink).where(GiftLink.id == link_id, GiftLink.volunteer_id == volunteer.id))


def link_in(community_id: int, link_id: int) -> GiftLink | None:
    """Return a link of a community."""
    return db.session.scalar(select(GiftLink).where(GiftLink.id == link_id, GiftLink.community_id == community_id))


def links_to_check(community_id: int) -> Sequence[GiftLink]:
    """Return the links that wait for a coordinator, oldest first."""
    return db.session.scalars(
        select(GiftLink).where(GiftLink.community_id == community_id, GiftLink.agreed.is_(None)).order_by(GiftLink.id)
    ).all()


def leavers(community_id: int) -> Sequence[Volunteer]:
    """Return the volunteers who serve no more and have left minutes behind, by name."""
    return db.session.scalars(
        select(Volunteer)
        .join(Account, Account.id == Volunteer.account_id)
        .where(Volunteer.community_id == community_id, Volunteer.active.is_(False), Account.balance > 0)
        .order_by(Volunteer.sort_key, Volunteer.id)
    ).all()


def gone_elders(community_id: int) -> Sequence[tuple[Elder, int]]:
    """Return the elders who have moved away or died with what stands on their accounts, by name."""
    rows = db.session.execute(
        select(Elder, Account.balance)
        .join(ElderAccount, ElderAccount.elder_id == Elder.id)
        .join(Account, Account.id == ElderAccount.account_id)
        .where(Elder.community_id == community_id, Elder.state != ElderState.ACTIVE, Account.balance > 0)
        .order_by(Elder.sort_key, Elder.id)
    )
    return [(elder, balance) for elder, balance in rows]
