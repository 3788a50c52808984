"""What the web process may call stays light, and the referee stays alone."""

import json
import subprocess
import sys

import pytest

from matching import WHERE
from tests.matching.weeks import EXAMPLE_PLAN, EXAMPLE_WEEK

HEAVY = {"ortools", "numba", "llvmlite", "scipy", "geopy", "flask", "sqlalchemy"}
PLAYER = {"solve", "search", "proof", "bound", "replan", "advise"}
JUDGE = """
week = matching.read_week(sys.argv[1])
plan = matching.read_plan(sys.argv[2], week)
route = plan.routes[0]
visit = next(stop.visit for stop in route.stops if hasattr(stop, "visit"))
assert matching.check(week, plan).ok
assert len(matching.explain(week, plan)) == len(plan.unserved)
assert matching.rank(week, plan, visit)
assert matching.compare(week, plan, plan)["touched"] == 0
assert matching.why(week, plan, visit, route.volunteer).zh
"""


def loaded_after(program: str) -> set[str]:
    """The modules a fresh interpreter has loaded when the program is done."""
    whole = f"import json, sys, matching\n{program}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", whole, EXAMPLE_WEEK, EXAMPLE_PLAN], check=True, capture_output=True, text=True, timeout=60)
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_of_it() -> None:
    assert {name for name in loaded_after("") if name.startswith("matching")} == {"matching"}


def test_judging_explaining_ranking_and_comparing_load_no_solver() -> None:
    found = loaded_after(JUDGE)
    assert not HEAVY & {name.partition(".")[0] for name in found}
    assert not {f"matching.{name}" for name in PLAYER} & found


def test_the_referee_loads_nothing_of_the_player_nor_of_those_who_explain() -> None:
    found = {name.partition(".")[2] for name in loaded_after("import matching.referee.check") if name.startswith("matching.")}
    assert found == {"referee", "referee.case", "referee.check", "referee.pins", "referee.seats", "model", "reasons"}


@pytest.mark.parametrize("name", ["check", "explain", "rank", "compare", "why"])
def test_a_public_name_is_the_function_even_after_its_module_is_imported(name: str) -> None:
    loaded_after(f"import matching.{WHERE[name]}\nassert callable(matching.{name})")
