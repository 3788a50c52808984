"""The collector of garbage rests while anything is under way, and catches up in between."""

import gc
import weakref

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


def test_what_was_kept_for_long_and_then_dropped_is_collected_in_the_end(app: Flask) -> None:
    class Ring:
        """Something that holds itself."""

        def __init__(self) -> None:
            self.itself = self

    with app.app_context():
        old = Ring()
        seen = weakref.ref(old)
        for _generation in range(3):
            gc.collect()
        del old
        for _time in range(collecting.WHOLE):
            kept = [[] for _ in range(collecting.DUE + 1_000)]
            collecting.collect_if_due()
            kept.clear()
        assert seen() is None
