"""The schema comes and goes on both databases, and the migrations make exactly the tables the code describes."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from timebank import schema
from timebank.db import Base, db


def test_migrations_make_the_tables_the_code_describes(both: Flask) -> None:
    with both.app_context(), db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_schema_goes_down_and_up_again(both: Flask) -> None:
    with both.app_context():
        assert schema.is_current()
        schema.downgrade()
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        assert not schema.is_current()
        schema.upgrade()
        assert schema.is_current()
