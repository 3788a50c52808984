"""After a visit failed at the door: it goes back to the pool for its other days, or a coordinator says on its page what next.

What failed stays as it was; going there again is a visit of its own that names it, so that the history is one chain. Nobody at
home and nobody ready may be otherwise on another day; who refused, or lives elsewhere, is asked about first.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import aliased

from timebank import audit, clock
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.sentences import Sentence
from timebank.visits.actions import kitchen, scheduling
from timebank.visits.actions.calling_off import call_off
from timebank.visits.models import OfferState, Outcome, Visit, VisitState
from timebank.visits.states import FAILED, SERVED, Why

BACK_BY_ITSELF = frozenset({Outcome.NO_ANSWER, Outcome.NOT_READY})
ASKED_FOR = timedelta(days=7)
SAME = (
    "community_id",
    "request_id",
    "household_id",
    "kind_id",
    "window_from",
    "window_to",
    "minutes",
    "crew",
    "weight",
    "gender",
    "canteen_id",
    "boxes",
)
DECISIONS = frozenset({Why.FAMILY, Why.NO_MORE})


def put_back(visit: Visit, outcome: Outcome) -> Visit | None:
    """Put a visit that has just failed back to the pool for what is left of its days; None where nothing is, or somebody is to be asked."""
    days = _days_left(visit) if outcome in BACK_BY_ITSELF else []
    return _make(visit, days) if days else None


def _days_left(visit: Visit) -> list[date]:
    """Return the later days of a visit on which somebody is at home and the need has no other visit."""
    gone = visit.day or visit.occurrence
    later = [date.fromisoformat(day) for day in visit.days]
    return [day for day in later if day > gone and day >= clock.today() and _is_free(visit, day)]


def _is_free(visit: Visit, day: date) -> bool:
    """Say whether somebody a visit is for is at home on a day for which its need has no visit yet."""
    taken = select(Visit.id).where(Visit.request_id == visit.request_id, Visit.occurrence == day)
    return scheduling.is_wanted(visit, day) and db.session.scalar(taken) is None


def _make(visit: Visit, days: list[date]) -> Visit:
    """Make the visit that tries a failed one again on some days."""
    made = Visit(
        **{name: getattr(visit, name) for name in SAME},
        occurrence=days[0],
        week=clock.monday_of(days[0]),
        days=[day.isoformat() for day in days],
        again_of=visit.id,
    )
    db.session.add(made)
    db.session.flush()
    db.session.expire(visit.request, ["visits"])
    kitchen.note_change(made, made.boxes)
    audit.record("put_back", "visit", made.id, after=visit.id, days=made.days)
    return made


def choices(visit: Visit) -> list[date]:
    """Return the days on which a failed visit could be tried again: from today on in the weeks that are open, free and at home."""
    if not asks(visit):
        return []
    weeks = scheduling.open_weeks(visit.community_id)
    every = [monday + timedelta(days=offset) for monday in weeks for offset in range(scheduling.WEEK)]
    return [day for day in every if day >= clock.today() and _can_still_begin(visit, day) and _is_free(visit, day)]


def _can_still_begin(visit: Visit, day: date) -> bool:
    """Say whether there is still time for a visit on a day."""
    return clock.now() <= clock.at(day, visit.window_to - visit.minutes)


def try_again(visit: Visit, day: date) -> Visit:
    """Let somebody go again on a day that a coordinator has agreed with the elder."""
    _must_ask(visit)
    if day not in choices(visit):
        sentence = Sentence("这一天不能再去：那一周还没有开始排，老人不在家，或者本来就约了。请换一天。")
        raise wrong("day", sentence)
    return _make(visit, [day])


def leave_it(visit: Visit, why: Why) -> None:
    """Decide that a failed visit is not tried again, by the elder's wish or the station's."""
    _must_ask(visit)
    if why not in DECISIONS:
        raise wrong("why", "请选一项。")
    visit.ended_why = why.value
    db.session.flush()
    audit.record("leave_it", "visit", visit.id, why=why.value)


def asks(visit: Visit) -> bool:
    """Say whether a failed visit waits for somebody to say what next."""
    return visit.state is FAILED and not visit.ended_why and next_of(visit) is None


def _must_ask(visit: Visit) -> None:
    """Refuse to decide twice, also at the same moment, or about what did not fail."""
    db.session.execute(select(Visit.id).where(Visit.id == visit.id).with_for_update())
    db.session.refresh(visit, ["state", "ended_why"])
    if not asks(visit):
        raise Conflict("这一件已经定过接下来怎么办了。")


def next_of(visit: Visit) -> Visit | None:
    """Return the visit that tries one again."""
    return db.session.scalar(select(Visit).where(Visit.again_of == visit.id))


def drop_next(visit: Visit) -> None:
    """Call off the next try of a visit that took place after all, unless somebody has been at the door again."""
    later = next_of(visit)
    if later is not None:
        call_off([later], Why.TAKEN_BACK)


def history(visit: Visit) -> list[Visit]:
    """Return the failed tries before a visit, the first one first."""
    found: list[Visit] = []
    while visit.again_of is not None:
        visit = db.session.get_one(Visit, visit.again_of)
        found.insert(0, visit)
    return found


def found_at_door(visit: Visit) -> Outcome | None:
    """Return what was found at the door of a failed visit."""
    going = (each.outcome for each in visit.offers if each.state is OfferState.ACCEPTED)
    return next((outcome for outcome in going if outcome is not None and outcome not in SERVED), None)


def waiting(community_id: int) -> Sequence[Visit]:
    """Return the timed visits of the last days that failed and of which nobody has said what next, oldest first."""
    later = aliased(Visit)
    rows = select(Visit).outerjoin(later, later.again_of == Visit.id).where(later.id.is_(None), Visit.community_id == community_id)
    rows = rows.where(Visit.state == VisitState.FAILED, Visit.ended_why == "", Visit.canteen_id.is_(None))
    return db.session.scalars(rows.where(Visit.day >= clock.today() - ASKED_FOR).order_by(Visit.day, Visit.start, Visit.id)).all()
