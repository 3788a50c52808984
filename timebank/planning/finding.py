"""Which rows of a board its reader wants: found by name, narrowed by what stands on them, those that are alike and the idle folded."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from timebank.db import db
from timebank.leafing import leaf_of
from timebank.planning import queries
from timebank.planning.queries import UNSENT, Glance, Row
from timebank.visits import queries as visits
from timebank.volunteers.models import Team, TeamMember, Volunteer

MOST_ROWS = 40
"""So many rows stand on one page."""
FEW_ALIKE = 6
"""So many rows that are alike are folded into one line; fewer stand as they are."""
NEAR = 0.8
ALIKE = {"accepted", "done", "confirmed"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asks for: words to find somebody by, what stands on the row, of which unit, team, building, with which skill."""

    q: str = ""
    show: str = "all"
    unit: int | None = None
    team: int | None = None
    building: int | None = None
    skill: str = ""
    page: int = 1

    @property
    def narrow(self) -> bool:
        """Whether anything but everybody is asked for: then nothing is folded."""
        return self != replace(Wanted(), page=self.page)


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one page, and what is folded: those that are alike, and who has nothing that day."""

    rows: list[Row]
    counted: dict[str, int]
    alike: int
    idle: int
    free: int
    away: int
    page: int
    pages: int


def found(seen: Glance, rows: Sequence[Row], wanted: Wanted, day: date) -> Found:
    """Return the rows a reader asked for, a page of them."""
    working = [row for row in rows if row.blocks or row.away]
    fits = _fitting(seen, working, wanted)
    counted = {show: sum(1 for row in working if row.blocks and has(row)) for show, has in SHOWN.items()}
    idle = _idle(seen, {row.volunteer.id for row in working})
    if wanted.show == "idle":
        fits = [Row(each, 0, queries.ceiling(seen.plan, each)) for each in idle if _free_on(seen, each, day) and _says(each, wanted.q)]
    alike: list[Row] = [] if wanted.narrow else [row for row in fits if _is_alike(row)]
    shown = [row for row in fits if row not in alike] if len(alike) > FEW_ALIKE else fits
    listed = leaf_of(shown, wanted.page, MOST_ROWS)
    away = sum(1 for each in idle if any(off.day == day for off in each.time_off))
    return Found(
        list(listed.rows),
        {**counted, "new": len(_strangers(seen, working)) if wanted.show == "new" else -1},
        len(alike) if len(alike) > FEW_ALIKE else 0,
        len(idle),
        sum(1 for each in idle if _free_on(seen, each, day)),
        away,
        listed.page,
        listed.pages,
    )


def _fitting(seen: Glance, rows: Sequence[Row], wanted: Wanted) -> list[Row]:
    """Return the rows that have what is asked for."""
    team = _members(wanted.team) if wanted.team is not None else None
    strangers = _strangers(seen, rows) if wanted.show == "new" else set()
    has = SHOWN.get(wanted.show)
    return [
        row
        for row in rows
        if (has(row) if has is not None else row.volunteer.id in strangers or (wanted.show == "alike" and _is_alike(row)))
        and _says_row(row, wanted.q)
        and wanted.unit in {None, row.volunteer.unit_id}
        and (team is None or row.volunteer.id in team)
        and (not wanted.skill or any(held.skill.code == wanted.skill for held in row.volunteer.skills))
        and (
            wanted.building is None
            or any(each.visit.household.building_id == wanted.building for block in row.blocks for each in block.assignments)
        )
    ]


def _says_row(row: Row, words: str) -> bool:
    """Say whether a row is its volunteer's or an elder's or building's that was asked for."""
    if not words or _says(row.volunteer, words):
        return True
    doors = (each.visit.household for block in row.blocks for each in block.assignments)
    return any(words in home.building.name or any(words in elder.name for elder in home.elders) for home in doors)


def _says(person: Volunteer, words: str) -> bool:
    """Say whether somebody is meant: by a part of the name, its pinyin, or the last four digits of the telephone."""
    asked = words.strip().lower()
    if not asked:
        return True
    spelled = person.sort_key.split()
    sounds = ("".join(spelled), "".join(part[:1] for part in spelled))
    return asked in person.name.lower() or any(asked in each for each in sounds) or (asked.isdigit() and person.phone.endswith(asked))


def _is_alike(row: Row) -> bool:
    """Say whether nothing of a row asks for a look: meals only, all accepted or done, nothing fixed by hand."""
    return not row.away and all(block.is_round and block.status in ALIKE and not block.pinned for block in row.blocks)


def _idle(seen: Glance, working: Collection[int]) -> list[Volunteer]:
    """Return who has nothing on a day."""
    return [each for each in seen.of.volunteers if each.id not in working]


def _free_on(seen: Glance, person: Volunteer, day: date) -> bool:
    """Say whether somebody has given time on a day."""
    weekday = (day - seen.plan.week).days
    return any(on == weekday and start < end for on, start, end in seen.of.windows.get(str(person.id), []))


def _members(team: int) -> set[int]:
    """Return who is in a team now."""
    rows = select(TeamMember.volunteer_id).where(TeamMember.team_id == team, TeamMember.left.is_(None))
    return set(db.session.scalars(rows))


def _strangers(seen: Glance, rows: Sequence[Row]) -> set[int]:
    """Return whom somebody of a day's doors has never met."""
    usual = seen.of.usual
    met = visits.has_served(seen.plan.community_id)
    return {
        row.volunteer.id
        for row in rows
        for block in row.blocks
        for each in block.assignments
        if (each.visit.household_id, row.volunteer.id) not in met and row.volunteer.id not in usual.get(each.visit.household_id, ())
    }


def teams(community_id: int) -> list[tuple[int, str]]:
    """Return the teams of a community."""
    rows = select(Team.id, Team.name).where(Team.community_id == community_id).order_by(Team.name)
    return [(number, name) for number, name in db.session.execute(rows)]


def _near(row: Row) -> bool:
    """Say whether somebody's week is over four fifths of their ceiling."""
    return row.ceiling > 0 and row.week_minutes >= NEAR * row.ceiling


SHOWN: dict[str, Callable[[Row], bool]] = {
    "all": lambda _row: True,
    "meals": lambda row: any(block.is_round for block in row.blocks),
    "home": lambda row: any(not block.is_round for block in row.blocks),
    "waiting": lambda row: any(block.status == "waiting" for block in row.blocks),
    "unsent": lambda row: any(block.status in UNSENT for block in row.blocks),
    "near": _near,
}
