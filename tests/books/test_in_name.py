"""What the desk does for somebody without a phone: who wrote it down and how it was said stays, they hear of it, minutes need two."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from tests import builders as make
from tests.browser import Browser
from tests.served import TODAY, World, served_world
from timebank import clock
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.books import in_name
from timebank.books.in_name import Said
from timebank.credit import actions as credit
from timebank.credit import queries as purses
from timebank.credit.models import GiftLink, Relation
from timebank.db import db, transaction
from timebank.elders.models import Elder
from timebank.errors import Conflict, Invalid, NotAllowed, Refusal
from timebank.ledger import queries as book
from timebank.ledger.verify import verify
from timebank.notices.models import Notice
from timebank.places.models import Community
from timebank.proposals import actions as proposals
from timebank.proposals import queries as waiting
from timebank.records import totals as queries
from timebank.stars import publicity
from timebank.stars import standing as stars
from timebank.stars.models import DeskAct, Errand, How
from timebank.visits.actions import entering
from timebank.volunteers.models import Volunteer


@pytest.fixture
def place(both: Flask) -> Iterator[SimpleNamespace]:
    """Give, on either database, a volunteer without a phone who has 127 minutes, their mother, and two coordinators."""
    world = served_world(both)
    with both.app_context():
        with transaction():
            community, volunteer, first = world.get()
            volunteer.has_phone = False
            stars.set_rule(community.id, (1, 2, 3, 4, 5), 1)
            mother = make.make_elder(make.make_household(community), "鞠淑贞", birth_year=1948)
            link = credit.ask_link(volunteer, Relation.PARENT, mother.name)
            credit.decide_link(link, mother, first)
            second = make.make_user(Role.COORDINATOR, community, name="曲成海")
            names = SimpleNamespace(world=world, link=link.id, mother=mother.id, first=first.id, second=second.id)
        names.user = lambda name: db.session.get_one(User, getattr(names, name))
        names.volunteer = lambda: db.session.get_one(Volunteer, world.volunteer)
        names.said = lambda how=How.TELEPHONE, by="first", words="": Said(names.volunteer(), how, names.user(by), words)
        names.gift = lambda: db.session.get_one(GiftLink, names.link)
        names.left = lambda: book.balance(names.volunteer().account_id)
        yield names


def told(place: SimpleNamespace) -> list[str]:
    """Return what the volunteer's number was told, oldest first, without the signature."""
    rows = db.session.scalars(select(Notice).where(Notice.template == "in_name").order_by(Notice.id))
    return [each.text.split("】")[1] for each in rows if each.phone == place.volunteer().phone]


def written() -> int:
    """Return how many things are written down, and the messages about them."""
    acts = db.session.scalar(select(func.count()).select_from(DeskAct)) or 0
    return acts + (db.session.scalar(select(func.count()).select_from(Notice).where(Notice.template == "in_name")) or 0)


def test_a_star_is_asked_for_in_a_name_with_who_wrote_it_and_how_it_was_said(place: SimpleNamespace) -> None:
    with transaction():
        act = in_name.ask_star(place.said(words="想申请一星"))
    assert (act.what, act.how, act.words, act.written_by) == (Errand.STAR, How.TELEPHONE, "想申请一星", place.first)
    assert told(place) == ["王**，服务站按你打电话说的，替你申请了 1 星。不是你说的，请马上打服务站电话。"]
    row = db.session.scalars(select(AuditRow).where(AuditRow.verb == "write_down")).one()
    assert row.detail == {"what": "star", "how": "telephone", "volunteer": place.world.volunteer}
    with pytest.raises(Conflict, match="asked for already"), transaction():
        in_name.ask_star(place.said())
    assert written() == 2


def test_whoever_wrote_an_application_down_does_not_grant_it(place: SimpleNamespace) -> None:
    with transaction():
        in_name.ask_star(place.said())
        application = stars.applications_of(place.volunteer())[0]
        publicity.publish(application, place.user("second"))
    make.set_clock("2026-12-03 09:00")
    with pytest.raises(Conflict, match="You wrote this application down"), transaction():
        publicity.grant(application, place.user("first"))


