"""A reader who opens every page that links lead to and notes every form on the way, as a person in no hurry would."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser import Browser

HIDDEN = {"csrf_token", "_key"}
VOID_TYPES = {"submit", "button", "reset", "image"}


@dataclass
class Form:
    """A form of a page: where it goes and what stands in it."""

    page: str
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for name, _value in self.fields if name not in HIDDEN))

    def filled(self, **changed: str) -> MultiDict[str, str]:
        """Return what is sent, some fields changed; its hidden ones are left to the browser."""
        kept = [(name, value) for name, value in self.fields if name not in HIDDEN and name not in changed]
        return MultiDict([*kept, *changed.items()])


class _Reader(HTMLParser):
    """Reads links, forms and every attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(self.page, given.get("action") or self.page, given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "input" and name and kind == "file":
            self._form.files.append(name)
        elif tag == "input" and name and kind in {"checkbox", "radio"}:
            if "checked" in given or name not in self._form.names:
                self._form.fields.append((name, given.get("value", "on")))
        elif tag in {"input", "button"} and name and (tag == "button" or kind not in VOID_TYPES):
            self._form.fields.append((name, given.get("value", "")))
        elif tag == "textarea" and name:
            self._form.fields.append((name, ""))
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._form.names):
            self._form.fields.append((self._select, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None


def read(page: str, html: str) -> _Reader:
    """Return what stands on a page."""
    reader = _Reader(page)
    reader.feed(html)
    return reader


def endpoint_of(app: Flask, address: str, method: str = "GET") -> str:
    """Return the endpoint of an address of this service, nothing for another one."""
    try:
        found = app.url_map.bind("localhost").match(urlsplit(address).path, method=method)
    except (HTTPException, RequestRedirect):
        return ""
    return str(found[0])


def _shape(app: Flask, address: str) -> tuple[str, ...]:
    """Return what makes two addresses the same page with other rows."""
    return (endpoint_of(app, address), *sorted(name for name, _value in parse_qsl(urlsplit(address).query)))


@dataclass
class Walk:
    """What somebody found: the pages by address, and their forms."""

    pages: dict[str, str] = field(default_factory=dict)
    papers: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    broken: list[tuple[str, str, int]] = field(default_factory=list)


def walk(app: Flask, browser: Browser, starts: Iterable[str] = ("/",), *, each: int = 2, most: int = 200) -> Walk:
    """Open every page that links lead to, at most ``each`` of the same kind."""
    seen: dict[tuple[str, ...], int] = {}
    met: set[str] = set()
    found = Walk()
    forms: dict[tuple[object, ...], int] = {}
    waiting = deque(("", start) for start in starts)
    while waiting and len(found.pages) + len(found.papers) < most:
        came, address = waiting.popleft()
        address = address.split("#")[0]
        if not address.startswith("/") or address in met:
            continue
        met.add(address)
        shape = _shape(app, address)
        seen[shape] = seen.get(shape, 0) + 1
        if seen[shape] > each or shape[0] in {"static", "vendor", "access.link"}:
            continue
        with browser.get(address) as answer:
            if answer.status_code in {302, 303}:
                waiting.appendleft((address, answer.location))
                continue
            if answer.status_code >= 400:
                found.broken.append((came, address, answer.status_code))
                continue
            if answer.mimetype != "text/html":
                found.papers.append(address)
                continue
            html = answer.text
        found.pages[address] = html
        reader = read(address, html)
        waiting.extend((address, link) for link in reader.links)
        for form in reader.forms:
            kind = (endpoint_of(app, form.action, form.method.upper()), tuple(sorted(form.names)))
            forms[kind] = forms.get(kind, 0) + 1
            if forms[kind] <= 1:
                found.forms.append(form)
    return found


def inline_code(html: str) -> Iterator[str]:
    """Give everything on a page that a strict policy forbids: code, styles and addresses that run."""
    for tag, given in read("", html).tags:
        if tag == "script" and not given.get("src") and given.get("type", "") not in {"application/json", "application/ld+json"}:
            yield "<script> without an address"
        if tag == "style":
            yield "<style>"
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                yield f"{tag} {name}={value[:40]}"
            if name in {"href", "src", "action", "formaction"} and value.strip().lower().startswith(
                ("javascript:", "data:text", "vbscript:")
            ):
                yield f"{tag} {name}={value[:40]}"
