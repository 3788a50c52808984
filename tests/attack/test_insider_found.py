"""One coordinator alone: ways that attackers with the source have found, each refused now."""

from datetime import date

from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import TUESDAY, Office, edited, elder_edited, fill_pool, identity, invented, sheet_of, typed
from tests.browser import open_browser
from tests.served import record
from timebank import audit, clock, jobs
from timebank.access import actions as access
from timebank.access.models import MagicLink, Purpose, Role, User
from timebank.credit import actions as credit
from timebank.credit.models import Relation
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.ledger import actions as ledger
from timebank.ledger import queries as book
from timebank.ledger.models import AccountKind
from timebank.places.models import Building, Community
from timebank.visits.actions import confirming, serving
from timebank.visits.actions.calling_off import call_off
from timebank.visits.models import Offer, ServiceRecord, Trust, Visit, VisitState
from timebank.visits.states import Why
from timebank.volunteers.actions import hold_back
from timebank.volunteers.models import Volunteer

# Eight more


def test_whoever_checked_a_relative_does_not_pass_a_leavers_minutes_on_to_them(office: Office) -> None:
    with transaction():
        volunteer = db.session.get_one(Volunteer, office.volunteer)
        link = credit.ask_link(volunteer, Relation.PARENT, "臧玉梅").id
    assert office.insider.send(f"/credit/links/{link}", elder=office.elder).status_code == 303
    with transaction():
        db.session.get_one(Volunteer, office.volunteer).active = False
    before = book.balance(db.session.get_one(Volunteer, office.volunteer).account_id)
    assert before > 0
    assert office.insider.send(f"/credit/leavers/{office.volunteer}", link=link).status_code == 409
    assert office.colleague().send(f"/credit/leavers/{office.volunteer}", link=link).status_code == 303
    forget_reads()
    assert book.balance(db.session.get_one(Volunteer, office.volunteer).account_id) == 0


def test_a_number_changed_first_and_given_a_sign_in_afterwards_waits_all_the_same(office: Office) -> None:
    with transaction():
        volunteer = db.session.get_one(Volunteer, office.volunteer)
        volunteer.has_phone, volunteer.user_id = False, None
        phone = volunteer.phone
    assert identity(office, volunteer.name, "13799990000") == 303
    forget_reads()
    assert db.session.get_one(Volunteer, office.volunteer).phone == phone
    assert db.session.scalar(select(User).where(User.phone == "13799990000")) is None


def test_what_is_tapped_by_the_code_of_a_printed_sheet_is_confirmed_by_another_than_whoever_printed_it(office: Office) -> None:
    with transaction():
        made = office.visit(start=16 * 60)
        user = db.session.get_one(User, db.session.get_one(Volunteer, office.volunteer).user_id or 0)
        token = access.make_link(user, Purpose.DAY_SHEET, clock.at(date(2026, 11, 26), 0), limit=3)
        db.session.scalars(select(MagicLink)).one().made_by = office.insider.user
    sheet = open_browser(office.app)
    assert sheet.send(f"/link/{token}").status_code == 303
    code = db.session.get_one(Visit, made.visit_id).code
    assert sheet.send(f"/phone/visits/{made.id}/check-in", code=code).status_code == 303
    office.at("2026-11-25 16:30")
    assert sheet.send(f"/phone/visits/{made.id}/check-out").status_code == 303
    forget_reads()
    before = office.gained()
    assert db.session.get_one(Visit, made.visit_id).state is VisitState.DONE
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="desk").status_code == 409
    assert sheet.send("/phone/account/donations", minutes="10").status_code == 403
    office.at("2026-12-05 09:00")
    with transaction():
        confirming.confirm_due()
    assert office.gained() == before
    assert office.colleague().send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
    assert office.minutes() == before[0] + 30


def test_a_late_call_off_makes_up_only_to_somebody_who_accepted_by_themselves(office: Office) -> None:
    with transaction():
        pool = ledger.system_account(office.community, AccountKind.POOL)
        ledger.fill_pool(pool.community_id, 500, source="opening", idem=("test", "pool"), actor="clock")
        by_desk, by_self = office.visit(start=16 * 60 + 30), office.visit(start=17 * 60)
        by_desk.answered_by = Trust.DESK
    before = office.credit()
    with transaction():
        call_off([db.session.get_one(Visit, by_desk.visit_id)], Why.DESK)
    assert office.credit() == before
    with transaction():
        by_self = db.session.get_one(Offer, by_self.id)
        token = audit.actor.set(f"user:{office.insider.user}")
        audit.record("accept_request", "help_request", by_self.visit.request_id)
        audit.actor.reset(token)
    assert office.insider.send("/today/give-up", visit=str(by_self.visit_id), reason="老人说不用来").status_code == 303
    assert office.credit() == before
    with transaction():
        other = office.visit(start=17 * 60 + 15)
        call_off([db.session.get_one(Visit, other.visit_id)], Why.DESK)
    assert office.credit() > before


