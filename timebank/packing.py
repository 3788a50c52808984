"""What goes over the wire is packed: pages for each reader, our own files once, so that a phone on a weak network waits less.

A page that is packed tells by its length how much of it repeats. What an outsider could put into somebody's page, to compare it with
what is secret there, does not come with their cookies (``SameSite=Lax``), and every form's token is another one each second.
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

WORTH_IT = 600
"""Below so many bytes packing saves less than it costs."""
WORDS = {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "application/problem+json",
         "application/manifest+json", "image/svg+xml"}  # fmt: skip
FILES = {"static", "vendor"}
ONCE, EACH_TIME = 9, 5


def init_app(app: Flask) -> None:
    """Pack what an app answers."""
    app.after_request(pack)


def pack(response: Response) -> Response:
    """Pack an answer of words for a reader who can unpack it."""
    if response.mimetype not in WORDS or response.status_code in {206, 304}:
        return response
    response.vary.add("Accept-Encoding")
    if response.content_encoding or not request.accept_encodings.quality("gzip") or request.method == "HEAD":
        return response
    of_file = request.endpoint in FILES
    if response.is_streamed and not of_file:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < WORTH_IT:
        return response
    response.set_data(_kept(body) if of_file else gzip.compress(body, EACH_TIME, mtime=0))
    response.content_encoding = "gzip"
    if etag := response.get_etag()[0]:
        response.set_etag(etag, weak=True)
    return response


@lru_cache(maxsize=64)
def _kept(body: bytes) -> bytes:
    """Return one of our own files packed as small as it gets, worked out once."""
    return gzip.compress(body, ONCE, mtime=0)
