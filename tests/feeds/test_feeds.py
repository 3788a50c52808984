"""Calendars: own secret, ended in one press and with who made it, the right zone, called off is marked, nobody's name or door in it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from icalendar import Calendar, Event
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.attack.town import Town, build_town
from tests.browser import Browser
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.feeds.models import Feed
from timebank.visits.actions import offering
from timebank.visits.models import Offer
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Team

ADDRESS = re.compile(r"http://localhost(/feeds/[\w-]+\.ics)")


@pytest.fixture
def town(app: Flask) -> Town:
    return build_town(app)


def address_on(browser: Browser, page: str) -> str:
    found = ADDRESS.search(browser.get(page).text)
    assert found is not None
    return found[1]


def read(app: Flask, path: str) -> dict[str, Event]:
    """Open an address as a calendar does, without a cookie, and return its events by number."""
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    book = Calendar.from_ical(answer.data)
    assert [str(each["TZID"]) for each in book.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    return {str(each["UID"]).split("@")[0]: each for each in book.walk("VEVENT")}


def test_ones_own_calendar_has_what_one_goes_to_in_the_right_zone(app: Flask, town: Town) -> None:
    browser = town.browser(app, "two")
    assert ADDRESS.search(browser.get("/phone/calendar").text) is None
    browser = town.browser(app, "one")
    assert browser.send("/phone/calendar").location == "/phone/calendar"
    events = read(app, address_on(browser, "/phone/calendar"))
    made = events[f"offer-{town.rows['next_offer']}"]
    starts = made["DTSTART"].dt
    assert (starts, starts.utcoffset()) == (datetime(2026, 11, 25, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai")), timedelta(hours=8))
    assert str(made["STATUS"]) == "CONFIRMED"
    assert str(events[f"offer-{town.rows['asked_offer']}"]["STATUS"]) == "TENTATIVE"
    assert f"round-{town.rows['round']}" in events
    assert f"duty-{town.rows['turn']}" in events


def test_a_calendar_names_no_elder_no_door_and_no_telephone(app: Flask, town: Town) -> None:
    text = app.test_client().get(address_on(town.browser(app, "one"), "/phone/calendar")).text
    unfolded = text.replace("\r\n ", "")
    assert [name for name, words in town.secrets.items() if words in unfolded] == []


def test_what_is_called_off_stays_and_is_marked(app: Flask, town: Town) -> None:
    path = address_on(town.browser(app, "one"), "/phone/calendar")
    number = f"offer-{town.rows['next_offer']}"
    before = read(app, path)[number]
    with app.app_context(), transaction():
        offering.decline(db.session.get_one(Offer, town.rows["next_offer"]), "有事")
    after = read(app, path)[number]
    assert (str(after["STATUS"]), int(after["SEQUENCE"]), "取消" in str(after["SUMMARY"])) == (
        "CANCELLED",
        int(before["SEQUENCE"]) + 1,
        True,
    )


def test_a_calendar_that_has_not_changed_is_not_sent_again(app: Flask, town: Town) -> None:
    path = address_on(town.browser(app, "one"), "/phone/calendar")
    first = app.test_client().get(path)
    assert app.test_client().get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    clock.clock.shift += timedelta(minutes=5)
    assert app.test_client().get(path).data == first.data


def test_an_address_ends_in_one_press(app: Flask, town: Town) -> None:
    browser = town.browser(app, "one")
    path = address_on(browser, "/phone/calendar")
    assert browser.send(f"/feeds/{town.rows['feed']}/end").location == "/phone/calendar"
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert app.test_client().get("/feeds/guessed.ics").status_code == 404


@pytest.mark.parametrize("end", ["switched off", "another role"])
def test_an_address_dies_with_whoever_made_it(app: Flask, town: Town, end: str) -> None:
    browser = town.browser(app, "coordinator")
    with app.app_context():
        team = db.session.scalars(select(Team.id)).first()
    assert browser.send("/feeds", kind="team", number=team).location == "/feeds"
    path = address_on(browser, "/feeds")
    assert read(app, path)
    with app.app_context(), transaction():
        user = db.session.get_one(User, town.users["coordinator"])
        if end == "switched off":
            access.switch_off(user)
        else:
            user.role = Role.INSPECTOR
    assert app.test_client().get(path).status_code == 404


def test_a_teams_calendar_masks_its_members_and_is_its_leads_while_they_lead(app: Flask, town: Town) -> None:
    lead = town.browser(app, "team_lead")
    with app.app_context():
        team = db.session.scalars(select(Team.id)).first()
    assert lead.send("/feeds", kind="station", number=town.rows["station"]).status_code == 404
    lead.send("/feeds", kind="team", number=team)
    path = address_on(lead, "/feeds")
    words = [str(each["SUMMARY"]) for each in read(app, path).values()]
    assert any(each.startswith("郭** ") for each in words)
    assert not any(town.secrets["carer"] in each for each in words)
    with app.app_context(), transaction():
        volunteers.look_after(db.session.get_one(User, town.users["team_lead"]), [])
    assert app.test_client().get(path).status_code == 404


def test_a_stations_calendar_has_its_sessions(app: Flask, town: Town) -> None:
    browser = town.browser(app, "coordinator")
    browser.send("/feeds", kind="station", number=town.rows["station"])
    assert f"session-{town.rows['session']}" in read(app, address_on(browser, "/feeds"))


def test_the_database_keeps_an_address_for_one_thing(both: Flask) -> None:
    town = build_town(both)
    with both.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(update(Feed).where(Feed.id == town.rows["feed"]).values(station_id=town.rows["station"]))
    with both.app_context():
        assert db.session.scalar(select(Feed.secret_hash)) != db.session.scalar(select(Feed.secret))
