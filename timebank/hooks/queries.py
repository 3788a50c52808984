"""Reads of webhooks: those that count, of a community, and the calls that wait."""

from collections.abc import Sequence

from sqlalchemy import select

from timebank import clock
from timebank.access.circles import STAFF
from timebank.access.models import Role
from timebank.db import db
from timebank.hooks.models import CallState, Webhook, WebhookCall


def in_force() -> list[Webhook]:
    """Return every webhook that counts: not ended, and its maker still of the office it was made for."""
    return [each for each in db.session.scalars(select(Webhook).where(Webhook.ended_at.is_(None))) if stands(each)]


def stands(hook: Webhook) -> bool:
    """Say whether whoever made a webhook may still hear what it tells."""
    maker = hook.maker
    own = maker.role is Role.ADMIN or maker.community_id == hook.community_id
    return hook.ended_at is None and maker.active and maker.role in STAFF and own


def hook_in(community_id: int, hook_id: int) -> Webhook | None:
    """Return a webhook of a community."""
    return db.session.scalar(select(Webhook).where(Webhook.id == hook_id, Webhook.community_id == community_id))


def due() -> Sequence[int]:
    """Return the calls whose next try has come, the oldest first."""
    waits = (WebhookCall.state == CallState.WAITING, WebhookCall.next_at <= clock.now())
    return db.session.scalars(select(WebhookCall.id).where(*waits).order_by(WebhookCall.id).limit(200)).all()
