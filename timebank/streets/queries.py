"""Reads of a street: how each of its communities stands, all of them read at once, and who works for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, func, literal, select, union_all

from timebank import clock
from timebank.access.models import Role, User
from timebank.clock import month_of, next_month
from timebank.db import db
from timebank.places.models import Community, Street
from timebank.planning import cover
from timebank.planning.models import Plan
from timebank.records.queries import late_by_community
from timebank.records.totals import GIVEN, UNPAID
from timebank.reports.helped import helped_by_community
from timebank.stations.models import Attendance, ServiceSession, SessionState, Turn
from timebank.visits.models import ServiceRecord, Visit, VisitState
from timebank.volunteers.models import Volunteer


@dataclass(frozen=True, slots=True)
class Stand:
    """How a community stands: people helped this month, visits of this week, what nobody goes to today, who can help, its hours.

    ``times`` is how often somebody came to its sessions this month, by name or counted, ``published`` is the last week it published, ``late`` how much is not on record although its ten working days are over.
    """

    community: Community
    helped: int
    visits: int
    nobody: int
    volunteers: int
    published: date | None
    late: int
    minutes: int
    times: int

    @property
    def is_behind(self) -> bool:
        """Whether this week has no published plan."""
        return self.published is None or self.published < clock.monday_of(clock.today())


def stands(communities: Sequence[Community]) -> list[Stand]:
    """Return how some communities stand, in their order; the number of reads does not grow with them."""
    numbers = [each.id for each in communities]
    month = month_of(clock.today())
    inside = and_(GIVEN, UNPAID, ServiceRecord.community_id.in_(numbers), ServiceRecord.day >= month, ServiceRecord.day < next_month(month))
    helped, nobody, late, published = helped_by_community(inside), cover.counts(numbers), late_by_community(numbers), _published(numbers)
    held = (
        ServiceSession.community_id.in_(numbers),
        ServiceSession.day >= month,
        ServiceSession.day < next_month(month),
        ServiceSession.state != SessionState.CANCELLED,
    )
    visits, volunteers, minutes, heads, named = _counted(
        select(Visit.community_id, func.count()).where(
            Visit.community_id.in_(numbers), Visit.week == clock.monday_of(clock.today()), Visit.state != VisitState.CANCELLED
        ),
        select(Volunteer.community_id, func.count()).where(
            Volunteer.community_id.in_(numbers), Volunteer.active, Volunteer.staff.is_(False)
        ),
        select(ServiceRecord.community_id, func.sum(ServiceRecord.minutes)).where(inside),
        select(ServiceSession.community_id, func.sum(func.coalesce(ServiceSession.head_count, 0))).where(*held),
        select(ServiceSession.community_id, func.count()).join(ServiceSession.attendances).where(*held, Attendance.turn == Turn.SERVED),
    )
    return [
        Stand(
            each,
            helped[each.id],
            visits[each.id],
            nobody[each.id],
            volunteers[each.id],
            published.get(each.id),
            late[each.id],
            minutes[each.id],
            heads[each.id] + named[each.id],
        )
        for each in communities
    ]


def _published(numbers: Sequence[int]) -> dict[int, date]:
    """Return the last week each community published."""
    mine = (Plan.community_id.in_(numbers), Plan.published_at.is_not(None))
    rows = db.session.execute(select(Plan.community_id, func.max(Plan.week)).where(*mine).group_by(Plan.community_id))
    return dict(rows.all())


def _counted(*asked: Select[int, int]) -> list[Counter[int]]:
    """Return some counts or sums, each by its first column, in one read."""
    parts = [rows.group_by(*rows.selected_columns[:1]).add_columns(literal(place)) for place, rows in enumerate(asked)]
    found: list[Counter[int]] = [Counter() for _ in asked]
    for number, count, place in db.session.execute(union_all(*parts)):
        found[place][number] = int(count)
    return found


def officers(street: Street) -> Sequence[User]:
    """Return who works for a street, by name."""
    mine = (User.role == Role.STREET_OFFICER, User.street_id == street.id, User.active)
    return db.session.scalars(select(User).where(*mine).order_by(User.name, User.id)).all()
