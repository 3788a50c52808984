"""What every community of a demo lives through before Monday: the week is planned, published, answered; somebody cannot come."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from timebank import clock
from timebank.access import queries as users
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions as certificates
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, FamilyMember
from timebank.errors import Refusal
from timebank.places.models import Community
from timebank.planning import queries as plans
from timebank.planning import runner
from timebank.planning.actions import publishing, runs, weeks
from timebank.planning.models import Plan, PlanRun, RunKind
from timebank.visits import queries as visits
from timebank.visits.actions import asking, offering
from timebank.visits.models import Offer, OfferState, Source, Trust
from timebank.volunteers.models import Volunteer

WEEK = date(2026, 11, 23)
FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=clock.ZONE)
SERVED = datetime(2026, 11, 25, 10, 30, tzinfo=clock.ZONE)
TUESDAY, THURSDAY = WEEK + timedelta(days=1), WEEK + timedelta(days=3)
SILENT = 4

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a family asks for on Wednesday morning: the kind's code and from when to when on Friday."""

    code: str
    start: int
    end: int


class Week:
    """The people of one community going through their week."""

    def __init__(self, community: Community, coordinator: str, say: Say, dice: random.Random) -> None:
        """Keep whose week it is, who coordinates it by telephone, and what decides by chance."""
        self.community_id = community.id
        self.name = community.name
        self.phone = coordinator
        self.say = say
        self.dice = dice

    @property
    def coordinator(self) -> User:
        """The coordinator, as they are now."""
        found = users.user_of(self.phone)
        if found is None:
            raise Refusal("没有 %(phone)s 这个登录用户。", phone=self.phone)
        return found

    def _plan(self) -> Plan:
        """Return the plan of the demo's week as it is now."""
        forget_reads()
        found = plans.plan_of(self.community_id, WEEK)
        if found is None:
            raise Refusal("演示的周计划不见了。")
        return found

    def plan(self, seconds: int, kind: RunKind = RunKind.SOLVE) -> None:
        """Plan the week with progress on the terminal."""
        with transaction():
            opened = weeks.open_week(self.community_id, WEEK)
            run_id = runs.queue_run(opened, kind, seconds, send=False).id
        last: list[tuple[object, object]] = []

        def tell(news: dict[str, Any]) -> None:
            seen = (news.get("served_weight"), news.get("bound"))
            if seen[0] is not None and seen not in last:
                last.append(seen)
                self.say(f"  {news['seconds']:5.1f} s  {news['phase']:<10}  {seen[0]} / ≤ {seen[1] or '?'}")

        runner.run(run_id, tell)
        done = db.session.get_one(PlanRun, run_id)
        if done.result is None:
            raise Refusal("没有排出来：%(fault)s", fault=done.fault)
        score, bound = done.result["score"], done.result["bound"]["served_weight"]
        self.say(
            f"{self.name} 排上 {score['served']}/{done.needed} 件 / served {score['served']} of {done.needed} visits;"
            f" 权重 {score['served_weight']}，任何排法不超过 {bound} / weight {score['served_weight']}, proved bound {bound};"
            f" {done.result['seconds']} s, {done.result['status']}"
        )

    def publish(self) -> None:
        """Publish the plan as it is."""
        with transaction():
            plan = plans.plan_of(self.community_id, WEEK)
            people = publishing.publish(plan, plan.version) if plan else []
        self.say(f"已发布，{len(people)} 人收到邀约 / published, {len(people)} people asked")

    def answer(self) -> None:
        """Nearly everybody accepts on Friday evening and over the weekend; the desk answers for those without a phone."""
        clock.clock.start_at(FRIDAY + timedelta(hours=2))
        quiet = self._silent()
        with transaction():
            for made in visits.live_offers(self.community_id, WEEK):
                if made.state is OfferState.SENT and not (made.volunteer_id in quiet and made.day >= THURSDAY):
                    offering.accept(made, Trust.CODE if made.volunteer.has_phone else Trust.DESK)

    def _silent(self) -> set[int]:
        """Return a few volunteers with an account who have not answered for Thursday and after: first those with no work before."""
        early: set[int] = set()
        late: set[int] = set()
        for made in visits.live_offers(self.community_id, WEEK):
            if made.volunteer.user_id is not None:
                (early if made.day < THURSDAY else late).add(made.volunteer_id)
        return set(sorted(late, key=lambda each: (each in early, each))[:SILENT])

    def decline_one(self, seconds: int) -> None:
        """One volunteer cannot come on Tuesday after all; the fewest others are asked instead."""
        clock.clock.start_at(clock.at(WEEK, 9 * 60))
        with transaction():
            gone = self._a_tuesday()
            for each in gone:
                offering.decline(each, "时间不方便")
            who, meals = gone[0].volunteer.name, gone[0].round is not None
        zh, en = (
            ("送不了", f"cannot carry Tuesday's {len(gone)} doors") if meals else ("去不了", f"cannot make Tuesday's {len(gone)} visits")
        )
        self.say(f"{who} 周二{zh} {len(gone)} 户 / {who} {en}; 重新安排 / re-planning")
        self.plan(seconds, RunKind.REPLAN)
        self.publish()
        with transaction():
            for each in visits.live_offers(self.community_id, WEEK):
                if each.state is OfferState.SENT and each.day <= TUESDAY + timedelta(days=1):
                    offering.accept(each)

    def _a_tuesday(self) -> list[Offer]:
        """Return what one volunteer agreed to do on Tuesday: a round of meals where there is one, else all their visits."""
        offers = [each for each in visits.day_offers(self.community_id, TUESDAY) if not each.volunteer.staff]
        made = next((each for each in offers if each.round is not None), offers[0])
        if made.round is not None:
            return [each for each in offers if each.round_id == made.round_id]
        return [each for each in offers if each.volunteer_id == made.volunteer_id]

    def ask(self, wishes: Iterable[Wish]) -> None:
        """On Wednesday morning families ask for help; the coordinator has not looked yet."""
        clock.clock.start_at(SERVED - timedelta(minutes=25))
        mine = select(FamilyMember).join(FamilyMember.elder).where(Elder.community_id == self.community_id)
        links = db.session.scalars(mine.order_by(FamilyMember.id)).all()
        with transaction():
            for link, wish in zip(links, wishes, strict=False):
                kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == wish.code)).one()
                friday = WEEK + timedelta(days=4)
                said = asking.Wish(kind=kind, window=(wish.start, wish.end), dates=(friday,), note="谢谢，哪个时间都可以。")
                user = db.session.get_one(User, link.user_id)
                asking.ask_for_help(self.community_id, said, asking.Asker(source=Source.FAMILY, user=user, elder=link.elder))

    def certify(self) -> None:
        """Issue a certificate to whoever served the most until now."""
        forget_reads()
        mine = select(Volunteer).where(Volunteer.community_id == self.community_id, Volunteer.staff.is_(False))
        minutes = visits.minutes_by_day(self.community_id, WEEK)
        best = max(db.session.scalars(mine.order_by(Volunteer.id)), key=lambda person: sum(minutes.get(person.id, {}).values()))
        with transaction():
            found = certificates.issue_certificate(best, WEEK, TUESDAY, self.coordinator)
            number, code = found.number, found.check_code
        self.say(f"已开具证明 / certificate {number}，查验码 / check code {code}")
