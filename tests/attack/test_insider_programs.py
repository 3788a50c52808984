"""What the same stranger tried by programs and held: a token is one pair of hands, whatever it is sent under which key."""

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.api.program import Program, program_of
from tests.attack.insider import SECONDS, Office
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.feeds import actions as feeds
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.proposals.models import Kind
from timebank.volunteers.models import Volunteer

MORE = {"minutes": 240, "reason": "少记了"}
OTHERS = (Role.INSPECTOR, Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN, Role.STREET_OFFICER)


def program(office: Office, user: int | None) -> Program:
    """Return a program of somebody."""
    assert user is not None
    made = program_of(office.app, user)
    forget_reads()
    return made


def carer(office: Office) -> int | None:
    """Return the sign-in of the volunteer of the office."""
    return db.session.get_one(Volunteer, office.volunteer).user_id


def asked(office: Office) -> str:
    """Let the insider's program ask for more minutes, and return where it is agreed to."""
    answer = program(office, office.insider.user).send(f"/records/{office.record}/correct", MORE)
    return f"/proposals/{answer.get_json()['proposal']}/agree"


@pytest.mark.parametrize("how", ["", "?dry_run=true", "?dry_run=false"])
def test_held_nobody_agrees_to_what_their_own_program_asked_for(office: Office, how: str) -> None:
    before, path = office.gained(), asked(office)
    assert program(office, office.insider.user).send(f"{path}{how}").status_code == 409
    assert office.insider.send(path).status_code == 409
    assert office.gained() == before


@pytest.mark.parametrize("role", SECONDS)
def test_held_trying_to_agree_leaves_nothing_and_agreeing_counts_once(office: Office, role: Role) -> None:
    before, path, other = office.gained()[0], asked(office), program(office, office.colleague(role).user)
    assert other.send(f"{path}?dry_run=true").status_code == 200
    assert office.minutes() == before
    assert [other.send(path, key="agree-to-it").status_code for _ in range(3)] == [200] * 3
    assert office.minutes() == before + 53


@pytest.mark.parametrize("role", OTHERS)
def test_held_no_other_role_moves_a_minute_by_a_program(office: Office, role: Role) -> None:
    path, theirs = asked(office), program(office, office.colleague(role).user)
    doors = {path: {}, f"/records/{office.record}/correct": MORE, f"/elders/{office.elder}/grants": {"minutes": 60}}
    before = office.gained()
    assert {theirs.send(door, body).status_code for door, body in doors.items()} == {403}
    assert office.gained() == before


def test_held_a_volunteers_program_confirms_posts_and_grants_nothing_and_serves_only_its_own(office: Office) -> None:
    path, phone = asked(office), program(office, carer(office))
    with transaction():
        community = db.session.get_one(Community, office.community)
        mine = office.visit()
        made = office.visit(start=15 * 60, volunteer=make.make_volunteer(community, "卞玉贵"))
    before = office.gained()
    for door in (path, f"/visits/{mine.visit_id}/confirm", f"/offers/{made.id}/answer-accept"):
        assert phone.send(door).status_code == 403
    assert phone.send(f"/my/offers/{made.id}/check-in").status_code == 404
    assert phone.send(f"/my/visits/{mine.visit_id}/confirm").status_code == 404
    assert phone.send("/my/gifts/1", {"minutes": 10}).status_code == 404
    assert office.gained() == before


def test_held_no_mark_but_the_desks_is_said_by_a_program(office: Office) -> None:
    with transaction():
        made = office.visit()
    desk = program(office, office.insider.user)
    for trust in ("two_persons", "family", "auto", "code"):
        assert desk.send(f"/visits/{made.visit_id}/confirm", {"trust": trust}).status_code == 422


def test_held_a_key_is_one_users_and_one_thing(office: Office) -> None:
    other = program(office, office.colleague().user)
    desk, path = program(office, office.insider.user), f"/records/{office.record}/correct"
    assert desk.send(path, {"minutes": 180, "reason": "多记了"}, key="one-and-only").status_code == 200
    assert desk.send(path, {"minutes": 10, "reason": "多记了"}, key="one-and-only").status_code == 422
    assert other.send(path, {"minutes": 180, "reason": "多记了"}, key="one-and-only").status_code == 409
    assert office.minutes() == 180


def test_held_another_number_by_a_program_waits_and_both_numbers_hear_of_it(office: Office) -> None:
    desk, path = program(office, office.insider.user), f"/volunteers/{office.volunteer}"
    seen = desk.get(path)
    answer = desk.send(path, {"phone": "13977778888"}, method="PATCH", headers={"If-Match": seen.headers["ETag"]})
    assert (answer.status_code, answer.get_json()["phone"]) == (200, seen.get_json()["phone"])
    assert office.waiting()[-1].kind is Kind.IDENTITY
    told = set(db.session.scalars(select(Notice.phone).where(Notice.template == "number")))
    assert told == {"13977778888", seen.get_json()["phone"]}


def test_held_a_token_and_a_calendar_end_with_their_maker(office: Office) -> None:
    old, number = program(office, office.insider.user), office.insider.user
    with transaction():
        feed = feeds.make(db.session.get_one(Volunteer, office.volunteer), db.session.get_one(User, carer(office)))
        secret = feed.secret
    reader = office.colleague()
    assert reader.get(f"/feeds/{secret}.ics").status_code == 200
    with transaction():
        access.switch_off(db.session.get_one(User, number))
        access.switch_off(db.session.get_one(User, carer(office)))
    forget_reads()
    assert old.get("/me").status_code == 401
    assert reader.get(f"/feeds/{secret}.ics").status_code == 404


def test_held_no_address_inside_the_house_is_called(office: Office) -> None:
    desk = program(office, office.insider.user)
    for url in ("https://127.0.0.1/x", "https://10.0.0.8/x", "https://[::1]/x", "https://169.254.169.254/latest", "http://example.cn/x"):
        assert desk.send("/webhooks", {"url": url, "events": ["volunteer.added"]}).status_code == 422


def test_held_a_family_by_program_reads_and_confirms_its_own_elders_visits_only(office: Office) -> None:
    with transaction():
        community = db.session.get_one(Community, office.community)
        stranger = make.make_user(Role.FAMILY, community).id
        made = office.visit()
        waits = make.make_user(Role.FAMILY, community)
        make.make_family(db.session.get_one(Elder, office.elder), waits, approved=False)
    for user in (stranger, waits.id):
        theirs = program(office, user)
        assert theirs.get(f"/my/visits/{made.visit_id}").status_code == 404
        assert theirs.send(f"/my/visits/{made.visit_id}/confirm").status_code == 404
        assert theirs.get("/my/elders").get_json()["items"] == []
