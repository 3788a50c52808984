"""Entering by hand: one person enters with a reason and evidence, a second one posts; only then is anything recorded or credited.

Nobody enters or posts for themselves or for their family, nobody posts what they entered, and a volunteer's and a
coordinator's month have ceilings. What is posted carries its mark for ever.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.hours import DAY_AT_MOST
from timebank.visits.actions import again
from timebank.visits.actions.ceilings import month_of, must_be_recent, rules_of
from timebank.visits.actions.confirming import Served, confirm_entry
from timebank.visits.actions.kin import why_not
from timebank.visits.actions.particulars import overlapping
from timebank.visits.entries import EntrySort, EntryState, Kinship, ManualEntry, RecordRules
from timebank.visits.models import Offer, OfferState, Outcome, ServiceRecord, Visit, VisitState
from timebank.volunteers.models import Volunteer
from timebank.volunteers.queries import standing_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to enter by hand; ``offer`` is the planned visit that took place without check-in, if it was one."""

    volunteer: Volunteer
    kind: ServiceKind
    started: datetime
    ended: datetime
    place: str
    reason: str
    evidence: str
    offer: Offer | None = None

    @property
    def minutes(self) -> int:
        """The whole minutes between start and end."""
        return int((self.ended - self.started).total_seconds()) // 60


def add_kin(user: User, volunteer: Volunteer, relation: str) -> Kinship:
    """Note that somebody of the office and a volunteer are family; noted twice it stays once."""
    known = select(Kinship).where(Kinship.user_id == user.id, Kinship.volunteer_id == volunteer.id)
    if (found := db.session.scalar(known)) is not None:
        return found
    if volunteer.user_id == user.id:
        raise Conflict("这是同一个人，本来就不能给自己记。")
    kin = Kinship(user_id=user.id, volunteer_id=volunteer.id, relation=relation.strip())
    db.session.add(kin)
    db.session.flush()
    audit.record("add_kin", "volunteer", volunteer.id, user=user.id)
    return kin


def name_kin(user: User, volunteer: Volunteer, relation: str, by: User) -> Kinship:
    """Note somebody's own family, or, as an administrator, a colleague's: nobody else bars a colleague from judging by naming kin."""
    if not may_name_kin(user, by):
        raise Conflict("只能登记自己的亲属。同事的亲属请本人登记，或者请管理员登记。")
    return add_kin(user, volunteer, relation)


def may_name_kin(user: User, by: User) -> bool:
    """Say whether somebody may note who is family of whom in the office."""
    return by.id == user.id or by.role is Role.ADMIN


def drop_kin(kin: Kinship, by: User) -> None:
    """Take a kinship back that was noted by mistake; nobody does so for themselves."""
    if kin.user_id == by.id:
        raise Conflict("这是你自己的亲属，要由另一位同事去掉。")
    audit.record("drop_kin", "volunteer", kin.volunteer_id, user=kin.user_id)
    db.session.delete(kin)


