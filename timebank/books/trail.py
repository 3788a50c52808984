"""Where an hour came from: the chain from the request to the record and the transfer, as steps a person can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.certificates import queries
from timebank.certificates.models import Certificate
from timebank.db import db
from timebank.elders.models import Household
from timebank.ledger import claims
from timebank.ledger import queries as ledger
from timebank.ledger.claims import Claim
from timebank.ledger.models import Account, AccountKind, Transfer, TransferKind, correction_source
from timebank.papers import words
from timebank.papers.facts import Language
from timebank.places.models import Building
from timebank.planning import queries as plans
from timebank.sentences import Dated, Sentence, to
from timebank.visits import registers
from timebank.visits.duties import Duty
from timebank.visits.entries import ManualEntry
from timebank.visits.models import Confirmation, Offer, OfferState, Round, ServiceRecord, Trust, Visit
from timebank.volunteers.models import Volunteer


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the chain as the page's list of steps takes it."""

    title: str
    text: str
    time: str
    icon: str
    state: str = "done"


@dataclass(frozen=True, slots=True)
class Trail:
    """One record's whole chain: its steps, its versions, and its credit with whether that still stands.

    ``held`` says of certificates that hold an older version which one.
    Of credit that was corrected and not there: what came back ``from_pool`` and ``from_elders``, and the ``claims`` for the rest.
    """

    record: ServiceRecord
    steps: list[Step]
    versions: Sequence[ServiceRecord]
    transfer: Transfer | None
    is_reversed: bool
    certificates: Sequence[Certificate]
    corrected: set[int]
    held: dict[int, ServiceRecord]
    from_pool: int
    from_elders: int
    claims: Sequence[Claim]
    offers: Sequence[Offer]
    is_planned: bool
    confirmation: Confirmation | None


def record_of(record_id: int, volunteer: Volunteer) -> ServiceRecord | None:
    """Return a record of this very volunteer."""
    return _record(ServiceRecord.id == record_id, ServiceRecord.volunteer_id == volunteer.id)


def trail(record: ServiceRecord, language: Language) -> Trail:
    """Return where a record came from and what it was credited with."""
    offers = _offers(record)
    transfer = db.session.get(Transfer, record.transfer_seq) if record.transfer_seq else None
    certificates = queries.certificates_with(record)
    versions = registers.versions_of(record)
    from_pool, from_elders = _taken_back(versions)
    return Trail(
        record=record,
        steps=_steps(record, offers, language),
        versions=versions,
        transfer=transfer,
        is_reversed=transfer is not None and ledger.is_reversed(transfer.seq),
        certificates=certificates,
        corrected=queries.corrected_among(certificates),
        held=_held(record, certificates),
        from_pool=from_pool,
        from_elders=from_elders,
        claims=claims.claims(record.community_id, sources=[correction_source(each.id) for each in versions]),
        offers=offers,
        is_planned=plans.plan_of(record.community_id, clock.monday_of(record.day)) is not None,
        confirmation=record.visit.confirmation if record.visit is not None else None,
    )


def _held(record: ServiceRecord, certificates: Sequence[Certificate]) -> dict[int, ServiceRecord]:
    """Return which older version of a record each of some certificates holds, by certificate; those that hold this one are left out."""
    held = {each.id: queries.as_issued(record, each) for each in certificates}
    return {number: then for number, then in held.items() if then is not None and then.version < record.version}


def _taken_back(versions: Sequence[ServiceRecord]) -> tuple[int, int]:
    """Return what corrections of a record took back from the pool, and from elders, for whom it had been credited to."""
    credited = next((db.session.get_one(Transfer, each.transfer_seq).credit_id for each in versions if each.transfer_seq), None)
    made = [each for version in versions[1:] for each in claims.made_under(correction_source(version.id))]
    back = [each for each in made if each.kind is TransferKind.TAKE_BACK and each.credit_id == credited]
    kinds = {each.seq: db.session.get_one(Account, each.debit_id).kind for each in back}
    pool = sum(each.minutes for each in back if kinds[each.seq] is AccountKind.POOL)
    return pool, sum(each.minutes for each in back) - pool


def _record(*conditions: ColumnElement[bool]) -> ServiceRecord | None:
    """Return the one record that meets some conditions."""
    rows = select(ServiceRecord).where(*conditions)
    return db.session.scalar(rows.options(joinedload(ServiceRecord.kind), joinedload(ServiceRecord.volunteer)))


def _offers(record: ServiceRecord) -> Sequence[Offer]:
    """Return the accepted offers behind a record, in the order of the doors."""
    if record.visit_id is None and record.round_id is None:
        return []
    belongs = Offer.round_id == record.round_id if record.round_id else Offer.visit_id == record.visit_id
    visit = joinedload(Offer.visit)
    rows = select(Offer).where(belongs, Offer.volunteer_id == record.volunteer_id, Offer.state == OfferState.ACCEPTED)
    return db.session.scalars(
        rows.options(
            visit.joinedload(Visit.request), visit.joinedload(Visit.household).joinedload(Household.building).joinedload(Building.compound)
        ).order_by(Offer.start)
    ).all()


def _steps(record: ServiceRecord, offers: Sequence[Offer], language: Language) -> list[Step]:
    """Return the steps that are known of; an imported record may have no more than its confirmation."""
    steps = _asked(record, offers, language) if offers else []
    if record.entry is not None:
        steps += _by_hand(record.entry, language)
    elif record.duty is not None:
        steps += _duty(record, record.duty, language)
    elif record.round is not None:
        steps += _round(record, record.round, language)
    else:
        steps += _visit(record, offers, language)
    return steps + _from_paper(offers, language) + _settled(record, language)