def test_late_call_offs_make_up_an_hour_a_month_and_no_more(office: Office) -> None:
    """A friend accepts, the insider calls off, six times: the family telephoned, says whoever sits at the desk."""
    with transaction():
        ledger.fill_pool(office.community, 500, source="opening", idem=("test", "pool"), actor="clock")
        numbers = [office.visit(start=16 * 60 + 30 + each).visit_id for each in range(6)]
    before = office.credit()
    for number in numbers:
        assert office.insider.send("/today/give-up", visit=str(number), reason="家属来电说不用来").status_code == 303
    assert office.credit() == before + 60


def test_another_number_in_a_workbook_waits_like_one_on_the_form(office: Office) -> None:
    volunteer = db.session.get_one(Volunteer, office.volunteer)
    phone, name = volunteer.phone, volunteer.name
    token = audit.actor.set(f"user:{office.insider.user}")
    with transaction():
        waits = hold_back(db.session.get_one(Volunteer, office.volunteer), name, "13799990000")
    audit.actor.reset(token)
    assert waits is not None
    forget_reads()
    assert db.session.get_one(Volunteer, office.volunteer).phone == phone


# Found by an attacker


def test_a_relative_does_not_confirm_by_the_code_of_a_sheet_the_typist_printed(office: Office) -> None:
    with transaction():
        community = db.session.get_one(Community, office.community)
        relative = make.make_volunteer(community, "程立新", has_phone=True)
        user = make.make_user(Role.VOLUNTEER, community, phone=relative.phone, name=relative.name)
        relative.user_id = user.id
        make.make_family(db.session.get_one(Elder, office.elder), user)
        made = office.visit()
    before = office.gained()
    typed(office, made, "14:00", "14:30")
    assert sheet_of(office, user.id).send(f"/family/visits/{made.visit_id}/confirm").status_code == 403
    assert office.gained() == before


def test_what_is_accepted_by_the_code_of_a_printed_sheet_is_no_yes_of_the_volunteer(office: Office) -> None:
    with transaction():
        fill_pool(office)
        elder = db.session.get_one(Elder, office.elder)
        community = db.session.get_one(Community, office.community)
        request = make.make_request(community, make.make_kind("ERRAND"), elder.household, minutes=30, elder=elder)
        volunteer = db.session.get_one(Volunteer, office.volunteer)
        made = make.make_offer(make.make_visit(request), volunteer, 16 * 60 + 30)
    before = office.credit()
    assert sheet_of(office, volunteer.user_id or 0).send("/phone/offers", pick=f"o{made.id}").status_code == 303
    forget_reads()
    assert db.session.get_one(Offer, made.id).answered_by is Trust.DESK
    assert office.insider.send("/today/give-up", visit=str(made.visit_id), reason="老人说不用来").status_code == 303
    assert office.credit() == before


def test_a_late_call_off_makes_up_nothing_to_somebody_only_the_insider_knows(office: Office) -> None:
    volunteer, _elder = invented(office)
    with transaction():
        fill_pool(office)
        made = office.visit(start=16 * 60 + 30, volunteer=volunteer)
    before = office.credit()
    assert office.insider.send("/today/give-up", visit=str(made.visit_id), reason="老人说不用来").status_code == 303
    forget_reads()
    assert db.session.get_one(Visit, made.visit_id).state is VisitState.CANCELLED
    assert office.credit() == before


def test_paid_staff_do_not_become_volunteers_by_one_persons_word(office: Office) -> None:
    office.at("2026-11-25 13:00")
    with transaction():
        make.make_standing(db.session.get_one(Volunteer, office.volunteer), make.WEDNESDAY, paid=True)
        made = office.visit(minutes=120, start=13 * 60)
        serving.check_in(made, made.visit.code)
    office.at("2026-11-25 15:00")
    with transaction():
        serving.check_out(db.session.merge(made))
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
    duty = db.session.scalars(select(ServiceRecord.id).where(ServiceRecord.minutes == 120)).one()
    before = office.credit()
    changed = {"paid": "", "reason": "不再聘用"}
    page = f"/volunteers/{office.volunteer}/standing"
    assert office.insider.send(page, from_day="2026-11-25", **changed).status_code == 422
    assert office.insider.send(page, from_day="2026-11-26", **changed).status_code == 303
    assert edited(office, office.volunteer) == 303
    office.at("2026-11-28 09:00")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).staff
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert not db.session.get_one(Volunteer, office.volunteer).staff
    assert office.insider.send(f"/books/hours/{duty}/correct", minutes="119", reason="多记了").status_code == 303
    assert office.credit() == before


