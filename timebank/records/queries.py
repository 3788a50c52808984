"""Reads around the service record: objections, evaluations, trainings, entries by hand, and what is not on record yet."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select, union_all
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db
from timebank.places.tenancy import of_community
from timebank.records.models import Evaluation, Objection, Training
from timebank.records.workdays import RECORD_DAYS, ROOM, workdays_from
from timebank.visits import on_duty, registers
from timebank.visits import queries as visits
from timebank.visits.duties import Duty, DutyState
from timebank.visits.entries import EntryState, Kinship, ManualEntry
from timebank.visits.models import Offer, OfferState, Round, ServiceRecord, Visit, VisitState
from timebank.volunteers.models import Volunteer

SHOWN = 200


def objections(community_id: int | None, *, still_open: bool) -> Sequence[Objection]:
    """Return the objections of a community (None = all), those due first."""
    rows = select(Objection).where(*of_community(Objection.community_id, community_id)).options(joinedload(Objection.record))
    if still_open:
        rows = rows.where(Objection.answered_at.is_(None))
    return db.session.scalars(rows.order_by(Objection.due, Objection.id)).all()


def objections_to(record: ServiceRecord) -> Sequence[Objection]:
    """Return what was said against a record, in any of its versions, oldest first."""
    versions = select(ServiceRecord.id).where(registers.same_record(record))
    return db.session.scalars(select(Objection).where(Objection.record_id.in_(versions)).order_by(Objection.id)).all()


def evaluations_of(record: ServiceRecord) -> list[tuple[Evaluation, User]]:
    """Return what was said of the quality of a record's service, in any of its versions, oldest first."""
    versions = select(ServiceRecord.id).where(registers.same_record(record))
    rows = select(Evaluation, User).join(User, User.id == Evaluation.by_user).where(Evaluation.record_id.in_(versions))
    return [(said, user) for said, user in db.session.execute(rows.order_by(Evaluation.id))]


def latest_evaluations(listed: Iterable[ServiceRecord]) -> dict[int, Evaluation]:
    """Return what was said last of the quality of some records, in any of their versions, by record."""
    wanted = {registers.source(record): record.id for record in listed}
    rows = select(Evaluation, ServiceRecord).join(ServiceRecord, ServiceRecord.id == Evaluation.record_id)
    rows = rows.where(ServiceRecord.volunteer_id.in_({volunteer_id for volunteer_id, *_ in wanted})).order_by(Evaluation.id)
    return {wanted[found]: said for said, record in db.session.execute(rows) if (found := registers.source(record)) in wanted}


def record_in(record_id: int, community_id: int | None) -> ServiceRecord | None:
    """Return a record of a community (None = all)."""
    mine = of_community(ServiceRecord.community_id, community_id)
    return db.session.scalar(select(ServiceRecord).where(ServiceRecord.id == record_id, *mine))


def trainings_of(volunteer: Volunteer) -> Sequence[Training]:
    """Return a volunteer's trainings, the latest first; withdrawn ones stay to be seen."""
    return db.session.scalars(
        select(Training).where(Training.volunteer_id == volunteer.id).order_by(Training.day.desc(), Training.id)
    ).all()


def training_of(volunteer: Volunteer, training_id: int) -> Training | None:
    """Return a training of this very volunteer."""
    return db.session.scalar(select(Training).where(Training.id == training_id, Training.volunteer_id == volunteer.id))


def entries(community_id: int, *, pending: bool) -> Sequence[ManualEntry]:
    """Return the entries by hand of a community: those that wait, oldest first, or those decided, latest first."""
    waits = ManualEntry.state == EntryState.PENDING
    order = ManualEntry.id if pending else ManualEntry.decided_at.desc()
    rows = select(ManualEntry).where(ManualEntry.community_id == community_id, waits if pending else ~waits)
    whole = (joinedload(ManualEntry.volunteer), joinedload(ManualEntry.kind), joinedload(ManualEntry.enterer))
    return db.session.scalars(rows.options(*whole, joinedload(ManualEntry.decider)).order_by(order).limit(SHOWN)).all()


def entry_in(community_id: int, entry_id: int) -> ManualEntry | None:
    """Return an entry by hand of a community."""
    return db.session.scalar(select(ManualEntry).where(ManualEntry.id == entry_id, ManualEntry.community_id == community_id))


