"""Pages of planning: the week and its board, runs of the engine, hand edits, today and the desk."""

from timebank.planning.views.shared import blueprint, my_community

# isort: split
from timebank.planning.views import cannot_come, confirm, desk, editing, failed, needed, now, runs, today, week

__all__ = ["blueprint", "cannot_come", "confirm", "desk", "editing", "failed", "my_community", "needed", "now", "runs", "today", "week"]
