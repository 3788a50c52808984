"""One coordinator alone: nobody's name, number or family changes hands by it, and of all roles only a colleague decides."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests import builders as make
from tests.attack.insider import OTHERS, SECONDS, Office, identity
from tests.browser import Browser
from timebank import audit, jobs
from timebank.access import actions as access
from timebank.access.models import Role, Session, User
from timebank.audit import AuditRow
from timebank.certificates.issuer import ISSUER, hold_back_issuer
from timebank.credit import actions as credit
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.records.actions import objecting
from timebank.visits.actions import serving
from timebank.visits.entries import Kinship
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

# 6. Somebody else's telephone


def test_another_number_waits_both_numbers_hear_of_it_and_every_session_ends(office: Office) -> None:
    volunteer = db.session.get_one(Volunteer, office.volunteer)
    name, phone, user = volunteer.name, volunteer.phone, volunteer.user_id
    assert user is not None
    with transaction():
        access.sign_in(db.session.get_one(User, user))
    assert identity(office, name, "13799990000") == 303
    forget_reads()
    assert (db.session.get_one(Volunteer, office.volunteer).phone, db.session.get_one(User, user).phone) == (phone, phone)
    told = {each.phone for each in db.session.scalars(select(Notice).where(Notice.template == "number"))}
    assert told == {phone, "13799990000"}
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert db.session.get_one(User, user).phone == "13799990000"
    alive = select(func.count()).select_from(Session).where(Session.user_id == user, Session.revoked_at.is_(None))
    assert db.session.scalar(alive) == 0


def test_another_number_takes_effect_after_a_day_in_which_nobody_objected_and_another_name_never_by_itself(
    office: Office, sent: None
) -> None:
    name, phone = db.session.get_one(Volunteer, office.volunteer).name, db.session.get_one(Volunteer, office.volunteer).phone
    assert identity(office, name, "13799990000") == 303
    office.at("2026-11-26 15:59")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).phone == phone
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).phone == "13799990000"
    row = db.session.scalars(select(AuditRow).where(AuditRow.verb == "elapse")).one()
    assert row.detail["kind"] == "identity"
    assert identity(office, "于海宁", "13799990000") == 303
    office.at("2026-12-05 16:00")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).name == name
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert db.session.get_one(Volunteer, office.volunteer).name == "于海宁"


def test_nothing_takes_effect_by_waiting_where_its_messages_wait_for_the_desk(office: Office) -> None:
    name, phone = db.session.get_one(Volunteer, office.volunteer).name, db.session.get_one(Volunteer, office.volunteer).phone
    assert identity(office, name, "13799990000") == 303
    office.at("2026-12-05 16:00")
    jobs.keep_house()
    assert (db.session.get_one(Volunteer, office.volunteer).phone, office.waiting()[-1].due_at) == (phone, None)


def test_a_refused_name_never_takes_effect(office: Office) -> None:
    phone = db.session.get_one(Volunteer, office.volunteer).phone
    identity(office, "于海宁", phone)
    other = office.colleague()
    assert office.decide(other, "refuse") == 422
    assert office.decide(other, "refuse", decision="打过电话，本人没有改名") == 303
    office.at("2026-11-28 09:00")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).name != "于海宁"


# 7. One's own family


def test_nobody_of_the_office_confirms_what_their_own_family_did(office: Office) -> None:
    office.at("2026-11-25 14:00")
    with transaction():
        db.session.add(Kinship(user_id=office.insider.user or 0, volunteer_id=office.volunteer, relation="配偶"))
        made = office.visit()
        serving.check_in(made, made.visit.code)
    office.at("2026-11-25 14:30")
    with transaction():
        serving.check_out(db.session.merge(made))
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 409
    assert office.colleague().send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303


def test_nobody_takes_their_own_kinship_off(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    with transaction():
        kin = Kinship(user_id=admin.user or 0, volunteer_id=office.volunteer, relation="配偶")
        db.session.add(kin)
    assert admin.send(f"/entries/kin/{kin.id}/drop").status_code == 409
    assert office.colleague(Role.ADMIN).send(f"/entries/kin/{kin.id}/drop").status_code == 303


def test_nobody_corrects_or_decides_about_their_familys_record(office: Office) -> None:
    other = office.colleague()
    with transaction():
        db.session.add(Kinship(user_id=other.user or 0, volunteer_id=office.volunteer, relation="姐姐"))
    assert other.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了").status_code == 409
    office.insider.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了")
    assert office.decide(other) == 409
    assert office.decide(office.colleague()) == 303


# Whoever may decide


@pytest.mark.parametrize("asks", SECONDS)
@pytest.mark.parametrize("decides", [*SECONDS, *OTHERS])
def test_only_another_person_of_the_office_decides(office: Office, asks: Role, decides: Role) -> None:
    asker, decider = office.colleague(asks), office.colleague(decides)
    asker.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了")
    assert office.decide(asker) == 409
    answered = office.decide(decider)
    assert (answered == 303) is (decides in SECONDS)
    assert (office.minutes() == 200) is (decides in SECONDS)


def asks_for_an_answer(office: Office) -> None:
    """Let the insider answer an objection with more minutes."""
    with transaction():
        made = db.session.get_one(ServiceRecord, office.record)
        said = objecting.object_to(made, made.volunteer, "少了一小时").id
    office.insider.send(f"/objections/{said}", words="查过，少记了", minutes="247")


def asks_for_a_grant(office: Office) -> None:
    """Let the insider grant above the catalogue's, where the rule allows it."""
    with transaction():
        credit.change_settings(office.community, {"grant_month": "2400"}, db.session.get_one(User, office.insider.user or 0))
    office.insider.send(f"/credit/grants/{office.elder}", minutes="600")


