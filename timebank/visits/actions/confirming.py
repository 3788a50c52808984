"""Confirming: the service record and the time credit are written together, once, in one write unit.

A timed visit gives each of its crew a record; the meals of one round give one record of the real minutes from the first
pick-up to the last door (rulebook T3). The record keeps real minutes; the credit is bounded by the plan (R3) and the kind.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.credit import rules
from timebank.credit.actions import earn
from timebank.credit.queries import terms_of
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.ledger.refusals import spoken
from timebank.places.models import Community
from timebank.sentences import Sentence
from timebank.visits.actions import ceilings, lengths, shown
from timebank.visits.actions.kin import is_kin, speaks_at
from timebank.visits.actions.moving import move
from timebank.visits.actions.one_word import OFFICE, must_not_rest_on_one
from timebank.visits.actions.particulars import credit_by_hand, must_be_apart, must_fit_round, place_of
from timebank.visits.duties import Duty
from timebank.visits.entries import ManualEntry
from timebank.visits.models import Confirmation, Offer, OfferState, Round, ServiceRecord, Trust, Visit, VisitState
from timebank.visits.states import SERVED, STOOD_AT
from timebank.visits.trips import counts_from
from timebank.volunteers.models import Volunteer
from timebank.volunteers.standing import frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What one volunteer really did: from when to when, how many minutes of it count, how many were planned."""

    volunteer: Volunteer
    kind: ServiceKind
    started: datetime
    ended: datetime
    minutes: int
    planned: int
    expected: int | None = None
    doors: int = 1
    visit: Visit | None = None
    round: Round | None = None
    entry: ManualEntry | None = None
    duty: Duty | None = None

    @property
    def community_id(self) -> int:
        """For which community it was done; somebody lent to another has it on record there."""
        source = self.visit or self.round or self.duty or self.entry
        return source.community_id if source is not None else self.volunteer.community_id

    @property
    def is_long(self) -> bool:
        """Whether the minutes are so far over the plan that somebody has to look at them."""
        return lengths.too_long(self.minutes, self.usual)

    @property
    def usual(self) -> int:
        """The minutes it was to last: the plan's, or the kind's where somebody planned far more than that."""
        return self.planned if self.expected is None else self.expected


def confirm(visit: Visit, trust: Trust, by: User | None, thanks: str = "") -> list[ServiceRecord]:
    """Confirm a visit that is done: records and credits for its crew; a meal's minutes come with its round."""
    _take(visit)
    if visit.state is VisitState.CONFIRMED:
        _add_thanks(visit, thanks)
        return []
    if visit.state is not VisitState.DONE:
        raise Conflict("这次服务还没有完成，完成以后再确认。")
    _may_confirm([visit], visit.offers, trust, by)
    served = _served_by_crew(visit)
    _must_be_seen(served, visit.offers, trust, by)
    crew = {each.volunteer_id: [each] for each in visit.offers if _counts(each)}
    records = [put_on_record(each, trust, by, _word(each, crew[each.volunteer.id], trust, by)) for each in served]
    _confirmed(visit, trust, by, thanks)
    audit.record("confirm", "visit", visit.id, trust=trust.value, records=[record.id for record in records])
    return records


def confirm_round(meals: Round, trust: Trust, by: User | None) -> ServiceRecord | None:
    """Confirm a finished meal round: one record, one credit; its doors are confirmed with it."""
    _take(meals)
    if meals.confirmed_at is not None:
        return None
    going = [each for each in meals.offers if each.state is OfferState.ACCEPTED]
    if meals.picked_up_at is None or not going or any(each.outcome is None for each in going):
        raise Conflict("这一轮还没有送完，送完以后再确认。")
    _may_confirm([each.visit for each in going], going, trust, by)
    served = _served_round(meals, going)
    _must_be_seen([served], going, trust, by)
    record = put_on_record(served, trust, by, _word(served, going, trust, by))
    meals.confirmed_at = clock.now()
    for each in going:
        if each.visit.state is VisitState.DONE:
            _confirmed(each.visit, trust, by, "")
    audit.record("confirm_round", "round", meals.id, trust=trust.value, record=record.id)
    return record


def confirm_entry(served: Served, by: User) -> ServiceRecord:
    """Put on record what a second person has posted; a visit is confirmed by it once nobody else of its crew is waiting."""
    record = put_on_record(served, Trust.TWO_PERSONS, by)
    if served.visit is None:
        return record
    others = [each for each in served.visit.offers if each.state is OfferState.ACCEPTED and each.volunteer_id != record.volunteer_id]
    recorded = on_record([served.visit])
    if any(_counts(each) and (each.visit_id, each.volunteer_id) not in recorded for each in others):
        move(served.visit, VisitState.DONE)
    elif all(each.outcome is not None for each in others):
        _confirmed(served.visit, Trust.TWO_PERSONS, by, "")
    return record


