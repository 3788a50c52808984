"""A certificate in force is never replaced behind somebody's back: whatever stands, whoever presses and whatever has changed."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, record, served_world
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, batches, in_force, proposed, runner
from timebank.certificates.actions import Wishes
from timebank.certificates.models import Certificate, CertificateBatch, CertificateState
from timebank.certificates.refusals import WouldReplace
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.notices.models import Notice
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.queue import jobs
from timebank.visits.actions.correcting import correct
from timebank.visits.models import ServiceRecord

YEAR = date(2026, 1, 1)
STAMPED = Wishes("用于升学", seal_required=True, id_type="居民身份证", id_last4="123X")
PERIOD = {"start": "2026-01-01", "end": "2026-11-25"}


def standing(world: World, wishes: Wishes | None = None) -> Certificate:
    """Issue the certificate that is in force."""
    _, volunteer, coordinator = world.get()
    return actions.issue_certificate(volunteer, YEAR, TODAY, coordinator, wishes)


def more_service(world: World) -> None:
    """Put half an hour more on record."""
    record(world.get()[1], db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 30)


def corrected(world: World, *minutes: int) -> None:
    """Correct the record of October, the last time to these minutes; more of them with a colleague."""
    for each in minutes:
        make.set_clock("2026-11-25 11:00" if each == minutes[0] else "2026-11-25 11:30")
        found = db.session.scalars(select(ServiceRecord).where(ServiceRecord.day == date(2026, 10, 28), ServiceRecord.current)).one()
        made = correct(found, each, "签退晚了", world.get()[2])
        if isinstance(made, Proposal):
            proposals.agree(made, make.make_user(Role.COORDINATOR, world.get()[0], name="于海"))


def renamed(world: World) -> None:
    """Give the unit and a kind of service other names."""
    world.get()[0].issuer = "松坡社区居民委员会"
    db.session.get_one(ServiceKind, world.hair).name = "理发上门"


STOOD: dict[str, Wishes | None] = {
    "nothing": None,
    "plain": Wishes(),
    "ending": Wishes(id_type="居民身份证", id_last4="123X"),
    "stamp": Wishes(seal_required=True),
    "remark": Wishes("用于升学"),
    "all": STAMPED,
}
CHANGED: dict[str, tuple[Callable[[World], None], bool]] = {
    "nothing": (lambda _world: None, True),
    "names": (renamed, True),
    "corrected and back": (lambda world: corrected(world, 20, 52), True),
    "corrected": (lambda world: corrected(world, 20), False),
    "withdrawn": (lambda world: corrected(world, 0), False),
    "more service": (more_service, False),
}


def by_own_press(world: World, replaces: int | None) -> Certificate:
    """Let the volunteer press."""
    community, volunteer, _ = world.get()
    user = make.make_user(Role.VOLUNTEER, community)
    volunteer.user_id = user.id
    return actions.issue_certificate(volunteer, YEAR, TODAY, user, replaces=replaces)


def at_the_desk(world: World, replaces: int | None) -> Certificate:
    """Let a colleague press who wishes nothing."""
    _, volunteer, coordinator = world.get()
    made = proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, Wishes(id_type="护照"), replaces=replaces)
    assert isinstance(made, Certificate)
    return made


def by_a_batch(world: World, replaces: int | None) -> Certificate:
    """Let a batch come by, as far as the line's certificate; what it refuses, the line says."""
    community, _, coordinator = world.get()
    held = [replaces] if replaces else []
    batch = batches.order(community, YEAR, TODAY, [world.volunteer], coordinator, language="zh", replaces=held)
    (line,) = batches.issue_next(batch, 5)
    if line.certificate is None:
        assert "要换，请确认替换" in line.refusal_zh
        raise WouldReplace(db.session.scalars(select(Certificate)).one(), 0)
    return line.certificate


PRESSES = {"own press": by_own_press, "desk": at_the_desk, "batch": by_a_batch}


