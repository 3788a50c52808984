"""The board of a day and the day itself ask the database as often for a big week as for a small one."""

from collections.abc import Callable

import pytest

from tests import builders as make
from tests.builders import WEDNESDAY
from tests.planning.street import WEEK, Street
from tests.reads import counted
from timebank import clock
from timebank.db import db, transaction
from timebank.planning import queries
from timebank.planning.models import Unserved
from timebank.visits.models import Outcome, Visit, VisitState

MOST_FOR_THE_BOARD = 29
MOST_FOR_THE_DAY = 80
BOARD = f"/plan?week={WEEK}&day={WEDNESDAY.isoformat()}"
NAMES = "郭宋林于孙吕丁鞠王赵钱李周吴郑冯"


def reads_of(street: Street, address: str) -> int:
    """Return how many statements a page costs, once it has been opened before."""
    street.page(address)
    db.session.expunge_all()  # nothing that the test itself holds saves the page a question
    with counted() as seen:
        street.page(address)
    return len(seen)


def grow(street: Street, doors: int) -> None:
    """Let more doors ask: half of them are given to Wang, the other half is not served, each for a reason."""
    known = set(street.visits())
    for place in range(doors):
        street.one_more(f"{NAMES[place % len(NAMES)]}淑{NAMES[-place % len(NAMES)]}")
    street.open()
    fresh = [each for each in street.visits() if each not in known]
    with transaction():
        plan = queries.plan_of(street.community, make.MONDAY)
        assert plan is not None
        for number in fresh[doors // 2 :]:
            plan.unserved.append(Unserved(visit_id=number, reason="taken", who=[f"v{street.wang}"], zh="没空", en="busy", fix=None))


def test_the_board_asks_as_often_for_many_doors_as_for_a_few(street: Street) -> None:
    street.open()
    street.assign(street.visits()[0], street.wang)
    grow(street, 4)
    few = reads_of(street, BOARD)
    grow(street, 30)
    assert reads_of(street, BOARD) == few <= MOST_FOR_THE_BOARD


@pytest.fixture
def lived(street: Street) -> Callable[[int], None]:
    """Give a way to have so many more visits of Wednesday served and confirmed."""

    def live(doors: int) -> None:
        known = set(street.visits())
        for place in range(doors):
            street.one_more(f"{NAMES[place]}淑贞")
        street.open()
        with transaction():
            for number in (each for each in street.visits() if each not in known):
                visit = db.session.get_one(Visit, number)
                made = make.make_offer(visit, street.volunteer(street.wang), day=WEDNESDAY, start=840, accepted=True)
                made.outcome, made.finished_at, visit.state = Outcome.DONE, clock.now(), VisitState.CONFIRMED

    return live


def test_the_day_asks_as_often_for_many_visits_as_for_a_few(street: Street, lived: Callable[[int], None]) -> None:
    street.open()
    lived(2)
    street.at("2026-11-25 13:50")
    few = reads_of(street, "/today")
    lived(12)
    assert reads_of(street, "/today") == few <= MOST_FOR_THE_DAY
