"""What a second hostile reviewer did with files: rows changed in a colleague's batch, and imports taken back at the right moment."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import TUESDAY, Office, identity, invented
from tests.attack.test_insider_second import phone_of
from tests.browser import Browser
from tests.exchange.files import Rows, excel, take_in
from tests.exchange.test_cases import door_of, row_of
from tests.served import record as served
from timebank import audit
from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.catalogue.models import ServiceKind, Skill
from timebank.certificates.models import Certificate
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, FamilyMember
from timebank.exchange import undoing
from timebank.exchange.models import ImportBatch
from timebank.exchange.report import Report
from timebank.notices.models import Notice
from timebank.records.models import OlderBatch, OlderService
from timebank.volunteers.models import HeldSkill, Volunteer

HEAD = ["原系统", "原编号", "志愿者编号", "日期", "分钟", "服务内容", "地点", "原标记"]
FAMILY = ["老人编号", "姓名", "手机", "关系", "可代办"]
NEW = "13788889999"
OLD = "13711112222"


@pytest.fixture
def app(both: Flask) -> Flask:
    """Give the office on each kind of database: rows are put back past the ORM."""
    return both


def handed(user: int | None, book: tuple[str, bytes]) -> Report:
    """Import a file in somebody's name, or by the command line."""
    mark = audit.actor.set(f"user:{user}" if user else "system")
    try:
        report = take_in(book)
    finally:
        audit.actor.reset(mark)
        forget_reads()
    return report


def older(whose: str, minutes: int) -> tuple[str, bytes]:
    """Return a file of one service of an older system."""
    return excel({"历史服务": [HEAD, ["市志愿者网", "A1", whose, "2026-10-05", minutes, "助老", "", "扫码"]]})


def own_number_of(office: Office) -> str:
    """Return the number of the volunteer of the office."""
    return db.session.get_one(Volunteer, office.volunteer).number


def the_batch() -> OlderBatch:
    """Return the one batch of an older system there is."""
    forget_reads()
    return db.session.scalars(select(OlderBatch)).one()


def accepted(browser: Browser, number: int) -> int:
    """Let somebody look at a batch and press what is on the page; return what they were answered."""
    seen = re.findall(r'name="seen" value="(\w+)"', browser.get(f"/older/{number}").text)
    answer = browser.send(f"/older/{number}/accept", seen=(seen or [""])[0])
    forget_reads()
    return answer.status_code


def taken_back(office: Office, report: Report) -> list[tuple[str, str]]:
    """Let the insider take an import back; return what stayed."""
    assert office.insider.send(f"/import/past/{report.batch}/undo").status_code == 303
    forget_reads()
    outcome = undoing.Outcome.of(db.session.get_one(ImportBatch, report.batch))
    assert outcome is not None
    return [(table, name) for table, name in outcome.kept]


def sheet_of(volunteer: Volunteer, phone: str) -> dict[str, Rows]:
    """Return a sheet that gives a volunteer another number."""
    return {"志愿者": [row_of(volunteer)[0], [volunteer.number, volunteer.name, phone, volunteer.lat, volunteer.lon]]}


def relative(office: Office) -> tuple[int, int, Report]:
    """Return a tie to the elder, the relative's sign-in, and an import of the insider that touched the tie."""
    with transaction():
        elder = db.session.get_one(Elder, office.elder)
        friend = make.make_user(Role.FAMILY, None, name="夏小明", phone="13755556666")
        link, number, user = make.make_family(elder, friend).id, elder.number, friend.id
    return link, user, handed(office.insider.user, excel({"家属": [FAMILY, [number, "夏小明", "13755556666", "侄女", "是"]]}))


# Rows of an older system


@pytest.mark.parametrize("whose", ["colleague", "command"])
def test_rows_that_wait_in_another_batch_are_not_changed_and_the_refusal_says_what_to_do(office: Office, whose: str) -> None:
    number, colleague = own_number_of(office), office.colleague()
    handed(colleague.user if whose == "colleague" else None, older(number, 60))
    report = handed(office.insider.user, older(number, 600))
    assert not report.applied
    assert "别人不能改" in report.problems[0].zh
    assert "only they change it" in report.problems[0].en
    assert accepted(office.insider, the_batch().id) == 303
    assert db.session.scalars(select(OlderService.minutes)).all() == [60]


def test_rows_that_wait_in_a_colleagues_batch_do_not_become_another_volunteers(office: Office) -> None:
    number = own_number_of(office)
    with transaction():
        other = make.make_volunteer(db.session.get_one(make.Community, office.community), "沈秋").number
    handed(office.colleague().user, older(number, 60))
    assert not handed(office.insider.user, older(other, 60)).applied
    assert db.session.scalars(select(OlderService.volunteer_id)).all() == [office.volunteer]


