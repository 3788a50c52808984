"""One person alone: minutes and credit that a second attacker with the source and the demo's data could make, stretch or double."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import WEDNESDAY, Office, fill_pool
from tests.browser import Browser
from timebank import audit, clock, jobs
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.errors import Conflict
from timebank.places.models import Community
from timebank.records.actions import checking
from timebank.records.models import Finding
from timebank.visits.actions import asking, ceilings, confirming, offering, serving
from timebank.visits.actions.calling_off import cancel_request
from timebank.visits.models import HelpRequest, Offer, ServiceRecord, Source, Trust, Visit
from timebank.volunteers.models import Volunteer

TWO = 14 * 60


def asked_for(office: Office, asker: User, taken_on_by: int) -> Offer:
    """Let somebody ask for a visit of this afternoon, somebody of the office take it on for the elder, and the volunteer say yes."""
    office.at("2026-11-25 09:00")
    with transaction():
        community = db.session.get_one(Community, office.community)
        wish = asking.Wish(kind=db.session.get_one(ServiceKind, office.kind), window=(TWO, 18 * 60), dates=(WEDNESDAY,))
        asker = db.session.merge(asker)
        request = asking.ask_for_help(community.id, wish, asking.Asker(source=Source.FAMILY, user=asker, for_name="臧奶奶"))
        elder = db.session.get_one(Elder, office.elder)
        asking.accept_request(request, db.session.get_one(User, taken_on_by), elder=elder)
        return make.make_offer(next(iter(request.visits)), db.session.get_one(Volunteer, office.volunteer), TWO, accepted=True)


def served(office: Office, made: Offer, minutes: int = 40) -> Visit:
    """Let a visit be made with its code, for so many minutes."""
    office.at("2026-11-25 14:00")
    with transaction():
        serving.check_in(db.session.merge(made), made.visit.code)
    office.at((clock.at(WEDNESDAY, TWO) + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M"))
    with transaction():
        serving.check_out(db.session.merge(made))
    return db.session.get_one(Visit, made.visit_id)


def record_of(visit: int) -> ServiceRecord | None:
    """Return what stands on record of a visit."""
    forget_reads()
    return db.session.scalar(select(ServiceRecord).where(ServiceRecord.visit_id == visit, ServiceRecord.current))


def after_a_week(office: Office) -> None:
    """Let the clock do what it does after a week."""
    office.at("2026-12-03 10:00")
    jobs.keep_house()


def stranger(office: Office) -> User:
    """Return somebody with a telephone whom nobody has approved as anybody's relative."""
    with transaction():
        return make.make_user(Role.FAMILY, db.session.get_one(Community, office.community), name="夏小明")


# A code and a word that are one's own


def test_the_clock_does_not_take_the_code_of_a_visit_its_volunteer_asked_for_and_follows(office: Office) -> None:
    volunteer = db.session.get_one(Volunteer, office.volunteer)
    visit = served(office, asked_for(office, db.session.get_one(User, volunteer.user_id), office.colleague().user))
    after_a_week(office)
    assert record_of(visit.id) is None


def test_the_clock_does_not_take_the_code_a_volunteer_reads_as_the_elders_relative(office: Office) -> None:
    with transaction():
        volunteer = db.session.get_one(Volunteer, office.volunteer)
        make.make_family(db.session.get_one(Elder, office.elder), db.session.get_one(User, volunteer.user_id))
        made = office.visit(minutes=40, start=TWO)
    visit = served(office, made)
    after_a_week(office)
    assert record_of(visit.id) is None


def test_a_strangers_code_and_word_are_worth_the_word_of_whoever_took_the_request_on(office: Office) -> None:
    nobody, colleague = stranger(office), office.colleague().user
    visit = served(office, asked_for(office, nobody, office.insider.user))
    with transaction():
        ceilings.settle_rules(office.community, own_word_month=30)
    with transaction(), pytest.raises(Conflict, match="confirmed on one person's word, is at most 30 minutes"):
        confirming.confirm(db.session.get_one(Visit, visit.id), Trust.FAMILY, db.session.merge(nobody))
    after_a_week(office)
    assert record_of(visit.id) is None
    with transaction():
        ceilings.settle_rules(office.community, own_word_month=300)
        confirming.confirm(db.session.get_one(Visit, visit.id), Trust.FAMILY, db.session.merge(nobody))
    found = record_of(visit.id)
    assert found is not None
    assert found.word_of == office.insider.user != colleague


