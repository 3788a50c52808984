"""Reads of feeds: the one of a secret while it counts, those of a user, and what somebody may make one of."""

from collections.abc import Sequence

from sqlalchemy import select

from timebank.access.circles import STAFF
from timebank.access.models import Role, User
from timebank.access.queries import hash_of
from timebank.db import db
from timebank.feeds.models import Feed
from timebank.places import tenancy
from timebank.places.models import Station
from timebank.stations.queries import stations
from timebank.volunteers.models import Team
from timebank.volunteers.queries import teams, volunteer_of
from timebank.volunteers.sight import things_of


def feed_of(secret: str) -> Feed | None:
    """Return the feed of a secret, while its maker signs in and may still see what it shows."""
    found = db.session.scalar(select(Feed).where(Feed.secret_hash == hash_of(secret), Feed.ended_at.is_(None)))
    return found if found is not None and _stands(found) else None


def _stands(feed: Feed) -> bool:
    """Say whether whoever made a feed may see what it shows: their own, a team they look after, or the office's."""
    maker = feed.maker
    if not maker.active:
        return False
    if feed.volunteer is not None:
        own = volunteer_of(maker)
        return own is not None and own.id == feed.volunteer_id
    if maker.role is Role.TEAM_LEAD:
        return feed.team_id in {each.id for each in teams_led_by(maker)}
    return maker.role is Role.ADMIN or (maker.role in STAFF and maker.community_id == feed.community_id)


def teams_led_by(user: User) -> list[Team]:
    """Return the teams somebody looks after."""
    return [each for each in things_of(user) if isinstance(each, Team)]


def teams_for(user: User) -> Sequence[Team]:
    """Return the teams of which somebody may make a calendar: those they look after, or the office's."""
    return teams_led_by(user) if user.role is Role.TEAM_LEAD else teams(tenancy.community_seen_by(user).id)


def stations_for(user: User) -> Sequence[Station]:
    """Return the stations of which somebody may make a calendar: the office's."""
    return stations(tenancy.community_seen_by(user).id) if user.role in STAFF else []


def feeds_of(user: User) -> Sequence[Feed]:
    """Return the feeds of a user that go on, the newest first."""
    return db.session.scalars(select(Feed).where(Feed.made_by == user.id, Feed.ended_at.is_(None)).order_by(Feed.id.desc())).all()


def own_feed(user: User, feed_id: int) -> Feed | None:
    """Return a feed of this very user."""
    return db.session.scalar(select(Feed).where(Feed.id == feed_id, Feed.made_by == user.id))


def thing_for(user: User, kind: str, number: int) -> Team | Station | None:
    """Return the team or station with a number of which somebody may make a calendar."""
    rows: Sequence[Team | Station] = teams_for(user) if kind == "team" else stations_for(user)
    return next((each for each in rows if each.id == number), None)
