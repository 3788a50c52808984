"""The pages of import and export."""

from timebank.exchange.views import coming_in, going_out, national
from timebank.exchange.views.shared import blueprint

__all__ = ["blueprint", "coming_in", "going_out", "national"]
