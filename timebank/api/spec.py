"""The description of the API, made of its doors when somebody first asks for it: OpenAPI 3.1, and a page of our own."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from flask_smorest import Api

from timebank.access.circles import PUBLIC
from timebank.access.policy import POLICY, WORDS, scope_of
from timebank.access.tokens import Scope
from timebank.api import forms, views
from timebank.api.edge import JUDGES, ONCE
from timebank.api.fields import DayTime, Week
from timebank.api.words import DOORS, SENTENCES
from timebank.forms import Telephone, Words
from timebank.sentences import Sentence
from timebank.web import CODES, listed, voiced

blueprint = Blueprint("api", __name__)
VERSION = "1"
SPEC = "timebank_api_description"
PROBLEMS = {
    400: "The request cannot be read, or lacks its key",
    401: "No token, or one that does not count",
    403: "Not for this role, or not for this token's scopes",
    404: "There is no such thing, or it is not yours to see",
    405: "Not by this method",
    409: "The state of things does not allow it",
    412: "It has been changed since",
    413: "Too large",
    415: "Not JSON",
    422: "Something is not right; `fields` says what",
    428: "A change without If-Match",
    429: "Too many calls in this minute; wait as Retry-After says",
    503: "Busy; try again in a few seconds",
}


class Described(Api):  # type: ignore[misc]  # the library has no types
    """The library's description without its pages and without its hold on every error of the service."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave errors to ``web``: pages stay pages."""


def _made(app: Flask) -> dict[str, Any]:
    """Return the description of one app's doors."""
    plugin = MarshmallowPlugin()
    api = Described(config_prefix="")
    app.config.update(API_TITLE="timebank", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    api.init_app(app, spec_kwargs={"marshmallow_plugin": plugin})
    for field in (Words, Telephone, Week, DayTime):
        api.register_field(field, "string", None)
    for doors in (*views.every(), app.extensions[forms.EXTENSION]):
        doors.register_views_in_doc(api, app, api.spec, name=doors.name, parameters=None)
        api.spec.tag({"name": doors.name, "description": doors.description})
    return _finished(app, api.spec.to_dict())


def document_of(app: Flask) -> dict[str, Any]:
    """Return the description of an app's doors, made once."""
    found: dict[str, Any] | None = app.extensions.get(SPEC)
    if found is None:
        found = app.extensions[SPEC] = _made(app)
    return found


def _finished(app: Flask, said: dict[str, Any]) -> dict[str, Any]:
    """Add to a description what holds for every door: tokens, keys, problems, roles and scopes."""
    said["info"]["description"] = "Volunteer matching and time bank: what its pages show and do, for programs."
    parts = said.setdefault("components", {})
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    parts["schemas"]["Problem"] = PROBLEM
    parts["schemas"].pop("PaginationMetadata", None)
    parts["responses"] = {
        str(status): {"description": words, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        for status, words in PROBLEMS.items()
    }
    said["security"] = [{"token": []}]
    names = {(_path(rule.rule), method.lower()): rule.endpoint for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict):
                _finish(operation, method, names[path, method])
    return said


def _path(rule: str) -> str:
    """Return an address as OpenAPI writes it."""
    return rule.replace("<int:", "{").replace("<", "{").replace(">", "}")


def _finish(operation: dict[str, Any], method: str, endpoint: str) -> None:
    """Add to one door its name, its problems, its key, its scope and its roles."""
    operation["operationId"] = endpoint.replace("api_", "", 1)
    found = operation.setdefault("responses", {})
    for status in PROBLEMS:
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    rule, scope = POLICY[endpoint], scope_of(endpoint)
    operation["x-door"] = endpoint
    operation["x-scope"] = scope.value if scope else None
    operation["x-roles"] = rule if isinstance(rule, str) else sorted(role.value for role in rule)
    if getattr(current_app.view_functions[endpoint], ONCE, False):
        tried = [] if getattr(current_app.view_functions[endpoint], JUDGES, False) else [DRY]
        operation.setdefault("parameters", []).extend([KEY, *tried])
        if method == "patch":
            operation["parameters"].append(MATCH)


KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "one for each thing; sent again it counts once and is answered word for word",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
}
DRY = {
    "in": "query",
    "name": "dry_run",
    "required": False,
    "description": "true: everything is tried, nothing stays, nobody is told",
    "schema": {"type": "string", "enum": ["true", "false"]},
}
MATCH = {"in": "header", "name": "If-Match", "required": True, "description": "the ETag it was read with", "schema": {"type": "string"}}
PROBLEM = {
    "type": "object",
    "required": ["type", "status", "code", "title", "title_en"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stays when the sentences are written better"},
        "title": {"type": "string", "description": "Chinese"},
        "title_en": {"type": "string", "description": "English"},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}},
        },
    },
}


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """Give the description to programs."""
    return jsonify(document_of(current_app._get_current_object()))  # type: ignore[attr-defined]  # noqa: SLF001 - werkzeug's own way to the app


@blueprint.get("/api")
def page() -> str:
    """Show the description to people: what there is, for whom, and how to begin."""
    said = document_of(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - werkzeug's own way to the app
    parts: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in said["tags"]}
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict):
                parts[operation["tags"][0]].append(_row(path, method, operation))
    return render_template(
        "api/page.html",
        parts=[(voiced((DOORS[tag["name"]], tag["description"])), parts[tag["name"]]) for tag in said["tags"]],
        scopes=[(scope.value, voiced(SCOPE_WORDS[scope])) for scope in Scope],
        codes=sorted(set(CODES.values())),
    )


def _row(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return one door as the page shows it."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    return {
        "method": method.upper(),
        "path": path,
        "summary": voiced((SENTENCES[operation["x-door"]], operation["summary"])),
        "scope": operation["x-scope"],
        "roles": _roles(operation["x-roles"]),
        "body": body.rsplit("/", 1)[-1],
    }


def _roles(rule: str | list[str]) -> str:
    """Return for whom a door is, in words."""
    if isinstance(rule, str):
        return voiced(Sentence("人人")) if rule == PUBLIC else voiced(Sentence("登录的人"))
    return listed(voiced(WORDS[role]) for role in WORDS if role.value in rule)


SCOPE_WORDS: dict[Scope, tuple[str, str]] = {
    Scope.READ: Sentence("读"),
    Scope.PEOPLE: Sentence("老人和志愿者的资料"),
    Scope.PLAN: Sentence("求助和周计划"),
    Scope.SERVICE: Sentence("接受、签到、确认"),
    Scope.MINUTES: Sentence.of("api", "更正记录、动时间"),
    Scope.HOOKS: Sentence("回调"),
}
