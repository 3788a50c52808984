"""借用: a volunteer serves one community a week; lending is asked, agreed by a second person, told, and ended in one press."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from timebank import clock
from timebank.access.models import Role, User
from timebank.books import queries as books
from timebank.books.printing import statement_paper
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions as certificates
from timebank.certificates import queries as register
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid, NotAllowed, Refusal
from timebank.lending import actions, queries
from timebank.lending.actions import Wish
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.places.queries import communities_of
from timebank.planning import queries as plans
from timebank.planning import scenes
from timebank.planning.actions import weeks
from timebank.planning.models import Assignment
from timebank.reports import monthly as reports
from timebank.visits.actions import confirming
from timebank.visits.actions.offering import Slot, accept, offer
from timebank.visits.duties import Duty, DutyState
from timebank.visits.evidence import first_unfounded
from timebank.visits.models import Offer, Trust, Visit
from timebank.volunteers.lent import Lending, LendingState, LentWeek, community_served
from timebank.volunteers.models import Volunteer

NEXT = make.MONDAY + timedelta(days=7)
AFTER = NEXT + timedelta(days=7)


@dataclass
class Pair:
    """Two communities of one street; a volunteer of the first whom the second would like to borrow."""

    app: Flask
    lender: int = 0
    borrower: int = 0
    volunteer: int = 0
    asks: int = 0
    decides: int = 0
    sign_in: Callable[..., Browser] | None = None
    rows: dict[str, int] = field(default_factory=dict)

    def get(self, model: type[Any], number: int) -> Any:
        """Return a row."""
        return db.session.get_one(model, number)

    @property
    def who(self) -> Volunteer:
        """The volunteer."""
        return db.session.get_one(Volunteer, self.volunteer)

    def ask(self, first: date = NEXT, last: date = AFTER, reason: str = "送餐的人住院了") -> Lending:
        """Let the borrower ask."""
        return actions.ask(self.get(Community, self.borrower), self.who, Wish(first, last, reason), self.get(User, self.asks))

    def lend(self, first: date = NEXT, last: date = AFTER) -> Lending:
        """Let it be asked and agreed."""
        made = self.ask(first, last)
        actions.agree(made, self.get(User, self.decides))
        return made

    def visit(self, community: int, day: date) -> Visit:
        """Add a visit of a day at a door of a community."""
        place = self.get(Community, community)
        home = make.make_household(place)
        make.make_elder(home)
        kind = db.session.query(ServiceKind).filter_by(code="HAIR").one()
        wanted = make.make_request(place, kind, home, dates=[day.isoformat()], first_day=day)
        return make.make_visit(wanted, day)


def build(app: Flask, sign_in: Callable[..., Browser] | None = None) -> Pair:
    """Build the two communities on the Wednesday of the builders' week."""
    with app.app_context(), transaction():
        make.set_clock("2026-11-25 10:00")
        lender = make.make_community("lender", name="甲坡社区")
        borrower = make.make_community("borrower", name="乙坡社区", issuer="乙坡社区居委会", street=lender.street)
        make.make_kind("HAIR", skills=[])
        user = make.make_user(Role.VOLUNTEER, lender)
        volunteer = make.make_volunteer(lender, "郭甲洁", user.id)
        asks, decides = make.make_user(Role.COORDINATOR, borrower), make.make_user(Role.COORDINATOR, lender)
        return Pair(app, lender.id, borrower.id, volunteer.id, asks.id, decides.id, sign_in)


@pytest.fixture
def pair(app: Flask, sign_in_as: Callable[..., Browser]) -> Pair:
    return build(app, sign_in_as)


