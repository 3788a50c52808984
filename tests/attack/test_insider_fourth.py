"""A third stranger's ways: what leaves the house in a file, what takes effect though nobody heard, whose word a second link makes it, two clicks at once."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.attack.insider import TUESDAY, Office
from tests.attack.test_insider_colleague import by_link, false_friend, let_in, link_of
from tests.attack.test_insider_keys import channels, gateway
from tests.attack.test_insider_second import THURSDAY, clocked, come, duty, leave, phone_of, somebody, take, turn
from tests.attack.test_races import at_once, browsers_of, posts
from tests.browser import Browser
from tests.served import record as served
from timebank import audit, clock, jobs
from timebank.access.models import Role, User
from timebank.access.queries import user_of
from timebank.books import closing
from timebank.catalogue.models import ServiceKind
from timebank.credit.actions import elder_account
from timebank.credit.proposed import USUAL
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.exchange.resealing import Passphrase
from timebank.ledger.models import Account, AccountKind
from timebank.notices.actions import notify
from timebank.notices.channels import Terminal, carriers
from timebank.notices.models import Notice, State, Way
from timebank.places.models import Community
from timebank.proposals.models import Kind
from timebank.records.actions import checking
from timebank.records.flags import Fact
from timebank.records.hands import Hands
from timebank.records.models import CheckWeek, Finding
from timebank.visits.actions import asking, duty_times, needs, one_word
from timebank.visits.closing import MonthClose
from timebank.visits.models import HelpRequest, Outcome, ServiceRecord, Source, Visit, VisitState
from timebank.volunteers.models import Volunteer

PASSPHRASE = "a passphrase of the insider's own"


def taken_along(admin: Browser) -> dict[str, list[dict[str, object]]]:
    """Let an administrator take everything along, and return the rows of each table as whoever chose the passphrase reads them."""
    answer = admin.send("/import/out/everything", passphrase=PASSPHRASE, again=PASSPHRASE)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        sealing = json.loads(opened.read("manifest.json"))["sealing"]
        key: Fernet = Passphrase(PASSPHRASE, sealing["salt"]).fernet
        tables = {name: opened.read(name).decode().splitlines() for name in opened.namelist() if name.endswith(".jsonl")}
    return {
        name.removeprefix("tables/").removesuffix(".jsonl"): [
            {field: _read(key, word) for field, word in json.loads(line).items()} for line in lines
        ]
        for name, lines in tables.items()
    }


def _read(key: Fernet, word: object) -> object:
    """Return a word as it is under a passphrase, or as it stands."""
    return key.decrypt(word.encode()).decode() if isinstance(word, str) and word.startswith("gAAAA") else word


def told_of_a_code(office: Office, code: str) -> int:
    """Let the volunteer, who is somebody's daughter as well, be told of the code of a visit to come, and return its number."""
    with transaction():
        visit = office.visit(start=17 * 60).visit
        visit.code = code
        said = {"who": "臧奶奶", "when": "今天 17:00", "kind": "理发", "names": "于", "code": code}
        notify(db.session.get_one(Volunteer, office.volunteer).user_id or 0, "coming", **said)
        return visit.id


def test_no_code_of_a_visit_to_come_leaves_in_a_file_with_everything(office: Office) -> None:
    """An administrator alone chose the passphrase, read the code and told it to somebody who stayed at home; the clock took it for evidence."""
    admin = office.colleague(Role.ADMIN)
    number = told_of_a_code(office, "4827")
    out = taken_along(admin)
    (visit,) = (row for row in out["visit"] if row["id"] == number)
    assert visit["code"] != "4827"
    assert "4827" not in " ".join(str(row["text"]) for row in out["notice"])
    assert db.session.get_one(Visit, number).code == "4827"