def _take(row: Visit | Round) -> None:
    """Wait for whoever confirms the same at this moment, and see what they did."""
    db.session.execute(select(type(row).id).where(type(row).id == row.id).with_for_update())
    db.session.refresh(row)


def _may_confirm(visits: Iterable[Visit], offers: Iterable[Offer], trust: Trust, by: User | None) -> None:
    """Refuse to confirm one's own service, and by anybody but the station what a family has objected to."""
    for made in (each for each in offers if by is not None and each.state is OfferState.ACCEPTED):
        _may_judge(made, trust, by)
    if trust not in OFFICE and any(each.doubted_at is not None for each in visits):
        raise Conflict("有人说过这次服务不对，要由协调员核对后确认。急的话请打服务站电话。")


def _may_judge(made: Offer, trust: Trust, by: User | None) -> None:
    """Refuse to confirm what one did oneself and, at the station, what was done by or for one's own family."""
    if by is None:
        return
    if made.volunteer.user_id == by.id or made.volunteer.phone == by.phone:
        raise Conflict("不能确认自己做的服务，请服务站的另一位同事来确认。")
    if trust in OFFICE and (is_kin(by, made.volunteer) or speaks_at(by, made.visit)):
        raise Conflict("这是你亲属做的服务，或者是你家里老人的，不能由你确认。请另一位同事来确认。")


def _must_be_seen(served: Iterable[Served], offers: Iterable[Offer], trust: Trust, by: User | None) -> None:
    """Refuse to take minutes far over the plan unless somebody of the station does, and whatever rests on one person's word alone."""
    for each in served:
        refuse_long(each, trust)
    must_not_rest_on_one(list(offers), trust, by)


def refuse_long(served: Served, trust: Trust) -> None:
    """Refuse to take minutes far over the plan on anybody's word but the station's."""
    if served.is_long and trust not in OFFICE:
        raise Conflict(
            "这次记了 %(served_minutes)s 分钟，应该是 %(usual)s 分钟左右，要由协调员核对时间后确认。您不用再做什么；时间不对请打服务站电话说一声。",
            served_minutes=served.minutes,
            usual=served.usual,
        )


def _word(served: Served, offers: Sequence[Offer], trust: Trust, by: User | None) -> int | None:
    """Return on whose word alone it rests what somebody did; Conflict when that is more of their month than one person may have."""
    word = ceilings.word_of(offers, trust, by)
    if word is None and by is not None and served.is_long and not any(each.entered_by is not None and not each.by_sheet for each in offers):
        word = one_hand.word_of(by)
    ceilings.must_fit_own_word(served.community_id, word, served.started.date(), served.minutes)
    return word


Recorded = Collection[tuple[int | None, int]]


def on_record(visits: Iterable[Visit]) -> Recorded:
    """Return of which visits whom has a record already, from a back entry: the numbers of the visit and of the volunteer."""
    mine = ServiceRecord.visit_id.in_([each.id for each in visits])
    return {(visit, who) for visit, who in db.session.execute(select(ServiceRecord.visit_id, ServiceRecord.volunteer_id).where(mine))}


def overlong(waiting: Visit | Round, recorded: Recorded | None = None) -> Served | None:
    """Return what lasted far longer than planned in something that is done and not confirmed, None when nothing did.

    ``recorded`` is what is ``on_record``, where it has been read for many at once.
    """
    if isinstance(waiting, Round):
        served = [_served_round(waiting, [each for each in waiting.offers if each.state is OfferState.ACCEPTED])]
    else:
        served = _served_by_crew(waiting, recorded)
    return next((each for each in served if each.is_long), None)


def object_to(visit: Visit, words: str, by: User) -> None:
    """Say that something was not right with a visit: the clock no longer confirms it, a coordinator has to."""
    if not words.strip():
        raise Invalid("请写一句哪里不对。", fields={"doubt": Sentence("请写一句哪里不对")})
    if visit.state is not VisitState.DONE:
        raise Conflict("这次服务现在不能提异议：还没做完，或者已经确认过了。请打服务站电话说一声。")
    if visit.doubted_at is not None:
        raise Conflict("已经有人说过这次不对了，社区会打电话给您。")
    visit.doubt, visit.doubted_at = words.strip(), clock.now()
    audit.record("object", "visit", visit.id, by=by.id)


def confirm_due() -> int:
    """R16: Confirm by the clock what has waited some days with a valid check-in and no objection; say how many.

    What the rules refuse, such as a day of more than eight hours or minutes far over the plan, is left for a coordinator.
    """
    rounds = [each for each in _waiting_rounds() if _last_end(each) <= _long_ago(each.community_id) and not _doubted(each)]
    visits = [each for each in _waiting_visits() if _waited(each, _long_ago(each.community_id))]
    return sum(map(_confirmed_alone, rounds)) + sum(map(_confirmed_alone, visits))


