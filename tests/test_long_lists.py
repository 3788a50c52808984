"""Long lists come in leaves: so many rows a page, all of them to be reached, and no more reads for many people than for a few."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests import builders as make
from tests.browser import Browser
from tests.reads import counted
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.leafing import A_LEAF
from timebank.places.models import Community

MOST_READS = 15
LISTS = {"/elders": r"/elders/(\d+)\"", "/volunteers": r"/volunteers/(\d+)\"", "/books": r"/books/(\d+)\?"}


def grow(app: Flask, community_id: int, count: int) -> None:
    """Add so many elders and volunteers."""
    with app.app_context(), transaction():
        community = db.session.get_one(Community, community_id)
        building = make.make_building(community)
        for number in range(count):
            make.make_elder(make.make_household(community, building), f"老人{number:03d}")
            make.make_volunteer(community, f"志愿者{number:03d}")


def reads_of(app: Flask, browser: Browser, address: str) -> int:
    """Return how many statements a page costs, once it has been opened before."""
    browser.get(address)
    with app.app_context(), counted() as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize("address", LISTS)
def test_every_row_of_a_long_list_is_reached_leaf_by_leaf_with_as_many_reads_as_a_short_one_costs(
    app: Flask, sign_in_as: Callable[..., Browser], address: str
) -> None:
    with app.app_context(), transaction():
        community_id = make.make_community().id
    browser = sign_in_as(Role.COORDINATOR, community_id)
    grow(app, community_id, 3)
    few = reads_of(app, browser, address)
    grow(app, community_id, 2 * A_LEAF)
    assert reads_of(app, browser, address) == few <= MOST_READS
    leaves = [set(re.findall(LISTS[address], browser.get(f"{address}?page={page}").get_data(as_text=True))) for page in (1, 2, 3)]
    assert [len(each) for each in leaves] == [A_LEAF, A_LEAF, 3]
    assert len(set.union(*leaves)) == 2 * A_LEAF + 3
    past = browser.get(f"{address}?page=99")
    assert set(re.findall(LISTS[address], past.get_data(as_text=True))) == leaves[2]
    assert "第 3 页，共 3 页" in past.get_data(as_text=True)


@pytest.mark.parametrize("address", LISTS)
def test_turning_a_leaf_keeps_what_was_looked_for(app: Flask, sign_in_as: Callable[..., Browser], address: str) -> None:
    with app.app_context(), transaction():
        community_id = make.make_community().id
    grow(app, community_id, A_LEAF + 1)
    page = sign_in_as(Role.COORDINATOR, community_id).get(f"{address}?q=0").get_data(as_text=True)
    onward = next(each for each in re.findall(r'href="([^"]+)" rel="next"', page))
    assert "q=0" in onward
    assert "page=2" in onward
