"""What stands in a calendar: visits, meal rounds, turns of duty and sessions, those called off too, without anybody's name or door."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.access.masking import mask_name
from timebank.db import db
from timebank.elders.models import Household
from timebank.feeds.models import Feed
from timebank.places.models import Building, Station
from timebank.sentences import Pair, Sentence
from timebank.stations.models import ServiceSession, SessionState
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import Offer, OfferState, Visit, VisitState
from timebank.volunteers.models import Team, TeamMember, Volunteer

BACK = timedelta(days=30)
AHEAD = timedelta(days=90)
OFF = (DutyState.GIVEN_UP, DutyState.CALLED_OFF)
MINE = (DutyState.ASKED, DutyState.AGREED, DutyState.THERE, DutyState.DONE, DutyState.CONFIRMED, *OFF)


@dataclass(frozen=True, slots=True)
class Event:
    """One event: what, where and when, whether it was called off or waits for an answer, and when it last changed."""

    uid: str
    title: Pair
    place: str
    starts: datetime
    ends: datetime
    changed: datetime
    off: bool = False
    asked: bool = False


def of(feed: Feed) -> list[Event]:
    """Return the events of a feed, in order."""
    about = feed.about
    if isinstance(about, Station):
        found = _sessions(about)
    elif isinstance(about, Team):
        found = _service(_members(about), named=True)
    else:
        found = _service([about], named=False)
    return sorted(found, key=lambda each: (each.starts, each.uid))


def _span() -> tuple[date, date]:
    """Return from which day to which a calendar reaches."""
    return clock.today() - BACK, clock.today() + AHEAD


def _members(team: Team) -> Sequence[Volunteer]:
    """Return who is in a team now."""
    rows = select(Volunteer).join(TeamMember, TeamMember.volunteer_id == Volunteer.id)
    inside = (TeamMember.team_id == team.id, or_(TeamMember.left.is_(None), TeamMember.left > clock.today()), Volunteer.active)
    return db.session.scalars(rows.where(*inside).order_by(Volunteer.id)).unique().all()


def _service(people: Sequence[Volunteer], *, named: bool) -> list[Event]:
    """Return the visits, rounds and turns of some people; ``named`` says of each whose it is."""
    names = {each.id: f"{mask_name(each.name)} " if named else "" for each in people}
    return [*_visits(names), *_duties(names)]


def _visits(names: dict[int, str]) -> Iterable[Event]:
    """Give the visits some people were asked for or agreed to; the meals of one trip are one event."""
    first, last = _span()
    rows = db.session.scalars(
        select(Offer)
        .where(Offer.volunteer_id.in_(names), Offer.day >= first, Offer.day <= last)
        .options(
            joinedload(Offer.visit).joinedload(Visit.kind),
            joinedload(Offer.visit).joinedload(Visit.household).joinedload(Household.building).joinedload(Building.compound),
            joinedload(Offer.round),
        )
        .order_by(Offer.day, Offer.start, Offer.id)
    ).unique()
    trips: dict[int, list[Offer]] = {}
    for made in rows:
        if made.round_id is None:
            yield _visit(made, names[made.volunteer_id])
        else:
            trips.setdefault(made.round_id, []).append(made)
    for doors in trips.values():
        yield _trip(doors, names[doors[0].volunteer_id])


def _is_off(made: Offer) -> bool:
    """Say whether an offer stands no more."""
    return made.state in {OfferState.DECLINED, OfferState.WITHDRAWN} or made.visit.state is VisitState.CANCELLED


def _changed(made: Offer) -> datetime:
    """Return when an offer last became another."""
    return made.over_at or made.answered_at or made.sent_at


def _visit(made: Offer, whose: str) -> Event:
    """Return one visit."""
    kind, building = made.visit.kind, made.visit.household.building
    begins = clock.at(made.day, made.start)
    return Event(
        uid=f"offer-{made.id}",
        title=Sentence("%(whose)s%(kind)s", whose=whose, kind=kind.words),
        place=f"{building.compound.name} {building.name}",
        starts=begins,
        ends=begins + timedelta(minutes=made.visit.minutes),
        changed=_changed(made),
        off=_is_off(made),
        asked=made.state is OfferState.SENT,
    )


def _trip(doors: Sequence[Offer], whose: str) -> Event:
    """Return the meals of one trip, from the pick-up to the last door."""
    trip = doors[0].round
    standing = [each for each in doors if not _is_off(each)]
    shown = standing or doors
    begins = clock.at(shown[0].day, trip.pickup if trip is not None else shown[0].start)
    kind = shown[0].visit.kind
    return Event(
        uid=f"round-{shown[0].round_id}",
        title=Sentence("%(whose)s%(kind)s，%(doors)s 户", whose=whose, kind=kind.words, doors=len(shown)),
        place=trip.canteen.name if trip is not None else "",
        starts=begins,
        ends=max(clock.at(each.day, each.start) + timedelta(minutes=each.visit.minutes) for each in shown),
        changed=max(_changed(each) for each in doors),
        off=not standing,
        asked=any(each.state is OfferState.SENT for each in standing),
    )


def _duties(names: dict[int, str]) -> Iterable[Event]:
    """Give the turns of duty of some people."""
    first, last = _span()
    mine = (Duty.volunteer_id.in_(names), Duty.day >= first, Duty.day <= last, Duty.state.in_(MINE))
    for duty in db.session.scalars(select(Duty).where(*mine).order_by(Duty.id)):
        whose = names[duty.volunteer_id or 0]
        yield Event(
            uid=f"duty-{duty.id}",
            title=(f"{whose}{duty.title}", f"{whose}{duty.title}"),
            place=duty.place,
            starts=duty.begins,
            ends=duty.ends,
            changed=duty.over_at or duty.answered_at or duty.asked_at or duty.begins,
            off=duty.state in OFF,
            asked=duty.state is DutyState.ASKED,
        )


def _sessions(station: Station) -> list[Event]:
    """Return the sessions at a station."""
    first, last = _span()
    mine = (ServiceSession.station_id == station.id, ServiceSession.day >= first, ServiceSession.day <= last)
    return [
        Event(
            uid=f"session-{each.id}",
            title=(each.title, each.title),
            place=each.place or station.address or station.name,
            starts=clock.at(each.day, each.start),
            ends=clock.at(each.day, each.end),
            changed=each.ended_at or clock.at(each.day, each.start),
            off=each.state is SessionState.CANCELLED,
        )
        for each in db.session.scalars(select(ServiceSession).where(*mine).order_by(ServiceSession.id))
    ]
