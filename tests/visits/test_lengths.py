"""Minutes that cannot be stretched: what a phone's kept time is worth, and what nobody takes far over the plan unseen."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from timebank import clock
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.places.models import Community
from timebank.visits.actions import confirming, lengths, serving
from timebank.visits.models import Offer, OfferState, Outcome, Round, ServiceRecord, Trust, Visit

WEDNESDAY = make.WEDNESDAY


def at(minute: int) -> datetime:
    """Return a minute of Wednesday as a phone or a paper says it."""
    return clock.at(WEDNESDAY, minute)


def errand(minutes: int = 20, start: int = 14 * 60) -> Offer:
    """Return an accepted visit of so many minutes on Wednesday."""
    community = make.make_community(f"pine-{next(make.NUMBERS)}")
    home = make.make_household(community)
    make.make_elder(home)
    request = make.make_request(community, make.make_kind(f"ERRAND-{community.id}"), home, minutes=minutes)
    return make.make_offer(make.make_visit(request), make.make_volunteer(community), start, accepted=True)


def lunch(doors: int = 2) -> list[Offer]:
    """Return the doors of an accepted round: pick-up at 10:50, the first door at 11:00, planned to the last for 18 minutes."""
    community = make.make_community(f"pine-{next(make.NUMBERS)}")
    return make.make_round(community, make.make_volunteer(community), doors=doors)


def colleagues(made: Offer) -> tuple[User, User]:
    """Return two coordinators of the community of a visit."""
    community = db.session.get_one(Community, made.visit.community_id)
    return make.make_user(Role.COORDINATOR, community), make.make_user(Role.COORDINATOR, community)


def records() -> int:
    """Return how many records there are."""
    return db.session.scalar(select(func.count()).select_from(ServiceRecord)) or 0


def served(made: Offer, minutes: int) -> Visit:
    """Let a visit be served at its time with its code, for so many minutes."""
    make.set_clock(f"2026-11-25 {clock.hhmm(made.start)}")
    serving.check_in(made, made.visit.code)
    make.set_clock(f"2026-11-25 {clock.hhmm(made.start + minutes)}")
    serving.check_out(made)
    return made.visit


def carried(offers: list[Offer], minutes: int) -> Round:
    """Let a round be picked up at 10:50 and its last door be served so many minutes later."""
    meals = offers[0].round
    assert meals is not None
    make.set_clock("2026-11-25 10:50")
    serving.pick_up(meals, len(offers))
    make.set_clock(f"2026-11-25 {clock.hhmm(650 + minutes)}")
    for made in offers:
        serving.deliver(made)
    return meals


@pytest.mark.parametrize(("minutes", "long"), [(20, False), (45, False), (46, True), (474, True)])
def test_minutes_are_far_over_a_plan_of_twenty_from_the_forty_sixth_on(minutes: int, long: bool) -> None:
    assert lengths.too_long(minutes, 20) is long


@pytest.mark.parametrize(
    ("kept", "counts_from"),
    [(6 * 60, "13:00"), (12 * 60 + 59, "13:00"), (13 * 60 + 30, "13:30"), (14 * 60 + 5, "14:05"), (23 * 60, "14:30")],
)
def test_a_check_in_kept_while_offline_counts_at_most_from_an_hour_before_the_plan(app: Flask, kept: int, counts_from: str) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        made = errand()
        make.set_clock("2026-11-25 14:30")
        serving.check_in(made, made.visit.code, at(kept))
        assert made.started_at is not None
        assert f"{made.started_at:%H:%M}" == counts_from


def test_a_kept_check_in_of_another_day_counts_from_an_hour_before_the_plan_too(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        made = errand()
        make.set_clock("2026-11-25 14:30")
        serving.check_in(made, made.visit.code, at(0) - timedelta(days=3))
        assert made.started_at == at(13 * 60)


@pytest.mark.parametrize(("kept", "counts"), [(10 * 60, "10:52"), (11 * 60 + 3, "11:03"), (18 * 60, "11:20")])
def test_a_kept_tap_at_a_meal_door_is_neither_before_the_pick_up_nor_to_come(app: Flask, kept: int, counts: str) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        first, second = lunch()
        assert first.round is not None
        make.set_clock("2026-11-25 10:52")
        serving.pick_up(first.round, 2)
        first.round.picked_up_at = at(652)
        make.set_clock("2026-11-25 11:20")
        serving.deliver(first, at(kept))
        serving.report(second, Outcome.NO_ANSWER, at=at(kept))
        assert [f"{each.ended_at:%H:%M}" for each in (first, second)] == [counts, counts]


@pytest.mark.parametrize("kept", [6 * 60, 13 * 60 + 40, 23 * 60])
def test_a_kept_check_out_or_report_is_neither_before_the_check_in_nor_to_come(app: Flask, kept: int) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        done, unwell = errand(), errand()
        for made in (done, unwell):
            make.set_clock("2026-11-25 14:00")
            serving.check_in(made, made.visit.code)
        make.set_clock("2026-11-25 14:20")
        serving.check_out(done, at(kept))
        serving.report(unwell, Outcome.UNWELL, at=at(kept))
        for made in (done, unwell):
            assert made.started_at is not None
            assert made.ended_at is not None
            assert made.started_at <= made.ended_at <= clock.now()


def test_a_report_without_a_check_in_begins_at_most_an_hour_before_the_plan(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        made = errand()
        make.set_clock("2026-11-25 14:20")
        serving.report(made, Outcome.UNWELL, at=at(60))
        assert (made.started_at, made.ended_at) == (at(13 * 60), at(13 * 60))


def test_a_visit_far_over_its_plan_is_taken_neither_by_the_clock_nor_by_a_familys_word(both: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with both.app_context():
        with transaction():
            visit = served(errand(), 474)
            daughter = make.make_user(Role.FAMILY)
            who = make.make_user(Role.COORDINATOR)
        with pytest.raises(Conflict, match="474 minutes; about 20 were to be expected"), transaction():
            confirming.confirm(visit, Trust.FAMILY, daughter)
        make.set_clock("2026-12-05 09:00")
        with transaction():
            assert confirming.confirm_due() == 0
        assert records() == 0
        with transaction():
            assert [each.minutes for each in confirming.confirm(visit, Trust.CALL, who)] == [474]


def test_a_round_far_over_its_plan_waits_for_the_station_and_one_near_it_does_not(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context():
        with transaction():
            near, far = lunch(), lunch()
            carried(near, 42)
            meals = carried(far, 43)
        make.set_clock("2026-12-05 09:00")
        with transaction():
            assert confirming.confirm_due() == 1
        assert meals.confirmed_at is None
        with transaction():
            record = confirming.confirm_round(meals, Trust.DESK, make.make_user(Role.COORDINATOR))
        assert record is not None
        assert record.minutes == 43


def test_one_of_a_crew_who_stayed_far_too_long_holds_up_the_visit(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context():
        with transaction():
            first = errand()
            first.visit.crew = 2
            mate = make.make_volunteer(db.session.get_one(Community, first.visit.community_id), "毕红梅")
            second = make.make_offer(first.visit, mate, first.start, accepted=True)
            served(second, 20)
            make.set_clock("2026-11-25 14:00")
            serving.check_in(first, first.visit.code)
            make.set_clock("2026-11-25 20:00")
            serving.check_out(first)
        with pytest.raises(Conflict, match="coordinator"), transaction():
            confirming.confirm(first.visit, Trust.FAMILY, None)
        assert records() == 0


def test_times_far_over_the_plan_are_entered_from_paper_only_with_a_reason(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        made = errand(60)
        first, _ = colleagues(made)
        make.set_clock("2026-11-25 18:00")
        for reason in ("", "   "):
            with pytest.raises(Invalid, match="570 minutes; 60 were planned") as refused:
                serving.enter_from_sheet(made, at(60), at(630), by=first, reason=reason)
            assert "reason" in refused.value.fields
        with pytest.raises(Invalid, match="colleague"):
            serving.enter_from_sheet(made, at(60), at(630), reason="没有说是谁录的")
        assert made.outcome is None


def test_times_entered_near_the_plan_need_no_reason_and_keep_who_entered_them(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        made = errand(60)
        first, second = colleagues(made)
        make.set_clock("2026-11-25 18:00")
        assert not serving.enter_from_sheet(made, at(840), at(945), by=first, reason="用不着")
        assert (made.entered_by, made.entered_reason) == (first.id, None)
        assert [each.minutes for each in confirming.confirm(made.visit, Trust.DESK, second)] == [105]


def test_who_entered_times_far_over_the_plan_never_confirms_them_and_a_colleague_does(both: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with both.app_context():
        with transaction():
            made = errand(60)
            first, second = colleagues(made)
            make.set_clock("2026-11-25 18:00")
            assert serving.enter_from_sheet(made, at(780), at(960), by=first, reason="老人摔了，等救护车")
            assert (made.started_at, made.ended_at) == (at(780), at(960))
            assert (made.entered_by, made.entered_reason) == (first.id, "老人摔了，等救护车")
        for trust in (Trust.DESK, Trust.CALL):
            with pytest.raises(Conflict, match="Whoever entered them cannot confirm them"), transaction():
                confirming.confirm(made.visit, trust, first)
        with pytest.raises(Conflict, match="coordinator"), transaction():
            confirming.confirm(made.visit, Trust.FAMILY, make.make_user(Role.FAMILY))
        assert records() == 0
        with transaction():
            assert [each.minutes for each in confirming.confirm(made.visit, Trust.DESK, second)] == [180]


def test_a_round_entered_far_over_its_plan_needs_the_reason_and_the_colleague_as_well(both: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with both.app_context():
        with transaction():
            first_door, last_door = lunch()
            meals = first_door.round
            assert meals is not None
            first, second = colleagues(first_door)
            make.set_clock("2026-11-25 18:00")
            serving.enter_pick_up(meals, at(60))
            with pytest.raises(Invalid, match="603 minutes; 18 were planned"):
                serving.enter_from_sheet(first_door, at(663), at(663), by=first)
            for door in (first_door, last_door):
                assert serving.enter_from_sheet(door, at(663), at(663), by=first, reason="一早去帮厨")
        with pytest.raises(Conflict, match="colleague"), transaction():
            confirming.confirm_round(meals, Trust.DESK, first)
        assert records() == 0
        with transaction():
            assert confirming.confirm_round(meals, Trust.DESK, second) is not None


def test_a_round_begun_at_the_desk_and_ended_by_phone_is_not_confirmed_alone_either(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context():
        with transaction():
            first_door, last_door = lunch()
            meals = first_door.round
            assert meals is not None
            first, _ = colleagues(first_door)
            make.set_clock("2026-11-25 11:05")
            serving.enter_pick_up(meals, at(630))
            serving.enter_from_sheet(first_door, at(660), at(660), by=first)
            make.set_clock("2026-11-25 13:00")
            serving.deliver(last_door)
        with pytest.raises(Conflict, match="colleague"), transaction():
            confirming.confirm_round(meals, Trust.DESK, first)


def test_a_row_is_measured_against_its_whole_round_not_against_the_doors_answered_so_far(app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        offers = make.make_round(community, make.make_volunteer(community), doors=8, accepted=False)
        meals = offers[0].round
        assert meals is not None
        make.set_clock("2026-11-25 18:00")
        serving.enter_pick_up(meals, at(650))
        offers[0].state = OfferState.ACCEPTED
        assert not serving.enter_from_sheet(offers[0], at(710), at(710), by=make.make_user(Role.COORDINATOR))
