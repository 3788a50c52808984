"""Pages of volunteers: the forms of the office about a person, their standing, the teams and units, and who looks after what."""

from timebank.volunteers.views import leads, people, standing, teams
from timebank.volunteers.views.shared import blueprint

__all__ = ["blueprint", "leads", "people", "standing", "teams"]
