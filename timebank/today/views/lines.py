"""要有人去 in words: each line with its minutes, its state and why, and the people who could go as buttons say it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from timebank import clock
from timebank.access.masking import mask_name
from timebank.planning import cover, queries, words
from timebank.planning.cover import Line
from timebank.planning.views.board import Table
from timebank.planning.words import _, ngettext
from timebank.today.views import takers
from timebank.visits.models import HelpRequest, Offer, OfferState, Visit, VisitState
from timebank.visits.states import LIVE, UNDER_WAY, Why
from timebank.visits.views import cards
from timebank.volunteers.sight import EVERYTHING, Sight
from timebank.web import listed

HOUR = 60
DAY_HOURS = 48
CALL_AFTER = 3
NAMED = 3


@dataclass(frozen=True, slots=True)
class Looking:
    """What the reader looks at: the unfolded line, how a trip is handed over, and whether everybody who could go is named."""

    open: str = ""
    by: str = "whole"
    everybody: bool = False


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
        doors = len(line.visits)
        meals = ngettext("送餐 %(doors)s 户 %(boxes)s 份", "送餐 %(doors)s 户 %(boxes)s 份", doors, doors=doors, boxes=line.boxes)
        return f"{meals} · {compounds(line.visits)}"
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
    earlier = max((each for visit in line.visits for each in visit.offers), key=lambda each: each.id, default=None)
    if earlier is not None:
        return _gone(earlier)
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
    if made.reason == Why.NO_ANSWER.value:
        return _("请过%(who)s，那天过完也没等到回话", who=who)
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
        "said_yes": _("%(they)s答应了", they=takers.they(line.volunteers[0])) if line.volunteers else "",
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


def tomorrow_line(found: Sequence[Line], *, full: bool) -> Table | None:
    """Return what of tomorrow nobody is going to do, in one line."""
    open_ones = [line for line in found if line.state == cover.NOBODY and line.day > clock.today()]
    if not open_ones:
        return None
    named = listed(short_title(line, full=full) for line in open_ones[:NAMED])
    return {"count": len(open_ones), "named": named, "more": max(0, len(open_ones) - NAMED)}


def card(community_id: int, day: date, looking: Looking, *, full: bool, asking: bool, sight: Sight = EVERYTHING) -> Table:
    """Return the card of a day: emergencies on top, then the fewest minutes first; the first line nobody does is unfolded."""
    found = cover.lines(community_id, sight)
    urgent = cover.urgent_open(community_id, sight) if day == clock.today() else []
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
        plan = queries.plan_of(community_id, clock.monday_of(day))
        chosen.update(takers.unfold(chosen["line"], plan, looking.by, everybody=looking.everybody))


def line_with(community_id: int, numbers: Iterable[int]) -> Line | None:
    """Return the line that some visits are in now."""
    wanted = set(numbers)
    return next((line for line in cover.lines(community_id) if wanted.intersection(visit.id for visit in line.visits)), None)


def standing(offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers among some that still stand."""
    return [each for each in offers if each.state in LIVE]
