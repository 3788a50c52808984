"""The page of a refusal says its sentence and where else to go; what waits at those places it does not count."""

from collections.abc import Callable

from flask import Flask

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role
from timebank.db import transaction
from timebank.visits.models import RequestState

COUNTED = '<span class="count'


def test_it_leads_to_every_place_and_counts_at_none(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        make.make_request(community, make.make_kind("MEAL", skills=[]), home, elder=make.make_elder(home), state=RequestState.NEW)
        number = community.id
    browser = sign_in_as(Role.COORDINATOR, number)
    assert COUNTED in browser.get("/elders").text
    refused = browser.get("/elders/999999")
    assert refused.status_code == 404
    assert 'href="/requests"' in refused.text
    assert COUNTED not in refused.text