def test_in_the_weeks_lent_the_borrower_plans_with_somebody_and_the_lender_does_not(pair: Pair) -> None:
    with pair.app.app_context(), transaction():
        pair.lend()
        served = {
            (community, week): [each.id for each in plans.people(community, week)]
            for community in (pair.lender, pair.borrower)
            for week in (make.MONDAY, NEXT, AFTER, AFTER + timedelta(days=7))
        }
        assert {key for key, people in served.items() if people} == {
            (pair.lender, make.MONDAY), (pair.borrower, NEXT), (pair.borrower, AFTER), (pair.lender, AFTER + timedelta(days=7))
        }  # fmt: skip
        assert [each.id for each in scenes.scene(weeks.open_week(pair.borrower, NEXT)).volunteers] == [pair.volunteer]
        assert scenes.scene(weeks.open_week(pair.lender, NEXT)).volunteers == []
        assert community_served(pair.who, NEXT + timedelta(days=6)) == pair.borrower


def test_who_asked_cannot_agree_and_the_database_holds_it(both: Flask) -> None:
    pair = build(both)
    with both.app_context():
        with transaction():
            made = pair.ask().id
        with pytest.raises(NotAllowed), transaction():
            actions.agree(pair.get(Lending, made), pair.get(User, pair.asks))
        with pytest.raises(IntegrityError), transaction():
            _force(pair, made, pair.asks)
        with pytest.raises(IntegrityError), transaction():
            make.add(LentWeek(volunteer_id=pair.volunteer, week=NEXT, lending_id=made, community_id=pair.borrower))
        assert db.session.query(LentWeek).count() == 0


def _force(pair: Pair, lending_id: int, by: int) -> None:
    """Lend past every rule but the database's own."""
    lending = pair.get(Lending, lending_id)
    lending.state, lending.decided_by, lending.decided_at = LendingState.AGREED, by, clock.now()
    db.session.flush()
    make.add(LentWeek(volunteer_id=pair.volunteer, week=NEXT, lending_id=lending_id, community_id=pair.borrower))


def test_two_communities_can_never_plan_one_person_in_one_week(both: Flask) -> None:
    pair = build(both)
    with both.app_context():
        with transaction():
            pair.lend(NEXT, NEXT)
            at_home, away = pair.visit(pair.lender, NEXT).id, pair.visit(pair.borrower, NEXT).id
            plan = {number: weeks.open_week(number, NEXT).id for number in (pair.lender, pair.borrower)}
        day = {"day": NEXT, "window": 0, "start": 840}
        tries: tuple[Callable[[], object], ...] = (
            lambda: make.add(Assignment(plan_id=plan[pair.lender], visit_id=at_home, volunteer_id=pair.volunteer, **day)),
            lambda: offer(pair.get(Visit, at_home), pair.who, Slot(day=NEXT, start=840, window=840)),
            lambda: make.add(_duty(pair, pair.lender, NEXT + timedelta(days=6))),
        )
        for attempt in tries:
            with pytest.raises(IntegrityError), transaction():
                attempt()
        with transaction():
            make.add(Assignment(plan_id=plan[pair.borrower], visit_id=away, volunteer_id=pair.volunteer, **day))
            offer(pair.get(Visit, away), pair.who, Slot(day=NEXT, start=840, window=840))
            make.add(_duty(pair, pair.lender, NEXT + timedelta(days=7)))


def _duty(pair: Pair, community: int, day: date) -> Duty:
    """Return a turn of duty that the volunteer has agreed to."""
    kind = db.session.query(ServiceKind).filter_by(code="HAIR").one()
    about = {"title": "护学岗", "place": "校门口", "start": 690, "until": 720, "code": "1234"}
    return Duty(community_id=community, kind_id=kind.id, volunteer_id=pair.volunteer, state=DutyState.AGREED, day=day, **about)


def test_a_week_in_which_something_is_promised_at_home_cannot_be_lent(both: Flask) -> None:
    pair = build(both)
    with both.app_context():
        with transaction():
            offer(pair.visit(pair.lender, NEXT), pair.who, Slot(day=NEXT, start=840, window=840))
            made = pair.ask().id
        with pytest.raises(Conflict, match="has 1 promises here"), transaction():
            actions.agree(pair.get(Lending, made), pair.get(User, pair.decides))
        with pytest.raises(IntegrityError), transaction():
            _force(pair, made, pair.decides)


