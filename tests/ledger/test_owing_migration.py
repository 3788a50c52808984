"""A filled book takes what is owed up, keeps every transfer, trigger and index, and does not lose a claim on the way down."""

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from tests.visits.owing import WHY, town
from timebank import schema
from timebank.db import db, transaction
from timebank.ledger import claims, ddl
from timebank.ledger import queries as book
from timebank.ledger.verify import verify
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord

BEFORE = "0011-1"


def go_down() -> None:
    """Take the database to the schema before there was anything owed."""
    db.session.remove()
    command.downgrade(schema._config(), BEFORE)


def guarded() -> set[str]:
    """Return the names of the ledger's triggers as the database has them."""
    with db.engine.connect() as connection:
        on_sqlite = db.engine.dialect.name == "sqlite"
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if on_sqlite else "SELECT tgname FROM pg_trigger"
        return {name for name in connection.exec_driver_sql(names).scalars() if name.startswith("ledger_")}


def indexed() -> set[tuple[str | None, bool]]:
    """Return the ledger's indexes."""
    seen = inspect(db.engine)
    tables = ("ledger_account", "ledger_transfer", "proposal")
    return {(each["name"], bool(each["unique"])) for table in tables for each in seen.get_indexes(table)}


def test_a_filled_book_goes_up_whole_and_its_gone_credit_can_be_corrected_from_then_on(both: Flask) -> None:
    for here in town(both):
        with transaction():
            record = here.served(84).id
            here.donates(84)
            here.pool_is_used(60)
        triggers, indexes, head = guarded(), indexed(), book.chain_head(here.community)
        go_down()
        assert (guarded(), indexed()) == (triggers, indexes)
        assert verify().ok
        schema.upgrade()
        assert (guarded(), indexed(), book.chain_head(here.community)) == (triggers, indexes, head)
        assert len(triggers) >= len(ddl._GUARDS)
        with transaction():
            correct(db.session.get_one(ServiceRecord, record), 10, WHY, here.by)
        assert (claims.owed_by(here.me.account_id), here.pool()) == (50, 0)
        assert verify(here.community).ok


def test_a_book_in_which_something_was_owed_does_not_go_down_and_stays_as_it_was(both: Flask) -> None:
    for here in town(both):
        with transaction():
            record = here.served(84)
            here.donates(84)
            here.pool_is_used(84)
            correct(record, 10, WHY, here.by)
        with pytest.raises(IntegrityError):
            go_down()
        assert schema.is_current()
        assert claims.owed_by(here.me.account_id) == 74
        assert verify(here.community).ok
