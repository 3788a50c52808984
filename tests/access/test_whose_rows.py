"""Leads and kitchens see their part: every page they may open, read for the people, doors and counts of others."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.access.addresses import rules
from tests.browser import Browser
from timebank import clock
from timebank.access.models import Role, User
from timebank.access.policy import allows
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.places.models import Building, Canteen, Community
from timebank.visits.actions import offering, serving
from timebank.visits.models import LateMeal, Outcome
from timebank.volunteers import actions
from timebank.volunteers.models import Charge, Team, Volunteer

LEADS = (Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN)
TODAY = "2026-11-25 11:20"
NOTHING = {Role.TEAM_LEAD: "服务队", Role.BUILDING_LEAD: "楼栋", Role.CANTEEN: "食堂"}


@dataclass
class Side:
    """One half of a community: a team of one, a building, a canteen, and the words that belong to nobody else."""

    team: int
    building: int
    canteen: int
    late: int
    carer: str
    words: dict[Role, set[str]] = field(default_factory=dict)


@dataclass
class Town:
    """A community in two halves that have nothing to do with each other."""

    app: Flask
    community: int
    left: Side
    right: Side
    sign_in: Callable[..., Browser]

    def lead(self, role: Role, side: Side | None) -> Browser:
        """Return the browser of a lead who looks after a half, or after nothing yet."""
        browser = self.sign_in(role, self.community)
        if side is not None:
            with self.app.app_context(), transaction():
                actions.look_after(db.session.get_one(User, browser.user), [thing_of(side, role)])
        return browser


def thing_of(side: Side, role: Role) -> Team | Building | Canteen:
    """Return what a role looks after in a half."""
    if role is Role.TEAM_LEAD:
        return db.session.get_one(Team, side.team)
    return db.session.get_one(Building, side.building) if role is Role.BUILDING_LEAD else db.session.get_one(Canteen, side.canteen)


def half(community: Community, mark: str, surnames: str) -> Side:
    """Add a half: meals under way with an alarm, a trip that was declined, home visits, one of them nobody's, a meal changed too late."""
    canteen = make.make_canteen(community, name=f"{mark}食堂", phone=f"0532{ord(mark):08d}"[:12])
    building = make.make_building(community, f"{mark}号楼")
    carer = make.make_volunteer(community, f"{surnames[0]}{mark}洁", make.make_user(community=community).id)
    team = actions.add_team(community.id, f"{mark}队")
    actions.join_team(team, carer, make.MONDAY, "报名")
    meal, hair = (db.session.query(ServiceKind).filter_by(code=code).one() for code in ("MEAL", "HAIR"))
    made = []
    for place, surname in enumerate(surnames[1:]):
        home = make.make_household(community, building)
        make.make_elder(home, f"{surname}{mark}英")
        wanted = make.make_request(community, meal if place < 4 else hair, home)
        visit = make.make_visit(wanted, canteen=canteen if place < 4 else None)
        if place != 5:
            start, pickup = (660 + 5 * place, 650) if place < 2 else (725, 715) if place < 4 else (14 * 60, None)
            made.append(make.make_offer(visit, carer, start, pickup=pickup, accepted=place != 3))
    serving.pick_up(made[0].round, 2)
    serving.report(made[0], Outcome.UNWELL, "头晕")
    offering.decline(made[3], "有事")
    late = make.add(
        LateMeal(community_id=community.id, canteen_id=canteen.id, visit_id=made[1].visit_id, day=make.WEDNESDAY, boxes=-1, at=clock.now())
    )
    doors = {f"{surname}**" for surname in surnames[1:]} | {f"{mark}号楼", building.compound.name}
    words = {
        Role.TEAM_LEAD: {f"{mark}队", carer.name} | doors,
        Role.BUILDING_LEAD: doors | {carer.name},
        Role.CANTEEN: {f"{mark}食堂", carer.name},
    }
    return Side(team.id, building.id, canteen.id, late.id, carer.name, words)


