"""The weekly check: flags over what came on record in a week, and confirmed visits chosen by chance to be asked after."""

import math
import random
import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.elders.models import Elder, FamilyMember, Household
from timebank.errors import Conflict, Invalid
from timebank.places.models import Community
from timebank.records.actions.objecting import question
from timebank.records.flags import Fact, Flag, flags
from timebank.records.models import CallBack, CheckWeek, Finding, Heard, Origin, Settled
from timebank.visits.actions.ceilings import rules_of
from timebank.visits.actions.kin import why_not
from timebank.visits.models import Confirmation, ServiceRecord, Trust, Visit
from timebank.volunteers.models import Travel, Volunteer

WEEK = timedelta(days=7)
LOOK_BACK = timedelta(days=21)
SEEDS = 2**31
METRES_A_MINUTE = {Travel.WALK: 120, Travel.EBIKE: 420}  # a brisk walk, and the most an e-bike may go


def check_week(community_id: int, week: date, seed: int | None = None) -> CheckWeek:
    """Check what came on record in a week that is over; checked again, it adds what is new and draws nothing anew."""
    if clock.today() < week + WEEK:
        raise Conflict("这一周还没有过完，下周一以后再查。", "This week is not over yet; check it from next Monday on.")
    check = db.session.scalar(select(CheckWeek).where(CheckWeek.community_id == community_id, CheckWeek.week == week))
    if check is None:
        percent = rules_of(community_id).call_back_percent
        check = CheckWeek(community_id=community_id, week=week, seed=secrets.randbelow(SEEDS) if seed is None else seed, percent=percent)
        check.checked_at = clock.now()
        db.session.add(check)
        db.session.flush()
        _draw(check)
    check.checked_at = clock.now()
    found = _note(check, flags(facts(community_id, week)))
    audit.record("check_week", "community", community_id, week=week.isoformat(), found=found)
    return check


def check_due() -> int:
    """Check last week of every community where nobody has; say how many."""
    last = clock.monday_of(clock.today()) - WEEK
    checked = select(CheckWeek.community_id).where(CheckWeek.week == last)
    waiting = db.session.scalars(select(Community.id).where(Community.id.not_in(checked)).order_by(Community.id)).all()
    for community_id in waiting:
        check_week(community_id, last)
    return len(waiting)


def _draw(check: CheckWeek) -> None:
    """Choose the call-backs of a week by its seed: the same seed over the same records chooses the same ones."""
    rows = _fresh(check.community_id, check.week).where(ServiceRecord.version == 1).order_by(ServiceRecord.id)
    visits = [each.id for each in db.session.scalars(rows) if each.visit_id or each.round_id]
    count = math.ceil(len(visits) * check.percent / 100)
    chosen = random.Random(check.seed).sample(visits, count)  # noqa: S311 - chance that can be told again is the point
    db.session.add_all(CallBack(check_id=check.id, record_id=record) for record in sorted(chosen))
    db.session.flush()


def _note(check: CheckWeek, found: list[Flag]) -> int:
    """Write the flags that are not written yet; say how many."""
    known = set(db.session.scalars(select(Finding.key).where(Finding.check_id == check.id)))
    new = {flag.key: flag for flag in found if flag.key not in known}
    for flag in new.values():
        row = Finding(check_id=check.id, rule=flag.rule, key=flag.key, volunteer_id=flag.volunteer, record_id=flag.record)
        row.zh, row.en = flag.zh, flag.en
        db.session.add(row)
    db.session.flush()
    return len(new)


def _fresh(community_id: int, week: date) -> Select[ServiceRecord]:
    """Return the records that came on record in a week."""
    return select(ServiceRecord).where(
        ServiceRecord.community_id == community_id,
        ServiceRecord.created_at >= clock.at(week, 0),
        ServiceRecord.created_at < clock.at(week + WEEK, 0),
    )


def settle(finding: Finding, settled: Settled, result: str, by: User) -> None:
    """Settle a flag with what was found; one that is not in order becomes an objection to the record."""
    if finding.settled is not None:
        raise Conflict("这一条已经有人处理过了。", "Somebody has settled this already.")
    if not result.strip():
        raise Invalid("请写核对的结果。", "Say what was found.", fields={"result": ("请写核对的结果。", "Say what was found.")})
    _refuse_partial(by, finding.volunteer, finding.record)
    if settled is Settled.OBJECTED:
        question(finding.record, f"{finding.zh}。{result.strip()}", Origin.FINDING)
    finding.settled, finding.result = settled, result.strip()
    finding.settled_at, finding.settled_by = clock.now(), by.id
    audit.record("settle", "finding", finding.id, settled=settled.value)


def call(made: CallBack, heard: Heard, words: str, by: User) -> None:
    """Note what was heard on the telephone; what is not as recorded opens an objection, somebody not reached is called again."""
    if made.heard is not None and made.heard is not Heard.NOT_REACHED:
        raise Conflict("这个回访已经有结果了。", "This call has its result already.")
    if heard is Heard.WRONG and not words.strip():
        raise Invalid(
            "请写对方怎么说的。", "Write down what they said.", fields={"words": ("请写对方怎么说的。", "Write down what they said.")}
        )
    _refuse_partial(by, made.record.volunteer, made.record)
    if heard is Heard.WRONG:
        question(made.record, words, Origin.CALL_BACK)
    made.heard, made.words = heard, words.strip() or None
    made.called_at, made.called_by = clock.now(), by.id
    audit.record("call", "call_back", made.id, heard=heard.value)


def _refuse_partial(by: User, volunteer: Volunteer, record: ServiceRecord) -> None:
    """Refuse whoever would judge their own or their family's hours."""
    if why_not(by, volunteer, record.visit) is not None:
        raise Conflict(
            "这是你自己或你亲属的服务，请另一位同事来核对。", "This is your own or your family's service. Ask a colleague to look into it."
        )


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
        .options(joinedload(ServiceRecord.volunteer), door.joinedload(Household.building), door.selectinload(Household.elders))
        .order_by(ServiceRecord.started_at, ServiceRecord.id)
    ).all()
    family, words = _family_of(community_id), _family_words(rows)
    return [_fact(each, family, words, fresh=begin <= each.created_at < end) for each in rows]


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


def _fact(record: ServiceRecord, family: dict[int, list[User]], words: dict[int, int], *, fresh: bool) -> Fact:
    """Return what the rules look at of one record."""
    home = record.visit.household if record.visit is not None else None
    speakers = family.get(home.id, []) if home is not None else []
    phones = {user.phone for user in speakers} | ({elder.phone for elder in home.elders} if home is not None else set())
    return Fact(
        record=record.id,
        volunteer=record.volunteer_id,
        day=record.day,
        started=record.started_at,
        ended=record.ended_at,
        minutes=record.minutes,
        planned=record.planned_minutes,
        fresh=fresh,
        metres_a_minute=METRES_A_MINUTE[record.volunteer.travel],
        household=home.id if home is not None else None,
        point=(home.building.lat, home.building.lon) if home is not None else None,
        is_round=record.round_id is not None,
        by_hand=record.entry_id is not None,
        is_family=any(user.id == record.volunteer.user_id for user in speakers),
        shares_phone=record.volunteer.phone in phones,
        family_word=words.get(record.visit_id or 0),
    )
