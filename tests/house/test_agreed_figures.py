"""Figures that people were told, or that a rule of the house stands on: none changes without somebody changing it here as well.

The rules around them are tried beside their rooms, mostly by the constant itself; so a constant that is moved would move its test.
"""

import importlib
from datetime import timedelta

import pytest

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AGREED: dict[str, dict[str, object]] = {
    "access.actions": {"CODE_LIFE": 10 * MINUTE, "CODES_PER_HOUR": 5, "CODES_PER_HOUR_AND_SOURCE": 60, "AT_THE_DESK": 12 * HOUR},
    "access.queries": {"TRIES": 5, "LOCK": 15 * MINUTE},
    "access.masking": {"SHORTEST_WITH_COMPOUND": 3},
    "cases.actions.handling": {"CALL_DAYS": 2, "AGAIN_DAYS": 1, "MOST_TRIES": 3},
    "cases.actions.intake": {"SORT_DAYS": 1},
    "credit.rules": {"KEY_AGE": 80},
    "elders.actions": {"LONGEST_PAUSE": 366, "WAIT": 24 * HOUR},
    "ledger.models": {"MOST_MINUTES": 31 * 24 * 60, "MOST_CREDIT": 12 * 60},
    "lending.actions": {"MOST_WEEKS": 13},
    "notices.queries": {"USUAL": (20 * 60, 8 * 60)},
    "oversight.unmasking": {"SHOWN_FOR": 15 * MINUTE, "SHORTEST": 4},
    "planning.actions.covering": {"NOW_WINDOW": 4 * 60, "SOON_MINUTES": 30},
    "planning.actions.editing": {"MOST_MORE": 4 * 60},
    "planning.actions.differences": {"SMALL_SHIFT": 15},
    "planning.cover": {"LATE_MINUTES": 5, "NO_SHOW_MINUTES": 15, "SETTLED_MINUTES": 10},
    "planning.doors": {"WEIGHTS": {"travel": 1, "new_face": 20, "fairness": 1, "touched": 120}},
    "posts.actions": {"AHEAD": 13 * DAY, "SEATS_AT_MOST": 50},
    "certificates.batches": {"MOST": 500, "PAPERS_KEPT": 7 * DAY},
    "certificates.checking": {"WRONG_TRIES": 10, "WRONG_WITHIN": 15 * MINUTE, "TRIES_KEPT": DAY},
    "certificates.models": {"CODE_LENGTH": 12},
    "stars.reviews": {"LONGEST_KEPT": 183 * DAY, "LEAST_YEARS": 1, "MOST_YEARS": 3},
    "today.sheets": {"EAT_WITHIN": 120, "STAIRS_FROM": 3},
    "stars.standing": {"HOURS": (100, 300, 600, 1000, 1500), "FAULTS": 3, "LOOKED_BACK": 365 * DAY},
    "records.flags": {
        "NIGHT_ENDS": 6, "NIGHT_BEGINS": 22, "LONG_DAY": 8 * 60, "LONGER": 1.5, "SHORTER": 0.3, "PAIR_SHARE": 0.6, "PAIR_LEAST": 5,
        "ROUND_LEAST": 5, "ROUND_SHARE": 0.8, "ROUND_MINUTES": 15, "BY_HAND_LEAST": 3, "DOORS_OF_ONE": 3, "WORD_SHARE": 0.6,
        "WORD_LEAST": 3, "CALLS_LEAST": 2,
    },
    "records.facts": {"LOOK_BACK": 21 * DAY},
    "records.workdays": {"RECORD_DAYS": 10, "ANSWER_DAYS": 5, "ASKED_FROM": 10},
    "stations.actions.items": {"KEPT_DAYS": 7},
    "visits.actions.asking": {"MAX_DAYS_AHEAD": 60},
    "hours": {"DAY_AT_MOST": 12 * 60},
    "visits.actions.duties": {"SEATS_AT_MOST": 200},
    "visits.actions.duty_records": {"CLOCK_MORE": 15},
    "visits.actions.duty_times": {"CODE_TRIES": 5, "EARLY_MINUTES": 30, "LATE_MINUTES": 120},
    "visits.actions.lengths": {"GRACE_MINUTES": 15, "IN_TIME_MINUTES": 5},
    "visits.actions.offering": {"ANSWER_HOURS": 24, "LATEST_ANSWER_HOURS": 2, "AT_ONCE_MINUTES": 10},
    "visits.actions.serving": {"CODE_TRIES": 5, "UNDO_SECONDS": 60, "EARLY_MINUTES": 60, "EARLY_PICK_UP": 90},
    "visits.closing": {"STATEMENT_DAY": 5, "LATEST_DAY": 28},
    "visits.deadlines": {"OBJECTION_DAYS": 30},
    "visits.disputes": {"WITHIN": 30 * DAY},
    "visits.queries": {"DOOR_BEFORE": 24 * HOUR, "DOOR_AFTER": 2 * HOUR},
}  # fmt: skip


@pytest.mark.parametrize("room", AGREED)
def test_what_was_agreed_stands(room: str) -> None:
    module = importlib.import_module(f"timebank.{room}")
    assert {name: getattr(module, name) for name in AGREED[room]} == AGREED[room]
