"""What only one process does: of several that ask at once one gets it, and whoever ended gives it up."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from timebank import children, jobs, leases
from timebank.queue import jobs as queue

ELSEWHERE, THERE = "another-machine:7:1", "a-third-machine:8:1"
A_WHILE = timedelta(minutes=9)


def as_process(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Be another process from now on."""
    monkeypatch.setattr(children, "name_of_this_process", lambda: name)


def test_one_process_has_a_lease_until_its_time_is_over(both: Flask, monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]) -> None:
    with both.app_context():
        as_process(monkeypatch, ELSEWHERE)
        assert leases.take("clock", A_WHILE)
        as_process(monkeypatch, THERE)
        assert not leases.take("clock", A_WHILE)
        assert leases.holder("clock") == ELSEWHERE
        later(minutes=8)
        as_process(monkeypatch, ELSEWHERE)
        assert leases.take("clock", A_WHILE), "whoever has it keeps it"
        later(minutes=8)
        as_process(monkeypatch, THERE)
        assert not leases.take("clock", A_WHILE)
        later(minutes=2)
        assert leases.holder("clock") == ""
        assert leases.take("clock", A_WHILE)
        assert leases.take("another", A_WHILE)
        as_process(monkeypatch, ELSEWHERE)
        assert not leases.take("clock", A_WHILE), "it was away too long"


def test_a_process_of_this_machine_that_ended_gives_its_lease_up_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    own = children.name_of_this_process()
    ended = f"{own.partition(':')[0]}:{2**22 + 1}:1"
    with app.app_context():
        as_process(monkeypatch, ended)
        assert leases.take("clock", A_WHILE)
        as_process(monkeypatch, own)
        assert leases.take("clock", A_WHILE)
        assert leases.holder("clock") == own


def test_of_several_who_ask_at_the_same_moment_one_gets_it(both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = threading.Barrier(6)

    def ask(_number: int) -> bool:
        with both.app_context():
            ready.wait()
            return leases.take("clock", A_WHILE)

    monkeypatch.setattr(children, "name_of_this_process", lambda: f"machine-{threading.get_ident()}:1:1")
    with ThreadPoolExecutor(6) as people:
        assert Counter(people.map(ask, range(6))) == {True: 1, False: 5}


def test_the_clocks_work_is_done_by_one_process_and_by_the_next_when_it_is_gone(
    app: Flask, monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    done: list[str] = []
    monkeypatch.setitem(queue.tasks, jobs.HOUSEKEEPING, lambda _subject: done.append(children.name_of_this_process()))
    for _stroke in range(2):
        for process in (ELSEWHERE, THERE):
            as_process(monkeypatch, process)
            jobs.strike(app)
        later(minutes=10)
    as_process(monkeypatch, THERE)  # the other one was killed meanwhile
    assert jobs.strike(app)
    assert done == [ELSEWHERE, ELSEWHERE, THERE]
