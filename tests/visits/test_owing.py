"""A correction of recorded minutes always takes effect: credit that is gone is taken back from where it went, else it is owed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.visits.owing import TUESDAY, WHY, Town, town
from timebank import clock
from timebank.certificates import actions as certificates
from timebank.certificates import checking
from timebank.credit import actions as credit
from timebank.db import db, transaction
from timebank.elders.models import ElderState
from timebank.errors import Conflict
from timebank.ledger import actions as ledger
from timebank.ledger import claims, owing
from timebank.ledger import queries as book
from timebank.ledger.models import AccountKind, Transfer
from timebank.ledger.verify import verify
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.records.actions import objecting
from timebank.records.models import Origin
from timebank.visits.actions.correcting import correct
from timebank.visits.evidence import first_unfounded
from timebank.visits.models import ServiceRecord
from timebank.visits.registers import versions_of
from timebank.volunteers.models import Volunteer


@pytest.fixture
def here(both: Flask) -> Iterator[Town]:
    """Give the community on each database."""
    yield from town(both)


def corrected(here: Town, record: ServiceRecord, minutes: int) -> ServiceRecord:
    """Correct a record downwards, and see that it took effect and that the book is whole."""
    with transaction():
        newer = correct(record, minutes, WHY, here.by)
        assert isinstance(newer, ServiceRecord)
    assert versions_of(record)[-1].minutes == minutes
    assert verify(here.community).ok
    assert first_unfounded() is None
    return newer


def owed(here: Town) -> int:
    """Return what the volunteer owes."""
    return claims.owed_by(here.me.account_id)


def pool_owes(here: Town) -> int:
    """Return what the pool owes."""
    return claims.owed_by(ledger.system_account(here.community, AccountKind.POOL).id)


def test_minutes_that_are_still_there_are_taken_from_the_account_and_nothing_is_owed(here: Town) -> None:
    with transaction():
        record = here.served(84)
    corrected(here, record, 10)
    assert (here.balance(), owed(here), here.pool()) == (10, 0, 0)


def test_donated_minutes_come_back_from_the_pool(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.served(5, start=700)
        here.donates(89)
    corrected(here, record, 10)
    assert (here.balance(), owed(here), here.pool()) == (0, 0, 15)


def test_donated_minutes_that_the_pool_has_passed_on_are_owed(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.served(5, start=700)
        here.donates(89)
        here.pool_is_used(60)
    newer = corrected(here, record, 10)
    assert (here.balance(), owed(here), here.pool()) == (0, 45, 0)
    assert [each.advance.source for each in claims.claims(here.community)] == [f"correction:{newer.id}"]
    assert here.purse(here.alone) == 60


def test_a_gift_that_is_still_there_comes_back_from_the_elder(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.gives(84)
    corrected(here, record, 10)
    assert (here.balance(), owed(here), here.purse(here.mother)) == (0, 0, 10)


@pytest.mark.parametrize("settled", [True, False])
def test_a_gift_that_is_spent_or_set_aside_is_owed_by_the_giver_and_the_elder_keeps_it(here: Town, settled: bool) -> None:
    with transaction():
        record = here.served(84)
        here.gives(84)
        purse = credit.elder_account(here.elder(here.mother))
        held = ledger.hold(purse.id, 60, source="visit:1", idem=("hold", "1"), actor="clock")
        if settled:
            ledger.settle(held, 60, idem=("visit", "1"), actor="clock")
    corrected(here, record, 10)
    assert (here.balance(), owed(here), here.purse(here.mother)) == (0, 50, 0)
    assert book.open_minutes(held.seq) == (0 if settled else 60)


def test_of_an_elders_minutes_the_oldest_count_as_spent_first_and_anothers_gift_is_left_alone(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.gives(84)
        purse = credit.elder_account(here.elder(here.mother))
        ledger.grant(purse.id, 40, source="test:others", idem=("test", "others"), actor="user:1")
        held = ledger.hold(purse.id, 30, source="visit:1", idem=("hold", "1"), actor="clock")
        ledger.settle(held, 30, idem=("visit", "1"), actor="clock")
    corrected(here, record, 10)
    assert (owed(here), here.purse(here.mother)) == (20, 40)


def test_what_went_to_the_pool_above_the_largest_balance_comes_back_from_there(here: Town) -> None:
    with transaction():
        credit.change_settings(here.community, {"balance_cap": "600"}, here.by)
        ledger.grant(here.me.account_id, 590, source="test:stored", idem=("test", "stored"), actor="user:1")
        record = here.served(84)
    assert (here.balance(), here.pool()) == (600, 74)
    corrected(here, record, 10)
    assert (here.balance(), owed(here), here.pool(), pool_owes(here)) == (600, 0, 0, 0)


def test_what_the_pool_no_longer_has_of_it_the_pool_owes_and_the_next_donation_pays(here: Town) -> None:
    with transaction():
        credit.change_settings(here.community, {"balance_cap": "600"}, here.by)
        ledger.grant(here.me.account_id, 590, source="test:stored", idem=("test", "stored"), actor="user:1")
        record = here.served(84)
        here.pool_is_used(60)
    corrected(here, record, 10)
    assert (here.balance(), owed(here), here.pool(), pool_owes(here)) == (600, 0, 0, 60)
    with transaction():
        here.donates(70)
    assert (here.pool(), pool_owes(here)) == (10, 0)
    assert verify(here.community).ok


@pytest.mark.parametrize("used", [0, 84])
def test_what_a_leaver_left_to_the_pool_comes_back_or_stays_a_claim(here: Town, used: int) -> None:
    with transaction():
        record = here.served(84)
        here.me.active = False
        credit.pass_on(here.me, None, key="left", actor="user:999")
        if used:
            here.pool_is_used(used)
    corrected(here, record, 10)
    assert (here.balance(), owed(here), here.pool()) == (0, 74 if used else 0, 0 if used else 10)


def test_a_gift_whose_elder_has_died_comes_back_from_the_pool_it_went_on_to(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.gives(84)
        here.elder(here.mother).state = ElderState.DECEASED
        credit.take_back(here.elder(here.mother), key="died", actor="user:999")
    assert (here.purse(here.mother), here.pool()) == (0, 84)
    corrected(here, record, 10)
    assert (here.purse(here.mother), here.pool(), owed(here)) == (0, 10, 0)


def test_a_gift_whose_elder_has_died_and_that_the_pool_has_used_is_owed(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.gives(84)
        here.elder(here.mother).state = ElderState.DECEASED
        credit.take_back(here.elder(here.mother), key="died", actor="user:999")
        here.pool_is_used(80)
    corrected(here, record, 10)
    assert (here.purse(here.mother), here.pool(), owed(here)) == (0, 0, 70)


@pytest.mark.parametrize(("used", "debt"), [(0, 0), (80, 70)])
def test_a_groups_minutes_come_back_from_the_pool_and_what_it_lacks_the_pool_owes(here: Town, used: int, debt: int) -> None:
    with transaction():
        make.make_standing(here.me, collective=True, noted_by=here.first, agreed_by=here.second)
        record = here.served(84)
        if used:
            here.pool_is_used(used)
    corrected(here, record, 10)
    assert (here.balance(), here.pool(), pool_owes(here)) == (0, 10 - 10 * bool(used), debt)
    with transaction():
        here.me.active = False  # the unit is dissolved
    corrected(here, versions_of(record)[-1], 4)
    assert (here.pool(), pool_owes(here)) == ((4, 0) if not used else (0, 76))


def test_a_record_that_is_taken_off_altogether_is_taken_off_also_when_its_credit_is_gone(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
    newer = corrected(here, record, 0)
    assert (here.balance(), owed(here), newer.transfer_seq) == (0, 84, None)


def test_a_correction_of_a_correction_takes_from_where_the_first_credit_went(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
    second = corrected(here, record, 60)
    third = corrected(here, second, 20)
    assert (here.balance(), owed(here), here.pool()) == (0, 0, 20)
    with transaction():
        here.pool_is_used(20)
    corrected(here, third, 5)
    assert (owed(here), here.pool()) == (15, 0)
    with pytest.raises(Conflict, match="latest version"), transaction():
        correct(second, 8, WHY, here.by)


def test_a_correction_back_upwards_by_two_people_pays_what_was_owed(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
    newer = corrected(here, record, 10)
    assert owed(here) == 74
    with transaction():
        asked = correct(newer, 80, "看错了", here.by)
        assert isinstance(asked, Proposal)
        proposals.agree(asked, here.colleague)
    assert (here.balance(), owed(here)) == (0, 4)
    assert verify(here.community).ok


def test_the_next_earnings_pay_the_oldest_claim_first_and_only_then_count(here: Town) -> None:
    with transaction():
        records = [here.served(60), here.served(60, start=700)]
        here.donates(120)
        here.pool_is_used(120)
    for record in records:
        corrected(here, record, 10)
    assert owed(here) == 100
    with transaction():
        here.served(70, start=800)
    assert [each.open for each in claims.claims(here.community)] == [0, 30]
    assert (here.balance(), owed(here)) == (0, 30)
    with transaction():
        here.served(45, start=900)
    assert (here.balance(), owed(here)) == (15, 0)
    assert verify(here.community).ok


def test_who_owes_gives_nothing_away_and_is_told_why(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
        here.link()
    corrected(here, record, 10)
    count = db.session.scalar(select(func.count()).select_from(Transfer))
    for deed in (lambda: here.donates(1, "again"), lambda: here.gives(1, "again")):
        with pytest.raises(Conflict, match="still owes 1 h 14 min") as refused, transaction():
            deed()
        assert "欠回" in refused.value.zh
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == count


def test_two_who_correct_the_same_record_at_once_correct_it_once_and_nothing_is_owed_twice(both: Flask, here: Town) -> None:
    with transaction():
        record = here.served(84).id
        here.donates(84)
        here.pool_is_used(84)

    def press(minutes: int) -> str:
        with both.app_context():
            try:
                with transaction():
                    correct(db.session.get_one(ServiceRecord, record), minutes, WHY, here.by)
            except Conflict as error:
                return error.en
            finally:
                db.session.remove()
        return "done"

    with ThreadPoolExecutor(4) as hands:
        answers = sorted(each.result() for each in [hands.submit(press, 10) for _ in range(4)])
    assert answers == ["This record has been corrected already. Open its latest version."] * 3 + ["done"]
    db.session.rollback()
    assert (len(versions_of(db.session.get_one(ServiceRecord, record))), owed(here)) == (2, 74)
    assert verify(here.community).ok


def test_corrections_of_two_records_at_once_owe_each_minute_once(both: Flask, here: Town) -> None:
    with transaction():
        records = [here.served(40, start=start).id for start in (540, 600, 660, 720)]
        here.donates(160)
        here.pool_is_used(100)

    def press(number: int) -> None:
        with both.app_context():
            try:
                with transaction():
                    correct(db.session.get_one(ServiceRecord, number), 10, WHY, here.by)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as hands:
        for each in [hands.submit(press, number) for number in records]:
            each.result()
    db.session.rollback()
    assert (owed(here), here.pool(), here.balance()) == (60, 0, 0)
    assert verify(here.community).ok


def test_a_record_of_last_year_is_corrected_like_any_other(here: Town) -> None:
    with transaction():
        record = here.served(84, date(2026, 10, 28))
        here.donates(84)
        here.pool_is_used(84)
    clock.clock.shift += timedelta(days=60)
    assert clock.today().year == 2027
    newer = corrected(here, record, 10)
    assert (owed(here), newer.day) == (74, date(2026, 10, 28))


def test_somebody_hired_since_owes_for_what_they_did_as_a_volunteer(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
        make.make_standing(here.me, clock.today(), paid=True, noted_by=here.first, agreed_by=here.second)
    corrected(here, record, 10)
    with transaction():
        here.served(60, clock.today(), start=700)
    assert (here.balance(), owed(here)) == (0, 74)


def test_kin_still_correct_nothing_and_nothing_is_half_written(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.me.user_id = here.first
    with pytest.raises(Conflict, match="your own record"), transaction():
        correct(record, 10, WHY, here.by)
    assert (len(versions_of(record)), here.pool(), owed(here)) == (1, 84, 0)


def test_a_certificate_after_the_correction_says_the_corrected_minutes_and_one_before_is_marked(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
        first = certificates.issue_certificate(here.me, TUESDAY, TUESDAY, here.by)
        revoked = certificates.issue_certificate(here.me, TUESDAY - timedelta(days=1), TUESDAY, here.by)
        certificates.revoke(revoked, here.by, "开错了")
    make.set_clock("2026-11-25 10:00")
    corrected(here, record, 10)
    assert checking.standing(first) == "corrected"
    assert checking.standing(revoked) == "revoked"
    with transaction():
        fresh = certificates.issue_certificate(here.me, TUESDAY - timedelta(days=2), TUESDAY, here.by)
    assert fresh.content["total_minutes"] == 10


def test_debts_of_one_community_are_not_those_of_another(here: Town) -> None:
    with transaction():
        other = make.make_community("birch-street")
        stranger = make.make_volunteer(other, "别处的人").id
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
    corrected(here, record, 10)
    with transaction():
        credit.earn(db.session.get_one(Volunteer, stranger), 30, collective=False, source="record:x9.9:v1", actor="clock")
    assert db.session.get_one(Community, other.id).id != here.community
    assert (book.balance(db.session.get_one(Volunteer, stranger).account_id), owed(here)) == (30, 74)
    assert claims.claims(other.id) == []


def test_a_correction_downwards_never_credits_more_whatever_the_rules_have_become(here: Town) -> None:
    with transaction():
        credit.change_settings(here.community, {"rate": "30"}, here.by)
        record = here.served(60)
        credit.change_settings(here.community, {"rate": "60"}, here.by)
    corrected(here, record, 50)
    assert here.balance() == 30
    corrected(here, versions_of(record)[-1], 20)
    assert here.balance() == 20


def test_an_objection_that_is_answered_with_fewer_minutes_takes_them_back_too(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
        said = objecting.question(record, "家属说只来了十分钟", Origin.CALL_BACK)
        assert objecting.answer(said, "核对过，是十分钟", here.by, 10) is None
    assert (versions_of(record)[-1].minutes, owed(here)) == (10, 74)
    assert verify(here.community).ok


def test_a_claim_that_no_corrected_record_stands_behind_is_found(here: Town) -> None:
    with transaction():
        record = here.served(84)
        here.donates(84)
        here.pool_is_used(84)
    corrected(here, record, 10)
    with transaction():
        made = owing.advance(here.community, here.me.account_id, 5, source=f"correction:{record.id}", idem=("x", "1"), actor="user:1").seq
    assert first_unfounded() == made
