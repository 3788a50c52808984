"""What happens at a door besides visits: somebody is away or back, has moved or died, is usual there or must not be sent.

Each verb carries all it means: visits nobody is at home for are called off, meals take one box a head, whoever was asked is told.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.elders import actions as elders
from timebank.elders import consents
from timebank.elders.actions import UNDO_HOURS, Door
from timebank.elders.models import Elder, ElderState, Household, Pause, Purpose
from timebank.errors import Invalid
from timebank.sentences import Sentence
from timebank.visits import on_duty
from timebank.visits.actions import telling
from timebank.visits.actions.calling_off import call_off, cancel_request, reopen
from timebank.visits.actions.moving import settle
from timebank.visits.actions.needs import fit_boxes
from timebank.visits.actions.offering import take_back
from timebank.visits.actions.scheduling import at_home, is_wanted, served_by
from timebank.visits.models import HelpRequest, Offer, OfferState, Pairing, RequestState, Tie, Visit
from timebank.visits.registers import needs_of
from timebank.visits.states import BEFORE_DOOR, CANCELLED, LIVE, Why
from timebank.volunteers.models import Volunteer

out_of_reach: list[Callable[[Sequence[Offer]], list[Offer]]] = []
"""What a room above says: which offers at a door that has moved cannot be kept with the rest of their volunteer's day."""


@dataclass(slots=True)
class Changed:
    """What a change at a door did: offers taken back, visits opened again, meals that take another number of boxes."""

    gone: list[Offer] = field(default_factory=list)
    opened: list[Visit] = field(default_factory=list)
    boxes: list[Visit] = field(default_factory=list)


def pause(elder: Elder, first: date, last: date, reason: str = "", *, others: Sequence[Elder] = ()) -> Changed:
    """Note that an elder, and perhaps others of the household, needs nobody on some days."""
    for each in (elder, *others):
        elders.add_pause(each, first, last, reason)
    return _follow_home(elder.household, Why.AWAY)


def others_away(elder: Elder, both: bool | None) -> list[Elder]:  # noqa: FBT001 - the answer to a question, or none yet
    """Return who else of the household is away; a couple is asked, never guessed."""
    others = together(elder)
    if others and both is None:
        names = "、".join(each.name for each in others)
        raise Invalid("家里还有%(names)s。两位都不在家吗？请选一项。", fields={"both": Sentence("两位都不在家吗？请选一项")}, names=names)
    return others if both else []


def come_back(elder: Elder, which: Pause, back: date) -> Changed:
    """Note that an elder is back; the visits that fell to the pause wait to be planned again, meals take their box again."""
    elders.end_pause(elder, which, back)
    opened = _open_again(elder.household, Why.AWAY)
    changed = _follow_home(elder.household, Why.AWAY)
    changed.opened = opened
    return changed


def set_state(elder: Elder, state: ElderState) -> Changed:
    """Note that an elder has moved away, has died, or lives here after all; nobody is sent to a door where none is left.

    Taken back within a day, the offers that were taken back stand again, as far as the people are still free.
    """
    elders.set_state(elder, state)
    if state is not ElderState.ACTIVE:
        return _follow_home(elder.household, Why.GONE)
    opened = _open_again(elder.household, Why.GONE)
    changed = _follow_home(elder.household, Why.GONE, offer_again(opened, Why.GONE))
    changed.opened = opened
    return changed


def withdraw_consent(elder: Elder, purpose: Purpose, by: User) -> list[Visit]:
    """Note that a consent is withdrawn, with effect at once: what an elder has not agreed to any more is ended; return the visits called off.

    A meal of a couple goes on for the other one.
    """
    consents.withdraw(elder, purpose)
    if purpose is not Purpose.SERVICE:
        return []
    called: list[Visit] = []
    for need in [each for each in needs_of(elder.household) if elder in served_by(each)]:
        left = _left(need, elder)
        if not left:
            called += cancel_request(need, clock.today() - timedelta(days=1), by)
        elif need.boxes:
            need.eaters, need.boxes = [each.id for each in left], max(need.boxes - 1, 1)
            audit.record("change_need", "help_request", need.id)
    db.session.flush()
    _follow_home(elder.household, Why.FAMILY)
    return called


