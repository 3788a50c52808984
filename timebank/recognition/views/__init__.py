"""Pages of recognition: 账与证 for the office, one's own hours for volunteers, and the public check of a certificate."""

from timebank.recognition.views import (
    awards,
    batches,
    groups,
    in_name,
    inspecting,
    months,
    national,
    office,
    owing,
    own,
    passbooks,
    public,
    reporting,
    sheets,
    stars,
    station_papers,
)
from timebank.recognition.views.shared import blueprint

__all__ = [
    "awards",
    "batches",
    "blueprint",
    "groups",
    "in_name",
    "inspecting",
    "months",
    "national",
    "office",
    "owing",
    "own",
    "passbooks",
    "public",
    "reporting",
    "sheets",
    "stars",
    "station_papers",
]
