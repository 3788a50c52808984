"""Somebody carries a trip and is asked for one more door of it: what they fetched without having answered is still nobody's."""

from flask import Flask

from tests import builders as make
from timebank.db import transaction
from timebank.places.models import Community
from timebank.planning import cover, queries
from timebank.today.sheets import kitchen_sheet
from timebank.visits.actions import offering, serving
from timebank.visits.models import Offer, OfferState, Trust, VisitState
from timebank.visits.queries import day_offers


def a_trip_and_more(community: Community, more: int = 1) -> tuple[list[Offer], list[Offer]]:
    """Return the two agreed doors of a trip and what its carrier was asked for besides, not answered yet."""
    agreed = make.make_round(community, make.make_volunteer(community))
    asked = make.make_round(community, make.make_volunteer(community, "赵志强"), doors=more, accepted=False)
    for place, each in enumerate(asked):
        each.volunteer, each.round, each.start = agreed[0].volunteer, agreed[0].round, 672 + 5 * place
    return agreed, asked


def test_a_door_not_answered_for_when_the_boxes_were_fetched_is_nobodys_everywhere(app: Flask) -> None:
    make.set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        community = make.make_community()
        agreed, (asked,) = a_trip_and_more(community)
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


def test_what_is_agreed_to_after_the_boxes_were_fetched_is_fetched_with_a_trip_of_its_own(app: Flask) -> None:
    make.set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        community = make.make_community()
        agreed, asked = a_trip_and_more(community, 2)
        serving.pick_up(agreed[0].round, 2)
        offering.accept_all(asked, Trust.DESK)
        assert {each.visit.state for each in asked} == {VisitState.ACCEPTED}
        (trip,) = {each.round for each in asked}
        assert (trip is agreed[0].round, trip.pickup, trip.picked_up_at) == (False, 651, None)
        assert (counted := cover.kitchen(community.id, make.WEDNESDAY)).fetched == 2 == counted.waiting
        serving.pick_up(trip, 2)
        assert {each.visit.state for each in asked} == {VisitState.UNDER_WAY}


def test_what_a_sheet_says_was_carried_along_needs_no_trip_of_its_own(app: Flask) -> None:
    make.set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        agreed, (asked,) = a_trip_and_more(make.make_community())
        serving.pick_up(agreed[0].round, 2)
        offering.accept(asked, Trust.DESK, carried=True)
        assert (asked.round, asked.visit.state) == (agreed[0].round, VisitState.UNDER_WAY)


def test_a_yes_that_comes_when_the_time_is_over_says_the_box_went_along(app: Flask) -> None:
    make.set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        agreed, (asked,) = a_trip_and_more(make.make_community())
        serving.pick_up(agreed[0].round, 2)
        make.set_clock("2026-11-25 15:00")
        offering.accept(asked, Trust.DESK)
        assert (asked.round, asked.visit.state) == (agreed[0].round, VisitState.UNDER_WAY)


def test_whoever_was_asked_and_fetched_without_it_does_not_hold_up_the_one_who_goes(app: Flask) -> None:
    make.set_clock("2026-11-25 10:50")
    with app.app_context(), transaction():
        community = make.make_community()
        agreed, (asked,) = a_trip_and_more(community)
        serving.pick_up(agreed[0].round, 2)
        other = make.make_offer(asked.visit, make.make_volunteer(community, "孙立"), 690, pickup=670)
        offering.accept(other)
        assert (asked.state, asked.visit.state) == (OfferState.WITHDRAWN, VisitState.ACCEPTED)
