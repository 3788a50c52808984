"""The edge of the API: what is wrong comes back as a problem, what is sent counts once, and a change says what it is a change of."""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, NoReturn, ParamSpec

from flask import Response, request
from flask_babel import force_locale
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError
from sqlalchemy.exc import IntegrityError
from webargs.flaskparser import FlaskParser

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import db, transaction
from timebank.errors import Invalid, Refusal
from timebank.sentences import Sentence
from timebank.web import KEY, SubmissionRow, csrf, invalid_fields

P = ParamSpec("P")
View = Callable[P, Response]
ONCE = "timebank_counts_once"
JUDGES = "timebank_judges_a_code"


class Missing(Refusal):
    """A change without what it is a change of."""

    status = 428


class Stale(Refusal):
    """A change of something that has become another meanwhile."""

    status = 412


class Parser(FlaskParser):
    """Reads what a program sends: a word that no schema knows is refused, never passed over."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "json": RAISE}  # noqa: RUF012 - webargs' own name

    def load_json(self, req: Any, schema: Schema) -> Any:  # noqa: ANN401 - webargs' own signature
        """Return the body; signs that no text has, such as half a pair or a NUL, no database keeps."""
        said = super().load_json(req, schema)
        try:
            whole = json.dumps(said if isinstance(said, dict | list) else None, ensure_ascii=False).encode()
        except (UnicodeEncodeError, ValueError):
            whole = b"\\u0000"
        if b"\\u0000" in whole:
            raise Refusal("内容里有不成文字的符号。请改成正常的 UTF-8 文字再发。", code="no_text")
        return said

    def _handle_invalid_json_error(self, error: Any, req: Any, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401 - webargs' own signature
        """Say that the body is no JSON."""
        del error, req, args, kwargs
        raise Refusal("发来的内容不是 JSON。请核对后再发。", code="not_json")

    def handle_error(  # noqa: D102 - said by webargs
        self,
        error: ValidationError,
        req: Any,  # noqa: ANN401 - webargs' own signature
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Any,  # noqa: ANN401 - webargs' own signature
    ) -> NoReturn:
        del req, schema, error_status_code, error_headers
        raise unreadable(error)


def unreadable(error: ValidationError) -> Invalid:
    """Return the refusal of what a schema could not read, each field in both languages."""
    said = {}
    for locale in ("zh_Hans_CN", "en"):
        with force_locale(locale):
            said[locale] = _flat(error.messages_dict)
    fields = {name: (said["zh_Hans_CN"][name], said["en"][name]) for name in said["en"]}
    return Invalid("有几项填得不对，都写在 fields 里。请改好再发。", fields=fields)


def _flat(messages: dict[str, Any]) -> dict[str, str]:
    """Return the first sentence of each field, without the place it was read from."""
    inner = {name: told for place in messages.values() if isinstance(place, dict) for name, told in place.items()}
    flat = invalid_fields(inner or messages)
    return {name.removesuffix("._schema"): text for name, text in flat.items()}


class Doors(Blueprint):  # type: ignore[misc]  # the library has no types
    """The doors of one room: for tokens, so without a form's hidden fields; what is sent is read by our parser."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, description: str, prefix: str = "") -> None:
        """Name the doors and put them under the API's own address."""
        super().__init__(f"api_{name}", __name__, url_prefix=f"/api/v1{prefix}", description=description)
        csrf.exempt(self)


class Answered(Exception):  # noqa: N818 - not an error: there is an answer already
    """What needs no more doing: its answer."""

    def __init__(self, answer: Response) -> None:
        """Keep the answer."""
        super().__init__()
        self.answer = answer


class Rehearsed(Answered):
    """What was only to be tried: its answer, after which nothing of it stays."""


