"""The weekly check: flags over what came on record in a week, and confirmed visits chosen by chance to be asked after."""

import math
import random
import secrets
from datetime import date, timedelta

from sqlalchemy import Select, func, or_, select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.records.actions.objecting import question
from timebank.records.facts import facts
from timebank.records.flags import Flag, flags
from timebank.records.hands import refuse_partial
from timebank.records.models import CallBack, CheckWeek, Drawn, Finding, Heard, Origin, Settled
from timebank.sentences import Sentence
from timebank.visits.actions.ceilings import rules_of
from timebank.visits.models import ServiceRecord

WEEK = timedelta(days=7)
SEEDS = 2**31
ANEW = "@"
AT_ONCE = 4
"""So many weeks a community has slept through are caught up with in one go."""


def check_week(community_id: int, week: date, seed: int | None = None) -> CheckWeek:
    """Check what came on record in a week, so far when it is not over; checked again, it adds what is new and takes nothing away."""
    if clock.today() < week:
        raise Conflict("这一周还没有开始，到了那一周再查。")
    check = db.session.scalar(select(CheckWeek).where(CheckWeek.community_id == community_id, CheckWeek.week == week))
    drawn = check is not None and check.checked_at >= clock.at(week + WEEK, 0)
    if check is None:
        percent = rules_of(community_id).call_back_percent
        check = CheckWeek(community_id=community_id, week=week, seed=new_seed() if seed is None else seed, percent=percent)
        check.checked_at = clock.now()
        db.session.add(check)
        db.session.flush()
    if not drawn:
        _draw(check, whole=clock.today() >= week + WEEK)
    check.checked_at = clock.now()
    found = _note(check, flags(facts(community_id, week)))
    _call_flagged(check)
    audit.record("check_week", "community", community_id, week=week.isoformat(), found=found)
    return check


def new_seed() -> int:
    """Draw the seed of a week's call-backs."""
    return secrets.randbelow(SEEDS)


def check_due(community_id: int) -> int:
    """Check the weeks of a community that are over and were not checked since, and this week once a day; say how many checks were made.

    Weeks the service slept through are caught up with, the oldest first, a few at a time.
    """
    monday, today = clock.monday_of(clock.today()), clock.at(clock.today(), 0)
    weeks = _slept(community_id, monday)
    of_today = (CheckWeek.community_id == community_id, CheckWeek.week == monday, CheckWeek.checked_at >= today)
    if db.session.scalar(select(CheckWeek.id).where(*of_today)) is None:
        weeks.append(monday)
    for week in weeks:
        check_week(community_id, week)
    return len(weeks)


def _slept(community_id: int, monday: date) -> list[date]:
    """Return the first weeks of a community before this one, from that of its first record on, not checked since they were over."""
    begun = db.session.scalar(select(func.min(ServiceRecord.created_at)).where(ServiceRecord.community_id == community_id))
    checks = db.session.scalars(select(CheckWeek).where(CheckWeek.community_id == community_id, CheckWeek.week < monday))
    whole = {check.week for check in checks if check.checked_at >= clock.at(check.week + WEEK, 0)}
    last = monday - WEEK
    first = min(clock.monday_of(begun.date()), last) if begun is not None else last
    weeks = (first + number * WEEK for number in range((last - first).days // WEEK.days + 1))
    return [week for week in weeks if week not in whole][:AT_ONCE]


def _draw(check: CheckWeek, *, whole: bool) -> None:
    """Draw the call-backs of a week by its seed, each record by a lot of its own: what was drawn once stays, and can be told again.

    Nobody who does not know the seed can tell which record comes next. Of a ``whole`` week at least its share is called.
    """
    rows = _fresh(check.community_id, check.week).where(ServiceRecord.version == 1)
    records = [each.id for each in db.session.scalars(rows) if each.visit_id or each.round_id]
    lots = sorted((random.Random(f"{check.seed}:{each}").random(), each) for each in records)  # noqa: S311 - chance that can be told again
    most = math.ceil(len(lots) * check.percent / 100) if whole else 0
    chosen = {each for place, (lot, each) in enumerate(lots) if lot * 100 < check.percent or place < most}
    known = set(db.session.scalars(select(CallBack.record_id).where(CallBack.check_id == check.id)))
    db.session.add_all(CallBack(check_id=check.id, record_id=record) for record in sorted(chosen - known))
    db.session.flush()


def _note(check: CheckWeek, found: list[Flag]) -> int:
    """Write the flags that are not written yet; say how many.

    What was settled about several records is asked anew when a later one has joined them: they were not looked at.
    """
    known = {each.key: each for each in db.session.scalars(select(Finding).where(Finding.check_id == check.id).order_by(Finding.id))}
    new: dict[str, Flag] = {}
    for flag in found:
        last = [each for key, each in known.items() if key.partition(ANEW)[0] == flag.key][-1:]
        if not last:
            new[flag.key] = flag
        elif last[0].settled is not None and last[0].record_id < flag.record:
            new[f"{flag.key}{ANEW}{flag.record}"] = flag
    for key, flag in new.items():
        row = Finding(check_id=check.id, rule=flag.rule, key=key, volunteer_id=flag.volunteer, record_id=flag.record)
        row.zh, row.en = flag.zh, flag.en
        db.session.add(row)
    db.session.flush()
    return len(new)


def _call_flagged(check: CheckWeek) -> None:
    """Have every flagged visit or round called too, unless the lot has drawn it already; entries by hand have no door to ring up."""
    flagged = select(Finding.record_id).join(ServiceRecord, ServiceRecord.id == Finding.record_id).where(Finding.check_id == check.id)
    at_a_door = flagged.where(or_(ServiceRecord.visit_id.is_not(None), ServiceRecord.round_id.is_not(None)))
    known = select(CallBack.record_id).where(CallBack.check_id == check.id)
    wanted = db.session.scalars(at_a_door.where(Finding.record_id.not_in(known)).distinct()).all()
    db.session.add_all(CallBack(check_id=check.id, record_id=record, drawn=Drawn.FLAG) for record in sorted(wanted))
    db.session.flush()


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
        raise Conflict("这一条已经有人处理过了。")
    if not result.strip():
        raise wrong("result", "请写核对的结果。")
    refuse_partial(by, finding.record)
    if settled is Settled.OBJECTED:
        question(finding.record, f"{finding.zh}。{result.strip()}", Origin.FINDING)
    finding.settled, finding.result = settled, result.strip()
    finding.settled_at, finding.settled_by = clock.now(), by.id
    audit.record("settle", "finding", finding.id, settled=settled.value)


def call(made: CallBack, heard: Heard, words: str, by: User, score: int | None = None) -> None:
    """Note what was heard on the telephone; what is not as recorded opens an objection, somebody not reached is called again.

    The ``score`` is what whoever was served gives the service, from one to five; nobody has to give one.
    """
    if made.heard is not None and made.heard is not Heard.NOT_REACHED:
        raise Conflict("这个回访已经有结果了。")
    if heard is Heard.WRONG and not words.strip():
        raise wrong("words", "请写对方怎么说的。")
    if heard is Heard.NOT_REACHED and score is not None:
        sentence = Sentence("没打通就没有人打分，分数请空着。")
        raise wrong("score", sentence)
    refuse_partial(by, made.record)
    if heard is Heard.WRONG:
        question(made.record, words, Origin.CALL_BACK)
    made.heard, made.words, made.score = heard, words.strip() or None, score
    made.called_at, made.called_by = clock.now(), by.id
    audit.record("call", "call_back", made.id, heard=heard.value)
