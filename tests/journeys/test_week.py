"""The whole chain in a real browser: a family asks, a coordinator plans, volunteers go, minutes are credited and certified."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.journeys.conftest import DESKTOP, PHONE, Site
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import Purpose, Role, User
from timebank.access.queries import demo_codes
from timebank.certificates.models import Certificate
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.exchange import actions as exchange
from timebank.exchange.handed import hand_in
from timebank.ledger.models import Account, AccountKind, Transfer
from timebank.ledger.verify import verify
from timebank.places.models import Community
from timebank.planning.models import Assignment, Unserved
from timebank.seeding import community_folder, seed_catalogue
from timebank.visits.models import HelpRequest, Offer, OfferState, Round, ServiceRecord, Visit, VisitState
from timebank.volunteers.models import Volunteer

MONDAY = date(2026, 11, 23)
DAUGHTER = "13900009999"
T = TypeVar("T")


def at(day: date, minute: int) -> None:
    """Make it this minute of a day."""
    clock.clock.start_at(clock.at(day, minute))


def look(site: Site, ask: Callable[[], T]) -> T:
    """Look something up in the database."""
    with site.app.app_context():
        db.session.rollback()
        return ask()


def told(page: Page) -> None:
    """Wait until the service knows what was tapped: the phone says it at once and sends it by itself."""
    page.wait_for_function("() => document.readyState === 'complete' && !sending && store.taps().then((taps) => taps.length === 0)")


def sign_in(site: Site, page: Page, user_id: int) -> None:
    """Sign somebody in by a link of their own."""
    with site.app.app_context(), transaction():
        user = db.session.get_one(User, user_id)
        token = access.make_link(user, Purpose.DEMO, clock.now() + timedelta(days=9), limit=9)
    page.goto(f"/link/{token}")
    if "/link/" in page.url:
        page.locator("main form button").first.click()
    expect(page).not_to_have_url(re.compile("/link/"))


def settle(site: Site) -> int:
    """Fill the service with the community and its coordinator; return the coordinator's number."""
    with site.app.app_context(), transaction():
        seed_catalogue()
        assert exchange.import_files(hand_in(community_folder("badaguan"))).applied
        community = db.session.scalars(select(Community)).one()
        return access.add_user("18653200001", "衣晓雯", Role.COORDINATOR, community_id=community.id).id


def family_asks(site: Site) -> Page:
    """A daughter without an account asks for a haircut for her father on her phone."""
    page = site.window(PHONE)
    page.goto("/ask")
    page.get_by_role("link", name=re.compile("上门理发")).click()
    page.get_by_label(re.compile("老人怎么称呼")).fill("宁爸爸")
    page.get_by_label(re.compile("住在哪里")).fill("嘉峪关路 12 号院")
    for day in ("11月25日", "11月26日", "11月27日"):
        page.get_by_text(day, exact=False).first.click()
    page.get_by_text(re.compile("^上午")).first.click()
    page.get_by_role("button", name=re.compile("下一步")).click()
    page.get_by_label(re.compile("手机号")).fill(DAUGHTER)
    page.get_by_role("button", name="发验证码").click()
    page.get_by_label(re.compile("验证码")).fill(look(site, lambda: demo_codes()[0].code))
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="就这样，请人来").dblclick()
    expect(page.locator("main")).to_contain_text("上门理发")
    assert look(site, lambda: db.session.scalar(select(func.count()).select_from(HelpRequest).where(HelpRequest.source == "family"))) == 1
    return page


def coordinator_accepts(site: Site, page: Page) -> int:
    """The coordinator finds whose door it is and accepts; returns the number of the request."""
    elder = look(site, lambda: db.session.scalars(select(Elder).order_by(Elder.id)).first().name)
    page.goto("/requests")
    page.get_by_role("link", name=re.compile("宁爸爸|宁\\*")).click()
    page.get_by_label(re.compile("姓名、电话或地址")).fill(elder)
    page.get_by_role("button", name="找").click()
    page.get_by_role("button", name="就是这位，接下").first.click()
    return look(
        site,
        lambda: db.session.scalars(select(HelpRequest.id).where(HelpRequest.source == "family", HelpRequest.state == "accepted")).one(),
    )


