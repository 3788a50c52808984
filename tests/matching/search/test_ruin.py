"""What one ruin takes out: whose visits, how many in a row, on which day; and that undoing it gives the same bytes back."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from matching.files import read_week
from matching.model import Week
from matching.search import ruin as ruins
from matching.search import state as states
from matching.search.construct import order
from matching.search.recreate import insert_all
from matching.search.state import LOST, MISSING, OWNER, WHO, WHOSE, mark
from tests.benchmarks.generate import generate
from tests.matching.search.opened import NOBODY, Board, opened
from tests.matching.weeks import Json, canteen, elder, meal, visit, volunteer, week

ruin, string, whole_trip = opened(ruins.ruin), opened(ruins._string), opened(ruins._whole_trip)
near_strings, of_elders, of_people = opened(ruins._near_strings), opened(ruins._elders), opened(ruins._people)
week_of, make_room_for, freed_week = opened(ruins._week_of), opened(ruins.make_room_for), opened(ruins._freed_week)
take, undo = opened(states.take), opened(states.undo)

ROUNDS = 300


def taken(board: Board, choose: Callable[[], Any]) -> list[str]:
    """What is chosen to be taken out; the plan is whole again afterwards."""
    mark(board.s)
    choose()
    found = board.taken()
    take(board.f, board.s)
    undo(board.f, board.s)
    return found


def often(board: Board, choose: Callable[[], Any]) -> Counter[str]:
    """What is chosen, over many draws; the visits of one draw in their ids' order."""
    return Counter("".join(sorted(taken(board, choose))) for _ in range(ROUNDS))


def pool(board: Board, names: Iterable[str]) -> Any:
    return np.array([board.visit[name] for name in names], dtype=np.int64)


def short(name: str, door: int, **changes: Any) -> Json:
    """Five minutes at a door of an elder who has no other visit."""
    return visit(name, **{"elder": f"e{door}", "minutes": 5} | changes)


def street(visits: list[Json], **changes: Any) -> Week:
    """An elder at every door."""
    return week(elders=[elder(f"e{number}", place=f"p{number}") for number in range(1, 40)], visits=visits, **changes)


def six(**people: Any) -> Board:
    """`v1` serves `a` to `f` one door after another; `d` is a meal."""
    visits = [meal("d", elder="e4") if name == "d" else short(name, door) for door, name in enumerate("abcdef", 1)]
    board = Board(street(visits, canteens=[canteen()], volunteers=[volunteer("v1", **people)]))
    board.serve(v1=["a", "b", "c", "c1", "d", "e", "f"])
    return board


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("c", ["c", "bc", "cd", "abc", "bcd", "cde", "abcd", "bcde", "cdef"]),
        ("f", ["f", "ef", "def", "cdef"]),
        ("a", ["a", "ab", "abc", "abcd"]),
    ],
)
def test_a_string_is_up_to_four_visits_in_a_row_with_the_one_it_is_drawn_for(name: str, runs: list[str]) -> None:
    board = six()
    found = often(board, lambda: string(board.s, board.window("v1"), board.visit[name]))
    assert set(found) == set(runs)
    # Each length is as likely as any other.
    lengths = Counter(len(run) for run in found.elements())
    assert min(lengths[length] for length in (1, 2, 3, 4)) > ROUNDS / 8


def test_of_a_short_trip_a_string_is_the_trip_at_most() -> None:
    board = six()
    board.serve(v1=["a", "b"])
    assert set(often(board, lambda: string(board.s, board.window("v1"), board.visit["b"]))) == {"b", "ab"}


def test_of_a_trip_all_some_or_none_is_chosen() -> None:
    board = six()
    window = board.window("v1")
    assert set(often(board, lambda: whole_trip(board.s, window, 1.0))) == {"abcdef"}
    assert set(often(board, lambda: whole_trip(board.s, window, 0.0))) == {""}
    each = Counter("".join(often(board, lambda: whole_trip(board.s, window, 0.25)).elements()))
    assert all(ROUNDS * 0.15 < each[name] < ROUNDS * 0.35 for name in "abcdef")


def two_days() -> Board:
    """On Monday `a` to `c` near, `d` to `f` farther, `g` to `i` far up the street; on Tuesday `j` to `l` at the nearest doors."""
    doors = dict(zip("abcdefghijkl", (1, 2, 3, 11, 12, 13, 31, 32, 33, 1, 2, 3), strict=True))
    visits = [short(name, door, days=[1 if name in "jkl" else 0]) for name, door in doors.items()]
    days = {"v1": 0, "v2": 0, "v3": 0, "v4": 1}
    board = Board(street(visits, volunteers=[volunteer(name, windows=[[day, 480, 720]]) for name, day in days.items()]))
    board.serve(v1=["a", "b", "c"], v2=["d", "e", "f"], v3=["g", "h", "i"], v4=["j", "k", "l"])
    return board


