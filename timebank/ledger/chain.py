"""The hash chain: every transfer seals itself and the one before it in its community."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

GENESIS = "0" * 64
# The sealed columns in their sealed order; ``at`` is sealed as UTC text and ``prev_hash`` comes last.
SEALED = (
    "seq",
    "community_id",
    "debit_id",
    "credit_id",
    "minutes",
    "kind",
    "source",
    "idem_scope",
    "idem_key",
    "reverses",
    "hold_seq",
    "actor",
    "approver",
    "note",
    "at",
    "prev_hash",
)
_canonical = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


def sealed_instant(at: datetime) -> str:
    """Return an instant as it is sealed: UTC with microseconds, the very text SQLite stores."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def digest(values: Sequence[object]) -> str:
    """Return the seal over the values of ``SEALED``, instants already as text."""
    return hashlib.sha256(_canonical(list(values)).encode("ascii")).hexdigest()
