"""A second stranger's ways to an hour on duty: guessed codes, witnesses who are none, sheets of two printers, turns of any length."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import Office, invented
from tests.browser import Browser, open_browser
from timebank import clock
from timebank.access import actions as access
from timebank.access import guards
from timebank.access.models import MagicLink, Purpose, Role, User
from timebank.db import db, forget_reads, transaction
from timebank.places.models import Community
from timebank.records.hands import Hands
from timebank.visits.actions import duties, duty_records, duty_times
from timebank.visits.actions.duties import Turn
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

THURSDAY = date(2026, 11, 26)
TEN, ELEVEN = 10 * 60, 11 * 60


def turn(office: Office, start: int = TEN, until: int = ELEVEN, seats: int = 2) -> list[int]:
    """Open a turn of a kind that takes half an hour, and return its places."""
    with transaction():
        kind = make.make_kind(f"GUARD{next(make.NUMBERS)}", minutes=30, skills=[], at_door=False, icon="place")
        wanted = Turn(
            community_id=office.community, kind=kind, title="护学岗", place="东门", day=THURSDAY, start=start, until=until, part_of="post",
            part_id=next(make.NUMBERS),
        )  # fmt: skip
        return [each.id for each in duties.open_seats(wanted, seats)]


def somebody(office: Office, name: str = "卞玉贵") -> tuple[int, int]:
    """Return a volunteer and their sign-in, by number."""
    with transaction():
        community = db.session.get_one(Community, office.community)
        user = make.make_user(Role.VOLUNTEER, community, name=name)
        return make.make_volunteer(community, name, user.id).id, user.id


def duty(number: int) -> Duty:
    """Return a place as it is stored now."""
    return db.session.get_one(Duty, number, populate_existing=True)


def take(number: int, volunteer: int) -> None:
    """Let somebody have a place."""
    with transaction():
        duties.claim(duty(number), db.session.get_one(Volunteer, volunteer))


def come(*seats: int) -> None:
    """Let whoever has these places sign in by the code of the day."""
    with transaction():
        assert all(duty_times.sign_in(duty(each), duty(each).code) for each in seats)


def leave(*seats: int) -> None:
    """Let whoever has these places sign out."""
    with transaction():
        for each in seats:
            duty_times.sign_out(duty(each))


def sheet_by(office: Office, user: int, printer: int | None) -> Browser:
    """Return a browser that came in by the code of a day sheet which somebody of the office printed."""
    with transaction():
        token = access.make_link(db.session.get_one(User, user), Purpose.DAY_SHEET, clock.at(THURSDAY + timedelta(days=1), 0), limit=3)
        db.session.scalars(select(MagicLink).order_by(MagicLink.id.desc()).limit(1)).one().made_by = printer
    sheet = open_browser(office.app)
    assert sheet.send(f"/link/{token}").status_code == 303
    return sheet


def phone_of(office: Office, user: int) -> Browser:
    """Return a volunteer's own phone, signed in as themselves."""
    with transaction():
        token, _session = access.sign_in(db.session.get_one(User, user))
    browser = open_browser(office.app)
    with office.app.test_request_context():
        browser.set_cookie(guards.cookie_name(), token)
    return browser


def on_record(number: int) -> ServiceRecord | None:
    """Return the record of a place."""
    forget_reads()
    return db.session.scalar(select(ServiceRecord).where(ServiceRecord.duty_id == number))


def clocked(office: Office, number: int) -> int:
    """Return the minutes the clock puts on record for a place after two weeks in which nobody did anything."""
    office.at("2026-12-10 09:00")
    with transaction():
        duty_records.confirm_due()
    record = on_record(number)
    return record.minutes if record is not None else 0


def rests_on_the_insider(office: Office, number: int) -> bool:
    """Say whether the insider is refused to confirm a place, or has it marked and counted as their own word."""
    office.insider.send("/confirm", what="duty", number=number, trust="desk")
    record = on_record(number)
    return record is None or record.word_of == office.insider.user


