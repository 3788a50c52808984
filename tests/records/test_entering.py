"""Entering by hand: two people, never for oneself or one's family, within ceilings, marked for ever, and nothing half-written."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.records.conftest import TUESDAY, Office, open_office, served
from timebank import clock
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.ledger import actions as ledger
from timebank.ledger.models import Transfer, TransferKind
from timebank.papers import words
from timebank.visits.actions import ceilings, confirming, entering
from timebank.visits.actions.correcting import correct
from timebank.visits.actions.kin import why_not
from timebank.visits.entries import EntryState, ManualEntry
from timebank.visits.evidence import first_unfounded
from timebank.visits.models import Outcome, ServiceRecord, Trust, Visit, VisitState
from timebank.volunteers.models import Volunteer


def counts() -> tuple[int, int, int]:
    """Return how many entries, records and transfers there are."""
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (ManualEntry, ServiceRecord, Transfer))  # type: ignore[return-value]


def entered(office: Office, **values: object) -> ManualEntry:
    """Return an entry of the first coordinator's that waits."""
    with transaction():
        return entering.enter(office.draft(**values), office.user("first"))  # type: ignore[arg-type]


def posted(office: Office, **values: object) -> ServiceRecord:
    """Return the record of an entry that the second coordinator has posted."""
    entry = entered(office, **values)
    with transaction():
        return entering.post(entry, office.user("second"))


