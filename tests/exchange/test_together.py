"""Many rows go in together: one that is refused among them leaves nothing, and the others are as if it had never stood there."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.exchange.files import Rows, excel, take_in
from tests.exchange.test_communities import two
from tests.exchange.test_speed import roster
from timebank import clock, numbered
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.db import Base, db, transaction
from timebank.elders.models import Consent, Elder, Household
from timebank.exchange import actions
from timebank.exchange.report import Fate
from timebank.ledger.models import Account, AccountKind
from timebank.places.models import Compound
from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Availability, Standing, Volunteer

PEOPLE = 40


def counted(*tables: type[Base]) -> list[int]:
    """Return how many rows some tables have."""
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def street() -> None:
    """Bring one community in."""
    heads = two()["社区"][:2]
    take_in([excel({"社区": heads})])


def changed(sheets: dict[str, Rows], sheet: str, cells: dict[int, dict[str, object]]) -> None:
    """Write other words into some cells of a sheet, by line and header."""
    heads, *lines = sheets[sheet]
    sheets[sheet] = [
        heads,
        *([cells.get(n, {}).get(str(head), cell) for head, cell in zip(heads, line, strict=True)] for n, line in enumerate(lines)),
    ]


def with_refused() -> dict[str, Rows]:
    """Return a roster in which an early one, two neighbours and the last of each sheet are refused only once they are looked at."""
    sheets = roster(PEOPLE, PEOPLE, PEOPLE)
    bad = (0, 7, 8, PEOPLE - 1)
    changed(sheets, "志愿者", {n: {"手机": "13900000000"} for n in (3, *bad[1:])})
    changed(sheets, "老人", {n: {"楼层": 9} for n in bad})
    changed(sheets, "固定需求", {n: {"老人编号": "L99999"} for n in bad})
    return sheets


@pytest.mark.parametrize("together", [1, 5, 200])
def test_rows_that_are_refused_leave_nothing_and_keep_nobody_out(either: Flask, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    monkeypatch.setattr(actions, "TOGETHER", together)
    street()
    report = take_in([excel(with_refused())], skip_bad_rows=True)
    good = PEOPLE - 4
    assert [report.fates[sheet][Fate.BAD] for sheet in ("志愿者", "老人", "固定需求")] == [4, 4, 4]
    assert [problem.row for problem in report.problems if problem.sheet == "志愿者"] == [5, 9, 10, PEOPLE + 1]
    assert counted(Volunteer, Standing, Elder, Household) == [good] * 4
    assert counted(Availability, Consent) == [2 * good] * 2
    assert counted(HelpRequest) == [good]
    members = select(func.count()).select_from(Account).where(Account.kind == AccountKind.MEMBER)
    assert db.session.scalar(members) == good
    assert db.session.scalar(select(func.count()).select_from(User).where(User.role == Role.VOLUNTEER)) == good
    numbers = set(db.session.scalars(select(AuditRow.subject_id).where(AuditRow.verb == "import_new", AuditRow.subject == "elder")))
    assert numbers == {str(number) for number in db.session.scalars(select(Elder.id))}


def test_the_door_of_somebody_who_was_refused_is_still_free(either: Flask) -> None:
    street()
    sheets = roster(0, 2, 0)
    heads, first, second = sheets["老人"]
    sheets["老人"] = [[*heads, "熟悉的送餐人"], [*first, "V404"], [*second[:7], *first[7:9], *second[9:], ""]]
    report = take_in([excel(sheets)], skip_bad_rows=True)
    assert [report.fates["老人"][fate] for fate in (Fate.NEW, Fate.BAD)] == [1, 1]
    assert report.remarks == []


def test_a_row_has_its_number_before_it_is_written(either: Flask) -> None:
    street()
    place = db.session.scalar(select(Compound.community_id)) or 1
    with transaction(), numbered.ahead():
        account = Account(community_id=place, kind=AccountKind.MEMBER, limit_minutes=0, opened_at=clock.now())
        numbered.add(account)
        assert account.id
        assert db.session.new
    assert db.session.get(Account, account.id) is account
