"""A need that has changed: its visits to come follow it, whoever was asked for what changed is told."""

from dataclasses import dataclass, field
from datetime import date

from timebank import audit, clock
from timebank.db import db
from timebank.places.models import Canteen
from timebank.visits.actions import kitchen, telling
from timebank.visits.actions.calling_off import call_off
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
from timebank.visits.models import HelpRequest, Offer, Visit
from timebank.visits.states import CANCELLED, LIVE, OPEN, TO_COME, Why


@dataclass(slots=True)
class Followed:
    """What became of a need's visits: moved or new, and the offers that stood for what has changed, taken back and told."""

    moved: list[Visit] = field(default_factory=list)
    offered: list[Offer] = field(default_factory=list)


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
    telling.tell_cancelled(found.offered)
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
    mine = [each for each in request.visits if each.week == monday]
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
    kitchen.note_change(visit, visit.boxes - before[-1])
    if visit.state is not OPEN and not _still_fits(visit, before):
        found.offered += take_back(visit.offers, Why.NEED, tell=False)


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
    """Say whether what was agreed with a volunteer still holds: same door, kind, length, crew and boxes, the day and minute allowed."""
    now = _said(visit)
    same = (now[0], now[1], *now[5:]) == (before[0], before[1], *before[5:])
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
    live = [each for each in visit.offers if each.state in LIVE]
    too_much = [each for each in live if more > 0 and not _carries(each)]
    for made in too_much:
        withdraw(made, Why.NEED.value)
    audit.record("fit_boxes", "visit", visit.id, boxes=boxes)
    return Fitted([each for each in live if each not in too_much], too_much)


def _carries(made: Offer) -> bool:
    """Say whether somebody can still carry the whole trip an offer belongs to."""
    trip = made.round.offers if made.round is not None else [made]
    return sum(each.visit.boxes for each in trip if each.state in LIVE) <= made.volunteer.boxes
