"""What a team's lead sees of visits goes by the team as it was on the day of the visit, on pages as for programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask

from tests import builders as make
from tests.api.program import program_of
from timebank.access.models import Role, User
from timebank.db import db, forget_reads, transaction
from timebank.visits import queries
from timebank.visits.models import Offer
from timebank.volunteers import actions as volunteers
from timebank.volunteers import sight
from timebank.volunteers.models import TeamMember

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (23, 24, 25, 26))


@dataclass
class Team:
    """A team with its lead, in which one was till Tuesday, another from Wednesday on; both go every day."""

    community: int
    lead: int
    offers: dict[tuple[str, date], int]

    def seen(self, day: date) -> set[str]:
        """Return whose visits of a day the lead sees."""
        view = sight.sight_of(db.session.get_one(User, self.lead))
        mine = {each.id for each in queries.day_offers(self.community, day, view)}
        return {name for (name, on), number in self.offers.items() if on == day and number in mine}


@pytest.fixture
def team(both: Flask) -> Iterator[Team]:
    """Give the team on each database, on Wednesday."""
    with both.app_context():
        with transaction():
            make.set_clock("2026-11-23 07:00")
            community, hair = make.make_community(), make.make_kind("HAIR", minutes=60)
            lead = make.make_user(Role.TEAM_LEAD, community)
            made = volunteers.add_team(community.id, "松坡队")
            offers = {}
            for name, first, last in (("王秀芬", MONDAY, WEDNESDAY), ("丛树立", WEDNESDAY, None)):
                person = make.make_volunteer(community, name)
                make.add(TeamMember(team_id=made.id, volunteer_id=person.id, joined=first, left=last, joined_reason="报名"))
                for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY):
                    visit = make.make_visit(make.make_request(community, hair, make.make_household(community), boxes=0), day)
                    offers[name, day] = make.make_offer(visit, person, 600, day).id
            volunteers.look_after(lead, [made])
            built = Team(community.id, lead.id, offers)
        make.set_clock("2026-11-25 09:00")
        yield built


def test_a_lead_sees_who_was_in_the_team_on_the_day_and_nobody_else(team: Team) -> None:
    assert [team.seen(day) for day in (MONDAY, TUESDAY, WEDNESDAY, THURSDAY)] == [{"王秀芬"}, {"王秀芬"}, {"丛树立"}, {"丛树立"}]


def test_a_program_of_a_lead_reads_the_same_visits(both: Flask, team: Team) -> None:
    mine = [("王秀芬", MONDAY), ("王秀芬", TUESDAY), ("丛树立", WEDNESDAY), ("丛树立", THURSDAY)]
    wanted = {db.session.get_one(Offer, team.offers[each]).visit_id for each in mine}
    forget_reads()
    found = program_of(both, team.lead).get("/visits?week=2026-W48&limit=100").get_json()
    assert {each["id"] for each in found["items"]} == wanted
