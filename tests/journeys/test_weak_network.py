"""The first sheet of a phone and the later ones on a weak network, measured in Chromium: 400 kbit/s and 400 ms, usable in two seconds; a tap without any.

With `-s` what is measured is printed: `pytest -n 0 -s -m long tests/journeys/test_weak_network.py`.
"""

import pytest
from playwright.sync_api import BrowserContext, Cookie, Page, expect

from tests.journeys.conftest import PHONE, Site
from tests.journeys.test_offline import at_the_first_door

WEAK = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
USABLE_SECONDS = 2.0
ANSWER_MS = 100
TAPPED = """() => new Promise((go) => {
  const head = () => document.querySelector('#round h2').textContent, before = head(), begun = performance.now();
  new MutationObserver((_changes, watch) => { if (head() !== before) { watch.disconnect(); go(performance.now() - begun); } }).observe(document.getElementById('day'), { childList: true, subtree: true });
  [...document.querySelectorAll('#round button')].find((button) => button.textContent.trim() === '送到了').click();
})"""
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


@pytest.mark.long  # measures milliseconds: on a machine that others use at the same time it would measure them
def test_a_tap_without_a_network_is_answered_at_once(site: Site) -> None:
    door = at_the_first_door(site, 8)
    door.phone.set_offline(True)
    taken = []
    for _door in range(6):
        door.page.wait_for_timeout(750)  # no sooner than a thumb can
        taken.append(door.page.evaluate(TAPPED))
    print("milliseconds of a tap without a network", [round(each) for each in taken])  # noqa: T201 - the figure, with -s
    assert sorted(taken)[len(taken) // 2] <= ANSWER_MS, taken


@pytest.mark.long  # measures seconds: on a machine that others use at the same time it would measure them
def test_the_first_sheet_and_the_later_ones_can_be_used_in_two_seconds_on_a_weak_network(site: Site) -> None:
    door = at_the_first_door(site, 8)
    tries = [measured(site, door.phone.cookies()) for _try in range(3)]
    print("seconds, first sheet and next", tries)  # noqa: T201 - the figure, with -s
    assert min(first for first, _later in tries) <= USABLE_SECONDS
    assert min(later for _first, later in tries) <= USABLE_SECONDS