@pytest.mark.parametrize(("stood", "pressed", "changed"), [*itertools.product(STOOD, PRESSES, CHANGED)])
def test_what_stands_is_kept_while_hours_agree_and_replaced_only_by_who_says_so(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, stood: str, pressed: str, changed: str
) -> None:
    monkeypatch.setattr(jobs, "_send", lambda _name, _subject: None)
    press, (change, agrees) = PRESSES[pressed], CHANGED[changed]
    with app.app_context(), transaction():
        wishes = STOOD[stood]
        first = standing(world, wishes) if wishes is not None else None
        change(world)
        if first is None:
            assert press(world, None).content["remarks"] == ""
            return
        if agrees:
            assert press(world, None) is first
            assert (first.is_valid, db.session.scalar(select(func.count(Certificate.id)))) == (True, 1)
            return
        with pytest.raises(WouldReplace, match=first.number):
            press(world, None)
        assert (first.is_valid, db.session.scalar(select(func.count(Certificate.id)))) == (True, 1)
        second = press(world, first.id)
        assert (first.state, second.replaces_id) == (CertificateState.REPLACED, first.id)
        assert Wishes.on(second) == wishes


def test_another_wish_at_the_desk_warns_first_and_then_keeps_the_other_ones(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        wish = Wishes(seal_required=True)
        first = standing(world, Wishes("用于升学", id_type="居民身份证", id_last4="123X"))
        _, volunteer, coordinator = world.get()
        with pytest.raises(WouldReplace):
            proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, wish)
        second = proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, wish, replaces=first.id)
        assert isinstance(second, Certificate)
        assert (Wishes.on(second).remarks, Wishes.on(second).id_last4) == ("用于升学", "123X")


def test_another_document_at_the_desk_warns_first_and_then_waits_for_a_second_person(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        wish = Wishes(id_type="护照", id_last4="9999")
        first = standing(world, Wishes("用于升学", id_type="居民身份证", id_last4="123X"))
        _, volunteer, coordinator = world.get()
        with pytest.raises(WouldReplace):
            proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, wish)
        assert isinstance(proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, wish, replaces=first.id), Proposal)
        assert first.is_valid


def test_leave_to_replace_another_certificate_replaces_nothing(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        october = actions.issue_certificate(volunteer, date(2026, 10, 1), date(2026, 10, 31), coordinator)
        first = standing(world)
        more_service(world)
        with pytest.raises(WouldReplace):
            actions.issue_certificate(volunteer, YEAR, TODAY, coordinator, replaces=october.id)
        assert (october.is_valid, first.is_valid) == (True, True)


def test_the_desk_is_warned_sees_which_one_and_goes_on(app: Flask, desk: Browser, world: World) -> None:
    with app.app_context(), transaction():
        first = standing(world, STAMPED)
        number, held = first.number, first.id
        more_service(world)
    path = f"/books/{world.volunteer}/certificate"
    warned = desk.send(path, **PERIOD)
    assert warned.status_code == 409
    for said in ("已经有一份了", number, "127 分钟", "157 分钟", "替换旧的，开新的"):
        assert said in warned.text, said
    answer = desk.send(path, replaces=str(held), **PERIOD)
    assert answer.status_code == 303
    assert "用于升学" in desk.get(answer.location).text


def test_the_page_of_a_batch_says_whose_would_be_replaced_and_leaves_them_unticked(app: Flask, desk: Browser, world: World) -> None:
    with app.app_context(), transaction():
        first = standing(world, STAMPED)
        number, held = first.number, first.id
        kept = make.make_volunteer(world.get()[0], "丛立新")
        record(kept, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 20), 61)
        also = actions.issue_certificate(kept, YEAR, TODAY, world.get()[2]).number
        more_service(world)
        other = kept.id
    page = desk.get("/certificates/batch").text
    for said in (f"选上会替换 {number}", "带证件尾号", "要盖章", "带备注", f"保留 {also}", "一份也不会悄悄换掉"):
        assert said in page, said
    assert f'value="{world.volunteer}" checked' not in page
    assert f'value="{other}" checked' in page
    answer = desk.send("/certificates/batch", volunteer=[str(world.volunteer), str(other)], replaces=[str(held)], **PERIOD)
    with app.app_context():
        states = {each.number: each.state for each in db.session.scalars(select(Certificate))}
        assert (states[number], states[also], len(states)) == (CertificateState.REPLACED, CertificateState.VALID, 3)
    assert "下载这 2 份" in desk.get(answer.location).text


