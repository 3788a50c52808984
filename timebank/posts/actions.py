"""Verbs of posts: what a post is and its weekly rota, taking a place of it for every week, booking for a unit, swapping a turn.

Turns are made two weeks ahead, and again whenever the rota or who holds it changes; made twice they stay what they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, hold
from timebank.errors import Conflict, wrong
from timebank.hours import DAY_AT_MOST
from timebank.notices.actions import notify
from timebank.places.models import Building, Station
from timebank.posts import queries
from timebank.posts.models import Claim, Post, Shift, Swap, SwapState
from timebank.posts.queries import PART
from timebank.visits import on_duty
from timebank.visits.actions import duties, leaving
from timebank.visits.actions.duties import Turn, words_of
from timebank.visits.actions.scheduling import calendar_between
from timebank.visits.duties import TO_COME, Duty, DutyState
from timebank.visits.states import Why
from timebank.volunteers.models import Unit, Volunteer

AHEAD = timedelta(days=13)
SEATS_AT_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a post is; ``place`` is what is written of it where it is neither at a building nor at a station."""

    name: str
    kind: ServiceKind
    place: str = ""
    building: Building | None = None
    station: Station | None = None
    workdays_only: bool = False
    earlier_days: int = 0
    first_day: date
    last_day: date | None = None
    note: str = ""


def add_post(community_id: int, about: About, by: User | None) -> Post:
    """Write a post down; its shifts come next."""
    _check(community_id, about, None)
    post = Post(community_id=community_id, made_by=by.id if by else None, **_columns(about))
    db.session.add(post)
    db.session.flush()
    audit.record("add", "post", post.id)
    return post


def edit_post(post: Post, about: About) -> None:
    """Change what a post is; its turns to come follow. Turns after its last day are called off, whoever had them is told."""
    _check(post.community_id, about, post)
    with audit.changing("edit", post):
        for name, value in _columns(about).items():
            setattr(post, name, value)
    for each in _to_come(post):
        each.title, each.place, each.kind_id = post.name, post.place, post.kind_id
    gone = [each for each in _to_come(post) if post.last_day is not None and each.day > post.last_day]
    duties.call_off(gone, "岗位到期")
    make_turns([post])


def _columns(about: About) -> dict[str, object]:
    """Return the columns of what a post is."""
    return {
        "name": about.name.strip(),
        "kind": about.kind,
        "place": place_of(about),
        "building_id": about.building.id if about.building else None,
        "station_id": about.station.id if about.station else None,
        "workdays_only": about.workdays_only,
        "earlier_days": about.earlier_days,
        "first_day": about.first_day,
        "last_day": about.last_day,
        "note": about.note.strip(),
    }


def place_of(about: About) -> str:
    """Return where a post is, in words: the building with its compound, the station, with what was written besides."""
    if about.building is not None:
        return " ".join(filter(None, (about.building.compound.name, about.building.name, about.place.strip())))
    return " ".join(filter(None, (about.station.name if about.station else "", about.place.strip())))


def _check(community_id: int, about: About, post: Post | None) -> None:
    """Refuse a post without name or place, one that ends before it begins, and a name that is taken."""
    if not about.name.strip():
        raise wrong("name", "请写岗位叫什么，如“老乡护学岗”。")
    if not place_of(about):
        raise wrong("place", "请选楼栋、服务站，或者写在哪里。")
    if about.last_day is not None and about.last_day < about.first_day:
        raise wrong("last_day", "结束的日子早于开始的日子，请改正。")
    same = select(Post.id).where(Post.community_id == community_id, Post.name == about.name.strip())
    if db.session.scalar(same.where(Post.id != post.id) if post is not None else same) is not None:
        raise wrong("name", "已经有一个岗位叫这个名字了，请加上楼号或时段。")


