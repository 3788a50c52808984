"""Two at the same moment, on both databases: one place of a turn has one person, and one person is in one place."""

from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.at_once import at_once
from tests.visits.test_duties import Crossing, build
from timebank.db import db, transaction
from timebank.visits.actions import duties, duty_records, duty_times
from timebank.visits.duties import TO_COME, Duty, DutyState
from timebank.visits.models import ServiceRecord, Trust


def holders(crossing: Crossing) -> list[int | None]:
    """Return who has the places of the turn that have somebody."""
    taken = select(Duty.volunteer_id).where(Duty.state == DutyState.AGREED).order_by(Duty.seat)
    return list(db.session.scalars(taken))


def test_one_place_claimed_by_two_at_once_goes_to_one_and_the_other_is_told(both: Flask) -> None:
    crossing = build(both)
    claims = [lambda who=who: duties.claim(crossing.duty(), crossing.person(who)) for who in ("one", "other")]
    refused = at_once(both, *claims)
    assert len(refused) == 1
    assert "Somebody has just taken this turn" in refused[0]
    with both.app_context():
        assert len(holders(crossing)) == 1


def test_one_person_who_claims_two_places_of_a_turn_at_once_has_one(both: Flask) -> None:
    crossing = build(both)
    refused = at_once(both, *[lambda seat=seat: duties.claim(crossing.duty(seat), crossing.person()) for seat in (0, 1)])
    assert len(refused) == 1
    assert "already" in refused[0]
    with both.app_context():
        assert holders(crossing) == [crossing.one]


def test_a_turn_given_up_twice_at_once_opens_one_place_in_its_stead(both: Flask) -> None:
    crossing = build(both)
    with both.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    refused = at_once(both, *[lambda: duties.give_up(crossing.duty(), "病了")] * 2)
    assert len(refused) == 1
    with both.app_context():
        states = [each.state for each in db.session.scalars(select(Duty).where(Duty.seat == 1).order_by(Duty.id))]
        assert states == [DutyState.GIVEN_UP, DutyState.OPEN]
        assert states[-1] in TO_COME


def test_a_turn_confirmed_by_two_at_once_is_one_record(both: Flask) -> None:
    crossing = build(both)
    with both.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    make.set_clock("2026-11-25 11:28")
    with both.app_context(), transaction():
        duty_times.sign_in(crossing.duty(), crossing.duty().code)
    make.set_clock("2026-11-25 12:02")
    with both.app_context(), transaction():
        duty_times.sign_out(crossing.duty())
    confirms = [lambda who=who: duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user(who)) for who in ("first", "second")]
    assert at_once(both, *confirms) == []
    with both.app_context():
        (record,) = db.session.scalars(select(ServiceRecord)).all()
        assert (record.minutes, record.word_of in {crossing.first, crossing.second}) == (34, True)
