"""Doors of service itself: a volunteer's answers and taps, a family's word, and the confirmations of the desk."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from timebank import clock
from timebank.access.guards import this_user
from timebank.api.edge import Doors, judges, marked, once
from timebank.api.paging import PageArgs, cut, listed, page
from timebank.api.shapes import books
from timebank.api.shapes import needs as shapes
from timebank.api.shapes.people import DoneShape, ElderShape
from timebank.api.shared import columns, here, me
from timebank.api.views.needs import asked_by_family
from timebank.visits import queries
from timebank.visits.actions import calling_off, confirming, duty_records, offering, serving, telling
from timebank.visits.models import HelpRequest, Offer, ServiceRecord, Trust, Visit
from timebank.visits.on_duty import duty_in
from timebank.visits.views.cards import door_of
from timebank.web import found

doors = Doors("service", "Answers, taps and confirmations")
AHEAD = timedelta(days=60)
Page = dict[str, Any]


@doors.get("/offers")
@doors.arguments(shapes.FromTo, location="query")
@doors.response(200, listed(shapes.OfferShape))
def list_offers(asked: dict[str, Any]) -> Page:
    """The offers of the community, of some days."""
    rows = select(Offer).join(Offer.visit).where(Visit.community_id == here())
    return page(_between(rows, asked), Offer.id, asked)


def _between(rows: Any, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - a statement of many parts
    """Narrow offers to some days."""
    rows = rows.where(Offer.day >= asked["first"]) if asked["first"] else rows
    return rows.where(Offer.day <= asked["last"]) if asked["last"] else rows


@doors.get("/my/offers")
@doors.arguments(shapes.FromTo, location="query")
@doors.response(200, listed(shapes.OwnOfferShape))
def my_offers(asked: dict[str, Any]) -> Page:
    """One's own offers that stand; the door and the telephone come a day before and go two hours after."""
    first, last = asked["first"] or clock.today(), asked["last"] or clock.today() + AHEAD
    rows = cut(sorted(queries.offers_of(me(), first, last), key=lambda each: each.id), asked, lambda each: int(each.id))
    return {**rows, "items": [_own(each) for each in rows["items"]]}


def _own(made: Offer) -> dict[str, Any]:
    """Return an offer as its volunteer may see it now."""
    card = door_of(made)
    return {
        **columns(shapes.OfferShape, made),
        "kind": made.visit.kind.code,
        "address": card.address,
        "minutes": made.visit.minutes,
        "boxes": made.visit.boxes,
        "who": "、".join(each.name for each in card.people),
        "door": card.detail if card.open else None,
        "phone": next((each.phone for each in card.people if each.phone), None) if card.open else None,
    }


def _mine(offer_id: int) -> Offer:
    """Return an offer of one's own."""
    return found(queries.offer_of(me(), offer_id))


@doors.post("/my/offers/accept")
@once
@doors.arguments(shapes.AnswerBody)
@doors.response(200, shapes.AnsweredShape)
def accept(said: dict[str, Any]) -> dict[str, Any]:
    """Accept some offers; one that changed meanwhile does not hold up the others."""
    chosen = [_mine(each) for each in said["offers"]]
    offering.accept_all([each for each in chosen if offering.can_still_be_accepted(each)])
    return {"items": chosen}


@doors.post("/my/offers/decline")
@once
@doors.arguments(shapes.DeclineBody)
@doors.response(200, shapes.AnsweredShape)
def decline(said: dict[str, Any]) -> dict[str, Any]:
    """Decline some offers with a reason; it costs nothing."""
    chosen = [_mine(each) for each in said["offers"]]
    offering.decline_all(chosen, said["reason"])
    return {"items": chosen}


@doors.post("/my/rounds/<int:round_id>/pick-up")
@once
@doors.arguments(shapes.PickUpBody)
@doors.response(200, DoneShape)
def pick_up(said: dict[str, Any], round_id: int) -> dict[str, Any]:
    """Note the boxes counted at the canteen."""
    serving.pick_up(found(queries.round_of(me(), round_id)), said["counted"])
    return {"done": "picked_up", "given_back": 0}


