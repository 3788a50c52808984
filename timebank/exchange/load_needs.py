"""Rows of the needs' workbook: standing and one-time needs become accepted requests, which later become dated visits."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.db import Base, db
from timebank.elders.models import Elder
from timebank.errors import wrong
from timebank.exchange.columns import ONCE
from timebank.exchange.loading import Into, changed, elder_numbered, kind_named, put, stored_of, taken
from timebank.exchange.report import Fate
from timebank.exchange.rows import Row
from timebank.visits.models import HelpRequest, Pattern, RequestState, Source

Loaded = tuple[Fate, Base]
WISHES = ("minutes", "gender", "last_day")


def standing(line: Row, into: Into) -> Loaded:
    """Put in a standing need."""
    row = _known(line, into)
    values = taken(line, _stored(row, line, into), into)
    if values["last_day"] and values["last_day"] < values["first_day"]:
        raise wrong("last_day", "截止日期早于起始日期，请核对。")
    when = {
        "pattern": Pattern(values["pattern"]),
        "weekdays": values["weekdays"],
        "dates": [],
        "every_weeks": values["every_weeks"],
        "first_day": values["first_day"],
        "last_day": values["last_day"],
    }
    return _request(row, values, into, when)


def once(line: Row, into: Into) -> Loaded:
    """Put in a one-time need: any one of some days of one week."""
    row = _known(line, into)
    values = taken(line, _stored(row, line, into), into)
    dates = values["dates"]
    if clock.monday_of(dates[0]) != clock.monday_of(dates[-1]):
        raise wrong("dates", "可选日期要在同一周内，请分成两行。")
    when = {
        "pattern": Pattern.ONCE,
        "weekdays": [],
        "dates": [day.isoformat() for day in dates],
        "every_weeks": 1,
        "first_day": dates[0],
        "last_day": dates[-1],
    }
    return _request(row, values, into, when)


def _known(line: Row, into: Into) -> HelpRequest | None:
    """Return the request of this number, if it is there; refuse a number that a person's own request has."""
    number = line.values["number"]
    if not into.known.is_used((HelpRequest.number,), (number,), into.id):
        return None
    row = db.session.scalar(select(HelpRequest).where(HelpRequest.community_id == into.id, HelpRequest.number == number))
    if row is not None and row.source is not Source.IMPORT:
        raise wrong("number", "这个编号已用于别的求助单，请换一个。")
    return row


def _stored(row: HelpRequest | None, line: Row, into: Into) -> dict[str, Any]:
    """Return what is known of a need, as the sheet's cells would say it; of another service, door or sheet nothing carries over."""
    if row is None or (row.pattern is Pattern.ONCE) is not (line.sheet is ONCE):
        return {}
    elder, kind = elder_numbered(into, line.values["elder"]), kind_named(into, line.values["kind"])
    if (row.kind_id, row.household_id) != (kind.id, elder.household_id):
        return {}
    window = (row.window_from, row.window_to)
    wished = {"window": None if window == tuple(kind.windows[0]) else window, "boxes": 0 if row.boxes == _heads(elder, into) else row.boxes}
    return stored_of(row, WISHES) | wished | {"note": row.note or "", "pattern": row.pattern.value}


def _request(row: HelpRequest | None, values: dict[str, Any], into: Into, when: dict[str, Any]) -> Loaded:
    """Put in one request; what a person has decided about it since stays decided."""
    elder = elder_numbered(into, values["elder"])
    kind = kind_named(into, values["kind"])
    start, end = _window(values, kind)
    boxes = _boxes(values, kind, elder, into)
    now = clock.now()
    fresh = {"source": Source.IMPORT, "state": RequestState.ACCEPTED, "asked_at": now, "decided_at": now}
    wanted = {} if row else fresh
    wanted |= when | {"household_id": elder.household_id, "kind_id": kind.id, "window_from": start, "window_to": end}
    # A meal for two is the household's: one of the couple being away must not stop the other's.
    wanted["elder_id"] = None if boxes > 1 else elder.id
    wanted |= {"minutes": values["minutes"], "boxes": boxes, "gender": values["gender"], "note": values["note"] or None}
    request = row or HelpRequest(community_id=into.id, number=values["number"])
    fate = put(request, wanted)
    if fate is Fate.CHANGED:
        changed(request, into)
    return fate, request


def _window(values: dict[str, Any], kind: ServiceKind) -> tuple[int, int]:
    """Return the wished window, else the kind's first; it must be long enough."""
    start, end = values["window"] or kind.windows[0]
    minutes = values["minutes"] or kind.minutes
    if end - start < minutes:
        raise wrong("window", "时段不够长：%(kind)s需要 %(minutes)s 分钟。", kind=kind.words, minutes=minutes)
    return start, end


def _boxes(values: dict[str, Any], kind: ServiceKind, elder: Elder, into: Into) -> int:
    """Return the portions: one a head where none are written, none where the kind does not come from the canteen."""
    if not kind.from_canteen:
        if values["boxes"]:
            raise wrong("boxes", "“%(kind)s”不是送餐，份数请留空。", kind=kind.words)
        return 0
    return values["boxes"] or _heads(elder, into)


def _heads(elder: Elder, into: Into) -> int:
    """Return how many live behind an elder's door, counted once for all doors: elders are in before their needs."""
    if into.heads is None:
        counted = select(Elder.household_id, func.count()).where(Elder.community_id == into.id).group_by(Elder.household_id)
        into.heads = Counter()
        for home, count in db.session.execute(counted):
            into.heads[home] = count
    return into.heads.get(elder.household_id, 1)