def test_what_was_only_proposed_at_home_is_planned_anew(pair: Pair) -> None:
    with pair.app.app_context(), transaction():
        visit = pair.visit(pair.lender, NEXT)
        plan = weeks.open_week(pair.lender, NEXT)
        make.add(Assignment(plan_id=plan.id, visit_id=visit.id, volunteer_id=pair.volunteer, day=NEXT, window=0, start=840))
        version = plan.version
        assert actions.agree(pair.ask(), pair.get(User, pair.decides)) == 1
        assert plan.version > version, "a run that is under way may not bring it back"
        assert db.session.query(Assignment).count() == 0


def test_a_week_is_lent_once(pair: Pair) -> None:
    with pair.app.app_context():
        with transaction():
            pair.lend()
            third = make.make_community("third", street=pair.get(Community, pair.lender).street)
            other = make.make_user(Role.COORDINATOR, third)
        for first, last in ((NEXT, NEXT), (make.MONDAY, NEXT), (AFTER, AFTER + timedelta(days=14))):
            with pytest.raises(Conflict, match="lent to another community already"), transaction():
                actions.ask(pair.get(Community, third.id), pair.who, Wish(first, last, "忙"), pair.get(User, other.id))


@pytest.mark.parametrize(
    ("first", "last", "reason", "field"),
    [
        (make.MONDAY - timedelta(days=7), NEXT, "忙", "first_week"),
        (make.MONDAY + timedelta(days=28 * 8), make.MONDAY + timedelta(days=28 * 8), "忙", "first_week"),
        (AFTER, NEXT, "忙", "last_week"),
        (NEXT, NEXT + timedelta(days=7 * 13), "忙", "last_week"),
        (NEXT, NEXT, "  ", "reason"),
    ],
)
def test_weeks_that_make_no_sense_are_refused_beside_the_field(pair: Pair, first: date, last: date, reason: str, field: str) -> None:
    with pair.app.app_context():
        with pytest.raises(Invalid) as refused, transaction():
            pair.ask(first, last, reason)
        assert set(refused.value.fields) == {field}
        with transaction():
            pair.ask(NEXT, NEXT + timedelta(days=7 * 12))


def test_giving_back_ends_it_at_once_and_leaves_what_is_promised(pair: Pair) -> None:
    with pair.app.app_context():
        with transaction():
            lent = pair.lend(make.MONDAY, AFTER).id
            offer(pair.visit(pair.borrower, NEXT), pair.who, Slot(day=NEXT, start=840, window=840))
        with transaction():
            assert actions.end(pair.get(Lending, lent)) == NEXT + timedelta(days=6)
        assert [each.week for each in pair.get(Lending, lent).weeks] == [make.MONDAY, NEXT]
        assert community_served(pair.who, NEXT) == pair.borrower
        assert community_served(pair.who, AFTER) == pair.lender
        with pytest.raises(Conflict), transaction():
            actions.end(pair.get(Lending, lent))


def test_the_database_gives_no_week_back_in_which_something_is_promised_there(both: Flask) -> None:
    pair = build(both)
    with both.app_context():
        with transaction():
            pair.lend(NEXT, NEXT)
            offer(pair.visit(pair.borrower, NEXT), pair.who, Slot(day=NEXT, start=840, window=840))
        with pytest.raises(IntegrityError), transaction():
            db.session.query(LentWeek).delete()


