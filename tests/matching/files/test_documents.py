import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from matching.files import plan_to_json, read_plan, read_week, week_to_json
from matching.files.values import BadFile
from matching.model import Window
from tests.matching.random_weeks import half_made, random_week
from tests.matching.weeks import (
    EXAMPLE_PLAN,
    EXAMPLE_WEEK,
    at,
    bare,
    canteen,
    draft,
    elder,
    example,
    meal,
    pickup,
    route,
    visit,
    volunteer,
    week,
)

HUGE = 2**63
PIN = {"visit": "x1", "volunteers": ["v1"], "day": 0, "start": None}
NOWHERE = [{"id": f"p{number}", "lat": None, "lon": None, "access": 0} for number in range(6)]
MATRIX = [[0] * 6 for _ in range(6)]

# what is wrong, where, and how the week is changed
BAD_WEEKS = {
    "an unknown key": ("colour", {"colour": 1}),
    "another format": ("format", {"format": "timebank-week/2"}),
    "no Monday": ("week_start", {"week_start": "2026-11-24"}),
    "another way to write a date": ("week_start", {"week_start": "20261123"}),
    "no date": ("week_start", {"week_start": "soon"}),
    "eight days": ("days", {"days": 8}),
    "days that are true": ("days", {"days": True}),
    "an empty name": ("name", {"name": ""}),
    "a name with a NUL": ("name", {"name": "a\0b"}),
    "a name with a lone surrogate": ("name", {"name": "\ud800"}),
    "a number for a name": ("name", {"name": 3}),
    "neither form of travel": ("travel", {"travel": {"detour": 1.3}}),
    "both forms of travel": ("travel", {"travel": {"pace": {"walk": 70}, "minutes": {}}}),
    "pace without detour": ("travel.detour", {"travel": {"pace": {"walk": 70}}}),
    "no pace": ("travel.pace.walk", {"travel": {"detour": 1, "pace": {"walk": 0}}}),
    "an endless detour": ("travel.detour", {"travel": {"detour": float("inf"), "pace": {"walk": 70}}}),
    "a matrix too small": ("travel.minutes.walk", {"travel": {"minutes": {"walk": [[0, 1], [1, 0]]}}}),
    "a matrix with a short row": ("travel.minutes.walk[1]", {"travel": {"minutes": {"walk": [[0, 1], [1]]}}}),
    "a matrix with a fraction": (
        "travel.minutes.walk[0][1]", {"places": NOWHERE, "travel": {"minutes": {"walk": [[0, 1.5, 1, 1, 1, 1], *MATRIX[1:]]}}},
    ),
    "a negative weight": ("weights.travel", {"weights": {"travel": -1, "new_face": 20, "fairness": 1, "touched": 1}}),
    "a weight that is no number": (
        "weights.fairness", {"weights": {"travel": 1, "new_face": 20, "fairness": float("nan"), "touched": 1}},
    ),
    "a weight missing": ("weights.touched", {"weights": {"travel": 1, "new_face": 20, "fairness": 1}}),
    "a latitude beyond the pole": ("places[0].lat", {"places": [{"id": "p0", "lat": 91, "lon": 0, "access": 0}]}),
    "a place without coordinates on a map": ("places[0].lat", {"places": [{"id": "p0", "lat": None, "lon": 0, "access": 0}]}),
    "two places of one id": ("places[1]", {"places": [{"id": "p0", "lat": 1, "lon": 0, "access": 0}] * 2}),
    "negative access": ("places[0].access", {"places": [{"id": "p0", "lat": 1, "lon": 0, "access": -1}]}),
    "a radius without coordinates": (
        "volunteers[0].radius",
        {"places": NOWHERE, "travel": {"minutes": {"walk": MATRIX}}, "volunteers": [volunteer(radius=3)]},
    ),
    "a canteen nowhere": ("canteens[0].place", {"canteens": [canteen(place="moon")]}),
    "a canteen without hot": ("canteens[0].hot", {"canteens": [{"id": "c1", "place": "p0", "ready": 1}]}),
    "an elder nowhere": ("elders[0].place", {"elders": [elder(place="moon")]}),
    "an elder who prefers nobody known": ("elders[0].preferred[0]", {"elders": [elder(preferred=["ghost"])]}),
    "another gender": ("volunteers[0].gender", {"volunteers": [volunteer(gender="X")]}),
    "an unknown mode": ("volunteers[0].mode", {"volunteers": [volunteer(mode="fly")]}),
    "a window of two": ("volunteers[0].windows[0]", {"volunteers": [volunteer(windows=[[0, 480]])]}),
    "a window on no day": ("volunteers[0].windows[0][0]", {"volunteers": [volunteer(windows=[[7, 480, 500]])]}),
    "a window that ends before it starts": ("volunteers[0].windows[0][2]", {"volunteers": [volunteer(windows=[[0, 480, 470]])]}),
    "a window past midnight": ("volunteers[0].windows[0][2]", {"volunteers": [volunteer(windows=[[0, 480, 1441]])]}),
    "windows that overlap": (
        "volunteers[0].windows[0]", {"volunteers": [volunteer(windows=[[0, 500, 600], [0, 480, 501]])]},
    ),
    "a fraction of a minute": ("volunteers[0].windows[0][1]", {"volunteers": [volunteer(windows=[[0, 480.0, 500]])]}),
    "no work at all": ("volunteers[0].max_day", {"volunteers": [volunteer(max_day=0)]}),
    "a huge ceiling": ("volunteers[0].max_week", {"volunteers": [volunteer(max_week=HUGE)]}),
    "negative work spent": ("volunteers[0].used[0][1]", {"volunteers": [volunteer(used=[[0, -1]])]}),
    "two volunteers of one id": ("volunteers[1]", {"volunteers": [volunteer(), volunteer()]}),
    "a visit to nobody": ("visits[0].elder", {"visits": [visit(elder="ghost")]}),
    "a visit on no day": ("visits[0].days", {"visits": [visit(days=[])]}),
    "a visit on a day twice": ("visits[0].days[1]", {"visits": [visit(days=[1, 1])]}),
    "a visit of no minutes": ("visits[0].minutes", {"visits": [visit(minutes=0)]}),
    "a crew of three": ("visits[0].crew", {"visits": [visit(crew=3)]}),
    "a second for one": ("visits[0].second", {"visits": [visit(second={"skills": [], "gender": None})]}),
    "a second without a gender": ("visits[0].second.gender", {"visits": [visit(crew=2, second={"skills": []})]}),
    "a weight of nothing": ("visits[0].weight", {"visits": [visit(weight=0)]}),
    "a weight beyond a million": ("visits[0].weight", {"visits": [visit(weight=1_000_001)]}),
    "a window backwards": ("visits[0].window[1]", {"visits": [visit(window=[500, 499])]}),
    "a window after midnight": ("visits[0].window[1]", {"visits": [visit(window=[500, 1500])]}),
    "a negative minute": ("visits[0].window[0]", {"visits": [visit(window=[-1, 500])]}),
    "a meal without boxes": ("visits[0].boxes", {"visits": [meal(boxes=0)]}),
    "boxes without a canteen": ("visits[0].boxes", {"visits": [visit(boxes=1)]}),
    "a meal for a crew": ("visits[0].crew", {"visits": [meal(crew=2)]}),
    "an unknown canteen": ("visits[0].canteen", {"visits": [meal(canteen="c9")]}),
    "a misspelt key": ("visits[0].colour", {"visits": [visit(colour="red")]}),
    "a list for a name": ("visits[0].elder", {"visits": [visit(elder=["e1"])]}),
    "history of a stranger": ("history[0][1]", {"history": [["e1", "ghost"]]}),
    "a pin of nothing": ("pins[0].visit", {"pins": [PIN | {"visit": "ghost"}]}),
    "a pin to a ghost": ("pins[0].volunteers[0]", {"pins": [PIN | {"volunteers": ["ghost"]}]}),
    "a pin to somebody twice": ("pins[0].volunteers[1]", {"pins": [PIN | {"volunteers": ["v1", "v1"]}]}),
    "two pins of one visit": ("pins[1]", {"pins": [PIN, PIN]}),
    "a minute that is huge": ("pins[0].start", {"pins": [PIN | {"start": HUGE}]}),
    "a negative number of people": ("max_touched", {"max_touched": -1}),
    "a moment on no day": ("from[0]", {"from": [7, 0]}),
    "a moment of three": ("from", {"from": [0, 0, 0]}),
    "a baseline of another format": ("baseline.format", {"baseline": draft() | {"format": "x"}}),
    "a baseline naming a window that is gone": (
        "baseline.routes[0].window", {"baseline": draft(route("v1", at("x1", 500), window=1))},
    ),
    "no list of visits": ("visits", {"visits": {}}),
}  # fmt: skip

