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
        store.add({**key, **stamp(), "first": engine.first_run(), "later": engine.start_up()})


def table(store: Store) -> str:
    """Write both."""
    rows = store.table(TABLE)
    return f"{markdown(('first run s', 'later runs s'), ([row['first'], row['later']] for row in rows))}\n\n{measured_on(rows)}"