def test_nor_does_what_says_which_records_of_this_week_are_called_after(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    with transaction():
        for week in (make.MONDAY, clock.monday_of(clock.at(make.MONDAY, 0).date())):
            if db.session.scalar(select(CheckWeek.id).where(CheckWeek.week == week)) is None:
                make.add(CheckWeek(community_id=office.community, week=week, seed=1234567, percent=5, checked_at=clock.now()))
    assert all(row["seed"] != 1234567 for row in taken_along(admin)["check_week"])


def test_nor_does_a_code_leave_with_the_data_of_a_volunteer_who_was_told_of_it(office: Office) -> None:
    told_of_a_code(office, "4827")
    assert "4827" not in office.insider.send(f"/import/out/volunteer/{office.volunteer}", form="json").text


def unheard(office: Office) -> None:
    """Let every message about what waits for a second person fail, as where the day's number of messages is used up."""
    forget_reads()
    with transaction():
        for each in db.session.scalars(select(Notice).where(Notice.template == "second")):
            each.state = State.FAILED


def test_where_codes_go_does_not_change_by_waiting_where_no_colleague_heard_of_it(office: Office, sent: None) -> None:
    admin = office.colleague(Role.ADMIN)
    gateway(admin)
    unheard(office)
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    assert channels() == []
    assert office.decide(office.insider) == 303
    assert len(channels()) == 1


def test_nor_does_a_newcomer_count_by_it(office: Office, sent: None) -> None:
    admin = office.colleague(Role.ADMIN)
    user, _token = let_in(admin)
    unheard(office)
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    forget_reads()
    assert db.session.get_one(User, user.id).rests_on == admin.user


def test_whoever_let_somebody_in_does_not_vouch_for_them_because_a_colleague_gave_another_link(office: Office) -> None:
    """An objection stands; a second administrator, asked to be helpful, gives the newcomer another link; the first one vouches."""
    admin, other = office.colleague(Role.ADMIN), office.colleague(Role.ADMIN)
    user, _token = let_in(admin)
    assert office.decide(office.insider, "refuse", decision="没有这个人") == 303
    assert other.send(f"/office/colleagues/{user.id}/link").status_code == 303
    forget_reads()
    friend = phone_of(office, user.id)
    before = office.gained()
    assert friend.send(f"/books/hours/{office.record}/correct", minutes="240", reason="少记了").status_code == 303
    assert office.decide(admin) == 409
    assert office.gained() == before
    number = next(each.id for each in office.waiting() if each.kind.value == "colleague")
    assert admin.send(f"/proposals/{number}/agree").status_code == 409
    assert office.insider.send(f"/proposals/{number}/agree").status_code == 303


def test_an_administrator_keeps_no_colleague_from_looking_into_their_own_hours_by_naming_kin(office: Office) -> None:
    colleague, admin = office.colleague(), office.colleague(Role.ADMIN)
    with transaction():
        volunteer, kind = db.session.get_one(Volunteer, office.volunteer), db.session.get_one(ServiceKind, office.kind)
        number = served(volunteer, kind, TUESDAY, 30, by=admin.user).id
    tie = {"user": str(colleague.user), "volunteer": str(office.volunteer), "relation": "姐妹"}
    assert admin.send("/entries/kin", **tie).status_code == 303
    forget_reads()
    record, reader = db.session.get_one(ServiceRecord, number), db.session.get_one(User, colleague.user)
    assert Hands(office.community, [record]).why_not(reader, record) is None
    assert colleague.send(f"/books/hours/{number}/correct", minutes="0", reason="没有这回事").status_code == 303


def test_the_grant_of_a_month_is_given_once_by_eight_hands_at_once(both: Flask) -> None:
    """Where writers go side by side, each of them found that nothing was given yet."""
    make.set_clock("2026-11-25 16:00")
    with both.app_context(), transaction():
        community = make.make_community()
        elder = make.make_elder(make.make_household(community), "臧玉梅", birth_year=1936, lives_alone=True)
        elder_account(elder)
        number, hand = elder.id, make.make_user(Role.COORDINATOR, community).id
    at_once(posts(browsers_of(both, hand, 8), f"/credit/grants/{number}", minutes=str(USUAL.grant_month)))
    with both.app_context():
        given = db.session.scalar(select(func.sum(Account.balance)).where(Account.kind == AccountKind.MEMBER))
        assert given == USUAL.grant_month


def test_a_newcomer_of_an_empty_community_is_everybodys_to_vouch_for(office: Office, sent: None) -> None:
    """They decide with others on where codes go: an administrator's second telephone, let in where nobody else is who would hear of it."""
    admin = office.colleague(Role.ADMIN)
    with transaction():
        db.session.get_one(User, admin.user).looks_at = make.make_community("empty").id
    user, _token = let_in(admin)
    forget_reads()
    assert set(db.session.scalars(select(Notice.user_id).where(Notice.template == "second"))) == {office.insider.user}
    assert "沈若秋" in office.insider.get("/proposals").text
    gateway(admin)
    assert office.decide(phone_of(office, user.id)) == 409
    number = next(each.id for each in office.waiting() if each.about == user.id)
    assert office.insider.send(f"/proposals/{number}/refuse", decision="没有这个人").status_code == 303
    assert admin.send(f"/office/colleagues/{user.id}/link").status_code == 303
    assert [each.about for each in office.waiting() if each.kind is Kind.COLLEAGUE] == [user.id]


def test_what_only_the_robot_of_a_group_said_nobody_heard(office: Office, sent: None) -> None:
    """One administrator alone says which robot, and how many short messages a day has: the robot may be nobody's but their own."""
    admin = office.colleague(Role.ADMIN)
    user, _token = let_in(admin)
    with transaction():
        for each in db.session.scalars(select(Notice).where(Notice.template == "second")):
            each.state, each.channel = State.SENT, Way.ROBOT.value
    office.at("2026-11-26 16:01")
    jobs.keep_house()
    forget_reads()
    assert db.session.get_one(User, user.id).rests_on == admin.user


def test_where_nobody_else_is_at_all_no_newcomer_counts_by_waiting(office: Office, sent: None) -> None:
    """Whoever looks after the machine lets a second administrator in, who vouches."""
    admin = office.colleague(Role.ADMIN)
    with transaction():
        db.session.get_one(User, office.insider.user).active = False
    user, _token = let_in(admin)
    office.at("2026-11-27 16:01")
    jobs.keep_house()
    forget_reads()
    assert db.session.get_one(User, user.id).rests_on == admin.user
    assert "timebank init" in admin.get("/proposals").text


def test_held_before_the_first_minute_of_all_a_newcomer_counts_by_waiting(
    app: Flask, sign_in_as: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An office that begins has one person who lets the others in."""
    monkeypatch.setattr(carriers, "messages", Terminal(io.StringIO()))
    make.set_clock("2026-11-25 16:00")
    with app.app_context(), transaction():
        community = make.make_community().id
    admin = sign_in_as(Role.ADMIN, community_id=community)
    with app.app_context():
        user, _token = let_in(admin)
        make.set_clock("2026-11-26 16:01")
        jobs.keep_house()
        forget_reads()
        assert db.session.get_one(User, user.id).rests_on is None


def test_a_request_taken_on_by_an_invitations_link_rests_on_whoever_made_the_link(office: Office) -> None:
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, "old colleague")
    with transaction():
        asker = make.make_user(Role.FAMILY, db.session.get_one(Community, office.community))
        wish = asking.Wish(kind=db.session.get_one(ServiceKind, office.kind), window=(14 * 60, 18 * 60), dates=(THURSDAY,))
        request = asking.ask_for_help(office.community, wish, asking.Asker(source=Source.FAMILY, user=asker, for_name="臧奶奶")).id
    assert friend.send(f"/requests/{request}/accept", elder=office.elder).status_code == 303
    forget_reads()
    assert db.session.get_one(HelpRequest, request).decided_by == admin.user


def test_a_plan_far_over_its_kind_stays_whose_it_is_when_a_colleague_changes_something_else_of_the_need(office: Office) -> None:
    office.at("2026-11-25 09:00")
    with transaction():
        community, elder = db.session.get_one(Community, office.community), db.session.get_one(Elder, office.elder)
        kind = make.make_kind("LONG", minutes=30)
        request = make.make_request(community, kind, elder.household, minutes=30, elder=elder)
    insider, colleague = (db.session.get_one(User, each.user) for each in (office.insider, office.colleague()))
    for by, minutes, note in ((insider, 240, ""), (colleague, 240, "请敲门轻一点")):
        mark = audit.actor.set(f"user:{by.id}")
        with transaction():
            known = db.session.get_one(HelpRequest, request.id)
            wish = asking.Wish(kind=known.kind, window=(480, 1080), dates=(make.WEDNESDAY,), minutes=minutes, note=note)
            needs.change_need(known, wish, None)
        audit.actor.reset(mark)
    visit = db.session.scalars(select(Visit).where(Visit.request_id == request.id)).one()
    assert one_word.who_planned(visit) == insider.id


def test_a_flag_that_was_settled_on_a_tuesday_does_not_keep_the_rest_of_the_week_quiet(office: Office) -> None:
    """Three true visits on one's word, a colleague finds the flag in order, then the false ones: same volunteer, same week, same flag."""

    def flagged(*days: date) -> list[Finding]:
        with transaction():
            volunteer, kind = db.session.get_one(Volunteer, office.volunteer), db.session.get_one(ServiceKind, office.kind)
            for day in days:
                served(volunteer, kind, day, 100, by=office.insider.user, word=office.insider.user)
            checking.check_week(office.community, make.MONDAY)
        forget_reads()
        return list(db.session.scalars(select(Finding).where(Finding.rule == "one_enterer", Finding.settled.is_(None))))

    (first,) = flagged(date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12))
    assert flagged() == [first]
    assert office.colleague().send(f"/findings/{first.id}", settled="in_order", result="都对").status_code == 303
    assert flagged() == []
    (second,) = flagged(date(2026, 11, 13), date(2026, 11, 14))
    assert second.record_id > first.record_id
    assert flagged() == [second]


def test_a_month_before_there_was_anything_is_not_closed(office: Office) -> None:
    """The clock would then close three hundred months one after the other, each with its reports, and nobody could take one back."""
    assert office.insider.send("/months/close", month="2001-01", anyway="1").status_code == 409
    forget_reads()
    assert db.session.scalars(select(MonthClose)).all() == []
    with transaction():
        assert len(closing.due(date(2026, 12, 20))) <= 2


def test_what_a_newcomer_confirms_rests_on_whoever_let_them_in(office: Office) -> None:
    """Else one hand would have two months of service that nothing else shows."""
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, "newcomer by code")
    with transaction():
        made = office.visit()
        made.started_at, made.ended_at, made.outcome = clock.at(make.WEDNESDAY, 840), clock.at(make.WEDNESDAY, 870), Outcome.DONE
        made.visit.state = VisitState.DONE
    assert friend.send("/confirm", what="visit", number=made.visit_id, trust="call").status_code == 303
    forget_reads()
    assert db.session.scalars(select(ServiceRecord.word_of).where(ServiceRecord.visit_id == made.visit_id)).one() == admin.user


