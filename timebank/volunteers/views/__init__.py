"""Pages of volunteers: the forms of the office about a person, the teams, and who looks after what."""

from timebank.volunteers.views import leads, people, teams
from timebank.volunteers.views.shared import blueprint

__all__ = ["blueprint", "leads", "people", "teams"]