def record_of_entry(entry: ManualEntry) -> ServiceRecord | None:
    """Return the newest version of the record an entry became."""
    rows = select(ServiceRecord).where(ServiceRecord.entry_id == entry.id, ServiceRecord.current)
    return db.session.scalar(rows)


def kinships(community_id: int) -> Sequence[Kinship]:
    """Return who of the office is kin of which volunteer of a community."""
    rows = select(Kinship).join(Volunteer, Volunteer.id == Kinship.volunteer_id).where(Volunteer.community_id == community_id)
    return db.session.scalars(rows.options(joinedload(Kinship.user), joinedload(Kinship.volunteer)).order_by(Kinship.id)).all()


def kinship_in(community_id: int, kinship_id: int) -> Kinship | None:
    """Return a kinship that concerns a volunteer of a community."""
    return next((each for each in kinships(community_id) if each.id == kinship_id), None)


def office_of(community_id: int) -> Sequence[User]:
    """Return the people who may enter and post records of a community."""
    rows = select(User).where(User.active, User.role == Role.COORDINATOR, User.community_id == community_id)
    return db.session.scalars(rows.order_by(User.id)).all()


@dataclass(frozen=True, slots=True)
class Uncleared:
    """A served or promised visit, round or duty that is neither on record nor settled, with the last day for it."""

    day: date
    due: date
    late: int
    volunteers: tuple[Volunteer, ...]
    visit: Visit | None
    round: Round | None
    waits_for: str
    entry: ManualEntry | None = None
    duty: Duty | None = None

    @property
    def is_late(self) -> bool:
        """Whether the ten working days are over."""
        return self.late > 0


def uncleared(community_id: int, waiting: tuple[list[Visit], list[Round]] | None = None) -> list[Uncleared]:
    """Return what still has to come on record: done and not confirmed, never checked out, or never checked in; due first.

    ``waiting`` are the visits and rounds that wait for a confirmation, where they have been read already.
    """
    done, rounds = waiting if waiting is not None else visits.unconfirmed(community_id)
    open_offers = _unfinished(community_id)
    found: list[tuple[date, Visit | None, Round | None, str, tuple[Volunteer, ...]]] = [
        (each.day or each.occurrence, each, None, "confirmation", tuple(made.volunteer for made in _going(each.offers))) for each in done
    ]
    found += [(each.day, None, each, "confirmation", (each.volunteer,)) for each in rounds]
    found += [
        (offers[0].day, None if offers[0].round else offers[0].visit, offers[0].round, _missing(offers), _people(offers))
        for offers in open_offers
    ]
    duties = [(each, "confirmation") for each in on_duty.unconfirmed(community_id)]
    duties += [(each, "check_out" if each.started_at else "check_in") for each in on_duty.unfinished(community_id)]
    if not found and not duties:
        return []
    days = workdays_from(min([*(row[0] for row in found), *(each.day for each, _lack in duties)]))
    pending = {each.visit_id: each for each in entries(community_id, pending=True) if each.visit_id}
    rows = []
    for day, visit, meals, waits_for, who in found:
        due = days.after(day, RECORD_DAYS)
        rows.append(
            Uncleared(day, due, days.between(due, clock.today()), who, visit, meals, waits_for, pending.get(visit.id if visit else 0))
        )
    for each, lack in duties:
        due, who = days.after(each.day, RECORD_DAYS), (each.volunteer,) if each.volunteer else ()
        rows.append(Uncleared(each.day, due, days.between(due, clock.today()), who, None, None, lack, duty=each))
    return sorted(rows, key=lambda row: (row.due, row.day, row.volunteers[0].id if row.volunteers else 0))


