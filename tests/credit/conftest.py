"""A community on either database, with a volunteer, their mother, an elder the pool helps, and a coordinator."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask

from tests import builders as make
from timebank.access.models import Role
from timebank.credit import actions
from timebank.credit.models import GiftLink, Relation
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.ledger import actions as ledger
from timebank.volunteers.models import Volunteer

RECORD = iter(range(1, 10_000))


def town(app: Flask) -> Iterator[SimpleNamespace]:
    """Build the community and stay in its application's context."""
    with app.app_context():
        with transaction():
            make.set_clock("2026-11-24 09:00")
            community = make.make_community()
            home = make.make_household(community)
            names = SimpleNamespace(
                community=community.id,
                volunteer=make.make_volunteer(community).id,
                mother=make.make_elder(home, "鞠淑贞", birth_year=1948).id,
                alone=make.make_elder(make.make_household(community), "吕桂英", birth_year=1940, lives_alone=True).id,
                coordinator=make.make_user(Role.COORDINATOR, community).id,
                home=home.id,
            )
        yield names


@pytest.fixture
def here(both: Flask) -> Iterator[SimpleNamespace]:
    """Give the community on each database."""
    yield from town(both)


def earned(who: Volunteer, minutes: int, *, collective: bool = False) -> None:
    """Credit a volunteer, or the group they stood for."""
    source = f"record:x{next(RECORD)}.{who.id}:v1"
    actions.earn(who, minutes, collective=collective, source=source, actor="user:1")


def stored(account: int, minutes: int) -> None:
    """Put minutes onto an account through the pool, past the rules."""
    ledger.grant(account, minutes, source="test:stored", idem=("test", f"{account}:{next(RECORD)}"), actor="user:1")


def linked(here: SimpleNamespace, relation: Relation = Relation.PARENT) -> GiftLink:
    """Return a checked link from the volunteer to their mother."""
    link = actions.ask_link(db.session.get_one(Volunteer, here.volunteer), relation, "鞠淑贞")
    actions.decide_link(link, db.session.get_one(Elder, here.mother), coordinator(here))
    return link


def coordinator(here: SimpleNamespace) -> make.User:
    """Return the coordinator."""
    return db.session.get_one(make.User, here.coordinator)
