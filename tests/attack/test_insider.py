"""One coordinator alone, with one sign-in: whatever form is tried, no minute comes to exist, grows or changes hands without a second person."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests import builders as make
from tests.browser import Browser, open_browser
from tests.recognition.conftest import record
from timebank import audit, clock, jobs
from timebank.access import actions as access
from timebank.access.models import MagicLink, Purpose, Role, Session, User
from timebank.audit import AuditRow
from timebank.credit import actions as credit
from timebank.credit.models import Relation
from timebank.credit.queries import terms_of
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, FamilyMember
from timebank.errors import Conflict
from timebank.ledger import actions as ledger
from timebank.ledger import queries as book
from timebank.ledger.models import Account, AccountKind
from timebank.notices.channels import Outbox, Terminal, carriers
from timebank.notices.models import Notice
from timebank.places.models import Building, Community
from timebank.proposals.models import Proposal, State
from timebank.recognition import stars
from timebank.records.actions import objecting
from timebank.records.models import Objection
from timebank.visits.actions import confirming, entering, serving
from timebank.visits.actions.calling_off import call_off
from timebank.visits.entries import Kinship
from timebank.visits.models import Offer, ServiceRecord, Trust, Visit, VisitState
from timebank.visits.states import Why
from timebank.volunteers.actions import hold_back
from timebank.volunteers.models import Volunteer

TUESDAY, WEDNESDAY = date(2026, 11, 24), make.WEDNESDAY
SECONDS = (Role.COORDINATOR, Role.ADMIN)
OTHERS = (Role.INSPECTOR, Role.TEAM_LEAD, Role.BUILDING_LEAD, Role.CANTEEN, Role.VOLUNTEER, Role.FAMILY)


@dataclass
class Office:
    """A small office on a Wednesday at 16:00: the insider, a way to fetch colleagues, and what there is to gain by."""

    app: Flask
    insider: Browser
    colleague: Callable[..., Browser]
    community: int
    volunteer: int
    elder: int
    record: int
    building: int
    kind: int

    def minutes(self) -> int:
        """Return the minutes on record."""
        forget_reads()
        return db.session.scalar(select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(ServiceRecord.current)) or 0

    def credit(self) -> int:
        """Return the minutes on all accounts of people."""
        forget_reads()
        return db.session.scalar(select(func.coalesce(func.sum(Account.balance), 0)).where(Account.kind == "member")) or 0

    def at(self, text: str) -> None:
        """Make the clock show a time; everybody has been at work meanwhile."""
        now = make.set_clock(text)
        with transaction():
            db.session.execute(update(Session).values(last_seen_at=now, expires_at=now + timedelta(hours=12)))

    def gained(self) -> tuple[int, int]:
        """Return both."""
        return self.minutes(), self.credit()

    def waiting(self) -> list[Proposal]:
        """Return what waits for a second person."""
        forget_reads()
        return list(db.session.scalars(select(Proposal).where(Proposal.state == State.PENDING).order_by(Proposal.id)))

    def decide(self, browser: Browser, verb: str = "agree", **fields: str) -> int:
        """Let somebody press a button of the last thing that waits, and return what they were answered."""
        return browser.send(f"/proposals/{self.waiting()[-1].id}/{verb}", **fields).status_code

    def visit(self, minutes: int = 30, start: int = 14 * 60, volunteer: Volunteer | None = None, elder: Elder | None = None) -> Offer:
        """Return an accepted visit of this Wednesday."""
        elder = elder or db.session.get_one(Elder, self.elder)
        request = make.make_request(
            db.session.get_one(Community, self.community), make.make_kind(f"ERRAND{start}"), elder.household, minutes=minutes, elder=elder
        )
        return make.make_offer(make.make_visit(request), volunteer or db.session.get_one(Volunteer, self.volunteer), start, accepted=True)


@pytest.fixture
def office(app: Flask, sign_in_as: Callable[..., Browser]) -> Iterator[Office]:
    """Build the office."""
    make.set_clock("2026-11-23 09:00")
    with app.app_context(), transaction():
        community = make.make_community()
        make.make_canteen(community)
        building = make.make_building(community)
        home = make.make_household(community, building)
        elder = make.make_elder(home, "臧玉梅", birth_year=1936, lives_alone=True)
        volunteer = make.make_volunteer(community, has_phone=True)
        user = make.make_user(Role.VOLUNTEER, community, phone=volunteer.phone, name=volunteer.name)
        volunteer.user_id = user.id
        kind = make.make_kind("HAIR")
        made = record(volunteer, kind, TUESDAY, 187)
        numbers = (community.id, volunteer.id, elder.id, made.id, building.id, kind.id)
    make.set_clock("2026-11-25 16:00")
    insider = sign_in_as(Role.COORDINATOR, community_id=numbers[0])

    def colleague(role: Role = Role.COORDINATOR) -> Browser:
        browser = sign_in_as(role, community_id=numbers[0])
        forget_reads()
        return browser

    with app.app_context():
        yield Office(app, insider, colleague, *numbers)


@pytest.fixture
def sent(office: Office) -> Iterator[None]:
    """Let messages go out by themselves; without that nothing takes effect by waiting."""
    carriers.messages = Terminal(io.StringIO())
    yield
    carriers.messages = Outbox()


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


def typed(office: Office, made: Offer, started: str, ended: str) -> None:
    """Let the insider type one line of a day sheet in."""
    path = f"/desk?day={WEDNESDAY.isoformat()}&everybody=1"
    fields = {f"started-{made.id}": started, f"ended-{made.id}": ended, f"outcome-{made.id}": "done"}
    assert office.insider.send(path, day=WEDNESDAY.isoformat(), everybody="1", **fields).status_code == 303
    forget_reads()


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


def invented(office: Office) -> tuple[Volunteer, Elder]:
    """Let the insider register a volunteer and an elder."""
    office.insider.send(
        "/volunteers/new", name="于海宁", phone="13711112222", home=office.building, travel="walk", boxes="6", max_day="180", max_week="360",
        has_phone="1",
    )  # fmt: skip
    office.insider.send(
        "/elders/new", name="宋桂兰", building=office.building, floor="2", door="201", birth_year="1936", lives_alone="1", agrees="1",
        level="unknown", agrees_service="1",
    )  # fmt: skip
    forget_reads()
    volunteer = db.session.scalars(select(Volunteer).where(Volunteer.name == "于海宁")).one()
    elder = db.session.scalars(select(Elder).where(Elder.name == "宋桂兰")).one()
    return volunteer, elder


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
        elder.phone = "053288880000"
        people = [make.make_user(Role.FAMILY, db.session.get_one(Community, office.community)) for _ in range(2)]
        first, second = (make.make_family(elder, each, approved=False).id for each in people)
    for link in (first, second):
        assert office.insider.send(f"/elders/{office.elder}/family/{link}/approve").status_code == 303
    forget_reads()
    assert {each.phone for each in db.session.scalars(select(Notice).where(Notice.template == "family"))} == {"053288880000"}
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
    assert office.insider.send(f"/elders/{office.elder}/family/{link}/approve").status_code == 303
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
    given = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "faults": "3"}
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


# 6. Somebody else's telephone


def identity(office: Office, name: str, phone: str) -> int:
    """Let the insider change who a volunteer is."""
    return office.insider.send(
        f"/volunteers/{office.volunteer}/edit", name=name, phone=phone, home="", travel="walk", boxes="6", max_day="180", max_week="360",
        has_phone="1", active="1",
    ).status_code  # fmt: skip


def test_another_number_waits_both_numbers_hear_of_it_and_every_session_ends(office: Office) -> None:
    volunteer = db.session.get_one(Volunteer, office.volunteer)
    name, phone, user = volunteer.name, volunteer.phone, volunteer.user_id
    assert user is not None
    with transaction():
        access.sign_in(db.session.get_one(User, user))
    assert identity(office, name, "13799990000") == 303
    forget_reads()
    assert (db.session.get_one(Volunteer, office.volunteer).phone, db.session.get_one(User, user).phone) == (phone, phone)
    told = {each.phone for each in db.session.scalars(select(Notice).where(Notice.template == "number"))}
    assert told == {phone, "13799990000"}
    assert office.decide(office.insider) == 409
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert db.session.get_one(User, user).phone == "13799990000"
    alive = select(func.count()).select_from(Session).where(Session.user_id == user, Session.revoked_at.is_(None))
    assert db.session.scalar(alive) == 0


def test_another_number_takes_effect_after_a_day_in_which_nobody_objected_and_another_name_never_by_itself(
    office: Office, sent: None
) -> None:
    name, phone = db.session.get_one(Volunteer, office.volunteer).name, db.session.get_one(Volunteer, office.volunteer).phone
    assert identity(office, name, "13799990000") == 303
    office.at("2026-11-26 15:59")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).phone == phone
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).phone == "13799990000"
    row = db.session.scalars(select(AuditRow).where(AuditRow.verb == "elapse")).one()
    assert row.detail["kind"] == "identity"
    assert identity(office, "于海宁", "13799990000") == 303
    office.at("2026-12-05 16:00")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).name == name
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert db.session.get_one(Volunteer, office.volunteer).name == "于海宁"


def test_a_refused_name_never_takes_effect(office: Office) -> None:
    phone = db.session.get_one(Volunteer, office.volunteer).phone
    identity(office, "于海宁", phone)
    other = office.colleague()
    assert office.decide(other, "refuse") == 422
    assert office.decide(other, "refuse", decision="打过电话，本人没有改名") == 303
    office.at("2026-11-28 09:00")
    jobs.keep_house()
    assert db.session.get_one(Volunteer, office.volunteer).name != "于海宁"


# 7. One's own family


def test_nobody_of_the_office_confirms_what_their_own_family_did(office: Office) -> None:
    office.at("2026-11-25 14:00")
    with transaction():
        db.session.add(Kinship(user_id=office.insider.user or 0, volunteer_id=office.volunteer, relation="配偶"))
        made = office.visit()
        serving.check_in(made, made.visit.code)
    office.at("2026-11-25 14:30")
    with transaction():
        serving.check_out(db.session.merge(made))
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 409
    assert office.colleague().send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303


def test_nobody_takes_their_own_kinship_off(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    with transaction():
        kin = Kinship(user_id=admin.user or 0, volunteer_id=office.volunteer, relation="配偶")
        db.session.add(kin)
    assert admin.send(f"/entries/kin/{kin.id}/drop").status_code == 409
    assert office.colleague(Role.ADMIN).send(f"/entries/kin/{kin.id}/drop").status_code == 303


def test_nobody_corrects_or_decides_about_their_familys_record(office: Office) -> None:
    other = office.colleague()
    with transaction():
        db.session.add(Kinship(user_id=other.user or 0, volunteer_id=office.volunteer, relation="姐姐"))
    assert other.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了").status_code == 409
    office.insider.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了")
    assert office.decide(other) == 409
    assert office.decide(office.colleague()) == 303


# Whoever may decide


@pytest.mark.parametrize("asks", SECONDS)
@pytest.mark.parametrize("decides", [*SECONDS, *OTHERS])
def test_only_another_person_of_the_office_decides(office: Office, asks: Role, decides: Role) -> None:
    asker, decider = office.colleague(asks), office.colleague(decides)
    asker.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了")
    assert office.decide(asker) == 409
    answered = office.decide(decider)
    assert (answered == 303) is (decides in SECONDS)
    assert (office.minutes() == 200) is (decides in SECONDS)


def asks_for_an_answer(office: Office) -> None:
    """Let the insider answer an objection with more minutes."""
    with transaction():
        made = db.session.get_one(ServiceRecord, office.record)
        said = objecting.object_to(made, made.volunteer, "少了一小时").id
    office.insider.send(f"/objections/{said}", words="查过，少记了", minutes="247")


def asks_for_a_grant(office: Office) -> None:
    """Let the insider grant above the catalogue's, where the rule allows it."""
    with transaction():
        credit.change_settings(office.community, {"grant_month": "2400"}, db.session.get_one(User, office.insider.user or 0))
    office.insider.send(f"/credit/grants/{office.elder}", minutes="600")


