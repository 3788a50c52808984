"""Tables of stars: rules, applications, objections, reviews, what the desk does in somebody's name, the honour list and awards."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.credit.models import GiftLink
from timebank.db import Base, choice
from timebank.places.models import Community
from timebank.proposals.models import Proposal
from timebank.records.models import Objection
from timebank.sealed import Sealed
from timebank.volunteers.models import Volunteer

OPEN_REVIEW = text("verdict IS NULL")


class StarRule(Base):
    """How many recorded hours each star asks for in a community, how many upheld doubts or no-shows a year it bears.

    An application is public for ``days`` working days before it may be granted.
    """

    __tablename__ = "star_rule"
    __table_args__ = (
        CheckConstraint("one > 0 AND two > one AND three > two AND four > three AND five > four AND five <= 100000", name="rising"),
        CheckConstraint("faults BETWEEN 0 AND 100", name="faults"),
        CheckConstraint("days BETWEEN 3 AND 30", name="days"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), primary_key=True)
    one: Mapped[int]
    two: Mapped[int]
    three: Mapped[int]
    four: Mapped[int]
    five: Mapped[int]
    faults: Mapped[int]
    days: Mapped[int] = mapped_column(default=5, server_default="5")


class StarState(StrEnum):
    """What became of an application for a star: asked, made public, granted by a second person; declined, or taken back later."""

    ASKED = "asked"
    PUBLISHED = "published"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


LIVE_STAR = text("state IN ('asked', 'published', 'granted')")


class StarApplication(Base):
    """星级申请: a volunteer asks for the next star; what was on record then, and what the star asks for, is kept beside the answer.

    ``published_by`` is who looked at it first, ``decided_by`` who granted it after the days of its publicity, or declined it.
    """

    __tablename__ = "star_application"
    __table_args__ = (
        Index("uq_star_application_live", "volunteer_id", "level", unique=True, sqlite_where=LIVE_STAR, postgresql_where=LIVE_STAR),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("minutes > 0 AND doubts >= 0 AND no_shows >= 0", name="counts"),
        CheckConstraint("needed BETWEEN 1 AND minutes", name="needed"),
        CheckConstraint("(state IN ('asked', 'published')) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state <> 'declined' OR length(reason) > 0", name="declined_for_a_reason"),
        CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL) AND (published_at IS NULL) = (public_until IS NULL)",
            name="published_by_somebody",
        ),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published"),
        CheckConstraint("published_by IS NULL OR state NOT IN ('granted', 'withdrawn') OR decided_by <> published_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    level: Mapped[int]
    minutes: Mapped[int]
    needed: Mapped[int]
    doubts: Mapped[int]
    no_shows: Mapped[int]
    applied_at: Mapped[datetime]
    state: Mapped[StarState] = mapped_column(choice(StarState), default=StarState.ASKED, index=True)
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    public_until: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()
    publisher: Mapped[User | None] = relationship(foreign_keys=[published_by])
    objections: Mapped[list["StarObjection"]] = relationship(back_populates="application", order_by="StarObjection.id")


class How(StrEnum):
    """How somebody said something to the station."""

    IN_PERSON = "in_person"
    TELEPHONE = "telephone"
    LETTER = "letter"


class StarObjection(Base):
    """公示异议: somebody says while it is public that a star is not deserved; whoever looks into it answers, and is not who wrote it down."""

    __tablename__ = "star_objection"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (upheld IS NULL)", name="answered_by_somebody"
        ),
        CheckConstraint("answered_by IS NULL OR answered_by <> noted_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey(StarApplication.id), index=True)
    words: Mapped[str] = mapped_column(Sealed)
    how: Mapped[How] = mapped_column(choice(How))
    raised_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    answer: Mapped[str | None] = mapped_column(Sealed)
    upheld: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    application: Mapped[StarApplication] = relationship(back_populates="objections")


class Verdict(StrEnum):
    """What the office decided when recorded hours no longer reach a star; ``recovered`` is what the hours did by themselves."""

    KEEP = "keep"
    WITHDRAW = "withdraw"
    BAR = "bar"
    RECOVERED = "recovered"


class StarReview(Base):
    """小时不够了: the recorded hours of somebody no longer reach the star they hold; the office decides, with a reason.

    ``level`` is the star held, ``carried`` the one the hours reach. A star is kept ``until`` a day, or nobody may apply until then.
    Of somebody barred for false hours who still reaches what they hold, ``level`` is the next star, which they may not ask for.
    """

    __tablename__ = "star_review"
    __table_args__ = (
        CheckConstraint("carried >= 0 AND carried < level AND level <= 5 AND minutes >= 0", name="fallen"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("verdict IS NULL OR (verdict = 'recovered') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("verdict IS NULL OR verdict = 'recovered' OR length(reason) > 0", name="for_a_reason"),
        CheckConstraint("(verdict IS NOT NULL AND verdict IN ('keep', 'bar')) = (until IS NOT NULL)", name="until"),
        CheckConstraint(
            "(verdict IS NOT NULL AND verdict = 'bar') = (second_by IS NOT NULL) AND (second_by IS NULL OR second_by <> decided_by)",
            name="barred_by_two",
        ),
        Index("uq_star_review_open", "volunteer_id", unique=True, sqlite_where=OPEN_REVIEW, postgresql_where=OPEN_REVIEW),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    level: Mapped[int]
    carried: Mapped[int]
    minutes: Mapped[int]
    raised_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(choice(Verdict))
    reason: Mapped[str] = mapped_column(default="")
    until: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    second_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))

    volunteer: Mapped[Volunteer] = relationship()


class Errand(StrEnum):
    """What the desk writes down for somebody who has no phone."""

    STAR = "star"
    OBJECTION = "objection"
    RELATIVE = "relative"
    GIFT = "gift"
    DONATION = "donation"


class DeskAct(Base):
    """代办: what the desk wrote down in a volunteer's name: what they wanted, how they asked, who wrote it down, and what came of it."""

    __tablename__ = "desk_act"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN application_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN objection_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN link_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN proposal_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_thing",
        ),
        CheckConstraint("(what IN ('gift', 'donation')) = (proposal_id IS NOT NULL)", name="minutes_wait_for_a_second_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    what: Mapped[Errand] = mapped_column(choice(Errand))
    how: Mapped[How] = mapped_column(choice(How))
    words: Mapped[str] = mapped_column(Sealed)
    written_at: Mapped[datetime]
    written_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    application_id: Mapped[int | None] = mapped_column(ForeignKey(StarApplication.id), unique=True)
    objection_id: Mapped[int | None] = mapped_column(ForeignKey(Objection.id), unique=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey(GiftLink.id), unique=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey(Proposal.id), unique=True)

    volunteer: Mapped[Volunteer] = relationship()
    writer: Mapped[User] = relationship()
    proposal: Mapped[Proposal | None] = relationship()


class HonourConsent(Base):
    """光荣榜 consent: this volunteer agreed to stand on the honour list, masked; taking it back removes the row."""

    __tablename__ = "honour_consent"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), primary_key=True)
    agreed_at: Mapped[datetime]

    volunteer: Mapped[Volunteer] = relationship()


class Award(Base):
    """表彰奖励 (O67 art. 9): its name, its day and who gave it; one noted by mistake is withdrawn and stays to be seen."""

    __tablename__ = "award"
    __table_args__ = (
        Index(
            "uq_award_standing",
            "volunteer_id",
            "name",
            "day",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint("length(name) > 0 AND length(given_by) > 0", name="named"),
        CheckConstraint("withdrawn_at IS NULL OR length(withdrawn_reason) > 0", name="withdrawn_for_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey(Volunteer.id), index=True)
    name: Mapped[str]
    day: Mapped[date]
    given_by: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")

    volunteer: Mapped[Volunteer] = relationship()