def once(view: View[P]) -> View[P]:
    """Take what a view is sent once: one key, one effect; again the same is answered word for word, other content is refused.

    With ``?dry_run=true`` everything is tried and nothing stays, no message is sent and the key is not used up.
    """

    @functools.wraps(view)
    def taken(*args: P.args, **kwargs: P.kwargs) -> Response:
        row = SubmissionRow(scope=f"user:{this_user().id}:{request.endpoint}", key=key_of(), body_hash=sent_hash(), at=clock.now())
        try:
            with transaction():
                return seen_before(row) or _do(row, functools.partial(view, *args, **kwargs))
        except Rehearsed as tried:
            return tried.answer
        except IntegrityError as error:
            again = seen_before(row) if "submission" in str(error.orig) else None
            if again is None:
                raise
            return again

    setattr(taken, ONCE, True)
    return taken


def no_dry_run() -> Refusal:
    """Return the refusal to only try what counts by itself."""
    return Refusal("这一步每做一次都算数，不能试运行。请去掉 dry_run 再发。", code="no_dry_run")


def judges(view: View[P]) -> View[P]:
    """Mark a view that judges a code: it is never only tried, or nobody would count the guesses; a guess is a thing that was done."""

    @functools.wraps(view)
    def taken(*args: P.args, **kwargs: P.kwargs) -> Response:
        if is_rehearsal():
            raise no_dry_run()
        return view(*args, **kwargs)

    setattr(taken, JUDGES, True)
    return taken


def _do(row: SubmissionRow, act: Callable[[], Response]) -> Response:
    """Do what is asked and keep its answer beside its key; or, where it is only tried, take it back."""
    if is_rehearsal():
        answer = act()
        answer.headers["Dry-Run"] = "true"
        raise Rehearsed(answer)
    db.session.add(row)
    db.session.flush()
    answer = act()
    row.status, row.answer = answer.status_code, answer.get_data(as_text=True)
    return answer


def is_rehearsal() -> bool:
    """Say whether what is asked is only to be tried."""
    said = request.args.get("dry_run", "")
    if said not in {"", "true", "false"}:
        raise Invalid("dry_run 只能写 true 或 false。", fields={"dry_run": Sentence("写 true 或 false")})
    return said == "true"


def seen_before(row: SubmissionRow) -> Response | None:
    """Return the answer that was given under this key; refuse other content under it."""
    known = db.session.get(SubmissionRow, (row.scope, row.key))
    if known is None:
        return None
    if known.body_hash != row.body_hash:
        raise Invalid("这个 Idempotency-Key 用过了，内容和那一次不一样。换一个新的键再发。", code="key_used")
    answer = Response(known.answer or "", known.status or 200, content_type="application/json")
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def key_of() -> str:
    """Return the key of a request; refuse one without."""
    said = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(said):
        raise Refusal(
            "请求头里要有 Idempotency-Key：8 到 64 个字母、数字、下划线或连字符，每件事一个。重发同一件事用同一个键，只算一次。",
            code="key_missing",
        )
    return said


def sent_hash() -> str:
    """Return a hash of what a request says: where, and its body."""
    said = [request.method, request.path, request.headers.get("If-Match", "")]
    return hashlib.sha256(json.dumps(said).encode() + request.get_data(cache=True)).hexdigest()


def mark_of(shown: Any) -> str:  # noqa: ANN401 - whatever a schema shows
    """Return the mark of something as it is shown now, for its ETag."""
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


def marked(view: View[P]) -> View[P]:
    """Give what a view shows its ETag, and only say that it is still the same (304) to whoever knows it."""

    @functools.wraps(view)
    def shown(*args: P.args, **kwargs: P.kwargs) -> Response:
        answer = view(*args, **kwargs)
        mark = mark_of(answer.get_json())
        if request.if_none_match.contains(mark):
            answer = Response(status=304)
        answer.set_etag(mark)
        return answer

    return shown


def must_match(schema: Schema, row: object) -> None:
    """Refuse a change unless it is one of the thing as it stands: its ETag comes back as If-Match."""
    if not request.if_match:
        raise Missing("改之前请先取一次，把它的 ETag 放在 If-Match 里发来，免得盖掉别人刚改的。", code="if_match_missing")
    if not request.if_match.contains(mark_of(schema.dump(row))):
        raise Stale("它已经被人改过，这次没有存。请重新取一次，看过再改。", code="changed_since")
