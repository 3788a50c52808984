"""An elder on her own telephone, 390 by 844, from the first page on: large letters, the code, one press for help, one for not today, back again."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests import builders as make
from tests.journeys.conftest import PHONE, Site
from timebank.access.models import Role, SignInCode
from timebank.db import db, transaction

NUMBER = "13688880000"
SMALLEST = """() => Math.min(...[...document.querySelectorAll('body *')].filter((part) => part.offsetParent && !part.closest('.hear, .skip, .sizes')
  && [...part.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim())).map((part) => parseFloat(getComputedStyle(part).fontSize)))"""
SMALL_TARGETS = """() => [...document.querySelectorAll('main a, main button, main input:not([type=hidden]), main label.check, .elder-top a, footer a, footer button')]
  .filter((part) => part.offsetParent && !part.closest('label.check, label.pick') || part.matches('label.check'))
  .map((part) => [part.textContent.trim() || part.name, part.getBoundingClientRect()])
  .filter(([words, box]) => box.width && Math.min(box.height, 60) < 60).map(([words, box]) => `${words} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


@pytest.fixture
def visit(site: Site) -> int:
    """Let a haircut be agreed for this afternoon."""
    make.set_clock("2026-11-25 09:30")
    with site.app.app_context(), transaction():
        community = make.make_community()
        community.phone = "0532-00000123"
        household = make.make_household(community)
        elder = make.make_elder(household, "纪淑贞", phone=NUMBER)
        make.make_family(elder, make.make_user(Role.FAMILY, community, name="臧丽"))
        make.make_user(Role.COORDINATOR, community, name="衣晓雯")
        volunteer = make.make_volunteer(community, "郭玉洁", user_id=make.make_user(Role.VOLUNTEER, community).id)
        made = make.make_visit(make.make_request(community, make.make_kind("HAIR"), household, elder_id=elder.id), code="4729")
        make.make_offer(made, volunteer, 870, accepted=True)
        return made.id


def look(page: Page, least: float) -> None:
    """Refuse a page whose words are small, whose targets are small, or that runs out of the window; it has come whole before it is looked at."""
    page.wait_for_load_state()
    assert page.evaluate(SMALLEST) >= least, page.url
    assert page.evaluate(SMALL_TARGETS) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url


@pytest.mark.parametrize(
    ("size", "words", "least"),
    [
        pytest.param("standard", "标准", 18, marks=pytest.mark.long),  # the same walk again, half a minute each
        pytest.param("large", "大", 18, marks=pytest.mark.long),
        ("largest", "特大", 20),
    ],
)
def test_from_the_first_page_to_the_code_and_back_in_one_size(site: Site, visit: int, size: str, words: str, least: float) -> None:
    page = site.window(PHONE)
    page.goto("/")
    page.get_by_role("link", name="老人登录").click()
    page.get_by_role("link", name=words, exact=True).click()
    look(page, least)
    page.fill("#phone", NUMBER)
    page.get_by_role("button", name="发验证码").click()
    look(page, least)
    with site.app.app_context():
        code = db.session.scalars(select(SignInCode).order_by(SignInCode.id.desc())).first()
        assert code is not None
        digits = code.code
    page.fill("#code", digits)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{site.base}/own")
    assert f"size-{size}" in (page.locator("html").get_attribute("class") or "")
    look(page, least)
    code_shown = page.locator(".own-code b")
    expect(code_shown).to_have_text("4729")
    assert code_shown.evaluate("(part) => parseFloat(getComputedStyle(part).fontSize)") >= 34
    page.get_by_role("link", name="今天别来").click()
    look(page, least)
    page.get_by_role("button", name="理发").click()
    look(page, least)
    page.get_by_role("button", name="还是来吧").click()
    expect(page.locator(".own-code b")).to_have_text("4729")
    page.get_by_role("button", name="我不舒服").click()
    expect(page.locator("main")).to_contain_text("衣晓雯马上打给您")
    look(page, least)
    page.get_by_role("button", name="我没事，点错了").click()
    expect(page.locator("main")).to_contain_text("您说没事了")
    page.goto("/nowhere")
    look(page, least)
    assert [each for each in site.complaints if "404" not in each] == []
