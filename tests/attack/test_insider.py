"""One coordinator alone, with one sign-in: no minute comes to exist or grows without a second person, whatever the form."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import TUESDAY, WEDNESDAY, Office, invented, typed
from tests.browser import Browser
from tests.served import record
from timebank import jobs
from timebank.access.models import Role
from timebank.credit import actions as credit
from timebank.credit.models import Relation
from timebank.credit.queries import terms_of
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, FamilyMember
from timebank.errors import Conflict
from timebank.ledger import queries as book
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.records.actions import objecting
from timebank.records.models import Objection
from timebank.stars import standing as stars
from timebank.visits.actions import confirming, entering, serving
from timebank.visits.models import Offer, ServiceRecord, Trust, Visit, VisitState
from timebank.volunteers.models import Volunteer

# 1. A correction upwards


def test_more_minutes_on_a_record_wait_for_a_second_person(office: Office) -> None:
    before = office.gained()
    path = f"/books/hours/{office.record}/correct"
    assert office.insider.send(path, minutes="240", reason="少记了").status_code == 303
    assert office.gained() == before
    assert office.decide(office.insider) == 409
    assert office.gained() == before
    assert office.decide(office.colleague()) == 303
    newest = db.session.scalars(select(ServiceRecord).where(ServiceRecord.current)).one()
    assert (newest.minutes, newest.trust, newest.ended_at - newest.started_at) == (240, Trust.TWO_PERSONS, timedelta(minutes=240))


@pytest.mark.parametrize("minutes", ["571", "721"])
def test_no_two_people_put_more_on_a_day_than_it_holds(office: Office, minutes: str) -> None:
    before = office.gained()
    answer = office.insider.send(f"/books/hours/{office.record}/correct", minutes=minutes, reason="少记了")
    assert answer.status_code == 422
    assert (office.gained(), office.waiting()) == (before, [])


def test_two_people_do_not_put_more_on_a_day_than_twelve_hours_in_all(office: Office) -> None:
    with transaction():
        record(db.session.get_one(Volunteer, office.volunteer), make.make_kind("ERRAND"), TUESDAY, 420, start=6 * 60)
    path = f"/books/hours/{office.record}/correct"
    answer = office.insider.send(path, minutes="301", reason="少记了")
    assert (answer.status_code, "按规则 R7" in answer.text, office.waiting()) == (409, True, [])
    assert office.insider.send(path, minutes="300", reason="少记了").status_code == 303


def test_a_record_does_not_grow_into_the_next_one(office: Office) -> None:
    with transaction():
        record(db.session.get_one(Volunteer, office.volunteer), make.make_kind("ERRAND"), TUESDAY, 30, start=870 + 200)
    assert office.insider.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了").status_code == 409
    assert office.waiting() == []


def test_fewer_minutes_take_effect_at_once_and_the_end_moves(office: Office) -> None:
    assert office.insider.send(f"/books/hours/{office.record}/correct", minutes="60", reason="多记了").status_code == 303
    newest = db.session.scalars(select(ServiceRecord).where(ServiceRecord.current)).one()
    assert (newest.minutes, newest.ended_at - newest.started_at) == (60, timedelta(minutes=60))


# 2. The same through an objection


def test_an_answer_to_an_objection_that_adds_minutes_waits_with_them(office: Office) -> None:
    with transaction():
        made = db.session.get_one(ServiceRecord, office.record)
        said = objecting.object_to(made, made.volunteer, "少了一小时").id
    before = office.gained()
    assert office.insider.send(f"/objections/{said}", words="查过，少记了", minutes="247").status_code == 303
    assert office.gained() == before
    assert db.session.get_one(Objection, said).answered_at is None
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    assert office.minutes() == 247
    answered = db.session.get_one(Objection, said)
    assert (answered.answered_by, answered.answer) == (office.insider.user, "查过，少记了")


# 3. A day sheet typed in for a visit nobody made


def test_whoever_types_a_day_sheet_does_not_confirm_it_and_neither_does_the_clock(office: Office) -> None:
    with transaction():
        made = office.visit()
    before = office.gained()
    typed(office, made, "14:00", "14:30")
    made = db.session.get_one(Offer, made.id)
    assert (made.visit.state, made.entered_by) == (VisitState.DONE, office.insider.user)
    for trust in ("desk", "call"):
        assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust=trust).status_code == 409
    office.insider.send("/confirm/day", day=WEDNESDAY.isoformat())
    office.at("2026-12-05 09:00")
    with transaction():
        confirming.confirm_due()
    assert office.gained() == before
    assert office.colleague().send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
    assert office.minutes() == before[0] + 30


def test_a_relative_the_typist_approved_does_not_confirm_what_they_typed(office: Office, sign_in_as: Callable[..., Browser]) -> None:
    with transaction():
        made = office.visit()
        daughter = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        link = make.make_family(db.session.get_one(Elder, office.elder), daughter)
        link.approved_by = office.insider.user
    typed(office, made, "14:00", "14:30")
    visit = db.session.get_one(Visit, made.visit_id)
    with transaction(), pytest.raises(Conflict, match="a relative somebody else than the typist has approved"):
        confirming.confirm(visit, Trust.FAMILY, daughter)
    with transaction():
        link = db.session.merge(link)
        link.approved_by = None
        confirming.confirm(db.session.get_one(Visit, made.visit_id), Trust.FAMILY, db.session.merge(daughter))


# 4. Invented people


def test_the_service_of_people_only_the_insider_knows_is_confirmed_by_nobody_but_a_colleague(office: Office) -> None:
    volunteer, elder = invented(office)
    assert (volunteer.registered_by, elder.registered_by) == (office.insider.user, office.insider.user)
    before = office.gained()
    office.at("2026-11-25 14:00")
    with transaction():
        made = office.visit(volunteer=volunteer, elder=elder)
        serving.check_in(made, made.visit.code)
    office.at("2026-11-25 14:30")
    with transaction():
        serving.check_out(db.session.merge(made))
    number = made.visit_id
    for trust in ("desk", "call"):
        assert office.insider.send("/confirm", what="visit", number=number, trust=trust).status_code == 409
    with transaction():
        daughter = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        with pytest.raises(Conflict, match="Only the colleague who registered"):
            confirming.confirm(db.session.get_one(Visit, number), Trust.FAMILY, daughter)
    office.at("2026-12-05 09:00")
    with transaction():
        confirming.confirm_due()
    assert office.gained() == before
    assert office.insider.send("/proposals/people", person=[f"volunteer-{volunteer.id}", f"elder-{elder.id}"]).status_code == 409
    forget_reads()
    assert db.session.get_one(Volunteer, volunteer.id).vouched_by is None
    other = office.colleague()
    assert "于海宁" in other.get("/proposals").text
    assert other.send("/proposals/people", person=[f"volunteer-{volunteer.id}", f"elder-{elder.id}"]).status_code == 303
    assert office.insider.send("/confirm", what="visit", number=number, trust="call").status_code == 303
    assert office.minutes() == before[0] + 30


def test_a_relative_speaks_for_an_elder_by_two_people_or_after_a_day_and_the_elder_hears_of_it(office: Office, sent: None) -> None:
    with transaction():
        elder = db.session.get_one(Elder, office.elder)
        elder.phone = "13688880000"
        people = [make.make_user(Role.FAMILY, db.session.get_one(Community, office.community)) for _ in range(2)]
        first, second = (make.make_family(elder, each, approved=False).id for each in people)
    for link in (first, second):
        assert office.insider.send(f"/elders/{office.elder}/family/{link}/approve", said="call").status_code == 303
    forget_reads()
    assert {each.phone for each in db.session.scalars(select(Notice).where(Notice.template == "family"))} == {"13688880000"}
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert [db.session.get_one(FamilyMember, link).approved_at is not None for link in (first, second)] == [False, True]
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    assert db.session.get_one(FamilyMember, first).approved_by == office.insider.user


def test_a_relative_never_speaks_by_waiting_where_whoever_asks_wrote_the_number_that_is_told(office: Office, sent: None) -> None:
    with transaction():
        elder = db.session.get_one(Elder, office.elder)
        link = make.make_family(elder, make.make_user(Role.FAMILY, db.session.get_one(Community, office.community)), approved=False).id
    said = {"name": elder.name, "phone": "13799990000", "gender": "F", "birth_year": "1936", "lives_alone": "1", "level": "unknown"}
    door = {"building": office.building, "floor": "1", "door": "", "entrance": ""}
    assert office.insider.send(f"/elders/{office.elder}/edit", **said, **door).status_code == 303
    assert office.insider.send(f"/elders/{office.elder}/family/{link}/approve", said="call").status_code == 303
    assert office.waiting()[-1].due_at is None


def test_whoever_asked_for_help_and_is_no_family_does_not_confirm_what_was_typed_in(office: Office) -> None:
    with transaction():
        made = office.visit()
        asker = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        made.visit.request.asked_by = asker.id
    typed(office, made, "14:00", "14:30")
    with transaction(), pytest.raises(Conflict, match="a relative somebody else than the typist has approved"):
        confirming.confirm(db.session.get_one(Visit, made.visit_id), Trust.FAMILY, db.session.merge(asker))


def test_a_link_does_not_lead_to_an_elder_only_the_insider_knows_and_the_clock_lets_a_leaver_rest(office: Office) -> None:
    _invented, elder = invented(office)
    with transaction():
        volunteer = db.session.get_one(Volunteer, office.volunteer)
        link = credit.ask_link(volunteer, Relation.PARENT, "宋桂兰").id
    assert office.insider.send(f"/credit/links/{link}", elder=elder.id).status_code == 409
    office.insider.send("/credit/rules", leaving="pool")
    office.decide(office.colleague())
    assert office.insider.send(
        f"/volunteers/{office.volunteer}/edit", name=volunteer.name, phone=volunteer.phone, home="", travel="walk", boxes="6",
        max_day="180", max_week="360", has_phone="1", sure="1",
    ).status_code == 303  # fmt: skip
    before = book.balance(db.session.get_one(Volunteer, office.volunteer).account_id)
    office.at("2026-11-26 15:00")
    jobs.keep_house()
    assert book.balance(db.session.get_one(Volunteer, office.volunteer).account_id) == before > 0
    office.at("2026-11-26 17:00")
    jobs.keep_house()
    assert book.balance(db.session.get_one(Volunteer, office.volunteer).account_id) == 0


# 5. Rules and grants


def test_changed_rules_of_the_time_account_wait_for_a_second_person(office: Office) -> None:
    assert office.insider.send("/credit/rules", basis="200", grant_month="2400", auto_days="1", gift_to="friends").status_code == 303
    assert (terms_of(office.community).basis, terms_of(office.community).gift_to) != (200, "friends")
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert (terms_of(office.community).basis, terms_of(office.community).gift_to) == (200, "friends")
    page = office.insider.get(f"/books/{office.volunteer}?month=2026-11").text
    assert "150 → 200" in page
    assert "150 → 200" not in office.insider.get(f"/books/{office.volunteer}?month=2026-10").text


def test_a_grant_above_the_catalogues_waits_for_a_second_person_even_where_the_rule_allows_it(office: Office) -> None:
    usual = terms_of(office.community).grant_month
    office.insider.send("/credit/rules", grant_month=str(usual * 2))
    office.decide(office.colleague())
    assert office.insider.send(f"/credit/grants/{office.elder}", minutes=str(usual)).status_code == 303
    before = office.credit()
    assert office.insider.send(f"/credit/grants/{office.elder}", minutes=str(usual)).status_code == 303
    assert office.insider.send("/credit/grants").status_code == 303
    assert office.credit() == before
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    assert office.credit() == before + usual


def test_an_elder_only_the_insider_knows_gets_no_grant(office: Office) -> None:
    _volunteer, elder = invented(office)
    before = office.credit()
    assert office.insider.send(f"/credit/grants/{elder.id}", minutes="60").status_code == 409
    office.insider.send("/credit/grants")
    forget_reads()
    assert book.totals(office.community) is not None
    assert office.credit() - before == terms_of(office.community).grant_month  # the one elder everybody knows


def test_the_hours_of_the_stars_wait_for_a_second_person(office: Office) -> None:
    before = stars.rule_of(office.community).hours
    given = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "faults": "3", "days": "5"}
    assert office.insider.send("/stars/rule", **given).status_code == 303
    assert stars.rule_of(office.community).hours == before
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert stars.rule_of(office.community).hours == (1, 2, 3, 4, 5)


def test_the_ceilings_of_entries_by_hand_wait_for_a_second_person_even_for_an_administrator(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    given = {
        "volunteer_month": "14400", "coordinator_month": "144000", "back_days": "366", "call_back_percent": "0", "own_word_month": "144000",
    }  # fmt: skip
    assert admin.send("/entries/rules", **given).status_code == 303
    assert entering.rules_of(office.community).call_back_percent != 0
    assert entering.rules_of(office.community).own_word_month == 3000
    assert office.decide(admin) == 409
    assert office.decide(office.insider) == 303
    forget_reads()
    assert entering.rules_of(office.community).volunteer_month == 14400
    assert entering.rules_of(office.community).own_word_month == 144000