UNSERVED = {"visit": "x1", "reason": "taken", "who": [], "zh": "a", "en": "a", "fix": None}
BAD_PLANS = {
    "another week": ("week", {"week": "other"}),
    "an unknown volunteer": ("routes[0].volunteer", {"routes": [route("ghost", at("x1", 1))]}),
    "an unknown visit": ("routes[0].stops[0].visit", {"routes": [route("v1", at("ghost", 1))]}),
    "an unknown canteen": ("routes[0].stops[0].pickup", {"routes": [route("v1", pickup(1, "x1", kitchen="c9"))]}),
    "a window too many": ("routes[0].window", {"routes": [route("v1", at("x1", 1), window=1)]}),
    "a window twice": ("routes[1]", {"routes": [route("v1", at("x1", 1)), route("v1", at("x1", 1))]}),
    "a route of nothing": ("routes[0].stops", {"routes": [route("v1")]}),
    "a pick-up of nothing": ("routes[0].stops[0].visits", {"routes": [route("v1", pickup(1))]}),
    "a stop that is neither": ("routes[0].stops[0].visit", {"routes": [route("v1", {"start": 3})]}),
    "a stop that is both": ("routes[0].stops[0].start", {"routes": [route("v1", pickup(1, "x1") | {"start": 3})]}),
    "a status nobody knows": ("status", {"status": "great"}),
    "a reason nobody knows": (
        "unserved[0].reason",
        {"unserved": [UNSERVED | {"reason": "?"}]},
    ),
    "a fix without a change": ("unserved[0].fix.change", {"unserved": [UNSERVED | {"fix": {}}]}),
    "a fix nobody knows": ("unserved[0].fix.change", {"unserved": [UNSERVED | {"fix": {"change": 3}}]}),
    "half a fix": ("unserved[0].fix.volunteer", {"unserved": [UNSERVED | {"fix": {"change": "volunteer.max_day"}}]}),
    "a fix with something more": (
        "unserved[0].fix.crew",
        {"unserved": [UNSERVED | {"fix": {"change": "canteen.hot", "canteen": "c1", "hot": 3, "crew": 1}}]},
    ),
    "half a score": ("score.served_weight", {"score": {"served": 1}}),
    "a bound that is no number": ("bound.served_weight", {"bound": {"served_weight": "1"}}),
    "endless seconds": ("seconds", {"seconds": float("inf")}),
}


