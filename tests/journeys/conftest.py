"""A real browser against the real service: Chromium or Chrome on this machine, pages served by threads of the test."""

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import databases
from tests.conftest import migrated
from timebank import serving
from timebank.app import create_app
from timebank.config import Settings
from timebank.db import db

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic")
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

expect.set_options(timeout=15_000)  # a machine that runs two tests at once needs longer than one that runs one


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the browser once; without one these tests say so and are skipped."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip("no Chromium or Chrome on this machine: the browser tests were left out")
    sandbox = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox])
        yield browser
        browser.close()


@dataclass
class Site:
    """The running service and the people's windows on it; what their consoles complained of is kept."""

    app: Flask
    base: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def window(self, size: dict[str, int], locale: str = "zh-CN") -> Page:
        """Open a window of somebody's own, with cookies of its own."""
        phone = size == PHONE
        context = self.browser.new_context(viewport=size, locale=locale, is_mobile=phone, has_touch=phone, base_url=self.base)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.contexts.append(context)
        return page


@pytest.fixture
def site(chromium: Browser, tmp_path: Path, folder: Path) -> Iterator[Site]:
    """Serve an empty service on a free port."""
    app = create_app(
        Settings(
            instance=str(tmp_path), database_url=databases.fresh_database("sqlite", migrated, folder=folder), demo=True, solve_seconds=5
        )
    )
    with serve(app) as base:
        opened = Site(app, base, chromium)
        yield opened
        for context in opened.contexts:
            context.close()
    with app.app_context():
        db.engine.dispose()


@contextlib.contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve an app in a thread, with its jobs answered, and give its address."""
    server = serving.server_for(app, "127.0.0.1", 0)
    stopped: Callable[[], None] = server.close
    thread = threading.Thread(target=server.run, daemon=True)
    with serving.answering(1):
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.effective_port}"
        finally:
            stopped()
            thread.join(timeout=5)
