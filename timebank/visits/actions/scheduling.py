"""Accepted requests become the dated visits of a week; scheduling a week twice makes nothing twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from timebank import audit, clock
from timebank.db import db
from timebank.elders.models import Elder, ElderState, Household
from timebank.places.models import CalendarDay, Canteen, DayKind
from timebank.visits.actions import kitchen
from timebank.visits.models import HelpRequest, Pattern, RequestState, Visit, VisitState

WEEK = 7
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of a week or a longer span: Monday to Friday, but for what the calendar table says."""

    special: dict[date, DayKind]

    def works(self, day: date) -> bool:
        """Say whether a day is a working day."""
        kind = self.special.get(day)
        return kind is DayKind.WORK or (kind is None and day.weekday() <= FRIDAY)


def calendar_of(monday: date) -> Calendar:
    """Return the calendar of a week."""
    return calendar_between(monday, monday + timedelta(days=WEEK - 1))


def calendar_between(first: date, last: date) -> Calendar:
    """Return the calendar of a span of days, both ends with it."""
    rows = db.session.scalars(select(CalendarDay).where(CalendarDay.day >= first, CalendarDay.day <= last))
    return Calendar({row.day: row.kind for row in rows})


def schedule_week(community_id: int, monday: date) -> list[Visit]:
    """Make the visits of a week that are not there yet and return them."""
    calendar = calendar_of(monday)
    canteen = canteen_of(community_id)
    there = _there(community_id, monday)
    wanted = requests_of_week(community_id, monday)
    return _put_in([visit for request in wanted for visit in _missing(request, monday, calendar, canteen, there)], monday)


def schedule_request(request: HelpRequest) -> list[Visit]:
    """Make the visits of one need in the weeks that are open already, so that they are seen there at once; return them."""
    made: list[Visit] = []
    for monday in open_weeks(request.community_id):
        if request in requests_of_week(request.community_id, monday):
            there = _there(request.community_id, monday)
            made += _put_in(list(_missing(request, monday, calendar_of(monday), canteen_of(request.community_id), there)), monday)
    return made


def _there(community_id: int, monday: date) -> set[tuple[int, date]]:
    """Return the (request, occurrence) of a week that have their visit already, whatever became of it."""
    of_week = (Visit.community_id == community_id, Visit.occurrence >= monday, Visit.occurrence < monday + timedelta(days=WEEK))
    return {(request, occurrence) for request, occurrence in db.session.execute(select(Visit.request_id, Visit.occurrence).where(*of_week))}


def _put_in(made: list[Visit], monday: date) -> list[Visit]:
    """Store new visits of a week; a meal that comes after the kitchen has closed is noted for it."""
    db.session.add_all(made)
    db.session.flush()
    for visit in made:
        db.session.expire(visit.request, ["visits"])
        kitchen.note_change(visit, visit.boxes)
    if made:
        audit.record("schedule_week", "community", made[0].community_id, week=monday.isoformat(), visits=len(made))
    return made


def open_weeks(community_id: int) -> list[date]:
    """Return the Mondays of the weeks from this one on that hold visits already."""
    rows = select(Visit.week).where(Visit.community_id == community_id, Visit.week >= clock.monday_of(clock.today())).distinct()
    return sorted(db.session.scalars(rows))


def canteen_of(community_id: int) -> Canteen | None:
    """Return the canteen that a community's meals come from."""
    return db.session.scalars(select(Canteen).where(Canteen.community_id == community_id).order_by(Canteen.id)).first()


def requests_of_week(community_id: int, monday: date) -> list[HelpRequest]:
    """Return the accepted requests that reach into a week, with whom they are for; those asked for once with their visits."""
    sunday = monday + timedelta(days=WEEK - 1)
    found = list(
        db.session.scalars(
            select(HelpRequest)
            .where(
                HelpRequest.community_id == community_id,
                HelpRequest.state == RequestState.ACCEPTED,
                HelpRequest.first_day <= sunday,
                (HelpRequest.last_day.is_(None)) | (HelpRequest.last_day >= monday),
            )
            .options(
                selectinload(HelpRequest.kind),
                selectinload(HelpRequest.elder).selectinload(Elder.pauses),
                selectinload(HelpRequest.household).selectinload(Household.elders).selectinload(Elder.pauses),
            )
            .order_by(HelpRequest.id)
        )
    )
    once = [each.id for each in found if each.pattern is Pattern.ONCE]
    db.session.scalars(select(HelpRequest).where(HelpRequest.id.in_(once)).options(selectinload(HelpRequest.visits))).all()
    return found


def lacks_visits(community_id: int, monday: date) -> bool:
    """Say whether scheduling a week would make any visit."""
    calendar, there = calendar_of(monday), _there(community_id, monday)
    return any(any(_not_there(request, monday, calendar, there)) for request in requests_of_week(community_id, monday))


