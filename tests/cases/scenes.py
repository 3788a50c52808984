"""A small community for tests of what people bring: an office, a lead of one building, an elder, a family, a neighbour."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests import builders as make
from timebank import clock
from timebank.access.models import Role, User
from timebank.cases.actions import handling, intake
from timebank.cases.actions.handling import Charge
from timebank.cases.actions.intake import Brought
from timebank.cases.models import Door, Outcome, Sort, State, Ticket, Topic
from timebank.db import db
from timebank.volunteers import actions as volunteers

NOW = "2026-11-25 10:30"


@dataclass
class Scene:
    """The rows tests start from, by number."""

    community: int
    building: int
    other_building: int
    elder: int
    office: int
    colleague: int
    lead: int
    family: int


def build() -> Scene:
    """Build the community, inside an open write unit."""
    make.set_clock(NOW)
    community = make.make_community()
    make.make_kind("VISIT", name="探访关爱", name_en="Friendly visit", skills=[], minutes=30)
    building, other = make.make_building(community, "松坡路 12 号"), make.make_building(community, "松坡路 30 号")
    elder = make.make_elder(make.make_household(community, building), "臧玉梅", phone="053200001234", sort_key="zang yu mei")
    lead = make.make_user(Role.BUILDING_LEAD, community, name="邢师傅")
    volunteers.look_after(lead, [building])
    family = make.make_user(Role.FAMILY, community, name="臧晓")
    make.make_family(elder, family)
    return Scene(
        community=community.id,
        building=building.id,
        other_building=other.id,
        elder=elder.id,
        office=make.make_user(Role.COORDINATOR, community, name="衣晓雯").id,
        colleague=make.make_user(Role.COORDINATOR, community, name="孟同事").id,
        lead=lead.id,
        family=family.id,
    )


def user(number: int) -> User:
    """Return a user."""
    return db.session.get_one(User, number)


def bring(scene: Scene, by: int | None = None, **values: Any) -> Ticket:
    """Take something in at the desk."""
    ordinary: dict[str, Any] = {
        "sort": Sort.PROBLEM,
        "door": Door.DESK,
        "name": "郎秋生",
        "phone": "13812345678",
        "words": "楼道灯坏了三天",
    }
    return intake.take_in(scene.community, Brought(**{**ordinary, **values}), user(by or scene.office))


def bring_to(scene: Scene, state: State, by: int | None = None, **values: Any) -> Ticket:
    """Take something in and bring it as far as a state."""
    ticket, office = bring(scene, by, **values), user(scene.office)
    order = list(State)
    if order.index(state) >= order.index(State.SORTED):
        handling.sort_out(
            ticket, office, sort=ticket.sort, topic=Topic.REPAIR, charge=Charge(user=office), due=clock.today() + timedelta(days=7)
        )
    if order.index(state) >= order.index(State.IN_HAND):
        handling.begin(ticket, office)
    if order.index(state) >= order.index(State.ENDED):
        handling.end(ticket, office, Outcome.SETTLED, "物业换了灯")
    if state is State.CLOSED:
        handling.call_back(ticket, office, handling.Heard.SATISFIED, handling.Way.PHONE)
    return ticket
