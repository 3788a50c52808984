"""What a visit costs the elder: held when agreed, settled when confirmed, given back when not; the volunteer earns regardless."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests import builders as make
from tests.credit.conftest import earned, here, linked, stored
from timebank import clock
from timebank.credit import actions, queries
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.errors import Conflict
from timebank.ledger import queries as book
from timebank.ledger.models import AccountKind
from timebank.ledger.verify import verify
from timebank.places.models import Community
from timebank.visits.actions import calling_off, confirming, homes, offering, paying, serving
from timebank.visits.evidence import first_unfounded
from timebank.visits.models import Offer, Outcome, Trust, Visit
from timebank.volunteers.models import Volunteer

__all__ = ["here"]


def haircut(here: SimpleNamespace, *, start: int = 600, crew: int = 1, **wish: object) -> Visit:
    """Offer a haircut of forty minutes on Wednesday to the volunteer."""
    community, home = db.session.get_one(Community, here.community), db.session.get_one(make.Household, here.home)
    kind = db.session.query(make.ServiceKind).filter_by(code="HAIR").first() or make.make_kind("HAIR")
    visit = make.make_visit(make.make_request(community, kind, home, elder_id=here.mother, **wish), crew=crew)
    make.make_offer(visit, db.session.get_one(Volunteer, here.volunteer), start)
    return visit


def purse(here: SimpleNamespace) -> tuple[int, int, int]:
    """Return the elder's balance, what is held and what was used."""
    totals = book.totals(here.community)
    return queries.balance_of(db.session.get_one(Elder, here.mother)), totals[AccountKind.HELD], totals[AccountKind.REDEEMED]


def rich(here: SimpleNamespace, minutes: int = 100) -> None:
    """Put minutes onto the elder's account."""
    stored(actions.elder_account(db.session.get_one(Elder, here.mother)).id, minutes)


def served(made: Offer) -> None:
    """Go there and do it."""
    make.set_clock("2026-11-25 10:00")
    serving.check_in(made, made.visit.code)
    make.set_clock("2026-11-25 10:50")
    serving.check_out(made)


def test_r14_minutes_are_held_when_agreed_and_used_when_confirmed(here: SimpleNamespace) -> None:
    with transaction():
        rich(here)
        visit = haircut(here)
        assert purse(here) == (100, 0, 0)
        offering.accept(visit.offers[0])
        assert purse(here) == (60, 40, 0)
        served(visit.offers[0])
        assert purse(here) == (60, 40, 0)
        records = confirming.confirm(visit, Trust.DESK, None)
    assert purse(here) == (60, 0, 40)
    assert records[0].minutes == 50
    assert book.balance(db.session.get_one(Volunteer, here.volunteer).account_id) == 50
    assert verify(here.community).ok


def test_an_elder_with_nothing_is_served_and_the_volunteer_earns_the_same(here: SimpleNamespace) -> None:
    with transaction():
        visit = haircut(here)
        offering.accept(visit.offers[0])
        served(visit.offers[0])
        confirming.confirm(visit, Trust.DESK, None)
    assert purse(here) == (0, 0, 0)
    assert book.balance(db.session.get_one(Volunteer, here.volunteer).account_id) == 50


def test_with_the_rule_off_nothing_is_held(here: SimpleNamespace) -> None:
    with transaction():
        actions.change_settings(here.community, {"hold": "no"}, db.session.get_one(make.User, here.coordinator))
        rich(here)
        offering.accept(haircut(here).offers[0])
    assert purse(here) == (100, 0, 0)


def test_what_is_not_going_to_be_comes_back_and_can_be_agreed_again(here: SimpleNamespace) -> None:
    with transaction():
        rich(here)
        visit = haircut(here)
        offering.accept(visit.offers[0])
        offering.decline(visit.offers[0], "time")
        assert purse(here) == (100, 0, 0)
        again = make.make_offer(visit, make.make_volunteer(db.session.get_one(Community, here.community), "于爱华"), 600)
        offering.accept(again)
        assert purse(here) == (60, 40, 0)
        offering.withdraw(again, "changed")
    assert purse(here) == (100, 0, 0)
    assert verify(here.community).ok