@doors.post("/my/offers/<int:offer_id>/delivered")
@once
@doors.arguments(shapes.TapBody)
@doors.response(200, shapes.OfferShape)
def deliver(said: dict[str, Any], offer_id: int) -> Offer:
    """Note one tap at a meal door."""
    made = _mine(offer_id)
    serving.deliver(made, said["at"])
    return made


@doors.post("/my/offers/<int:offer_id>/undo")
@once
@doors.response(200, shapes.OfferShape)
def undo(offer_id: int) -> Offer:
    """Take the last tap at a meal door back."""
    made = _mine(offer_id)
    serving.undo(made)
    return made


@doors.post("/my/offers/<int:offer_id>/check-in")
@once
@judges
@doors.arguments(shapes.CheckInBody)
@doors.response(200, shapes.CheckedShape)
def check_in(said: dict[str, Any], offer_id: int) -> dict[str, Any]:
    """Begin a timed visit, with the code or without; a wrong code is counted, and the answer says what is left."""
    made = _mine(offer_id)
    serving.check_in(made, said["code"], said["at"])
    return {**columns(shapes.OfferShape, made), "tries_left": serving.tries_left(made)}


@doors.post("/my/offers/<int:offer_id>/check-out")
@once
@doors.arguments(shapes.TapBody)
@doors.response(200, shapes.OfferShape)
def check_out(said: dict[str, Any], offer_id: int) -> Offer:
    """End a timed visit."""
    made = _mine(offer_id)
    serving.check_out(made, said["at"])
    return made


@doors.post("/my/offers/<int:offer_id>/outcome")
@once
@doors.arguments(shapes.OutcomeBody)
@doors.response(200, shapes.OfferShape)
def outcome(said: dict[str, Any], offer_id: int) -> Offer:
    """Report what is wrong at a door; somebody unwell or no answer reaches the coordinators at once."""
    made = _mine(offer_id)
    alert = serving.report(made, said["outcome"], said["note"], said["at"])
    if alert is not None:
        telling.tell_coordinators(alert)
    return made


@doors.post("/offers/<int:offer_id>/answer-accept")
@once
@doors.response(200, shapes.OfferShape)
def enter_yes(offer_id: int) -> Offer:
    """Enter at the desk that somebody agreed, as on the telephone."""
    made = found(queries.offer_in(here(), offer_id))
    offering.accept(made, Trust.DESK)
    return made


@doors.post("/offers/<int:offer_id>/answer-decline")
@once
@doors.arguments(shapes.ReasonBody)
@doors.response(200, shapes.OfferShape)
def enter_no(said: dict[str, Any], offer_id: int) -> Offer:
    """Enter at the desk that somebody declined."""
    made = found(queries.offer_in(here(), offer_id))
    offering.decline(made, said["reason"], Trust.DESK)
    return made


@doors.post("/visits/<int:visit_id>/confirm")
@once
@doors.arguments(shapes.ConfirmBody)
@doors.response(200, books.RecordsShape)
def confirm_visit(said: dict[str, Any], visit_id: int) -> dict[str, Any]:
    """Confirm a visit that is done: its records and credits are written together, once."""
    return {"items": confirming.confirm(found(queries.visit_of(here(), visit_id)), Trust(said["trust"]), this_user())}


@doors.post("/rounds/<int:round_id>/confirm")
@once
@doors.arguments(shapes.ConfirmBody)
@doors.response(200, books.RecordsShape)
def confirm_round(said: dict[str, Any], round_id: int) -> dict[str, Any]:
    """Confirm a finished meal round: one record of the real minutes."""
    return _one(confirming.confirm_round(found(queries.round_in(here(), round_id)), Trust(said["trust"]), this_user()))


