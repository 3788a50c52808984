"""Duties come on record: by the rules of visits, the code of the day or a second person standing behind the minutes."""

from datetime import datetime, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.credit.queries import terms_of
from timebank.db import db, hold
from timebank.errors import Conflict
from timebank.sentences import Pair, Sentence
from timebank.visits import on_duty
from timebank.visits.actions import ceilings, lengths
from timebank.visits.actions.confirming import Served, put_on_record, refuse_long
from timebank.visits.actions.kin import is_kin
from timebank.visits.actions.one_word import OFFICE, refuse_sheet_sign_in
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import ServiceRecord, Trust
from timebank.volunteers.models import Volunteer

CLOCK_MORE = 15
"""So many minutes over the plan the clock still takes: whoever signs out does so from anywhere."""


def confirm(duty: Duty, trust: Trust, by: User | None) -> ServiceRecord | None:
    """Confirm a duty that is done: its record and its credit; ``by`` is nobody for the clock. Confirmed already, nothing is done."""
    hold(duty)
    if duty.state is DutyState.CONFIRMED:
        return None
    if duty.state is not DutyState.DONE or duty.volunteer is None:
        raise Conflict("这一班还没有做完，离岗以后再确认。")
    refuse_sheet_sign_in()
    if (why := why_not(duty, duty.volunteer, trust, by)) is not None:
        raise Conflict(why)
    served = served_on(duty, duty.volunteer)
    refuse_long(served, trust)
    word = _word(duty, served, by)
    ceilings.must_fit_own_word(duty.community_id, word, duty.day, served.minutes)
    record = put_on_record(served, trust, by, word)
    duty.state = DutyState.CONFIRMED
    db.session.flush()
    audit.record("confirm", "duty", duty.id, trust=trust.value, record=record.id)
    return record


def why_not(duty: Duty, volunteer: Volunteer, trust: Trust, by: User | None) -> Pair | None:
    """Return why somebody, or the clock (None), may not put a duty on record, in both languages; None when they may."""
    if by is not None and (volunteer.user_id == by.id or volunteer.phone == by.phone):
        return Sentence("不能确认自己的值守，请服务站的另一位同事来确认。")
    if by is not None and is_kin(by, volunteer):
        return Sentence("这是你亲属的值守，不能由你确认。请另一位同事来确认。")
    if by is None and (not duty.code_ok or duty.late_by or duty.entered_by is not None):
        return Sentence("没有到岗码、到岗时间是手机事后报的，或者照纸录入的，不会自动确认，要由服务站确认。")
    if by is None and served_on(duty, volunteer).minutes > duty.planned + CLOCK_MORE:
        return Sentence("这一班比计划长了 %(clock_more)s 分钟以上，不会自动确认，要由服务站确认。", clock_more=CLOCK_MORE)
    if by is None and was_alone(duty):
        return Sentence("这一班只有一个人到岗，没有别人看见，不会自动确认，要由服务站确认。")
    if by is not None and one_hand.is_one(duty.entered_by, by):
        return one_hand.why_one(duty.entered_by, by) or Sentence("到岗离岗是你照签到表录入的，录入的人不能自己确认。请另一位同事来确认。")
    if (
        volunteer.registered_by is not None
        and volunteer.vouched_by is None
        and (by is None or one_hand.is_one(volunteer.registered_by, by))
    ):
        return Sentence(
            "%(volunteer)s只有登记的那位同事看过。请另一位同事在“等第二人核准”里核对，或由他来确认这一次。", volunteer=volunteer.name
        )
    return None if by is None or trust in OFFICE else Sentence("值守由服务站确认。请打服务站电话。")


def was_alone(duty: Duty) -> bool:
    """Say whether nobody saw who was there: no colleague of the turn who was there for at least half of it by a code of their own."""
    return not any(_saw(each, duty) for each in on_duty.of_turn(duty) if each.id != duty.id and each.volunteer_id != duty.volunteer_id)


def _saw(other: Duty, duty: Duty) -> bool:
    """Say whether somebody's own sign-in at the same turn is worth something: theirs, in time, of a person two have looked at."""
    who = other.volunteer
    known = who is not None and (who.registered_by is None or who.vouched_by is not None)
    if not known or not other.code_ok or other.late_by or other.entered_by is not None or duty.started_at is None or duty.ended_at is None:
        return False
    first, last = max(other.started_at or duty.ended_at, duty.started_at), min(other.ended_at or clock.now(), duty.ended_at)
    return 2 * (last - first) >= duty.ended_at - duty.started_at


def served_on(duty: Duty, volunteer: Volunteer) -> Served:
    """Return what somebody did on a duty that is done."""
    if duty.started_at is None or duty.ended_at is None:
        raise Conflict("这一班缺少到岗或离岗时间。")
    return Served(
        volunteer=volunteer,
        kind=duty.kind,
        started=duty.started_at,
        ended=duty.ended_at,
        minutes=lengths.minutes_between(duty.started_at, duty.ended_at),
        planned=duty.planned,
        duty=duty,
    )


def is_long(duty: Duty) -> bool:
    """Say whether a duty that is done lasted far longer than planned."""
    return duty.volunteer is not None and duty.ended_at is not None and served_on(duty, duty.volunteer).is_long


def _word(duty: Duty, served: Served, by: User | None) -> int | None:
    """Return on whose word alone a duty rests: nobody's where a colleague typed the sheet in, or with the code of the day beside others.

    Whoever works at the desk reads the code of the day, so alone it says no more than that somebody was told it.
    """
    shown = duty.code_ok and not duty.late_by and not served.is_long and not was_alone(duty)
    typed = duty.entered_by is not None and not duty.by_sheet
    return None if by is None or shown or typed else one_hand.word_of(by)


def confirm_due() -> int:
    """Confirm by the clock what was signed by the code of the day and has waited some days; say how many.

    What the rules refuse, such as a day of more than eight hours or minutes far over the plan, is left for a coordinator.
    """
    waiting = db.session.scalars(select(Duty).where(Duty.state == DutyState.DONE, Duty.code_ok, Duty.entered_by.is_(None)))
    return sum(1 for duty in waiting if duty.ended_at is not None and duty.ended_at <= _long_ago(duty) and _confirmed_alone(duty))


def _long_ago(duty: Duty) -> datetime:
    """Return the instant before which a duty must have ended to be confirmed by the clock."""
    return clock.now() - timedelta(days=terms_of(duty.community_id).auto_days)


def _confirmed_alone(duty: Duty) -> bool:
    """Confirm one by the clock in a savepoint of its own; say whether it was taken."""
    try:
        with db.session.begin_nested():
            confirm(duty, Trust.AUTO, None)
    except Conflict:
        return False
    return True
