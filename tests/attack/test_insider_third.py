"""A third stranger's ways: guesses that leave nothing behind, what a printed sheet opens, codes read from messages."""

from flask import Flask, url_for
from sqlalchemy import func, select

from tests import builders as make
from tests.api.conftest import path_of
from tests.api.program import Program, program_of
from tests.attack.insider import Office, sheet_of
from tests.attack.test_insider_second import duty, take, turn
from timebank.access.by_sheet import TASKS
from timebank.access.models import Role
from timebank.access.policy import allows
from timebank.api.spec import document_of
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.notices.actions import notify
from timebank.notices.models import NoticeChoice
from timebank.places.models import Community
from timebank.visits.models import Offer
from timebank.visits.promises import Promise
from timebank.volunteers.models import Volunteer

CODES = ("0001", "0002", "0003", "0004", "0005", "0006")


def carer(office: Office) -> int:
    """Return the sign-in of the volunteer of the office."""
    user = db.session.get_one(Volunteer, office.volunteer).user_id
    assert user is not None
    return user


def program(office: Office, user: int) -> Program:
    """Return a program of somebody."""
    made = program_of(office.app, user)
    forget_reads()
    return made


# 1. Codes


def test_a_visit_code_is_not_guessed_by_only_trying(office: Office) -> None:
    """At home, with a token: ten thousand codes that leave no count behind, then the right one; the clock took it for evidence."""
    office.at("2026-11-25 14:00")
    with transaction():
        made = office.visit()
        made.visit.code = "4827"
    phone = program(office, carer(office))
    path = f"/my/offers/{made.id}/check-in"
    answers = [phone.send(f"{path}?dry_run=true", {"code": code}) for code in (*CODES, "4827")]
    assert {(each.status_code, each.get_json()["code"]) for each in answers} == {(400, "no_dry_run")}
    counted = [phone.send(path, {"code": code}).status_code for code in (*CODES, "4827")]
    assert counted == [200] * 5 + [409] * 2
    forget_reads()
    assert not db.session.get_one(Offer, made.id).code_ok


def test_nor_is_the_code_of_the_day(office: Office) -> None:
    (seat,) = turn(office, seats=1)
    take(seat, office.volunteer)
    office.at("2026-11-26 10:00")
    phone = program(office, carer(office))
    right = duty(seat).code
    for code in (*CODES, right):
        assert phone.send(f"/my/duties/{seat}/sign-in?dry_run=true", {"code": code}).status_code == 400
    forget_reads()
    assert (duty(seat).code_tries, duty(seat).started_at) == (0, None)


def test_a_family_code_is_not_guessed_by_only_trying(office: Office) -> None:
    """A program of anybody's: eight digits tried without a count, the right one told apart, and one is bound to an elder."""
    with transaction():
        stranger = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community)).id
    phone = program(office, stranger)
    path = "/forms/family/bind/code"
    said = {"code": "12345678", "relation": "child"}
    tried = phone.send(f"{path}?dry_run=true", said)
    assert (tried.status_code, tried.get_json()["code"]) == (400, "no_dry_run")
    forget_reads()
    counted = select(func.count()).select_from(AuditRow).where(AuditRow.verb == "wrong_family_code")
    assert db.session.scalar(counted) == 0
    assert phone.send(path, said).status_code == 200
    forget_reads()
    assert db.session.scalar(counted) == 1


def test_no_door_that_takes_a_code_offers_to_be_tried(app: Flask) -> None:
    with app.test_request_context():
        said = document_of(app)
    doors = {}
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("api_") or "POST" not in (rule.methods or ()):
            continue
        operation = said["paths"][path_of(rule)]["post"]
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        fields = said["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
        if "code" in fields:
            doors[rule.endpoint] = "dry_run" in {each.get("name") for each in operation["parameters"]}
    assert doors == {"api_service.check_in": False, "api_rooms.sign_in": False, "api_forms.family_bind__by_code": False}


def test_the_office_does_not_read_visit_codes_in_messages_that_go_out(office: Office, sent: None) -> None:
    with transaction():
        daughter = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        words = {"day": ("明天", "Tomorrow"), "when": "14:30", "kind": ("理发", "Haircut"), "names": ("张女士", "Ms 张"), "more": ("", "")}
        notify(daughter.id, "tomorrow", code=("，到访码4827", ", code 4827"), station="0532-1", **words)
    seen = office.insider.get("/notices").text + program(office, office.insider.user or 0).get("/notices").text
    assert "张女士" in seen
    assert "4827" not in seen


def test_reading_codes_that_are_passed_on_by_telephone_leaves_a_row(office: Office) -> None:
    with transaction():
        daughter = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        words = {"day": ("明天", "Tomorrow"), "when": "14:30", "kind": ("理发", "Haircut"), "names": ("张女士", "Ms 张"), "more": ("", "")}
        notify(daughter.id, "tomorrow", code=("，到访码4827", ", code 4827"), station="0532-1", **words)
    for _ in range(2):
        assert "4827" in office.insider.get("/notices/to-pass-on").text
    looks = select(AuditRow).where(AuditRow.verb == "look", AuditRow.subject == "community")
    assert [each.actor for each in db.session.scalars(looks)] == [f"user:{office.insider.user}"]


# 2. The code of a printed sheet


def test_a_sheet_promises_no_round_for_every_week(office: Office) -> None:
    office.at("2026-11-25 09:00")
    with transaction():
        whole = db.session.get_one(Community, office.community)
        number = make.make_round(whole, db.session.get_one(Volunteer, office.volunteer), doors=2)[0].round_id
    assert sheet_of(office, carer(office)).send(f"/phone/rounds/{number}/promise").status_code == 403
    assert db.session.scalars(select(Promise)).all() == []


def test_a_sheet_refuses_no_message_and_says_no_name(office: Office) -> None:
    sheet = sheet_of(office, carer(office))
    assert sheet.send("/my/messages").status_code == 403
    assert sheet.send("/my/data/name", name="于海宁").status_code == 403
    assert db.session.scalars(select(NoticeChoice)).all() == []


def test_a_sheet_opens_no_page_of_a_family_where_the_code_stands(office: Office) -> None:
    """A volunteer who is somebody's daughter as well: whoever printed her sheet would read the code of her mother's door."""
    with transaction():
        make.make_family(db.session.get_one(Elder, office.elder), db.session.get_one(Volunteer, office.volunteer).user)
        made = office.visit()
        made.visit.code = "4827"
    sheet = sheet_of(office, carer(office))
    assert sheet.get(f"/family/visits/{made.visit_id}").status_code == 403
    assert sheet.get(f"/family/visits/{made.visit_id}/card").status_code == 403
    assert sheet.get("/phone").status_code == 200


def test_a_sheet_sends_nothing_but_the_days_tasks(office: Office) -> None:
    sheet = sheet_of(office, carer(office))
    sends = [
        rule
        for rule in office.app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith("api_") and allows(rule.endpoint, Role.VOLUNTEER)
    ]
    others = [rule for rule in sends if rule.endpoint not in TASKS]
    assert len(others) > 40
    with office.app.test_request_context():
        paths = {rule.endpoint: url_for(rule.endpoint, **dict.fromkeys(rule.arguments, 1)) for rule in others}
    assert {endpoint: code for endpoint, path in paths.items() if (code := sheet.send(path).status_code) != 403} == {}
