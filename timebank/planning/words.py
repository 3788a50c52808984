"""The words of planning for the reader: kinds in short, reasons and fixes.

Every function answers in the reader's language; the engine's own sentences come through ``naming``.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import flask_babel
from flask_babel import format_date, gettext

from matching import reasons
from timebank import clock
from timebank.catalogue.models import ServiceKind
from timebank.planning import snapshot
from timebank.planning.models import RunKind, Unserved
from timebank.planning.naming import Names
from timebank.sentences import Pair, Sentence
from timebank.visits.models import Visit
from timebank.web import joined, voiced

SHORT: dict[str, Pair] = {
    "MEAL": Sentence("送餐"),
    "MEALK": Sentence("帮厨"),
    "SHOP": Sentence("买菜"),
    "BILL": Sentence("交费"),
    "GOV": Sentence.of("planning", "代办"),
    "PARCEL": Sentence("快递"),
    "HAIR": Sentence("理发"),
    "NAIL": Sentence("剪指甲"),
    "CLEAN": Sentence("保洁"),
    "BATH": Sentence("助浴"),
    "MED": Sentence("陪诊"),
    "DRUG": Sentence("取药"),
    "WALK": Sentence("散步"),
    "VISIT": Sentence("探访"),
    "FIX": Sentence("维修"),
    "PHONE": Sentence.of("planning", "教手机"),
}
BRIEF_MINUTES = 30


def _(msgid: str, **values: object) -> str:
    """Return a sentence in the reader's language."""
    return str(gettext(msgid, **values))


def ngettext(one_of: str, many: str, number: int, /, **values: object) -> str:
    """Return a sentence about so many things in the reader's language."""
    return str(flask_babel.ngettext(one_of, many, number, **values))


def weekday(day: date) -> str:
    """Return the weekday, such as 周四."""
    return str(format_date(day, "EEE"))


def day_words(day: date) -> str:
    """Return a date with its weekday, such as 11月26日 周四."""
    return str(format_date(day, _("M月d日 EEE")))


def week_words(monday: date) -> str:
    """Return the days of a week, such as 11月23日 – 29日."""
    sunday = monday + timedelta(days=6)
    end = _("d日") if sunday.month == monday.month else _("M月d日")
    return f"{format_date(monday, _('M月d日'))} – {format_date(sunday, end)}"


def kind_words(kind: ServiceKind) -> str:
    """Return what a service kind is called."""
    return voiced(kind.words)


def short_kind(kind: ServiceKind) -> str:
    """Return the board's word for a service kind."""
    return voiced(SHORT.get(kind.code, kind.words))


def elders_of(visit: Visit) -> str:
    """Return who lives behind the door of a visit."""
    return _("、").join(each.name for each in visit.household.elders)


def address(visit: Visit) -> str:
    """Return the street address of a visit's building."""
    building = visit.household.building
    return f"{building.compound.name} {building.name}"


def span(start: int, end: int) -> str:
    """Return a stretch of time, such as 14:00–17:00."""
    return f"{clock.hhmm(start)}–{clock.hhmm(end)}"


def meals(doors: int, boxes: int) -> str:
    """Return a round in short, such as 7 户 8 份."""
    return ngettext("%(doors)s 户 %(boxes)s 份", "%(doors)s 户 %(boxes)s 份", doors, doors=doors, boxes=boxes)


def in_short(doors: int, boxes: int, minutes: int) -> str:
    """Return a round for the board, a brief one by its doors alone."""
    return meals(doors, boxes) if minutes >= BRIEF_MINUTES else ngettext("%(doors)s 户", "%(doors)s 户", doors, doors=doors)


def reason(left: Unserved, names: Names) -> str:
    """Return why a visit is not served, in one sentence with names."""
    kind = left.visit.kind
    skills = [*kind.skills, *([snapshot.INSURED] if kind.insured else [])]
    said = voiced(names.say(reasons.reason_words(left.reason, crew=left.visit.crew), {"who": left.who, "skills": skills}))
    return f"{said[:1].upper()}{said[1:]}{_('。')}"


