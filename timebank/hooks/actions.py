"""Verbs of webhooks: register, end, and write a call beside whatever the audit trail notes, in the same write unit."""

from collections.abc import Collection

from timebank import audit, clock
from timebank.access.models import User
from timebank.db import db
from timebank.errors import Invalid
from timebank.hooks import queries
from timebank.hooks.addresses import Bounds, target_of
from timebank.hooks.events import NAMES, PING, TASK
from timebank.hooks.models import Webhook, WebhookCall
from timebank.oversight import tracing
from timebank.queue import enqueue

MOST = 10
KNOWN = "timebank_hooks"


def register(community_id: int, url: str, events: Collection[str], by: User, bounds: Bounds) -> Webhook:
    """Let an address be called about some events of a community; its secret is told with the answer."""
    target_of(url, bounds)
    if len([each for each in queries.in_force() if each.community_id == community_id]) >= MOST:
        raise Invalid("已经有 %(most)s 个回调了。先停用不用的，再登记新的。", most=MOST)
    hook = Webhook(community_id=community_id, made_by=by.id, url=url, events=sorted(set(events)), made_at=clock.now())
    db.session.add(hook)
    db.session.flush()
    db.session.info.pop(KNOWN, None)
    audit.record("register", "webhook", hook.id, events=hook.events)
    return hook


def end(hook: Webhook) -> None:
    """End a webhook at once; what still waits is not sent any more."""
    if hook.ended_at is None:
        hook.ended_at = clock.now()
        db.session.info.pop(KNOWN, None)
        audit.record("end", "webhook", hook.id)


def ping(hook: Webhook) -> WebhookCall:
    """Call an address to see whether it answers."""
    audit.record("ping", "webhook", hook.id)
    return _call(hook, PING, "webhook", str(hook.id))


def follow(row: audit.AuditRow) -> None:
    """Write the calls that one noted deed asks for; the webhooks are read once for a write unit."""
    event = NAMES.get((row.subject, row.verb))
    if event is None:
        return
    wanted = [each for each in _in_force() if event in each.events]
    if not wanted:
        return
    db.session.flush()
    where = tracing.communities([row]).get((row.subject, row.subject_id))
    for hook in wanted:
        if hook.community_id == where:
            _call(hook, event, row.subject, row.subject_id)


def _in_force() -> list[Webhook]:
    """Return the webhooks that count, read once in a write unit."""
    unit = db.session().get_transaction()
    known = db.session.info.get(KNOWN)
    if known is None or known[0] is not unit:
        known = db.session.info[KNOWN] = (unit, queries.in_force())
    found: list[Webhook] = known[1]
    return found


def _call(hook: Webhook, event: str, subject: str, subject_id: str) -> WebhookCall:
    """Write a call down and ask for it to be made once that is stored."""
    now = clock.now()
    call = WebhookCall(webhook_id=hook.id, event=event, subject=subject, subject_id=subject_id, at=now, next_at=now)
    db.session.add(call)
    db.session.flush()
    enqueue(TASK, call.id)
    return call


audit.noted.append(follow)
