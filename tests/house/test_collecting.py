"""The collector of garbage rests while anything is under way, and catches up in between."""

import gc

from flask import Flask

from timebank import collecting
from timebank.db import db, forget_reads, transaction


def test_the_collector_rests_inside_the_service_and_goes_on_outside(app: Flask) -> None:
    assert gc.isenabled()
    with app.app_context():
        assert not gc.isenabled()
        with app.app_context():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_piles_up_is_collected_between_write_units(app: Flask) -> None:
    with app.app_context():
        gc.collect()
        kept = []
        for _time in range(collecting.DUE + 10):
            ring: list[object] = []
            ring.append(ring)
            kept.append(ring)
        assert gc.get_count()[0] >= collecting.DUE
        kept.clear()
        with transaction():
            db.session.execute(db.text("SELECT 1"))
        assert gc.get_count()[0] < collecting.DUE
        forget_reads()
