"""Forms of pages, sent by programs: the same view reads the same form, so that whatever a page can do a program can, and no rule is written twice.

``POST /api/v1/forms`` and the page's own address; the body has the form's fields by name. The view finds the form, does what it says in
its write unit and leads on; a program is told what the page would have said, where it would have led, and the rows it names. What a
view refuses is a problem with the refusal's code, never a page. Which forms these are: ``access/form_doors`` and ``form_table``.
"""

import base64
import binascii
import io
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, request, session
from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Rule

from timebank import clock
from timebank.access.form_doors import PAGES, door_of
from timebank.access.guards import this_user
from timebank.api.edge import JUDGES, ONCE, Answered, Doors, Rehearsed, is_rehearsal, key_of, no_dry_run, seen_before, sent_hash, unreadable
from timebank.api.fields import NEEDED
from timebank.api.form_table import TAKES
from timebank.db import db, transaction
from timebank.errors import Invalid
from timebank.forms import DayTime, Whole, Words
from timebank.sentences import Sentence
from timebank.web import Carried, SubmissionRow

PREFIX = "/forms"
EXTENSION = "timebank_api_forms"
PART = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
FREE = {
    "books.act_in_name",
    "certificates.batch_new",
    "credit.change_rules",
    "duty_desk.enter",
    "notices.channel",
    "own_time.set_weekday",
    "proposals.vouch",
    "stations.set_up",
    "today.enter",
    "today.hand_over",
}
"""Forms with fields that are named by rows or days: these stand in ``form``, by the names they have on the page."""
FILES = {"exchange.check": "files", "shopping.receipt": "photo"}
"""Forms with files: each has its name and its content in base64."""
LOOKS = {"exchange.check"}
"""What changes nothing that could be taken back: it cannot be tried first."""
MOST_FILES, LONGEST_FILE = 12, 10_000_000
KINDS: dict[str, tuple[type, ...]] = {"integer": (int,), "boolean": (bool,), "string": (str,)}


class Passed(fields.Raw):
    """A field as the page's own schema reads it afterwards; here only its kind is looked at."""

    default_error_messages = {**NEEDED, "kind": _("这一项的类型不对，请看接口说明。")}  # noqa: RUF012 - marshmallow's own name

    def __init__(self, said: dict[str, Any], **given: Any) -> None:  # noqa: ANN401 - passed on to marshmallow
        """Keep what the description says of it."""
        super().__init__(metadata=said, **given)
        self.kind = said["type"]

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ANN401 - marshmallow's own signature
        """Return the value when it is of its kind."""
        del attr, data, kwargs
        if not _is(self.kind, value):
            raise self.make_error("kind")
        return value


class FileBody(Schema):
    """A file."""

    name = Passed({"type": "string", "maxLength": 200}, required=True)
    content = Passed({"type": "string", "maxLength": LONGEST_FILE, "contentEncoding": "base64"}, required=True)


class FormShape(Schema):
    """What became of a form: what the page would have said, where it would have led, and the rows that this names."""

    said = fields.List(fields.String(), dump_only=True)
    page = fields.String(dump_only=True)
    rows = fields.Dict(keys=fields.String(), dump_only=True)


def _is(kind: str, value: object) -> bool:
    """Say whether a value is of a kind."""
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _said_of(field: fields.Field[Any]) -> dict[str, Any]:
    """Return what the description says of a field of a form."""
    if isinstance(field, fields.Boolean):
        return {"type": "boolean"}
    if isinstance(field, Whole):
        return {"type": "integer", "minimum": field.low, "maximum": field.high}
    if isinstance(field, fields.Integer):
        return {"type": "integer"}
    if isinstance(field, DayTime):
        return {"type": "string", "example": "09:30"}
    if isinstance(field, fields.Date):
        return {"type": "string", "format": "date"}
    if isinstance(field, fields.Enum):
        return {"type": "string", "enum": sorted({str(each.value) for each in field.enum})}
    return {"type": "string", "maxLength": field.longest} if isinstance(field, Words) else {"type": "string"}


