"""Doors of webhooks: register an address, see what became of its calls, try it, end it."""

from typing import Any

from sqlalchemy import select

from timebank.access.guards import this_user
from timebank.api.edge import Doors, once
from timebank.api.paging import PageArgs, listed, page
from timebank.api.shapes import hooks as shapes
from timebank.api.shared import here
from timebank.hooks import actions, queries
from timebank.hooks.addresses import Bounds
from timebank.hooks.models import Webhook, WebhookCall
from timebank.web import found, settings

doors = Doors("hooks", "Webhooks")
Page = dict[str, Any]


def _hook(webhook_id: int) -> Webhook:
    """Return a webhook of the community."""
    return found(queries.hook_in(here(), webhook_id))


@doors.get("/webhooks")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.WebhookShape))
def list_hooks(asked: dict[str, Any]) -> Page:
    """The webhooks of the community, those that ended too."""
    return page(select(Webhook).where(Webhook.community_id == here()), Webhook.id, asked)


@doors.post("/webhooks")
@once
@doors.arguments(shapes.WebhookBody)
@doors.response(201, shapes.MadeWebhookShape)
def register(said: dict[str, Any]) -> Webhook:
    """Let an address be called about some events; each call is signed with the secret that is told here once."""
    return actions.register(here(), said["url"], said["events"], this_user(), Bounds.of(settings()))


@doors.post("/webhooks/<int:webhook_id>/end")
@once
@doors.response(200, shapes.WebhookShape)
def end(webhook_id: int) -> Webhook:
    """End a webhook at once."""
    known = _hook(webhook_id)
    actions.end(known)
    return known


@doors.post("/webhooks/<int:webhook_id>/ping")
@once
@doors.response(202, shapes.CallShape)
def ping(webhook_id: int) -> WebhookCall:
    """Call the address to see whether it answers."""
    return actions.ping(_hook(webhook_id))


@doors.get("/webhooks/<int:webhook_id>/calls")
@doors.arguments(PageArgs, location="query")
@doors.response(200, listed(shapes.CallShape))
def calls(asked: dict[str, Any], webhook_id: int) -> Page:
    """The calls of a webhook and what became of them."""
    return page(select(WebhookCall).where(WebhookCall.webhook_id == _hook(webhook_id).id), WebhookCall.id, asked)
