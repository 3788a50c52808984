"""The credit rules R1 to R20: their settings with defaults and bounds, what each decides, and one sentence for each.

The functions are pure: minutes and a community's ``Terms`` in, minutes or an answer out. The rules that are no number,
R4, R12 and R14 to R20, are kept where they happen and named there: ``visits.actions.paying`` (R4, R14, R19),
``visits.actions.confirming`` (R16), ``credit.actions`` (R12, R15, R17), ``ledger.actions.reverse`` and ``credit.owing`` (R18), ``ledger.verify`` (R20).
R13 is kept by there being no verb that takes minutes away with time.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from timebank.credit.models import Relation
from timebank.ledger.refusals import spoken
from timebank.paths import find
from timebank.sentences import Pair, Sentence

FIXED = "fixed"
MINUTE = "minute"
KEY_AGE = 80
LATE_MONTH = 60
"""So many minutes a month is somebody made up to for visits called off late (R15)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The numbers and choices of one community."""

    rate: int
    grain: int
    basis: int
    balance_cap: int
    day_alone: int
    day_at_most: int
    week_alone: int
    spend_age: int
    elder_week: int
    elder_visits: int
    grant_month: int
    gift_to: str
    hold: str
    late_before: int
    late_minutes: int
    auto_days: int
    leaving: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the catalogue: a number between two bounds, one of some words, or a rule that cannot be changed."""

    code: str
    setting: str
    name: str
    name_en: str
    default: str
    unit: str
    low: int | None
    high: int | None

    @property
    def words(self) -> Pair:
        """What it is called, in Chinese and in English."""
        return self.name, self.name_en

    @property
    def choices(self) -> list[str]:
        """The words it may be, none for a number."""
        return self.unit.split("/") if "/" in self.unit else []

    def takes(self, value: str) -> bool:
        """Say whether a value may be set."""
        if self.choices:
            return value in self.choices
        return (
            value.isascii() and value.isdecimal() and self.low is not None and self.high is not None and self.low <= int(value) <= self.high
        )