def test_only_whoever_asked_takes_it_back_and_no_hand_of_theirs_refuses_it(office: Office) -> None:
    """An honest correction would vanish as if its own author had thought better of it."""
    admin = office.colleague(Role.ADMIN)
    friend = false_friend(office, admin, "newcomer by code")
    asked = {"minutes": "240", "reason": "少记了"}
    assert friend.send(f"/books/hours/{office.record}/correct", **asked).status_code == 303
    assert office.decide(admin, "withdraw") == 409
    assert office.decide(office.insider, "withdraw") == 409
    assert office.decide(admin, "refuse", decision="不对") == 409
    assert office.decide(friend, "withdraw") == 303


def test_a_community_whose_check_fails_keeps_no_other_from_being_checked(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        other = make.make_community("elsewhere").id

    def breaks(community_id: int, week: date) -> list[Fact]:
        if community_id == office.community:
            raise ValueError(week)
        return []

    monkeypatch.setattr(checking, "facts", breaks)
    with pytest.raises(ValueError, match="2026"):
        jobs.keep_house()
    forget_reads()
    assert make.MONDAY in db.session.scalars(select(CheckWeek.week).where(CheckWeek.community_id == other)).all()


def test_nobody_lets_a_colleague_in_from_a_session_that_an_invitation_opened(office: Office) -> None:
    admin, other = office.colleague(Role.ADMIN), office.colleague(Role.ADMIN).user or 0
    assert admin.send(f"/office/colleagues/{other}/link").status_code == 303
    friend = by_link(office, link_of(admin, other), other)
    answered = friend.send("/office/colleagues", phone="13912340009", name="沈若秋", role="coordinator")
    assert answered.status_code == 422
    forget_reads()
    assert user_of("13912340009") is None


def test_whoever_tells_of_their_coming_later_is_no_witness(office: Office) -> None:
    """Two at home: one signs in on time, the other near the end, and says it was at the beginning."""
    seats = turn(office)
    for seat, name in zip(seats, ("卞玉贵", "顾大年"), strict=True):
        take(seat, somebody(office, name)[0])
    office.at("2026-11-26 10:00")
    come(seats[1])
    office.at("2026-11-26 10:50")
    with transaction():
        duty_times.sign_in(duty(seats[0]), duty(seats[0]).code, clock.at(THURSDAY, 10 * 60))
    office.at("2026-11-26 11:00")
    leave(*seats)
    assert [clocked(office, each) for each in seats] == [0, 0]
