"""An administrator with a second telephone, or an old colleague's invitation: one hand that would be two people."""

import re

import pytest
from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import TUESDAY, Office, invented, typed
from tests.attack.test_insider_second import phone_of
from tests.browser import Browser, open_browser
from timebank import jobs
from timebank.access.models import Role, User
from timebank.access.queries import user_of
from timebank.audit import AuditRow
from timebank.db import db, forget_reads, transaction
from timebank.notices.models import Notice
from timebank.proposals.models import Kind
from timebank.records.hands import Hands
from timebank.visits.entries import ManualEntry
from timebank.visits.models import ServiceRecord

SECOND_SIM = "13912340001"


def let_in(admin: Browser, role: Role = Role.COORDINATOR, phone: str = SECOND_SIM) -> tuple[User, str]:
    """Let an administrator let somebody in, and return them with the token of their invitation."""
    assert admin.send("/office/colleagues", phone=phone, name="沈若秋", role=role.value).status_code == 303
    forget_reads()
    user = user_of(phone)
    assert user is not None
    return user, link_of(admin, user.id)


def link_of(admin: Browser, user_id: int) -> str:
    """Return the token of the link that an administrator's page tells."""
    found = re.search(r"/link/([\w-]+)", admin.get(f"/office/colleagues/{user_id}/link").text)
    assert found is not None
    return found[1]


def by_link(office: Office, token: str, user_id: int) -> Browser:
    """Return a browser that came in by an invitation."""
    browser = open_browser(office.app)
    assert browser.send(f"/link/{token}").status_code == 303
    browser.user = user_id
    forget_reads()
    return browser


def false_friend(office: Office, admin: Browser, how: str) -> Browser:
    """Return the second browser of an administrator: a newcomer's by its link or by the second telephone's code, or an old colleague's by a link."""
    if how == "old colleague":
        old = office.colleague().user or 0
        assert admin.send(f"/office/colleagues/{old}/link").status_code == 303
        return by_link(office, link_of(admin, old), old)
    user, token = let_in(admin)
    if how == "newcomer by link":
        return by_link(office, token, user.id)
    browser = phone_of(office, user.id)
    browser.user = user.id
    return browser


WAYS = ("newcomer by link", "newcomer by code", "old colleague")
ways = pytest.mark.parametrize("how", WAYS)


@ways
@pytest.mark.parametrize("turned", [False, True])
def test_one_hand_asks_for_more_minutes_and_agrees(office: Office, how: str, turned: bool) -> None:
    admin = office.colleague(Role.ADMIN)
    asks, decides = (admin, false_friend(office, admin, how)) if turned else (false_friend(office, admin, how), admin)
    before = office.gained()
    assert asks.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了").status_code == 303
    assert office.decide(decides) == 409
    assert office.gained() == before
    assert office.decide(office.colleague()) == 303
    assert office.gained()[0] == before[0] + 53


@ways
@pytest.mark.parametrize("turned", [False, True])
def test_one_hand_types_a_sheet_in_and_confirms_it(office: Office, how: str, turned: bool) -> None:
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, how)
    with transaction():
        made = office.visit()
    before = office.gained()
    office.insider = admin if turned else friend
    typed(office, made, "14:00", "14:30")
    confirms = friend if turned else admin
    confirms.send("/confirm", what="visit", number=made.visit_id, trust="desk")
    assert office.gained() == before


@ways
def test_one_hand_registers_people_and_vouches_for_them(office: Office, how: str) -> None:
    admin = office.colleague(Role.ADMIN)
    office.insider = false_friend(office, admin, how)
    volunteer, elder = invented(office)
    assert admin.send("/proposals/people", person=[f"volunteer-{volunteer.id}", f"elder-{elder.id}"]).status_code == 409


@ways
def test_one_hand_enters_by_hand_and_posts(office: Office, how: str) -> None:
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, how)
    fields = {"day": TUESDAY.isoformat(), "started": "07:00", "ended": "07:40", "place": "站里", "reason": "义诊", "evidence": "签到表"}
    assert friend.send("/entries/new", volunteer=office.volunteer, kind=office.kind, **fields).status_code == 303
    forget_reads()
    entry = db.session.scalars(select(ManualEntry)).one().id
    before = office.gained()
    assert admin.send(f"/entries/{entry}/post").status_code == 409
    assert office.gained() == before


@ways
def test_one_hand_confirms_and_settles_the_flag_about_it(office: Office, how: str) -> None:
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, how)
    with transaction():
        made = office.visit(start=9 * 60)
        made.started_at = made.ended_at = None
    office.at("2026-11-25 17:00")
    office.insider = office.colleague()
    typed(office, made, "09:00", "09:30")
    assert friend.send("/confirm", what="visit", number=made.visit_id, trust="desk").status_code == 303
    forget_reads()
    record = db.session.scalars(select(ServiceRecord).where(ServiceRecord.visit_id == made.visit_id)).one()
    assert Hands(office.community, [record]).why_not(db.session.get_one(User, admin.user), record) is not None