def serve_away(pair: Pair) -> None:
    """Let the volunteer serve once for the borrower, on Monday of the week lent, and have it confirmed."""
    with pair.app.app_context():
        with transaction():
            pair.lend(NEXT, NEXT)
            made = offer(pair.visit(pair.borrower, NEXT), pair.who, Slot(day=NEXT, start=840, window=840))
            accept(made)
            pair.rows["offer"] = made.id
        make.set_clock("2026-11-30 15:00")
        with transaction():
            made = pair.get(Offer, pair.rows["offer"])
            made.started_at, made.ended_at = clock.at(NEXT, 840), clock.at(NEXT, 880)
            made.outcome, made.code_ok = "done", True
            made.visit.state = "done"
        with transaction():
            pair.rows["record"] = confirming.confirm(pair.get(Offer, pair.rows["offer"]).visit, Trust.CODE, None)[0].id


def test_hours_stand_at_the_community_of_service_and_the_credit_on_ones_own_account(pair: Pair) -> None:
    serve_away(pair)
    with pair.app.app_context(), transaction():
        month = date(2026, 11, 1)
        here, there = (reports.monthly(reports.of_community(pair.get(Community, each)), month) for each in (pair.lender, pair.borrower))
        assert (here.minutes, there.minutes) == (0, 40)
        street = reports.monthly(reports.of_street(communities_of(pair.get(Community, pair.lender).street)), month)
        assert street.minutes == here.minutes + there.minutes
        statement = books.statement(pair.who, month)
        assert (statement.minutes, statement.account.closing) == (40, 40)
        assert first_unfounded() is None
        shown = statement_paper(statement, "zh")
        assert "乙坡社区居委会" in shown.lines[0].what
        paper = certificates.issue_certificate(pair.who, NEXT, NEXT, pair.get(User, pair.decides))
        assert paper.content["total_minutes"] == 40
        assert "上门理发（乙坡社区）" in str(paper.content)
        assert register.records_in(paper)[0].community_id == pair.borrower


def test_the_whole_story_through_the_pages(pair: Pair) -> None:
    assert pair.sign_in is not None
    borrower, lender = pair.sign_in(Role.COORDINATOR, pair.borrower), pair.sign_in(Role.COORDINATOR, pair.lender)
    with pair.app.app_context():
        number = pair.who.number
    said = {"community": str(pair.lender), "name": "郭甲洁", "first_week": "2026-W49", "weeks": "2", "reason": "送餐的人住院了"}
    wrong = borrower.send("/lending", number="V9999", **said)
    assert wrong.status_code == 422
    assert "没有编号和姓名都对得上" in wrong.text
    assert 'value="送餐的人住院了"' in wrong.text
    assert borrower.send("/lending", number=number, **said).status_code == 303
    assert borrower.send("/lending", number=number, **said).status_code == 422
    assert "1 个社区想借人" in lender.get("/today").text
    assert "1 个社区想借人" not in borrower.get("/today").text
    with pair.app.app_context():
        lent = db.session.query(Lending).one().id
    assert borrower.send(f"/lending/{lent}/agree").status_code == 403
    refused = lender.send(f"/lending/{lent}/refuse", words="")
    assert refused.status_code == 422
    assert "对方好另想办法" in refused.text
    assert lender.send(f"/lending/{lent}/agree").status_code == 303
    assert "借定了" in borrower.get("/lending").text
    with pair.app.app_context():
        user = pair.who.user_id
        assert db.session.query(Notice).filter_by(user_id=user, template="lent").count() == 1
    phone = _phone(pair)
    assert "借到别的社区" in phone.get("/phone/me").text
    assert "乙坡社区" in phone.get("/phone/me/lending").text
    assert phone.send(f"/phone/me/lending/{lent}/decline").status_code == 303
    assert "本人婉拒了" in borrower.get("/lending").text
    with pair.app.app_context():
        assert db.session.query(LentWeek).count() == 0


def _phone(pair: Pair) -> Browser:
    """Return the browser of the volunteer."""
    from tests.access.communities import Place

    with pair.app.app_context():
        user = pair.who.user_id
        assert user is not None
    return Place(pair.lender, {Role.VOLUNTEER: user}).browser(pair.app, Role.VOLUNTEER)


