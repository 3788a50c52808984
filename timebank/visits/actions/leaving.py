"""A volunteer who cannot come: ill from now on, away for a time, or gone for good. What they were to do is nobody's, and seen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from timebank import audit, clock
from timebank.db import db
from timebank.elders.models import Household
from timebank.errors import Conflict
from timebank.sentences import Sentence
from timebank.visits import on_duty
from timebank.visits.actions import duties, telling
from timebank.visits.actions.offering import withdraw
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import Offer, OfferState, Pairing, Tie
from timebank.visits.queries import live_offers_of
from timebank.visits.states import Why
from timebank.volunteers import actions as volunteers
from timebank.volunteers.actions import WHOLE_DAY, Person, Span
from timebank.volunteers.models import TimeOff, Volunteer
from timebank.volunteers.queries import availability_of


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody leaves behind: offers that stood, doors where they were the familiar face, and turns of duty."""

    offers: list[Offer]
    usual: int = 0
    identity_waits: bool = False
    duties: list[Duty] = field(default_factory=list)


stopped: list[Callable[[Volunteer], None]] = []
"""What else is done when somebody stops for good; a room above that holds promises of theirs adds itself here."""


class Promised(Conflict):
    """Somebody still has what would be nobody's: ``offers``, ``turns`` of duty, and the doors (``homes``) where they are the familiar face."""

    def __init__(self, words: Sentence, offers: list[Offer], homes: list[Household], turns: list[Duty]) -> None:
        """Keep what the page that asks shows."""
        super().__init__(words)
        self.offers, self.homes, self.turns = offers, homes, turns


def cannot_come(volunteer: Volunteer, last: date, reason: str = "", *, since: datetime | None = None) -> Left:
    """Note that somebody cannot come from ``since`` (now) until the end of a day: all they have not begun is open again.

    What they should have begun earlier that day and did not is among it.

    They are told once that they need not go, the coordinators once what is open, and no plan asks them meanwhile.
    """
    begins = since or clock.now()
    day = begins.date()
    while day <= last:
        first = clock.minute_of(begins) if day == begins.date() else 0
        volunteers.add_time_off(volunteer, day, (min(first, WHOLE_DAY[1] - 1), WHOLE_DAY[1]), reason)
        day += timedelta(days=1)
    turns = _open_again([each for each in turns_of(volunteer, begins.date(), last) if each.ends > begins], Why.ILL)
    gone = _let_go(left_of(volunteer, last, since=begins), Why.ILL)
    audit.record("cannot_come", "volunteer", volunteer.id, until=last.isoformat(), offers=[each.id for each in gone])
    return Left(gone, duties=turns)


def turns_of(volunteer: Volunteer, first: date, last: date, span: Span = WHOLE_DAY) -> list[Duty]:
    """Return the turns of duty somebody is asked for or has agreed to on some days, in a part of them, and has not begun."""
    mine = on_duty.duties_of(volunteer, first, last, (DutyState.ASKED, DutyState.AGREED))
    return [each for each in mine if each.start < span[1] and span[0] < each.until and each.ends > clock.now()]


def _open_again(turns: Iterable[Duty], why: Why) -> list[Duty]:
    """Open somebody's turns of duty again at once; the coordinators hear of the first one of today or tomorrow."""
    given = list(turns)
    for place, each in enumerate(given):
        duties.give_up(each, "", why, tell=place == 0)
    return given


def left_of(volunteer: Volunteer, last: date, *, since: datetime | None = None) -> list[Offer]:
    """Return what somebody is asked for or has accepted from the day of ``since`` (now) until the end of another and has not begun."""
    begins = since or clock.now()
    return live_offers_of(volunteer, begins.date(), last)


def take_time_off(volunteer: Volunteer, day: date, span: Span = WHOLE_DAY, reason: str = "") -> tuple[TimeOff, Left]:
    """Note that somebody is away for a time; what falls into it is open again."""
    away = volunteers.add_time_off(volunteer, day, span, reason)
    turns = _open_again(turns_of(volunteer, day, day, span), Why.ILL)
    return away, Left(_let_go(during(volunteer, day, span), Why.ILL), duties=turns)


