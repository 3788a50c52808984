"""What the rules of the weekly check look at: the records of four weeks, with who and what stands behind each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember, Household
from timebank.records.flags import Fact
from timebank.records.hands import Came, elders_came, numbers_written, offers_of, volunteers_came, was_new
from timebank.records.models import CallBack, Heard
from timebank.visits.actions.lengths import expected, typed_by
from timebank.visits.actions.one_word import OFFICE
from timebank.visits.distances import distances_of
from timebank.visits.models import Confirmation, Offer, ServiceRecord, Trust, Visit
from timebank.volunteers.models import Travel, Volunteer

WEEK = timedelta(days=7)
LOOK_BACK = timedelta(days=21)
METRES_A_MINUTE = {Travel.WALK: 120, Travel.EBIKE: 420}  # a brisk walk, and the most an e-bike may go
OF_THE_OFFICE = tuple(set(Role) - {Role.VOLUNTEER, Role.FAMILY})
REACHED = (Heard.AS_RECORDED, Heard.WRONG)


def facts(community_id: int, week: date) -> list[Fact]:
    """Return what the rules look at: the records of four weeks up to the end of one, with what came on record in it marked."""
    first, last = week - LOOK_BACK, week + WEEK
    begin, end = clock.at(week, 0), clock.at(last, 0)
    door = joinedload(ServiceRecord.visit).joinedload(Visit.household)
    rows = db.session.scalars(
        select(ServiceRecord)
        .where(
            ServiceRecord.community_id == community_id,
            ServiceRecord.current,
            ServiceRecord.minutes > 0,
            ServiceRecord.created_at < end,
            (ServiceRecord.day >= first) | (ServiceRecord.created_at >= begin),
        )
        .options(
            joinedload(ServiceRecord.volunteer),
            joinedload(ServiceRecord.duty),
            door.joinedload(Household.building),
            door.selectinload(Household.elders),
        )
        .order_by(ServiceRecord.started_at, ServiceRecord.id)
    ).all()
    known = _known(community_id, rows)
    return [_fact(each, known, fresh=begin <= each.created_at < end) for each in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What stands behind some records, read once for all of them."""

    family: dict[int, list[User]]
    words: dict[int, int]
    offers: dict[int, list[Offer]]
    volunteers: dict[int, list[Came]]
    elders: dict[int, list[Came]]
    office: set[str]
    twins: dict[str, list[int]]
    called: set[int]
    numbers: dict[int, Came]
    distances: dict[int, tuple[int, int]]


def _known(community_id: int, records: Sequence[ServiceRecord]) -> Known:
    """Read what stands behind some records of a community."""
    offers = offers_of(records)
    return Known(
        family=_family_of(community_id),
        words=_family_words(records),
        offers=offers,
        volunteers=volunteers_came(records),
        elders=elders_came({made.visit.household_id for each in offers.values() for made in each}),
        office=_phones_of_the_office(community_id),
        twins=_twins(community_id),
        called=_called_back(community_id),
        numbers=numbers_written([elder.id for each in records if each.visit is not None for elder in each.visit.household.elders]),
        distances=distances_of({made.id for each in offers.values() for made in each}),
    )


def _phones_of_the_office(community_id: int) -> set[str]:
    """Return the numbers by which people of the office sign in."""
    mine = User.community_id.is_(None) | (User.community_id == community_id)
    return set(db.session.scalars(select(User.phone).where(User.role.in_(OF_THE_OFFICE), mine)))


def _twins(community_id: int) -> dict[str, list[int]]:
    """Return which volunteers share a number, by the number."""
    found: dict[str, list[int]] = {}
    for number, phone in db.session.execute(
        select(Volunteer.id, Volunteer.phone).where(Volunteer.community_id == community_id).order_by(Volunteer.id)
    ):
        found.setdefault(phone, []).append(number)
    return found


def _called_back(community_id: int) -> set[int]:
    """Return the doors where somebody was ever reached by a call-back."""
    reached = select(Visit.household_id).join(ServiceRecord, ServiceRecord.visit_id == Visit.id)
    reached = reached.join(CallBack, CallBack.record_id == ServiceRecord.id)
    return set(db.session.scalars(reached.where(ServiceRecord.community_id == community_id, CallBack.heard.in_(REACHED))))


