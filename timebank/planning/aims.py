"""The four goals of a week's plan in the reader's words: their positions, their figures, and figures side by side."""

from collections.abc import Callable

from flask_babel import gettext as _

from timebank.hours import hours_text
from timebank.planning import goals
from timebank.planning.measuring import Measures
from timebank.web import listed


def scale(name: str) -> list[str]:
    """Return the four positions of a slider in words."""
    return {
        "reach": [_("要紧的先排"), _("照平常"), _("多照顾几户"), _("先让户户有人去")],
        "faces": [_("谁去都行"), _("照平常"), _("多请熟人"), _("尽量都是熟人")],
        "ways": [_("远点没关系"), _("照平常"), _("少走路"), _("走得越短越好")],
        "share": [_("能者多劳"), _("照平常"), _("匀一点"), _("尽量一样多")],
    }[name]


def title(name: str) -> str:
    """Return what a slider is called."""
    words: dict[str, str] = {"reach": _("照顾到更多人"), "faces": _("请熟面孔"), "ways": _("路短"), "share": _("轻重均匀")}
    return words[name]


def figure(name: str, found: Measures) -> str:
    """Return the figure a slider is about."""
    if name == "reach":
        return str(_("%(homes)s / %(all)s 户有人去", homes=found["homes"], all=found["homes_needed"]))
    if name == "faces":
        return str(_("%(share)s %% 是熟面孔", share=percent_of(found["familiar"], found["stops"])))
    if name == "ways":
        return str(_("路上 %(hours)s 小时", hours=hours_text(found["travel"])))
    return str(_("最忙的人 %(hours)s 小时", hours=hours_text(found["busiest"])))


def percent_of(part: int, whole: int) -> int:
    """Return a share in whole percent; it is only a hundred when it is."""
    return 100 * part // whole if whole else 0


def in_words(said: dict[str, int]) -> str:
    """Return what a run cared for more or less than usual, in words."""
    at = goals.levels(said)
    return listed(scale(name)[at[name]] for name in goals.NAMES if at[name] != goals.USUAL) or _("照平常")


def figures_beside(found: list[Measures | None]) -> list[dict[str, object]]:
    """Return the rows of figures of things that stand side by side; what nobody measured is a dash."""
    rows: list[tuple[str, Callable[[Measures], str]]] = [
        (_("排上的"), lambda one: _("%(served)s / %(needed)s 件", served=one["visits"], needed=one["visits_needed"])),
        (_("有人去的户"), lambda one: _("%(homes)s / %(all)s 户", homes=one["homes"], all=one["homes_needed"])),
        (_("熟面孔占多少"), lambda one: f"{percent_of(one['familiar'], one['stops'])} %"),
        (_("路上一共"), lambda one: _("%(hours)s 小时", hours=hours_text(one["travel"]))),
        (_("最忙的人"), lambda one: _("%(hours)s 小时", hours=hours_text(one["busiest"]))),
        (_("有活的人"), lambda one: _("%(people)s 人", people=one["people"])),
    ]
    return [{"label": label, "values": [say(one) if one else "—" for one in found]} for label, say in rows] if any(found) else []