@dataclass(slots=True)
class Would:
    """What would happen if an elder were not here any more: visits called off, meals with fewer boxes, needs nobody is left for."""

    visits: list[Visit] = field(default_factory=list)
    fewer: list[Visit] = field(default_factory=list)
    needs: list[HelpRequest] = field(default_factory=list)

    @property
    def offers(self) -> list[Offer]:
        """The offers that would be taken back."""
        return [made for visit in self.visits for made in visit.offers if made.state in LIVE]


def would_change(elder: Elder) -> Would:
    """Say what would happen if an elder were not here any more, for the page that asks first."""
    would = Would(needs=[each for each in needs_of(elder.household) if each.state is RequestState.ACCEPTED and not _left(each, elder)])
    for visit in _to_come(elder.household):
        people = served_by(visit.request)
        days = [date.fromisoformat(day) for day in visit.days if day >= clock.today().isoformat()]
        others = [each for each in people if each.id != elder.id]
        if elder not in people or not is_wanted(visit, visit.day or days[0]):
            continue
        if not any(at_home(elder.household, each, day) for each in others for day in days):
            would.visits.append(visit)
        elif visit.canteen_id is not None and visit.boxes > len(others):
            would.fewer.append(visit)
    return would


def _left(need: HelpRequest, elder: Elder) -> list[Elder]:
    """Return whom a need would still be for without an elder."""
    return [each for each in served_by(need) if each.id != elder.id and each.state is ElderState.ACTIVE]


def would_fall(elder: Elder) -> list[Offer]:
    """Return the offers that would be taken back if an elder were not here any more."""
    return would_change(elder).offers


def _follow_home(home: Household, why: Why, again: Sequence[Offer] = ()) -> Changed:
    """Let the visits of a door follow who is at home: called off, another of their days, or with another number of boxes."""
    changed = Changed()
    away: list[Visit] = []
    fewer: list[Offer] = []
    lost: list[Offer] = []
    for visit in _to_come(home):
        days = [date.fromisoformat(day) for day in visit.days if day >= clock.today().isoformat()]
        at_home = [day for day in days if is_wanted(visit, day)]
        if visit.day is not None and not is_wanted(visit, visit.day) and at_home:
            changed.gone += take_back(visit.offers, why, tell=False)
        elif not at_home:
            away.append(visit)
        elif (fitted := fit_boxes(visit)) is not None:
            changed.boxes.append(visit)
            fewer += fitted.kept
            changed.gone += fitted.dropped
            lost += fitted.dropped
    changed.gone += call_off(away, why, tell=False)
    telling.tell_door(cancelled=changed.gone, boxes=fewer, again=again)
    telling.tell_lost(lost)
    return changed


def _to_come(home: Household) -> list[Visit]:
    """Return the visits of a door from today on that nobody has been at yet."""
    rows = db.session.scalars(select(Visit).where(Visit.household_id == home.id, Visit.state.in_(BEFORE_DOOR)).order_by(Visit.occurrence))
    return [visit for visit in rows if max(visit.days) >= clock.today().isoformat()]


def _open_again(home: Household, why: Why) -> list[Visit]:
    """Open what was called off at a door for one reason and is wanted again."""
    fallen = db.session.scalars(
        select(Visit)
        .join(Visit.request)
        .where(Visit.household_id == home.id, Visit.state == CANCELLED, HelpRequest.state == RequestState.ACCEPTED)
        .order_by(Visit.occurrence)
    )
    days = {visit: [date.fromisoformat(day) for day in visit.days] for visit in fallen}
    wanted = [visit for visit, mine in days.items() if any(day >= clock.today() and is_wanted(visit, day) for day in mine)]
    opened = reopen(wanted, why)
    if opened:
        audit.record("reopen", "household", home.id, visits=[visit.id for visit in opened])
    return opened


