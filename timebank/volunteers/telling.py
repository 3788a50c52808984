"""How a volunteer hears of something: by their own sign-in, else on the phone they are noted to carry."""

from typing import Any

from timebank.notices.actions import notify, tell_number
from timebank.volunteers.models import Volunteer


def tell(volunteer: Volunteer, template: str, **params: Any) -> None:  # noqa: ANN401 - a message takes what its words name
    """Write a volunteer a message; whoever has neither a sign-in nor a phone hears of it at the desk."""
    if volunteer.user_id is not None:
        notify(volunteer.user_id, template, **params)
    elif volunteer.has_phone:
        tell_number(volunteer.phone, volunteer.community_id, template, **params)
