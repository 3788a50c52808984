"""The job queue: rooms ask here by name, ``jobs.py`` answers. One process by default, workers when grown."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey

SCHEMA = "timebank_jobs"
Task = Callable[[int], None]
Later = Callable[[Callable[[], None]], None]


class Jobs:
    """The tasks by name and the queue that carries them."""

    def __init__(self) -> None:
        """Start without a queue; jobs then run where they are asked for."""
        self.tasks: dict[str, Task] = {}
        self.huey: Huey | None = None
        self.later: Later = lambda act: act()
        self._run: Callable[[str, int], object] | None = None

    def answer(self, name: str, task: Task) -> None:
        """Register the task that answers a name."""
        self.tasks[name] = task

    def open(self, url: str, instance: Path, *, immediate: bool) -> Huey:
        """Open the queue of a setting: empty = a SQLite file of its own, an address of PostgreSQL or Redis, immediate = run at once."""
        if immediate:
            self.huey = MemoryHuey(immediate=True)
        elif url.startswith("redis"):
            self.huey = RedisHuey("timebank", url=url)
        elif url.startswith("postgresql"):
            self.huey = _in_postgresql(url)
        else:
            instance.mkdir(parents=True, exist_ok=True)
            self.huey = SqliteHuey("timebank", filename=str(instance / "jobs.db"))
        self._run = self.huey.task(name="run")(self.run)
        return self.huey

    def run(self, name: str, subject: int) -> None:
        """Run one task now."""
        self.tasks[name](subject)

    def enqueue(self, name: str, subject: int) -> None:
        """Ask for a task on the row with this id, once that row is stored for others to see."""
        if name not in self.tasks:
            msg = f"no task answers {name!r}"
            raise LookupError(msg)
        self.later(lambda: self._send(name, subject))

    def _send(self, name: str, subject: int) -> None:
        """Hand the task to the queue, or do it when there is none."""
        if self._run is None:
            self.run(name, subject)
        else:
            self._run(name, subject)


def _in_postgresql(url: str) -> Huey:
    """Open a queue in a PostgreSQL database, in a schema of its own: the product's tables and their guards stay as they are."""
    import psycopg  # an extra; whoever has such an address has it

    address = url.replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection, contextlib.suppress(psycopg.errors.UniqueViolation):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")  # of two who do so at once, one is told that it is there
    return PostgresHuey("timebank", connection=lambda: psycopg.connect(address, options=f"-c search_path={SCHEMA}"))


jobs = Jobs()


def enqueue(name: str, subject: int) -> None:
    """Ask for a task on the row with this id."""
    jobs.enqueue(name, subject)
