"""At the canteen and at the door: pick-up, one tap a meal, check-in with the visit code, check-out, the outcome."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.catalogue.models import Evidence
from timebank.db import db
from timebank.errors import Conflict, Invalid
from timebank.sentences import Sentence, the_day
from timebank.visits.actions import again, lengths, telling_family
from timebank.visits.actions.moving import move
from timebank.visits.models import Alert, Offer, OfferState, Outcome, Round, Visit, VisitState
from timebank.visits.states import SERVED

CODE_TRIES = 5
UNDO_SECONDS = 60
EARLY_MINUTES = 60
EARLY_PICK_UP = 90
ALARMS = {Outcome.NO_ANSWER, Outcome.UNWELL}


def pick_up(meals: Round, counted: int, at: datetime | None = None) -> None:
    """Note that the boxes of a round were counted and taken from the canteen; ``at`` is the time of a tap kept while offline."""
    if meals.picked_up_at is not None:
        return
    going = [each for each in meals.offers if each.state is OfferState.ACCEPTED]
    if not going:
        raise Conflict("这一轮还没有接受，先接受再取餐。")
    when = min(at or clock.now(), clock.now())
    _must_be_time_to_fetch(meals, when)
    expected = sum(each.visit.boxes for each in going)
    if counted != expected:
        raise Invalid(
            "这一轮应取 %(expected)s 份，点到的是 %(counted)s 份。请和食堂再点一遍，少了先补齐。",
            fields={"counted": Sentence("应为 %(expected)s 份", expected=expected)},
            expected=expected,
            counted=counted,
        )
    meals.picked_up_at = when
    meals.late_by = lengths.late_by(when)
    meals.counted = counted
    for each in going:
        _by_sheet(each)
        move(each.visit, VisitState.UNDER_WAY)
    audit.record("pick_up", "round", meals.id, counted=counted, late_by=meals.late_by)


def _must_be_time_to_fetch(meals: Round, when: datetime) -> None:
    """Refuse a pick-up on another day, or long before the boxes are ready."""
    earliest = clock.at(meals.day, max(0, meals.pickup - EARLY_PICK_UP))
    if not earliest <= when < clock.at(meals.day, 24 * 60):
        raise Conflict(
            "这一趟是 %(day)s %(pickup)s 取餐，现在还不能记。到食堂点过份数再记。", day=the_day(meals.day), pickup=clock.hhmm(meals.pickup)
        )


def deliver(made: Offer, at: datetime | None = None) -> None:
    """Note one tap at a meal door: it was handed over; ``at`` is the phone's time of a tap kept while offline."""
    _must_be_mine(made)
    if made.outcome is Outcome.DONE:
        return
    if made.outcome is not None:
        raise _noted_already()
    if made.visit.kind.evidence is not Evidence.DOOR_TAP:
        raise Conflict("这一件要签到和签退，请打开它再点。")
    if made.round is not None and made.round.picked_up_at is None:
        raise Conflict("还没有记取餐。请先在食堂点“取好了”。")
    when = _kept_time(made, at)
    made.started_at = made.ended_at = when
    made.late_by = lengths.late_by(when)
    made.outcome = Outcome.DONE
    _by_sheet(made)
    move(made.visit, VisitState.DONE)
    telling_family.tell_done(made.visit, made)
    audit.record("deliver", "offer", made.id, visit=made.visit_id, late_by=made.late_by)


def _noted_already() -> Conflict:
    """Return the refusal of a second, other outcome of a door."""
    return Conflict("这一户已经记过结果了。要改请打电话给服务站。")


def check_in(made: Offer, code: str | None, at: datetime | None = None) -> bool:
    """Begin a timed visit; the elder's code proves the door. Says whether the code was right; without one it is noted as missing."""
    _must_be_mine(made)
    if made.started_at is not None:
        return made.code_ok
    _must_be_near(made, at or clock.now())
    if code:
        _hold(made)
        if not tries_left(made):
            raise Conflict("到访码已经错了 5 次，锁住了。请打电话给服务站，由服务台替你签到。")
        if not hmac.compare_digest(code, made.visit.code):
            made.code_tries += 1
            audit.record("wrong_code", "offer", made.id, tries=made.code_tries)
            return False
        made.code_ok = True
    made.started_at = _kept_time(made, at)
    made.late_by = lengths.late_by(made.started_at)
    _by_sheet(made)
    move(made.visit, VisitState.UNDER_WAY)
    telling_family.tell_arrived(made)
    audit.record("check_in", "offer", made.id, visit=made.visit_id, code_ok=made.code_ok, late_by=made.late_by)
    return True


