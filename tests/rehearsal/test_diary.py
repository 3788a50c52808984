"""The diary of a rehearsal notes who was not told, told twice or for nothing, and what crashed; a tap that is late is done or kept."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.rehearsal.test_invariants import hair, meal, street
from timebank import clock
from timebank.db import db, forget_reads, transaction
from timebank.notices.actions import notify
from timebank.rehearsal.diary import Diary
from timebank.rehearsal.rates import Rates
from timebank.rehearsal.signal import Signal
from timebank.visits.actions import leaving, offering
from timebank.visits.mismatches import Mismatch, to_settle
from timebank.visits.models import Offer, OfferState, Outcome, Visit, VisitState
from timebank.visits.states import Why
from timebank.volunteers.models import Volunteer


def noted(community: int, verb: str, act: Callable[[], object]) -> list[str]:
    """Return what a diary notes of one event."""
    diary = Diary(community)
    diary.event(verb, act, whole=True)
    return [each.said for each in diary.broken]


def somebody_else() -> Volunteer:
    """Return somebody with a sign-in who has nothing to do with the first visit of an hour."""
    rows = select(Volunteer).where(Volunteer.user_id.is_not(None), Volunteer.id != hair().volunteer_id).order_by(Volunteer.id)
    return db.session.scalars(rows).first()  # type: ignore[return-value]


def asked_in_silence() -> None:
    """Ask somebody for a visit that is open, and tell nobody."""
    made = hair()
    offering.take_back([made], Why.TAKEN_BACK, tell=False)
    offering.offer(made.visit, somebody_else(), offering.Slot(day=made.day, start=made.start, window=made.visit.window_from))


def told(times: int, who: int) -> None:
    """Tell somebody that something was called off."""
    for _time in range(times):
        notify(who, "cancelled", what=("理发", "haircut"))


def crashed() -> None:
    """Divide by nothing."""
    divmod(1, 0)


def test_who_is_not_told_or_told_for_nothing_and_what_crashes_is_noted(app: Flask) -> None:
    with app.app_context():
        community = street().community
        assert noted(community, "nothing", lambda: None) == []
        other = somebody_else()
        assert f"volunteer {other.id} was told 1 times by message and not touched" in noted(
            community, "message", lambda: told(1, other.user_id or 0)
        )
        assert f"volunteer {other.id} was told 2 times by message and not touched" in noted(
            community, "message", lambda: told(2, other.user_id or 0)
        )
        lost = hair().volunteer_id
        said = noted(community, "ask", asked_in_silence)
        assert f"volunteer {lost} lost something by ask and was not told" in said
        assert any(each.endswith("was asked by ask and was not told") for each in said)
        assert noted(community, "divide", crashed) == ["crashed: ZeroDivisionError: integer division or modulo by zero"]


def arrived(signal: Signal) -> None:
    """Let everything arrive that a phone has kept."""
    while signal.waiting:
        at, _what, act = min(signal.due(), key=lambda each: each[:2])
        clock.clock.start_at(at)
        with transaction():
            act()
        forget_reads()


def carried(app: Flask, *, meanwhile: Callable[[Volunteer], object]) -> tuple[list[Offer], list[Mismatch], Signal]:
    """Walk a trip without a network while something else happens; return its doors, and the taps that were kept."""
    community = street().community
    trip = meal().round_id or 0
    clock.clock.start_at(clock.at(make.WEDNESDAY, meal().round.pickup if meal().round else 0))
    signal = Signal(community, Rates(no_signal=1, lost_replies=1), 1)
    assert signal.is_gone(trip)
    signal.carry(trip, timedelta(0))
    with transaction():
        meanwhile(db.session.get_one(Volunteer, meal().volunteer_id))
    forget_reads()
    arrived(signal)
    doors = list(db.session.scalars(select(Offer).where(Offer.round_id == trip, Offer.state != OfferState.WITHDRAWN)))
    return doors, to_settle(community), signal


def test_taps_without_a_network_arrive_with_their_own_minutes(app: Flask) -> None:
    with app.app_context():
        doors, kept, signal = carried(app, meanwhile=lambda _who: None)
        assert kept == []
        assert {each.outcome for each in doors} == {Outcome.DONE}
        assert [each.ended_at for each in doors] == [clock.at(each.day, each.start + each.visit.minutes) for each in doors]
        number = doors[0].id
        signal.may_be_lost(f"deliver offer {number}", lambda: offering.accept(db.session.get_one(Offer, number)))
        assert list(signal.waiting) == [f"deliver offer {number} sent again"]
        arrived(signal)


def test_taps_of_a_trip_that_was_given_away_meanwhile_are_kept_for_the_office(app: Flask) -> None:
    with app.app_context():
        doors, kept, _signal = carried(app, meanwhile=lambda who: leaving.cannot_come(who, make.WEDNESDAY, "联系不上"))
        assert doors == []
        assert {each.deed.value for each in kept} == {"pick_up", "deliver"}
        assert VisitState.DONE not in set(db.session.scalars(select(Visit.state).where(Visit.canteen_id.is_not(None))))
