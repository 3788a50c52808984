"""The queue of jobs in PostgreSQL: what one process asks for another one answers, and the product's own tables are as they were."""

import contextlib
import os
import threading
from pathlib import Path

import psycopg
import pytest
from huey.consumer import Consumer

from tests import databases
from tests.browser import build
from tests.conftest import SECRET, migrated
from tests.safekeeping.conftest import tools
from timebank import sealcheck
from timebank.queue import Jobs
from timebank.safekeeping import actions as safekeeping


def test_what_one_process_asks_for_another_answers_and_no_backup_carries_it(
    server: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, opened = psycopg.connect, contextlib.ExitStack()
    monkeypatch.setattr(psycopg, "connect", lambda *how, **more: opened.enter_context(contextlib.closing(connect(*how, **more))))
    monkeypatch.setenv("PATH", f"{tools()}{os.pathsep}{os.environ['PATH']}")
    url = databases.fresh_database("postgresql", migrated, server=server, folder=folder)
    asks, answers, heard, done = Jobs(), Jobs(), [], threading.Event()
    for each in (asks, answers):
        each.open(url, tmp_path, immediate=False)
        each.answer("try", lambda subject: (heard.append(subject), done.set()))  # type: ignore[func-returns-value]
    asks.enqueue("try", 7)
    assert asks.huey is not None
    assert asks.huey.pending_count() == 1
    consumer = Consumer(answers.huey, workers=1, initial_delay=0.05, check_worker_health=False)
    consumer.start()
    try:
        assert done.wait(30)
    finally:
        consumer.stop(graceful=True)
    assert heard == [7]
    asks.enqueue("try", 8)
    app = build(tmp_path, database_url=url, secret_key=SECRET)
    with app.app_context():
        assert sealcheck.guards() == []
        made, manifest = safekeeping.back_up(app.extensions["timebank"], tmp_path, with_key=False)
    assert made.exists()
    assert not any("huey" in table for table in manifest.facts.counts)
    opened.close()  # huey leaves each thread's connection to the end of its process
