"""The queue in the hand of whoever holds the session: theirs, today, by number and masked name; nobody else's."""

from collections.abc import Callable

from tests import builders as make
from tests.browser import Browser
from tests.stations.conftest import Corner, hold, people, sign_up, tomorrow, whoever
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.stations.actions import hosting
from timebank.stations.models import Attendance, Kind, Turn
from timebank.volunteers.models import Volunteer


def barber_of(corner: Corner, sign_in_as: Callable[..., Browser]) -> tuple[Browser, int, int]:
    """Return the browser of a barber, the session of today they hold, and one of tomorrow."""
    browser = sign_in_as(Role.VOLUNTEER, corner.community)
    with corner.app.app_context(), transaction():
        barber = make.make_volunteer(db.session.get_one(Community, corner.community), "赵志强", browser.user)
        today, later = hold(corner), hold(corner, day=tomorrow())
        for each in (today, later):
            hosting.add_host(each, barber)
        sign_up(today, whoever(corner, "孙甲乙", "13800138000"), here=True)
        sign_up(today, whoever(corner, "钱丙"))
        return browser, today.id, later.id


def test_a_barber_calls_in_and_finishes_on_their_phone(corner: Corner, sign_in_as: Callable[..., Browser]) -> None:
    browser, today, _later = barber_of(corner, sign_in_as)
    page = browser.get(f"/stations/hosting/{today}").text
    assert "孙**" in page
    assert "孙甲乙" not in page
    assert "13800138000" not in page
    for turn in ("called", "served"):
        assert browser.send(f"/stations/hosting/{today}/attendances/1", turn=turn).status_code == 303
    assert corner.get(Attendance, 1).turn is Turn.SERVED
    wrong = browser.send(f"/stations/hosting/{today}/attendances/2", turn="called")
    assert wrong.status_code == 409
    assert "这一步不能点" in wrong.text
    browser.send(f"/stations/hosting/{today}/attendances/2", turn="arrived")
    assert "钱*" in browser.get(f"/stations/hosting/{today}").text


def test_the_queue_is_nobody_elses_and_only_of_today(corner: Corner, sign_in_as: Callable[..., Browser]) -> None:
    browser, today, later = barber_of(corner, sign_in_as)
    other = sign_in_as(Role.VOLUNTEER, corner.community)
    with corner.app.app_context(), transaction():
        make.make_volunteer(db.session.get_one(Community, corner.community), "冯丽", other.user)
    refused = other.get(f"/stations/hosting/{today}")
    assert refused.status_code == 404
    assert "请服务站把你写上" in refused.text
    assert other.send(f"/stations/hosting/{today}/attendances/1", turn="called").status_code == 404
    assert browser.get(f"/stations/hosting/{later}").status_code == 404
    assert corner.get(Attendance, 1).turn is Turn.ARRIVED


def test_who_is_only_asked_does_not_have_the_queue_yet(corner: Corner, sign_in_as: Callable[..., Browser]) -> None:
    browser = sign_in_as(Role.VOLUNTEER, corner.community)
    with corner.app.app_context(), transaction():
        volunteer: Volunteer = make.make_volunteer(db.session.get_one(Community, corner.community), "赵志强", browser.user)
        session = hold(corner, kind=Kind.CLINIC, title="义诊", start=900, end=960)
        hosting.add_host(session, volunteer, corner.user(), agreed=False)
        number = session.id
        assert people(corner)
    assert browser.get(f"/stations/hosting/{number}").status_code == 404
