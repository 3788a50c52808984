"""Chinese first and English whole: every text a reader can meet is in the catalogue, and nothing stands outside it."""

import ast
import itertools
import os
import re
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.support import Translations

from timebank import translations

ROOT = Path(__file__).resolve().parents[2]
PO = ROOT / "timebank" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
Message = tuple[str | None, str]  # what sense it has where it has several, and its Chinese
LATIN = re.compile(r"[A-Za-z]{2,}")
PLACES = re.compile(r"%\((\w+)\)")
# What the catalogue carries: {% trans %}, _('…') in expressions, and comments that readers never see.
MARKED = re.compile(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}}


REFUSALS = (
    *(
        "CannotBe",
        "Conflict",
        "Damaged",
        "Invalid",
        "Missing",
        "NotAllowed",
        "NotAvailable",
        "NotFound",
        "NotListed",
        "NotPublic",
        "NotSignedIn",
    ),
    *("Overtaken", "Refusal", "Stale", "TooMany"),
)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "Sentence", "Template", *REFUSALS)),
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "of": ((1, "c"), 2),
    "many": (2,),
    "many_of": ((1, "c"), 3),
    "wrong": (2,),
    "remark": (2,),
    "worded": (3,),
}


@cache
def said() -> set[Message]:
    """Return every message the code and the pages can say, with its context; of one with a plural, the first form."""
    found: set[Message] = set()
    for folder in ("timebank", "templates"):
        for _file, _line, message, _comments, context in extract_from_dir(ROOT / folder, METHODS, OPTIONS, keywords=KEYWORDS):
            found.add((context, message if isinstance(message, str) else message[0]))
    return found


@cache
def catalogue() -> dict[Message, list[str]]:
    """Return the English catalogue: of every message its one form, or both where English has a plural."""
    listed: dict[Message, list[str]] = {}
    for message in read_po(BytesIO(PO.read_bytes()), locale="en"):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            listed[message.context, key] = (
                [] if message.fuzzy else [message.string] if isinstance(message.string, str) else list(message.string)
            )
    return listed


def test_every_message_has_its_english() -> None:
    known = catalogue()
    assert sorted((text for text in said() if not all(known.get(text) or [""])), key=str) == []


def test_the_catalogue_carries_nothing_nobody_says() -> None:
    assert sorted(set(catalogue()) - said(), key=str) == []


def foreign(text: str, form: str) -> str:
    """Return an English form without what it may leave in Chinese: names of sheets, columns and answers that the message quotes as well."""
    for quoted in sorted(re.findall("“([^”]+)”", text), key=len, reverse=True):
        form = form.replace(quoted, "")
    return form


def test_english_keeps_the_places_of_the_chinese_and_no_chinese_but_what_is_typed() -> None:
    wrong = [
        text
        for (_context, text), forms in catalogue().items()
        for form in forms
        if CHINESE.search(foreign(text, form)) or not set(PLACES.findall(form)) <= set(PLACES.findall(text))
    ]
    missing = [text for (_context, text), forms in catalogue().items() if set(PLACES.findall(forms[-1])) != set(PLACES.findall(text))]
    assert (wrong, missing) == ([], [])


@pytest.mark.parametrize("page", sorted((ROOT / "templates").rglob("*.html")), ids=lambda page: str(page.relative_to(ROOT / "templates")))
def test_no_text_of_a_page_stands_outside_the_catalogue(page: Path) -> None:
    left = MARKED.sub("", page.read_text(encoding="utf-8"))
    assert [line.strip() for line in left.splitlines() if CHINESE.search(line)] == []


def test_a_catalogue_behind_its_source_is_compiled_anew_and_one_that_is_not_stays(tmp_path: Path) -> None:
    source = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_bytes(PO.read_bytes())
    compiled = source.with_suffix(".mo")
    translations.refresh(tmp_path)
    with compiled.open("rb") as file:
        assert Translations(file).ugettext("今天") == "Today"
    assert translations.compile_catalogues(tmp_path, only_stale=True) == []
    later = compiled.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert translations.compile_catalogues(tmp_path, only_stale=True) == [compiled]
    assert [path.name for path in source.parent.iterdir() if path.suffix == ".mo"] == ["messages.mo"]


def test_a_folder_that_cannot_be_written_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object, **_more: object) -> None:
        raise PermissionError

    monkeypatch.setattr(translations, "compile_catalogues", refused)
    translations.refresh(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nobody_speaks_of_deposits_loans_or_interest() -> None:
    """Time is no money, so no page, paper or message has the words of a bank; that nothing bears interest is said in other ones."""
    with PO.open("rb") as file:
        texts = [str(each.id) for each in read_po(file) if each.id]
    for room in ("templates", "timebank"):
        texts += [path.read_text(encoding="utf-8") for kind in ("html", "py", "js") for path in sorted((ROOT / room).rglob(f"*.{kind}"))]
    assert [text[:80] for text in texts if re.search("存款|贷款|利息|利率|兑现|提现", text)] == []


def test_no_two_languages_stand_side_by_side_in_code() -> None:
    """Its English is looked up in the catalogue; the demo's own people and places are data, as an office's are."""
    beside = []
    for path in sorted((ROOT / "timebank").rglob("*.py")):
        if {"migrations", "demo"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            words = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
            said = [_text(each) for each in words]
            beside += [
                f"{path.relative_to(ROOT)}:{node.lineno} {first}"
                for first, second in itertools.pairwise(said)
                if CHINESE.search(first) and LATIN.search(second) and not CHINESE.search(second)
            ]
    assert beside == []


def _text(node: ast.expr) -> str:
    """Return the words of a string, with or without places, nothing for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return ""
