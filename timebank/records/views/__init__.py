"""The pages of the room of records."""

from timebank.records.views import calendar, checks, clearing, entries, keeping, older
from timebank.records.views.shared import blueprint

__all__ = ["blueprint", "calendar", "checks", "clearing", "entries", "keeping", "older"]