def asks_for_a_relative(office: Office) -> None:
    """Let the insider agree to a relative."""
    with transaction():
        daughter = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        link = make.make_family(db.session.get_one(Elder, office.elder), daughter, approved=False).id
    office.insider.send(f"/elders/{office.elder}/family/{link}/approve")


ASKED: dict[str, Callable[[Office], object]] = {
    "correction": lambda office: office.insider.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了"),
    "answer": asks_for_an_answer,
    "credit_rules": lambda office: office.insider.send("/credit/rules", basis="200"),
    "star_rule": lambda office: office.insider.send("/stars/rule", one="1", two="2", three="3", four="4", five="5", faults="3"),
    "grant": asks_for_a_grant,
    "identity": lambda office: identity(office, "于海宁", "13799990000"),
    "family": asks_for_a_relative,
}


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("decides", SECONDS)
def test_whatever_waits_is_decided_by_another_person_of_the_office_and_by_no_other_role(office: Office, what: str, decides: Role) -> None:
    ASKED[what](office)
    asked = office.waiting()[-1]
    assert (asked.kind.value, asked.proposed_by) == (what, office.insider.user)
    for role in OTHERS:
        assert office.decide(office.colleague(role)) == 403
    assert office.decide(office.insider) == 409
    assert office.waiting()[-1].id == asked.id
    assert office.decide(office.colleague(decides)) == 303
    assert office.waiting() == []