def test_nobody_at_home_costs_nothing(here: SimpleNamespace) -> None:
    with transaction():
        rich(here)
        visit = haircut(here)
        offering.accept(visit.offers[0])
        make.set_clock("2026-11-25 10:00")
        serving.report(visit.offers[0], Outcome.NO_ANSWER)
    assert purse(here) == (100, 0, 0)


def test_r19_what_was_held_for_a_visit_that_nobody_made_comes_back(here: SimpleNamespace) -> None:
    with transaction():
        rich(here)
        offering.accept(haircut(here).offers[0])
    make.set_clock("2026-11-28 09:00")
    with transaction():
        assert paying.give_back_overdue() == 0
    make.set_clock("2026-11-29 09:00")
    with transaction():
        assert paying.give_back_overdue() == 1
    with transaction():
        assert paying.give_back_overdue() == 0
    assert purse(here) == (100, 0, 0)


def test_r4_two_volunteers_earn_each_and_the_elder_pays_once(here: SimpleNamespace) -> None:
    with transaction():
        rich(here)
        visit = haircut(here, crew=2)
        second = make.make_volunteer(db.session.get_one(Community, here.community), "于爱华")
        make.make_offer(visit, second, 600)
        for made in visit.offers:
            offering.accept(made)
        make.set_clock("2026-11-25 10:00")
        for made in visit.offers:
            serving.check_in(made, visit.code)
        make.set_clock("2026-11-25 10:40")
        for made in visit.offers:
            serving.check_out(made)
        confirming.confirm(visit, Trust.DESK, None)
    assert purse(here) == (60, 0, 40)
    earned = [book.balance(each.volunteer.account_id) for each in visit.offers]
    assert earned == [40, 40]


def test_r9_a_third_visit_of_a_day_and_more_than_the_week_are_not_charged(here: SimpleNamespace) -> None:
    with transaction():
        rich(here, 1000)
        for start in (600, 660, 720):
            offering.accept(haircut(here, start=start).offers[0])
        assert purse(here) == (920, 80, 0)
        actions.change_settings(here.community, {"elder_visits": "9", "elder_week": "90"}, db.session.get_one(make.User, here.coordinator))
        offering.accept(haircut(here, start=780).offers[0])
        offering.accept(haircut(here, start=840).offers[0])
    assert purse(here) == (910, 90, 0)


def agreed_while_short(here: SimpleNamespace, minutes: int) -> list[Visit]:
    """Agree two haircuts of forty minutes with a priority elder who has only some minutes; the second is the later one."""
    mother = db.session.get_one(Elder, here.mother)
    mother.lives_alone, mother.birth_year = True, 1940
    if minutes:
        rich(here, minutes)
    visits = [haircut(here, start=start) for start in (600, 700)]
    for visit in reversed(visits):
        offering.accept(visit.offers[0])
    return visits


@pytest.mark.parametrize(("had", "grant", "held"), [(0, 60, [40, 20]), (30, 30, [30, 30]), (50, 100, [40, 40]), (0, 0, [0, 0])])
def test_minutes_that_come_in_reach_the_visits_agreed_while_there_were_too_few(
    here: SimpleNamespace, had: int, grant: int, held: list[int]
) -> None:
    with transaction():
        visits = agreed_while_short(here, had)
    with transaction():
        if grant:
            actions.grant(db.session.get_one(Elder, here.mother), grant, key="g", actor=f"user:{here.coordinator}")
            actions.grant(db.session.get_one(Elder, here.mother), grant, key="g", actor=f"user:{here.coordinator}")
    assert [paying.bill(visit).paid for visit in visits] == held
    assert purse(here)[:2] == (had + grant - sum(held), sum(held))
    assert verify(here.community).ok


