"""What is owed after corrections: its page, the page of the record it comes from, the volunteer's own, and giving it up by two people."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from tests.visits.owing import WHY, Town, town
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.ledger import claims, owing
from timebank.ledger.verify import verify
from timebank.notices.models import Notice
from timebank.proposals import actions as proposals
from timebank.visits.actions import owing as debts
from timebank.visits.actions.correcting import correct
from timebank.visits.actions.owing import Debt

SignIn = Callable[..., Browser]


@pytest.fixture
def here(app: Flask) -> Iterator[Town]:
    """Give the community with a volunteer who owes 74 minutes."""
    yield from owes(app)


def owes(app: Flask) -> Iterator[Town]:
    """Correct a donated record whose minutes the pool has passed on."""
    for place in town(app):
        with transaction():
            record = place.served(84)
            place.donates(84)
            place.pool_is_used(84)
            correct(record, 10, WHY, place.by)
        yield place


@pytest.fixture
def shown(app: Flask) -> Town:
    """Give the same community to pages: each request has a context of its own."""
    (place,) = owes(app)
    return place


def debt_of(here: Town) -> Debt:
    """Return what is owed."""
    (debt,) = debts.debts(claims.claims(here.community))
    return debt


def test_a_claim_is_given_up_for_a_reason_by_two_people_and_stays_to_be_seen(both: Flask) -> None:
    for here in owes(both):
        with pytest.raises(Invalid, match="Say why"), transaction():
            debts.propose_write_off(debt_of(here), "  ", here.by)
        with transaction():
            asked = debts.propose_write_off(debt_of(here), "搬走了，联系不上", here.by)
        assert debt_of(here).claim.open == 74
        with pytest.raises(Conflict, match="asked for already"), transaction():
            debts.propose_write_off(debt_of(here), "再提一次", here.colleague)
        with pytest.raises(Conflict, match="You asked for this yourself"), transaction():
            proposals.agree(asked, here.by)
        with transaction():
            proposals.agree(asked, here.colleague)
        claim = debt_of(here).claim
        assert (claim.open, claim.written_off, claim.repaid) == (0, 74, 0)
        with pytest.raises(Conflict, match="nothing is left"), transaction():
            debts.propose_write_off(debt_of(here), "再来", here.by)
        assert verify(here.community).ok


def test_what_was_paid_back_meanwhile_is_not_given_up_as_well(here: Town) -> None:
    with transaction():
        asked = debts.propose_write_off(debt_of(here), "联系不上", here.by)
        here.served(60, start=700)
    with transaction():
        proposals.agree(asked, here.colleague)
    claim = debt_of(here).claim
    assert (claim.open, claim.repaid, claim.written_off) == (0, 60, 14)


def test_nobody_gives_up_what_they_or_their_family_owe(here: Town) -> None:
    with transaction():
        here.me.user_id = here.first
    with pytest.raises(Conflict, match="You or your family owe this"), transaction():
        debts.propose_write_off(debt_of(here), "算了", here.by)
    with transaction():
        asked = debts.propose_write_off(debt_of(here), "算了", here.colleague)
    with pytest.raises(Conflict, match="You or your family owe this"), transaction():
        proposals.agree(asked, here.by)


def test_the_book_itself_wants_a_reason_and_two_people_for_it(here: Town) -> None:
    claim = debt_of(here).claim
    with pytest.raises(Conflict, match="second person"), transaction():
        owing.write_off(claim.advance, 74, idem=("x", "1"), actor="user:1")


def test_the_list_says_who_owes_what_from_which_record_and_why_and_leads_there(app: Flask, shown: Town, sign_in_as: SignIn) -> None:
    with app.app_context():
        record = debt_of(shown).record.id
    desk = sign_in_as(Role.COORDINATOR, community_id=shown.community)
    page = desk.get("/books/owing").get_data(as_text=True)
    for words in ("王秀芬", "还欠 1 小时 14 分钟", "更正为 10 分钟", WHY, f"/books/hours/{record}"):
        assert words in page
    assert "1 笔欠回没还清" in desk.get("/books").get_data(as_text=True)
    assert "欠回没还" in desk.get("/credit").get_data(as_text=True)
    assert "还欠 1 小时 14 分钟" in desk.get(f"/books/hours/{record}").get_data(as_text=True)


def test_a_write_off_is_asked_for_on_the_page_and_agreed_to_by_a_colleague(app: Flask, shown: Town, sign_in_as: SignIn) -> None:
    with app.app_context():
        seq = debt_of(shown).claim.advance.seq
    first, second = (sign_in_as(Role.COORDINATOR, community_id=shown.community) for _ in range(2))
    refused = first.send(f"/books/owing/{seq}/write-off", reason=" ")
    assert (refused.status_code, "请写为什么核销" in refused.get_data(as_text=True)) == (422, True)
    assert first.send(f"/books/owing/{seq}/write-off", reason="联系不上").status_code == 303
    assert "等第二个人核准" in first.get("/books/owing").get_data(as_text=True)
    assert "核销欠回" in second.get("/proposals").get_data(as_text=True)
    assert second.send("/proposals/1/agree").status_code == 303
    assert "没有欠回的时间" in first.get("/books/owing").get_data(as_text=True)


def test_somebody_who_only_reads_is_offered_no_write_off(app: Flask, shown: Town, sign_in_as: SignIn) -> None:
    with app.app_context():
        seq = debt_of(shown).claim.advance.seq
    reader = sign_in_as(Role.INSPECTOR, community_id=shown.community)
    assert "还欠 1 小时 14 分钟" in reader.get("/books/owing").get_data(as_text=True)
    assert "提请核销" not in reader.get("/books/owing").get_data(as_text=True)
    assert reader.send(f"/books/owing/{seq}/write-off", reason="x").status_code == 403


def test_another_communitys_claims_are_neither_seen_nor_given_up(app: Flask, shown: Town, sign_in_as: SignIn) -> None:
    with app.app_context(), transaction():
        seq = debt_of(shown).claim.advance.seq
        elsewhere = make.make_community("birch-street").id
    stranger = sign_in_as(Role.COORDINATOR, community_id=elsewhere)
    assert "王秀芬" not in stranger.get("/books/owing").get_data(as_text=True)
    assert stranger.send(f"/books/owing/{seq}/write-off", reason="x").status_code == 404


def test_the_volunteer_reads_what_is_owed_and_why_and_every_statement_names_it(app: Flask, shown: Town, sign_in_as: SignIn) -> None:
    phone = sign_in_as(Role.VOLUNTEER, community_id=shown.community)
    with app.app_context(), transaction():
        shown.me.user_id = phone.user
    page = phone.get("/phone/account").get_data(as_text=True)
    for words in ("欠回", "1 小时 14 分钟", "以后存入的时间先还", "更正，记为欠回"):
        assert words in page
    assert "捐出去" not in page
    assert "更正，记为欠回" in phone.get("/my/hours").get_data(as_text=True)
    with app.app_context(), transaction():
        shown.served(20, start=700)
    page = phone.get("/phone/account").get_data(as_text=True)
    assert "还欠回" in page
    assert "54 分" in page


def test_the_family_and_the_record_say_that_a_gift_was_taken_back(app: Flask, sign_in_as: SignIn) -> None:
    (here,) = town(app)
    family = sign_in_as(Role.FAMILY, community_id=here.community)
    with app.app_context(), transaction():
        record = here.served(84)
        here.gives(84)
        make.make_family(here.elder(here.mother), db.session.get_one(User, family.user))
        newer = correct(record, 10, WHY, here.by).id
    assert "送的人时间更正，收回" in family.get("/family/account").get_data(as_text=True)
    desk = sign_in_as(Role.COORDINATOR, community_id=here.community)
    assert "从收到的老人那里收回" in desk.get(f"/books/hours/{newer}").get_data(as_text=True)


def test_a_correction_that_leaves_a_debt_says_so_in_a_message_of_its_own_and_no_other_does(app: Flask) -> None:
    for place in town(app):
        with transaction():
            place.me.has_phone = True
            correct(place.served(84), 70, WHY, place.by)
            assert said(place) == ["correction"]
            gone = place.served(84, start=700)
            place.donates(154)
            place.pool_is_used(154)
            correct(gone, 10, WHY, place.by)
        assert said(place) == ["correction", "correction", "owing"]
        last = db.session.scalars(select(Notice).order_by(Notice.id.desc())).first()
        assert last is not None
        assert "更正后，时间账户欠回 74 分钟，以后存入的先还上" in last.text


def said(place: Town) -> list[str]:
    """Return the messages to the volunteer's number, oldest first."""
    return [each.template for each in db.session.scalars(select(Notice).order_by(Notice.id)) if each.phone == place.me.phone]
