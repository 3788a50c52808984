"""Caps of what rests on one person's word alone: counted where nothing else shows it, refused beyond, a colleague's word lifts it."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.records.conftest import TUESDAY, Office, open_office
from tests.records.insider import acting, alone, confirmed, invent, typed_visit
from timebank import clock
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.visits.actions import ceilings, confirming, serving
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Round, ServiceRecord, Trust, Visit, VisitState

WEDNESDAY = TUESDAY + timedelta(days=1)
MONDAY = TUESDAY - timedelta(days=1)


def capped(office: Office, minutes: int) -> None:
    """Let nobody have more minutes of a month on their own word."""
    with transaction():
        ceilings.settle_rules(office.community, own_word_month=minutes)


def test_what_one_person_types_and_confirms_rests_on_their_word_and_ends_at_the_months_cap(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        capped(office, 100)
        first, second = office.user("first"), office.user("second")
        whom = invent(office, first)
        assert alone(office, first, MONDAY, whom=whom).word_of == first.id
        assert alone(office, first, TUESDAY, whom=whom).word_of == first.id
        third = typed_visit(office, whom, first, WEDNESDAY)
        with pytest.raises(Conflict, match="Ask a colleague to confirm it, or the administrator"):
            confirmed(third, first)
        assert db.session.get_one(Visit, third).state is VisitState.DONE
        assert confirmed(third, second).word_of is None
        assert ceilings.minutes_on_word_of(first.id, TUESDAY) == 80


def test_another_month_begins_anew_and_a_colleague_has_a_cap_of_their_own(office: Office, app: Flask) -> None:
    with app.app_context():
        capped(office, 50)
        whom = invent(office, office.user("first"))
        alone(office, office.user("first"), whom=whom)
        make.set_clock("2026-12-02 16:00")
        alone(office, office.user("first"), date(2026, 12, 1), whom=whom)
        alone(office, office.user("second"), date(2026, 12, 2), whom=whom)
        assert len(list(db.session.scalars(select(ServiceRecord).where(ServiceRecord.word_of.is_not(None))))) == 3


def test_a_visit_whose_code_was_shown_rests_on_the_code(office: Office, app: Flask) -> None:
    with app.app_context():
        capped(office, 0)
        with transaction():
            community = db.session.get_one(make.Community, office.community)
            visit = make.make_visit(make.make_request(community, office.kind, make.make_household(community)))
            made = make.make_offer(visit, office.carer, 14 * 60, accepted=True)
            make.set_clock("2026-11-25 14:00")
            serving.check_in(made, visit.code)
            make.set_clock("2026-11-25 14:40")
            serving.check_out(made)
        assert confirmed(visit.id, office.user("first")).word_of is None


def test_a_check_in_without_the_code_rests_on_whoever_confirms_it(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            community = db.session.get_one(make.Community, office.community)
            visit = make.make_visit(make.make_request(community, office.kind, make.make_household(community)))
            made = make.make_offer(visit, office.carer, 14 * 60, accepted=True)
            make.set_clock("2026-11-25 14:00")
            serving.check_in(made, None)
            make.set_clock("2026-11-25 14:40")
            serving.check_out(made)
        assert confirmed(visit.id, office.user("first"), Trust.DESK).word_of == office.first


def test_a_familys_word_is_not_the_offices(office: Office, app: Flask) -> None:
    with app.app_context():
        capped(office, 0)
        visit = typed_visit(office, invent(office, office.user("first")), office.user("first"))
        with transaction():
            daughter = make.make_user("family")
        assert confirmed(visit, daughter, Trust.FAMILY).word_of is None


def meal_trip(office: Office) -> Round:
    """Let a trip of two doors wait at the canteen, accepted for Wednesday noon."""
    make.set_clock("2026-11-25 09:00")
    community = db.session.get_one(make.Community, office.community)
    return make.make_round(community, office.carer)[0].round


def test_a_trip_that_was_tapped_door_by_door_rests_on_the_taps(office: Office, app: Flask) -> None:
    with app.app_context():
        capped(office, 0)
        with transaction():
            meals = meal_trip(office)
            make.set_clock("2026-11-25 10:50")
            serving.pick_up(meals, 2)
            make.set_clock("2026-11-25 11:05")
            for made in meals.offers:
                serving.deliver(made)
        with transaction():
            record = confirming.confirm_round(meals, Trust.DESK, office.user("first"))
        assert record is not None
        assert record.word_of is None


def test_a_trip_typed_in_by_one_person_is_theirs_also_when_the_clock_confirms_it(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        first = office.user("first")
        with acting(first):
            meals = meal_trip(office)
            make.set_clock("2026-11-25 16:00")
            for made in meals.offers:
                serving.enter_from_sheet(made, clock.at(WEDNESDAY, 650), clock.at(WEDNESDAY, 680), by=first)
        make.set_clock("2026-12-10 09:00")
        capped(office, 10)
        with transaction():
            assert confirming.confirm_due() == 0
        capped(office, 60)
        with transaction():
            assert confirming.confirm_due() == 1
        record = db.session.scalars(select(ServiceRecord)).one()
        assert (record.trust, record.confirmed_by, record.word_of) == (Trust.AUTO, None, office.first)


def test_minutes_added_by_a_correction_rest_on_whoever_adds_them(office: Office, app: Flask) -> None:
    with app.app_context():
        record = alone(office, office.user("first"))
        capped(office, 45)
        with pytest.raises(Conflict, match="Ask a colleague"), transaction():
            correct(record, 46, "看错了", office.user("second"))
        with transaction():
            newer = correct(record, 44, "看错了", office.user("second"))
        assert newer.word_of == office.second
        with transaction():
            assert correct(newer, 30, "再看一次", office.user("first")).word_of is None


def test_on_whose_word_a_record_rests_is_never_edited(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = alone(office, office.user("first"))
        for word in ("NULL", str(office.second)):
            with pytest.raises(IntegrityError, match="on whose word"), transaction():
                db.session.execute(text(f"UPDATE service_record SET word_of = {word} WHERE id = {record.id}"))