@pytest.fixture
def town(app: Flask, sign_in_as: Callable[..., Browser]) -> Town:
    with app.app_context(), transaction():
        make.set_clock("2026-11-25 10:40")
        community = make.make_community()
        make.make_kind("MEAL", skills=[])
        make.make_kind("HAIR", skills=[])
        make.set_clock("2026-11-25 10:55")
        sides = [half(community, "甲", "王鞠吕郭宋林于"), half(community, "乙", "赵陈杨黄周吴徐")]
        make.set_clock(TODAY)
        return Town(app, community.id, *sides, sign_in_as)


def pages(app: Flask, role: Role) -> list[str]:
    """Return every address without a part to fill in that a role may read and a page of the office stands behind."""
    return sorted(
        rule.rule
        for rule in rules(app)
        if "GET" in (rule.methods or set())
        and not rule.arguments
        and allows(rule.endpoint, role)
        and not allows(rule.endpoint, Role.VOLUNTEER)
    )


def counts(page: str) -> list[str]:
    """Return every number of a page's text with its unit, except times and dates."""
    text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.findall(r"\d+ (?:/ )?(?:\d+ )?(?:户|份|轮|次|处没人去|件没人)", text)


@pytest.mark.parametrize("role", LEADS)
def test_the_pages_of_leads_are_those_we_read_here(town: Town, role: Role) -> None:
    ordinary = ["/posts", "/stations", "/today", "/today/tomorrow"] if role is not Role.CANTEEN else ["/sheets", "/today"]
    own = {Role.BUILDING_LEAD: ["/cases", "/cases/new"], Role.TEAM_LEAD: ["/feeds"]}.get(role, [])
    assert pages(town.app, role) == own + ordinary


@pytest.mark.parametrize("role", LEADS)
def test_nothing_of_the_others_stands_on_any_page_of_a_lead(town: Town, role: Role) -> None:
    for mine, other in ((town.left, town.right), (town.right, town.left)):
        browser = town.lead(role, mine)
        read = {path: browser.get(path).text for path in pages(town.app, role)}
        assert {(path, word) for path, text in read.items() for word in other.words[role] if word in text} == set()
        assert mine.carer in read["/today"]


@pytest.mark.parametrize("role", LEADS)
def test_a_lead_counts_no_more_than_if_the_others_were_not_there(town: Town, role: Role) -> None:
    browser = town.lead(role, town.left)
    alone = {path: counts(browser.get(path).text) for path in pages(town.app, role)}
    assert "送餐 1 轮" not in "".join(alone["/today"])
    with town.app.app_context(), transaction():
        make.set_clock("2026-11-25 10:55")
        half(db.session.get_one(Community, town.community), "丙", "冯孙马朱胡何高")
        make.set_clock(TODAY)
    browser = town.lead(role, town.left)
    assert {path: counts(browser.get(path).text) for path in pages(town.app, role)} == alone


def test_a_building_sees_of_a_strangers_round_only_its_own_door(town: Town) -> None:
    left, right = town.lead(Role.BUILDING_LEAD, town.left), town.lead(Role.BUILDING_LEAD, town.right)
    before = counts(left.get("/today").text)
    with town.app.app_context(), transaction():
        carer = db.session.query(Volunteer).filter_by(name="王甲洁").one()
        home = make.make_household(
            carer_community := db.session.get_one(Community, town.community), db.session.get_one(Building, town.right.building)
        )
        make.make_elder(home, "康乙英")
        kind = db.session.query(ServiceKind).filter_by(code="MEAL").one()
        visit = make.make_visit(make.make_request(carer_community, kind, home), canteen=db.session.get_one(Canteen, town.left.canteen))
        make.make_offer(visit, carer, 735, pickup=715, accepted=True)
    assert counts(left.get("/today").text) == before
    page = right.get("/today").text
    assert "王甲洁" in page
    assert "0/1" in page
    assert "甲号楼" not in page


