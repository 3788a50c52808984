"""Doors that list what forms name by number: how each thing stands, with days and numbers, never a name, a telephone or words under seal.

Each line of the two tables is a door: of the office's for one community, of one's own under ``/my``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import JSON, Boolean, Date, Enum, Integer, or_, select
from sqlalchemy.sql import ColumnElement

from timebank.access.guards import this_user
from timebank.access.models import User
from timebank.api.edge import Doors
from timebank.api.paging import PageArgs, listed, page
from timebank.api.shared import here, me
from timebank.books.booklets import Passbook
from timebank.cases import queries as cases
from timebank.cases.models import CaseMeeting, CasePaper, Ticket
from timebank.cases.registers import Club, GiftEntry, GiftPlace
from timebank.certificates.models import CertificateBatch
from timebank.credit.models import GiftLink
from timebank.db import Base, Instant
from timebank.doubles.models import Merger
from timebank.elders.models import Elder, FamilyClaim, FamilyMember
from timebank.exchange.models import ImportBatch
from timebank.feeds.models import Feed
from timebank.posts.models import Claim, Post, Shift, Swap
from timebank.records.models import CallBack, CheckWeek, Finding, Objection, OlderBatch, Training
from timebank.stars.models import Award, StarApplication, StarObjection, StarReview
from timebank.stations.models import Attendance, CheckUp, Course, Learner, ServiceSession
from timebank.visits.calls import ElderCall
from timebank.visits.closing import MonthClose
from timebank.visits.duties import Duty, DutyState
from timebank.visits.entries import Kinship
from timebank.visits.mismatches import Mismatch
from timebank.visits.models import Alert, LateMeal, Offer, Pairing, Round
from timebank.visits.promises import Promise
from timebank.visits.queries import elders_of_user
from timebank.visits.swaps import Hand
from timebank.volunteers.lent import Lending
from timebank.volunteers.models import HeldSkill, Team, TeamMember, Unit, Volunteer

doors = Doors("lists", "What forms name by number")
Where = Callable[[], Iterable[ColumnElement[bool]]]


@dataclass(frozen=True, slots=True)
class Rows:
    """One list: its rows, which of them somebody sees, what is shown of each, and what it is in words."""

    model: type[Any]
    where: Where
    shown: str
    words: str


def _of(model: type[Any], column: str = "community_id") -> Where:
    """Return that rows are the community's own."""
    return lambda: [getattr(model, column) == here()]


def _through(column: Any, model: type[Any]) -> Where:  # noqa: ANN401 - a column of any table
    """Return that rows belong to one of the community's own of another table."""
    return lambda: [column.in_(select(model.id).where(model.community_id == here()))]


def _mine(column: Any) -> Where:  # noqa: ANN401 - a column of any table
    """Return that rows are of the volunteer in whose name a program asks."""
    return lambda: [column == me().id]


def _elders(column: Any) -> Where:  # noqa: ANN401 - a column of any table
    """Return that rows are of an elder somebody speaks for."""
    return lambda: [column.in_([each.id for each in elders_of_user(this_user())])]


def _seen_tickets(column: Any) -> Where:  # noqa: ANN401 - a column of any table
    """Return that rows are of a ticket that the token's user sees."""
    return lambda: [column.in_(select(Ticket.id).where(*cases.seen_by(here(), this_user())))]


def _checked(column: Any) -> Where:  # noqa: ANN401 - a column of any table
    """Return that rows are of a weekly check of the community."""
    return _through(column, CheckWeek)


def _of_posts(column: Any) -> Where:  # noqa: ANN401 - a column of any table
    """Return that rows are of a shift of the community's posts."""
    return lambda: [column.in_(select(Shift.id).join(Post, Post.id == Shift.post_id).where(Post.community_id == here()))]


