"""Pages of reports: monthly reports, groups, the year, the inspector and the national system."""

from timebank.reports.views.shared import blueprint

# isort: split
from timebank.reports.views import groups, inspecting, monthly, national

__all__ = ["blueprint", "groups", "inspecting", "monthly", "national"]
