"""Hands for an attacker who knows the product: rows with a right seal, written past the actions."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from timebank import clock
from timebank.db import db, forget_reads
from timebank.ledger import chain, queries
from timebank.ledger.models import Transfer

COLUMNS = (*chain.SEALED, "hash")


def forged(**changes: object) -> dict[str, Any]:
    """Return a row that would rightly continue the chain, but for the changes; its seal fits the changes too."""
    head = queries.chain_head(int(str(changes.get("community_id", 1))))
    row: dict[str, Any] = dict.fromkeys(chain.SEALED) | {
        "seq": head.seq + 1,
        "community_id": 1,
        "minutes": 60,
        "kind": "earn",
        "source": f"record:{head.seq + 1000}:v1",
        "idem_scope": "forged",
        "idem_key": str(head.seq + 1),
        "actor": "nobody",
        "at": chain.sealed_instant(clock.now()),
        "prev_hash": head.hash,
    }
    row |= changes
    return row | {"hash": chain.digest([row[name] for name in chain.SEALED])}


def stored(transfer: Transfer) -> dict[str, Any]:
    """Return a transfer's row as it is stored."""
    found = {name: getattr(transfer, name) for name in COLUMNS}
    return found | {"kind": transfer.kind.value, "at": chain.sealed_instant(transfer.at)}


def write(row: Mapping[str, Any], verb: str = "INSERT INTO", *, after: str = "", quietly: bool = False) -> None:
    """Write a row with plain SQL; ``quietly`` without the pragma that fires triggers for what REPLACE deletes."""
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    run(f"{verb} ledger_transfer ({names}) VALUES ({values}) {after}", row, quietly=quietly)


def run(statement: str, values: Mapping[str, Any] | None = None, *, quietly: bool = False) -> None:
    """Run one statement on a connection of its own and commit it; the session then reads anew."""
    forget_reads()
    with db.engine.connect() as connection:
        if quietly:
            connection.exec_driver_sql("ROLLBACK")  # a pragma takes hold outside a transaction only
            connection.exec_driver_sql("PRAGMA recursive_triggers=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            connection.execute(text(statement), values or {})
            connection.commit()
        finally:
            connection.invalidate()
