"""Somebody is found for what nobody is going to do: asked at once, the plan with them, whoever need not come told.

Each verb keeps the plan and the offers in step: what is promised stands in the plan, what stands in the plan can be kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from timebank import audit, clock
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders.models import Elder
from timebank.errors import Conflict, Invalid
from timebank.notices.actions import notify
from timebank.planning import queries, taking
from timebank.planning.actions import editing
from timebank.planning.actions.sending import slot_of
from timebank.planning.actions.weeks import bring_up_to_date, open_week
from timebank.planning.board import lay_out
from timebank.planning.models import Assignment, Plan
from timebank.planning.why import Reasons
from timebank.sentences import Sentence, the_day
from timebank.visits.actions import asking, calling_off, leaving, offering, scheduling
from timebank.visits.actions.asking import Asker, Wish
from timebank.visits.actions.scheduling import is_wanted
from timebank.visits.models import HelpRequest, Offer, OfferState, Pattern, Source, Trust, Visit
from timebank.visits.queries import offers_of
from timebank.visits.states import LIVE, TO_COME, Why
from timebank.volunteers.models import Volunteer

NOW_WINDOW = 240
SOON_MINUTES = 30
Choice = tuple[str, Sequence[int], Sequence[int]]
"""A line's key, the visits somebody is asked for, and whom; several choices may be about one line that is split."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking did: the offers that wait for an answer, and the visits nobody could be asked for."""

    offers: list[Offer]
    left: list[Visit]


def plan_for(community_id: int, day: date) -> Plan:
    """Return the plan of a day's week; opened where nobody has planned it yet."""
    monday = clock.monday_of(day)
    return queries.plan_of(community_id, monday) or open_week(community_id, monday)


def ask(plan: Plan, visits: Sequence[Visit], volunteers: Sequence[Volunteer], day: date, by: User) -> Asked:
    """Ask people at once for visits of a day, as many as fit into their day from now on; the plan follows, they are told once.

    ``volunteers`` is one person, or the pair of a crew. Conflict where none of the visits fits. Somebody who was asked before and
    has not answered may still say yes: the first yes counts.
    """
    asked = _ask(plan, visits, volunteers, day, by)
    _tell(asked.offers)
    return asked


def _ask(plan: Plan, visits: Sequence[Visit], volunteers: Sequence[Volunteer], day: date, by: User) -> Asked:
    """Ask people for visits without telling them yet."""
    open_ones = [each for each in visits if each.state in TO_COME and not _is_whole(each)]
    if not open_ones:
        raise Conflict("这一件已经有人去了，或者已经不用去了。")
    open_ones = [each for each in open_ones if is_wanted(each, day)]
    if not open_ones:
        raise Conflict("老人那天不在家，不用请人去。请点“这次不去了”，或者先改老人的外出日期。")
    laid = lay_out(plan)
    names = taking.to_plan(laid, open_ones)
    if not names:
        raise Conflict("约好的时间已经过了，不能再请人。请打电话告诉老人，再点“这次不去了”。")
    bare = taking.bare(laid.plan, set(names))
    crew = [f"v{each.id}" for each in volunteers]
    taken = taking.take_on(laid, bare, plan, day, names, crew)
    if not taken.visits:
        raise Conflict("%(name)s现在排不进这一件了：时间、路程或份数不够。请看名单里的下一位。", name=volunteers[0].name)
    editing.store(plan, laid, taken.plan)
    reasons = Reasons(plan)
    rows = [each for each in plan.assignments if f"x{each.visit_id}" in taken.visits]
    _must_be_carried(rows)
    offers = [_offer(each, reasons, by) for each in sorted(rows, key=lambda each: each.start) if not _is_asked(each)]
    audit.record("ask", "plan", plan.id, visits=[each.visit_id for each in offers], volunteers=[each.id for each in volunteers])
    return Asked(offers, [each for each in open_ones if f"x{each.id}" not in taken.visits])


def hand_over(offers: Sequence[Offer], to: Volunteer, by: User) -> list[Offer]:
    """Let a colleague go instead of whoever gives them something: judged as whoever is asked, agreed at once; whoever calls this tells."""
    visits = [each.visit for each in offers]
    plan = plan_for(visits[0].community_id, offers[0].day)
    for each in offers:
        offering.withdraw(each, Why.ELSEWHERE.value)
    asked = _ask(plan, visits, [to], offers[0].day, by)
    if asked.left:
        raise Conflict("现在排不进你这一天了：时间、路程或份数不够。请回一声“不方便”，或打电话给服务站。")
    offering.accept_all(asked.offers)
    bring_up_to_date(plan)
    return asked.offers


def _must_be_carried(rows: Sequence[Assignment]) -> None:
    """Refuse what would make a trip that somebody was asked for, and has not answered, more than they carry."""
    for each in rows:
        asked = [
            made.visit
            for made in offers_of(each.volunteer, each.day, each.day)
            if made.round is not None and made.round.pickup == each.pickup and made.round.picked_up_at is None
        ]
        mine = {visit.id: visit.boxes for visit in [*asked, *(row.visit for row in rows if row.pickup == each.pickup)]}
        if each.pickup is not None and sum(mine.values()) > each.volunteer.boxes:
            raise Conflict(
                "%(volunteer)s这一趟已经问过别的几户，加上这些装不下。请等回话，或看名单里的下一位。", volunteer=each.volunteer.name
            )


def _is_whole(visit: Visit) -> bool:
    """Say whether a visit's crew has said yes."""
    return sum(1 for each in visit.offers if each.state is OfferState.ACCEPTED) >= visit.crew


