"""Pages of books: both books for the office and for whoever serves."""

from timebank.books.views.shared import blueprint

# isort: split
from timebank.books.views import in_name, months, office, owing, own, passbooks

__all__ = ["blueprint", "in_name", "months", "office", "owing", "own", "passbooks"]
