"""Caps of what rests on one person's word alone: counted where nothing else shows it, refused beyond, a colleague's word lifts it.

What is typed in from paper never rests on it: whoever typed it does not confirm it, whatever is left of their month, nor does the clock.
"""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.records.conftest import TUESDAY, Office, open_office
from tests.records.insider import acting, alone, checked_in_visit, confirmed, invent, known, typed_visit, vouched
from timebank import clock
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.visits.actions import ceilings, confirming, serving
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Round, ServiceRecord, Trust, Visit, VisitState
from timebank.visits.registers import versions_of

WEDNESDAY = TUESDAY + timedelta(days=1)
MONDAY = TUESDAY - timedelta(days=1)


def capped(office: Office, minutes: int) -> None:
    """Let nobody have more minutes of a month on their own word."""
    with transaction():
        ceilings.settle_rules(office.community, own_word_month=minutes)


def test_what_one_person_alone_confirms_rests_on_their_word_and_ends_at_the_months_cap(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        capped(office, 100)
        first, second = office.user("first"), office.user("second")
        whom = known(office, first)
        assert alone(office, first, MONDAY, whom=whom).word_of == first.id
        assert alone(office, first, TUESDAY, whom=whom).word_of == first.id
        third = checked_in_visit(office, whom, WEDNESDAY)
        with pytest.raises(Conflict, match="Ask a colleague to confirm it, or the administrator"):
            confirmed(third, first)
        assert db.session.get_one(Visit, third).state is VisitState.DONE
        assert confirmed(third, second).word_of == second.id
        assert [ceilings.minutes_on_word_of(each.id, TUESDAY) for each in (first, second)] == [80, 40]


def test_what_one_types_in_another_confirms_and_it_rests_on_nobodys_word_alone(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        first, second = office.user("first"), office.user("second")
        visit = typed_visit(office, known(office, first), first)
        with pytest.raises(Conflict, match="Whoever entered them cannot confirm them"):
            confirmed(visit, first)
        assert db.session.get_one(Visit, visit).state is VisitState.DONE
        capped(office, 0)
        assert confirmed(visit, second).word_of is None
        assert ceilings.minutes_on_word_of(first.id, TUESDAY) == ceilings.minutes_on_word_of(second.id, TUESDAY) == 0


def test_whom_nobody_else_has_looked_at_takes_a_colleagues_word(office: Office, app: Flask) -> None:
    with app.app_context():
        first, second = office.user("first"), office.user("second")
        visit = checked_in_visit(office, invent(office, first))
        with pytest.raises(Conflict, match="Only the colleague who registered"):
            confirmed(visit, first)
        assert confirmed(visit, second).word_of == office.second


def test_of_a_crew_only_whom_nothing_else_shows_rests_on_whoever_confirms(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            community = db.session.get_one(make.Community, office.community)
            visit = make.make_visit(make.make_request(community, office.kind, make.make_household(community)), crew=2)
            on_paper = make.make_offer(visit, office.carer, 14 * 60, accepted=True)
            on_phone = make.make_offer(visit, make.make_volunteer(community, "仇立新"), 14 * 60, accepted=True)
            make.set_clock("2026-11-25 14:00")
            serving.check_in(on_phone, None)
            make.set_clock("2026-11-25 14:40")
            serving.check_out(on_phone)
            serving.enter_from_sheet(on_paper, clock.at(WEDNESDAY, 840), clock.at(WEDNESDAY, 880), by=office.user("first"))
        with acting(office.user("second")):
            records = confirming.confirm(db.session.get_one(Visit, visit.id), Trust.CALL, office.user("second"))
        assert {each.volunteer_id: each.word_of for each in records} == {office.volunteer: None, on_phone.volunteer_id: office.second}


def test_another_month_begins_anew_and_a_colleague_has_a_cap_of_their_own(office: Office, app: Flask) -> None:
    with app.app_context():
        capped(office, 50)
        whom = known(office, office.user("first"))
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
        whom = invent(office, office.user("first"))
        visits = [typed_visit(office, whom, office.user("first")), checked_in_visit(office, whom, WEDNESDAY)]
        with transaction():
            daughter = make.make_user("family")
            homes = [db.session.get_one(Visit, number).household for number in visits]
            for home in {each.id: each for each in homes}.values():
                make.make_family(home.elders[0], daughter)
        with pytest.raises(Conflict, match="Only the colleague who registered"):
            confirmed(visits[0], daughter, Trust.FAMILY)
        vouched(office, whom, office.user("second"))
        assert [confirmed(visit, daughter, Trust.FAMILY).word_of for visit in visits] == [None, None]


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


def test_a_trip_typed_in_by_one_person_is_confirmed_by_a_colleague_and_never_by_the_clock(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        first, second = office.user("first"), office.user("second")
        with transaction():
            meals = meal_trip(office)
            make.set_clock("2026-11-25 16:00")
            for made in meals.offers:
                serving.enter_from_sheet(made, clock.at(WEDNESDAY, 650), clock.at(WEDNESDAY, 680), by=first)
        make.set_clock("2026-12-10 09:00")
        with transaction():
            assert confirming.confirm_due() == 0
        with pytest.raises(Conflict, match="nor does the clock"), transaction():
            confirming.confirm_round(meals, Trust.DESK, first)
        capped(office, 0)
        with transaction():
            record = confirming.confirm_round(meals, Trust.DESK, second)
        assert record is not None
        assert (record.trust, record.confirmed_by, record.word_of) == (Trust.DESK, office.second, None)


def test_minutes_added_by_a_correction_wait_for_a_second_person_and_rest_on_nobodys_word_alone(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        first, second = office.user("first"), office.user("second")
        record = alone(office, first)
        with transaction():
            shorter = correct(record, 38, "看错了", second)
        assert isinstance(shorter, ServiceRecord)
        assert shorter.word_of == office.first
        capped(office, 0)
        with transaction():
            asked = correct(shorter, 44, "看错了", first)
        assert isinstance(asked, Proposal)
        with pytest.raises(Conflict), transaction():
            proposals.agree(asked, first)
        assert (shorter.current, ceilings.minutes_on_word_of(office.first, TUESDAY)) == (True, 38)
        with transaction():
            proposals.agree(asked, second)
        newer = versions_of(record)[-1]
        assert (newer.minutes, newer.trust, newer.word_of) == (44, Trust.TWO_PERSONS, None)
        with transaction():
            again = correct(newer, 30, "再看一次", first)
        assert isinstance(again, ServiceRecord)
        assert again.word_of is None


def test_on_whose_word_a_record_rests_is_never_edited(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = alone(office, office.user("first"))
        for word in ("NULL", str(office.second)):
            with pytest.raises(IntegrityError, match="on whose word"), transaction():
                db.session.execute(text(f"UPDATE service_record SET word_of = {word} WHERE id = {record.id}"))
