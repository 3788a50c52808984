"""Minutes by road: asked of an OSRM once, kept with the plan, and the same for whoever plans and whoever judges; everything works without."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests import builders as make
from tests.planning.street import Street
from timebank.config import Settings
from timebank.db import db, forget_reads, transaction
from timebank.places.models import Community
from timebank.planning import roads, runner, scenes, snapshot, supposing
from timebank.planning.actions import runs
from timebank.planning.actions.judging import judged
from timebank.planning.models import PlanRun, RunKind

SECONDS = 1441.0
"""Whichever way: 25 minutes, far longer than the crow flies here."""


class Osrm(BaseHTTPRequestHandler):
    """Answers a table as an OSRM does."""

    server: Any

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = re.fullmatch(r"/(foot|bike)/table/v1/\1/([^?]*)\?annotations=duration&sources=([\d;]+)&destinations=([\d;]+)", self.path)
        assert found is not None, self.path
        points = found[2].split(";")
        assert all(re.fullmatch(r"120\.\d{6},36\.\d{6}", each) for each in points), "the longitude comes first"
        sources, ends = ([points[int(each)] for each in found[group].split(";")] for group in (3, 4))
        table = [[0 if a == b else self.server.seconds for b in ends] for a in sources]
        body = json.dumps({"code": "Ok", "durations": table} if self.server.says is None else self.server.says).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def osrm(street: Street, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give the street a service that knows its roads; ``seconds`` is what every way takes, ``says`` what it answers instead."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Osrm)
    server.asked, server.seconds, server.says = [], SECONDS, None
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    own: Settings = street.app.extensions["timebank"]
    monkeypatch.setitem(street.app.extensions, "timebank", replace(own, roads_url=f"http://127.0.0.1:{server.server_port}/{{mode}}"))
    yield server
    server.shutdown()
    server.server_close()


def asked_run(street: Street, kind: RunKind = RunKind.SOLVE) -> int:
    """Let the engine be asked for the week; return the run's number."""
    street.open()
    with transaction():
        return runs.queue_run(street.plan(), kind, 2, send=False).id


def minutes(street: Street) -> list[list[int]]:
    """Return the minutes on foot that the week is judged by."""
    week = snapshot.board_week(scenes.scene(street.plan()))
    found: list[list[int]] = week["travel"]["minutes"]["walk"]
    assert len(found) == len(week["places"])
    return found


def test_the_run_and_the_judge_go_by_the_same_kept_minutes(street: Street, osrm: Any) -> None:
    number = asked_run(street)
    runner.run(number)
    forget_reads()
    run = db.session.get_one(PlanRun, number)
    assert (run.state.value, run.kept, run.fault) == ("done", True, "")
    assert run.roads == roads.digest_of(street.plan().roads) != ""
    before = minutes(street)
    assert {each for row in before for each in row} >= {0, 25}
    assert run.result is not None
    assert run.result["score"]["travel"] >= 50, "there and back by road"
    osrm.seconds = 60.0  # whatever it would say today
    asked = len(osrm.asked)
    assert judged(scenes.scene(street.plan())).breaches == ()
    assert minutes(street) == before
    again = asked_run(street, RunKind.REPLAN)
    runner.run(again)
    forget_reads()
    assert (len(osrm.asked), minutes(street)) == (asked, before), "what is known is not asked for again"
    assert db.session.get_one(PlanRun, again).roads == run.roads


def test_a_place_that_is_new_is_as_the_crow_flies_until_a_run_has_asked(street: Street, osrm: Any) -> None:
    first = asked_run(street)
    runner._ask_for_roads(first)
    before = minutes(street)
    osrm.seconds = 60.0
    with transaction():
        runs.stop_run(db.session.get_one(PlanRun, first))
        far = make.make_building(db.session.get_one(Community, street.community), lat=36.08, lon=120.37)
        home = make.make_household(db.session.get_one(Community, street.community), far)
        make.make_elder(home)
        make.make_request(db.session.get_one(Community, street.community), make.make_kind("CLEAN", skills=[]), home)
    street.open()
    now = minutes(street)
    assert len(now) == len(before) + 1
    runner._ask_for_roads(asked_run(street, RunKind.REPLAN))
    asked_since = minutes(street)
    assert asked_since != now, "the new place's ways are known by now"
    old = {each for row in before for each in row}
    assert 25 in old & {each for row in asked_since for each in row}, "and the old ones are as they were"


@pytest.mark.parametrize("says", [{"code": "NoTable"}, {"code": "Ok", "durations": [[1]]}, {"code": "Ok", "durations": "x"}, [], None])
def test_a_service_that_is_down_or_answers_wrongly_holds_no_plan_up(street: Street, osrm: Any, says: Any) -> None:
    if says is None:
        osrm.shutdown()
        osrm.server_close()
    osrm.says = says
    number = asked_run(street)
    runner._ask_for_roads(number)
    forget_reads()
    assert street.plan().roads is None
    assert snapshot.board_week(scenes.scene(street.plan()))["travel"] == roads.TRAVEL
    assert db.session.get_one(PlanRun, number).roads == ""


def test_a_what_if_and_somebody_asked_about_join_the_known_places(street: Street, osrm: Any) -> None:
    runner._ask_for_roads(asked_run(street))
    week = snapshot.solve_week(scenes.scene(street.plan()))
    week["baseline"] = snapshot.board_plan(scenes.scene(street.plan()))
    place = {"id": "new", "lat": 36.07, "lon": 120.35, "access": 2}
    supposing._put(week, place)
    for table in week["travel"]["minutes"].values():
        assert [len(row) for row in table] == [len(week["places"])] * len(week["places"])
        assert table[-1][-1] == 0
        assert all(row[-1] >= 2 for row in table[:-1])


def test_many_points_are_asked_for_in_parts() -> None:
    asked: list[tuple[int, int]] = []

    def answer(_base: str, origins: Any, targets: Any) -> list[list[float | None]]:
        asked.append((len(origins), len(targets)))
        return [[None if a == (0.0, 0.0) else 61.0 for _ in targets] for a in origins]

    points = {(float(n), 0.0) for n in range(120)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roads, "_asked", answer)
        found = roads.brought("http://127.0.0.1/{mode}", None, points)
    assert found is not None
    assert max(max(each) for each in asked) <= roads.AT_ONCE
    assert found["minutes"]["walk"][1][2] == 2
    assert found["minutes"]["ebike"][0][1] is None, "a way nobody knows is as the crow flies"
    assert roads.brought("http://127.0.0.1", None, {(float(n), 0.0) for n in range(roads.MOST_POINTS + 1)}) is None