def _field(field: fields.Field[Any]) -> fields.Field[Any]:
    """Return a field of a form as programs send it."""
    if isinstance(field, fields.List):
        return fields.List(Passed(_said_of(field.inner)), required=field.required, error_messages=NEEDED)
    return Passed(_said_of(field), required=field.required)


@cache
def counts_each_time(page: str) -> bool:
    """Say whether a form counts by itself whenever it is sent: it only looks, or it judges a code, whose guesses must leave a count."""
    takes = TAKES[page]
    return page in LOOKS or (takes is not None and "code" in takes().fields)


def body_of(page: str) -> type[Schema] | None:
    """Return what the body of a form is, None where a press says everything."""
    takes = TAKES[page]
    parts = {field.data_key or name: _field(field) for name, field in takes().fields.items()} if takes else {}
    if page in FREE:
        parts["form"] = fields.Dict(
            keys=fields.String(), load_default=dict, metadata={"description": "further fields, as the page names them"}
        )
    if page in FILES:
        parts["files"] = fields.List(fields.Nested(FileBody), load_default=list)
    name = "".join(part.capitalize() for part in re.split(r"[._]", page))
    words = (takes.__doc__ if takes else None) or "A form."
    return type(f"{name}Body", (Schema,), {"__doc__": words, **parts}) if parts else None


