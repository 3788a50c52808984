"""What happens at a door besides visits: an elder is away or back, somebody is usual there or must not be sent."""

from datetime import date

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.elders import actions as elders
from timebank.elders.models import Elder, ElderState, Household, Pause
from timebank.visits.actions import paying
from timebank.visits.actions.offering import LIVE, withdraw
from timebank.visits.actions.scheduling import at_home
from timebank.visits.actions.telling import tell_cancelled
from timebank.visits.models import HelpRequest, Offer, Pairing, RequestState, Tie, Visit, VisitState
from timebank.volunteers.models import Volunteer


def pause(elder: Elder, first: date, last: date, reason: str = "") -> list[Offer]:
    """Note that an elder needs nobody on some days; offers for them are taken back and their volunteers told."""
    elders.add_pause(elder, first, last, reason)
    return _call_off(elder.household, "elder_away")


def come_back(elder: Elder, which: Pause, back: date) -> list[Visit]:
    """Note that an elder is back; the visits that fell to the pause wait to be planned again."""
    elders.end_pause(elder, which, back)
    fallen = db.session.scalars(
        select(Visit)
        .join(Visit.request)
        .where(Visit.household_id == elder.household_id, Visit.state == VisitState.CANCELLED, HelpRequest.state == RequestState.ACCEPTED)
    )
    reopened = [
        visit
        for visit in fallen
        if any(day >= clock.today() and at_home(visit.household, visit.request.elder, day) for day in _days(visit))
    ]
    for visit in reopened:
        visit.state, visit.day, visit.start = VisitState.OPEN, None, None
    if reopened:
        audit.record("reopen", "household", elder.household_id, visits=[visit.id for visit in reopened])
    return reopened


def set_state(elder: Elder, state: ElderState) -> list[Offer]:
    """Note that an elder has moved away, has died, or lives here after all; nobody is sent to a door where none is left."""
    elders.set_state(elder, state)
    return _call_off(elder.household, "elder_gone")


def _call_off(home: Household, reason: str) -> list[Offer]:
    """Take back the offers of days on which nobody they are for is there, and tell whom they were made to."""
    rows = db.session.scalars(
        select(Offer)
        .join(Offer.visit)
        .where(Visit.household_id == home.id, Offer.state.in_(LIVE), Offer.day >= clock.today(), Offer.started_at.is_(None))
        .order_by(Offer.day, Offer.id)
    )
    gone = [made for made in rows if not at_home(made.visit.household, made.visit.request.elder, made.day)]
    for made in gone:
        paying.make_up(made)
        withdraw(made, reason)
        tell_cancelled(made)
    return gone


def _days(visit: Visit) -> list[date]:
    """Return the days a visit may fall on."""
    return [date.fromisoformat(day) for day in visit.days]


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
    """Take back what somebody who must not come to a door was asked to do there."""
    rows = db.session.scalars(
        select(Offer)
        .join(Offer.visit)
        .where(Visit.household_id == home.id, Offer.volunteer_id == volunteer.id, Offer.state.in_(LIVE), Offer.started_at.is_(None))
    )
    for made in [each for each in rows if each.day >= clock.today()]:
        withdraw(made, "not_paired")
        tell_cancelled(made)


def untie(pairing: Pairing) -> None:
    """Untie a volunteer from a door."""
    audit.record("untie", "household", pairing.household_id, volunteer=pairing.volunteer_id)
    db.session.delete(pairing)
    db.session.flush()