OFFICE: dict[str, Rows] = {
    "alerts": Rows(Alert, _of(Alert), "offer_id kind raised_at closed_at taken_by goes_on_at", "Alarms at doors."),
    "elder-calls": Rows(ElderCall, _of(ElderCall), "elder_id raised_at fine_at closed_at", "Calls that elders made themselves."),
    "mismatches": Rows(
        Mismatch, _of(Mismatch), "volunteer_id offer_id deed outcome at told_at insisted_at settled_at", "Late taps that did not fit."
    ),
    "late-meals": Rows(
        LateMeal, _of(LateMeal), "canteen_id visit_id day boxes at fate settled_at", "Meals changed after the kitchen closed."
    ),
    "rounds": Rows(
        Round, _of(Round), "volunteer_id canteen_id day window pickup picked_up_at late_by counted confirmed_at", "Rounds with meals."
    ),
    "hands": Rows(Hand, _through(Hand.from_id, Volunteer), "offer_id from_id to_id state asked_at over_at", "Visits handed over."),
    "promises": Rows(
        Promise, _through(Promise.volunteer_id, Volunteer), "volunteer_id weekday canteen_id window given_at ended_at", "Rounds promised."
    ),
    "objections": Rows(Objection, _of(Objection), "record_id origin raised_at due answered_at newer_id", "Objections to records."),
    "findings": Rows(
        Finding, _checked(Finding.check_id), "check_id rule volunteer_id record_id settled settled_at", "What the weekly check found."
    ),
    "call-backs": Rows(CallBack, _checked(CallBack.check_id), "check_id record_id drawn score heard called_at", "Elders to be rung up."),
    "trainings": Rows(Training, _of(Training), "volunteer_id name minutes held_by day withdrawn_at", "Trainings of volunteers."),
    "older-batches": Rows(OlderBatch, _of(OlderBatch), "system noted_at accepted_at refused_at", "Service of an older system."),
    "closed-months": Rows(
        MonthClose, _of(MonthClose), "month until issued_on closed_at last_record head_seq left_open", "Months that were closed."
    ),
    "passbooks": Rows(Passbook, _of(Passbook), "volunteer_id serial number opened_at ended ended_at", "Passbooks."),
    "star-applications": Rows(
        StarApplication,
        _of(StarApplication),
        "volunteer_id level minutes needed doubts no_shows applied_at state public_until decided_at",
        "Applications for stars.",
    ),
    "star-objections": Rows(
        StarObjection,
        _through(StarObjection.application_id, StarApplication),
        "application_id how raised_at upheld answered_at",
        "Objections to stars.",
    ),
    "star-reviews": Rows(
        StarReview, _of(StarReview), "volunteer_id level carried minutes raised_at verdict until decided_at", "Stars under review."
    ),
    "awards": Rows(Award, _of(Award), "volunteer_id name day withdrawn_at", "Awards."),
    "certificate-batches": Rows(
        CertificateBatch, _of(CertificateBatch), "period_from period_to language asked_at ended_at", "Batches of certificates."
    ),
    "gift-links": Rows(
        GiftLink, _of(GiftLink), "volunteer_id relation elder_id asked_at agreed decided_at", "Relatives to whom time may be given."
    ),
    "family-members": Rows(
        FamilyMember,
        _through(FamilyMember.elder_id, Elder),
        "elder_id user_id relation own asked_at elder_said approved_at",
        "Family members of elders.",
    ),
    "held-skills": Rows(HeldSkill, _through(HeldSkill.volunteer_id, Volunteer), "volunteer_id skill_id expires", "Skills held."),
    "ties": Rows(Pairing, _through(Pairing.volunteer_id, Volunteer), "household_id volunteer_id tie", "Who goes to a door, and who never."),
    "team-members": Rows(TeamMember, _through(TeamMember.team_id, Team), "team_id volunteer_id joined left", "Members of teams."),
    "units": Rows(Unit, _of(Unit), "name ended", "Units."),
    "lendings": Rows(
        Lending,
        lambda: [or_(Lending.lender_id == here(), Lending.borrower_id == here())],
        "volunteer_id lender_id borrower_id first_week last_week state asked_at decided_at over_at",
        "Volunteers lent and borrowed.",
    ),
    "courses": Rows(Course, _of(Course), "kind title teacher_id station_id place seats ended", "Courses."),
    "learners": Rows(Learner, _through(Learner.course_id, Course), "course_id joined left elder_id", "Learners of courses."),
    "check-ups": Rows(CheckUp, _of(CheckUp), "station_id what every_weeks due last_done ended elder_id", "Check-ups that come again."),
    "clubs": Rows(Club, _of(Club), "name sort members place meets ended", "Groups of residents."),
    "gift-places": Rows(GiftPlace, _of(GiftPlace), "name sort place ended", "Places of gifts."),
    "gift-entries": Rows(
        GiftEntry, _through(GiftEntry.place_id, GiftPlace), "place_id day way what count withdrawn_at", "What was given and taken."
    ),
    "post-claims": Rows(Claim, _of_posts(Claim.shift_id), "shift_id volunteer_id seat from_day ended", "Who holds a shift every week."),
    "post-swaps": Rows(
        Swap, _through(Swap.duty_id, Duty), "duty_id from_id to_id state offered_at over_at taken_by", "Turns to be swapped."
    ),
    "case-meetings": Rows(CaseMeeting, _seen_tickets(CaseMeeting.ticket_id), "ticket_id day start held_at", "Meetings about cases."),
    "case-papers": Rows(CasePaper, _seen_tickets(CasePaper.ticket_id), "ticket_id original taken_at fate ended_at", "Papers taken in."),
}
"""For whoever reads the community's register."""

