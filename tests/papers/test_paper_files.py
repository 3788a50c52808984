"""What a paper's file itself holds: the marks of PDF/A-2 and PDF/UA-1, tags, a language, and every font inside."""

import re
import shutil
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.papers.test_papers import CERTIFICATE, KITCHEN, NOON, SHEET, STATEMENT
from timebank.papers import pdf
from timebank.papers.facts import Language

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
RARE = "堃㛃䶮"
PAPERS: dict[str, Callable[[Language], bytes]] = {
    "certificate": lambda language: pdf.certificate(replace(CERTIFICATE, volunteer_name=RARE), language=language),
    "statement": lambda language: pdf.statements([replace(STATEMENT, volunteer_name=RARE)], language=language),
    "day sheet": lambda language: pdf.day_sheets([replace(SHEET, volunteer_name=RARE)], NOON, language=language),
    "kitchen sheet": lambda language: pdf.canteen_sheet(KITCHEN, language=language),
}


def unpacked(paper: bytes) -> bytes:
    """Return a file with the contents of its compressed object streams behind it."""
    inner = []
    for packed in STREAM.findall(paper):
        try:
            inner.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return b"\n".join([paper, *inner])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_carries_the_marks_of_pdf_a_2_and_pdf_ua_1(name: str, language: Language) -> None:
    found = unpacked(PAPERS[name](language))
    assert b"<pdfaid:part>2</pdfaid:part>" in found
    # Level A is level B and more: everything 2b asks for, and the tags.
    assert re.search(rb"<pdfaid:conformance>[AB]</pdfaid:conformance>", found)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in found
    assert b"/OutputIntents" in found
    assert b"/Encrypt" not in found
    assert b"/JavaScript" not in found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_tagged_titled_and_says_its_language(name: str, language: Language) -> None:
    found = unpacked(PAPERS[name](language))
    assert re.search(rb"/MarkInfo\s*<<[^>]*/Marked true", found)
    assert b"/StructTreeRoot" in found
    assert b"/DisplayDocTitle true" in found
    assert b"<dc:title>" in found
    assert (b"/Lang (zh" if language == "zh" else b"/Lang (en") in found.replace(b"/Lang(", b"/Lang (")


def test_the_table_of_a_certificate_is_a_table_to_a_reader_and_its_picture_speaks() -> None:
    found = unpacked(PAPERS["certificate"]("zh"))
    for tag in (b"/Table", b"/TR", b"/TH", b"/TD", b"/H1", b"/Figure"):
        assert re.search(rb"/S\s*" + tag + rb"\b", found), tag
    assert re.search(rb"/Alt\s*[(<]", found)


@pytest.mark.parametrize("name", PAPERS)
def test_every_font_stands_inside_the_file_as_a_subset_with_its_letters(name: str) -> None:
    found = unpacked(PAPERS[name]("zh"))
    described = found.count(b"/Type /FontDescriptor") + found.count(b"/Type/FontDescriptor")
    assert described >= 1
    assert len(re.findall(rb"/FontFile[23]?\s+\d+ 0 R", found)) == described
    assert all(re.fullmatch(rb"[A-Z]{6}\+.*", each.strip()) for each in re.findall(rb"/FontName\s*/([^/\s>]+)", found))
    assert b"/ToUnicode" in found


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the papers back")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["certificate", "statement", "day sheet"])
def test_rare_letters_of_names_are_drawn_and_can_be_copied(name: str, language: Language, tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(PAPERS[name](language))
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=True, timeout=20)
    assert RARE in out.stdout.decode()


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="pdffonts lists the fonts of a file")
def test_another_reader_finds_every_font_inside_too(tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(PAPERS["certificate"]("zh"))
    out = subprocess.run(["pdffonts", str(file)], capture_output=True, check=True, timeout=20).stdout.decode()
    fonts = out.splitlines()[2:]
    assert fonts
    assert all(" yes yes yes" in line for line in fonts)
