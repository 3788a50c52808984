"""A plugin of pytest that takes one safeguard of the book away before the tests run: ``SABOTAGE=name pytest -p tests.ledger.saboteur``.

``SABOTAGES`` lists them all: the triggers' rules and the triggers themselves, the constraints, the rules of the check,
and lines of the code; each with the tests that have to notice.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from timebank.credit import actions as credit
from timebank.credit import owing, rules
from timebank.ledger import actions, chain, claims, ddl, queries, verify
from timebank.ledger.models import Account, Transfer
from timebank.visits.actions import paying

BOOK = ("tests/ledger/test_attacks.py", "tests/ledger/test_walls.py", "tests/ledger/test_actions.py", "tests/ledger/test_verify.py")
USE = ("tests/credit/test_rules.py", "tests/credit/test_spending.py", "tests/visits/test_paying.py")
ONCE = ("tests/attack/test_once.py",)
OWED = ("tests/visits/test_owing.py",)
Sabotage = tuple[Callable[[], object], tuple[str, ...]]


def _drop_guard(name: str) -> None:
    """Take a whole trigger away."""
    ddl._GUARDS = tuple(each for each in ddl._GUARDS if each[0] != name)


def _drop_constraint(table: Table, constraint: CheckConstraint | UniqueConstraint) -> None:
    """Take a constraint away from a table."""
    table.constraints.discard(constraint)


def _set(owner: Any, name: str, value: object) -> None:  # modules and the like
    """Put something else in the place of a function or a constant."""
    setattr(owner, name, value)


def _always(answer: object) -> Callable[..., object]:
    """Return a function that always gives one answer."""
    return lambda *_given, **_named: answer


def _triggers() -> dict[str, Sabotage]:
    """Return every rule of the triggers, and every trigger that is one rule."""
    groups = {
        "transfer": ddl._TRANSFER_INSERT,
        "whole": ddl._TRANSFER_INSERT_SQLITE,
        "open": ddl._ACCOUNT_INSERT,
        "keep": ddl._ACCOUNT_UPDATE,
    }
    found: dict[str, Sabotage] = {
        f"trigger {group}: {rule}": (partial(each.pop, rule), BOOK) for group, each in groups.items() for rule in each
    }
    for name, _table, _event, ruled in ddl._GUARDS:
        if ruled is ddl._NEVER:
            found[f"trigger {name}"] = (partial(_drop_guard, name), BOOK)
    found["trigger ledger_transfer_move"] = (partial(_set, ddl, "_MOVE", "SELECT 1;"), BOOK)
    return found


def _constraints() -> dict[str, Sabotage]:
    """Return every constraint of the two tables that has a name of its own."""
    found: dict[str, Sabotage] = {}
    for model in (Transfer, Account):
        table: Table = model.__table__  # type: ignore[assignment]
        for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
            if isinstance(constraint, CheckConstraint | UniqueConstraint):
                name = f"{table.name}: {constraint.name or ', '.join(constraint.columns.keys())}"
                found[f"constraint {name}"] = (partial(_drop_constraint, table, constraint), BOOK)
        for index in sorted((each for each in table.indexes if each.unique), key=lambda each: str(each.name)):
            found[f"index {index.name}"] = (partial(_drop_index, table, index), BOOK)
    return found


def _drop_index(table: Table, index: Index) -> None:
    """Take a unique index away from a table."""
    table.indexes.discard(index)


def _lines() -> dict[str, Sabotage]:
    """Return lines of the code that keep the book."""
    found: dict[str, Sabotage] = {
        f"check: {rule}": (partial(verify._RULES.pop, rule), BOOK)
        for rule in verify._RULES
        if rule != "a transfer is reversed once"  # which only PostgreSQL can lose; see test_walls
    }
    found |= {
        "check: the seals": (partial(_set, verify, "_check_chain", _always((0, None))), BOOK),
        "check: the balances": (partial(_set, verify, "_check_balances", _always(None)), BOOK),
        "seal: all but the last value": (
            partial(_set, chain, "digest", lambda values, digest=chain.digest: digest(list(values)[:-1])),
            BOOK,
        ),
        "actions: a retry finds the first": (partial(_set, actions, "_replayed", _always(None)), BOOK),
        "actions: other words under a key": (partial(_set, actions, "_replayed", lambda idem, _effect: queries.by_key(*idem)), BOOK),
        "actions: refusals in words": (partial(_set, actions, "_refuse_broken", _always(None)), BOOK),
        "actions: what no state makes right": (partial(_set, actions, "_refuse_malformed", _always(None)), BOOK),
        "R6: the largest balance": (partial(_set, rules, "over_cap", _always(0)), USE),
        "R7: the day's ceiling": (partial(_set, rules, "day_word", _always(rules.DayWord.ALONE)), USE),
        "R9: the elder's week": (partial(_set, rules, "may_set_aside", lambda wanted, *_more: wanted), USE),
        "R10: who is granted": (partial(_set, rules, "grant_left", _always(480)), USE),
        "R11: whom one gives to": (partial(_set, rules, "may_give_to", _always(True)), USE),
        "R14: the hold": (partial(_set, paying, "keep", _always(None)), USE),
        "R15: the late call-off": (partial(_set, credit, "compensate", _always(None)), USE),
        "R5: a group's pool": (partial(_set, rules, "goes_to_pool", _always(False)), USE),
        "check: what is owed": (partial(_set, verify, "_OWED", "SELECT MIN(v.id) FROM ledger_account v WHERE {mine} AND 1 = 0"), BOOK),
        "R18: what comes in pays what is owed": (partial(_set, credit, "settle", _always(None)), OWED),
        "R18: above the cap comes back": (partial(_set, owing, "_from_cap", _always(0)), OWED),
        "R18: donations come back": (partial(_set, owing, "_from_pool", _always(None)), OWED),
        "R18: gifts come back": (partial(_set, owing, "_from_elders", _always(None)), OWED),
        "R18: the oldest are spent first": (partial(_set, owing, "_lying", lambda _gift, left: left), OWED),
        "R18: who owes gives nothing": (partial(_set, claims, "owed_by", _always(0)), OWED),
    }
    return found


SABOTAGES: dict[str, Sabotage] = _triggers() | _constraints() | _lines()


def pytest_configure() -> None:
    """Do the damage that was asked for."""
    SABOTAGES[os.environ["SABOTAGE"]][0]()
