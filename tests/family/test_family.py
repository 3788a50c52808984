"""A family's pages: asking from the menu, following a visit, confirming it once, cancelling."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import (
    WEDNESDAY,
    make_community,
    make_elder,
    make_family,
    make_household,
    make_kind,
    make_offer,
    make_request,
    make_round,
    make_user,
    make_visit,
    make_volunteer,
    set_clock,
)
from tests.visits.scenes import Stage
from timebank.access.models import Role, SignInCode, User
from timebank.db import db, transaction
from timebank.elders.models import Pause
from timebank.ledger.models import Account, Transfer
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.visits.actions import serving
from timebank.visits.models import Confirmation, HelpRequest, Offer, OfferState, RequestState, ServiceRecord, Trust, Visit, VisitState

ASKED = {
    "for_name": "吕奶奶",
    "for_address": "松坡路 7 号 2 单元",
    "dates": "2026-11-26",
    "window": "840-1020",
    "note": "耳背",
    "elder": "0",
}


@dataclass
class Scene(Stage):
    """A community, a family that speaks for an elder, and a haircut on Wednesday at half past two."""

    offer_id: int
    visit_id: int
    request_id: int

    def rows(self, model: type[Any]) -> list[Any]:
        """Read all rows of a table."""
        with self.app.app_context():
            found = list(db.session.scalars(select(model)))
            db.session.expunge_all()
            return found

    def serve(self, started: str = "2026-11-25 14:30", ended: str = "2026-11-25 15:12") -> None:
        """Let the volunteer do the haircut, with the code."""
        with self.app.app_context(), transaction():
            made = db.session.get_one(Offer, self.offer_id)
            set_clock(started)
            serving.check_in(made, made.visit.code)
            set_clock(ended)
            serving.check_out(made)


@pytest.fixture
def scene(app: Flask, sign_in_as: Callable[..., Any]) -> Scene:
    set_clock("2026-11-25 09:30")
    with app.app_context(), transaction():
        community_id = make_community().id
    browser = sign_in_as(Role.FAMILY, None)
    with app.app_context(), transaction():
        community = db.session.get_one(Community, community_id)
        volunteer = make_volunteer(community, "郭玉洁", user_id=make_user(Role.VOLUNTEER, community).id)
        household = make_household(community)
        make_family(make_elder(household, "吕桂英"), db.session.get_one(User, browser.user))
        visit = make_visit(make_request(community, make_kind("HAIR"), household), code="4827")
        made = make_offer(visit, volunteer, 870, accepted=True)
        return Scene(app, browser, community_id, made.id, visit.id, visit.request_id)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_a_visitor_asks_from_the_menu_leaves_a_phone_number_and_the_request_is_in_the_inbox_once(scene: Scene, client: Any) -> None:
    assert "上门理发" in text(client.get("/ask"))
    assert "老人怎么称呼" in text(client.get("/ask/HAIR"))
    answer = client.send("/ask/HAIR", **ASKED)
    assert answer.location.startswith("/sign-in?next=/ask/check")
    assert len(scene.rows(HelpRequest)) == 1
    client.get(answer.location)
    client.send("/sign-in", phone="138 0000 1111")
    code = scene.rows(SignInCode)[-1].code
    answer = client.send("/code", code=code)
    assert answer.location == "/ask/check"
    page = text(client.get("/ask/check"))
    assert "吕奶奶" in page
    assert "14:00–17:00" in page
    for _tap in range(2):
        answer = client.send("/ask/check", key="the-same-thumb")
    asked = scene.rows(HelpRequest)
    assert len(asked) == 2
    assert (asked[1].state, asked[1].for_name, asked[1].note) == (RequestState.NEW, "吕奶奶", "耳背")
    assert asked[1].community_id == scene.community_id
    assert "等协调员看" in text(client.get(answer.location))
    assert "等社区回话" in text(client.get("/family"))


def test_somebody_signed_in_asks_for_their_own_elder_with_one_button(scene: Scene) -> None:
    page = text(scene.browser.get("/ask/HAIR"))
    assert "吕桂英" in page
    with scene.app.app_context():
        elder_id = db.session.get_one(HelpRequest, scene.request_id).household.elders[0].id
    answer = scene.browser.send("/ask/HAIR", elder=elder_id, dates=["2026-11-26", "2026-11-27"], window="540-690")
    asked = scene.rows(HelpRequest)[-1]
    assert answer.location == f"/family/requests/{asked.id}"
    assert asked.elder_id == elder_id
    assert asked.dates == ["2026-11-26", "2026-11-27"]


def test_another_familys_elder_cannot_be_asked_for(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        stranger = make_elder(make_household(db.session.get_one(Community, scene.community_id)), "宋雅琴").id
    assert scene.browser.send("/ask/HAIR", elder=stranger, dates="2026-11-26", window="540-690").status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"for_name": ""}, "这一项要填"),
        ({"dates": "2026-11-01"}, "已经过去了"),
        ({"dates": "2026-02-31"}, "日期不对"),
        ({"dates": ""}, "请选一个日期"),
        ({"dates": "", "other_date": "2027-11-25"}, "天以内"),
        ({"start": "14:00", "end": "14:10"}, "这段时间不够做完"),
        ({"start": "25:99"}, "时间写成"),
        ({"window": "tomorrow"}, "请选一个时段"),
        ({"note": "多" * 300}, "最多 200 个字"),
        ({"for_name": "吕\x00奶奶"}, "看不见的字符"),
        ({"boxes": "10" * 20}, "一次最多 20 份"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_sentence_and_nothing_is_lost(scene: Scene, changed: dict[str, str], sentence: str) -> None:
    answer = scene.browser.send("/ask/HAIR", **{**ASKED, **changed})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "松坡路 7 号 2 单元" in text(answer)
    assert len(scene.rows(HelpRequest)) == 1


def test_where_there_are_several_communities_one_is_chosen_first(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        make_community("sea-street", name="望海社区")
    visitor = scene.app.test_client()
    assert "您家在哪个社区" in text(visitor.get("/ask"))
    visitor.get("/ask?c=sea-street")
    assert "要帮什么忙" in text(visitor.get("/ask"))


def test_a_kind_that_is_switched_off_or_unknown_is_not_on_the_menu(scene: Scene) -> None:
    assert scene.app.test_client().get("/ask/NOPE").status_code == 404


def test_the_family_sees_who_comes_and_the_code_but_no_phone_and_no_full_name(scene: Scene) -> None:
    page = text(scene.browser.get(f"/family/visits/{scene.visit_id}"))
    assert "4827" in page
    assert "郭老师" in page
    assert "郭玉洁" not in page
    with scene.app.app_context():
        assert db.session.get_one(Offer, scene.offer_id).volunteer.phone not in page
    assert "下午 2 点半" in text(scene.browser.get("/family"))


def test_another_family_finds_neither_the_visit_nor_the_request(scene: Scene, sign_in_as: Callable[..., Any]) -> None:
    other = sign_in_as(Role.FAMILY, None)
    for path in (f"/family/visits/{scene.visit_id}", f"/family/visits/{scene.visit_id}/card", f"/family/requests/{scene.request_id}"):
        assert other.get(path).status_code == 404
    assert other.send(f"/family/visits/{scene.visit_id}/confirm").status_code == 404
    assert other.send(f"/family/requests/{scene.request_id}/cancel").status_code == 404


def test_a_family_whose_tie_is_not_approved_sees_nothing(scene: Scene, sign_in_as: Callable[..., Any]) -> None:
    other = sign_in_as(Role.FAMILY, None)
    with scene.app.app_context(), transaction():
        elder = db.session.get_one(HelpRequest, scene.request_id).household.elders[0]
        make_family(elder, db.session.get_one(User, other.user), approved=False)
    assert other.get(f"/family/visits/{scene.visit_id}").status_code == 404


def test_only_the_living_card_moves_and_it_holds_no_form(scene: Scene) -> None:
    set_clock("2026-11-25 14:00")
    page = text(scene.browser.get(f"/family/visits/{scene.visit_id}"))
    assert 'data-every="8"' in page
    card = text(scene.browser.get(f"/family/visits/{scene.visit_id}/card"))
    assert "<html" not in card
    assert "<form" not in card
    assert card == text(scene.browser.get(f"/family/visits/{scene.visit_id}/card"))


def test_the_family_confirms_with_thanks_and_record_and_credit_are_written_once(scene: Scene) -> None:
    scene.serve()
    assert "服务做好了吗" in text(scene.browser.get(f"/family/visits/{scene.visit_id}"))
    for key in ("one-thumb-twice", "one-thumb-twice", "another-thumb"):
        answer = scene.browser.send(f"/family/visits/{scene.visit_id}/confirm", key=key, thanks="剪得真好")
        assert answer.status_code == 303
    records = scene.rows(ServiceRecord)
    transfers = scene.rows(Transfer)
    assert [(each.minutes, each.trust) for each in records] == [(42, Trust.FAMILY)]
    assert [each.minutes for each in transfers] == [42]
    assert transfers[0].seq == records[0].transfer_seq
    with scene.app.app_context():
        volunteer = db.session.get_one(Offer, scene.offer_id).volunteer
        assert db.session.get_one(Account, volunteer.account_id).balance == 42
        assert db.session.scalars(select(Confirmation)).one().thanks == "剪得真好"
        assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.template == "thanks")) == 1
    page = text(scene.browser.get(f"/family/visits/{scene.visit_id}"))
    assert "剪得真好" in page
    assert "服务做好了吗" not in page


def test_a_visit_that_is_not_done_cannot_be_confirmed(scene: Scene) -> None:
    answer = scene.browser.send(f"/family/visits/{scene.visit_id}/confirm")
    assert answer.status_code == 409
    assert "还没有完成" in text(answer)
    assert scene.rows(ServiceRecord) == []


def test_a_cancelled_request_gives_the_volunteer_the_time_back_and_tells_them(scene: Scene) -> None:
    page = text(scene.browser.get(f"/family/requests/{scene.request_id}/cancel"))
    assert "郭老师会收到消息" in page
    scene.browser.send(f"/family/requests/{scene.request_id}/cancel")
    assert scene.get(HelpRequest, scene.request_id).state is RequestState.ENDED
    assert scene.get(Visit, scene.visit_id).state is VisitState.CANCELLED
    assert scene.get(Offer, scene.offer_id).state is OfferState.WITHDRAWN
    assert [each.template for each in scene.rows(Notice)] == ["cancelled"]
    assert "已经取消" in text(scene.browser.get(f"/family/requests/{scene.request_id}"))
    assert scene.browser.send(f"/family/requests/{scene.request_id}/cancel").status_code == 409


def test_a_family_reads_how_many_doors_come_before_theirs(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        community = db.session.get_one(Community, scene.community_id)
        offers = make_round(community, make_volunteer(community, "王秀芬"), doors=3)
        last = offers[2]
        make_family(last.visit.household.elders[0], db.session.get_one(User, scene.browser.user))
        serving.pick_up(last.round, 3)
        visit_id, first_id = last.visit_id, offers[0].id
    assert "前面还有 2 户" in text(scene.browser.get(f"/family/visits/{visit_id}/card"))
    with scene.app.app_context(), transaction():
        serving.deliver(db.session.get_one(Offer, first_id))
    assert "前面还有 1 户" in text(scene.browser.get(f"/family/visits/{visit_id}/card"))


def test_the_elder_view_keeps_its_size_and_one_tap_leads_back(scene: Scene) -> None:
    answer = scene.browser.get("/elder-view/largest?next=/family")
    assert answer.location == "/family"
    page = text(scene.browser.get("/family"))
    assert "size-largest" in page
    back = re.search(r'href="(/elder-view/ordinary[^"]*)"', page)
    assert back is not None
    scene.browser.get(back[1].replace("&amp;", "&"))
    assert "size-largest" not in text(scene.browser.get("/family"))
    assert scene.browser.get("/elder-view/large?next=//evil.example").location == "/ask"


@pytest.mark.parametrize("size", ["ordinary", "standard", "large", "largest"])
def test_every_family_page_stands_in_every_size(scene: Scene, size: str) -> None:
    scene.browser.get(f"/elder-view/{size}")
    request_page = f"/family/requests/{scene.request_id}"
    for path in (
        "/ask",
        "/ask?all=1",
        "/ask/HAIR",
        "/family",
        "/family/away",
        f"/family/visits/{scene.visit_id}",
        request_page,
        f"{request_page}/cancel",
    ):
        assert scene.browser.get(path).status_code == 200


def test_a_volunteer_may_ask_for_help_too(scene: Scene, sign_in_as: Callable[..., Any]) -> None:
    volunteer = sign_in_as(Role.VOLUNTEER, scene.community_id)
    answer = volunteer.send("/ask/HAIR", **ASKED)
    assert volunteer.get(answer.location).status_code == 200
    assert WEDNESDAY.isoformat() not in text(volunteer.get(answer.location))


def test_days_away_take_the_offers_back_and_the_volunteer_is_told(scene: Scene) -> None:
    with scene.app.app_context():
        elder_id = db.session.get_one(HelpRequest, scene.request_id).household.elders[0].id
    wrong = scene.browser.send("/family/away", elder=elder_id, first_day="2026-11-25", last_day="2026-11-24")
    assert wrong.status_code == 422
    assert "早于" in text(wrong)
    answer = scene.browser.send("/family/away", elder=elder_id, first_day="2026-11-25", last_day="2026-11-26")
    page = text(scene.browser.get(answer.location))
    assert "要来的 1 次已经退掉" in page
    assert scene.get(Offer, scene.offer_id).state is OfferState.WITHDRAWN
    assert [each.template for each in scene.rows(Notice)] == ["cancelled"]
    back = re.search(r'action="(/family/away/[^"]*/back)"', page)
    assert back is not None
    scene.browser.send(back[1])
    assert scene.rows(Pause) == []


def test_another_familys_elder_cannot_be_sent_away(scene: Scene) -> None:
    with scene.app.app_context(), transaction():
        stranger = make_elder(make_household(db.session.get_one(Community, scene.community_id)), "宋雅琴").id
    assert scene.browser.send("/family/away", elder=stranger, first_day="2026-11-26").status_code == 404
    assert scene.rows(Pause) == []
