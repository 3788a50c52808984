"""The seal of a certificate: anybody recomputes it from the paper, and the hours of the parts add up to the total."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.browser import Browser
from tests.served import TODAY, World
from timebank.certificates import actions
from timebank.cli import main
from timebank.db import transaction
from timebank.hours import hours_text, shares_text
from timebank.papers import seal

CONTENT = {
    "number": "ZM-PINE-2026-000001",
    "issued_on": "2026-11-25",
    "volunteer_name": "堃㛃䶮",
    "volunteer_no": "V001",
    "id_type": "居民身份证",
    "id_last4": "123X",
    "period_from": "2026-01-01",
    "period_to": "2026-11-25",
    "by_kind": [
        {"content": "上门理发", "content_en": "Haircut", "visits": 2, "minutes": 75},
        {"content": "买菜代购", "content_en": "Shopping", "visits": 1, "minutes": 52},
    ],
    "visit_count": 3,
    "total_minutes": 127,
    "unit": "松坡社区居委会（示例）",
    "unit_code": "370200",
    "responsible": "衣晓雯",
    "handler": "臧晓东",
    "phone": "0532-0000 0123",
    "remarks": "",
}
COPIED = """
1=ZM-PINE-2026-000001
2 = 2026-11-25
3=堃㛃䶮
4=V001
5=居民身份证
6=123X
7=2026-01-01
8=2026-11-25
9=上门理发/2/75/1.2

9=买菜代购/1/52/0.9
10=3/127/2.1
11=松坡社区居委会 (示例)
12=370200
13=衣晓雯
14=臧晓东
15＝0532-00000123
"""


def tenths(hours: str) -> int:
    """Return hours with one decimal as whole tenths."""
    return round(float(hours) * 10)


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30))
def test_the_hours_of_the_parts_add_up_to_the_hours_of_the_whole(parts: list[int]) -> None:
    shown = shares_text(parts)
    assert sum(tenths(each) for each in shown) == tenths(hours_text(sum(parts)))
    assert all(abs(6 * tenths(each) - part) < 6 for each, part in zip(shown, parts, strict=True))


def test_on_a_newer_certificate_every_kind_is_half_up_and_an_older_one_says_what_it_said_when_it_was_sealed() -> None:
    assert seal.hours_of_kinds([166, 62, 62], 0) == ["2.8", "1.0", "1.0"]
    assert seal.hours_of_kinds([62, 62, 62], 12) == ["1.0", "1.0", "1.0"]
    assert seal.hours_of_kinds([62, 62, 62], None) == ["1.1", "1.0", "1.0"]


def test_three_parts_that_each_round_down_still_make_the_whole() -> None:
    assert [hours_text(each) for each in (62, 62, 62)] == ["1.0", "1.0", "1.0"]
    assert shares_text([62, 62, 62]) == ["1.1", "1.0", "1.0"]
    assert shares_text([]) == []


def test_what_is_copied_from_the_paper_gives_the_printed_digest() -> None:
    assert seal.digest(COPIED.splitlines()) == seal.digest(seal.lines(CONTENT))


def test_the_digest_is_the_plain_sha256_of_the_lines() -> None:
    text = "".join(f"{line}\n" for line in seal.lines(CONTENT))
    assert hashlib.sha256(text.encode()).hexdigest() == seal.digest(seal.lines(CONTENT))
    assert "16=" not in text


@pytest.mark.parametrize(
    "change",
    [
        {"volunteer_name": "李梅"},
        {"total_minutes": 128},
        {"visit_count": 4},
        {"period_to": "2026-11-24"},
        {"unit": "别处居委会"},
        {"remarks": "用于升学"},
        {"by_kind": CONTENT["by_kind"][::-1]},
    ],
)
def test_every_changed_item_changes_the_digest(change: dict[str, object]) -> None:
    assert seal.digest(seal.lines(CONTENT | change)) != seal.digest(seal.lines(CONTENT))


def test_a_certificate_of_the_register_is_sealed_by_what_its_paper_says(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator)
        assert made.content_sha256 == seal.digest(seal.lines(made.content))
        made.content = made.content | {"total_minutes": made.content["total_minutes"] + 1}
        assert not actions.is_whole(made)


def test_the_command_says_the_digest_and_fails_on_another(tmp_path: Path) -> None:
    file = tmp_path / "paper.txt"
    file.write_text(COPIED, encoding="utf-8")
    expected = seal.digest(seal.lines(CONTENT))
    fits = CliRunner().invoke(main, ["seal", str(file), "--digest", f"{expected[:8]} {expected[8:].upper()}"])
    assert (fits.exit_code, fits.stdout.strip()) == (0, expected)
    assert "--code" in fits.stderr
    file.write_text(COPIED.replace("2.1", "9.1"), encoding="utf-8")
    assert CliRunner().invoke(main, ["seal", str(file), "--digest", expected]).exit_code == 1


def test_a_place_that_was_left_empty_does_not_count() -> None:
    assert seal.digest([*COPIED.splitlines(), "16 =", "5＝"]) == seal.digest(COPIED.splitlines())
    assert seal.number_on(COPIED.splitlines()) == "ZM-PINE-2026-000001"
    assert seal.number_on(["2=2026-11-25", "10=3/127/2.1"]) == ""


def test_the_page_works_the_digest_out_for_a_visitor(client: Browser) -> None:
    expected = seal.digest(seal.lines(CONTENT))
    assert expected in client.send("/check/paper", lines=COPIED).text
    assert "对不上抄下的内容" not in client.send("/check/paper", lines=COPIED, digest=expected).text
    wrong = client.send("/check/paper", lines=COPIED.replace("堃", "坤"), digest=expected)
    assert "对不上抄下的内容" in wrong.text
    assert client.send("/check/paper", lines="").status_code == 422
