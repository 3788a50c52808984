"""Reads of lending: what a community asked for and was asked for, what a volunteer is lent for, and what holds a week where it is."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.db import db
from timebank.places.models import Community
from timebank.planning.models import Assignment, Plan
from timebank.visits.duties import BLOCKING, Duty, DutyState
from timebank.visits.models import Offer, Visit
from timebank.visits.states import LIVE
from timebank.volunteers.lent import Lending, LendingState, LentWeek
from timebank.volunteers.models import Volunteer

A_WEEK = timedelta(days=7)
SHOWN = 60


def weeks_between(first: date, last: date) -> list[date]:
    """Return the Mondays from one to another, both with them."""
    return [first + each * A_WEEK for each in range((last - first).days // 7 + 1)]


def neighbours(community: Community) -> Sequence[Community]:
    """Return the other communities of a community's street, by name."""
    others = (Community.street_id == community.street_id, Community.id != community.id)
    return db.session.scalars(select(Community).where(*others).order_by(Community.name)).all()


def volunteer_called(community: Community, number: str, name: str) -> Volunteer | None:
    """Return the volunteer of a community whose number and name are both as somebody says; paid staff are not lent."""
    mine = (Volunteer.community_id == community.id, Volunteer.active, Volunteer.staff.is_(False))
    return db.session.scalar(select(Volunteer).where(*mine, Volunteer.number == number, Volunteer.name == name))


def lendings(community_id: int) -> Sequence[Lending]:
    """Return what a community asked for and was asked for, what waits first, then the newest."""
    return _lendings(or_(Lending.borrower_id == community_id, Lending.lender_id == community_id))


def lendings_of(volunteer: Volunteer) -> Sequence[Lending]:
    """Return for what a volunteer was lent, or is to be, the newest first; what was only asked for is not told yet."""
    return _lendings(Lending.volunteer_id == volunteer.id, Lending.decided_at.is_not(None), Lending.state != LendingState.REFUSED)


def _lendings(*which: ColumnElement[bool]) -> Sequence[Lending]:
    """Return some lendings with what pages show of them."""
    rows = select(Lending).where(*which).order_by((Lending.state == LendingState.ASKED).desc(), Lending.id.desc()).limit(SHOWN)
    shown = (joinedload(Lending.volunteer), joinedload(Lending.lender), joinedload(Lending.borrower))
    return db.session.scalars(rows.options(*shown)).all()


def lending_in(community_id: int, lending_id: int) -> Lending | None:
    """Return a lending that a community asked for or was asked for."""
    return next((each for each in lendings(community_id) if each.id == lending_id), None)


def taken_weeks(volunteer: Volunteer, weeks: Collection[date]) -> set[date]:
    """Return in which of some weeks a volunteer is lent already."""
    rows = select(LentWeek.week).where(LentWeek.volunteer_id == volunteer.id, LentWeek.week.in_(weeks))
    return set(db.session.scalars(rows))


def promised_weeks(volunteer: Volunteer, community_id: int, weeks: Collection[date]) -> dict[date, int]:
    """Return how much a volunteer was asked for or has promised in a community in some weeks: visits and turns of duty."""
    found: dict[date, int] = {}
    live = (Offer.volunteer_id == volunteer.id, Offer.state.in_(LIVE), Visit.community_id == community_id, Visit.week.in_(weeks))
    for week in db.session.scalars(select(Visit.week).join(Offer, Offer.visit_id == Visit.id).where(*live)):
        found[week] = found.get(week, 0) + 1
    turns = (Duty.volunteer_id == volunteer.id, Duty.state.in_((*BLOCKING, DutyState.ASKED)), Duty.community_id == community_id)
    for day in db.session.scalars(select(Duty.day).where(*turns)):
        if (week := clock.monday_of(day)) in weeks:
            found[week] = found.get(week, 0) + 1
    return found


def planned(volunteer: Volunteer, community_id: int, weeks: Collection[date]) -> Sequence[Assignment]:
    """Return what the plans of a community hold for a volunteer in some weeks."""
    rows = select(Assignment).join(Assignment.plan).where(Assignment.volunteer_id == volunteer.id)
    return db.session.scalars(
        rows.where(Plan.community_id == community_id, Plan.week.in_(weeks)).options(joinedload(Assignment.plan))
    ).all()
