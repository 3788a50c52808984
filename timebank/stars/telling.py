"""What a volunteer hears of their stars: by their own sign-in, else by the number on file."""

from datetime import date
from typing import Any

from timebank.notices.actions import notify, tell_number
from timebank.notices.templates import SIGNATURE
from timebank.sentences import Pair, Sentence, the_day
from timebank.stars.models import How, StarApplication
from timebank.volunteers.models import Volunteer

HOW: dict[How, Pair] = {
    How.IN_PERSON: Sentence.of("stars", "当面"),
    How.TELEPHONE: Sentence.of("stars", "打电话"),
    How.LETTER: Sentence.of("stars", "写信"),
}


def tell(volunteer: Volunteer, template: str, **params: Any) -> bool:  # noqa: ANN401 - a message takes what its words name
    """Write a volunteer a message; False where there is neither a sign-in nor a number to write to."""
    if volunteer.user_id is not None and notify(volunteer.user_id, template, SIGNATURE, **params) is not None:
        return True
    if not volunteer.phone:
        return False
    tell_number(volunteer.phone, volunteer.community_id, template, **params)
    return True


def tell_star(volunteer: Volunteer, what: Sentence) -> None:
    """Tell a volunteer what is new about a star of theirs."""
    tell(volunteer, "star", what=what)


def tell_published(application: StarApplication, until: date) -> None:
    """Tell a volunteer that their application is public, and until when."""
    tell_star(application.volunteer, Sentence("%(level)s 星的申请公示到 %(day)s", level=application.level, day=the_day(until)))


def tell_decided(application: StarApplication, *, granted: bool) -> None:
    """Tell a volunteer what became of their application."""
    level = application.level
    if granted:
        tell_star(application.volunteer, Sentence("%(level)s 星通过了", level=level))
    else:
        tell_star(application.volunteer, Sentence("%(level)s 星没有通过，原因写在网页上", level=level))
