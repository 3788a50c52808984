"""The demo: a real community's week played from the roster to the certificate, by the doors everybody else uses.

Friday: import, plan, publish. Monday and Tuesday: people accept, one declines and is re-planned, meals are carried, visits
made, one door stays shut, families and the desk confirm, minutes are credited. It stops on Wednesday at 10:30.
"""

import contextlib
import io
import random
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, inspect, select

from timebank import clock, schema
from timebank.access import actions as access
from timebank.access import queries as users
from timebank.access.models import Purpose, Role, User
from timebank.app import create_app
from timebank.catalogue.models import Evidence, ServiceKind
from timebank.config import Settings
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import FamilyMember
from timebank.errors import Refusal
from timebank.exchange import actions as exchange
from timebank.exchange.handed import hand_in
from timebank.ledger.verify import verify
from timebank.notices.channels import Terminal, carriers
from timebank.places import queries as places
from timebank.places.models import Community
from timebank.planning import queries as plans
from timebank.planning import runner
from timebank.planning.actions import publishing, runs, weeks
from timebank.planning.models import Plan, PlanRun, RunKind
from timebank.queue import jobs
from timebank.recognition import actions as recognition
from timebank.seeding import community_folder, seed_catalogue, seed_leads
from timebank.visits import queries as visits
from timebank.visits.actions import asking, confirming, offering, serving
from timebank.visits.models import Offer, OfferState, Outcome, Source, Trust, Visit
from timebank.volunteers.models import Volunteer

WEEK = date(2026, 11, 23)
FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=clock.ZONE)
SERVED = datetime(2026, 11, 25, 10, 30, tzinfo=clock.ZONE)
COORDINATOR = ("18653200001", "衣晓雯")
STAFF = ((Role.ADMIN, "18653200002", "綦文远"), (Role.INSPECTOR, "18653200003", "宫映秋"))
OFFICE = {
    Role.COORDINATOR: "协调员 coordinator",
    Role.ADMIN: "管理员 admin",
    Role.INSPECTOR: "检查（只读） inspector",
    Role.TEAM_LEAD: "队长 team lead",
    Role.BUILDING_LEAD: "楼长 building lead",
    Role.CANTEEN: "食堂 canteen",
}
SILENT = 4
MARK = ".demo"

Say = Callable[[str], None]


def clear(folder: Path, *, fresh: bool, ask: Callable[[], bool]) -> bool:
    """Make room for a new demo; an earlier one is only overwritten when told to. Says whether there is room."""
    mark = folder / MARK
    if not folder.exists() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        return True
    if not mark.exists():
        raise Refusal(
            f"{folder}/ 里有别的文件，演示不会动它。请用 --folder 换一个文件夹。",
            f"{folder}/ holds other files and is left alone. Choose another folder with --folder.",
        )
    if not fresh and not ask():
        return False
    shutil.rmtree(folder)
    folder.mkdir()
    mark.touch()
    return True


def play(folder: Path, community: str, seconds: int, say: Say, *, fresh: bool = False) -> Flask:
    """Play the demo into a new database and return the service that shows it."""
    settings = Settings.load(instance=str(folder), demo=True)
    app = create_app(settings)
    clock.clock.start_at(FRIDAY)
    with app.app_context(), without_a_queue():
        _prepare(fresh=fresh)
        scene = Play(_import(community, say), say, random.Random(20261123))  # noqa: S311 - a demo repeats itself
        scene.plan(seconds)
        scene.publish()
        scene.live()
        clock.clock.start_at(SERVED)
        scene.sum_up()
    return app


@contextlib.contextmanager
def without_a_queue() -> Generator[None]:
    """Do jobs at once, in the demo's own time, and keep the week's messages off the terminal: the outbox shows them."""
    told, carriers.messages = carriers.messages, Terminal(io.StringIO())
    if jobs.huey is not None:
        jobs.huey.immediate = True
    try:
        yield
    finally:
        carriers.messages = told
        if jobs.huey is not None:
            jobs.huey.immediate = False


def _prepare(*, fresh: bool) -> None:
    """Make the tables; a database that was named by a setting and is not empty is only overwritten when told to."""
    if tables := inspect(db.engine).get_table_names():
        if not _is_a_demos(tables):
            raise Refusal(
                "TIMEBANK_DATABASE_URL 指的数据库里不是演示，加 --fresh 也不会动它。请换一个空数据库。",
                "The database of TIMEBANK_DATABASE_URL holds no demo and is left alone, with --fresh too. Name an empty one.",
            )
        if not fresh:
            raise Refusal(
                "TIMEBANK_DATABASE_URL 指的数据库不是空的。要覆盖请加 --fresh。",
                "The database of TIMEBANK_DATABASE_URL is not empty. Add --fresh to overwrite it.",
            )
        schema.downgrade()
    schema.upgrade()


