"""What pages say of the kitchen: for which days it has closed, and what becomes of a box that comes or falls away after that."""

from collections.abc import Iterable
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from timebank import clock
from timebank.elders.models import Household
from timebank.places.models import Canteen
from timebank.sentences import Sentence
from timebank.visits import registers
from timebank.visits.actions import kitchen
from timebank.visits.models import LateMeal, Visit
from timebank.visits.views import cards
from timebank.web import joined, listed, voiced


def closed_for(canteen: Canteen | None) -> list[date]:
    """Return the days the kitchen has closed for already; there are never more than two."""
    days = (clock.today(), clock.today() + timedelta(days=1))
    return [day for day in days if kitchen.is_late(canteen, day)]


def ordering(canteen: Canteen | None, *, family: bool = False) -> str:
    """Return what must be done for a meal on a day the kitchen has closed for; nothing where there is no kitchen."""
    days = closed_for(canteen)
    if canteen is None:
        return ""
    closes = clock.hhmm(canteen.closes)
    names = listed(_near(day) for day in days)
    if family:
        return str(_("食堂前一天 %(time)s 截单，%(days)s的已经截了。急着要，请打电话给服务站。", time=closes, days=names))
    return str(
        _(
            "食堂前一天 %(time)s 截单，%(days)s的已经截了：再加要打电话给食堂%(phone)s。",
            time=closes,
            days=names,
            phone=_of(canteen),
        )
        if days
        else _("食堂前一天 %(time)s 截单。", time=closes)
    )


def dropping(visits: Iterable[Visit], *, fewer: Iterable[Visit] = (), family: bool = False) -> str:
    """Return what becomes of the boxes of these meals, and of one box of each of ``fewer``, if nobody eats them.

    Nothing while the kitchen has not closed for their day.
    """
    one_less = [visit for visit in fewer if _is_late(visit)]
    late = [*(visit for visit in visits if _is_late(visit)), *one_less]
    if not late:
        return ""
    canteen = late[0].canteen
    closes = clock.hhmm(canteen.closes) if canteen else ""
    counted: dict[date, int] = {}
    for visit in late:
        counted[_day(visit)] = counted.get(_day(visit), 0) + (1 if visit in one_less else visit.boxes)
    boxes = listed(_counted(day, count) for day, count in sorted(counted.items()))
    if family:
        return str(_("食堂 %(time)s 已截单：%(boxes)s还是会做。不用了也请照样点，服务站和食堂定这份给谁。", time=closes, boxes=boxes))
    return str(_("食堂 %(time)s 已截单：%(boxes)s还是会做。不用了就要定：留给谁、带回食堂、扔掉，还是由食堂定。", time=closes, boxes=boxes))


def _is_late(visit: Visit) -> bool:
    """Say whether the kitchen has closed for a meal that is still to be eaten."""
    return kitchen.is_late(visit.canteen, _day(visit)) and clock.now() < clock.at(_day(visit), visit.window_to)


def _day(visit: Visit) -> date:
    """Return the day of a meal."""
    return visit.day or visit.occurrence


def noted(home: Household | None) -> str:
    """Return what is still to be settled with the kitchen for a door, for the sentence after a form."""
    waits = registers.late_meals(home.community_id, home) if home is not None else []
    return joined(line(each) for each in waits)


def line(late: LateMeal) -> str:
    """Return one late change: more boxes are telephoned, fewer are settled."""
    closes = clock.hhmm(late.canteen.closes)
    boxes = _counted(late.day, abs(late.boxes))
    if late.boxes > 0:
        return str(_("食堂 %(time)s 已截单：%(boxes)s要打电话告诉食堂%(phone)s。", time=closes, boxes=boxes, phone=_of(late.canteen)))
    return str(_("食堂 %(time)s 已截单：%(boxes)s多出来了，请定怎么处理。", time=closes, boxes=boxes))


def _of(canteen: Canteen) -> str:
    """Return the telephone of a kitchen, as it stands behind its name."""
    return voiced(Sentence.of("behind a name", "（%(phone)s）", phone=canteen.phone)) if canteen.phone else ""


def _counted(day: date, boxes: int) -> str:
    """Return how many boxes of which day."""
    count = ngettext("%(boxes)s 份", "%(boxes)s 份", boxes, boxes=boxes)
    return str(_("%(day)s %(boxes)s", day=_near(day), boxes=count))


def _near(day: date) -> str:
    """Return today and tomorrow by name, another day by its date."""
    near = {0: voiced(Sentence.of("visits", "今天")), 1: voiced(Sentence.of("visits", "明天"))}
    return near.get((day - clock.today()).days) or cards.date_words(day)
