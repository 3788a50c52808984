"""What a volunteer hears of their stars, and of what the desk does in their name: by their own sign-in, else by the number on file."""

from datetime import date

from timebank.access.masking import mask_name
from timebank.notices.actions import notify, tell_number
from timebank.notices.templates import SIGNATURE
from timebank.recognition.models import How, StarApplication
from timebank.volunteers.models import Volunteer

Pair = tuple[str, str]
HOW: dict[How, Pair] = {
    How.IN_PERSON: ("当面", "in person"),
    How.TELEPHONE: ("打电话", "by telephone"),
    How.LETTER: ("写信", "by letter"),
}


def tell(volunteer: Volunteer, template: str, **params: str | Pair) -> bool:
    """Write a volunteer a message; False where there is neither a sign-in nor a number to write to."""
    if volunteer.user_id is not None and notify(volunteer.user_id, template, SIGNATURE, **params) is not None:
        return True
    if not volunteer.phone:
        return False
    tell_number(volunteer.phone, volunteer.community_id, template, **params)
    return True


def tell_star(volunteer: Volunteer, zh: str, en: str) -> None:
    """Tell a volunteer what is new about a star of theirs."""
    tell(volunteer, "star", what=(zh, en))


def tell_published(application: StarApplication, until: date) -> None:
    """Tell a volunteer that their application is public, and until when."""
    zh = f"{application.level} 星的申请公示到 {until.month}月{until.day}日"
    tell_star(application.volunteer, zh, f"your application for star {application.level} is public until {until.isoformat()}")


def tell_decided(application: StarApplication, *, granted: bool) -> None:
    """Tell a volunteer what became of their application."""
    level = application.level
    if granted:
        tell_star(application.volunteer, f"{level} 星通过了", f"star {level} is granted")
    else:
        tell_star(application.volunteer, f"{level} 星没有通过，原因写在网页上", f"star {level} is declined, the page says why")


def tell_in_name(volunteer: Volunteer, how: How, zh: str, en: str) -> bool:
    """Tell a volunteer at once what the desk does in their name; False where nobody can be told."""
    return tell(volunteer, "in_name", who=mask_name(volunteer.name), how=HOW[how], what=(zh, en))
