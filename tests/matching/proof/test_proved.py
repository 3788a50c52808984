"""Every ceiling says which proof gave it and why that went no further; none ends in silence, with pins or without, at any size."""

import json
import pickle
from typing import Any

import pytest

from matching.bound import bound
from matching.files import read_week
from matching.model import Week
from matching.proof import ceiling
from matching.proof.ceiling import Proof, prove, trivial
from matching.proof.columns import Columns
from matching.proof.proved import Ceiling, End, Way
from matching.search.problem import compile_week
from matching.solve import solve
from tests.benchmarks.generate import generate
from tests.matching.brute import most_weight
from tests.matching.proof.test_columns import tiny
from tests.matching.test_commands import run, saved
from tests.matching.weeks import EXAMPLE_WEEK, Json, bare, visit, volunteer, week

PROOFS, ENDS = {str(way) for way in Way}, {str(end) for end in End}
PIN_EVERY = 9


def with_pins(size: str, seed: int) -> tuple[Json, int]:
    """A week in which every ninth visit that the first plan serves is pinned as it stands there, and the weight of that plan."""
    made = generate(size, seed)
    of = read_week(made)
    plan = solve(of, seconds=120, workers=1, stop=lambda: True)
    days = {one.id: [window.day for window in one.windows] for one in of.volunteers}
    crews: dict[str, list[str]] = {}
    moments: dict[str, tuple[int, int]] = {}
    for route in plan.routes:
        for stop in route.stops:
            if hasattr(stop, "visit"):
                crews.setdefault(stop.visit, []).append(route.volunteer)
                moments[stop.visit] = days[route.volunteer][route.window], stop.start
    chosen = sorted(crews)[::PIN_EVERY]
    pins = [{"visit": name, "volunteers": crews[name], "day": moments[name][0], "start": moments[name][1]} for name in chosen]
    return made | {"pins": pins}, plan.score.served_weight


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_a_small_week_with_pins_is_closed_by_columns(seed: int) -> None:
    made, served = with_pins("T", seed)
    problem = compile_week(read_week(made))
    columns = Columns(problem, len(made["pins"]))
    assert list(columns.rounds(lambda: True))
    assert columns.ended
    assert not columns.overflowed
    proved = prove(problem, seconds=60, steady=True, pins=len(made["pins"]))
    assert served <= proved <= columns.ceiling < trivial(problem)
    assert proved.ended == End.NO_GAIN


@pytest.mark.parametrize("size", ["S", *(pytest.param(size, marks=pytest.mark.long) for size in ("M", "L", "XL"))])
def test_a_proof_of_a_bigger_week_with_pins_says_what_it_did(size: str) -> None:
    made, served = with_pins(size, 1)
    problem = compile_week(read_week(made))
    said: list[Ceiling] = []
    proved = prove(problem, seconds=4 if size == "S" else 30, pins=len(made["pins"]), told=said.append)
    assert served <= proved <= trivial(problem)
    # What fits some window is the truth already where volunteers are many.
    assert (proved.proof in {Way.ROWS, Way.BRANCHING}) == (proved < trivial(problem))
    assert size in {"L", "XL"} or proved < trivial(problem)
    assert proved.ended in {End.TIME, End.NO_GAIN}
    assert [int(one) for one in said] == sorted((int(one) for one in said), reverse=True)
    assert all(one.ended is None for one in said)


@pytest.mark.parametrize("seed", range(460, 490))
def test_what_stays_open_by_columns_goes_on_by_rows_and_both_hold(seed: int) -> None:
    of = tiny(seed, people=3)
    proved = prove(compile_week(of), seconds=20, steady=True)
    assert proved >= most_weight(of)
    assert proved.ended == (End.NO_GAIN if proved else End.PROVED)


def test_rows_close_a_small_week_that_columns_leave_open() -> None:
    proved = prove(compile_week(read_week(generate("T", 2))), seconds=60, steady=True)
    assert (proved, proved.proof, proved.ended) == (1185, Way.ROWS, End.NO_GAIN)


