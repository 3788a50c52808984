"""What was refused leaves a row: once a day for each thing, not more than so many, and without a word that could be a secret."""

from collections.abc import Callable

from sqlalchemy import select

from tests import builders as make
from tests.api.program import program_of
from tests.attack.insider import Office
from tests.attack.test_insider_second import phone_of
from tests.browser import Browser
from timebank.access import refused
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.volunteers.models import Volunteer


def tries(user: int | None) -> list[tuple[str, int]]:
    """Return what was refused to somebody: the page and the answer."""
    forget_reads()
    rows = select(AuditRow).where(AuditRow.verb == "refused", AuditRow.actor == f"user:{user}").order_by(AuditRow.id)
    return [(row.detail["fields"]["page"][1], row.detail["fields"]["answer_given"][1]) for row in db.session.scalars(rows)]


def test_a_rule_that_refuses_the_office_leaves_one_row_a_day(office: Office) -> None:
    office.insider.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了")
    for _ in range(3):
        assert office.decide(office.insider) == 409
    path = f"POST /proposals/{office.waiting()[-1].id}/agree"
    assert tries(office.insider.user) == [(path, 409)]
    office.at("2026-11-26 09:00")
    assert office.decide(office.insider) == 409
    assert tries(office.insider.user) == [(path, 409)] * 2
    inspector = office.colleague(Role.INSPECTOR)
    assert path in inspector.get("/trail?first=2026-11-25&last=2026-11-26").text


def test_a_row_of_another_community_that_is_asked_for_leaves_one(office: Office, sign_in_as: Callable[..., Browser]) -> None:
    with transaction():
        elsewhere = make.make_community("elsewhere").id
    other = sign_in_as(Role.COORDINATOR, community_id=elsewhere)
    assert other.get(f"/elders/{office.elder}").status_code == 404
    assert other.send(f"/elders/{office.elder}/state", state="moved").status_code == 404
    assert tries(other.user) == [(f"GET /elders/{office.elder}", 404), (f"POST /elders/{office.elder}/state", 404)]


def test_so_does_what_is_sent_to_a_door_of_another_role_by_page_and_by_program(office: Office) -> None:
    user = db.session.get_one(Volunteer, office.volunteer).user_id or 0
    assert phone_of(office, user).send(f"/credit/grants/{office.elder}", minutes="60").status_code == 403
    program = program_of(office.app, office.insider.user or 0)
    office.insider.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了")
    waits = office.waiting()[-1].id
    assert program.send(f"/proposals/{waits}/agree").status_code == 409
    assert tries(user) == [(f"POST /credit/grants/{office.elder}", 403)]
    assert tries(office.insider.user) == [(f"POST /api/v1/proposals/{waits}/agree", 409)]


def test_a_volunteers_double_tap_and_a_page_that_is_gone_leave_none(office: Office) -> None:
    user = db.session.get_one(Volunteer, office.volunteer).user_id or 0
    phone = phone_of(office, user)
    assert phone.get("/no-such-page").status_code == 404
    assert phone.send("/phone/rounds/999/pick-up", counted="1").status_code in (404, 409)
    assert [status for _page, status in tries(user)] in ([], [404])


def test_no_word_of_an_address_is_kept(office: Office) -> None:
    assert office.insider.get("/feeds/a-secret-of-somebody.ics").status_code == 404
    assert office.insider.get("/link/a-token-of-somebody").status_code == 404
    forget_reads()
    assert not [row for row in db.session.scalars(select(AuditRow)) if "somebody" in str(row.detail) + str(row.once)]


def test_nobody_fills_the_table(office: Office) -> None:
    for number in range(1000, 1000 + refused.MOST + 5):
        assert office.insider.get(f"/elders/{number}").status_code == 404
    assert len(tries(office.insider.user)) == refused.MOST


def test_an_administrators_tries_stand_on_the_trail_of_every_community(office: Office) -> None:
    with transaction():
        number = make.make_user(Role.ADMIN, None).id
    admin = phone_of(office, number)
    assert admin.get("/elders/9999").status_code == 404
    assert "GET /elders/9999" in office.colleague(Role.INSPECTOR).get("/trail?first=2026-11-25&last=2026-11-25").text
