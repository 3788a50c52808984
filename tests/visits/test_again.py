"""After a visit failed at the door: it goes back to the pool for its other days with its history, or its page asks what next."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.credit.conftest import here
from timebank import clock
from timebank.db import db, transaction
from timebank.elders.models import Pause
from timebank.errors import Conflict, Invalid
from timebank.places.models import Community
from timebank.visits.actions import again, needs, offering, scheduling, serving
from timebank.visits.models import HelpRequest, Offer, Outcome, Pattern, Visit, VisitState
from timebank.visits.states import Why
from timebank.volunteers.models import Volunteer

__all__ = ["here"]
WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (25, 26, 27))
AT_DOOR = "2026-11-25 14:35"


def agreed(here: SimpleNamespace, *days: date, **need: object) -> Offer:
    """Agree a haircut on Wednesday that may be on any of some days."""
    community, home = db.session.get_one(Community, here.community), db.session.get_one(make.Household, here.home)
    kind = db.session.query(make.ServiceKind).filter_by(code="HAIR").first() or make.make_kind("HAIR")
    dates = [day.isoformat() for day in days]
    request = make.make_request(community, kind, home, elder_id=here.mother, dates=dates, **need)
    visit = make.make_visit(request, days=dates)
    return make.make_offer(visit, db.session.get_one(Volunteer, here.volunteer), 870, accepted=True)


def failed(made: Offer, outcome: Outcome) -> Visit:
    """Let the volunteer find something else than a visit at the door."""
    make.set_clock(AT_DOOR)
    serving.report(made, outcome)
    return made.visit


def days_of(visit: Visit | None) -> list[str] | None:
    """Return the days a visit may be on."""
    return visit.days if visit is not None else None


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.NOT_READY])
def test_nobody_at_home_or_not_ready_goes_back_to_the_pool_for_the_other_days(here: SimpleNamespace, outcome: Outcome) -> None:
    with transaction():
        visit = failed(agreed(here, WEDNESDAY, THURSDAY, FRIDAY), outcome)
    new = again.next_of(visit)
    assert new is not None
    assert (visit.state, new.state, new.days) == (VisitState.FAILED, VisitState.OPEN, ["2026-11-26", "2026-11-27"])
    assert (new.minutes, new.window_from, new.crew, new.week) == (visit.minutes, visit.window_from, visit.crew, visit.week)
    assert [each.id for each in again.history(new)] == [visit.id]
    assert again.waiting(here.community) == []
    with transaction():
        scheduling.schedule_week(here.community, visit.week)
    assert len(list(db.session.scalars(select(Visit)))) == 2
    with transaction():
        made = make.make_offer(new, db.session.get_one(Volunteer, here.volunteer), 870, THURSDAY, accepted=True)
        make.set_clock("2026-11-26 14:35")
        serving.report(made, outcome)
    third = again.next_of(new)
    assert third is not None
    assert (third.days, [each.id for each in again.history(third)]) == (["2026-11-27"], [visit.id, new.id])


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.WRONG_ADDRESS, Outcome.OTHER])
def test_whoever_refused_or_lives_elsewhere_is_asked_about_first(here: SimpleNamespace, outcome: Outcome) -> None:
    with transaction():
        visit = failed(agreed(here, WEDNESDAY, THURSDAY), outcome)
    assert (again.next_of(visit), again.asks(visit), again.found_at_door(visit)) == (None, True, outcome)
    assert [each.id for each in again.waiting(here.community)] == [visit.id]
    with transaction():
        new = again.try_again(visit, THURSDAY)
    assert (new.days, again.asks(visit)) == (["2026-11-26"], False)
    with pytest.raises(Conflict, match="decided already"), transaction():
        again.try_again(visit, THURSDAY)
    with pytest.raises(Conflict, match="decided already"), transaction():
        again.leave_it(visit, Why.FAMILY)


def test_a_visit_of_one_day_asks_and_may_go_to_any_open_free_day(here: SimpleNamespace) -> None:
    with transaction():
        visit = failed(agreed(here, WEDNESDAY), Outcome.NO_ANSWER)
    assert (again.next_of(visit), again.asks(visit)) == (None, True)
    assert again.choices(visit)[0] == THURSDAY  # on Wednesday itself the need has this one
    for wrong in (WEDNESDAY, date(2026, 11, 24), date(2026, 12, 7)):
        with pytest.raises(Invalid, match="Choose another one"), transaction():
            again.try_again(visit, wrong)
    with transaction():
        assert again.try_again(visit, FRIDAY).occurrence == FRIDAY


def test_who_is_away_on_the_other_days_is_not_put_back(here: SimpleNamespace) -> None:
    with transaction():
        made = agreed(here, WEDNESDAY, THURSDAY)
        mother = db.session.get_one(make.Elder, here.mother)
        mother.pauses.append(Pause(first_day=THURSDAY, last_day=THURSDAY))
        db.session.flush()
        visit = failed(made, Outcome.NO_ANSWER)
    assert again.next_of(visit) is None
    assert again.asks(visit)


@pytest.mark.parametrize("why", [Why.FAMILY, Why.NO_MORE])
def test_what_is_left_alone_is_asked_about_no_more(here: SimpleNamespace, why: Why) -> None:
    with transaction():
        visit = failed(agreed(here, WEDNESDAY), Outcome.NO_ANSWER)
    with pytest.raises(Invalid), transaction():
        again.leave_it(visit, Why.ILL)
    with transaction():
        again.leave_it(visit, why)
    assert (again.asks(visit), list(again.waiting(here.community)), again.choices(visit)) == (False, [], [])


def test_what_was_served_or_is_still_to_come_asks_nothing(here: SimpleNamespace) -> None:
    with transaction():
        made = agreed(here, WEDNESDAY, THURSDAY)
        with pytest.raises(Conflict):
            again.leave_it(made.visit, Why.FAMILY)
        visit = failed(made, Outcome.UNWELL)
    assert (visit.state, again.next_of(visit), again.asks(visit)) == (VisitState.DONE, None, False)


def test_a_line_of_a_day_sheet_puts_back_as_well(here: SimpleNamespace) -> None:
    with transaction():
        made = agreed(here, WEDNESDAY, THURSDAY)
        make.set_clock("2026-11-25 18:00")
        begun = clock.at(WEDNESDAY, 870)
        serving.enter_from_sheet(made, begun, begun + timedelta(minutes=5), Outcome.NO_ANSWER)
    assert days_of(again.next_of(made.visit)) == ["2026-11-26"]


def test_a_need_that_changes_leaves_a_second_try_alone(here: SimpleNamespace) -> None:
    with transaction():
        visit = failed(agreed(here, WEDNESDAY, THURSDAY, pattern=Pattern.ONCE), Outcome.NO_ANSWER)
        needs.follow_need(db.session.get_one(HelpRequest, visit.request_id))
    new = again.next_of(visit)
    assert new is not None
    assert new.state is VisitState.OPEN


def test_the_minutes_of_a_failed_visit_pay_for_the_next_try(here: SimpleNamespace) -> None:
    with transaction():
        visit = failed(agreed(here, WEDNESDAY, THURSDAY), Outcome.NO_ANSWER)
        new = again.next_of(visit)
        assert new is not None
        offering.accept(make.make_offer(new, db.session.get_one(Volunteer, here.volunteer), 870, THURSDAY))
    assert new.state is VisitState.ACCEPTED


def test_the_database_lets_one_visit_be_tried_again_once_and_never_by_itself(here: SimpleNamespace) -> None:
    with transaction():
        visit = failed(agreed(here, WEDNESDAY, THURSDAY), Outcome.NO_ANSWER).id
        other = agreed(here, FRIDAY).visit.id
    for change in (f"again_of = {visit}", f"again_of = {other}"):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE visit SET {change} WHERE id = {other}"))