def test_a_batch_that_changed_since_it_was_read_is_not_accepted(office: Office) -> None:
    """The colleague reads 60 minutes, the insider's file makes 600 of them, the colleague presses what is on the page."""
    number, colleague = own_number_of(office), office.colleague()
    handed(office.insider.user, older(number, 60))
    batch = the_batch().id
    (seen,) = re.findall(r'name="seen" value="(\w+)"', colleague.get(f"/older/{batch}").text)
    assert handed(office.insider.user, older(number, 600)).applied
    answer = colleague.send(f"/older/{batch}/accept", seen=seen)
    assert answer.status_code == 409
    assert "重新看一遍再收" in answer.text
    assert colleague.send(f"/older/{batch}/accept").status_code == 409
    assert the_batch().waits
    assert accepted(colleague, batch) == 303
    assert not the_batch().waits


def test_older_hours_of_ones_own_hand_stand_on_no_certificate(office: Office) -> None:
    number, colleague = own_number_of(office), office.colleague()
    for browser, minutes in ((colleague, 60), (office.insider, 600)):
        name, data = older(number, minutes)
        checked = browser.send("/import", files=[(io.BytesIO(data), name)])
        assert checked.status_code == 303
        browser.send(checked.headers["Location"])
    accepted(office.insider, the_batch().id)
    office.insider.send(f"/books/{office.volunteer}/certificate", start="2026-10-01", end="2026-11-25")
    forget_reads()
    assert [each.content.get("older_minutes") for each in db.session.scalars(select(Certificate))] in ([], [60])


# Numbers


def test_a_volunteer_two_people_know_keeps_number_and_sign_in_when_an_import_is_taken_back(office: Office) -> None:
    volunteer, _elder = invented(office)
    number = volunteer.id
    report = handed(office.insider.user, excel(sheet_of(volunteer, NEW)))
    assert office.colleague().send("/proposals/people", person=f"volunteer-{number}").status_code == 303
    with transaction():
        access.sign_in(db.session.get_one(User, db.session.get_one(Volunteer, number).user_id))
    kept = taken_back(office, report)
    volunteer = db.session.get_one(Volunteer, number)
    assert volunteer.user is not None
    assert (volunteer.phone, volunteer.user.phone) == (NEW, NEW)
    assert {table for table, _ in kept} == {"user", "volunteer"}


def test_where_the_sign_in_has_changed_since_the_volunteer_stays_as_well(office: Office) -> None:
    volunteer, _elder = invented(office)
    number = volunteer.id
    report = handed(office.insider.user, excel(sheet_of(volunteer, NEW)))
    with transaction():
        db.session.get_one(User, db.session.get_one(Volunteer, number).user_id).locale = "en"
    taken_back(office, report)
    volunteer = db.session.get_one(Volunteer, number)
    assert volunteer.user is not None
    assert (volunteer.phone, volunteer.user.phone) == (NEW, NEW)


def test_an_import_taken_back_lets_nobody_give_away_what_is_a_volunteers(office: Office) -> None:
    volunteer, _elder = invented(office)
    number = volunteer.id
    report = handed(office.insider.user, excel(sheet_of(volunteer, NEW)))
    assert office.colleague().send("/proposals/people", person=f"volunteer-{number}").status_code == 303
    with transaction():
        served(db.session.get_one(Volunteer, number), db.session.get_one(ServiceKind, office.kind), TUESDAY, 90, start=600)
    before = office.credit()
    taken_back(office, report)
    assert users.user_of(OLD) is None
    assert office.credit() == before


def test_a_number_the_machine_put_right_changes_back_only_with_a_second_person(office: Office) -> None:
    volunteer = db.session.get_one(Volunteer, office.volunteer)
    wrong = volunteer.phone
    report = handed(None, excel(sheet_of(volunteer, NEW)))
    assert db.session.get_one(Volunteer, office.volunteer).phone == NEW
    kept = taken_back(office, report)
    volunteer = db.session.get_one(Volunteer, office.volunteer)
    assert volunteer.user is not None
    assert (volunteer.phone, volunteer.user.phone) == (NEW, NEW)
    assert "volunteer" in {table for table, _ in kept}
    assert office.waiting()[-1].terms["phone"] == [NEW, wrong]
    assert {NEW, wrong} <= set(db.session.scalars(select(Notice.phone).where(Notice.template == "number")))


def test_a_number_that_waits_for_a_second_person_stays_and_waits_when_an_import_is_taken_back(office: Office) -> None:
    report = handed(None, excel(sheet_of(db.session.get_one(Volunteer, office.volunteer), NEW)))
    assert identity(office, db.session.get_one(Volunteer, office.volunteer).name, "13700001111") == 303
    forget_reads()
    waits = office.waiting()[-1].id
    assert "volunteer" in {table for table, _ in taken_back(office, report)}
    assert db.session.get_one(Volunteer, office.volunteer).phone == NEW
    assert [each.id for each in office.waiting()] == [waits]