def _is_a_demos(tables: list[str]) -> bool:
    """Say whether a database that is not empty is of an earlier demo: the demo's coordinator signs in there, or nobody yet."""
    if "user" not in tables:
        return tables == ["alembic_version"]
    phones = set(db.session.scalars(select(User.phone)))
    forget_reads()
    return not phones or COORDINATOR[0] in phones


def _import(name: str, say: Say) -> Community:
    """Import the catalogue and the community's workbooks, and add the people of the office."""
    folder = community_folder(name)
    if not folder.is_dir():
        raise Refusal(f"没有 {name} 这个社区的演示数据。", f"There is no demo data for {name}.")
    handed = hand_in(folder)
    with transaction():
        seed_catalogue()
        report = exchange.import_files(handed)
        community = places.community_named(name)
        access.add_user(*COORDINATOR, Role.COORDINATOR, community_id=community.id)
        for role, phone, person in STAFF:
            access.add_user(phone, person, role, community_id=community.id)
        seed_leads(community)
        for link in db.session.scalars(select(FamilyMember).where(FamilyMember.approved_at.is_(None))):
            link.approved_at = clock.now()
    say(f"已导入 {community.name} / imported: " + "，".join(f"{sheet} {new}" for sheet, new, *_ in report.lines()))
    return places.community_named(name)


