"""A true pair of a small week and its plan: what the formats look like, and the first thing to try the commands on."""

from pathlib import Path

FOLDER = Path(__file__).parent
FILES = ("week.json", "plan.json")
