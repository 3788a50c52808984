"""Who hears of what happened: coordinators of an alarm, volunteers of a cancelled visit, an answer or thanks, the station of a doubt."""

from collections.abc import Iterable
from datetime import date

from timebank import audit, clock
from timebank.access.masking import mask_name
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.catalogue.models import ServiceKind
from timebank.elders.queries import courtesy_name
from timebank.notices.actions import notify
from timebank.visits.actions import paying
from timebank.visits.actions.asking import end_request
from timebank.visits.actions.offering import LIVE, withdraw
from timebank.visits.models import Alert, HelpRequest, Offer, Outcome, ServiceRecord, Visit

TEMPLATES = {Outcome.UNWELL: "unwell", Outcome.NO_ANSWER: "no_answer"}


def whom(visit: Visit) -> tuple[str, str]:
    """Return who a visit is for, in the Chinese and English words that may be sent."""
    elders = [visit.request.elder] if visit.request.elder else visit.household.elders
    return "、".join(courtesy_name(each) for each in elders), ", ".join(mask_name(each.name) for each in elders)


def _on(day: date, kind: ServiceKind, at: str = "") -> tuple[str, str]:
    """Return what is meant, with its day and perhaps its time, in Chinese and English."""
    when = f" {at}" if at else ""
    return f"{day.month}月{day.day}日{when} {kind.name}", f"{kind.name_en} of {day:%Y-%m-%d}{when}"


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
        what = _on(visit.day, visit.kind) if visit.day else (visit.kind.name, visit.kind.name_en)
        notify(user.id, "doubt", who=whom(visit), what=what)


def cancel_request(request: HelpRequest, last_day: date, by: User, why: str = "家属取消") -> list[Visit]:
    """End a request, for its family or at the desk: later visits are cancelled, their offers taken back, their volunteers told."""
    visits = end_request(request, last_day, by)
    for visit in visits:
        paying.call_off(visit)
        for made in [each for each in visit.offers if each.state in LIVE]:
            withdraw(made, why)
            tell_cancelled(made)
    return visits


def tell_cancelled(made: Offer) -> None:
    """Tell a volunteer that there is no need to go."""
    if made.volunteer.user_id is not None:
        notify(made.volunteer.user_id, "cancelled", what=_on(made.day, made.visit.kind, clock.hhmm(made.start)))


def tell_answered(record: ServiceRecord) -> None:
    """Tell a volunteer that an objection to their record is answered, and what stands now."""
    if record.volunteer.user_id is not None:
        notify(record.volunteer.user_id, "answered", what=_on(record.day, record.kind), minutes=record.minutes)


def tell_thanks(visit: Visit, records: Iterable[ServiceRecord]) -> None:
    """Pass a family's thanks on to those who came."""
    for record in records:
        if record.volunteer.user_id is not None:
            notify(record.volunteer.user_id, "thanks", who=whom(visit), minutes=record.minutes)
    audit.record("tell_thanks", "visit", visit.id)
