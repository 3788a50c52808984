"""One hand, again: a second look at what one wrote oneself, another relative under a proposal that waits, a newcomer nobody could object to."""

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import Office, elder_edited, fill_pool
from tests.attack.test_insider_colleague import let_in
from tests.attack.test_insider_second import phone_of
from tests.exchange.files import excel, take_in
from timebank import audit, jobs
from timebank.access.models import Role, User
from timebank.credit.queries import account_of
from timebank.db import db, forget_reads, transaction
from timebank.elders import binding
from timebank.elders.models import Elder, FamilyMember
from timebank.notices.models import Notice
from timebank.proposals.models import Kind, Proposal, State
from timebank.records.models import CheckWeek
from timebank.visits.actions.forgetting import forget_elder, forget_family
from timebank.volunteers.models import Volunteer

# A second look


def registered(office: Office, count: int = 1) -> list[int]:
    """Return the numbers of elders whom a colleague has registered, none of them a priority one, with something in the pool."""
    colleague = office.colleague().user
    with transaction():
        fill_pool(office)
        home = make.make_household(db.session.get_one(make.Community, office.community), db.session.get_one(make.Building, office.building))
        elders = [make.make_elder(home, f"游素琴{each}", birth_year=1960, lives_alone=False) for each in range(count)]
        for each in elders:
            each.registered_by = colleague
        return [each.id for each in elders]


def vouched(number: int) -> int | None:
    """Return who has looked at an elder."""
    forget_reads()
    return db.session.get_one(Elder, number).vouched_by


def test_whoever_changed_what_makes_an_elder_a_priority_one_does_not_vouch_for_it(office: Office) -> None:
    (number,) = registered(office)
    before = office.credit()
    assert elder_edited(office, number, birth_year="1930", lives_alone="1", level="unknown") == 303
    assert "登记以后你改过这一位的资料" in office.insider.get("/proposals").text
    answered = office.insider.send("/proposals/people", person=f"elder-{number}")
    assert (answered.status_code, vouched(number)) == (409, None)
    office.insider.send(f"/credit/grants/{number}", minutes="120")
    assert office.credit() == before
    other = office.colleague()
    assert other.send("/proposals/people", person=f"elder-{number}").status_code == 303
    assert vouched(number) == other.user
    assert office.insider.send(f"/credit/grants/{number}", minutes="120").status_code == 303
    assert office.credit() == before + 120


def test_a_vouch_by_the_hand_that_wrote_it_down_is_no_second_look_at_a_grant(office: Office) -> None:
    """A vouch of before this was refused, still on the trail."""
    (number,) = registered(office)
    before = office.credit()
    assert elder_edited(office, number, birth_year="1930", lives_alone="1", level="unknown") == 303
    with transaction():
        db.session.get_one(Elder, number).vouched_by = office.insider.user
        mark = audit.actor.set(f"user:{office.insider.user}")
        audit.record("vouch", "elder", number)
        audit.actor.reset(mark)
    office.insider.send(f"/credit/grants/{number}", minutes="120")
    assert (office.credit(), [each.kind for each in office.waiting()]) == (before, [Kind.GRANT])


def test_the_grants_of_the_month_go_to_nobody_whom_one_made_a_priority_one_and_looked_at_oneself(office: Office) -> None:
    numbers = registered(office, 3)
    for each in numbers:
        elder_edited(office, each, birth_year="1930", lives_alone="1", level="unknown")
    assert office.insider.send("/proposals/people", person=[f"elder-{each}" for each in numbers]).status_code == 409
    office.insider.send("/credit/grants")
    forget_reads()
    assert [account_of(db.session.get_one(Elder, each)) for each in numbers] == [None, None, None]


def test_whoever_wrote_down_another_number_of_a_volunteer_does_not_vouch_for_them(office: Office) -> None:
    colleague = office.colleague()
    with transaction():
        volunteer = db.session.get_one(Volunteer, office.volunteer)
        volunteer.registered_by, volunteer.vouched_by = colleague.user, None
        mark = audit.actor.set(f"user:{office.insider.user}")
        with audit.changing("edit", volunteer):
            volunteer.phone = "13799990000"
        audit.actor.reset(mark)
    assert office.insider.send("/proposals/people", person=f"volunteer-{office.volunteer}").status_code == 409


def test_whoever_wrote_down_what_a_look_is_not_about_vouches(office: Office) -> None:
    (number,) = registered(office)
    elder = db.session.get_one(Elder, number)
    given = {"birth_year": str(elder.birth_year), "phone": elder.phone, "level": "unknown", "gender": "F"}
    assert elder_edited(office, number, **given) == 303
    assert office.insider.send("/proposals/people", person=f"elder-{number}").status_code == 303
    assert vouched(number) == office.insider.user


# Another relative


HEAD = ["老人编号", "姓名", "手机", "关系", "可代办"]


def asked_for(office: Office) -> tuple[int, int]:
    """Let the insider ask for one relative of an elder who is told of it; return the tie and who else would be one."""
    with transaction():
        elder = db.session.get_one(Elder, office.elder)
        elder.phone = "13688880000"
        community = db.session.get_one(make.Community, office.community)
        honest, friend = (make.make_user(Role.FAMILY, community, name=name) for name in ("臧大海", "夏小明"))
        first, other = make.make_family(elder, honest, approved=False).id, friend.id
    assert office.insider.send(f"/elders/{office.elder}/family/{first}/approve", said="call").status_code == 303
    return first, other


def dropped(office: Office) -> int:
    """Let the insider ask for one relative and drop that one; return who else would be one."""
    first, friend = asked_for(office)
    assert office.insider.send(f"/elders/{office.elder}/family/{first}/drop").status_code == 303
    return friend


