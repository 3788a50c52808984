"""Too much of anything: refused in words, and the service stands."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.attack.town import Town
from tests.browser import Browser, open_browser

MEGABYTE = 1024 * 1024
EDGE = "the-edge-of-a-part"


def multipart(fields: dict[str, str], *files: tuple[str, str, bytes]) -> dict[str, Any]:
    """Return a form with files as a browser sends it."""
    parts = [f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n'.encode() for name, said in fields.items()]
    for field, name, data in files:
        parts.append(f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode() + data + b"\r\n")
    return {"data": b"".join(parts) + f"--{EDGE}--\r\n".encode(), "content_type": f"multipart/form-data; boundary={EDGE}"}


def upload(browser: Browser, name: str, data: bytes) -> TestResponse:
    """Choose a file on the import page and send it."""
    hidden = {"csrf_token": browser.token(), "_key": "a-large-upload"}
    return browser.post("/import", **multipart(hidden, ("files", name, data)), follow_redirects=True)


def test_a_file_of_fifty_megabytes_is_refused_in_words(app: Flask, town: Town) -> None:
    answer = upload(town.browser(app, "coordinator"), "老人.xlsx", b"x" * 50 * MEGABYTE)
    assert answer.status_code == 413
    assert "文件太大" in answer.text


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b.xlsx", "<script>alert(1)</script>.xlsx", "CON.xlsx", "x" * 300 + ".xlsx"])
def test_a_file_with_a_hostile_name_is_refused_in_words(app: Flask, town: Town, name: str) -> None:
    answer = upload(town.browser(app, "coordinator"), name, b"no table")
    assert answer.status_code in {200, 400, 422}
    assert "<script>alert" not in answer.text


def test_a_form_too_long_or_of_too_many_parts_is_refused_in_words(app: Flask, town: Town) -> None:
    browser = town.browser(app, "coordinator")
    for said in ({"result": "长" * MEGABYTE}, {f"part-{number}": "x" for number in range(20_000)}):
        said["csrf_token"] = browser.token()
        for sent in ({"data": said}, multipart(said)):
            answer = browser.post(f"/alerts/{town.rows['alert']}/close", **sent)
            assert answer.status_code in {400, 413, 422}
            assert "<h1>" in answer.text


def test_a_form_that_cannot_be_read_at_all_is_refused_in_words(app: Flask) -> None:
    visitor = open_browser(app)
    for body, kind in (
        (b"\xff\xfe\x00%%%=%&&;=", "application/x-www-form-urlencoded"),
        (b"--x\r\nnothing", "multipart/form-data; boundary=x"),
        (b"{", "application/json"),
    ):
        assert visitor.post("/sign-in", data=body, content_type=kind).status_code == 400
    for name in ("Cookie", "Accept-Language", "Referer", "X-Forwarded-For", "Range"):
        assert visitor.get("/sign-in", headers={name: "\xff; =;=;;" * 50}).status_code == 200
