"""S4, Jiuquanlu: one desk takes in, sorts and calls back; a quarrel takes four meetings; those who cannot come are gone to; played and looked at.

The demo plans five communities, so this is for the long run; a case from the desk to the call back is lived in every run, in a journey of its own.
"""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.journeys.conftest import PHONE
from tests.journeys.stories.played import count, played, shows_itself, town
from timebank.access.models import Role
from timebank.cases.models import CasePaper, Consent, Door, Heard, Level, PaperFate, Sort, State, Ticket
from timebank.cases.registers import GiftPlace, GiftSort, Speciality
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders.models import Elder
from timebank.places.models import Community
from timebank.visits.models import Offer, OfferState, VisitState
from timebank.volunteers.models import Volunteer

DONE = (VisitState.DONE, VisitState.CONFIRMED)


def holds_what_the_article_says(app: Flask) -> tuple[int, int, int]:
    """Look the story up in the database; return the quarrel, what an informant reported, and somebody who goes to a door to teach after Wednesday."""
    with app.app_context():
        shows_itself(app, "jiuquanlu")
        assert count(Speciality) == 5
        page = app.test_client().get("/").get_data(as_text=True)
        names = [*db.session.scalars(select(Elder.name)), *db.session.scalars(select(Volunteer.name))]
        assert [each for each in names if each in page] == [], "counts, never a person"
        (quarrel,) = db.session.scalars(select(Ticket).where(Ticket.sort == Sort.MEDIATION))
        assert (len(quarrel.meetings), quarrel.level, quarrel.heard) == (4, Level.STREET, Heard.SATISFIED)
        papers = list(db.session.scalars(select(CasePaper)))
        assert len(papers) == 2 * 3
        assert all(each.fate is PaperFate.BACK for each in papers)
        (reported,) = db.session.scalars(select(Ticket).where(Ticket.door == Door.INFORMANT, Ticket.consent == Consent.GIVEN))
        visits = [visit for each in reported.requests for visit in each.visits]
        assert [visit.state in DONE for visit in visits] == [True, True, False], "one case, three visits, the last of them to come"
        assert count(Ticket, Ticket.state == State.CLOSED, Ticket.heard.is_(None)) == 0
        assert {each.sort for each in db.session.scalars(select(GiftPlace))} == {GiftSort.BOOKS, GiftSort.FRIDGE}
        taught = select(Volunteer.user_id).join(Offer, Offer.volunteer_id == Volunteer.id).join(Offer.visit).join(ServiceKind)
        lessons = (ServiceKind.name == "上门送学", Offer.state == OfferState.ACCEPTED, Volunteer.user_id.is_not(None))
        teacher = db.session.scalars(taught.where(*lessons).order_by(Offer.day.desc())).first()
        assert teacher is not None
        return quarrel.id, reported.id, teacher


@pytest.mark.long
def test_one_desk_takes_in_sorts_and_calls_back_and_a_quarrel_takes_four_meetings(tmp_path: Path, chromium: Browser) -> None:
    app = played(tmp_path, "jiuquanlu")
    quarrel, reported, teacher = holds_what_the_article_says(app)
    with town(app, chromium) as here:
        shown = ("酒泉路街道", "5 个社区", "我的声音·你的眼睛", "三级调解", "爱心共享冰箱", "以书换绿", "75 位老人", "60 位志愿者")
        here.reads(here.site.window(PHONE), "/", *shown)
        mediator = here.of(Role.COORDINATOR, "井儿街社区")
        here.reads(mediator, f"/cases/{quarrel}", "各说各的", "同意请社区来", "写了协议", "互换了电话", "街道", "楼下老人说能睡着了")
        desk = here.of(Role.COORDINATOR, "畅家巷社区")
        here.reads(desk, "/cases/shares", "办成了 38 / 48")
        here.reads(desk, f"/cases/{reported}", "邻居或信息员代报", "请人上门", "买菜代购", "探访关爱")
        expect(desk.locator("section", has_text="请人上门").locator(".row-link")).to_have_count(3)
        desk.goto("/cases?state=ended")
        desk.locator("tbody a").first.click()
        desk.locator("#call").get_by_text("满意", exact=True).first.click()
        desk.get_by_role("button", name="记下回访，办结").click()
        expect(desk.get_by_text("回访，办结")).to_be_visible()
        here.reads(desk, "/cases?state=all", "办结 42", "说的是")
        fridge = here.of(Role.COORDINATOR, "民勤街社区")
        here.reads(fridge, "/cases/gifts", "爱心共享冰箱", "143", "122", "不算时间")
        officer = here.of(Role.STREET_OFFICER)
        here.reads(officer, "/street", "酒泉路街道", "畅家巷社区", "井儿街社区", "贡元巷社区", "木塔巷社区", "民勤街社区", "合计 ")
        expect(officer.locator("tbody tr")).to_have_count(5)
        here.reads(here.somebody(teacher, PHONE), "/phone/week", "上门送学")
    with app.app_context():
        assert count(Community) == 5
        db.engine.dispose()