def _round(record: ServiceRecord, meals: Round, language: Language) -> list[Step]:
    """Return how a meal round went: the boxes counted at the canteen, and the last door."""
    span = f"{record.started_at:%H:%M}–{record.ended_at:%H:%M}"
    boxes = meals.counted
    counted = (Sentence.many(boxes, "食堂点数 %(count)s 份").to(language)) if boxes is not None else ""
    last = Sentence.many(record.doors, "%(span)s，%(count)s 户", span=span).to(language)
    return [
        Step(to(Sentence("食堂取餐"), language), counted, _time(record.started_at, language), "bowl", "solid"),
        Step(to(Sentence("最后一户送到"), language), last, _time(record.ended_at, language), "tick", "solid"),
    ]


def _visit(record: ServiceRecord, offers: Sequence[Offer], language: Language) -> list[Step]:
    """Return how a timed visit went: check-in, with the visit code or without, and check-out."""
    span = f"{record.started_at:%H:%M}–{record.ended_at:%H:%M}"
    coded = any(offer.code_ok for offer in offers)
    seen = (to(Sentence.of("books", "到访码对上了"), language)) if coded else (to(Sentence("没有用到访码"), language))
    return [
        Step(to(Sentence("到了，签到"), language), seen if offers else "", _time(record.started_at, language), "place", "solid"),
        Step(to(Sentence("做完，签退"), language), span, _time(record.ended_at, language), "tick", "solid"),
    ]


def _duty(record: ServiceRecord, duty: Duty, language: Language) -> list[Step]:
    """Return how a duty went: agreed to, signed in by the code of the day or without, signed out, or typed in from the sheet."""
    agreed = Step(
        to(Sentence("认领了值守"), language),
        f"{duty.title} {duty.span}",
        _time(duty.answered_at or duty.asked_at, language),
        "calendar",
    )
    coded = (to(Sentence.of("books", "到岗码对上了"), language)) if duty.code_ok else (to(Sentence("没有用到岗码"), language))
    steps = [
        agreed,
        Step(
            to(Sentence.of("books", "到岗"), language), "" if duty.enterer else coded, _time(record.started_at, language), "place", "solid"
        ),
        Step(
            to(Sentence.of("books", "离岗"), language),
            f"{record.started_at:%H:%M}–{record.ended_at:%H:%M}",
            _time(record.ended_at, language),
            "tick",
            "solid",
        ),
    ]
    return [*steps, *_from_paper([duty], language)]


def _from_paper(rows: Sequence[Offer | Duty], language: Language) -> list[Step]:
    """Return who typed the times in from paper and why, where far over the plan, or by whose printed sheet they were tapped."""
    typed = dict.fromkeys((each.enterer.shown_name, each.by_sheet, each.entered_reason or "") for each in rows if each.enterer is not None)
    return [Step(_hand(who, language, by_sheet=by_sheet), reason, "", "pencil") for who, by_sheet, reason in typed]


def _hand(who: str, language: Language, *, by_sheet: bool) -> str:
    """Return what a colleague's hand in some times was."""
    if by_sheet:
        return to(Sentence("用%(who)s印的单子上的码点的", who=who), language)
    return to(Sentence("%(who)s 照纸录入", who=who), language)


def _by_hand(entry: ManualEntry, language: Language) -> list[Step]:
    """Return who vouches for what no check-in shows, why, and on what evidence."""
    span = f"{entry.started_at:%H:%M}–{entry.ended_at:%H:%M}"
    who, why = entry.enterer.shown_name, f"{entry.reason} · {entry.evidence}"
    decider = entry.decider.shown_name if entry.decider else ""
    return [
        Step(to(Sentence("没有签到，凭下面的依据"), language), span, _time(entry.started_at, language), "place"),
        Step(to(Sentence("%(who)s 录入", who=who), language), why, _time(entry.entered_at, language), "pencil"),
        Step(to(Sentence("%(decider)s 核准", decider=decider), language), entry.decision, _time(entry.decided_at, language), "two-persons"),
    ]


def _asked(record: ServiceRecord, offers: Sequence[Offer], language: Language) -> list[Step]:
    """Return the steps up to the volunteer's yes."""
    first = offers[0]
    week = first.visit.week.isocalendar().week
    by_desk = first.answered_by in {Trust.DESK, Trust.CALL}
    answered = (to(Sentence("由服务站代为登记"), language)) if by_desk else (to(Sentence("本人答复"), language))
    return [
        Step(
            to(Sentence("有人需要"), language),
            words.what(record, language),
            _time(min(offer.visit.request.asked_at for offer in offers), language),
            "inbox",
        ),
        Step(
            to(Sentence("排进第 %(week)s 周", week=week), language),
            to(Sentence("协调员看过后发布"), language),
            _time(first.sent_at, language),
            "calendar",
        ),
        Step(to(Sentence.of("books", "接受了邀约"), language), answered, _time(first.answered_at, language), "handset"),
    ]


def _settled(record: ServiceRecord, language: Language) -> list[Step]:
    """Return the confirmation, and the correction when there was one."""
    first = registers.versions_of(record)[0]
    mark = words.one(words.TRUST[first.trust], language)
    confirmed = Step(to(Sentence("已确认"), language), mark, _time(first.created_at, language), "double-tick")
    if record.version == 1:
        return [confirmed]
    return [
        confirmed,
        Step(
            to(Sentence("更正，第 %(version)s 版", version=record.version), language),
            record.reason,
            _time(record.created_at, language),
            "pencil",
        ),
    ]


def _time(instant: datetime | None, language: Language) -> str:
    """Return an instant as the list shows it."""
    if instant is None:
        return ""
    local = instant.astimezone(clock.ZONE)
    return f"{Dated(local.date(), Sentence('M月d日')).to(language)} {local:%H:%M}"
