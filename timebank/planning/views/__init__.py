"""Pages of planning: the week and its board, runs of the engine, hand edits, today and the desk."""

from timebank.planning.views.shared import blueprint, my_community

# isort: split
from timebank.planning.views import confirm, desk, editing, runs, today, week

__all__ = ["blueprint", "confirm", "desk", "editing", "my_community", "runs", "today", "week"]
