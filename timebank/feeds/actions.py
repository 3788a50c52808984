"""Verbs of feeds: make an address, end it in one press."""

import secrets

from timebank import audit, clock
from timebank.access.models import User
from timebank.access.queries import hash_of
from timebank.db import db
from timebank.errors import Invalid
from timebank.feeds import queries
from timebank.feeds.models import Feed, Thing
from timebank.places.models import Station
from timebank.volunteers.models import Team, Volunteer

MOST = 5


def make(about: Thing, by: User) -> Feed:
    """Make an address for a calendar; the earlier ones go on until they are ended."""
    column = {Volunteer: "volunteer_id", Team: "team_id", Station: "station_id"}[type(about)]
    if len([each for each in queries.feeds_of(by) if getattr(each, column) == about.id]) >= MOST:
        raise Invalid("这个日历已经有 %(most)s 个地址了。先停用不用的，再做新的。", most=MOST)
    secret = secrets.token_urlsafe(24)
    feed = Feed(
        community_id=about.community_id,
        made_by=by.id,
        secret_hash=hash_of(secret),
        secret=secret,
        made_at=clock.now(),
        **{column: about.id},
    )
    db.session.add(feed)
    db.session.flush()
    audit.record("make", "feed", feed.id, **{column.removesuffix("_id"): about.id})
    return feed


def end(feed: Feed) -> None:
    """End an address at once; a second press changes nothing."""
    if feed.ended_at is None:
        feed.ended_at = clock.now()
        audit.record("end", "feed", feed.id)