DESK: dict[str, Rows] = {
    "kinships": Rows(Kinship, _through(Kinship.volunteer_id, Volunteer), "user_id volunteer_id relation", "Who is family of the office."),
    "family-claims": Rows(
        FamilyClaim, _of(FamilyClaim), "user_id relation asked_at decided_at elder_id", "Families who say whose they are."
    ),
    "mergers": Rows(
        Merger, _of(Merger), "kept_elder_id gone_elder_id kept_volunteer_id gone_volunteer_id at undone_at", "People merged into one."
    ),
    "imports": Rows(ImportBatch, _of(ImportBatch), "at files new changed undone_at", "Imports."),
    "feeds": Rows(Feed, _of(Feed), "volunteer_id team_id station_id made_at ended_at", "Calendars that were made."),
    "colleagues": Rows(User, _of(User), "role active created_at", "Whoever signs in for the community."),
}
"""For those who work at the desk."""

OWN: dict[str, Rows] = {
    "alerts": Rows(
        Alert,
        lambda: [Alert.offer_id.in_(select(Offer.id).where(Offer.volunteer_id == me().id))],
        "offer_id kind raised_at closed_at goes_on_at",
        "One's own alarms.",
    ),
    "hands": Rows(
        Hand,
        lambda: [or_(Hand.from_id == me().id, Hand.to_id == me().id)],
        "offer_id from_id to_id state asked_at over_at",
        "Visits one hands over or is handed.",
    ),
    "rounds": Rows(
        Round, _mine(Round.volunteer_id), "canteen_id day window pickup picked_up_at counted confirmed_at", "One's own rounds with meals."
    ),
    "promises": Rows(Promise, _mine(Promise.volunteer_id), "weekday canteen_id window given_at ended_at", "Rounds one has promised."),
    "mismatches": Rows(
        Mismatch,
        _mine(Mismatch.volunteer_id),
        "offer_id deed outcome at told_at insisted_at settled_at",
        "One's late taps that did not fit.",
    ),
    "posts": Rows(Post, lambda: [Post.community_id == me().community_id], "name place first_day last_day", "Posts that want somebody."),
    "shifts": Rows(
        Shift,
        lambda: [Shift.post_id.in_(select(Post.id).where(Post.community_id == me().community_id))],
        "post_id weekday start until least wanted dropped",
        "The weekly rota of these posts.",
    ),
    "open-turns": Rows(
        Duty,
        lambda: [Duty.community_id == me().community_id, Duty.state == DutyState.OPEN, Duty.part_of == "post"],
        "title place day start until part_id",
        "Turns that nobody has yet.",
    ),
    "post-claims": Rows(Claim, _mine(Claim.volunteer_id), "shift_id seat from_day ended", "Shifts one holds every week."),
    "post-swaps": Rows(
        Swap,
        lambda: [
            Swap.duty_id.in_(select(Duty.id).where(Duty.community_id == me().community_id)),
            or_(Swap.from_id == me().id, Swap.to_id == me().id, Swap.to_id.is_(None)),
        ],
        "duty_id from_id to_id state offered_at over_at",
        "Turns one offers, or might take.",
    ),
    "trainings": Rows(Training, _mine(Training.volunteer_id), "name minutes held_by day withdrawn_at", "One's own trainings."),
    "star-applications": Rows(
        StarApplication,
        _mine(StarApplication.volunteer_id),
        "level minutes needed applied_at state public_until decided_at",
        "One's own stars.",
    ),
    "gift-links": Rows(
        GiftLink, _mine(GiftLink.volunteer_id), "relation asked_at agreed decided_at", "Relatives to whom one may give time."
    ),
    "lendings": Rows(
        Lending, _mine(Lending.volunteer_id), "lender_id borrower_id first_week last_week state over_at", "Where one is lent to."
    ),
    "feeds": Rows(Feed, _mine(Feed.volunteer_id), "made_at ended_at", "One's own calendars."),
}
"""For whoever serves: their own."""

