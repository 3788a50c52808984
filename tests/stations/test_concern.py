"""Leads see of stations and posts what concerns their part: the people behind their doors, what their team holds, and nothing of others."""

from collections.abc import Callable

import pytest

from tests import builders as make
from tests.browser import Browser
from tests.stations.conftest import Corner, hold, people, sign_up, whoever
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.places.models import Building
from timebank.posts import actions as posts
from timebank.posts.actions import About
from timebank.stations.actions import check_ups, hosting, items
from timebank.stations.actions.people import person
from timebank.stations.models import Sort
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Team
from timebank.volunteers.sight import Thing


def furnish(corner: Corner) -> dict[str, int]:
    """Let two houses of two compounds each have somebody who comes, has left something and is due; two teams of one each hold a day."""
    with corner.app.app_context(), transaction():
        community, station, barber, elder, _young = people(corner)
        other = make.make_elder(make.make_household(community, make.make_building(community, "海棠路 9 号")), "康玉兰")
        day = hold(corner)
        made = {"elder": elder, "other": other}
        for name, who in made.items():
            sign_up(day, person(community.id, elder=who))
            items.bring(station, items.Brought(sort=Sort.REPAIR, what=f"{name}的水壶"), person(community.id, elder=who))
            check_ups.begin(
                community.id, check_ups.Rhythm(what=f"{name}的血压", every_weeks=4, due=day.day), person(community.id, elder=who)
            )
        sign_up(day, whoever(corner, "路过的人", "13900000001"))
        second = make.make_volunteer(community, "祝长庚", make.make_user(community=community).id)
        hosting.add_host(day, barber)
        hosting.add_host(day, second)
        teams = [volunteers.add_team(community.id, f"{mark}队") for mark in "甲乙"]
        for team, member in zip(teams, (barber, second), strict=True):
            volunteers.join_team(team, member, make.MONDAY, "报名")
        house = other.household.building
        kind = make.make_kind("GUARD", name="值守", name_en="Watch", skills=[], at_door=False)
        for name, where in (("甲楼长岗", elder.household.building), ("乙楼长岗", house)):
            post = posts.add_post(community.id, About(name=name, kind=kind, building=where, first_day=make.MONDAY), corner.user())
            (shift,) = posts.add_shifts(post, [4], (540, 600), 1, 1)
            posts.claim_shift(shift, barber if name.startswith("甲") else second)
            made[name] = post
        return {
            "first": teams[0].id, "here": elder.household.building_id, "there": house.id,
            "post": made["甲楼长岗"].id, "other_post": made["乙楼长岗"].id,
        }  # fmt: skip


OF_DOORS = ("臧**", "elder的水壶", "elder的血压")
OF_OTHER_DOORS = ("康**", "other的水壶", "other的血压", "海棠路")


@pytest.mark.parametrize("role", [Role.STEWARD, Role.BUILDING_LEAD, Role.TEAM_LEAD])
def test_a_lead_sees_of_stations_and_posts_what_concerns_their_part_and_nothing_of_others(
    corner: Corner, sign_in_as: Callable[..., Browser], role: Role
) -> None:
    made = furnish(corner)
    browser = sign_in_as(role, corner.community)
    assert "给您勾上" in browser.get("/stations").text, "before the office has said what is theirs"
    assert "给您勾上" in browser.get("/posts").text
    with corner.app.app_context(), transaction():
        house = db.session.get_one(Building, made["here"])
        thing: Thing = {Role.STEWARD: house.compound, Role.BUILDING_LEAD: house}.get(role) or db.session.get_one(Team, made["first"])
        volunteers.look_after(db.session.get_one(User, browser.user), [thing])
    page = browser.get("/stations").text
    seen, unseen = (
        (("王秀芬", "周三理发"), ("祝长庚", *OF_DOORS, *OF_OTHER_DOORS)) if role is Role.TEAM_LEAD else (OF_DOORS, OF_OTHER_DOORS)
    )
    assert [each for each in ("东门服务站", *seen) if each not in page] == []
    assert [each for each in (*unseen, "臧玉梅", "路过的人", "/stations/sessions/") if each in page] == []
    listed = browser.get("/posts").text
    assert "甲楼长岗" in listed
    assert "乙楼长岗" not in listed
    assert "王秀芬" in browser.get(f"/posts/{made['post']}").text
    assert browser.get(f"/posts/{made['other_post']}").status_code == 404
    assert browser.get(f"/stations/{corner.station}").status_code == 403
