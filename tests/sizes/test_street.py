"""A street of six hundred and thirty elders and six hundred volunteers: what the week's pages and verbs take of a processor."""

import contextlib
import time
from collections.abc import Callable, Generator

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.browser import Browser
from tests.sizes import community as sizes
from timebank import db as database
from timebank.access.models import Role
from timebank.db import db, forget_reads
from timebank.planning import scenes
from timebank.planning.actions import placing, steps
from timebank.planning.actions.placing import Lifted
from timebank.planning.models import Plan
from timebank.visits.models import Offer

WEEK = "2026-W48"


def spent(act: Callable[[], object]) -> float:
    """Return the seconds of processor time that something takes the second time: the first time templates and statements are made."""
    act()
    begun = time.process_time()
    act()
    return time.process_time() - begun


@pytest.mark.long  # the engine plans the week first: a minute and more
def test_a_street_of_six_hundred_is_planned_shown_edited_and_sent(
    app: Flask, sign_in_as: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[float] = []
    real = database._in_turn

    @contextlib.contextmanager
    def timed(*given: object) -> Generator[None]:
        with real(*given):  # type: ignore[arg-type]
            begun = time.process_time()
            yield
            held.append(time.process_time() - begun)

    with app.app_context():
        community = sizes.build(sizes.M)
        number = sizes.plan(community, 20)
    office = sign_in_as(Role.COORDINATOR, community)
    board = f"/plan?week={WEEK}&day=2026-11-24"
    figures = {
        "board, draft": spent(lambda: office.get(board)),
        "difference, draft": spent(lambda: office.get(f"/plan/diff?week={WEEK}")),
    }
    assert len(office.get(board, headers={"Accept-Encoding": "gzip"}).data) < 120_000
    with app.app_context():
        plan = db.session.get_one(Plan, number)
        of = scenes.scene(plan)
        one = next(each for each in of.assignments if each.pickup is not None)
        trip = [
            each.visit_id
            for each in of.assignments
            if (each.volunteer_id, each.day, each.pickup) == (one.volunteer_id, one.day, one.pickup)
        ]
        lifted = Lifted(tuple(trip), one.volunteer_id, steps.mark_of(steps.lines_of(of.assignments, trip)))
        others = [each.id for each in of.volunteers if any(window[0] == 0 for window in of.windows[str(each.id)])]
        with app.test_request_context():
            figures["an edit judged"] = spent(lambda: placing.look(plan, lifted, others[0], one.day, one.pickup or 0))
        version = plan.version
    monkeypatch.setattr(database, "_in_turn", timed)
    begun = time.process_time()
    assert office.send("/plan/publish", week=WEEK, version=version).status_code == 303
    figures["publishing, messages with it"] = time.process_time() - begun
    with app.app_context():
        forget_reads()
        assert db.session.scalar(select(func.count()).select_from(Offer)) == 3650
    figures["board, sent"] = spent(lambda: office.get(board))
    print({name: round(seconds, 3) for name, seconds in figures.items()}, "longest write unit", round(max(held), 3))  # noqa: T201 - run with -s
    assert max(held) < 0.2
    assert figures["publishing, messages with it"] < 6
    assert figures["difference, draft"] < 0.5
    assert figures["an edit judged"] < 0.2
    assert figures["board, sent"] < 0.4