def add_shifts(post: Post, weekdays: Iterable[int], span: tuple[int, int], least: int, wanted: int) -> list[Shift]:
    """Add a stretch to some weekdays of a post's rota; two of one post never overlap."""
    days = sorted(set(weekdays))
    if not days:
        raise wrong("weekdays", "请至少勾一天。")
    if not 0 <= span[0] < span[1] <= 24 * 60 or span[1] - span[0] > DAY_AT_MOST:
        raise wrong("start", "结束要晚于开始，一班最多 12 小时。")
    if not 1 <= least <= wanted <= SEATS_AT_MOST:
        raise wrong("least", "最少人数不能比想要的人数多，最多 %(seats_at_most)s 人。", seats_at_most=SEATS_AT_MOST)
    db.session.execute(select(Post.id).where(Post.id == post.id).with_for_update())
    for other in queries.in_force(post):
        if other.weekday in days and other.start < span[1] and span[0] < other.until:
            raise wrong(
                "start",
                "和这个岗位已有的一班（%(start)s–%(until)s）重叠了。先去掉那一班，或者改时间。",
                start=clock.hhmm(other.start),
                until=clock.hhmm(other.until),
            )
    made = [Shift(post=post, weekday=day, start=span[0], until=span[1], least=least, wanted=wanted) for day in days]
    db.session.add_all(made)
    db.session.flush()
    audit.record("add_shifts", "post", post.id, weekdays=days, start=span[0], until=span[1], least=least, wanted=wanted)
    make_turns([post])
    return made


def drop_shift(shift: Shift) -> list[Duty]:
    """Take a shift off the rota: its turns to come are called off and whoever had them is told; what was done stays."""
    for each in shift.holders:
        each.ended = max(clock.today(), each.from_day)
    shift.dropped = True
    db.session.flush()
    gone = [each for each in _to_come(shift.post) if each.start == shift.start and each.day.weekday() == shift.weekday]
    audit.record("drop_shift", "post", shift.post_id, shift=shift.id)
    return duties.call_off(gone, "这一班不再排")


def claim_shift(shift: Shift, volunteer: Volunteer, by: User | None = None) -> Claim:
    """Take a place of a shift for every week from now on; ``by`` writes it down at the desk in the volunteer's name.

    Of two who take the last place at one moment the second is refused. A turn they cannot keep, such as on a day away, stays open.
    """
    db.session.execute(select(Shift.id).where(Shift.id == shift.id).with_for_update())
    db.session.refresh(shift)
    _must_be_held(shift, volunteer)
    taken = {each.seat for each in shift.holders}
    seat = next((each for each in range(1, shift.wanted + 1) if each not in taken), None)
    if seat is None:
        raise Conflict("这一班刚刚有人认领满了。看看别的班，或者认领缺人的某一次。")
    _must_be_apart(shift, volunteer)
    if (lack := on_duty.lacks(volunteer, shift.post.kind, clock.today())) is not None:
        raise Conflict(lack)
    claim = Claim(
        shift=shift,
        volunteer=volunteer,
        seat=seat,
        from_day=clock.today(),
        claimed_at=clock.now(),
        claimed_for=one_hand.maker(by) if by else audit.printer.get(),
    )
    db.session.add(claim)
    db.session.flush()
    audit.record("claim", "post", shift.post_id, shift=shift.id, volunteer=volunteer.id)
    make_turns([shift.post])
    return claim


def _must_be_held(shift: Shift, volunteer: Volunteer) -> None:
    """Refuse a shift that is no more, to somebody who has stopped, or who has it already."""
    post = shift.post
    if shift.dropped or (post.last_day is not None and post.last_day < clock.today()):
        raise Conflict("这一班已经不再排了。回到岗位列表看别的。")
    if not volunteer.active or volunteer.community_id != post.community_id:
        raise Conflict("这位已经不在本社区服务了，请换一位。")
    if any(each.volunteer_id == volunteer.id for each in shift.holders):
        raise Conflict("这一班已经认领过了。")


def _must_be_apart(shift: Shift, volunteer: Volunteer) -> None:
    """Refuse a shift to somebody who has another one at the same hour of the week."""
    for each in queries.claims_of(volunteer):
        other = each.shift
        if other.weekday == shift.weekday and other.start < shift.until and shift.start < other.until:
            span = f"{clock.hhmm(other.start)}–{clock.hhmm(other.until)}"
            raise Conflict(
                "%(volunteer)s每周这一天 %(span)s 已经认领了“%(post)s”，一个人不能同时在两处。",
                volunteer=volunteer.name,
                span=span,
                post=other.post.name,
            )


def end_claim(claim: Claim, *, tell: bool = True) -> list[Duty]:
    """Give a place of a shift back: the turns of it that have not begun are open again at once. Returns what was given up."""
    if claim.ended is not None:
        return []
    claim.ended = max(clock.today(), claim.from_day)
    db.session.flush()
    audit.record("end_claim", "post", claim.shift.post_id, shift=claim.shift_id, volunteer=claim.volunteer_id)
    mine = [
        each
        for each in _to_come(claim.shift.post)
        if each.volunteer_id == claim.volunteer_id and each.start == claim.shift.start and each.day.weekday() == claim.shift.weekday
    ]
    for place, each in enumerate(mine):
        duties.give_up(each, "", Why.LEFT, tell=tell and place == 0)
    return mine


