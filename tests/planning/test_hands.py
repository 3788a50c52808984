"""换人: a volunteer gives a visit to a colleague by name. Both say yes, every rule is judged twice, the plan and the office know."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.planning.street import Street
from timebank import clock
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import User
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.notices.models import Notice
from timebank.visits.models import Offer, OfferState, Visit, VisitState
from timebank.visits.swaps import Hand, HandState
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Volunteer


def phone_of(street: Street, volunteer: int) -> Browser:
    """Return the phone of a volunteer."""
    browser = open_browser(street.app)
    with transaction():
        user = db.session.get_one(User, db.session.get_one(Volunteer, volunteer).user_id)
        token, _session = access.sign_in(user)
    with street.app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    return browser


def agreed(street: Street) -> int:
    """Let Wang have agreed to the haircut of Wednesday; return her offer."""
    street.open()
    street.assign(street.visits()[0], street.wang)
    street.publish()
    street.answer(street.wang, accept=True)
    street.at("2026-11-24 09:00")
    return _offer(street, street.wang).id


def _offer(street: Street, volunteer: int) -> Offer:
    forget_reads()
    rows = select(Offer).where(Offer.volunteer_id == volunteer).order_by(Offer.id.desc())
    found = db.session.scalars(rows).first()
    assert found is not None
    return found


def hand() -> Hand:
    """Return the only question there is."""
    forget_reads()
    return db.session.scalars(select(Hand)).one()


def told(template: str) -> list[str]:
    forget_reads()
    return [each.text for each in db.session.scalars(select(Notice).where(Notice.template == template))]


def test_a_visit_changes_hands_when_both_have_said_yes_and_the_office_reads_it(street: Street) -> None:
    made = agreed(street)
    wang, zhao = phone_of(street, street.wang), phone_of(street, street.zhao)
    assert "请同事替一次" in wang.get(f"/phone/visits/{made}").text
    assert wang.send(f"/phone/visits/{made}/hand", name="赵志强").status_code == 303
    page = wang.get(f"/phone/visits/{made}").text
    assert "问了赵志强，等回话" in page
    assert _offer(street, street.wang).state is OfferState.ACCEPTED
    assert "王**想请你替一次" in told("hand")[0]
    page = zhao.get("/phone/offers").text
    assert "同事请你替一次" in page
    assert "鞠淑贞" not in page
    assert '<span class="count">1</span>' in page
    assert zhao.send(f"/phone/hands/{hand().id}/take").status_code == 303
    forget_reads()
    assert _offer(street, street.wang).state is OfferState.WITHDRAWN
    assert _offer(street, street.zhao).state is OfferState.ACCEPTED
    visit = db.session.get_one(Visit, street.visits()[0])
    assert visit.state is VisitState.ACCEPTED
    assert street.assigned() == [(visit.id, street.zhao)]
    assert "赵**答应替你去" in told("handed")[0]
    assert "王**和赵**说好换人" in told("swapped")[0]
    assert "王秀芬换给了赵志强，两人都同意" in street.page(f"/plan/visits/{visit.id}")
    assert [row.verb for row in db.session.scalars(select(AuditRow).where(AuditRow.verb.like("%_hand")))] == ["ask_hand", "take_hand"]


def test_a_colleague_who_cannot_says_so_and_it_stays_whose_it_was(street: Street) -> None:
    made = agreed(street)
    wang, zhao = phone_of(street, street.wang), phone_of(street, street.zhao)
    wang.send(f"/phone/visits/{made}/hand", name="赵志强")
    assert zhao.send(f"/phone/hands/{hand().id}/decline").status_code == 303
    assert hand().state is HandState.DECLINED
    assert _offer(street, street.wang).state is OfferState.ACCEPTED
    assert "还是你去" in told("not_handed")[0]
    assert zhao.send(f"/phone/hands/{hand().id}/take").status_code == 409
    wang.send(f"/phone/visits/{made}/hand", name="赵志强")
    assert wang.send(f"/phone/visits/{made}/hand/withdraw").status_code == 303
    assert zhao.get("/phone/offers").text.count("同事请你替一次") == 0


def test_mates_of_a_team_stand_on_the_list_and_nobody_elses_name_is_told(street: Street) -> None:
    made = agreed(street)
    wang = phone_of(street, street.wang)
    assert "赵志强" not in wang.get(f"/phone/visits/{made}/hand").text
    with transaction():
        team = volunteers.add_team(street.community, "松坡队")
        for each in (street.wang, street.zhao):
            volunteers.join_team(team, street.volunteer(each), clock.today(), "报名")
    assert 'value="赵志强"' in wang.get(f"/phone/visits/{made}/hand").text
    assert wang.send(f"/phone/visits/{made}/hand", mate="赵志强").status_code == 303


@pytest.mark.parametrize("name", ["赵志强", "不存在", ""])
def test_who_cannot_then_and_who_does_not_exist_are_refused_alike_and_what_was_typed_stays(street: Street, name: str) -> None:
    made = agreed(street)
    street.away(street.zhao)
    answer = phone_of(street, street.wang).send(f"/phone/visits/{made}/hand", name=name)
    assert answer.status_code == 422
    assert "那时候这位同事排不进去，或者名字不对" in answer.text or "请换一位，或看看名字写对没有" in answer.text
    assert f'value="{name}"' in answer.text
    assert db.session.scalars(select(Hand)).all() == []


def test_what_no_longer_fits_when_the_colleague_says_yes_is_refused_and_changes_nothing(street: Street) -> None:
    made = agreed(street)
    phone_of(street, street.wang).send(f"/phone/visits/{made}/hand", name="赵志强")
    street.away(street.zhao)
    answer = phone_of(street, street.zhao).send(f"/phone/hands/{hand().id}/take")
    assert answer.status_code == 409
    assert "排不进" in answer.text
    assert hand().state is HandState.ASKED
    assert _offer(street, street.wang).state is OfferState.ACCEPTED


def test_only_ones_own_visit_that_has_not_begun_can_be_given_and_only_whom_it_was_offered_takes_it(street: Street) -> None:
    made = agreed(street)
    wang, zhao = phone_of(street, street.wang), phone_of(street, street.zhao)
    assert zhao.send(f"/phone/visits/{made}/hand", name="王秀芬").status_code == 404
    wang.send(f"/phone/visits/{made}/hand", name="赵志强")
    assert wang.send(f"/phone/visits/{made}/hand", name="赵志强").status_code in {409, 422}
    assert wang.send(f"/phone/hands/{hand().id}/take").status_code == 409
    make.set_clock("2026-11-25 18:00")
    wang, zhao = phone_of(street, street.wang), phone_of(street, street.zhao)
    assert zhao.send(f"/phone/hands/{hand().id}/take").status_code == 409
    assert wang.get(f"/phone/visits/{made}/hand").status_code == 409


def test_a_trip_of_meals_changes_hands_whole(street: Street) -> None:
    street.meals(3)
    street.open()
    meals = [number for number in street.visits() if db.session.get_one(Visit, number).canteen_id]
    for number in meals:
        street.assign(number, street.wang, day="2026-11-25", start="")
    street.publish()
    street.answer(street.wang, accept=True)
    street.at("2026-11-24 09:00")
    made = next(each for each in db.session.scalars(select(Offer).where(Offer.volunteer_id == street.wang)) if each.round_id)
    wang, zhao = phone_of(street, street.wang), phone_of(street, street.zhao)
    assert wang.send(f"/phone/visits/{made.id}/hand", name="赵志强").status_code == 303
    assert "3 户" in zhao.get("/phone/offers").text
    assert zhao.send(f"/phone/hands/{hand().id}/take").status_code == 303
    assert {(visit, street.zhao) for visit in meals} <= set(street.offers(OfferState.ACCEPTED))


def test_the_database_takes_one_open_question_for_a_visit_and_none_to_oneself(street: Street) -> None:
    made = agreed(street)
    ordinary = {"offer_id": made, "from_id": street.wang, "asked_at": clock.now()}
    with pytest.raises(IntegrityError), transaction():
        make.add(Hand(to_id=street.wang, **ordinary))
    with transaction():
        make.add(Hand(to_id=street.zhao, **ordinary))
    with pytest.raises(IntegrityError), transaction():
        make.add(Hand(to_id=street.zhao, **ordinary))
