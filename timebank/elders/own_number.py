"""The elder's own telephone is a key: whoever signs in with the number that is written down for an elder is the elder.

A number that one person wrote down a moment ago opens nothing by itself: it rests a day, the old number and the new one are told, and an
elder whom only one colleague has looked at has to be looked at by a second one. Where there was no mobile before, or the same person had
written that down too, nobody would hear of it who could object. Until then, or so, the office approves it like a relative.
"""

import re
from datetime import timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.db import db
from timebank.elders import queries, ties
from timebank.elders.models import Elder, ElderState, FamilyMember, Said
from timebank.notices.actions import carries, tell_number
from timebank.notices.queries import all_heard
from timebank.phones import mobile
from timebank.proposals.actions import AGREED_TO
from timebank.sentences import the_moment

REST = timedelta(hours=24)
SELF = "本人"
MASKED_MOBILE = re.compile(r"1\d\d\*{4}\d{4}")


def elders_with(phone: str) -> list[Elder]:
    """Return the elders living here whose own number this is; one telephone may be a couple's."""
    rows = select(Elder).where(Elder.state == ElderState.ACTIVE, Elder.phone != "").order_by(Elder.id)
    likely = rows.where(Elder.phone.contains(phone[-4:]))
    return [each for each in db.session.scalars(likely) if mobile(each.phone) == phone]


def knows(phone: str) -> bool:
    """Say whether a number is an elder's own."""
    return bool(elders_with(phone))


def _writer(elder: Elder) -> audit.AuditRow | None:
    """Return the note of who wrote an elder's number down last."""
    return audit.last("elder", elder.id, verbs={"add"}, fields={"phone"})


def has_rested(elder: Elder) -> bool:
    """Say whether an elder's number opens their page by itself."""
    if elder.registered_by is not None and elder.vouched_by is None:
        return False
    told = _writer(elder)
    if told is None or audit.user_in(told.actor) is None or told.verb == "add":
        return True
    rested = carries(elder.community_id) and clock.now() - told.at >= REST
    return rested and _somebody_else_heard(elder, told) and all_heard(_about(elder))


def _somebody_else_heard(elder: Elder, told: audit.AuditRow) -> bool:
    """Say whether a mobile was told of a number that whoever wrote this one down had not written down as well."""
    rows = select(audit.AuditRow).where(audit.AuditRow.subject == "elder", audit.AuditRow.subject_id == str(elder.id))
    before = ""
    for row in db.session.scalars(rows.where(audit.AuditRow.id <= told.id).order_by(audit.AuditRow.id.desc())):
        changed = (row.detail.get("fields") or {}).get("phone")
        if row.verb != "add" and changed is None:
            continue
        if audit.hand_in(row) != audit.hand_in(told):
            break
        before = (changed or [""])[0] or ""
    return MASKED_MOBILE.fullmatch(before) is not None


def recognise(user: User) -> None:
    """Tie whoever has signed in to the elders whose own number it is; what has not rested waits for the office like a relative."""
    if user.role not in {Role.FAMILY, Role.VOLUNTEER}:
        return
    known = {link.elder_id: link for link in queries.links_of(user)}
    for elder in elders_with(user.phone):
        link = known.get(elder.id)
        if link is None:
            link = FamilyMember(elder_id=elder.id, user_id=user.id, relation=SELF, asked_at=clock.now())
            db.session.add(link)
            audit.record("ask_family", "elder", elder.id, user=user.id)
        if link.approved_at is None and (link.own or link.relation == SELF):
            link.own, link.elder_said = True, Said.OWN
            _open(link, elder, user)
    db.session.flush()


def _open(link: FamilyMember, elder: Elder, user: User) -> None:
    """Let an elder's own number see what is theirs, where it has rested; a sign-in that has no name takes the elder's."""
    if not has_rested(elder):
        return
    told = _writer(elder)
    link.approved_at = clock.now()
    link.approved_by = audit.hand_in(told) if told is not None else None
    if user.community_id is None:
        user.community_id = elder.community_id
    if not user.name:
        user.name = elder.name
    audit.record("approve_family", "elder", elder.id, user=user.id)


def follow_number(elder: Elder, before: str) -> None:
    """Let an elder's key follow a number that has become another: the old one opens nothing any more, both are told."""
    if mobile(before) == mobile(elder.phone):
        return
    for link, user in queries.family_of(elder):
        if link.own and user.phone != mobile(elder.phone):
            audit.record("drop_family", "elder", elder.id, user=user.id)
            ties.drop(link)
    due = clock.now() + REST
    when = the_moment(due) if mobile(before) else AGREED_TO
    for number in filter(None, (mobile(before), mobile(elder.phone))):
        tell_number(number, elder.community_id, "number", _about(elder), when=when)


def _about(elder: Elder) -> str:
    """Return how messages name the number that is written down for an elder now."""
    told = _writer(elder)
    return f"own_number:{elder.id}:{told.id if told is not None else 0}"


access.knows_number.append(knows)
access.came_in.append(recognise)
