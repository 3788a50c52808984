"""Making a call: signed, to the very address that was judged, followed nowhere, tried again later and later for a day."""

import hashlib
import hmac
import http.client
import json
import socket
import ssl
from datetime import timedelta

from timebank import clock
from timebank.db import db, transaction
from timebank.errors import Invalid
from timebank.hooks import queries
from timebank.hooks.addresses import Bounds, Target, target_of
from timebank.hooks.events import TASK
from timebank.hooks.models import CallState, WebhookCall
from timebank.places.models import Community
from timebank.queue import enqueue

PATIENCE = 10
WAITS = (1, 5, 30, 120, 480, 960)
"""So many minutes after each try that failed comes the next; after the last the call is given up."""


class Pinned(http.client.HTTPConnection):
    """A connection to the address that was judged, whatever its name leads to by now."""

    def __init__(self, target: Target) -> None:
        """Keep where it goes."""
        super().__init__(target.host, target.port, timeout=PATIENCE)
        self._target = target

    def connect(self) -> None:
        """Connect to the address; by TLS the certificate must be that of the name."""
        self.sock = socket.create_connection((self._target.address, self._target.port), PATIENCE)
        if self._target.tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._target.host)


def send(call_id: int, bounds: Bounds) -> None:
    """Make one call, if it waits and its time has come. A job, so it commits; nothing is held in the database while it is under way."""
    with transaction():
        call = db.session.get(WebhookCall, call_id, with_for_update=True)
        if call is None or call.state is not CallState.WAITING or call.next_at is None or call.next_at > clock.now():
            return
        if not queries.stands(call.webhook):
            call.state, call.next_at, call.fault = CallState.GIVEN_UP, None, "ended"
            return
        call.tries += 1
        last = call.tries > len(WAITS)
        call.next_at = clock.now() + timedelta(minutes=WAITS[min(call.tries, len(WAITS)) - 1])
        url, body, secret = call.webhook.url, body_of(call), call.webhook.secret
        heads = heads_of(call, body, secret)
    status, fault = _made(url, body, heads, bounds)
    with transaction():
        _note(db.session.get_one(WebhookCall, call_id), status, fault, last=last)


def _note(call: WebhookCall, status: int | None, fault: str, *, last: bool) -> None:
    """Note what came of a try."""
    call.status, call.fault = status, fault
    if status is not None and 200 <= status < 300:
        call.state, call.next_at = CallState.TAKEN, None
    elif last:
        call.state, call.next_at = CallState.GIVEN_UP, None


def body_of(call: WebhookCall) -> bytes:
    """Return what a call says: what happened to which row, never a name."""
    said = {
        "number": call.number,
        "event": call.event,
        "community": db.session.get_one(Community, call.webhook.community_id).slug,
        "subject": call.subject,
        "id": int(call.subject_id) if call.subject_id.isdecimal() else call.subject_id,
        "at": call.at.isoformat(),
    }
    return json.dumps(said, ensure_ascii=False).encode()


def heads_of(call: WebhookCall, body: bytes, secret: str) -> dict[str, str]:
    """Return the head of a call with its signature: HMAC-SHA-256 by the secret over the second it was sent, a dot, and the body."""
    now = str(int(clock.now().timestamp()))
    signed = hmac.new(secret.encode(), now.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "timebank",
        "Timebank-Event": call.event,
        "Timebank-Call": call.number,
        "Timebank-Signature": f"t={now},v1={signed}",
    }


def _made(url: str, body: bytes, heads: dict[str, str], bounds: Bounds) -> tuple[int | None, str]:
    """Make the call and return the status it was answered with, or why there is none."""
    try:
        target = target_of(url, bounds)
    except Invalid as refused:
        return None, refused.code
    line = Pinned(target)
    try:
        line.request("POST", target.path, body, heads)
        return line.getresponse().status, ""
    except (OSError, http.client.HTTPException) as error:
        return None, type(error).__name__
    finally:
        line.close()


def send_due() -> None:
    """Ask for every call whose next try has come."""
    for call_id in queries.due():
        enqueue(TASK, call_id)
