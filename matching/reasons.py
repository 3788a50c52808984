"""The words of the engine: every hard rule, goal, reason and fix has one name, one Chinese and one English sentence.

A sentence is a template and fields. The engine fills in ids; a page that wants names of people calls `say` with
its own `names`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

MANY = 3
DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Names = Callable[[str, str], str]
Fields = Mapping[str, object]


class Words(NamedTuple):
    """One sentence in both languages, with fields in braces."""

    zh: str
    en: str


RULES: dict[str, Words] = {
    "window_volunteer": Words(
        "{volunteer} 在{day} {start}-{end} 的空闲时段内不够往返：需要 {leave} 出门、{home} 到家。",
        "{volunteer} would leave home at {leave} and be back at {home}, outside the free time {start}-{end} on {day}.",
    ),
    "travel_time": Words(
        "{volunteer} 在{day}来不及：{at} 的下一站最早 {earliest} 才能到。",
        "{volunteer} cannot be at the stop of {at} on {day} before {earliest}.",
    ),
    "day": Words("{visit} 不能排在{day}：这一天不在约定的日子里。", "{visit} may not be on {day}: it is not one of its days."),
    "window_visit": Words(
        "{visit} 在 {at} 开始、{end} 结束，超出约定时间 {start}-{until}。",
        "{visit} lasts from {at} to {end}, outside its window {start}-{until}.",
    ),
    "skill": Words("{who} 不具备 {visit} 所需的技能（{skills}）。", "{who} lacks the skills that {visit} needs ({skills})."),
    "gender": Words("{visit} 对上门人员有性别要求，{who} 不符合。", "{visit} asks for a gender that {who} does not meet."),
    "excluded": Words(
        "{visit} 不由 {volunteer} 上门：这位老人或服务站说过不要。",
        "{volunteer} is not to come for {visit}: the elder or the office has said so.",
    ),
    "radius": Words(
        "{visit} 离 {volunteer} 家 {metres} 米，超过其愿意的 {radius} 米。",
        "{visit} is {metres} metres from the home of {volunteer}, beyond the {radius} metres agreed.",
    ),
    "pickup": Words(
        "{volunteer} 在{day}取餐有误（{visit}）：须先在所属食堂供餐时间内取餐，取到的每一份都要送到。",
        "{volunteer} has a faulty pick-up on {day} ({visit}): each meal is picked up once, at its canteen while it hands out, "
        "before the door, and every box aboard is delivered.",
    ),
    "boxes": Words(
        "{volunteer} 在{day} {at} 手上有 {aboard} 份餐，最多只能带 {boxes} 份。",
        "{volunteer} would carry {aboard} boxes at {at} on {day}, at most {boxes} are possible.",
    ),
    "trips": Words(
        "{volunteer} 在{day}取餐 {count} 次，一个时段最多 {trips} 次。",
        "{volunteer} has {count} pick-ups in one window on {day}, at most {trips} are agreed.",
    ),
    "hot": Words(
        "{visit} 的餐从取到送达要 {minutes} 分钟，超过保温时限 {hot} 分钟。",
        "The meal of {visit} is {minutes} minutes on the way, longer than the {hot} minutes it stays hot.",
    ),
    "crew": Words(
        "{visit} 需要 {crew} 位不同的志愿者同一天同一时间到场。",
        "{visit} needs {crew} different volunteers on the same day at the same time.",
    ),
    "at_once": Words(
        "{elder} 家同一时间只能有一次上门：{visit} 和 {other} 的时间重叠了。",
        "Only one visit at a time is possible at the door of {elder}: {visit} and {other} overlap.",
    ),
    "apart_people": Words(
        "{visit} 和 {other} 要由不同的人上门，现在都是 {volunteer}。",
        "{visit} and {other} are to be made by different people, but {volunteer} makes both.",
    ),
    "apart_gap": Words(
        "{visit} 和 {other} 之间隔了 {minutes} 分钟，应当{wanted}。",
        "There are {minutes} minutes between {visit} and {other}; there should be {wanted}.",
    ),
    "once": Words("{visit} 被安排了不止一次。", "{visit} is served more than once."),
    "max_day": Words(
        "{volunteer} 在{day}的工时 {work} 分钟超过上限 {ceiling} 分钟。",
        "{volunteer} would work {work} minutes on {day}, over the ceiling of {ceiling}.",
    ),
    "max_week": Words(
        "{volunteer} 本周的工时 {work} 分钟超过上限 {ceiling} 分钟。",
        "{volunteer} would work {work} minutes this week, over the ceiling of {ceiling}.",
    ),
    "pin": Words(
        "{visit} 已锁定，必须按锁定的人员、日子和时间安排；能安排时不能空着。",
        "{visit} is pinned: it must be served by the pinned people on the pinned day and minute, and not be left out "
        "while that is possible.",
    ),
    "touched": Words(
        "有 {count} 位志愿者的安排被改动，最多允许 {most} 位。",
        "{count} volunteers have their week changed, at most {most} are allowed.",
    ),
    "from": Words(
        "{volunteer} 在{day} {at} 的一站早于重排起点，只有锁定的上门可以。",
        "{volunteer} has a stop at {at} on {day}, before the moment this plan starts from; only pinned ones may stand there.",
    ),
}

AUDIT: dict[str, Words] = {
    "status": Words("状态写的是 {stated}，但得分与上界不支持。", "The status says {stated}, which score and bound do not bear out."),
    "score": Words("得分 {goal} 写的是 {stated}，实际是 {real}。", "The score states {goal} as {stated}, but it is {real}."),
    "bound": Words("上界 {stated} 低于已服务的权重 {real}。", "The bound of {stated} is below the served weight of {real}."),
    "unserved": Words(
        "{visit} 在未安排清单里应当恰好出现一次，而且只列未安排的。",
        "{visit} must stand in the list of unserved visits exactly once if it is unserved, and not at all otherwise.",
    ),
    "reason": Words("{visit} 的原因写的是 {stated}，实际是 {real}。", "The reason of {visit} is given as {stated}, but it is {real}."),
    "fix": Words(
        "{visit} 的建议改动不成立：改了也排不进，或者改得比需要的多。",
        "The fix of {visit} does not hold: it does not let the visit in, or it changes more than needed.",
    ),
}

GOALS: dict[str, Words] = {
    "pins": Words("锁定的安排优先保住。", "Pinned visits are kept first."),
    "served_weight": Words("先让更多、更要紧的求助得到服务。", "More, and more urgent, visits are served before anything else."),
    "travel": Words("少走路：往返与途中的分钟数。", "Less travel: minutes from home to home."),
    "new_face": Words("尽量由熟面孔上门。", "Elders see familiar faces."),
    "fairness": Words("大家分担得均匀，不让少数人过劳。", "Work is shared, so that nobody is worn out."),
    "touched": Words("重排时尽量少打扰人。", "A new plan changes as few people's weeks as possible."),
}

REASONS: dict[str, Words] = {
    "pin": Words("已锁定，但锁定的人员、日子或时间无法成立", "it is pinned, and the pin cannot hold"),
    "no_skill": Words("具备所需技能（{skills}）的志愿者不够", "not enough volunteers have the skills it needs ({skills})"),
    "not_allowed": Words(
        "有技能的 {who} 因老人谢绝、性别要求或路程太远不能上门",
        "{who} would have the skills, but are excluded, of the wrong gender or too far away",
    ),
    "no_window": Words("能上门的 {who} 这些日子没有合适的空闲时段", "no free time of {who} fits its days and window"),
    "canteen": Words(
        "能上门的 {who} 赶不上取餐、保温、份数或取餐次数的限制",
        "{who} cannot meet the pick-up, hot-food, box or trip limits of its canteen",
    ),
    "ceiling": Words("能上门的 {who} 排入后会超出工时上限", "{who} could come, but would be over the day's or week's ceiling"),
    "taken": Words(
        "能上门的 {who} 那时已在别处服务，或再加会超出工时上限",
        "{who} could come, but are with others at the time or would be over a ceiling with it",
    ),
    "search": Words("仍可排入，求解没有做完", "it could still be inserted; the search was not finished"),
}
REASONS_OF_CREW: dict[str, Words] = {
    "not_allowed": Words(
        "凑不齐两人：有技能的 {who} 因老人谢绝、性别要求或路程太远不能上门",
        "no two can come: {who} would have the skills, but are excluded, of the wrong gender or too far away",
    ),
    "no_window": Words("能上门的 {who} 中，这些日子没有两人同时有空", "no two of {who} are free together within its days and window"),
    "ceiling": Words(
        "能上门的 {who} 两人一组排入后，总有人超出工时上限",
        "{who} could come in twos, but somebody of each two would be over the day's or week's ceiling",
    ),
    "taken": Words(
        "能上门的 {who} 那时凑不齐两人：已在别处服务，或再加会超出工时上限",
        "no two of {who} can come together: they are with others at the time or would be over a ceiling with it",
    ),
}
TAKEN_OR_TOUCHED = Words(
    "能上门的 {who} 那时已有别的安排，或再加会超出工时上限、改动太多人的安排",
    "{who} could come, but are with others at the time, or would be over a ceiling or one person too many to be touched",
)

TAKEN_OR_APART = Words(
    "能上门的 {who} 那时已在别处服务，再加会超出工时上限，或者与 {others} 隔不开",
    "{who} could come, but are with others at the time, would be over a ceiling, or it would not be as far apart from {others} as it is to be",
)

FIXES: dict[str, Words] = {
    "volunteer.max_day": Words(
        "若把 {volunteer} 每天的工时上限从 {old} 提高到 {new} 分钟即可安排",
        "it fits if the day's ceiling of {volunteer} goes from {old} to {new} minutes",
    ),
    "volunteer.max_week": Words(
        "若把 {volunteer} 每周的工时上限从 {old} 提高到 {new} 分钟即可安排",
        "it fits if the week's ceiling of {volunteer} goes from {old} to {new} minutes",
    ),
    "visit.window": Words("若把上门时间从 {old} 改为 {new} 即可安排", "it fits if its window goes from {old} to {new}"),
    "volunteer.window": Words(
        "若 {volunteer} {old} 的空闲时段放宽到 {new} 即可安排", "it fits if the free time of {volunteer} goes from {old} to {new}"
    ),
    "volunteer.window.more": Words("若 {volunteer} {new} 也有空即可安排", "it fits if {volunteer} is also free on {new}"),
    "visit.days": Words("若也可以在{new}上门即可安排", "it fits if it may also be on {new}"),
    "volunteer.radius": Words(
        "若 {volunteer} 愿意把服务距离从 {old} 米放宽到 {new} 米即可安排",
        "it fits if {volunteer} goes as far as {new} metres instead of {old}",
    ),
    "volunteer.skills": Words("若 {volunteer} 学会 {new} 即可安排", "it fits if {volunteer} is trained in {new}"),
    "canteen.hot": Words(
        "若 {canteen} 的保温时限从 {old} 放宽到 {new} 分钟即可安排", "it fits if meals of {canteen} may take {new} minutes instead of {old}"
    ),
    "recruit": Words(
        "若在 {place} 附近招募 {count} 位{new} 有空的志愿者（技能：{skills}{more}）即可安排",
        "it fits if {count} more volunteer(s) near {place} are free on {new} (skills: {skills}{more})",
    ),
    "visit.crew": Words("若改为 {new} 人上门即可安排", "it fits if a crew of {new} may come"),
}
NO_FIX = Words("没有一项单独的改动能解决", "no single change would help")
UNSERVED = Words("{visit} 未能安排：{reason}；{fix}。", "{visit} is not served: {reason}; {fix}.")
UNSERVED_PLAIN = Words("{visit} 未能安排：{reason}。", "{visit} is not served: {reason}.")

ADVICE = Words(
    "在 {place} 附近招募 1 位{window} 有空的志愿者（技能：{skills}{more}），估计可以多服务 {count} 次上门（权重 {weight}）。",
    "One more volunteer near {place}, free on {window} (skills: {skills}{more}), would serve an estimated {count} more visits "
    "(weight {weight}).",
)
ADVICE_CHECKED = Words(
    f"{ADVICE.zh[:-1]}；带上这位志愿者重新求解，多服务的权重为 {{gain}}。",
    f"{ADVICE.en[:-1]}; solved again with them, {{gain}} more weight is served.",
)
TERMS: dict[str, Words] = {
    "F": Words("女性", "a woman"),
    "M": Words("男性", "a man"),
    "mode": Words("出行方式 {mode}", "by {mode}"),
    "boxes": Words("能带 {boxes} 份餐", "carrying {boxes} boxes"),
}

WHY: dict[str, Words] = {  # the strongest first
    "pinned": Words("这次上门已锁定给您", "this visit is pinned to you"),
    "preferred": Words("{elder} 点名希望由您上门", "{elder} asked for you"),
    "known": Words("您以前去过 {elder} 家，是熟面孔", "you have been to {elder} before"),
    "meets": Words("您本周还会去 {elder} 家", "you go to {elder} this week anyway"),
    "only_skill": Words("只有您会 {skills}", "only you can do {skills}"),
    "only": Words("能上门的只有您", "only you can come at all"),
    "few": Words("能上门的只有 {count} 位", "only {count} can come at all"),
    "alone": Words("那时只有您抽得出身", "nobody else is free for it"),
    "nearest": Words(
        "那时抽得出身的 {count} 位里您住得最近，离您家直线约 {metres} 米",
        "of the {count} who are free for it nobody lives nearer than you, about {metres} metres as the crow flies",
    ),
    "least_way": Words(
        "顺路，只多 {minutes} 分钟路程，换别人去不会更少",
        "it is on your way, {minutes} minutes more, and nobody else who is free would travel less",
    ),
    "fair": Words(
        "那时抽得出身的人里您本周排得最轻：上限 {ceiling} 分钟，已排 {work} 分钟",
        "of those who are free you have the lightest week: {work} of {ceiling} minutes",
    ),
    "skill": Words("您会 {skills}", "you can do {skills}"),
    "near": Words("离您家直线约 {metres} 米", "it is about {metres} metres from your home as the crow flies"),
    "on_the_way": Words("去一趟多 {minutes} 分钟路程", "it takes you {minutes} minutes more on the way"),
    "free": Words("{day} {start}-{end} 您有空", "you are free on {day} from {start} to {end}"),
    "load": Words("您本周其余已排 {work} 分钟，上限 {ceiling} 分钟", "you have {work} of {ceiling} minutes this week besides"),
}

_CLOCKS = {"at", "start", "end", "until", "leave", "home", "earliest"}
_NAMED = {"volunteer", "visit", "elder", "canteen", "place"}


def reason_words(reason: str, *, crew: int = 1, few_touched: bool = False, tied: bool = False) -> Words:
    """Give the sentence of a reason: for a crew of two, for a visit with ties, and where few people may be touched, it is another one.

    Parameters
    ----------
    reason : str
        The reason's name, as contract section 5 lists them.
    crew : int
        How many come to the visit.
    few_touched : bool
        Whether the week limits how many people may be touched.
    tied : bool
        Whether the visit is to be kept apart from others.

    Returns
    -------
    Words
        The template with fields `who`, `skills` and, for a visit with ties that is `taken`, `others`.
    """
    if reason == "taken" and tied:
        return TAKEN_OR_APART
    if reason == "taken" and few_touched:
        return TAKEN_OR_TOUCHED
    return (REASONS_OF_CREW if crew > 1 else REASONS).get(reason, REASONS[reason])


def ids(_kind: str, name: str) -> str:
    """Name a thing by its id."""
    return name


def clock(minute: int) -> str:
    """Write a minute of the day as a clock shows it; minutes after midnight go on past 24:00."""
    sign = "-" if minute < 0 else ""
    return f"{sign}{abs(minute) // 60:02d}:{abs(minute) % 60:02d}"


def span(window: object) -> Words:
    """Write a window, with its day in front if it has one."""
    *day, start, end = window if isinstance(window, list | tuple) else ()
    hours = f"{clock(start)}-{clock(end)}"
    return Words(f"{DAYS_ZH[day[0]]} {hours}", f"{DAYS_EN[day[0]]} {hours}") if day else Words(hours, hours)


def gap(least: int, most: int | None) -> Words:
    """Write how many minutes are to be between two visits."""
    if most is None:
        return Words(f"至少隔 {least} 分钟", f"at least {least}")
    return Words(f"隔 {least} 到 {most} 分钟", f"between {least} and {most}")


def days(numbers: Iterable[int]) -> Words:
    """Write a list of days."""
    found = list(numbers)
    return Words("、".join(DAYS_ZH[day] for day in found), ", ".join(DAYS_EN[day] for day in found))


def more_terms(*, gender: object = None, mode: object = None, boxes: object = None) -> Words:
    """Write what is asked of somebody new besides skills, to follow these; nothing where nothing more is asked."""
    asked = [(str(gender), gender), ("mode", mode), ("boxes", boxes)]
    words = [say(TERMS[key], {key: value}) for key, value in asked if value is not None]
    return Words("".join(f"；{one.zh}" for one in words), "".join(f"; {one.en}" for one in words))


def listed(words: Iterable[str]) -> Words:
    """Write a list of words."""
    found = list(words)
    return Words("、".join(found), ", ".join(found))


def people(who: Iterable[str], names: Names, *, zh: bool) -> str:
    """Name the first few people and count the rest."""
    found = [names("volunteer", one) for one in who]
    if not found:
        return "志愿者" if zh else "the volunteers"
    shown = ("、" if zh else ", ").join(found[:MANY])
    if len(found) <= MANY:
        return shown
    return f"{shown} 等 {len(found)} 人" if zh else f"{shown} and {len(found) - MANY} more"


def say(words: Words, fields: Fields, names: Names = ids) -> Words:
    """Fill in a sentence.

    Parameters
    ----------
    words : Words
        The sentence with fields in braces.
    fields : mapping
        Ids, days (0 = Monday), minutes and numbers by field name.
    names : callable
        Gives the name of a thing from its kind ("volunteer", "visit", "elder", "canteen", "place") and its id.

    Returns
    -------
    Words
        The sentence in both languages.
    """
    zh = {key: _written(key, value, names, zh=True) for key, value in fields.items()}
    en = {key: _written(key, value, names, zh=False) for key, value in fields.items()}
    return Words(words.zh.format(**zh), words.en.format(**en))


def _written(key: str, value: object, names: Names, *, zh: bool) -> str:
    if key == "who" and isinstance(value, list | tuple):
        return people(value, names, zh=zh)
    if key == "skills" and isinstance(value, list | tuple):
        return ("、" if zh else ", ").join(map(str, value)) or ("不限" if zh else "none")
    if key == "other":
        return names("visit", str(value))
    if key == "others" and isinstance(value, list | tuple):
        return ("、" if zh else ", ").join(names("visit", one) for one in value)
    if key in _NAMED and value is not None:
        return names(key, str(value))
    if isinstance(value, int) and key == "day":
        return (DAYS_ZH if zh else DAYS_EN)[value]
    if isinstance(value, int) and key in _CLOCKS:
        return clock(value)
    if isinstance(value, Words):
        return value.zh if zh else value.en
    return str(value)