def imported(office: Office, friend: int, said: str) -> None:
    """Let the insider bring another relative in by a file."""
    phone, number = db.session.get_one(User, friend).phone, db.session.get_one(Elder, office.elder).number
    mark = audit.actor.set(f"user:{office.insider.user}")
    report = take_in(excel({"家属": [HEAD, [number, "夏小明", phone, "儿子", said]]}))
    audit.actor.reset(mark)
    forget_reads()
    assert report.applied, [str(each) for each in report.problems]


def tie_of(user: int) -> FamilyMember:
    """Return the tie of somebody."""
    forget_reads()
    return db.session.scalars(select(FamilyMember).where(FamilyMember.user_id == user)).one()


def a_day_later(office: Office) -> None:
    """Let a day pass, and the clock do its work."""
    office.at("2026-11-26 16:01")
    jobs.keep_house()


def test_what_waits_about_a_tie_ends_with_the_tie(office: Office, sent: None) -> None:
    dropped(office)
    assert office.waiting() == []
    assert db.session.scalars(select(Proposal.state)).all() == [State.WITHDRAWN]


@pytest.mark.parametrize("who", ["elder", "family"])
def test_what_waits_about_a_tie_ends_with_who_is_forgotten(office: Office, sent: None, who: str) -> None:
    first, _friend = asked_for(office)
    with transaction():
        link = db.session.get_one(FamilyMember, first)
        if who == "elder":
            forget_elder(link.elder, db.session.get_one(User, office.insider.user))
        else:
            forget_family(db.session.get_one(User, link.user_id))
    assert Kind.FAMILY not in [each.kind for each in office.waiting()]


def test_what_waits_about_an_elders_own_key_ends_with_the_number(office: Office, sent: None) -> None:
    with transaction():
        elder = db.session.get_one(Elder, office.elder)
        elder.phone = "13688880000"
        own = make.make_user(Role.FAMILY, db.session.get_one(make.Community, office.community), name=elder.name, phone=elder.phone)
        link = make.make_family(elder, own, approved=False)
        link.own, number = True, link.id
    assert office.insider.send(f"/elders/{office.elder}/family/{number}/approve", said="call").status_code == 303
    assert elder_edited(office, office.elder, phone="13688880001", lives_alone="1", level="unknown") == 303
    assert Kind.FAMILY not in [each.kind for each in office.waiting()]


@pytest.mark.parametrize("said", ["是", "否"])
def test_another_relative_does_not_slip_under_a_proposal_that_waits(office: Office, sent: None, said: str) -> None:
    friend = dropped(office)
    imported(office, friend, said)
    if said == "是":  # asked for anew, and the elder is told of this one: that is what a day without objection is for
        assert [each.terms["user"] for each in office.waiting()] == [friend]
        told = db.session.scalars(select(Notice).where(Notice.template == "family").order_by(Notice.id)).all()
        assert [(each.phone, "夏*" in each.text) for each in told] == [("13688880000", False), ("13688880000", True)]
        return
    a_day_later(office)
    assert tie_of(friend).approved_at is None


def test_a_proposal_is_not_carried_out_for_another_tie_of_the_same_number(office: Office, sent: None) -> None:
    """Where a tie went some other way, and what waited about it still does."""
    first, friend = asked_for(office)
    with transaction():
        db.session.delete(db.session.get_one(FamilyMember, first))
        db.session.flush()
        elder = db.session.get_one(Elder, office.elder)
        link = make.make_family(elder, db.session.get_one(User, friend), approved=False)
        link.id = first
    a_day_later(office)
    assert tie_of(friend).approved_at is None
    assert office.decide(office.colleague()) == 409
    assert office.insider.send(f"/elders/{office.elder}/family/{first}/approve", said="call").status_code == 303
    assert [each.terms["user"] for each in office.waiting()] == [friend]
    assert office.decide(office.colleague()) == 303
    assert tie_of(friend).approved_at is not None


def test_a_claim_that_gets_the_number_of_a_dropped_tie_does_not_stop_the_house_keeper(office: Office, sent: None) -> None:
    friend = dropped(office)
    with transaction():
        said = binding.Claimed(name="臧玉梅", address="1", relation="儿子")
        claim = binding.claim(db.session.get_one(User, friend), office.community, said).id
    assert office.insider.send(f"/elders/families/{claim}/match", elder=str(office.elder)).status_code == 303
    a_day_later(office)
    assert tie_of(friend).approved_at is None


def test_a_dropped_relative_does_not_keep_the_weekly_check_from_being_made(office: Office, sent: None) -> None:
    friend = dropped(office)
    imported(office, friend, "否")
    office.at("2026-12-07 09:00")
    jobs.keep_house()
    forget_reads()
    assert db.session.scalars(select(CheckWeek.week)).all() != []


# A newcomer


def test_a_second_sim_is_no_second_person_where_nobody_was_told(office: Office) -> None:
    """No channel carries messages; the administrator ends the only coordinator, and her message lies at the administrator's desk."""
    admin = office.colleague(Role.ADMIN)
    before = office.gained()
    assert admin.send(f"/office/colleagues/{office.insider.user}/end").status_code == 303
    user, _token = let_in(admin)
    sim = phone_of(office, user.id)
    assert admin.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了").status_code == 303
    office.at("2026-12-05 16:01")
    jobs.keep_house()
    forget_reads()
    assert db.session.get_one(User, user.id).rests_on == admin.user
    assert office.decide(sim) == 409
    assert office.gained() == before


def test_where_no_channel_carries_a_colleague_vouches_for_a_newcomer_at_any_time(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    user, _token = let_in(admin)
    assert [each.due_at for each in office.waiting()] == [None]
    office.at("2026-12-05 16:01")
    assert office.decide(office.insider) == 303
    forget_reads()
    assert db.session.get_one(User, user.id).rests_on is None
