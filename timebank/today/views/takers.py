"""Who could go, as the rows and buttons of 要有人去 say it: how far, when, what they know and carry, and what a press carries."""

import math
from collections.abc import Sequence

from flask_babel import pgettext

from timebank import clock
from timebank.drawing import METRES_PER_DEGREE
from timebank.hours import hours_text, short_text
from timebank.planning import taking, words
from timebank.planning.board import Board, lay_out
from timebank.planning.cover import Line
from timebank.planning.models import Plan
from timebank.planning.roads import TRAVEL
from timebank.planning.taking import Way
from timebank.planning.views.board import Table
from timebank.planning.words import _
from timebank.visits import queries as visits
from timebank.visits.models import OfferState, Visit
from timebank.volunteers import standby
from timebank.volunteers.models import Travel, Volunteer
from timebank.web import listed

FIRST_PEOPLE = 3
BY = ("whole", "half", "door")


def them(person: Volunteer) -> str:
    """Return the pronoun of somebody who is asked."""
    male = person.gender is not None and person.gender.value == "M"
    return str(pgettext("whom", "他") if male else pgettext("whom", "她"))


def they(person: Volunteer) -> str:
    """Return the pronoun of somebody who answers."""
    male = person.gender is not None and person.gender.value == "M"
    return str(pgettext("who", "他") if male else pgettext("who", "她"))


def laid(plan: Plan | None) -> Board | None:
    """Return a plan laid out once for several lines."""
    return lay_out(plan) if plan else None


def metres(person: Volunteer, lat: float, lon: float) -> int:
    """Return how far somebody's home is from a point, in tens of metres as the crow flies."""
    north = (person.lat - lat) * METRES_PER_DEGREE
    east = (person.lon - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    return round(math.hypot(north, east) / 10) * 10


def minutes_to(person: Volunteer, lat: float, lon: float) -> int:
    """Return how many minutes somebody needs from home to a point, as plans count a way; at least one."""
    pace: int = TRAVEL["pace"]["ebike" if person.travel is Travel.EBIKE else "walk"]
    return max(1, math.ceil(metres(person, lat, lon) * float(TRAVEL["detour"]) / pace))


def far(person: Volunteer, line: Line) -> str:
    """Return how far somebody lives from where a line begins."""
    visit = line.visits[0]
    if visit.canteen is not None:
        return _("家离食堂 %(metres)s 米", metres=metres(person, visit.canteen.lat, visit.canteen.lon))
    building = visit.household.building
    return _("家离这里 %(metres)s 米", metres=metres(person, building.lat, building.lon))


def mode(person: Volunteer) -> str:
    """Return the picture of how somebody goes."""
    return "ebike" if person.travel is Travel.EBIKE else "walk"


def choice(way: Way, number: int | None = None) -> str:
    """Return a way as a form carries it: whom, and which visits."""
    chosen = [number] if number else list(way.visits)
    return "+".join(str(each.id) for each in way.volunteers) + "|" + ",".join(map(str, chosen))


def read_choice(said: str) -> tuple[list[int], list[int]]:
    """Return the people and visits of a choice; nothing where it is none."""
    people, _bar, numbers = said.partition("|")
    if not all(each.isdecimal() for each in (*people.split("+"), *numbers.split(","))):
        return [], []
    return [int(each) for each in people.split("+")], [int(each) for each in numbers.split(",")]


def hours(way: Way) -> str:
    """Return the hours of somebody's week against their own ceiling."""
    if way.volunteer.staff:
        return _("专职，不用回复")
    return _("本周 %(hours)s/%(ceiling)s 小时", hours=hours_text(way.week_minutes), ceiling=short_text(way.ceiling))


def known(way: Way, line: Line) -> str:
    """Return how many of the doors somebody knows."""
    if len(line.visits) == 1:
        return _("去过这家") if way.known else _("第一次去")
    return _("去过其中 %(count)s 户", count=way.known) if way.known else _("这几户都没去过")


def times(way: Way, line: Line) -> str:
    """Return from when to when somebody would be at it."""
    if line.is_meal:
        return _("%(start)s 取，%(end)s 送完", start=clock.hhmm(way.start), end=clock.hhmm(way.end))
    return words.span(way.start, way.end)


def person(way: Way, line: Line, rank: int) -> Table:
    """Return somebody who could go, as their row says it."""
    one = way.volunteer
    facts = [_("现在待命")] if standby.is_standing_by(one) else []
    facts.append(known(way, line))
    if line.is_meal:
        facts.append(_("一次能带 %(boxes)s 份", boxes=one.boxes))
    facts.append(hours(way))
    if way.travel > 0:
        facts.append(_("路上多 %(minutes)s 分钟", minutes=way.travel))
    return {
        "rank": rank,
        "way": way,
        "name": listed(each.name for each in way.volunteers),
        "people": list(way.volunteers),
        "mode": mode(one),
        "where": far(one, line),
        "times": times(way, line),
        "facts": facts,
        "button": ask_words(way, line),
        "choice": choice(way),
        "waits": any(made.volunteer_id == one.id and made.state is OfferState.SENT for visit in line.visits for made in visit.offers),
    }


def ask_words(way: Way, line: Line) -> str:
    """Return what the button says that asks somebody."""
    who, doors = them(way.volunteer), len(way.visits)
    if not line.is_meal:
        return _("请这两位去") if len(way.volunteers) > 1 and not way.going else _("请%(them)s去", them=who)
    if doors < len(line.visits):
        return _("请%(them)s接 %(doors)s 户", them=who, doors=doors)
    return _("请%(them)s接整轮 %(doors)s 户", them=who, doors=doors) if doors > 1 else _("请%(them)s送这一户", them=who)


def unfold(line: Line, plan: Plan | None, by: str, *, everybody: bool) -> Table:
    """Return a line unfolded: the people who could go, whole, in two or door by door."""
    board = laid(plan)
    found = taking.ways(plan, line, board=board) if plan else []
    by = by if line.is_meal and len(line.visits) > 1 else "whole"
    parts = taking.split(plan, line, found, board=board) if plan and by == "half" else None
    seen = found if everybody else found[:FIRST_PEOPLE]
    shown_ways = list(parts or ()) if by == "half" else seen if by == "whole" else []
    return {
        "open": True,
        "by": by,
        "may_split": line.is_meal and len(line.visits) > 1,
        "found": len(found),
        "people": [person(way, line, rank) for rank, way in enumerate(shown_ways, start=1)],
        "halves": [choice(way) for way in parts] if parts else None,
        "doors": _doors(line, found) if by == "door" else [],
        "more": len(found) - len(seen) if by == "whole" else 0,
    }


def _doors(line: Line, found: Sequence[Way]) -> list[Table]:
    """Return each door of a trip with those who could take it, whoever knows it first."""
    served = visits.times_served(line.visits[0].community_id, {visit.household_id for visit in line.visits})
    return [_door(visit, found, served) for visit in line.visits]


def _door(visit: Visit, found: Sequence[Way], served: dict[tuple[int, int], int]) -> Table:
    """Return one door of a trip with the first who could take it."""
    able = [way for way in found if visit.id in way.visits]
    ranked = sorted(able, key=lambda way: not served.get((visit.household_id, way.volunteer.id)))[:FIRST_PEOPLE]
    return {
        "visit": visit,
        "where": words.address(visit),
        "people": [
            {
                "name": way.volunteer.name,
                "phone": way.volunteer.phone,
                "known": served.get((visit.household_id, way.volunteer.id), 0),
                "button": _("请%(who)s", who=way.volunteer.name),
                "choice": choice(way, visit.id),
            }
            for way in ranked
        ],
    }