def test_a_gift_and_what_a_called_off_visit_gives_back_reach_the_agreed_ones_too(here: SimpleNamespace) -> None:
    with transaction():
        visits = agreed_while_short(here, 40)
        assert [paying.bill(visit).paid for visit in visits] == [0, 40]
        offering.decline(visits[1].offers[0], "time")
        assert paying.bill(visits[0]) == paying.Bill(40, 40)
        assert paying.bill(visits[1]) is None
        offering.accept(make.make_offer(visits[1], make.make_volunteer(db.session.get_one(Community, here.community), "于爱华"), 700))
        assert paying.bill(visits[1]) == paying.Bill(40, 0)
        earned(db.session.get_one(Volunteer, here.volunteer), 30)
        actions.give(linked(here), 30, key="gift", actor="user:1")
    assert (paying.bill(visits[1]).paid, paying.bill(visits[1]).free) == (30, 10)
    assert verify(here.community).ok


def test_what_is_past_and_what_is_only_asked_for_is_left_alone_when_minutes_come_in(here: SimpleNamespace) -> None:
    with transaction():
        visits = agreed_while_short(here, 0)
        asked = haircut(here, start=800)
    make.set_clock("2026-11-26 09:00")
    with transaction():
        actions.grant(db.session.get_one(Elder, here.mother), 60, key="g", actor="clock")
    assert purse(here) == (60, 0, 0)
    assert [paying.bill(visit) for visit in visits] == [paying.Bill(40, 0)] * 2
    assert paying.bill(asked) is None


@pytest.mark.parametrize(("now", "gets"), [("2026-11-25 07:59", 0), ("2026-11-25 08:01", 15)])
def test_r15_who_is_called_off_late_gets_a_little_from_the_pool_and_no_record(here: SimpleNamespace, now: str, gets: int) -> None:
    with transaction():
        rich(here)
        volunteer = db.session.get_one(Volunteer, here.volunteer)
        stored(volunteer.account_id, 60)
        actions.donate(volunteer, 60, key="1", actor="user:1")
        visit = haircut(here)
        offering.accept(visit.offers[0])
        make.set_clock(now)
        calling_off.cancel_request(visit.request, clock.today() - timedelta(days=1), db.session.get_one(make.User, here.coordinator))
    assert book.balance(volunteer.account_id) == gets
    assert purse(here) == (100, 0, 0)
    assert confirming.confirm_due() == 0


def test_r15_an_empty_pool_gives_nothing(here: SimpleNamespace) -> None:
    with transaction():
        visit = haircut(here)
        offering.accept(visit.offers[0])
        make.set_clock("2026-11-25 09:00")
        homes.pause(db.session.get_one(Elder, here.mother), clock.today(), clock.today())
    assert book.balance(db.session.get_one(Volunteer, here.volunteer).account_id) == 0


def test_a_week_of_more_than_twenty_hours_waits_for_a_coordinator(here: SimpleNamespace) -> None:
    with transaction():
        actions.change_settings(here.community, {"week_alone": "60"}, db.session.get_one(make.User, here.coordinator))
        first, second = haircut(here), haircut(here, start=720)
        for visit in (first, second):
            offering.accept(visit.offers[0])
        served(first.offers[0])
        confirming.confirm(first, Trust.FAMILY, None)
        make.set_clock("2026-11-25 12:00")
        serving.check_in(second.offers[0], second.code)
        make.set_clock("2026-11-25 12:20")
        serving.check_out(second.offers[0])
    with pytest.raises(Conflict, match="R7"), transaction():
        confirming.confirm(second, Trust.FAMILY, None)
    with transaction():
        assert confirming.confirm(second, Trust.DESK, None)


def test_a_credit_without_its_record_is_found(here: SimpleNamespace) -> None:
    with transaction():
        visit = haircut(here)
        offering.accept(visit.offers[0])
        served(visit.offers[0])
        confirming.confirm(visit, Trust.DESK, None)
    assert first_unfounded() is None
    with transaction():
        earned(db.session.get_one(Volunteer, here.volunteer), 60)
    assert first_unfounded() == book.chain_head(here.community).seq