@pytest.mark.parametrize("name", BAD_WEEKS)
def test_a_bad_week_is_refused_with_the_path_in_one_line(name: str) -> None:
    path, changed = BAD_WEEKS[name]
    with pytest.raises(BadFile) as bad:
        read_week(bare(**changed))
    assert str(bad.value).startswith(f"{path}: ")
    assert "\n" not in str(bad.value)


@pytest.mark.parametrize("key", bare())
def test_every_key_of_a_week_is_required(key: str) -> None:
    with pytest.raises(BadFile) as bad:
        read_week({name: value for name, value in bare().items() if name != key})
    assert str(bad.value) == f"{key}: is missing"


@pytest.mark.parametrize("part", ["canteens", "elders", "places", "volunteers", "visits"])
def test_every_key_of_a_part_is_required_but_those_with_a_default(part: str) -> None:
    for key in bare()[part][0]:
        made = bare()
        del made[part][0][key]
        if key == "until":
            read_week(made)
            continue
        with pytest.raises(BadFile) as bad:
            read_week(made)
        assert str(bad.value) == f"{part}[0].{key}: is missing"


@pytest.mark.parametrize("name", BAD_PLANS)
def test_a_bad_plan_is_refused_with_the_path_in_one_line(name: str) -> None:
    path, changed = BAD_PLANS[name]
    with pytest.raises(BadFile) as bad:
        read_plan(draft() | changed, week())
    assert str(bad.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff", b"[" * 100_000, b'{"days": 1' + b"0" * 5000 + b"}", b'{"days": 7, "days": 7}', b"[]", b"null"],
)
def test_a_file_that_is_no_week_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "week.json"
    path.write_bytes(text)
    with pytest.raises(BadFile):
        read_week(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"nothing\.json: cannot be read"):
        read_week(tmp_path / "nothing.json")


