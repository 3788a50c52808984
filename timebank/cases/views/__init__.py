"""The pages of the room of cases."""

from timebank.cases.views import clubs, desk, following, gifts, own, shares, speciality, ticket
from timebank.cases.views.shared import blueprint

__all__ = ["blueprint", "clubs", "desk", "following", "gifts", "own", "shares", "speciality", "ticket"]