def test_strings_around_a_door_are_of_its_day_and_of_the_nearest_trips_first() -> None:
    board = two_days()
    found = often(board, lambda: near_strings(board.f, board.s, pool(board, "b")))
    assert not set("jkl") & set("".join(found))
    for run in found:
        assert "b" in run
        assert not set(run) & set("ghi") or set(run) & set("def")
    assert any(set(run) & set("ghi") for run in found)
    assert any(not set(run) & set("def") for run in found)


def test_strings_around_a_door_end_when_enough_is_taken() -> None:
    board = two_days()
    # Two at least where there are: b alone is not enough.
    assert min(map(len, often(board, lambda: near_strings(board.f, board.s, pool(board, "b"))))) == 2
    many = [short(f"x{number}", number) for number in range(1, 40)]
    board = Board(street(many, volunteers=[volunteer(f"v{number}") for number in range(1, 40)]))
    board.serve(**{f"v{number}": [f"x{number}"] for number in range(1, 40)})
    sizes = Counter(len(taken(board, lambda: near_strings(board.f, board.s, pool(board, ["x20"])))) for _ in range(ROUNDS))
    # From each trip its only visit, and from two to eight trips.
    assert set(sizes) == set(range(2, 9))
    nearest = taken(board, lambda: near_strings(board.f, board.s, pool(board, ["x20"])))
    assert max(abs(int(name[1:]) - 20) for name in nearest) <= len(nearest) // 2


def test_around_a_door_that_nobody_serves_strings_are_of_a_day_on_which_somebody_could() -> None:
    board = two_days()
    board.serve(v1=["a", "c"], v4=["j", "k", "l"])
    found = often(board, lambda: near_strings(board.f, board.s, pool(board, "b")))
    assert set("".join(found)) == {"a", "c"}


def test_of_an_elder_all_visits_are_taken_and_perhaps_those_of_a_neighbour() -> None:
    visits = [short("a", 1), short("b", 1), short("c", 5), short("d", 5), short("e", 9)]
    board = Board(street(visits, volunteers=[volunteer("v1"), volunteer("v2")]))
    board.serve(v1=["a", "c", "e"], v2=["b"])
    # d is not served, so it is not taken either.
    found = often(board, lambda: of_elders(board.f, board.s, pool(board, "b")))
    assert set(found) == {"ab", "abc", "abe"}
    assert found["ab"] > ROUNDS / 2


def helpers() -> Board:
    """`v1` has two windows and three visits, `v2` one window and two, `v3` none; `f` fits only `v2`, and nobody serves it."""
    visits = [short("a", 1), short("b", 2), short("c", 3, days=[1]), short("d", 4), short("e", 5), short("f", 6, skills=["nurse"])]
    people = [
        volunteer("v1", windows=[[0, 480, 720], [1, 480, 720]], skills=["care"]),
        volunteer("v2", skills=["care", "nurse"]),
        volunteer("v3", skills=["care"]),
    ]
    board = Board(street(visits, volunteers=people))
    board.serve_in({("v1", 0): ["a", "b"], ("v1", 1): ["c"], ("v2", 0): ["d", "e"]})
    return board


def test_of_people_the_whole_week_is_emptied_of_one_or_two() -> None:
    board = helpers()
    assert set(often(board, lambda: of_people(board.f, board.s, pool(board, "a")))) == {"abc"}
    assert set(often(board, lambda: of_people(board.f, board.s, pool(board, "ad")))) == {"abc", "de", "abcde"}
    assert set(often(board, lambda: of_people(board.f, board.s, pool(board, "f")))) == {""}


def test_of_a_week_about_as_many_visits_are_taken_as_are_asked_for() -> None:
    board = helpers()
    one, nobody = board.person["v1"], board.person["v3"]
    assert set(often(board, lambda: week_of(board.f, board.s, one, 3))) == {"abc"}
    assert set(often(board, lambda: week_of(board.f, board.s, nobody, 3))) == {""}
    each = Counter("".join(often(board, lambda: week_of(board.f, board.s, one, 1)).elements()))
    assert all(ROUNDS * 0.23 < each[name] < ROUNDS * 0.43 for name in "abc")


def test_room_for_a_visit_is_made_where_it_could_be_served_and_nowhere_else() -> None:
    board = helpers()
    found = often(board, lambda: make_room_for(board.f, board.s, board.visit["f"]))
    assert set(found) == {"d", "e", "de"}


