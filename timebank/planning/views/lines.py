"""要有人去 in words: each line with its minutes, its state and why, and the people who could go as buttons say it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from timebank import clock
from timebank.access.masking import mask_name
from timebank.drawing import METRES_PER_DEGREE
from timebank.planning import cover, queries, snapshot, words
from timebank.planning.board import Board, lay_out
from timebank.planning.cover import Line, Way
from timebank.planning.models import Plan
from timebank.planning.views.board import Table
from timebank.planning.words import _, ngettext
from timebank.visits import queries as visits
from timebank.visits.models import HelpRequest, Offer, OfferState, Visit, VisitState
from timebank.visits.states import LIVE, UNDER_WAY, Why
from timebank.visits.views import cards
from timebank.volunteers.models import Travel, Volunteer
from timebank.web import listed, says

FIRST_PEOPLE = 3
HOUR = 60
DAY_HOURS = 48
CALL_AFTER = 3
NAMED = 3
BY = ("whole", "half", "door")


@dataclass(frozen=True, slots=True)
class Looking:
    """What the reader looks at: the unfolded line, how a trip is handed over, and whether everybody who could go is named."""

    open: str = ""
    by: str = "whole"
    everybody: bool = False


def them(person: Volunteer) -> str:
    """Return the pronoun of somebody who is asked."""
    male = person.gender is not None and person.gender.value == "M"
    return says("他", "him") if male else says("她", "her")


def they(person: Volunteer) -> str:
    """Return the pronoun of somebody who answers."""
    male = person.gender is not None and person.gender.value == "M"
    return says("他", "He") if male else says("她", "She")


def whom(visit: Visit, *, full: bool = True) -> str:
    """Return whom a visit is for, masked for whoever may not read names."""
    return listed(each.name if full else mask_name(each.name) for each in cards.elders_of(visit))


def compounds(found: Iterable[Visit]) -> str:
    """Return the places of some visits: the first, and how many there are."""
    names = list(dict.fromkeys(each.household.building.compound.name for each in found))
    return names[0] if len(names) == 1 else _("%(name)s等 %(count)s 处", name=names[0], count=len(names))


def title(line: Line, *, full: bool = True) -> str:
    """Return what a line is: a trip by its doors and boxes, a visit by its kind and whom it is for."""
    first = line.visits[0]
    kind = words.kind_words(first.kind) if not line.is_meal else words.short_kind(first.kind)
    if line.is_meal and len(line.visits) > 1:
        return f"{kind} {words.meals(len(line.visits), line.boxes)} · {compounds(line.visits)}"
    short = line.missing if first.crew > 1 and 0 < line.missing < first.crew else 0
    missing = " · " + _("还缺 %(count)s 位", count=short) if short else ""
    boxes = f" {words.meals(1, line.boxes)}" if line.is_meal else ""
    return f"{kind}{boxes} · {whom(first, full=full)}{missing}"


def short_title(line: Line, *, full: bool = True) -> str:
    """Return a line in a few words with its time."""
    return f"{clock.hhmm(line.start)} {title(line, full=full)}"


def when(line: Line) -> str:
    """Return the moment that the minutes of a line count to."""
    if line.begins > clock.now():
        at = clock.hhmm(line.start)
        return _("%(time)s 取餐", time=at) if line.is_meal else _("%(time)s 上门", time=at)
    at = clock.hhmm(line.until)
    return _("最晚 %(time)s 送完", time=at) if line.is_meal else _("最晚 %(time)s 做完", time=at)


def big(minutes: int) -> tuple[str, str]:
    """Return a number of minutes as a big figure and what stands small beside it."""
    if minutes < 0:
        return str(-minutes), _("分钟前该做完")
    if minutes < HOUR:
        return str(minutes), _("分钟")
    return str(minutes // HOUR), _("小时 %(minutes)s 分", minutes=minutes % HOUR)


def ago(minutes: int) -> str:
    """Return how long somebody has been waited for, in whole units."""
    if minutes < HOUR:
        return _("%(minutes)s 分钟", minutes=minutes)
    if minutes < DAY_HOURS * HOUR:
        return ngettext("%(count)s 小时", "%(count)s 小时", minutes // HOUR, count=minutes // HOUR)
    days = minutes // HOUR // 24
    return ngettext("%(days)s 天", "%(days)s 天", days, days=days)


def chip(line: Line) -> Table:
    """Return the state of a line as its shape, word and colour."""
    if line.state == cover.ASKED:
        word = _("已问，等回话 %(time)s", time=ago(line.waited)) if line.waited else _("刚问，等回话")
        return {"word": word, "kind": "ginkgo", "icon": "clock"}
    if line.state == cover.SETTLED:
        return {"word": _("有人了"), "kind": "soft", "icon": "tick"}
    if line.state == cover.LATE:
        late = max(0, int((clock.now() - line.begins).total_seconds() // 60))
        word = _("还没取餐，晚 %(minutes)s 分钟", minutes=late) if line.is_meal else _("还没到，晚 %(minutes)s 分钟", minutes=late)
        return {"word": word, "kind": "ginkgo", "icon": "clock"}
    return {"word": _("没人"), "kind": "tile", "icon": "alert"}


def why(line: Line) -> str:
    """Return why a line stands where it stands: who said what and when."""
    if line.state == cover.SETTLED:
        return _answered(line)
    if line.state == cover.LATE:
        names = listed(each.name for each in line.volunteers)
        return _("%(who)s接受了，%(time)s 该开始，还没有记。先打个电话。", who=names, time=clock.hhmm(line.start))
    if line.state == cover.ASKED:
        return _waiting(line)
    return _lost(line)


def _answered(line: Line) -> str:
    """Say who has just said yes."""
    made = max(line.asked, key=lambda each: each.answered_at or each.sent_at)
    return _("%(who)s %(time)s 答应了", who=made.volunteer.name, time=_clock(made.answered_at or made.sent_at))


def _waiting(line: Line) -> str:
    """Say who was asked and when, and that they are to be telephoned when they keep silent."""
    made = min(line.asked, key=lambda each: each.sent_at)
    said = _("%(who)s，%(time)s 问的。", who=listed(each.name for each in line.volunteers), time=_moment(made.sent_at))
    call = made.asked_by is not None and line.waited >= CALL_AFTER
    return said + (_("还没回，请打电话。") if call else _("谁先答应就是谁。") if len(line.volunteers) > line.missing else "")


def _lost(line: Line) -> str:
    """Say why nobody is going."""
    made = line.lost
    if made is not None:
        return _gone(made)
    silent = _silent(line)
    if silent is not None:
        return _("请了%(who)s，到时间也没等到回话", who=silent.volunteer.name)
    if line.proposed is not None:
        who = line.proposed.volunteer.name
        late = clock.now() >= line.begins
        return _("计划里是%(who)s，时间已过，没发出去", who=who) if late else _("计划里是%(who)s，还没发给本人", who=who)
    return _("现在要人，还没有请谁") if line.urgent else _("没排上，还没有请过谁")


def _gone(made: Offer) -> str:
    """Say how an offer came to stand no more."""
    who, time = made.volunteer.name, _moment(made.over_at or made.sent_at)
    if made.state is OfferState.DECLINED:
        said = _("%(who)s %(time)s 说去不了", who=who, time=time)
        return f"{said}{_('：')}{made.reason}" if made.reason and made.reason != "去不了" else said
    if made.reason == Why.ILL.value:
        return _("%(who)s %(time)s 记下来不了", who=who, time=time)
    if made.reason == Why.LEFT.value:
        return _("%(who)s %(time)s 起不再服务", who=who, time=time)
    if made.reason == Why.TAKEN_BACK.value:
        return _("%(time)s 收回了请%(who)s的消息", who=who, time=time)
    return _("原来是%(who)s，%(time)s 起不去了", who=who, time=time)


def _silent(line: Line) -> Offer | None:
    """Return the last person who was asked in vain."""
    sent = [made for visit in line.visits for made in visit.offers if made.state is OfferState.SENT]
    return max(sent, key=lambda each: each.id, default=None)


def _clock(instant: datetime) -> str:
    """Return an instant as a clock time."""
    return instant.astimezone(clock.ZONE).strftime("%H:%M")


def _moment(instant: datetime) -> str:
    """Return an instant with its day where that is not today."""
    day = instant.astimezone(clock.ZONE).date()
    return _clock(instant) if day == clock.today() else f"{words.day_words(day)} {_clock(instant)}"


def row(line: Line, *, full: bool) -> Table:
    """Return a line as the card shows it, folded."""
    figure, unit = big(line.minutes_left)
    return {
        "key": line.key,
        "line": line,
        "state": line.state,
        "chip": chip(line),
        "figure": figure,
        "unit": unit,
        "when": when(line),
        "title": title(line, full=full),
        "why": why(line) if full else "",
        "icon": line.visits[0].kind.icon,
        "visits": [visit.id for visit in line.visits],
        "offers": [made.id for made in line.asked],
        "last": last_offer(line.visits),
        "day": line.day.isoformat(),
        "phones": [(each.name, each.phone) for each in line.volunteers],
        "whose": line.volunteers[0] if line.volunteers else None,
        "said_yes": _("%(they)s答应了", they=they(line.volunteers[0])) if line.volunteers else "",
        "urgent": line.urgent,
        "case": line.visits[0].request_id if line.urgent else None,
        "plan_href": url_for("planning.visit", visit_id=line.visits[0].id),
        "leaves": _leaves(line),
        "open": False,
    }


def _leaves(line: Line) -> str:
    """Say when what was just settled leaves the card."""
    if line.state != cover.SETTLED:
        return ""
    said = max(each.answered_at or each.sent_at for each in line.asked)
    left = cover.SETTLED_MINUTES - int((clock.now() - said).total_seconds() // 60)
    return _("%(minutes)s 分钟后从这里收起", minutes=max(left, 1))


def last_offer(found: Iterable[Visit]) -> int:
    """Return the newest offer of some visits; whoever asks later with an older one has not seen the page as it is."""
    return max((made.id for visit in found for made in visit.offers), default=0)


def case_row(asked: HelpRequest, line: Line | None, *, full: bool) -> Table:
    """Return an emergency that is not closed: as its line, or, while somebody is there, with who it is."""
    came = {"figure": str(int((clock.now() - asked.asked_at).total_seconds() // 60)), "unit": _("分钟前来的")}
    if line is not None:
        return row(line, full=full) | came | {"when": _("从 %(time)s", time=clock.hhmm(line.start))}
    visit = asked.visits[0] if asked.visits else None
    going = [made for made in visit.offers if made.state is OfferState.ACCEPTED] if visit else []
    there = visit is not None and visit.state in {UNDER_WAY, VisitState.DONE, VisitState.CONFIRMED}
    names = listed(made.volunteer.name for made in going)
    return {
        "key": f"u{asked.id}",
        "line": None,
        "state": "going",
        "chip": {"word": _("到了") if there else _("有人了"), "kind": "soft", "icon": "tick"},
        **came,
        "when": _("还没有收起来"),
        "title": f"{words.kind_words(asked.kind)} · {whom(visit, full=full) if visit else ''}",
        "why": names if full else "",
        "urgent": True,
        "case": asked.id,
        "open": False,
        "phones": [(made.volunteer.name, made.volunteer.phone) for made in going],
    }


def metres(person: Volunteer, lat: float, lon: float) -> int:
    """Return how far somebody's home is from a point, in tens of metres as the crow flies."""
    north = (person.lat - lat) * METRES_PER_DEGREE
    east = (person.lon - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    return round(math.hypot(north, east) / 10) * 10


def minutes_to(person: Volunteer, lat: float, lon: float) -> int:
    """Return how many minutes somebody needs from home to a point, as plans count a way; at least one."""
    pace: int = snapshot.TRAVEL["pace"]["ebike" if person.travel is Travel.EBIKE else "walk"]
    return max(1, math.ceil(metres(person, lat, lon) * float(snapshot.TRAVEL["detour"]) / pace))


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
    return _("本周 %(hours)s/%(ceiling)s 小时", hours=f"{way.week_minutes / 60:.1f}", ceiling=f"{way.ceiling / 60:g}")


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
    facts = [known(way, line)]
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


def unfold(shown: Table, plan: Plan | None, looking: Looking, *, board: Board | None = None) -> Table:
    """Return a line unfolded: the people who could go, whole, in two or door by door."""
    line: Line = shown["line"]
    found = cover.ways(plan, line, board=board) if plan else []
    by = looking.by if line.is_meal and len(line.visits) > 1 else "whole"
    parts = cover.split(plan, line, found, board=board) if plan and by == "half" else None
    seen = found if looking.everybody else found[:FIRST_PEOPLE]
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


def tomorrow_line(found: Sequence[Line], *, full: bool) -> Table | None:
    """Return what of tomorrow nobody is going to do, in one line."""
    open_ones = [line for line in found if line.state == cover.NOBODY and line.day > clock.today()]
    if not open_ones:
        return None
    named = listed(short_title(line, full=full) for line in open_ones[:NAMED])
    return {"count": len(open_ones), "named": named, "more": max(0, len(open_ones) - NAMED)}


def card(community_id: int, day: date, looking: Looking, *, full: bool, asking: bool) -> Table:
    """Return the card of a day: emergencies on top, then the fewest minutes first; the first line nobody does is unfolded."""
    found = cover.lines(community_id)
    urgent = cover.urgent_open(community_id) if day == clock.today() else []
    by_request = {line.visits[0].request_id: line for line in found if line.urgent}
    rows = [case_row(asked, by_request.get(asked.id), full=full) for asked in urgent]
    shown = {asked.id for asked in urgent}
    rows += [row(line, full=full) for line in found if line.day == day and line.visits[0].request_id not in shown]
    _number(rows)
    if asking:
        _unfold_one(rows, community_id, day, looking)
    counted = {state: sum(1 for each in rows if each["state"] == state) for state in cover.ORDER}
    return {
        "rows": rows,
        "nobody": counted[cover.NOBODY],
        "asked": counted[cover.ASKED],
        "settled": counted[cover.SETTLED],
        "late": counted[cover.LATE],
        "doors": sum(len(each["line"].visits) for each in rows if each["state"] == cover.NOBODY and each["line"].is_meal),
        "tomorrow": tomorrow_line(found, full=full) if day == clock.today() else None,
    }


def _number(rows: list[Table]) -> None:
    """Give each row a place on the page of its own; the doors of one trip may stand in two states."""
    seen: set[str] = set()
    for each in rows:
        each["anchor"] = f"line-{each['key']}" if each["key"] not in seen else f"line-{each['key']}-{each['state']}"
        seen.add(each["key"])


def _unfold_one(rows: list[Table], community_id: int, day: date, looking: Looking) -> None:
    """Unfold the line that is asked for, else the first that nobody does; only that one is worked out."""
    able = [each for each in rows if each["line"] is not None and each["state"] in {cover.NOBODY, cover.ASKED}]
    asked = next((each for each in able if each["key"] == looking.open), None)
    chosen = asked or next((each for each in able if each["state"] == cover.NOBODY and not each["urgent"]), None)
    if chosen is not None:
        chosen.update(unfold(chosen, queries.plan_of(community_id, clock.monday_of(day)), looking))


def line_with(community_id: int, numbers: Iterable[int]) -> Line | None:
    """Return the line that some visits are in now."""
    wanted = set(numbers)
    return next((line for line in cover.lines(community_id) if wanted.intersection(visit.id for visit in line.visits)), None)


def laid(plan: Plan | None) -> Board | None:
    """Return a plan laid out once for several lines."""
    return lay_out(plan) if plan else None


def standing(offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers among some that still stand."""
    return [each for each in offers if each.state in LIVE]