def coordinator_plans(page: Page) -> None:
    """One button plans the week; the page follows it live, then it is published."""
    page.goto("/plan?week=2026-W48")
    page.get_by_role("button", name="排这一周").click()
    expect(page.get_by_role("heading", name=re.compile("排好了"))).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="去看周计划").click()
    page.get_by_role("button", name=re.compile("^发布这")).first.click()
    expect(page.get_by_role("button", name=re.compile("^发布这"))).to_have_count(0)
    expect(page.locator("main")).to_contain_text("已发布", timeout=30_000)


def volunteer_accepts(site: Site, volunteer_id: int) -> Page:
    """A volunteer opens the phone and takes all that is offered."""
    page = site.window(PHONE)
    sign_in(site, page, look(site, lambda: db.session.get_one(Volunteer, volunteer_id).user_id) or 0)
    page.goto("/phone/offers")
    page.get_by_role("button", name=re.compile("接受这")).click()
    expect(page.get_by_role("button", name=re.compile("接受这"))).to_have_count(0)
    sent = select(func.count()).select_from(Offer).where(Offer.volunteer_id == volunteer_id, Offer.state == OfferState.SENT)
    assert look(site, lambda: db.session.scalar(sent)) == 0
    return page


def haircut(site: Site, family: Page, volunteer: Page, made: Offer) -> None:
    """The visit itself: the code from the family's page, check in, check out, and the family's thanks."""
    at(made.day, made.start)
    family.goto(f"/family/visits/{made.visit_id}")
    code = "".join(re.findall(r"\d", family.locator(".check-code").inner_text()))
    volunteer.goto(f"/phone/visits/{made.id}")
    volunteer.get_by_label(re.compile("到访码")).fill("0000" if code != "0000" else "1111")
    volunteer.get_by_role("button", name="签到", exact=True).click()
    expect(volunteer.locator("body")).to_contain_text("到访码不对")
    told(volunteer)
    volunteer.wait_for_timeout(750)  # no sooner after the last press than a thumb can
    volunteer.get_by_label(re.compile("到访码")).fill(code)
    volunteer.get_by_role("button", name="签到", exact=True).click()
    expect(volunteer.get_by_role("button", name=re.compile("签退"))).to_be_visible()
    told(volunteer)
    at(made.day, made.start + 38)
    volunteer.get_by_role("button", name=re.compile("签退")).click()
    expect(volunteer.get_by_role("button", name=re.compile("签退"))).to_have_count(0)
    told(volunteer)
    family.goto(f"/family/visits/{made.visit_id}")
    family.get_by_label(re.compile("谢一声")).fill("剪得很精神，谢谢。")
    family.get_by_role("button", name="是的，服务做好了").click()
    expect(family.locator("main")).to_contain_text("剪得很精神")


def meal_round(site: Site, page: Page, meals: int) -> None:
    """A round of meals: counted at the canteen, then one tap a door."""
    found = look(site, lambda: db.session.get_one(Round, meals))
    doors = look(site, lambda: db.session.scalars(select(Offer.start).where(Offer.round_id == meals).order_by(Offer.start)).all())
    day, pickup = look(site, lambda: (found.day, found.pickup))
    at(day, pickup)
    page.goto("/phone")
    page.get_by_label(
        str(look(site, lambda: sum(made.visit.boxes for made in db.session.get_one(Round, meals).offers))), exact=True
    ).check()
    page.get_by_role("button", name=re.compile("取好了")).click()
    expect(page.get_by_role("button", name="送到了")).to_be_visible()
    told(page)
    for start in doors:
        at(day, start + 3)
        page.goto("/phone")
        page.get_by_role("button", name="送到了").dblclick()
        expect(page.get_by_text("已记")).to_be_visible()
        told(page)
    outcomes = select(func.count()).select_from(Offer).where(Offer.round_id == meals, Offer.outcome == "done")
    assert look(site, lambda: db.session.scalar(outcomes)) == len(doors)


