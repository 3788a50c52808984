"""Reads of elders: registers and searches, families, consents, and how an elder is named to people who need not know the whole name."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, load_only, selectinload

from timebank.access.masking import mask_name, surname_of
from timebank.access.models import User
from timebank.access.sorting import spelled_like
from timebank.audit import AuditRow
from timebank.db import db
from timebank.elders.models import Consent, Elder, ElderState, FamilyClaim, FamilyMember, Household, Pause, Purpose
from timebank.places.models import Building, Compound
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.queries import waiting_on

COURTESY = {"F": "奶奶", "M": "爷爷"}


def courtesy_name(elder: Elder) -> str:
    """Return the surname and 奶奶 or 爷爷, a masked name when the gender is not known."""
    title = COURTESY.get(elder.gender)
    return f"{surname_of(elder.name)}{title}" if title else mask_name(elder.name)


def read_diets(people: Iterable[Elder]) -> None:
    """Read what some elders may not eat in one go, where they were loaded without what is sealed."""
    wanted = {each.id for each in people}
    db.session.scalars(select(Elder).where(Elder.id.in_(wanted)).options(load_only(Elder.diet))).all()


def elders(community_id: int, words: str = "", *, gone: bool = False) -> list[Elder]:
    """Return the elders of a community whose name, pinyin, number, phone or address holds some words, in the order of a register."""
    return list(db.session.scalars(register(community_id, words, gone=gone)))


def register(community_id: int, words: str = "", *, gone: bool = False) -> Select[Elder]:
    """Return the statement that reads them."""
    rows = (
        select(Elder)
        .join(Elder.household)
        .join(Household.building)
        .join(Building.compound)
        .where(Elder.community_id == community_id, (Elder.state != ElderState.ACTIVE) if gone else (Elder.state == ElderState.ACTIVE))
        .options(
            contains_eager(Elder.household).contains_eager(Household.building).contains_eager(Building.compound), selectinload(Elder.pauses)
        )
        .order_by(Elder.sort_key, Elder.id)
    )
    for word in words.split():
        address = Compound.name.concat(" ").concat(Building.name)
        fields = (Elder.name, Elder.sort_key, Elder.number, Elder.phone, address, func.replace(address, " ", ""))
        rows = rows.where(or_(*(each.icontains(word, autoescape=True) for each in fields), *spelled_like(Elder.sort_key, word)))
    return rows


def homes_at(community_id: int, building_id: int, entrance: str, floor: int, door: str) -> list[Household]:
    """Return the households that live behind a door now; doors are sealed, so they are compared one by one."""
    rows = select(Household).where(Household.community_id == community_id, Household.building_id == building_id, Household.floor == floor)
    here = (_plain(entrance), _plain(door))
    return [
        home
        for home in db.session.scalars(rows.order_by(Household.id))
        if (_plain(home.entrance), _plain(home.door or "")) == here and any(each.state is ElderState.ACTIVE for each in home.elders)
    ]


def _plain(written: str) -> str:
    """Return an entrance or a door as it is compared: without blanks, in one width and case."""
    return "".join(unicodedata.normalize("NFKC", written).split()).casefold()


def state_set_at(elder: Elder) -> datetime | None:
    """Return when an elder was last noted to have moved, died or come back."""
    rows = select(AuditRow.at).where(AuditRow.subject == "elder", AuditRow.subject_id == str(elder.id), AuditRow.verb == "set_state")
    return db.session.scalar(rows.order_by(AuditRow.id.desc()).limit(1))


def elder_of(community_id: int, elder_id: int) -> Elder | None:
    """Return an elder of a community."""
    return db.session.scalars(select(Elder).where(Elder.community_id == community_id, Elder.id == elder_id)).first()


def pause_of(elder: Elder, pause_id: int) -> Pause | None:
    """Return a pause of this very elder."""
    return next((each for each in elder.pauses if each.id == pause_id), None)


def paused_on(elder: Elder, day: date) -> Pause | None:
    """Return the pause that holds on a day, None when there is none."""
    return next((each for each in elder.pauses if each.first_day <= day <= each.last_day), None)


def family_of(elder: Elder) -> list[tuple[FamilyMember, User]]:
    """Return who speaks for an elder or asks to, those who ask first."""
    rows = select(FamilyMember, User).join(User, User.id == FamilyMember.user_id).where(FamilyMember.elder_id == elder.id)
    return [(link, user) for link, user in db.session.execute(rows.order_by(FamilyMember.approved_at.is_not(None), FamilyMember.id))]


def link_of(elder: Elder, link_id: int) -> FamilyMember | None:
    """Return a family link of this very elder."""
    return db.session.scalars(select(FamilyMember).where(FamilyMember.id == link_id, FamilyMember.elder_id == elder.id)).first()


def waiting_families(community_id: int) -> list[tuple[FamilyMember, User]]:
    """Return the family links of a community that nobody has said anything about yet, with who asks."""
    rows = (
        select(FamilyMember, User)
        .join(FamilyMember.elder)
        .join(User, User.id == FamilyMember.user_id)
        .where(Elder.community_id == community_id, FamilyMember.approved_at.is_(None))
        .order_by(FamilyMember.id)
    )
    return [(link, user) for link, user in db.session.execute(rows) if not awaits_second(link)]


def open_claims(community_id: int) -> Sequence[FamilyClaim]:
    """Return the families of a community whose elder the office has not found yet, oldest first."""
    rows = select(FamilyClaim).where(FamilyClaim.community_id == community_id, FamilyClaim.decided_at.is_(None))
    return db.session.scalars(rows.order_by(FamilyClaim.asked_at, FamilyClaim.id)).all()


def claim_in(community_id: int, claim_id: int) -> FamilyClaim | None:
    """Return a claim of a community."""
    return db.session.scalars(select(FamilyClaim).where(FamilyClaim.id == claim_id, FamilyClaim.community_id == community_id)).first()


def claims_of(user: User) -> Sequence[FamilyClaim]:
    """Return whom somebody has asked to be bound to in their own words and what came of it, newest first; what was matched is a tie."""
    rows = select(FamilyClaim).where(FamilyClaim.user_id == user.id, FamilyClaim.elder_id.is_(None))
    return db.session.scalars(rows.order_by(FamilyClaim.id.desc()).limit(5)).all()


def links_of(user: User) -> Sequence[FamilyMember]:
    """Return the ties of somebody to elders who live here, those who wait too."""
    rows = select(FamilyMember).join(FamilyMember.elder).where(FamilyMember.user_id == user.id, Elder.state == ElderState.ACTIVE)
    return db.session.scalars(rows.order_by(FamilyMember.id)).all()


def asking_at(user: User) -> list[tuple[FamilyMember, User]]:
    """Return who asks to speak for the elder that somebody is themselves, and has not been answered."""
    return [(link, other) for link, other in _at_own(user) if link.elder_said is None]


def ties_at(user: User) -> list[tuple[FamilyMember, User]]:
    """Return who is bound, or about to be, to the elder that somebody is themselves, with the elder's word."""
    return [(link, other) for link, other in _at_own(user) if link.elder_said is not None]


