"""A community behind real servers: processes of their own over one database, and clients that send what a phone sends."""

import contextlib
import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

from flask import Flask

from tests import builders as make
from tests.browser import build
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.ledger import actions as ledger
from timebank.serving import free_port
from timebank.visits.models import Offer, OfferState, Outcome, Visit, VisitState

MORTAL = Path(__file__).parent / "mortal.py"
PATIENCE = 60
DONATE = "/phone/account/donations"


@dataclass(frozen=True)
class Answer:
    """What came back, with what differs between any two pages left out."""

    status: int
    location: str
    body: str


@dataclass
class Phone:
    """A client that keeps its cookies and its token, and begins a new connection for each request."""

    cookies: str
    token: str

    def post(self, port: int, path: str, key: str, **fields: object) -> Answer:
        """Send a form."""
        status, headers, text = self.ask(port, path, key, **fields)
        return Answer(status, headers.get("Location", ""), re.sub(r'value="[^"]*"', "", text))

    def ask(self, port: int, path: str, key: str, **fields: object) -> tuple[int, Message, str]:
        """Send a form and return the answer as it came."""
        body = urlencode({"csrf_token": self.token, "_key": key, **fields})
        headers = {"Cookie": self.cookies, "Content-Type": "application/x-www-form-urlencoded"}
        return ask(port, "POST", path, body, headers)


def ask(port: int, method: str, path: str, body: str | bytes, headers: dict[str, str]) -> tuple[int, Message, str]:
    """Ask a server once."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def prepare(url: str, instance: Path) -> tuple[Flask, SimpleNamespace]:
    """Build a community with a rich volunteer and a coordinator, and sign both in."""
    app = build(instance, database_url=url)
    with app.app_context(), transaction():
        community = make.make_community()
        user = make.make_user(Role.VOLUNTEER, community)
        volunteer = make.make_volunteer(community, user_id=user.id)
        office = make.make_user(Role.COORDINATOR, community)
        ledger.grant(volunteer.account_id, 40_000, source="test", idem=("test", "1"), actor="user:0")
        tokens = {who: access.sign_in(db.session.get_one(User, each.id))[0] for who, each in {"volunteer": user, "office": office}.items()}
        names = SimpleNamespace(
            community=community.id, volunteer=volunteer.id, account=volunteer.account_id, office=office.id, tokens=tokens, app=app
        )
    with app.test_request_context():
        names.cookie = guards.cookie_name()
    return app, names


def visits_done(names: SimpleNamespace, count: int) -> list[int]:
    """Add visits of one minute that are done and wait for a confirmation, to as many volunteers as keep a day's bounds."""
    numbers = []
    with names.app.app_context(), transaction():
        community = db.session.get_one(make.Community, names.community)
        home, kind = make.make_household(community), make.make_kind("HAIR", minutes=10)
        started = make.clock.now() - make.timedelta(hours=30)
        for place in range(count):
            if place % 100 == 0:
                carer = make.make_volunteer(community)
                request = make.make_request(community, kind, home, dates=[])
            visit: Visit = make.make_visit(request, started.date() - make.timedelta(days=place % 100), state=VisitState.DONE, minutes=10)
            begun = started - make.timedelta(days=place % 100)
            make.add(
                Offer(
                    visit_id=visit.id, volunteer_id=carer.id, day=begun.date(), start=600, state=OfferState.ACCEPTED, sent_at=begun,
                    deadline=begun, started_at=begun, ended_at=begun + make.timedelta(minutes=2), code_ok=True, outcome=Outcome.DONE,
                )
            )  # fmt: skip
            numbers.append(visit.id)
    return numbers


def phone_of(names: SimpleNamespace, port: int, who: str, page: str) -> Phone:
    """Return a signed-in client that has opened a page."""
    signed = f"{names.cookie}={names.tokens[who]}"
    _status, headers, text = ask(port, "GET", page, "", {"Cookie": signed})
    kept = "; ".join(each.split(";")[0] for each in headers.get_all("Set-Cookie") or [])
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found is not None, text[:500]
    return Phone(f"{signed}; {kept}", found[1])


@contextlib.contextmanager
def serving(instance: Path, url: str, *, lives: int = 0, seed: int = 1) -> Generator[int]:
    """Serve a database by a process of its own, and end that process afterwards; ``lives`` is how often it dies on the way."""
    port = free_port("127.0.0.1", 18_000)
    command = [sys.executable, str(MORTAL), str(instance), url, str(port), str(lives), str(seed)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=root, env=os.environ | {"PYTHONPATH": str(root)}) as program:
        try:
            wait_for(port)
            yield port
        finally:
            program.terminate()


def lives_begun(instance: Path) -> int:
    """Return how often a server has come to life."""
    return int((instance / "lives").read_text() or 0)


def wait_for(port: int) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if ask(port, "GET", "/healthz", "", {})[0] == 200:
                return
        time.sleep(0.05)
    msg = "the server did not come up"
    raise AssertionError(msg)
