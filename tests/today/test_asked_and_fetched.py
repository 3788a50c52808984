"""Somebody carries a trip and is asked for one more door of it: what they fetched without having answered is still nobody's."""

from flask import Flask

from tests import builders as make
from timebank.db import transaction
from timebank.planning import cover, queries
from timebank.today.sheets import kitchen_sheet
from timebank.visits.actions import serving
from timebank.visits.models import OfferState
from timebank.visits.queries import day_offers


def test_a_door_not_answered_for_when_the_boxes_were_fetched_is_nobodys_everywhere(app: Flask) -> None:
    make.set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        community = make.make_community()
        agreed = make.make_round(community, make.make_volunteer(community))
        asked = make.make_round(community, make.make_volunteer(community, "赵志强"), doors=1, accepted=False)[0]
        asked.volunteer, asked.round, asked.start = agreed[0].volunteer, agreed[0].round, 672
        canteen = agreed[0].round.canteen
        counts, sheets, doors = [], [], []
        for fetched in (False, True):
            if fetched:
                serving.pick_up(agreed[0].round, 2)
            counted = cover.kitchen(community.id, make.WEDNESDAY)
            counts.append((counted.wanted, counted.fetched, counted.waiting, counted.nobody))
            sheets.append([sum(each.count for each in trip.portions) for trip in kitchen_sheet(canteen, make.WEDNESDAY, "zh").rounds])
            doors += [len(each.offers) for each in queries.rounds_today(day_offers(community.id, make.WEDNESDAY))]
        assert asked.state is OfferState.SENT
        assert counts == [(3, 0, 2, 1), (3, 2, 0, 1)]
        assert sheets == [[3], [2, 1]]
        assert doors == [3, 2]
