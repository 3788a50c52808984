"""What a stranger tries first: the example, the schema, a plan to look at, and the words of the engine's own README."""

import doctest
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

import matching
from matching import example
from matching.__main__ import COMMANDS, WITHOUT_WEEK
from matching.files import plan_to_json, read_plan, read_week, week_to_json
from matching.files.schema import plan_schema, week_schema
from matching.model import Week
from matching.reasons import RULES
from matching.referee.case import Case
from matching.show.page import page
from matching.show.text import lines
from matching.show.trips import trips
from tests.matching.random_weeks import scene
from tests.matching.test_commands import ROOT, run
from tests.matching.weeks import EXAMPLE_PLAN, EXAMPLE_WEEK, bare

README = Path(matching.__file__).parent / "README.md"


def test_the_example_is_a_true_pair(tmp_path: Path) -> None:
    run("example", "-o", tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(example.FILES)
    run("check", tmp_path / "week.json", tmp_path / "plan.json")
    assert run("example").stdout == (tmp_path / "week.json").read_text()
    assert "is no folder" in run("example", "-o", tmp_path / "nowhere", expect=2).stderr


@pytest.mark.parametrize("seed", range(30))
def test_what_the_reader_takes_the_schema_takes(seed: int) -> None:
    of, made = scene(seed, tied=bool(seed % 2))
    jsonschema.Draft202012Validator(week_schema()).validate(json.loads(week_to_json(of)))
    jsonschema.Draft202012Validator(plan_schema()).validate(json.loads(plan_to_json(made)))


@pytest.mark.parametrize(
    "changes",
    [{"days": 8}, {"visits": [{"id": "x"}]}, {"travel": {}}, {"weights": {"travel": -1}}, {"apart": [{"people": True}]}, {"odd": 1}, {"history": [["e1"]]}],
)  # fmt: skip
def test_what_is_no_week_is_none_by_the_schema_either(changes: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(week_schema()).validate(bare(**changes))


def test_the_schemas_are_printed_and_take_the_example() -> None:
    week, plan = (json.loads(run("schema", of).stdout) for of in ("week", "plan"))
    jsonschema.Draft202012Validator(week).validate(json.loads(EXAMPLE_WEEK.read_text()))
    jsonschema.Draft202012Validator(plan).validate(json.loads(EXAMPLE_PLAN.read_text()))


@pytest.mark.parametrize("seed", range(20))
def test_a_trip_that_is_shown_is_the_trip_the_referee_judges(seed: int) -> None:
    of, made = scene(seed)
    case = Case(of, made)
    shown = {(trip.volunteer, trip.day, trip.leaves, trip.back, trip.travel) for trip in trips(of, made)}
    for trip in case.trips:
        first, last, home, mode = trip.route.stops[0], trip.route.stops[-1], trip.volunteer.place, trip.volunteer.mode
        begins = first.at if hasattr(first, "at") else first.start
        leaves, back = begins - case.leg(mode, home, case.place(first)), case.end(trip, last) + case.leg(mode, case.place(last), home)
        assert (trip.volunteer.id, trip.window.day, leaves, back, case.travel(trip)) in shown


class Reader(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in {"src", "href", "onload"}]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_plan_is_one_page_that_loads_nothing_and_names_every_door_and_reason(language: str) -> None:
    of = read_week(EXAMPLE_WEEK)
    made = read_plan(EXAMPLE_PLAN, of)
    reader = Reader()
    reader.feed(page(of, made, language=language))
    assert not reader.loaded
    assert "script" not in reader.tags
    assert all(one.id in reader.words for one in of.visits)
    assert reader.tags.count("svg") == 2 * len({trip.day for trip in trips(of, made)})
    told = "\n".join(lines(of, made, language=language))
    assert all(one.id in told for one in of.visits)
    assert ("Monday" in told) is (language == "en")


def test_a_name_with_signs_of_html_stays_a_name() -> None:
    week = json.loads(EXAMPLE_WEEK.read_text().replace("v-chen", "<script>v&chen"))
    plan = json.loads(EXAMPLE_PLAN.read_text().replace("v-chen", "<script>v&chen"))
    of: Week = read_week(week)
    assert "<script" not in page(of, read_plan(plan, of))


def test_a_week_of_given_minutes_is_shown_without_maps() -> None:
    for seed in range(60):
        of, made = scene(seed)
        if of.travel.minutes is not None and made.routes:
            assert "<polyline" in page(of, made)  # these have coordinates beside the minutes
    week = json.loads(EXAMPLE_WEEK.read_text())
    week["travel"] = {"minutes": {mode: [[5] * 6 for _ in range(6)] for mode in ("walk", "ebike")}}
    week["places"] = [one | {"lat": None, "lon": None} for one in week["places"]]
    week["volunteers"] = [one | {"radius": None} for one in week["volunteers"]]
    of = read_week(week)
    assert "<polyline" not in page(of, read_plan(json.loads(EXAMPLE_PLAN.read_text()), of))


def test_a_page_is_written_to_a_file_and_lines_to_the_terminal(tmp_path: Path) -> None:
    out = tmp_path / "plan.html"
    run("show", EXAMPLE_WEEK, EXAMPLE_PLAN, "-o", out)
    assert out.read_text().startswith("<!doctype html>")
    assert "x-blood-wang" in run("show", EXAMPLE_WEEK, EXAMPLE_PLAN, "--language", "en").stdout


def test_whoever_stops_reading_gets_no_traceback() -> None:
    piped = subprocess.run(
        f"'{sys.executable}' -m matching schema week | true", shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in piped.stderr


def test_more_workers_than_are_of_use_are_told_of(tmp_path: Path) -> None:
    said = run("solve", EXAMPLE_WEEK, "-o", tmp_path / "plan.json", "--workers", "64", "--seconds", "3")
    assert "--workers 64: 2 are used" in said.stderr


def test_the_engines_readme_names_every_command_and_rule_and_its_example_runs() -> None:
    words = README.read_text(encoding="utf-8")
    assert all(f"`{name}" in words for name, *_ in (*COMMANDS, *WITHOUT_WEEK))
    assert set(RULES) <= set(re.findall(r"`(\w+)`", words))
    assert doctest.testfile(os.fspath(README), module_relative=False).failed == 0
