"""Posts: a rota makes its turns by itself, places are taken once, streaks count what was kept, and the crossing guard has no meals at noon."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from timebank import clock, jobs
from timebank.access.models import Role, User
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid
from timebank.notices.models import Notice
from timebank.places.models import CalendarDay, Community, DayKind
from timebank.planning import scenes
from timebank.planning.actions.weeks import open_week
from timebank.posts import actions, queries
from timebank.posts.actions import About
from timebank.posts.models import Claim, Post, Shift, Swap
from timebank.visits import on_duty
from timebank.visits.actions import duties, duty_records, duty_times, leaving
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import ServiceRecord, Trust
from timebank.volunteers.models import Availability, Unit, Volunteer

SCHOOL = (690, 720)


@dataclass
class Corner:
    """A street corner where hometown folk help children across at 11:30, and the people of it."""

    app: Flask
    community: int
    kind: int
    post: int
    people: list[int]
    office: int
    colleague: int

    def the_post(self) -> Post:
        found = queries.post_in(self.community, self.post)
        assert found is not None
        return found

    def person(self, place: int = 0) -> Volunteer:
        return db.session.get_one(Volunteer, self.people[place])

    def user(self, number: int | None = None) -> User:
        return db.session.get_one(User, number or self.office)

    def shifts(self) -> list[Shift]:
        return queries.in_force(self.the_post())


def build(app: Flask, *, least: int = 1, wanted: int = 2) -> Corner:
    make.set_clock("2026-11-23 08:00")
    with app.app_context(), transaction():
        community = make.make_community(f"corner-{next(make.NUMBERS)}")
        kind = make.make_kind(f"GUARD{community.id}", name="护学值守", name_en="School crossing", skills=[], at_door=False, icon="place")
        people = [
            make.make_volunteer(community, name, make.make_user(Role.VOLUNTEER, community).id) for name in ("丁守田", "卞玉贵", "梁玉凤")
        ]
        for each in people:
            for weekday in range(7):
                make.add(Availability(volunteer_id=each.id, weekday=weekday, start=600, end=780))
        office, colleague = (make.make_user(Role.COORDINATOR, community, name=name) for name in ("衣晓雯", "曲明"))
        about = About(name="老乡护学岗", kind=kind, place="松坡小学东门", workdays_only=True, earlier_days=800, first_day=make.MONDAY)
        post = actions.add_post(community.id, about, office)
        actions.add_shifts(post, range(5), SCHOOL, least, wanted)
        return Corner(app, community.id, kind.id, post.id, [each.id for each in people], office.id, colleague.id)


@pytest.fixture
def corner(app: Flask) -> Corner:
    return build(app)


def days_of(corner: Corner, person: int = 0) -> list[int]:
    """Return on which days of the next two weeks somebody has a turn, as days after the Monday."""
    mine = on_duty.duties_of(corner.person(person), make.MONDAY, make.MONDAY + timedelta(days=20), (DutyState.AGREED,))
    return [(each.day - make.MONDAY).days for each in mine]


def claim_all(corner: Corner, person: int = 0) -> None:
    with corner.app.app_context(), transaction():
        for shift in corner.shifts():
            actions.claim_shift(shift, corner.person(person))


def test_a_rota_makes_the_turns_of_two_weeks_and_made_again_nothing_twice(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        turns = queries.turns_between(corner.the_post(), make.MONDAY, make.MONDAY + timedelta(days=30))
        assert [(turn.day - make.MONDAY).days for turn in turns] == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
        assert {len(turn.seats) for turn in turns} == {2}
        assert actions.make_due() == 0


def test_the_clock_looks_at_a_post_only_while_something_of_it_is_to_be_made(corner: Corner, later: Callable[..., None]) -> None:
    with corner.app.app_context():
        assert actions.behind() == []
    claim_all(corner)
    with corner.app.app_context(), transaction():
        assert actions.behind() == [], "who takes a shift has its turns at once"
        leaving.take_time_off(corner.person(), make.WEDNESDAY)
        assert actions.behind() == [], "a turn given up is nobody's whose shift it is"
    later(days=7)
    with corner.app.app_context():
        assert actions.behind() == [corner.post]
        jobs.keep_house()
        assert days_of(corner)[-1] == 18
        with transaction():
            actions.edit_post(
                corner.the_post(),
                About(name="到今天为止", kind=corner.the_post().kind, place="街口", first_day=make.MONDAY, last_day=clock.today()),
            )
        assert actions.behind() == []


def test_holidays_have_no_turn_and_a_working_saturday_has_none_without_a_shift(app: Flask) -> None:
    make.set_clock("2026-11-23 08:00")
    with app.app_context(), transaction():
        make.add(CalendarDay(day=make.MONDAY + timedelta(days=1), kind=DayKind.OFF, name="校庆"))
    corner = build(app)
    with app.app_context():
        turns = queries.turns_between(corner.the_post(), make.MONDAY, make.MONDAY + timedelta(days=6))
        assert [turn.day.weekday() for turn in turns] == [0, 2, 3, 4]


def test_who_takes_a_shift_has_its_turns_and_the_week_after_next_follows(corner: Corner, later: Callable[..., None]) -> None:
    claim_all(corner)
    with corner.app.app_context():
        assert days_of(corner) == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    later(days=7)
    with corner.app.app_context(), transaction():
        actions.make_due()
        assert days_of(corner)[-1] == 18


def test_the_last_place_is_taken_once_and_the_second_is_told_in_words_and_by_the_database(both: Flask) -> None:
    corner = build(both, wanted=1)
    with both.app_context(), transaction():
        actions.claim_shift(corner.shifts()[0], corner.person())
    with both.app_context(), transaction(), pytest.raises(Conflict, match="just been taken"):
        actions.claim_shift(corner.shifts()[0], corner.person(1))
    with both.app_context(), transaction(), pytest.raises(Conflict, match="taken by the same"):
        actions.claim_shift(corner.shifts()[0], corner.person())
    for seat in (1, 2):
        row = {"volunteer_id": corner.people[1], "seat": seat, "from_day": make.MONDAY, "claimed_at": clock.now()}
        with both.app_context(), pytest.raises(IntegrityError), transaction():
            db.session.add(Claim(shift_id=corner.shifts()[0].id, **row))
    with both.app_context(), pytest.raises(IntegrityError), transaction():
        db.session.execute(text("DELETE FROM post_claim"))


def test_two_posts_at_one_hour_are_not_taken_by_one_person(corner: Corner) -> None:
    claim_all(corner)
    with corner.app.app_context(), transaction():
        kind = corner.the_post().kind
        about = About(name="清河小区巡逻岗", kind=kind, place="3 号岗亭", first_day=make.MONDAY)
        other = actions.add_post(corner.community, about, corner.user())
        (shift,) = actions.add_shifts(other, [2], (700, 760), 1, 1)
        with pytest.raises(Conflict, match="two places at once"):
            actions.claim_shift(shift, corner.person())
        with pytest.raises(Invalid, match="overlaps"):
            actions.add_shifts(other, [2, 3], (740, 800), 1, 1)
        with pytest.raises(Invalid, match="of this name already"):
            actions.add_post(corner.community, about, corner.user())


def test_the_crossing_guard_is_given_no_meal_at_noon_and_everybody_else_still_is(corner: Corner) -> None:
    claim_all(corner)
    with corner.app.app_context(), transaction():
        make.make_canteen(db.session.get_one(Community, corner.community))
        plan = open_week(corner.community, make.MONDAY)
        windows = scenes.scene(plan).windows
        mine = [each for each in windows[str(corner.people[0])] if each[0] == 2 and each[1] < each[2]]
        assert mine == [[2, 600, 675], [2, 735, 780]]
        assert [each for each in windows[str(corner.people[1])] if each[0] == 2] == [[2, 600, 780]]
        with pytest.raises(Conflict, match="minutes of way"):
            make.make_round(db.session.get_one(Community, corner.community), corner.person(), doors=6)


def test_a_day_away_leaves_that_turn_open_and_the_shift_stays_theirs(corner: Corner) -> None:
    claim_all(corner)
    with corner.app.app_context(), transaction():
        leaving.take_time_off(corner.person(), make.WEDNESDAY)
        actions.make_due()
        assert days_of(corner) == [0, 1, 3, 4, 7, 8, 9, 10, 11]
        assert queries.missing(corner.community, make.MONDAY, make.MONDAY + timedelta(days=5)) == {corner.post: 1}
        assert len(queries.claims_of(corner.person())) == 5


def test_who_stops_for_good_holds_no_shift_any_more(corner: Corner) -> None:
    claim_all(corner)
    with corner.app.app_context(), transaction():
        corner.person().active = False
        leaving.leave(corner.person())
        assert queries.claims_of(corner.person()) == []
        assert days_of(corner) == []


def test_a_shift_given_back_is_free_and_a_dropped_one_is_called_off_and_told(corner: Corner) -> None:
    claim_all(corner)
    with corner.app.app_context(), transaction():
        (tuesday,) = [each for each in queries.claims_of(corner.person()) if each.shift.weekday == 1]
        assert len(actions.end_claim(tuesday)) == 2
        assert days_of(corner) == [0, 2, 3, 4, 7, 9, 10, 11]
        actions.drop_shift(next(each for each in corner.shifts() if each.weekday == 4))
        assert days_of(corner) == [0, 2, 3, 7, 9, 10]
        assert db.session.scalar(select(Notice.template).where(Notice.template == "cancelled")) == "cancelled"


def test_a_streak_counts_the_days_kept_holidays_passed_over_and_breaks_where_nobody_came(corner: Corner) -> None:
    assert queries.unbroken([True, True, None, True], 800) == 803
    assert queries.unbroken([True, False, True, True], 800) == 2
    assert queries.unbroken([], 812) == 812
    claim_all(corner)
    with corner.app.app_context():
        assert queries.streak(corner.the_post()) == 800
    for day, start, end in ((0, 690, 720), (1, 690, 720)):
        make.set_clock(f"2026-11-{23 + day} 12:30")
        with corner.app.app_context(), transaction():
            on = make.MONDAY + timedelta(days=day)
            (duty,) = on_duty.duties_of(corner.person(), on, on)
            duty_times.enter_sheet(duty, clock.at(on, start), clock.at(on, end), corner.user())
    with corner.app.app_context():
        assert queries.streak(corner.the_post()) == 802
    make.set_clock("2026-11-25 13:00")
    with corner.app.app_context():
        assert queries.streak(corner.the_post()) == 0


def test_a_turn_is_swapped_with_a_colleague_who_says_yes_once(corner: Corner) -> None:
    claim_all(corner)
    claim_all(corner, 1)
    with corner.app.app_context(), transaction():
        shift = corner.shifts()[2]
        shift.wanted = 3
        actions.make_turns([corner.the_post()])
        actions.claim_shift(shift, corner.person(2))
    with corner.app.app_context(), transaction():
        (third,) = on_duty.duties_of(corner.person(2), make.WEDNESDAY, make.WEDNESDAY)
        with pytest.raises(Invalid, match="same post"):
            actions.offer_swap(third, corner.person(2), make.make_volunteer(db.session.get_one(Community, corner.community), "生人"))
        swap = actions.offer_swap(third, corner.person(2), None)
        with pytest.raises(Conflict, match="offered already"):
            actions.offer_swap(third, corner.person(2), corner.person())
        with pytest.raises(Conflict, match="on duty at"):
            actions.take_swap(swap, corner.person())
    with corner.app.app_context(), transaction():
        on_duty_then = on_duty.duties_of(corner.person(), make.WEDNESDAY, make.WEDNESDAY)[0]
        duties.give_up(on_duty_then, "看牙")
        (swap,) = queries.swaps_for(corner.person())
        fresh = actions.take_swap(swap, corner.person())
        assert fresh.volunteer_id == corner.people[0]
        with pytest.raises(Conflict, match="taken this turn"):
            actions.take_swap(db.session.get_one(Swap, swap.id), corner.person(1))


def test_a_unit_books_places_names_people_later_and_a_groups_hours_go_to_the_pool(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        unit = make.add(Unit(community_id=corner.community, name="松坡银行", contact=""))
        make.make_standing(corner.person(), unit_id=unit.id, collective=True)
        turn = queries.week_of(corner.the_post(), make.MONDAY)[2]
        with pytest.raises(Invalid, match="2 places left"):
            actions.book(turn.seats[0], unit, 3, corner.user())
        seats = actions.book(turn.seats[0], unit, 2, corner.user())
        with pytest.raises(Conflict, match="unit has booked"):
            duties.claim(seats[0], corner.person(1))
        with pytest.raises(Invalid, match="Tick who comes"):
            actions.name_people(seats, [], corner.user())
        assert actions.name_people(seats, [corner.person()], corner.user()) == 1
        (booking,) = queries.bookings(corner.community)
        assert (booking.named, len(booking.unnamed)) == (1, 1)
        assert actions.give_back(booking.seats) == 1
    make.set_clock("2026-11-25 13:00")
    with corner.app.app_context(), transaction():
        (duty,) = on_duty.duties_of(corner.person(), make.WEDNESDAY, make.WEDNESDAY)
        duty_times.enter_sheet(duty, clock.at(make.WEDNESDAY, 690), clock.at(make.WEDNESDAY, 720), corner.user())
        record = duty_records.confirm(duty, Trust.DESK, corner.user(corner.colleague))
        assert isinstance(record, ServiceRecord)
        assert record.collective
        assert db.session.get_one(type(record), record.id).transfer_seq is not None


def test_a_post_that_ends_calls_its_later_turns_off(corner: Corner) -> None:
    claim_all(corner)
    with corner.app.app_context(), transaction():
        post = corner.the_post()
        about = About(name=post.name, kind=post.kind, place=post.place, workdays_only=True, first_day=make.MONDAY, last_day=make.WEDNESDAY)
        actions.edit_post(post, about)
        assert days_of(corner) == [0, 1, 2]
        wrong = About(name=post.name, kind=post.kind, place="", first_day=make.MONDAY)
        with pytest.raises(Invalid, match="building or a station"):
            actions.edit_post(post, wrong)


def test_thousands_of_places_are_made_at_once_without_a_question_for_each(corner: Corner) -> None:
    with corner.app.app_context(), transaction():
        kind = corner.the_post().kind
        made = [
            actions.add_post(
                corner.community, About(name=f"楼栋岗 {number}", kind=kind, place=f"{number} 号楼", first_day=make.MONDAY), None
            )
            for number in range(60)
        ]
        for post in made:
            db.session.add_all(Shift(post=post, weekday=day, start=480, until=540, least=1, wanted=1) for day in range(7))
        db.session.flush()
        db.session.expire_all()
        assert actions.make_due() == 60 * 14 - sum(1 for _post in made)  # this Monday's eight o'clock has begun
        assert db.session.query(Duty).filter_by(part_of="post").count() >= 60 * 13


def test_a_turn_is_offered_to_nobody_who_stands_there_then_already(corner: Corner) -> None:
    claim_all(corner)
    claim_all(corner, 1)
    with corner.app.app_context(), transaction():
        make.set_clock("2026-11-23 09:00")
        actions.end_claim(queries.claims_of(corner.person(1))[3])
        wednesday, thursday = (
            on_duty.duties_of(corner.person(), day, day)[0] for day in (make.WEDNESDAY, make.WEDNESDAY + timedelta(days=1))
        )
        assert queries.colleagues_of(corner.person(), wednesday) == [], "the other stands there on Wednesday too"
        assert queries.colleagues_of(corner.person(), thursday) == [corner.person(1)]
        for each in (wednesday, thursday):
            actions.offer_swap(each, corner.person(), None)
        assert [each.duty for each in queries.swaps_for(corner.person(1))] == [thursday]
        assert len(db.session.query(Notice).filter_by(user_id=corner.person(1).user_id, template="swap").all()) == 1
