"""Whatever an import can say has a word by which programs tell it, no two the same; the word stays when the sentence is written better."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from tests.exchange.files import excel, look_at
from tests.exchange.test_speed import roster
from timebank import exchange
from timebank.exchange import codes
from timebank.exchange.following import FOLLOWS
from timebank.exchange.report import Report

ROOM = Path(exchange.__file__).parent
SAYING = (
    "cells",
    "reader",
    "reading",
    "rows",
    "actions",
    "loading",
    "load_places",
    "load_volunteers",
    "load_elders",
    "load_needs",
    "load_history",
)
AT = {"Invalid": 0, "remark": 1, "Sentence": 0, "wrong": 1}
"""Where the sentence stands among what these are given."""
PARTS = {"是不是“%(near)s”？", "如不需要请删掉这一列。", "手机、出生年份或住址", "门或电话", "命令行"}
"""What only fills a gap of another sentence."""
OF_OTHER_ROOMS = {code for code in codes.CODES.values() if code.startswith("mobile_of_")} - {"mobile_of_another_person"}


def sentences() -> Iterator[str]:
    """Yield what the files that read and load can say."""
    for name in SAYING:
        for call in ast.walk(ast.parse((ROOM / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                called = getattr(call.func, "id", getattr(call.func, "attr", ""))
                place = AT.get(called)
                given = call.args[place] if place is not None and len(call.args) > place else None
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def test_every_sentence_has_a_word_and_every_word_a_sentence() -> None:
    said = set(sentences()) - PARTS
    assert said - codes.CODES.keys() == set()
    assert {codes.CODES[each] for each in codes.CODES.keys() - said} == OF_OTHER_ROOMS


def test_no_two_sentences_have_the_same_word() -> None:
    words = [*codes.CODES.values(), FOLLOWS, codes.OTHER]
    assert sorted(set(words)) == sorted(words)


def test_what_is_found_keeps_its_word_between_the_check_and_the_page(lived: Flask) -> None:
    sheets = roster(2, 0, 0)
    heads, first, second = sheets["志愿者"]
    sheets["志愿者"] = [heads, [*first[:2], "一三九", *first[3:]], [*second[:2], *first[2:3], *second[3:]], ["V404", "温良", "13900000000"]]
    report = Report.from_kept(look_at([excel(sheets)]).as_kept())
    assert [(each.row, each.code) for each in report.problems] == [(2, "not_a_mobile"), (4, "cell_missing"), (4, "cell_missing")]


def test_a_refusal_of_another_room_has_its_word_too(lived: Flask) -> None:
    sheets = roster(2, 0, 0)
    heads, first, second = sheets["志愿者"]
    sheets["志愿者"] = [heads, first, [*second[:2], *first[2:3], *second[3:]]]
    assert [each.code for each in look_at([excel(sheets)]).problems] == ["mobile_of_another_volunteer"]
