"""The tasks, registered by name; rooms ask for them through ``queue.enqueue``."""

import contextlib
from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask
from huey import crontab
from sqlalchemy import select

from timebank import audit, clock
from timebank.credit import actions as credit
from timebank.db import db, transaction
from timebank.errors import Conflict
from timebank.exchange import uploads
from timebank.notices import actions as notices
from timebank.places.models import Community
from timebank.planning import runner
from timebank.planning.actions import runs
from timebank.posts import actions as posts
from timebank.proposals import actions as proposals
from timebank.queue import Task, jobs
from timebank.recognition import batches, closing, reviews
from timebank.recognition import runner as printer
from timebank.records.actions import checking
from timebank.visits.actions import confirming, duty_records, offering, paying
from timebank.volunteers import standing

HOUSEKEEPING = "housekeeping"


def register(app: Flask) -> None:
    """Let this app answer every task."""
    for name, task in TASKS.items():
        jobs.answer(name, _inside(app, name, task))
    if jobs.huey is not None:
        jobs.huey.periodic_task(crontab(minute="*/10"), name=HOUSEKEEPING)(lambda: jobs.run(HOUSEKEEPING, 0))


def keep_house(_subject: int = 0) -> None:
    """Do what the clock asks for: open what nobody answered, confirm what has waited, let standings follow, check last week, forget old files, close months, send what was held."""
    with transaction():
        for community_id in db.session.scalars(select(Community.id)).all():
            offering.lapse(community_id)
        confirming.confirm_due()
        duty_records.confirm_due()
        proposals.carry_due()
        standing.follow_all()
        paying.give_back_overdue()
        _keep_rules()
        checking.check_due()
        reviews.look()
        uploads.forget_old_uploads()
        batches.forget_papers()
    with transaction():
        posts.make_due()
    for community_id, month in closing.due(clock.today()):
        _close(community_id, month)
    notices.send_held()


def _close(community_id: int, month: date) -> None:
    """Close one month of one community in a write unit of its own; whoever did it by hand a moment ago was first."""
    with contextlib.suppress(Conflict), transaction():
        closing.close_due(community_id, month)


def _keep_rules() -> None:
    """Do in every community what the credit rules ask of the clock: last month's unused grants, what leavers left (R10, R17)."""
    last_month = clock.today().replace(day=1) - timedelta(days=1)
    for community_id in db.session.scalars(select(Community.id)).all():
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


TASKS: dict[str, Callable[[int], None]] = {
    "send_sign_in_code": notices.send_sign_in_code,
    "send_notice": notices.send_notice,
    "send_held": notices.send_held,
    HOUSEKEEPING: keep_house,
    runs.TASK: runner.run,
    batches.TASK: printer.run,
}