def _missing(
    request: HelpRequest, monday: date, calendar: Calendar, canteen: Canteen | None, there: set[tuple[int, date]]
) -> Iterator[Visit]:
    """Yield the visits a request still needs in a week."""
    return (_visit(request, monday, occurrence, days, canteen) for occurrence, days in _not_there(request, monday, calendar, there))


def _not_there(request: HelpRequest, monday: date, calendar: Calendar, there: set[tuple[int, date]]) -> Iterator[tuple[date, list[date]]]:
    """Yield the occurrences without a visit; in the middle of a week, none whose last day is past: nobody could go any more."""
    begun = monday == clock.monday_of(clock.today())
    for occurrence, days in occurrences(request, monday, calendar):
        if (request.id, occurrence) not in there and not (begun and days[-1] < clock.today()):
            yield occurrence, days


def occurrences(request: HelpRequest, monday: date, calendar: Calendar) -> Iterator[tuple[date, list[date]]]:
    """Yield each occurrence of a request in a week: the date that names it and the days it may fall on."""
    week = [monday + timedelta(days=offset) for offset in range(WEEK)]
    fits = [day for day in week if _fits(request, day, calendar)]
    if request.pattern is Pattern.ONCE:
        wished = [day for day in fits if day.isoformat() in request.dates]
        if wished and not any(_still_counts(visit) for visit in request.visits if visit.week != monday):
            yield wished[0], wished
        return
    if (monday - clock.monday_of(request.first_day)).days // WEEK % request.every_weeks:
        return
    wished = [day for day in fits if day.weekday() in request.weekdays]
    if request.pattern is Pattern.EACH_DAY:
        yield from ((day, [day]) for day in wished)
    elif wished:
        yield monday, wished


def _still_counts(visit: Visit) -> bool:
    """Say whether a visit of another week stands for a one-time request: it was planned or served, or may still be."""
    lapsed = visit.state is VisitState.OPEN and date.fromisoformat(visit.days[-1]) < clock.today()
    return not lapsed and visit.state not in {VisitState.CANCELLED, VisitState.FAILED}


def _fits(request: HelpRequest, day: date, calendar: Calendar) -> bool:
    """Say whether a request wants somebody on a day: inside its span, a working day where it must be, nobody paused."""
    inside = request.first_day <= day and (request.last_day is None or day <= request.last_day)
    works = calendar.works(day) or not request.kind.workdays_only
    return inside and works and request.household is not None and any(_present(each, day) for each in served_by(request))


def at_home(household: Household, elder: Elder | None, day: date) -> bool:
    """Say whether anybody a visit is for is there on a day: not moved away, not deceased, not paused."""
    who = [elder] if elder is not None else household.elders
    return any(_present(each, day) for each in who)


def is_wanted(visit: Visit, day: date) -> bool:
    """Say whether anybody a visit is for, and for a shared meal anybody who eats it, is at home on a day."""
    request = visit.request
    if request.household is None:
        return False
    return any(_present(each, day) for each in served_by(request))


def served_by(request: HelpRequest) -> list[Elder]:
    """Return whom a need is for: one elder, those who share a meal, else everybody behind the door."""
    if request.elder is not None:
        return [request.elder]
    home = request.household.elders if request.household else []
    named = [each for each in home if each.id in request.eaters]
    return named or list(home)


def eaters_on(request: HelpRequest, day: date) -> list[Elder]:
    """Return whom a need is for on a day, as far as they are at home."""
    return [each for each in served_by(request) if _present(each, day)]


def boxes_on(request: HelpRequest, day: date) -> int:
    """Return how many boxes a need takes on a day: one a head that is at home, never more than were asked for."""
    people = served_by(request)
    absent = sum(1 for each in people if not _present(each, day))
    spare = max(0, len(people) - request.boxes)
    return max(0, request.boxes - max(0, absent - spare))


def _present(elder: Elder, day: date) -> bool:
    """Say whether one elder is there on a day."""
    away = any(pause.first_day <= day <= pause.last_day for pause in elder.pauses)
    return elder.state is ElderState.ACTIVE and not away


def _visit(request: HelpRequest, monday: date, occurrence: date, days: list[date], canteen: Canteen | None) -> Visit:
    """Return one dated visit of a request."""
    visit = Visit(community_id=request.community_id, request_id=request.id, week=monday, occurrence=occurrence)
    say(visit, request, days, canteen)
    return visit


def say(visit: Visit, request: HelpRequest, days: list[date], canteen: Canteen | None) -> None:
    """Write into a visit what its need says now, for the days it may fall on."""
    kind = request.kind
    from_canteen = canteen if kind.from_canteen else None
    boxes = max(1, boxes_on(request, days[0])) if from_canteen else 0
    visit.household_id, visit.kind_id = request.household_id or visit.household_id, kind.id
    visit.days = [day.isoformat() for day in days]
    visit.window_from, visit.window_to = request.window_from, request.window_to
    visit.minutes, visit.crew = request.minutes or kind.minutes, kind.crew
    visit.weight = kind.weight * (boxes or 1)
    visit.gender = request.gender
    visit.canteen_id, visit.boxes = (from_canteen.id if from_canteen else None), boxes
