"""Messages the clock asks for: the evening before what tomorrow brings, one hour before who comes, and what has become otherwise since.

Called every few minutes; ``about`` of a message keeps it to one a person and thing, so calling it again tells nobody twice.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from timebank import clock
from timebank.access.models import User
from timebank.db import db
from timebank.notices.actions import notify
from timebank.notices.queries import is_quiet
from timebank.sentences import Sentence
from timebank.visits.actions import telling_family as family
from timebank.visits.models import Offer, OfferState, Visit, VisitState

EVENING = 17 * 60
"""From this minute on tomorrow is told; before six everybody has heard, and nobody is written to in quiet hours."""
HOUR = 60
AHEAD = (VisitState.OPEN, VisitState.OFFERED, VisitState.ACCEPTED)


def due(community_id: int) -> list[Callable[[], None]]:
    """Return what is to be told now in one community, in parts that each may be a write unit; nothing in quiet hours."""
    if is_quiet(clock.now(), community_id):
        return []
    now = clock.minute_of(clock.now())
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    evening = [partial(_tell_families, community_id, tomorrow), partial(_tell_volunteers, community_id, tomorrow)] if now >= EVENING else []
    return [*evening, partial(_tell_families, community_id, today, now), partial(_one_hour, community_id, today, now)]


def _visits(community_id: int, day: date, after: int = -1) -> list[Visit]:
    """Return the visits of a day that are still to come, by time; one that is nobody's now and may be on that day is among them."""
    rows = select(Visit).where(Visit.community_id == community_id, Visit.week == clock.monday_of(day), Visit.state.in_(AHEAD))
    of_day = [each for each in db.session.scalars(rows.order_by(Visit.start, Visit.id)) if each.day == day or day.isoformat() in each.days]
    return [each for each in of_day if each.day in {None, day} and (each.start if each.start is not None else each.window_to) > after]


def _tell_families(community_id: int, day: date, after: int = -1) -> None:
    """Tell each family once who comes on a day, and afterwards only what is otherwise."""
    mine: dict[int, tuple[User, list[Visit]]] = {}
    for visit in _visits(community_id, day, after):
        for user in family.followers(visit):
            mine.setdefault(user.id, (user, []))[1].append(visit)
    for user, visits in mine.values():
        family.tell_day(user, day, visits)


def _offers(community_id: int, day: date) -> dict[int, list[Offer]]:
    """Return what each volunteer has said they will do on a day and has not begun, by time."""
    rows = (
        select(Offer)
        .join(Offer.visit)
        .where(Visit.community_id == community_id, Offer.day == day, Offer.state == OfferState.ACCEPTED, Offer.started_at.is_(None))
        .order_by(Offer.start, Offer.id)
    )
    found: dict[int, list[Offer]] = {}
    for made in db.session.scalars(rows):
        if made.volunteer.user_id is not None and made.outcome is None:
            found.setdefault(made.volunteer.user_id, []).append(made)
    return found


def _begins(made: Offer) -> int:
    """Return when somebody has to be there: a meal's pick-up, else the door."""
    return made.round.pickup if made.round is not None else made.start


def _tell_volunteers(community_id: int, day: date) -> None:
    """Tell each volunteer once what tomorrow brings: how many doors, when the first begins, how many boxes."""
    for user_id, offers in _offers(community_id, day).items():
        boxes = sum(each.visit.boxes for each in offers)
        notify(
            user_id,
            "my_tomorrow",
            about=f"my-day:{day}",
            day=family.day_words(day),
            doors=len(offers),
            start=clock.hhmm(min(map(_begins, offers))),
            first=family.kind_words(offers[0].visit),
            pickup=Sentence("，取%(boxes)s份", boxes=boxes) if boxes else ("", ""),
        )


def _one_hour(community_id: int, day: date, now: int) -> None:
    """Tell one hour before: families of timed visits who comes, volunteers that it begins; a round is one thing."""
    for visit in _visits(community_id, day):
        if visit.state is VisitState.ACCEPTED and visit.canteen_id is None and _near(visit.start or 0, now):
            names = family.named(each.volunteer for each in family.going(visit))
            said: dict[str, Any] = {
                "when": clock.hhmm(visit.start or 0),
                "kind": family.kind_words(visit),
                "names": names,
                "code": family.code_words(visit),
            }
            for user in family.followers(visit):
                notify(user.id, "soon", path=family.path_of(visit), about=f"soon:{visit.id}", **said)
    for user_id, offers in _offers(community_id, day).items():
        for made in _first_of_each(offers):
            if _near(_begins(made), now):
                doors = sum(each.round_id == made.round_id for each in offers) if made.round_id else 1
                kind = family.kind_words(made.visit)
                what = Sentence("%(kind)s%(doors)s家", kind=kind, doors=doors) if doors > 1 else kind
                about = f"my-soon:r{made.round_id}" if made.round_id else f"my-soon:o{made.id}"
                notify(user_id, "my_soon", about=about, start=clock.hhmm(_begins(made)), what=what)


def _near(minute: int, now: int) -> bool:
    """Say whether something begins within the hour."""
    return 0 < minute - now <= HOUR


def _first_of_each(offers: Iterable[Offer]) -> list[Offer]:
    """Return the first offer of each round, and every offer that is none."""
    seen: set[int] = set()
    first = []
    for made in offers:
        if made.round_id is None or made.round_id not in seen:
            first.append(made)
        if made.round_id is not None:
            seen.add(made.round_id)
    return first
