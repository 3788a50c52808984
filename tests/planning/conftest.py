"""The street of the tests of planning: two volunteers, a canteen, a door, a coordinator at the browser."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.browser import Browser
from tests.builders import (
    add,
    make_canteen,
    make_community,
    make_elder,
    make_household,
    make_kind,
    make_request,
    make_user,
    make_volunteer,
    set_clock,
)
from tests.planning.street import Street
from timebank.access.models import Role
from timebank.db import transaction
from timebank.volunteers.models import Availability


@pytest.fixture
def street(app: Flask, sign_in_as: Callable[..., Browser]) -> Iterator[Street]:
    """Give the street on the Friday before its week: one haircut on Wednesday afternoon, two who could go."""
    set_clock("2026-11-20 10:00")
    with app.app_context():
        with transaction():
            community = make_community()
            make_canteen(community)
            kind = make_kind(skills=[])
            home = make_household(community)
            make_elder(home)
            make_request(community, kind, home)
            people = [make_volunteer(community, name, make_user(community=community).id) for name in ("王秀芬", "赵志强")]
            for each in people:
                for weekday in range(7):
                    add(Availability(volunteer_id=each.id, weekday=weekday, start=480, end=1080))
            numbers = community.id, people[0].id, people[1].id, kind.id
        yield Street(app, sign_in_as(Role.COORDINATOR, numbers[0]), *numbers, sign_in_as)
