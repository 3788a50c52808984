"""The tasks, registered by name; rooms ask for them through ``queue.enqueue``."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from flask import Flask
from huey import crontab
from sqlalchemy import select

from timebank import audit, clock, leases
from timebank.books import closing
from timebank.certificates import batches
from timebank.certificates import runner as printer
from timebank.credit import actions as credit
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.exchange import uploads
from timebank.hooks import events as hook_events
from timebank.hooks import sending
from timebank.hooks.addresses import Bounds
from timebank.notices import sending as notices
from timebank.places.models import Community
from timebank.planning import runner
from timebank.planning.actions import publishing, runs
from timebank.posts import actions as posts
from timebank.proposals import actions as proposals
from timebank.queue import Task, jobs
from timebank.records.actions import checking
from timebank.stars import reviews
from timebank.visits.actions import confirming, duty_records, offering, paying, reminding, staying
from timebank.volunteers import standing
from timebank.web import settings

HOUSEKEEPING = "housekeeping"
afterwards: list[Callable[[Flask], None]] = []
"""What rooms above do at each stroke of the clock, once the house is kept."""
BETWEEN_STROKES = timedelta(minutes=9)
"""So long whoever keeps house has it for itself; when it was killed, the next stroke of any clock finds it free."""


def register(app: Flask) -> None:
    """Let this app answer every task."""
    for name, task in TASKS.items():
        jobs.answer(name, _inside(app, name, task))
    if jobs.huey is not None:
        jobs.huey.periodic_task(crontab(minute="*/10"), name=HOUSEKEEPING)(lambda: strike(app))


def strike(app: Flask) -> bool:
    """Keep house when the clock strikes, unless another process does: each has a clock of its own, and one does the work; say whether."""
    with app.app_context():
        mine = leases.take(HOUSEKEEPING, BETWEEN_STROKES)
    if mine:
        jobs.run(HOUSEKEEPING, 0)
        for act in afterwards:
            act(app)
    return mine


def keep_house(_subject: int = 0) -> None:
    """Do what the clock asks for: open what nobody answered, what ``STEPS`` say, remind people, close months, go on with publishing, send.

    Each step, and each post whose turns are made, is a write unit of its own, so that nobody who presses a button waits for all of them, and one that fails stops no other:
    whoever could break one would else keep the weekly check from being made.
    """
    steps: list[Callable[[], object]] = [partial(_whole, offering.lapse, community_id) for community_id in _communities()]
    steps += [partial(_whole, step) for step in STEPS]
    steps += [partial(_whole, posts.make_due_of, post_id) for post_id in posts.behind()]
    steps += [partial(_whole, checking.check_due, community_id) for community_id in _communities()]
    steps += [partial(_whole, tell) for community_id in _communities() for tell in reminding.due(community_id)]
    steps += [partial(_close, community_id, month) for community_id, month in closing.due(clock.today())]
    steps += [publishing.take_up_lost, notices.send_held, sending.send_due]
    failed = [error for step in steps if (error := _tried(step)) is not None]
    if failed:
        raise failed[0]


def _whole(step: Callable[..., object], *about: int) -> None:
    """Take a step in a write unit of its own."""
    with transaction():
        step(*about)


def _tried(step: Callable[[], object]) -> Exception | None:
    """Take a step; one that fails holds up none after it, and is told when all are done."""
    try:
        step()
    except Exception as error:
        logging.getLogger(__name__).exception("A step of housekeeping failed; the others go on.")
        return error
    return None


def send_hook(call_id: int) -> None:
    """Make one call of a webhook."""
    sending.send(call_id, Bounds.of(settings()))


def _communities() -> Sequence[int]:
    """Return the numbers of all communities."""
    return db.session.scalars(select(Community.id)).all()


def _close(community_id: int, month: date) -> None:
    """Close one month of one community in a write unit of its own; whoever did it by hand a moment ago was first."""
    with contextlib.suppress(Conflict), transaction():
        closing.close_due(community_id, month)


def _keep_rules() -> None:
    """Do in every community what the credit rules ask of the clock: last month's unused grants, what leavers left (R10, R17)."""
    last_month = clock.today().replace(day=1) - timedelta(days=1)
    for community_id in _communities():
        credit.return_unused(community_id, last_month)
        credit.pass_on_by_rule(community_id)


def _inside(app: Flask, name: str, task: Task) -> Task:
    """Return the task run with the app's database at hand, its changes audited under its own name."""

    def run(subject: int) -> None:
        token = audit.actor.set(f"job:{name}")
        try:
            with app.app_context():
                task(subject)
        finally:
            audit.actor.reset(token)

    return run


STEPS: tuple[Callable[[], object], ...] = (
    confirming.confirm_due,
    duty_records.confirm_due,
    proposals.carry_due,
    standing.follow_all,
    paying.give_back_overdue,
    staying.watch,
    _keep_rules,
    reviews.look,
    uploads.forget_old_uploads,
    batches.forget_papers,
)
"""What has waited long enough is confirmed and carried out, standings and stars follow, homes are asked after, last week is checked, old files go."""

TASKS: dict[str, Callable[[int], None]] = {
    "send_sign_in_code": notices.send_sign_in_code,
    "send_notice": notices.send_notice,
    "send_held": notices.send_held,
    "try_out_channel": notices.try_out,
    hook_events.TASK: send_hook,
    HOUSEKEEPING: keep_house,
    runs.TASK: runner.run,
    publishing.TASK: publishing.run,
    batches.TASK: printer.run,
}