def certificate_agrees(site: Site, page: Page, volunteer_id: int, folder: Path) -> None:
    """The office issues a certificate; its PDF and its public check page say the same."""
    page.goto(f"/books/{volunteer_id}/certificate")
    page.get_by_label(re.compile("^从")).fill("2026-11-23")
    page.get_by_label(re.compile("^到")).fill(clock.today().isoformat())
    page.get_by_role("button", name="开具").click()
    issued = look(site, lambda: db.session.scalars(select(Certificate)).one())
    paper = folder / "certificate.pdf"
    paper.write_bytes(page.context.request.get(f"/certificates/{issued.id}.pdf").body())
    text = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout
    hours = f"{issued.content['total_minutes'] / 60:.1f}"
    stranger = site.window(DESKTOP)
    stranger.goto("/check")
    stranger.get_by_label(re.compile("编号")).fill(issued.number)
    stranger.get_by_label(re.compile("查验码")).fill(issued.check_code)
    stranger.get_by_role("button", name=re.compile("查验")).click()
    assert issued.number in text
    assert hours in text
    expect(stranger.locator("main")).to_contain_text("这份证明有效")
    expect(stranger.locator("main")).to_contain_text(hours)
    expect(stranger.locator("main")).not_to_contain_text(issued.content["volunteer_name"])


def books_agree(site: Site) -> None:
    """Every confirmed minute stands in the ledger once, and nothing else does."""
    with site.app.app_context():
        assert verify().ok
        credited = db.session.execute(
            select(ServiceRecord.minutes, Transfer.minutes, Volunteer.staff)
            .join(Volunteer, ServiceRecord.volunteer_id == Volunteer.id)
            .outerjoin(Transfer, Transfer.seq == ServiceRecord.transfer_seq)
            .where(ServiceRecord.current)
        ).all()
        assert credited
        assert all(booked == minutes for minutes, booked, staff in credited if not staff)
        total = sum(minutes for minutes, _, staff in credited if not staff)
        members = select(func.coalesce(func.sum(Account.balance), 0)).where(Account.kind == AccountKind.MEMBER)
        assert db.session.scalar(members) == total
        assert db.session.scalar(select(func.count()).select_from(Transfer)) == len([row for row in credited if not row[2]])


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler) is not on this machine")
def test_a_week_from_the_first_question_to_a_certificate_that_checks(site: Site, tmp_path: Path) -> None:
    clock.clock.start_at(datetime(2026, 11, 20, 9, 0, tzinfo=clock.ZONE))
    office = settle(site)
    family = family_asks(site)
    coordinator = site.window(DESKTOP)
    sign_in(site, coordinator, office)
    request = coordinator_accepts(site, coordinator)
    coordinator_plans(coordinator)

    left = look(site, lambda: db.session.scalars(select(Unserved.zh).join(Visit).where(Visit.request_id == request)).all())
    assert left == []
    made = look(site, lambda: db.session.scalars(select(Offer).join(Visit).where(Visit.request_id == request)).one())
    hairdresser = volunteer_accepts(site, made.volunteer_id)
    rounds = (
        select(Round.id, Round.volunteer_id)
        .join(Volunteer)
        .where(Round.day == MONDAY, Volunteer.staff.is_(False), Volunteer.user_id.is_not(None), Volunteer.id != made.volunteer_id)
    )
    meals, carrier_id = look(site, lambda: db.session.execute(rounds.order_by(Round.id)).first()) or (0, 0)
    carrier = volunteer_accepts(site, carrier_id)
    meal_round(site, carrier, meals)
    sign_in(site, coordinator, office)  # an office's session does not last over a weekend
    coordinator.goto("/confirm")
    coordinator.get_by_role("button", name=re.compile("确认")).first.click()
    assert look(site, lambda: db.session.get_one(Round, meals).confirmed_at) is not None

    haircut(site, family, hairdresser, made)
    assert look(site, lambda: db.session.get_one(Visit, made.visit_id).state) is VisitState.CONFIRMED
    assert look(site, lambda: db.session.scalar(select(func.count()).select_from(Assignment))) > 400
    sign_in(site, coordinator, office)
    certificate_agrees(site, coordinator, made.volunteer_id, tmp_path)
    books_agree(site)
    assert site.complaints == []
