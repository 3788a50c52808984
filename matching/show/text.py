"""A plan as lines for a terminal."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from matching.model import Plan, Week
from matching.reasons import DAYS_EN, DAYS_ZH, clock
from matching.show.trips import Call, Trip, trips

WORDS = {
    "zh": {
        "head": "{week}：{served}/{visits} 次上门，权重 {weight}（证明不可能超过 {bound}），路上 {travel} 分钟，生面孔 {new}",
        "leaves": "{at} 出门",
        "pickup": "{at} 在 {name} 取 {count} 份",
        "visit": "{begins}-{ends} {kind} {name}（{elder}）",
        "back": "{at} 到家",
        "left": "没有排上的",
        "nobody": "这一天没有安排",
        "unknown": "没有证明",
    },
    "en": {
        "head": "{week}: {served} of {visits} visits, weight {weight} (proved: no more than {bound}), {travel} minutes of travel, new faces {new}",
        "leaves": "{at} leaves home",
        "pickup": "{at} picks up {count} at {name}",
        "visit": "{begins}-{ends} {kind} {name} ({elder})",
        "back": "{at} home",
        "left": "Not served",
        "nobody": "nothing on this day",
        "unknown": "nothing",
    },
}


def lines(week: Week, plan: Plan, *, language: str = "zh") -> Iterator[str]:
    """Write a plan as lines: what it reaches, each trip by day, and why the rest is not served.

    Parameters
    ----------
    week : Week
        The week.
    plan : Plan
        A plan of it.
    language : str
        "zh" or "en".

    Returns
    -------
    iterator of str
        Without line ends; people and visits by their ids.
    """
    words = WORDS[language]
    yield head(week, plan, language=language)
    for day, members in groupby(trips(week, plan), key=attrgetter("day")):
        yield ""
        yield (DAYS_ZH if language == "zh" else DAYS_EN)[day]
        for trip in members:
            yield f"  {trip.volunteer}: " + " · ".join(_told(trip, words))
    if plan.unserved:
        yield ""
        yield words["left"]
        for one in plan.unserved:
            yield f"  {one.zh if language == 'zh' else one.en}"


def head(week: Week, plan: Plan, *, language: str) -> str:
    """Say in one line what a plan reaches; without a score, how many visits it serves."""
    words, score = WORDS[language], plan.score
    doors = {stop.visit for route in plan.routes for stop in route.stops if hasattr(stop, "visit")}
    return words["head"].format(
        week=week.name,
        visits=len(week.visits),
        served=len(doors),
        weight=sum(one.weight for one in week.visits if one.id in doors),
        bound=plan.bound if plan.bound is not None else words["unknown"],
        travel=score.travel if score is not None else sum(trip.travel for trip in trips(week, plan)),
        new=score.new_faces if score is not None else "?",
    )


def _told(trip: Trip, words: dict[str, str]) -> Iterator[str]:
    yield words["leaves"].format(at=clock(trip.leaves))
    for call in trip.calls:
        yield said(call, words)
    yield words["back"].format(at=clock(trip.back))


def said(call: Call, words: dict[str, str]) -> str:
    """Say what is done at one stop."""
    if call.is_pickup:
        return words["pickup"].format(at=clock(call.begins), name=call.name, count=len(call.meals))
    return words["visit"].format(begins=clock(call.begins), ends=clock(call.ends), kind=call.kind, name=call.name, elder=call.elder)
