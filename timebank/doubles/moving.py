"""What of one elder or volunteer is given to another when both are one person, row by row, and given back.

Only what is to come: what happened keeps its owner. What was given is kept as ``{table: [[number, what it was], …]}``.
"""

from typing import Any

from sqlalchemy import select

from timebank import clock
from timebank.credit.models import GiftLink
from timebank.db import db
from timebank.elders.models import Elder, ElderState, FamilyMember, Pause
from timebank.visits.actions import telling
from timebank.visits.models import HelpRequest, Pairing, RequestState, Visit
from timebank.visits.states import LIVE, TO_COME
from timebank.volunteers.models import Availability, HeldSkill, TeamMember, TimeOff, Volunteer

Moved = dict[str, list[list[Any]]]
OPEN = (RequestState.NEW, RequestState.ACCEPTED)
TABLES: dict[str, tuple[Any, str]] = {
    "request": (HelpRequest, "elder_id"),
    "request_door": (HelpRequest, "household_id"),
    "eaters": (HelpRequest, "eaters"),
    "visit": (Visit, "household_id"),
    "pause": (Pause, "elder_id"),
    "family": (FamilyMember, "elder_id"),
    "gift_link": (GiftLink, "elder_id"),
    "pairing": (Pairing, "household_id"),
    "skill": (HeldSkill, "volunteer_id"),
    "free": (Availability, "volunteer_id"),
    "time_off": (TimeOff, "volunteer_id"),
    "team": (TeamMember, "volunteer_id"),
    "usual": (Pairing, "volunteer_id"),
    "sign_in": (Volunteer, "user_id"),
}


class Giving:
    """Gives rows to somebody else and notes what they were."""

    def __init__(self) -> None:
        """Begin with nothing given."""
        self.moved: Moved = {}

    def give(self, table: str, row: Any, to: Any) -> None:  # noqa: ANN401 - rows of any of the tables
        """Give one row to somebody else."""
        column = TABLES[table][1]
        self.moved.setdefault(table, []).append([row.id, getattr(row, column)])
        setattr(row, column, to)
        db.session.flush()

    def give_new(self, table: str, rows: list[Any], to: int, there: list[Any], key: str) -> None:
        """Give the rows that say something new to whoever has the rows that are ``there``."""
        known = {getattr(each, key) for each in there}
        for row in rows:
            if getattr(row, key) not in known:
                self.give(table, row, to)


def give_elder(gone: Elder, kept: Elder) -> Moved:
    """Give what is to come of one elder to another: needs and their visits, pauses, relatives, checked gifts, the familiar faces of a door left empty."""
    giving = Giving()
    _give_needs(giving, gone, kept)
    for pause in _rows(Pause, Pause.elder_id == gone.id, Pause.last_day >= clock.today()):
        giving.give("pause", pause, kept.id)
    family = _rows(FamilyMember, FamilyMember.elder_id == gone.id, FamilyMember.own.is_(False))
    giving.give_new("family", family, kept.id, _rows(FamilyMember, FamilyMember.elder_id == kept.id), "user_id")
    gifts, known = (_rows(GiftLink, GiftLink.elder_id == each.id, GiftLink.agreed.is_(True)) for each in (gone, kept))
    giving.give_new("gift_link", gifts, kept.id, known, "volunteer_id")
    db.session.expire(gone)
    db.session.expire(kept)
    return giving.moved


def _give_needs(giving: Giving, gone: Elder, kept: Elder) -> None:
    """Give what an elder still needs, with the shared needs and the ties of a door that is left empty."""
    mine = _requests(HelpRequest.elder_id == gone.id)
    shared = [each for each in _requests(HelpRequest.household_id == gone.household_id) if each.elder_id is None]
    for each in shared:
        if gone.id in each.eaters:
            giving.give("eaters", each, [kept.id if one == gone.id else one for one in each.eaters if one != kept.id])
    for each in mine:
        giving.give("request", each, kept.id)
    if gone.household_id == kept.household_id:
        return
    empty = all(each is gone or each.state is not ElderState.ACTIVE for each in gone.household.elders)
    for each in [*mine, *(shared if empty else [])]:
        _move_to_door(giving, each, kept.household_id)
    if empty:
        ties, known = (_rows(Pairing, Pairing.household_id == each.household_id) for each in (gone, kept))
        giving.give_new("pairing", ties, kept.household_id, known, "volunteer_id")


def _requests(mine: Any) -> list[HelpRequest]:  # noqa: ANN401 - a condition
    """Return the needs that go on."""
    return list(db.session.scalars(select(HelpRequest).where(mine, HelpRequest.state.in_(OPEN)).order_by(HelpRequest.id)))


def _rows(kind: Any, *mine: Any) -> list[Any]:  # noqa: ANN401 - rows of any of the tables
    """Return the rows of a table that are somebody's."""
    return list(db.session.scalars(select(kind).where(*mine).order_by(kind.id)))


def _move_to_door(giving: Giving, each: HelpRequest, door: int) -> None:
    """Let a need and its visits to come be at another door; whoever is to come there is told to look again."""
    giving.give("request_door", each, door)
    coming = [visit for visit in each.visits if visit.state in TO_COME]
    for visit in coming:
        giving.give("visit", visit, door)
    telling.tell_moved([made for visit in coming for made in visit.offers if made.state in LIVE and made.started_at is None])


def give_volunteer(gone: Volunteer, kept: Volunteer) -> Moved:
    """Give what is to come of one volunteer to another: skills, free times where there are none, time off, teams, doors, a sign-in."""
    giving = Giving()
    giving.give_new("skill", list(gone.skills), kept.id, list(kept.skills), "skill_id")
    if not kept.availability:
        giving.give_new("free", _rows(Availability, Availability.volunteer_id == gone.id), kept.id, [], "id")
    away = _rows(TimeOff, TimeOff.volunteer_id == gone.id, TimeOff.day >= clock.today())
    giving.give_new("time_off", away, kept.id, [], "id")
    teams = _rows(TeamMember, TeamMember.volunteer_id == gone.id, TeamMember.left.is_(None))
    giving.give_new("team", teams, kept.id, _rows(TeamMember, TeamMember.volunteer_id == kept.id), "team_id")
    doors, known = (_rows(Pairing, Pairing.volunteer_id == each.id) for each in (gone, kept))
    giving.give_new("usual", doors, kept.id, known, "household_id")
    if kept.user_id is None and gone.user_id is not None:
        user = gone.user_id
        giving.give("sign_in", gone, None)
        giving.give("sign_in", kept, user)
    db.session.expire(gone)
    db.session.expire(kept)
    return giving.moved


def give_back(moved: Moved) -> None:
    """Give every row back to whom it was taken from, the last one first; what is no longer there is left."""
    for table, rows in reversed(list(moved.items())):
        kind, column = TABLES[table]
        for number, before in reversed(rows):
            row = db.session.get(kind, number)
            if row is not None:
                setattr(row, column, before)
                db.session.flush()
    db.session.expire_all()