def asks_for_a_relative(office: Office) -> None:
    """Let the insider agree to a relative."""
    with transaction():
        daughter = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        link = make.make_family(db.session.get_one(Elder, office.elder), daughter, approved=False).id
    office.insider.send(f"/elders/{office.elder}/family/{link}/approve", said="call")


def asks_for_another_issuer(office: Office) -> None:
    """Let the insider hand in a workbook that names another unit on the papers."""
    with transaction():
        acting = audit.actor.set(f"user:{office.insider.user}")
        community = db.session.get_one(Community, office.community)
        hold_back_issuer(community, {name: getattr(community, name) for name in ISSUER} | {"issuer": "市志愿者协会"})
        audit.actor.reset(acting)


def asks_for_another_number(office: Office) -> None:
    """Let the insider say that a number of the national system was mistyped."""
    office.insider.send(f"/national/{office.record}", national_no="370200001")
    office.insider.send(f"/national/{office.record}/number", right_no="370200010")


YEAR = {"start": "2026-01-01", "end": "2026-11-25"}
ASKED: dict[str, Callable[[Office], object]] = {
    "correction": lambda office: office.insider.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了"),
    "answer": asks_for_an_answer,
    "credit_rules": lambda office: office.insider.send("/credit/rules", basis="200"),
    "star_rule": lambda office: office.insider.send("/stars/rule", one="1", two="2", three="3", four="4", five="5", faults="3", days="3"),
    "grant": asks_for_a_grant,
    "identity": lambda office: identity(office, "于海宁", "13799990000"),
    "family": asks_for_a_relative,
    "remark": lambda office: office.insider.send(f"/books/{office.volunteer}/certificate", **YEAR, remarks="获市级表彰"),
    "award": lambda office: office.insider.send(
        "/awards", volunteer=str(office.volunteer), name="最美志愿者", day="2026-10-01", given_by="市"
    ),
    "issuer": asks_for_another_issuer,
    "national_no": asks_for_another_number,
}


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("decides", SECONDS)
def test_whatever_waits_is_decided_by_another_person_of_the_office_and_by_no_other_role(office: Office, what: str, decides: Role) -> None:
    ASKED[what](office)
    asked = office.waiting()[-1]
    assert (asked.kind.value, asked.proposed_by) == (what, office.insider.user)
    for role in OTHERS:
        assert office.decide(office.colleague(role)) == 403
    assert "是你自己提请的" in office.insider.send(f"/proposals/{asked.id}/agree").text
    assert office.waiting()[-1].id == asked.id
    assert office.decide(office.colleague(decides)) == 303
    assert office.waiting() == []


def test_a_person_of_another_community_decides_nothing(office: Office, sign_in_as: Callable[..., Browser]) -> None:
    office.insider.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了")
    with transaction():
        elsewhere = make.make_community("elsewhere").id
    assert office.decide(sign_in_as(Role.COORDINATOR, community_id=elsewhere)) == 404
    assert office.minutes() == 187


def test_what_was_asked_for_twice_waits_once_and_can_be_taken_back(office: Office) -> None:
    path = f"/books/hours/{office.record}/correct"
    assert office.insider.send(path, minutes="200", reason="少记了").status_code == 303
    assert office.insider.send(path, minutes="210", reason="少记了").status_code == 409
    assert office.decide(office.colleague(), "withdraw") == 409
    assert office.decide(office.insider, "withdraw") == 303
    assert office.waiting() == []
    assert office.insider.send(path, minutes="210", reason="少记了").status_code == 303


def test_a_record_that_changed_meanwhile_is_not_lengthened(office: Office) -> None:
    path = f"/books/hours/{office.record}/correct"
    office.insider.send(path, minutes="240", reason="少记了")
    office.insider.send(path, minutes="60", reason="多记了")
    assert office.decide(office.colleague()) == 409
    assert office.minutes() == 60