def test_another_number_waits_once_minutes_stand_on_the_account_of_somebody_not_yet_looked_at(office: Office) -> None:
    volunteer, _elder = invented(office)
    assert edited(office, volunteer.id, phone="13799990001") == 303
    assert db.session.get_one(Volunteer, volunteer.id).phone == "13799990001"
    with transaction():
        record(db.session.get_one(Volunteer, volunteer.id), make.make_kind("ERRAND"), TUESDAY, 120)
    assert edited(office, volunteer.id, phone="13799990000") == 303
    assert db.session.get_one(Volunteer, volunteer.id).phone == "13799990001"
    assert len(office.waiting()) == 1


def test_whoever_renames_somebody_a_colleague_registered_does_not_vouch_for_somebody_new(office: Office) -> None:
    volunteer, _elder = invented(office)
    other = office.colleague()
    with transaction():
        db.session.get_one(Volunteer, volunteer.id).registered_by = other.user
    assert edited(office, volunteer.id, name="刘小明", phone="13799990000") == 303
    assert db.session.get_one(Volunteer, volunteer.id).name == "于海宁"
    assert len(office.waiting()) == 1


def test_an_elder_with_another_name_is_looked_at_anew(office: Office) -> None:
    other = office.colleague()
    with transaction():
        elder = db.session.get_one(Elder, office.elder)
        elder.registered_by, elder.vouched_by = other.user, office.insider.user
    assert elder_edited(office, office.elder, name="宋桂兰", lives_alone="1") == 303
    elder = db.session.get_one(Elder, office.elder)
    assert (elder.registered_by, elder.vouched_by) == (office.insider.user, None)
    assert office.insider.send("/proposals/people", person=[f"elder-{office.elder}"]).status_code == 409
    assert office.insider.send(f"/credit/grants/{office.elder}", minutes="60").status_code == 409
    assert other.send("/proposals/people", person=[f"elder-{office.elder}"]).status_code == 303
    assert office.insider.send(f"/credit/grants/{office.elder}", minutes="60").status_code == 303


def test_a_grant_to_whoever_the_insider_made_a_priority_elder_waits_for_a_second_person(office: Office) -> None:
    with transaction():
        home = make.make_household(db.session.get_one(Community, office.community), db.session.get_one(Building, office.building))
        number = make.make_elder(home, "宋桂兰", birth_year=1958).id
    before = office.credit()
    assert office.insider.send(f"/credit/grants/{number}", minutes="60").status_code == 409
    assert elder_edited(office, number, level="lost", agrees_health="1") == 303
    assert office.insider.send(f"/credit/grants/{number}", minutes="60").status_code == 303
    assert office.credit() == before
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    assert office.credit() == before + 60
    assert office.insider.send(f"/credit/grants/{number}", minutes="30").status_code == 303
    assert office.credit() == before + 90


def test_whoever_notes_that_a_volunteer_stopped_does_not_move_what_they_leave(office: Office) -> None:
    before = office.credit()
    assert edited(office, office.volunteer, active="", sure="1") == 303
    assert office.insider.send(f"/credit/leavers/{office.volunteer}").status_code == 409
    assert office.credit() == before
    assert office.colleague().send(f"/credit/leavers/{office.volunteer}").status_code == 303
    assert office.credit() == 0


def test_whoever_notes_that_an_elder_died_does_not_move_what_they_leave(office: Office) -> None:
    with transaction():
        credit.grant(db.session.get_one(Elder, office.elder), 300, key="grant", actor="clock")
    before = office.credit()
    assert office.insider.send(f"/elders/{office.elder}/state", state="deceased", sure="1").status_code == 303
    assert office.insider.send(f"/credit/gone/{office.elder}").status_code == 409
    assert office.credit() == before
    assert office.colleague().send(f"/credit/gone/{office.elder}").status_code == 303
    assert office.credit() == before - 300


def test_people_only_the_insider_knows_are_not_forgotten_by_noting_that_they_moved(office: Office) -> None:
    _volunteer, elder = invented(office)
    office.at("2026-11-25 14:00")
    with transaction():
        home = db.session.get_one(Elder, elder.id).household
        request = make.make_request(db.session.get_one(Community, office.community), make.make_kind("ERRAND"), home, minutes=30)
        made = make.make_offer(make.make_visit(request), db.session.get_one(Volunteer, office.volunteer), 14 * 60, accepted=True)
        serving.check_in(made, made.visit.code)
    office.at("2026-11-25 14:30")
    with transaction():
        serving.check_out(db.session.merge(made))
    before = office.gained()
    assert office.insider.send(f"/elders/{elder.id}/state", state="moved", sure="1").status_code == 303
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 409
    assert office.gained() == before
    assert office.colleague().send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
