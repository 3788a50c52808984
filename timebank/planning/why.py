"""Why somebody was asked: the two sentences behind “为什么是我”, from facts the volunteer may know."""

from geopy.distance import great_circle

from timebank.planning.models import Assignment
from timebank.visits import queries as visits

NEAR_METRES = 800


class Reasons:
    """The ties of a community, loaded once for a whole publication."""

    def __init__(self, community_id: int) -> None:
        """Load who is usual and who has served whom."""
        self._usual, _ = visits.ties(community_id)
        self._met = visits.has_served(community_id)

    def why(self, each: Assignment) -> tuple[str, str]:
        """Return why this volunteer was proposed for this visit, in Chinese and English."""
        parts = [part for part in (self._tie(each), _skill(each), _near(each)) if part]
        parts = parts or [("这个时段你有空", "you are free at that time")]
        return "，".join(zh for zh, _ in parts) + "。", "; ".join(en for _, en in parts).capitalize() + "."

    def _tie(self, each: Assignment) -> tuple[str, str] | None:
        """Say what ties the two already."""
        household, volunteer = each.visit.household_id, each.volunteer_id
        if volunteer in self._usual.get(household, set()):
            return "你是这一户熟悉的人", "you are the familiar face at this door"
        if (household, volunteer) in self._met:
            return "你去过这一户", "you have been at this door before"
        return None


def _skill(each: Assignment) -> tuple[str, str] | None:
    """Say which skill of theirs is needed."""
    held = next(
        (held.skill for held in each.volunteer.skills if held.skill.code in each.visit.kind.skills and held.skill.needs_proof), None
    )
    return (f"你有这件事要的{held.name}", f"it needs {held.name_en.lower()}") if held else None


def _near(each: Assignment) -> tuple[str, str] | None:
    """Say that it is near their home."""
    home, door = each.volunteer, each.visit.household.building
    metres = great_circle((home.lat, home.lon), (door.lat, door.lon)).m
    if metres > NEAR_METRES:
        return None
    rounded = max(50, round(metres / 50) * 50)
    return f"离你家约 {rounded} 米", f"about {rounded} m from your home"