def test_an_objection_in_a_name_is_the_volunteers_own_and_answered_as_any(place: SimpleNamespace) -> None:
    with transaction():
        record = queries.records_of(place.volunteer(), TODAY, TODAY + timedelta(days=1))[0]
        act = in_name.object_to(place.said(How.LETTER, words="少记了十分钟"), record)
    assert act.objection_id is not None
    assert told(place)[-1].startswith("王**，服务站按你写信说的，替你对 11月25日的记录提了异议。")
    with pytest.raises(Conflict, match="open already"), transaction():
        in_name.object_to(place.said(words="再说一次"), record)
    with transaction():
        other = make.make_volunteer(db.session.get_one(Community, place.world.community), "于淑珍", has_phone=False)
    with pytest.raises(NotAllowed), transaction():
        in_name.object_to(Said(other, How.IN_PERSON, place.user("first"), "不是我的"), record)


def test_a_relative_named_at_the_desk_waits_for_the_check_of_all(place: SimpleNamespace) -> None:
    with transaction():
        act = in_name.name_relative(place.said(How.IN_PERSON), Relation.SPOUSE, "王大爷")
    assert [each.id for each in purses.links_to_check(place.world.community)] == [act.link_id]


@pytest.mark.parametrize("what", [Errand.GIFT, Errand.DONATION])
def test_minutes_move_when_a_second_person_agrees_and_the_volunteer_is_told_at_once(place: SimpleNamespace, what: Errand) -> None:
    with transaction():
        act = in_name.give(place.said(), place.gift(), 45) if what is Errand.GIFT else in_name.donate(place.said(), 45)
    assert place.left() == 127
    where = "给亲属" if what is Errand.GIFT else "给公共时间池"
    assert told(place) == [f"王**，服务站按你打电话说的，写下送 45 分钟{where}，等第二人核准。不是你说的，请马上打服务站电话。"]
    asked = waiting.pending(place.world.community)[0]
    assert asked.id == act.proposal_id
    with pytest.raises(Conflict, match="colleague has to decide"), transaction():
        proposals.agree(asked, place.user("first"))
    with transaction():
        proposals.agree(asked, place.user("second"))
    assert place.left() == 82
    assert purses.balance_of(db.session.get_one(Elder, place.mother)) == (45 if what is Errand.GIFT else 0)
    assert len(told(place)) == 2
    assert verify(place.world.community).ok


def test_what_is_refused_moves_nothing(place: SimpleNamespace) -> None:
    with transaction():
        in_name.donate(place.said(), 45)
        proposals.refuse(waiting.pending(place.world.community)[0], place.user("second"), "本人说没有打过电话")
    assert place.left() == 127


def test_more_than_they_have_is_refused_counting_what_waits(place: SimpleNamespace) -> None:
    with pytest.raises(Invalid, match="holds 2 h 7 min; that is not enough"), transaction():
        in_name.donate(place.said(), 128)
    assert written() == 0
    with transaction():
        in_name.donate(place.said(), 100)
    with pytest.raises(Invalid, match="of which 1 h 40 min wait"), transaction():
        in_name.give(place.said(), place.gift(), 28)
    assert written() == 2
    with transaction():
        in_name.give(place.said(), place.gift(), 27)


def test_what_is_spent_meanwhile_is_not_given_again(place: SimpleNamespace) -> None:
    with transaction():
        in_name.donate(place.said(), 100)
        credit.donate(place.volunteer(), 60, key="own", actor="user:1")
    with pytest.raises(Refusal), transaction():
        proposals.agree(waiting.pending(place.world.community)[0], place.user("second"))
    assert place.left() == 67


def test_nothing_is_done_in_the_name_of_somebody_who_has_left(place: SimpleNamespace) -> None:
    with transaction():
        in_name.donate(place.said(), 50)
        place.volunteer().active = False
    with pytest.raises(Conflict, match="serves no more, so nothing is done"):
        place.said()
    with pytest.raises(Conflict, match="serves no more, so nothing moves"), transaction():
        proposals.agree(waiting.pending(place.world.community)[0], place.user("second"))
    assert place.left() == 127


def test_nobody_acts_in_their_own_or_their_familys_name_nor_decides_on_it(place: SimpleNamespace) -> None:
    with transaction():
        entering.add_kin(place.user("second"), place.volunteer(), "妹妹")
    with pytest.raises(Conflict, match="your family"):
        place.said(by="second")
    with transaction():
        in_name.donate(place.said(), 20)
        asked = waiting.pending(place.world.community)[0]
    with pytest.raises(Conflict, match="your family"), transaction():
        proposals.agree(asked, place.user("second"))
    with transaction():
        place.volunteer().user_id = place.first
    with pytest.raises(Conflict, match="their own name"):
        place.said()


