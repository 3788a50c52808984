"""A visit noted as failed that took place after all: the next try is called off when two people have put it on record."""

from flask import Flask

from tests import builders as make
from tests.records.conftest import open_office
from timebank import clock
from timebank.db import db, transaction
from timebank.visits.actions import again, entering, serving
from timebank.visits.models import Outcome, VisitState


def test_the_next_try_is_called_off_when_the_first_is_put_on_record(both: Flask) -> None:
    office = open_office(both)
    make.set_clock("2026-11-24 15:20")
    with both.app_context():
        with transaction():
            made = office.forgotten
            made.visit.days = [*made.visit.days, "2026-11-26"]
            serving.report(made, Outcome.NO_ANSWER)
        later = again.next_of(made.visit)
        assert later is not None
        make.set_clock("2026-11-25 16:00")
        with transaction():
            entry = entering.enter(office.back(), office.user("first"))
            entering.post(entry, office.user("second"))
        assert (made.visit.state, later.state) == (VisitState.CONFIRMED, VisitState.CANCELLED)
        assert again.waiting(office.community) == []
        assert clock.today() <= later.occurrence
        db.session.rollback()