def test_a_person_of_another_community_decides_nothing(office: Office, sign_in_as: Callable[..., Browser]) -> None:
    office.insider.send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了")
    with transaction():
        elsewhere = make.make_community("elsewhere").id
    assert office.decide(sign_in_as(Role.COORDINATOR, community_id=elsewhere)) == 404
    assert office.minutes() == 187


def test_what_was_asked_for_twice_waits_once_and_can_be_taken_back(office: Office) -> None:
    path = f"/books/hours/{office.record}/correct"
    assert office.insider.send(path, minutes="200", reason="少记了").status_code == 303
    assert office.insider.send(path, minutes="210", reason="少记了").status_code == 409
    assert office.decide(office.colleague(), "withdraw") == 409
    assert office.decide(office.insider, "withdraw") == 303
    assert office.waiting() == []
    assert office.insider.send(path, minutes="210", reason="少记了").status_code == 303


def test_a_record_that_changed_meanwhile_is_not_lengthened(office: Office) -> None:
    path = f"/books/hours/{office.record}/correct"
    office.insider.send(path, minutes="240", reason="少记了")
    office.insider.send(path, minutes="60", reason="多记了")
    assert office.decide(office.colleague()) == 409
    assert office.minutes() == 60


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


def edited(office: Office, volunteer: int, **more: str) -> int:
    """Let the insider send the form of a volunteer; an empty field is a box that is not ticked."""
    person = db.session.get_one(Volunteer, volunteer)
    given = {"name": person.name, "phone": person.phone, "travel": "walk", "boxes": "6", "max_day": "180", "max_week": "360"}
    fields = given | {"has_phone": "1", "active": "1"} | more
    answered = office.insider.send(f"/volunteers/{volunteer}/edit", **{name: value for name, value in fields.items() if value}).status_code
    forget_reads()
    return answered


