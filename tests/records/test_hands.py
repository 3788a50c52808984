"""Who had a hand in a record does not look into it: each hand is told, a colleague may, else the administrator, else the street."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.records.conftest import TUESDAY, Office, open_office, served
from tests.records.insider import acting, alone, confirmed, invent, known, typed_visit
from tests.records.test_checks import THIS_WEEK
from timebank import audit, clock
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.records import checklists, hands
from timebank.records.actions import checking, objecting
from timebank.records.hands import Hands
from timebank.records.models import CheckWeek, Heard, Origin, Settled
from timebank.visits.actions import ceilings, entering
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord, Trust, Visit
from timebank.visits.registers import versions_of


def whole_check(office: Office) -> CheckWeek:
    """Check this week with every record drawn."""
    with transaction():
        ceilings.settle_rules(office.community, call_back_percent=100)
    with transaction():
        return checking.check_week(office.community, THIS_WEEK, 1)


def test_a_coordinator_alone_clears_no_flag_and_no_call_and_a_colleague_does(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        first, second = office.user("first"), office.user("second")
        whom = known(office, first)
        for start in (8, 11, 14):
            alone(office, first, TUESDAY, start=start * 60, minutes=60, whom=whom)
        check = whole_check(office)
        findings, calls = checklists.findings_of(check), checklists.calls_of(check)
        assert findings
        assert len(calls) == 3
        for finding in findings:
            with pytest.raises(Conflict, match=r"you confirmed it.*Ask a colleague to look into it: 曲成海"), transaction():
                checking.settle(finding, Settled.IN_ORDER, "没问题", first)
        for call in calls:
            for heard in (Heard.AS_RECORDED, Heard.NOT_REACHED):
                with pytest.raises(Conflict, match="曲成海"), transaction():
                    checking.call(call, heard, "", first)
        with transaction():
            for finding in findings:
                checking.settle(finding, Settled.OBJECTED, "打电话没有这个人", second)
            checking.call(calls[0], Heard.WRONG, "空号", second)
        objection = objecting.queries.objections(office.community, still_open=True)[0]
        with pytest.raises(Conflict, match="曲成海"), transaction():
            objecting.answer(objection, "核对过，没问题", first)
        with transaction():
            objecting.answer(objection, "查无此人", second, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finding SET settled = 'in_order', result = 'ok', settled_at = '2026-11-25 16:00:00', settled_by = {first}",
        "UPDATE call_back SET heard = 'as_recorded', called_at = '2026-11-25 16:00:00', called_by = {first}",
    ],
    ids=["finding", "call_back"],
)
def test_the_database_refuses_it_by_itself(both: Flask, statement: str) -> None:
    office = open_office(both)
    with both.app_context():
        alone(office, office.user("first"))
        whole_check(office)
        with pytest.raises(IntegrityError, match="what they confirmed"), transaction():
            db.session.execute(text(statement.format(first=office.first)))
        with transaction():
            db.session.execute(text(statement.format(first=office.second)))


def why(office: Office, record: ServiceRecord, user: User) -> str:
    """Return why somebody does not look into a record, nothing when they may."""
    said = Hands(office.community, [record]).why_not(user, record)
    return said[1] if said else ""


def by_code(office: Office, day: str = "2026-11-25") -> ServiceRecord:
    """Put a visit with the elder's code on record that nobody of the office had to do with."""
    with transaction():
        return served(office.carer, office.kind, clock.at(clock.parse_instant(day).date(), 600), 40)


def test_who_had_no_hand_may_look_into_it(office: Office, app: Flask) -> None:
    with app.app_context():
        record = by_code(office)
        assert Hands(office.community, [record]).way(office.user("first"), record) is None
        hands.refuse_partial(office.user("first"), record)


def typed_only(office: Office) -> ServiceRecord:
    """Let the first type a visit in that the second confirms."""
    with transaction():
        admin = make.make_user(Role.ADMIN)
    visit = typed_visit(office, invent(office, admin), office.user("first"))
    with pytest.raises(Conflict, match="Whoever entered them cannot confirm them"):
        confirmed(visit, office.user("first"))
    return confirmed(visit, office.user("second"))


def corrected(office: Office) -> ServiceRecord:
    """Let the first correct a record."""
    record = by_code(office)
    with transaction():
        return correct(record, 30, "看错了", office.user("first"))


def by_hand(office: Office) -> ServiceRecord:
    """Let the first enter service by hand that the second posts."""
    with transaction():
        entry = entering.enter(office.draft(), office.user("first"))
    with transaction():
        return entering.post(entry, office.user("second"))


