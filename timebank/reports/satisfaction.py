"""How content people are: the scores they gave on the telephone, by kind of service and by team, of a month's services."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.records.models import CallBack, Heard
from timebank.sentences import Pair
from timebank.visits.models import ServiceRecord, record_team
from timebank.volunteers.models import Team

CONTENT = 4
REACHED = frozenset({Heard.AS_RECORDED, Heard.WRONG})


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls to be made, reached, scored and content, and the sum of the scores."""

    wanted: int = 0
    reached: int = 0
    scored: int = 0
    content: int = 0
    points: int = 0

    @property
    def figures(self) -> tuple[int, int, int, int, int | None, float | None]:
        """The figures of a row; without a score there is neither rate nor mean, both are rounded half up."""
        rate = (200 * self.content + self.scored) // (2 * self.scored) if self.scored else None
        mean = (20 * self.points + self.scored) // (2 * self.scored) / 10 if self.scored else None
        return self.wanted, self.reached, self.scored, self.content, rate, mean


@dataclass(frozen=True, slots=True)
class Asked:
    """One row: a kind or a team with its name in both languages and its calls."""

    name: str
    name_en: str
    counted: Counted

    @property
    def words(self) -> Pair:
        """What it is called, in Chinese and in English."""
        return self.name, self.name_en


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """A month's calls: all of them, by kind, by team."""

    whole: Counted
    kinds: list[Asked]
    teams: list[Asked]


@dataclass(frozen=True, slots=True)
class Called:
    """One call about a record."""

    call: int
    kind: int
    heard: Heard | None
    score: int | None


def satisfaction(communities: Sequence[int], first: date, after: date) -> Satisfaction:
    """Return the calls about services on the days from one up to, but not with, another."""
    about = (ServiceRecord.community_id.in_(communities), ServiceRecord.day >= first, ServiceRecord.day < after)
    rows = select(CallBack.id, ServiceRecord.kind_id, CallBack.heard, CallBack.score).join(
        ServiceRecord, ServiceRecord.id == CallBack.record_id
    )
    calls = [Called(*row) for row in db.session.execute(rows.where(*about).order_by(CallBack.id))]
    by_kind: dict[int, list[Called]] = defaultdict(list)
    for each in calls:
        by_kind[each.kind].append(each)
    names = {number: (zh, en) for number, zh, en in db.session.execute(select(ServiceKind.id, ServiceKind.name, ServiceKind.name_en))}
    kinds = [Asked(*names[kind], counted(theirs)) for kind, theirs in by_kind.items()]
    return Satisfaction(counted(calls), _ordered(kinds), _ordered(_teams(calls, communities)))


def counted(calls: Iterable[Called]) -> Counted:
    """Return what some calls add up to."""
    listed = list(calls)
    scores = [each.score for each in listed if each.score is not None]
    reached = sum(1 for each in listed if each.heard in REACHED)
    return Counted(len(listed), reached, len(scores), sum(1 for score in scores if score >= CONTENT), sum(scores))


def _teams(calls: Sequence[Called], communities: Sequence[int]) -> list[Asked]:
    """Return the calls by team, as it stands on the record."""
    rows = (
        select(CallBack.id, Team.id, Team.name)
        .join(record_team, record_team.c.record_id == CallBack.record_id)
        .join(Team, Team.id == record_team.c.team_id)
        .where(Team.community_id.in_(communities), CallBack.id.in_([each.call for each in calls]))
        .distinct()
    )
    known = {each.call: each for each in calls}
    theirs: dict[tuple[int, str], list[Called]] = defaultdict(list)
    for call, team, name in db.session.execute(rows):
        theirs[team, name].append(known[call])
    return [Asked(name, name, counted(found)) for (_, name), found in theirs.items()]


def _ordered(rows: Iterable[Asked]) -> list[Asked]:
    """Return rows with the most calls first."""
    return sorted(rows, key=lambda row: (-row.counted.wanted, row.name))
