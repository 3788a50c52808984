"""What opens something stays behind where rows leave the house: whoever takes them along could otherwise use it alone.

A visit's code shows that somebody stood at the door, the seed of a week's check says whom nobody will ring up, the code on an elder's paper
binds a family, the key of a gateway reads everybody's sign-in codes. In a copy codes are drawn anew, keys are left out and messages
tell no code; how things stand and what is on record goes out as it is.
"""

import json
import secrets
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import Table

from timebank import clock
from timebank.access.queries import hash_of
from timebank.elders.models import FamilyCode
from timebank.exchange.resealing import opened
from timebank.notices.hiding import without_code
from timebank.notices.models import MessageChannel, Notice
from timebank.proposals.models import Kind, Proposal
from timebank.records.actions.checking import new_seed
from timebank.records.models import CheckWeek
from timebank.sealed import Sealed, sealer
from timebank.visits.duties import new_code
from timebank.visits.models import Visit
from timebank.wholly import Row

A_WEEK = timedelta(days=7)
KEY = "secret"


def readable(table: Table, row: Row) -> Row:
    """Return a row with its words under seal as the office reads them, and without what opens something."""
    return _without(table, opened(table, row))


def sealed(table: Table, row: Row) -> Row:
    """Return a row as it stands, under the office's own seal, but without what opens something."""
    if table.name not in _CHANGES:
        return row
    read = opened(table, row)
    changed = {name: word for name, word in _without(table, read).items() if word != read[name]}
    under_seal = {name for name in changed if isinstance(table.columns[name].type, Sealed)}
    return row | {name: sealer.fernet.encrypt(word.encode()).decode() if name in under_seal else word for name, word in changed.items()}


def _without(table: Table, row: Row) -> Row:
    """Return a readable row without what opens something."""
    change = _CHANGES.get(table.name)
    return row | change(row) if change is not None else row


def _seed(row: Row) -> Row:
    """Draw the lots of a week anew that is not over: those of past weeks can be told again."""
    return {"seed": new_seed()} if date.fromisoformat(row["week"]) + A_WEEK > clock.today() else {}


def _channel(row: Row) -> Row:
    """Leave the key of a channel out."""
    return {"sealed_settings": _keyless(row["sealed_settings"])} if "sealed_settings" in row else {}


def _proposal(row: Row) -> Row:
    """Leave the key of a channel out that waits for a second person."""
    if row["kind"] != Kind.CHANNEL.value or "sealed_terms" not in row:
        return {}
    terms = json.loads(row["sealed_terms"])
    return {"sealed_terms": json.dumps(terms | {"said": json.loads(_keyless(json.dumps(terms["said"])))}, ensure_ascii=False)}


def _keyless(settings: str) -> str:
    """Return the settings of a channel without its key."""
    return json.dumps({name: said for name, said in json.loads(settings).items() if name != KEY}, ensure_ascii=False)


_CHANGES: dict[str, Callable[[Row], Row]] = {
    Visit.__tablename__: lambda _row: {"code": new_code()},
    CheckWeek.__tablename__: _seed,
    FamilyCode.__tablename__: lambda _row: {"code_hash": hash_of(secrets.token_urlsafe())},
    Notice.__tablename__: lambda row: {"text": without_code(row["text"])} if "text" in row else {},
    MessageChannel.__tablename__: _channel,
    Proposal.__tablename__: _proposal,
}
