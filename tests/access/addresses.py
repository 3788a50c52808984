"""The service's own map of addresses, for tests that are generated from it."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

VALUES = {
    "IntegerConverter": 1,
    "FloatConverter": 1.0,
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    "DateConverter": "2026-11-25",
}


def rules(app: Flask) -> Iterator[Rule]:
    """Give every address of the service."""
    yield from app.url_map.iter_rules()


def address(app: Flask, rule: Rule, **given: object) -> str:
    """Return an address of a rule, its parts filled as given, the others with values of the right kind."""
    values = {name: VALUES.get(type(converter).__name__, "x") for name, converter in rule._converters.items()}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{**values, **(rule.defaults or {}), **given})


def methods(rule: Rule) -> list[str]:
    """Return the methods of a rule that a page answers."""
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
