"""The coordinator's page of messages; in the demo it shows the sign-in codes as well."""

from flask import Blueprint, render_template

from timebank.access.guards import this_user
from timebank.access.queries import demo_codes
from timebank.notices import queries
from timebank.places.tenancy import community_seen_by
from timebank.web import settings

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
def outbox() -> str:
    """Show the last messages of the reader's community."""
    codes = demo_codes() if settings().demo else None
    return render_template("notices/outbox.html", rows=queries.latest(community_seen_by(this_user()).id), codes=codes)
