"""The doors of the API, a file for each part of the house."""

from timebank.api.edge import Doors
from timebank.api.views import books, entries, follows, hooks, lists, needs, people, places, rooms, service, uploads, weeks


def every() -> list[Doors]:
    """Return the doors of every part."""
    return [
        places.doors,
        people.doors,
        needs.doors,
        weeks.doors,
        service.doors,
        follows.doors,
        entries.doors,
        books.doors,
        rooms.doors,
        lists.doors,
        uploads.doors,
        hooks.doors,
    ]
