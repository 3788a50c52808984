"""Tables are rendered from rows, rows outlive a run that was cut short, and the exponent is the slope it claims to be."""

from pathlib import Path

import pytest

from tests.benchmarks import peers, plots, published, sizes
from tests.benchmarks.__main__ import ROWS, main
from tests.benchmarks.readme import README, filled
from tests.benchmarks.store import Row, Store, markdown

STAMP = {"date": "2026-11-25", "machine": "a machine"}


def size_row(size: str, seed: int, **more: object) -> Row:
    (key,) = sizes.keys([size], [seed], [False], None, 2)
    figures: Row = {
        "visits": 100,
        "weight": 1000,
        "served": 90,
        "served_weight": 900,
        "bound": 1000,
        "gap": 0.1,
        "status": "feasible",
        "travel": 50,
        "new_faces": 5,
        "fairness": 10.0,
        "cost": 160.0,
        "known": 0.5,
        "refused": "",
        "wall": 5.0,
        "cpu": 8.0,
        "rss_mib": 90.0,
        "start_up": 0.5,
        "first_plan": 1.0,
        "near_bound": None,
        "curve": [],
    }
    return {**key, **STAMP, **figures, **more}


def test_a_row_once_measured_is_not_measured_again(tmp_path: Path) -> None:
    Store(tmp_path).add(size_row("T", 1))
    wanted = list(sizes.keys(["T"], [1, 2], [False], None, 2))
    assert [key["seed"] for key in Store(tmp_path).missing(wanted)] == [2]


def test_what_was_not_measured_is_a_dash(tmp_path: Path) -> None:
    assert markdown(["a", "b"], [[None, 1_234], [0.5, "x"]]).splitlines()[2:] == ["| – | 1,234 |", "| 0.50 | x |"]
    assert sizes.table(Store(tmp_path)).endswith("Not measured yet.")
    assert published.table(Store(tmp_path)) == "Not measured yet."


def test_the_table_of_sizes_gives_means_the_worst_and_how_many_are_proved(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(size_row("M", 1, greedy_cost=400.0, equal_cost=300.0))
    store.add(size_row("M", 2, served_weight=1000, gap=0.0, status="served_optimal", refused="", greedy_cost=400.0, equal_cost=None))
    store.add(size_row("M", 3, refused="hot: too late"))
    heads, _, line, _, said = sizes.table(store).splitlines()
    cells = dict(zip(heads.strip("| ").split(" | "), line.strip("| ").split(" | "), strict=True))
    assert (cells["seeds"], cells["clean"], cells["served_optimal"], cells["optimal"]) == ("3", "2", "1", "0")
    assert (cells["gap mean"], cells["gap worst"], cells["cost to greedy's"]) == ("6.67 %", "10.00 %", "75 %")
    assert said == "Measured 2026-11-25 on a machine."


def test_the_table_of_peers_compares_ways_only_at_equal_service(tmp_path: Path) -> None:
    store = Store(tmp_path)
    figures = {**STAMP, "weight": 100, "refused": "", "served_weight": 80, "travel": 200, "cpu": 1.0, "rss_mib": 50.0}
    keys = list(peers.keys(["T"], [1, 2, 3], ["vroom"], None))
    store.add({**keys[0], **figures, "solver": "ours", "curve": [[0.9, 70], [1.1, 90]]})
    store.add({**keys[0], **figures, "equal_weight": 80, "equal_travel": 190})
    store.add({**keys[1], **figures, "equal_weight": 79, "equal_travel": 10})
    store.add({**keys[2], **STAMP, "cpu": 1.0, "rss_mib": 50.0, "failed": "too big"})
    text = peers.table(store)
    assert "| T | 10 | vroom | 3 | 2 | 0 | 80.00 % | 70.00 % | 200 | 1 of 2 | 95.0 % |" in text
    assert "- T 3, vroom: too big" in text


def test_the_table_of_published_sets_leaves_no_unserved_customer_out_of_sight(tmp_path: Path) -> None:
    store = Store(tmp_path)
    row = {"table": "published", "class": "R1", "solver": "ours", "seconds": 10.0, **STAMP, "cpu": 9.0, "refused": "", "best": 10_000}
    store.add({**row, "instance": "R101", "gap": 0.02, "left_out": 0})
    store.add({**row, "instance": "R103", "gap": None, "left_out": 3})
    text = published.table(store)
    assert "| ours | 10 | 2.00 % (1 of 2 not whole) | 9.00 |" in text
    assert "| R103 | 1000.0 | 3 left out |" in text


def test_the_exponent_is_the_slope_of_seconds_without_start_up(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for size, visits in (("S", 100), ("M", 1_000), ("L", 10_000)):
        store.add(size_row(size, 1, visits=visits, near_bound=0.5 + (visits / 100) ** 1.1))
    store.add(size_row("XL", 1, visits=100_000))
    points = plots.growth_points(store, ["S", "M", "L", "XL"])
    assert plots.exponent(points) == pytest.approx(1.1)
    assert "| XL | 100,000 | 0 of 1 | – | – |" in plots.growth_table(store, ["S", "M", "L", "XL"])
    assert plots.exponent(points[:1]) is None


def test_a_table_is_printed_without_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store(tmp_path).add(size_row("T", 1))
    assert main(["sizes", "-o", str(tmp_path), "--markdown"]) == 0
    assert "| T | 5 | 2 | 1 |" in capsys.readouterr().out


def test_an_unknown_size_or_solver_is_refused_with_the_known_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["peers", "-o", str(tmp_path), "--solvers", "abacus"])
    assert "'abacus' is none of ours, greedy, vroom" in capsys.readouterr().err


def test_our_engine_is_measured_by_a_run_of_its_own(tmp_path: Path) -> None:
    store = Store(tmp_path)
    sizes.measure(store, sizes.keys(["T"], [1], [False], 3.0, 1), equal_service=["T"])
    (row,) = store.table("sizes")
    assert row["refused"] == ""
    assert 0 < row["served_weight"] <= row["bound"] <= row["weight"]
    assert row["cpu"] > 0 < row["rss_mib"]
    assert row["equal_cost"] < row["greedy_cost"]


def test_a_table_goes_into_its_marked_place_and_nowhere_else() -> None:
    text = "before\n<!-- table sizes -->\nold\nlines\n<!-- end -->\nbetween\n<!-- table peers -->\nNot measured yet.\n<!-- end -->\n"
    assert filled(text, {"sizes": "new"}) == text.replace("old\nlines", "new")


def test_every_table_has_its_place_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert {name for name in ROWS if f"<!-- table {name} -->" in text} == set(ROWS)
