"""Who hears of what happened, in one message each: coordinators of an alarm or a lost visit, volunteers of what is called off."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from timebank import audit, clock
from timebank.access.masking import mask_name
from timebank.access.models import Role
from timebank.access.queries import users_with
from timebank.catalogue.models import ServiceKind
from timebank.elders.queries import courtesy_name
from timebank.notices.actions import notify
from timebank.sentences import Sentence, the_day
from timebank.visits.deadlines import objection_until
from timebank.visits.models import Alert, Offer, Outcome, ServiceRecord, Visit
from timebank.volunteers.models import Volunteer
from timebank.volunteers.telling import tell

TEMPLATES = {Outcome.UNWELL: "unwell", Outcome.NO_ANSWER: "no_answer"}
LONGEST_REASON = 16
BRACKETS = str.maketrans("【】", "“”")
SOON = timedelta(days=1)
"""What is lost for today or tomorrow is told at once; what lies further ahead stands on the board."""


def whom(visit: Visit) -> tuple[str, str]:
    """Return who a visit is for, in the Chinese and English words that may be sent."""
    elders = [visit.request.elder] if visit.request.elder else visit.household.elders
    return "、".join(courtesy_name(each) for each in elders), ", ".join(mask_name(each.name) for each in elders)


def _on(day: date, kind: ServiceKind, at: str = "", more: int = 0) -> tuple[str, str]:
    """Return what is meant, with its day and perhaps its time and how many others there are, in Chinese and English."""
    first = Sentence("%(day)s%(when)s %(kind)s", day=the_day(day), when=f" {at}" if at else "", kind=kind.words)
    return Sentence("%(first)s等 %(all)s 件", first=first, all=more + 1) if more else first


def first_words(offers: Sequence[Offer]) -> tuple[str, str]:
    """Return the first of some offers in words, and how many others there are."""
    first = min(offers, key=lambda each: (each.day, each.start))
    return _on(first.day, first.visit.kind, clock.hhmm(first.start), len(offers) - 1)


def visit_words(visits: Sequence[Visit]) -> tuple[str, str]:
    """Return the first of some visits in words, and how many others there are."""
    first = min(visits, key=lambda each: (each.day or each.occurrence, each.start or 0))
    at = clock.hhmm(first.start) if first.start is not None else ""
    return _on(first.day or first.occurrence, first.kind, at, len(visits) - 1)


def tell_coordinators(alert: Alert) -> None:
    """Send an alarm from the door to every coordinator of the community at once."""
    made = alert.offer
    place = made.visit.household.building.compound.name
    for user in users_with(Role.COORDINATOR, alert.community_id):
        notify(
            user.id,
            TEMPLATES[alert.kind],
            who=tuple(f"{who}({place})" for who in whom(made.visit)),
            by=mask_name(made.volunteer.name),
            time=clock.hhmm(clock.minute_of(alert.raised_at)),
        )


def tell_doubt(visit: Visit) -> None:
    """Tell every coordinator of the community that a family says a visit was not right."""
    for user in users_with(Role.COORDINATOR, visit.community_id):
        what = _on(visit.day, visit.kind) if visit.day else visit.kind.words
        notify(user.id, "doubt", who=whom(visit), what=what)


def masked(made: Offer) -> str:
    """Return who goes, as a message may name them."""
    return mask_name(made.volunteer.name)


def tell_mistaken(alert: Alert) -> None:
    """Tell every coordinator of the community that an alarm was a slip of the finger."""
    for user in users_with(Role.COORDINATOR, alert.community_id):
        notify(user.id, "mistaken", who=whom(alert.offer.visit), by=masked(alert.offer))


def tell_mismatch(made: Offer) -> None:
    """Tell every coordinator of the community that a tap came late and did not fit; the others of the same person they find beside it."""
    for user in users_with(Role.COORDINATOR, made.visit.community_id):
        notify(user.id, "mismatch", by=mask_name(made.volunteer.name), what=first_words([made]))


def tell_lost(offers: Sequence[Offer]) -> None:
    """Tell every coordinator that somebody who was to come today or tomorrow does not; they find it on Today."""
    soon = [each for each in offers if clock.today() <= each.day <= clock.today() + SOON]
    if not soon:
        return
    for user in users_with(Role.COORDINATOR, soon[0].visit.community_id):
        notify(user.id, "lost", who=mask_name(soon[0].volunteer.name), what=first_words(soon))


def tell_cancelled(offers: Iterable[Offer]) -> list[Volunteer]:
    """Tell volunteers, each once, that there is no need to go; return whom."""
    return _tell_each(offers, "cancelled")


def tell_handed_over(offers: Iterable[Offer]) -> list[Volunteer]:
    """Tell volunteers, each once, that somebody else is asked for what they were to do; return whom."""
    return _tell_each(offers, "handed_over")


def tell_settled(offers: Iterable[Offer]) -> list[Volunteer]:
    """Tell volunteers who were asked, each once, that somebody is going already; return whom."""
    return _tell_each(offers, "settled")


def tell_moved(offers: Iterable[Offer]) -> list[Volunteer]:
    """Tell volunteers, each once, that something of what they were asked for has changed; return whom."""
    return _tell_each(offers, "changed")


def tell_door(*, cancelled: Sequence[Offer] = (), boxes: Sequence[Offer] = (), again: Sequence[Offer] = ()) -> None:
    """Tell volunteers, each once, what has changed at a door: called off, another number of boxes, standing after all, or more of it."""
    kinds = {"cancelled": cancelled, "boxes": boxes, "again": again}
    of: dict[int, set[str]] = {}
    for template, offers in kinds.items():
        for made in offers:
            of.setdefault(made.volunteer_id, set()).add(template)
    for template, offers in kinds.items():
        _tell_each([each for each in offers if len(of[each.volunteer_id]) == 1], template)
    _tell_each([each for offers in kinds.values() for each in offers if len(of[each.volunteer_id]) > 1], "changed")


def _tell_each(offers: Iterable[Offer], template: str) -> list[Volunteer]:
    """Send each volunteer one message about their offers among these; of a day that is over nobody needs to hear."""
    mine: dict[int, list[Offer]] = {}
    for made in (each for each in offers if each.day >= clock.today()):
        mine.setdefault(made.volunteer_id, []).append(made)
    people = [each[0].volunteer for each in mine.values() if each[0].volunteer.user_id is not None]
    for person in people:
        notify(person.user_id or 0, template, what=first_words(mine[person.id]))
    return people


def tell_answered(record: ServiceRecord) -> None:
    """Tell a volunteer that an objection to their record is answered, and what stands now."""
    if record.volunteer.user_id is not None:
        notify(record.volunteer.user_id, "answered", what=_on(record.day, record.kind), minutes=record.minutes)


def tell_corrected(older: ServiceRecord, newer: ServiceRecord) -> None:
    """Tell a volunteer what became of their minutes, why, and until when they may object; without a sign-in, on the number they have."""
    until = objection_until(newer)
    tell(
        newer.volunteer,
        "correction",
        what=_on(newer.day, newer.kind),
        before=older.minutes,
        after=newer.minutes,
        reason=_shortened(newer.reason),
        until=the_day(until),
    )


def tell_owing(record: ServiceRecord, minutes: int) -> None:
    """Tell a volunteer what a correction has left them owing: their credit was no longer there."""
    tell(record.volunteer, "owing", what=_on(record.day, record.kind), minutes=minutes)


def _shortened(words: str) -> str:
    """Return somebody's own words as far as one message holds them, without the brackets that belong to its signature."""
    plain = " ".join(words.translate(BRACKETS).split())
    return plain if len(plain) <= LONGEST_REASON else f"{plain[: LONGEST_REASON - 1]}…"


def tell_thanks(visit: Visit, records: Iterable[ServiceRecord]) -> None:
    """Pass a family's thanks on to those who came."""
    for record in records:
        if record.volunteer.user_id is not None:
            notify(record.volunteer.user_id, "thanks", who=whom(visit), minutes=record.minutes)
    audit.record("tell_thanks", "visit", visit.id)
