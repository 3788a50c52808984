"""Accepted requests become the dated visits of a week; scheduling a week twice makes nothing twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.elders.models import Elder, ElderState, Household
from timebank.places.models import CalendarDay, Canteen, DayKind
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
    canteen = db.session.scalars(select(Canteen).where(Canteen.community_id == community_id).order_by(Canteen.id)).first()
    made = [visit for request in requests_of_week(community_id, monday) for visit in _missing(request, monday, calendar, canteen)]
    db.session.add_all(made)
    db.session.flush()
    if made:
        audit.record("schedule_week", "community", community_id, week=monday.isoformat(), visits=len(made))
    return made


def requests_of_week(community_id: int, monday: date) -> list[HelpRequest]:
    """Return the accepted requests that reach into a week."""
    sunday = monday + timedelta(days=WEEK - 1)
    return list(
        db.session.scalars(
            select(HelpRequest)
            .where(
                HelpRequest.community_id == community_id,
                HelpRequest.state == RequestState.ACCEPTED,
                HelpRequest.first_day <= sunday,
                (HelpRequest.last_day.is_(None)) | (HelpRequest.last_day >= monday),
            )
            .order_by(HelpRequest.id)
        )
    )


def _missing(request: HelpRequest, monday: date, calendar: Calendar, canteen: Canteen | None) -> Iterator[Visit]:
    """Yield the visits a request still needs in a week."""
    there = {visit.occurrence for visit in request.visits}
    for occurrence, days in occurrences(request, monday, calendar):
        if occurrence not in there:
            yield _visit(request, monday, occurrence, days, canteen)


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
    return inside and works and request.household is not None and at_home(request.household, request.elder, day)


def at_home(household: Household, elder: Elder | None, day: date) -> bool:
    """Say whether anybody a visit is for is there on a day: not moved away, not deceased, not paused."""
    who = [elder] if elder is not None else household.elders
    return any(_present(each, day) for each in who)


def _present(elder: Elder, day: date) -> bool:
    """Say whether one elder is there on a day."""
    away = any(pause.first_day <= day <= pause.last_day for pause in elder.pauses)
    return elder.state is ElderState.ACTIVE and not away


def _visit(request: HelpRequest, monday: date, occurrence: date, days: list[date], canteen: Canteen | None) -> Visit:
    """Return one dated visit of a request."""
    kind = request.kind
    from_canteen = kind.from_canteen and canteen is not None
    return Visit(
        community_id=request.community_id,
        request_id=request.id,
        household_id=request.household_id,
        kind_id=kind.id,
        occurrence=occurrence,
        week=monday,
        days=[day.isoformat() for day in days],
        window_from=request.window_from,
        window_to=request.window_to,
        minutes=request.minutes or kind.minutes,
        crew=kind.crew,
        weight=kind.weight * (request.boxes if from_canteen else 1),
        gender=request.gender,
        canteen_id=canteen.id if from_canteen and canteen else None,
        boxes=request.boxes if from_canteen else 0,
    )
