"""The credit rules R1 to R11 as pure functions, each kept and each broken, and their settings."""

import dataclasses
import inspect
import re
from types import ModuleType

import pytest

from timebank.credit import actions, refusals, rules
from timebank.credit.models import Relation
from timebank.ledger import actions as ledger
from timebank.ledger import verify
from timebank.visits.actions import confirming, paying

ON = rules.terms({})
CODES = [f"R{number}" for number in range(1, 21)]
WITHOUT_FUNCTION = {"R13"}  # kept by there being no verb that takes minutes away with time


def on(**changed: object) -> rules.Terms:
    return dataclasses.replace(ON, **changed)


def test_r1_an_hour_is_an_hour_whatever_the_skill() -> None:
    assert rules.rated(60, ON) == 60
    assert rules.rated(60, on(rate=30)) == 30


def test_r2_credit_is_rounded_to_the_grain_half_up() -> None:
    assert [rules.grained(minutes, ON) for minutes in (1, 7, 53)] == [1, 7, 53]
    assert [rules.grained(minutes, on(grain=15)) for minutes in (7, 8, 22, 23)] == [0, 15, 15, 30]


def test_r3_more_than_half_again_the_plan_does_not_count() -> None:
    assert rules.counted(60, 40, ON) == 60
    assert rules.counted(61, 40, ON) == 60
    assert rules.counted(61, 40, on(basis=200)) == 61


def test_r5_a_groups_time_goes_to_the_pool() -> None:
    assert rules.goes_to_pool(volunteer_is_group=True)
    assert not rules.goes_to_pool(volunteer_is_group=False)


def test_r6_what_is_above_the_largest_balance_is_over() -> None:
    assert rules.over_cap(90_000, ON) == 0
    assert rules.over_cap(90_001, ON) == 1


@pytest.mark.parametrize(
    ("day", "week", "word"),
    [
        (480, 480, "alone"),
        (481, 481, "coordinator"),
        (720, 720, "coordinator"),
        (721, 721, "never"),
        (60, 1200, "alone"),
        (60, 1201, "coordinator"),
    ],
)
def test_r7_a_day_of_eight_hours_counts_alone_twelve_with_a_coordinator_more_never(day: int, week: int, word: str) -> None:
    assert rules.day_word(day, week, ON) == word


def test_r8_whoever_spends_is_sixty() -> None:
    assert rules.old_enough(60, ON)
    assert rules.old_enough(None, ON)
    assert not rules.old_enough(59, ON)


def test_r9_an_elder_spends_four_hours_a_week_and_two_visits_a_day() -> None:
    assert rules.may_set_aside(40, 100, 0, 1, ON) == 40
    assert rules.may_set_aside(40, 100, 220, 0, ON) == 20
    assert rules.may_set_aside(40, 100, 300, 0, ON) == 0
    assert rules.may_set_aside(40, 100, 0, 2, ON) == 0
    assert rules.may_set_aside(40, 15, 0, 0, ON) == 15


def test_r10_a_priority_elder_gets_eight_hours_a_month() -> None:
    assert rules.grant_left(0, ON) == 480
    assert rules.grant_left(500, ON) == 0
    assert rules.is_priority(lives_alone=True, age=80, cares_for_self=True)
    assert rules.is_priority(lives_alone=False, age=None, cares_for_self=False)
    assert not rules.is_priority(lives_alone=True, age=79, cares_for_self=True)
    assert not rules.is_priority(lives_alone=True, age=None, cares_for_self=True)


def test_r11_a_friend_is_given_to_only_where_the_community_allows_it() -> None:
    assert all(rules.may_give_to(each, ON) for each in Relation if each is not Relation.FRIEND)
    assert not rules.may_give_to(Relation.FRIEND, ON)
    assert rules.may_give_to(Relation.FRIEND, on(gift_to="friends"))


def test_the_credit_of_a_record_goes_through_basis_cap_rate_and_grain() -> None:
    assert rules.credited(100, 40, ON) == 60
    assert rules.credited(100, 80, ON, kind_cap=90) == 90
    assert rules.credited(100, 80, on(rate=30, grain=15), kind_cap=90) == 45


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_a_line_and_a_sentence_in_both_languages_with_its_numbers(code: str) -> None:
    assert [line for line in rules.catalogue() if line.code == code]
    zh, en = rules.sentence(code, ON)
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert not re.search(r"[\u4e00-\u9fff{}]", en)


def test_a_sentence_says_the_number_that_was_set() -> None:
    assert "1500 小时" in rules.sentence("R6", ON)[0]
    assert "100 h" in rules.sentence("R6", on(balance_cap=6000))[1]


def test_every_rule_is_kept_by_one_function_that_names_it() -> None:
    rooms: tuple[ModuleType, ...] = (rules, actions, refusals, ledger, verify, confirming, paying)
    named = [
        found[1]
        for room in rooms
        for _name, made in inspect.getmembers(room, inspect.isfunction)
        if made.__module__ == room.__name__ and (found := re.match(r"(R\d+): ", made.__doc__ or ""))
    ]
    assert sorted(named, key=CODES.index) == [code for code in CODES if code not in WITHOUT_FUNCTION]


@pytest.mark.parametrize("line", [line for line in rules.catalogue() if line.setting], ids=lambda line: line.setting)
def test_a_setting_takes_what_lies_in_its_bounds_and_nothing_else(line: rules.Line) -> None:
    assert line.takes(line.default)
    assert not any(line.takes(wrong) for wrong in ("", "-1", "1.5", "１２", "1e3", "9999999", "often"))
    if line.low is not None and line.high is not None:
        assert line.takes(str(line.low))
        assert line.takes(str(line.high))
        assert not line.takes(str(line.high + 1))


def test_no_kind_of_transfer_takes_minutes_away_with_time() -> None:
    assert {kind.value for kind in ledger.TransferKind} == {
        "earn", "grant", "gift", "donate", "hold", "settle", "release", "reversal", "manual", "take_back", "advance", "repay", "write_off",
    }  # fmt: skip
