"""What is called off outside the plan leaves it, so that the rest can still be published."""

from tests.planning.street import Street
from timebank.db import db
from timebank.visits.models import OfferState, Visit, VisitState


def test_a_need_that_ends_after_publishing_leaves_the_plan(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    street.publish()
    request = db.session.get_one(Visit, visit).request_id
    assert street.browser.send(f"/requests/{request}/end", last_day="2026-11-22").status_code == 303
    other = street.one_more()
    street.open()
    assert street.assigned() == []
    street.assign(street.visit_of(other), street.zhao)
    assert street.publish().status_code == 303
    assert street.offers(OfferState.SENT) == [(street.visit_of(other), street.zhao)]


def test_a_pause_after_publishing_reaches_offers_at_once_and_the_plan_when_it_is_opened(street: Street) -> None:
    street.open()
    visit = street.visits()[0]
    street.assign(visit, street.wang)
    street.publish()
    elder = db.session.get_one(Visit, visit).household.elders[0].id
    street.browser.send(f"/elders/{elder}/pause", first_day="2026-11-23", last_day="2026-11-29")
    assert street.offers(OfferState.SENT) == []
    street.open()
    assert street.assigned() == []
    assert db.session.get_one(Visit, visit).state is VisitState.CANCELLED
