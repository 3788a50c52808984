"""A rehearsal: weeks of the real community live through everything that happens, and nothing that must hold breaks."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import builders as make
from tests.browser import build
from timebank import schema
from timebank.access.models import Role
from timebank.db import transaction
from timebank.demo.badaguan import STORY
from timebank.errors import Invalid, Refusal
from timebank.rehearsal import rates, stage

SEEDS, WEEKS = range(1, 21), 4
# Half a minute a seed: one in every run, two more in the long one.
FIRST_SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3)))
HOT_SHARE = 0.98


def command(tmp_path: Path, seed: int, weeks: int) -> list[str]:
    """Return the command that plays one seed into a folder of its own."""
    script = str(Path(sys.executable).with_name("timebank"))
    where = ["--folder", str(tmp_path / f"seed{seed}"), "--json", str(tmp_path / f"{seed}.json")]
    return [script, "rehearse", "--community", "badaguan", "--weeks", str(weeks), "--seed", str(seed), *where]


def rehearsed(tmp_path: Path, seeds: list[int], weeks: int) -> list[dict[str, object]]:
    """Play some seeds, two at a time, and return what each came to."""
    found: list[dict[str, object]] = []
    for first in range(0, len(seeds), 2):
        pair = seeds[first : first + 2]
        children = [
            subprocess.Popen(command(tmp_path, seed, weeks), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for seed in pair
        ]
        for seed, child in zip(pair, children, strict=True):
            said = child.communicate()[0]
            assert child.returncode == 0, f"seed {seed}:\n{said}"
            found.append(json.loads((tmp_path / f"{seed}.json").read_text(encoding="utf-8")))
    return found


def hot_share(found: list[dict[str, object]]) -> float:
    """Return the share of meals that reached the door hot, of all seeds together."""
    return sum(int(str(each["meals_hot"])) for each in found) / sum(int(str(each["meals"])) for each in found)


@pytest.mark.parametrize("seed", FIRST_SEEDS)
def test_a_week_lived_with_everything_that_happens_breaks_nothing(tmp_path: Path, seed: int) -> None:
    found = rehearsed(tmp_path, [seed], 1)
    assert [each["broken"] for each in found] == [[]]
    assert int(str(found[0]["events"])) > 700
    assert hot_share(found) >= HOT_SHARE - 0.03  # one week is little; the whole figure is in the long run


@pytest.mark.long
def test_twenty_seeds_of_four_weeks_break_nothing_and_meals_arrive_hot(tmp_path: Path) -> None:
    found = rehearsed(tmp_path, list(SEEDS), WEEKS)
    assert [each["broken"] for each in found] == [[]] * len(SEEDS)
    assert hot_share(found) >= HOT_SHARE


def test_an_offices_own_database_is_copied_and_never_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = tmp_path / "office"
    with build(office).app_context():
        schema.upgrade()
        with transaction():
            make.make_user(Role.COORDINATOR, make.make_community("badaguan"), phone=STORY.offices[0].coordinator[0])
        stage.db.engine.dispose()
    monkeypatch.setenv("TIMEBANK_INSTANCE", str(office))
    before = hashlib.sha256((office / "timebank.db").read_bytes()).hexdigest()
    app, name = stage.set_stage(tmp_path / "copy", None, None)
    assert name is None
    with app.app_context():
        community, coordinator = stage.who_plays(name)
        assert (community.slug, coordinator.phone) == ("badaguan", STORY.offices[0].coordinator[0])
        stage.db.engine.dispose()
    assert hashlib.sha256((office / "timebank.db").read_bytes()).hexdigest() == before
    assert (tmp_path / "copy" / "timebank.db").exists()


def test_without_a_database_the_command_says_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEBANK_INSTANCE", str(tmp_path / "nothing"))
    with pytest.raises(Refusal, match="--community badaguan"):
        stage.set_stage(tmp_path / "copy", None, None)


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(Refusal):
        stage.make_room(tmp_path)
    assert (tmp_path / "letters.txt").read_text() == "mine"
    stage.make_room(tmp_path / "fresh")
    (tmp_path / "fresh" / "timebank.db").write_text("an earlier rehearsal")
    stage.make_room(tmp_path / "fresh")
    assert not (tmp_path / "fresh" / "timebank.db").exists()


def test_rates_come_from_a_small_file_and_the_rest_stays(tmp_path: Path) -> None:
    mine = tmp_path / "rates.toml"
    mine.write_text("declines = 0.15\nill_mornings = 0\n", encoding="utf-8")
    found = rates.load(mine)
    assert (found.declines, found.ill_mornings, found.yes) == (0.15, 0.0, rates.Rates().yes)
    assert rates.load(None) == rates.Rates()


@pytest.mark.parametrize("text", ["declnes = 0.1", "declines = 2", "declines = true", 'declines = "often"', "declines = ="])
def test_a_rate_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    mine = tmp_path / "rates.toml"
    mine.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        rates.load(mine)
    assert "rates.toml" in refused.value.zh
