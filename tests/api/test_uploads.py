"""A program hands in files, reads what a check found row by row, each thing with its code, and takes them in."""

import base64
from typing import Any

from flask import Flask

from tests.api.program import Program, program_of
from tests.attack.town import Town
from tests.exchange.files import Rows, excel
from timebank.access.tokens import Scope

PEOPLE: Rows = [
    ("编号", "姓名", "手机", "纬度", "经度", "出生年份"),
    ("U1", "温良", "13900000001", 36.06, 120.35, 1960),
    ("U2", "温如", "不知道", 36.06, 120.35, 1961),
]
CHECK, PATH = "/api/v1/forms/import", "/api/v1/uploads/"


def handed_in(desk: Program, rows: Rows) -> str:
    """Hand a sheet of volunteers in and return the word by which it is found again."""
    name, content = excel({"志愿者": rows}, "名单.xlsx")
    told = desk.send(CHECK, {"files": [{"name": name, "content": base64.b64encode(content).decode()}]})
    assert told.status_code == 200, told.get_json()
    token: str = told.get_json()["rows"]["token"]
    return token


def read(desk: Program, token: str) -> dict[str, Any]:
    """Return what was found in some files."""
    told = desk.get(PATH + token)
    assert told.status_code == 200, told.get_json()
    found: dict[str, Any] = told.get_json()
    return found


def test_a_check_is_read_row_by_row_with_codes_in_both_languages(town: Town, desk: Program) -> None:
    found = read(desk, handed_in(desk, PEOPLE))
    assert found["sheets"] == [{"sheet": "志愿者", "new": 1, "changed": 0, "same": 0, "bad": 1, "odd": 0}]
    (problem,) = found["problems"]
    assert (problem["file"], problem["sheet"], problem["row"], problem["column"]) == ("名单.xlsx", "志愿者", 3, "手机")
    assert problem["code"] == "not_a_mobile"
    assert "不是手机号" in problem["zh"]
    assert "mobile" in problem["en"]
    assert (found["all_problems"], found["taken_at"], found["imported"]) == (1, None, None)


def test_what_was_checked_is_taken_in_and_says_so(town: Town, desk: Program) -> None:
    token = handed_in(desk, PEOPLE[:2])
    assert read(desk, token)["problems"] == []
    assert desk.send(f"{CHECK}/{token}", {}).status_code == 200
    found = read(desk, token)
    assert found["taken_at"]
    assert found["imported"] in [each["id"] for each in desk.get("/api/v1/imports").get_json()["items"]]


def test_nobody_reads_what_another_has_handed_in(app: Flask, town: Town, desk: Program) -> None:
    token = handed_in(desk, PEOPLE)
    assert program_of(app, town.users["admin"]).get(PATH + token).status_code == 404
    assert program_of(app, town.users["coordinator"], scopes=[Scope.READ]).get(PATH + token).status_code == 403