def test_the_code_of_the_day_is_not_guessed_by_giving_the_turn_up_and_taking_it_again(office: Office) -> None:
    """One volunteer at home, one phone: five tries, give up, take the fresh place, five more; somebody honest stands at the crossing."""
    seats = turn(office)
    honest, _ = somebody(office)
    _guesser, user = somebody(office, "顾大年")
    take(seats[0], honest)
    with transaction():
        for each in seats:
            duty(each).code = "0013"
    phone, mine = phone_of(office, user), seats[1]
    office.at("2026-11-26 09:55")
    come(seats[0])
    phone.send(f"/phone/posts/turns/{mine}/take")
    for guess in range(20):
        if guess and guess % 5 == 0:
            phone.send(f"/phone/duties/{mine}/give-up", reason="")
            forget_reads()
            mine = db.session.scalar(select(Duty.id).where(Duty.state == DutyState.OPEN, Duty.day == THURSDAY)) or mine
            phone.send(f"/phone/posts/turns/{mine}/take")
        phone.send(f"/phone/duties/{mine}/sign-in", code=f"{guess:04d}")
    office.at("2026-11-26 11:00")
    phone.send(f"/phone/duties/{mine}/sign-out")
    assert clocked(office, mine) == 0


def test_a_turn_begun_by_ones_own_sheet_and_ended_by_a_colleagues_stays_ones_own(office: Office) -> None:
    (seat,) = turn(office, seats=1)
    user = db.session.get_one(Volunteer, office.volunteer).user_id or 0
    office.at("2026-11-26 09:50")
    first = sheet_by(office, user, office.insider.user)
    assert first.send(f"/phone/posts/turns/{seat}/take").status_code == 303
    assert first.send(f"/phone/duties/{seat}/sign-in").status_code == 303
    office.at("2026-11-26 11:00")
    assert sheet_by(office, user, office.colleague().user).send(f"/phone/duties/{seat}/sign-out").status_code == 303
    assert rests_on_the_insider(office, seat)


def test_a_visit_begun_by_ones_own_sheet_and_ended_by_a_colleagues_stays_ones_own(office: Office) -> None:
    with transaction():
        made = office.visit(start=16 * 60)
        number, visit, user = made.id, made.visit_id, made.volunteer.user_id or 0
    assert sheet_by(office, user, office.insider.user).send(f"/phone/visits/{number}/check-in").status_code == 303
    office.at("2026-11-25 16:30")
    assert sheet_by(office, user, office.colleague().user).send(f"/phone/visits/{number}/check-out").status_code == 303
    assert office.insider.send("/confirm", what="visit", number=visit, trust="desk").status_code == 409
    forget_reads()
    assert db.session.scalar(select(ServiceRecord).where(ServiceRecord.visit_id == visit)) is None


def test_a_turn_tapped_by_a_sheet_that_a_colleague_printed_rests_on_whoever_confirms_it(office: Office) -> None:
    """The colleague prints in good faith; who holds the paper taps by it and confirms: one pair of eyes, not two."""
    (seat,) = turn(office, seats=1)
    user = db.session.get_one(Volunteer, office.volunteer).user_id or 0
    office.at("2026-11-26 09:50")
    held = sheet_by(office, user, office.colleague().user)
    assert held.send(f"/phone/posts/turns/{seat}/take").status_code == 303
    assert held.send(f"/phone/duties/{seat}/sign-in").status_code == 303
    office.at("2026-11-26 11:00")
    assert held.send(f"/phone/duties/{seat}/sign-out").status_code == 303
    office.insider.send("/confirm", what="duty", number=seat, trust="desk")
    record = on_record(seat)
    assert record is not None
    assert record.word_of == office.insider.user


