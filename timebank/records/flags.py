"""The flags of the weekly check (rulebook 7): each rule is one plain function over facts, and says its reason in words.

A flag is a question, not a verdict: it blocks nothing, takes nothing away and goes to a coordinator, who settles it. Distances
are straight lines, so a journey flagged as too fast is too fast by any road. Where a phone was is not recorded; how far it was from the
door only where its volunteer let that be noted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from geopy.distance import great_circle

from timebank.sentences import Sentence

NIGHT_ENDS, NIGHT_BEGINS = 6, 22
LONG_DAY = 480
LONGER, SHORTER = 1.5, 0.3
PAIR_SHARE, PAIR_LEAST = 0.6, 5
ROUND_LEAST, ROUND_SHARE, ROUND_MINUTES = 5, 0.8, 15
BY_HAND_LEAST = 3
DOORS_OF_ONE = 3
WORD_SHARE, WORD_LEAST = 0.6, 3
CALLS_LEAST = 2
FAR_METRES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What the rules know of one record; ``fresh`` says that it came on record in the week that is checked.

    Users by number: ``word`` on whose word alone it rests, ``typed`` who typed its times in, ``confirmed`` who of the office
    confirmed it, ``brought`` who lately registered both the volunteer and an elder behind the door (``by_file`` with a file).
    ``office_phone`` says that the volunteer's or the door's number is one of the office's own, ``twin`` which other volunteer has
    the volunteer's number; ``called`` says that the door was reached by a call-back before, ``doubted`` that a family had objected,
    ``own_number`` that whoever stands behind the record lately wrote down by which number the elder is called, ``off`` how many metres
    the phone was from the door and how sure it was.
    """

    record: int
    volunteer: int
    day: date
    started: datetime
    ended: datetime
    minutes: int
    planned: int
    fresh: bool
    metres_a_minute: int
    household: int | None = None
    point: tuple[float, float] | None = None
    is_round: bool = False
    by_hand: bool = False
    is_family: bool = False
    shares_phone: bool = False
    family_word: int | None = None
    word: int | None = None
    typed: int | None = None
    confirmed: int | None = None
    brought: int | None = None
    by_file: bool = False
    office_phone: bool = False
    twin: int | None = None
    by_call: bool = False
    has_phone: bool = True
    called: bool = False
    doubted: bool = False
    own_number: bool = False
    off: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: the rule, whose record it is about, and why, in both languages; ``key`` keeps it one however often it is found."""

    rule: str
    key: str
    volunteer: int
    record: int
    zh: str
    en: str


Rule = Callable[[Sequence[Fact]], Iterator[Flag]]


def _flag(rule: str, fact: Fact, words: Sentence, about: object = None) -> Flag:
    """Return a flag about one record, or about whatever else is named."""
    return Flag(rule, f"{rule}:{fact.volunteer}:{about or fact.record}", fact.volunteer, fact.record, *words)


def _by_volunteer(facts: Iterable[Fact]) -> Iterator[list[Fact]]:
    """Yield each volunteer's facts in the order of time."""
    grouped: dict[int, list[Fact]] = defaultdict(list)
    for fact in sorted(facts, key=lambda each: (each.started, each.record)):
        grouped[fact.volunteer].append(fact)
    yield from grouped.values()


def _newest(facts: Sequence[Fact]) -> Fact | None:
    """Return the last fresh one of some facts."""
    return next((fact for fact in reversed(facts) if fact.fresh), None)


