"""The first sheet of a phone and the later ones on a weak network, measured in Chromium: 400 kbit/s and 400 ms, usable in two seconds."""

import pytest
from playwright.sync_api import BrowserContext, Cookie, Page, expect

from tests.journeys.conftest import PHONE, Site
from tests.journeys.test_offline import at_the_first_door

WEAK = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
USABLE_SECONDS = 2.0
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length > 0"
USABLE = "() => Math.max(performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd)"


def weakened(context: BrowserContext) -> Page:
    """Open a page whose network is weak."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", WEAK)
    return page


def seconds_until_usable(page: Page) -> float:
    """Return how long it takes until the page is painted, with its colours, and its scripts listen."""
    page.goto("/phone")
    expect(page.get_by_role("button", name="送到了", exact=True)).to_be_visible()
    page.wait_for_function(PAINTED)
    return float(page.evaluate(USABLE)) / 1000


def measured(site: Site, cookies: list[Cookie]) -> tuple[float, float]:
    """Return how long the first sheet and the next one take on a phone that has been here never before."""
    # Without a worker, whose own requests would not be weakened.
    phone = site.browser.new_context(viewport=PHONE, base_url=site.base, locale="zh-CN", service_workers="block")  # type: ignore[arg-type]
    site.contexts.append(phone)
    phone.add_cookies(cookies)  # type: ignore[arg-type]
    return seconds_until_usable(weakened(phone)), seconds_until_usable(weakened(phone))


@pytest.mark.long  # measures seconds: on a machine that others use at the same time it would measure them
def test_the_first_sheet_and_the_later_ones_can_be_used_in_two_seconds_on_a_weak_network(site: Site) -> None:
    door = at_the_first_door(site, 8)
    tries = [measured(site, door.phone.cookies()) for _try in range(3)]
    assert min(first for first, _later in tries) <= USABLE_SECONDS
    assert min(later for _first, later in tries) <= USABLE_SECONDS
