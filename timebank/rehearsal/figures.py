"""What a rehearsal came to: served, hot meals, open at their start, warning, people touched, faces, waste, minutes credited."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from statistics import mean, median
from typing import Any

from sqlalchemy import func, select

from timebank.db import db
from timebank.ledger.models import Transfer, TransferKind
from timebank.places.models import Canteen
from timebank.rehearsal.diary import Diary
from timebank.rehearsal.office import Office
from timebank.visits.models import Offer, Outcome, Round, Visit, VisitState
from timebank.visits.states import SERVED, Why


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a rehearsal, and what broke."""

    first: date
    until: date
    wanted: int
    served: int
    called_off: int
    given_up: int
    failed: int
    open_at_start: int
    meals: int
    meals_hot: int
    meals_cold: int
    warning_median: int
    touched: dict[str, float]
    faces_per_home: float
    waste_boxes: int
    minutes_credited: int
    events: int
    refused: dict[str, int]
    broken: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing broke."""
        return not self.broken

    @property
    def hot_share(self) -> float:
        """The share of meals that reached the door within the hot limit."""
        return self.meals_hot / self.meals if self.meals else 1.0

    def lines(self) -> list[str]:
        """Return the figures, a line each, in Chinese and English."""
        by_event = ", ".join(f"{verb} {count:.1f}" for verb, count in sorted(self.touched.items()))
        return [
            f"{self.first} – {self.until}: {self.events} 件事 / events",
            (
                f"要做 / wanted {self.wanted}，做到 / served {self.served}，取消 / called off {self.called_off}，"
                f"决定不去 / given up {self.given_up}，没成 / failed {self.failed}"
            ),
            f"到点还没人 / open at start {self.open_at_start}，提前知道 / warning {self.warning_median} 分钟 minutes (median)",
            f"送餐 / meals {self.meals}，热着送到 / hot {self.meals_hot} ({self.hot_share:.1%})，凉了 / cold {self.meals_cold}",
            f"每件事碰到的人 / people touched per event: {by_event}",
            (
                f"每户见过 / faces per home {self.faces_per_home:.1f}，浪费 / waste {self.waste_boxes} 份 boxes，"
                f"入账 / credited {self.minutes_credited} 分钟 minutes"
            ),
        ]

    def as_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str)


def figures(community_id: int, first: date, until: date, diary: Diary, office: Office) -> Figures:
    """Count what some weeks came to."""
    rows = list(db.session.scalars(select(Visit).where(Visit.community_id == community_id, Visit.week >= first, Visit.week < until)))
    mine = [visit for visit in rows if visit.state is not VisitState.CANCELLED or visit.ended_why == Why.NOBODY.value]
    hot, cold = _meals(community_id, first, until)
    ended = [visit for visit in mine if visit.state in {VisitState.DONE, VisitState.CONFIRMED}]
    meals = [visit for visit in mine if visit.canteen_id is not None and not _shut(visit)]
    return Figures(
        first=first,
        until=until,
        wanted=len(mine),
        served=len(ended),
        called_off=len(rows) - len(mine),
        given_up=sum(1 for visit in mine if visit.ended_why == Why.NOBODY.value),
        failed=sum(1 for visit in mine if visit.state is VisitState.FAILED),
        open_at_start=sum(1 for visit in mine if visit.state in {VisitState.OPEN, VisitState.OFFERED}),
        meals=len(meals),
        meals_hot=hot,
        meals_cold=cold,
        warning_median=int(median(office.warnings)) if office.warnings else 0,
        touched={verb: round(mean(counts), 2) for verb, counts in diary.touched.items() if counts},
        faces_per_home=_faces(community_id, first, until),
        waste_boxes=sum(
            visit.boxes for visit in mine if visit.canteen_id is not None and visit.state is not VisitState.CONFIRMED and visit not in ended
        ),
        minutes_credited=_credited(community_id),
        events=len(diary.steps),
        refused=dict(diary.refused),
        broken=[{"at": str(each.at), "said": each.said, "steps": list(each.steps)} for each in diary.broken],
    )


def _shut(visit: Visit) -> bool:
    """Say whether a meal came to a door that nobody opened: the food was there, hot."""
    return any(made.outcome is Outcome.NO_ANSWER for made in visit.offers)


def _meals(community_id: int, first: date, until: date) -> tuple[int, int]:
    """Return how many meals reached the door within the hot limit, and how many after it."""
    rows = db.session.execute(
        select(Offer.ended_at, Round.picked_up_at, Canteen.hot)
        .join(Offer.round)
        .join(Round.canteen)
        .where(Round.community_id == community_id, Offer.day >= first, Offer.day < until, Offer.outcome.in_(SERVED))
    )
    spans = [
        int((ended - fetched).total_seconds() // 60) - hot for ended, fetched, hot in rows if ended is not None and fetched is not None
    ]
    return sum(1 for over in spans if over <= 0), sum(1 for over in spans if over > 0)


def _faces(community_id: int, first: date, until: date) -> float:
    """Return how many volunteers a home has seen on average."""
    rows = db.session.execute(
        select(Visit.household_id, func.count(Offer.volunteer_id.distinct()))
        .join(Offer.visit)
        .where(Visit.community_id == community_id, Offer.day >= first, Offer.day < until, Offer.outcome.in_(SERVED))
        .group_by(Visit.household_id)
    )
    counts = [int(count) for _home, count in rows]
    return round(mean(counts), 2) if counts else 0.0


def _credited(community_id: int) -> int:
    """Return the minutes credited."""
    total = select(func.coalesce(func.sum(Transfer.minutes), 0)).where(
        Transfer.community_id == community_id, Transfer.kind == TransferKind.EARN
    )
    return int(db.session.scalar(total) or 0)