def during(volunteer: Volunteer, day: date, span: Span = WHOLE_DAY) -> list[Offer]:
    """Return what somebody is asked for or has accepted in a time, whole trips together; nothing that has begun or is over."""
    mine = [each for each in live_offers_of(volunteer, day, day) if _ends(each) > clock.now()]
    touched = [each for each in mine if _begins(each) < span[1] and span[0] < each.start + each.visit.minutes]
    rounds = {each.round_id for each in touched if each.round_id is not None}
    return [each for each in mine if each in touched or each.round_id in rounds]


def must_be_free(volunteer: Volunteer, day: date, span: Span = WHOLE_DAY) -> None:
    """Refuse a time off that would leave something to nobody before that has been said."""
    standing, turns = during(volunteer, day, span), turns_of(volunteer, day, day, span)
    if standing or turns:
        raise Promised(
            Sentence("这段时间还有 %(count)s 件。先看一下，再记下请假并退掉它们。", count=len(standing) + len(turns)),
            standing,
            [],
            turns,
        )


def outside(volunteer: Volunteer) -> list[Offer]:
    """Return what somebody has accepted outside the free times of their ordinary week; it stays until they give it back."""
    week = availability_of(volunteer)
    mine = live_offers_of(volunteer, clock.today(), date.max)
    return [each for each in mine if each.state is OfferState.ACCEPTED and _ends(each) > clock.now() and not _inside(each, week)]


def _inside(made: Offer, week: dict[int, list[Span]]) -> bool:
    """Say whether an offer lies within a free time of its weekday."""
    end = made.start + made.visit.minutes
    return any(start <= _begins(made) and end <= until for start, until in week[made.day.weekday()])


def _begins(made: Offer) -> int:
    """Return the minute an offer takes somebody from: for a meal from the pick-up on."""
    return made.round.pickup if made.round is not None else made.start


def _ends(made: Offer) -> datetime:
    """Return when an offer would be over."""
    return clock.at(made.day, made.start + made.visit.minutes)


def edit(volunteer: Volunteer, person: Person) -> Left:
    """Change who a volunteer is; whoever stops leaves what they were to do. Another name or number waits for a second person."""
    waits = volunteers.edit_volunteer(volunteer, person) is not None
    left = leave(volunteer) if not volunteer.active else Left([])
    return replace(left, identity_waits=waits)


def must_leave_nothing(volunteer: Volunteer) -> None:
    """Refuse to let somebody stop who leaves work or a familiar door behind, before that has been said."""
    offers = live_offers_of(volunteer, clock.today(), date.max)
    usual = select(Household).join(Pairing, Pairing.household_id == Household.id)
    homes = list(db.session.scalars(usual.where(Pairing.volunteer_id == volunteer.id, Pairing.tie == Tie.USUAL).order_by(Household.id)))
    turns = turns_of(volunteer, clock.today(), date.max)
    if offers or homes or turns:
        count = len(offers) + len(turns)
        raise Promised(
            Sentence("他手上还有 %(count)s 件，%(homes)s 户他常去。先看一下，再停用并退掉。", count=count, homes=len(homes)),
            offers,
            homes,
            turns,
        )


def leave(volunteer: Volunteer) -> Left:
    """Note that somebody has stopped: what they have not begun is open again, and they are nobody's familiar face any more."""
    usual = select(Pairing.id).where(Pairing.volunteer_id == volunteer.id, Pairing.tie == Tie.USUAL)
    doors = list(db.session.scalars(usual))
    db.session.execute(delete(Pairing).where(Pairing.id.in_(doors)))
    turns = _open_again(turns_of(volunteer, clock.today(), date.max), Why.LEFT)
    gone = _let_go(live_offers_of(volunteer, clock.today(), date.max), Why.LEFT)
    for follow in stopped:
        follow(volunteer)
    audit.record("leave", "volunteer", volunteer.id, offers=[each.id for each in gone], usual=len(doors))
    return Left(gone, len(doors), duties=turns)


def _let_go(offers: Iterable[Offer], why: Why) -> list[Offer]:
    """Take from somebody what they were to do and have not begun; they and the coordinators hear of it once."""
    gone = [each for each in offers if each.started_at is None and each.outcome is None]
    for made in gone:
        withdraw(made, why.value)
    telling.tell_handed_over(gone)
    telling.tell_lost(gone)
    return gone
