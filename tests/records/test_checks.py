"""The weekly check: flags settled with a result, call-backs drawn by a lot that can be drawn again, and a bad word becomes an objection."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.records.conftest import NOW, Office, open_office, served
from tests.records.insider import acting, alone, confirmed, invent, known, typed_visit
from timebank import audit, clock, jobs
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.proposals import vouching
from timebank.records import checklists, queries
from timebank.records.actions import checking
from timebank.records.models import CallBack, CheckWeek, Drawn, Finding, Heard, Origin, Settled
from timebank.visits.actions import ceilings, confirming, entering, serving

LAST_WEEK = date(2026, 11, 16)
THIS_WEEK = date(2026, 11, 23)
SEED = 20261116


def busy_week(office: Office, visits: int = 40) -> None:
    """Put a week of ordinary visits on record, and one of two hours where forty minutes were planned."""
    with transaction():
        for number in range(visits):
            day = LAST_WEEK + timedelta(days=number % 5)
            served(office.carer, office.kind, clock.at(day, 480 + 50 * (number // 5)), 41, planned_minutes=40)
        served(office.carer, office.kind, clock.at(LAST_WEEK + timedelta(days=5), 600), 120, planned_minutes=40)


def checked(office: Office, seed: int = SEED) -> CheckWeek:
    """Return the check of last week."""
    with transaction():
        return checking.check_week(office.community, LAST_WEEK, seed)


def test_a_week_is_checked_once_it_is_over_and_found_things_are_noted_once(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        busy_week(office)
        with pytest.raises(Conflict, match="not begun yet"), transaction():
            checking.check_week(office.community, clock.monday_of(clock.today()) + timedelta(days=7))
        first = checked(office)
        assert [(each.rule, each.volunteer_id) for each in checklists.findings_of(first)] == [("odd_length", office.volunteer)]
        assert checked(office).id == first.id
        assert len(checklists.findings_of(first)) == 1
        assert len([each for each in checklists.calls_of(first) if each.drawn is Drawn.LOT]) == 3  # five in a hundred of 41, rounded up


def test_the_lot_can_be_drawn_again_and_another_lot_chooses_others(office: Office, app: Flask) -> None:
    with app.app_context():
        busy_week(office)
        drawn = []
        for seed in (SEED, SEED, SEED + 1):
            check = checked(office, seed)
            drawn.append([each.record_id for each in checklists.calls_of(check)])
            with transaction():
                for row in (*checklists.calls_of(check), *checklists.findings_of(check), check):
                    db.session.delete(row)
                    db.session.flush()
        assert drawn[0] == drawn[1] != drawn[2]


def test_a_second_check_draws_nobody_anew(office: Office, app: Flask) -> None:
    with app.app_context():
        busy_week(office)
        before = [each.record_id for each in checklists.calls_of(checked(office))]
        assert [each.record_id for each in checklists.calls_of(checked(office, SEED + 7))] == before


def test_no_share_means_no_call_and_a_single_visit_means_one(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            ceilings.settle_rules(office.community, call_back_percent=0)
            served(office.carer, office.kind, clock.at(LAST_WEEK, 600), 41, planned_minutes=40)
        assert checklists.calls_of(checked(office)) == []
        with transaction():
            other = make.make_community("elm-street").id
            served(
                make.make_volunteer(db.session.get_one(make.Community, other)),
                office.kind,
                clock.at(LAST_WEEK, 600),
                41,
                planned_minutes=40,
            )
        with transaction():
            check = checking.check_week(other, LAST_WEEK)
        assert len(checklists.calls_of(check)) == 1


def test_what_another_community_served_is_not_looked_at(office: Office, app: Flask) -> None:
    with app.app_context():
        busy_week(office)
        with transaction():
            other = make.make_community("elm-street").id
            check = checking.check_week(other, LAST_WEEK)
        assert (checklists.findings_of(check), checklists.calls_of(check)) == ([], [])


def the_finding(office: Office) -> Finding:
    """Return the one flag of the busy week."""
    busy_week(office, 5)
    return checklists.findings_of(checked(office))[0]


@pytest.mark.parametrize("settled", [Settled.IN_ORDER, Settled.WATCHED])
def test_a_flag_is_settled_in_words_and_once(office: Office, app: Flask, settled: Settled) -> None:
    with app.app_context():
        finding = the_finding(office)
        with pytest.raises(Invalid), transaction():
            checking.settle(finding, settled, "  ", office.user("first"))
        with transaction():
            checking.settle(finding, settled, "老人那天要多聊一会儿", office.user("first"))
        with pytest.raises(Conflict), transaction():
            checking.settle(finding, settled, "再说一次", office.user("second"))
        assert queries.objections(office.community, still_open=True) == []
        assert checklists.open_by_week(office.community) == {LAST_WEEK: 1}  # the call-back


def test_a_flag_that_is_not_in_order_becomes_an_objection_to_the_record(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        finding = the_finding(office)
        with transaction():
            checking.settle(finding, Settled.OBJECTED, "忘了签退", office.user("first"))
        said = queries.objections(office.community, still_open=True)[0]
        assert (said.record_id, said.origin, said.due) == (finding.record_id, Origin.FINDING, date(2026, 12, 2))
        assert "计划 40 分钟，实际 120 分钟" in said.words


def test_nobody_settles_a_flag_or_a_call_about_themselves_or_their_family(office: Office, app: Flask) -> None:
    with app.app_context():
        finding = the_finding(office)
        call = checklists.calls_of(finding.check)[0]
        with transaction():
            entering.add_kin(office.user("second"), office.carer, "表姐")
        for who in ("owner", "second"):
            with pytest.raises(Conflict, match="Ask a colleague"), transaction():
                checking.settle(finding, Settled.IN_ORDER, "没事", office.user(who))
            with pytest.raises(Conflict, match="Ask a colleague"), transaction():
                checking.call(call, Heard.AS_RECORDED, "", office.user(who))
        assert checklists.open_by_week(office.community) == {LAST_WEEK: 2}


def test_a_bad_word_on_the_telephone_opens_an_objection_and_joins_one_that_is_open(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        finding = the_finding(office)
        call = checklists.calls_of(finding.check)[0]
        with transaction():
            call.record_id = finding.record_id
        with pytest.raises(Invalid), transaction():
            checking.call(call, Heard.WRONG, "", office.user("first"))
        with transaction():
            checking.call(call, Heard.WRONG, "老人说那天没有人来", office.user("first"))
            checking.settle(finding, Settled.OBJECTED, "回访也说不对", office.user("first"))
        said = queries.objections(office.community, still_open=True)
        assert [(each.origin, each.words) for each in said] == [
            (Origin.CALL_BACK, "老人说那天没有人来\n计划 40 分钟，实际 120 分钟，相差太多。回访也说不对")
        ]
        with pytest.raises(Conflict), transaction():
            checking.call(call, Heard.AS_RECORDED, "", office.user("second"))


def test_somebody_not_reached_is_called_again(office: Office, app: Flask) -> None:
    with app.app_context():
        call = checklists.calls_of(the_finding(office).check)[0]
        with transaction():
            checking.call(call, Heard.NOT_REACHED, "", office.user("first"))
        assert checklists.open_by_week(office.community) == {LAST_WEEK: 2}
        with transaction():
            checking.call(call, Heard.AS_RECORDED, "", office.user("second"))
        assert checklists.open_by_week(office.community) == {LAST_WEEK: 1}


def test_a_family_that_speaks_for_many_doors_and_a_shared_number_are_seen_in_the_rows(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            carer, daughter = office.carer, make.make_user(Role.FAMILY)
            community = db.session.get_one(make.Community, office.community)
            for number in range(3):
                home = make.make_household(community)
                elder = make.make_elder(home, "吕桂英", phone=carer.phone if number == 0 else "053200001111")
                make.make_family(elder, daughter)
                record = served(carer, office.kind, clock.at(LAST_WEEK, 600 + 60 * number), 41, planned_minutes=40, home=home)
                record.visit.confirmation = confirming.Confirmation(trust=confirming.Trust.FAMILY, by_user=daughter.id, at=clock.now())
        assert [each.rule for each in checklists.findings_of(checked(office))] == ["one_phone", "one_phone"]


def test_what_one_coordinator_does_alone_is_flagged_from_every_side(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        first = office.user("first")
        whom = known(office, first, elder_phone=first.phone)
        for start in (8, 11, 14):
            alone(office, first, start=start * 60, minutes=41, whom=whom)
        with transaction():
            check = checking.check_week(office.community, THIS_WEEK)
        rules = {each.rule for each in checklists.findings_of(check)}
        assert rules == {"office_phone", "one_enterer", "own_people", "never_called"}
        assert {each.volunteer_id for each in checklists.findings_of(check)} == {whom.volunteer}


@pytest.mark.parametrize(("who", "rules"), [("first", ["own_people"]), ("second", [])])
def test_a_trip_to_new_elders_is_odd_where_whoever_registered_both_sides_confirms_it(
    office: Office, app: Flask, who: str, rules: list[str]
) -> None:
    with app.app_context():
        make.set_clock("2026-11-25 09:00")
        with acting(office.user("first")):
            audit.record("add", "volunteer", office.volunteer)
            meals = make.make_round(db.session.get_one(make.Community, office.community), office.carer)[0].round
            for made in meals.offers:
                audit.record("add", "elder", made.visit.household.elders[0].id)
            make.set_clock("2026-11-25 10:50")
            serving.pick_up(meals, 2)
            make.set_clock("2026-11-25 11:15")
            for made in meals.offers:
                serving.deliver(made)
        with acting(office.user("second")):
            homes = [made.visit.household for made in meals.offers]
            vouching.vouch(office.community, [f"elder-{each.elders[0].id}" for each in homes], office.user("second"))
        with transaction():
            confirming.confirm_round(meals, confirming.Trust.DESK, office.user(who))
        with transaction():
            check = checking.check_week(office.community, THIS_WEEK)
        assert [each.rule for each in checklists.findings_of(check)] == rules


def test_a_door_without_a_number_and_two_people_of_one_number_are_seen_in_the_rows(office: Office, app: Flask) -> None:
    with app.app_context():
        first, second = office.user("first"), office.user("second")
        with transaction():
            make.make_volunteer(db.session.get_one(make.Community, office.community), "毕淑芬", phone="13711112222", has_phone=False)
        whom = invent(office, first, elder_phone="", has_phone=False)
        confirmed(typed_visit(office, whom, first), second)
        with transaction():
            check = checking.check_week(office.community, THIS_WEEK)
        assert [each.rule for each in checklists.findings_of(check)] == ["one_phone", "own_people", "never_called"]


def test_a_door_that_a_call_back_has_reached_is_left_in_peace(office: Office, app: Flask) -> None:
    with app.app_context():
        first = office.user("first")
        whom = known(office, first)
        with transaction():
            ceilings.settle_rules(office.community, call_back_percent=100)
        for start in (8, 11):
            alone(office, first, start=start * 60, minutes=41, whom=whom)
        with transaction():
            check = checking.check_week(office.community, THIS_WEEK)
        assert "never_called" in {each.rule for each in checklists.findings_of(check)}
        with transaction():
            checking.call(checklists.calls_of(check)[0], Heard.AS_RECORDED, "", office.user("second"))
            for row in checklists.findings_of(check):
                db.session.delete(row)
        with transaction():
            checking.check_week(office.community, THIS_WEEK)
        assert "never_called" not in {each.rule for each in checklists.findings_of(check)}


def test_the_house_keeper_checks_last_week_once_and_this_week_once_a_day(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        busy_week(office, 5)
        jobs.keep_house()
        lots = select(CallBack.record_id).where(CallBack.drawn == Drawn.LOT).order_by(CallBack.record_id)
        drawn = db.session.scalars(lots).all()
        jobs.keep_house()
        weeks = [(each.week, each.community_id) for each in db.session.scalars(select(CheckWeek).order_by(CheckWeek.week))]
        assert weeks == [(LAST_WEEK, office.community), (THIS_WEEK, office.community)]
        assert db.session.scalars(lots).all() == drawn != []
        with transaction():
            served(office.carer, office.kind, clock.at(THIS_WEEK, 600), 120, planned_minutes=40, created_at=clock.now())
        jobs.keep_house()
        assert found_this_week(office) == []
        make.set_clock("2026-11-26 00:10")
        jobs.keep_house()
        assert found_this_week(office) == ["odd_length"]


def test_a_service_that_was_down_for_three_weeks_checks_all_three_and_draws_their_call_backs(both: Flask) -> None:
    office = open_office(both)
    slept = [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    make.set_clock("2026-11-09 00:10")
    with both.app_context():
        jobs.keep_house()  # the week before is checked whole, this one has only begun
        with transaction():
            for week in slept:
                served(office.carer, office.kind, clock.at(week, 600), 120, planned_minutes=40)
        make.set_clock("2026-11-30 07:00")
        jobs.keep_house()
        checks = [checklists.check_of(office.community, week) for week in slept]
        assert [each and [found.rule for found in checklists.findings_of(each)] for each in checks] == [["odd_length"]] * 3
        assert [each and len(checklists.calls_of(each)) for each in checks] == [1, 1, 1]
        jobs.keep_house()
        assert len(list(db.session.scalars(select(CallBack)))) == 3


def test_a_long_sleep_is_caught_up_oldest_week_first_a_few_at_a_time(office: Office, app: Flask) -> None:
    make.set_clock("2027-03-01 07:00")
    with app.app_context():
        with transaction():
            for week in range(14):
                served(office.carer, office.kind, clock.at(LAST_WEEK + timedelta(weeks=week), 600), 41, planned_minutes=40)
        jobs.keep_house()
        weeks = sorted(each.week for each in db.session.scalars(select(CheckWeek)))
        assert weeks == [*(LAST_WEEK + timedelta(weeks=week) for week in range(checking.AT_ONCE)), date(2027, 3, 1)]
        for _ in range(3):
            jobs.keep_house()
        assert len(list(db.session.scalars(select(CheckWeek)))) == 16
        assert len(list(db.session.scalars(select(CallBack)))) == 14


def found_this_week(office: Office) -> list[str]:
    """Return the rules of what was found so far in the week that is not over."""
    check = checklists.check_of(office.community, THIS_WEEK)
    return [each.rule for each in checklists.findings_of(check)] if check else []


def test_a_week_that_is_not_over_is_checked_so_far_and_again_when_it_is(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            ceilings.settle_rules(office.community, call_back_percent=100)
            served(office.carer, office.kind, clock.at(THIS_WEEK, 600), 120, planned_minutes=40)
        with transaction():
            check = checking.check_week(office.community, THIS_WEEK, SEED)
        assert (len(checklists.findings_of(check)), len(checklists.calls_of(check))) == (1, 1)
        with transaction():
            served(office.carer, office.kind, clock.at(THIS_WEEK, 800), 121, planned_minutes=40)
        with transaction():
            assert checking.check_week(office.community, THIS_WEEK, SEED + 1).id == check.id
        assert (len(checklists.findings_of(check)), len(checklists.calls_of(check))) == (2, 2)


def test_what_is_drawn_day_by_day_is_what_the_whole_week_draws(office: Office, app: Flask) -> None:
    with app.app_context():
        busy_week(office)
        make.set_clock("2026-11-20 20:00")
        with transaction():
            check = checking.check_week(office.community, LAST_WEEK, SEED)
        so_far = {each.record_id for each in checklists.calls_of(check)}
        make.set_clock(NOW)
        with transaction():
            check = checking.check_week(office.community, LAST_WEEK)
        drawn = {each.record_id for each in checklists.calls_of(check)}
        assert so_far <= drawn
        with transaction():
            for row in (*checklists.calls_of(check), *checklists.findings_of(check), check):
                db.session.delete(row)
                db.session.flush()
        assert {each.record_id for each in checklists.calls_of(checked(office))} == drawn