def test_a_visit_tapped_by_a_sheet_that_a_colleague_printed_rests_on_whoever_confirms_it(office: Office) -> None:
    with transaction():
        made = office.visit(start=16 * 60)
        number, visit, user = made.id, made.visit_id, made.volunteer.user_id or 0
    held = sheet_by(office, user, office.colleague().user)
    assert held.send(f"/phone/visits/{number}/check-in").status_code == 303
    office.at("2026-11-25 16:30")
    assert held.send(f"/phone/visits/{number}/check-out").status_code == 303
    assert office.insider.send("/confirm", what="visit", number=visit, trust="desk").status_code == 303
    forget_reads()
    assert db.session.scalars(select(ServiceRecord.word_of).where(ServiceRecord.visit_id == visit)).all() == [office.insider.user]


def test_so_does_a_round_whose_doors_were_tapped_by_it(office: Office) -> None:
    office.at("2026-11-25 09:00")
    with transaction():
        doors = make.make_round(db.session.get_one(Community, office.community), db.session.get_one(Volunteer, office.volunteer))
        meals, numbers, user = doors[0].round_id, [each.id for each in doors], doors[0].volunteer.user_id or 0
    held = sheet_by(office, user, office.colleague().user)
    office.at("2026-11-25 10:50")
    held.send(f"/phone/rounds/{meals}/pick-up", counted=len(numbers))
    office.at("2026-11-25 11:20")
    for each in numbers:
        held.send(f"/phone/visits/{each}/delivered", outcome="done")
    assert office.insider.send("/confirm", what="round", number=meals, trust="desk").status_code == 303
    forget_reads()
    assert db.session.scalars(select(ServiceRecord.word_of).where(ServiceRecord.round_id == meals)).all() == [office.insider.user]


def test_held_what_a_colleague_typed_in_from_the_signed_paper_rests_on_two(office: Office) -> None:
    (seat,) = turn(office, seats=1)
    take(seat, office.volunteer)
    office.at("2026-11-26 12:00")
    colleague = office.colleague().user
    with transaction():
        duty_times.enter_sheet(duty(seat), clock.at(THURSDAY, TEN), clock.at(THURSDAY, ELEVEN), db.session.get_one(User, colleague))
    office.insider.send("/confirm", what="duty", number=seat, trust="desk")
    record = on_record(seat)
    assert record is not None
    assert record.word_of is None


def false_witness(office: Office, end: str = "2026-11-26 11:00") -> int:
    """Let the insider tap in by a sheet they printed for somebody who never comes, beside a willing one; return the willing one's place."""
    seats = turn(office)
    _absent, absent = somebody(office)
    _willing, willing = somebody(office, "顾大年")
    office.at("2026-11-26 09:31")
    for browser, seat in ((sheet_by(office, absent, office.insider.user), seats[0]), (phone_of(office, willing), seats[1])):
        assert browser.send(f"/phone/posts/turns/{seat}/take").status_code == 303
        assert browser.send(f"/phone/duties/{seat}/sign-in", code=duty(seat).code).status_code == 303
    office.at(end)
    assert browser.send(f"/phone/duties/{seat}/sign-out").status_code == 303
    return seats[1]


def test_a_place_tapped_by_the_code_of_a_sheet_is_no_witness(office: Office) -> None:
    assert rests_on_the_insider(office, false_witness(office))


def test_nor_is_it_one_for_the_clock(office: Office) -> None:
    assert clocked(office, false_witness(office)) == 0


def test_whoever_made_the_witness_has_a_hand_in_what_rests_on_it(office: Office) -> None:
    """Far over its plan it is flagged; the insider must not be the one who settles that flag."""
    seat = false_witness(office, "2026-11-26 11:14")
    clocked(office, seat)
    record = on_record(seat)
    assert record is None or Hands(office.community, [record]).why_not(db.session.get_one(User, office.insider.user), record) is not None


def test_somebody_only_the_insider_has_looked_at_is_no_witness(office: Office) -> None:
    new = invented(office)[0].id
    seats = turn(office)
    willing, _ = somebody(office)
    take(seats[0], willing)
    take(seats[1], new)
    office.at("2026-11-26 10:00")
    come(*seats)
    office.at("2026-11-26 11:00")
    leave(*seats)
    assert rests_on_the_insider(office, seats[0])