@pytest.mark.parametrize("role", LEADS)
def test_a_lead_without_a_part_reads_what_to_ask_the_office_for(town: Town, role: Role) -> None:
    browser = town.lead(role, None)
    for path in pages(town.app, role):
        page = browser.get(path).text
        assert "请社区办公室" in page
        assert f"给您勾上{NOTHING[role]}" in page
        assert not [word for side in (town.left, town.right) for word in side.words[role] if word in page]


def test_a_kitchen_settles_and_prints_only_its_own(town: Town) -> None:
    browser = town.lead(Role.CANTEEN, town.left)
    assert browser.send(f"/today/kitchen/{town.right.late}", fate="kitchen").status_code == 404
    assert browser.get(f"/sheets/2026-11-25/kitchen-{town.right.canteen}.pdf").status_code == 404
    assert browser.send(f"/today/kitchen/{town.left.late}", fate="kitchen").status_code == 303
    assert browser.get(f"/sheets/2026-11-25/kitchen-{town.left.canteen}.pdf").status_code == 200


def test_who_left_the_team_is_seen_no_more(town: Town) -> None:
    browser = town.lead(Role.TEAM_LEAD, town.left)
    assert "王甲洁" in browser.get("/today").text
    with town.app.app_context(), transaction():
        actions.leave_team(db.session.get_one(Team, town.left.team).members[0], "搬家")
    assert "王甲洁" not in browser.get("/today").text


def test_the_office_adds_a_lead_and_ticks_what_is_theirs(town: Town) -> None:
    desk = town.sign_in(Role.COORDINATOR, town.community)
    answer = desk.send("/volunteers/leads", name="邢队长", phone="13912340001", role="building_lead")
    assert answer.status_code == 303
    assert "甲号楼" in desk.get(answer.location).text
    assert desk.send(answer.location, thing=[str(town.left.building), str(town.right.building)]).status_code == 303
    assert "乙号楼" in desk.get("/volunteers/leads").text
    desk.send(answer.location, thing=[str(town.left.building)])
    listed = desk.get("/volunteers/leads").text
    assert "甲号楼" in listed
    assert "乙号楼" not in listed
    assert desk.send(answer.location, thing=["999999"]).status_code == 404


def test_a_number_that_signs_in_already_is_refused_in_words_and_so_is_a_strange_role(town: Town) -> None:
    desk = town.sign_in(Role.COORDINATOR, town.community)
    with town.app.app_context():
        phone = db.session.query(User).filter_by(role=Role.VOLUNTEER).first().phone
    refused = desk.send("/volunteers/leads", name="邢队长", phone=phone, role="team_lead")
    assert refused.status_code == 422
    assert "请填另一个手机号" in refused.text
    assert desk.send("/volunteers/leads", name="邢队长", phone="13912340001", role="admin").status_code == 422


@pytest.mark.parametrize("role", LEADS)
def test_the_database_gives_nobody_what_is_not_theirs(both: Flask, role: Role) -> None:
    with both.app_context():
        with transaction():
            make.set_clock(TODAY)
            here, there = make.make_community("here"), make.make_community("there")
            user = make.make_user(role, here)
            things = {each: (thing("team_id", each), thing("building_id", each), thing("canteen_id", each)) for each in (here, there)}
            own = KINDS.index(role)
            make.add(things[here][own](user.id))
        wrong = [make_one(user.id) for place, make_one in enumerate(things[here]) if place != own]
        wrong += [make_one(user.id) for make_one in things[there]] + [Charge(user_id=user.id), things[here][own](user.id)]
        for row in wrong:
            with pytest.raises(IntegrityError), transaction():
                make.add(row)


KINDS = [Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN]


def thing(column: str, community: Community) -> Callable[[int], Charge]:
    """Add a team, building or canteen and return what gives it to a user."""
    if column == "team_id":
        number = make.add(Team(community_id=community.id, name="送餐队")).id
    elif column == "building_id":
        number = make.make_building(community).id
    else:
        number = make.make_canteen(community).id
    return lambda user: Charge(user_id=user, **{column: number})
