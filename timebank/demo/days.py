"""The days of a demo's week, in the order of the clock: pick-ups, doors, check-ins, and in the evening what is confirmed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from timebank import clock
from timebank.access.models import User
from timebank.catalogue.models import Evidence
from timebank.db import db, transaction
from timebank.demo.week import SERVED, TUESDAY, WEEK, Week
from timebank.elders.models import FamilyMember
from timebank.planning import queries as plans
from timebank.visits import on_duty
from timebank.visits import queries as visits
from timebank.visits.actions import confirming, duty_records, duty_times, serving
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import Offer, OfferState, Outcome, Trust, Visit

Event = tuple[datetime, Callable[[], object]]
More = Callable[[Week, date], Iterable[Event]]
"""What else happens in a community on a day, beside the visits."""


def live(weeks: Sequence[Week], more: More) -> None:
    """Live Monday, Tuesday and Wednesday until the demo stops, all communities by one clock."""
    for offset in range(3):
        day = WEEK + timedelta(days=offset)
        events = [event for week in weeks for event in (*_events(week, day), *_duties(week, day), *more(week, day))]
        for when, act in sorted(events, key=lambda event: event[0]):
            if when > SERVED:
                continue
            clock.clock.start_at(when)
            with transaction():
                act()
        if day < SERVED.date():
            for week in weeks:
                _confirm(week, day)


def _events(week: Week, day: date) -> Iterator[Event]:
    """Yield what happens on a day; one door on Tuesday stays shut."""
    offers = [made for made in visits.day_offers(week.community_id, day) if made.state is OfferState.ACCEPTED]
    meals = plans.rounds_today([made for made in offers if made.round is not None])
    shut = meals[1].offers[-1].id if day == TUESDAY and len(meals) > 1 else None
    for each in meals:
        late = timedelta(seconds=week.dice.randint(-60, 120))
        boxes = sum(made.visit.boxes for made in each.offers)
        yield clock.at(day, each.round.pickup) + late, _pick_up(week, each.round.id, boxes)
        for made in each.offers:
            done = clock.at(day, made.start + made.visit.minutes) + late
            yield done, _shut_door(week, made.id) if made.id == shut else _deliver(made.id)
    for made in offers:
        if made.visit.kind.evidence is Evidence.TIMED:
            begins = clock.at(day, made.start) + timedelta(minutes=week.dice.randint(2, 4))
            stays = made.visit.minutes + week.dice.randint(-5, 12)
            yield begins, _check_in(made.id)
            yield min(begins + timedelta(minutes=stays), _next_stop(made, offers)), _check_out(made.id)


def _duties(week: Week, day: date) -> Iterator[Event]:
    """Yield who is on duty on a day: they sign in by the code shown there, and out when it is over."""
    for duty in on_duty.day_duties(week.community_id, day):
        if duty.state is DutyState.AGREED:
            yield clock.at(day, duty.start) - timedelta(minutes=week.dice.randint(2, 9)), _sign_in(duty.id, duty.code)
            yield clock.at(day, duty.until) + timedelta(minutes=6), _sign_out(duty.id)


def _sign_in(duty_id: int, code: str) -> Callable[[], object]:
    """Return the act of signing in to a duty."""
    return lambda: duty_times.sign_in(db.session.get_one(Duty, duty_id), code)


def _sign_out(duty_id: int) -> Callable[[], object]:
    """Return the act of signing out of a duty."""
    return lambda: duty_times.sign_out(db.session.get_one(Duty, duty_id))


def _next_stop(made: Offer, offers: Iterable[Offer]) -> datetime:
    """Return when somebody has to leave for the next stop of their day, the day's end when there is none."""
    mine = [each for each in offers if each.volunteer_id == made.volunteer_id]
    stops = [each.round.pickup if each.round and each.round.pickup > made.start else each.start for each in mine]
    return clock.at(made.day, min((stop for stop in stops if stop > made.start), default=24 * 60) - 2)


def _offer(offer_id: int) -> Offer:
    """Return an offer as it is now."""
    return db.session.get_one(Offer, offer_id)


def _pick_up(week: Week, round_id: int, boxes: int) -> Callable[[], object]:
    """Return the act of taking a round's boxes."""
    return lambda: serving.pick_up(found, boxes) if (found := visits.round_in(week.community_id, round_id)) else None


def _deliver(offer_id: int) -> Callable[[], object]:
    """Return the act of handing a meal over."""
    return lambda: serving.deliver(_offer(offer_id))


def _shut_door(week: Week, offer_id: int) -> Callable[[], object]:
    """Return the act of finding nobody at home; the coordinator calls and closes the alert."""

    def act() -> None:
        alert = serving.report(_offer(offer_id), Outcome.NO_ANSWER, "敲了两次门，打了电话，没人接。")
        if alert is not None:
            clock.clock.start_at(clock.now() + timedelta(minutes=9))
            serving.close_alert(alert, week.coordinator.id, "电话接通，在女儿家，平安。餐食退回食堂。")

    return act


def _check_in(offer_id: int) -> Callable[[], object]:
    """Return the act of checking in with the elder's code."""
    return lambda: serving.check_in(made := _offer(offer_id), made.visit.code)


def _check_out(offer_id: int) -> Callable[[], object]:
    """Return the act of checking out."""
    return lambda: serving.check_out(_offer(offer_id))


def _confirm(week: Week, day: date) -> None:
    """In the afternoon the desk confirms the meal rounds and duties, families and the desk most of the visits."""
    clock.clock.start_at(clock.at(day, 18 * 60))
    waiting, rounds = visits.unconfirmed(week.community_id)
    for meals in [each.id for each in rounds]:
        with transaction():
            found = visits.round_in(week.community_id, meals)
            if found is not None:
                confirming.confirm_round(found, Trust.DESK, week.coordinator)
    for duty_id in [each.id for each in on_duty.unconfirmed(week.community_id)]:
        with transaction():
            duty_records.confirm(db.session.get_one(Duty, duty_id), Trust.DESK, week.coordinator)
    for number, visit_id in enumerate([each.id for each in waiting]):
        if day > WEEK and number % 4 == 3:
            continue
        with transaction():
            _confirm_visit(week, db.session.get_one(Visit, visit_id), number)


def _confirm_visit(week: Week, visit: Visit, number: int) -> None:
    """Confirm one visit: by the family where there is one, else by a call from the desk."""
    homes = [elder.id for elder in visit.household.elders]
    link = db.session.scalars(select(FamilyMember).where(FamilyMember.elder_id.in_(homes)).order_by(FamilyMember.id)).first()
    thanks = "谢谢，老人很高兴。" if link and number % 3 == 0 else ""
    by = db.session.get_one(User, link.user_id) if link else week.coordinator
    confirming.confirm(visit, Trust.FAMILY if link else Trust.CALL, by, thanks)