def test_whoever_had_left_before_saw_nobody(office: Office) -> None:
    """A turn of eight hours: the honest one is gone at 8:30, the willing one taps from 11:30 on."""
    seats = turn(office, 8 * 60, 16 * 60)
    honest, _ = somebody(office)
    willing, _ = somebody(office, "顾大年")
    take(seats[0], honest)
    take(seats[1], willing)
    office.at("2026-11-26 08:00")
    come(seats[0])
    office.at("2026-11-26 08:30")
    leave(seats[0])
    office.at("2026-11-26 11:30")
    come(seats[1])
    office.at("2026-11-26 15:50")
    leave(seats[1])
    assert rests_on_the_insider(office, seats[1])


def test_a_turn_written_for_far_longer_than_its_kind_takes_is_no_measure(office: Office) -> None:
    """Eight hours for what takes half an hour: of a visit neither clock nor writer would take it."""
    seats = turn(office, 8 * 60, 16 * 60)
    people = [somebody(office)[0], somebody(office, "顾大年")[0]]
    for seat, who in zip(seats, people, strict=True):
        take(seat, who)
    office.at("2026-11-26 08:00")
    come(*seats)
    office.at("2026-11-26 08:30")
    leave(seats[0])
    office.at("2026-11-26 15:50")
    leave(seats[1])
    assert clocked(office, seats[1]) == 0


def test_whoever_goes_home_and_signs_out_later_does_not_lengthen_a_turn_of_their_own(office: Office) -> None:
    """Planned 60: in at 9:30, home, out by a tap at 11:14; the clock takes all 104 minutes, 90 of them as credit, and nobody looks."""
    seats = turn(office)
    honest, _ = somebody(office)
    lazy, user = somebody(office, "顾大年")
    take(seats[0], honest)
    take(seats[1], lazy)
    office.at("2026-11-26 09:30")
    come(*seats)
    office.at("2026-11-26 11:00")
    leave(seats[0])
    phone = phone_of(office, user)
    office.at("2026-11-26 11:14")
    phone.send(f"/phone/duties/{seats[1]}/sign-out")
    assert clocked(office, seats[1]) <= 60 + 15


def test_held_two_turns_whose_real_times_meet_are_not_both_on_record(office: Office) -> None:
    (one,), (two,) = turn(office, seats=1), turn(office, ELEVEN, 12 * 60, seats=1)
    who, _ = somebody(office)
    take(one, who)
    take(two, who)
    office.at("2026-11-26 09:45")
    come(one)
    office.at("2026-11-26 10:35")
    come(two)
    office.at("2026-11-26 11:20")
    leave(one, two)
    assert [office.insider.send("/confirm", what="duty", number=each, trust="desk").status_code for each in (one, two)] == [303, 409]


def test_held_more_minutes_of_a_turn_wait_for_a_second_person(office: Office) -> None:
    (seat,) = turn(office, seats=1)
    take(seat, office.volunteer)
    office.at("2026-11-26 10:00")
    come(seat)
    office.at("2026-11-26 10:40")
    leave(seat)
    assert rests_on_the_insider(office, seat)
    record, before = on_record(seat), office.gained()
    assert record is not None
    office.at("2026-11-26 16:00")
    assert office.insider.send(f"/books/hours/{record.id}/correct", minutes="90", reason="少记了").status_code == 303
    assert (office.gained(), len(office.waiting())) == (before, 1)


def test_held_readers_change_nothing_of_the_new_rooms(office: Office, sign_in_as: Callable[..., Browser]) -> None:
    (seat,) = turn(office, seats=1)
    paths = ("/confirm", "/duties", f"/duties/{seat}/fill", f"/duties/{seat}/miss", "/posts/new", "/lending", "/stations/sessions/new")
    for role in (Role.STREET_OFFICER, Role.INSPECTOR, Role.STEWARD, Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN):
        browser = sign_in_as(role, office.community)
        forget_reads()
        assert {browser.send(path, volunteer=office.volunteer, what="duty", number=seat, trust="desk").status_code for path in paths} == {
            403
        }
