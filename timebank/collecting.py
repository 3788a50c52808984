"""Cyclic garbage is collected between requests and write units, never in the middle of one.

CPython 3.11 may free the attributes of an object twice: when storing one makes the collector run, and the collector calls a
callback that stores another on the same object, as the weak references of SQLAlchemy's states do. Seen as a crash of the service
on a page that reads a week several times (found with valgrind: ``make_dict_from_instance_attributes`` under ``gc_collect``). So
the collector rests while anything is under way, and is asked at moments at which nothing is being stored.
"""

import gc
import threading

DUE = 60_000
"""So many more objects made than freed before a collection is worth its time."""

WHOLE = 12
"""Each so many collections, everything is looked through, else only what was made since the last one and the one before."""

_lock = threading.Lock()
_under_way = 0
_settled = False
_young = 0


def begin() -> None:
    """Let the collector rest: something is under way; what was there before the first time is never looked through again."""
    global _under_way, _settled  # noqa: PLW0603 - one collector, one count
    with _lock:
        if not _settled:
            gc.freeze()
            _settled = True
        _under_way += 1
        gc.disable()


def end() -> None:
    """Note that something is over; collect what has piled up, and let the collector go on when nothing is under way."""
    global _under_way  # noqa: PLW0603 - one collector, one count
    collect_if_due()
    with _lock:
        _under_way = max(0, _under_way - 1)
        if _under_way == 0:
            gc.enable()


def collect_if_due() -> None:
    """Collect at a moment at which nothing is being stored, when enough has piled up; what has lived long is rarely looked at."""
    global _young  # noqa: PLW0603 - one collector, one count
    if gc.get_count()[0] >= DUE:
        _young = (_young + 1) % WHOLE
        gc.collect(1 if _young else 2)