def offer_again(visits: Iterable[Visit], why: Why) -> list[Offer]:
    """Let the offers of visits that come back within a day stand again, as they were answered when they fell for one reason; return them."""
    since = clock.now() - timedelta(hours=UNDO_HOURS)
    back = []
    for visit in visits:
        for made in visit.offers:
            taken = made.state is OfferState.WITHDRAWN and made.reason == why.value and made.over_at is not None
            if taken and made.over_at and made.over_at >= since and clock.at(made.day, made.start) > clock.now() and _is_free(made):
                made.state = OfferState.ACCEPTED if made.answered_at is not None else OfferState.SENT
                made.reason, made.over_at = "", None
                visit.day, visit.start = made.day, made.start
                back.append(made)
        settle(visit)
    return back


def _is_free(made: Offer) -> bool:
    """Say whether somebody could still keep an offer: they serve, are not away, and have nothing else at that time."""
    person, end = made.volunteer, made.start + made.visit.minutes
    away = any(off.day == made.day and off.start < end and made.start < off.end for off in person.time_off)
    rows = db.session.scalars(select(Offer).where(Offer.volunteer_id == person.id, Offer.day == made.day, Offer.state.in_(LIVE)))
    busy = any(each.start < end and made.start < each.start + each.visit.minutes for each in rows)
    first = made.round.pickup if made.round is not None else made.start
    return person.active and not away and not busy and on_duty.blocking(person, made.day, first, end) is None


def move_door(elder: Elder, door: Door, *, agrees: bool = False) -> list[Offer]:
    """Change where a household lives; whoever is still to come there is told once to look again. Returns their offers.

    What nobody could keep any more, with the rest of their day, is taken back and waits for somebody.
    """
    home = elder.household
    before = (home.building_id, home.floor, home.entrance, home.door)
    elders.edit_door(elder, door, agrees=agrees)
    db.session.flush()
    if before == (home.building_id, home.floor, home.entrance, home.door):
        return []
    live = [made for visit in _to_come(home) for made in visit.offers if made.state in LIVE and made.started_at is None]
    take_back([made for ask in out_of_reach for made in ask(live)], Why.NEED, tell=False)
    telling.tell_moved(live)
    return live


def tie(home: Household, volunteer: Volunteer, kind: Tie) -> Pairing:
    """Tie a volunteer to a door; who must not come there is called off from it at once."""
    pairing = db.session.scalars(select(Pairing).where(Pairing.household_id == home.id, Pairing.volunteer_id == volunteer.id)).first()
    if pairing is None:
        pairing = Pairing(household_id=home.id, volunteer_id=volunteer.id, tie=kind)
        db.session.add(pairing)
    pairing.tie = kind
    db.session.flush()
    audit.record("tie", "household", home.id, volunteer=volunteer.id, tie=kind.value)
    if kind is Tie.EXCLUDED:
        _keep_away(home, volunteer)
    return pairing


def _keep_away(home: Household, volunteer: Volunteer) -> None:
    """Take back what somebody who must not come to a door was asked to do there; the coordinators see that it is nobody's."""
    mine = [made for visit in _to_come(home) for made in visit.offers if made.volunteer_id == volunteer.id]
    telling.tell_lost(take_back(mine, Why.NOT_PAIRED))


def untie(pairing: Pairing) -> None:
    """Untie a volunteer from a door."""
    audit.record("untie", "household", pairing.household_id, volunteer=pairing.volunteer_id)
    db.session.delete(pairing)
    db.session.flush()


def together(elder: Elder) -> list[Elder]:
    """Return who else lives behind an elder's door now."""
    return [each for each in elder.household.elders if each.id != elder.id and each.state is ElderState.ACTIVE]
