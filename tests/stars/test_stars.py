"""Stars, the honour list and awards: recorded hours and quality, in order, decided by a person; nobody named unasked."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, record, served_world
from timebank import clock
from timebank.access.models import Role, Session, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid, NotAllowed
from timebank.ledger import actions as ledger
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals.models import Proposal
from timebank.records import totals as queries
from timebank.records.actions import objecting
from timebank.records.models import Origin
from timebank.stars import publicity
from timebank.stars import standing as stars
from timebank.stars.models import StarApplication, StarState
from timebank.visits.actions.correcting import correct
from timebank.visits.models import Visit, VisitState
from timebank.volunteers.models import Volunteer

LITTLE = (1, 2, 3, 4, 5)


def volunteer_with_phone(world: World) -> tuple[Volunteer, User]:
    """Return the volunteer, who has 127 minutes on record, and their sign-in; a star asks for an hour more than the last."""
    community, volunteer, _ = world.get()
    stars.set_rule(community.id, LITTLE, 1)
    user = make.make_user(Role.VOLUNTEER, community)
    volunteer.user_id = user.id
    return volunteer, user


def first_star(world: World) -> tuple[Volunteer, User]:
    """Return the volunteer with a first star, public and granted by two colleagues; 127 minutes are on record, it asked for 60."""
    volunteer, user = volunteer_with_phone(world)
    through(stars.ask(volunteer, user), world)
    return volunteer, user


def through(made: StarApplication, world: World) -> None:
    """Make an application public and grant it, by two colleagues, after its days."""
    publicity.publish(made, world.get()[2])
    assert made.public_until is not None
    now = clock.now()
    make.set_clock(f"{made.public_until + timedelta(days=1)} 08:30")
    publicity.grant(made, colleague(world))
    clock.clock.start_at(now)


def colleague(world: World) -> User:
    """Return another coordinator of the community."""
    return make.make_user(Role.COORDINATOR, world.get()[0], name="曲成海")


def missed(volunteer: Volunteer, day: date) -> Visit:
    """Let a volunteer accept a visit and not come."""
    community = db.session.get_one(Community, volunteer.community_id)
    kind = db.session.scalars(select(ServiceKind)).first()
    assert kind is not None
    home = make.make_household(community)
    visit = make.make_visit(make.make_request(community, kind, home, dates=[day.isoformat()], first_day=day, boxes=0), day)
    make.make_offer(visit, volunteer, 870, day, accepted=True)
    return visit


def test_the_ordinary_rule_is_the_ministrys_and_a_community_sets_its_own(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        assert stars.rule_of(world.community) == stars.Rule((100, 300, 600, 1000, 1500), 3, 5)
        stars.set_rule(world.community, (30, 60, 100, 200, 300), 0, 7)
        assert stars.rule_of(world.community) == stars.Rule((30, 60, 100, 200, 300), 0, 7)
        for hours in ((30, 30, 100, 200, 300), (60, 30, 100, 200, 300), (0, 1, 2, 3, 4)):
            with pytest.raises(Invalid):
                stars.set_rule(world.community, hours, 0)


def test_credit_and_bonuses_never_count_for_a_star(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, _ = volunteer_with_phone(world)
        before = stars.standing(volunteer)
        ledger.donate(volunteer.account_id, 100, source="test:all", idem=("test", "all"), actor="test")
        assert stars.standing(volunteer) == before
        assert (before.level, before.minutes, before.next_hours, before.missing, before.may_apply) == (0, 127, 1, 0, True)


def test_stars_are_asked_for_in_order_one_at_a_time_and_granted_by_somebody_else(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        coordinator = world.get()[2]
        first = stars.ask(volunteer, user)
        assert (first.level, first.minutes, first.needed) == (1, 127, 60)
        with pytest.raises(Conflict, match="asked for already"):
            stars.ask(volunteer, user)
        through(first, world)
        with pytest.raises(Conflict):
            publicity.decline(first, coordinator, "x")
        assert stars.ask(volunteer, user).level == 2
        through(stars.applications(world.community, StarState.ASKED)[0], world)
        with pytest.raises(Conflict, match=r"asks for 3 hours; 0\.9 are missing"):
            stars.ask(volunteer, user)
        assert stars.granted(volunteer) == 2


def test_a_declined_star_says_why_and_may_be_asked_for_again(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        coordinator = world.get()[2]
        first = stars.ask(volunteer, user)
        with pytest.raises(Invalid):
            publicity.decline(first, coordinator, " ")
        publicity.decline(first, coordinator, "先补签到")
        assert stars.ask(volunteer, user).level == 1
        assert [each.reason for each in stars.applications_of(volunteer)] == ["", "先补签到"]


def test_nobody_asks_for_another_or_decides_about_themselves(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        coordinator = world.get()[2]
        with pytest.raises(NotAllowed):
            stars.ask(volunteer, coordinator)
        made = stars.ask(volunteer, user)
        with pytest.raises(NotAllowed):
            publicity.publish(made, user)


def test_a_record_corrected_since_is_seen_before_the_star_is_granted(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        coordinator = world.get()[2]
        made = stars.ask(volunteer, user)
        for each in queries.records_of(volunteer, date(2026, 10, 1), TODAY + timedelta(days=1)):
            correct(each, 5, "签退晚了", coordinator)
        with pytest.raises(Conflict, match="no longer reaches"):
            publicity.publish(made, coordinator)
        publicity.decline(made, coordinator, "记录更正后不够")


def test_accepted_visits_without_a_check_in_stand_in_the_way(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        make.set_clock("2026-11-20 09:00")
        first, second = (missed(volunteer, date(2026, 11, day)) for day in (23, 24))
        make.set_clock("2026-11-25 10:30")
        assert stars.quality_of(volunteer) == stars.Quality(0, 2)
        with pytest.raises(Conflict, match="2"):
            stars.ask(volunteer, user)
        second.state = VisitState.CANCELLED
        db.session.flush()
        assert stars.quality_of(volunteer) == stars.Quality(0, 1)
        assert stars.ask(volunteer, user).no_shows == 1
        assert first.state is not VisitState.CANCELLED


def test_a_familys_doubt_counts_once_it_was_upheld_and_for_a_year(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        coordinator = world.get()[2]
        mine = queries.records_of(volunteer, TODAY, TODAY + timedelta(days=1))[0]
        visit = mine.visit
        assert visit is not None
        make.make_offer(visit, volunteer, 870, TODAY, accepted=True).started_at = clock.now()
        visit.doubt, visit.doubted_at = "没待那么久", clock.now()
        db.session.flush()
        assert stars.quality_of(volunteer).doubts == 0
        correct(mine, 20, "家属说得对", coordinator)
        assert stars.quality_of(volunteer).doubts == 1
        make.set_clock("2027-12-01 09:00")
        assert stars.quality_of(volunteer).doubts == 0
        assert user.id == volunteer.user_id


@pytest.mark.parametrize(
    ("origin", "found", "doubts"),
    [(Origin.CALL_BACK, 20, 1), (Origin.FINDING, 20, 1), (Origin.CALL_BACK, 40, 0), (Origin.CALL_BACK, 60, 0), (Origin.VOLUNTEER, 20, 0)],
    ids=str,
)
def test_an_objection_of_the_office_counts_once_it_lowered_the_record(
    app: Flask, world: World, origin: Origin, found: int, doubts: int
) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        mine = queries.records_of(volunteer, TODAY, TODAY + timedelta(days=1))[0]
        make.set_clock("2026-11-25 18:00")
        said = objecting.question(mine, "老人说没有这么久", origin)
        assert stars.quality_of(volunteer).doubts == 0
        asked = objecting.answer(said, "核对过了", coordinator, found)
        if asked is not None:
            proposals.agree(asked, make.make_user(Role.COORDINATOR, db.session.get_one(Community, world.community)))
        assert stars.quality_of(volunteer).doubts == doubts
        make.set_clock("2027-12-01 09:00")
        assert stars.quality_of(volunteer).doubts == 0


def test_a_doubt_that_ended_in_more_minutes_is_no_fault(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        _, volunteer, coordinator = world.get()
        mine = queries.records_of(volunteer, TODAY, TODAY + timedelta(days=1))[0]
        assert mine.visit is not None
        make.make_offer(mine.visit, volunteer, 870, TODAY, accepted=True).started_at = clock.now()
        mine.visit.doubt, mine.visit.doubted_at = "时间不对", clock.now()
        make.set_clock("2026-11-25 18:00")
        asked = correct(mine, 55, "其实待得更久", coordinator)
        assert isinstance(asked, Proposal)
        proposals.agree(asked, make.make_user(Role.COORDINATOR, db.session.get_one(Community, world.community)))
        assert stars.quality_of(volunteer).doubts == 0


def test_the_database_keeps_one_live_application_a_star_and_a_rising_rule(app: Flask, world: World) -> None:
    with app.app_context():
        with transaction():
            volunteer, user = volunteer_with_phone(world)
            asked = stars.ask(volunteer, user)
            values = {
                name: getattr(asked, name) for name in ("community_id", "volunteer_id", "level", "minutes", "needed", "doubts", "no_shows")
            }
        with pytest.raises(IntegrityError), transaction():
            make.add(StarApplication(applied_at=clock.now(), **values))
        for change in (
            "star_rule SET two = one",
            "star_rule SET days = 2",
            "star_application SET state = 'granted'",
            "star_application SET level = 6",
        ):
            with pytest.raises(IntegrityError), transaction():
                db.session.execute(text(f"UPDATE {change}"))


def test_nobody_stands_on_the_honour_list_unasked_or_by_full_name(app: Flask, client: Browser, phone: Browser, world: World) -> None:
    assert "王**" not in client.get("/honours/pine-street").text
    assert phone.send("/my/honour", shown="1").status_code == 303
    page = client.get("/honours/pine-street").text
    assert "王**" in page
    assert "2.1" in page
    assert "王秀芬" not in page
    assert phone.send("/my/honour", shown="0").status_code == 303
    assert "王**" not in client.get("/honours/pine-street").text
    assert client.get("/honours/nowhere").status_code == 404


def test_a_volunteer_asks_on_the_phone_and_two_of_the_desk_decide(
    app: Flask, phone: Browser, desk: Browser, world: World, sign_in_as: Callable[..., Browser]
) -> None:
    assert desk.send("/stars/rule", one="2", two="1", three="3", four="4", five="5", faults="1", days="5").status_code == 422
    assert phone.send("/my/stars").status_code == 409
    with app.app_context(), transaction():
        stars.set_rule(world.community, [1, 2, 3, 4, 5], 1, 3)
    assert "王秀芬" in desk.get("/stars").text
    assert "申请 1 星" in phone.get("/my/stars").text
    assert phone.send("/my/stars").status_code == 303
    assert "正在审核" in phone.get("/my/stars").text
    assert desk.send("/stars/1", step="decline").status_code == 422
    assert desk.send("/stars/1", step="grant").status_code == 409
    assert "1 份星级申请等你办" in desk.get("/today").text
    assert desk.send("/stars/1", step="publish").status_code == 303
    assert "1 星，公示到 2026年11月30日" in phone.get("/my/stars").text
    assert "本人不公开姓名" in desk.get("/honours/pine-street").text
    assert "你公示的，要由另一位同事来通过" in desk.get("/stars").text
    now = make.set_clock("2026-12-01 09:00")
    with app.app_context(), transaction():
        db.session.execute(update(Session).values(last_seen_at=now, expires_at=now + timedelta(hours=8)))
    other = sign_in_as(Role.COORDINATOR, community_id=world.community)
    assert "1 份星级申请等你办" in other.get("/today").text
    assert desk.send("/stars/1", step="grant").status_code == 409
    assert other.send("/stars/1", step="grant").status_code == 303
    assert "1 星志愿者" in phone.get("/my/stars").text
    assert "本人不公开姓名" not in desk.get("/honours/pine-street").text
    assert phone.send("/stars/1", step="grant").status_code == 403


def test_awards_are_noted_by_two_people_seen_and_withdrawn_for_a_reason(
    app: Flask, phone: Browser, desk: Browser, world: World, sign_in_as: Callable[..., Browser]
) -> None:
    said = {"volunteer": str(world.volunteer), "name": "最美志愿者", "day": "2026-10-01", "given_by": "松坡社区居委会"}
    assert desk.send("/awards", **{**said, "day": "2026-12-01"}).status_code == 422
    assert desk.send("/awards", **said).status_code == 303
    assert "最美志愿者" not in phone.get("/my/stars").text
    assert desk.send("/awards", **said).status_code == 409
    assert desk.send("/proposals/1/agree").status_code == 409
    assert sign_in_as(Role.COORDINATOR, community_id=world.community).send("/proposals/1/agree").status_code == 303
    assert desk.send("/awards", **said).status_code == 409
    assert "最美志愿者" in phone.get("/my/stars").text
    assert desk.send("/awards/1/withdraw", reason="").status_code == 422
    assert desk.send("/awards/1/withdraw", reason="登记错人").status_code == 303
    assert "最美志愿者" not in phone.get("/my/stars").text
    assert "登记错人" in desk.get("/awards").text
    assert desk.send("/awards", **said).status_code == 303


def test_an_office_elsewhere_decides_nothing_here(app: Flask, phone: Browser, desk: Browser, world: World, sign_in_as: object) -> None:
    desk.send("/stars/rule", one="1", two="2", three="3", four="4", five="5", faults="1", days="5")
    phone.send("/my/stars")
    with app.app_context(), transaction():
        other = make.make_community("sea-street").id
    stranger = sign_in_as(Role.COORDINATOR, community_id=other)  # type: ignore[operator]
    assert stranger.send("/stars/1", step="publish").status_code == 404
    assert "王秀芬" not in stranger.get("/stars").text
    assert stranger.send("/awards", volunteer=str(world.volunteer), name="x", day="2026-10-01", given_by="y").status_code == 404


def test_stars_say_the_same_on_both_databases(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 1), 60)
        through(stars.ask(volunteer, user), world)
        stars.set_honour(volunteer, shown=True)
        assert stars.honour_list(world.community) == [stars.Honoured("王**", 1, 187)]
        assert [each.may_apply for _, each in stars.near(world.community)] == [True]