def test_whose_own_elder_gets_the_minutes_neither_writes_nor_decides(place: SimpleNamespace) -> None:
    with transaction():
        make.make_family(db.session.get_one(Elder, place.mother), place.user("second"))
    with pytest.raises(Conflict, match="your own family"), transaction():
        in_name.give(place.said(by="second"), place.gift(), 20)
    with transaction():
        in_name.give(place.said(), place.gift(), 20)
    with pytest.raises(Conflict, match="your own family"), transaction():
        proposals.agree(waiting.pending(place.world.community)[0], place.user("second"))
    assert place.left() == 127


@pytest.mark.parametrize(("how", "done"), [(How.IN_PERSON, True), (How.TELEPHONE, False), (How.LETTER, False)])
def test_minutes_of_somebody_without_any_number_are_given_only_in_person(place: SimpleNamespace, how: How, *, done: bool) -> None:
    with transaction():
        place.volunteer().phone = ""
    if done:
        with transaction():
            in_name.donate(place.said(how), 20)
    else:
        with pytest.raises(Conflict, match="they cannot be told"), transaction():
            in_name.donate(place.said(how), 20)
        assert written() == 0
        assert waiting.pending(place.world.community) == []


def test_an_unchecked_relative_gets_nothing(place: SimpleNamespace) -> None:
    with transaction():
        link = db.session.get_one(GiftLink, in_name.name_relative(place.said(), Relation.SPOUSE, "王大爷").link_id)
    before = written()
    with pytest.raises(Refusal), transaction():
        in_name.give(place.said(), link, 10)
    assert written() == before


def test_the_database_keeps_one_thing_to_an_errand_and_minutes_with_a_second_person(place: SimpleNamespace) -> None:
    with transaction():
        act = in_name.ask_star(place.said()).id
    for change in ("what = 'gift'", "application_id = NULL", f"link_id = {place.link}"):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"UPDATE desk_act SET {change} WHERE id = {act}"))


def test_the_desk_writes_everything_down_on_one_page(app: Flask, world: World, desk: Browser, sign_in_as: Callable[..., Browser]) -> None:
    here = f"/in-name/{world.volunteer}"
    with app.app_context(), transaction():
        community, volunteer, first = world.get()
        volunteer.has_phone = False
        stars.set_rule(community.id, (1, 2, 3, 4, 5), 1)
        mother = make.make_elder(make.make_household(community), "鞠淑贞", birth_year=1948)
        credit.decide_link(credit.ask_link(volunteer, Relation.PARENT, "鞠淑贞"), mother, first)
        number = queries.records_of(volunteer, date(2026, 11, 1), clock.today() + timedelta(days=1))[0].id
    assert here in desk.get(f"/volunteers/{world.volunteer}").text
    assert desk.send(here, what="", how="telephone").status_code == 422
    assert desk.send(here, what="star", how="").status_code == 422
    assert desk.send(here, what="objection", how="telephone", record=number, words="").status_code == 422
    page = desk.send(here, what="donation", how="telephone", minutes="500", words="想捐")
    assert (page.status_code, "不够这么多" in page.text, "想捐" in page.text) == (422, True, True)
    for said in (
        {"what": "star"},
        {"what": "objection", "record": number, "words": "少记了"},
        {"what": "relative", "relation": "spouse", "name": "王大爷"},
        {"what": "gift", "link": 1, "minutes": "30"},
        {"what": "donation", "minutes": "20"},
    ):
        assert desk.send(here, how="telephone", **said).status_code == 303
    page = desk.send(here, what="star", how="telephone")
    assert (page.status_code, "1 星已经申请了" in page.text) == (409, True)
    other = sign_in_as(Role.COORDINATOR, community_id=world.community)
    assert "代王秀芬送给鞠淑贞 30 分钟" in other.get("/proposals").text
    assert other.send("/proposals/1/agree").status_code == 303
    page = desk.get(here).text
    assert ("同意了" in page, "等第二人核准" in page, "1 小时 37 分钟" in page) == (True, True, True)
    with app.app_context(), transaction():
        world.get()[1].active = False
    assert "已经不再服务，不能再代办" in desk.get(here).text
    assert desk.send(here, what="donation", how="telephone", minutes="5").status_code == 409


def test_another_communitys_desk_does_nothing_here(app: Flask, world: World, sign_in_as: Callable[..., Browser]) -> None:
    with app.app_context(), transaction():
        other = make.make_community("sea-street").id
    stranger = sign_in_as(Role.COORDINATOR, community_id=other)
    assert stranger.get(f"/in-name/{world.volunteer}").status_code == 404
    assert stranger.send(f"/in-name/{world.volunteer}", what="star", how="telephone").status_code == 404
