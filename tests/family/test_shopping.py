"""An errand with the elder's money: a list and a budget first, then a receipt; above the budget nobody spends without asking."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.visits import shopping
from timebank.visits.actions import serving
from timebank.visits.actions.shopping import note_receipt, set_list
from timebank.visits.models import HelpRequest, Offer
from timebank.visits.shopping import ShoppingReceipt


def errand(*, user: int | None = None, code: str = "SHOP", begun: bool = True) -> Offer:
    """Return an errand of Wednesday afternoon that somebody has taken on, and begun."""
    make.set_clock("2026-11-25 10:30")
    community = make.make_community()
    home = make.make_household(community)
    elder = make.make_elder(home, "臧玉梅")
    family = make.make_user(Role.FAMILY, community)
    make.make_family(elder, family)
    request = make.make_request(community, make.make_kind(code, name="买菜代购", name_en="Shopping", skills=[]), home, elder=elder)
    made = make.make_offer(make.make_visit(request), make.make_volunteer(community, user_id=user), 14 * 60, accepted=True)
    if begun:
        make.set_clock("2026-11-25 14:00")
        serving.check_in(made, made.visit.code)
    return made


def office(made: Offer) -> User:
    return make.make_user(Role.COORDINATOR, db.session.get_one(make.Community, made.visit.community_id))


def test_a_receipt_within_the_budget_is_noted_with_its_change(both: Flask) -> None:
    with both.app_context(), transaction():
        made = errand()
        set_list(made.visit.request, "白菜一棵、鸡蛋一斤", 3000, office(made))
        assert note_receipt(made, 5000, 2650).change == 2350
        with pytest.raises(Conflict, match="noted already"):
            note_receipt(made, 5000, 2650)


def test_above_the_budget_it_says_what_to_do_and_takes_it_with_who_agreed(both: Flask) -> None:
    with both.app_context():
        with transaction():
            made = errand()
            number, visit = made.id, made.visit_id
            set_list(made.visit.request, "白菜", 3000, office(made))
            with pytest.raises(Invalid, match="over the budget") as refused:
                note_receipt(made, 5000, 3250)
            assert "先打电话问老人或家属" in refused.value.zh
            with pytest.raises(Invalid, match="Do not pay yourself"):
                note_receipt(made, 3000, 3250, "女儿")
        with pytest.raises(IntegrityError, match="somebody agrees"), transaction():
            db.session.add(ShoppingReceipt(visit_id=visit, offer_id=number, cash=5000, spent=3250, noted_at=made.sent_at))
        with transaction():
            assert note_receipt(db.session.get_one(Offer, number), 5000, 3250, "女儿电话里同意").agreed == "女儿电话里同意"
        for change in (update(ShoppingReceipt).values(spent=1), text("DELETE FROM shopping_receipt")):
            with pytest.raises(IntegrityError, match="stays"), transaction():
                db.session.execute(change)


def test_without_a_list_or_before_the_check_in_nothing_is_noted_and_no_budget_is_without_bounds(both: Flask) -> None:
    with both.app_context(), transaction():
        made = errand(begun=False)
        by = office(made)
        with pytest.raises(Conflict, match="Check in first"):
            note_receipt(made, 100, 100)
        make.set_clock("2026-11-25 14:00")
        serving.check_in(made, made.visit.code)
        with pytest.raises(Conflict, match="no list"):
            note_receipt(made, 100, 100)
        for items, budget, said in (("", 100, "what to buy"), ("米", 0, "between"), ("金条", 9_000_000, "family come along")):
            with pytest.raises(Invalid, match=said):
                set_list(made.visit.request, items, budget, by)


def test_a_haircut_has_no_budget(both: Flask) -> None:
    with both.app_context(), transaction():
        made = errand(code="HAIR")
        with pytest.raises(Conflict, match="No money"):
            set_list(made.visit.request, "推子", 100, office(made))


def test_the_list_is_written_by_desk_or_family_and_the_receipt_on_the_phone(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    phone = sign_in_as(Role.VOLUNTEER)
    with app.app_context(), transaction():
        made = errand(user=phone.user)
        number, request = made.id, made.visit.request_id
        community = made.visit.community_id
    desk = sign_in_as(Role.COORDINATOR, community)
    assert "写清单和预算" in desk.get(f"/requests/{request}").text
    refused = desk.send(f"/requests/{request}/list", what="白菜一棵", budget="三十")
    assert (refused.status_code, "35 或 35.50" in refused.text, "白菜一棵" in refused.text) == (422, True, True)
    empty = desk.send(f"/requests/{request}/list", what="", budget="30")
    assert (empty.status_code, "请写下买什么" in empty.text, 'value="30"' in empty.text) == (422, True, True)
    assert desk.send(f"/requests/{request}/list", what="白菜一棵", budget="３０元").status_code == 303
    again = desk.get(f"/requests/{request}/list").text
    assert ("白菜一棵" in again, 'class="error"' in again) == (True, False)
    assert "白菜一棵" in phone.get(f"/phone/visits/{number}").text
    over = phone.send(f"/phone/visits/{number}/receipt", cash="50", spent="32.5")
    assert (over.status_code, "超过预算 2.50 元" in over.text, 'value="32.5"' in over.text) == (422, True, True)
    assert phone.send(f"/phone/visits/{number}/receipt", cash="50", spent="32.5", agreed="本人").status_code == 303
    assert "找回 17.50 元" in phone.get(f"/phone/visits/{number}").text
    assert "超预算是 本人 同意的" in desk.get(f"/requests/{request}").text
    with app.app_context():
        asked = db.session.get_one(HelpRequest, request)
        kept = shopping.list_of(asked)
        assert kept is not None
        assert kept.budget == 3000


def test_a_family_writes_the_list_of_its_own_elder_only(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        made = errand(begun=False)
        request, community = made.visit.request_id, made.visit.community_id
        elder = made.visit.request.elder_id
    stranger = sign_in_as(Role.FAMILY, community)
    assert stranger.send(f"/family/requests/{request}/list", what="米", budget="20").status_code == 404
    with app.app_context(), transaction():
        make.make_family(db.session.get_one(make.Elder, elder), db.session.get_one(User, stranger.user))
    assert stranger.send(f"/family/requests/{request}/list", what="米", budget="20").status_code == 303
    assert "最多花 20 元" in stranger.get(f"/family/requests/{request}").text