def _long_ago(community_id: int) -> datetime:
    """Return the instant before which a service must have ended to be confirmed by the clock."""
    return clock.now() - timedelta(days=terms_of(community_id).auto_days)


def _confirmed_alone(waiting: Round | Visit) -> bool:
    """Confirm one by the clock in a savepoint of its own; say whether it was taken."""
    try:
        with db.session.begin_nested():
            if isinstance(waiting, Round):
                confirm_round(waiting, Trust.AUTO, None)
            else:
                confirm(waiting, Trust.AUTO, None)
    except Conflict:
        return False
    return True


def _waiting_visits() -> list[Visit]:
    """Return the timed visits that are done and that nobody has confirmed."""
    waits = (Visit.state == VisitState.DONE, Visit.canteen_id.is_(None), Visit.doubted_at.is_(None))
    return list(db.session.scalars(select(Visit).where(*waits)))


def _waited(visit: Visit, before: datetime) -> bool:
    """Say whether a visit ended before an instant and the code shows by itself that everybody of its crew was there."""
    served = [each for each in visit.offers if _counts(each)]
    ends = [each.ended_at for each in served if each.ended_at]
    return bool(ends) and max(ends) <= before and all(map(shown.by_code, served))


def _waiting_rounds() -> list[Round]:
    """Return the rounds for the clock: every door has an outcome, nobody has confirmed them, their pick-up was told of as it was made."""
    waits = (Round.confirmed_at.is_(None), Round.picked_up_at.is_not(None), Round.late_by == 0)
    rounds = db.session.scalars(select(Round).where(*waits))
    return [each for each in rounds if each.offers and all(offer.outcome for offer in each.offers if offer.state is OfferState.ACCEPTED)]


def _doubted(meals: Round) -> bool:
    """Say whether a family has objected to one of a round's doors."""
    return any(each.visit.doubted_at is not None for each in meals.offers if each.state is OfferState.ACCEPTED)


def _last_end(meals: Round) -> datetime:
    """Return when the last door of a round was left."""
    return max(each.ended_at for each in meals.offers if each.ended_at is not None)


def _counts(made: Offer) -> bool:
    """Say whether an offer was really served."""
    return made.state is OfferState.ACCEPTED and made.outcome in SERVED and made.started_at is not None and made.ended_at is not None


def _served_by_crew(visit: Visit, recorded: Recorded | None = None) -> list[Served]:
    """Return what each of a crew did at a timed visit and has no record of yet; a meal's minutes come with its round."""
    if visit.canteen_id is not None:
        return []
    known = recorded if recorded is not None else on_record([visit])
    return [_served_visit(each) for each in visit.offers if _counts(each) and (visit.id, each.volunteer_id) not in known]


def _served_visit(made: Offer) -> Served:
    """Return what one of a crew did at a timed visit."""
    started, ended = _span(made)
    visit = made.visit
    return Served(
        volunteer=made.volunteer,
        kind=visit.kind,
        started=started,
        ended=ended,
        minutes=lengths.minutes_between(started, ended),
        planned=visit.minutes,
        expected=lengths.expected(visit),
        visit=visit,
    )


def _served_round(meals: Round, going: list[Offer]) -> Served:
    """Return what the carrier of a trip did, less the timed visits made on the way; of two in a row no minute counts twice."""
    counts, way_back = counts_from(meals)
    ended = max(each.ended_at for each in going if each.ended_at is not None)
    started = min(counts or clock.now(), ended)
    between = db.session.scalars(
        select(Offer).where(
            Offer.volunteer_id == meals.volunteer_id, Offer.round_id.is_(None), Offer.started_at >= started, Offer.ended_at <= ended
        )
    )
    away = sum(lengths.minutes_between(*_span(each)) for each in between)
    return Served(
        volunteer=meals.volunteer,
        kind=going[0].visit.kind,
        started=started,
        ended=ended,
        minutes=max(1, lengths.minutes_between(started, ended) - away),
        planned=lengths.planned_for(meals, going) + way_back,
        doors=sum(1 for each in going if each.outcome in STOOD_AT),
        round=meals,
    )


def _span(made: Offer) -> tuple[datetime, datetime]:
    """Return when an offer was begun and ended."""
    if made.started_at is None or made.ended_at is None:
        raise Conflict("这次服务缺少签到或签退时间。")
    return made.started_at, made.ended_at