def fix_button(left: Unserved, names: Names) -> str:
    """Return the change of a fix that is made by one click, as a button says it."""
    fix = left.fix or {}
    change = fix.get("change")
    if change == "visit.window":
        start, end = fix["window"]
        later = end > left.visit.window_to
        return _("时间放宽到 %(time)s", time=clock.hhmm(end)) if later else _("提早到 %(time)s", time=clock.hhmm(start))
    if change == "visit.days":
        added = [left.visit.week + timedelta(days=day) for day in fix["days"]]
        return _("改到%(day)s", day=weekday(next(each for each in added if each.isoformat() not in left.visit.days)))
    who = names.volunteer(str(fix.get("volunteer")))
    if change == "volunteer.window":
        day, start, end = fix["window"]
        when = f"{weekday(left.visit.week + timedelta(days=day))} {span(start, end)}"
        return _("请%(who)s %(when)s 去", who=who, when=when)
    if change == "volunteer.radius":
        return _("请%(who)s走远些，到 %(metres)s 米", who=who, metres=fix["radius"])
    return _("把%(who)s的上限放宽…", who=who)


def fix_words(left: Unserved, names: Names) -> str:
    """Return a change that is made elsewhere, in words; nothing when no single change helps."""
    fix = left.fix
    if fix is None:
        return _("没有一项单独的改动能解决。")
    asked: list[Pair] = [*names.skills(fix.get("skills", ())), *(reasons.TERMS[sex] for sex in (fix.get("gender"),) if sex)]
    skills = _("、").join(voiced(pair) for pair in asked)
    change = fix["change"]
    if change == "volunteer.skills":
        return _("%(who)s有了%(skills)s就能去。", who=names.volunteer(fix["volunteer"]), skills=skills)
    if change == "canteen.hot":
        return _("食堂的保温时间放宽到 %(minutes)s 分钟就能送。", minutes=fix["hot"])
    if change == "visit.crew":
        return _("改为 %(crew)s 人上门就能排。", crew=fix["crew"])
    if change == "recruit":
        return _(
            "附近再有 %(count)s 位%(when)s有空的志愿者就能排（%(skills)s）。",
            count=fix.get("count", 1),
            when=_when(left, fix),
            skills=skills,
        )
    return _("这一天已经过去了。")


def _when(left: Unserved, fix: dict[str, object]) -> str:
    """Return the window of a fix with its weekday."""
    window = fix["window"]
    day, start, end = window if isinstance(window, list) else (0, 0, 0)
    return f"{weekday(left.visit.week + timedelta(days=day))} {span(start, end)} "


def advice(left: Iterable[Unserved], names: Names) -> str | None:
    """Return whom to recruit first, by the weightiest visit that a newcomer would serve."""
    wanted = next((each for each in left if each.fix and each.fix["change"] == "recruit"), None)
    if wanted is None or wanted.fix is None:
        return None
    skills = _("、").join(voiced(pair) for pair in names.skills(wanted.fix["skills"]))
    return _(
        "再有 %(count)s 位%(when)s有空、有%(skills)s的志愿者，就能去%(who)s家（%(kind)s）。",
        count=wanted.fix.get("count", 1),
        when=_when(wanted, wanted.fix),
        skills=skills or _("人手"),
        who=elders_of(wanted.visit),
        kind=kind_words(wanted.visit.kind),
    )


def full_stop(sentences: Iterable[str]) -> str:
    """Return sentences one after the other, each with one full stop."""
    return joined(each.rstrip("。.") + _("。") for each in sentences)


def run_kind(kind: RunKind) -> str:
    """Return what a run was for."""
    return _("重新安排，少打扰人") if kind is RunKind.REPLAN else _("排这一周")
