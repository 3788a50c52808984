"""What goes over the wire: packed for whoever can unpack it, the same words for everybody, small enough for a weak network."""

import gzip
import re

import pytest
from flask import Flask

from tests.browser import Browser
from timebank.packing import WORTH_IT

PACKED = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/timebank.css", "/static/phone.js", "/static/icons.svg"])
def test_a_page_or_file_is_packed_for_whoever_can_unpack_it_and_says_the_same(client: Browser, path: str) -> None:
    packed = client.get(path, headers=PACKED, buffered=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    plain = client.get(path, buffered=True)
    assert "Content-Encoding" not in plain.headers
    hidden = re.compile(rb'value="[^"]*"')
    assert hidden.sub(b"", gzip.decompress(packed.data)) == hidden.sub(b"", plain.data)
    assert len(packed.data) < len(plain.data) * 0.6


def test_what_is_short_is_sent_as_it_is(client: Browser) -> None:
    answer = client.get("/healthz", headers=PACKED, buffered=True)
    assert len(answer.data) < WORTH_IT
    assert "Content-Encoding" not in answer.headers


def test_a_packed_file_that_has_not_changed_is_not_sent_again(client: Browser) -> None:
    first = client.get("/static/timebank.css", headers=PACKED, buffered=True)
    again = client.get("/static/timebank.css", headers={**PACKED, "If-None-Match": first.headers["ETag"]}, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_not_packed(client: Browser) -> None:
    part = client.get("/static/timebank.css", headers={**PACKED, "Range": "bytes=0-99"}, buffered=True)
    assert (part.status_code, len(part.data)) == (206, 100)
    assert "Content-Encoding" not in part.headers


def test_a_refusal_is_packed_like_a_page(app: Flask, client: Browser) -> None:
    answer = client.get("/no-such-page", headers=PACKED, buffered=True)
    assert answer.status_code == 404
    assert "没有这一页" in gzip.decompress(answer.data).decode()
