"""Pages of volunteers: the forms of the office about a person, and the teams."""

from timebank.volunteers.views import people, teams
from timebank.volunteers.views.shared import blueprint

__all__ = ["blueprint", "people", "teams"]