def test_nan_in_a_file_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "week.json"
    path.write_text(json.dumps(bare(weights={"travel": float("nan"), "new_face": 1, "fairness": 1, "touched": 1})))
    with pytest.raises(BadFile, match=r"^weights\.travel: "):
        read_week(path)


def test_the_examples_are_written_as_they_were_read() -> None:
    of = read_week(EXAMPLE_WEEK)
    assert plan_to_json(read_plan(EXAMPLE_PLAN, of)) == EXAMPLE_PLAN.read_text()
    written, expected = json.loads(week_to_json(of)), example()[0]
    expected["history"].sort()
    assert written == expected
    assert list(written) == list(expected)
    assert [list(one) for one in written["visits"]] == [list(one) for one in expected["visits"]]


@pytest.mark.parametrize("seed", range(12))
def test_weeks_and_plans_survive_being_written_and_read(seed: int) -> None:
    of = random_week(seed)
    of = replace(of, baseline=half_made(of, seed), max_touched=3)
    text = week_to_json(of)
    assert read_week(json.loads(text)) == of
    assert week_to_json(read_week(json.loads(text))) == text


def test_a_draft_keeps_only_what_it_has() -> None:
    of = week()
    made = read_plan(draft(route("v1", at("x1", 500))), of)
    assert json.loads(plan_to_json(made)) == draft(route("v1", at("x1", 500)))


def test_a_week_of_one_day_may_go_on_after_midnight() -> None:
    of = week(days=1, volunteers=[volunteer(windows=[[0, 480, 5000]])], visits=[visit(window=[480, 5000])])
    assert of.volunteers[0].windows == (Window(0, 480, 5000),)


def test_a_withdrawn_window_overlaps_nothing() -> None:
    of = week(volunteers=[volunteer(windows=[[0, 500, 500], [0, 480, 720]])])
    assert len(of.volunteers[0].windows) == 2


def test_a_window_may_begin_where_another_ends() -> None:
    assert week(volunteers=[volunteer(windows=[[0, 480, 600], [0, 600, 720]])])


def test_the_diagonal_of_a_matrix_is_not_read() -> None:
    rows = deepcopy(MATRIX)
    rows[3][3] = None
    of = week(places=NOWHERE, travel={"minutes": {"walk": rows}})
    assert of.travel.minutes["walk"][3][3] == 0


def test_ids_of_a_baseline_that_left_the_week_are_no_fault() -> None:
    base = draft(route("ghost", at("gone", 1), pickup(1, "gone", kitchen="closed"), window=9))
    assert week(baseline=base).baseline.routes[0].volunteer == "ghost"


def test_chinese_names_are_names() -> None:
    assert week(name="八大关\u3000第一周").name == "八大关\u3000第一周"
