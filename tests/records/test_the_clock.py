"""Ten working days by the real calendar, and thirty days to object from the statement."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.records.conftest import NOW, TUESDAY, Office, open_office, served
from timebank import clock
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid, NotAllowed
from timebank.ledger.models import Transfer
from timebank.notices.models import Notice
from timebank.places.models import CalendarDay, DayKind
from timebank.proposals import actions as proposals
from timebank.records import queries
from timebank.records.actions import keeping, objecting
from timebank.records.models import Grade, Objection, Origin
from timebank.records.workdays import unknown_years, workdays_from
from timebank.visits.actions import confirming, entering
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Outcome, Trust, VisitState
from timebank.volunteers.models import Volunteer


def autumn_2026() -> None:
    """Put the National Day holiday and its make-up Saturday into the calendar."""
    for day in range(1, 8):
        make.add(CalendarDay(day=date(2026, 10, day), kind=DayKind.OFF, name="国庆节"))
    make.add(CalendarDay(day=date(2026, 10, 10), kind=DayKind.WORK, name="国庆节"))


@pytest.mark.parametrize(
    ("served_on", "due"),
    [
        (date(2026, 9, 30), date(2026, 10, 20)),  # seven days off, one Saturday of work
        (date(2026, 10, 9), date(2026, 10, 22)),  # begins before the make-up Saturday
        (date(2026, 11, 24), date(2026, 12, 8)),  # two ordinary weeks
        (date(2026, 11, 28), date(2026, 12, 11)),  # served on a Saturday
        (date(2026, 12, 18), date(2027, 1, 1)),  # over the year's end, where nothing is known: Monday to Friday
    ],
)
def test_ten_working_days_are_counted_by_the_real_calendar(both: Flask, served_on: date, due: date) -> None:
    with both.app_context():
        with transaction():
            autumn_2026()
        assert workdays_from(served_on).after(served_on, 10) == due
        assert workdays_from(served_on).between(served_on, due) == 10


@pytest.mark.parametrize(("now", "unknown"), [("2026-09-30 23:50", []), ("2026-10-01 00:10", [2027]), ("2026-12-25 10:00", [2027])])
def test_the_holidays_of_the_next_year_are_asked_for_from_october_on(both: Flask, now: str, unknown: list[int]) -> None:
    make.set_clock(now)
    with both.app_context():
        with transaction():
            autumn_2026()
        assert unknown_years(clock.today()) == unknown
        with transaction():
            make.add(CalendarDay(day=date(2027, 1, 1), kind=DayKind.OFF, name="元旦"))
        assert unknown_years(clock.today()) == []


def test_what_has_no_check_in_no_check_out_or_no_word_is_listed_until_it_is_on_record(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        assert [(row.waits_for, row.due, row.is_late) for row in queries.uncleared(office.community)] == [
            ("check_in", date(2026, 12, 8), False)
        ]
        make.set_clock("2026-12-09 09:00")
        assert [row.late for row in queries.uncleared(office.community)] == [1]
        with transaction():
            office.forgotten.started_at = clock.at(TUESDAY, 870)
        assert [row.waits_for for row in queries.uncleared(office.community)] == ["check_out"]
        with transaction():
            made = office.forgotten
            made.ended_at, made.outcome, made.visit.state = clock.at(TUESDAY, 910), Outcome.DONE, VisitState.DONE
        assert [row.waits_for for row in queries.uncleared(office.community)] == ["confirmation"]
        with transaction():
            confirming.confirm(office.forgotten.visit, Trust.DESK, office.user("first"))
        assert queries.uncleared(office.community) == []


def test_a_back_entry_that_waits_is_told_on_the_list_and_clears_it_when_posted(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            entry = entering.enter(office.back(), office.user("first"))
        assert [row.entry for row in queries.uncleared(office.community)] == [entry]
        with transaction():
            entering.post(entry, office.user("second"))
        assert queries.uncleared(office.community) == []


def test_a_round_without_a_pick_up_is_listed_once_with_its_carrier(office: Office, app: Flask) -> None:
    make.set_clock("2026-11-24 09:00")
    with app.app_context():
        with transaction():
            community = db.session.get_one(make.Community, office.community)
            made = make.make_round(community, make.make_volunteer(community, "冯云霞"), doors=3, day=TUESDAY)
            round_id = made[0].round_id
        make.set_clock(NOW)
        rows = [row for row in queries.uncleared(office.community) if row.round is not None]
        assert [(row.round.id if row.round else 0, row.waits_for, [who.name for who in row.volunteers]) for row in rows] == [
            (round_id, "check_in", ["冯云霞"])
        ]


def test_confirming_freezes_what_the_law_wants_on_a_record(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            made = office.forgotten
            made.started_at, made.ended_at = clock.at(TUESDAY, 870), clock.at(TUESDAY, 910)
            made.outcome, made.visit.state = Outcome.DONE, VisitState.DONE
            compound = made.visit.household.building.compound.name
            record = confirming.confirm(made.visit, Trust.DESK, office.user("first"))[0]
        with transaction():
            db.session.get_one(make.Community, office.community).responsible = "换了人"
            office.kind.name = "改了名"
        assert (record.activity, record.place, record.unit, record.responsible) == ("上门理发", compound, "松坡社区居委会", "衣晓雯")
        with transaction():
            newer = correct(record, 30, "中途离开", office.user("second"))
        assert (newer.activity, newer.responsible, newer.confirmed_by) == ("上门理发", "衣晓雯", office.second)


def october(office: Office) -> int:
    """Put a record of late October into the book and return its number."""
    begun = clock.at(date(2026, 10, 31), 1380)
    return served(office.carer, office.kind, begun, 59).id


@pytest.mark.parametrize(("now", "kept"), [("2026-12-04 23:59", True), ("2026-12-05 00:00", False)])
def test_a_month_can_be_objected_to_for_thirty_days_from_its_statement(office: Office, app: Flask, now: str, kept: bool) -> None:
    with app.app_context():
        with transaction():
            record_id = october(office)
        make.set_clock(now)
        record = db.session.get_one(confirming.ServiceRecord, record_id)
        if kept:
            with transaction():
                assert objecting.object_to(record, office.carer, "少记了").origin is Origin.VOLUNTEER
        else:
            with pytest.raises(Conflict, match="within 30 days of its statement, this one until 2026-12-04"), transaction():
                objecting.object_to(record, office.carer, "少记了")


def test_what_came_on_record_late_can_be_objected_to_from_then_on(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            late = served(office.carer, office.kind, clock.at(date(2026, 10, 2), 600), 40, created_at=clock.at(date(2026, 11, 20), 600))
        assert objecting.objection_until(late) == date(2026, 12, 19)


def test_an_objection_is_answered_within_five_working_days_by_a_new_version(both: Flask) -> None:
    office = open_office(both)
    with both.app_context():
        with transaction():
            record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40)
            said = objecting.object_to(record, office.carer, "其实做了 50 分钟")
        assert said.due == date(2026, 12, 2)
        with pytest.raises(Conflict, match="open already"), transaction():
            objecting.object_to(record, office.carer, "再说一次")
        with pytest.raises(Invalid), transaction():
            objecting.answer(said, " ", office.user("first"), 50)
        with transaction():
            asked = objecting.answer(said, "核对了门口的录像", office.user("first"), 50)
        assert asked is not None
        assert (said.answered_at, said.newer) == (None, None)
        with transaction():
            proposals.agree(asked, office.user("second"))
        newer = said.newer
        assert newer is not None
        assert (newer.version, newer.minutes, newer.reason, newer.confirmed_by, said.record.minutes) == (
            2,
            50,
            "核对了门口的录像",
            office.second,
            40,
        )
        with pytest.raises(Conflict), transaction():
            objecting.answer(said, "又答一次", office.user("second"))
        told = [notice for notice in db.session.scalars(select(Notice)) if notice.template == "correction"]
        assert [(notice.user_id, "由 40 改记 50 分钟：核对了门口的录像" in notice.text) for notice in told] == [(office.owner, True)]


def test_an_answer_without_other_minutes_leaves_the_record_as_it_is(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            said = objecting.object_to(served(office.carer, office.kind, clock.at(TUESDAY, 600), 40), office.carer, "少了")
        with transaction():
            objecting.answer(said, "时间没有错", office.user("first"), 40)
        assert (said.newer_id, said.record.current) == (None, True)


def test_an_answer_that_cannot_stand_leaves_the_objection_open(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            said = objecting.object_to(served(office.carer, office.kind, clock.at(TUESDAY, 600), 40), office.carer, "少了").id
        for minutes in (721, -1):
            with pytest.raises(Invalid), transaction():
                objecting.answer(db.session.get_one(Objection, said), "改", office.user("first"), minutes)
        with pytest.raises(Conflict, match="about your own record"), transaction():
            objecting.answer(db.session.get_one(Objection, said), "改", office.user("owner"), 50)
        found = db.session.get_one(Objection, said)
        assert (found.answer, found.record.current) == (None, True)
        assert not list(db.session.scalars(select(Transfer)))


def test_only_ones_own_record_is_objected_to(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            other = make.make_volunteer(db.session.get_one(make.Community, office.community), "冯云霞").id
            record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40)
        with pytest.raises(NotAllowed), transaction():
            objecting.object_to(record, db.session.get_one(Volunteer, other), "不对")


def test_a_training_stands_on_its_own_and_is_never_service(both: Flask) -> None:
    office = open_office(both)
    course = keeping.Course(name="急救培训", content="心肺复苏", minutes=180, held_by="红十字会", day=TUESDAY)
    with both.app_context():
        with transaction():
            training = keeping.add_training(office.carer, course, office.user("first"))
        with pytest.raises(Conflict), transaction():
            keeping.add_training(office.carer, course, office.user("second"))
        assert not list(db.session.scalars(select(confirming.ServiceRecord)))
        with pytest.raises(Invalid), transaction():
            keeping.withdraw_training(training, "", office.user("first"))
        with transaction():
            keeping.withdraw_training(training, "登记错人了", office.user("first"))
        assert [row.withdrawn_reason for row in queries.trainings_of(office.carer)] == ["登记错人了"]
        with pytest.raises(Conflict), transaction():
            keeping.withdraw_training(training, "再撤一次", office.user("first"))


def test_a_training_of_tomorrow_is_not_on_record_today(office: Office, app: Flask) -> None:
    course = keeping.Course(name="急救培训", content="", minutes=180, held_by="红十字会", day=TUESDAY + timedelta(days=2))
    with app.app_context(), pytest.raises(Invalid), transaction():
        keeping.add_training(office.carer, course, office.user("first"))


def test_a_service_is_evaluated_by_others_and_less_than_good_in_words(office: Office, app: Flask) -> None:
    with app.app_context():
        with transaction():
            record = served(office.carer, office.kind, clock.at(TUESDAY, 600), 40)
        with pytest.raises(Conflict), transaction():
            keeping.evaluate(record, Grade.GOOD, "", office.user("owner"))
        with pytest.raises(Invalid), transaction():
            keeping.evaluate(record, Grade.POOR, " ", office.user("first"))
        with transaction():
            keeping.evaluate(record, Grade.FAIR, "到得晚了些", office.user("first"))
            newer = correct(record, 30, "晚到", office.user("first"))
        assert [(said.grade, said.words) for said, _user in queries.evaluations_of(newer)] == [(Grade.FAIR, "到得晚了些")]
