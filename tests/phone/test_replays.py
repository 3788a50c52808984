"""Taps of many phones that come again and again, each with its own key: nothing counts twice, nothing is lost, the order stays."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import builders as make
from tests.browser import Browser
from timebank.access.models import Role, User
from timebank.audit import AuditRow
from timebank.db import db, transaction
from timebank.ledger.models import CREDITS, Transfer
from timebank.visits.actions import confirming
from timebank.visits.models import Offer, Outcome, Round, ServiceRecord, Trust

AT_ONCE = 8
BUSY = 503


@dataclass
class Phone:
    """One phone with what it noted on the way: the pick-up and each door, in order, with how many seconds ago."""

    browser: Browser
    taps: list[tuple[str, str, dict[str, str]]]
    answers: list[int]

    def replay(self, upto: int) -> bool:
        """Send the first of what waits, as after an answer that was lost, until the service is too busy; say whether all of it came."""
        for path, key, said in self.taps[:upto]:
            self.answers.append(self.browser.send(path, key=key, **said).status_code)
            if self.answers[-1] == BUSY:
                return False
        return True


def street(app: Flask, sign_in_as: Callable[..., Browser], phones: int, doors: int) -> list[Phone]:
    """Send some volunteers out with boxes on Wednesday; at noon all of it is still on their phones."""
    make.set_clock("2026-11-25 10:40")
    with app.app_context(), transaction():
        community = make.make_community()
        number = community.id
    found = []
    for _one in range(phones):
        browser = sign_in_as(Role.VOLUNTEER, number)
        with app.app_context(), transaction():
            place = db.session.get_one(make.Community, number)
            offers = make.make_round(place, make.make_volunteer(place, user_id=browser.user), doors=doors)
            ago = 3600
            taps = [(f"/phone/rounds/{offers[0].round_id}/pick-up", f"pick-up-{offers[0].id}", {"counted": str(doors), "_ago": str(ago)})]
            for place_in_line, made in enumerate(offers, start=1):
                taps.append((f"/phone/visits/{made.id}/delivered", f"door-tap-{made.id}", {"_ago": str(ago - 60 * place_in_line)}))
        found.append(Phone(browser, taps, []))
    make.set_clock("2026-11-25 12:00")
    return found


def send_all(phones: list[Phone], replays: int) -> int:
    """Let every phone send again and again, some at the same moment, cut off anywhere; say how many taps came."""
    chance = random.Random(7)
    jobs = [(phone, [chance.randint(1, len(phone.taps)) for _again in range(replays)]) for phone in phones]

    def work(share: list[tuple[Phone, list[int]]]) -> None:
        for phone, cuts in share:
            for upto in cuts:
                phone.replay(upto)
            while not phone.replay(len(phone.taps)):
                continue

    threads = [threading.Thread(target=work, args=(jobs[first::AT_ONCE],)) for first in range(AT_ONCE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(len(phone.answers) for phone in phones)


def check(app: Flask, phones: list[Phone], office: int) -> None:
    """Look that every door is served once and in order, and that each round is credited once, whatever comes after."""
    assert {answer for phone in phones for answer in phone.answers} <= {303, BUSY}
    with app.app_context():
        rounds = db.session.scalars(select(Round)).all()
        assert len(rounds) == len(phones)
        for meals in rounds:
            assert {made.outcome for made in meals.offers} == {Outcome.DONE}
            ends = [made.ended_at for made in meals.offers]
            assert ends == sorted(ends)
            assert len(set(ends)) == len(ends)
        served = db.session.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.verb == "deliver"))
        assert served == db.session.scalar(select(func.count()).select_from(Offer))
    with app.app_context(), transaction():
        for meals in db.session.scalars(select(Round)):
            confirming.confirm_round(meals, Trust.DESK, db.session.get_one(User, office))
    for phone in phones:
        phone.replay(len(phone.taps))
    with app.app_context():
        earned = select(func.count()).select_from(Transfer).where(Transfer.kind.in_(CREDITS))
        assert db.session.scalar(earned) == len(phones)
        assert db.session.scalar(select(func.count()).select_from(ServiceRecord)) == len(phones)


def test_taps_of_a_few_phones_that_come_again_and_again_count_once(app: Flask, sign_in_as: Callable[..., Browser]) -> None:
    phones = street(app, sign_in_as, phones=4, doors=4)
    office = sign_in_as(Role.COORDINATOR).user
    send_all(phones, replays=4)
    check(app, phones, office or 0)


@pytest.mark.long  # ten thousand taps, each a form of its own
def test_ten_thousand_taps_of_fifty_phones_are_no_second_credit_none_lost_and_in_order(
    app: Flask, sign_in_as: Callable[..., Browser]
) -> None:
    phones = street(app, sign_in_as, phones=50, doors=12)
    office = sign_in_as(Role.COORDINATOR).user
    came = send_all(phones, replays=30)
    assert came >= 10_000
    check(app, phones, office or 0)
