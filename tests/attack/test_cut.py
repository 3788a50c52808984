"""PostgreSQL that cuts its connections: whoever asks is answered all the same, and nothing is done twice or left half done."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests import builders as make
from tests import databases
from tests.browser import Browser, open_browser
from tests.conftest import migrated, served
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.ledger import actions as ledger
from timebank.ledger.models import Transfer, TransferKind
from timebank.service import was_cut, was_overtaken

DONATE = "/phone/account/donations"
CLIENTS, EACH = 4, 12


@pytest.fixture
def grown(server: str, folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """Give the service on PostgreSQL."""
    with served(databases.fresh_database("postgresql", migrated, folder=folder, server=server), tmp_path) as app:
        yield app


def rich_volunteers(app: Flask) -> list[Browser]:
    """Return the browsers of volunteers who can donate."""
    with app.test_request_context():
        cookie = guards.cookie_name()
    browsers = []
    with app.app_context(), transaction():
        community = make.make_community()
        for number in range(CLIENTS):
            user = make.make_user(Role.VOLUNTEER, community)
            volunteer = make.make_volunteer(community, user_id=user.id)
            ledger.grant(volunteer.account_id, 1000, source="test", idem=("test", str(number)), actor="user:0")
            browser = open_browser(app)
            token, _ = access.sign_in(db.session.get_one(User, user.id))
            browser.set_cookie(cookie, token)
            browsers.append(browser)
    return browsers


def test_backends_cut_under_load_cost_nobody_an_answer(grown: Flask) -> None:
    """After every five answers every connection is killed; each donation is answered by a way on and is booked once."""
    browsers = rich_volunteers(grown)
    answered = threading.Semaphore(0)
    over = threading.Event()
    killer = create_engine(make_url(grown.extensions["timebank"].database), poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def kill() -> int:
        killed = 0
        with killer.connect() as connection:
            while not over.is_set():
                for _ in range(5):
                    answered.acquire()
                others = (
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                killed += len(connection.execute(text(others)).all())
        return killed

    def live(browser: Browser) -> list[int]:
        said = []
        for _ in range(EACH):
            said.append(browser.get("/phone/account").status_code)
            answered.release()
            said.append(browser.send(DONATE, minutes=1).status_code)
            answered.release()
        return said

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        killing = pool.submit(kill)
        try:
            answers = [code for said in pool.map(live, browsers) for code in said]
        finally:
            over.set()
            answered.release(5)
        assert killing.result() > CLIENTS
    assert set(answers) == {200, 303}
    with grown.app_context():
        donated = select(func.count()).where(Transfer.kind == TransferKind.DONATE)
        assert db.session.scalar(donated) == CLIENTS * EACH


@pytest.mark.parametrize(
    ("method", "page", "sent", "answer"),
    [
        ("get", "/phone/account", {}, 200),
        ("post", DONATE, {"minutes": 1}, 303),
        ("post", DONATE, {"minutes": 100_000}, 422),
        ("get", "/phone/visits/999999", {}, 404),
        ("post", "/months/close", {"month": "2026-10"}, 403),
    ],
    ids=["a page", "a form", "a refused form", "no such row", "another's door"],
)
def test_whatever_a_request_just_asks_when_it_is_cut_the_reader_is_answered(
    grown: Flask, method: str, page: str, sent: dict[str, int | str], answer: int
) -> None:
    """The first, the second, ... statement of a request finds its connection killed: the answer is the one of an ordinary day."""
    (browser, *_others) = rich_volunteers(grown)
    killer = create_engine(make_url(grown.extensions["timebank"].database), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    asked, cut_at = itertools.count(1), [0]

    def cut(connection: Connection, *_rest: object) -> None:
        if next(asked) == cut_at[0]:
            driver: Any = connection.connection.dbapi_connection
            with killer.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": driver.info.backend_pid})

    with grown.app_context():
        event.listen(db.engine, "before_cursor_execute", cut)
    said = []
    while not said or next(asked) > cut_at[0]:
        asked, cut_at[0] = itertools.count(1), cut_at[0] + 1
        said.append((browser.send(page, **sent) if method == "post" else browser.get(page)).status_code)
    assert len(said) > 3
    assert set(said) == {answer}


def test_nobody_waits_or_works_without_end(grown: Flask) -> None:
    """A connection of the service has its bounds from the start."""
    with grown.app_context():
        seen = [db.session.execute(text(f"SHOW {name}_timeout")).scalar() for name in ("lock", "statement", "idle_in_transaction_session")]
        assert seen == ["5s", "1min", "2min"]
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SET statement_timeout = 50")
            begun = time.monotonic()
            with pytest.raises(OperationalError) as stopped:
                connection.exec_driver_sql("SELECT pg_sleep(5)")
            assert time.monotonic() - begun < 2
        assert not was_cut(stopped.value)
        assert not was_overtaken(stopped.value)


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_whoever_was_ended_for_anothers_sake_begins_anew(grown: Flask, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL says so of a write unit; the second try stands."""
    (browser, *_others) = rich_volunteers(grown)
    donate = grown.view_functions["account.donate"]
    tries: list[int] = []

    def overtaken_once(**values: object) -> object:
        tries.append(1)
        if len(tries) < 3:
            with transaction():
                db.session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'overtaken' USING ERRCODE = '{state}'; END $$"))
        return grown.ensure_sync(donate)(**values)

    monkeypatch.setitem(grown.view_functions, "account.donate", overtaken_once)
    assert browser.send(DONATE, minutes=1).status_code == 303
    assert len(tries) == 3
