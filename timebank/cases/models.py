"""Tables of what people bring: tickets with their dated steps, meetings, papers and the requests made from them.

Words are sealed; steps are only added. Triggers keep a ticket on the lines that ``states`` draws, open while papers of it are out,
and without an end until somebody was called back. The registers of gifts and groups stand in ``registers``.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base, choice
from timebank.elders.models import Elder
from timebank.places.models import Building, Compound
from timebank.sealed import Sealed
from timebank.visits.models import HelpRequest
from timebank.volunteers.models import Unit


class Sort(StrEnum):
    """What sort of thing somebody brings."""

    PROBLEM = "problem"
    SUGGESTION = "suggestion"
    MEDIATION = "mediation"
    CONSULTATION = "consultation"
    ERRAND = "errand"


class Door(StrEnum):
    """By which door it came: told at the desk, by telephone, written on a phone, or reported by somebody else for an elder."""

    DESK = "desk"
    PHONE = "phone"
    ONLINE = "online"
    INFORMANT = "informant"


class Consent(StrEnum):
    """What the person says for whom somebody else reports."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    UNABLE = "unable"


class Topic(StrEnum):
    """What it is about: the six classes of a steward's work, and what offices sort apart besides."""

    REPAIR = "repair"
    CARE = "care"
    INFORMATION = "information"
    LEISURE = "leisure"
    URGENT = "urgent"
    DISPUTE = "dispute"
    PROPERTY = "property"
    CLEANLINESS = "cleanliness"
    PARKING = "parking"
    BENEFITS = "benefits"
    OTHER = "other"


class State(StrEnum):
    """Where a ticket is; ``states`` draws what may follow what."""

    RECEIVED = "received"
    SORTED = "sorted"
    IN_HAND = "in_hand"
    ENDED = "ended"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How the work on a ticket ended."""

    SETTLED = "settled"
    NOT_SETTLED = "not_settled"
    PASSED_ON = "passed_on"


class Heard(StrEnum):
    """What whoever brought it says when called back; not reached is taken after several tries only."""

    SATISFIED = "satisfied"
    PARTLY = "partly"
    NOT = "not"
    UNREACHED = "unreached"


class Level(StrEnum):
    """三级调解: who mediates, one after the other."""

    BUILDING = "building"
    COMMUNITY = "community"
    STREET = "street"


class Deed(StrEnum):
    """What a step of a ticket was."""

    TAKE_IN = "take_in"
    SORT = "sort"
    BEGIN = "begin"
    NOTE = "note"
    CONSENT = "consent"
    NAME_ELDER = "name_elder"
    TAKE_OVER = "take_over"
    RAISE = "raise"
    MEET = "meet"
    MET = "met"
    TAKE_PAPER = "take_paper"
    END_PAPER = "end_paper"
    ASK_HELP = "ask_help"
    END = "end"
    TRY = "try"
    CALL = "call"
    REOPEN = "reopen"


class Way(StrEnum):
    """How somebody was called back."""

    PHONE = "phone"
    DOOR = "door"
    DESK = "desk"
    ONLINE = "online"


class Ticket(Base):
    """接件: what somebody brought, who has it in hand and by which day its next step is due (``due``, until it is closed).

    ``name`` and ``phone`` are of whoever brought it, ``about`` of whom it is about where that is somebody else; ``elder`` is that
    person's row where they are registered. It is in the hands of a user, of a unit, or of somebody by name (``charge_name``).
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("community_id", "number"),
        CheckConstraint("length(name) > 0", name="named"),
        CheckConstraint("(door = 'informant') = (consent IS NOT NULL)", name="consent_of_informant"),
        CheckConstraint("(sort = 'mediation') = (level IS NOT NULL)", name="level_of_mediation"),
        CheckConstraint("state = 'received' OR topic IS NOT NULL", name="sorted_by_topic"),
        CheckConstraint(
            "state = 'received' OR charge_id IS NOT NULL OR unit_id IS NOT NULL OR length(charge_name) > 0", name="sorted_to_somebody"
        ),
        CheckConstraint("(state IN ('ended', 'closed')) = (outcome IS NOT NULL)", name="ended_with_outcome"),
        CheckConstraint("(state = 'closed') = (heard IS NOT NULL)", name="closed_by_call"),
        CheckConstraint("(state = 'closed') = (due IS NULL)", name="due_until_closed"),
        CheckConstraint("tries >= 0", name="tries"),
        Index(None, "community_id", "state", "due"),
        Index(None, "community_id", "received_on"),
        Index(None, "community_id", "phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    number: Mapped[str]
    sort: Mapped[Sort] = mapped_column(choice(Sort))
    door: Mapped[Door] = mapped_column(choice(Door))
    name: Mapped[str]
    sort_key: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    consent: Mapped[Consent | None] = mapped_column(choice(Consent))
    elder_id: Mapped[int | None] = mapped_column(ForeignKey(Elder.id), index=True)
    compound_id: Mapped[int | None] = mapped_column(ForeignKey(Compound.id), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey(Building.id), index=True)
    words: Mapped[str] = mapped_column(Sealed)
    brought_by: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    received_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    state: Mapped[State] = mapped_column(choice(State), default=State.RECEIVED)
    topic: Mapped[Topic | None] = mapped_column(choice(Topic))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id), index=True)
    charge_name: Mapped[str] = mapped_column(default="")
    level: Mapped[Level | None] = mapped_column(choice(Level))
    due: Mapped[date | None]
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))
    heard: Mapped[Heard | None] = mapped_column(choice(Heard))
    tries: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it as it stands

    elder: Mapped[Elder | None] = relationship()
    compound: Mapped[Compound | None] = relationship()
    building: Mapped[Building | None] = relationship()
    charge: Mapped[User | None] = relationship(foreign_keys=[charge_id])
    unit: Mapped[Unit | None] = relationship()
    steps: Mapped[list["TicketStep"]] = relationship(order_by="TicketStep.id")
    meetings: Mapped[list["CaseMeeting"]] = relationship(order_by="(CaseMeeting.day, CaseMeeting.id)")
    papers: Mapped[list["CasePaper"]] = relationship(order_by="CasePaper.id")
    requests: Mapped[list[HelpRequest]] = relationship(secondary="ticket_request", order_by=HelpRequest.id, viewonly=True)

    @property
    def papers_out(self) -> list["CasePaper"]:
        """The papers somebody still waits for."""
        return [each for each in self.papers if each.fate is None]


