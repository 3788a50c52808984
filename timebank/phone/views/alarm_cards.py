"""Cards of a volunteer's Today that come before the way itself: an alarm nobody has closed, a time that is over, papers that end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from timebank import clock
from timebank.visits import queries
from timebank.visits.actions import alarms
from timebank.visits.models import Alert, Offer, OfferState
from timebank.visits.views import cards
from timebank.volunteers.models import Volunteer
from timebank.web import listed, voiced

SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OwnLine:
    """How somebody stands with their own record, in a line that leads on."""

    icon: str
    word: str
    text: str
    endpoint: str


own_lines: list[Callable[[Volunteer], OwnLine]] = []
"""What a volunteer's Today says of their own record; a room above that holds it adds itself here."""


@dataclass(frozen=True, slots=True)
class AlarmCard:
    """An alarm of one's own that nobody has closed yet."""

    alert: Alert
    door: cards.Door
    asked: list[Offer]

    @property
    def taker(self) -> str:
        """Who of the office rings, as far as somebody has said so."""
        return self.alert.taker.shown_name if self.alert.taker else ""

    @property
    def unwell(self) -> bool:
        """Whether somebody is unwell, so that the way does not go on by itself."""
        return self.alert.kind.value == "unwell"

    @property
    def holds(self) -> bool:
        """Whether what is left of the round lies quiet for now."""
        return self.unwell and self.alert.goes_on_at is None

    @property
    def others(self) -> str:
        """Who has been asked for the doors that were given back, and whether they go."""
        going = listed(dict.fromkeys(each.volunteer.name for each in self.asked if each.state is OfferState.ACCEPTED))
        waiting = listed(dict.fromkeys(each.volunteer.name for each in self.asked if each.state is OfferState.SENT))
        said = [_("%(who)s接着送", who=going) if going else "", _("问了%(who)s，等回话", who=waiting) if waiting else ""]
        return "；".join(words for words in said if words)


def alarms_of(volunteer: Volunteer) -> list[AlarmCard]:
    """Return a volunteer's own alarms that nobody has closed, newest first."""
    return [
        AlarmCard(each, cards.door_of(each.offer), list(alarms.asked_instead(each.offer.round)) if each.offer.round else [])
        for each in queries.alerts_of(volunteer)
    ]


@dataclass(frozen=True, slots=True)
class Paper:
    """Something of a volunteer's that ends soon, or has ended: what, when, and what to do."""

    word: str
    ends: date
    text: str

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.ends < clock.today()


def papers_of(volunteer: Volunteer) -> list[Paper]:
    """Return what of a volunteer ends within a month or has ended, soonest first."""
    papers = []
    if volunteer.insured_until is not None:
        text = _("请联系服务站续上，续上以前要保险的项目先不排给你。")
        papers.append(Paper(_("志愿者保险"), volunteer.insured_until, text))
    for held in volunteer.skills:
        if held.expires is not None:
            name = voiced(held.skill.words)
            papers.append(
                Paper(_("%(name)s的证明", name=name), held.expires, _("请联系服务站复训或换新证明，过期以后这类服务先不排给你。"))
            )
    return sorted((each for each in papers if each.ends <= clock.today() + SOON), key=lambda each: each.ends)
