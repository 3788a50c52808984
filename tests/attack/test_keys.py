"""Every unsafe address of the service takes a form once: found from the service's own map, not from its pages."""

import inspect
import re
from collections.abc import Callable, Iterator

from flask import Flask
from sqlalchemy import func, select

from tests.access.test_access_matrix import UNSAFE, address, methods, rules
from tests.attack.test_once import UNCOUNTED
from tests.attack.town import Town
from timebank.audit import AuditRow
from timebank.db import db

# It keeps what somebody typed in their own browser until they sign in, and writes nothing before.
BEFORE_SIGNING_IN = {"family.fill", "lunch.look"}
# It leads back to the page that asks for the phone number first.
WITHOUT_A_PHONE = "access.code"
OPENS = re.compile(r"\bsubmitted\(\)")
CALLS = re.compile(r"\b(\w+)\(")


def room(view: Callable[..., object]) -> str:
    """Return the package, or where it is one file the module, that a room's pages live in."""
    return view.__module__.split(".views")[0]


def said_by(view: Callable[..., object], depth: int = 2) -> Iterator[str]:
    """Yield the source of a view and of what it calls of its own room's pages."""
    source = inspect.getsource(view)
    yield source
    if depth:
        for name in set(CALLS.findall(source)):
            called = getattr(inspect.getmodule(view), name, None)
            if inspect.isfunction(called) and room(called) == room(view) and called is not view:
                yield from said_by(called, depth - 1)


def unsafe_endpoints(app: Flask) -> list[str]:
    return sorted({rule.endpoint for rule in rules(app) if UNSAFE & set(methods(rule))})


def test_every_unsafe_address_opens_its_write_unit_under_a_key(app: Flask) -> None:
    endpoints = unsafe_endpoints(app)
    assert len(endpoints) > 50
    bare = [each for each in endpoints if not any(OPENS.search(source) for source in said_by(inspect.unwrap(app.view_functions[each])))]
    assert set(bare) <= UNCOUNTED | BEFORE_SIGNING_IN


def test_no_unsafe_address_takes_a_form_without_a_key(app: Flask, town: Town) -> None:
    """Whoever asks and whatever the numbers in the address: nothing is led on, nothing is written but that somebody read a door, or was refused."""
    taken = []
    with app.app_context():
        before = db.session.scalar(select(func.max(AuditRow.id)))
    for who in ("coordinator", "one", "family"):
        browser = town.browser(app, who)
        for rule in rules(app):
            if UNSAFE & set(methods(rule)) and rule.endpoint not in UNCOUNTED | BEFORE_SIGNING_IN:
                answer = browser.post(address(app, rule), data={"csrf_token": browser.token()})
                if answer.status_code < 400 and rule.endpoint != WITHOUT_A_PHONE:
                    taken.append((who, rule.endpoint, answer.status_code, answer.location))
    with app.app_context():
        written = set(db.session.scalars(select(AuditRow.verb).where(AuditRow.id > before)))
    assert (taken, written - {"sign_in", "read_door", "refused"}) == ([], set())
