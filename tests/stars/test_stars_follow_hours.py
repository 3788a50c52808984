"""公示, a second person, and stars that follow the hours: what is public, who may grant, and what becomes of a star whose hours fall."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.served import World, record, served_world
from tests.stars.test_stars import colleague, first_star, through, volunteer_with_phone
from timebank import clock, jobs
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, transaction
from timebank.errors import Conflict, Invalid, NotAllowed
from timebank.notices.models import Notice
from timebank.proposals import actions as proposals
from timebank.proposals import queries as waiting
from timebank.proposals.models import Proposal
from timebank.records import totals as queries
from timebank.stars import publicity, reviews
from timebank.stars import standing as stars
from timebank.stars.models import How, StarApplication, StarReview, StarState, Verdict
from timebank.visits.actions import entering
from timebank.visits.actions.correcting import correct
from timebank.volunteers.models import Volunteer

REVIEWED = date(2026, 12, 31)


def lowered(volunteer: Volunteer, by: User, minutes: int = 5) -> None:
    """Correct every record of a volunteer down to some minutes."""
    for each in queries.records_of(volunteer, queries.FIRST_DAY, clock.today() + timedelta(days=1)):
        correct(each, minutes, "签退晚了", by)


def told(volunteer: Volunteer) -> list[str]:
    """Return what a volunteer was told of their stars, oldest first."""
    rows = select(Notice.text).where(Notice.user_id == volunteer.user_id, Notice.template == "star")
    return list(db.session.scalars(rows.order_by(Notice.id)))


def test_a_star_is_public_for_its_working_days_and_granted_by_somebody_else(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        first, second = world.get()[2], colleague(world)
        made = stars.ask(volunteer, user)
        with pytest.raises(Conflict, match="Make it public first"):
            publicity.grant(made, second)
        publicity.publish(made, first)
        assert made.public_until == date(2026, 12, 2)  # five working days from Wednesday
        with pytest.raises(Conflict, match="public already"):
            publicity.publish(made, second)
        make.set_clock("2026-12-02 23:50")
        with pytest.raises(Conflict, match="from the day after"):
            publicity.grant(made, second)
        make.set_clock("2026-12-03 00:10")
        with pytest.raises(Conflict, match="a colleague has to grant it"):
            publicity.grant(made, first)
        publicity.grant(made, second)
        assert (stars.granted(volunteer), made.published_by, made.decided_by) == (1, first.id, second.id)
        assert [words.split("：")[1] for words in told(volunteer)] == [
            "1 星的申请公示到 12月2日。有疑问请打服务站电话。",
            "1 星通过了。有疑问请打服务站电话。",
        ]


def test_the_days_of_publicity_are_the_communitys_own(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        stars.set_rule(world.community, (1, 2, 3, 4, 5), 1, 3)
        made = stars.ask(volunteer, user)
        publicity.publish(made, world.get()[2])
        assert made.public_until == date(2026, 11, 30)


def test_hours_that_fall_while_a_star_is_public_hide_it_and_it_is_not_granted(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        coordinator = world.get()[2]
        made = stars.ask(volunteer, user)
        publicity.publish(made, coordinator)
        assert publicity.public(world.community) == [publicity.Shown("", 1, date(2026, 12, 2))]
        stars.set_honour(volunteer, shown=True)
        assert [each.name for each in publicity.public(world.community)] == ["王**"]
        lowered(volunteer, coordinator)
        assert publicity.public(world.community) == []
        make.set_clock("2026-12-03 09:00")
        with pytest.raises(Conflict, match="no longer reaches this star"):
            publicity.grant(made, colleague(world))
        publicity.decline(made, coordinator, "更正以后不够一星")
        assert made.state is StarState.DECLINED


def test_an_objection_is_answered_by_another_before_anything_is_granted(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        first, second, third = world.get()[2], colleague(world), colleague(world)
        made = stars.ask(volunteer, user)
        with pytest.raises(Conflict, match="Make it public first"):
            publicity.object_to(made, "没有来过", How.TELEPHONE, first)
        publicity.publish(made, first)
        with pytest.raises(Invalid):
            publicity.object_to(made, " ", How.TELEPHONE, second)
        said = publicity.object_to(made, "11 月那次没有来", How.TELEPHONE, second)
        make.set_clock("2026-12-03 09:00")
        with pytest.raises(Conflict, match="Answer it first"):
            publicity.grant(made, third)
        with pytest.raises(Conflict, match="a colleague has to look into it"):
            publicity.answer(said, "查过了", second, upheld=False)
        with pytest.raises(NotAllowed):
            publicity.answer(said, "查过了", user, upheld=False)
        publicity.answer(said, "到访码对，老人也说来过", third, upheld=False)
        with pytest.raises(Conflict, match="answered already"):
            publicity.answer(said, "再说", third, upheld=True)
        publicity.grant(made, third)
        assert made.state is StarState.GRANTED


def test_an_objection_that_is_right_declines_the_star_with_its_answer(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        made = stars.ask(volunteer, user)
        publicity.publish(made, world.get()[2])
        said = publicity.object_to(made, "那几天在外地", How.LETTER, world.get()[2])
        publicity.answer(said, "属实，在外地", colleague(world), upheld=True)
        assert (made.state, made.reason) == (StarState.DECLINED, "属实，在外地")


def test_whoever_is_family_neither_publishes_nor_grants_nor_reviews(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        sister = colleague(world)
        entering.add_kin(sister, volunteer, "妹妹")
        made = stars.ask(volunteer, user)
        for verb in (publicity.publish, lambda each, by: publicity.decline(each, by, "不行")):
            with pytest.raises(NotAllowed, match="their family"):
                verb(made, sister)
        through(made, world)
        lowered(volunteer, world.get()[2])
        with pytest.raises(NotAllowed, match="their family"):
            reviews.decide(reviews.reviews(world.community)[0], Verdict.WITHDRAW, "不够", sister)
        assert stars.granted(volunteer) == 1


def test_a_star_whose_hours_fell_is_asked_about_at_once_and_shown_nowhere(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, _user = first_star(world)
        stars.set_honour(volunteer, shown=True)
        assert stars.honour_list(world.community)[0].level == 1
        lowered(volunteer, world.get()[2])
        raised = reviews.reviews(world.community)
        assert [(each.volunteer_id, each.level, each.carried) for each in raised] == [(world.volunteer, 1, 0)]
        assert stars.honour_list(world.community) == [stars.Honoured("王**", 0, 15)]
        assert "小时不够 1 星" in told(volunteer)[-1]
        assert reviews.look() == 0
        assert (stars.granted(volunteer), stars.standing(volunteer).may_apply) == (1, False)


def test_the_house_keeper_finds_what_nobody_raised_and_closes_what_the_hours_have_settled(app: Flask, world: World) -> None:
    with app.app_context():
        with transaction():
            volunteer, _user = first_star(world)
            for each in queries.records_of(volunteer, queries.FIRST_DAY, clock.today() + timedelta(days=1)):
                each.current = False
        jobs.keep_house()
        assert len(reviews.reviews(world.community)) == 1
        with transaction():
            record(db.session.get_one(Volunteer, world.volunteer), db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 70)
        jobs.keep_house()
        assert reviews.reviews(world.community) == []
        assert [each.verdict for each in reviews.settled(world.community)] == [Verdict.RECOVERED]


def test_a_star_may_be_kept_until_a_day_and_is_asked_about_again_afterwards(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, _user = first_star(world)
        coordinator = world.get()[2]
        stars.set_honour(volunteer, shown=True)
        lowered(volunteer, coordinator)
        review = reviews.reviews(world.community)[0]
        for wrong in (None, clock.today(), clock.today() + timedelta(days=184)):
            with pytest.raises(Invalid, match="when to look again"):
                reviews.decide(review, Verdict.KEEP, "等他补材料", coordinator, until=wrong)
        with pytest.raises(Invalid, match="Say why"):
            reviews.decide(review, Verdict.KEEP, " ", coordinator, until=REVIEWED)
        with pytest.raises(Conflict, match=r"You had a hand in the hours of this star.*Ask a colleague to look into it"):
            reviews.decide(review, Verdict.KEEP, "等他补材料", coordinator, until=REVIEWED)
        reviews.decide(review, Verdict.KEEP, "等他补材料", colleague(world), until=REVIEWED)
        with pytest.raises(Conflict, match="decided already"):
            reviews.decide(review, Verdict.WITHDRAW, "不够", coordinator)
        assert (stars.granted(volunteer), reviews.look(), stars.honour_list(world.community)[0].level) == (1, 0, 0)
        make.set_clock("2027-01-01 00:10")
        assert reviews.look() == 1


def test_a_kept_star_is_asked_about_again_when_the_hours_fall_further(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, user = first_star(world)
        coordinator = world.get()[2]
        through(stars.ask(volunteer, user), world)
        lowered(volunteer, coordinator, 30)
        reviews.decide(reviews.reviews(world.community)[0], Verdict.KEEP, "再看", colleague(world), until=REVIEWED)
        lowered(volunteer, coordinator, 5)
        assert [(each.level, each.carried) for each in reviews.reviews(world.community)] == [(2, 0)]


def test_a_star_taken_back_says_why_and_can_be_earned_again(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, user = first_star(world)
        through(stars.ask(volunteer, user), world)
        lowered(volunteer, world.get()[2], 30)  # 90 minutes: one star
        reviews.decide(reviews.reviews(world.community)[0], Verdict.WITHDRAW, "更正以后只够一星", world.get()[2])
        assert stars.granted(volunteer) == 1
        taken = [each for each in stars.applications_of(volunteer) if each.state is StarState.WITHDRAWN]
        assert [(each.level, each.reason) for each in taken] == [(2, "更正以后只够一星")]
        record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 40)
        assert stars.ask(volunteer, user).level == 2


def test_false_hours_bar_for_one_to_three_years_and_two_people_stand_for_it(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, user = first_star(world)
        first, second = world.get()[2], colleague(world)
        sister = colleague(world)
        entering.add_kin(sister, volunteer, "妹妹")
        lowered(volunteer, first)
        review = reviews.reviews(world.community)[0]
        for years in (None, 0, 4):
            with pytest.raises(Invalid, match="how many years"):
                reviews.decide(review, Verdict.BAR, "没有去过", first, years=years)
        asked = reviews.decide(review, Verdict.BAR, "没有去过", first, years=2)
        assert isinstance(asked, Proposal)
        assert (stars.granted(volunteer), review.verdict) == (1, None)
        with pytest.raises(Conflict, match="waits for a colleague already"):
            reviews.decide(review, Verdict.KEEP, "再看", second, until=REVIEWED)
        for who in (first, sister):
            with pytest.raises(Conflict):
                proposals.agree(asked, who)
        proposals.agree(asked, second)
        assert (review.verdict, review.until, review.decided_by, review.second_by) == (Verdict.BAR, date(2028, 11, 25), first.id, second.id)
        record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 90)
        with pytest.raises(Conflict, match="until 2028-11-25"):
            stars.ask(volunteer, user)
        make.set_clock("2028-11-26 09:00")
        assert stars.ask(volunteer, user).level == 1


def test_whoever_holds_no_star_yet_is_barred_for_false_hours_too(both: Flask) -> None:
    world = served_world(both)
    with both.app_context(), transaction():
        volunteer, user = volunteer_with_phone(world)
        first, second = world.get()[2], colleague(world)
        sister = colleague(world)
        entering.add_kin(sister, volunteer, "妹妹")
        stars.set_rule(world.community, (1, 2, 3, 4, 5), 1)
        assert reviews.lowered(world.community) == []
        with pytest.raises(Conflict, match="corrected downwards"):
            reviews.bar(volunteer, "没有去过", 1, first)
        one = queries.records_of(volunteer, queries.FIRST_DAY, clock.today() + timedelta(days=1))[0]
        correct(one, 0, "没有去过", first)
        assert reviews.reviews(world.community) == []
        assert [each.id for each in reviews.lowered(world.community)] == [volunteer.id]
        with pytest.raises(NotAllowed):
            reviews.bar(volunteer, "没有去过", 1, sister)
        asked = reviews.bar(volunteer, "没有去过", 2, first)
        with pytest.raises(Conflict, match="waits for a colleague"):
            reviews.bar(volunteer, "没有去过", 3, second)
        assert stars.standing(volunteer).barred_until is None
        for who in (first, sister):
            with pytest.raises(Conflict):
                proposals.agree(asked, who)
        proposals.agree(asked, second)
        (row,) = reviews.settled(world.community)
        assert (row.verdict, row.level, row.carried, row.until) == (Verdict.BAR, 1, 0, date(2028, 11, 25))
        assert told(volunteer)[-1].split("：")[1] == "记录不实，2028年11月25日以前不能申请星级。有疑问请打服务站电话。"
        with pytest.raises(Conflict, match="until 2028-11-25"):
            stars.ask(volunteer, user)
        with pytest.raises(Conflict, match="Barred until 2028-11-25"):
            reviews.bar(volunteer, "没有去过", 1, second)
        reviews.look()
        assert [each.verdict for each in reviews.settled(world.community)] == [Verdict.BAR]


def test_a_star_whose_hours_still_reach_stays_with_whoever_is_barred_and_an_open_question_is_settled_with_it(
    app: Flask, world: World
) -> None:
    with app.app_context(), transaction():
        volunteer, _user = first_star(world)
        first, second = world.get()[2], colleague(world)
        one = record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 40)
        correct(one, 0, "没有去过", first)
        asked = reviews.bar(volunteer, "没有去过", 1, first)
        lowered(volunteer, first)
        (question,) = reviews.reviews(world.community)
        with pytest.raises(Conflict, match="decide both there"):
            reviews.bar(volunteer, "没有去过", 1, second)
        proposals.agree(asked, second)
        assert (question.verdict, stars.granted(volunteer), reviews.reviews(world.community)) == (Verdict.BAR, 0, [])
        assert told(volunteer)[-1].split("：")[1].startswith("记录不实，星级撤下")


def test_a_bar_waits_no_more_when_the_hours_reach_the_star_again(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, _user = first_star(world)
        first = world.get()[2]
        lowered(volunteer, first)
        asked = reviews.decide(reviews.reviews(world.community)[0], Verdict.BAR, "没有去过", first, years=1)
        assert asked is not None
        record(volunteer, db.session.get_one(ServiceKind, world.hair), date(2026, 11, 24), 90)
        with pytest.raises(Conflict, match="reach the star again"):
            proposals.agree(waiting.pending(world.community)[0], colleague(world))


def test_a_raised_rule_takes_no_star_away(app: Flask, world: World) -> None:
    with app.app_context(), transaction():
        volunteer, _user = first_star(world)
        stars.set_rule(world.community, (50, 60, 70, 80, 90), 1)
        assert reviews.look() == 0
        assert stars.standing(volunteer).carried == 1


def test_the_database_grants_nothing_unseen_and_bars_nobody_by_one_person(both: Flask) -> None:
    world = served_world(both)
    with both.app_context():
        with transaction():
            volunteer, user = volunteer_with_phone(world)
            made = stars.ask(volunteer, user)
            number, by = made.id, world.coordinator
        by_writer = f"answer = 'x', upheld = false, answered_at = raised_at, answered_by = {by}"
        moment = "decided_at = applied_at, decided_by"
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE star_application SET state = 'granted', {moment} = {by}"))
        with transaction():
            publicity.publish(db.session.get_one(StarApplication, number), db.session.get_one(User, by))
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE star_application SET state = 'granted', {moment} = {by}"))
        with transaction():
            other = colleague(world).id
            said = publicity.object_to(
                db.session.get_one(StarApplication, number), "没有来过", How.TELEPHONE, db.session.get_one(User, by)
            ).id
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE star_application SET state = 'granted', {moment} = {other}"))
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE star_objection SET {by_writer} WHERE id = {said}"))
        values = {"community_id": world.community, "volunteer_id": world.volunteer, "level": 1, "minutes": 0, "raised_at": clock.now()}
        one = {"verdict": Verdict.BAR, "reason": "x", "until": REVIEWED, "decided_at": clock.now(), "decided_by": by}
        for wrong in ({"carried": 1}, {"carried": 0, **one}, {"carried": 0, **one, "second_by": by}):
            with pytest.raises(IntegrityError), transaction():
                make.add(StarReview(**values, **wrong))
        with transaction():
            make.add(StarReview(**values, carried=0))
        with pytest.raises(IntegrityError), transaction():
            make.add(StarReview(**values, carried=0))


def test_the_office_sees_and_decides_on_its_page(
    app: Flask, phone: Browser, desk: Browser, world: World, sign_in_as: Callable[..., Browser]
) -> None:
    with app.app_context(), transaction():
        volunteer = db.session.get_one(Volunteer, world.volunteer)
        stars.set_rule(world.community, [1, 2, 3, 4, 5], 1)
        through(stars.ask(volunteer, db.session.get_one(User, phone.user)), world)
        lowered(volunteer, world.get()[2])
    assert "1 位志愿者的小时不够星级了，等你定" in desk.get("/today").text
    assert "小时一颗星也够不上" in desk.get("/stars").text
    assert "记录更正以后，小时不够 1 星了。" in phone.get("/my/stars").text
    assert desk.send("/stars/reviews/1", verdict="", reason="x").status_code == 422
    assert desk.send("/stars/reviews/1", verdict="recovered", reason="x").status_code == 422
    page = desk.send("/stars/reviews/1", verdict="keep", reason="等材料", until="2026-11-25")
    assert (page.status_code, "从明天起" in page.text, "等材料" in page.text) == (422, True, True)
    assert desk.send("/stars/reviews/1", verdict="bar", reason="没有去过", years="1").status_code == 303
    other = sign_in_as(Role.COORDINATOR, community_id=world.community)
    assert "记录不实，1 年不能申请星级" in other.get("/proposals").text
    assert other.send("/proposals/1/agree").status_code == 303
    assert "2027年11月25日 以前不能申请" in desk.get("/stars").text
    assert "因为记录不实，2027年11月25日 以前不能申请" in phone.get("/my/stars").text
    assert phone.send("/my/stars").status_code == 409


def test_the_desk_bars_somebody_without_a_star_on_its_page(app: Flask, phone: Browser, desk: Browser, world: World) -> None:
    assert "记录不实，禁止申请" not in desk.get("/stars").text
    with app.app_context(), transaction():
        volunteer = db.session.get_one(Volunteer, world.volunteer)
        lowered(volunteer, world.get()[2], 20)
    assert "记录不实，禁止申请" in desk.get("/stars").text
    assert desk.send("/stars/bars", volunteer=str(world.volunteer), reason="", years="1").status_code == 422
    page = desk.send("/stars/bars", volunteer=str(world.volunteer), reason="没有去过", years="7")
    assert (page.status_code, "没有去过" in page.text) == (422, True)
    assert desk.send("/stars/bars", volunteer="999", reason="没有去过", years="1").status_code == 404
    assert desk.send("/stars/bars", volunteer=str(world.volunteer), reason="没有去过", years="1").status_code == 303
    assert phone.send("/stars/bars", volunteer=str(world.volunteer), reason="没有去过", years="1").status_code == 403


def test_what_is_said_against_a_star_is_written_down_and_answered_on_the_page(
    app: Flask, phone: Browser, desk: Browser, world: World, sign_in_as: Callable[..., Browser]
) -> None:
    with app.app_context(), transaction():
        stars.set_rule(world.community, [1, 2, 3, 4, 5], 1)
    phone.send("/my/stars")
    assert desk.send("/stars/1/objections", words="没有来过", how="telephone").status_code == 409
    desk.send("/stars/1", step="publish")
    assert desk.send("/stars/1/objections", words="", how="telephone").status_code == 422
    assert desk.send("/stars/1/objections", words="没有来过", how="telephone").status_code == 303
    assert "在电话里：没有来过" in desk.get("/stars").text
    assert desk.send("/stars/objections/1", answer="查过了", upheld="0").status_code == 409
    other = sign_in_as(Role.COORDINATOR, community_id=world.community)
    assert other.send("/stars/objections/1", answer="", upheld="0").status_code == 422
    assert other.send("/stars/objections/1", answer="老人说来过", upheld="0").status_code == 303
    assert "老人说来过" in desk.get("/stars").text