def test_neither_community_reads_doors_of_the_other_by_a_volunteer_they_share(pair: Pair) -> None:
    assert pair.sign_in is not None
    serve_away(pair)
    with pair.app.app_context(), transaction():
        make.set_clock("2026-11-30 15:00")
        here, away = pair.visit(pair.lender, AFTER), pair.visit(pair.borrower, NEXT + timedelta(days=2))
        for visit, name, day in ((here, "吕甲英", AFTER), (away, "吕乙英", NEXT + timedelta(days=2))):
            visit.household.elders[0].name = name
            accept(offer(visit, pair.who, Slot(day=day, start=900, window=840)))
    lender, borrower = pair.sign_in(Role.COORDINATOR, pair.lender), pair.sign_in(Role.COORDINATOR, pair.borrower)
    home = lender.get(f"/volunteers/{pair.volunteer}").text
    assert "吕甲英" in home
    assert "吕乙英" not in home
    assert "乙坡社区居委会" in home
    assert borrower.get(f"/volunteers/{pair.volunteer}").location == "/lending"
    board = borrower.get(f"/today/cannot-come?who={pair.volunteer}&until=date&last=2026-12-09").text
    assert "吕乙英" in board
    assert "吕甲英" not in board
    assert lender.get(f"/books/hours/{pair.rows['record']}").status_code == 404
    assert f"/books/hours/{pair.rows['record']}" not in lender.get(f"/books/{pair.volunteer}?month=2026-11").text
    assert borrower.get(f"/books/hours/{pair.rows['record']}").status_code == 200


def test_a_third_community_finds_nothing_of_it(pair: Pair) -> None:
    assert pair.sign_in is not None
    with pair.app.app_context(), transaction():
        lent = pair.ask().id
        third = make.make_community("third", street=pair.get(Community, pair.lender).street).id
    browser = pair.sign_in(Role.COORDINATOR, third)
    assert "郭甲洁" not in browser.get("/lending").text
    for verb in ("agree", "refuse", "withdraw", "end"):
        assert browser.send(f"/lending/{lent}/{verb}", words="想看看").status_code == 404


def test_what_is_lent_and_what_is_planned_at_once_never_both_stand(both: Flask) -> None:
    """Whichever comes first, the other is refused: tried in both orders."""
    pair = build(both)
    with both.app_context():
        with transaction():
            made = pair.ask(NEXT, NEXT).id
            visit = pair.visit(pair.lender, NEXT).id
        for verb in (
            lambda: offer(pair.get(Visit, visit), pair.who, Slot(day=NEXT, start=840, window=840)),
            lambda: actions.agree(pair.get(Lending, made), pair.get(User, pair.decides)),
        ):
            with suppress(Refusal, IntegrityError), transaction():
                verb()
        assert db.session.query(Offer).count() == 1
        assert db.session.query(LentWeek).count() == 0
        assert queries.taken_weeks(pair.who, [NEXT]) == set()


def test_lending_and_planning_at_the_same_moment_end_with_one_of_them(both: Flask) -> None:
    pair = build(both)
    with both.app_context(), transaction():
        lending, visit = pair.ask(NEXT, NEXT).id, pair.visit(pair.lender, NEXT).id

    def lends() -> bool:
        return _did(both, lambda: actions.agree(pair.get(Lending, lending), pair.get(User, pair.decides)))

    def plans_it() -> bool:
        return _did(both, lambda: offer(pair.get(Visit, visit), pair.who, Slot(day=NEXT, start=840, window=840)))

    with ThreadPoolExecutor(2) as pool:
        done = [each.result() for each in [pool.submit(lends), pool.submit(plans_it)]]
    assert sorted(done) == [False, True]
    with both.app_context():
        assert db.session.query(LentWeek).count() + db.session.query(Offer).count() == 1


def _did(app: Flask, verb: Callable[[], object]) -> bool:
    """Do something in a write unit of its own; say whether it was let through."""
    with app.app_context():
        try:
            with transaction():
                verb()
        except (Refusal, IntegrityError):
            return False
        return True
