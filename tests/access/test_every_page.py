"""Every page opens: each address of the policy table in a community with nothing, with one of each and with far too much in it."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from werkzeug.routing import Rule

from tests.access import communities, questions
from tests.access.addresses import address, methods, rules
from tests.access.communities import Place
from tests.browser import Browser
from tests.reads import counted
from timebank.access.models import Role, User
from timebank.access.policy import ANY, POLICY, PUBLIC
from timebank.cases.models import Ticket
from timebank.cases.registers import Club, GiftPlace
from timebank.catalogue.models import ServiceKind
from timebank.certificates.models import Certificate, CertificateBatch
from timebank.db import db
from timebank.elders.models import Elder, FamilyClaim
from timebank.exchange.columns import WORKBOOKS
from timebank.exchange.models import ImportBatch
from timebank.places.models import Building, Canteen, Community, Station, Street
from timebank.planning.models import PlanRun, Publication
from timebank.posts.models import Post, Shift
from timebank.records.models import OlderBatch
from timebank.reports.issued import IssuedStatement
from timebank.stations.models import Course, Item, ServiceSession
from timebank.visits.calls import ElderCall
from timebank.visits.duties import Duty
from timebank.visits.entries import ManualEntry
from timebank.visits.models import HelpRequest, Offer, ServiceRecord, Visit
from timebank.volunteers.models import Team, TeamMember, Unit, Volunteer

ROWS: dict[str, type[Any]] = {
    "batch_id": CertificateBatch,
    "building_id": Building,
    "kind_id": ServiceKind,
    "claim_id": FamilyClaim,
    "canteen_id": Canteen,
    "certificate_id": Certificate,
    "duty_id": Duty,
    "elder_id": Elder,
    "entry_id": ManualEntry,
    "import_id": ImportBatch,
    "older_id": OlderBatch,
    "post_id": Post,
    "shift_id": Shift,
    "offer_id": Offer,
    "record_id": ServiceRecord,
    "request_id": HelpRequest,
    "publication_id": Publication,
    "run_id": PlanRun,
    "statement_id": IssuedStatement,
    "street_id": Street,
    "member_id": TeamMember,
    "team_id": Team,
    "ticket_id": Ticket,
    "place_id": GiftPlace,
    "club_id": Club,
    "unit_id": Unit,
    "user_id": User,
    "visit_id": Visit,
    "station_id": Station,
    "session_id": ServiceSession,
    "course_id": Course,
    "item_id": Item,
    "volunteer_id": Volunteer,
    "elder_call_id": ElderCall,
    "family_claim_id": FamilyClaim,
}
NOBODY = 999_999
WORDS: dict[str, tuple[object, ...]] = {
    "chosen": ("large", "ordinary"),
    "code": ("HAIR", "MEAL", "x"),
    "day": ("2026-11-25", "2026-11-28", "x"),
    "filename": ("timebank.css",),
    "group_id": (1, 999_999),
    "kind": ("team", "unit", "x"),
    "month": ("2026-11", "2026-02", "2026-10", "x"),
    "number": ("x",),
    "one": (1, NOBODY),
    "other": (2, NOBODY),
    "part": (1, 99),
    "stem": (WORKBOOKS[0].stem, "x"),
    "token": ("x",),
    "secret": ("x",),
    "weekday": (0, 6),
    "word": ("sms", "mail", "robot", "x"),
    "year": (2026, 1999),
}
ASKED: dict[str, tuple[str, ...]] = {
    "planning.week": ("week=2026-W48", "week=2026-W30", "week=2026-W48&day=2026-11-25", "week=2026-W48&view=list"),
    "planning.look": ("visits=1&seen=x&taker=1&day=2026-11-25&start=14:00",),
    "planning.diff": ("week=2026-W48", "week=2026-W30"),
    "planning.beside": ("week=2026-W48", "week=2026-W30"),
    "planning.advice": ("week=2026-W30",),
    "planning.what_if": ("week=2026-W30",),
    "people.set_state": ("state=moved",),
    "group_messages.choose": ("group=everybody", "group=x"),
    "phone.decline": ("pick=o1", "pick=r1"),
    "people.search": ("q=王", "q=鞠&page=2"),
    "today.cannot_come": ("who=1",),
    "stations.session": ("q=鞠", "q=1"),
    "stations.items": ("gone=1", "q=W0001"),
    "stations.bring": ("q=鞠",),
    "stations.sessions": ("gone=1",),
    "stations.courses": ("gone=1",),
    "reports.report": ("month=2026-11", "month=2026-02"),
}
SIZES: dict[str, Callable[[Flask], Place]] = {
    "empty": communities.empty,
    "one": communities.one_of_each,
    "crowd": communities.crowd,
    "huge": communities.huge,
}
# A machine that others use at the same time may be slow; what this keeps out is a page that grows with the square of its rows.
MOST_SECONDS, MOST_BYTES = 8.0, 1_000_000
# Pages that lead on, that the demo alone has, that want a token, a paper, a picture or a file which no town has, or that an elder's own
# telephone or one that nobody knows comes to (tests/journeys/test_elder_own.py and tests/family/test_own.py open those), or that want a
# visit to come of one's own (tests/planning/test_hands.py and tests/desk/test_door_card.py).
ELSEWHERE = {"access.home", "access.code", "access.link", "family.check", "family.size", "frame.kit", "vendor"}
ELSEWHERE |= {
    "badge.at_door",
    "exchange.report",
    "feeds.calendar_of",
    "many.look",
    "metrics.figures",
    "office.start",
    "office.link",
    "access.unknown",
    "badge.check",
    "badge.my_photo",
    "badge.shown_photo",
    "lunch.answer",
    "own.called",
    "own.home",
    "own.not_today",
    "shopping.desk_photo",
    "shopping.my_photo",
    "shopping.own_photo",
    "swaps.ask",
    "certificates.batch_papers",
    "certificates.batch_bundle",
    "certificates.check_link",
}


def openers(endpoint: str) -> list[Role | None]:
    """Return who may open a page, a visitor first."""
    rule = POLICY[endpoint]
    if isinstance(rule, str):
        return [None, *Role] if rule == PUBLIC else list(Role) if rule == ANY else []
    return sorted(rule)


def fillings(rule: Rule) -> Iterator[dict[str, object]]:
    """Give what the parts of an address can be: the first and the last row there is, and one that there is not."""
    choices = [[(name, value) for value in _values(name)] for name in sorted(rule.arguments)]
    yield from (dict(each) for each in itertools.product(*choices))


def _values(name: str) -> tuple[object, ...]:
    """Return what one part can be."""
    if name == "slug":
        return (*db.session.scalars(select(Community.slug)), "x")
    if name not in ROWS:
        return WORDS[name]
    rows = select(ROWS[name].id).order_by(ROWS[name].id)
    numbers = db.session.scalars(rows.where(User.role == Role.TEAM_LEAD) if name == "user_id" else rows).all()
    if name == "run_id":  # each ended in another way
        return (*numbers, NOBODY)
    return (*dict.fromkeys((*numbers[:1], *numbers[-1:])), NOBODY)


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """Give every address that can be opened, with its page's name."""
    for rule in rules(app):
        if "GET" not in methods(rule):
            continue
        for filled in fillings(rule):
            plain = address(app, rule, **filled)
            yield from ((rule.endpoint, each) for each in (plain, *(f"{plain}?{asked}" for asked in ASKED.get(rule.endpoint, ()))))


