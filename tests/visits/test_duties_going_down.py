"""A turn that is on record holds the step before duties up: the schema stays as it is, and the office reads why."""

import pytest
from alembic import command
from flask import Flask

from tests import builders as make
from tests.visits.test_duties import build
from timebank import schema
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.safekeeping.down import next_step
from timebank.visits.actions import duties, duty_records, duty_times
from timebank.visits.models import Trust


@pytest.mark.long  # some twenty steps down and up again on two databases
def test_the_step_that_would_lose_a_turns_record_is_refused_in_words_and_everything_stays(both: Flask) -> None:
    crossing = build(both)
    with both.app_context(), transaction():
        duties.claim(crossing.duty(), crossing.person())
    make.set_clock("2026-11-25 11:28")
    with both.app_context(), transaction():
        duty_times.sign_in(crossing.duty(), crossing.duty().code)
    make.set_clock("2026-11-25 12:02")
    with both.app_context(), transaction():
        duty_times.sign_out(crossing.duty())
        duty_records.confirm(crossing.duty(), Trust.DESK, crossing.user("first"))
    with both.app_context():
        db.session.remove()
        command.downgrade(schema._config(), "0017")
        with pytest.raises(Conflict, match="nothing was changed") as refused:
            next_step()
        assert "0017_duties 退不回去" in refused.value.zh
        assert schema.current() == "0017"
        schema.upgrade()
        assert schema.is_current()
        assert crossing.record().minutes == 34
