"""Who holds a session is on duty there: once, in one place at a time, signed in by the code, on record by a second person."""

from datetime import timedelta

import pytest

from tests import builders as make
from tests.stations.conftest import Corner, hold, people, sign_up, tomorrow, whoever
from timebank import clock
from timebank.access.models import Role
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.ledger.models import Transfer
from timebank.notices.models import Notice
from timebank.stations import queries
from timebank.stations.actions import hosting, queueing, sessions
from timebank.visits.actions import duty_records, duty_times
from timebank.visits.duties import DutyState
from timebank.visits.models import ServiceRecord, Trust


def test_a_host_stands_once_in_a_session_and_in_one_place_at_a_time(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        session = hold(corner)
        hosting.add_host(session, barber, corner.user())
        with pytest.raises(Conflict, match="already"):
            hosting.add_host(session, barber)
        with pytest.raises(Conflict, match="already"):
            hosting.add_host(hold(corner, title="讲座", start=600, end=720), barber)
        hosting.add_host(hold(corner, title="晚一点", start=690, end=720), barber)


def test_what_a_host_does_comes_on_record_by_the_code_and_a_second_person(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        duty = hosting.add_host(hold(corner), barber, corner.user())
        assert duty_times.sign_in(duty, duty.code)
        make.set_clock("2026-11-25 11:30")
        duty_times.sign_out(duty)
        record = duty_records.confirm(duty, Trust.DESK, corner.user())
        assert record is not None
        assert (record.minutes, record.kind.code, record.place) == (150, "STHAIR", "东门服务站")
    assert corner.count(Transfer) == 1


def test_staff_who_hold_a_session_are_recorded_and_never_credited(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        community, *_ = people(corner)
        paid = make.make_volunteer(community, "专职刘", staff=True)
        duty = hosting.add_host(hold(corner), paid, corner.user(), agreed=False)
        assert duty.state is DutyState.AGREED
        make.set_clock("2026-11-25 12:00")
        duty_times.enter_sheet(duty, clock.at(duty.day, 540), clock.at(duty.day, 690), corner.user())
        with pytest.raises(Conflict, match="Ask a colleague"):
            duty_records.confirm(duty, Trust.DESK, corner.user())
        duty_records.confirm(duty, Trust.DESK, make.make_user(Role.COORDINATOR, community))
    assert corner.count(ServiceRecord) == 1
    assert corner.count(Transfer) == 0


def test_who_is_asked_answers_and_who_lacks_the_skill_is_refused(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        session = hold(corner, day=tomorrow())
        asked = hosting.add_host(session, barber, corner.user(), agreed=False)
        assert asked.state is DutyState.ASKED
        db.session.query(ServiceKind).filter_by(code="STHAIR").one().skills = ["hair"]
        db.session.flush()
        with pytest.raises(Conflict, match="skill"):
            hosting.add_host(hold(corner, day=tomorrow() + timedelta(days=1)), barber, corner.user())


def test_a_host_taken_off_is_told_and_their_place_is_not_opened_again(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        session = hold(corner)
        duty = hosting.add_host(session, barber, corner.user())
        with pytest.raises(Conflict, match="old times"):
            queueing.change(session, seats=60, chairs=1, start=600, end=690)
        hosting.drop_host(session, duty)
        assert queries.places(session) == []
        again = hosting.add_host(session, barber, corner.user())
        duty_times.sign_in(again, again.code)
        with pytest.raises(Conflict, match="begun"):
            hosting.drop_host(session, again)
    assert corner.count(Notice, Notice.template == "cancelled") == 1


def test_a_session_called_off_calls_its_hosts_off(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        _community, _station, barber, *_ = people(corner)
        session = hold(corner, day=tomorrow())
        duty = hosting.add_host(session, barber, corner.user())
        sign_up(session, whoever(corner, "孙甲"))
        sessions.call_off(session, "停电", corner.user())
        assert duty.state is DutyState.CALLED_OFF
        with pytest.raises(Conflict, match="called off"):
            hosting.add_host(session, barber)
