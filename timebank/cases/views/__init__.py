"""The pages of the room of cases."""

from timebank.cases.views import desk, following, own, shares, ticket
from timebank.cases.views.shared import blueprint

__all__ = ["blueprint", "desk", "following", "own", "shares", "ticket"]
