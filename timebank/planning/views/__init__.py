"""Pages of planning: the week and its board, runs of the engine, hand edits."""

from timebank.planning.views.shared import blueprint, my_community

# isort: split
from timebank.planning.views import advice, editing, failed, goals, placing, publishing, runs, stepping, week, what_if

__all__ = [
    "advice",
    "blueprint",
    "editing",
    "failed",
    "goals",
    "my_community",
    "placing",
    "publishing",
    "runs",
    "stepping",
    "week",
    "what_if",
]
