"""What of the stations stands on Today: what waits for a coordinator, each with its page."""

from flask_babel import gettext as _

from timebank.stations import queries


def waiting(community_id: int) -> list[tuple[int, str, str, str]]:
    """Return how much waits, the icon, the words, and the page that leads on."""
    found = queries.waiting(community_id)
    return [
        (found.to_call, "handset", _("%(count)s 件可以取了，要打电话告诉", count=found.to_call), "stations.items"),
        (found.long_ready, "wrench", _("%(count)s 件修好很久没人取", count=found.long_ready), "stations.items"),
        (found.over_date, "parcel", _("%(count)s 件包裹过了保管的日子", count=found.over_date), "stations.items"),
        (found.due, "calendar", _("%(count)s 位到了检查的日子", count=found.due), "stations.check_ups"),
    ]
