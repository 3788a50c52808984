"""Verbs of check-ups every so many weeks: begin one, note what came of a call or a visit, end it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Conflict, Invalid, wrong
from timebank.places.models import Station
from timebank.sentences import Sentence, the_day
from timebank.stations.actions.people import Person
from timebank.stations.models import CheckUp, Outcome, Recall

AGAIN_DAYS = 2
"""After so many days somebody not reached is called again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is looked at, how often, and when first."""

    what: str
    every_weeks: int
    due: date
    station: Station | None = None


def begin(community_id: int, rhythm: Rhythm, person: Person) -> CheckUp:
    """Begin to call somebody to a check-up every so many weeks."""
    same = select(CheckUp).where(
        CheckUp.community_id == community_id, CheckUp.who == person.who, CheckUp.what == rhythm.what, CheckUp.ended.is_(None)
    )
    standing = db.session.scalars(same).first()
    if standing is not None:
        raise Conflict(
            "%(who)s的“%(what)s”已经在名单上，下次是 %(due)s。要改日子，在名单上改。",
            who=person.name,
            what=rhythm.what,
            due=the_day(standing.due),
        )
    made = CheckUp(
        community_id=community_id,
        what=rhythm.what,
        every_weeks=rhythm.every_weeks,
        due=rhythm.due,
        station=rhythm.station,
        **person.columns(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("begin", "check_up", made.id, every_weeks=made.every_weeks)
    return made


def note(check_up: CheckUp, outcome: Outcome, words: str, by: User, due: date | None = None) -> Recall:
    """Note what came of a call: somebody who was looked at is due again after their weeks, who was not reached is called again soon."""
    if check_up.ended is not None:
        raise Conflict("这一项已经停了。要再做，请新加一项。")
    today = clock.today()
    if outcome in {Outcome.COMING, Outcome.LATER} and due is None:
        raise wrong("due", "请选下次是哪一天。")
    if due is not None and due < today:
        raise Invalid("下次的日子已经过了。请选今天或以后。", fields={"due": Sentence("日子已经过了。")})
    if outcome is Outcome.DONE:
        check_up.last_done = today
    check_up.due = due or today + (timedelta(weeks=check_up.every_weeks) if outcome is Outcome.DONE else timedelta(days=AGAIN_DAYS))
    made = Recall(check_up=check_up, outcome=outcome, note=words, due=check_up.due, at=clock.now(), by_user=by.id)
    db.session.add(made)
    db.session.flush()
    audit.record("note", "check_up", check_up.id, outcome=outcome.value)
    return made


def end(check_up: CheckUp) -> None:
    """Stop calling somebody to a check-up."""
    if check_up.ended is not None:
        raise Conflict("这一项已经停了。")
    check_up.ended = clock.today()
    audit.record("end", "check_up", check_up.id)
