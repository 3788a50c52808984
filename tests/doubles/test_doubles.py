"""One person twice in a register: found, merged by two people with all that is to come, the past untouched, taken apart within a day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role, User
from timebank.credit import queries as credit
from timebank.credit.actions import elder_account
from timebank.db import db, forget_reads, transaction
from timebank.doubles import queries
from timebank.doubles.models import Merger
from timebank.elders.models import Elder, ElderState, FamilyMember
from timebank.errors import Conflict
from timebank.ledger import actions as ledger
from timebank.ledger.models import Transfer
from timebank.ledger.verify import verify
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.visits.models import HelpRequest, Pairing, Tie, Visit, VisitState
from timebank.volunteers.models import Availability, Volunteer


@dataclass
class Office:
    """Two coordinators, an elder and a volunteer registered twice."""

    browser: Browser
    second: int
    elders: tuple[int, int]
    people: tuple[int, int]
    coming: int
    past: int
    sign: Callable[..., Browser]

    def ask(self, kind: str, kept: int, gone: int) -> int:
        """Ask for a merger by the page; return what the answer says."""
        return self.browser.send(f"/doubles/{kind}/{gone}/{kept}", kept=kept, reason="看过身份证").status_code

    def agree(self) -> None:
        """Let the second person agree to the only thing that waits."""
        with transaction():
            (waiting,) = db.session.scalars(select(Proposal).where(Proposal.state == "pending"))
            proposals.agree(waiting, db.session.get_one(User, self.second))
        forget_reads()

    def elder(self, place: int) -> Elder:
        """Return one of the two elders as stored now."""
        forget_reads()
        return db.session.get_one(Elder, self.elders[place])

    def volunteer(self, place: int) -> Volunteer:
        """Return one of the two volunteers as stored now."""
        forget_reads()
        return db.session.get_one(Volunteer, self.people[place])

    def door_of(self, visit: int) -> int:
        """Return at which door a visit is now."""
        forget_reads()
        return db.session.get_one(Visit, visit).household_id


@pytest.fixture
def office(app: Flask, sign_in_as: Callable[..., Browser]) -> Iterator[Office]:
    make.set_clock("2026-11-20 10:00")
    with app.app_context():
        with transaction():
            community = make.make_community()
            doors = make.make_household(community), make.make_household(community, make.make_building(community, "松坡路 14 号"))
            elders = [make.make_elder(door, "鞠淑贞", phone="13800010001") for door in doors]
            make.make_elder(doors[0], "林国栋")
            make.make_family(elders[1], make.make_user(Role.FAMILY))
            request = make.make_request(community, make.make_kind(), doors[1], elder_id=elders[1].id)
            coming, past = make.make_visit(request), make.make_visit(request, make.MONDAY.replace(day=16))
            past.state = VisitState.CONFIRMED
            ledger.fill_pool(community.id, 90, source="test", idem=("t", "1"), actor="system")
            ledger.grant(elder_account(elders[1]).id, 90, source="test", fresh=False, idem=("t", "2"), actor="system")
            people = [
                make.make_volunteer(community, "王秀芬", make.make_user(community=community).id if user else None) for user in (False, True)
            ]
            make.add(Availability(volunteer_id=people[1].id, weekday=2, start=480, end=720))
            make.add(Pairing(household_id=doors[0].id, volunteer_id=people[1].id, tie=Tie.USUAL))
            second = make.make_user(Role.COORDINATOR, community).id
            numbers = (elders[0].id, elders[1].id), (people[0].id, people[1].id), coming.id, past.id, community.id
        yield Office(sign_in_as(Role.COORDINATOR, numbers[4]), second, *numbers[:4], sign_in_as)


def test_who_is_twice_in_a_register_is_found_and_why(office: Office) -> None:
    (pair,) = queries.pairs(1, Elder)
    assert (pair.one, pair.other) == office.elders
    assert set(pair.same) == {"name", "phone"}
    page = office.browser.get("/doubles").text
    assert "同一个电话" in page
    assert f"/doubles/elders/{office.elders[0]}/{office.elders[1]}" in page
    assert "林国栋" not in page
    beside = office.browser.get(f"/doubles/elders/{office.elders[0]}/{office.elders[1]}").text
    assert "90 分钟" in beside


def test_two_elders_become_one_with_all_that_is_to_come_and_the_past_stays(office: Office) -> None:
    kept, gone = office.elders
    old_door = office.door_of(office.past)
    assert office.ask("elders", kept, gone) == 303
    assert office.elder(1).state is ElderState.ACTIVE, "nothing happens before a second person agrees"
    office.agree()
    door = office.elder(0).household_id
    assert office.elder(1).state is ElderState.MOVED
    assert office.door_of(office.coming) == door
    assert office.door_of(office.past) == old_door
    assert [each.elder_id for each in db.session.scalars(select(HelpRequest))] == [kept]
    assert [each.elder_id for each in db.session.scalars(select(FamilyMember))] == [kept]
    assert (credit.balance_of(office.elder(0)), credit.balance_of(office.elder(1))) == (90, 0)
    (booked,) = db.session.scalars(select(Transfer).where(Transfer.source.startswith("merger:")))
    assert (booked.minutes, booked.approver) == (90, f"user:{office.second}")
    assert verify().first_bad_seq is None
    assert "并入" in office.browser.get("/doubles").text


def test_within_a_day_they_are_taken_apart_and_everything_is_as_before(office: Office) -> None:
    kept, gone = office.elders
    old_door = office.door_of(office.coming)
    office.ask("elders", kept, gone)
    office.agree()
    made = db.session.scalars(select(Merger.id)).one()
    assert office.browser.send(f"/doubles/merged/{made}/undo").status_code == 303
    assert office.elder(1).state is ElderState.ACTIVE
    assert office.door_of(office.coming) == old_door
    assert [each.elder_id for each in db.session.scalars(select(HelpRequest))] == [gone]
    assert [each.elder_id for each in db.session.scalars(select(FamilyMember))] == [gone]
    assert (credit.balance_of(office.elder(0)), credit.balance_of(office.elder(1))) == (0, 90)
    assert office.browser.send(f"/doubles/merged/{made}/undo").status_code == 409
    assert office.ask("elders", kept, gone) == 303


def test_after_a_day_they_stay_merged(office: Office) -> None:
    office.ask("elders", *office.elders)
    office.agree()
    made = db.session.scalars(select(Merger.id)).one()
    make.set_clock("2026-11-21 10:01")
    browser = office.sign(Role.COORDINATOR, 1)
    forget_reads()
    answer = browser.send(f"/doubles/merged/{made}/undo")
    assert answer.status_code == 409
    assert "过了一天" in answer.text


def test_two_volunteers_become_one_with_sign_in_free_times_and_doors_and_apart_again(office: Office) -> None:
    kept, gone = office.people
    user = office.volunteer(1).user_id
    assert office.ask("volunteers", kept, gone) == 303
    office.agree()
    assert (office.volunteer(0).user_id, office.volunteer(1).user_id, office.volunteer(1).active) == (user, None, False)
    assert [(each.weekday, each.start) for each in office.volunteer(0).availability] == [(2, 480)]
    assert db.session.scalars(select(Pairing.volunteer_id)).all() == [kept]
    made = db.session.scalars(select(Merger.id)).one()
    assert office.browser.send(f"/doubles/merged/{made}/undo").status_code == 303
    assert (office.volunteer(0).user_id, office.volunteer(1).user_id, office.volunteer(1).active) == (None, user, True)
    assert db.session.scalars(select(Pairing.volunteer_id)).all() == [gone]


def test_a_row_with_hours_never_goes(office: Office) -> None:
    with transaction():
        account = office.volunteer(1).account_id
        ledger.grant(account, 40, source="test", idem=("t", "3"), actor="system")
    answer = office.browser.send(f"/doubles/volunteers/{office.people[0]}/{office.people[1]}", kept=office.people[0], reason="同一个人")
    assert answer.status_code == 409
    assert "请对调" in answer.text
    assert office.ask("volunteers", office.people[1], office.people[0]) == 303


def test_who_asked_does_not_agree_and_nobody_is_merged_twice(office: Office) -> None:
    kept, gone = office.elders
    office.ask("elders", kept, gone)
    with transaction():
        (waiting,) = db.session.scalars(select(Proposal))
        with pytest.raises(Conflict):
            proposals.agree(waiting, waiting.proposer)
    assert office.ask("elders", kept, gone) == 409
    office.agree()
    assert office.ask("elders", gone, kept) == 409


def test_only_the_office_looks_for_doubles_and_only_in_its_own_registers(office: Office) -> None:
    with transaction():
        other = make.make_community("elm-street", name="榆坡社区").id
    stranger = office.sign(Role.COORDINATOR, other)
    inspector = office.sign(Role.INSPECTOR, 1)
    forget_reads()
    assert stranger.get(f"/doubles/elders/{office.elders[0]}/{office.elders[1]}").status_code == 404
    assert inspector.get("/doubles").status_code == 403