def test_an_approved_relatives_word_rests_on_nobody_elses(office: Office) -> None:
    daughter = stranger(office)
    with transaction():
        make.make_family(db.session.get_one(Elder, office.elder), db.session.merge(daughter))
    visit = served(office, asked_for(office, daughter, office.insider.user))
    with transaction():
        confirming.confirm(db.session.get_one(Visit, visit.id), Trust.FAMILY, db.session.merge(daughter))
    found = record_of(visit.id)
    assert found is not None
    assert found.word_of is None


@pytest.mark.parametrize("who", ["the volunteer", "a stranger", "a relative"])
def test_a_late_call_off_makes_up_nothing_where_volunteer_or_stranger_calls_their_own_wish_off(office: Office, who: str) -> None:
    with transaction():
        fill_pool(office)
    volunteer = db.session.get_one(Volunteer, office.volunteer)
    asker = db.session.get_one(User, volunteer.user_id) if who == "the volunteer" else stranger(office)
    if who == "a relative":
        with transaction():
            make.make_family(db.session.get_one(Elder, office.elder), db.session.merge(asker))
    made = asked_for(office, asker, office.colleague().user)
    office.at("2026-11-25 13:30")
    before = office.credit()
    token = audit.actor.set(f"user:{asker.id}")
    with transaction():
        cancel_request(db.session.get_one(HelpRequest, db.session.merge(made).visit.request_id), WEDNESDAY - timedelta(days=1), asker)
    audit.actor.reset(token)
    assert office.credit() - before == (15 if who == "a relative" else 0)


# Minutes that are stretched


def test_a_beginning_the_phone_told_of_later_is_marked_and_no_clock_takes_it(office: Office) -> None:
    with transaction():
        made = office.visit(minutes=40, start=TWO)
    office.at("2026-11-25 14:20")
    with transaction():
        serving.check_in(db.session.merge(made), made.visit.code, clock.at(WEDNESDAY, TWO - 15))
    office.at("2026-11-25 14:50")
    with transaction():
        serving.check_out(db.session.merge(made))
    assert db.session.get_one(Offer, made.id).late_by == 35
    assert "手机事后报的，晚了 35 分钟" in office.insider.get("/confirm").text
    assert office.insider.send("/confirm/day", day=WEDNESDAY.isoformat()).status_code == 303
    after_a_week(office)
    assert record_of(made.visit_id) is None
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
    found = record_of(made.visit_id)
    assert found is not None
    assert (found.minutes, found.word_of) == (65, office.insider.user)


def test_what_the_phone_tells_of_at_once_is_not_late(office: Office) -> None:
    with transaction():
        made = office.visit(minutes=40, start=TWO)
    office.at("2026-11-25 14:04")
    with transaction():
        serving.check_in(db.session.merge(made), made.visit.code, clock.at(WEDNESDAY, TWO))
    assert db.session.get_one(Offer, made.id).late_by == 0


def long_plan(office: Office) -> Offer:
    """Let the insider write down a need of ten hours for what takes forty minutes, and the volunteer be there for nine and a half."""
    office.at("2026-11-25 07:00")
    answered = office.insider.send(
        "/requests/new", elder=office.elder, kind="HAIR", pattern="once", dates=WEDNESDAY.isoformat(), window_from="08:00",
        window_to="20:00", minutes="600", then="accept",
    )  # fmt: skip
    assert answered.status_code == 303
    forget_reads()
    with transaction():
        request = db.session.scalars(select(HelpRequest).order_by(HelpRequest.id.desc())).first()
        assert request is not None
        slot = offering.Slot(day=WEDNESDAY, start=480, window=0)
        made = offering.offer(next(iter(request.visits)), db.session.get_one(Volunteer, office.volunteer), slot)
        offering.accept(made)
    office.at("2026-11-25 08:00")
    with transaction():
        serving.check_in(db.session.merge(made), made.visit.code)
    office.at("2026-11-25 17:30")
    with transaction():
        serving.check_out(db.session.merge(made))
    return db.session.get_one(Offer, made.id)


