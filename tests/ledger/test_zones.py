"""Wherever the machine thinks it stands, a day is a day in China: forty awkward dates read the same in four zones."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask

from timebank import clock
from timebank.db import db, forget_reads, transaction
from timebank.ledger import actions, queries
from timebank.ledger.verify import verify

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati")
# Year and month ends, leap days, week 53, Spring Festivals and working Sundays, and days on which New York's clocks change.
DAYS = [
    date(year, month, day)
    for year, days in {
        2024: ((2, 28), (2, 29), (3, 1), (3, 10), (11, 3), (12, 31)),
        2025: ((1, 1), (1, 26), (1, 28), (1, 29), (2, 8), (2, 28), (3, 1), (3, 9), (3, 31), (4, 1), (6, 30), (7, 1), (9, 28)),
        2026: ((1, 1), (1, 4), (2, 14), (2, 17), (2, 28), (3, 1), (3, 8), (5, 9), (10, 1), (10, 10), (11, 1), (11, 30), (12, 28), (12, 31)),
        2027: ((1, 1), (1, 3), (2, 28), (3, 1), (12, 31)),
        2028: ((2, 29), (3, 1)),
    }.items()
    for month, day in days
]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let a test move the machine, and bring it home afterwards."""
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def _move(zone: pytest.MonkeyPatch, name: str) -> None:
    zone.setenv("TZ", name)
    zone.setenv("PGTZ", name)
    time.tzset()
    forget_reads()
    db.engine.dispose()


def _live(book: SimpleNamespace, turn: int, days: list[date]) -> None:
    """Credit a minute as midnight strikes, one at noon and one shortly before the next midnight, on each of some days."""
    for place, day in enumerate(days):
        for minute in (0, 720, 1438):
            clock.clock.start_at(clock.at(day, minute))
            source = f"record:{turn}{place:02}{minute}:v1"
            with transaction():
                actions.earn(book.volunteer, 1, source=source, idem=("record", source), actor="user:1")


def _statements(book: SimpleNamespace) -> list[object]:
    """Return what each day and its month say."""
    said: list[object] = []
    for day in DAYS:
        month = day.replace(day=1)
        for start, end in ((day, day + timedelta(days=1)), (month, (month + timedelta(days=31)).replace(day=1))):
            lines = queries.lines(book.volunteer, start, end)
            said.append((start, lines.opening, lines.closing, [(each.seq, each.at.isoformat(), each.minutes) for each in lines.lines]))
    return said


def test_forty_dates_read_the_same_in_four_zones(app: Flask, book: SimpleNamespace, zone: pytest.MonkeyPatch) -> None:
    del app
    assert len(set(DAYS)) == 40
    _live(book, 1, DAYS)
    said = {}
    for name in ZONES:
        _move(zone, name)
        said[name] = _statements(book)
        assert verify().ok
    assert all(each == said["UTC"] for each in said.values())
    assert all(len(lines) == 3 for start, _opening, _closing, lines in said["UTC"][::2])  # type: ignore[misc, attr-defined]


def test_what_is_booked_in_four_zones_falls_on_the_same_days(app: Flask, book: SimpleNamespace, zone: pytest.MonkeyPatch) -> None:
    del app
    for turn, name in enumerate(ZONES, start=1):
        _move(zone, name)
        _live(book, turn, DAYS[::3])
    days = [queries.lines(book.volunteer, day, day + timedelta(days=1)).lines for day in DAYS[::3]]
    assert [len(lines) for lines in days] == [3 * len(ZONES)] * len(DAYS[::3])
    assert verify().ok
