"""The schema comes and goes on both databases, and the migrations make exactly the tables the code describes."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from timebank import schema
from timebank.db import Base, db, transaction
from timebank.visits.models import Round


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


def shape(engine: Engine) -> dict[str, list[str]]:
    """Return the tables with the names of their columns and indexes."""
    seen = inspect(engine)
    return {
        name: sorted(str(each["name"]) for each in (*seen.get_columns(name), *seen.get_indexes(name))) for name in seen.get_table_names()
    }


def test_a_migration_that_fails_half_way_leaves_everything_as_it_was(both: Flask) -> None:
    """Two trips of one volunteer in one window, which an earlier schema did not know: its step has dropped a table when it fails."""
    with both.app_context():
        with transaction():
            community = make.make_community()
            volunteer, canteen = make.make_volunteer(community), make.make_canteen(community)
            for pickup in (640, 680):
                make.add(
                    Round(
                        community_id=community.id, volunteer_id=volunteer.id, canteen_id=canteen.id,
                        day=make.WEDNESDAY, window=1, pickup=pickup,
                    )
                )  # fmt: skip
        before = shape(db.engine)
        with pytest.raises(IntegrityError):
            schema.downgrade()
        assert shape(db.engine) == before
        assert schema.is_current()