class Play:
    """The people of one community going through their week."""

    def __init__(self, community: Community, say: Say, dice: random.Random) -> None:
        """Keep whose week it is and what decides by chance."""
        self.community_id = community.id
        self.say = say
        self.dice = dice
        self.coordinator = self._user(COORDINATOR[0])

    def _user(self, phone: str) -> User:
        """Return a user by phone."""
        found = users.user_of(phone)
        if found is None:
            raise Refusal(f"没有 {phone} 这个登录用户。", f"There is no user {phone}.")
        return found

    def _plan(self) -> Plan:
        """Return the plan of the demo's week as it is now."""
        forget_reads()
        found = plans.plan_of(self.community_id, WEEK)
        if found is None:
            raise Refusal("演示的周计划不见了。", "The demo's plan is gone.")
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
            raise Refusal(f"没有排出来：{done.fault}", f"No plan: {done.fault}")
        score, bound = done.result["score"], done.result["bound"]["served_weight"]
        self.say(
            f"排上 {score['served']}/{done.needed} 件 / served {score['served']} of {done.needed} visits;"
            f" 权重 {score['served_weight']}，任何排法不超过 {bound} / weight {score['served_weight']}, proved bound {bound};"
            f" {done.result['seconds']} s, {done.result['status']}"
        )

    def publish(self) -> None:
        """Publish the plan as it is."""
        with transaction():
            plan = plans.plan_of(self.community_id, WEEK)
            people = publishing.publish(plan, plan.version) if plan else []
        self.say(f"已发布，{len(people)} 人收到邀约 / published, {len(people)} people asked")

    def live(self) -> None:
        """Let people answer, then live Monday, Tuesday and Wednesday until half past ten."""
        self._answer()
        self._decline_one(seconds=6)
        for offset in range(3):
            self._day(WEEK + timedelta(days=offset))
        self._ask_on_wednesday()

    def _answer(self) -> None:
        """Nearly everybody accepts on Friday evening and over the weekend; the desk answers for those without a phone."""
        clock.clock.start_at(FRIDAY + timedelta(hours=2))
        quiet = self._silent()
        with transaction():
            for made in visits.live_offers(self.community_id, WEEK):
                if made.state is OfferState.SENT and made.volunteer_id not in quiet:
                    offering.accept(made, Trust.CODE if made.volunteer.has_phone else Trust.DESK)

    def _silent(self) -> set[int]:
        """Return a few volunteers who have no work before Thursday and have not answered yet."""
        early: set[int] = set()
        late: list[int] = []
        for made in visits.live_offers(self.community_id, WEEK):
            if made.day < WEEK + timedelta(days=3):
                early.add(made.volunteer_id)
            else:
                late.append(made.volunteer_id)
        return set(sorted(set(late) - early)[:SILENT])

    def _decline_one(self, seconds: int) -> None:
        """One volunteer cannot carry Tuesday's meals after all; the fewest others are asked instead."""
        clock.clock.start_at(clock.at(WEEK, 9 * 60))
        tuesday = WEEK + timedelta(days=1)
        with transaction():
            made = next(
                each for each in visits.day_offers(self.community_id, tuesday) if each.round is not None and not each.volunteer.staff
            )
            gone = [each for each in visits.day_offers(self.community_id, tuesday) if each.round_id == made.round_id]
            for each in gone:
                offering.decline(each, "时间不方便")
            who = made.volunteer.name
        self.say(f"{who} 周二送不了 {len(gone)} 户 / {who} cannot carry Tuesday's {len(gone)} doors; 重新安排 / re-planning")
        self.plan(seconds, RunKind.REPLAN)
        self.publish()
        with transaction():
            for each in visits.live_offers(self.community_id, WEEK):
                if each.state is OfferState.SENT and each.day <= tuesday + timedelta(days=1):
                    offering.accept(each)

    def _day(self, day: date) -> None:
        """Live one day in the order of the clock, as far as the demo goes."""
        for when, act in sorted(self._events(day), key=lambda event: event[0]):
            if when > SERVED:
                continue
            clock.clock.start_at(when)
            with transaction():
                act()
        if day < SERVED.date():
            self._confirm(day)

    def _events(self, day: date) -> Iterator[tuple[datetime, Callable[[], object]]]:
        """Yield what happens on a day: pick-ups, doors, check-ins, check-outs; one door on Tuesday stays shut."""
        offers = [made for made in visits.day_offers(self.community_id, day) if made.state is OfferState.ACCEPTED]
        meals = plans.rounds_today([made for made in offers if made.round is not None])
        shut = meals[1].offers[-1].id if day == WEEK + timedelta(days=1) and len(meals) > 1 else None
        for each in meals:
            late = timedelta(seconds=self.dice.randint(-60, 120))
            boxes = sum(made.visit.boxes for made in each.offers)
            yield clock.at(day, each.round.pickup) + late, self._pick_up(each.round.id, boxes)
            for made in each.offers:
                done = clock.at(day, made.start + made.visit.minutes) + late
                yield done, self._shut_door(made.id) if made.id == shut else self._deliver(made.id)
        for made in offers:
            if made.visit.kind.evidence is Evidence.TIMED:
                begins = clock.at(day, made.start) + timedelta(minutes=self.dice.randint(2, 4))
                stays = made.visit.minutes + self.dice.randint(-5, 12)
                yield begins, self._check_in(made.id)
                yield min(begins + timedelta(minutes=stays), _next_stop(made, offers)), self._check_out(made.id)

    def _offer(self, offer_id: int) -> Offer:
        """Return an offer as it is now."""
        return db.session.get_one(Offer, offer_id)

    def _pick_up(self, round_id: int, boxes: int) -> Callable[[], object]:
        """Return the act of taking a round's boxes."""
        return lambda: serving.pick_up(found, boxes) if (found := visits.round_in(self.community_id, round_id)) else None

    def _deliver(self, offer_id: int) -> Callable[[], object]:
        """Return the act of handing a meal over."""
        return lambda: serving.deliver(self._offer(offer_id))

    def _shut_door(self, offer_id: int) -> Callable[[], object]:
        """Return the act of finding nobody at home; the coordinator calls and closes the alert."""

        def act() -> None:
            alert = serving.report(self._offer(offer_id), Outcome.NO_ANSWER, "敲了两次门，打了电话，没人接。")
            if alert is not None:
                clock.clock.start_at(clock.now() + timedelta(minutes=9))
                serving.close_alert(alert, self.coordinator.id, "电话接通，在女儿家，平安。餐食退回食堂。")

        return act

    def _check_in(self, offer_id: int) -> Callable[[], object]:
        """Return the act of checking in with the elder's code."""
        return lambda: serving.check_in(made := self._offer(offer_id), made.visit.code)

    def _check_out(self, offer_id: int) -> Callable[[], object]:
        """Return the act of checking out."""
        return lambda: serving.check_out(self._offer(offer_id))

    def _confirm(self, day: date) -> None:
        """In the afternoon the desk confirms the meal rounds, families and the desk most of the visits."""
        clock.clock.start_at(clock.at(day, 18 * 60))
        waiting, rounds = visits.unconfirmed(self.community_id)
        for meals in [each.id for each in rounds]:
            with transaction():
                found = visits.round_in(self.community_id, meals)
                if found is not None:
                    confirming.confirm_round(found, Trust.DESK, self._user(COORDINATOR[0]))
        for number, visit_id in enumerate([each.id for each in waiting]):
            if day > WEEK and number % 4 == 3:
                continue
            with transaction():
                self._confirm_visit(db.session.get_one(Visit, visit_id), number)

    def _confirm_visit(self, visit: Visit, number: int) -> None:
        """Confirm one visit: by the family where there is one, else by a call from the desk."""
        homes = [elder.id for elder in visit.household.elders]
        link = db.session.scalars(select(FamilyMember).where(FamilyMember.elder_id.in_(homes)).order_by(FamilyMember.id)).first()
        thanks = "谢谢，老人很高兴。" if link and number % 3 == 0 else ""
        by = db.session.get_one(User, link.user_id) if link else self._user(COORDINATOR[0])
        confirming.confirm(visit, Trust.FAMILY if link else Trust.CALL, by, thanks)

    def _ask_on_wednesday(self) -> None:
        """On Wednesday morning two families ask for help; the coordinator has not looked yet."""
        clock.clock.start_at(SERVED - timedelta(minutes=25))
        links = db.session.scalars(select(FamilyMember).order_by(FamilyMember.id).limit(2)).all()
        wishes = (("HAIR", 14 * 60, 17 * 60), ("SHOP", 8 * 60, 11 * 60))
        with transaction():
            for link, (code, start, end) in zip(links, wishes, strict=False):
                kind = db.session.scalars(select(ServiceKind).where(ServiceKind.code == code)).one()
                friday = WEEK + timedelta(days=4)
                wish = asking.Wish(kind=kind, window=(start, end), dates=(friday,), note="谢谢，哪个时间都可以。")
                user = db.session.get_one(User, link.user_id)
                asking.ask_for_help(self.community_id, wish, asking.Asker(source=Source.FAMILY, user=user, elder=link.elder))

    def sum_up(self) -> None:
        """Issue one certificate, check the ledger and say what stands."""
        forget_reads()
        best = max(self._volunteers(), key=self._minutes)
        with transaction():
            found = recognition.issue_certificate(best, WEEK, WEEK + timedelta(days=1), self._user(COORDINATOR[0]))
            number, code = found.number, found.check_code
        self.say(f"已开具证明 / certificate {number}，查验码 / check code {code}")
        report = verify()
        self.say(f"{report.zh} / {report.en}")
        if not report.ok:
            raise Refusal("账本核对没有通过。", "The ledger did not verify.")

    def _volunteers(self) -> list[Volunteer]:
        """Return the volunteers who are credited."""
        return list(db.session.scalars(select(Volunteer).where(Volunteer.community_id == self.community_id, Volunteer.staff.is_(False))))

    def _minutes(self, person: Volunteer) -> int:
        """Return the minutes recorded for a volunteer this week."""
        return sum(visits.minutes_by_day(self.community_id, WEEK).get(person.id, {}).values())


