"""The register: what a certificate says, who may issue it, and what ends it."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.served import TODAY, World, record, served_world
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.certificates import actions, checking
from timebank.certificates import queries as register
from timebank.certificates.actions import Wishes
from timebank.certificates.models import ALPHABET, Certificate, CertificateState, CheckTry
from timebank.certificates.refusals import WouldReplace
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid, NotAllowed, TooMany
from timebank.records import totals
from timebank.records.actions import objecting
from timebank.visits.actions.correcting import correct
from timebank.volunteers.models import Volunteer

YEAR = date(2026, 1, 1)


def issued(
    world: World, start: date = YEAR, end: date = TODAY, wishes: Wishes | None = None, *, replaces: int | None = None
) -> Certificate:
    """Issue a certificate at the desk."""
    _, volunteer, coordinator = world.get()
    return actions.issue_certificate(volunteer, start, end, coordinator, wishes, replaces=replaces)


def test_a_certificate_adds_up_minutes_first_and_lists_what_was_done(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        made = issued(world)
        assert made.number == "ZM-PINE-STREET-2026-000001"
        assert made.content["total_minutes"] == 127
        assert made.content["visit_count"] == 3
        assert [(kind["content"], kind["visits"], kind["minutes"]) for kind in made.content["by_kind"]] == [
            ("上门理发", 2, 75),
            ("买菜代购", 1, 52),
        ]
        assert made.content["unit"] == "松坡社区居委会"
        assert actions.is_whole(made)


def test_numbers_follow_each_other_and_codes_are_random(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        first, second = issued(world), issued(world, date(2026, 10, 1), date(2026, 10, 31))
        assert (first.serial, second.serial) == (1, 2)
        assert first.check_code != second.check_code
        assert len(ALPHABET) ** len(first.check_code) >= 2**60
        assert set(first.check_code) <= set(ALPHABET)


def test_asking_again_for_the_same_gives_the_same_certificate(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        assert issued(world).id == issued(world).id


def test_asking_again_after_new_service_replaces_the_old_one_when_somebody_says_so(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        first = issued(world)
        _, volunteer, _ = world.get()
        record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 30)
        assert actions.is_stale(first)
        with pytest.raises(WouldReplace, match="says 127 minutes"):
            issued(world)
        assert first.is_valid
        second = issued(world, replaces=first.id)
        assert first.state is CertificateState.REPLACED
        assert second.replaces_id == first.id
        assert second.content["total_minutes"] == 157


def test_a_corrected_record_counts_with_its_latest_version_only(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        first = totals.records_of(volunteer, date(2026, 10, 1), date(2026, 11, 1))[0]
        correct(first, 20, "签退晚了 15 分钟", coordinator)
        made = issued(world, date(2026, 10, 1), date(2026, 10, 31))
        assert made.content["total_minutes"] == 72
        assert made.content["visit_count"] == 2


@pytest.mark.parametrize(
    ("start", "end"), [(date(2026, 2, 1), date(2026, 1, 1)), (YEAR, date(2026, 11, 26)), (date(2027, 1, 1), date(2027, 2, 1))]
)
def test_a_period_turned_round_or_still_to_come_is_refused(app: Flask, world: World, start: date, end: date) -> None:
    with app.app_context(), pytest.raises(Invalid), transaction():
        issued(world, start, end)


def test_a_period_without_confirmed_service_is_refused_and_takes_no_number(app: Flask, world: World) -> None:
    with app.app_context():
        with pytest.raises(Conflict), transaction():
            issued(world, YEAR, date(2026, 6, 30))
        with transaction():
            assert issued(world).serial == 1


def test_a_volunteer_issues_their_own_and_nobody_elses(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        own = make.make_user(Role.VOLUNTEER, community)
        volunteer.user_id = own.id
        made = actions.issue_certificate(volunteer, YEAR, TODAY, own)
        assert made.content["handler"] == "本人自助开具"
        stranger = make.make_user(Role.VOLUNTEER, community)
        with pytest.raises(NotAllowed):
            actions.issue_certificate(volunteer, YEAR, TODAY, stranger)


def test_a_coordinator_of_another_community_certifies_nothing_here(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, _ = world.get()
        other = make.make_user(Role.COORDINATOR, make.make_community("sea-street"))
        with pytest.raises(NotAllowed):
            actions.issue_certificate(volunteer, YEAR, TODAY, other)


def test_paid_staff_get_no_certificate_of_voluntary_service(app: Flask) -> None:
    world = served_world(app, lambda volunteer: make.make_standing(volunteer, paid=True))
    with app.app_context(), transaction(), pytest.raises(Conflict, match="paid work"):
        issued(world)


def test_revoking_needs_a_reason_and_happens_once(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        made = issued(world)
        coordinator = world.get()[2]
        with pytest.raises(Invalid):
            actions.revoke(made, coordinator, "  ")
        actions.revoke(made, coordinator, "记录有误")
        assert made.state is CertificateState.REVOKED
        with pytest.raises(Conflict):
            actions.revoke(made, coordinator, "再来一次")
        assert issued(world).id != made.id


def test_replacing_keeps_what_the_volunteer_wished(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        first = issued(world, wishes=Wishes("用于升学", seal_required=True, id_type="居民身份证", id_last4="123X"))
        second = actions.replace(first, world.get()[2], "负责人换了")
        wished = ("remarks", "seal_required", "id_type", "id_last4")
        assert [second.content[name] for name in wished] == ["用于升学", True, "居民身份证", "123X"]
        assert register.successor_of(first) is second


def test_reporting_is_noted_with_the_foreign_number(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        made = issued(world)
        assert made.reported_at is None
        actions.report(made, " 370200123456 ")
        assert made.reported_at is not None
        assert made.national_no == "370200123456"


def test_an_edited_register_is_noticed(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        made = issued(world)
        made.content = made.content | {"total_minutes": 99999}
        assert not actions.is_whole(made)


@pytest.mark.parametrize(
    "change", ["check_code = 'short'", "state = 'revoked'", "period_to = '2020-01-01'", "state = 'void'", "serial = 0"]
)
def test_the_database_keeps_the_register_in_shape(app: Flask, world: World, change: str) -> None:
    with app.app_context():
        with transaction():
            issued(world)
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE certificate SET {change}"))


def test_the_check_takes_number_and_code_as_people_type_them(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        made = issued(world)
        made.check_code = "0123456789AB"
        assert checking.check(made.number.lower().replace("-", " - "), "oi23 4567-89ab") is made
        assert checking.check("ＺＭ－ＰＩＮＥ－ＳＴＲＥＥＴ－２０２６－０００００１", "０１２３ ４５６７ ８９ＡＢ") is made


def test_wrong_tries_are_counted_for_each_address_and_then_refused_for_a_while(app: Flask, later: Callable[..., None]) -> None:
    with app.app_context():
        for _ in range(checking.WRONG_TRIES):
            with transaction():
                checking.note_wrong_try("one")
        with pytest.raises(TooMany), transaction():
            checking.note_wrong_try("one")
        with transaction():
            checking.note_wrong_try("another")
        later(minutes=16)
        with transaction():
            checking.note_wrong_try("one")


def test_old_tries_are_forgotten(app: Flask, later: Callable[..., None]) -> None:
    with app.app_context():
        with transaction():
            checking.note_wrong_try("one")
        later(days=2)
        with transaction():
            checking.note_wrong_try("one")
        assert db.session.query(CheckTry).count() == 1


def test_an_objection_is_due_in_five_working_days_and_answered_once(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        mine = totals.records_of(volunteer, date(2026, 10, 1), date(2026, 11, 1))[0]
        said = objecting.object_to(mine, volunteer, "那天待了 50 分钟")
        assert said.due == date(2026, 12, 2)
        with pytest.raises(Conflict):
            objecting.object_to(mine, volunteer, "还是不对")
        objecting.answer(said, "核对了签退时间，已更正", coordinator)
        with pytest.raises(Conflict):
            objecting.answer(said, "又答一次", coordinator)


def test_nobody_objects_to_another_persons_record(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        community, volunteer, _ = world.get()
        mine = totals.records_of(volunteer, date(2026, 10, 1), date(2026, 11, 1))[0]
        other: Volunteer = make.make_volunteer(community, "王建国")
        with pytest.raises(NotAllowed):
            objecting.object_to(mine, other, "不对")
        assert db.session.get(User, world.coordinator) is not None