@dataclass
class Seen:
    """What was found on the way through every page; ``asked`` is how many questions a page put to the database, at most."""

    engine: Engine
    opened: set[str] = field(default_factory=set)
    faults: list[tuple[str, Role | None, int]] = field(default_factory=list)
    slow: list[tuple[str, float]] = field(default_factory=list)
    large: list[tuple[str, int]] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)

    def open(self, browser: Browser, role: Role | None, endpoint: str, path: str) -> None:
        """Open a page."""
        began = time.monotonic()
        with counted(self.engine) as statements, browser.get(path) as answer:
            took, length = time.monotonic() - began, len(answer.data)
        if answer.status_code >= 500:
            self.faults.append((path, role, answer.status_code))
        if answer.status_code == 200:
            self.opened.add(endpoint)
            self.asked[endpoint] = max(len(statements), self.asked.get(endpoint, 0))
        if took > MOST_SECONDS:
            self.slow.append((path, round(took, 1)))
        if length > MOST_BYTES:
            self.large.append((path, length))


def some(every: list[Role | None]) -> list[Role | None]:
    """Return the first and the last who may open a page."""
    return list(dict.fromkeys((every[0], every[-1]))) if every else []


def of_the_office(every: list[Role | None]) -> list[Role | None]:
    """Return a coordinator where they may open a page, else an administrator where they may, else nobody."""
    return [each for each in (Role.COORDINATOR, Role.ADMIN) if each in every][:1]


@pytest.mark.parametrize("size", ["empty", "one"])
def test_every_page_opens_in_a_community_of_any_size(app: Flask, size: str) -> None:
    open_all(app, size, some)


def test_no_page_of_the_office_asks_more_in_a_crowd(app: Flask) -> None:
    """Forty volunteers and sixty doors are asked for within the bounds that hold for one of each: a question for each row would be more."""
    open_all(app, "crowd", of_the_office)


@pytest.mark.long
@pytest.mark.parametrize("size", ["empty", "one"])
def test_every_page_opens_for_everybody_who_may_open_it(app: Flask, size: str) -> None:
    """Half a minute each: every page by every role, where one run looks at two of them."""
    open_all(app, size, list)


@pytest.mark.long
def test_every_page_opens_in_a_community_far_too_large(app: Flask) -> None:
    """Minutes, for all that is in it."""
    open_all(app, "huge", lambda every: every[:1])


def open_all(app: Flask, size: str, chosen: Callable[[list[Role | None]], list[Role | None]]) -> None:
    """Open every page; it may refuse in words, it is never a fault of ours, and never without end."""
    place = SIZES[size](app)
    app.testing = False
    with app.app_context():
        every = [each for each in pages(app) if size in {"empty", "one"} or str(NOBODY) not in each[1]]
        engine = db.engine
    browsers = {role: place.browser(app, role) for role in [None, *Role]}
    seen = Seen(engine)
    for endpoint, path in every:
        for role in chosen(openers(endpoint)):
            seen.open(browsers[role], role, endpoint, path)
    assert (seen.faults, seen.slow, seen.large) == ([], [], [])
    assert questions.too_many(seen.asked) == {}
    if size == "one":
        assert sorted({endpoint for endpoint, _path in every} - seen.opened - ELSEWHERE) == []
