"""S2, the zero-distance stations of Xinhu: a street of 22 communities, sixty in a queue, things mended, problems settled; played and looked at.

The demo takes a minute or two, so this is for the long run; a haircut day, a street that lends and things left at a station are tried
in every run, in the journeys.
"""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from tests.journeys.conftest import PHONE
from tests.journeys.stories.played import count, played, shows_itself, town
from timebank.access.models import Role
from timebank.audit import AuditRow
from timebank.cases.models import Outcome as TicketOutcome
from timebank.cases.models import Ticket
from timebank.db import db
from timebank.demo.doors import doors
from timebank.places.models import Community
from timebank.stations.models import GONE, Attendance, CheckUp, Item, Kind, Opening, ServiceSession, Source, Turn
from timebank.volunteers.models import Charge


def holds_what_the_article_says(app: Flask) -> int:
    """Look the story up in the database; return the session with sixty in its queue."""
    lines = "\n".join(doors(app, "http://here"))
    assert "street officer" in lines
    assert "steward" in lines
    with app.app_context():
        shows_itself(app, "xinhu")
        turns = select(ServiceSession.id, func.count(Attendance.id)).join(Attendance).where(Attendance.turn == Turn.SERVED)
        queues = dict(db.session.execute(turns.where(ServiceSession.kind == Kind.HAIRCUT).group_by(ServiceSession.id)).all())
        assert max(queues.values()) == 60
        # Each of the sixty by three steps: come, called in, done.
        (longest,) = [number for number, served in queues.items() if served == 60]
        moves = select(AuditRow.detail).where(AuditRow.verb == "move", AuditRow.subject == "attendance")
        steps = [detail for detail in db.session.scalars(moves) if detail["session"] == longest]
        walked_in = sum(each.source is Source.WALK_IN for each in db.session.scalars(select(Attendance).filter_by(session_id=longest)))
        assert len(steps) == 3 * 60 - walked_in
        things, looked_at = count(Item, Item.progress.in_(GONE)), count(CheckUp, CheckUp.last_done.is_not(None))
        assert count(Attendance, Attendance.turn == Turn.SERVED) + things + looked_at > 300
        assert count(Ticket, Ticket.outcome == TicketOutcome.SETTLED) > 500
        assert len({each.station_id for each in db.session.scalars(select(Opening))}) == 10
        assert count(Charge, Charge.compound_id.is_not(None)) == 8, "one for every compound of the two communities"
        assert count(Community) == 22
        return longest


@pytest.mark.long
def test_in_xinhu_sixty_stand_in_a_queue_more_than_300_services_are_done_and_22_communities_plan(tmp_path: Path, chromium: Browser) -> None:
    app = played(tmp_path, "xinhu")
    session = holds_what_the_article_says(app)
    with town(app, chromium) as here:
        here.reads(here.site.window(PHONE), "/", "新湖街道", "22 个社区", "零距离服务站", "10 个服务站", "232 位老人", "172 位志愿者")
        officer = here.of(Role.STREET_OFFICER)
        officer.goto("/street")
        expect(officer.locator("tbody tr")).to_have_count(22)
        expect(officer.get_by_text("还没有发布过")).to_have_count(0)  # every community of the street has planned its week
        desk = here.of(Role.COORDINATOR, "新湖社区")
        names = [f"新湖零距离{what}站" for what in ("服务", "维修", "理发", "代收", "健康")]
        here.reads(desk, "/stations", *names, "周二、周四、周六 09:00-16:30", "免费体检")
        here.reads(desk, f"/stations/sessions/{session}", "做完的 60 位")
        two = ("新湖社区", "湖滨社区")
        settled, came = here.sums(two, "/cases/shares", "办成了 (\\d+) / (\\d+)")
        assert (settled > 500, came > 500) == (True, True)
        assert sum(here.sums(two, "/stations/served", "合计 \\d+ \\d+ (\\d+) .*修好 (\\d+) 件 做了检查 (\\d+) 人次")) > 300
        here.reads(desk, "/cases/shares", "办成了 258 / 298")
        here.reads(desk, "/cases/gifts", "户外劳动者驿站", "156", "不算时间")
        here.reads(desk, "/stations/check-ups", "血压血糖")
        desk.goto("/stations/items?q=落地扇")
        desk.locator("tbody a").first.click()
        desk.get_by_label("带了取件单，单号对上了").check()
        desk.get_by_role("button", name="交给他").click()
        expect(desk.get_by_text("取走。")).to_be_visible()
        desk.goto("/today")
        desk.get_by_text("1 个社区想借人").click()
        desk.get_by_role("button", name="同意借").click()
        expect(desk.get_by_text("借定了")).to_have_count(2)
        steward = here.of(Role.STEWARD, "新湖社区", PHONE)
        here.reads(steward, "/stations", "只看：", *names)
    with app.app_context():
        db.engine.dispose()
