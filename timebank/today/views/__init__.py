"""Pages of today: the day."""

from timebank.today.views.shared import blueprint

# isort: split
from timebank.today.views import cannot_come, confirm, desk, elder_calls, lines, mismatched, needed, now, sheets, takers, today, waiting

__all__ = [
    "blueprint",
    "cannot_come",
    "confirm",
    "desk",
    "elder_calls",
    "lines",
    "mismatched",
    "needed",
    "now",
    "sheets",
    "takers",
    "today",
    "waiting",
]