def tries_left(made: Offer) -> int:
    """Return how many wrong codes a visit still takes, from its whole crew together and from whoever was asked before."""
    return max(CODE_TRIES - sum(each.code_tries for each in made.visit.offers), 0)


def _hold(made: Offer) -> None:
    """Hold a visit against a second guess at the same moment, and read again what was counted."""
    db.session.execute(select(Visit.id).where(Visit.id == made.visit_id).with_for_update())
    db.session.refresh(made.visit)
    for each in made.visit.offers:
        db.session.refresh(each)


def check_out(made: Offer, at: datetime | None = None) -> None:
    """End a timed visit; it is done when everybody of the crew has ended."""
    _must_be_mine(made)
    if made.ended_at is not None:
        return
    if made.started_at is None:
        raise Conflict("还没有签到，先签到再签退。")
    made.ended_at = _kept_time(made, at)
    made.outcome = Outcome.DONE
    _by_sheet(made)
    crew = [each for each in made.visit.offers if each.state is OfferState.ACCEPTED]
    if all(each.ended_at is not None for each in crew):
        move(made.visit, VisitState.DONE)
        telling_family.tell_done(made.visit, made)
    audit.record("check_out", "offer", made.id, visit=made.visit_id)


def report(made: Offer, outcome: Outcome, note: str = "", at: datetime | None = None) -> Alert | None:
    """Note how it ended at the door when it is not simply done; nobody at home or an unwell elder alerts the coordinator, once."""
    _must_be_mine(made)
    if made.outcome is outcome and made.outcome_note == (note.strip() or None):
        return None
    if made.outcome is not None:
        raise _noted_already()
    if made.round is not None and made.round.picked_up_at is None:
        raise Conflict("还没有取餐，这一轮还没开始。去不了请点“去不了了”。")
    when = _kept_time(made, at)
    made.outcome = outcome
    made.outcome_note = note.strip() or None
    if made.started_at is None:
        made.started_at, made.late_by = when, lengths.late_by(when)
    made.ended_at = when
    _by_sheet(made)
    move(made.visit, VisitState.DONE if outcome in SERVED else VisitState.FAILED)
    audit.record("report", "offer", made.id, visit=made.visit_id, outcome=outcome.value)
    _after(made.visit, outcome)
    return alarm(made)


def _after(visit: Visit, outcome: Outcome) -> None:
    """Let a visit that has failed go back to the pool where it has another day."""
    if visit.state is VisitState.FAILED:
        again.put_back(visit, outcome)


def alarm(made: Offer) -> Alert | None:
    """Raise the alarm when what was found at a door asks for it."""
    if made.outcome not in ALARMS:
        return None
    alert = db.session.scalar(select(Alert).where(Alert.offer_id == made.id)) or Alert(
        community_id=made.visit.community_id, offer_id=made.id
    )
    alert.kind, alert.raised_at = made.outcome, clock.now()
    alert.closed_at = alert.closed_by = alert.taken_by = alert.taken_at = alert.goes_on_at = None
    alert.result = ""
    db.session.add(alert)
    db.session.flush()
    return alert


def undo(made: Offer, at: datetime | None = None) -> None:
    """Take a tap at a meal door back, shortly after it was made; ``at`` is the time of a tap kept while offline."""
    _must_be_mine(made)
    if made.outcome is not Outcome.DONE or made.ended_at is None or made.visit.kind.evidence is not Evidence.DOOR_TAP:
        return
    if (at or clock.now()) - made.ended_at > timedelta(seconds=UNDO_SECONDS) or made.visit.state is not VisitState.DONE:
        raise Conflict("已经过了可以撤销的时间。要改请打电话给服务站。")
    made.outcome = made.started_at = made.ended_at = None
    made.late_by = 0
    move(made.visit, VisitState.UNDER_WAY)
    audit.record("undo", "offer", made.id, visit=made.visit_id)


def close_alert(alert: Alert, by: int, result: str) -> None:
    """Close an alert with what was found."""
    if not result.strip():
        raise Invalid("请写一句处理结果，再点处理完毕。", fields={"result": Sentence("请写结果")})
    if alert.closed_at is None:
        alert.closed_at, alert.closed_by, alert.result = clock.now(), by, result.strip()
        audit.record("close_alert", "alert", alert.id)


