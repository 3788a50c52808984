"""Why somebody was asked: up to five sentences behind “为什么是我”, each a fact of this volunteer that they may know and that was true when it was sent."""

from datetime import date

from geopy.distance import great_circle
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from timebank import clock
from timebank.db import db
from timebank.hours import hours_text
from timebank.planning import queries
from timebank.planning.models import Assignment, Plan
from timebank.sentences import Dated, Paragraph, Sentence
from timebank.visits import queries as visits
from timebank.visits.models import Visit
from timebank.volunteers.models import Availability, Volunteer

WEEKDAY = Sentence("EEE")
KILOMETRE = 1000
Words = tuple[str, str]


class Reasons:
    """What is known of a plan's people and doors, loaded once for a whole publication."""

    def __init__(self, plan: Plan) -> None:
        """Load who is usual, who has served whom, when everybody is free and what the week asks of them."""
        self._plan = plan
        self._usual, _ = visits.ties(plan.community_id)
        self._met = visits.has_served(plan.community_id)
        self._free: dict[tuple[int, int], list[Availability]] = {}
        rows = select(Availability).join(Volunteer, Volunteer.id == Availability.volunteer_id)
        for each in db.session.scalars(rows.where(Volunteer.community_id == plan.community_id)):
            self._free.setdefault((each.volunteer_id, each.weekday), []).append(each)
        light = joinedload(Assignment.visit).load_only(Visit.minutes)
        self._minutes = queries.week_minutes(db.session.scalars(select(Assignment).where(Assignment.plan_id == plan.id).options(light)))

    def why(self, each: Assignment) -> Words:
        """Return why this volunteer was proposed for this visit, in Chinese and English: each fact a sentence, the weightiest first."""
        parts = (self._tie(each), _skill(each), _near(each), self._is_free(each), self._week(each))
        return Paragraph(part for part in parts if part is not None)

    def _tie(self, each: Assignment) -> Words:
        """Say what ties the two already."""
        household, volunteer = each.visit.household_id, each.volunteer_id
        if volunteer in self._usual.get(household, set()):
            return Sentence("你是这一户熟悉的人")
        if (household, volunteer) in self._met:
            return Sentence("你去过这一户")
        return Sentence("这一户你还没去过，认个门")

    def _is_free(self, each: Assignment) -> Words | None:
        """Say when they have said that they are free."""
        first, last = each.start if each.pickup is None else each.pickup, each.start + each.visit.minutes
        spans = [span for span in self._free.get((each.volunteer_id, each.day.weekday()), []) if span.start <= first and last <= span.end]
        if not spans:
            return None
        span = f"{clock.hhmm(spans[0].start)}–{clock.hhmm(spans[0].end)}"
        return Sentence("你说过%(weekday)s %(span)s 有空", weekday=Dated(each.day, WEEKDAY), span=span)

    def _week(self, each: Assignment) -> Words | None:
        """Say how much the week asks of them with this, where that is within what they may be asked for."""
        minutes = self._minutes.get(each.volunteer_id, 0)
        most = queries.ceiling(self._plan, each.volunteer)
        if not 0 < minutes <= most:
            return None
        hours, at_most = hours_text(minutes), hours_text(most)
        return Sentence("连这件，那一周排你 %(hours)s 小时，最多 %(at_most)s 小时", hours=hours, at_most=at_most)


def _skill(each: Assignment) -> Words | None:
    """Say which skill of theirs is needed, or that none is."""
    wanted = each.visit.kind.skills
    if not wanted:
        return Sentence("这件事不用专门的证明")
    held = next((held.skill for held in each.volunteer.skills if held.skill.code in wanted and _holds(held.expires, each.day)), None)
    return Sentence("这件事要会%(skill)s，你会", skill=(held.name, held.name_en.lower())) if held else None


def _holds(expires: date | None, day: date) -> bool:
    """Say whether a proof holds on a day."""
    return expires is None or expires >= day


def _near(each: Assignment) -> Words:
    """Say how far it is from their home, as the crow flies."""
    home, door = each.volunteer, each.visit.household.building
    metres = great_circle((home.lat, home.lon), (door.lat, door.lon)).m
    if metres < KILOMETRE:
        rounded = max(50, round(metres / 50) * 50)
        return Sentence("离你家约 %(rounded)s 米", rounded=rounded)
    return Sentence("离你家约 %(far)s 公里", far=f"{metres / KILOMETRE:.1f}")
