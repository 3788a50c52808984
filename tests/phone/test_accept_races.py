"""Several people say yes to one visit at the same moment: one of them goes, every time, and the others are told so."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.at_once import at_once
from timebank.db import db, transaction
from timebank.visits.actions import offering
from timebank.visits.models import Offer, OfferState, Visit, VisitState

ASKED = 3


def asked(app: Flask, races: int) -> list[list[int]]:
    """Ask several people for each of some visits; return the offers of each."""
    make.set_clock("2026-11-23 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        kind, home = make.make_kind(skills=[]), make.make_household(community)
        make.make_elder(home)
        people = [make.make_volunteer(community, name) for name in ("王秀芬", "赵志强", "于淑珍")]
        found = []
        for _race in range(races):
            visit = make.make_visit(make.make_request(community, kind, home))
            found.append([make.make_offer(visit, each, 870).id for each in people])
        return found


def accept(number: int) -> None:
    """Say yes to an offer."""
    offering.accept(db.session.get_one(Offer, number))


def run(app: Flask, races: int) -> None:
    """Let everybody who was asked say yes at the same moment, one visit after the other; each has one winner."""
    for offers in asked(app, races):
        refused = at_once(app, *(partial(accept, number) for number in offers))
        assert len(refused) == ASKED - 1
        assert all("going already" in each or "withdrawn" in each for each in refused)
    with app.app_context():
        accepted = select(Offer.visit_id, func.count()).where(Offer.state == OfferState.ACCEPTED).group_by(Offer.visit_id)
        assert [count for _visit, count in db.session.execute(accepted)] == [1] * races
        assert db.session.scalar(select(func.count()).select_from(Visit).where(Visit.state == VisitState.ACCEPTED)) == races
        assert db.session.scalar(select(func.count()).select_from(Offer).where(Offer.state == OfferState.SENT)) == 0


def test_fifty_races_for_a_visit_have_one_winner_each(app: Flask) -> None:
    run(app, 50)


@pytest.mark.long  # a thousand races on both databases take some minutes
def test_a_thousand_races_for_a_visit_have_one_winner_each(both: Flask) -> None:
    run(both, 1000)
