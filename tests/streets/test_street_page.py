"""The page of a street: what it says of each community is what the community's own pages say, and it costs no more for many."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from tests import builders as make
from tests.attack.town import build_town
from tests.browser import Browser
from tests.reads import counted
from tests.served import record
from timebank import clock
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.clock import month_of
from timebank.db import db, transaction
from timebank.places.models import Community
from timebank.places.queries import communities_of
from timebank.planning import cover
from timebank.planning.actions.weeks import open_week
from timebank.planning.models import Plan, PlanState
from timebank.records.queries import late_by_community, uncleared
from timebank.reports import monthly as reports
from timebank.stations import figures
from timebank.stations.actions import sessions
from timebank.stations.actions.sessions import Draft
from timebank.stations.models import Kind
from timebank.streets import queries
from timebank.visits.models import Outcome

MOST_READS = 15


def three_towns(app: Flask) -> list[int]:
    """Build three communities of one street, each with one of everything."""
    numbers = [build_town(app, mark).community for mark in "甲乙丙"]
    with app.app_context(), transaction():
        first, *others = (db.session.get_one(Community, each) for each in numbers)
        for each in others:
            each.street_id = first.street_id
    return numbers


def test_what_the_street_says_is_what_each_community_says_itself(app: Flask) -> None:
    numbers = three_towns(app)
    with app.app_context(), transaction():
        here = db.session.get_one(Community, numbers[0])
        plan = db.session.query(Plan).filter_by(community_id=here.id).one()
        plan.published_at, plan.state = clock.now(), PlanState.PUBLISHED
        sitting = sessions.hold(here.id, Draft(kind=Kind.OTHER, title="邻里节", day=clock.today(), start=1, end=2, seats=90, place="院里"))
        sessions.count(sitting, 43, 0)
        shown = queries.stands(communities_of(here.street))
        assert max(each.times for each in shown) >= 43
        assert sorted(each.community.id for each in shown) == numbers
        for each in shown:
            report = reports.monthly(reports.of_community(each.community), clock.today())
            assert (each.helped, each.minutes) == (report.elders, report.minutes)
            assert each.times == figures.served(each.community.id, month_of(clock.today()), clock.today()).times
            nobody = [line for line in cover.lines(each.community.id) if line.state == cover.NOBODY and line.day == clock.today()]
            assert each.nobody == len(nobody) == cover.count(each.community.id)
            assert each.late == sum(row.is_late for row in uncleared(each.community.id))
        assert {each.community.id: each.published for each in shown} == dict(zip(numbers, (make.MONDAY, None, None), strict=True))
        assert {each.community.id for each in shown if each.is_behind} == set(numbers[1:])
        assert all(each.visits and each.volunteers == 3 for each in shown)


def test_what_is_late_is_late_on_the_same_day_for_street_and_community(app: Flask) -> None:
    numbers = three_towns(app)
    with app.app_context():
        for days in range(30):
            make.set_clock(f"{make.WEDNESDAY + timedelta(days=days)} 12:00")
            own = {each: sum(row.is_late for row in uncleared(each)) for each in numbers}
            assert late_by_community(numbers) == {number: count for number, count in own.items() if count}
        assert any(own.values())


def test_a_street_of_twenty_two_communities_costs_no_more_reads_than_one(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        make.set_clock("2026-11-25 09:00")
        first = make.make_community("c00")
        kind = make.make_kind("HAIR", skills=[])
        for number in range(22):
            community = first if not number else make.make_community(f"c{number:02d}", name=f"社区{number:02d}", street=first.street)
            _some_life(community, kind)
        street_of = first.id
    browser = sign_in_as(Role.STREET_OFFICER, street_of)
    with app.app_context(), counted() as seen:
        page = browser.get("/street")
    assert page.status_code == 200
    assert page.text.count('data-label="本周上门 次"') == 23
    reads = [each for each in seen if each.lstrip().upper().startswith("SELECT")]
    assert len(reads) <= MOST_READS, "\n".join(reads)


def _some_life(community: Community, kind: ServiceKind) -> None:
    """Add a door, a visit of today that nobody has, one that was done, and an hour on record."""
    carer = make.make_volunteer(community)
    home = make.make_household(community)
    make.make_elder(home, "吕小英")
    make.make_visit(make.make_request(community, kind, home))
    done = make.make_visit(make.make_request(community, kind, home, window_from=540))
    made = make.make_offer(done, carer, 600, accepted=True)
    made.outcome = Outcome.DONE
    record(carer, kind, make.MONDAY, 40)


def test_an_officer_signs_in_to_the_street_presses_a_community_and_reads_it(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    numbers = three_towns(app)
    browser = sign_in_as(Role.STREET_OFFICER, numbers[0])
    assert browser.get("/").location == "/street"
    page = browser.get("/street").text
    assert all(f"{mark}坡社区" in page for mark in "甲乙丙")
    assert browser.send("/street/look", community=str(numbers[1])).location == "/today"
    today = browser.get("/today").text
    assert "乙坡社区" in today
    assert browser.send("/plan/publish", week="2026-W48").status_code == 403
    report = browser.get(browser.get("/street").text.split('href="/report')[1].split('"')[0].join(["/report", ""])).text
    assert all(f"{mark}坡社区" in report for mark in "甲乙丙")


def test_the_administrator_adds_an_officer_and_lets_one_in_no_more(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    numbers = three_towns(app)
    admin = sign_in_as(Role.ADMIN, None)
    with app.app_context():
        street = db.session.get_one(Community, numbers[0]).street_id
        taken = db.session.query(User).filter_by(role=Role.VOLUNTEER).first().phone
    path = f"/street/{street}/officers"
    assert admin.send(path, name="蔺主任", phone="13912340001").status_code == 303
    page = admin.get(path).text
    assert "蔺主任" in page
    refused = admin.send(path, name="别人", phone=taken)
    assert refused.status_code == 422
    assert "请填另一个手机号" in refused.text
    assert 'value="别人"' in refused.text
    with app.app_context():
        added = db.session.query(User).filter_by(phone="13912340001").one().id
    assert admin.send(f"{path}/{added}/drop").status_code == 303
    assert "13912340001" not in admin.get(path).text
    assert admin.send(path, name="蔺主任", phone="13912340001").status_code == 303, "a former officer comes back"
    assert "13912340001" in admin.get(path).text
    assert sign_in_as(Role.COORDINATOR, numbers[0]).get(path).status_code == 403


def test_where_something_waits_stands_above_where_nothing_does(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        make.set_clock("2026-11-25 09:00")
        calm = make.make_community("calm", name="A 社区")
        make.make_community("behind", name="B 社区", street=calm.street)
        plan = open_week(calm.id, make.MONDAY)
        plan.published_at, plan.state = clock.now(), PlanState.PUBLISHED
        number = calm.id
    page = sign_in_as(Role.STREET_OFFICER, number).get("/street").text
    listed = page[page.index("<tbody>") :]
    assert listed.index("B 社区") < listed.index("A 社区"), "B has published no week"
