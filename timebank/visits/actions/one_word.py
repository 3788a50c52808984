"""On whose word alone something rests: who typed its times in, and who wrote down people nobody else has looked at yet.

Whoever's word that is never puts it on record alone, whatever the form: a colleague has to confirm it.
"""

from collections.abc import Iterable, Sequence

from timebank import audit
from timebank.access import one_hand
from timebank.access.models import User
from timebank.elders.models import Elder, ElderState
from timebank.errors import Conflict
from timebank.sentences import Sentence
from timebank.visits.actions import lengths
from timebank.visits.actions.kin import may_speak
from timebank.visits.actions.lengths import typed_by
from timebank.visits.models import Offer, OfferState, Trust, Visit
from timebank.volunteers.models import Volunteer

OFFICE = frozenset({Trust.DESK, Trust.CALL, Trust.TWO_PERSONS})
"""The marks by which somebody of the station stands for a record."""


def unseen(offers: Iterable[Offer]) -> list[Volunteer | Elder]:
    """Return the volunteers and elders of some accepted offers whom only whoever registered them has looked at."""
    going = [each for each in offers if each.state is OfferState.ACCEPTED]
    people: dict[tuple[type, int], Volunteer | Elder] = {(Volunteer, each.volunteer_id): each.volunteer for each in going}
    for visit in {each.visit_id: each.visit for each in going}.values():
        people |= {(Elder, each.id): each for each in _behind(visit)}
    return [each for each in people.values() if each.registered_by is not None and each.vouched_by is None]


def _behind(visit: Visit) -> Sequence[Elder]:
    """Return whom a visit is for; where all have moved away or died since, those."""
    if visit.request.elder is not None:
        return [visit.request.elder]
    return [each for each in visit.household.elders if each.state is ElderState.ACTIVE] or visit.household.elders


def why_not(offers: Sequence[Offer], trust: Trust, by: User | None) -> tuple[str, str] | None:
    """Return why somebody, or the clock (None), may not put something on record, in both languages; None when they may."""
    typists = typed_by(offers)
    if typists and (by is None or any(one_hand.is_one(each, by) for each in typists)):
        return _no_two(typists, by) or Sentence("这几个时间是照纸录入的，录入的人不能自己确认，也不会自动确认。请另一位同事或家属来确认。")
    if (
        typists
        and by is not None
        and trust not in OFFICE
        and not may_speak(by.id, {each.visit.household_id for each in offers}, but_by=typists)
    ):
        return Sentence("时间是照纸录入的，要由另一位同事来确认；家属要先由录入以外的人核准，才能确认。")
    if by is not None and any(lengths.outgrew(each) and one_hand.is_one(who_planned(each.visit), by) for each in offers):
        return Sentence("这一次的计划时长是你写的，比这项服务一般要的长很多，做的也长，不能由你确认。请另一位同事来确认。")
    new = unseen(offers)
    if new and (by is None or trust not in OFFICE or any(one_hand.is_one(each.registered_by, by) for each in new)):
        names = "、".join(each.name for each in new)
        return Sentence(
            "%(names)s只有登记的那位同事看过，还没有第二个人核对。请另一位同事在“等第二人核准”里核对，或由他来确认这一次。", names=names
        )
    return None


def _no_two(typists: Iterable[int], by: User | None) -> tuple[str, str] | None:
    """Return why whoever typed and whoever confirms are no two people, where they are not the same one."""
    return next((why for each in typists if by is not None and (why := one_hand.why_one(each, by)) is not None), None)


def who_planned(visit: Visit) -> int | None:
    """Return who of the office had the last word on how long a visit is to take: whoever changed that, else whoever took it on."""
    told = audit.last("help_request", visit.request_id, verbs={"accept_request", "import_new"}, fields={"minutes"})
    return audit.hand_in(told) if told is not None else None


def took_on(visit: Visit) -> int | None:
    """Return who of the office had the last word on what a visit's need says."""
    told = audit.last("help_request", visit.request_id, verbs={"accept_request", "change_need", "import_new", "import_changed"})
    return audit.hand_in(told) if told is not None else None


def must_not_rest_on_one(offers: Sequence[Offer], trust: Trust, by: User | None) -> None:
    """Refuse to put on record what would rest on one person's word alone; whoever printed a sheet can speak by its code as well."""
    refuse_sheet_sign_in()
    if (why := why_not(offers, trust, by)) is not None:
        raise Conflict(why)


def refuse_sheet_sign_in() -> None:
    """Refuse to confirm to whoever came in by the code of a printed sheet."""
    if audit.printer.get() is not None:
        raise Conflict("这次是用单子上的码登录的，不能确认服务。请用手机号和验证码登录后再确认。")
