"""表彰奖励: an award is noted with its day and who gave it; one noted by mistake is withdrawn and stays to be seen."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, wrong
from timebank.sentences import Sentence
from timebank.stars.models import Award
from timebank.volunteers.models import Volunteer


def may_note(volunteer: Volunteer, name: str, day: date) -> None:
    """Refuse an award that is still to come or stands in the list already."""
    if day > clock.today():
        sentence = Sentence("表彰日期还没有到。")
        raise wrong("day", sentence)
    if any((each.name, each.day) == (name, day) and each.withdrawn_at is None for each in awards_of(volunteer)):
        raise Conflict("这项表彰已经登记过了。")


def note_award(volunteer: Volunteer, name: str, day: date, given_by: str, by: User) -> Award:
    """Note an award: what it is called, its day, who gave it; pages ask a second person first."""
    may_note(volunteer, name, day)
    made = Award(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        name=name,
        day=day,
        given_by=given_by,
        noted_at=clock.now(),
        noted_by=by.id,
    )
    db.session.add(made)
    db.session.flush()
    audit.record("note", "award", made.id, volunteer=volunteer.id)
    return made


def withdraw_award(award: Award, reason: str) -> None:
    """Withdraw an award that was noted by mistake; it stays to be seen, with the reason."""
    if award.withdrawn_at is not None:
        raise Conflict("这项表彰已经撤下了。")
    if not reason.strip():
        sentence = Sentence("请写明为什么撤下。")
        raise wrong("reason", sentence)
    award.withdrawn_at, award.withdrawn_reason = clock.now(), reason.strip()
    db.session.flush()
    audit.record("withdraw", "award", award.id)


def awards(community_id: int | None) -> Sequence[Award]:
    """Return the awards of a community (None = all), the newest first."""
    mine = () if community_id is None else (Award.community_id == community_id,)
    rows = select(Award).where(*mine).options(joinedload(Award.volunteer))
    return db.session.scalars(rows.order_by(Award.day.desc(), Award.id.desc())).all()


def awards_of(volunteer: Volunteer) -> Sequence[Award]:
    """Return a volunteer's awards, the newest first."""
    mine = select(Award).where(Award.volunteer_id == volunteer.id)
    return db.session.scalars(mine.order_by(Award.day.desc(), Award.id.desc())).all()
