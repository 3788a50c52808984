"""The pages of the office; with them the channels' second person is at its post."""

from timebank.office import ways_out
from timebank.office.views import buildings, canteens, colleagues, community, first_day, friday, kinds
from timebank.office.views.shared import blueprint

__all__ = ["blueprint", "buildings", "canteens", "colleagues", "community", "first_day", "friday", "kinds", "ways_out"]
