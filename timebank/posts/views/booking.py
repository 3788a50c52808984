"""单位订名额, for the office: a unit books places of a turn of a post or a session; who comes is named later."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.posts import actions, queries
from timebank.posts.queries import Booking
from timebank.posts.schemas import BookForm, NamesForm
from timebank.posts.views.office import blueprint, community_id
from timebank.visits import on_duty
from timebank.visits.duties import Duty, DutyState
from timebank.volunteers import queries as volunteers
from timebank.web import UNPROCESSABLE, Page, found, submitted


@blueprint.get("/bookings")
def bookings() -> str:
    """List what units have booked, turn by turn."""
    return render_template("posts/bookings.html", rows=queries.bookings(community_id()), today=clock.today())


@blueprint.route("/turns/<int:duty_id>/book", methods=["GET", "POST"])
def book(duty_id: int) -> Page:
    """Book places of one turn for a unit."""
    if request.method == "GET":
        return _book_page(duty_id, {})
    try:
        said = take(BookForm(), request.form)
        with submitted() as taken:
            unit = found(volunteers.unit_in(community_id(), said["unit"]))
            actions.book(_duty(duty_id), unit, said["places"], this_user())
            flash(_("给%(unit)s订了 %(count)s 个名额，名字可以以后填。", unit=unit.name, count=said["places"]), "done")
            return taken.redirect(url_for(".names", duty_id=duty_id, unit_id=unit.id))
    except Invalid as error:
        return _book_page(duty_id, sentences(error)), UNPROCESSABLE


def _duty(duty_id: int) -> Duty:
    """Return a place of a turn in the reader's community."""
    return found(on_duty.duty_in(community_id(), duty_id))


def _book_page(duty_id: int, errors: dict[str, str]) -> str:
    """Return the form of a booking."""
    duty = _duty(duty_id)
    free = sum(1 for each in on_duty.of_turn(duty) if each.state is DutyState.OPEN and each.unit_id is None)
    return render_template(
        "posts/book.html", duty=duty, free=free, units=volunteers.units_now(duty.community_id), given=request.form, errors=errors
    )


@blueprint.route("/turns/<int:duty_id>/units/<int:unit_id>", methods=["GET", "POST"])
def names(duty_id: int, unit_id: int) -> Page:
    """Name who comes of a unit for the places it booked."""
    if request.method == "GET":
        return _names_page(_booking(duty_id, unit_id), duty_id, {})
    try:
        said = take(NamesForm(), request.form)
        with submitted() as taken:
            people = [found(volunteers.volunteer_in(community_id(), number)) for number in said["volunteer"]]
            count = actions.name_people(_booking(duty_id, unit_id).seats, people, this_user())
            flash(_("填好了 %(count)s 个名字。", count=count), "done")
            return taken.redirect(url_for(".names", duty_id=duty_id, unit_id=unit_id))
    except Invalid as error:
        return _names_page(_booking(duty_id, unit_id), duty_id, sentences(error)), UNPROCESSABLE


def _booking(duty_id: int, unit_id: int) -> Booking:
    """Return what a unit has booked of the turn a place belongs to."""
    seats = [each for each in on_duty.of_turn(_duty(duty_id)) if each.unit_id == unit_id]
    unit = found(volunteers.unit_in(community_id(), unit_id))
    return Booking(unit, found(seats or None))


def _names_page(booking: Booking, duty_id: int, errors: dict[str, str]) -> str:
    """Return the page of one booking with the people of the unit who could come."""
    people = on_duty.could(booking.unnamed[0], most=200) if booking.unnamed else []
    return render_template("posts/names.html", booking=booking, duty_id=duty_id, people=people, given=request.form, errors=errors)


@blueprint.post("/turns/<int:duty_id>/units/<int:unit_id>/give-back")
def give_back(duty_id: int, unit_id: int) -> AnyResponse:
    """Give back the places nobody is named for."""
    with submitted() as taken:
        unit = found(volunteers.unit_in(community_id(), unit_id))
        count = actions.give_back([each for each in on_duty.of_turn(_duty(duty_id)) if each.unit_id == unit.id])
        flash(_("退了 %(count)s 个没填名字的名额，别人可以认领了。", count=count), "done")
        return taken.redirect(url_for(".bookings"))
