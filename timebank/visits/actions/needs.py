"""A need that has changed: its visits to come follow it, whoever was asked for what changed is told."""

from dataclasses import dataclass, field
from datetime import date

from timebank import audit, clock
from timebank.db import db
from timebank.elders.models import Elder, ElderState
from timebank.errors import Conflict, Invalid
from timebank.places.models import Canteen
from timebank.sentences import Sentence
from timebank.visits.actions import kitchen, telling
from timebank.visits.actions.asking import Wish, check_wish, whose
from timebank.visits.actions.calling_off import call_off, reopen
from timebank.visits.actions.moving import move
from timebank.visits.actions.offering import take_back, withdraw
from timebank.visits.actions.scheduling import (
    boxes_on,
    calendar_of,
    canteen_of,
    occurrences,
    open_weeks,
    requests_of_week,
    say,
    schedule_request,
)
from timebank.visits.models import HelpRequest, Offer, Pattern, RequestState, Visit
from timebank.visits.states import CANCELLED, LIVE, OPEN, TO_COME, Why


@dataclass(slots=True)
class Followed:
    """What became of a need's visits: moved or new, and the offers that stood for what has changed, taken back and told."""

    moved: list[Visit] = field(default_factory=list)
    offered: list[Offer] = field(default_factory=list)
    boxes: list[Offer] = field(default_factory=list)


def change_need(request: HelpRequest, wish: Wish, last_day: date | None) -> Followed:
    """Change what a need says, when, how long, for whom and until when; its visits to come follow."""
    if request.state not in {RequestState.NEW, RequestState.ACCEPTED}:
        raise Conflict("这件求助已经结束了，不能再改。要的话再记一件。")
    if request.pattern is Pattern.ONCE and wish.dates:
        last_day = max(wish.dates) if request.last_day is not None else None
    check_wish(wish, [date.fromisoformat(day) for day in request.dates])
    _check_last_day(request, last_day)
    before = request.last_day
    with audit.changing("change_need", request):
        request.weekdays, request.every_weeks = list(wish.weekdays), wish.every_weeks
        request.dates = [day.isoformat() for day in sorted(wish.dates)]
        request.first_day = min(wish.dates) if wish.dates else request.first_day
        request.window_from, request.window_to = wish.window
        request.minutes, request.note, request.last_day = wish.minutes, wish.note or None, last_day
        if request.kind.from_canteen:
            request.boxes, request.eaters = max(1, wish.boxes), list(wish.eaters)
            request.elder_id = whose(wish.eaters, wish.boxes, _elder_of(request))
    db.session.expire(request, ["elder"])
    _bring_back(request, before)
    return follow_need(request)


def _elder_of(request: HelpRequest) -> Elder | None:
    """Return the elder of a need, or of a household's meal the only one who lives there."""
    home = [each for each in request.household.elders if each.state is ElderState.ACTIVE] if request.household else []
    return request.elder or (home[0] if home else None)


def _check_last_day(request: HelpRequest, last_day: date | None) -> None:
    """Refuse a last day before the first or in the past, unless it stood there."""
    if (
        request.pattern is Pattern.ONCE
        or last_day is None
        or last_day == request.last_day
        or last_day >= max(clock.today(), request.first_day)
    ):
        return
    raise Invalid("这一天已经过了，或者还没有开始。要马上结束，用“结束这件求助”。", fields={"last_day": Sentence("日期不对")})


def _bring_back(request: HelpRequest, before: date | None) -> None:
    """Open visits again that fell because the need was to end earlier than it does now."""
    if before is None or (request.last_day is not None and request.last_day <= before):
        return
    later = [each for each in request.visits if max(each.days) > before.isoformat()]
    for why in (Why.DESK, Why.FAMILY):
        reopen(later, why)


def follow_need(request: HelpRequest) -> Followed:
    """Let the visits of a need follow what it says now, in every week that is open; what is done or under way stays as it was.

    A visit nobody was asked for moves along. Where somebody was asked and the agreed time still fits, the offer stands; where it
    does not, it is taken back, its volunteer told, and the visit waits at its new time.
    """
    found = Followed()
    for monday in open_weeks(request.community_id):
        _follow_week(request, monday, found)
    db.session.flush()
    found.moved += schedule_request(request)
    telling.tell_door(cancelled=found.offered, boxes=found.boxes)
    audit.record(
        "follow_need",
        "help_request",
        request.id,
        moved=[each.id for each in found.moved],
        offers=[each.id for each in found.offered],
    )
    return found


