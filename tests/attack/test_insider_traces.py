"""One person alone: marks that cannot be washed off, flags one cannot settle oneself, papers in somebody else's name."""

from datetime import timedelta

from sqlalchemy import select

from tests.attack.insider import TUESDAY, Office, elder_edited
from timebank import clock
from timebank.certificates.models import Certificate
from timebank.db import db, forget_reads, transaction
from timebank.records.actions import checking
from timebank.records.models import Finding
from timebank.visits.actions import confirming, serving
from timebank.visits.afterwards import entered_of
from timebank.visits.models import ServiceRecord, Trust, Visit


def current(office: Office) -> ServiceRecord:
    """Return the version that stands of the office's record."""
    forget_reads()
    return db.session.scalars(select(ServiceRecord).where(ServiceRecord.current)).one()


def lengthened(office: Office, by: int) -> ServiceRecord:
    """Let the insider ask for more minutes and a colleague agree."""
    record = current(office)
    asked = office.insider.send(f"/books/hours/{record.id}/correct", minutes=record.minutes + by, reason="照纸单")
    assert asked.status_code == 303
    assert office.decide(office.colleague()) == 303
    return current(office)


def checked(office: Office) -> dict[str, int]:
    """Check this week, and return the flags by rule."""
    with transaction():
        checking.check_week(office.community, clock.monday_of(clock.today()), 1)
    forget_reads()
    return {each.rule: each.id for each in db.session.scalars(select(Finding))}


def test_whoever_asked_for_more_minutes_does_not_settle_the_flag_about_them(office: Office) -> None:
    with transaction():
        db.session.get_one(ServiceRecord, office.record).confirmed_by = None
    lengthened(office, 120)
    flag = checked(office)["odd_length"]
    refused = office.insider.send(f"/findings/{flag}", settled="in_order", result="对过了")
    assert refused.status_code == 409
    assert "这一条是你提请更正的" in refused.text
    assert office.colleague().send(f"/findings/{flag}", settled="in_order", result="对过了").status_code == 303


def test_what_two_people_entered_stays_marked_when_one_takes_a_minute_off(office: Office) -> None:
    longer = lengthened(office, 60)
    assert (longer.trust, entered_of([longer])) == (Trust.TWO_PERSONS, longer.minutes)
    assert office.insider.send(f"/books/hours/{longer.id}/correct", minutes=longer.minutes - 1, reason="多算一分").status_code == 303
    now = current(office)
    assert (now.minutes, now.trust, entered_of([now])) == (longer.minutes - 1, Trust.TWO_PERSONS, now.minutes)


def issued(office: Office, ending: str, **more: str) -> int:
    """Let the insider issue a certificate with the ending of a document."""
    span = {"start": TUESDAY.isoformat(), "end": TUESDAY.isoformat(), "id_type": "居民身份证", "id_last4": ending}
    return office.insider.send(f"/books/{office.volunteer}/certificate", **(span | more)).status_code


def test_a_certificate_for_another_document_waits_for_a_second_person(office: Office) -> None:
    assert issued(office, "1234") == 303
    forget_reads()
    first = db.session.scalars(select(Certificate)).one()
    assert issued(office, "9999", replaces=str(first.id)) == 303
    forget_reads()
    assert [each.content["id_last4"] for each in db.session.scalars(select(Certificate))] == ["1234"]
    assert "1234" in office.colleague().get("/proposals").text
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert [each.content["id_last4"] for each in db.session.scalars(select(Certificate).order_by(Certificate.id))] == ["1234", "9999"]


def test_service_at_a_door_whose_number_one_changed_oneself_is_flagged_and_settled_by_somebody_else(office: Office) -> None:
    assert elder_edited(office, office.elder, phone="13977778888") == 303
    with transaction():
        made = office.visit(minutes=30, start=14 * 60)
    office.at("2026-11-25 14:00")
    with transaction():
        serving.check_in(db.session.merge(made), None)
    office.at((clock.now() + timedelta(minutes=30)).strftime("%Y-%m-%d %H:%M"))
    with transaction():
        serving.check_out(db.session.merge(made))
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
    flag = checked(office)["own_number"]
    assert office.insider.send(f"/findings/{flag}", settled="in_order", result="打过").status_code == 409


def test_a_number_somebody_else_wrote_down_raises_no_flag(office: Office) -> None:
    with transaction():
        made = office.visit(minutes=30, start=14 * 60)
    office.at("2026-11-25 14:00")
    with transaction():
        serving.check_in(db.session.merge(made), made.visit.code)
    office.at("2026-11-25 14:30")
    with transaction():
        serving.check_out(db.session.merge(made))
        confirming.confirm(db.session.get_one(Visit, made.visit_id), Trust.AUTO, None)
    assert "own_number" not in checked(office)


def test_what_is_entered_by_hand_stands_on_the_one_list_of_what_waits_for_a_second_person(office: Office) -> None:
    fields = {"day": TUESDAY.isoformat(), "started": "07:00", "ended": "07:40", "place": "站里", "reason": "义诊", "evidence": "签到表"}
    entered = office.insider.send("/entries/new", volunteer=office.volunteer, kind=office.kind, **fields)
    assert entered.status_code == 303
    link = f'href="{entered.location}"'
    mine, colleagues = office.insider.get("/proposals").text, office.colleague().get("/proposals").text
    assert link in mine
    assert "是你录入的，要由另一位同事核准。" in mine
    assert link in colleagues
    assert "是你录入的，要由另一位同事核准。" not in colleagues
    assert "手工记录：王秀芬 11月24日 上门理发 40 分钟" in colleagues
