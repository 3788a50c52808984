"""A family's word that something was not right: no clock passes over it, a coordinator settles it, and nobody confirms their own hours."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.ledger.models import Transfer
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.actions import confirming, serving
from timebank.visits.models import Offer, Round, ServiceRecord, Trust, Visit, VisitState

WORDS = "只来了十分钟，头发没剪完"


def served_haircut() -> Offer:
    """Return a haircut that was served with the visit code, followed by a daughter; the clock stands at its end."""
    make.set_clock("2026-11-25 09:30")
    community = make.make_community()
    household = make.make_household(community)
    make.make_family(make.make_elder(household, "吕桂英"), make.make_user(Role.FAMILY))
    carer = make.make_volunteer(community, "郭玉洁", user_id=make.make_user(Role.VOLUNTEER, community).id)
    make.make_user(Role.COORDINATOR, community)
    visit = make.make_visit(make.make_request(community, make.make_kind("HAIR"), household))
    made = make.make_offer(visit, carer, 870, accepted=True)
    make.set_clock("2026-11-25 14:30")
    serving.check_in(made, visit.code)
    make.set_clock("2026-11-25 15:12")
    serving.check_out(made)
    return made


def user_with(role: Role) -> User:
    return db.session.scalars(select(User).where(User.role == role)).first() or make.make_user(role)


def test_the_clock_does_not_confirm_what_a_family_objected_to_and_a_coordinator_does(both: Flask) -> None:
    with both.app_context():
        with transaction():
            visit = served_haircut().visit
            confirming.object_to(visit, f"  {WORDS} ", user_with(Role.FAMILY))
        make.set_clock("2026-12-05 09:00")
        with transaction():
            assert confirming.confirm_due() == 0
        with transaction(), pytest.raises(Conflict):
            confirming.confirm(visit, Trust.AUTO, None)
        with transaction(), pytest.raises(Conflict):
            confirming.confirm(visit, Trust.FAMILY, user_with(Role.FAMILY))
        assert not list(db.session.scalars(select(Transfer)))
        with transaction():
            assert [each.minutes for each in confirming.confirm(visit, Trust.CALL, user_with(Role.COORDINATOR))] == [42]
        assert visit.doubt == WORDS
        assert len(list(db.session.scalars(select(Transfer)))) == 1
        stored = db.session.connection().exec_driver_sql("SELECT doubt FROM visit").scalar_one()
        assert WORDS not in str(stored)


def test_an_objection_to_one_door_holds_its_whole_meal_round(app: Flask) -> None:
    with app.app_context():
        with transaction():
            make.set_clock("2026-11-25 10:30")
            community = make.make_community()
            offers = make.make_round(community, make.make_volunteer(community), doors=2)
            make.set_clock("2026-11-25 10:50")
            serving.pick_up(db.session.scalars(select(Round)).one(), 2)
            make.set_clock("2026-11-25 11:10")
            for each in offers:
                serving.deliver(each)
            confirming.object_to(offers[1].visit, "饭是凉的", make.make_user(Role.FAMILY))
        make.set_clock("2026-12-05 09:00")
        with transaction():
            assert confirming.confirm_due() == 0
            assert confirming.confirm_round(
                db.session.scalars(select(Round)).one(), Trust.DESK, make.make_user(Role.COORDINATOR, community)
            )


def test_an_objection_needs_words_and_a_visit_that_waits(app: Flask) -> None:
    with app.app_context():
        with transaction():
            visit = served_haircut().visit
        with pytest.raises(Invalid), transaction():
            confirming.object_to(visit, "  ", user_with(Role.FAMILY))
        with transaction():
            confirming.object_to(visit, WORDS, user_with(Role.FAMILY))
        with pytest.raises(Conflict), transaction():
            confirming.object_to(visit, "又一次", user_with(Role.FAMILY))
        with transaction():
            confirming.confirm(visit, Trust.DESK, user_with(Role.COORDINATOR))
        with pytest.raises(Conflict), transaction():
            confirming.object_to(visit, "太晚了", user_with(Role.FAMILY))


@pytest.mark.parametrize("trust", list(Trust))
def test_nobody_confirms_their_own_service(app: Flask, trust: Trust) -> None:
    with app.app_context():
        with transaction():
            made = served_haircut()
        carer = db.session.get_one(User, made.volunteer.user_id)
        with pytest.raises(Conflict), transaction():
            confirming.confirm(made.visit, trust, carer)
        assert not list(db.session.scalars(select(ServiceRecord)))


def test_the_familys_page_takes_the_words_once_and_the_office_sees_them(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        community_id = make.make_community("other-street").id
    family = sign_in_as(Role.FAMILY, None)
    with app.app_context(), transaction():
        made = served_haircut()
        visit_id, community_id = made.visit_id, made.visit.community_id
        make.make_family(made.visit.household.elders[0], db.session.get_one(User, family.user))
    page = f"/family/visits/{visit_id}"
    assert "有不对的地方" in family.get(page).text
    assert family.send(f"{page}/object", doubt="").status_code == 422
    assert "最多 200 个字" in family.send(f"{page}/object", doubt="多" * 201).text
    for _tap in range(2):
        answer = family.send(f"{page}/object", key="the-same-thumb", doubt=WORDS)
        assert (answer.status_code, answer.location) == (303, page)
    assert WORDS in family.get(page).text
    assert "是的，服务做好了" not in family.get(page).text
    assert "您说有不对" in family.get("/family").text
    assert family.send(f"{page}/confirm").status_code == 409
    with app.app_context():
        assert [row.verb for row in db.session.scalars(select(AuditRow).where(AuditRow.subject == "visit"))][-1] == "object"
        notices = list(db.session.scalars(select(Notice).where(Notice.template == "doubt")))
        assert len(notices) == 1
        assert WORDS not in notices[0].text
        assert db.session.get_one(Visit, visit_id).state is VisitState.DONE
        assert db.session.get_one(Community, community_id).name
    office = sign_in_as(Role.COORDINATOR, community_id)
    assert "家属说不对" in office.get("/today").text
    assert WORDS in office.get("/confirm").text
    assert "已确认 0 次" in _after(office, "/confirm/day", day="2026-11-25")
    assert "记入 42 分钟" in _after(office, "/confirm", what="visit", number=visit_id, trust="call")
    assert "家属说不对" not in office.get("/today").text


def _after(browser: Browser, path: str, **fields: object) -> str:
    """Return the page that a form leads to."""
    return browser.get(browser.send(path, **fields).location).text


def test_another_family_cannot_object(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        visit_id = served_haircut().visit_id
    assert sign_in_as(Role.FAMILY, None).send(f"/family/visits/{visit_id}/object", doubt=WORDS).status_code == 404
