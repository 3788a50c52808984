"""One post that 1,216 people keep: its turns of two weeks, its pages and one more who takes a place, by what they take of a processor."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.browser import Browser
from tests.sizes.test_street import spent
from timebank import clock
from timebank.access.models import Role
from timebank.db import db, transaction
from timebank.posts import actions
from timebank.posts.actions import About
from timebank.posts.models import Claim, Post, Shift
from timebank.visits.duties import Duty, DutyState
from timebank.volunteers.models import Volunteer

SEATS = 38
SHIFTS = 32
"""As many as keep the crossing of Binhu, in so many shifts of the week: 1,216 places."""


@pytest.mark.long
def test_a_post_of_1216_claims_makes_its_turns_shows_its_pages_and_takes_one_more(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    make.set_clock("2026-11-23 06:00")
    with app.app_context(), transaction():
        community = make.make_community()
        kind = make.make_kind("GUARD", name="值守", name_en="Watch", skills=[], at_door=False)
        people = [make.make_volunteer(community, f"岗{number:04d}") for number in range(SEATS * SHIFTS + 1)]
        post = actions.add_post(community.id, About(name="全街道的岗", kind=kind, place="街口", first_day=make.MONDAY), None)
        for number in range(SHIFTS):
            start = 480 + number // 7 * 120
            shift = Shift(post=post, weekday=number % 7, start=start, until=start + 60, least=1, wanted=SEATS + (number == 0))
            db.session.add(shift)
            for seat, person in enumerate(people[number * SEATS : (number + 1) * SEATS], start=1):
                db.session.add(Claim(shift=shift, volunteer=person, seat=seat, from_day=make.MONDAY, claimed_at=clock.now()))
        number, last, here = post.id, people[-1].id, community.id
    begun = time.process_time()
    with app.app_context(), transaction():
        assert actions.make_due() == (SEATS * SHIFTS + 1) * 2
    figures = {"turns of two weeks": time.process_time() - begun}
    with app.app_context():
        agreed = select(func.count()).select_from(Duty).where(Duty.state == DutyState.AGREED)
        assert db.session.scalar(agreed) == SEATS * SHIFTS * 2
    begun = time.process_time()
    with app.app_context(), transaction():
        post = db.session.get_one(Post, number)
        actions.claim_shift(post.shifts[0], db.session.get_one(Volunteer, last))
    figures["one more takes a place"] = time.process_time() - begun
    with app.app_context():
        figures["nothing to be made"] = spent(actions.behind)
    office = sign_in_as(Role.COORDINATOR, here)
    for name, path in (("the list", "/posts"), ("the post", f"/posts/{number}"), ("today", "/today")):
        assert office.get(path).status_code == 200
        figures[name] = spent(lambda path=path: office.get(path))
    phone = sign_in_as(Role.VOLUNTEER, here)
    with app.app_context(), transaction():
        db.session.get_one(Volunteer, last).user_id = phone.user
    for name, path in (("phone, the post", f"/phone/posts/{number}"), ("phone, my posts", "/phone/posts")):
        assert phone.get(path).status_code == 200
        figures[name] = spent(lambda path=path: phone.get(path))
    print({name: round(seconds, 3) for name, seconds in figures.items()})  # noqa: T201 - run with -s
    assert max(figures.values()) < 30