def _stopped(volunteer: Volunteer) -> None:
    """Let the places of somebody who has stopped be free again."""
    for each in queries.claims_of(volunteer):
        end_claim(each, tell=False)


leaving.stopped.append(_stopped)


def _to_come(post: Post) -> list[Duty]:
    """Return the turns of a post that have not begun."""
    found = on_duty.duties_of_part(PART, post.id, clock.today(), date.max)
    return [each for each in found if each.state in TO_COME and each.begins > clock.now()]


def behind() -> list[int]:
    """Return the posts that have something to be made up to the end of next week: a turn, a place of it, or a holder for an open one.

    It is asked at every stroke of the clock, so it reads columns of all posts at once; nearly always there is nothing.
    """
    today = clock.today()
    last = clock.monday_of(today) + AHEAD
    calendar = calendar_between(today, last)
    there = queries.seats_there(today, last)
    found = queries.held_and_open(today)
    for shift in queries.rota(today):
        days = (today + timedelta(days=number) for number in range((last - today).days + 1))
        mine = [day for day in days if shift.is_on(day) and (calendar.works(day) or not shift.workdays_only)]
        if any(there.get((shift.post_id, day, shift.start), 0) < shift.wanted and clock.at(day, shift.start) > clock.now() for day in mine):
            found.add(shift.post_id)
    return sorted(found)


def make_due() -> int:
    """Make the turns of every post up to the end of next week; say how many places are new."""
    return make_turns([db.session.get_one(Post, each) for each in behind()])


def make_due_of(post_id: int) -> int:
    """Make the turns of one post up to the end of next week; say how many places are new."""
    return make_turns([db.session.get_one(Post, post_id)])


def make_turns(found: Sequence[Post]) -> int:
    """Make the turns of some posts up to the end of next week and give them to whoever holds the shift; say how many places are new."""
    today = clock.today()
    last = clock.monday_of(today) + AHEAD
    calendar = calendar_between(today, last)
    wanted: list[tuple[Turn, int]] = []
    for post in found:
        for number in range((last - today).days + 1):
            day = today + timedelta(days=number)
            if (
                day < post.first_day
                or (post.last_day is not None and day > post.last_day)
                or (post.workdays_only and not calendar.works(day))
            ):
                continue
            wanted += [(_turn(post, each, day), each.wanted) for each in queries.in_force(post) if each.weekday == day.weekday()]
    fresh = duties.open_all([pair for pair in wanted if clock.at(pair[0].day, pair[0].start) > clock.now()])
    _give_to_holders(found)
    return len(fresh)


def _turn(post: Post, shift: Shift, day: date) -> Turn:
    """Return a shift on a day as what somebody is on duty for."""
    return Turn(
        community_id=post.community_id,
        kind=post.kind,
        title=post.name,
        place=post.place,
        day=day,
        start=shift.start,
        until=shift.until,
        part_of=PART,
        part_id=post.id,
        least=shift.least,
    )


def _give_to_holders(found: Sequence[Post]) -> None:
    """Give the open turns to whoever holds their shift; what somebody cannot keep, or has given up once, stays open."""
    for post in found:
        shifts = {(each.weekday, each.start): each.holders for each in queries.in_force(post) if each.holders}
        if not shifts:
            continue
        given_up = on_duty.given_up(PART, post.id, clock.today())
        for turn in queries.turns_between(post, clock.today(), clock.monday_of(clock.today()) + AHEAD):
            there = {each.volunteer_id for each in turn.seats}
            for claim in shifts.get((turn.day.weekday(), turn.start), []):
                seat = turn.open_seat
                if seat is None or turn.is_over or claim.from_day > turn.day:
                    continue
                if claim.volunteer_id not in there and (claim.volunteer_id, turn.day, turn.start) not in given_up:
                    _try_to_give(seat, claim)


def _try_to_give(seat: Duty, claim: Claim) -> None:
    """Give a turn to whoever holds its shift, unless they are away or elsewhere then."""
    try:
        with db.session.begin_nested():
            duties.claim(seat, claim.volunteer)
            seat.answered_for = claim.claimed_for
    except Conflict:
        return


