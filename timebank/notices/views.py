"""The coordinator's page of messages; in the demo it shows the sign-in codes as well."""

from flask import Blueprint, render_template

from timebank.access.models import Role
from timebank.access.queries import demo_codes
from timebank.notices import queries
from timebank.web import current_user, settings

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
def outbox() -> str:
    """Show the last messages of the reader's community."""
    user = current_user()
    community = None if user.role is Role.ADMIN else user.community_id or 0
    codes = demo_codes() if settings().demo else None
    return render_template("notices/outbox.html", rows=queries.latest(community), codes=codes)
