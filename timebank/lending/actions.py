"""Verbs of lending: ask, agree, refuse, withdraw, decline, end. Whoever asks does not agree; what is promised stays promised."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from timebank import audit, clock
from timebank.access import one_hand
from timebank.access.models import Role, User
from timebank.access.queries import users_with
from timebank.db import db, hold
from timebank.errors import Conflict, Invalid, NotAllowed, wrong
from timebank.lending import queries
from timebank.notices.actions import notify
from timebank.places.models import Community
from timebank.planning.actions.weeks import touch
from timebank.sentences import Sentence, the_day
from timebank.volunteers.lent import Lending, LendingState, LentWeek
from timebank.volunteers.models import Volunteer

MOST_WEEKS = 13
AHEAD = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Wish:
    """For which weeks somebody is wanted, the Mondays of the first and the last, and why."""

    first_week: date
    last_week: date
    reason: str


def ask(borrower: Community, volunteer: Volunteer, wish: Wish, by: User) -> Lending:
    """Ask the community of a volunteer to lend them; its coordinators are told."""
    _must_be_sound(wish)
    weeks = queries.weeks_between(wish.first_week, wish.last_week)
    _must_not_be_lent(volunteer, weeks)
    waits = (Lending.volunteer_id == volunteer.id, Lending.borrower_id == borrower.id, Lending.state == LendingState.ASKED)
    if db.session.scalar(select(Lending.id).where(*waits)) is not None:
        raise Conflict("已经请对方借过这一位，正在等回话。要改日子，先撤回再请。")
    made = Lending(
        volunteer_id=volunteer.id,
        lender_id=volunteer.community_id,
        borrower_id=borrower.id,
        first_week=wish.first_week,
        last_week=wish.last_week,
        reason=wish.reason.strip(),
        asked_by=one_hand.maker(by),
        asked_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record("ask", "lending", made.id, volunteer=volunteer.id, community=borrower.id)
    for colleague in users_with(Role.COORDINATOR, volunteer.community_id):
        notify(colleague.id, "lending_asked", where=borrower.name)
    return made


def agree(lending: Lending, by: User) -> int:
    """Lend somebody, as a second person; the volunteer is told. Return how many unsent proposals at home are to be planned anew."""
    _must_be(lending, LendingState.ASKED)
    if one_hand.is_one(lending.asked_by, by):
        raise NotAllowed("请借的人不能自己同意。请出借社区的另一位同事来定。")
    volunteer = _hold(lending)
    weeks = [each for each in queries.weeks_between(lending.first_week, lending.last_week) if each >= clock.monday_of(clock.today())]
    if not weeks:
        raise Conflict("请借的日子已经过去了。请对方重新请。")
    _must_not_be_lent(volunteer, weeks)
    _must_not_be_promised(volunteer, lending.lender_id, weeks)
    freed = _take_off(volunteer, lending.lender_id, weeks)
    lending.state, lending.decided_by, lending.decided_at = LendingState.AGREED, by.id, clock.now()
    db.session.flush()
    db.session.add_all(
        LentWeek(volunteer_id=volunteer.id, week=each, lending_id=lending.id, community_id=lending.borrower_id) for each in weeks
    )
    db.session.flush()
    audit.record("agree", "lending", lending.id, volunteer=volunteer.id, weeks=len(weeks))
    notify(lending.asked_by, "lending_answered", where=lending.lender.name, answer=Sentence("同意了"))
    if volunteer.user_id is not None:
        first, last = weeks[0], weeks[-1] + timedelta(days=6)
        notify(volunteer.user_id, "lent", where=lending.borrower.name, first=the_day(first), last=the_day(last))
    return freed


def refuse(lending: Lending, by: User, words: str) -> None:
    """Say no to the community that asked, and why."""
    _must_be(lending, LendingState.ASKED)
    if by.id == lending.asked_by:
        raise NotAllowed("这是您自己请的，不想要了请点“撤回”。")
    if not words.strip():
        said = Sentence("请写一句为什么不借，对方好另想办法。")
        raise wrong("words", said)
    lending.decided_by, lending.decided_at = by.id, clock.now()
    _close(lending, LendingState.REFUSED, words)
    audit.record("refuse", "lending", lending.id, volunteer=lending.volunteer_id)
    notify(lending.asked_by, "lending_answered", where=lending.lender.name, answer=Sentence.of("lending", "没有同意"))


def withdraw(lending: Lending) -> None:
    """Ask no more."""
    _must_be(lending, LendingState.ASKED)
    _close(lending, LendingState.WITHDRAWN, "")
    audit.record("withdraw", "lending", lending.id, volunteer=lending.volunteer_id)


def decline(lending: Lending, words: str) -> date | None:
    """Let the volunteer say no to being lent; return up to when what they have promised there still holds, None when nothing does."""
    kept = _give_back(lending, LendingState.DECLINED, words)
    audit.record("decline", "lending", lending.id, volunteer=lending.volunteer_id)
    for community_id in (lending.lender_id, lending.borrower_id):
        for colleague in users_with(Role.COORDINATOR, community_id):
            notify(colleague.id, "lending_declined", number=lending.volunteer.number)
    return kept


def end(lending: Lending, words: str = "") -> date | None:
    """Give somebody back before the time; return up to when what they have promised there still holds, None when nothing does."""
    kept = _give_back(lending, LendingState.ENDED, words)
    audit.record("end", "lending", lending.id, volunteer=lending.volunteer_id)
    if lending.volunteer.user_id is not None:
        notify(lending.volunteer.user_id, "lent_back", where=lending.borrower.name, from_day=the_day(_home_from(kept)))
    return kept


def _give_back(lending: Lending, state: LendingState, words: str) -> date | None:
    """Give back every week from now on but those up to the last one in which something is promised; return that one's Sunday."""
    _must_be(lending, LendingState.AGREED)
    volunteer = _hold(lending)
    this_week = clock.monday_of(clock.today())
    left = [each for each in lending.weeks if each.week >= this_week]
    promised = queries.promised_weeks(volunteer, lending.borrower_id, {each.week for each in left})
    last = max(promised, default=None)
    back = [each for each in left if last is None or each.week > last]
    _take_off(volunteer, lending.borrower_id, {each.week for each in back})
    for each in back:
        lending.weeks.remove(each)
    _close(lending, state, words)
    return last + timedelta(days=6) if last is not None else None


