"""Whom to recruit: which one more volunteer, with what skills, where and when, would let the most weight be served."""

import time
from collections import Counter, defaultdict
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from matching import reasons
from matching.assign import apply, insertions_into
from matching.fixes import Look
from matching.ground import Ground
from matching.model import DAY, Plan, Visit, Volunteer, Week, Window
from matching.recruit import recruit
from matching.standing import Standing

NOON = 720
CELL_DEGREES = 0.0045
TRIED = 3
HALF_DAY_WORK = 240
LEAST_SECONDS = 0.5
ON_THE_WAY = 30

HALVES = {"morning": (0, NOON + 90), "afternoon": (NOON, DAY)}


class Post(NamedTuple):
    """One opening for a volunteer: skills, a half-day, and the building cluster it is about."""

    skills: tuple[str, ...]
    gender: str | None
    day: int
    half: str
    area: tuple[int, int] | str


def advise(week: Week, plan: Plan, *, seconds: float = 60.0) -> list[dict[str, object]]:
    """Say whom to recruit, the most helpful first.

    The weight of unserved visits that one more volunteer could serve is added up by skills, half-day and cluster of
    buildings; the three heaviest posts are then proved: an invented volunteer takes visit after visit into the plan.

    Parameters
    ----------
    week, plan
        The week and a plan of it.
    seconds
        Wall time; what is not looked at by then is left out.

    Returns
    -------
    list of dict
        For each post: skills, gender, day, window, place, the visits it turns on, their weight, and what one such
        volunteer would serve (`served`, `served_weight`), with a sentence in both languages.
    """
    ends = time.monotonic() + seconds
    posts = _posts(week, plan, ends)
    weight = {post: sum(visit.weight for visit in visits) for post, visits in posts.items()}
    order = sorted(posts, key=lambda post: (-weight[post], post.day, post.half, post.skills, str(post.area)))
    tried = [_tried(week, plan, post, posts[post], ends) for post in order[:TRIED]]
    return sorted(tried, key=lambda found: (-int(str(found["served_weight"])), -int(str(found["weight"]))))


def _posts(week: Week, plan: Plan, ends: float) -> dict[Post, list[Visit]]:
    """Gather the unserved visits that somebody new would solve, by post; the heaviest visits are looked at first."""
    standing = Standing(Ground(week), plan)
    posts: dict[Post, list[Visit]] = defaultdict(list)
    unserved = [visit for visit in week.visits if visit.id not in standing.served]
    for visit in sorted(unserved, key=lambda one: -one.weight):
        if time.monotonic() > ends - LEAST_SECONDS:
            break
        look = Look(standing, visit)
        call = None if look.fits or visit.id in standing.ground.pins else recruit(standing, look.asked, look.plain)
        if call is None or call.get("count", 1) != 1:
            continue
        skills, window = call["skills"], call["window"]
        if isinstance(skills, list) and isinstance(window, list):
            half = "morning" if window[1] < NOON else "afternoon"
            gender = call.get("gender")
            post = Post(tuple(sorted(skills)), str(gender) if gender else None, window[0], half, _area(standing, visit))
            posts[post].append(visit)
    return posts


def _area(standing: Standing, visit: Visit) -> tuple[int, int] | str:
    """Give the square of some 500 metres the door is in, or the place itself where there are no coordinates."""
    place = standing.ground.week.places[standing.ground.door(visit)]
    if place.lat is None or place.lon is None:
        return place.id
    return int(place.lat // CELL_DEGREES), int(place.lon // CELL_DEGREES)


def _tried(week: Week, plan: Plan, post: Post, visits: list[Visit], ends: float) -> dict[str, object]:
    """Let an invented volunteer at the busiest door take visits into the plan, the heaviest first."""
    elders = {elder.id: elder.place for elder in week.elders}
    place = Counter(elders[visit.elder] for visit in visits).most_common(1)[0][0]
    earliest, latest = HALVES[post.half]
    start = max(earliest, min(visit.window[0] for visit in visits) - ON_THE_WAY)
    end = min(latest, max(visit.window[1] for visit in visits) + ON_THE_WAY)
    person = _invented(week, post, place, Window(post.day, start, end))
    ground = Ground(replace(week, volunteers=(*week.volunteers, person)))
    served = []
    for visit in sorted(visits, key=lambda one: (-one.weight, one.id)):
        if time.monotonic() > ends:
            break
        found = [one for one in insertions_into(Standing(ground, plan), visit.id) if person.id in one.volunteers]
        if found:
            plan = apply(plan, found[0])
            served.append(visit)
    return _described(post, place, person.windows[0], visits, served)


def _invented(week: Week, post: Post, place: str, window: Window) -> Volunteer:
    """Invent a volunteer like the others: their usual mode and boxes, half a day of work."""
    taken = {one.id for one in week.volunteers}
    name = next(name for number in range(len(taken) + 1) if (name := f"recruit-{number + 1}") not in taken)
    modes = tuple(week.travel.pace if week.travel.pace is not None else week.travel.minutes or ())
    boxes = int(np.median([one.boxes for one in week.volunteers])) if week.volunteers else max(
        (visit.boxes for visit in week.visits), default=0)  # fmt: skip
    return Volunteer(
        id=name,
        place=place,
        gender=post.gender,
        skills=post.skills,
        mode=modes[0],
        boxes=boxes,
        trips=None,
        radius=None,
        windows=(window,),
        max_day=HALF_DAY_WORK,
        max_week=HALF_DAY_WORK,
    )


def _described(post: Post, place: str, window: Window, visits: list[Visit], served: list[Visit]) -> dict[str, object]:
    fields = {"place": place, "skills": post.skills, "window": reasons.span(window), "count": len(served),
              "weight": sum(visit.weight for visit in served)}  # fmt: skip
    words = reasons.say(reasons.ADVICE, fields)
    return {
        "skills": list(post.skills),
        "gender": post.gender,
        "day": post.day,
        "window": list(window),
        "place": place,
        "visits": [visit.id for visit in visits],
        "weight": sum(visit.weight for visit in visits),
        "served": [visit.id for visit in served],
        "served_weight": sum(visit.weight for visit in served),
        "zh": words.zh,
        "en": words.en,
    }
