"""Where two families of one elder say different things: the office sees both and asks, the newest word does not simply win unseen."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from timebank import clock
from timebank.access.models import User
from timebank.audit import AuditRow, user_in
from timebank.db import db
from timebank.elders.models import Elder
from timebank.elders.queries import family_of
from timebank.sentences import Pair, Sentence
from timebank.visits.models import HelpRequest, Visit

WITHIN = timedelta(days=30)
WORDS: dict[tuple[str, str], Pair] = {
    ("confirm", "visit"): Sentence("确认了上门"),
    ("object", "visit"): Sentence("说上门不对"),
    ("ask_for_help", "help_request"): Sentence("提了求助"),
    ("change_need", "help_request"): Sentence("改了求助"),
    ("end_request", "help_request"): Sentence("取消了求助"),
    ("pause", "elder"): Sentence("说这几天不用来"),
    ("resume", "elder"): Sentence("说照常来"),
}
AGAINST = ({"confirm", "object"}, {"ask_for_help", "end_request"}, {"change_need", "end_request"}, {"pause", "resume"})


@dataclass(frozen=True, slots=True)
class Dispute:
    """Two deeds about one thing that do not go together: who did what, in both languages, the earlier one first."""

    first: User
    said: Pair
    second: User
    then: Pair


def disputes(elder: Elder) -> list[Dispute]:
    """Return where two families of an elder have said different things of late, the newest first."""
    family = {user.id: user for link, user in family_of(elder) if link.approved_at is not None}
    if len(family) < 2:
        return []
    visits = select(Visit.id).where(Visit.household_id == elder.household_id, Visit.occurrence >= clock.today() - WITHIN)
    needs = select(HelpRequest.id).where(HelpRequest.household_id == elder.household_id)
    things = {("elder", str(elder.id))}
    things |= {("visit", str(number)) for number in db.session.scalars(visits)}
    things |= {("help_request", str(number)) for number in db.session.scalars(needs)}
    rows = select(AuditRow).where(AuditRow.actor.in_([f"user:{number}" for number in family]), AuditRow.at >= clock.now() - WITHIN)
    last: dict[tuple[str, str], AuditRow] = {}
    found: list[Dispute] = []
    for row in db.session.scalars(rows.order_by(AuditRow.id)):
        thing = (row.subject, row.subject_id)
        if thing not in things or (row.verb, row.subject) not in WORDS:
            continue
        before = last.get(thing)
        if before is not None and before.actor != row.actor and {before.verb, row.verb} in AGAINST:
            found.append(_of(before, row, family))
        last[thing] = row
    return found[::-1]


def _of(before: AuditRow, row: AuditRow, family: dict[int, User]) -> Dispute:
    """Return two deeds as a dispute."""
    first, second = (family[user_in(each.actor) or 0] for each in (before, row))
    return Dispute(first, WORDS[before.verb, before.subject], second, WORDS[row.verb, row.subject])