def _home_from(kept: date | None) -> date:
    """Return from when somebody who is given back serves at home again."""
    return kept + timedelta(days=1) if kept is not None else clock.today()


def _take_off(volunteer: Volunteer, community_id: int, weeks: Collection[date]) -> int:
    """Take off the plans of a community what they hold for somebody in some weeks; those visits are planned anew. Say how many."""
    rows = queries.planned(volunteer, community_id, weeks)
    plans = {each.plan_id: each.plan for each in rows}
    for each in rows:
        db.session.delete(each)
    for plan in plans.values():
        touch(plan)
        db.session.expire(plan, ["assignments"])
    return len(rows)


def _hold(lending: Lending) -> Volunteer:
    """Return the volunteer, held until this write unit is over: nobody plans or lends them meanwhile."""
    return db.session.scalars(
        select(Volunteer).where(Volunteer.id == lending.volunteer_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _must_be_sound(wish: Wish) -> None:
    """Refuse weeks that are past, too many or too far ahead, and a wish without a reason."""
    errors: dict[str, tuple[str, str]] = {}
    if wish.first_week < clock.monday_of(clock.today()):
        errors["first_week"] = Sentence("这一周已经过去了，请选本周或以后。")
    elif wish.first_week > clock.today() + AHEAD:
        errors["first_week"] = Sentence("最多提前半年，请选近一些的一周。")
    if wish.last_week < wish.first_week:
        errors["last_week"] = Sentence("最后一周在第一周之前，请改一个。")
    elif len(queries.weeks_between(wish.first_week, wish.last_week)) > MOST_WEEKS:
        errors["last_week"] = Sentence("一次最多借 %(most_weeks)s 周，到时可以再请。", most_weeks=MOST_WEEKS)
    if not wish.reason.strip():
        errors["reason"] = Sentence("请写一句为什么要借。")
    if errors:
        raise Invalid("有几处要改，见下面。", fields=errors)


def _must_not_be_lent(volunteer: Volunteer, weeks: Collection[date]) -> None:
    """Refuse weeks in which somebody is lent already: they serve one community a week."""
    taken = queries.taken_weeks(volunteer, weeks)
    if taken:
        first = min(taken)
        raise Conflict("%(first)s 那一周这一位已经借给别的社区了。一个人一周只在一个社区服务，请换几周。", first=f"{first:%Y-%m-%d}")


def _must_not_be_promised(volunteer: Volunteer, community_id: int, weeks: Collection[date]) -> None:
    """Refuse weeks in which something was asked of somebody, or promised, at home."""
    promised = queries.promised_weeks(volunteer, community_id, weeks)
    if promised:
        first = min(promised)
        raise Conflict(
            "%(first)s 那一周%(volunteer)s在本社区已经约了 %(promised)s 次。先在“今天 · 谁今天来不了”里改请别人，再同意；或者不同意，写明哪几周可以。",
            first=f"{first:%Y-%m-%d}",
            volunteer=volunteer.name,
            promised=promised[first],
        )


def _must_be(lending: Lending, state: LendingState) -> None:
    """Refuse what somebody else has decided since the page was shown."""
    hold(lending)
    if lending.state is not state:
        raise Conflict("这件事刚才已经有人定了，请看现在的情况。")


def _close(lending: Lending, state: LendingState, words: str) -> None:
    """Note how it came to an end."""
    lending.state, lending.over_at, lending.words = state, clock.now(), words.strip()
    db.session.flush()