def test_who_is_only_ones_own_goes_back_and_signs_in_anew(office: Office) -> None:
    volunteer, _elder = invented(office)
    number, user = volunteer.id, volunteer.user_id
    report = handed(office.insider.user, excel(sheet_of(volunteer, NEW)))
    assert taken_back(office, report) == []
    volunteer = db.session.get_one(Volunteer, number)
    assert volunteer.user is not None
    assert (volunteer.phone, volunteer.user.phone) == (OLD, OLD)
    assert audit.last("user", user, verbs={"sign_out_everywhere"}) is not None


def test_an_elders_number_that_changes_back_opens_nothing_and_both_are_told(office: Office) -> None:
    """The machine put her number right and closed the key of the wrong one; the insider takes that back."""
    with transaction():
        elder = db.session.get_one(Elder, office.elder)
        elder.phone = OLD
        link = make.make_family(elder, make.make_user(Role.FAMILY, None, name=elder.name, phone=OLD))
        link.own, link.relation = True, "本人"
        number = link.id
    report = handed(None, excel({"老人": door_of(db.session.get_one(Elder, office.elder), 电话=NEW)}))
    assert db.session.get(FamilyMember, number) is None
    with transaction():
        own = make.make_family(db.session.get_one(Elder, office.elder), make.make_user(Role.FAMILY, None, name="臧玉梅", phone=NEW))
        own.own, own.relation = True, "本人"
    kept = taken_back(office, report)
    assert db.session.get_one(Elder, office.elder).phone == OLD
    assert db.session.scalars(select(FamilyMember)).all() == []
    assert "family_member" in {table for table, _ in kept}
    told = db.session.scalars(select(Notice.phone).where(Notice.template == "number")).all()
    assert sorted(told) == sorted([OLD, NEW] * 2)
    row = audit.last("elder", office.elder, fields={"phone"})
    assert row is not None
    assert row.actor == f"user:{office.insider.user}"


# What was deleted since


def test_a_relative_who_was_dropped_does_not_come_back_and_is_named(office: Office) -> None:
    link, user, report = relative(office)
    assert office.colleague().send(f"/elders/{office.elder}/family/{link}/drop").status_code == 303
    kept = taken_back(office, report)
    assert db.session.scalar(select(FamilyMember).where(FamilyMember.user_id == user)) is None
    assert [table for table, _ in kept] == ["family_member"]


def test_a_relative_who_was_dropped_reads_no_code_after_an_import_is_taken_back(office: Office) -> None:
    with transaction():
        made = office.visit(start=17 * 60)
        made.visit.code = "4827"
        visit = made.visit_id
    link, user, report = relative(office)
    assert office.colleague().send(f"/elders/{office.elder}/family/{link}/drop").status_code == 303
    taken_back(office, report)
    sim = phone_of(office, user)
    assert "4827" not in sim.get("/family").text + sim.get(f"/family/visits/{visit}").text


def test_a_proof_a_colleague_took_off_does_not_come_back_and_is_named(office: Office) -> None:
    with transaction():
        skill = make.add(Skill(code="cut", name="理发证", name_en="Haircut", needs_proof=True))
        held = make.add(HeldSkill(volunteer_id=office.volunteer, skill_id=skill.id, proof="旧证")).id
    sheet = [["志愿者编号", "技能", "证明"], [own_number_of(office), "理发证", "旧证 2"]]
    report = handed(office.insider.user, excel({"技能证明": sheet}))
    assert office.colleague().send(f"/volunteers/{office.volunteer}/skills/{held}/drop").status_code == 303
    kept = taken_back(office, report)
    assert db.session.get(HeldSkill, held) is None
    assert [table for table, _ in kept] == ["held_skill"]


# The trail


def test_what_changes_back_is_on_the_trail_of_whom_it_is_about(office: Office) -> None:
    elder = db.session.get_one(Elder, office.elder)
    report = handed(office.colleague().user, excel({"老人": door_of(elder, 独居="否")}))
    taken_back(office, report)
    row = db.session.scalars(select(AuditRow).where(AuditRow.subject == "elder").order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert (row.actor, row.verb) == (f"user:{office.insider.user}", "import_changed")
    assert row.detail["fields"] == {"lives_alone": [False, True]}


def test_who_nobody_else_has_looked_at_is_not_vouched_for_by_taking_an_import_back(office: Office) -> None:
    _volunteer, elder = invented(office)
    number = elder.id
    taken_back(office, handed(office.insider.user, excel({"老人": door_of(elder, 独居="否")})))
    elder = db.session.get_one(Elder, number)
    assert (elder.registered_by, elder.vouched_by) == (office.insider.user, None)