def fill_pool(office: Office) -> None:
    """Put something into the pool."""
    ledger.fill_pool(office.community, 500, source="opening", idem=("test", "pool"), actor="clock")


def sheet_of(office: Office, user: int) -> Browser:
    """Return a browser that came in by the code of a sheet the insider printed."""
    with transaction():
        token = access.make_link(db.session.get_one(User, user), Purpose.DAY_SHEET, clock.at(date(2026, 11, 26), 0), limit=3)
        db.session.scalars(select(MagicLink)).one().made_by = office.insider.user
    sheet = open_browser(office.app)
    assert sheet.send(f"/link/{token}").status_code == 303
    return sheet


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
    assert sheet_of(office, user.id).send(f"/family/visits/{made.visit_id}/confirm").status_code == 409
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
        db.session.get_one(Volunteer, office.volunteer).staff = True
        made = office.visit(minutes=120, start=13 * 60)
        serving.check_in(made, made.visit.code)
    office.at("2026-11-25 15:00")
    with transaction():
        serving.check_out(db.session.merge(made))
    assert office.insider.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
    duty = db.session.scalars(select(ServiceRecord.id).where(ServiceRecord.minutes == 120)).one()
    before = office.credit()
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


def elder_edited(office: Office, number: int, **more: str) -> int:
    """Let the insider send the form of an elder."""
    elder = db.session.get_one(Elder, number)
    given = {"name": elder.name, "building": str(elder.household.building_id), "floor": "1", "birth_year": str(elder.birth_year)}
    answered = office.insider.send(f"/elders/{number}/edit", **(given | more)).status_code
    forget_reads()
    return answered


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
