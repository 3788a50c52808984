"""Pages of stars: stars, the honour list and awards."""

from timebank.stars.views.shared import blueprint

# isort: split
from timebank.stars.views import awards, stars

__all__ = ["awards", "blueprint", "stars"]