def _is_asked(each: Assignment) -> bool:
    """Say whether whom the plan names was asked already, for that very time."""
    mine = [made for made in each.visit.offers if made.volunteer_id == each.volunteer_id and made.state in LIVE]
    return any(made.day == each.day and made.start == each.start for made in mine)


def _offer(each: Assignment, reasons: Reasons, by: User) -> Offer:
    """Ask one volunteer; an offer for another time is replaced."""
    for made in each.visit.offers:
        if made.volunteer_id == each.volunteer_id and made.state in LIVE:
            offering.withdraw(made, Why.REPLANNED.value)
    return offering.offer(each.visit, each.volunteer, slot_of(each, reasons), asked_by=by)


def _tell(offers: Sequence[Offer]) -> None:
    """Write to each of those who were asked, once; staff on duty see it on their page."""
    mine: dict[int, list[Offer]] = {}
    for made in offers:
        mine.setdefault(made.volunteer_id, []).append(made)
    for each in mine.values():
        user_id = each[0].volunteer.user_id
        if user_id is not None:
            notify(user_id, "now", what=offering_words(each))


def offering_words(offers: Sequence[Offer]) -> tuple[str, str]:
    """Return what somebody is asked for at once, in Chinese and English, as a message says it."""
    first = min(offers, key=lambda each: (each.day, each.start))
    return words_of(first.visit.kind, first.day, first.round.pickup if first.round else first.start, len(offers))


def words_of(kind: ServiceKind, day: date, minute: int, count: int) -> tuple[str, str]:
    """Return some visits of a day as a message names them: the first, with its minute, and how many more."""
    first = Sentence("%(day)s %(time)s %(kind)s", day=the_day(day), time=clock.hhmm(minute), kind=kind.words)
    return Sentence("%(first)s等 %(all)s 件", first=first, all=count) if count > 1 else first


def answer(offers: Iterable[Offer], *, yes: bool, reason: str = "") -> None:
    """Enter what somebody said on the telephone about what they were asked for; one answer for all of it."""
    waiting = [each for each in offers if each.state is OfferState.SENT]
    if not yes:
        offering.decline_all(waiting, reason or "去不了", Trust.DESK)
        return
    offering.accept_all(waiting, Trust.DESK)
    for plan in {
        each.id: each for each in (queries.plan_of(made.visit.community_id, made.visit.week) for made in waiting) if each
    }.values():
        bring_up_to_date(plan)


def take_back(offers: Iterable[Offer]) -> list[Offer]:
    """Take back what somebody was asked a moment ago; it is nobody's again."""
    return offering.take_back([each for each in offers if each.state is OfferState.SENT], Why.TAKEN_BACK)


def give_up(visits: Iterable[Visit], by: User, reason: str) -> list[Offer]:
    """Decide that nobody goes to some visits after all, with the reason."""
    return calling_off.give_up(visits, by, reason)


def replace(volunteer: Volunteer, last: date, reason: str, choices: Sequence[Choice], by: User) -> tuple[leaving.Left, list[Asked]]:
    """Note that somebody cannot come until a day, and ask others for what is left behind, as chosen; the rest is nobody's and seen."""
    left = leaving.cannot_come(volunteer, last, reason)
    done = []
    for _key, numbers, people in choices:
        visits = [each.visit for each in left.offers if each.visit_id in set(numbers)]
        who = [each for each in (db.session.get(Volunteer, number) for number in people) if each is not None]
        if not visits or not who:
            continue
        day = next(each.day for each in left.offers if each.visit_id == visits[0].id)
        try:
            with db.session.begin_nested():
                done.append(_ask(plan_for(visits[0].community_id, day), visits, who, day, by))
        except Conflict:
            done.append(Asked([], visits))
    _tell([made for asked in done for made in asked.offers])
    return left, done


def need_now(
    elder: Elder, kind: ServiceKind, words: str, by: User, *, minutes: int | None = None, people: int = 1, later: bool = False
) -> HelpRequest:
    """Write down that somebody is needed at a door now; it is a visit of today at once, before any plan."""
    if not 1 <= people <= 2:
        raise Invalid("一次最多请两位。", fields={"people": Sentence("1 或 2")})
    start = min(clock.minute_of(clock.now()) + (SOON_MINUTES if later else 0), 1380)
    length = minutes or kind.minutes
    window = (start, min(1440, start + max(NOW_WINDOW, length)))
    wish = Wish(kind=kind, window=window, pattern=Pattern.ONCE, dates=(clock.today(),), minutes=min(length, window[1] - start), note=words)
    request = asking.ask_for_help(elder.community_id, wish, Asker(source=Source.DESK, user=by, elder=elder))
    request.urgent = True
    asking.accept_request(request, by)
    plan_for(elder.community_id, clock.today())
    visit = next(iter(request.visits), None) or next(iter(scheduling.schedule_request(request)), None)
    if visit is not None:
        visit.crew = people
    db.session.flush()
    audit.record("need_now", "help_request", request.id, elder=elder.id, people=people)
    return request


def close_now(request: HelpRequest, by: User, result: str, *, ordinary: bool = False) -> None:
    """Close an emergency with its result, or let it be an ordinary need; what nobody has begun of a closed one is called off."""
    if not ordinary and not result.strip():
        raise Invalid("请写一句结果。", fields={"result": Sentence("请写结果")})
    if request.closed_at is not None:
        return
    if ordinary:
        request.urgent = False
        audit.record("ordinary", "help_request", request.id)
        return
    request.closed_at, request.reason = clock.now(), result.strip()
    calling_off.call_off([each for each in request.visits if each.state in TO_COME], Why.DESK)
    audit.record("close_now", "help_request", request.id, by=by.id)
