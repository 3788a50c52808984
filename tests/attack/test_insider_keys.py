"""Ways to hold somebody else's key: the channel that codes go by, an elder's number that nobody had before; and turns of long ago."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import Office, elder_edited, identity
from tests.attack.test_insider_second import THURSDAY, phone_of
from tests.browser import Browser
from timebank import audit, clock, jobs
from timebank.access import actions as access
from timebank.access.models import Role, User
from timebank.access.queries import user_of
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder, FamilyMember
from timebank.errors import Invalid
from timebank.notices.models import MessageChannel, Notice, State
from timebank.proposals import actions as proposals
from timebank.proposals import queries
from timebank.proposals.models import Kind, Proposal
from timebank.proposals.models import State as ProposalState
from timebank.stations.models import ServiceSession
from timebank.visits.duties import Duty
from timebank.volunteers.models import Volunteer

SECOND_SIM, THIRD_SIM = "13977778888", "13977778889"


def gateway(admin: Browser, secret: str = "k" * 32, **more: str) -> int:
    """Let an administrator write down an SMS gateway."""
    fields = {"gateway": "yunpian", "account": "", "address": "", "signature": "海棠社区", "daily": "1000"}
    return admin.send("/notices/channels/sms", secret=secret, **(fields | more)).status_code


def channels() -> list[MessageChannel]:
    """Return the channels there are."""
    forget_reads()
    return list(db.session.scalars(select(MessageChannel)))


def test_where_codes_go_is_not_changed_by_one_administrator(office: Office) -> None:
    """An own account at the gateway reads every code that is sent, and signs in as whoever is to be the second person."""
    admin = office.colleague(Role.ADMIN)
    assert gateway(admin) == 303
    assert channels() == []
    assert office.waiting()[-1].kind is Kind.CHANNEL
    assert "k" * 32 not in admin.get("/proposals").text
    assert office.decide(admin) == 409
    assert office.decide(office.insider) == 303
    assert len(channels()) == 1
    assert gateway(admin, secret="", daily="500") == 303
    assert [each.daily for each in channels()] == [500]
    assert gateway(admin, secret="", address="https://sms.example.cn/send") == 303
    assert "sms.example.cn" not in channels()[0].sealed_settings


def test_nor_in_a_community_where_nobody_else_is(office: Office) -> None:
    """Codes of communities without a channel go by the first there is."""
    admin = office.colleague(Role.ADMIN)
    with transaction():
        db.session.get_one(User, admin.user).looks_at = make.make_community("empty").id
    assert gateway(admin) == 303
    assert office.waiting()[-1].community_id != office.community
    assert channels() == []


def test_a_channel_nobody_objects_to_for_a_day_is_set_up(office: Office, sent: None) -> None:
    admin = office.colleague(Role.ADMIN)
    gateway(admin)
    told = set(db.session.scalars(select(Notice.user_id).where(Notice.template == "second")))
    assert told == {office.insider.user}
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    assert len(channels()) == 1


def test_held_the_first_of_an_office_sets_its_channels_up_alone(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    with transaction():
        db.session.get_one(User, office.insider.user).active = False
    assert gateway(admin) == 303
    assert len(channels()) == 1


def key_of(office: Office, phone: str) -> list[bool]:
    """Let somebody sign in with a number, and return whether each of their ties to an elder opens anything."""
    with transaction():
        user = user_of(phone) or access.add_user(phone, "", Role.FAMILY)
        access.sign_in(user)
    audit.actor.set("system")
    forget_reads()
    return [each.approved_at is not None for each in db.session.scalars(select(FamilyMember).where(FamilyMember.user_id == user.id))]


def without_number(office: Office) -> None:
    """Let the elder of the office have no telephone."""
    with transaction():
        db.session.get_one(Elder, office.elder).phone = ""


def test_a_number_where_there_was_none_opens_nothing_by_waiting(office: Office, sent: None) -> None:
    """The insider's second telephone, written down for an elder who has none: after a day it was the elder, read codes and confirmed."""
    without_number(office)
    assert elder_edited(office, office.elder, phone=SECOND_SIM) == 303
    office.at("2026-11-27 17:00")
    assert key_of(office, SECOND_SIM) == [False]
    assert "4827" not in phone_of(office, user_of(SECOND_SIM).id).get("/own").text  # type: ignore[union-attr]