@doors.post("/duties/<int:duty_id>/confirm")
@once
@doors.arguments(shapes.ConfirmBody)
@doors.response(200, books.RecordsShape)
def confirm_duty(said: dict[str, Any], duty_id: int) -> dict[str, Any]:
    """Confirm a turn of duty that is done."""
    return _one(duty_records.confirm(found(duty_in(here(), duty_id)), Trust(said["trust"]), this_user()))


def _one(record: ServiceRecord | None) -> dict[str, Any]:
    """Return what went on record, nothing where it had been confirmed before."""
    return {"items": [record] if record is not None else []}


@doors.get("/my/elders")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(ElderShape))
def my_elders(asked: dict[str, Any]) -> Page:
    """The elders one may speak for."""
    return cut(queries.elders_of_user(this_user()), asked, lambda each: int(each.id))


@doors.get("/my/requests")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.RequestShape))
def my_requests(asked: dict[str, Any]) -> Page:
    """What one has asked for, and what was asked for one's elders."""
    return cut(sorted(queries.requests_of_user(this_user()), key=lambda each: each.id), asked, lambda each: int(each.id))


@doors.post("/my/requests")
@once
@doors.arguments(shapes.AskBody)
@doors.response(201, shapes.RequestShape)
def ask(said: dict[str, Any]) -> HelpRequest:
    """Ask for help for an elder one may speak for."""
    return asked_by_family(said, found(next((each for each in queries.elders_of_user(this_user()) if each.id == said["elder"]), None)))


@doors.post("/my/requests/<int:request_id>/cancel")
@once
@doors.response(200, DoneShape)
def cancel(request_id: int) -> dict[str, Any]:
    """Cancel what was asked for; whoever was to come is told."""
    known = found(next((each for each in queries.requests_of_user(this_user()) if each.id == request_id), None))
    gone = calling_off.cancel_request(known, clock.today() - timedelta(days=1), this_user())
    return {"done": "cancelled", "given_back": len(gone)}


@doors.get("/my/visits")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.OwnVisitShape))
def my_visits(asked: dict[str, Any]) -> Page:
    """The visits a family follows."""
    rows = cut(sorted(queries.visits_of_user(this_user()), key=lambda each: each.id), asked, lambda each: int(each.id))
    return {**rows, "items": [_followed(each) for each in rows["items"]]}


def _followed(visit: Visit) -> dict[str, Any]:
    """Return a visit as its family follows it."""
    going = [made.volunteer.name for made in visit.offers if made.state.value == "accepted"]
    names = ("id", "request_id", "kind", "state", "day", "start", "minutes", "boxes")
    return {**{name: getattr(visit, name) for name in names}, "who_comes": going}


def _my_visit(visit_id: int) -> Visit:
    """Return a visit that one's family follows."""
    return found(queries.visit_of_user(this_user(), visit_id))


@doors.get("/my/visits/<int:visit_id>")
@marked
@doors.response(200, shapes.OwnVisitShape)
def my_visit(visit_id: int) -> dict[str, Any]:
    """One visit that a family follows."""
    return _followed(_my_visit(visit_id))


@doors.post("/my/visits/<int:visit_id>/confirm")
@once
@doors.arguments(shapes.ThanksBody)
@doors.response(200, DoneShape)
def confirm_mine(said: dict[str, Any], visit_id: int) -> dict[str, Any]:
    """Confirm that a visit took place, with thanks where they are given."""
    visit = _my_visit(visit_id)
    records = confirming.confirm(visit, Trust.FAMILY, this_user(), said["thanks"])
    if said["thanks"]:
        telling.tell_thanks(visit, records)
    return {"done": "confirmed", "given_back": 0}


@doors.post("/my/visits/<int:visit_id>/object")
@once
@doors.arguments(shapes.DoubtBody)
@doors.response(200, DoneShape)
def object_to(said: dict[str, Any], visit_id: int) -> dict[str, Any]:
    """Say that something was not right: the visit waits for a coordinator instead of the clock."""
    visit = _my_visit(visit_id)
    confirming.object_to(visit, said["doubt"], this_user())
    telling.tell_doubt(visit)
    return {"done": "objected", "given_back": 0}
