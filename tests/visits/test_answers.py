"""Until when an answer is waited for: a day, two hours before the beginning at the latest, and minutes when asked later than that."""

import pytest
from flask import Flask

from tests import builders as make
from timebank import clock
from timebank.db import transaction
from timebank.visits.actions.offering import Slot, answer_until, is_at_once

TWO, ELEVEN, PICK_UP = 14 * 60, 11 * 60, 10 * 60 + 50


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("2026-11-23 09:00", "2026-11-24 09:00"),
        ("2026-11-24 11:59", "2026-11-25 11:59"),
        ("2026-11-24 12:01", "2026-11-25 12:00"),
        ("2026-11-25 11:59", "2026-11-25 12:00"),
        ("2026-11-25 12:00", "2026-11-25 12:10"),
        ("2026-11-25 13:49", "2026-11-25 13:59"),
        ("2026-11-25 13:55", "2026-11-25 14:00"),
        ("2026-11-25 14:20", "2026-11-25 14:20"),
    ],
)
def test_an_answer_is_waited_for_a_day_until_two_hours_before_or_for_ten_minutes(asked: str, until: str) -> None:
    clock.clock.start_at(clock.parse_instant(asked))
    found = answer_until(Slot(day=make.WEDNESDAY, start=TWO, window=0))
    assert f"{found:%Y-%m-%d %H:%M}" == until


@pytest.mark.parametrize(("asked", "until"), [("08:49", "08:50"), ("08:50", "09:00")])
def test_a_meal_begins_when_it_is_picked_up(asked: str, until: str) -> None:
    clock.clock.start_at(clock.parse_instant(f"2026-11-25 {asked}"))
    assert f"{answer_until(Slot(day=make.WEDNESDAY, start=ELEVEN, window=0, pickup=PICK_UP)):%H:%M}" == until


@pytest.mark.parametrize(("asked", "at_once"), [("11:59", False), ("12:01", True)])
def test_who_is_asked_within_two_hours_is_telephoned(app: Flask, asked: str, at_once: bool) -> None:
    make.set_clock(f"2026-11-25 {asked}")
    with app.app_context(), transaction():
        community = make.make_community()
        visit = make.make_visit(make.make_request(community, make.make_kind("HAIR"), make.make_household(community)))
        assert is_at_once(make.make_offer(visit, make.make_volunteer(community), TWO)) is at_once