def test_a_plan_far_over_what_its_kind_takes_is_no_measure_and_whoever_wrote_it_does_not_confirm(office: Office) -> None:
    made = long_plan(office)
    assert made.visit.minutes == 600
    number = made.visit_id
    assert "计划写了 600 分钟，这项服务一般 40 分钟" in office.insider.get("/confirm").text
    assert office.insider.send("/confirm", what="visit", number=number, trust="call").status_code == 409
    after_a_week(office)
    assert record_of(number) is None
    colleague = office.colleague()
    assert colleague.send("/confirm", what="visit", number=number, trust="call").status_code == 303
    found = record_of(number)
    assert found is not None
    assert (found.minutes, found.word_of) == (570, colleague.user)
    with transaction():
        checking.check_week(office.community, clock.monday_of(clock.today()), 1)
    assert "odd_length" in {each.rule for each in db.session.scalars(select(Finding).where(Finding.record_id == found.id))}


def test_a_meal_planned_for_hours_does_not_lengthen_its_round(office: Office) -> None:
    office.at("2026-11-25 09:00")
    with transaction():
        doors = make.make_round(db.session.get_one(Community, office.community), db.session.get_one(Volunteer, office.volunteer))
        doors[-1].visit.minutes = 600
    office.at("2026-11-25 10:50")
    with transaction():
        serving.pick_up(db.session.merge(doors[0]).round, 2)
    office.at("2026-11-25 15:50")
    with transaction():
        for each in doors:
            serving.deliver(db.session.merge(each))
    after_a_week(office)
    meals = db.session.merge(doors[0]).round
    assert meals.confirmed_at is None
    with transaction(), pytest.raises(Conflict, match="about 18 were to be expected"):
        confirming.confirm_round(meals, Trust.AUTO, None)


def test_no_minute_of_a_round_on_record_counts_again_in_a_visit_told_of_later(office: Office) -> None:
    office.at("2026-11-25 09:00")
    with transaction():
        doors = make.make_round(db.session.get_one(Community, office.community), db.session.get_one(Volunteer, office.volunteer))
        inside = office.visit(minutes=30, start=11 * 60 + 10)
    office.at("2026-11-25 10:50")
    with transaction():
        serving.pick_up(db.session.merge(doors[0]).round, 2)
    office.at("2026-11-25 11:20")
    with transaction():
        for each in doors:
            serving.deliver(db.session.merge(each))
    assert office.insider.send("/confirm", what="round", number=doors[0].round_id, trust="desk").status_code == 303
    before = office.minutes()
    office.at("2026-11-25 11:30")
    with transaction():
        made = db.session.merge(inside)
        serving.check_in(made, made.visit.code, clock.at(WEDNESDAY, 11 * 60))
        serving.check_out(made, clock.at(WEDNESDAY, 11 * 60 + 18))
    colleague = office.colleague()
    assert colleague.send("/confirm", what="visit", number=inside.visit_id, trust="call").status_code == 409
    assert office.minutes() == before
    meals = db.session.scalars(select(ServiceRecord).where(ServiceRecord.round_id == doors[0].round_id)).one()
    assert colleague.send(f"/books/hours/{meals.id}/correct", minutes=9, reason="11:00 起在做上门").status_code == 303
    assert colleague.send("/confirm", what="visit", number=inside.visit_id, trust="call").status_code == 303
    assert office.minutes() == before - 3


# What a family has said


def test_what_a_family_objected_to_rests_on_whoever_confirms_it_and_is_flagged(office: Office, sign_in_as: Callable[..., Browser]) -> None:
    with transaction():
        made = office.visit(minutes=40, start=TWO)
    visit, daughter = served(office, made), stranger(office)
    with transaction():
        confirming.object_to(db.session.get_one(Visit, visit.id), "没有人来过", daughter)
    assert office.insider.send("/confirm", what="visit", number=visit.id, trust="call").status_code == 303
    found = record_of(visit.id)
    assert found is not None
    assert found.word_of == office.insider.user
    with transaction():
        checking.check_week(office.community, clock.monday_of(clock.today()), 1)
    flag = db.session.scalars(select(Finding).where(Finding.rule == "against_family")).one()
    assert office.insider.send(f"/findings/{flag.id}", settled="in_order", result="没问题").status_code == 409
    assert office.colleague().send(f"/findings/{flag.id}", settled="in_order", result="问过家属").status_code == 303
