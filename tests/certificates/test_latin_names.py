"""The name in Latin letters: spelled by the standard for names, printed on the English paper, sealed, and answered by the check."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from tests.browser import Browser
from tests.papers.test_papers import words
from tests.served import TODAY, World
from timebank.access.sorting import romanised
from timebank.certificates import actions, checking, printing
from timebank.db import transaction
from timebank.papers import seal


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("王秀芬", "Wang Xiufen"),
        ("欧阳修", "Ouyang Xiu"),
        ("尉迟恭", "Yuchi Gong"),
        ("单雄信", "Shan Xiongxin"),
        ("解放", "Xie Fang"),
        ("吕女英", "Lyu Nyuying"),
        ("王西安", "Wang Xi'an"),
        ("买买提·阿凡提", "Maimaiti·Afanti"),
        ("Eva Novak", "Eva Novak"),
        ("Émile Zola", "Émile Zola"),
        ("李", "Li"),
    ],
)
def test_a_name_is_spelled_as_the_standard_for_names_has_it(name: str, latin: str) -> None:
    assert romanised(name) == latin


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext reads the papers back")
def test_the_english_certificate_names_the_volunteer_in_latin_letters_and_the_chinese_one_lists_them_for_the_seal(
    app: Flask, world: World, tmp_path: Path
) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator)
        assert "18=WangXiufen" in seal.lines(made.content)
        english = words(printing.print_certificate(made, "https://bdg.example", language="en"), tmp_path)
        assert f"certifythatWangXiufen(王秀芬,volunteerno.{volunteer.number})" in english
        chinese = words(printing.print_certificate(made, "https://bdg.example", language="zh"), tmp_path)
        assert "兹证明王秀芬（志愿者编号" in chinese
        assert "18姓名拼音（WangXiufen）" in chinese


@pytest.mark.parametrize(
    ("latin", "answer"), [("Wang Xiufen", "yes"), ("WANG XIUFEN", "yes"), ("", "yes"), ("Wang Xiaofen", "no"), ("John Smith", "no")]
)
def test_the_check_answers_for_the_name_in_latin_letters(app: Flask, client: Browser, world: World, latin: str, answer: str) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        made = actions.issue_certificate(volunteer, date(2026, 1, 1), TODAY, coordinator)
        said = {name: made.content[name] for name in checking.MASKED} | {"name_latin": latin}
        assert checking.compare_masked(made, said) == answer
        form = {name: str(value) for name, value in said.items()} | {"number": made.number, "code": made.check_code}
    page = client.send("/check", **form).text
    assert ("填的各项都和登记簿一致" in page) == (answer == "yes")
