"""一口式接件: one desk takes everything in, whoever brings it and by whichever door; nothing needs to be sorted yet."""

from dataclasses import dataclass

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.access.sorting import sort_key
from timebank.cases.actions.steps import may_work_on, step, worded
from timebank.cases.models import Consent, Deed, Door, Level, Sort, Ticket
from timebank.db import db
from timebank.elders.models import Elder
from timebank.errors import wrong
from timebank.places.models import Building, Community, Compound
from timebank.records.workdays import workdays_from

SORT_DAYS = 1
"""So many working days until something new is sorted."""
THEMSELVES = frozenset({Role.FAMILY, Role.VOLUNTEER})
"""Who brings something themselves, on a phone; whoever else writes a ticket down does it for somebody at the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What somebody brings: what sort of thing, in which words, by which door, and about whom and where."""

    sort: Sort
    door: Door
    name: str
    words: str
    phone: str = ""
    about: str = ""
    consent: Consent | None = None
    elder: Elder | None = None
    compound: Compound | None = None
    building: Building | None = None


def take_in(community_id: int, brought: Brought, by: User) -> Ticket:
    """Write down what somebody brings, in their own words, and give it its number."""
    _check(brought)
    reported = brought.door is Door.INFORMANT
    building = brought.building or (brought.elder.household.building if brought.elder else None)
    ticket = Ticket(
        community_id=community_id,
        number=_next_number(community_id),
        sort=brought.sort,
        door=brought.door,
        name=brought.name.strip(),
        sort_key=sort_key(brought.name.strip()),
        phone=brought.phone,
        about=brought.about.strip(),
        consent=(brought.consent or Consent.ASKED) if reported else None,
        elder=brought.elder,
        building=building,
        compound=building.compound if building else brought.compound,
        words=brought.words.strip(),
        brought_by=by.id if by.role in THEMSELVES else None,
        received_by=None if by.role in THEMSELVES else by.id,
        received_at=clock.now(),
        received_on=clock.today(),
        level=Level.BUILDING if brought.sort is Sort.MEDIATION else None,
        due=workdays_from(clock.today()).after(clock.today(), SORT_DAYS),
    )
    db.session.add(ticket)
    db.session.flush()
    step(ticket, Deed.TAKE_IN, by)
    audit.record("take_in", "ticket", ticket.id, sort=ticket.sort.value, door=ticket.door.value)
    return ticket


def _check(brought: Brought) -> None:
    """Refuse what nobody could follow up: without words, without a name, a report without whom it is about."""
    worded(brought.words, "words", "请写下是什么事，用来人自己的话。")
    worded(brought.name, "name", "请写下来人怎么称呼，回访时要用。")
    if brought.door is Door.INFORMANT and not brought.about.strip() and brought.elder is None:
        raise wrong("about", "替别人说的，请写下说的是谁。")


def _next_number(community_id: int) -> str:
    """Return the next number of a community's year, such as 2026-0042; two desks wait for each other."""
    db.session.scalars(select(Community).where(Community.id == community_id).with_for_update()).one()
    year = f"{clock.today().year}-"
    last = db.session.scalar(select(func.max(Ticket.number)).where(Ticket.community_id == community_id, Ticket.number.startswith(year)))
    return f"{year}{int(last.removeprefix(year)) + 1 if last else 1:05d}"


def set_consent(ticket: Ticket, consent: Consent, by: User, note: str = "") -> None:
    """Note what the person says for whom somebody else reported."""
    may_work_on(ticket, by)
    if ticket.consent is None:
        raise wrong("consent", "这是本人自己来说的，不用再问愿不愿意。")
    ticket.consent = consent
    step(ticket, Deed.CONSENT, by, note, consent=consent.value)
    audit.record("set_consent", "ticket", ticket.id, consent=consent.value)


def name_elder(ticket: Ticket, elder: Elder, by: User) -> None:
    """Note which registered elder a ticket is about; where it has no place yet, it takes the elder's."""
    may_work_on(ticket, by)
    home = elder.household.building
    compound, known = home.compound, ticket.building is not None
    ticket.elder = elder
    if not known:
        ticket.compound, ticket.building = compound, home
    step(ticket, Deed.NAME_ELDER, by, elder=elder.id)
    audit.record("name_elder", "ticket", ticket.id, elder=elder.id)