def _next_stop(made: Offer, offers: Iterable[Offer]) -> datetime:
    """Return when somebody has to leave for the next stop of their day, the day's end when there is none."""
    mine = [each for each in offers if each.volunteer_id == made.volunteer_id]
    stops = [each.round.pickup if each.round and each.round.pickup > made.start else each.start for each in mine]
    return clock.at(made.day, min((stop for stop in stops if stop > made.start), default=24 * 60) - 2)


def doors(app: Flask, base: str) -> Iterator[str]:
    """Yield who can sign in as what, each with a link that needs one click."""
    with app.app_context(), transaction():
        yield ""
        yield f"打开 / open  {base}"
        for words, user in _people():
            token = access.make_link(user, Purpose.DEMO, clock.now() + timedelta(days=30), limit=1000)
            yield f"  {words:<28}{user.name}  {user.phone}  {base}/link/{token}"
        yield "  家属求助，不用账号 / ask for help without an account:  " + f"{base}/ask"
        yield "手机号登录的验证码会显示在这里和“消息”页 / sign-in codes appear here and on the Messages page"


def _people() -> Iterator[tuple[str, User]]:
    """Yield one user of each kind worth seeing."""
    for role, words in OFFICE.items():
        yield words, db.session.scalars(select(User).where(User.role == role).order_by(User.id)).one()
    today = clock.today()
    carrier = db.session.scalars(
        select(User)
        .join(Volunteer, Volunteer.user_id == User.id)
        .join(Offer, Offer.volunteer_id == Volunteer.id)
        .where(Offer.day == today, Offer.state == OfferState.ACCEPTED, Offer.round_id.is_not(None), Volunteer.staff.is_(False))
        .group_by(User.id)
        .order_by(func.count().desc(), User.id)
    ).first()
    asked = db.session.scalars(
        select(User)
        .join(Volunteer, Volunteer.user_id == User.id)
        .join(Offer, Offer.volunteer_id == Volunteer.id)
        .where(Offer.state == OfferState.SENT)
        .order_by(Volunteer.id)
    ).first()
    family = db.session.scalars(select(User).join(FamilyMember, FamilyMember.user_id == User.id).order_by(FamilyMember.id)).first()
    found = (("志愿者，今天送餐 volunteer", carrier), ("志愿者，有邀约 volunteer asked", asked), ("家属 family", family))
    yield from ((words, user) for words, user in found if user is not None)