def _follow_week(request: HelpRequest, monday: date, found: Followed) -> None:
    """Let the visits of one week follow."""
    going = request in requests_of_week(request.community_id, monday)
    wanted = dict(occurrences(request, monday, calendar_of(monday))) if going else {}
    mine = [each for each in request.visits if each.week == monday and each.again_of is None]
    fixed = {each.occurrence for each in mine if each.state not in TO_COME and not _may_come_back(each)}
    wanted = {occurrence: days for occurrence, days in wanted.items() if occurrence not in fixed and days[-1] >= clock.today()}
    free = [each for each in mine if (each.state in TO_COME or _may_come_back(each)) and _last_day(each) >= clock.today()]
    canteen = canteen_of(request.community_id)
    stay = [each for each in free if each.occurrence in wanted]
    for visit in stay:
        _follow_one(visit, wanted.pop(visit.occurrence), canteen, found)
    left = [each for each in free if each not in stay and each.state is not CANCELLED]
    for visit, (occurrence, days) in zip(left, list(wanted.items()), strict=False):
        visit.occurrence = occurrence
        db.session.flush()
        _follow_one(visit, days, canteen, found)
    surplus = left[len(wanted) :]
    found.offered += call_off(surplus, Why.NEED, tell=False)


def _may_come_back(visit: Visit) -> bool:
    """Say whether a visit was only called off because its need had changed."""
    return visit.state is CANCELLED and visit.ended_why == Why.NEED.value


def _last_day(visit: Visit) -> date:
    """Return the last day a visit may fall on."""
    return date.fromisoformat(max(visit.days))


def _follow_one(visit: Visit, days: list[date], canteen: Canteen | None, found: Followed) -> None:
    """Let one visit say what its need says; offers stand where what was agreed still fits."""
    if visit.state is CANCELLED:
        move(visit, OPEN)
    before = _said(visit)
    say(visit, visit.request, days, canteen)
    db.session.flush()
    db.session.expire(visit, ["household", "kind", "canteen"])
    if _said(visit) == before:
        return
    found.moved.append(visit)
    more = visit.boxes - before[-1]
    kitchen.note_change(visit, more)
    if visit.state is not OPEN and not _still_fits(visit, before):
        found.offered += take_back(visit.offers, Why.NEED, tell=False)
    elif more:
        fitted = _carry(visit, more)
        found.offered += fitted.dropped
        found.boxes += fitted.kept


def _said(visit: Visit) -> tuple[int, int, tuple[str, ...], int, int, int, int, str, int]:
    """Return what a visit says, to be compared."""
    return (
        visit.household_id,
        visit.kind_id,
        tuple(visit.days),
        visit.window_from,
        visit.window_to,
        visit.minutes,
        visit.crew,
        visit.gender,
        visit.boxes,
    )


def _still_fits(visit: Visit, before: tuple[object, ...]) -> bool:
    """Say whether what was agreed with a volunteer still holds: same door, kind, length and crew, the day and minute allowed."""
    now = _said(visit)
    same = (now[0], now[1], *now[5:-1]) == (before[0], before[1], *before[5:-1])
    if visit.day is None or visit.start is None:
        return False
    inside = visit.window_from <= visit.start and visit.start + visit.minutes <= visit.window_to
    return same and inside and visit.day.isoformat() in visit.days


@dataclass(frozen=True, slots=True)
class Fitted:
    """What another number of boxes did: the offers that stand with it, and those of people who cannot carry what it has become."""

    kept: list[Offer]
    dropped: list[Offer]


def fit_boxes(visit: Visit) -> Fitted | None:
    """Let a meal take as many boxes as heads are at home on its day; None where that changes nothing. Whoever calls this tells.

    Somebody who cannot carry what a trip has become is not asked for this door any more.
    """
    day = visit.day or date.fromisoformat(visit.days[0])
    boxes = boxes_on(visit.request, day)
    if visit.canteen_id is None or visit.state not in TO_COME or boxes in {0, visit.boxes}:
        return None
    more = boxes - visit.boxes
    visit.boxes, visit.weight = boxes, visit.kind.weight * boxes
    kitchen.note_change(visit, more)
    audit.record("fit_boxes", "visit", visit.id, boxes=boxes)
    return _carry(visit, more)


def _carry(visit: Visit, more: int) -> Fitted:
    """Take a meal that has grown back from whoever cannot carry its trip any more."""
    live = [each for each in visit.offers if each.state in LIVE]
    too_much = [each for each in live if more > 0 and not _carries(each)]
    for made in too_much:
        withdraw(made, Why.NEED.value)
    return Fitted([each for each in live if each not in too_much], too_much)


def _carries(made: Offer) -> bool:
    """Say whether somebody can still carry the whole trip an offer belongs to."""
    trip = made.round.offers if made.round is not None else [made]
    return sum(each.visit.boxes for each in trip if each.state in LIVE) <= made.volunteer.boxes
