"""How long the API takes beside a bare route of the same service, in the same run: a read by one question, and a write."""

import sys
import time
from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.program import Program, program_of
from tests.attack.town import Town

READS, WRITES = 6.0, 20.0
CALLS = 190  # three measures keep within the calls of one minute


def p99(call: Callable[[int], int], expected: int) -> float:
    """Return the 99th of a hundred of the seconds that calls take."""
    times = []
    for each in range(CALLS):
        began = time.perf_counter()
        status = call(each)
        times.append(time.perf_counter() - began)
        assert status == expected
    return sorted(times)[int(CALLS * 0.99)]


@pytest.mark.long  # a measurement: on a machine that others use it says little
def test_reads_and_writes_keep_within_their_measure_of_a_bare_route(app: Flask, town: Town) -> None:
    desk = program_of(app, town.users["coordinator"])
    bare_program = Program(app, "")
    app.view_functions["api.document"] = lambda: ("", 200)  # a route through the same gates, with nothing behind them
    bare = p99(lambda _each: bare_program.get("/openapi.json").status_code, 200)
    path = f"/volunteers/{town.rows['carer_two']}/availability"
    found = {
        "GET /kinds": p99(lambda _each: desk.get("/kinds").status_code, 200) / bare,
        "GET /buildings": p99(lambda _each: desk.get("/buildings").status_code, 200) / bare,
        "PUT availability": p99(
            lambda each: (
                desk.send(path, {"spans": [{"weekday": 0, "start": "08:00", "end": f"{9 + each % 9:02d}:30"}]}, method="PUT").status_code
            ),
            200,
        )
        / bare,
    }
    sys.stdout.write(f"bare {bare * 1000:.2f} ms; times that: { {name: round(each, 1) for name, each in found.items()} }\n")
    assert max(found["GET /kinds"], found["GET /buildings"]) <= READS
    assert found["PUT availability"] <= WRITES
