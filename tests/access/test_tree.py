"""The tree in force: two streets, three communities, two compounds, and every page read by everybody for what belongs to others."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.access.addresses import address, methods, rules
from tests.attack.test_strangers import COMMUNITYS_OWN, FILLED, NOT_FOUND, ROWS, addresses, stored
from tests.attack.town import NOW, Town, build_town
from tests.browser import Browser
from timebank.access.models import Role, User
from timebank.access.policy import POLICY, PUBLIC, allows
from timebank.db import db, transaction
from timebank.places import tenancy
from timebank.places.models import Community, Compound
from timebank.visits.models import Visit
from timebank.volunteers import actions as volunteers
from timebank.volunteers.models import Charge

MARKS = ("甲", "乙", "丙")
OF_ONE_COMMUNITY = ("coordinator", "inspector", "canteen", "steward", "building_lead", "team_lead")
WORDS = {"month": "2026-11", "day": "2026-11-25", "year": 2026, "part": 1, "stem": "志愿者"}
# A street's own page names its communities; that is what it is for.
OF_THE_STREET = {"streets.overview", "streets.look_at", "reports.report"}


@dataclass
class Tree:
    """Two communities of one street and one of another, each with one of everything, marked."""

    app: Flask
    first: Town
    neighbour: Town
    far: Town

    @property
    def towns(self) -> tuple[Town, Town, Town]:
        """All of them."""
        return self.first, self.neighbour, self.far

    def mark(self, town: Town) -> str:
        """Return the sign that stands in every name of a town."""
        return MARKS[self.towns.index(town)]


@pytest.fixture
def tree(app: Flask) -> Tree:
    built = [build_town(app, mark) for mark in MARKS]
    with app.app_context(), transaction():
        first, neighbour = (db.session.get_one(Community, town.community) for town in built[:2])
        neighbour.street_id = first.street_id
        db.session.get_one(User, built[1].users["street_officer"]).street_id = first.street_id
        make.set_clock(NOW)
    return Tree(app, *built)


def readable(app: Flask, role: Role) -> Iterator[tuple[str, str]]:
    """Give every page of the office that names no row, with its address, that a role may read."""
    for rule in rules(app):
        if "GET" not in methods(rule) or POLICY[rule.endpoint] == PUBLIC or not allows(rule.endpoint, role):
            continue
        if rule.arguments <= WORDS.keys():
            yield rule.endpoint, address(app, rule, **{name: WORDS[name] for name in rule.arguments})


def text_of(answer: object) -> str:
    """Return the words of a page without the choice of communities in its head, of a workbook those of its sheets."""
    data = answer.data  # type: ignore[attr-defined]
    if data[:2] != b"PK":
        return re.sub(r'<details class="menu chooser">.*?</details>', "", data.decode("utf-8", "ignore"), flags=re.DOTALL)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "".join(book.read(name).decode("utf-8", "ignore") for name in book.namelist() if name.endswith(".xml"))


def names_of(mark: str) -> re.Pattern[str]:
    """Return what finds a name or word of a marked town."""
    return re.compile(rf"{mark}坡|[吕郭冯]{mark}[英洁华]|{mark}(?:门东户|钥匙|心脏病|糖尿病餐|耳背|敲门|谢谢|没有来|手机没电|体检|奶奶)")


def foreign(browser: Browser, app: Flask, role: Role, marks: str) -> set[tuple[str, str]]:
    """Return the pages on which a name or word of a marked town stands, with the mark."""
    found = set()
    for endpoint, path in readable(app, role):
        with browser.get(path) as answer:
            if answer.status_code == 200:
                found |= {(endpoint, mark) for mark in marks if names_of(mark).search(text_of(answer))}
    return found


@pytest.mark.parametrize("who", OF_ONE_COMMUNITY)
def test_nothing_of_another_community_stands_on_any_page_list_or_export(tree: Tree, who: str) -> None:
    browser = tree.first.browser(tree.app, who)
    seen = foreign(browser, tree.app, Role(who), "乙丙")
    if ("lending.index", "乙") in seen:  # whom one can ask for a volunteer is named there, and nobody in it
        seen.remove(("lending.index", "乙"))
        assert not re.search("乙(?!坡社区)", browser.get("/lending").text)
    assert seen == set()


def test_a_search_finds_only_ones_own(tree: Tree) -> None:
    browser = tree.first.browser(tree.app, "coordinator")
    assert "郭甲洁" in browser.get("/search?q=郭").text
    for page in ("/search?q=郭", "/search?q=冯", "/volunteers?q=洁", "/elders?q=英"):
        assert not names_of("乙").search(browser.get(page).text)


def test_a_streets_officer_sees_one_community_at_a_time_and_of_other_streets_nothing(tree: Tree) -> None:
    browser = tree.first.browser(tree.app, "street_officer")
    for town, other in ((tree.first, tree.neighbour), (tree.neighbour, tree.first)):
        assert browser.send("/street/look", community=str(town.community)).status_code == 303
        seen = foreign(browser, tree.app, Role.STREET_OFFICER, tree.mark(other) + "丙")
        assert {(page, mark) for page, mark in seen if page not in OF_THE_STREET or mark == "丙"} == set()
        assert names_of(tree.mark(town)).search(browser.get("/volunteers").text)


def test_a_streets_officer_cannot_look_at_a_community_of_another_street(tree: Tree) -> None:
    browser = tree.first.browser(tree.app, "street_officer")
    assert browser.send("/street/look", community=str(tree.far.community)).status_code == 404
    with tree.app.app_context():
        street = db.session.get_one(Community, tree.far.community).street_id
    for path in (f"/street?street={street}", f"/report?street={street}", f"/report/2026-11.pdf?street={street}"):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    ("who", "whose"), [("street_officer", "neighbour"), ("street_officer", "far"), ("admin", "far"), ("steward", "neighbour")]
)
def test_no_number_in_an_address_leads_into_a_community_that_is_not_looked_at(tree: Tree, who: str, whose: str) -> None:
    browser = tree.first.browser(tree.app, who)
    theirs: Town = getattr(tree, whose)
    before = stored(tree.app)
    wrong = []
    for rule, method, path in addresses(tree.app, theirs, ROWS | COMMUNITYS_OWN):
        answer = browser.get(path) if method == "GET" else browser.send(path, **FILLED)
        leaks = [name for name, words in theirs.secrets.items() if words in answer.text]
        if leaks or answer.status_code not in NOT_FOUND - {303}:
            wrong.append((rule.endpoint, method, path, answer.status_code, leaks))
    assert wrong == []
    assert stored(tree.app) == before


def test_a_streets_officer_changes_nothing_of_a_community(tree: Tree) -> None:
    browser = tree.first.browser(tree.app, "street_officer")
    before = stored(tree.app)
    done = []
    for rule in rules(tree.app):
        if "POST" not in methods(rule) or POLICY[rule.endpoint] == PUBLIC or rule.endpoint.startswith(("streets.", "access.", "tokens.")):
            continue
        answer = browser.send(address(tree.app, rule), **FILLED)
        at_the_third_level = rule.endpoint.startswith("cases.") and answer.status_code in {404, 422}  # what is not there is not theirs
        if answer.status_code != 403 and not at_the_third_level:
            done.append(rule.endpoint)
    assert done in ([], ["reports.take_along"])
    assert stored(tree.app) == before


def test_an_administrator_chooses_which_community_she_looks_at_and_it_stays(tree: Tree) -> None:
    browser = tree.first.browser(tree.app, "admin")
    assert "郭甲洁" in browser.get("/volunteers").text
    assert browser.send("/street/look", community=str(tree.far.community)).location == "/today"
    page = browser.get("/volunteers").text
    assert "郭丙洁" in page
    assert "郭甲洁" not in page
    assert "丙坡社区" in browser.get("/books").text
    assert "郭丙洁" in tree.first.browser(tree.app, "admin").get("/volunteers").text, "on every device"


def test_a_form_goes_to_the_community_it_was_shown_for_whatever_was_chosen_since(tree: Tree) -> None:
    browser = tree.first.browser(tree.app, "admin")
    browser.send("/street/look", community=str(tree.first.community))
    assert f'name="_at" value="{tree.first.community}"' in browser.get("/volunteers/leads").text
    browser.send("/street/look", community=str(tree.far.community), _at=str(tree.first.community))
    assert "丙坡社区" in browser.get("/today").text
    said = {"name": "邢队长", "phone": "13912340001", "role": "team_lead"}
    taken = browser.send("/volunteers/leads", _at=str(tree.first.community), **said)
    assert taken.status_code == 303
    with tree.app.app_context():
        assert db.session.query(User).filter_by(phone="13912340001").one().community_id == tree.first.community
    page = browser.get(taken.location)
    assert page.status_code == 200
    assert "已经换回甲坡社区" in page.text
    assert "_at" not in tree.first.browser(tree.app, "coordinator").get("/volunteers/leads").text


def test_a_form_leads_nobody_into_a_community_that_is_not_theirs(tree: Tree) -> None:
    for who in ("street_officer", "coordinator"):
        browser = tree.first.browser(tree.app, who)
        browser.send("/language", _at=str(tree.far.community))
        assert "丙坡" not in browser.get("/today").text


def test_who_has_one_community_is_offered_no_choice(tree: Tree) -> None:
    assert "换一个社区看" in tree.first.browser(tree.app, "admin").get("/today").text
    assert "换一个社区看" not in tree.first.browser(tree.app, "coordinator").get("/today").text
    assert tree.first.browser(tree.app, "coordinator").send("/street/look", community=str(tree.far.community)).status_code == 403


def test_a_steward_sees_the_doors_of_the_compound_and_none_of_another(tree: Tree) -> None:
    town = tree.first
    with tree.app.app_context(), transaction():
        meal = db.session.get_one(Visit, town.rows["meal_visit"])
        other = meal.household.building
        other.name = "对面 5 号"
        own = db.session.get_one(Charge, db.session.query(Charge.id).filter_by(user_id=town.users["steward"]).scalar()).compound_id
        theirs = other.compound_id
        assert theirs != own
    browser = town.browser(tree.app, "steward")
    page = browser.get("/today").text
    assert "甲坡路 77 号" in page
    assert "对面 5 号" not in page
    with tree.app.app_context(), transaction():
        steward = db.session.get_one(User, town.users["steward"])
        volunteers.look_after(steward, [db.session.get_one(Compound, theirs)])
    page = browser.get("/today").text
    assert "对面 5 号" in page
    assert "甲坡路 77 号" not in page


def test_who_has_no_place_yet_reads_what_to_do_and_no_rows(tree: Tree, sign_in_as: Callable[..., Browser]) -> None:
    assert "请管理员" in sign_in_as(Role.STREET_OFFICER, None).get("/street").text
    answer = sign_in_as(Role.COORDINATOR, None).get("/volunteers")
    assert answer.status_code == 404
    assert "请联系管理员" in answer.text


def test_the_database_keeps_officers_to_streets_and_stewards_to_their_own_compounds(both: Flask) -> None:
    with both.app_context():
        with transaction():
            here, there = make.make_community("here"), make.make_community("there")
            officer, steward = make.make_user(Role.STREET_OFFICER, here), make.make_user(Role.STEWARD, here)
            coordinator = make.make_user(Role.COORDINATOR, here)
            mine, theirs = make.make_building(here).compound, make.make_building(there).compound
            make.add(Charge(user_id=steward.id, compound_id=mine.id))
            tenancy.look_at(officer, here)
        wrong = (
            lambda: make.add(Charge(user_id=steward.id, compound_id=theirs.id)),
            lambda: make.add(Charge(user_id=coordinator.id, compound_id=mine.id)),
            lambda: make.add(Charge(user_id=steward.id, compound_id=mine.id)),
            lambda: make.make_user(Role.COORDINATOR, here, street_id=here.street_id),
            lambda: make.make_user(Role.STREET_OFFICER, here, community_id=here.id),
            lambda: make.make_user(Role.COORDINATOR, here, looks_at=there.id),
        )
        for attempt in wrong:
            with pytest.raises(IntegrityError), transaction():
                attempt()