def test_room_for_two_is_made_with_both() -> None:
    crew = short("f", 6, skills=["nurse"], crew=2, second={"skills": ["care"], "gender": "M"})
    visits = [short("a", 1), short("d", 4), short("e", 5), crew]
    people = [volunteer("v1"), volunteer("v2", skills=["care", "nurse"]), volunteer("v3", gender="M")]
    board = Board(street(visits, volunteers=people))
    board.serve(v1=["a"], v2=["d"], v3=["e"])
    assert set(often(board, lambda: make_room_for(board.f, board.s, board.visit["f"]))) == {"de"}


def test_a_week_is_freed_of_somebody_who_could_serve_what_nobody_does() -> None:
    board = helpers()
    for _ in range(ROUNDS):
        said: list[tuple[int, int]] = []
        assert set(taken(board, lambda said=said: said.append(freed_week(board.f, board.s)))) == {"d", "e"}
        assert said == [(board.visit["f"], board.person["v2"])]


def test_a_ruin_says_what_goes_back_first_and_who_is_kept_free_for_it() -> None:
    board = helpers()
    said = Counter[tuple[int, int]]()
    for _ in range(2_000):
        taken(board, lambda: said.update([ruin(board.f, board.s, pool(board, "abcde"))]))
    missing, person = board.visit["f"], board.person["v2"]
    # Three in twenty make room for one visit, four in twenty free a week; the others take out what has to do with each other.
    assert set(said) == {(NOBODY, NOBODY), (missing, NOBODY), (missing, person)}
    assert said[missing, NOBODY] / 2_000 == pytest.approx(0.15, abs=0.03)
    assert said[missing, person] / 2_000 == pytest.approx(0.20, abs=0.03)


def test_where_everything_is_served_there_is_nothing_to_make_room_for() -> None:
    board = six()
    assert board.s.sums[MISSING] == 0
    said = {ruin(board.f, board.s, pool(board, "abcdef")) for _ in range(100)}
    assert said == {(NOBODY, NOBODY)}


def test_what_another_hand_holds_is_let_alone() -> None:
    board = helpers()
    board.s.visits[[board.visit["a"], board.visit["d"]], WHOSE] = 1
    seen = Counter("".join(often(board, lambda: ruin(board.f, board.s, pool(board, "abcde"))).elements()))
    assert set(seen) == set("bce")
    board.s.sums[WHO] = 1
    assert set("".join(often(board, lambda: of_people(board.f, board.s, pool(board, "a"))))) == {"a"}
    # No free window fits the visit nobody serves, so no room is made for it.
    board.s.windows[:, OWNER] = 0
    assert {ruin(board.f, board.s, pool(board, "abcde"))[0] for _ in range(100)} == {NOBODY}


def test_taken_out_is_what_was_chosen_and_a_pick_up_nobody_needs() -> None:
    board = six()
    mark(board.s)
    string(board.s, board.window("v1"), board.visit["d"])
    chosen = board.taken()
    take(board.f, board.s)
    left = [name for name in ["a", "b", "c", "d", "e", "f"] if name not in chosen]
    assert "d" in chosen
    assert board.stops("v1") == left
    assert board.s.sums[LOST] == 10 * len(chosen)
    assert {name for name in "abcdef" if not board.crew(name)} == set(chosen)


def town(seed: int) -> Board:
    """A community of twenty elders in which not everybody can be served, planned in one pass."""
    board = Board(read_week(generate("T", 3, scarce=True)), seed=seed)
    insert_all(board.f, board.s, np.array(order(board.problem), dtype=np.int64))
    return board


def test_undoing_a_ruin_gives_the_same_bytes_back() -> None:
    board = town(1)
    everything = np.arange(len(board.names))
    before, sizes = board.bytes(), Counter[int]()
    for _ in range(500):
        mark(board.s)
        ruin(board.f, board.s, everything)
        gone = len(board.taken())
        lost = board.s.sums[LOST]
        take(board.f, board.s)
        sizes[gone] += 1
        assert (board.bytes() == before) == (gone == 0)
        assert (board.s.sums[LOST] > lost) == (gone > 0)
        undo(board.f, board.s)
        assert board.bytes() == before
    assert len(sizes) > 10
    assert sizes[0] < 50


def test_the_same_seed_ruins_the_same_and_another_one_does_not() -> None:
    runs = []
    for seed in (1, 1, 2):
        board = town(seed)
        runs.append([taken(board, lambda board=board: ruin(board.f, board.s, np.arange(len(board.names)))) for _ in range(20)])
    assert runs[0] == runs[1] != runs[2]