def test_a_batch_over_standing_stamped_ones_replaces_none_that_changed_meanwhile(app: Flask, desk: Browser, world: World) -> None:
    with app.app_context(), transaction():
        first = standing(world, STAMPED)
        number = first.number
        more_service(world)
    answer = desk.send("/certificates/batch", volunteer=[str(world.volunteer)], **PERIOD)
    page = desk.get(answer.location).text
    assert "1 份没有开" in page
    assert number in page
    with app.app_context():
        (only,) = db.session.scalars(select(Certificate))
        assert (only.number, only.is_valid) == (number, True)


def test_whoever_holds_a_certificate_hears_when_the_office_ends_it(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        user = make.make_user(Role.VOLUNTEER, community)
        volunteer.user_id = user.id
        first = standing(world)
        second = actions.replace(first, coordinator, "负责人换了")
        more_service(world)
        third = actions.issue_certificate(volunteer, YEAR, TODAY, user, replaces=second.id)
        actions.revoke(third, coordinator, "开错了")
        told = list(db.session.scalars(select(Notice.text).where(Notice.template == "certificate", Notice.user_id == user.id)))
        assert [first.number in told[0], third.number in told[1], len(told)] == [True, True, 2]


def test_overlapping_and_overtaken_certificates_are_said_in_the_register_and_to_their_holder(
    app: Flask, desk: Browser, phone: Browser, world: World
) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        year = standing(world).number
        october = actions.issue_certificate(volunteer, date(2026, 10, 1), date(2026, 10, 31), coordinator).number
    for browser, path in ((desk, "/certificates"), (phone, "/my/certificates")):
        page = browser.get(path).text
        assert page.count("和 1 份有效证明日期重叠") == 2
        assert "又有服务入账" not in page
    with app.app_context(), transaction():
        more_service(world)
        found = in_force.stale_among(db.session.scalars(select(Certificate)))
        assert {db.session.get_one(Certificate, each).number for each in found} == {year}
        assert in_force.overlaps_among(db.session.scalars(select(Certificate))) == {1: [october], 2: [year]}
    for browser, path in ((desk, "/certificates"), (phone, "/my/certificates")):
        assert "又有服务入账" in browser.get(path).text, path


def test_certificates_that_do_not_overlap_or_hold_no_more_are_not_said_to(app: Flask, desk: Browser, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        actions.issue_certificate(volunteer, date(2026, 10, 1), date(2026, 10, 31), coordinator)
        actions.issue_certificate(volunteer, date(2026, 11, 1), TODAY, coordinator)
        actions.revoke(standing(world), coordinator, "开错了")
        more_service(world)
    page = desk.get("/certificates").text
    assert "重叠" not in page
    assert page.count("又有服务入账") == 1


def test_two_presses_at_once_leave_one_certificate_in_force(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        first = standing(world, STAMPED).id
        more_service(world)

    def press() -> str:
        with both.app_context():
            try:
                with transaction():
                    _, volunteer, coordinator = world.get()
                    return actions.issue_certificate(volunteer, YEAR, TODAY, coordinator, replaces=first).number
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as hands:
        numbers = {each.result() for each in [hands.submit(press) for _ in range(4)]}
    assert numbers == {"ZM-PINE-STREET-2026-000002"}
    with both.app_context():
        states = list(db.session.scalars(select(Certificate.state).order_by(Certificate.id)))
        assert states == [CertificateState.REPLACED, CertificateState.VALID]


def test_the_database_keeps_one_certificate_in_force_a_period_and_a_national_number_once(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            _, volunteer, coordinator = world.get()
            first, second = standing(world), actions.issue_certificate(volunteer, date(2026, 10, 1), date(2026, 10, 31), coordinator)
            actions.report(first, "370200001")
            numbers = (first.id, second.id)
        for change in ("period_from = '2026-01-01', period_to = '2026-11-25'", "national_no = '370200001'"):
            with pytest.raises(IntegrityError), transaction():
                db.session.execute(text(f"UPDATE certificate SET {change} WHERE id = {numbers[1]}"))


def test_a_batch_keeps_and_replaces_alike_on_both_databases(both: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_send", lambda _name, _subject: None)
    world = served_world(both)
    with both.app_context():
        with transaction():
            first = standing(world, STAMPED).id
            community, _, coordinator = world.get()
            kept = batches.order(community, YEAR, TODAY, [world.volunteer], coordinator, language="zh").id
        runner.run(kept)
        with transaction():
            assert db.session.get_one(CertificateBatch, kept).lines[0].certificate_id == first
            more_service(world)
            (row,) = batches.candidates(world.community, YEAR, TODAY)
            assert (row.held is not None, row.changed, row.minutes) == (True, True, 157)
            community, _, coordinator = world.get()
            swapped = batches.order(community, YEAR, TODAY, [world.volunteer], coordinator, language="zh", replaces=[first]).id
        runner.run(swapped)
        assert db.session.get_one(CertificateBatch, swapped).lines[0].certificate_id == first + 1


# A remark


def test_a_remark_waits_for_a_second_person_and_nothing_is_issued_before(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        asked = proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, Wishes("获市级优秀志愿者"))
        assert isinstance(asked, Proposal)
        assert db.session.scalar(select(func.count(Certificate.id))) == 0
        with pytest.raises(Conflict, match="yourself"):
            proposals.agree(asked, coordinator)
        proposals.agree(asked, make.make_user(Role.COORDINATOR, community, name="于海"))
        (made,) = db.session.scalars(select(Certificate))
        assert (made.content["remarks"], made.content["handler"], made.issued_by) == ("获市级优秀志愿者", "衣晓雯", coordinator.id)
        assert proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, Wishes("获市级优秀志愿者")) is made


def test_a_refused_remark_leaves_no_certificate_and_family_does_not_decide(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        own = make.make_user(Role.COORDINATOR, community, name="本人也在服务台")
        asked = proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, Wishes("获市级优秀志愿者"))
        assert isinstance(asked, Proposal)
        volunteer.user_id = own.id
        with pytest.raises(Conflict):
            proposals.agree(asked, own)
        proposals.refuse(asked, make.make_user(Role.COORDINATOR, community, name="于海"), "没有这回事")
        assert db.session.scalar(select(func.count(Certificate.id))) == 0


def test_a_remark_agreed_to_after_another_certificate_came_replaces_it_not(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, coordinator = world.get()
        asked = proposed.ask_for_certificate(volunteer, YEAR, TODAY, coordinator, Wishes("用于升学"))
        assert isinstance(asked, Proposal)
        meanwhile = standing(world)
        with pytest.raises(WouldReplace):
            proposals.agree(asked, make.make_user(Role.COORDINATOR, community, name="于海"))
        assert meanwhile.is_valid


def test_the_desk_asks_for_a_remark_and_the_list_shows_it(
    app: Flask, desk: Browser, world: World, sign_in_as: Callable[..., Browser]
) -> None:
    assert desk.send(f"/books/{world.volunteer}/certificate", remarks="获市级优秀志愿者", **PERIOD).status_code == 303
    second = sign_in_as(Role.COORDINATOR, community_id=world.community)
    page = second.get("/proposals").text
    assert "王秀芬：2026-01-01 – 2026-11-25 的服务证明，带备注" in page
    assert "获市级优秀志愿者" in page
    assert second.send("/proposals/1/agree").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Certificate)).one().content["remarks"] == "获市级优秀志愿者"
        assert (
            db.session.scalars(select(User).where(User.id == desk.user)).one().id == db.session.scalars(select(Certificate.issued_by)).one()
        )
