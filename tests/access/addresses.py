"""The service's own map of addresses, for tests that are generated from it."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import AnyConverter, Rule

VALUES = {
    "IntegerConverter": 1,
    "FloatConverter": 1.0,
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    "DateConverter": "2026-11-25",
}


def rules(app: Flask) -> Iterator[Rule]:
    """Give every address that a browser opens."""
    yield from (rule for rule in app.url_map.iter_rules() if not is_for_programs(rule))


def programs(app: Flask) -> Iterator[Rule]:
    """Give every address that only a token opens; ``tests/api`` walks them."""
    yield from (rule for rule in app.url_map.iter_rules() if is_for_programs(rule))


def is_for_programs(rule: Rule) -> bool:
    """Say whether an address is one of the API's own."""
    return rule.endpoint.startswith("api_")


def address(app: Flask, rule: Rule, **given: object) -> str:
    """Return an address of a rule, its parts filled as given, the others with values of the right kind; a word that must be one of some is."""
    known = {name: converter.items for name, converter in rule._converters.items() if isinstance(converter, AnyConverter)}
    values = {name: VALUES.get(type(converter).__name__, "x") for name, converter in rule._converters.items()}
    values |= {name: min(items) for name, items in known.items()}
    given = {name: value for name, value in given.items() if name not in known or value in known[name]}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{**values, **(rule.defaults or {}), **given})


def methods(rule: Rule) -> list[str]:
    """Return the methods of a rule that a page answers."""
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
