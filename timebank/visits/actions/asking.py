"""Requests for help: asked by a family or at the desk, accepted or declined with a reason by a coordinator."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.elders import binding
from timebank.elders.models import Elder, ElderState, Household
from timebank.errors import Conflict, Invalid
from timebank.sentences import Sentence
from timebank.visits.actions import telling_family
from timebank.visits.actions.scheduling import schedule_request
from timebank.visits.models import HelpRequest, Pattern, RequestState, Source

MAX_DAYS_AHEAD = 60
COUPLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: how often, on which days, between which minutes of the day."""

    kind: ServiceKind
    window: tuple[int, int]
    pattern: Pattern = Pattern.ONCE
    dates: tuple[date, ...] = ()
    weekdays: tuple[int, ...] = ()
    every_weeks: int = 1
    minutes: int | None = None
    boxes: int = 0
    eaters: tuple[int, ...] = ()
    gender: str = ""
    note: str | None = None
    first_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, by which door, and for whom when the elder is not known to us yet."""

    source: Source
    user: User | None = None
    elder: Elder | None = None
    for_name: str | None = None
    for_address: str | None = None
    for_phone: str | None = None
    for_relation: str = ""
    number: str = field(default_factory=lambda: f"Q{secrets.token_hex(4).upper()}")


def ask_for_help(community_id: int, wish: Wish, asker: Asker) -> HelpRequest:
    """Put a request into the inbox."""
    check_wish(wish)
    first = min(wish.dates) if wish.dates else max(wish.first_day or clock.today(), clock.today())
    request = HelpRequest(
        community_id=community_id,
        number=asker.number,
        household_id=asker.elder.household_id if asker.elder else None,
        elder_id=whose(wish.eaters, wish.boxes, asker.elder),
        asked_by=asker.user.id if asker.user else None,
        asked_at=clock.now(),
        kind_id=wish.kind.id,
        pattern=wish.pattern,
        weekdays=list(wish.weekdays),
        dates=[day.isoformat() for day in sorted(wish.dates)],
        every_weeks=wish.every_weeks,
        first_day=first,
        window_from=wish.window[0],
        window_to=wish.window[1],
        minutes=wish.minutes,
        boxes=max(1, wish.boxes) if wish.kind.from_canteen else 0,
        eaters=list(wish.eaters) if wish.kind.from_canteen else [],
        gender=wish.gender,
        note=wish.note or None,
        for_name=asker.for_name,
        for_address=asker.for_address,
        for_phone=asker.for_phone,
        for_relation=asker.for_relation,
        source=asker.source,
        state=RequestState.NEW,
    )
    db.session.add(request)
    if asker.user is not None and asker.user.community_id is None:
        asker.user.community_id = community_id  # a family belongs where it first asks
    db.session.flush()
    audit.record("ask_for_help", "help_request", request.id, kind=wish.kind.code, source=asker.source.value)
    return request


def whose(eaters: Sequence[int], boxes: int, elder: Elder | None) -> int | None:
    """Return whose a need is: one elder's, or the household's (None) when a meal is shared.

    One of a couple being away must not stop the other's meal.
    """
    if boxes > 1 or elder is None:
        return None
    return eaters[0] if len(eaters) == 1 else elder.id


def who_eats(home: Household, ticked: Sequence[int], boxes: int) -> tuple[list[int], int]:
    """Return who eats of a meal and how many boxes it takes, one a head at least; a couple is named, never guessed."""
    here = [each.id for each in home.elders if each.state is ElderState.ACTIVE]
    if len(here) < COUPLE:
        return [], boxes or 1
    eaters = [each for each in here if each in ticked] or (here if boxes >= len(here) and not ticked else [])
    if not eaters:
        raise Invalid("请勾上谁吃。", fields={"eaters": Sentence("请勾上谁吃")})
    if 0 < boxes < len(eaters):
        raise Invalid(
            "勾了 %(count)s 位吃饭，只写了 %(boxes)s 份。请改份数，或者去掉一位。",
            fields={"boxes": Sentence("比吃饭的人少")},
            count=len(eaters),
            boxes=boxes,
        )
    return eaters, max(boxes, len(eaters))


def check_wish(wish: Wish, known: Collection[date] = ()) -> None:
    """Refuse a wish that no week could hold; days that stood in it before (``known``) may be past."""
    if wish.window[1] - wish.window[0] < (wish.minutes or wish.kind.minutes):
        raise Invalid(
            "这段时间不够做完（%(kind)s约 %(minutes)s 分钟）。请把结束时间往后放一些。",
            kind=wish.kind.words,
            minutes=wish.kind.minutes,
            fields={"window": Sentence("时间不够长")},
        )
    if wish.pattern is Pattern.ONCE:
        new = tuple(day for day in wish.dates if day not in known)
        if new or not wish.dates:
            _check_dates(new)
    elif not wish.weekdays:
        raise Invalid("请至少选一个星期几。", fields={"weekdays": Sentence("请选一天")})


def _check_dates(dates: tuple[date, ...]) -> None:
    """Refuse dates in the past or too far away."""
    today = clock.today()
    if not dates:
        raise Invalid("请选一个日期。", fields={"dates": Sentence("请选日期")})
    if min(dates) < today:
        raise Invalid("这一天已经过去了，请选今天以后的日期。", fields={"dates": Sentence("日期已过")})
    if (max(dates) - today).days > MAX_DAYS_AHEAD:
        raise Invalid(
            "最远可以约 %(max_days_ahead)s 天以内的日子。请选近一点的日期。",
            fields={"dates": Sentence("太远了")},
            max_days_ahead=MAX_DAYS_AHEAD,
        )


def accept_request(request: HelpRequest, by: User | None, *, household: Household | None = None, elder: Elder | None = None) -> None:
    """Accept a request into the weeks, also those that are open already; one by somebody unknown is first bound to an elder's door."""
    _must_be_new(request)
    home = household or (elder.household if elder else request.household)
    if home is None:
        raise Conflict("还不知道这件求助是哪一户的。请先选一位老人，再接下。")
    request.household = home
    if elder is not None and request.boxes <= 1:
        request.elder_id = elder.id
    request.eaters = request.eaters or _eaters(request, home)
    request.state = RequestState.ACCEPTED
    _decided(request, by)
    db.session.flush()
    made = schedule_request(request)
    audit.record("accept_request", "help_request", request.id, household=home.id, visits=[visit.id for visit in made])
    _let_family_ask(request, elder)
    telling_family.tell_answer(request, accepted=True)


