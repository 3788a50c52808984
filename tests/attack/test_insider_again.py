"""One person alone: ways that a second attacker with the source and the demo's data has found to be, or to invent, somebody else."""

from datetime import timedelta

from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import Office, fill_pool
from timebank import clock, jobs
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.access.queries import user_of
from timebank.credit import actions as credit
from timebank.credit.models import GiftLink
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, ElderState, FamilyMember
from timebank.places.models import Community
from timebank.proposals.models import Kind
from timebank.visits.actions import homes
from timebank.volunteers.models import Volunteer

OWN_SECOND_PHONE = "13977778888"


def daughter_of(office: Office) -> User:
    """Let the elder of the office have a daughter who speaks for her."""
    with transaction():
        daughter = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community), name="臧晓敏")
        make.make_family(db.session.get_one(Elder, office.elder), daughter)
    return daughter


def registered(office: Office, name: str, phone: str) -> Volunteer:
    """Let the insider register a volunteer with a smartphone."""
    answered = office.insider.send(
        "/volunteers/new", name=name, phone=phone, home=office.building, travel="walk", boxes="6", max_day="180", max_week="360",
        has_phone="1", active="1",
    )  # fmt: skip
    assert answered.status_code == 303
    forget_reads()
    return db.session.scalars(select(Volunteer).where(Volunteer.phone == phone)).one()


def renumbered(office: Office, volunteer: Volunteer, phone: str) -> str:
    """Let the insider write another number down for somebody, and return the one that holds afterwards."""
    answered = office.insider.send(
        f"/volunteers/{volunteer.id}/edit", name=volunteer.name, phone=phone, travel="walk", boxes="6", max_day="180", max_week="360",
        has_phone="1", active="1",
    )  # fmt: skip
    assert answered.status_code == 303
    forget_reads()
    return db.session.get_one(Volunteer, volunteer.id).phone


def test_a_relative_registered_as_a_volunteer_keeps_her_sign_in_until_a_second_person_agrees(office: Office) -> None:
    daughter = daughter_of(office)
    phone = daughter.phone
    volunteer = registered(office, daughter.name, phone)
    assert volunteer.user_id == daughter.id
    assert renumbered(office, volunteer, OWN_SECOND_PHONE) == phone
    assert user_of(OWN_SECOND_PHONE) is None
    assert [each.kind for each in office.waiting()] == [Kind.IDENTITY]


def test_whoever_has_signed_in_keeps_their_number_until_a_second_person_agrees(office: Office) -> None:
    volunteer = registered(office, "于海宁", "13711112222")
    assert renumbered(office, volunteer, "13711112223") == "13711112223"
    with transaction():
        access.sign_in(db.session.get_one(User, volunteer.user_id))
    assert renumbered(office, db.session.get_one(Volunteer, volunteer.id), OWN_SECOND_PHONE) == "13711112223"
    assert [each.kind for each in office.waiting()] == [Kind.IDENTITY]


def gone(office: Office) -> None:
    """Let a colleague have noted, long ago, that the elder has moved away."""
    with transaction():
        homes.set_state(db.session.get_one(Elder, office.elder), ElderState.MOVED)
    office.at("2026-11-27 10:00")


def test_an_elder_who_is_brought_back_is_looked_at_by_a_second_person_before_anything_rests_on_her(office: Office) -> None:
    with transaction():
        fill_pool(office)
    gone(office)
    before = office.gained()
    assert office.insider.send(f"/elders/{office.elder}/state", state="active", sure="1").status_code == 303
    forget_reads()
    elder = db.session.get_one(Elder, office.elder)
    assert (elder.state, elder.registered_by, elder.vouched_by) == (ElderState.ACTIVE, office.insider.user, None)
    assert office.insider.send(f"/credit/grants/{office.elder}", minutes="60").status_code == 409
    assert office.gained() == before
    assert office.colleague().send("/proposals/people", person=[f"elder-{office.elder}"]).status_code == 303
    assert office.insider.send(f"/credit/grants/{office.elder}", minutes="60").status_code == 303
    assert office.gained()[1] == before[1] + 60


def test_taking_back_within_a_day_what_was_noted_by_mistake_needs_nobody_else(office: Office) -> None:
    for state in ("moved", "active"):
        assert office.insider.send(f"/elders/{office.elder}/state", state=state, sure="1").status_code == 303
    forget_reads()
    assert db.session.get_one(Elder, office.elder).registered_by is None


def test_whoever_wrote_a_relative_down_in_a_volunteers_name_does_not_say_who_that_is(office: Office) -> None:
    said = {"what": "relative", "how": "telephone", "relation": "parent", "name": "臧玉梅"}
    assert office.insider.send(f"/in-name/{office.volunteer}", **said).status_code == 303
    forget_reads()
    link = db.session.scalars(select(GiftLink)).one().id
    assert office.insider.send(f"/credit/links/{link}", elder=office.elder).status_code == 409
    assert office.colleague().send(f"/credit/links/{link}", elder=office.elder).status_code == 303
    forget_reads()
    assert db.session.get_one(GiftLink, link).elder_id == office.elder


def test_a_volunteer_who_named_a_relative_needs_one_person_of_the_office(office: Office) -> None:
    with transaction():
        link = credit.ask_link(db.session.get_one(Volunteer, office.volunteer), credit.Relation.PARENT, "臧玉梅").id
    assert office.insider.send(f"/credit/links/{link}", elder=office.elder).status_code == 303


def test_a_relative_never_speaks_by_waiting_where_no_message_reaches_the_elder(office: Office, sent: None) -> None:
    with transaction():
        stranger = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community), name="夏小明")
        link = make.make_family(db.session.get_one(Elder, office.elder), stranger, approved=False).id
        db.session.get_one(Elder, office.elder).phone = "0532-80001002"
    assert office.insider.send(f"/elders/{office.elder}/family/{link}/approve", said="call").status_code == 303
    assert office.waiting()[-1].due_at is None
    office.at((clock.now() + timedelta(days=3)).strftime("%Y-%m-%d %H:%M"))
    jobs.keep_house()
    forget_reads()
    assert db.session.get_one(FamilyMember, link).approved_at is None
