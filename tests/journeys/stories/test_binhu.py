"""S5, the co-operative of neighbours of Binhu: 6,327 volunteers, 1,216 posts, the crossing at 11:30, suggestions; played and looked at.

The demo takes minutes, so this is for the long run; the crossing itself is lived in every run, in a journey of its own.
"""

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from tests.journeys.conftest import PHONE
from tests.journeys.stories.played import count, played, shows_itself, town
from timebank import clock
from timebank.access.models import Role
from timebank.cases.models import Outcome as TicketOutcome
from timebank.cases.models import Sort, Ticket
from timebank.cases.registers import Club, GiftEntry, GiftWay
from timebank.db import db
from timebank.demo.week import SERVED
from timebank.elders.models import Elder
from timebank.posts.models import Claim, Post, Swap, SwapState
from timebank.posts.queries import streak
from timebank.stations.models import Course, Learner, ServiceSession
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import Offer
from timebank.visits.states import LIVE
from timebank.volunteers.models import Team, Volunteer


def holds_what_the_article_says(app: Flask) -> tuple[int, int]:
    """Look the story up in the database; return the crossing and somebody who stands there."""
    with app.app_context():
        shows_itself(app, "binhu")
        assert count(Volunteer, Volunteer.staff.is_(False)) == 6327
        assert count(Team) == 67
        (crossing,) = db.session.scalars(select(Post).where(Post.name == "老乡长护学岗"))
        assert count(Post) - 1 == 1216
        assert count(Claim, Claim.shift_id.not_in([each.id for each in crossing.shifts])) == 1216
        assert len(set(db.session.scalars(select(Post.building_id).where(Post.building_id.is_not(None))))) == 189
        assert len({each.volunteer_id for shift in crossing.shifts for each in shift.holders}) == 38
        clock.clock.start_at(SERVED)
        assert streak(crossing) > 800
        noon = (Offer.start + 30 > 11 * 60 + 20, Offer.start < 12 * 60, Offer.state.in_(LIVE), Duty.title == crossing.name)
        both = select(func.count()).select_from(Offer).join(Duty, (Duty.volunteer_id == Offer.volunteer_id) & (Duty.day == Offer.day))
        standing = Duty.state.not_in((DutyState.GIVEN_UP, DutyState.CALLED_OFF))
        assert db.session.scalar(both.where(*noon, standing)) == 0, "nobody carries noon meals from the crossing"
        assert count(Ticket, Ticket.sort == Sort.SUGGESTION) == 2352
        assert count(Ticket, Ticket.outcome == TicketOutcome.SETTLED) == 783
        projects = select(ServiceSession.community_id, ServiceSession.title).distinct().subquery()
        assert db.session.scalar(select(func.count()).select_from(projects)) == 45
        months = select(func.sum(ServiceSession.head_count)).group_by(func.extract("month", ServiceSession.day))
        assert set(db.session.scalars(months)) == {19_500}, "703,000 times in three years, counted apart from persons"
        of_buildings, of_talk = Club.name.endswith("楼栋小组"), Club.name.contains("居民议事小组")
        clubs = ~(of_buildings | of_talk)
        assert db.session.scalar(select(func.sum(Club.members)).where(of_buildings)) == 3853
        assert (count(Club, of_buildings), count(Club, clubs), count(Club, of_talk)) == (189, 78, 53)
        assert db.session.scalar(select(func.sum(Club.members)).where(clubs)) == 20_000
        assert (count(Course), count(Learner)) == (9, 460)
        assert (db.session.scalar(select(func.sum(GiftEntry.count)).where(GiftEntry.way == GiftWay.IN)) or 0) > 10_000
        both_ways = (
            select(func.count()).select_from(Elder).join(Volunteer, Volunteer.phone == Elder.phone).where(Elder.name == Volunteer.name)
        )
        assert (db.session.scalar(both_ways) or 0) >= 50, "who gives may be who receives"
        assert {each.state for each in db.session.scalars(select(Swap))} == {SwapState.TAKEN, SwapState.OFFERED}
        guard = select(Volunteer.user_id).join(Claim, Claim.volunteer_id == Volunteer.id).where(Claim.shift_id == crossing.shifts[0].id)
        number = db.session.scalars(guard.where(Volunteer.user_id.is_not(None)).order_by(Volunteer.id)).first()
        assert number is not None
        return crossing.id, number


@pytest.mark.long
def test_binhu_plays_its_week_with_all_its_people(tmp_path: Path, chromium: Browser) -> None:
    app = played(tmp_path, "binhu")
    crossing, guard = holds_what_the_article_says(app)
    with town(app, chromium) as here:
        shown = ("滨湖帮客 · 睦邻互助合作社", "6327 位志愿者", "67 支服务队", "189 栋楼", "810 位老人")
        here.reads(here.site.window(PHONE), "/", *shown)
        officer = here.of(Role.STREET_OFFICER)
        officer.goto("/street")
        expect(officer.locator("tbody tr")).to_have_count(9)
        expect(officer.locator("tfoot td[data-label='本月场次 人次']")).to_have_text("19500")
        desk = here.of(Role.COORDINATOR, "惠园社区")
        here.reads(desk, f"/posts/{crossing}", "老乡长护学岗", "登记以前已连续 812 天", "周一 11:20–12:00")
        days = int(re.findall(r"连续 (\d+) 天有人", desk.locator("body").inner_text())[0])
        assert days > 800
        desk.goto("/posts")
        listed = int(re.findall(r"(\d+) 个", desk.locator("main").inner_text())[0])
        assert 130 <= listed <= 150, "a ninth of the 1,216, and the crossing"
        hoods = here.names()
        assert len(hoods) == 9
        assert here.sums(hoods, "/posts", "(\\d+) 个") == [1216 + 1]
        assert here.sums(hoods, "/cases/shares", "办成了 (\\d+) / (\\d+)") == [783, 2352]
        assert here.sums(hoods, "/stations/courses", "(\\d+) 门课，学员 (\\d+) 人次") == [9, 460]
        assert here.sums(hoods, "/cases/groups", "([\\d,]+) 个团体 · 大约 ([\\d,]+) 人") == [189 + 78 + 53, 3853 + 20_000 + 53 * 11]
        assert here.sums(hoods, "/stations/year?year=2026", "合计 (\\d+) — ([\\d,]+)") == [45 * 11, 11 * 19_500]
        here.reads(desk, "/cases/shares", "办成了 87 / 261")
        here.reads(desk, "/cases/gifts", "衣旧传情", "10500", "不算时间")
        here.reads(desk, "/stations/courses", "老年大学合唱班")
        phone = here.somebody(guard, PHONE)
        here.reads(phone, "/phone/posts", "老乡长护学岗")
        asked = here.site.window(PHONE)
        asked.goto("/ask")
        asked.get_by_role("link", name="惠园社区").click()
        expect(asked.get_by_role("link", name="反映问题，提建议")).to_be_visible()
    with app.app_context():
        db.engine.dispose()
