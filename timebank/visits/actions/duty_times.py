"""On duty: signed in and out at the place by the code of the day, typed in from the sign-in sheet, or noted that nobody came."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import func, select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.db import db, hold
from timebank.errors import Conflict, wrong
from timebank.hours import DAY_AT_MOST
from timebank.visits.actions import lengths
from timebank.visits.actions.ceilings import must_be_recent
from timebank.visits.actions.kin import why_not
from timebank.visits.duties import Duty, DutyState

CODE_TRIES = 5
EARLY_MINUTES = 30
LATE_MINUTES = 120
"""So long after its planned end a duty can still be signed out on the phone; later the station enters it."""


def sign_in(duty: Duty, code: str | None, at: datetime | None = None) -> bool:
    """Begin a duty; the code shown at the place proves it. Says whether the code was right; without one it is noted as missing."""
    hold(duty)
    if duty.started_at is not None:
        return duty.code_ok
    _must_be_mine(duty)
    _must_be_near(duty, at)
    if code:
        if not tries_left(duty):
            raise Conflict("到岗码已经错了 5 次，锁住了。请在签到表上签名，由服务站录入。")
        if not hmac.compare_digest(code, duty.code):
            duty.code_tries += 1
            audit.record("wrong_code", "duty", duty.id, tries=duty.code_tries)
            return False
        duty.code_ok = True
    begun = _kept_time(duty, at)
    duty.state, duty.started_at, duty.late_by = DutyState.THERE, begun, lengths.late_by(begun)
    _by_sheet(duty)
    db.session.flush()
    audit.record("sign_in", "duty", duty.id, code_ok=duty.code_ok)
    return True


def sign_out(duty: Duty, at: datetime | None = None) -> None:
    """End a duty; signing out again changes nothing."""
    hold(duty)
    if duty.ended_at is not None:
        return
    if duty.state is not DutyState.THERE:
        raise Conflict("还没有记到岗。到了先点“到岗”。")
    if clock.now() > duty.ends + timedelta(minutes=LATE_MINUTES):
        raise Conflict("离计划结束已经太久，手机上不能再记离岗。请打服务站电话，由服务站按签到表录入。")
    duty.state, duty.ended_at = DutyState.DONE, max(_kept_time(duty, at), duty.started_at or clock.now())
    _by_sheet(duty)
    db.session.flush()
    audit.record("sign_out", "duty", duty.id)


def enter_sheet(duty: Duty, started: datetime, ended: datetime, by: User, reason: str = "") -> bool:
    """Enter a line of the sign-in sheet; somebody else confirms it. Says whether its times are far over the plan."""
    hold(duty)
    if duty.state not in (DutyState.AGREED, DutyState.THERE, DutyState.MISSED) or duty.volunteer is None:
        raise Conflict("这一行没有人，或者已经有结果了，没有再记。刷新后看它现在的样子。")
    if (why := why_not(by, duty.volunteer)) is not None:
        raise Conflict(why)
    if started.date() != duty.day or not started < ended <= clock.now() or ended > clock.at(duty.day, 24 * 60):
        raise wrong("started", "时间不对：要在当天、离岗晚于到岗、也不能在将来。请对照签到表再填。")
    must_be_recent(duty.community_id, duty.day, "started")
    minutes = lengths.minutes_between(started, ended)
    long = lengths.too_long(minutes, duty.planned)
    if minutes > DAY_AT_MOST:
        raise wrong("started", "一天最多记 12 小时，这一行就超过了。请对照签到表。")
    if long and not reason.strip():
        raise wrong(
            "reason",
            "这样要记 %(minutes)s 分钟，计划 %(planned)s 分钟，多太多了。请对照签到表改时间；真做了这么久，就写上原因再存。",
            minutes=minutes,
            planned=duty.planned,
        )
    duty.state, duty.started_at, duty.ended_at = DutyState.DONE, started, ended
    duty.entered_by, duty.entered_reason = one_hand.maker(by), reason.strip() or None
    duty.over_at, duty.reason, duty.code_ok, duty.by_sheet = None, "", False, False
    db.session.flush()
    audit.record("enter_from_sheet", "duty", duty.id, long=long)
    return long


def miss(duty: Duty, reason: str = "") -> None:
    """Note that whoever had agreed did not come; nothing is recorded for them, and it can still be entered from the sheet."""
    hold(duty)
    if duty.state is not DutyState.AGREED:
        raise Conflict("这一班不是“等他到岗”的样子，没有改。刷新后再看。")
    if clock.now() < duty.begins:
        raise Conflict("还没到时间，到点没来再记。来不了的请用“退掉”。")
    duty.state, duty.over_at, duty.reason = DutyState.MISSED, clock.now(), reason.strip()
    db.session.flush()
    audit.record("miss", "duty", duty.id, volunteer=duty.volunteer_id)


def tries_left(duty: Duty) -> int:
    """Return how many wrong codes a duty still takes of its volunteer, those of places of the turn they gave up counted with it."""
    mine = (Duty.volunteer_id == duty.volunteer_id, Duty.day == duty.day, Duty.start == duty.start, Duty.id != duty.id)
    turn = (Duty.part_of == duty.part_of, Duty.part_id == duty.part_id) if duty.part_id is not None else (Duty.title == duty.title,)
    before = db.session.scalar(select(func.coalesce(func.sum(Duty.code_tries), 0)).where(*mine, *turn)) or 0
    return max(CODE_TRIES - duty.code_tries - before, 0)


def may_sign_in(duty: Duty) -> bool:
    """Say whether the time has come to sign in."""
    early = duty.begins - timedelta(minutes=EARLY_MINUTES)
    return duty.state is DutyState.AGREED and early <= clock.now() <= duty.ends


def _must_be_mine(duty: Duty) -> None:
    """Refuse to begin what nobody agreed to."""
    if duty.state is not DutyState.AGREED:
        raise Conflict("这一班不是你的，或者已经改派。回到今天看最新安排。")


def _must_be_near(duty: Duty, at: datetime | None) -> None:
    """Refuse to sign in on another day, far too early, or when it is over; a phone without a network may tell of it some time later."""
    if clock.now() < duty.begins - timedelta(minutes=EARLY_MINUTES):
        raise Conflict("还没到时间，%(start)s 前半小时内可以记到岗。", start=clock.hhmm(duty.start))
    told_later = at is not None and at <= duty.ends
    if clock.now() > duty.ends + timedelta(minutes=LATE_MINUTES if told_later else 0):
        raise Conflict("这一班已经结束，不能再记到岗。真去过的，请服务站按签到表录入。")


def _kept_time(duty: Duty, at: datetime | None) -> datetime:
    """Return when a tap happened: now, or the phone's time as far as it can be true."""
    now = clock.now()
    return now if at is None else min(max(at, duty.begins - timedelta(minutes=EARLY_MINUTES)), now)


def _by_sheet(duty: Duty) -> None:
    """Note whose printed sheet a tap came by: with its code, whoever printed it could have tapped as well."""
    if duty.entered_by is None and (printer := audit.printer.get()) is not None:
        duty.entered_by, duty.by_sheet = printer, True
