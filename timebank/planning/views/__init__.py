"""Pages of planning: the week and its board, runs of the engine, hand edits, today and the desk."""

from timebank.planning.views.shared import blueprint, my_community

# isort: split
from timebank.planning.views import editing, runs, week

__all__ = ["blueprint", "editing", "my_community", "runs", "week"]
