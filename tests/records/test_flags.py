"""Each flag of the weekly check: what is odd is found with its reason, what is ordinary is left in peace."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from timebank import clock
from timebank.records import flags
from timebank.records.flags import Fact

DAY = date(2026, 11, 17)
HERE, FAR = (36.0570, 120.3530), (36.0570, 120.3750)  # 1,978 m apart


def fact(record: int, start: int = 600, minutes: int = 41, **values: Any) -> Fact:
    """Return a fact that no rule objects to."""
    day: date = values.pop("day", DAY)
    begun: datetime = clock.at(day, start)
    ordinary: dict[str, Any] = {"volunteer": 1, "planned": 40, "fresh": True, "metres_a_minute": 120, "household": record}
    return Fact(record=record, day=day, started=begun, ended=begun + timedelta(minutes=minutes), minutes=minutes, **{**ordinary, **values})


def month_of(count: int, minutes: int, **values: Any) -> list[Fact]:
    """Return so many facts on as many days of the last weeks."""
    return [fact(number, minutes=minutes, day=DAY - timedelta(days=number), **values) for number in range(1, count + 1)]


ODD: dict[str, list[Fact]] = {
    "overlap": [fact(1), fact(2, 630)],
    "impossible_travel": [fact(1, point=HERE), fact(2, 645, point=FAR)],
    "odd_length-long": [fact(1, minutes=61)],
    "odd_length-short": [fact(1, minutes=11)],
    "long_day": [fact(1, 480, 250, planned=250), fact(2, 800, 231, planned=231)],
    "night_hours-late": [fact(1, 22 * 60)],
    "night_hours-into": [fact(1, 1300, 41)],
    "night_hours-early": [fact(1, 350)],
    "round_numbers": [*month_of(4, 45, planned=45), fact(9, minutes=30)],
    "same_pair": month_of(5, 41, household=7),
    "often_by_hand": month_of(3, 41, by_hand=True),
    "own_family": [fact(1, is_family=True)],
    "one_phone-shared": [fact(1, household=3, shares_phone=True), fact(2, 700, household=3, shares_phone=True)],
    "one_phone-twins": [fact(1, twin=2), fact(2, 700, twin=2)],
    "office_phone": [fact(1, office_phone=True), fact(2, 700, office_phone=True)],
    "one_enterer": month_of(3, 41, word=7),
    "one_enterer-mostly": [*month_of(4, 41, word=7), *(fact(20 + each, 700 + 50 * each) for each in range(2))],
    "own_people-typed": [fact(1, brought=7, typed=7)],
    "own_people-confirmed": [fact(1, brought=7, confirmed=7)],
    "own_people-word": [fact(1, brought=7, word=7, by_file=True)],
    "own_number": [fact(1, own_number=True)],
    "far_from_door": [fact(1, off=(900, 50))],
    "against_family": [fact(1, doubted=True)],
    "never_called-no_number": [fact(1, by_call=True, has_phone=False)],
    "never_called-never": [fact(1, household=3, by_call=True, word=7), fact(2, 700, household=3, by_call=True, word=8)],
    "one_phone-many": [fact(1, family_word=9), fact(2, 700, family_word=9), fact(3, 800, family_word=9)],
}
ORDINARY: dict[str, list[Fact]] = {
    "one after the other": [fact(1), fact(2, 641)],
    "two volunteers at once": [fact(1), fact(2, volunteer=2)],
    "a visit inside a round": [fact(1, 600, 90, planned=90, is_round=True, household=None), fact(2, 630, 41)],
    "time enough to walk": [fact(1, point=HERE), fact(2, 660, point=FAR)],
    "time enough to ride": [fact(1, point=HERE, metres_a_minute=420), fact(2, 646, point=FAR, metres_a_minute=420)],
    "half again the plan": [fact(1, minutes=60)],
    "three tenths of the plan": [fact(1, minutes=12)],
    "no plan": [fact(1, minutes=200, planned=0)],
    "by hand has no plan": [fact(1, minutes=200, by_hand=True)],
    "eight hours": [fact(1, 480, 240, planned=240), fact(2, 800, 240, planned=240)],
    "before ten at night": [fact(1, 1270, 41)],
    "from six on": [fact(1, 360)],
    "four round ones": month_of(4, 45, planned=45),
    "round ones among others": [*month_of(5, 45, planned=45), *(fact(20 + each, 700 + 50 * each, 41) for each in range(2))],
    "a meal round is not timed": month_of(6, 45, planned=45, is_round=True, household=None),
    "four visits to one door": month_of(4, 41, household=7),
    "a usual door among others": [*month_of(5, 41, household=7), *(fact(20 + each, 700 + 50 * each, 41) for each in range(4))],
    "two by hand": month_of(2, 41, by_hand=True),
    "two records on one word": month_of(2, 41, word=7),
    "three on one word among others": [*month_of(3, 41, word=7), *(fact(20 + each, 700 + 50 * each) for each in range(2))],
    "three on the words of two": [*month_of(2, 41, word=7), fact(9, word=8)],
    "one types and another confirms": [fact(1, typed=7, confirmed=8)],
    "confirmed by who registered neither": [fact(1, brought=7, confirmed=8)],
    "registered by a file and shown by a code": [fact(1, brought=7, confirmed=7, by_file=True)],
    "one call on one word": [fact(1, household=3, by_call=True, word=7)],
    "calls to a door that was reached": [
        fact(1, 600, household=3, by_call=True, word=7, called=True),
        fact(2, 700, household=3, by_call=True, word=7, called=True),
    ],
    "calls that a code stands behind": [fact(1, household=3, by_call=True), fact(2, 700, household=3, by_call=True)],
    "two doors of one daughter": [fact(1, family_word=9), fact(2, 700, family_word=9)],
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_flagged_by_its_rule_with_a_reason_in_both_languages(name: str) -> None:
    found = flags.flags(ODD[name])
    assert [flag.rule for flag in found] == [name.split("-", maxsplit=1)[0]]
    assert found[0].zh
    assert found[0].en
    assert found[0].record in {each.record for each in ODD[name]}


@pytest.mark.parametrize("name", ORDINARY)
def test_what_is_ordinary_is_left_in_peace(name: str) -> None:
    assert flags.flags(ORDINARY[name]) == []


@pytest.mark.parametrize("name", ODD)
def test_what_did_not_come_on_record_in_the_week_is_not_flagged_again(name: str) -> None:
    old = [Fact(**{field: getattr(each, field) for field in Fact.__slots__} | {"fresh": False}) for each in ODD[name]]
    assert flags.flags(old) == []


def test_every_rule_has_a_case_of_its_own() -> None:
    assert {name.split("-")[0] for name in ODD} == {rule.__name__ for rule in flags.RULES}


def test_the_reason_says_the_figures() -> None:
    found = flags.flags(ODD["impossible_travel"])[0]
    assert "10:41" in found.zh
    assert "10:45" in found.zh
    assert "1978" in found.zh.replace(",", "")
    assert "1978 m apart" in found.en


def test_the_same_week_gives_the_same_keys_in_any_order() -> None:
    facts = [each for name in ("overlap", "odd_length-long") for each in ODD[name]]
    assert {flag.key for flag in flags.flags(facts)} == {flag.key for flag in flags.flags(facts[::-1])}
