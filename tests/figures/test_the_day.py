"""Today, the board and the phones of a day that is lived say what the raw rows say, in the morning, at noon and in the afternoon."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from tests import databases
from tests.conftest import migrated, served
from tests.figures.differences import Compared
from tests.figures.fold import Raw
from tests.figures.lived import MONDAY, Lived
from tests.figures.test_every_figure import signed_in
from tests.figures.today import DayLook, Moment
from timebank import clock
from timebank.db import db, forget_reads
from timebank.planning import cover, queries, taking
from timebank.planning.actions import covering, weeks
from timebank.visits.actions import offering, serving
from timebank.visits.models import Offer, OfferState, Round, Visit
from timebank.volunteers.models import Volunteer

DAY = MONDAY + timedelta(days=2)


class OneDay(Lived):
    """A Wednesday on which the coordinator finds people for everything, and not everybody says yes."""

    def ask(self) -> None:
        """Open the week and ask somebody for most of what nobody does today and tomorrow; they answer, some do not, some decline."""
        self._try(lambda: weeks.open_week(self.community, MONDAY))
        clock.clock.start_at(clock.at(DAY, 7 * 60))
        plan = self._plan()
        for line in cover.lines(self.community):
            found = taking.ways(plan, line) if self.dice.random() < 0.9 else []
            if found:
                numbers, who, day = list(found[0].visits), [each.id for each in found[0].volunteers], line.day
                self._try(partial(self._ask_at_once, numbers, who, day))
        for number in list(db.session.scalars(select(Offer.id).where(Offer.state == OfferState.SENT).order_by(Offer.id))):
            said = self.dice.random()
            if said < 0.8:
                self._try(lambda number=number: offering.accept(db.session.get_one(Offer, number)))
            elif said < 0.9:
                self._try(lambda number=number: offering.decline(db.session.get_one(Offer, number), "时间不方便"))

    def _plan(self) -> "queries.Plan":
        """Return the week's plan."""
        forget_reads()
        found = queries.plan_of(self.community, MONDAY)
        assert found is not None
        return found

    def _ask_at_once(self, numbers: list[int], who: list[int], day: date) -> None:
        """Ask for one line."""
        visits = [db.session.get_one(Visit, each) for each in numbers]
        covering.ask(self._plan(), visits, [db.session.get_one(Volunteer, each) for each in who], day, self._user(0))

    def until(self, minute: int) -> None:
        """Live the day up to a minute: boxes are fetched, doors are tapped, visits begin and end, most of them in time."""
        trips = select(Round.id).where(Round.day == DAY, Round.picked_up_at.is_(None), Round.pickup <= minute)
        for trip in list(db.session.scalars(trips.order_by(Round.pickup, Round.id))):
            if self.dice.random() < 0.8:
                clock.clock.start_at(clock.at(DAY, db.session.get_one(Round, trip).pickup + 1))
                self._try(lambda trip=trip: self._fetch_agreed(trip))
        going = select(Offer).where(Offer.day == DAY, Offer.state == OfferState.ACCEPTED, Offer.outcome.is_(None), Offer.start < minute)
        for number, start, meal, lasts in [
            (each.id, each.start, each.round_id is not None, each.visit.minutes) for each in db.session.scalars(going.order_by(Offer.start))
        ]:
            clock.clock.start_at(clock.at(DAY, start + 2))
            if meal:
                self._try(
                    partial(self._shut, number)
                    if self.dice.random() < 0.1
                    else lambda number=number: serving.deliver(db.session.get_one(Offer, number))
                )
                continue
            if self.dice.random() < 0.85:
                self._try(partial(self._arrive, number))
            if start + lasts < minute:
                clock.clock.start_at(clock.at(DAY, start + lasts))
                self._try(lambda number=number: serving.check_out(db.session.get_one(Offer, number)))
        clock.clock.start_at(clock.at(DAY, minute))

    def _fetch_agreed(self, trip: int) -> None:
        """Count the boxes of those doors that were agreed to, and take them."""
        found = db.session.get_one(Round, trip)
        serving.pick_up(found, sum(each.visit.boxes for each in found.offers if each.state is OfferState.ACCEPTED))


def compared(app: Flask, life: OneDay, found: Compared, name: str) -> None:
    """Compare everything as it stands now."""
    with app.app_context(), db.engine.connect() as connection:
        at = Moment(Raw(connection), clock.now())
    office, mine = signed_in(app, life.office[0]), partial(signed_in, app)
    DayLook(office, mine, found).everything(at, name)


def test_today_the_board_and_the_phones_equal_the_fold_all_day(tmp_path: Path, folder: Path) -> None:
    found = Compared()
    with served(databases.fresh_database("sqlite", migrated, folder=folder), tmp_path) as app:
        life = OneDay(app, 7)
        with app.app_context():
            life.ask()
        for minute in (7 * 60 + 40, 11 * 60 + 10, 15 * 60 + 30):
            with app.app_context():
                life.until(minute)
            compared(app, life, found, clock.hhmm(minute))
    assert found.different == []
    assert found.figures > 150
