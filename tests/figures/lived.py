"""Months of Badaguan lived by the product's own verbs, without the engine: who goes is drawn by lot, so that two years take minutes.

Meals, timed visits by one and by two, doors nobody opens, service entered by hand, corrections both ways and to nothing, grants,
gifts, what elders pay with, people who join a team, months that are closed, reported and corrected afterwards, service entered after
that: everything a figure is made of. What the rules refuse is left out.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Flask
from sqlalchemy import select, update

from timebank import clock, seeding
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.books import closing
from timebank.credit import actions as credit
from timebank.credit import queries as accounts
from timebank.db import db, transaction
from timebank.elders.models import Elder, ElderState, Pause
from timebank.errors import Refusal
from timebank.exchange import actions as exchange
from timebank.exchange.handed import hand_in
from timebank.papers import pdf, tables
from timebank.places import queries as places
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.records.actions import checking
from timebank.records.models import CallBack, Heard
from timebank.records.reported import NationalReport
from timebank.records.totals import VOLUNTARY
from timebank.reports import given, national, withdrawals
from timebank.reports.issued import PaperSort
from timebank.visits.actions import confirming, correcting, entering, offering, scheduling, serving
from timebank.visits.actions.offering import Slot
from timebank.visits.closing import MonthClose
from timebank.visits.models import HelpRequest, Offer, Outcome, Round, ServiceRecord, Trust, Visit
from timebank.volunteers import actions as volunteers
from timebank.volunteers import queries
from timebank.volunteers.models import Volunteer

MONDAY = date(2026, 11, 23)
OFFICE = (("18700000001", "衣晓雯"), ("18700000002", "曲成海"))
NEEDS = 40


class Lived:
    """One community whose months are lived day by day."""

    def __init__(self, app: Flask, seed: int) -> None:
        """Import the community with a part of its needs, and let two people of the office begin."""
        self.app, self.dice, self.refused = app, random.Random(seed), Counter[str]()
        self.kept: dict[date, dict[str, bytes]] = {}
        clock.clock.start_at(clock.at(MONDAY - timedelta(days=3), 12 * 60))
        with app.app_context():
            handed = hand_in(seeding.community_folder("badaguan"))
            with transaction():
                seeding.seed_catalogue()
                exchange.import_files(handed)
                self.community = places.community_named("badaguan").id
                self.office = [access.add_user(*each, Role.COORDINATOR, community_id=self.community).id for each in OFFICE]
                needs = list(db.session.scalars(select(HelpRequest.id).where(HelpRequest.pattern != "once").order_by(HelpRequest.id)))
                kept = self.dice.sample(needs, NEEDS)
                crews = set(db.session.scalars(select(HelpRequest.id).join(HelpRequest.kind).where(HelpRequest.kind.has(code="BATH"))))
                db.session.execute(
                    update(HelpRequest).where(HelpRequest.id.not_in({*kept, *list(crews)[:2]})).values(state="ended", reason="试验")
                )
                db.session.execute(update(Elder).values(vouched_by=self.office[0]).where(Elder.registered_by.is_not(None)))
            self.people = list(db.session.scalars(select(Volunteer.id).where(Volunteer.active).order_by(Volunteer.id)))

    def weeks(self, count: int) -> None:
        """Live so many weeks from the first Monday on."""
        with self.app.app_context():
            for week in range(count):
                self._week(MONDAY + timedelta(days=7 * week))

    def _try(self, act: Callable[[], object]) -> object:
        """Do something unless the rules refuse it."""
        try:
            with transaction():
                return act()
        except Refusal as refused:
            self.refused[str(refused)[:70]] += 1
            return None
        finally:
            db.session.expire_all()

    def _week(self, monday: date) -> None:
        """Live one week: ask, serve, confirm, correct, and what happens beside it."""
        clock.clock.start_at(clock.at(monday - timedelta(days=3), 12 * 60))
        with transaction():
            planned = [each.id for each in scheduling.schedule_week(self.community, monday)]
        days: dict[date, list[int]] = {}
        for number in planned:
            visit = db.session.get_one(Visit, number)
            days.setdefault(date.fromisoformat(self.dice.choice(visit.days)), []).append(number)
        for day in sorted(days):
            self._day(day, days[day])
        self._beside(monday + timedelta(days=6))

    def _day(self, day: date, planned: Sequence[int]) -> None:
        """Live one day."""
        visits = [db.session.get_one(Visit, each) for each in planned]
        meals = [each.id for each in visits if each.canteen_id is not None]
        timed = [(each.id, each.crew, each.window_from, each.minutes) for each in visits if each.canteen_id is None]
        clock.clock.start_at(clock.at(day, 7 * 60))
        size = self.dice.randint(2, 6)
        trips = [meals[place : place + size] for place in range(0, len(meals), size)]
        free = self.dice.sample(self.people, len(self.people))
        asked: list[int] = []
        for trip in trips:
            who = free.pop()
            if self._try(lambda trip=trip, who=who: self._ask_round(trip, who, day)):
                asked.append(who)
        calls = []
        for number, crew, start, minutes in timed:
            pair, begin = [free.pop() for _ in range(crew)], max(start, 480) + self.dice.randint(0, 20)
            offers = self._try(lambda number=number, pair=pair, begin=begin: self._ask(number, pair, day, begin))
            if isinstance(offers, list):
                calls.append((pair, offers, begin, minutes))
        for who in asked:
            self._carry(who, day)
        for pair, offers, begin, minutes in calls:
            self._visit(pair, offers, day, begin, minutes)
        self._confirm(day)

    def _ask_round(self, trip: Sequence[int], who: int, day: date) -> bool:
        """Ask somebody to carry the meals of a trip; they say yes."""
        person = db.session.get_one(Volunteer, who)
        for place, number in enumerate(trip):
            visit = db.session.get_one(Visit, number)
            made = offering.offer(visit, person, Slot(day=day, start=660 + 4 * place, window=visit.window_from, pickup=650))
            if made.answered_at is None:
                offering.accept(made, Trust.CODE)
        return True

    def _carry(self, who: int, day: date) -> None:
        """Carry a trip, door by door; sometimes nobody opens."""
        meals = db.session.scalars(select(Round.id).where(Round.volunteer_id == who, Round.day == day)).first()
        if meals is None:
            return
        clock.clock.start_at(clock.at(day, 650) + timedelta(minutes=self.dice.randint(0, 5)))
        self._try(lambda: self._fetch(meals))
        doors = list(db.session.scalars(select(Offer.id).where(Offer.round_id == meals).order_by(Offer.start, Offer.id)))
        for place, door in enumerate(doors):
            clock.clock.start_at(clock.at(day, 662 + 5 * place) + timedelta(seconds=self.dice.randint(0, 90)))
            if self.dice.random() < 0.04:
                self._try(lambda door=door: self._shut(door))
            else:
                self._try(lambda door=door: serving.deliver(db.session.get_one(Offer, door)))

    def _fetch(self, meals: int) -> None:
        """Count the boxes at the canteen and take them."""
        found = db.session.get_one(Round, meals)
        serving.pick_up(found, sum(each.visit.boxes for each in found.offers))

    def _shut(self, door: int) -> None:
        """Find a door shut; the coordinator calls."""
        alert = serving.report(db.session.get_one(Offer, door), Outcome.NO_ANSWER)
        if alert is not None:
            serving.close_alert(alert, self.office[0], "电话接通，平安。")

    def _ask(self, number: int, pair: Sequence[int], day: date, begin: int) -> list[int]:
        """Ask one or two people to make a timed visit; they say yes."""
        visit = db.session.get_one(Visit, number)
        slot = Slot(day=day, start=begin, window=visit.window_from)
        made = [offering.offer(visit, db.session.get_one(Volunteer, who), slot) for who in pair]
        for each in made:
            if each.answered_at is None:
                offering.accept(each, Trust.CODE)
        return [each.id for each in made]

    def _visit(self, pair: Sequence[int], offers: Sequence[int], day: date, begin: int, minutes: int) -> None:
        """Serve one timed visit; sometimes nobody checks in and it is entered afterwards."""
        lasted = max(5, minutes + self.dice.randint(-minutes // 3, minutes // 5))
        if len(pair) == 1 and self.dice.random() < 0.06:
            clock.clock.start_at(clock.at(day, 20 * 60))
            self._try(lambda: self._by_hand(pair[0], clock.at(day, begin), lasted, offers[0]))
            return
        clock.clock.start_at(clock.at(day, begin))
        for made in offers:
            self._try(lambda made=made: self._arrive(made))
        for place, made in enumerate(offers):
            clock.clock.start_at(clock.at(day, begin + lasted) + timedelta(minutes=place))
            self._try(lambda made=made: serving.check_out(db.session.get_one(Offer, made)))

    def _arrive(self, made: int) -> None:
        """Check in with the visit's code, most often."""
        offer = db.session.get_one(Offer, made)
        serving.check_in(offer, offer.visit.code if self.dice.random() < 0.8 else None)

    def _by_hand(self, who: int, begin: datetime, minutes: int, offer: int | None) -> None:
        """Enter service by hand, as another one of the office posts it."""
        person = db.session.get_one(Volunteer, who)
        made = db.session.get(Offer, offer) if offer else None
        kind = made.visit.kind if made else db.session.scalars(select(HelpRequest).order_by(HelpRequest.id)).all()[who % 9].kind
        draft = entering.Draft(
            volunteer=person,
            kind=kind,
            started=begin,
            ended=begin + timedelta(minutes=minutes),
            place="八大关服务站",
            reason="忘了带手机",
            evidence="签到表",
            offer=made,
        )
        entering.post(entering.enter(draft, self._user(0)), self._user(1))

    def _user(self, place: int) -> User:
        """Return one of the two of the office."""
        return db.session.get_one(User, self.office[place])

    def _confirm(self, day: date) -> None:
        """Confirm in the evening what was done."""
        clock.clock.start_at(clock.at(day, 19 * 60))
        for meals in db.session.scalars(select(Round.id).where(Round.day == day, Round.confirmed_at.is_(None))).all():
            self._try(lambda meals=meals: confirming.confirm_round(db.session.get_one(Round, meals), Trust.DESK, self._user(0)))
        for number in db.session.scalars(select(Visit.id).where(Visit.day == day, Visit.state == "done")).all():
            trust = self.dice.choice([Trust.CALL, Trust.DESK])
            self._try(lambda number=number, trust=trust: confirming.confirm(db.session.get_one(Visit, number), trust, self._user(0)))

    def _beside(self, day: date) -> None:
        """Let happen what happens beside visits: months closed, service by hand, corrections, minutes given, people who change."""
        clock.clock.start_at(clock.at(day, 20 * 60))
        for _, month in closing.due(day):
            self._try(lambda month=month: closing.close_due(self.community, month))
            self._keep(month)
            self._report(month)
        someone, late = self.dice.choice(self.people), self.dice.choice([0, 0, 0, 1, 2, 5, 9, 12])
        began = clock.at(day - timedelta(days=late), 9 * 60)
        self._try(lambda: self._by_hand(someone, began, self.dice.randint(20, 150), None))
        recent = db.session.scalars(
            select(ServiceRecord.id).where(ServiceRecord.current, ServiceRecord.day > day - timedelta(days=45)).order_by(ServiceRecord.id)
        ).all()
        for record in self.dice.sample(list(recent), min(2, len(recent))):
            self._try(lambda record=record: self._correct(record))
        elders = list(db.session.scalars(select(Elder.id).where(Elder.state == ElderState.ACTIVE).order_by(Elder.id)))
        for due in [each.elder.id for each in accounts.granted(self.community, day) if each.left > 0]:
            minutes = self.dice.randint(5, 60)
            self._try(
                lambda due=due, minutes=minutes: credit.grant(
                    db.session.get_one(Elder, due), minutes, key=f"g{day}{due}", actor=f"user:{self.office[0]}"
                )
            )
        giver = self.dice.choice(self.people)
        self._try(
            lambda: credit.donate(db.session.get_one(Volunteer, giver), self.dice.randint(5, 30), key=f"d{day}", actor=f"user:{giver}")
        )
        if self.dice.random() < 0.3:
            away = self.dice.choice(elders)
            self._try(lambda: db.session.add(Pause(elder_id=away, first_day=day, last_day=day + timedelta(days=9))))
        if day.day <= 7:
            self._try(lambda: credit.return_unused(self.community, day - timedelta(days=15)))
        self._try(self._team)
        self._call(day)

    def _keep(self, month: date) -> None:
        """Keep the bytes of the papers of a month that was closed just now."""
        made = db.session.scalars(select(MonthClose).where(MonthClose.month == month)).one()
        if closing.statements_of(made):
            self.kept[month] = self.papers(made)

    def papers(self, made: MonthClose) -> dict[str, bytes]:
        """Print the statements and the reports of a closed month as they were given."""
        found = {"statements": closing.print_all(made, language="zh")}
        for sort, number in ((PaperSort.REPORT, self.community), *((PaperSort.TEAM, each.id) for each in queries.teams(self.community))):
            paper = given.given_tables(self.community, made.month, sort, number, "zh")
            if paper is not None:
                found[f"{sort} {number} pdf"] = pdf.tables(paper, language="zh")
                found[f"{sort} {number} xlsx"] = tables.as_workbook(paper, "zh")
        return found

    def _report(self, month: date) -> None:
        """Report a month to the national system, and note as withdrawn there some of what has changed since earlier reports."""
        rows = select(ServiceRecord.id).where(
            VOLUNTARY, ServiceRecord.community_id == self.community, ServiceRecord.day < clock.next_month(month)
        )
        told = [f"R{number} N{number}" for number in db.session.scalars(rows.except_(select(NationalReport.record_id)))]
        back = [f"R{each.now.id} 撤销" for each in withdrawals.pending(self.community) if self.dice.random() < 0.5]
        for lines in (told, back):
            if lines:
                self._try(lambda lines=lines: national.acknowledge(self.community, "\n".join(lines), self._user(0)))

    def _call(self, day: date) -> None:
        """Check the week and call who was drawn or flagged; most are reached and give a score."""
        check = self._try(lambda: checking.check_week(self.community, clock.monday_of(day), day.toordinal()).id)
        for made in db.session.scalars(select(CallBack.id).where(CallBack.check_id == check).order_by(CallBack.id)).all():
            heard = self.dice.choice([Heard.AS_RECORDED, Heard.AS_RECORDED, Heard.AS_RECORDED, Heard.NOT_REACHED])
            score = self.dice.choice([None, 2, 3, 4, 5, 5]) if heard is Heard.AS_RECORDED else None
            self._try(
                lambda made=made, heard=heard, score=score: checking.call(
                    db.session.get_one(CallBack, made), heard, "", self._user(1), score
                )
            )

    def _correct(self, record: int) -> None:
        """Correct a record: downwards, to nothing, or upwards by two people."""
        found = db.session.get_one(ServiceRecord, record)
        minutes = self.dice.choice([0, max(1, found.minutes - self.dice.randint(1, 9)), found.minutes + self.dice.randint(1, 5)])
        made = correcting.correct(found, minutes, "核对后更正", self._user(0))
        if isinstance(made, Proposal):
            proposals.agree(made, self._user(1))

    def _team(self) -> None:
        """Found a team, or let somebody join one."""
        known = queries.teams(self.community)
        if len(known) < 3:
            volunteers.add_team(self.community, f"第{len(known) + 1}服务队")
        else:
            who = db.session.get_one(Volunteer, self.dice.choice(self.people))
            volunteers.join_team(self.dice.choice(known), who, clock.today(), "报名")


def months_of(app: Flask) -> list[date]:
    """Return the months with records, oldest first."""
    with app.app_context():
        days = db.session.scalars(select(ServiceRecord.day).distinct()).all()
        return [month for month, _ in groupby(sorted(day.replace(day=1) for day in days))]