def put_on_record(served: Served, trust: Trust, by: User | None, word: int | None = None) -> ServiceRecord:
    """Write one service record and its credit."""
    community = db.session.get_one(Community, served.community_id)
    must_fit_day(served.volunteer, served.started.date(), served.minutes, trust)
    if served.entry is None:
        rides = None if served.duty is not None else served.round is not None
        must_be_apart(served.volunteer, served.started, served.ended, is_round=rides)
        if served.visit is not None:
            must_fit_round(served.volunteer, served.started, served.ended, served.minutes)
    record = ServiceRecord(
        community_id=community.id,
        volunteer_id=served.volunteer.id,
        visit_id=served.visit.id if served.visit else None,
        round_id=served.round.id if served.round else None,
        entry_id=served.entry.id if served.entry else None,
        duty_id=served.duty.id if served.duty else None,
        kind_id=served.kind.id,
        day=served.started.date(),
        started_at=served.started,
        ended_at=served.ended,
        minutes=served.minutes,
        planned_minutes=served.planned,
        doors=served.doors,
        activity=served.duty.title if served.duty else served.kind.name,
        place=served.duty.place if served.duty else place_of(served.visit, served.round, served.entry),
        unit=community.issuer,
        responsible=community.responsible,
        **frozen(served.volunteer, served.started.date()),
        trust=trust,
        confirmed_by=one_hand.maker(by) if by else None,
        word_of=word,
        created_at=clock.now(),
        version=1,
        current=True,
    )
    db.session.add(record)
    db.session.flush()
    if served.entry is None:
        credit(record, served.volunteer, served.kind, by)
    else:
        credit_by_hand(record, served.entry, served.volunteer, credited_minutes(record, served.kind), source_of(record))
    return record


def credited_minutes(record: ServiceRecord, kind: ServiceKind) -> int:
    """Return the minutes a record is credited with, by the community's rules R1 to R3 and the kind."""
    return rules.credited(record.minutes, record.planned_minutes, terms_of(record.community_id), kind.credit_cap)


def source_of(record: ServiceRecord) -> str:
    """Return what a record's credit names as its source; only the version differs between versions of a record."""
    sources = (("x", record.visit_id), ("r", record.round_id), ("d", record.duty_id), ("m", record.entry_id))
    served = next(f"{letter}{number}" for letter, number in sources if number)
    return f"record:{served}.{record.volunteer_id}:v{record.version}"


def credit(record: ServiceRecord, volunteer: Volunteer, kind: ServiceKind, by: User | None) -> None:
    """Credit a record's minutes, by what its volunteer was on the day; staff on duty are recorded and never credited."""
    minutes = credited_minutes(record, kind)
    if record.paid or minutes < 1:
        return
    source = source_of(record)
    actor = f"user:{by.id}" if by else "clock"
    record.transfer_seq = earn(volunteer, minutes, collective=record.collective, source=source, actor=actor).seq


def must_fit_day(volunteer: Volunteer, day: date, more: int, trust: Trust) -> None:
    """Keep the ceilings of a day and a week (R7) with so many minutes more; what happens at one moment is counted one after the other."""
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update())
    on = terms_of(volunteer.community_id)
    today = _recorded(volunteer, day, 1) + more
    week = _recorded(volunteer, clock.monday_of(day), 7) + more
    word = rules.day_word(today, week, on)
    if word is rules.DayWord.NEVER:
        raise Conflict("按规则 R7，一天最多入账 %(most)s，这一条会超过，没有入账。请先核对签到和签退时间。", most=spoken(on.day_at_most))
    if word is rules.DayWord.COORDINATOR and trust not in OFFICE:
        raise Conflict(
            "按规则 R7，一天超过 %(day)s或一周超过 %(week)s，要由协调员核对后确认。",
            day=spoken(on.day_alone),
            week=spoken(on.week_alone),
        )


def _recorded(volunteer: Volunteer, first: date, days: int) -> int:
    """Return the minutes on record for a volunteer on so many days."""
    total = select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(
        ServiceRecord.volunteer_id == volunteer.id,
        ServiceRecord.day >= first,
        ServiceRecord.day < first + timedelta(days=days),
        ServiceRecord.current,
    )
    return int(db.session.scalar(total) or 0)


def _confirmed(visit: Visit, trust: Trust, by: User | None, thanks: str) -> None:
    """Set a visit confirmed, with who stands behind it."""
    move(visit, VisitState.CONFIRMED)
    if visit.confirmation is None:
        visit.confirmation = Confirmation(trust=trust, by_user=by.id if by else None, at=clock.now(), thanks=thanks.strip() or None)


def _add_thanks(visit: Visit, thanks: str) -> None:
    """Keep thanks that come after the confirmation."""
    if thanks.strip() and visit.confirmation is not None and not visit.confirmation.thanks:
        visit.confirmation.thanks = thanks.strip()
        audit.record("thank", "visit", visit.id)
