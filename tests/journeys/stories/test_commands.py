"""What the command of the demos refuses, and weeks rehearsed on the communities that are no demo of every run."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.journeys.stories.played import run
from timebank.cli import main
from timebank.demo.playing import STORIES


def test_a_community_nobody_has_data_for_is_refused_with_those_there_are() -> None:
    done = CliRunner().invoke(main, ["demo", "--community", "atlantis", "--no-serve"])
    assert done.exit_code == 2
    assert all(name in done.output for name in STORIES)


@pytest.mark.long
@pytest.mark.parametrize("name", ["jiuquanlu", "cangnan", "xinhu", "binhu"])
def test_a_week_rehearsed_on_each_community_breaks_nothing(tmp_path: Path, name: str) -> None:
    """Minutes each; a week of Badaguan is rehearsed in every run beside the rehearsal itself."""
    figures = tmp_path / "figures.json"
    run("rehearse", "--community", name, "--weeks", "1", "--folder", str(tmp_path / "copy"), "--json", str(figures))
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["broken"] == []
    assert int(re.sub(r"\D", "", str(found["events"]))) > 50