def _brought(record: ServiceRecord, known: Known) -> tuple[int | None, bool]:
    """Return who registered both the volunteer and an elder of a record while both were new, and whether by a file."""
    homes = {made.visit.household_id for made in known.offers[record.id]}
    elders = {came.by: came for home in homes for came in known.elders[home] if was_new(came, record)}
    both = [came for came in known.volunteers[record.volunteer_id] if came.by in elders and was_new(came, record)]
    return (both[0].by, both[0].by_file and elders[both[0].by].by_file) if both else (None, False)


def _family_of(community_id: int) -> dict[int, list[User]]:
    """Return who speaks for the elders behind each door."""
    rows = db.session.execute(
        select(Elder.household_id, User)
        .join(FamilyMember, FamilyMember.elder_id == Elder.id)
        .join(User, User.id == FamilyMember.user_id)
        .where(Elder.community_id == community_id, FamilyMember.approved_at.is_not(None))
    )
    found: dict[int, list[User]] = {}
    for household, user in rows:
        found.setdefault(household, []).append(user)
    return found


def _family_words(records: Sequence[ServiceRecord]) -> dict[int, int]:
    """Return which user of a family confirmed each visit, where one did."""
    visits = [each.visit_id for each in records if each.visit_id is not None]
    rows = db.session.execute(
        select(Confirmation.visit_id, Confirmation.by_user).where(Confirmation.visit_id.in_(visits), Confirmation.trust == Trust.FAMILY)
    )
    return {visit: user for visit, user in rows if user is not None}


def _wrote_number(record: ServiceRecord, home: Household, typed: set[int], known: Known) -> bool:
    """Say whether whoever stands behind a record lately wrote down the number of an elder behind its door."""
    behind = typed | ({record.confirmed_by} if record.trust in OFFICE else set()) | {record.word_of}
    written = (known.numbers[each.id] for each in home.elders if each.id in known.numbers)
    return any(came.by in behind and was_new(came, record) for came in written)


def _fact(record: ServiceRecord, known: Known, *, fresh: bool) -> Fact:
    """Return what the rules look at of one record."""
    home = record.visit.household if record.visit is not None else None
    speakers = known.family.get(home.id, []) if home is not None else []
    phones = {user.phone for user in speakers} | ({elder.phone for elder in home.elders} if home is not None else set())
    typed = typed_by(known.offers[record.id])
    if record.duty is not None and record.duty.entered_by is not None:
        typed = {record.duty.entered_by}
    brought, by_file = _brought(record, known)
    return Fact(
        record=record.id,
        volunteer=record.volunteer_id,
        day=record.day,
        started=record.started_at,
        ended=record.ended_at,
        minutes=record.minutes,
        planned=expected(record.visit) if record.visit is not None else record.planned_minutes,
        fresh=fresh,
        metres_a_minute=METRES_A_MINUTE[record.volunteer.travel],
        household=home.id if home is not None else None,
        point=(home.building.lat, home.building.lon) if home is not None else None,
        is_round=record.round_id is not None,
        by_hand=record.entry_id is not None,
        is_family=any(user.id == record.volunteer.user_id for user in speakers),
        shares_phone=record.volunteer.phone in phones,
        family_word=known.words.get(record.visit_id or 0),
        word=record.word_of,
        typed=next(iter(typed)) if len(typed) == 1 else None,
        confirmed=record.confirmed_by if record.trust in OFFICE else None,
        brought=brought,
        by_file=by_file,
        office_phone=bool((phones | {record.volunteer.phone}) & known.office),
        twin=next((other for other in known.twins[record.volunteer.phone] if other != record.volunteer_id), None),
        by_call=record.trust is Trust.CALL,
        has_phone=home is None or any(phones),
        called=home is not None and home.id in known.called,
        own_number=home is not None and _wrote_number(record, home, typed, known),
        off=max((known.distances[made.id] for made in known.offers[record.id] if made.id in known.distances), default=None),
        doubted=any(made.visit.doubted_at is not None for made in known.offers[record.id]),
    )