def test_the_five_proofs_are_named() -> None:
    plain = compile_week(read_week(EXAMPLE_WEEK))
    assert prove(plain, seconds=0.5) == trivial(plain)
    assert (prove(plain, seconds=0.5).proof, prove(plain, seconds=0.5).ended) == (Way.TRIVIAL, End.TIME)
    seen = {prove(compile_week(read_week(generate("T", seed, scarce=scarce))), seconds=60, steady=True).proof
            for seed, scarce in ((2, False), (8, False), (3, True))}  # fmt: skip
    assert seen == {Way.ROWS, Way.COLUMNS}
    some = Proof(compile_week(read_week(generate("T", 6))), 0, 60, steady=True, stop=None, told=None)
    some.by_rows(None, 1.0, moats=True)
    assert some.ceiling.proof == Way.BRANCHING
    rounds: list[Ceiling] = []
    prove(compile_week(read_week(generate("T", 8))), seconds=60, steady=True, told=rounds.append)
    assert Way.PRICES in {one.proof for one in rounds}


def test_too_many_trips_begun_are_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceiling, "STEADY_LABELS", 150_000)
    proved = prove(compile_week(read_week(generate("T", 5))), seconds=60, steady=True)
    assert proved.ended == End.LABELS


def test_a_proof_stops_as_soon_as_a_plan_is_known_to_reach_it() -> None:
    problem = compile_week(read_week(generate("T", 1)))
    told: list[Ceiling] = []
    proved = prove(problem, seconds=60, steady=True, served=1196, told=told.append)
    assert (proved, proved.ended) == (1196, End.PROVED)
    assert len(told) <= 2


def test_nothing_to_serve_is_proved_at_once() -> None:
    of = week(visits=[visit(skills=["nurse"])])
    assert (bound(of, seconds=5), bound(of, seconds=5).proof, bound(of, seconds=5).ended) == (0, Way.TRIVIAL, End.PROVED)


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_names_the_proof_from_the_first_plan_to_the_last_word(workers: int) -> None:
    of = read_week(generate("T", 1))
    events: list[dict[str, Any]] = []
    plan = solve(of, seconds=6, iterations=2_000 if workers == 1 else None, workers=workers, progress=events.append)
    assert (events[0]["proof"], events[0]["ended"]) == ("trivial", None)
    assert all(event["proof"] in PROOFS and event["ended"] in {None, *ENDS} and type(event["bound"]) is int for event in events)
    assert (events[-1]["phase"], events[-1]["bound"], events[-1]["ended"]) == ("done", plan.bound, "proved")
    assert events[-1]["proof"] in {"columns", "prices", "rows", "branching"}
    assert json.loads(json.dumps(events)) == events
    assert type(plan.bound) is int


def test_a_solve_with_no_time_to_prove_says_so() -> None:
    events: list[dict[str, Any]] = []
    solve(crowded(), seconds=5, iterations=5, workers=1, progress=events.append, stop=lambda: len(events) > 0)
    assert (events[-1]["proof"], events[-1]["ended"]) == ("trivial", "time")


def crowded() -> Week:
    """A week in which more is asked for than one morning holds."""
    return read_week(bare(visits=[visit(f"x{number}") for number in range(12)], volunteers=[volunteer()]))


def test_the_command_names_the_proof_beside_the_figure(tmp_path: Any) -> None:
    found = json.loads(run("bound", saved(tmp_path, "week.json", generate("T", 4)), "--seconds", "8").stdout)
    assert found == {"served_weight": 1253, "proof": "rows", "ended": "no_gain"}


def test_a_ceiling_is_a_whole_number_that_goes_through_a_pipe() -> None:
    known = Ceiling(12, Way.PRICES, End.LABELS)
    again = pickle.loads(pickle.dumps(known))
    assert (again, again.proof, again.ended, again + 1) == (12, Way.PRICES, End.LABELS, 13)
    assert known.lower(15, Way.ROWS) is known
    assert known.beside(12).ended == End.PROVED
