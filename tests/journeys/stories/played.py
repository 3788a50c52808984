"""A demo played once, as its command plays it, and windows on it in which its people are signed in."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from tests.journeys.conftest import DESKTOP, Site, serve
from tests.journeys.test_week import sign_in
from timebank import clock
from timebank.access.models import Role, User
from timebank.app import create_app
from timebank.cli import main
from timebank.config import Settings
from timebank.db import db
from timebank.demo.doors import doors
from timebank.demo.playing import STORIES
from timebank.demo.week import SERVED
from timebank.places.models import Community
from timebank.visits.models import ServiceRecord


def run(*command: str) -> str:
    """Run a command that must end well and return what it said."""
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def played(folder: Path, name: str) -> Flask:
    """Play a demo, which ends with a sound ledger, and return the service that shows it."""
    said = run("demo", "--community", name, "--no-serve", "--seconds", "2", "--folder", str(folder / name))
    assert "The ledger is whole" in said
    assert "re-planning" in said
    return create_app(Settings.load(instance=str(folder / name), demo=True))


def shows_itself(app: Flask, name: str) -> None:
    """Everybody of the offices is named with a link, and every community has lived days on record."""
    clock.clock.start_at(SERVED)
    story = STORIES[name]
    lines = "\n".join(doors(app, "http://here"))
    for office in story.offices:
        assert office.coordinator[0] in lines
        for _, (phone, _name) in office.others:
            assert phone in lines
    assert "volunteer asked" in lines
    assert "志愿者，今天" in lines
    assert "family" in lines
    lived = select(Community.slug, func.count(ServiceRecord.id)).join(ServiceRecord, ServiceRecord.community_id == Community.id)
    assert set(dict(db.session.execute(lived.group_by(Community.slug)).all())) == {office.slug for office in story.offices}


def count(*of: Any) -> int:
    """Return how many rows of a table meet some conditions."""
    table, *conditions = of
    return db.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


@dataclass
class Town:
    """A demo that is served, on the Wednesday on which it stops."""

    site: Site

    def of(self, role: Role, place: str | None = None, size: dict[str, int] | None = None) -> Page:
        """Open a window in which the first of a role is signed in, of a community by its name."""
        with self.site.app.app_context():
            mine = select(User.id).where(User.role == role).order_by(User.id)
            if place is not None:
                mine = mine.join(Community, Community.id == User.community_id).where(Community.name == place)
            number = db.session.scalars(mine).first()
        assert number is not None
        return self.somebody(number, size)

    def somebody(self, user: int, size: dict[str, int] | None = None) -> Page:
        """Open a window in which somebody is signed in."""
        page = self.site.window(size or DESKTOP)
        sign_in(self.site, page, user)
        return page

    def names(self) -> list[str]:
        """Return the names of its communities."""
        with self.site.app.app_context():
            return list(db.session.scalars(select(Community.name).order_by(Community.id)))

    def reads(self, page: Page, path: str, *words: str) -> None:
        """Open a page; all of this stands on it."""
        page.goto(path)
        for word in words:
            expect(page.locator("body")).to_contain_text(word, use_inner_text=True)

    def sums(self, places: Iterable[str], path: str, pattern: str) -> list[int]:
        """Open a page at the desk of each of some communities and add up, over all of them, the figures a pattern finds in its words."""
        found = []
        for place in places:
            desk = self.of(Role.COORDINATOR, place)
            desk.goto(path)
            words = re.search(pattern, " ".join(desk.locator("main").inner_text().split()))
            assert words is not None, (place, path)
            found.append([int(each.replace(",", "")) for each in words.groups()])
        return [sum(each) for each in zip(*found, strict=True)]


@contextlib.contextmanager
def town(app: Flask, browser: Browser) -> Iterator[Town]:
    """Serve a demo; no page of it may complain."""
    clock.clock.start_at(SERVED)
    with serve(app) as base:
        site = Site(app, base, browser)
        yield Town(site)
        for context in site.contexts:
            context.close()
    assert site.complaints == []