def overlap(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag two records of one volunteer at the same time; a visit made inside a meal round is part of it."""
    for mine in _by_volunteer(facts):
        for place, later in enumerate(mine):
            for earlier in mine[:place]:
                inside = earlier.is_round and later.ended <= earlier.ended
                if later.started < earlier.ended and not inside and (earlier.fresh or later.fresh):
                    yield _flag(
                        "overlap",
                        later,
                        Sentence(
                            "和同一天 %(started)s–%(ended)s 的另一条记录时间重叠",
                            started=f"{earlier.started:%H:%M}",
                            ended=f"{earlier.ended:%H:%M}",
                        ),
                        f"{earlier.record}+{later.record}",
                    )


def impossible_travel(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag two doors one after the other that nobody travels between in the time there was."""
    for mine in _by_volunteer(fact for fact in facts if fact.point is not None):
        for earlier, later in pairwise(mine):
            if earlier.point is None or later.point is None or not (earlier.fresh or later.fresh):
                continue
            gap = (later.started - earlier.ended).total_seconds() / 60
            metres = great_circle(earlier.point, later.point).meters
            if gap >= 0 and metres > later.metres_a_minute * (gap + 1):
                yield _flag(
                    "impossible_travel",
                    later,
                    Sentence(
                        "上一家 %(ended)s 结束，这一家 %(started)s 开始，相距 %(metres)s 米，来不及",
                        ended=f"{earlier.ended:%H:%M}",
                        started=f"{later.started:%H:%M}",
                        metres=f"{metres:.0f}",
                    ),
                )


def odd_length(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a record far longer or far shorter than its plan."""
    for fact in facts:
        if not fact.fresh or fact.by_hand or fact.planned < 1:
            continue
        if fact.minutes > fact.planned * LONGER or fact.minutes < fact.planned * SHORTER:
            yield _flag(
                "odd_length",
                fact,
                Sentence("计划 %(planned)s 分钟，实际 %(fact_minutes)s 分钟，相差太多", planned=fact.planned, fact_minutes=fact.minutes),
            )


def long_day(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a day of more than eight hours."""
    for mine in _by_volunteer(facts):
        for day in sorted({fact.day for fact in mine}):
            of_day = [fact for fact in mine if fact.day == day]
            total, newest = sum(fact.minutes for fact in of_day), _newest(of_day)
            if total > LONG_DAY and newest is not None:
                yield _flag(
                    "long_day",
                    newest,
                    Sentence("这一天合计 %(total)s 分钟，超过 %(long_day)s 小时", total=total, long_day=LONG_DAY // 60),
                    day.isoformat(),
                )


def night_hours(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag service in the night."""
    for fact in facts:
        if fact.fresh and (fact.started.hour < NIGHT_ENDS or fact.ended.hour >= NIGHT_BEGINS):
            yield _flag(
                "night_hours",
                fact,
                Sentence(
                    "%(started)s–%(ended)s，在晚上 %(night_begins)s 点到早上 %(night_ends)s 点之间",
                    started=f"{fact.started:%H:%M}",
                    ended=f"{fact.ended:%H:%M}",
                    night_begins=NIGHT_BEGINS,
                    night_ends=NIGHT_ENDS,
                ),
            )


def round_numbers(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a volunteer whose minutes are nearly always a whole number of quarters of an hour."""
    for mine in _by_volunteer(fact for fact in facts if not fact.is_round):
        whole = [fact for fact in mine if fact.minutes % ROUND_MINUTES == 0]
        newest = _newest(whole)
        if newest is not None and len(whole) >= ROUND_LEAST and len(whole) >= ROUND_SHARE * len(mine):
            yield _flag(
                "round_numbers",
                newest,
                Sentence(
                    "近四周 %(count)s 次里有 %(count2)s 次正好是整 %(round_minutes)s 分钟的倍数，不像真实计时",
                    count=len(mine),
                    count2=len(whole),
                    round_minutes=ROUND_MINUTES,
                ),
                "month",
            )


def same_pair(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a volunteer most of whose minutes are with one household."""
    for mine in _by_volunteer(fact for fact in facts if fact.household is not None):
        total = sum(fact.minutes for fact in mine)
        for household in sorted({fact.household for fact in mine if fact.household is not None}):
            there = [fact for fact in mine if fact.household == household]
            share, newest = sum(fact.minutes for fact in there) / total, _newest(there)
            if newest is not None and len(there) >= PAIR_LEAST and share > PAIR_SHARE:
                yield _flag(
                    "same_pair",
                    newest,
                    Sentence("近四周上门时间的 %(share)s 在同一户，共 %(count)s 次", share=f"{share:.0%}", count=len(there)),
                    f"h{household}",
                )


def often_by_hand(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a volunteer with many entries by hand."""
    for mine in _by_volunteer(fact for fact in facts if fact.by_hand):
        newest = _newest(mine)
        if newest is not None and len(mine) >= BY_HAND_LEAST:
            yield _flag(
                "often_by_hand",
                newest,
                Sentence("近四周有 %(count)s 条手工或补录，共 %(sum)s 分钟", count=len(mine), sum=sum(fact.minutes for fact in mine)),
                "month",
            )


def own_family(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag service to an elder the volunteer speaks for."""
    for fact in facts:
        if fact.fresh and fact.is_family:
            yield _flag("own_family", fact, Sentence("志愿者是这位老人的家属"))


def one_phone(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a number that is a volunteer's and also the door's or another volunteer's, and one person's word for many doors."""
    for mine in _by_volunteer(fact for fact in facts if fact.twin is not None):
        if (newest := _newest(mine)) is not None:
            yield _flag(
                "one_phone",
                newest,
                Sentence("和另一位志愿者留的是同一个电话，近四周共 %(count)s 条记录，请核对是不是两个人", count=len(mine)),
                f"v{newest.twin}",
            )
    for mine in _by_volunteer(fact for fact in facts if fact.shares_phone):
        for household in sorted({fact.household or 0 for fact in mine}):
            there = [fact for fact in mine if (fact.household or 0) == household]
            if (newest := _newest(there)) is not None:
                yield _flag(
                    "one_phone",
                    newest,
                    Sentence("老人或家属留的电话就是这位志愿者的，近四周 %(count)s 次，确认可能不是老人给的", count=len(there)),
                    f"h{household}",
                )
    words: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.family_word is not None:
            words[fact.family_word].append(fact)
    for user, said in words.items():
        doors, newest = len({fact.household for fact in said}), _newest(said)
        if newest is not None and doors >= DOORS_OF_ONE:
            yield _flag(
                "one_phone",
                newest,
                Sentence("同一部手机近四周替 %(doors)s 户确认过服务", doors=doors),
                f"u{user}",
            )


def office_phone(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a volunteer, elder or family whose number on file is one by which somebody of the office signs in."""
    for mine in _by_volunteer(fact for fact in facts if fact.office_phone):
        if (newest := _newest(mine)) is not None:
            yield _flag(
                "office_phone",
                newest,
                Sentence("志愿者、老人或家属留的电话是办公室工作人员自己的，打过去核对不到本人"),
                "office",
            )


def one_enterer(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a volunteer most of whose minutes rest on one person's word alone."""
    for mine in _by_volunteer(facts):
        total = sum(fact.minutes for fact in mine)
        for user in sorted({fact.word for fact in mine if fact.word is not None}):
            said = [fact for fact in mine if fact.word == user]
            share, newest = sum(fact.minutes for fact in said) / total, _newest(said)
            if newest is not None and len(said) >= WORD_LEAST and share > WORD_SHARE:
                yield _flag(
                    "one_enterer",
                    newest,
                    Sentence(
                        "近四周 %(share)s 的时间只凭同一位经办人一句话，共 %(count)s 条，没有到访码、没有手机点的送到",
                        share=f"{share:.0%}",
                        count=len(said),
                    ),
                    f"u{user}",
                )


def own_people(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a new volunteer at a new elder's door, both registered by whoever typed the service in or confirmed it.

    Whoever a file brought may be one of many: then only what the same person typed in, or what rests on their word, is asked about.
    """
    mine = [fact for fact in facts if fact.brought is not None and fact.brought in _behind(fact)]
    for theirs in _by_volunteer(mine):
        for user in sorted({fact.brought for fact in theirs if fact.brought is not None}):
            both = [fact for fact in theirs if fact.brought == user]
            if (newest := _newest(both)) is not None:
                yield _flag(
                    "own_people",
                    newest,
                    Sentence(
                        "志愿者和老人都是新来的，由同一位经办人登记，服务也由这个人录入或确认，近四周 %(count)s 条，共 %(sum)s 分钟",
                        count=len(both),
                        sum=sum(fact.minutes for fact in both),
                    ),
                    f"u{user}",
                )


def _behind(fact: Fact) -> set[int | None]:
    """Return who stands behind a record in a way that makes it odd that they registered both sides."""
    return {fact.word, fact.typed} if fact.by_file else {fact.word, fact.typed, fact.confirmed}


def never_called(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a word by telephone where no number is on file, and calls on one person's word to a door that no call-back has reached."""
    said = [fact for fact in facts if fact.by_call]
    for fact in said:
        if fact.fresh and not fact.has_phone:
            yield _flag(
                "never_called",
                fact,
                Sentence("记的是打电话确认，可这一户老人和家属都没有留电话"),
            )
    for mine in _by_volunteer(fact for fact in said if fact.has_phone and fact.word is not None and not fact.called):
        for household in sorted({fact.household for fact in mine if fact.household is not None}):
            there = [fact for fact in mine if fact.household == household]
            newest = _newest(there)
            if newest is not None and len(there) >= CALLS_LEAST:
                yield _flag(
                    "never_called",
                    newest,
                    Sentence("近四周 %(count)s 次都只凭一个人说打过电话，这一户从来没有回访到过", count=len(there)),
                    f"h{household}",
                )


def against_family(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag what was put on record although the family had objected."""
    for fact in facts:
        if fact.fresh and fact.doubted:
            yield _flag(
                "against_family",
                fact,
                Sentence("家属说过这一次不对，后来还是确认入账了，请另一个人再问一遍家属"),
            )


def own_number(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a door whose number was lately changed by whoever typed the service in or confirmed it: a call may reach nobody else."""
    for mine in _by_volunteer(fact for fact in facts if fact.own_number):
        if (newest := _newest(mine)) is not None:
            yield _flag(
                "own_number",
                newest,
                Sentence("老人的电话最近是录入或确认这次服务的人自己改的，请用别的办法联系老人核对"),
                f"h{newest.household}",
            )


def far_from_door(facts: Sequence[Fact]) -> Iterator[Flag]:
    """Flag a sign-in whose phone was farther from the door than it can be mistaken."""
    for fact in facts:
        if fact.fresh and fact.off is not None and fact.off[0] > FAR_METRES + fact.off[1]:
            metres, sure = fact.off
            yield _flag(
                "far_from_door",
                fact,
                Sentence("签到时手机离门约 %(metres)s 米，误差 %(sure)s 米", metres=metres, sure=sure),
            )


RULES: tuple[Rule, ...] = (
    overlap,
    impossible_travel,
    odd_length,
    long_day,
    night_hours,
    round_numbers,
    same_pair,
    often_by_hand,
    own_family,
    one_phone,
    office_phone,
    one_enterer,
    own_people,
    never_called,
    against_family,
    own_number,
    far_from_door,
)


def flags(facts: Sequence[Fact]) -> list[Flag]:
    """Return every flag of a week's facts, rule by rule."""
    return [flag for rule in RULES for flag in rule(facts)]
