"""Real servers under real clients: duplicates by the thousand, and processes killed in the middle; nothing twice, nothing lost."""

import http.client
import itertools
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import databases
from tests.attack import served
from tests.attack.served import DONATE, Answer, Phone
from tests.conftest import migrated
from timebank.audit import AuditRow
from timebank.db import db
from timebank.ledger import queries as book
from timebank.ledger.models import Transfer, TransferKind
from timebank.ledger.verify import verify
from timebank.visits.models import ServiceRecord

T = TypeVar("T")
Send = tuple[Phone, str, str, dict[str, object]]
CLIENTS, PROCESSES, TIMES = 32, 2, 5
STORM_IN_CI, STORM = 40, 2_000  # so many forms, each sent five times: 200 and 10,000 requests
KILLS_IN_CI, KILLS = 10, 200


@pytest.fixture(params=databases.KINDS)
def url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Give the address of a fresh database of each kind."""
    server = request.getfixturevalue("server") if request.param == "postgresql" else ""
    made = databases.fresh_database(request.param, migrated, folder=folder, server=server)
    yield made
    databases.drop_database(made, server=server)


def _donations(app: Flask, names: SimpleNamespace) -> tuple[int, int]:
    """Return how many donations there are and what is left of the donor's 40,000 minutes."""
    with app.app_context():
        count = db.session.scalar(select(func.count()).select_from(Transfer).where(Transfer.kind == TransferKind.DONATE)) or 0
        return count, book.balance(names.account)


def _assert_sound(app: Flask) -> None:
    """Check the whole book, and that every posting is on record once."""
    with app.app_context():
        assert verify().ok
        posts = select(func.count(), func.count(AuditRow.subject_id.distinct())).where(AuditRow.verb == "post")
        audited, distinct = db.session.execute(posts).one()
        assert audited == distinct == db.session.scalar(select(func.count()).select_from(Transfer))
        db.session.remove()
        db.engine.dispose()


def _storm(url: str, instance: Path, forms: int) -> None:
    """Send every form five times, from many clients to two processes: half are donations under one key each, half confirmations under fresh ones."""
    app, names = served.prepare(url, instance)
    visits = served.visits_done(names, forms // 2)
    with ExitStack() as servers:
        ports = [servers.enter_context(served.serving(instance, url)) for _ in range(PROCESSES)]
        phone = served.phone_of(names, ports[0], "volunteer", "/phone/account")
        desk = served.phone_of(names, ports[0], "office", "/confirm")
        sends: list[Send] = [(phone, DONATE, f"donation-{number}", {"minutes": 1}) for number in range(forms - len(visits))] * TIMES
        sends += [
            (desk, "/confirm", f"visit-{visit}-{tap}", {"what": "visit", "number": visit, "trust": "desk"})
            for visit in visits
            for tap in range(TIMES)
        ]
        random.Random(1).shuffle(sends)
        with ThreadPoolExecutor(CLIENTS) as pool:
            given = list(pool.map(_send, itertools.cycle(ports), sends))
    _assert_all_taken(given)
    donations = forms - len(visits)
    assert _donations(app, names) == (donations, 40_000 - donations)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(ServiceRecord)) == len(visits)
        assert db.session.scalar(select(func.count()).where(Transfer.kind == TransferKind.EARN)) == len(visits)
    _assert_sound(app)


def _send(port: int, send: Send) -> tuple[str, Answer]:
    """Send one request; return its key with the answer."""
    client, path, key, fields = send
    return key, client.post(port, path, key, **fields)


def _assert_all_taken(given: list[tuple[str, Answer]]) -> None:
    """Check that every request was answered by a way on, and the same key always by the same one."""
    assert {answer.status for _key, answer in given} == {303}
    by_key: dict[str, set[Answer]] = defaultdict(set)
    for key, answer in given:
        by_key[key].add(answer)
    assert [key for key, answers in by_key.items() if len(answers) != 1] == []


def _die(url: str, instance: Path, kills: int, seed: int) -> None:
    """Let a server die again and again under four clients that retry with the same key until they are answered."""
    app, names = served.prepare(url, instance)
    numbers = itertools.count()
    acknowledged: list[str] = []
    with served.serving(instance, url, lives=kills, seed=seed) as port:
        phone = _patiently(lambda: served.phone_of(names, port, "volunteer", "/phone/account"))

        def client(_number: int) -> None:
            on_the_last = False
            while not on_the_last:
                on_the_last = served.lives_begun(instance) > kills
                key = f"donation-{next(numbers)}"
                assert _patiently(lambda key=key: phone.post(port, DONATE, key, minutes=1)).status == 303  # type: ignore[misc]
                acknowledged.append(key)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(client, range(4)))
    assert served.lives_begun(instance) == kills + 1
    assert len(acknowledged) >= kills
    assert _donations(app, names) == (len(acknowledged), 40_000 - len(acknowledged))
    _assert_sound(app)


def _patiently(ask: Callable[[], T]) -> T:
    """Ask until there is an answer, as a phone on a bad line does."""
    end = time.monotonic() + served.PATIENCE
    while True:
        try:
            return ask()
        except (OSError, http.client.HTTPException):
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def test_a_small_storm_of_duplicates_counts_each_once(url: str, tmp_path: Path) -> None:
    _storm(url, tmp_path / "instance", STORM_IN_CI)


@pytest.mark.long
def test_a_storm_of_ten_thousand_requests_counts_each_once(url: str, tmp_path: Path) -> None:
    _storm(url, tmp_path / "instance", STORM)


@pytest.mark.parametrize("url", databases.POSTGRES_IN_THE_LONG_RUN, indirect=True)
def test_ten_deaths_lose_and_double_nothing(url: str, tmp_path: Path) -> None:
    _die(url, tmp_path / "instance", KILLS_IN_CI, seed=1)


@pytest.mark.long
def test_two_hundred_deaths_lose_and_double_nothing(url: str, tmp_path: Path) -> None:
    _die(url, tmp_path / "instance", KILLS, seed=2)