def answered(office: Office) -> ServiceRecord:
    """Let the first say yes for the volunteer."""
    record = by_code(office)
    with acting(office.user("first")):
        make.make_offer(visit_of(record), office.carer, 600, record.day, accepted=True)
    return record


def asked(office: Office) -> ServiceRecord:
    """Let the first ask this very volunteer."""
    record = by_code(office)
    with transaction():
        made = make.make_offer(visit_of(record), office.carer, 600, record.day, accepted=True)
        made.asked_by = office.first
    return record


def picked(office: Office) -> ServiceRecord:
    """Let the first put this very volunteer onto the plan by hand."""
    record = by_code(office)
    with acting(office.user("first")):
        audit.record("assign", "visit", record.visit_id, plan=1, volunteers=[record.volunteer_id])
    with transaction():
        make.make_offer(visit_of(record), office.carer, 600, record.day, accepted=True)
    return record


def visit_of(record: ServiceRecord) -> Visit:
    """Return the visit of a record."""
    return db.session.get_one(Visit, record.visit_id)


def registered_volunteer(office: Office) -> ServiceRecord:
    """Let the first have registered the volunteer not long ago."""
    with acting(office.user("first")):
        audit.record("add", "volunteer", office.volunteer)
    return by_code(office)


def registered_elder(office: Office) -> ServiceRecord:
    """Let the first have brought the elder in a file not long ago."""
    record = by_code(office)
    with acting(office.user("first")):
        audit.record("import_new", "elder", make.make_elder(visit_of(record).household).id)
    with transaction():
        make.make_offer(visit_of(record), office.carer, 600, record.day, accepted=True)
    return record


def other_record(office: Office) -> ServiceRecord:
    """Let another record of the same volunteer rest on the first one's word alone."""
    record = by_code(office)
    with transaction():
        served(office.carer, office.kind, clock.at(TUESDAY, 900), 40, trust=Trust.CALL, confirmed_by=office.first, word_of=office.first)
    return record


def asked_for_more(office: Office) -> ServiceRecord:
    """Let the first ask for more minutes that the second agrees to."""
    record = by_code(office, "2026-11-23")
    with transaction():
        waits = correct(record, 50, "少记了", office.user("first"))
    assert isinstance(waits, Proposal)
    with transaction():
        proposals.agree(waits, office.user("second"))
    return versions_of(record)[-1]


HANDS: dict[Callable[[Office], ServiceRecord], str] = {
    typed_only: "you entered its times",
    corrected: "you confirmed it",
    asked_for_more: "you asked for its correction",
    by_hand: "you entered or posted it by hand",
    answered: "you said yes for the volunteer",
    asked: "you chose the volunteer for it",
    picked: "you chose the volunteer for it",
    registered_volunteer: "you registered the volunteer",
    registered_elder: "you registered the elder",
    other_record: "other records of this volunteer rest on your word alone",
}


@pytest.mark.parametrize("did", HANDS, ids=lambda did: did.__name__)
def test_every_hand_is_told_and_kept_from_settling(office: Office, app: Flask, did: Callable[[Office], ServiceRecord]) -> None:
    with app.app_context():
        record = did(office)
        assert why(office, record, office.user("first")) == HANDS[did]
        with pytest.raises(Conflict, match=HANDS[did]), transaction():
            hands.refuse_partial(office.user("first"), record)


def test_whom_somebody_registered_is_new_for_eight_weeks(office: Office, app: Flask) -> None:
    with app.app_context():
        registered_volunteer(office)
        make.set_clock("2027-02-01 10:00")
        with transaction():
            later = served(office.carer, office.kind, clock.at(TUESDAY + hands.NEW + timedelta(days=2), 600), 40)
        assert why(office, later, office.user("first")) == ""


def test_where_no_colleague_is_left_the_administrator_looks_into_it_else_the_street(office: Office, app: Flask) -> None:
    with app.app_context():
        first = office.user("first")
        record = alone(office, first)
        with transaction():
            entering.add_kin(office.user("second"), record.volunteer, "表姐")
        with pytest.raises(Conflict, match="Ask the street"):
            hands.refuse_partial(first, record)
        with transaction():
            make.make_user(Role.ADMIN, db.session.get_one(make.Community, office.community), name="綦文远")
        with pytest.raises(Conflict, match="Ask the administrator to look into it: 綦文远"):
            hands.refuse_partial(first, record)


def test_what_a_volunteer_objects_to_is_still_answered_by_whoever_confirmed_it(office: Office, app: Flask) -> None:
    with app.app_context():
        record = alone(office, office.user("first"))
        with transaction():
            said = objecting.object_to(record, record.volunteer, "少记了")
        assert said.origin is Origin.VOLUNTEER
        with transaction():
            objecting.answer(said, "核对过", office.user("first"))