def offer_swap(duty: Duty, volunteer: Volunteer, to: Volunteer | None) -> Swap:
    """Offer a turn of one's own to a colleague, or to whoever of the post would take it; it stays one's own until it is taken."""
    if duty.volunteer_id != volunteer.id or duty.state is not DutyState.AGREED or duty.begins <= clock.now() or duty.part_of != PART:
        raise Conflict("只有自己还没开始的班才能换。回到“我的岗位”看最新情况。")
    if duty.id in queries.swaps_by(volunteer):
        raise Conflict("这一班已经在找人换了。要换给别人，先收回来。")
    colleagues = queries.colleagues_of(volunteer, duty)
    if to is not None and to.id not in {each.id for each in colleagues}:
        raise wrong("to", "请从名单里选一位同岗位的人，那一班自己有岗的不在里面。")
    swap = Swap(duty=duty, giver=volunteer, to=to, offered_at=clock.now())
    db.session.add(swap)
    db.session.flush()
    audit.record("offer_swap", "duty", duty.id, swap=swap.id)
    for each in [to] if to is not None else colleagues:
        if each.user_id is not None:
            notify(each.user_id, "swap", who=mask_name(volunteer.name), what=words_of(duty))
    return swap


def take_swap(swap: Swap, volunteer: Volunteer) -> Duty:
    """Take over a turn that is offered; of two at one moment the second is refused."""
    hold(swap)
    _must_be_open(swap)
    fresh = duties.hand_on(swap.duty, volunteer)
    _end(swap, SwapState.TAKEN)
    swap.taken_by = volunteer.id
    db.session.flush()
    audit.record("take_swap", "duty", fresh.id, swap=swap.id, volunteer=volunteer.id)
    if swap.giver.user_id is not None:
        notify(swap.giver.user_id, "settled", what=words_of(fresh))
    return fresh


def withdraw_swap(swap: Swap) -> None:
    """Take an offer to swap back; the turn stays one's own. Taken back twice it stays what it is; what somebody has taken does not come back."""
    hold(swap)
    if swap.state is SwapState.WITHDRAWN:
        return
    _must_be_open(swap)
    _end(swap, SwapState.WITHDRAWN)
    audit.record("withdraw_swap", "duty", swap.duty_id, swap=swap.id)


def _must_be_open(swap: Swap) -> None:
    """Refuse what became of an offer to swap meanwhile."""
    if not queries.is_open(swap):
        raise Conflict("这一班已经有人接了、收回去了，或者已经开始。回到“我的岗位”看最新情况。")


def _end(swap: Swap, state: SwapState) -> None:
    """Let an offer to swap be over."""
    swap.state, swap.over_at = state, clock.now()
    db.session.flush()


def book(duty: Duty, unit: Unit, places: int, by: User) -> list[Duty]:
    """Book so many places of a turn, of a post or a session, for a unit; the names come later."""
    if unit.ended is not None and unit.ended <= duty.day:
        raise Conflict("这个单位那天已经撤销了，请选别的单位。")
    if duty.begins <= clock.now():
        raise Conflict("这一班已经开始，不能再订名额。来过的人请按签到表录入。")
    free = [each for each in on_duty.of_turn(duty) if each.state is DutyState.OPEN and each.unit_id is None]
    if not 1 <= places <= len(free):
        if not free:
            raise wrong("places", "这一班已经没有名额了，请选别的班。")
        raise wrong("places", "这一班还有 %(count)s 个名额，请填 1 到 %(count)s 之间的数。", count=len(free))
    duties.book(free[:places], unit, by)
    return free[:places]


def name_people(seats: Sequence[Duty], people: Sequence[Volunteer], by: User) -> int:
    """Name people of a unit for the places it booked; all or none. Say how many were named."""
    free = [each for each in seats if each.state is DutyState.OPEN and each.unit_id is not None]
    if not people:
        raise wrong("volunteer", "请勾上来的人。")
    if len(people) > len(free):
        raise wrong(
            "volunteer",
            "只订了 %(count)s 个没填名字的名额，勾了 %(count2)s 个人。去掉几位，或者先多订几个。",
            count=len(free),
            count2=len(people),
        )
    for seat, person in zip(free, people, strict=False):
        duties.claim(seat, person, by)
    return len(people)


def give_back(seats: Sequence[Duty]) -> int:
    """Give back the places of a unit that nobody is named for; say how many."""
    free = [each for each in seats if each.state is DutyState.OPEN and each.unit_id is not None]
    if not free:
        raise Conflict("没有可退的：没填名字的名额都已经退了。填了名字的，请那个人自己退，或者在今天那页请别人。")
    for each in free:
        duties.free_again(each)
    return len(free)
