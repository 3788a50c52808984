"""Whom to recruit: which one more volunteer, with what skills, when and where, would let the most weight be served."""

import time
from dataclasses import replace

from matching import reasons
from matching.advice.newcomers import Newcomer, newcomers
from matching.model import Plan, Week
from matching.solve import solve

CHECKED = 3
LOOKING_SHARE = 0.3
LEAST_SECONDS = 0.5
KEPT_BACK = 0.03
"""The share of the seconds left to whatever a solve needs beyond its own."""
WORKERS = 2


def advise(week: Week, plan: Plan, *, seconds: float = 60.0) -> list[dict[str, object]]:
    """Say whom to recruit, the most helpful first.

    What one more volunteer would serve is estimated for every post (skills x half-day x neighbourhood) that an unserved
    visit asks for. The three best are then checked: the week is solved again from the plan, once as it is and once with
    each of them, for the same time, and the difference of the served weights is what they bring.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it that keeps the hard rules.
    seconds : float
        Wall time; what cannot be looked at or checked by then is left out.

    Returns
    -------
    list of dict
        At most ten posts: `skills`, `gender`, `day` (0 = Monday), `half` ("morning" or "afternoon"), `window` [day, from,
        to] in minutes, `place`, `visits` (ids of what waits there for such a person), `weight` (of these), `served` and
        `served_weight` (what one volunteer is estimated to serve of them), `checked_weight` (how much more weight is
        served when the week is solved again with them; None where that was not tried), and the sentence in `zh` and `en`.
    """
    ends = time.monotonic() + seconds * (1 - KEPT_BACK)
    found = newcomers(week, plan, time.monotonic() + seconds * LOOKING_SHARE)
    gains = _checked(week, plan, found[:CHECKED], ends)
    ranked = sorted(zip(found, gains, strict=False), key=lambda one: -one[1])
    rows = [_described(one, gain) for one, gain in ranked]
    return rows + [_described(one, None) for one in found[len(gains) :]]


def _checked(week: Week, plan: Plan, found: list[Newcomer], ends: float) -> list[int]:
    """Solve the week again without and with each of them, each time for the same seconds; nothing if time is short."""
    share = (ends - time.monotonic()) / (1 + len(found))
    if not found or share < LEAST_SECONDS:
        return []
    stand = _standing_on(week, plan)
    before = _served(stand, share)
    gains = []
    for number, one in enumerate(found):
        # A solve that took longer than it was given takes it from all that follow.
        left = (ends - time.monotonic()) / (len(found) - number)
        gains.append(max(0, _served(_joined(stand, one), min(share, left)) - before))
    return gains


def _standing_on(week: Week, plan: Plan) -> Week:
    """Give the week so that solving goes on from the plan: what the one search happens to miss, the others miss too."""
    if week.baseline is not None:
        return week
    return replace(week, baseline=plan, weights=replace(week.weights, touched=0))


def _joined(week: Week, one: Newcomer) -> Week:
    baseline = week.baseline and replace(week.baseline, routes=(*week.baseline.routes, *one.routes))
    return replace(week, volunteers=(*week.volunteers, one.volunteer), baseline=baseline)


def _served(week: Week, seconds: float) -> int:
    score = solve(week, seconds=seconds, workers=WORKERS).score
    return score.served_weight if score is not None else 0


def _described(one: Newcomer, checked: int | None) -> dict[str, object]:
    post, person = one.post, one.volunteer
    (window,) = person.windows
    fields: dict[str, object] = {
        "place": person.place,
        "skills": post.skills,
        "more": reasons.more_terms(gender=post.gender),
        "window": reasons.span(window),
        "count": len(one.served),
        "weight": one.weight,
        "gain": checked,
    }
    words = reasons.say(reasons.ADVICE if checked is None else reasons.ADVICE_CHECKED, fields)
    return {
        "skills": list(post.skills),
        "gender": post.gender,
        "day": post.day,
        "half": post.half,
        "window": list(window),
        "place": person.place,
        "visits": sorted(visit.id for visit in one.waiting),
        "weight": sum(visit.weight for visit in one.waiting),
        "served": [visit.id for visit in one.served],
        "served_weight": one.weight,
        "checked_weight": checked,
        "zh": words.zh,
        "en": words.en,
    }
