"""Telephone numbers as people write them: one way inside, and a pause before an extension where a link dials."""

import re
from pathlib import Path

import pytest

from timebank import phones

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


@pytest.mark.parametrize(
    "words",
    [
        "0532-88880000转801",
        "0532-88880000 转 801",
        "(0532)88880000转801",
        "（0532）8888-0000-801",
        "0532 8888 0000 分机 801",
        "０５３２－８８８８００００－８０１",
        "0532—88880000（转801）",
        "053288880000 ext. 801",
        "+86 532 88880000-801",
        "0532.88880000#801",
    ],
)
def test_a_landline_with_an_extension_is_one_number_however_it_is_written(words: str) -> None:
    assert phones.landline(words) == "0532-88880000-801"
    assert phones.dialled(words) == "053288880000,801"


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("(0532)88880000", "0532-88880000"),
        ("053288880000", "0532-88880000"),
        ("01012345678", "010-12345678"),
        ("021 1234 5678", "021-12345678"),
    ],
)
def test_an_area_code_is_parted_from_its_number(words: str, number: str) -> None:
    assert phones.landline(words) == number
    assert phones.dialled(words) == number.replace("-", "")


@pytest.mark.parametrize("words", ["88880000", "0532-888", "0532-88880000/88880001", "400-800-8888", "王主任", "٠532-88880000", ""])
def test_what_is_no_landline_is_not_made_one(words: str) -> None:
    assert phones.landline(words) is None


@pytest.mark.parametrize(
    "words", ["138-0013-8000", "138 0013 8000", "+86 13800138000", "(86)138.0013.8000", "013800138000", "１３８００１３８０００"]
)
def test_a_mobile_is_eleven_digits(words: str) -> None:
    assert phones.mobile(words) == "13800138000"
    assert phones.dialled(words) == "13800138000"


@pytest.mark.parametrize(("words", "dials"), [("400-800-8888转2", "4008008888,2"), ("0532-0000 0123", "053200000123"), ("120", "120")])
def test_other_numbers_are_dialled_by_their_digits(words: str, dials: str) -> None:
    assert phones.dialled(words) == dials


@pytest.mark.parametrize("page", sorted(TEMPLATES.rglob("*.html")), ids=lambda page: str(page.relative_to(TEMPLATES)))
def test_every_link_that_dials_knows_of_extensions(page: Path) -> None:
    links = re.findall(r"tel:\{\{(.*?)\}\}", page.read_text(encoding="utf-8"))
    assert [link for link in links if not link.rstrip().endswith("|dial")] == []
