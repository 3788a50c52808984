"""One coordinator alone who would judge what rests on their own hand, or keep a colleague from judging it."""

from datetime import date

from sqlalchemy import select

from tests import builders as make
from tests.attack.insider import Office
from tests.browser import Browser
from tests.served import record
from timebank import clock
from timebank.access.models import Role, User
from timebank.catalogue.models import ServiceKind
from timebank.db import db, forget_reads, transaction
from timebank.records.models import CallBack, CheckWeek, Evaluation, Finding, Objection, Origin, Settled, Training
from timebank.stars import publicity, standing
from timebank.stars.models import StarApplication, StarObjection, StarReview, StarState, Verdict
from timebank.visits.actions import entering
from timebank.visits.actions.correcting import correct
from timebank.visits.entries import Kinship
from timebank.visits.models import ServiceRecord
from timebank.volunteers.models import Volunteer

FALSE_DAY = date(2026, 11, 23)


def confirmed_alone(office: Office) -> int:
    """Put two hours on record that the insider alone has confirmed, on their word, and return their number."""
    volunteer, kind = db.session.get_one(Volunteer, office.volunteer), db.session.get_one(ServiceKind, office.kind)
    return record(volunteer, kind, FALSE_DAY, 120, by=office.insider.user, word=office.insider.user).id


def week_of(office: Office) -> int:
    """Return the check of the week."""
    return make.add(CheckWeek(community_id=office.community, week=make.MONDAY, seed=1, percent=5, checked_at=clock.now())).id


def written_in_name(office: Office, number: int) -> int:
    """Let the insider write an objection down in the volunteer's name."""
    said = {"what": "objection", "how": "in_person", "words": "少记了五分钟", "record": str(number)}
    assert office.insider.send(f"/in-name/{office.volunteer}", **said).status_code == 303
    forget_reads()
    return db.session.scalars(select(Objection)).one().id


def married(office: Office) -> None:
    """Note that the insider and the volunteer are married."""
    with transaction():
        user, volunteer = db.session.get_one(User, office.insider.user), db.session.get_one(Volunteer, office.volunteer)
        entering.add_kin(user, volunteer, "夫妻")


def public_star(office: Office, by: int | None) -> int:
    """Let the volunteer ask for a star that somebody makes public, resting in part on what the insider confirmed alone."""
    with transaction():
        volunteer = db.session.get_one(Volunteer, office.volunteer)
        standing.set_rule(office.community, (4, 50, 60, 70, 80), 3, 3)
        confirmed_alone(office)
        made = standing.ask(volunteer, db.session.get_one(User, volunteer.user_id))
        publicity.publish(made, db.session.get_one(User, by))
        return made.id


def answered(browser: Browser, objection: int) -> int:
    """Let somebody answer an objection to a star as unfounded, and return the status."""
    return browser.send(f"/stars/objections/{objection}", answer="查过，没有问题", upheld="false").status_code


def test_what_a_call_back_found_is_not_answered_by_whoever_confirmed_it_because_an_objection_was_open(office: Office) -> None:
    colleague = office.colleague()
    with transaction():
        number = confirmed_alone(office)
        called = make.add(CallBack(check_id=week_of(office), record_id=number)).id
    said = written_in_name(office, number)
    assert colleague.send(f"/call-backs/{called}", heard="wrong", words="老人说从来没有人来过").status_code == 303
    forget_reads()
    joined = db.session.scalars(select(Objection)).one()
    assert (joined.id, joined.origin, joined.words) == (said, Origin.CALL_BACK, "少记了五分钟\n老人说从来没有人来过")
    assert "这一条是你确认的" in office.insider.get("/objections").text
    assert office.insider.send(f"/objections/{said}", words="查过了，没有问题").status_code == 409
    assert colleague.send(f"/objections/{said}", words="没有人来过", minutes="0").status_code == 303


def test_more_minutes_asked_for_before_a_call_back_joined_are_not_agreed_on_afterwards(office: Office) -> None:
    colleague = office.colleague()
    with transaction():
        number = confirmed_alone(office)
        called = make.add(CallBack(check_id=week_of(office), record_id=number)).id
        with_words = db.session.get_one(ServiceRecord, number)
        db.session.add(
            Objection(
                community_id=office.community,
                record_id=with_words.id,
                words="少记了",
                origin=Origin.VOLUNTEER,
                raised_at=clock.now(),
                due=clock.today(),
            )
        )
    forget_reads()
    said = db.session.scalars(select(Objection)).one().id
    assert office.insider.send(f"/objections/{said}", words="是少记了", minutes="150").status_code == 303
    assert colleague.send(f"/call-backs/{called}", heard="wrong", words="老人说从来没有人来过").status_code == 303
    assert office.decide(colleague) == 409
    forget_reads()
    assert db.session.get_one(Objection, said).answered_at is None


def test_what_the_desk_wrote_in_a_volunteers_name_is_not_answered_by_whoever_confirmed_it(office: Office) -> None:
    with transaction():
        number = confirmed_alone(office)
    said = written_in_name(office, number)
    assert office.insider.send(f"/objections/{said}", words="查过了，没有问题").status_code == 409
    assert office.colleague().send(f"/objections/{said}", words="按签到表没有错").status_code == 303