def test_an_entry_counts_for_nothing_until_a_second_person_posts_it(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        entry = entered(office)
        assert counts() == (1, 0, 0)
        with transaction():
            record = entering.post(entry, office.user("second"))
        assert counts() == (1, 1, 1)
        credit = db.session.scalars(select(Transfer)).one()
        assert (record.minutes, record.trust, record.place) == (45, Trust.TWO_PERSONS, "松坡路服务站")
        assert (credit.kind, credit.minutes, credit.seq) == (TransferKind.MANUAL, 45, record.transfer_seq)
        assert (credit.actor, credit.approver) == (f"user:{office.first}", f"user:{office.second}")
        verbs = list(db.session.scalars(select(AuditRow.verb).where(AuditRow.subject == "manual_entry").order_by(AuditRow.id)))
        assert verbs == ["enter", "post"]


@pytest.mark.parametrize("step", ["enter", "post"])
def test_a_group_is_not_credited_by_hand(office: Office, app: Flask, step: str) -> None:
    with app.app_context():
        entry = entered(office) if step == "post" else None
        with transaction():
            make.make_standing(office.carer, collective=True)
        with pytest.raises(Conflict, match="A group's time"), transaction():
            entering.post(entry, office.user("second")) if entry else entering.enter(office.draft(), office.user("first"))
        assert db.session.scalars(select(Transfer)).all() == []


def test_a_credit_by_hand_without_its_record_is_found(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        posted(office)
        assert first_unfounded() is None
        with transaction():
            stray = ledger.credit_by_hand(
                office.carer.account_id,
                30,
                source="record:m9.9:v1",
                idem=("stray", "1"),
                actor="user:1",
                approver="user:2",
                note="没有记录",
            )
        assert first_unfounded() == stray.seq


def test_nobody_posts_what_they_entered_themselves(office: Office, app: Flask) -> None:
    with app.app_context():
        entry = entered(office)
        with pytest.raises(Conflict, match="entered themselves"), transaction():
            entering.post(entry, office.user("first"))
        with pytest.raises(Conflict, match="entered themselves"), transaction():
            entering.refuse(entry, office.user("first"), "不对")
        assert counts() == (1, 0, 0)


@pytest.mark.parametrize("partial", ["owner", "same_phone", "noted_kin", "same_elder", "own_elder"])
@pytest.mark.parametrize("step", ["enter", "post"])
def test_nobody_enters_or_posts_for_themselves_or_their_family(both: Flask, partial: str, step: str) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            carer, user = office.carer, office.user("second")
            elder = make.make_elder(make.make_household(_community(office)), "宋奶奶")
            if partial == "owner":
                user = office.user("owner")
            elif partial == "same_phone":
                carer.phone = user.phone
            elif partial == "noted_kin":
                entering.add_kin(user, carer, "表姐")
            elif partial == "same_elder":
                make.make_family(elder, user)
                make.make_family(elder, office.user("owner"))
            else:
                make.make_family(office.forgotten.visit.household.elders[0], user)
            user_id = user.id
        draft = office.back() if partial == "own_elder" else office.draft()
        who = db.session.get_one(type(office.user("first")), user_id)
        if step == "enter":
            with pytest.raises(Conflict), transaction():
                entering.enter(draft, who)
            assert counts() == (0, 0, 0)
        else:
            with transaction():
                entry = entering.enter(draft, office.user("first"))
            with pytest.raises(Conflict), transaction():
                entering.post(entry, who)
            assert counts() == (1, 0, 0)


def _community(office: Office):  # noqa: ANN202 - a row of the tests' own
    return db.session.get_one(make.Community, office.community)


@pytest.mark.parametrize(
    ("start", "end", "day", "says"),
    [
        (600, 600, TUESDAY, "neither zero nor negative"),
        (600, 540, TUESDAY, "neither zero nor negative"),
        (1400, 1500, TUESDAY, "past midnight"),
        (0, 780, TUESDAY, "12 hours"),
        (1000, 1020, date(2026, 11, 25), "has not happened"),
        (600, 630, date(2026, 11, 26), "has not happened"),
        (600, 630, date(2026, 10, 25), "last 30 days"),
    ],
    ids=["zero", "negative", "midnight", "thirteen-hours", "later-today", "tomorrow", "too-long-ago"],
)
def test_times_that_cannot_be_are_refused_with_the_rule(office: Office, app: Flask, start: int, end: int, day: date, says: str) -> None:
    with app.app_context():
        with pytest.raises(Invalid, match=says), transaction():
            entering.enter(office.draft(start, end, day), office.user("first"))
        assert counts() == (0, 0, 0)


def test_the_edges_of_a_day_and_of_the_reach_are_kept(office: Office, app: Flask) -> None:
    with app.app_context():
        assert entered(office, start=1380, end=1440).minutes == 60
        assert entered(office, start=0, end=1).minutes == 1
        assert entered(office, day=date(2026, 10, 26)).day == date(2026, 10, 26)


@pytest.mark.parametrize("field", ["reason", "evidence", "place"])
def test_an_entry_needs_its_reason_evidence_and_place(office: Office, app: Flask, field: str) -> None:
    with app.app_context(), pytest.raises(Invalid) as refused, transaction():
        entering.enter(office.draft(**{field: "  "}), office.user("first"))
    assert list(refused.value.fields) == [field]


def test_nobody_is_in_two_places_at_once(office: Office, app: Flask) -> None:
    with app.app_context():
        entered(office)
        for start, end in ((610, 620), (590, 610), (640, 700), (500, 800)):
            with pytest.raises(Invalid, match="two places"), transaction():
                entering.enter(office.draft(start, end), office.user("second"))
        assert entered(office, start=645, end=660).minutes == 15
        with transaction():
            served(office.carer, office.kind, clock.at(TUESDAY, 1000), 40)
        with pytest.raises(Invalid, match="16:40–17:20"), transaction():
            entering.enter(office.draft(1039, 1050), office.user("first"))


def test_what_came_on_record_meanwhile_is_seen_when_posting(office: Office, app: Flask) -> None:
    with app.app_context():
        entry = entered(office)
        with transaction():
            served(office.carer, office.kind, clock.at(TUESDAY, 620), 40)
        with pytest.raises(Invalid, match="two places"), transaction():
            entering.post(entry, office.user("second"))
        assert db.session.get_one(ManualEntry, entry.id).state is EntryState.PENDING
        assert counts() == (1, 1, 0)


def test_twelve_hours_a_day_are_the_most_whatever_they_are_made_of(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            ceilings.settle_rules(office.community, volunteer_month=14_400)
            served(office.carer, office.kind, clock.at(TUESDAY, 0), 400)
        entered(office, start=500, end=700)
        with pytest.raises(Invalid, match="12 hours"), transaction():
            entering.enter(office.draft(800, 921), office.user("first"))
        assert entered(office, start=800, end=920).minutes == 120


def test_a_volunteers_month_has_a_ceiling_that_ends_with_the_month(office: Office, app: Flask) -> None:
    with app.app_context():
        for day in (2, 3, 4):
            entered(office, start=500, end=700, day=date(2026, 11, day))
        with pytest.raises(Conflict, match="At most 600 minutes a month"), transaction():
            entering.enter(office.draft(600, 601), office.user("second"))
        assert entered(office, day=date(2026, 10, 31)).minutes == 45


def test_what_was_refused_does_not_count_against_the_ceiling(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            ceilings.settle_rules(office.community, volunteer_month=60)
        entry = entered(office)
        with transaction():
            entering.refuse(entry, office.user("second"), "没有人看见")
        assert entered(office).minutes == 45


def test_whoever_enters_has_a_ceiling_too_over_all_volunteers(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            ceilings.settle_rules(office.community, coordinator_month=60)
            other = make.make_volunteer(_community(office), "冯云霞").id
        entered(office)
        with pytest.raises(Conflict, match="Ask a colleague to enter it"), transaction():
            entering.enter(office.draft(volunteer=db.session.get_one(Volunteer, other)), office.user("first"))
        with transaction():
            assert entering.enter(office.draft(volunteer=db.session.get_one(Volunteer, other)), office.user("second")).minutes == 45


def test_refusing_needs_a_reason_and_leaves_nothing_behind(office: Office, app: Flask) -> None:
    with app.app_context():
        entry = entered(office)
        with pytest.raises(Invalid), transaction():
            entering.refuse(entry, office.user("second"), " ")
        with transaction():
            entering.refuse(entry, office.user("second"), "签到表上没有她")
        with pytest.raises(Conflict, match="decided on this already"), transaction():
            entering.post(entry, office.user("second"))
        assert counts() == (1, 0, 0)


def test_an_entry_is_posted_once(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        entry = entered(office)
        with transaction():
            entering.post(entry, office.user("second"))
        with pytest.raises(Conflict, match="decided on this already"), transaction():
            entering.post(entry, office.user("second"))
        assert counts() == (1, 1, 1)


def test_a_forgotten_visit_is_entered_as_what_it_is_and_no_check_in_is_made_up(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            entry = entering.enter(office.back(), office.user("first"))
        with transaction():
            record = entering.post(entry, office.user("second"))
        made = office.forgotten
        assert (record.visit_id, record.entry_id, record.minutes) == (made.visit_id, entry.id, 43)
        assert (made.visit.state, made.started_at, made.ended_at) == (VisitState.CONFIRMED, None, None)
        assert words.entry(record, "zh") == "补录"
        with pytest.raises(Conflict, match="needs no back entry"), transaction():
            entering.enter(office.back(1000, 1040), office.user("first"))
        assert counts() == (1, 1, 1)


def test_a_visit_is_entered_for_its_own_volunteer_and_day_only(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            other = make.make_volunteer(_community(office), "冯云霞").id
        with pytest.raises(Invalid, match="not accepted that visit"), transaction():
            entering.enter(office.draft(volunteer=db.session.get_one(Volunteer, other), offer=office.forgotten), office.user("first"))
        with pytest.raises(Invalid, match="the day must be the same"), transaction():
            entering.enter(office.draft(day=TUESDAY - timedelta(days=1), offer=office.forgotten), office.user("first"))
        with transaction():
            entering.enter(office.back(), office.user("first"))
        with pytest.raises(Invalid, match="two places"), transaction():
            entering.enter(office.back(), office.user("second"))


def test_of_a_crew_of_two_the_other_one_is_still_confirmed(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            visit = office.forgotten.visit
            visit.crew = 2
            mate = make.make_offer(visit, make.make_volunteer(_community(office), "冯云霞"), 870, TUESDAY, accepted=False)
            mate.state, mate.outcome = office.forgotten.state, Outcome.DONE
            mate.started_at, mate.ended_at = clock.at(TUESDAY, 870), clock.at(TUESDAY, 912)
            visit_id = visit.id
        with transaction():
            entry = entering.enter(office.back(), office.user("first"))
        with transaction():
            entering.post(entry, office.user("second"))
        assert db.session.get_one(Visit, visit_id).state is VisitState.DONE
        with transaction():
            assert [
                each.minutes for each in confirming.confirm(db.session.get_one(Visit, visit_id), Trust.CALL, office.user("second"))
            ] == [42]
        assert counts() == (1, 2, 2)


def test_the_mark_stays_when_an_entry_is_corrected_and_only_downwards(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        record = posted(office)
        with pytest.raises(Conflict, match="only corrected downwards"), transaction():
            correct(record, 46, "少记了", office.user("second"))
        with transaction():
            newer = correct(record, 30, "中间回了一趟家", office.user("second"))
        assert words.entry(newer, "zh") == "手工 · 更正"
        assert words.entry(newer, "en") == "by hand · corrected"
        credit = db.session.get_one(Transfer, newer.transfer_seq)
        assert (credit.kind, credit.minutes) == (TransferKind.MANUAL, 30)
        assert {credit.actor, credit.approver} == {f"user:{office.first}", f"user:{office.second}"}


def test_staff_are_recorded_by_hand_and_never_credited(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            make.make_standing(office.carer, paid=True)
        record = posted(office)
        assert (record.minutes, record.transfer_seq) == (45, None)
        assert counts() == (1, 1, 0)


def test_a_family_tie_is_noted_once_and_never_with_oneself(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            first = entering.add_kin(office.user("second"), office.carer, "表姐")
            assert entering.add_kin(office.user("second"), office.carer, "表姐") is first
        with pytest.raises(Conflict), transaction():
            entering.add_kin(office.user("owner"), office.carer, "本人")
        with transaction():
            entering.drop_kin(first, office.user("first"))
        assert entered(office).minutes == 45
        assert why_not(office.user("second"), office.carer) is None
        assert Role.COORDINATOR is office.user("second").role


def checked_in(office: Office, start: int, end: int) -> Visit:
    """Let the planned visit have a check-in and a check-out, and return it."""
    with transaction():
        made = office.forgotten
        made.started_at, made.ended_at = clock.at(TUESDAY, start), clock.at(TUESDAY, end)
        made.outcome, made.visit.state = Outcome.DONE, VisitState.DONE
    return made.visit


@pytest.mark.parametrize("trust", [Trust.DESK, Trust.CALL, Trust.FAMILY, Trust.AUTO])
def test_two_visits_at_one_time_are_not_both_confirmed_by_anybody(both: Flask, trust: Trust) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            served(office.carer, office.kind, clock.at(TUESDAY, 900), 40)
        visit = checked_in(office, 870, 910)
        with pytest.raises(Conflict, match="two places at once"), transaction():
            confirming.confirm(visit, trust, None if trust is Trust.AUTO else office.user("first"))
        assert counts() == (0, 1, 0)
        assert db.session.get_one(Visit, visit.id).state is VisitState.DONE


def test_one_visit_after_the_other_is_confirmed_to_the_minute(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            served(office.carer, office.kind, clock.at(TUESDAY, 910), 40)
        offer = checked_in(office, 870, 910)
        with transaction():
            assert len(confirming.confirm(offer, Trust.DESK, office.user("first"))) == 1


def test_a_check_out_that_was_forgotten_is_mended_by_two_people_and_not_counted_twice(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            served(office.carer, office.kind, clock.at(TUESDAY, 930), 40)
        visit = checked_in(office, 870, 960)
        with pytest.raises(Conflict), transaction():
            confirming.confirm(visit, Trust.DESK, office.user("first"))
        with transaction():
            entry = entering.enter(office.back(870, 912), office.user("first"))
        with transaction():
            assert entering.post(entry, office.user("second")).minutes == 42
        assert visit.state is VisitState.CONFIRMED
        with transaction():
            assert confirming.confirm(visit, Trust.DESK, office.user("first")) == []
        assert counts() == (1, 2, 1)


def test_nobody_corrects_the_record_of_their_family(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40)
            entering.add_kin(office.user("second"), office.carer, "表姐")
        with pytest.raises(Conflict, match="your family"), transaction():
            correct(record, 50, "少记了", office.user("second"))
        with transaction():
            newer = correct(record, 30, "多记了", office.user("first"))
            assert isinstance(newer, ServiceRecord)
            assert newer.minutes == 30