def _must_be_mine(made: Offer) -> None:
    """Refuse to serve what was not accepted."""
    if made.state is not OfferState.ACCEPTED:
        raise Conflict("这一件你还没有接受，或者已经改派。回到今天看最新安排。")


def _by_sheet(made: Offer) -> None:
    """Note whose printed sheet a tap came by: with its code, whoever printed it could have tapped as well."""
    if made.entered_by is None and (printer := audit.printer.get()) is not None:
        made.entered_by, made.by_sheet = printer, True


def _must_be_near(made: Offer, when: datetime) -> None:
    """Refuse a check-in on another day or far too early."""
    begins = clock.at(made.day, made.start)
    if clock.now() < begins - timedelta(minutes=EARLY_MINUTES):
        raise Conflict("还没到时间，%(start)s 前一小时内可以签到。", start=clock.hhmm(made.start))
    if when.date() > made.day:
        raise Conflict("这一天已经过去了，不能签到。请打电话给服务站补录。")


def _kept_time(made: Offer, at: datetime | None) -> datetime:
    """Return when a tap happened: now, or the phone's time as far as it can be true; never before what was begun already."""
    now = clock.now()
    kept = now if at is None else min(max(at, _earliest(made)), now)
    return max(kept, made.started_at or kept)


def _earliest(made: Offer) -> datetime:
    """Return the first moment a tap can stand for: its round's pick-up, else an hour before the planned time."""
    if made.round is not None and made.round.picked_up_at is not None:
        return made.round.picked_up_at
    return clock.at(made.day, made.start) - timedelta(minutes=EARLY_MINUTES)


def enter_pick_up(meals: Round, at: datetime) -> None:
    """Enter when a round was fetched, from a day sheet that was handed in at the desk."""
    if meals.picked_up_at is not None:
        return
    if at.date() != meals.day or at > clock.now():
        raise Invalid("取餐时间不对：要在当天、不能在将来。请对照纸上的时间再填。", fields={"started": Sentence("时间不对")})
    going = [each for each in meals.offers if each.state is OfferState.ACCEPTED]
    meals.picked_up_at = at
    meals.counted = sum(each.visit.boxes for each in going)
    for each in going:
        if each.visit.state is VisitState.ACCEPTED:
            move(each.visit, VisitState.UNDER_WAY)
    audit.record("enter_pick_up", "round", meals.id, counted=meals.counted)


def enter_from_sheet(
    made: Offer, started: datetime, ended: datetime, outcome: Outcome = Outcome.DONE, *, by: User | None = None, reason: str = ""
) -> bool:
    """Enter one line of a day sheet that was handed in at the desk; say whether a colleague has to look at its times."""
    _must_be_mine(made)
    if made.outcome is not None:
        raise Conflict("这一行已经有结果了，没有再记一次。")
    if not clock.at(made.day, 0) <= started <= ended <= clock.now() or started.date() != made.day:
        raise Invalid("时间不对：要在当天、结束不早于开始、也不能在将来。请对照纸上的时间再填。", fields={"ended": Sentence("时间不对")})
    long = _must_be_explained(made, started, ended, reason=reason, by=by)
    made.started_at, made.ended_at, made.outcome = started, ended, outcome
    made.entered_by, made.by_sheet = one_hand.maker(by) if by else None, False
    made.entered_reason = reason.strip() or None if long else None
    if made.round is not None:
        enter_pick_up(made.round, started)
    crew = [each for each in made.visit.offers if each.state is OfferState.ACCEPTED]
    if all(each.ended_at is not None for each in crew):
        move(made.visit, VisitState.DONE if outcome in SERVED else VisitState.FAILED)
    audit.record("enter_from_sheet", "offer", made.id, outcome=outcome.value, long=long)
    _after(made.visit, outcome)
    return long


def _must_be_explained(made: Offer, started: datetime, ended: datetime, *, reason: str, by: User | None) -> bool:
    """Refuse times far over the plan without a reason and somebody who stands for it; say whether they are far over."""
    minutes, planned = lengths.of_row(made, started, ended)
    if not lengths.too_long(minutes, planned):
        return False
    if not reason.strip() or by is None:
        raise Invalid(
            "这样要记 %(minutes)s 分钟，计划 %(planned)s 分钟，多太多了。请对照纸单改时间；真做了这么久，就写上原因再存，由另一位同事确认。",
            fields={"reason": Sentence("请写原因")},
            minutes=minutes,
            planned=planned,
        )
    return True