def late_by_community(community_ids: Collection[int]) -> Counter[int]:
    """Return how many of what still has to come on record is past its ten working days, by community; read at once."""
    last = _last_day_in_time()
    done = (Visit.state == VisitState.DONE, Visit.canteen_id.is_(None), func.coalesce(Visit.day, Visit.occurrence) < last)
    walked = select(Offer.id).where(Offer.round_id == Round.id, Offer.state == OfferState.ACCEPTED, Offer.outcome.is_(None))
    trips = (Round.confirmed_at.is_(None), Round.picked_up_at.is_not(None), Round.day < last, ~walked.exists())
    once = func.count(func.distinct(case((Offer.round_id.is_not(None), -Offer.round_id), else_=Offer.visit_id)))
    left = (
        Visit.state.in_((VisitState.ACCEPTED, VisitState.UNDER_WAY)),
        Offer.state == OfferState.ACCEPTED,
        Offer.outcome.is_(None),
        Offer.day < last,
    )
    on_duty_still = (DutyState.AGREED, DutyState.THERE, DutyState.DONE)
    duties = (Duty.community_id.in_(community_ids), Duty.state.in_(on_duty_still), Duty.day < last)
    here, there = Visit.community_id.in_(community_ids), Round.community_id.in_(community_ids)
    rows = union_all(
        select(Visit.community_id, func.count()).where(here, *done).group_by(Visit.community_id),
        select(Round.community_id, func.count()).where(there, *trips).group_by(Round.community_id),
        select(Visit.community_id, once).join(Offer, Offer.visit_id == Visit.id).where(here, *left).group_by(Visit.community_id),
        select(Duty.community_id, func.count()).where(*duties).group_by(Duty.community_id),
    )
    late: Counter[int] = Counter()
    for number, count in db.session.execute(rows):
        late[number] += count
    return late


def _last_day_in_time() -> date:
    """Return the earliest day whose service can still come on record in time today."""
    today, days = clock.today(), workdays_from(clock.today() - ROOM)
    lately = (today - timedelta(days=back) for back in range(ROOM.days, -1, -1))
    return next(day for day in lately if days.between(days.after(day, RECORD_DAYS), today) <= 0)


def _going(offers: Iterable[Offer]) -> list[Offer]:
    """Return the accepted ones of some offers."""
    return [made for made in offers if made.state is OfferState.ACCEPTED]


def _people(offers: Iterable[Offer]) -> tuple[Volunteer, ...]:
    """Return who was to go, each once."""
    return tuple(dict.fromkeys(made.volunteer for made in offers))


def _missing(offers: Sequence[Offer]) -> str:
    """Return what offers of a past day without an outcome still lack."""
    begun = offers[0].round.picked_up_at is not None if offers[0].round else any(made.started_at for made in offers)
    return "check_out" if begun else "check_in"


def _unfinished(community_id: int) -> list[list[Offer]]:
    """Return the accepted offers of past days that have no outcome, those of a round or a crew together."""
    rows = db.session.scalars(
        select(Offer)
        .join(Offer.visit)
        .where(
            Visit.community_id == community_id,
            Visit.state.in_((VisitState.ACCEPTED, VisitState.UNDER_WAY)),
            Offer.state == OfferState.ACCEPTED,
            Offer.outcome.is_(None),
            Offer.day < clock.today(),
        )
        .options(joinedload(Offer.visit).joinedload(Visit.kind), joinedload(Offer.volunteer), joinedload(Offer.round))
        .order_by(Offer.day, Offer.start, Offer.id)
    )
    grouped: dict[tuple[str, int], list[Offer]] = {}
    for made in rows:
        key = ("round", made.round_id) if made.round_id else ("visit", made.visit_id)
        grouped.setdefault(key, []).append(made)
    return list(grouped.values())


def back_enterable(volunteer: Volunteer, since: date) -> list[Offer]:
    """Return the timed visits a volunteer had accepted on past days and that are not on record, the latest first."""
    rows = (
        select(Offer)
        .join(Offer.visit)
        .where(
            Offer.volunteer_id == volunteer.id,
            Offer.state == OfferState.ACCEPTED,
            Offer.round_id.is_(None),
            Offer.day >= since,
            Offer.day <= clock.today(),
            Visit.state.not_in((VisitState.CONFIRMED, VisitState.CANCELLED)),
        )
    )
    taken = select(ManualEntry.visit_id).where(ManualEntry.volunteer_id == volunteer.id, ManualEntry.state != EntryState.REFUSED)
    rows = rows.where(Offer.visit_id.not_in(taken.where(ManualEntry.visit_id.is_not(None))))
    return list(db.session.scalars(rows.options(joinedload(Offer.visit).joinedload(Visit.kind)).order_by(Offer.day.desc(), Offer.start)))