def _at_own(user: User) -> list[tuple[FamilyMember, User]]:
    """Return everybody else's ties to the elder that somebody is themselves."""
    own = [link.elder for link in links_of(user) if link.own and link.approved_at is not None]
    return [(link, other) for elder in own for link, other in family_of(elder) if other.id != user.id]


def ties_in_reach(user: User) -> list[FamilyMember]:
    """Return the ties somebody may end: their own to elders, and everybody's to the elder they are themselves."""
    return [*links_of(user), *(link for link, _other in _at_own(user))]


def awaits_second(link: FamilyMember) -> bool:
    """Say whether somebody has agreed to a relative and a second person has not yet."""
    waiting = waiting_on(Kind.FAMILY, tie_named(link)) if link.approved_at is None else None
    return waiting is not None and tie_of(waiting) is not None


def tie_named(link: FamilyMember) -> str:
    """Return how a proposal names a tie."""
    return f"family:{link.id}"


def tie_of(proposal: Proposal) -> FamilyMember | None:
    """Return the tie that was asked for; None where it is gone, also when another one has its number now."""
    link, terms = db.session.get(FamilyMember, proposal.about), proposal.terms
    if link is None or link.elder_said is None or (link.elder_id, link.user_id) != (terms["elder"], terms.get("user")):
        return None
    return link


def consents(elder: Elder) -> dict[Purpose, Consent]:
    """Return the consents of an elder that hold, the latest of each purpose."""
    rows = select(Consent).where(Consent.elder_id == elder.id, Consent.withdrawn_at.is_(None)).order_by(Consent.given_at, Consent.id)
    return {each.purpose: each for each in db.session.scalars(rows)}


def every_consent(elder: Elder) -> Sequence[Consent]:
    """Return every consent of an elder, those withdrawn too, oldest first."""
    return db.session.scalars(select(Consent).where(Consent.elder_id == elder.id).order_by(Consent.given_at, Consent.id)).all()


def next_number(community_id: int, column: InstrumentedAttribute[str], letter: str) -> str:
    """Return the next free number of a community's elders or households, such as E071."""
    model = column.class_
    used = db.session.scalars(select(column).where(model.community_id == community_id, column.startswith(letter)))
    highest = max((int(number[1:]) for number in used if number[1:].isdecimal()), default=0)
    return f"{letter}{highest + 1:03d}"


def unseen(community_id: int) -> Sequence[Elder]:
    """Return the elders whom only whoever registered them has looked at."""
    rows = select(Elder).where(Elder.community_id == community_id, Elder.registered_by.is_not(None), Elder.vouched_by.is_(None))
    return db.session.scalars(rows.order_by(Elder.sort_key, Elder.id)).all()