def enter(draft: Draft, by: User) -> ManualEntry:
    """Enter service by hand; it waits for a second person and counts for nothing until then."""
    _refuse_partial(draft, by)
    _refuse_words(draft)
    _refuse_times(draft, rules_of(draft.volunteer.community_id))
    if draft.offer is not None:
        _refuse_offer(draft.offer, draft)
    _lock(draft.volunteer, by)
    _refuse_overlap(draft.volunteer, draft.started, draft.ended)
    _refuse_long_day(draft.volunteer, draft.started.date(), draft.minutes)
    _refuse_caps(draft, by)
    entry = ManualEntry(
        community_id=draft.offer.visit.community_id if draft.offer else draft.volunteer.community_id,
        volunteer_id=draft.volunteer.id,
        beneficiary=draft.volunteer.user_id,
        sort=EntrySort.BACK_ENTRY if draft.offer else EntrySort.BY_HAND,
        visit_id=draft.offer.visit_id if draft.offer else None,
        kind_id=draft.kind.id,
        day=draft.started.date(),
        started_at=draft.started,
        ended_at=draft.ended,
        minutes=draft.minutes,
        place=draft.place.strip(),
        reason=draft.reason.strip(),
        evidence=draft.evidence.strip(),
        entered_by=one_hand.maker(by),
        entered_at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    audit.record("enter", "manual_entry", entry.id, volunteer=entry.volunteer_id, minutes=entry.minutes, sort=entry.sort.value)
    return entry


def post(entry: ManualEntry, by: User) -> ServiceRecord:
    """Post somebody else's entry: its record and its credit are written together, marked for ever."""
    _must_wait(entry)
    _refuse_decider(entry, by)
    volunteer = entry.volunteer
    _refuse_group(volunteer, entry.day)
    made = _offer_of(entry)
    if made is not None:
        _must_be_unserved(made)
    _lock(volunteer, by)
    _refuse_overlap(volunteer, entry.started_at, entry.ended_at, but=entry.id)
    _refuse_long_day(volunteer, entry.day, entry.minutes, but=entry.id)
    entry.state, entry.decided_by, entry.decided_at = EntryState.POSTED, by.id, clock.now()
    db.session.flush()
    served = Served(
        volunteer=volunteer,
        kind=entry.kind,
        started=entry.started_at,
        ended=entry.ended_at,
        minutes=entry.minutes,
        planned=made.visit.minutes if made else entry.minutes,
        visit=made.visit if made else None,
        entry=entry,
    )
    if made is not None:
        made.outcome = Outcome.DONE  # there was no check-in, and none is made up
    record = confirm_entry(served, by)
    if made is not None:
        again.drop_next(made.visit)
    audit.record("post", "manual_entry", entry.id, record=record.id, minutes=entry.minutes)
    return record


def refuse(entry: ManualEntry, by: User, reason: str) -> None:
    """Refuse somebody else's entry, for a reason that stays; nothing of it counts."""
    _must_wait(entry)
    _refuse_decider(entry, by)
    if not reason.strip():
        raise wrong("decision", "请写为什么不同意，经办人要看得懂。")
    entry.state, entry.decided_by, entry.decided_at = EntryState.REFUSED, by.id, clock.now()
    entry.decision = reason.strip()
    audit.record("refuse", "manual_entry", entry.id)


def _refuse_partial(draft: Draft, by: User) -> None:
    """Refuse an entry for oneself, one's family, or a group."""
    _refuse_group(draft.volunteer, draft.started.date())
    if (why := why_not(by, draft.volunteer, draft.offer.visit if draft.offer else None)) is not None:
        raise Conflict(why)


def _refuse_group(volunteer: Volunteer, day: date) -> None:
    """Refuse to credit by hand what was done for a group: only its own visits bring time to the pool."""
    if standing_on(volunteer, day).collective:
        raise Conflict("集体的时间只按完成的上门进公共时间池，不能手工录入。请录到做这件事的那位志愿者名下。")


def _refuse_decider(entry: ManualEntry, by: User) -> None:
    """Refuse to let somebody decide on what they entered themselves, or on their own or their family's hours."""
    if entry.entered_by == by.id:
        raise Conflict("自己录入的不能自己核准，要由另一位同事来看。")
    if (why := one_hand.why_one(entry.entered_by, by)) is not None:
        raise Conflict(why)
    visit = db.session.get(Visit, entry.visit_id) if entry.visit_id else None
    if (why := why_not(by, entry.volunteer, visit)) is not None:
        raise Conflict(why)


def _refuse_words(draft: Draft) -> None:
    """Refuse an entry without a reason, evidence or a place."""
    if not draft.reason.strip():
        raise wrong("reason", "请写为什么要补录，它会一直留在记录上。")
    if not draft.evidence.strip():
        raise wrong("evidence", "请写凭什么：纸单编号、谁在场、打给了谁。")
    if not draft.place.strip():
        raise wrong("place", "请写在哪里做的。")


def _refuse_times(draft: Draft, rules: RecordRules) -> None:
    """Refuse times that are turned round, cross midnight, are yet to come, lie too far back or last too long."""
    day = draft.started.date()
    if draft.ended <= draft.started:
        raise wrong("started", "结束时间要晚于开始时间，零分钟和倒过来的都不能记。")
    if draft.ended > clock.at(day, 24 * 60):
        raise wrong("started", "跨过零点的请按两天各录一条。")
    if draft.ended > clock.now():
        raise wrong("day", "还没有发生的服务不能补录。")
    must_be_recent(rules.community_id, day, "day")
    if draft.minutes > DAY_AT_MOST:
        raise wrong("started", "一天最多记 %(day_at_most)s 小时，这一条就超过了。请核对起止时间。", day_at_most=DAY_AT_MOST // 60)


def _refuse_offer(made: Offer, draft: Draft) -> None:
    """Refuse a back entry for what is not this volunteer's visit of that day, or has a check-in already."""
    if made.volunteer_id != draft.volunteer.id or made.state is not OfferState.ACCEPTED or made.round_id is not None:
        raise wrong("visit", "这位志愿者没有接受过这次上门，请按手工记录录入。")
    if made.day != draft.started.date():
        raise wrong("day", "这次上门排在 %(isoformat)s，日期要一致。", isoformat=made.day.isoformat())
    _must_be_unserved(made)


def _must_be_unserved(made: Offer) -> None:
    """Refuse to enter again what is on record or called off; a check-in that nobody has confirmed may be wrong and is replaced."""
    if made.visit.state in {VisitState.CONFIRMED, VisitState.CANCELLED}:
        raise Conflict("这次上门已确认或已取消，不用补录。要改分钟请用更正。")


def _refuse_overlap(volunteer: Volunteer, started: datetime, ended: datetime, but: int = 0) -> None:
    """Refuse what overlaps another record of the volunteer, or another entry that is not refused."""
    record = overlapping(volunteer, started, ended)
    entry = db.session.scalar(
        select(ManualEntry)
        .where(
            ManualEntry.volunteer_id == volunteer.id,
            ManualEntry.state == EntryState.PENDING,
            ManualEntry.id != but,
            ManualEntry.started_at < ended,
            ManualEntry.ended_at > started,
        )
        .limit(1)
    )
    if (other := record or entry) is not None:
        span = f"{other.started_at:%H:%M}–{other.ended_at:%H:%M}"
        raise wrong("started", "和这位志愿者 %(span)s 的另一条重叠，一个人不能同时在两处。请核对时间。", span=span)


def _refuse_long_day(volunteer: Volunteer, day: date, minutes: int, but: int = 0) -> None:
    """Refuse a day of more than twelve hours, what waits to be posted counted in."""
    recorded = select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(
        ServiceRecord.volunteer_id == volunteer.id, ServiceRecord.day == day, ServiceRecord.current
    )
    waiting = select(func.coalesce(func.sum(ManualEntry.minutes), 0)).where(
        ManualEntry.volunteer_id == volunteer.id,
        ManualEntry.day == day,
        ManualEntry.state == EntryState.PENDING,
        ManualEntry.id != but,
    )
    total = int(db.session.scalar(recorded) or 0) + int(db.session.scalar(waiting) or 0) + minutes
    if total > DAY_AT_MOST:
        raise wrong("started", "这位志愿者这一天合计会超过 %(day_at_most)s 小时，不能补录。请核对时间。", day_at_most=DAY_AT_MOST // 60)


def _refuse_caps(draft: Draft, by: User) -> None:
    """Refuse what goes over the month's ceiling of a volunteer or of whoever enters."""
    rules, month = rules_of(draft.volunteer.community_id), draft.started.date()
    of_volunteer = minutes_by_hand(month, ManualEntry.volunteer_id == draft.volunteer.id)
    if of_volunteer + draft.minutes > rules.volunteer_month:
        raise Conflict(
            "每位志愿者每月手工和补录合计最多 %(volunteer_month)s 分钟，这个月已有 %(of_volunteer)s 分钟，再加 %(draft_minutes)s 分钟就超了。",
            volunteer_month=rules.volunteer_month,
            of_volunteer=of_volunteer,
            draft_minutes=draft.minutes,
        )
    of_enterer = minutes_by_hand(month, ManualEntry.entered_by == one_hand.maker(by))
    if of_enterer + draft.minutes > rules.coordinator_month:
        raise Conflict(
            "每位经办人每月最多录入 %(coordinator_month)s 分钟，你这个月已录 %(of_enterer)s 分钟。请另一位同事来录。",
            coordinator_month=rules.coordinator_month,
            of_enterer=of_enterer,
        )


def minutes_by_hand(month: date, whose: ColumnElement[bool]) -> int:
    """Return the minutes entered by hand for the days of a month and not refused, of whom a condition says."""
    first, after = month_of(month)
    total = select(func.coalesce(func.sum(ManualEntry.minutes), 0)).where(
        whose, ManualEntry.state != EntryState.REFUSED, ManualEntry.day >= first, ManualEntry.day < after
    )
    return int(db.session.scalar(total) or 0)


def _lock(volunteer: Volunteer, by: User) -> None:
    """Let nobody else enter for this volunteer, nor this person elsewhere, until the write unit ends; SQLite's is alone already."""
    db.session.execute(select(User.id).where(User.id == by.id).with_for_update())
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer.id).with_for_update())


def _must_wait(entry: ManualEntry) -> None:
    """Refuse to decide twice, also when somebody else decided a moment ago."""
    db.session.execute(select(ManualEntry.id).where(ManualEntry.id == entry.id).with_for_update())
    db.session.refresh(entry)
    if entry.state is not EntryState.PENDING:
        raise Conflict("这一条已经有人处理过了，结果在它的页面上。")


def _offer_of(entry: ManualEntry) -> Offer | None:
    """Return the accepted offer behind a back entry."""
    if entry.visit_id is None:
        return None
    mine = (Offer.visit_id == entry.visit_id, Offer.volunteer_id == entry.volunteer_id, Offer.state == OfferState.ACCEPTED)
    made = db.session.scalar(select(Offer).where(*mine))
    if made is None:
        raise Conflict("这次上门已经改派给别人，不能按补录核准。请不同意这一条，再按手工录入。")
    return made
