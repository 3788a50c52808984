"""What happens to everybody else in a rehearsal: people fall ill, elders are away, needs change, doors stay shut."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from timebank import clock
from timebank.catalogue.models import Evidence, ServiceKind
from timebank.db import db, forget_reads
from timebank.elders.models import Elder, ElderState
from timebank.planning.actions import covering
from timebank.rehearsal.diary import Diary
from timebank.rehearsal.office import Office
from timebank.rehearsal.rates import Rates
from timebank.rehearsal.signal import Signal
from timebank.visits import queries as visits
from timebank.visits.actions import asking, calling_off, homes, leaving, needs, serving, telling
from timebank.visits.actions.asking import Asker, Wish
from timebank.visits.models import HelpRequest, Offer, OfferState, Outcome, Pattern, RequestState, Source, Tie, Visit
from timebank.visits.states import Why
from timebank.volunteers.models import Volunteer

OPENS, SHUTS = 8 * 60, 18 * 60
UNDONE_AFTER = timedelta(hours=2)
BACK_AFTER = timedelta(hours=20)
ENDS = ("deliver", "check_out", "missed")
"""What is over with itself: nothing else falls due by it."""
Act = Callable[[], object]
Happening = tuple[datetime, str, Act]


class Life:
    """Everybody but the coordinator: what falls due at a door, and what comes out of the blue."""

    def __init__(self, community_id: int, diary: Diary, dice: random.Random, rates: Rates, office: Office, signal: Signal) -> None:
        """Keep whose life it is and what decides by chance."""
        self.community_id = community_id
        self.diary = diary
        self.dice = dice
        self.rates = rates
        self.office = office
        self.signal = signal
        self.fates: dict[str, float] = {}
        self.agenda: list[Happening] = []
        self.looked_at = -1

    def fate(self, what: str) -> float:
        """Return what was drawn for something, the same however often it is asked."""
        return self.fates.setdefault(what, self.dice.random())

    def week(self, monday: date) -> list[Happening]:
        """Return what comes out of the blue in a week, in the order of time."""
        forget_reads()
        found = [*self._of_elders(monday), *self._of_volunteers(monday), *self._of_needs(monday)]
        return sorted(found, key=lambda each: each[0])

    def _when(self, monday: date) -> datetime:
        """Return some minute of the office's hours in a week."""
        return clock.at(monday + timedelta(days=self.dice.randrange(7)), self.dice.randrange(OPENS, SHUTS))

    def _elders(self) -> list[int]:
        """Return the elders who live here."""
        rows = select(Elder.id).where(Elder.community_id == self.community_id, Elder.state == ElderState.ACTIVE)
        return list(db.session.scalars(rows.order_by(Elder.id)))

    def _of_elders(self, monday: date) -> Iterator[Happening]:
        """Yield what happens to elders."""
        rates = self.rates
        for elder in self._elders():
            for name, chance, act in (
                ("pause", rates.pauses, self._pause),
                ("hospital", rates.hospital, self._hospital),
                ("death", rates.deaths, self._dies),
                ("move", rates.moves, self._moves),
                ("emergency", rates.emergencies, self._emergency),
                ("need", rates.new_needs, self._new_need),
                ("apart", rates.not_paired, self._keep_apart),
            ):
                if self.dice.random() < chance:
                    when = self._when(monday)
                    yield when, f"{name} of elder {elder}", partial(act, elder)
                    if name in {"death", "move"} and self.dice.random() < rates.undone:
                        yield when + UNDONE_AFTER, f"undone {name} of elder {elder}", partial(self._lives_here, elder)
                    if name == "pause" and self.dice.random() < rates.back_early:
                        yield when + BACK_AFTER, f"back of elder {elder}", partial(self._back, elder)

    def _of_volunteers(self, monday: date) -> Iterator[Happening]:
        """Yield what happens to volunteers."""
        rows = select(Volunteer.id).where(Volunteer.community_id == self.community_id, Volunteer.active)
        for number in list(db.session.scalars(rows.order_by(Volunteer.id))):
            if self.dice.random() < self.rates.time_off:
                yield self._when(monday), f"time_off of volunteer {number}", partial(self._time_off, number)
            if self.dice.random() < self.rates.leaves:
                yield self._when(monday), f"leave of volunteer {number}", partial(self._leaves, number)

    def _of_needs(self, monday: date) -> Iterator[Happening]:
        """Yield what becomes of standing needs."""
        standing = (HelpRequest.state == RequestState.ACCEPTED, HelpRequest.pattern != Pattern.ONCE)
        rows = select(HelpRequest.id).where(HelpRequest.community_id == self.community_id, *standing)
        for number in list(db.session.scalars(rows.order_by(HelpRequest.id))):
            if self.dice.random() < self.rates.changed_needs:
                yield self._when(monday), f"change of need {number}", partial(self._change, number)
            if self.dice.random() < self.rates.ended_needs:
                yield self._when(monday), f"end of need {number}", partial(self._end, number)

    def _elder(self, number: int) -> Elder:
        """Return an elder as stored now."""
        return db.session.get_one(Elder, number)

    def _pause(self, number: int) -> None:
        """An elder is away for some days, sometimes with whoever lives there too."""
        elder, first = self._elder(number), clock.today() + timedelta(days=self.dice.randrange(4))
        others = homes.together(elder) if self.dice.random() < 1 / 2 else []
        homes.pause(elder, first, first + timedelta(days=self.dice.randrange(5)), "走亲戚", others=others)

    def _back(self, number: int) -> None:
        """An elder is back sooner than they said."""
        elder = self._elder(number)
        for which in [each for each in elder.pauses if each.last_day >= clock.today()]:
            homes.come_back(elder, which, clock.today() + timedelta(days=1))

    def _lives_here(self, number: int) -> None:
        """It was somebody else's file: the elder lives here after all."""
        homes.set_state(self._elder(number), ElderState.ACTIVE)

    def _hospital(self, number: int) -> None:
        """An elder is taken to hospital, from today on."""
        homes.pause(self._elder(number), clock.today(), clock.today() + timedelta(days=6), "住院")

    def _dies(self, number: int) -> None:
        """An elder dies."""
        homes.set_state(self._elder(number), ElderState.DECEASED)

    def _moves(self, number: int) -> None:
        """An elder moves away."""
        homes.set_state(self._elder(number), ElderState.MOVED)

    def _kinds(self) -> list[ServiceKind]:
        """Return the timed kinds that are done at a door by one person."""
        rows = select(ServiceKind).where(
            ServiceKind.enabled, ServiceKind.at_door, ServiceKind.evidence == Evidence.TIMED, ServiceKind.crew == 1
        )
        return list(db.session.scalars(rows.order_by(ServiceKind.id)))

    def _emergency(self, number: int) -> None:
        """Somebody needs somebody now."""
        kinds = [each for each in self._kinds() if not each.skills] or self._kinds()
        elder = self._elder(number)
        if elder.state is ElderState.ACTIVE and kinds:
            covering.need_now(elder, kinds[0], "坐在地上起不来，能说话", self.office.coordinator(), minutes=30)

    def _new_need(self, number: int) -> None:
        """An elder asks for something for one of the next days; the desk accepts it."""
        elder, kind = self._elder(number), self.dice.choice(self._kinds())
        day = clock.today() + timedelta(days=1 + self.dice.randrange(6))
        start, end = (int(each) for each in (kind.windows or [[540, 690]])[0])
        wish = Wish(kind=kind, window=(start, end), dates=(day,))
        asked = asking.ask_for_help(self.community_id, wish, Asker(source=Source.DESK, user=self.office.coordinator(), elder=elder))
        asking.accept_request(asked, self.office.coordinator())

    def _keep_apart(self, number: int) -> None:
        """Somebody must not come to a door any more."""
        home = self._elder(number).household
        came = sorted({volunteer for door, volunteer in visits.has_served(self.community_id) if door == home.id})
        if came:
            homes.tie(home, db.session.get_one(Volunteer, self.dice.choice(came)), Tie.EXCLUDED)

    def _time_off(self, number: int) -> None:
        """A volunteer takes a day off, or half of one."""
        day = clock.today() + timedelta(days=self.dice.randrange(5))
        span = (0, 1440) if self.dice.random() < 1 / 2 else (0, 780)
        leaving.take_time_off(db.session.get_one(Volunteer, number), day, span)

    def _leaves(self, number: int) -> None:
        """A volunteer stops."""
        person = db.session.get_one(Volunteer, number)
        person.active = False
        leaving.leave(person)

    def _change(self, number: int) -> None:
        """A standing need changes: other weekdays, or an hour later."""
        need = db.session.get_one(HelpRequest, number)
        if self.dice.random() < 1 / 2 and need.window_to <= 1380 - 60 and not need.kind.from_canteen:
            need.window_from, need.window_to = need.window_from + 60, need.window_to + 60
        else:
            need.weekdays = sorted({(day + 1) % (5 if need.kind.workdays_only else 7) for day in need.weekdays})
        needs.follow_need(need)

    def _end(self, number: int) -> None:
        """A standing need ends in some days, or is called off at once."""
        need = db.session.get_one(HelpRequest, number)
        last = clock.today() + timedelta(days=self.dice.choice((-1, 3, 10)))
        calling_off.cancel_request(need, last, self.office.coordinator(), Why.DESK)

    def morning(self, day: date) -> None:
        """Some of those who have something to do today wake up ill."""
        self.looked_at = -1
        forget_reads()
        going = sorted({made.volunteer_id for made in visits.day_offers(self.community_id, day) if made.state is OfferState.ACCEPTED})
        for number in going:
            if self.dice.random() < self.rates.ill_mornings:
                self._ill(number, day)

    def _ill(self, number: int, day: date) -> None:
        """Somebody is ill from now on, until tonight or for some days."""
        last = day + timedelta(days=self.dice.choice((0, 0, 2)))
        who = db.session.get_one(Volunteer, number)
        self.diary.event(f"ill volunteer {number} until {last}", lambda: leaving.cannot_come(who, last, "病了"), whole=True, by_self=number)
        self.office.dirty = True

    def walk(self, until: datetime) -> None:
        """Let everything happen that falls due at kitchens and doors up to a moment."""
        done: set[str] = set()
        while True:
            if len(self.diary.steps) != self.looked_at:
                forget_reads()
                self.agenda, self.looked_at = [*self._due(), *self.signal.due()], len(self.diary.steps)
                self.diary.let_go()
            due = [each for each in self.agenda if each[0] <= until and each[1] not in done]
            if not due:
                return
            at, what, act = min(due, key=lambda each: (each[0], each[1]))
            done.add(what)
            clock.clock.start_at(max(at, clock.now()))
            went_well = self.diary.event(what, act)
            self.signal.may_be_lost(what, act)
            if self.dice.random() < self.rates.double_taps:
                self.diary.event(f"{what} again", act)
            if went_well and what.split(" ", maxsplit=1)[0] in ENDS:
                self.agenda = [each for each in self.agenda if each[1] != what]
                self.looked_at = len(self.diary.steps)

    def _due(self) -> Iterator[Happening]:
        """Yield what is to happen at kitchens and doors today, each with its minute."""
        going = select(Offer).join(Offer.visit).options(contains_eager(Offer.visit).joinedload(Visit.kind), joinedload(Offer.round))
        mine = (Visit.community_id == self.community_id, Offer.day == clock.today(), Offer.state == OfferState.ACCEPTED)
        for made in db.session.scalars(going.where(*mine, Offer.outcome.is_(None)).order_by(Offer.start, Offer.id)):
            if made.round is not None:
                yield from self._meal(made)
            elif made.visit.kind.evidence is Evidence.TIMED:
                yield from self._timed(made)

    def _late(self, trip: str) -> int:
        """Return how many minutes a trip is late."""
        return 5 + int(self.fate(f"{trip} by") * 20) if self.fate(f"{trip} late") < self.rates.late_pickups else 0

    def _meal(self, made: Offer) -> Iterator[Happening]:
        """Yield the pick-up of a trip, then its doors."""
        trip = made.round
        if trip is None or trip.id in self.signal.kept:
            return
        late = timedelta(minutes=self._late(f"trip {trip.id}"))
        if trip.picked_up_at is None:
            if self.fate(f"trip {trip.id} never") >= self.rates.no_pickups:
                number = trip.id
                act = partial(self.signal.carry, number, late) if self.signal.is_gone(number) else partial(self._fetch, number)
                verb = "offline" if self.signal.is_gone(number) else "fetch"
                yield clock.at(made.day, trip.pickup) + late, f"{verb} trip {number}", act
            else:
                yield clock.at(made.day, trip.pickup + 6), f"missed trip {trip.id}", self._nothing
            return
        number, at = made.id, clock.at(made.day, made.start + made.visit.minutes) + late
        if self.fate(f"carrier {trip.id} ill") < self.rates.ill_midway and all(each.outcome is None for each in trip.offers[1:]):
            who = made.volunteer_id
            yield at, f"ill_midway volunteer {who}", lambda: self._ill_midway(who)
        elif self.fate(f"door {number}") < self.rates.nobody_home:
            yield at, f"shut door of offer {number}", lambda: self._shut(number)
        else:
            yield at, f"deliver offer {number}", lambda: serving.deliver(db.session.get_one(Offer, number))

    def _fetch(self, number: int) -> None:
        """Fetch the boxes of a trip."""
        trip = visits.round_in(self.community_id, number)
        if trip is not None:
            serving.pick_up(trip, sum(each.visit.boxes for each in trip.offers if each.state is OfferState.ACCEPTED))

    def _ill_midway(self, number: int) -> None:
        """A carrier cannot go on: the doors not reached yet are nobody's."""
        leaving.cannot_come(db.session.get_one(Volunteer, number), clock.today(), "路上不舒服")
        self.office.dirty = True

    def _shut(self, number: int) -> None:
        """Find nobody at home; the coordinator rings and closes the alarm."""
        alert = serving.report(db.session.get_one(Offer, number), Outcome.NO_ANSWER, "敲了两次门，没人应。")
        if alert is not None:
            telling.tell_coordinators(alert)
            serving.close_alert(alert, self.office.by, "电话接通，平安。")

    def _timed(self, made: Offer) -> Iterator[Happening]:
        """Yield the check-in of a visit, then its check-out."""
        number = made.id
        begins = clock.at(made.day, made.start) + timedelta(minutes=2)
        if made.started_at is None:
            if self.fate(f"visit {number} never") >= self.rates.no_shows:
                yield begins, f"check_in offer {number}", partial(self._check_in, number)
            else:
                yield begins + timedelta(minutes=15), f"missed offer {number}", self._nothing
            return
        stays = max(1, made.visit.minutes + int(self.fate(f"visit {number} stays") * 10) - 6)
        yield (
            made.started_at + timedelta(minutes=stays),
            f"check_out offer {number}",
            lambda: serving.check_out(db.session.get_one(Offer, number)),
        )

    def _nothing(self) -> None:
        """Nobody comes and nobody says so: Today shows it."""
        self.office.dirty = True

    def _check_in(self, number: int) -> None:
        """Begin a visit with the elder's code."""
        made = db.session.get_one(Offer, number)
        serving.check_in(made, made.visit.code)