def test_what_is_done_by_an_invitation_says_on_the_trail_who_made_it(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, "old colleague")
    friend.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了")
    forget_reads()
    row = db.session.scalars(select(AuditRow).where(AuditRow.verb == "propose").order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert (row.actor, row.detail["invited_by"]) == (f"user:{friend.user}", admin.user)


def test_a_mail_set_in_a_session_by_invitation_makes_an_old_colleague_rest_anew(office: Office) -> None:
    """Where codes go by mail, the one who set it would read them, and be the old colleague from then on."""
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, "old colleague")
    assert friend.send("/devices/mail", mail="second@example.org").status_code == 303
    forget_reads()
    assert db.session.get_one(User, friend.user).rests_on == admin.user
    assert [each.kind for each in office.waiting()] == [Kind.COLLEAGUE]


def test_the_others_hear_of_a_new_colleague_at_once_and_one_of_them_vouches(office: Office) -> None:
    admin, other = office.colleague(Role.ADMIN), office.colleague(Role.ADMIN)
    user, _token = let_in(admin)
    told = set(db.session.scalars(select(Notice.user_id).where(Notice.template == "second")))
    assert told == {office.insider.user, other.user}
    assert "还没人认下" in admin.get("/office/colleagues").text
    assert office.decide(admin) == 409
    assert office.decide(phone_of(office, user.id)) == 409
    assert office.decide(office.insider) == 303
    forget_reads()
    assert db.session.get_one(User, user.id).rests_on is None
    assert phone_of(office, user.id).send(f"/books/hours/{office.record}/correct", minutes="200", reason="少记了").status_code == 303
    assert office.decide(admin) == 303


def test_nobody_objected_for_a_day_counts_and_an_objection_stands(office: Office, sent: None) -> None:
    admin = office.colleague(Role.ADMIN)
    (first, _), (second, _) = let_in(admin), let_in(admin, phone="13912340002")
    assert office.decide(office.insider, "refuse", decision="没有这个人") == 303
    office.at("2026-11-26 15:59")
    jobs.keep_house()
    assert db.session.get_one(User, first.id).rests_on == admin.user
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    forget_reads()
    assert [db.session.get_one(User, each.id).rests_on for each in (first, second)] == [None, admin.user]
    assert admin.send(f"/office/colleagues/{second.id}/link").status_code == 303
    assert [each.about for each in office.waiting()] == [second.id]


def test_a_second_administrator_let_in_for_an_empty_community_is_everybodys_to_vouch_for(office: Office) -> None:
    """Where nobody else is, nobody would hear of it, and an administrator is one everywhere."""
    with transaction():
        number = make.make_user(Role.ADMIN, None).id
        db.session.get_one(User, number).looks_at = make.make_community("empty").id
    admin = phone_of(office, number)
    user, _token = let_in(admin, Role.ADMIN)
    assert set(db.session.scalars(select(Notice.user_id).where(Notice.template == "second"))) == {office.insider.user}
    assert "沈若秋" in office.insider.get("/proposals").text
    assert office.decide(office.insider, "refuse", decision="没有这个人") == 303
    office.at("2026-11-27 16:01")
    jobs.keep_house()
    forget_reads()
    assert db.session.get_one(User, user.id).rests_on == number


def test_a_newcomer_lets_nobody_in(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    user, _token = let_in(admin, Role.ADMIN)
    answered = phone_of(office, user.id).send("/office/colleagues", phone="13912340003", name="沈若秋", role="coordinator")
    assert answered.status_code == 422
    forget_reads()
    assert user_of("13912340003") is None


def test_leads_and_kitchens_decide_on_nothing_and_need_nobodys_word(office: Office) -> None:
    user, _token = let_in(office.insider, Role.CANTEEN)
    assert (user.rests_on, office.waiting()) == (None, [])


def test_where_there_is_no_other_coordinator_the_administrator_hears_what_waits(office: Office) -> None:
    with transaction():
        admin = make.make_user(Role.ADMIN, None).id
        make.make_user(Role.COORDINATOR, make.make_community("elsewhere"), name="别处的")
    office.insider.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了")
    forget_reads()
    assert set(db.session.scalars(select(Notice.user_id).where(Notice.template == "second"))) == {admin}


def test_whoever_is_ended_hears_of_it(office: Office) -> None:
    """An administrator who ends the one who could object, and lets a second telephone in, does not do so unheard."""
    admin, number = office.colleague(Role.ADMIN), db.session.get_one(User, office.insider.user).phone
    assert admin.send(f"/office/colleagues/{office.insider.user}/end").status_code == 303
    forget_reads()
    assert [each.phone for each in db.session.scalars(select(Notice).where(Notice.template == "ended"))] == [number]
