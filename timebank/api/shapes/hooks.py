"""Shapes of webhooks."""

from marshmallow import Schema, fields

from timebank.api.fields import Among, Sized, text, word_of
from timebank.hooks.addresses import LONGEST
from timebank.hooks.events import EVENTS
from timebank.hooks.models import CallState


class WebhookShape(Schema):
    """An address that is called about some events."""

    id = fields.Integer()
    url = fields.String()
    events = fields.List(fields.String())
    made_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)


class MadeWebhookShape(WebhookShape):
    """A webhook as it is registered: its secret is told here and never again."""

    secret = fields.String()


class WebhookBody(Schema):
    """Where to call, and about what."""

    url = text(LONGEST, required=True)
    events = fields.List(fields.String(validate=Among([*EVENTS])), required=True, validate=Sized(1, len(EVENTS)))


class CallShape(Schema):
    """A call and what became of it."""

    id = fields.Integer()
    number = fields.String()
    event = fields.String()
    subject = fields.String()
    subject_id = fields.String()
    at = fields.AwareDateTime()
    state = word_of(CallState)
    tries = fields.Integer()
    next_at = fields.AwareDateTime(allow_none=True)
    status = fields.Integer(allow_none=True)
    fault = fields.String()
