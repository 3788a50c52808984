"""Sixteen hands at the same moment: one effect, and everybody gets a page that says what happened; on both databases."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.served import record
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.catalogue.models import ServiceKind
from timebank.db import Base, db, transaction
from timebank.ledger.models import Transfer
from timebank.ledger.verify import verify
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.planning.actions import weeks
from timebank.planning.models import Assignment
from timebank.visits.actions import serving
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Offer, Round, ServiceRecord, Visit
from timebank.volunteers.models import Availability, Volunteer

HANDS = 16


def browsers_of(app: Flask, user_id: int, count: int = HANDS) -> list[Browser]:
    """Return several browsers of one person, each signed in."""
    with app.app_context(), transaction():
        tokens = [access.sign_in(db.session.get_one(User, user_id))[0] for _ in range(count)]
    found = []
    for token in tokens:
        browser = open_browser(app)
        with app.test_request_context():
            browser.set_cookie(guards.cookie_name(), token)
        browser.token()
        found.append(browser)
    return found


def at_once(acts: Iterable[Callable[[], int]]) -> Counter[int]:
    """Do several things at the same moment and count what was answered."""
    every = list(acts)
    start = Barrier(len(every))

    def go(act: Callable[[], int]) -> int:
        start.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(len(every)) as pool:
        return Counter(pool.map(go, every))


def posts(browsers: list[Browser], path: str, key: str | None = None, **fields: object) -> list[Callable[[], int]]:
    """Return the same form, to be sent by each browser."""
    return [lambda browser=browser: browser.send(path, key=key, **fields).status_code for browser in browsers]  # type: ignore[misc]


def count(app: Flask, kind: type[Base], *where: object) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(kind).where(*where)) or 0  # type: ignore[arg-type]


@dataclass(frozen=True)
class Scene:
    """The numbers of a haircut, its offer, its volunteer's user and a coordinator's."""

    offer: int
    visit: int
    carer: int
    coordinator: int
    meal: int = 0
    last: int = 0
    round: int = 0


def scene(app: Flask, *, served: bool) -> Scene:
    """Return a haircut that was offered, or already served with the code."""
    make.set_clock("2026-11-25 09:30")
    with app.app_context(), transaction():
        community = make.make_community(f"pine-{next(make.NUMBERS)}")
        household = make.make_household(community)
        make.make_elder(household)
        carer = make.make_volunteer(community, user_id=make.make_user(Role.VOLUNTEER, community).id)
        kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == "HAIR")).first() or make.make_kind("HAIR")
        visit = make.make_visit(make.make_request(community, kind, household), code="4827")
        made = make.make_offer(visit, carer, 870, accepted=served)
        if served:
            make.set_clock("2026-11-25 14:30")
            serving.check_in(made, "4827")
            make.set_clock("2026-11-25 15:12")
            serving.check_out(made)
        return Scene(made.id, visit.id, carer.user_id or 0, make.make_user(Role.COORDINATOR, community).id)


def test_one_offer_accepted_by_sixteen_taps_is_accepted_once(both: Flask) -> None:
    made = scene(both, served=False)
    answers = at_once(posts(browsers_of(both, made.carer), "/phone/offers", pick=f"o{made.offer}"))
    assert answers == {303: HANDS}
    assert count(both, AuditRow, AuditRow.verb == "accept") == 1


Way = tuple[int, str]


@pytest.mark.parametrize("times", [1, pytest.param(70, marks=pytest.mark.long)])
def test_whoever_loses_the_race_for_one_tap_reads_what_the_winner_reads(both: Flask, times: int) -> None:
    """Each hand sends a form of its own, so none is a second tap of another: the effect stands once, and nobody is told that it does not."""
    unequal: list[tuple[str, set[Way]]] = []
    for _time in range(times):
        made = door(both)
        offers, taps = "/phone/offers", f"/phone/visits/{made.offer}"
        steps: list[tuple[str, str, int, dict[str, object]]] = [
            ("09:30", offers, made.carer, {"pick": f"o{made.offer}"}),
            ("14:30", f"{taps}/check-in", made.carer, {"code": "4827"}),
            ("15:12", f"{taps}/check-out", made.carer, {}),
            ("15:30", "/confirm", made.coordinator, {"what": "visit", "number": made.visit, "trust": "desk"}),
            ("09:30", offers, made.carer, {"pick": f"r{made.round}"}),
            ("10:50", f"/phone/rounds/{made.round}/pick-up", made.carer, {"counted": 2}),
            ("11:00", f"/phone/visits/{made.meal}/delivered", made.carer, {}),
            ("11:05", f"/phone/visits/{made.last}/problem", made.carer, {"outcome": "no_answer", "note": "敲门没人"}),
            ("11:20", "/confirm", made.coordinator, {"what": "round", "number": made.round, "trust": "desk"}),
        ]
        hands = {user: browsers_of(both, user) for user in (made.carer, made.coordinator)}
        for when, path, user, fields in steps:
            make.set_clock(f"2026-11-25 {when}")
            ways = set(ways_of(hands[user], path, **fields))
            if len(ways) != 1 or {status for status, _way in ways} != {303}:
                unequal.append((path, ways))
    assert unequal == []
    with both.app_context():
        assert verify().ok


def door(app: Flask) -> Scene:
    """Return a haircut and a round of two doors, both asked of one volunteer at half past nine."""
    made = scene(app, served=False)
    with app.app_context(), transaction():
        carer = db.session.scalars(select(Volunteer).where(Volunteer.user_id == made.carer)).one()
        meals = make.make_round(db.session.get_one(Community, carer.community_id), carer, accepted=False)
        return replace(made, meal=meals[0].id, last=meals[1].id, round=meals[0].round_id or 0)


def ways_of(browsers: list[Browser], path: str, **fields: object) -> Counter[Way]:
    """Send a form by every browser at the same moment, each under a key of its own, and count where they were led."""
    start = Barrier(len(browsers))

    def go(browser: Browser) -> Way:
        start.wait(timeout=30)
        answer = browser.send(path, **fields)
        return answer.status_code, answer.location or ""

    with ThreadPoolExecutor(len(browsers)) as pool:
        return Counter(pool.map(go, browsers))


def test_one_visit_confirmed_by_sixteen_hands_is_credited_once(both: Flask) -> None:
    made = scene(both, served=True)
    fields = {"what": "visit", "number": made.visit, "trust": "desk"}
    answers = at_once(posts(browsers_of(both, made.coordinator), "/confirm", **fields))
    assert answers == {303: HANDS}
    assert (count(both, ServiceRecord), count(both, Transfer)) == (1, 1)
    with both.app_context():
        assert verify().ok


def test_one_form_sent_by_sixteen_tabs_has_one_effect_and_one_answer(both: Flask) -> None:
    made = scene(both, served=True)
    first = browsers_of(both, made.coordinator, 1)[0]
    first.send("/language", locale="zh")  # the browser gets its random name
    tabs = [first] + [open_browser(both) for _ in range(HANDS - 1)]
    with first.session_transaction() as kept:
        same = dict(kept)
    cookie = first.get_cookie("timebank-user")
    assert cookie is not None
    for tab in tabs[1:]:
        tab.set_cookie("timebank-user", cookie.value)
        with tab.session_transaction() as kept:
            kept.update(same)
    answers = at_once(posts(tabs, "/confirm", key="the-same-form", what="visit", number=made.visit, trust="desk"))
    assert answers == {303: HANDS}
    assert (count(both, ServiceRecord), count(both, Transfer)) == (1, 1)


def test_a_meal_round_confirmed_by_sixteen_hands_is_one_record(both: Flask) -> None:
    with both.app_context(), transaction():
        make.set_clock("2026-11-25 10:30")
        community = make.make_community()
        offers = make.make_round(community, make.make_volunteer(community), doors=3)
        make.set_clock("2026-11-25 10:50")
        meals = db.session.scalars(select(Round)).one()
        serving.pick_up(meals, 3)
        make.set_clock("2026-11-25 11:20")
        for each in offers:
            serving.deliver(each)
        coordinator, number = make.make_user(Role.COORDINATOR, community).id, meals.id
    answers = at_once(posts(browsers_of(both, coordinator), "/confirm", what="round", number=number, trust="desk"))
    assert answers == {303: HANDS}
    assert (count(both, ServiceRecord), count(both, Transfer)) == (1, 1)


def test_sixteen_guesses_of_a_visit_code_are_counted_one_by_one_over_the_whole_crew(both: Flask) -> None:
    make.set_clock("2026-11-25 09:30")
    with both.app_context(), transaction():
        community = make.make_community()
        household = make.make_household(community)
        make.make_elder(household)
        crew = [make.make_volunteer(community, user_id=make.make_user(Role.VOLUNTEER, community).id) for _ in range(2)]
        visit = make.make_visit(make.make_request(community, make.make_kind("HAIR", crew=2), household), code="4827")
        offers = [make.make_offer(visit, each, 870, accepted=True).id for each in crew]
        users = [each.user_id or 0 for each in crew]
    make.set_clock("2026-11-25 14:30")
    acts = [
        act
        for made, user in zip(offers, users, strict=True)
        for act in posts(browsers_of(both, user, HANDS // 2), f"/phone/visits/{made}/check-in", code="0000")
    ]
    assert set(at_once(acts)) <= {303, 409}
    with both.app_context():
        assert db.session.scalar(select(func.sum(Offer.code_tries))) == 5
    late = browsers_of(both, users[0], 1)[0]
    assert late.send(f"/phone/visits/{offers[0]}/check-in", code="4827").status_code == 409
    assert late.send(f"/phone/visits/{offers[0]}/check-in").status_code == 303


def test_one_plan_published_by_sixteen_hands_asks_everybody_once(both: Flask) -> None:
    make.set_clock("2026-11-20 10:00")
    with both.app_context(), transaction():
        community = make.make_community()
        home = make.make_household(community)
        make.make_elder(home)
        make.make_request(community, make.make_kind(skills=[]), home)
        carer = make.make_volunteer(community, user_id=make.make_user(Role.VOLUNTEER, community).id)
        for weekday in range(7):
            make.add(Availability(volunteer_id=carer.id, weekday=weekday, start=480, end=1080))
        plan = weeks.open_week(community.id, make.MONDAY)
        visit = db.session.scalars(select(Visit)).one()
        make.add(Assignment(plan_id=plan.id, visit_id=visit.id, volunteer_id=carer.id, day=make.WEDNESDAY, window=2, start=840))
        coordinator, version = make.make_user(Role.COORDINATOR, community).id, plan.version
    answers = at_once(posts(browsers_of(both, coordinator), "/plan/publish", week="2026-W48", version=version))
    assert set(answers) <= {303, 409}
    assert answers[303] == 1
    assert (count(both, Offer), count(both, Notice, Notice.template == "offer")) == (1, 1)


def test_two_colleagues_who_agree_at_one_moment_lengthen_a_record_once(both: Flask) -> None:
    make.set_clock("2026-11-25 16:00")
    with both.app_context(), transaction():
        community = make.make_community(f"pine-{next(make.NUMBERS)}")
        made = record(make.make_volunteer(community), make.make_kind(f"HAIR-{community.id}"), date(2026, 11, 24), 40)
        first, second, third = (make.make_user(Role.COORDINATOR, community) for _ in range(3))
        asked = correct(made, 60, "少记了", first)
        number, people = asked.id, (second.id, third.id)
    hands = [browser for person in people for browser in browsers_of(both, person, HANDS // 2)]
    answers = at_once(posts(hands, f"/proposals/{number}/agree"))
    assert set(answers) <= {303, 409}
    with both.app_context():
        versions = db.session.scalars(select(ServiceRecord.minutes).order_by(ServiceRecord.version)).all()
        agreed = db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.verb == "agree"))
        assert (versions, agreed, verify().ok) == ([40, 60], 1, True)
