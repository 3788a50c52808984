"""The pages of stations."""

from timebank.stations.views import check_ups, courses, here, hosting, items, papers, queueing, sessions, stations
from timebank.stations.views.shared import blueprint

__all__ = ["blueprint", "check_ups", "courses", "here", "hosting", "items", "papers", "queueing", "sessions", "stations"]
