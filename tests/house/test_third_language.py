"""A third language is one catalogue and no line of code: a made-up one, in which every word of the product stands in brackets.

Whatever stands on a page outside the brackets and is not somebody's own data was never given to a catalogue.
"""

import csv
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.dates import get_day_names, get_month_names
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from flask import Flask

from matching import reasons
from tests import browser, databases
from tests.conftest import migrated
from tests.house import test_english_pages as english
from timebank import seeding, sentences, translations
from timebank.db import db, transaction
from timebank.handbook import settings

LANGUAGE = "eo"
OPEN, CLOSE = "⟦", "⟧"
OF_A_DAY = re.compile(r"^(?=.*[dMy])[dMyEHm年月日:\s]+$")
OF_THE_CATALOGUE = ("service_kind", "skill")  # the product's own words, although they stand in the database
WORD = re.compile(r"[A-Za-z]*[a-z][A-Za-z]+|[\u4e00-\u9fff]+")
DIGEST = re.compile(r"[a-f]+")
INNERMOST = re.compile(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
NO_WORDS = ("km", "kB", "Excel", "xlsx", "csv", "English", "Esperanto", "Ctrl")  # units, files, keys and what languages call themselves
FOR_PROGRAMS = ("/api",)  # the page of the interface names its doors as programs do, in English
SOURCE = Path(translations.__file__).parent / "en" / "LC_MESSAGES" / "messages.po"


def made_up() -> Catalog:
    """Return a catalogue that puts every message in brackets; the shape of a day is left as English has it."""
    with SOURCE.open("rb") as lines:
        known = read_po(lines, locale="en")
    made = Catalog(locale=LANGUAGE)
    for message in known:
        if not message.id:
            continue
        if isinstance(message.id, str):
            own = message.string if OF_A_DAY.match(message.id) else f"{OPEN}{message.id}{CLOSE}"
        else:
            own = tuple(f"{OPEN}{each}{CLOSE}" for each in (message.id[0],) * made.num_plurals)
        made.add(message.id, own, context=message.context)
    for text in of_files():
        made.add(text, re.sub(r"^(.*)$", rf"{OPEN}\1{CLOSE}", text, flags=re.DOTALL))
    return made


def of_files() -> Iterator[str]:
    """Give what the product's own files say in Chinese and English: its services, skills and rules, its settings, the engine's sentences."""
    for name in ("service_kinds", "skills", "credit_rules"):
        with (seeding.catalogue_folder() / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            yield from (row[column] for row in csv.DictReader(file) for column in ("name", "group") if row.get(column))
    yield from settings.MEANINGS.values()
    for table in (reasons.RULES, reasons.REASONS, reasons.REASONS_OF_CREW, reasons.FIXES, reasons.TERMS, reasons.WHY):
        yield from (each.zh for each in table.values())


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder of catalogues in which the made-up one lies beside English."""
    for language, written in (("en", SOURCE.read_bytes()), (LANGUAGE, None)):
        source = tmp_path / language / "LC_MESSAGES" / "messages.po"
        source.parent.mkdir(parents=True)
        if written is None:
            with source.open("wb") as out:
                write_po(out, made_up(), width=0)
        else:
            source.write_bytes(written)
    monkeypatch.setattr(sentences, "FOLDER", tmp_path)
    _forget()
    yield tmp_path
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    sentences.catalogue.cache_clear()
    sentences.languages.cache_clear()


class Words(HTMLParser):
    """What a reader reads or hears of a page: its text, and the attributes that are spoken or shown."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")
    UNSEEN = ("script", "style", "code", "pre", "template")

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what is spoken of an element; what is of another language on purpose says so (``lang``)."""
        if tag in self.UNSEEN or (tag != "html" and "lang" in dict(attrs)):
            self._within.append(tag)
        if tag != "html":
            self.found += [value for name, value in attrs if name in self.SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        """Keep text."""
        if not self._within and data.strip():
            self.found.append(data)


def outside(page: str, data: frozenset[str]) -> list[str]:
    """Return the words of a page that are neither in brackets nor somebody's own data."""
    reading = Words()
    reading.feed(page)
    left = []
    for text in reading.found:
        shown, found = text, 1
        while found:
            shown, found = INNERMOST.subn(" ", shown)
        left += [word for word in WORD.findall(shown) if word not in data and not DIGEST.fullmatch(word)]
    return left


def own_data(app: Flask) -> frozenset[str]:
    """Return the words that stand in the database: names, places, what somebody wrote."""
    words = set(NO_WORDS)
    with app.app_context():
        for table in db.metadata.sorted_tables:
            if table.name in OF_THE_CATALOGUE:
                continue
            for row in db.session.execute(table.select()):
                for value in row:
                    words.update(WORD.findall(str(value)) if isinstance(value, str | dict | list) else ())
    for day in range(1, 13):
        words.update(
            WORD.findall(get_month_names("wide", locale=LANGUAGE)[day] + " " + get_month_names("abbreviated", locale=LANGUAGE)[day])
        )
    for day in range(7):
        words.update(WORD.findall(get_day_names("wide", locale=LANGUAGE)[day] + " " + get_day_names("abbreviated", locale=LANGUAGE)[day]))
    return frozenset(words)


@pytest.fixture
def service(third: Path, tmp_path: Path, folder: Path) -> Iterator[Flask]:
    """Give a service that knows three languages, over a new database."""
    app = browser.build(tmp_path, database_url=databases.fresh_database("sqlite", migrated, folder=folder))
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_third_language_needs_one_catalogue_and_every_page_speaks_it(service: Flask) -> None:
    with service.app_context(), transaction():
        town = english.build()
    data, left = own_data(service), {}
    for role, starts in {**english.STARTS, None: english.VISITOR}.items():
        reader = browser.open_browser(service) if role is None else english.signed_in(service, town[role])
        assert reader.send("/language", locale=LANGUAGE).status_code == 303
        for path, page in english.walk(service, reader, starts).items():
            assert f'<html lang="{LANGUAGE}"' in page, path
            if not path.startswith(FOR_PROGRAMS) and (found := outside(page, data)):
                left[f"{role} {path}"] = found
    assert left == {}