@cache
def catalogue() -> tuple[Line, ...]:
    """Return the rules as the catalogue's file has them, in its order."""
    with (find("seeds") / "catalogue" / "credit_rules.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(_line(**row) for row in csv.DictReader(file))


def _line(*, low: str, high: str, **words: str) -> Line:
    """Return one row of the file as a line."""
    return Line(**words, low=int(low) if low else None, high=int(high) if high else None)


def terms(changed: Mapping[str, str]) -> Terms:
    """Return the terms of a community that has changed these settings."""
    values: dict[str, Any] = {}
    for each in catalogue():
        if each.setting:
            said = changed.get(each.setting, each.default)
            values[each.setting] = said if each.choices else int(said)
    return Terms(**values)


class DayWord(StrEnum):
    """What a day's or a week's sum needs before it is credited."""

    ALONE = "alone"
    COORDINATOR = "coordinator"
    NEVER = "never"


def rated(minutes: int, on: Terms) -> int:
    """R1: Return the credit of confirmed minutes, the same for every skill."""
    return minutes * on.rate // 60


def grained(minutes: int, on: Terms) -> int:
    """R2: Return minutes rounded to the grain, half up; the statutory record keeps the raw ones."""
    return (2 * minutes + on.grain) // (2 * on.grain) * on.grain


def counted(actual: int, planned: int, on: Terms) -> int:
    """R3: Return which of the actual minutes count: no more than the plan stretched by the basis."""
    return min(actual, planned * on.basis // 100)


def credited(actual: int, planned: int, on: Terms, kind_cap: int | None = None) -> int:
    """Return the credit of a record: R3, the kind's own cap, R1 and R2 in this order."""
    bounded = counted(actual, planned, on)
    return grained(rated(min(bounded, kind_cap or bounded), on), on)


def goes_to_pool(volunteer_is_group: bool) -> bool:  # noqa: FBT001 - the one thing the rule asks
    """R5: Say whether credit goes to the public pool: a group's always does."""
    return volunteer_is_group


def over_cap(balance: int, on: Terms) -> int:
    """R6: Return what of a balance is above the largest one."""
    return max(0, balance - on.balance_cap)


def day_word(day: int, week: int, on: Terms) -> DayWord:
    """R7: Say what minutes of a day and of a week need: nothing more, a coordinator's word, or never credited."""
    if day > on.day_at_most:
        return DayWord.NEVER
    return DayWord.COORDINATOR if day > on.day_alone or week > on.week_alone else DayWord.ALONE


def old_enough(age: int | None, on: Terms) -> bool:
    """R8: Say whether somebody may spend; an age nobody wrote down is taken as an elder's."""
    return age is None or age >= on.spend_age


def may_set_aside(wanted: int, available: int, week: int, visits: int, on: Terms) -> int:
    """R9: Return what of the minutes of a visit an elder can pay: what is there, within the week's minutes and the day's visits."""
    if visits >= on.elder_visits:
        return 0
    return max(0, min(wanted, available, on.elder_week - week))


def grant_left(granted: int, on: Terms) -> int:
    """R10: Return what of this month's grant a priority elder can still get; nobody else goes below zero."""
    return max(0, on.grant_month - granted)


def is_priority(*, lives_alone: bool, age: int | None, cares_for_self: bool) -> bool:
    """Say whether an elder is one of those the pool helps: very old and alone, or not able to care for themselves."""
    return (lives_alone and age is not None and age >= KEY_AGE) or not cares_for_self


def may_give_to(relation: Relation, on: Terms) -> bool:
    """R11: Say whether minutes may be given to somebody: to direct relatives, to friends where the community allows it."""
    return relation is not Relation.FRIEND or on.gift_to == "friends"


SENTENCES: dict[str, Sentence] = {
    "R1": Sentence("每 60 分钟确认过的服务计入 %(rate)s，不分项目。"),
    "R2": Sentence("计入时按 %(grain)s取整；服务记录仍是实际分钟。"),
    "R3": Sentence("计入的不超过计划时长的 %(basis)s%%。"),
    "R4": Sentence("两人同去，各记各的；老人只按计划时长付一次。"),
    "R5": Sentence("集体的时间只进公共时间池。"),
    "R6": Sentence("账户最多 %(balance_cap)s，多出的进公共时间池。"),
    "R7": Sentence("一天 %(day_alone)s、一周 %(week_alone)s以内自动入账；再多要协调员核对；一天超过 %(day_at_most)s不入账。"),
    "R8": Sentence("满 %(spend_age)s 岁的本人、配偶和直系亲属可以用。"),
    "R9": Sentence("每位老人一周最多用 %(elder_week)s，一天最多 %(elder_visits)s 次；再多的上门不收时间。"),
    "R10": Sentence("账户不透支；重点老人每月由公共时间池补 %(grant_month)s，没用完的月底退回。"),
    "R11": Sentence("可以送给直系亲属，由协调员核对一次关系；朋友只在社区允许时可以。"),
    "R12": Sentence("随时可以捐给公共时间池，用掉以后不能要回。"),
    "R13": Sentence("不过期，也不生息。"),
    "R14": Sentence("上门约定时从老人账户冻结，确认后结算，取消就退回；志愿者没去不收。"),
    "R15": Sentence("老人家在上门前 %(late_before)s内取消，公共时间池补志愿者 %(late_minutes)s，每人每月最多补 1 小时，不算服务记录。"),
    "R16": Sentence("%(auto_days)s 天没有人说话，签到又有效，就自动确认。"),
    "R17": Sentence("离开的人，余额可以留着、捐给公共时间池或给亲属；本社区默认：%(leaving)s。"),
    "R18": Sentence("记错了只用冲正，原来的一行不改不删；多记的已经送了、捐了、用了，先从去处收回，收不回的算欠回，以后存入的先还。"),
    "R19": Sentence("没有人能去，冻结的时间退回，社区不许诺一定有人。"),
    "R20": Sentence("所有账户相加总是零。"),
}
WORDS: dict[str, tuple[str, str]] = {
    "keep": Sentence("留着"),
    "pool": Sentence.of("credit", "捐给公共时间池"),
    "relative": Sentence.of("credit", "给亲属"),
    "relatives": Sentence("直系亲属"),
    "friends": Sentence("亲属和朋友"),
    "yes": Sentence("是"),
    "no": Sentence("否"),
}


def words_of(value: str) -> tuple[str, str]:
    """Return a setting's value in both languages: one of the words, or the number itself."""
    return WORDS.get(value, (value, value))


def sentence(code: str, on: Terms) -> tuple[str, str]:
    """Return what a rule says here, in both languages."""
    return Sentence(SENTENCES[code].msgid, **{each.setting: _word(each, getattr(on, each.setting)) for each in catalogue() if each.setting})


def _word(line: Line, value: int | str) -> tuple[str, str]:
    """Return a setting as it is said."""
    if line.choices:
        return WORDS[str(value)]
    return spoken(int(value)) if line.unit == MINUTE else (str(value), str(value))
