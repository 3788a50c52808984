"""What next after a visit failed at the door: Today leads to its page, its page asks, and the next try shows the tries before it."""

import pytest

from tests.builders import set_clock
from tests.planning.street import Street
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.visits.actions import serving
from timebank.visits.models import Outcome, Visit, VisitState


def fail(street: Street, outcome: Outcome) -> int:
    """Let the haircut of Wednesday be agreed and found otherwise at the door; return its visit."""
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    street.publish()
    street.answer(street.wang, accept=True)
    set_clock("2026-11-25 14:35")
    with transaction():
        serving.report(db.session.get_one(Visit, visit).offers[0], outcome)
    street.at("2026-11-25 15:30")
    return visit


def test_today_leads_to_the_page_that_asks_what_next_and_the_next_try_knows_the_first(street: Street) -> None:
    visit = fail(street, Outcome.REFUSED)
    assert "上门理发没做成：老人不要" in street.page("/today")
    page = street.page(f"/plan/visits/{visit}")
    assert "这次没做成：老人不要" in page
    assert "老人说这次不用了" in page
    assert street.browser.send(f"/plan/visits/{visit}/again", day="").status_code == 422
    refused = street.browser.send(f"/plan/visits/{visit}/again", day="2026-11-24")
    assert (refused.status_code, "请换一天" in refused.text) == (422, True)
    assert street.browser.send(f"/plan/visits/{visit}/again", day="2026-11-26").status_code == 303
    assert street.browser.send(f"/plan/visits/{visit}/again", day="2026-11-27").status_code == 409
    new = street.visits()[-1]
    assert "看再去的那一次" in street.page(f"/plan/visits/{visit}")
    page = street.page(f"/plan/visits/{new}")
    assert "前面去过" in page
    assert "老人不要" in page
    assert "没做成：老人不要" not in street.page("/today")
    with transaction():
        assert db.session.get_one(Visit, new).state is VisitState.OPEN


@pytest.mark.parametrize("why", ["family", "no_more"])
def test_the_page_takes_that_nobody_goes_again(street: Street, why: str) -> None:
    visit = fail(street, Outcome.NO_ANSWER)
    assert "没做成：没人应门" in street.page("/today")
    assert street.browser.send(f"/plan/visits/{visit}/leave-it", why="ill").status_code == 422
    assert street.browser.send(f"/plan/visits/{visit}/leave-it", why=why).status_code == 303
    assert "没做成：没人应门" not in street.page("/today")
    assert "这次没做成" not in street.page(f"/plan/visits/{visit}")


def test_an_inspector_reads_and_decides_nothing(street: Street) -> None:
    visit = fail(street, Outcome.NO_ANSWER)
    reader = street.sign_in(Role.INSPECTOR)
    assert "老人说这次不用了" not in reader.get(f"/plan/visits/{visit}").text
    assert reader.send(f"/plan/visits/{visit}/leave-it", why="family").status_code == 403
