"""A plan goes out in pieces: nothing twice, nothing lost where it stops in the middle, and it is taken up again where it was."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.planning.street import WEEK, Street
from timebank import clock, jobs
from timebank.db import db, forget_reads
from timebank.notices.models import Notice
from timebank.planning.actions import publishing, sending
from timebank.planning.actions.differences import changes
from timebank.planning.models import Assignment, Publication
from timebank.visits.models import Offer


def planned(street: Street, more: int = 4) -> int:
    """Plan the haircut of Wednesday and some more by hand, one after the other; return how many."""
    for place in range(more):
        street.one_more(f"{'郭宋林于孙'[place]}淑贞")
    street.open()
    for place, visit in enumerate(street.visits()):
        assert street.assign(visit, (street.wang, street.zhao)[place % 2]).status_code == 303
    return more + 1


def sent() -> tuple[int, int]:
    """Return how many offers and how many messages there are."""
    forget_reads()
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Offer, Notice))  # type: ignore[return-value]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a piece hold one visit and one person."""
    monkeypatch.setattr(sending, "PIECE", 1)
    monkeypatch.setattr(sending, "PEOPLE", 1)
    monkeypatch.setattr(publishing, "REST_SECONDS", 0)


def stopped_after(pieces: int, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish, and let the machine lose its power after some pieces."""
    left, real = [pieces], sending.send_what_can_be

    def once(*given: object) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(sending, "send_what_can_be", once)
        with pytest.raises(KeyboardInterrupt):
            street.publish()


def test_what_stopped_in_the_middle_is_taken_up_again_and_nobody_is_asked_or_told_twice(
    street: Street, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = planned(street)
    stopped_after(2, street, monkeypatch)
    assert sent() == (2, 0)
    page = street.page("/plan/publications/1")
    assert "已发 2 处" in page
    assert street.publish().status_code == 409, "it is going on, for all anybody knows"
    clock.clock.shift += timedelta(seconds=publishing.LEASE_SECONDS + 1)
    assert "接着发" in street.page("/plan/publications/1")
    jobs.keep_house()
    offers, told = sent()
    assert offers == whole
    assert told == 2
    assert db.session.get_one(Publication, 1).ended_at is not None
    publishing.run(1)
    assert sent() == (offers, told)


def test_a_press_goes_on_where_it_stopped(street: Street, small_pieces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = planned(street)
    stopped_after(1, street, monkeypatch)
    clock.clock.shift += timedelta(seconds=publishing.LEASE_SECONDS + 1)
    assert street.publish().status_code == 303
    assert sent()[0] == whole


def test_what_the_plan_does_not_say_any_more_is_left_out_and_stays_to_be_sent(
    street: Street, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(street, 2)
    real, moved = sending.send_what_can_be, []

    def moving(plan: object, piece: list[sending.Sending]) -> None:
        if not moved:
            line = db.session.scalars(select(Assignment).where(Assignment.visit_id == piece[0].visit)).one()
            line.start += 1
            moved.append(line.visit_id)
        real(plan, piece)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "send_what_can_be", moving)
    street.publish()
    forget_reads()
    assert db.session.scalars(select(Offer).where(Offer.visit_id == moved[0])).all() == []
    assert [change.visit.id for change in changes(street.plan())] == moved


@pytest.mark.parametrize("job", [True, False])
def test_many_changes_go_out_as_a_job_and_few_while_one_waits(street: Street, monkeypatch: pytest.MonkeyPatch, job: bool) -> None:
    planned(street, 2)
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(publishing, "enqueue", lambda *given: asked.append(given))
    monkeypatch.setattr("timebank.planning.views.publishing.AT_ONCE", 1 if job else 200)
    answer = street.publish()
    assert answer.location.endswith("/plan/publications/1" if job else f"/plan?week={WEEK}")
    assert asked == ([("publish", 1)] if job else [])
    assert sent()[0] == (0 if job else 3)
    if job:
        publishing.run(1)
        assert sent()[0] == 3
