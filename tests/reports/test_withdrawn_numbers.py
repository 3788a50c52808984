"""The national report follows corrections: former numbers, what is to be withdrawn, and a mistyped number put right by two people."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.reports.test_national import exported
from tests.served import TODAY, World, served_world
from timebank import clock
from timebank.access.models import Role, User
from timebank.certificates import actions, put_right
from timebank.certificates.models import Certificate
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.records.reported import NationalReport
from timebank.reports import national, withdrawals
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord

YEAR = date(2026, 1, 1)


def colleague(world: World) -> User:
    """Return another coordinator."""
    return make.make_user(Role.COORDINATOR, world.get()[0], name="于海")


def reported(world: World, lines: str = "R1 370200001") -> None:
    """Enter what the national system answered."""
    national.acknowledge(world.community, lines, world.get()[2])


def corrected(world: World, minutes: int, day: date = date(2026, 10, 21)) -> ServiceRecord:
    """Correct the record of a day; more minutes with a colleague."""
    found = db.session.scalars(select(ServiceRecord).where(ServiceRecord.day == day, ServiceRecord.current)).one()
    made = correct(found, minutes, "签退晚了", world.get()[2])
    if isinstance(made, Proposal):
        proposals.agree(made, colleague(world))
        return db.session.scalars(select(ServiceRecord).where(ServiceRecord.day == day, ServiceRecord.current)).one()
    return made


def waiting(world: World) -> list[tuple[str, int, int]]:
    """Return what is to be withdrawn: number, minutes reported, minutes now."""
    found = withdrawals.pending(world.community)
    return [(each.report.national_no, each.then.minutes, each.now.minutes) for each in found]


def services(world: World, *, unreported: bool = True) -> dict[object, list[object]]:
    """Return the exported rows of service by record: hours, number, former number, corrected, withdrawn."""
    rows = exported(world, unreported=unreported)["志愿服务情况"][1:]
    return {row[0]: [row[7], *row[11:]] for row in rows}


def test_what_was_reported_and_has_not_changed_is_not_to_be_withdrawn(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        assert waiting(world) == []
        assert services(world, unreported=False)["R1"] == [0.58, "370200001", "", "否", "否"]
        assert exported(world)["要撤销的编号"][1:] == []


def test_a_corrected_record_is_exported_with_its_former_number_and_listed_for_withdrawal(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        newer = corrected(world, 20)
        assert services(world)[f"R{newer.id}"] == [0.33, "", "370200001", "是", "否"]
        assert waiting(world) == [("370200001", 35, 20)]
        (row,) = exported(world)["要撤销的编号"][1:]
        assert (row[0], row[1], row[5:]) == ("370200001", "R1", [0.58, 0.33, "更正"])


def test_a_record_that_falls_to_nothing_is_exported_as_withdrawn_also_when_nothing_else_is_left_to_report(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world, "R1 370200001\nR2 370200002\nR3 370200003")
        gone = corrected(world, 0)
        assert services(world) == {f"R{gone.id}": [0, "", "370200001", "否", "是"]}
        (row,) = exported(world)["要撤销的编号"][1:]
        assert row[5:] == [0.58, 0, "不再计入"]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("R{new} 370200001", []),
        ("R{new} 370200009", [("370200001", 35, 20)]),
        ("R{new} 370200009\nR1 撤销", []),
        ("R1 withdrawn", []),
        ("R{new} 撤销", []),
    ],
)
def test_a_number_waits_until_it_is_corrected_in_place_or_noted_as_withdrawn(
    app: Flask, world: World, answer: str, left: list[tuple[str, int, int]]
) -> None:
    with app.app_context(), transaction():
        reported(world)
        newer = corrected(world, 20)
        reported(world, answer.format(new=newer.id))
        assert waiting(world) == left


def test_each_further_correction_counts_from_the_version_reported_last(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        second = corrected(world, 20)
        reported(world, f"R{second.id} 370200001")
        third = corrected(world, 10)
        assert waiting(world) == [("370200001", 20, 10)]
        assert services(world)[f"R{third.id}"] == [0.17, "", "370200001", "是", "否"]


def test_a_record_corrected_back_to_what_was_reported_is_not_withdrawn(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        corrected(world, 20)
        back = corrected(world, 35)
        assert waiting(world) == []
        assert services(world)[f"R{back.id}"] == [0.58, "", "370200001", "否", "否"]
        reported(world, f"R{back.id} 370200009")
        assert waiting(world) == [("370200001", 35, 35)]


def test_a_withdrawn_record_that_counts_again_is_reported_anew(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        corrected(world, 0)
        reported(world, "R1 撤销")
        again = corrected(world, 30)
        assert waiting(world) == []
        assert services(world)[f"R{again.id}"][1:] == ["", "370200001", "是", "否"]
        reported(world, f"R{again.id} 370200005")
        assert waiting(world) == []


def test_a_correction_behind_a_revoked_certificate_is_followed_all_the_same(app: Flask, client: Browser, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, YEAR, TODAY, coordinator)
        reported(world)
        actions.revoke(made, coordinator, "开错了")
        corrected(world, 0)
        assert waiting(world) == [("370200001", 35, 0)]
        path = f"/check/{made.number}/{made.check_code}"
    assert "已撤销，无效" in client.get(path).text


@pytest.mark.parametrize("line", ["R1 撤销", "R2 撤销", "R999 撤销"])
def test_nothing_is_withdrawn_that_is_not_to_be_and_the_whole_answer_is_refused(app: Flask, world: World, line: str) -> None:
    with app.app_context():
        with transaction():
            reported(world)
        with pytest.raises(Conflict, match="no number to be withdrawn"), transaction():
            reported(world, f"R3 370200003\n{line}")
        assert [each.record_id for each in db.session.scalars(select(NationalReport))] == [1]


def test_a_number_used_twice_is_refused_by_words_and_by_the_database(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            reported(world)
        with pytest.raises(Invalid, match="is the number of R1"), transaction():
            reported(world, "R2 370200001")
        with pytest.raises(IntegrityError), transaction():
            db.session.add(NationalReport(record_id=2, national_no="370200001", reported_at=clock.now(), noted_by=world.coordinator))
        with transaction():
            newer = corrected(world, 20)
            reported(world, f"R{newer.id} 370200001")
        with transaction():
            reported(world, "R2 370200002")
        with pytest.raises(IntegrityError), transaction():
            db.session.get_one(NationalReport, 2).national_no = "370200001"


def test_two_presses_at_once_enter_one_number_for_one_record(both: Flask) -> None:
    world = served_world(both)

    def press(record: int) -> str:
        with both.app_context():
            try:
                with transaction():
                    reported(world, f"R{record} 370200001")
                    return "entered"
            except Invalid:
                return "refused"
            finally:
                db.session.remove()

    with ThreadPoolExecutor(3) as hands:
        said = sorted(each.result() for each in [hands.submit(press, number) for number in (1, 2, 3)])
    assert said == ["entered", "refused", "refused"]


def test_what_is_to_be_withdrawn_is_the_same_on_both_databases(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        reported(world, "R1 370200001\nR2 370200002")
        corrected(world, 20)
        corrected(world, 0, date(2026, 10, 28))
        assert waiting(world) == [("370200001", 35, 20), ("370200002", 52, 0)]
        assert withdrawals.pending(world.community, date(2026, 10, 25), TODAY)[0].report.national_no == "370200002"
        withdrawals.note(withdrawals.find(world.community, 1), world.get()[2])
        assert waiting(world) == [("370200002", 52, 0)]
        assert withdrawals.pending(make.make_community("sea-street").id) == []


def test_the_page_lists_what_is_to_be_withdrawn_and_the_desk_notes_it(app: Flask, desk: Browser, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        corrected(world, 20)
    page = desk.get("/national?start=2026-10-01&end=2026-10-31").text
    for said in ("要在全国系统撤销的", "370200001", "35 分钟", "20 分钟", "原编号 370200001"):
        assert said in page, said
    assert desk.send("/national/1/withdrawn").status_code == 303
    assert desk.send("/national/1/withdrawn").status_code == 409
    assert "要在全国系统撤销的" not in desk.get("/national").text


# A mistyped number


def asked(world: World, number: str) -> Proposal:
    """Ask for another number of the first record."""
    return put_right.propose(db.session.get_one(NationalReport, 1), world.community, number, world.get()[2])


def test_a_mistyped_number_is_put_right_by_two_people(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        proposal = asked(world, "370200010")
        assert db.session.get_one(NationalReport, 1).national_no == "370200001"
        with pytest.raises(Conflict, match="yourself"):
            proposals.agree(proposal, world.get()[2])
        proposals.agree(proposal, colleague(world))
        assert db.session.get_one(NationalReport, 1).national_no == "370200010"


def test_a_number_that_was_entered_for_the_wrong_record_is_taken_off_by_two_people(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        proposals.agree(asked(world, ""), colleague(world))
        assert db.session.get(NationalReport, 1) is None
        reported(world, "R2 370200001")


@pytest.mark.parametrize(
    ("number", "said"), [("370200001", "on record"), ("9" * 41, "at most 40"), ("37 02", "no spaces"), ("370200002", "R2")]
)
def test_a_number_that_cannot_be_right_is_refused_before_anybody_is_asked(app: Flask, world: World, number: str, said: str) -> None:
    with app.app_context(), transaction():
        reported(world, "R1 370200001\nR2 370200002")
        with pytest.raises(Invalid, match=said):
            asked(world, number)
        assert db.session.scalars(select(Proposal)).all() == []


def test_a_number_taken_by_another_meanwhile_or_changed_since_is_not_put_in(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        reported(world)
        proposal = asked(world, "370200002")
        reported(world, "R2 370200002")
        with db.session.no_autoflush, pytest.raises(Invalid, match="R2"), db.session.begin_nested():
            proposals.agree(proposal, colleague(world))
        db.session.get_one(NationalReport, 1).national_no = "370200003"
        db.session.flush()
        with pytest.raises(Conflict, match="changed since"), db.session.begin_nested():
            proposals.agree(proposal, colleague(world))


def test_the_number_of_a_certificate_is_entered_once_and_put_right_by_two_people(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, YEAR, TODAY, coordinator)
        other = actions.issue_certificate(volunteer, date(2026, 10, 1), date(2026, 10, 31), coordinator)
        actions.report(made, "C1")
        with pytest.raises(Invalid, match="on record as C1"):
            actions.report(made, "C2")
        with pytest.raises(Invalid, match=made.number):
            actions.report(other, "C1")
        actions.report(other, "C9")
        with pytest.raises(Invalid, match=made.number):
            put_right.propose(other, world.community, "C1", coordinator)
        proposals.agree(put_right.propose(made, world.community, "C2", coordinator), colleague(world))
        assert made.national_no == "C2"
        proposals.agree(put_right.propose(made, world.community, "", coordinator), colleague(world))
        assert (made.national_no, made.reported_at) == ("", None)


def test_the_pages_ask_for_the_right_number_and_say_that_it_waits(
    app: Flask, desk: Browser, world: World, sign_in_as: Callable[..., Browser]
) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        reported(world)
        actions.report(actions.issue_certificate(volunteer, YEAR, TODAY, coordinator), "C1")
    assert desk.send("/national/1/number", right_no="370200001").status_code == 422
    assert desk.send("/national/1/number", right_no="370200010").status_code == 303
    assert desk.send("/certificates/1/number", right_no="C1").status_code == 422
    assert desk.send("/certificates/1/number", right_no="C2").status_code == 303
    assert desk.send("/certificates/1/reported", national_no="C3").status_code == 422
    for path in ("/books/hours/1", "/certificates/1"):
        assert "已经提请更改，等第二个人核准" in desk.get(path).text, path
    second = sign_in_as(Role.COORDINATOR, community_id=world.community)
    page = second.get("/proposals").text
    assert "记录 R1 的全国系统编号登错了" in page
    for number in (1, 2):
        assert second.send(f"/proposals/{number}/agree").status_code == 303
    assert "370200010" in desk.get("/books/hours/1").text
    with app.app_context():
        assert db.session.scalars(select(Certificate.national_no)).one() == "C2"
