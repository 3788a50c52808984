import pytest

from matching import reasons
from matching.advice.assign import apply, insertions
from matching.advice.audit import fixed
from matching.advice.explain import explain, sentence
from matching.files import read_plan, read_week
from matching.referee.check import check
from tests.matching.weeks import (
    EXAMPLE_PLAN,
    EXAMPLE_WEEK,
    Json,
    at,
    canteen,
    elder,
    meal,
    pickup,
    plan,
    route,
    visit,
    volunteer,
    week,
)

BUSY = [route("v1", at("x2", 500))]
TAKEN = {"visits": [visit("x1", window=[500, 530]), visit("x2", window=[500, 530])]}
NEVER = [[6, 480, 720]]
PIECES = [[0, 0, 400], [0, 400, 600], [0, 600, 700], [0, 700, 900], [0, 900, 1440]]

# reason, the kind of the fix, what it sets, the week, the routes that stand
CASES = {
    "a pin that cannot hold": (
        "pin", None, {}, {"pins": [{"visit": "x1", "volunteers": ["v1"], "day": 0, "start": 484}]}, [],
    ),
    "nobody has the skill": (
        "no_skill", "volunteer.skills", {"volunteer": "v1", "skills": ["nurse"]}, {"visits": [visit(skills=["nurse"])]}, [],
    ),
    "two skills are missing": (
        "no_skill",
        "recruit",
        {"place": "p5", "skills": ["nurse", "lift"], "window": [0, 480, 510]},
        {"visits": [visit(skills=["nurse", "lift"])]},
        [],
    ),
    "one who has the skill is not enough for a crew": (
        "no_skill", "recruit", {"skills": ["care"], "window": [0, 485, 515]}, {"visits": [visit(crew=2)]}, [],
    ),
    "too far away": (
        "not_allowed", "volunteer.radius", {"volunteer": "v1", "radius": 500}, {"volunteers": [volunteer(radius=400)]}, [],
    ),
    "not wanted": ("not_allowed", "recruit", {"skills": ["care"]}, {"elders": [elder(excluded=["v1"])]}, []),
    "of the other gender": ("not_allowed", "recruit", {"gender": "M"}, {"visits": [visit(gender="M")]}, []),
    "free too early": (
        "no_window",
        "visit.window",
        {"visit": "x1", "window": [475, 720]},
        {"visits": [visit(window=[485, 720])], "volunteers": [volunteer(windows=[[0, 465, 510]])]},
        [],
    ),
    "free a little too short": (
        "no_window",
        "volunteer.window",
        {"volunteer": "v1", "index": 0},
        {"volunteers": [volunteer(windows=[[0, 480, 515]])]},
        [],
    ),
    "free on no such day": (
        "no_window", "volunteer.window", {"volunteer": "v1", "window": [0, 475, 515]}, {"volunteers": [volunteer(windows=NEVER)]}, [],
    ),
    "free on another day, and the day is full": (
        "no_window",
        "visit.days",
        {"visit": "x1", "days": [0, 6]},
        {"volunteers": [volunteer(place="p5", windows=[*NEVER, *PIECES])], "visits": [visit(minutes=240)]},
        [],
    ),
    "food that grows cold": (
        "canteen", "canteen.hot", {"canteen": "c1", "hot": 12}, {"visits": [meal()], "canteens": [canteen(hot=7)]}, [],
    ),
    "more boxes than anybody carries": (
        "canteen", "recruit", {"boxes": 5, "window": [0, 595, 610]}, {"visits": [meal(boxes=5)]}, [],
    ),
    "a ceiling of the day": (
        "ceiling", "volunteer.max_day", {"volunteer": "v1", "max_day": 42}, {"volunteers": [volunteer(max_day=37)]}, [],
    ),
    "a ceiling of the week": (
        "ceiling", "volunteer.max_week", {"volunteer": "v1", "max_week": 40}, {"volunteers": [volunteer(max_week=35)]}, [],
    ),
    "busy elsewhere": ("taken", "visit.window", {"visit": "x1", "window": [500, 560]}, TAKEN, BUSY),
    "two who never meet": (
        "no_window",
        "volunteer.window",
        {"volunteer": "v2", "index": 0},
        {
            "visits": [visit(crew=2, window=[500, 530])],
            "volunteers": [volunteer("v1", windows=[[0, 495, 535]]), volunteer("v2", windows=[[0, 560, 720]])],
        },
        [],
    ),
    "a crew where nobody more may be touched": (
        "taken",
        "visit.crew",
        {"visit": "x1", "crew": 1},
        {
            "visits": [visit(crew=2, days=[0])], "volunteers": [volunteer("v1"), volunteer("v2")], "max_touched": 1,
            "baseline": {"format": "timebank-plan/1", "week": "tiny", "routes": []},
        },
        [],
    ),
    "an unfinished search": ("search", None, {}, {}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_reason_is_found_and_its_fix_lets_the_visit_in(name: str) -> None:
    reason, kind, sets, changed, stands = CASES[name]
    of = week(**changed)
    made = plan(of, *stands)
    (said,) = [one for one in explain(of, made) if one.visit == "x1"]
    assert said.reason == reason
    assert "x1" in said.zh
    assert "x1" in said.en
    if kind is None:
        assert said.fix is None
        return
    assert said.fix["change"] == kind
    assert sets.items() <= said.fix.items()
    after = fixed(of, said.fix)
    assert insertions(of, made, "x1") == []
    assert check(after, apply(made, insertions(after, made, "x1")[0])).ok


def test_every_reason_and_every_fix_has_a_case() -> None:
    assert {reason for reason, *_ in CASES.values()} == set(reasons.REASONS)
    kinds = {kind for _, kind, *_ in CASES.values() if kind}
    assert kinds == {kind for kind in reasons.FIXES if not kind.endswith(".more")}


def test_the_contracts_example_is_explained_as_it_is_there() -> None:
    of = read_week(EXAMPLE_WEEK)
    made = read_plan(EXAMPLE_PLAN, of)
    (said,) = explain(of, made)
    assert (said.visit, said.reason, said.who) == ("x-blood-wang", "ceiling", ("v-he",))
    assert said.fix == made.unserved[0].fix


def test_a_sentence_says_when_nothing_would_help() -> None:
    of = week(visits=[visit(window=[500, 510])], **{"from": [3, 0]})
    (said,) = explain(of, plan(of))
    assert said.fix is None
    assert reasons.NO_FIX.zh in said.zh


def test_names_take_the_place_of_ids_and_many_are_counted() -> None:
    of = week(volunteers=[volunteer(f"v{number}", windows=NEVER) for number in range(5)])
    (said,) = explain(of, plan(of))
    words = sentence(of, said, names=lambda _kind, name: {"v0": "陈姐", "x1": "王奶奶的擦浴"}.get(name, name))
    assert words.zh.startswith("王奶奶的擦浴 未能安排")
    assert "陈姐" in words.zh
    assert "等 5 人" in words.zh
    assert "2 more" in words.en


def test_a_joined_pick_up_is_no_reason_to_ask_for_another_trip() -> None:
    of = week(visits=[meal("x1"), meal("x2")], volunteers=[volunteer(trips=1, boxes=1)])
    made = plan(of, route("v1", pickup(600, "x2"), at("x2", 605)))
    (said,) = explain(of, made)
    assert said.reason == "taken"
    assert said.who == ("v1",)


def test_a_withdrawn_window_is_never_widened() -> None:
    of = week(volunteers=[volunteer(windows=[[0, 500, 500]])])
    (said,) = explain(of, plan(of))
    assert "index" not in said.fix


def test_a_window_is_widened_only_up_to_the_next_one() -> None:
    of = week(visits=[visit(minutes=60, window=[480, 600])], volunteers=[volunteer(windows=[[0, 480, 545], [0, 548, 600]])])
    (said,) = explain(of, plan(of))
    assert said.fix["window"] == [0, 475, 545]


def test_a_crew_is_explained_by_what_the_two_lack_together() -> None:
    second = {"skills": ["nurse"], "gender": None}
    of = week(visits=[visit(crew=2, skills=["care"], second=second)], volunteers=[volunteer("v1"), volunteer("v2")])
    (said,) = explain(of, plan(of))
    assert (said.reason, said.who) == ("no_skill", ("v1", "v2"))
    assert "care, nurse" in said.en
    of = week(visits=[visit(crew=2)], volunteers=[volunteer("v1"), volunteer("v2")], elders=[elder(excluded=["v2"])])
    (said,) = explain(of, plan(of))
    assert (said.reason, said.who) == ("not_allowed", ("v2",))
    assert said.zh.startswith("x1 未能安排：凑不齐两人：有技能的 v2 ")


def test_who_is_idle_is_not_said_to_be_elsewhere_where_only_so_many_may_be_touched() -> None:
    base = {"format": "timebank-plan/1", "week": "tiny", "routes": []}
    of = week(max_touched=0, baseline=base)
    (said,) = explain(of, plan(of))
    assert (said.reason, said.who) == ("taken", ("v1",))
    assert "touched" in said.en
    assert "改动太多人" in said.zh


def limits(minutes: int) -> Json:
    """A visit so long that the volunteer's only window must grow for it."""
    return {"visits": [visit(minutes=minutes, window=[0, 1440])]}


# kind, the new value at the limit of its row, the week at the limit, the week one minute or metre beyond
LIMITS = {
    "sixty minutes more work": (
        "volunteer.max_day",
        {"max_day": 110},
        {"visits": [visit(minutes=100)], "volunteers": [volunteer(max_day=50)]},
        {"visits": [visit(minutes=100)], "volunteers": [volunteer(max_day=49)]},
    ),
    "sixty minutes more in the week": (
        "volunteer.max_week",
        {"max_week": 110},
        {"visits": [visit(minutes=100)], "volunteers": [volunteer(max_week=50)]},
        {"visits": [visit(minutes=100)], "volunteers": [volunteer(max_week=49)]},
    ),
    "a visit moved by three hours": (
        "visit.window",
        {"window": [685, 900]},
        {"visits": [visit(window=[865, 900])]},
        {"visits": [visit(window=[866, 900])]},
    ),
    "a window two hours wider": (
        "volunteer.window",
        {"index": 0},
        limits(230) | {"volunteers": [volunteer(windows=[[0, 480, 600]])]},
        limits(231) | {"volunteers": [volunteer(windows=[[0, 480, 600]])]},
    ),
    "one more window of four hours": (
        "volunteer.window",
        {},
        limits(230) | {"volunteers": [volunteer(windows=NEVER)]},
        limits(231) | {"volunteers": [volunteer(windows=NEVER)]},
    ),
    "a radius doubled": (
        "volunteer.radius",
        {"radius": 500},
        {"volunteers": [volunteer(radius=250)]},
        {"volunteers": [volunteer(radius=248)]},
    ),
    "a quarter of an hour hotter": (
        "canteen.hot",
        {"hot": 22},
        {"visits": [meal(minutes=17)], "canteens": [canteen(hot=7)]},
        {"visits": [meal(minutes=17)], "canteens": [canteen(hot=6)]},
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_fix_goes_to_the_limit_of_its_row_and_not_beyond(name: str) -> None:
    kind, sets, within, beyond = LIMITS[name]
    (said,) = explain(week(**within), plan(week(**within)))
    assert said.fix["change"] == kind
    assert sets.items() <= said.fix.items()
    (said,) = explain(week(**beyond), plan(week(**beyond)))
    assert said.fix is None or said.fix["change"] != kind
