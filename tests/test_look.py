"""The look keeps its own rules: strict pages, known icons and classes, colours that can be read."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import Flask, render_template

from tests.browser import build, open_browser
from timebank.paths import PACKAGE, find

CSS = (PACKAGE / "static" / "timebank.css").read_text(encoding="utf-8")
SPRITE = (PACKAGE / "static" / "icons.svg").read_text(encoding="utf-8")
PAGES = sorted(find("templates").rglob("*.html"))
READABLE = 4.5
CONTROL = 3.0


def rendered_classes(text: str) -> set[str]:
    """Return the class names a template writes out, without those it works out."""
    written = " ".join(re.findall(r'class="([^"]*)"', text))
    return {name for name in re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", written).split() if not name.endswith("-")}


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour as WCAG 2 counts it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours named by their tokens."""
    tokens = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})", CSS))
    light, dark = sorted((luminance(tokens[name].ljust(7, "f")) for name in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_no_page_carries_its_own_style_or_script(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_class_of_a_page_has_a_rule(page: Path) -> None:
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", CSS))
    assert rendered_classes(page.read_text(encoding="utf-8")) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_icon_a_page_asks_for_is_drawn(page: Path) -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
    assert set(re.findall(r"\b(?:icon|sign)\('([\w-]+)'", page.read_text(encoding="utf-8"))) <= drawn


def test_the_sprite_is_sound_and_names_nothing_twice() -> None:
    names = [symbol.get("id") for symbol in ET.fromstring(SPRITE)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("ground", ["paper", "white", "paper-elder"])
@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "pine", "sea", "ginkgo", "tile"])
def test_every_ink_can_be_read_on_every_ground(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= READABLE


@pytest.mark.parametrize("family", ["pine", "sea", "ginkgo", "tile"])
def test_dark_words_can_be_read_on_their_soft_ground(family: str) -> None:
    assert contrast(f"{family}-dark", f"{family}-soft") >= READABLE
    assert contrast(family, "white") >= READABLE


def test_the_edge_of_a_control_can_be_seen() -> None:
    assert contrast("edge", "paper") >= CONTROL
    assert contrast("pine-bar", "white") >= CONTROL


def test_the_kit_page_shows_every_part(app: Flask) -> None:
    with app.test_request_context():
        page = render_template("kit.html")
    for part in ("chip", "banner", "board-day", "route-map", "chart", "steps", "empty", "unserved", "field", "day-tabs"):
        assert f'class="{part}' in page
    assert "undefined" not in page.lower()


def test_the_words_of_an_elders_page_are_18_22_or_30_points_high_and_no_page_forbids_to_enlarge_them() -> None:
    """The rulebook's own figures: 18 at least, and a size of 30 to be chosen; one point is one pixel of a page."""
    sizes = {
        name: float(share) * 16 / 100 for name, share in re.findall(r"html\.elder(?:\.size-(\w+))? \{[^}]*?[ ;]font-size: ([\d.]+)%;", CSS)
    }
    assert sizes == {"standard": 18, "": 22, "largest": 30}
    assert [page.name for page in PAGES if re.search(r"user-scalable|maximum-scale", page.read_text(encoding="utf-8"))] == []
    assert set(re.findall(r"text-size-adjust: (\S+?);", CSS)) == {"100%"}


def test_every_page_for_elders_has_a_button_that_reads_it_aloud() -> None:
    frame = (find("templates") / "elder.html").read_text(encoding="utf-8")
    assert re.search(r"<button [^>]*data-read\b", frame)
    assert "elder.js" in frame
    assert "speechSynthesis.speak" in (PACKAGE / "static" / "elder.js").read_text(encoding="utf-8")


def test_the_name_on_the_pages_is_a_setting(tmp_path: Path) -> None:
    page = open_browser(build(tmp_path, product_name="养老互助平台")).get("/sign-in").text
    assert "养老互助平台" in page
    assert "时间银行" not in page