FAMILY: dict[str, Rows] = {
    "family": Rows(
        FamilyMember,
        lambda: [or_(FamilyMember.user_id == this_user().id, *_elders(FamilyMember.elder_id)())],
        "elder_id relation own asked_at elder_said approved_at",
        "Whom one is bound to, and who else is.",
    ),
    "elder-calls": Rows(ElderCall, _elders(ElderCall.elder_id), "elder_id raised_at fine_at closed_at", "Calls of one's elders."),
    "sessions": Rows(
        ServiceSession,
        lambda: [ServiceSession.community_id.in_([this_user().community_id, *(each.community_id for each in elders_of_user(this_user()))])],
        "kind title station_id place day start end seats state",
        "Sessions one may sign up to.",
    ),
    "sign-ups": Rows(
        Attendance,
        lambda: [or_(Attendance.asked_by == this_user().id, *_elders(Attendance.elder_id)())],
        "session_id number turn elder_id",
        "What one, or one's elder, is signed up to.",
    ),
    "tickets": Rows(
        Ticket, lambda: [Ticket.brought_by == this_user().id], "number sort door state received_at due", "What one has brought."
    ),
}
"""For whoever follows an elder: their own."""


def _field(model: type[Base], name: str) -> fields.Field[Any]:
    """Return how a column is shown."""
    column = model.__table__.columns[name]
    kind, empty = column.type, bool(column.nullable)
    if isinstance(kind, Enum):
        return fields.Function(lambda row: getattr(getattr(row, name), "value", None), metadata=_words(kind, empty=empty))
    for of, field in ((Boolean, fields.Boolean), (Integer, fields.Integer), (Date, fields.Date), (Instant, fields.AwareDateTime)):
        if isinstance(kind, of):
            return field(allow_none=empty)
    return fields.List(fields.String()) if isinstance(kind, JSON) else fields.String(allow_none=empty)


def _words(kind: Enum, *, empty: bool) -> dict[str, Any]:
    """Return what the description says of a choice."""
    return {"type": ["string", "null"], "enum": [*kind.enums, None]} if empty else {"type": "string", "enum": [*kind.enums]}


def _shape(name: str, rows: Rows) -> type[Schema]:
    """Return the shape of a list's rows."""
    parts = {each: _field(rows.model, each) for each in ("id", *rows.shown.split())}
    return type(f"{name}Shape", (Schema,), {"__doc__": rows.words, **parts})


def _add(prefix: str, name: str, rows: Rows) -> None:
    """Add the door of one list."""

    def shown(asked: dict[str, Any]) -> dict[str, Any]:
        return page(select(rows.model).where(*rows.where()), rows.model.id, asked)

    shown.__name__ = f"{prefix.strip('/')}_{name}".strip("_").replace("-", "_")
    shown.__doc__ = rows.words
    title = "".join(part.capitalize() for part in shown.__name__.split("_"))
    doors.get(f"{prefix}/{name}")(doors.arguments(PageArgs, location="query")(doors.response(200, listed(_shape(title, rows)))(shown)))


for _prefix, _table in (("", OFFICE), ("", DESK), ("/my", OWN), ("/my", FAMILY)):
    for _name, _rows in _table.items():
        _add(_prefix, _name, _rows)
