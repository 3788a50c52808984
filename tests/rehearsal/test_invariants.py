"""Each invariant of the rehearsal is broken on purpose, in the rows and past every verb, and is named; a street as it is breaks none."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from tests import builders as make
from tests.rehearsal.test_machine import Week
from timebank import clock
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, Pause
from timebank.ledger import actions as ledger
from timebank.ledger.models import Transfer
from timebank.rehearsal import invariants
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import HelpRequest, Offer, OfferState, Pairing, Round, ServiceRecord, Tie, Trust, Visit, VisitState
from timebank.volunteers.models import TimeOff, Volunteer

DAY = make.WEDNESDAY
NAMES = {check.__name__ for check in invariants.EVENING}


def street() -> Week:
    """Return a street on whose morning everything is on somebody's day and agreed."""
    week = Week()
    week.begin()
    for _line in range(6):
        week.somebody_is_asked_for_a_line(0, 0)
    for place in range(12):
        week.somebody_answers(place, yes=True)
    return week


def meal() -> Offer:
    """Return the first meal somebody carries."""
    return db.session.scalars(
        select(Offer).where(Offer.round_id.is_not(None), Offer.state == OfferState.ACCEPTED).order_by(Offer.id)
    ).first()  # type: ignore[return-value]


def hair() -> Offer:
    """Return the first visit of an hour that somebody makes."""
    return db.session.scalars(select(Offer).where(Offer.round_id.is_(None), Offer.state == OfferState.ACCEPTED).order_by(Offer.id)).first()  # type: ignore[return-value]


def put(row: type, number: int, **values: object) -> None:
    """Write values into a row past every verb."""
    db.session.execute(update(row).where(row.id == number).values(**values))  # type: ignore[attr-defined]


def duty(made: Offer, state: DutyState = DutyState.AGREED, **values: object) -> Duty:
    """Put a duty over what somebody does."""
    return make.add(
        Duty(
            community_id=made.visit.community_id,
            kind_id=made.visit.kind_id,
            title="护学岗",
            place="东门",
            day=made.day,
            start=made.start,
            until=made.start + 30,
            volunteer_id=made.volunteer_id,
            state=state,
            **values,
        )
    )


def record(made: Offer, minutes: int = 40, lasted: int = 40, **values: object) -> ServiceRecord:
    """Put a record there, of a visit unless something else is given."""
    of = values or {"visit_id": made.visit_id}
    begun = clock.at(made.day, 480)
    return make.add(
        ServiceRecord(
            community_id=made.visit.community_id,
            volunteer_id=made.volunteer_id,
            kind_id=made.visit.kind_id,
            day=made.day,
            started_at=begun,
            ended_at=begun + timedelta(minutes=lasted),
            minutes=minutes,
            planned_minutes=40,
            paid=False,
            collective=False,
            trust=Trust.DESK,
            created_at=clock.now(),
            **of,
        )
    )


def held_for_nothing() -> None:
    """Hold minutes for a visit that nobody has agreed to."""
    visit = hair().visit
    account = db.session.get_one(Volunteer, hair().volunteer_id).account_id
    ledger.earn(account, 60, source="record:v1.1:v1", idem=("test", "earn"), actor="test")
    ledger.hold(account, 40, source=f"visit:{visit.id}", idem=("test", "hold"), actor="test")
    put(Visit, visit.id, state=VisitState.FAILED)


def forged() -> None:
    """Change a transfer that is posted."""
    account = db.session.get_one(Volunteer, hair().volunteer_id).account_id
    seq = ledger.earn(account, 60, source="record:v1.1:v1", idem=("test", "earn"), actor="test").seq
    db.session.execute(text("DROP TRIGGER ledger_transfer_no_update"))
    db.session.execute(update(Transfer).where(Transfer.seq == seq).values(minutes=600))


def unfounded() -> None:
    """Credit minutes for which there is no record."""
    account = db.session.get_one(Volunteer, hair().volunteer_id).account_id
    ledger.earn(account, 60, source="record:v2.1:v1", idem=("test", "earn"), actor="test")


def waits_for_yesterday() -> None:
    """Let an offer of yesterday wait for an answer while its visit has a day to come."""
    made = hair()
    put(Offer, made.id, state=OfferState.SENT, answered_at=None, answered_by=None, day=DAY - timedelta(days=1))
    put(Visit, made.visit_id, state=VisitState.OFFERED, day=None, days=[(DAY - timedelta(days=1)).isoformat(), DAY.isoformat()])


def apart() -> None:
    """Let somebody be kept apart from a door they go to."""
    made = hair()
    make.add(Pairing(household_id=made.visit.household_id, volunteer_id=made.volunteer_id, tie=Tie.EXCLUDED))


def one_dies() -> None:
    """Let one of the couple be gone, with two boxes on their way."""
    both = db.session.scalars(select(HelpRequest).where(HelpRequest.boxes == 2)).one()
    put(Elder, both.eaters[0], state="deceased")