def test_whoever_confirmed_false_hours_does_not_keep_the_star_they_carried_but_may_take_it_back(office: Office) -> None:
    colleague, third, other = office.colleague().user, office.colleague().user, office.colleague()
    made = public_star(office, colleague)
    office.at("2026-12-01 09:00")
    with transaction():
        publicity.grant(db.session.get_one(StarApplication, made), db.session.get_one(User, third))
    with transaction():
        false = db.session.scalars(select(ServiceRecord).where(ServiceRecord.day == FALSE_DAY)).one()
        correct(false, 1, "没有去过", db.session.get_one(User, colleague))
    forget_reads()
    review = db.session.scalars(select(StarReview)).one().id
    kept = {"verdict": "keep", "reason": "再看", "until": "2027-05-30"}
    assert office.insider.send(f"/stars/reviews/{review}", **kept).status_code == 409
    forget_reads()
    assert db.session.get_one(StarReview, review).verdict is None
    assert other.send(f"/stars/reviews/{review}", **kept).status_code == 303
    forget_reads()
    review_row = db.session.get_one(StarReview, review)
    with transaction():
        review_row.verdict = review_row.until = review_row.decided_at = review_row.decided_by = None
    assert office.insider.send(f"/stars/reviews/{review}", verdict="withdraw", reason="没有去过").status_code == 303
    forget_reads()
    assert db.session.get_one(StarReview, review).verdict is Verdict.WITHDRAW


def test_an_objection_to_a_star_is_neither_answered_by_whoever_confirmed_its_hours_nor_is_the_star_granted_by_them(office: Office) -> None:
    colleague, third = office.colleague(), office.colleague()
    made = public_star(office, colleague.user)
    assert colleague.send(f"/stars/{made}/objections", words="23 日没有人来过", how="telephone").status_code == 303
    forget_reads()
    said = db.session.scalars(select(StarObjection)).one().id
    assert answered(office.insider, said) == 409
    forget_reads()
    assert db.session.get_one(StarObjection, said).answered_at is None
    assert answered(third, said) == 303
    office.at("2026-12-01 09:00")
    assert office.insider.send(f"/stars/{made}", step="grant", reason="").status_code == 409
    assert third.send(f"/stars/{made}", step="grant", reason="").status_code == 303
    forget_reads()
    assert db.session.get_one(StarApplication, made).state is StarState.GRANTED


def test_a_star_nobody_objected_to_is_still_granted_by_whoever_confirmed_some_of_its_hours(office: Office) -> None:
    made = public_star(office, office.colleague().user)
    office.at("2026-12-01 09:00")
    assert office.insider.send(f"/stars/{made}", step="grant", reason="").status_code == 303


def test_no_hours_of_training_are_noted_for_ones_own_family(office: Office) -> None:
    married(office)
    path = f"/volunteers/{office.volunteer}/trainings"
    course = {"name": "急救", "content": "", "minutes": "120", "held_by": "红十字会", "day": "2026-11-20"}
    assert office.insider.send(path, **course).status_code == 409
    forget_reads()
    assert db.session.scalars(select(Training)).all() == []
    assert office.colleague().send(path, **course).status_code == 303


def test_no_more_training_is_noted_for_a_day_than_a_day_holds(office: Office) -> None:
    path = f"/volunteers/{office.volunteer}/trainings"
    course = {"content": "", "held_by": "红十字会", "day": "2026-11-20"}
    assert office.insider.send(path, name="急救", minutes="60000", **course).status_code == 422
    assert office.insider.send(path, name="急救", minutes="600", **course).status_code == 303
    assert office.insider.send(path, name="护理", minutes="121", **course).status_code == 422
    assert office.insider.send(path, name="护理", minutes="120", **course).status_code == 303
    forget_reads()
    assert sorted(each.minutes for each in db.session.scalars(select(Training))) == [120, 600]


def test_nobody_evaluates_their_familys_service(office: Office) -> None:
    married(office)
    path = f"/books/hours/{office.record}/evaluation"
    assert office.insider.send(path, grade="good", words="").status_code == 409
    forget_reads()
    assert db.session.scalars(select(Evaluation)).all() == []
    assert office.colleague().send(path, grade="good", words="").status_code == 303


def test_nobody_bars_a_colleague_by_a_false_kinship(office: Office) -> None:
    colleague, admin = office.colleague(), office.colleague(Role.ADMIN)
    with transaction():
        flag = {"rule": "overlap", "key": "k", "volunteer_id": office.volunteer, "zh": "重叠", "en": "overlap"}
        finding = make.add(Finding(**flag, check_id=week_of(office), record_id=office.record)).id
    tie = {"user": str(colleague.user), "volunteer": str(office.volunteer), "relation": "姐妹"}
    assert office.insider.send("/entries/kin", **tie).status_code == 409
    forget_reads()
    assert db.session.scalars(select(Kinship)).all() == []
    assert f'<option value="{colleague.user}"' not in office.insider.get("/entries").text
    assert colleague.send(f"/findings/{finding}", settled="objected", result="不对").status_code == 303
    forget_reads()
    assert db.session.get_one(Finding, finding).settled is Settled.OBJECTED
    assert admin.send("/entries/kin", **tie).status_code == 303
