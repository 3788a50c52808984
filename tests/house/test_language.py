"""Chinese first and English whole: every text a reader can meet is in the catalogue, and nothing stands outside it."""

import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "timebank" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACES = re.compile(r"%\((\w+)\)")
# What the catalogue carries: {% trans %}, _('…') in expressions, and comments that readers never see.
MARKED = re.compile(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}}


@cache
def said() -> set[str]:
    """Return every message the code and the pages can say."""
    found: set[str] = set()
    for folder in ("timebank", "templates"):
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / folder, METHODS, OPTIONS, keywords={"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}):
            found.update([message] if isinstance(message, str) else message)
    return found


def catalogue() -> Catalog:
    """Return the English catalogue."""
    return read_po(BytesIO(PO.read_bytes()), locale="en")


def test_every_message_has_its_english() -> None:
    known = {message.id: message for message in catalogue() if message.id}
    missing = sorted(text for text in said() if text not in known or not known[text].string or known[text].fuzzy)
    assert missing == []


def test_the_catalogue_carries_nothing_nobody_says() -> None:
    assert sorted(str(message.id) for message in catalogue() if message.id and message.id not in said()) == []


def test_english_keeps_the_places_of_the_chinese_and_no_chinese() -> None:
    wrong = [
        message.id
        for message in catalogue()
        if message.id and (set(PLACES.findall(str(message.id))) != set(PLACES.findall(str(message.string))) or CHINESE.search(str(message.string)))
    ]
    assert wrong == []


@pytest.mark.parametrize("page", sorted((ROOT / "templates").rglob("*.html")), ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_no_text_of_a_page_stands_outside_the_catalogue(page: Path) -> None:
    left = MARKED.sub("", page.read_text(encoding="utf-8"))
    assert [line.strip() for line in left.splitlines() if CHINESE.search(line)] == []