def _pairs(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the fields of a form as a browser sends them."""
    for name, value in said.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, bool):
                yield name, "true" if each else "false"
            elif isinstance(each, int | str):
                yield name, str(each)


def _free(said: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are named by rows; what is not ticked is not sent, as in a browser."""
    ill = [
        name
        for name, value in said.items()
        if not all(isinstance(each, str | int) for each in (value if isinstance(value, list) else [value]))
    ]
    if ill:
        raise Invalid("form 里每一项要是文字、整数、true 或 false，或者它们的列表。", fields={"form": Sentence("类型不对")})
    return {name: value for name, value in said.items() if value is not False}


def _files(field: str, said: list[dict[str, str]]) -> MultiDict[str, FileStorage]:
    """Return files as a browser sends them."""
    if len(said) > MOST_FILES:
        raise Invalid("一次最多 %(most)s 个文件。", fields={"files": Sentence("太多了")}, most=MOST_FILES)
    try:
        read = [(each["name"], base64.b64decode(each["content"], validate=True)) for each in said]
    except (binascii.Error, ValueError) as error:
        raise Invalid("files 里的 content 要是 base64。", fields={"files": Sentence("不是 base64")}) from error
    return MultiDict([(field, FileStorage(io.BytesIO(content), filename=name, name=field)) for name, content in read])


class Sent:
    """A form that a program sends, between its view and the edge of the API."""

    def __init__(self, page: str) -> None:
        """Keep its key, and what it says."""
        self.scope = f"user:{this_user().id}:{door_of(page)}"
        self.key, self.hash, self.tried = key_of(), sent_hash(), is_rehearsal()
        self.answer: Response | None = None

    def row(self) -> SubmissionRow:
        """Return what remembers it."""
        return SubmissionRow(scope=self.scope, key=self.key, body_hash=self.hash, at=clock.now())

    def met(self, row: SubmissionRow) -> None:
        """Raise the answer when this key was taken before."""
        again = seen_before(row)
        if again is not None:
            raise Answered(again)

    def done(self, row: SubmissionRow) -> None:
        """Keep the answer, or take everything back where it was only to be tried."""
        self.answer = _told(row.location)
        if self.tried:
            self.answer.headers["Dry-Run"] = "true"
            raise Rehearsed(self.answer)
        row.status, row.answer = self.answer.status_code, self.answer.get_data(as_text=True)


def _told(location: str) -> Response:
    """Return what a form came to: what the page says next, where it leads, and the rows that this names."""
    said = [str(words) for _kind, words in session.pop("_flashes", [])]
    try:
        _endpoint, values = current_app.url_map.bind("").match(urlsplit(location).path, method="GET")
    except HTTPException:
        values = {}
    return jsonify(said=said, page=location, rows=dict(values))


def _page_rule(page: str) -> tuple[Rule, dict[str, Any]]:
    """Return the page's own rule with the parts of its address; one that no page has is not found."""
    path = request.path.split(PREFIX, 1)[1]
    rule, values = current_app.url_map.bind("").match(path, method="POST", return_rule=True)
    if rule.endpoint != page:
        raise NotFound
    return rule, dict(values)


def _as_page(page: str, said: dict[str, Any]) -> Response:
    """Let a page's own view take a form, and return what became of it."""
    rule, values = _page_rule(page)
    sent = Sent(page)
    if sent.tried and counts_each_time(page):
        raise no_dry_run()
    files = _files(FILES[page], said.pop("files", [])) if page in FILES else MultiDict()
    form = ImmutableMultiDict([*_pairs(_free(said.pop("form", {}))), *_pairs(said)])
    kept = request.url_rule
    g.sending = sent
    request.url_rule, request.form, request.files = rule, form, files  # type: ignore[assignment]
    try:
        led = current_app.make_response(current_app.view_functions[page](**values))  # type: ignore[arg-type]
    except Answered as answered:
        return answered.answer
    except Carried as carried:
        cause = carried.__cause__
        raise (unreadable(cause) if isinstance(cause, ValidationError) else carried.refusal) from cause
    finally:
        request.url_rule = kept
        g.pop("sending")
        session.modified = False
    return sent.answer or _looked(sent, led)


def _looked(sent: Sent, led: Response) -> Response:
    """Return what a form came to that opens no write unit of its own, kept beside its key; a page that shows it again took nothing."""
    if not led.location:
        raise Invalid("这张表没有收下：页面会请人再看一眼。请核对内容再发，或者在页面上做这一步。", code="not_taken")
    row, answer = sent.row(), _told(led.location)
    with transaction():
        sent.met(row)
        row.status, row.answer = answer.status_code, answer.get_data(as_text=True)
        db.session.add(row)
    return answer


def _view(page: str, words: str) -> Callable[..., Response]:
    """Return the door of one form."""

    def taken(*said: dict[str, Any], **_values: object) -> Response:
        return _as_page(page, dict(said[0]) if said else {})

    taken.__name__ = page.replace(".", "__")
    taken.__doc__ = words
    return taken


def init_app(app: Flask) -> None:
    """Give an app a door for each form, once its pages are there."""
    rules = [rule for page in sorted(PAGES) for rule in app.url_map.iter_rules(page) if "POST" in (rule.methods or ())]
    doors = _doors(tuple((rule.endpoint, rule.rule, str(app.view_functions[rule.endpoint].__doc__)) for rule in rules))
    app.extensions[EXTENSION] = doors
    app.register_blueprint(doors)


@cache
def _doors(forms: tuple[tuple[str, str, str], ...]) -> Doors:
    """Return the doors of some forms, made once in a process: by name, address and words."""
    doors = Doors("forms", "Forms of pages, sent by programs", PREFIX)
    for page, address, words in forms:
        _add_door(doors, page, address, words)
    return doors


def _add_door(doors: Doors, page: str, address: str, words: str) -> None:
    """Add the door of one form at the page's own address."""
    view = doors.response(200, FormShape)(_view(page, words))
    body = body_of(page)
    if body is not None:
        view = doors.arguments(body)(view)
    setattr(view, ONCE, True)
    if counts_each_time(page):
        setattr(view, JUDGES, True)
    doors.route(PART.sub(_part, address), methods=["POST"])(view)


def _part(found: re.Match[str]) -> str:
    """Return a part of an address as the API writes it: a number or a word; the page's own rule is asked once more."""
    return f"<int:{found[2]}>" if found[1] == "int" else f"<{found[2]}>"
