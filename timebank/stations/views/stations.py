"""服务站: the list of a community's stations with what goes on today, the page of one, a new one, its hours and services."""

from datetime import date, timedelta
from typing import Any

from babel.dates import get_day_names
from flask import flash, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.access.masking import mask_name
from timebank.errors import Invalid, wrong
from timebank.forms import args, take
from timebank.places import queries as places
from timebank.places.models import Building
from timebank.stations import figures, queries
from timebank.stations.actions import places as verbs
from timebank.stations.concern import concern_of
from timebank.stations.models import Kind, Service
from timebank.stations.schemas import DayHours, MonthArgs, ServicesForm, StationForm, YearArgs
from timebank.stations.views.shared import Errors, attempt, blueprint, choices, mine
from timebank.stations.views.waiting import waiting
from timebank.volunteers.sight import sight_of
from timebank.web import Page, Submission, found

AHEAD = timedelta(days=13)
HALVES = (("morning_from", "morning_to"), ("afternoon_from", "afternoon_to"))
MIDDAY = 720


@blueprint.get("")
def index() -> str:
    """Show the stations, the sessions of today, and what waits; to a lead what concerns their part."""
    sight = sight_of(this_user())
    if sight.is_nothing:
        return render_template("today/no_part.html", role=this_user().role)
    community_id, today = mine(), clock.today()
    rows = [(each, queries.openings(each)) for each in queries.stations(community_id)]
    shown = {"rows": [(station, hours, queries.open_now(hours)) for station, hours in rows], "services": queries.services(community_id)}
    if not sight.whole:
        concern = concern_of(community_id, sight, today, today + AHEAD)
        return render_template("stations/concern.html", **shown, part=sight.names, concern=concern, mask=mask_name, today=today)
    return render_template(
        "stations/index.html",
        **shown,
        today=queries.sessions(community_id, today, today),
        waiting=[each for each in waiting(community_id) if each[0]],
        month=figures.served(community_id, today.replace(day=1), today),
        mended=figures.mended(community_id, today.replace(day=1), today),
    )


@blueprint.get("/served")
def served() -> str:
    """Show how many were served in a month, by kind of session, persons and times apart."""
    community_id, today = mine(), clock.today()
    asked: date = args(MonthArgs())["month"] or today
    month = asked.replace(day=1)
    after = clock.next_month(month)
    last = after - timedelta(days=1)
    counted = figures.served_by_kind(community_id, month, last)
    rows = [(kind, counted.get(kind, figures.NOBODY)) for kind in Kind]
    return render_template(
        "stations/served.html",
        month=month,
        before=f"{month - timedelta(days=1):%Y-%m}",
        after=f"{after:%Y-%m}" if after <= today else None,
        rows=[(kind, row) for kind, row in rows if row.sessions],
        all=figures.served(community_id, month, last),
        mended=figures.mended(community_id, month, last),
        done=figures.checked(community_id, month, last),
    )


@blueprint.get("/year")
def year() -> str:
    """Show how many were served in each month of a year, and what each unit has held."""
    community_id, this = mine(), clock.today().year
    asked: int = args(YearArgs())["year"] or this
    months = figures.served_by_month(community_id, asked)
    return render_template(
        "stations/year.html",
        year=asked,
        before=asked - 1,
        after=asked + 1 if asked < this else None,
        all=figures.served(community_id, date(asked, 1, 1), date(asked, 12, 31)),
        months=[(date(asked, month, 1), row) for month, row in sorted(months.items())],
        units=figures.served_by_unit(community_id, asked),
    )


@blueprint.get("/<int:station_id>")
def station(station_id: int) -> str:
    """Show one station: when it is open, what it offers, what is held there, what waits to be fetched."""
    shown = found(queries.station_in(mine(), station_id))
    hours = queries.openings(shown)
    return render_template(
        "stations/station.html",
        station=shown,
        hours=hours,
        is_open=queries.open_now(hours),
        services=queries.services(mine()).get(shown.id, []),
        sessions=queries.sessions(mine(), clock.today(), clock.today() + AHEAD, shown.id),
        items=queries.items(mine(), station_id=shown.id),
        is_late=queries.is_late,
    )


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> Page:
    """Write a new station down."""
    if request.method == "GET":
        return _new_page({})

    def act(taken: Submission) -> AnyResponse:
        said = take(StationForm(), request.form)
        building = found(next((each for each in places.buildings(mine()) if each.id == said["building"]), None))
        made = verbs.add_station(mine(), verbs.Sign(name=said["name"], address=said["address"], phone=said["phone"]), building)
        flash(_("服务站登记好了。接着写开门时间和服务内容。"), "done")
        return taken.redirect(url_for(".set_up", station_id=made.id))

    return attempt(act, _new_page)


def _new_page(errors: Errors) -> str:
    """Return the form of a new station."""
    return render_template(
        "stations/station_new.html",
        buildings=[(each.id, _name(each)) for each in places.buildings(mine())],
        given=request.form,
        errors=errors,
    )


def _name(building: Building) -> str:
    """Return a building with its compound."""
    return f"{building.compound.name} {building.name}"


@blueprint.route("/<int:station_id>/hours", methods=["GET", "POST"])
def set_up(station_id: int) -> Page:
    """Say when a station is open and what it offers."""
    if request.method == "GET":
        return _hours_page(station_id, {})

    def act(taken: Submission) -> AnyResponse:
        hours = [span for weekday in range(7) for span in _spans(weekday)]
        verbs.set_up(found(queries.station_in(mine(), station_id)), hours, take(ServicesForm(), request.form)["service"])
        flash(_("开门时间和服务内容存好了。"), "done")
        return taken.redirect(url_for(".station", station_id=station_id))

    return attempt(act, lambda errors: _hours_page(station_id, errors))


def _spans(weekday: int) -> list[verbs.Hours]:
    """Return the hours of one weekday as they were typed; half a span is refused."""
    typed = MultiDict({name: request.form.get(f"d{weekday}_{name}", "") for pair in HALVES for name in pair})
    try:
        said = take(DayHours(), typed)
    except Invalid as error:
        raise wrong(f"d{weekday}", error.words) from error
    spans = []
    for first, last in HALVES:
        start, end = said[first], said[last]
        if (start is None) != (end is None):
            raise wrong(f"d{weekday}", "开门和关门都要填，或者都空着。")
        if start is not None and end is not None:
            spans.append((weekday, start, end))
    return spans


def _hours_page(station_id: int, errors: Errors) -> str:
    """Return the form of a station's hours and services."""
    shown = found(queries.station_in(mine(), station_id))
    return render_template(
        "stations/station_hours.html",
        station=shown,
        weekdays=[get_day_names("abbreviated", locale=get_locale())[day] for day in range(7)],
        services=choices(Service),
        chosen=request.form.getlist("service") if errors else [each.service for each in queries.services(mine()).get(shown.id, [])],
        given=request.form if errors else _as_form(shown.id),
        errors=errors,
    )


def _as_form(station_id: int) -> dict[str, Any]:
    """Return a station's hours as its form has them."""
    given: dict[str, Any] = {}
    for each in queries.openings(found(queries.station_in(mine(), station_id))):
        half = "morning" if each.start < MIDDAY and f"d{each.weekday}_morning_from" not in given else "afternoon"
        given |= {f"d{each.weekday}_{half}_from": clock.hhmm(each.start), f"d{each.weekday}_{half}_to": clock.hhmm(each.end)}
    return given
