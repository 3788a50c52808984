"""Every safeguard of the book is needed: with any single one taken away a test goes red."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.saboteur import SABOTAGES

ROOT = Path(__file__).resolve().parents[2]
FEWEST = 25
# It compares the triggers with their own source and would catch every one of them without attacking anything.
COMPARES = "tests/ledger/test_attacks.py::test_an_installed_database_has_these_very_guards"


def test_there_are_at_least_twenty_five_safeguards() -> None:
    assert len(SABOTAGES) >= FEWEST


@pytest.mark.long
@pytest.mark.parametrize("name", SABOTAGES)
def test_a_removed_safeguard_is_missed(name: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.ledger.saboteur", "-p", "no:cacheprovider"]
    command += ["-k", "not postgresql", f"--deselect={COMPARES}", *SABOTAGES[name][1]]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"SABOTAGE": name}, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout[-2_000:]
