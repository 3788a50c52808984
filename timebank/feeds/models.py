"""The table of feeds: whose calendar an address gives, who made it, and until when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from timebank.access.models import User
from timebank.db import Base
from timebank.places.models import Community, Station
from timebank.sealed import Sealed
from timebank.volunteers.models import Team, Volunteer
from timebank.wholly import SECRET

Thing = Volunteer | Team | Station


class Feed(Base):
    """日历订阅: a calendar of one volunteer, one team or one station, at an address that only whoever has its secret can open.

    The secret is looked up by its hash and shown again to whoever made it, so it is sealed as well.
    """

    __tablename__ = "feed"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN volunteer_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN station_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_thing",
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= made_at", name="ended"),
        {"info": SECRET},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey(Community.id), index=True)
    made_by: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    volunteer_id: Mapped[int | None] = mapped_column(ForeignKey(Volunteer.id), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey(Team.id), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey(Station.id), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    maker: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    volunteer: Mapped[Volunteer | None] = relationship()
    team: Mapped[Team | None] = relationship()
    station: Mapped[Station | None] = relationship()

    @property
    def about(self) -> Thing:
        """Whose calendar it is."""
        found = self.volunteer or self.team or self.station
        if found is None:
            msg = "a feed is of a volunteer, a team or a station"
            raise ValueError(msg)
        return found
