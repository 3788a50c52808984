"""What it costs to start: the first run after an installation, and every later one."""

from collections.abc import Iterator

from tests.benchmarks import engine
from tests.benchmarks.measure import stamp
from tests.benchmarks.store import Row, Store, markdown, measured_on

TABLE = "start"


def keys() -> Iterator[Row]:
    """Name the one row."""
    yield {"table": TABLE}


def measure(store: Store) -> None:
    """Measure both, unless that was done."""
    for key in store.missing(keys()):
        later = engine.later_run()  # compiles what has not been compiled
        store.add({**key, **stamp(), "first": engine.first_run(), "later": min(later, engine.later_run())})


def table(store: Store) -> str:
    """Write both: a T week with 5 seconds."""
    rows = store.table(TABLE)
    lines = [[name, *row[at]] for row in rows for name, at in (("the first run on a machine", "first"), ("every later run", "later"))]
    return f"{markdown(('T, 5 s', 'first plan s', 'wall s'), lines)}\n\n{measured_on(rows)}"