def test_nor_does_a_second_one_after_it(office: Office, sent: None) -> None:
    without_number(office)
    assert elder_edited(office, office.elder, phone=SECOND_SIM) == 303
    assert elder_edited(office, office.elder, phone=THIRD_SIM) == 303
    office.at("2026-11-27 17:00")
    assert key_of(office, THIRD_SIM) == [False]


def test_held_a_number_in_place_of_a_mobile_that_was_told_opens_after_a_day(office: Office, sent: None) -> None:
    with transaction():
        db.session.get_one(Elder, office.elder).phone = "13688880000"
    assert elder_edited(office, office.elder, phone=SECOND_SIM) == 303
    assert key_of(office, SECOND_SIM) == [False]
    office.at("2026-11-27 17:00")
    assert key_of(office, SECOND_SIM) == [True]


def test_a_session_of_long_ago_is_not_put_on_the_calendar_and_nobody_is_written_into_one(office: Office) -> None:
    fields = {"kind": "haircut", "title": "理发", "start": "09:00", "end": "11:00", "seats": "10", "chairs": "1", "place": "站里"}
    assert office.insider.send("/stations/sessions/new", day="2026-09-01", **fields).status_code == 422
    assert office.insider.send("/stations/sessions/new", day="2026-11-01", **fields).status_code == 303
    forget_reads()
    held = db.session.scalars(select(ServiceSession)).all()
    assert [each.day.isoformat() for each in held] == ["2026-11-01"]
    assert THURSDAY - held[0].day < timedelta(days=30)
    office.at("2026-12-20 09:00")
    answered = office.insider.send(f"/stations/sessions/{held[0].id}/hosts", volunteer=office.volunteer, agreed="1")
    assert answered.status_code in (409, 422)
    assert all(each.volunteer_id is None for each in db.session.scalars(select(Duty)))
    assert clock.today().isoformat() == "2026-12-20"
    assert Invalid.status == 422


def test_an_hour_of_quiet_that_never_ends_keeps_nobody_from_hearing(office: Office, sent: None) -> None:
    """Quiet from noon to noon, and the old number hears nothing for as long as a new one waits to be taken for theirs."""
    admin = office.colleague(Role.ADMIN)
    assert admin.send("/notices/quiet", starts="12:00", ends="12:00").status_code == 422
    assert admin.send("/notices/quiet", starts="14:00", ends="09:00").status_code == 422
    assert admin.send("/notices/quiet", starts="20:00", ends="08:00").status_code == 303


def test_what_a_number_was_to_be_told_of_and_never_heard_takes_no_effect_by_waiting(office: Office, sent: None) -> None:
    """The channel off for a minute, the message left to the desk, and whoever sits there says they rang."""
    phone = db.session.get_one(Volunteer, office.volunteer).phone
    assert identity(office, db.session.get_one(Volunteer, office.volunteer).name, SECOND_SIM) == 303
    with transaction():
        for each in db.session.scalars(select(Notice).where(Notice.template == "number")):
            each.state = State.FAILED
    for each in db.session.scalars(select(Notice).where(Notice.template == "number")).all():
        assert office.insider.send(f"/notices/to-pass-on/{each.id}").status_code == 303
    office.at("2026-11-27 16:01")
    jobs.keep_house()
    forget_reads()
    assert db.session.get_one(Volunteer, office.volunteer).phone == phone
    assert office.decide(office.colleague()) == 303
    forget_reads()
    assert db.session.get_one(Volunteer, office.volunteer).phone == SECOND_SIM


def test_what_was_taken_back_a_moment_before_its_wait_is_over_takes_no_effect(
    office: Office, sent: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock has read what is due, then somebody takes it back, or refuses, then the clock goes on."""
    phone = db.session.get_one(Volunteer, office.volunteer).phone
    assert identity(office, db.session.get_one(Volunteer, office.volunteer).name, SECOND_SIM) == 303
    number = office.waiting()[-1].id
    assert office.insider.send(f"/proposals/{number}/withdraw").status_code == 303
    office.at("2026-11-27 16:01")
    forget_reads()
    monkeypatch.setattr(queries, "due", lambda: [db.session.get_one(Proposal, number)])
    with transaction():
        assert proposals.carry_due() == 0
    forget_reads()
    assert db.session.get_one(Volunteer, office.volunteer).phone == phone
    assert db.session.get_one(Proposal, number).state is ProposalState.WITHDRAWN
