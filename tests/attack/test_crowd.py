"""Nothing one person does stops the others: a crowd that watches a run, writers behind a lock, one who sends far too much."""

import contextlib
import logging
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import URL, make_url

from tests import databases
from tests.attack import served
from tests.attack.served import DONATE, Phone
from tests.builders import MONDAY
from tests.conftest import migrated
from timebank import clock
from timebank.access import actions as access
from timebank.access.models import User
from timebank.db import db, transaction
from timebank.lanes import LONGEST_LINE, WRITERS, Lane, Turn
from timebank.ledger.models import Transfer, TransferKind
from timebank.planning.actions import runs, weeks
from timebank.planning.models import RunKind, RunState

WAITING, WATCHING, CLIENTS = 20, 64, 16
HEALTHY, READABLE, NOISE = 0.1, 1.0, 0.5

log = logging.getLogger(__name__)  # the figures: pytest -o log_cli=true -o log_cli_level=INFO


@dataclass
class House:
    """A service in a process of its own, and people signed in to it."""

    names: SimpleNamespace
    port: int
    url: URL
    phones: list[Phone]

    def took(self, path: str, cookies: str = "") -> float:
        """Ask for a page and return the seconds until it was there."""
        began = time.monotonic()
        status, _headers, _text = served.ask(self.port, "GET", path, "", {"Cookie": cookies})
        assert status == 200
        return time.monotonic() - began

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every write unit waiting, as a long import by another program does."""
        if self.url.drivername == "sqlite":
            with contextlib.closing(sqlite3.connect(self.url.database or "", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
                other.execute("ROLLBACK")
            return
        with psycopg.connect(self.url.set(drivername="postgresql").render_as_string(hide_password=False)) as another:
            another.execute("LOCK TABLE submission IN EXCLUSIVE MODE")
            yield
            another.rollback()

    def donations(self) -> int:
        """Count what was given away."""
        with self.names.app.app_context():
            return db.session.scalar(select(func.count()).select_from(Transfer).where(Transfer.kind == TransferKind.DONATE)) or 0


@pytest.fixture
def house(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[House]:
    """Serve a community with a rich volunteer who is signed in on five phones; on SQLite unless a test asks for another database."""
    kind = getattr(request, "param", "sqlite")
    server = request.getfixturevalue("server") if kind == "postgresql" else ""
    url = databases.fresh_database(kind, migrated, folder=folder, server=server)
    app, names = served.prepare(url, tmp_path / "instance")
    with app.app_context(), transaction():
        user = access.queries.live_session(names.tokens["volunteer"], clock.now(), idle=True)
        assert user is not None
        names.tokens |= {str(number): access.sign_in(db.session.get_one(User, user.user_id))[0] for number in range(5)}
    with served.serving(tmp_path / "instance", url) as port:
        phones = [served.phone_of(names, port, str(number), "/phone/account") for number in range(5)]
        yield House(names, port, make_url(url), phones)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def donate(house: House, phone: Phone, number: int) -> tuple[int, Message, str]:
    """Give a minute away; return what was answered."""
    return phone.ask(house.port, DONATE, f"in-a-crowd-{number}", minutes=1)


@pytest.mark.parametrize("house", databases.KINDS, indirect=True)
def test_writers_behind_a_lock_hold_up_neither_readers_nor_the_watchman_and_lose_nothing(house: House) -> None:
    with ThreadPoolExecutor(WAITING) as pool:
        with house.locked():
            sent: list[Future[tuple[int, Message, str]]] = [
                pool.submit(donate, house, house.phones[number % 5], number) for number in range(WAITING)
            ]
            health = [house.took("/healthz") for _ in range(40)]
            pages = [house.took("/phone/account", house.phones[0].cookies) for _ in range(10)]
            assert not any(each.done() for each in sent)
        answers = Counter(each.result()[0] for each in sent)
    log.info("%s writers wait: /healthz p50 %.4f s, worst %.4f s; a page at worst %.3f s", WAITING, median(health), max(health), max(pages))
    assert sorted(health)[int(0.9 * len(health))] <= HEALTHY
    assert max(*health, *pages) <= READABLE
    assert answers == {303: WAITING}
    assert house.donations() == WAITING


def test_a_writer_who_finds_the_line_full_is_told_at_once_and_keeps_what_was_typed(house: House) -> None:
    crowd = LONGEST_LINE + WRITERS + 30
    with ThreadPoolExecutor(crowd) as pool:
        with house.locked():
            sent = [pool.submit(donate, house, house.phones[number % 5], number) for number in range(crowd)]
            while sum(each.done() for each in sent) < 30:
                assert house.took("/healthz") < READABLE
            refused = [each.result() for each in sent if each.done()]
        answers = Counter(each.result()[0] for each in sent)
    for status, headers, text in refused:
        assert (status, headers["Retry-After"]) == (503, "5")
        assert "你填的还在，过几秒再试一次" in text
        assert '<input type="hidden" name="minutes" value="1">' in text
    assert answers == {303: crowd - 30, 503: 30}
    assert house.donations() == crowd - 30


@dataclass
class Waiter:
    """A connection that is answered when the test lets it be."""

    name: str
    told: list[str]
    gate: threading.Event
    taken: threading.Event = field(default_factory=threading.Event)
    requests: list[SimpleNamespace] = field(default_factory=lambda: [SimpleNamespace(command="GET")])
    addr: tuple[str] = ("127.0.0.1",)

    def service(self) -> None:
        self.told.append(self.name)
        self.taken.set()
        assert self.gate.wait(30)

    def cancel(self) -> None:
        self.told.append(f"{self.name} given up")


@pytest.fixture
def lane() -> Iterator[Lane]:
    opened = Lane("test", 2, longest=8)
    yield opened
    opened.close()


def crowd_of(lane: Lane, person: str, count: int, told: list[str], gate: threading.Event) -> list[Waiter]:
    waiters = [Waiter(f"{person}{number}", told, gate) for number in range(count)]
    for each in waiters:
        assert lane.add(Turn(each, person))
    return waiters


def test_whoever_sends_much_leaves_half_the_threads_and_the_next_turn_to_others(lane: Lane) -> None:
    told: list[str] = []
    closed, free = threading.Event(), threading.Event()
    free.set()
    greedy = crowd_of(lane, "a", 4, told, closed)
    assert greedy[0].taken.wait(30)
    assert all(each.taken.wait(30) for each in crowd_of(lane, "b", 3, told, free))
    assert told == ["a0", "b0", "b1", "b2"]
    closed.set()
    assert all(each.taken.wait(30) for each in greedy)


def test_a_line_is_bounded_and_no_person_takes_more_than_half_of_it(lane: Lane) -> None:
    told: list[str] = []
    gate = threading.Event()
    for person in ("a", "b"):
        assert crowd_of(lane, person, 1, told, gate)[0].taken.wait(30)
    for person in ("a", "b"):
        crowd_of(lane, person, 4, told, gate)
        assert not lane.add(Turn(Waiter(person, told, gate), person))
    assert not lane.add(Turn(Waiter("c", told, gate), "c"))
    gate.set()


def test_a_lane_that_closes_gives_up_on_who_still_waits() -> None:
    told: list[str] = []
    gate = threading.Event()
    lane = Lane("test", 2)
    waiters = crowd_of(lane, "a", 3, told, gate)
    assert waiters[0].taken.wait(30)
    threading.Timer(0.1, gate.set).start()
    lane.close()
    assert told == ["a0", "a1 given up", "a2 given up"]


@dataclass
class Watcher:
    """A page that asks how far a run is, at the pace of its script."""

    house: House
    run: int
    cookies: str
    first: float
    opened: threading.Barrier
    stop: threading.Event
    asked: Counter[int] = field(default_factory=Counter)

    def watch(self) -> None:
        page = served.ask(self.house.port, "GET", f"/plan/runs/{self.run}", "", {"Cookie": self.cookies})[2]
        mark, pause = '"' + re.findall('data-mark="([^"]+)"', page)[0] + '"', self.first
        self.opened.wait(served.PATIENCE)
        with contextlib.closing(HTTPConnection("127.0.0.1", self.house.port, timeout=served.PATIENCE)) as connection:
            while not self.stop.wait(pause):
                connection.request("GET", f"/plan/runs/{self.run}/news", headers={"Cookie": self.cookies, "If-None-Match": mark})
                answer = connection.getresponse()
                answer.read()
                self.asked[answer.status] += 1
                mark = answer.headers.get("ETag") or mark
                pause = 1.0 if answer.status == 200 else min(max(1.0, 1.5 * pause), 4.0)


def waiting_run(house: House) -> int:
    """Return a run that is under way and tells nothing."""
    with house.names.app.app_context(), transaction():
        run = runs.queue_run(weeks.open_week(house.names.community, MONDAY), RunKind.SOLVE, 60, send=False)
        run.state, run.started_at, run.heartbeat = RunState.RUNNING, clock.now(), clock.now()
        return run.id


def latencies(house: House, seconds: float) -> list[float]:
    """Let clients open a page as fast as they are answered; return every wait."""
    end = time.monotonic() + seconds

    def client(number: int) -> list[float]:
        waits = []
        while time.monotonic() < end:
            waits.append(house.took("/phone/account", house.phones[number % 5].cookies))
        return waits

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sorted(wait for waits in pool.map(client, range(CLIENTS)) for wait in waits)


def p99(waits: list[float]) -> float:
    return waits[int(0.99 * (len(waits) - 1))]


@pytest.mark.parametrize("seconds", [2.0, pytest.param(15.0, marks=pytest.mark.long)])
def test_sixty_four_pages_that_watch_a_run_slow_nobody_down(house: House, seconds: float) -> None:
    run = waiting_run(house)
    desk = served.phone_of(house.names, house.port, "office", "/confirm")
    alone = latencies(house, seconds)
    opened, stop = threading.Barrier(WATCHING + 1), threading.Event()
    watchers = [Watcher(house, run, desk.cookies, number / WATCHING, opened, stop) for number in range(WATCHING)]
    with ThreadPoolExecutor(WATCHING) as pool:
        for each in watchers:
            pool.submit(each.watch)
        opened.wait(served.PATIENCE)
        watched = latencies(house, seconds)
        stop.set()
    asked = sum((each.asked for each in watchers), Counter())
    log.info("%s watch, %s asked; p99 of a page %.3f s alone, %.3f s watched", WATCHING, dict(asked), p99(alone), p99(watched))
    assert set(asked) == {304}
    assert p99(watched) <= 2 * p99(alone) + (NOISE if seconds < 10 else 0)
