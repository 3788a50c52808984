"""A message to a chosen group: who is in it, what each of them gets, what became of it, and what is refused."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.desk import grouped
from timebank.notices import choices
from timebank.notices.models import Notice, State
from timebank.places.models import Community
from timebank.volunteers.models import Availability, Volunteer

SignIn = Callable[..., Browser]
WORDS = "周三上午站里缺人，能来的请回个电话"
NOON = "2026-11-25 12:30"


@pytest.fixture
def town(app: Flask) -> dict[str, int]:
    """Build a community: Wang free on Wednesday mornings, Li without a telephone of her own to sign in by, Zhao who left."""
    with app.app_context(), transaction():
        make.set_clock(NOON)
        community = make.make_community()
        wang = make.make_volunteer(community, "王芳", make.make_user(Role.VOLUNTEER, community).id)
        li = make.make_volunteer(community, "李梅")
        zhao = make.make_volunteer(community, "赵强")
        zhao.active = False
        db.session.add(Availability(volunteer_id=wang.id, weekday=2, start=480, end=660))
        db.session.flush()
        return {"community": community.id, "wang": wang.id, "li": li.id}


def names(app: Flask, community: int, group: str) -> list[str] | None:
    """Return who is in a group."""
    with app.app_context():
        people = grouped.people_of(community, group)
        return None if people is None else [each.name for each in people]


def test_a_group_is_who_serves_now_and_fits(app: Flask, town: dict[str, int]) -> None:
    assert set(names(app, town["community"], grouped.EVERYBODY) or []) == {"王芳", "李梅"}
    assert names(app, town["community"], "free:2:am") == ["王芳"]
    assert names(app, town["community"], "free:2:pm") == []
    assert names(app, town["community"], grouped.UNANSWERED) == []


@pytest.mark.parametrize("group", ["", "x", "team:x", "free:9", "free:2:night", "building:x", "team:"])
def test_a_group_that_is_none_has_nobody(app: Flask, town: dict[str, int], group: str) -> None:
    assert names(app, town["community"], group) is None


def test_who_has_not_answered_is_a_group(app: Flask, town: dict[str, int]) -> None:
    with app.app_context(), transaction():
        wang = db.session.get_one(Volunteer, town["wang"])
        community = db.session.get_one(Community, town["community"])
        kind = make.make_kind("HAIR", skills=[])
        request = make.make_request(community, kind, make.make_household(community), dates=["2026-11-26"])
        make.make_offer(make.make_visit(request, make.WEDNESDAY), wang, day=make.WEDNESDAY, start=840)
    assert names(app, town["community"], grouped.UNANSWERED) == ["王芳"]


def test_everybody_in_it_gets_one_message_and_the_page_says_what_became_of_each(
    app: Flask, town: dict[str, int], sign_in_as: SignIn
) -> None:
    desk = sign_in_as(Role.COORDINATOR)
    page = desk.get("/group-messages?group=everybody").text
    assert "2 人" in page
    assert "王芳" in page
    answer = desk.send("/group-messages", group="everybody", words=WORDS)
    assert answer.status_code == 303
    with app.app_context():
        rows = db.session.scalars(select(Notice).where(Notice.template == "group")).all()
        assert len(rows) == 2
        assert all(WORDS in each.text and len(each.text) <= 70 for each in rows)
    sent = desk.get("/group-messages").text
    assert sent.count(WORDS) == 1
    assert {"王芳", "李梅"} <= set(sent.replace("<", ">").split(">"))


def test_at_night_it_waits_for_the_morning(app: Flask, town: dict[str, int], sign_in_as: SignIn) -> None:
    make.set_clock("2026-11-25 22:10")
    sign_in_as(Role.COORDINATOR).send("/group-messages", group="free:2:am", words=WORDS)
    with app.app_context():
        assert db.session.scalars(select(Notice.state).where(Notice.template == "group")).all() == [State.HELD]


def test_whoever_wants_no_words_of_the_station_is_left_in_peace(app: Flask, town: dict[str, int], sign_in_as: SignIn) -> None:
    with app.app_context(), transaction():
        user = db.session.get_one(Volunteer, town["wang"]).user_id
        assert user is not None
        choices.choose(user, set(choices.KINDS) - {"station"})
    desk = sign_in_as(Role.COORDINATOR)
    desk.send("/group-messages", group="everybody", words=WORDS)
    assert "另有 1 人说过不收这一类" in desk.get("/group-messages").text


@pytest.mark.parametrize(
    ("group", "words", "said"),
    [
        ("everybody", "", "这一项要填"),
        ("everybody", "请看 http://example.cn", "不放网址"),
        ("everybody", "【通知】明天", "不放网址"),
        ("everybody", "长" * (grouped.ROOM + 1), "个字"),
        ("free:2:pm", WORDS, "现在没有人"),
        ("team:999", WORDS, "现在没有人"),
        ("x", WORDS, "现在没有人"),
    ],
)
def test_what_cannot_go_out_is_refused_in_words(
    app: Flask, town: dict[str, int], sign_in_as: SignIn, group: str, words: str, said: str
) -> None:
    answer = sign_in_as(Role.COORDINATOR).send("/group-messages", group=group, words=words)
    assert answer.status_code in {409, 422}
    assert said in answer.text
    with app.app_context():
        assert db.session.scalars(select(Notice).where(Notice.template == "group")).all() == []


def test_nobody_of_another_community_is_reached(app: Flask, town: dict[str, int], sign_in_as: SignIn) -> None:
    with app.app_context(), transaction():
        other = make.make_community("别的社区")
        make.make_volunteer(other, "周平")
    assert "周平" not in (names(app, town["community"], grouped.EVERYBODY) or [])