def out_of_sight() -> None:
    """Let a visit of today be asked for on a day that is none of its own."""
    made = hair()
    put(Offer, made.id, state=OfferState.SENT, answered_at=None, answered_by=None, day=DAY + timedelta(days=3))
    put(Visit, made.visit_id, state=VisitState.OFFERED, day=None)


def called_off_but_fetched() -> None:
    """Call a meal off and leave it in the trip."""
    put(Visit, meal().visit_id, state=VisitState.CANCELLED)


def of_no_trip() -> None:
    """Let somebody carry a meal outside every trip: Today counts a box that no sheet has."""
    put(Offer, meal().id, round_id=None)


BREAKS: dict[str, tuple[str, Callable[[], object]]] = {
    "a visit is open while somebody goes": ("states_follow_offers", lambda: put(Visit, hair().visit_id, state=VisitState.OPEN)),
    "a visit is agreed and nobody goes": ("states_follow_offers", lambda: put(Offer, hair().id, state=OfferState.WITHDRAWN)),
    "a visit is on its way without anybody": ("states_follow_offers", lambda: put(Visit, hair().visit_id, crew=2)),
    "somebody who goes is away": (
        "nobody_away_is_asked",
        lambda: make.add(TimeOff(volunteer_id=hair().volunteer_id, day=DAY, start=0, end=1440)),
    ),
    "somebody who goes has stopped": ("nobody_away_is_asked", lambda: put(Volunteer, hair().volunteer_id, active=False)),
    "somebody who goes must not come": ("nobody_away_is_asked", apart),
    "an answer is asked for in the past": (
        "deadlines_are_ahead",
        lambda: put(Offer, hair().id, deadline=hair().sent_at - timedelta(minutes=1)),
    ),
    "an answer is waited for about yesterday": ("nobody_waits_for_yesterday", waits_for_yesterday),
    "a trip is too heavy": ("trips_can_be_carried", lambda: put(Volunteer, meal().volunteer_id, boxes=0)),
    "a trip is too long": ("trips_can_be_carried", lambda: put(Round, meal().round_id or 0, pickup=meal().start - 61)),
    "a trip is walked before it is fetched": ("trips_can_be_carried", lambda: put(Round, meal().round_id or 0, pickup=meal().start + 1)),
    "minutes are held for what failed": ("holds_are_agreed_visits", held_for_nothing),
    "two records lie over each other": (
        "no_minute_twice",
        lambda: [record(hair(), visit_id=each) for each in (hair().visit_id, meal().visit_id)],
    ),
    "a record says more than it lasted": ("no_minute_twice", lambda: record(hair(), minutes=60)),
    "an elder is away": (
        "everybody_is_at_home",
        lambda: make.add(Pause(elder_id=hair().visit.request.elder_id, first_day=DAY, last_day=DAY)),
    ),
    "one of a couple is gone": ("everybody_is_at_home", one_dies),
    "a visit of today stands nowhere": ("nothing_is_unseen", out_of_sight),
    "a meal called off is still fetched": ("kitchen_counts_once", called_off_but_fetched),
    "a box is in no trip": ("kitchen_counts_once", of_no_trip),
    "somebody is on duty and at a door": ("nobody_is_in_two_places", lambda: duty(hair())),
    "somebody on duty has stopped": (
        "nobody_is_in_two_places",
        lambda: (duty(hair()), put(Volunteer, hair().volunteer_id, active=False)),
    ),
    "a plan is too heavy": ("the_plan_is_sound", lambda: put(Volunteer, meal().volunteer_id, boxes=0)),
    "a duty is confirmed without a record": (
        "duties_are_on_record_once",
        lambda: duty(hair(), DutyState.CONFIRMED, started_at=clock.at(DAY, 480), ended_at=clock.at(DAY, 481)),
    ),
}


class BackError(Exception):
    """What was broken is not kept."""


def broken_now() -> set[str]:
    """Return the names of the invariants that are broken."""
    db.session.expire_all()
    community = db.session.scalar(select(func.max(Visit.community_id))) or 0
    found = invariants.broken(invariants.EVENING, invariants.view(invariants.EVENING, community))
    return {said.split(":")[0] for said in found}


def named(act: Callable[[], object]) -> set[str]:
    """Return the names of the invariants that are broken once something is done, which is not kept."""
    found: set[str] = set()
    with contextlib.suppress(BackError), transaction():
        act()
        db.session.flush()
        found = broken_now()
        raise BackError
    forget_reads()
    return found


def test_whatever_is_broken_on_purpose_is_named(app: Flask) -> None:
    with app.app_context():
        street()
        assert broken_now() == set()
        unnamed = [what for what, (name, act) in BREAKS.items() if name not in named(act)]
        assert unnamed == []
        assert broken_now() == set()


@pytest.mark.parametrize("act", [forged, unfounded])
def test_a_forged_ledger_and_a_credit_without_a_record_are_named(app: Flask, act: Callable[[], object]) -> None:
    with app.app_context():
        street()
        with transaction():
            act()
        assert broken_now() == {"the_ledger_verifies"}


def test_every_invariant_is_broken_by_some_test() -> None:
    assert {name for name, _act in BREAKS.values()} | {"the_ledger_verifies"} == NAMES