def _let_family_ask(request: HelpRequest, elder: Elder | None) -> None:
    """Let a family who asked for an elder ask to be bound to them as well; the elder and the office still have to agree."""
    user = db.session.get(User, request.asked_by) if request.asked_by and request.source is Source.FAMILY else None
    if user is not None and elder is not None and request.for_relation:
        binding.ask(elder, user, request.for_relation)


def _eaters(request: HelpRequest, home: Household) -> list[int]:
    """Return who eats of a shared meal, where it is as many boxes as people: each of them."""
    here = [each.id for each in home.elders if each.state is ElderState.ACTIVE]
    return here if request.elder_id is None and request.boxes == len(here) else []


def decline_request(request: HelpRequest, by: User, reason: str) -> None:
    """Decline a request with a reason that the family reads."""
    _must_be_new(request)
    if not reason.strip():
        raise Invalid("请写一句原因，家属会看到。", fields={"reason": Sentence("请写原因")})
    request.state = RequestState.DECLINED
    request.reason = reason.strip()
    _decided(request, by)
    audit.record("decline_request", "help_request", request.id)
    telling_family.tell_answer(request, accepted=False)


def _must_be_new(request: HelpRequest) -> None:
    """Refuse to decide twice."""
    if request.state is not RequestState.NEW:
        raise Conflict("这件求助已经处理过了。回到求助列表看最新情况。")


def _decided(request: HelpRequest, by: User | None) -> None:
    """Note who decided and when."""
    request.decided_by = one_hand.maker(by) if by else None
    request.decided_at = clock.now()
