"""A visitor with a paper in hand: on the telephone and at a desk the check is read line by line, and the full name gets yes or no."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESKTOP, PHONE, Site
from tests.served import TODAY, served_world
from timebank.certificates import actions
from timebank.db import transaction


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_a_paper_is_compared_line_by_line_and_by_its_full_name(site: Site, size: dict[str, int]) -> None:
    world = served_world(site.app)
    with site.app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, TODAY.replace(month=1, day=1), TODAY, coordinator)
        link, said, digest = f"/check/{made.number}/{made.check_code}", made.content, made.content_sha256
    page = site.window(size)
    page.goto(link)
    held = page.locator(".held")
    for line in (said["number"], "王**", "上门理发", "买菜代购", said["unit"], digest[:8], digest[-8:]):
        expect(held).to_contain_text(line)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for name, verdict in (("王建国", "不一致"), ("王秀芬", "填的各项都和登记簿一致")):
        form = page.locator("form", has=page.get_by_label("姓名"))
        if not form.is_visible():
            page.get_by_text("核对全名和没有显示的几项").click()
        page.get_by_label("姓名").fill(name)
        page.get_by_label("志愿者编号").fill(said["volunteer_no"])
        page.get_by_label("负责人").fill(said["responsible"])
        page.get_by_label("经办人").fill(said["handler"])
        form.get_by_role("button", name="和登记簿比").click()
        expect(page.locator("main")).to_contain_text(verdict)
    page.get_by_text("核对 64 位内容校验").click()
    page.get_by_label("证明上印的内容校验").fill(f"{digest[:-1]}{'0' if digest[-1] != '0' else '1'}")
    page.locator("form", has=page.get_by_label("证明上印的内容校验")).get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("这张纸和登记簿不一致")
    assert site.complaints == []