class TicketStep(Base):
    """One dated step of a ticket: who did what, with a note; ``detail`` holds choices, days and numbers of rows. Only added."""

    __tablename__ = "ticket_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    at: Mapped[datetime]
    by_user: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    deed: Mapped[Deed] = mapped_column(choice(Deed))
    note: Mapped[str | None] = mapped_column(Sealed)
    detail: Mapped[dict[str, Any]]

    by: Mapped[User | None] = relationship()


class CaseMeeting(Base):
    """One meeting or visit of a longer case: planned for a day with some people, and afterwards what they agreed, which stays."""

    __tablename__ = "case_meeting"
    __table_args__ = (
        CheckConstraint("start IS NULL OR start BETWEEN 0 AND 1439", name="start"),
        CheckConstraint("(agreed IS NULL) = (held_at IS NULL)", name="held_with_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    day: Mapped[date]
    start: Mapped[int | None]
    place: Mapped[str] = mapped_column(default="")
    who: Mapped[str] = mapped_column(Sealed)
    agreed: Mapped[str | None] = mapped_column(Sealed)
    held_at: Mapped[datetime | None]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))


class PaperFate(StrEnum):
    """What became of a paper that was taken: given back, handed in where it was needed, or lost."""

    BACK = "back"
    HANDED_IN = "handed_in"
    LOST = "lost"


class CasePaper(Base):
    """材料: a paper taken from somebody for an errand, out until it is noted where it went, and with whom."""

    __tablename__ = "case_paper"
    __table_args__ = (
        CheckConstraint("length(name) > 0", name="named"),
        CheckConstraint("(fate IS NULL) = (ended_at IS NULL) AND (fate IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        CheckConstraint("fate IS NULL OR length(whom) > 0", name="ended_with_whom"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), index=True)
    name: Mapped[str]
    original: Mapped[bool] = mapped_column(default=True)
    taken_at: Mapped[datetime]
    taken_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    fate: Mapped[PaperFate | None] = mapped_column(choice(PaperFate))
    whom: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))


class TicketRequest(Base):
    """A request for help that was made from a ticket."""

    __tablename__ = "ticket_request"

    ticket_id: Mapped[int] = mapped_column(ForeignKey(Ticket.id), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey(HelpRequest.id), primary_key=True, unique=True)
