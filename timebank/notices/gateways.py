"""SMS gateways: what each one wants to be sent and how it answers. One more gateway is one more class; nothing here knows a database."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from timebank.notices.templates import LONGEST, SMS_LENGTH

PATIENCE = 10
"""So many seconds a gateway has to answer."""
LATER_PART = 67
"""So many signs stand in each part of a message that needs more than one."""
LATIN, LATER_LATIN = 160, 153
"""The same for a message of Latin letters only."""
SIGNED = re.compile(r"^(?:【[^】]*】|\[[^\]]*\] )")
MOST_PARTS = 4
FORM = "application/x-www-form-urlencoded;charset=utf-8"
JSON = "application/json;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted to a gateway."""

    url: str
    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: whether the other side took the message on, and its own code where it did not."""

    taken: bool
    code: str = ""


class Gateway(Protocol):
    """One company's interface."""

    address: str
    """Where it listens, unless the office's contract says otherwise."""

    def post(self, settings: Mapping[str, str], phone: str, text: str) -> Post:
        """Return what is posted for one message to one number."""
        ...

    def read(self, said: Mapping[str, object]) -> Answer:
        """Return what its answer means."""
        ...


class Yunpian:
    """云片: a form with the key, the number and the signed text; 0 is yes."""

    address = "https://sms.yunpian.com/v2/sms/single_send.json"

    def post(self, settings: Mapping[str, str], phone: str, text: str) -> Post:
        """Return the form."""
        body = urlencode({"apikey": settings["secret"], "mobile": phone, "text": text}).encode()
        return Post(settings.get("address") or self.address, body, FORM)

    def read(self, said: Mapping[str, object]) -> Answer:
        """Return what its answer means."""
        return Answer(taken=str(said.get("code")) == "0", code=str(said.get("code")))


class Chuanglan:
    """创蓝 253: JSON with account and password, the signed text and the number; "0" is yes."""

    address = "https://smssh1.253.com/msg/v1/send/json"

    def post(self, settings: Mapping[str, str], phone: str, text: str) -> Post:
        """Return the document."""
        said = {"account": settings.get("account", ""), "password": settings["secret"], "msg": text, "phone": phone, "report": "true"}
        return Post(settings.get("address") or self.address, json.dumps(said, ensure_ascii=False).encode(), JSON)

    def read(self, said: Mapping[str, object]) -> Answer:
        """Return what its answer means."""
        return Answer(taken=str(said.get("code")) == "0", code=str(said.get("code")))


GATEWAYS: dict[str, Gateway] = {"yunpian": Yunpian(), "chuanglan": Chuanglan()}


class _OnlyThere(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: a message and the gateway's key go to the address the office wrote down, or nowhere."""

    def redirect_request(self, *_said: object) -> None:
        """Go nowhere; the answer counts as a refusal."""


ONLY_THERE = urllib.request.build_opener(_OnlyThere)


def signed(text: str, signature: str) -> str:
    """Return a message under the signature that is registered at the gateway, in the place of ours."""
    return f"【{signature[:LONGEST]}】{SIGNED.sub('', text)}"


def parts_of(text: str) -> int:
    """Return how many short messages a text is paid for."""
    whole, later = (LATIN, LATER_LATIN) if text.isascii() else (SMS_LENGTH, LATER_PART)
    return 1 if len(text) <= whole else -(-len(text) // later)


def send(settings: Mapping[str, str], phone: str, text: str) -> Answer:
    """Hand one message to the gateway of the settings; what cannot be reached or understood is a no with a code of ours."""
    gateway = GATEWAYS[settings["gateway"]]
    post = gateway.post(settings, phone, text)
    asked = urllib.request.Request(post.url, post.body, {"Content-Type": post.content_type, "Accept": "application/json"})  # noqa: S310 - the form takes http(s) only
    try:
        with ONLY_THERE.open(asked, timeout=PATIENCE) as came:
            said = json.loads(came.read(100_000))
    except urllib.error.HTTPError as error:
        return _refused(gateway, error)
    except (OSError, ValueError):
        return Answer(taken=False, code="unreachable")
    return gateway.read(said) if isinstance(said, dict) else Answer(taken=False, code="unreadable")


def _refused(gateway: Gateway, error: urllib.error.HTTPError) -> Answer:
    """Return what a refusal by status means: the gateway's own code where its body says one."""
    with error:
        try:
            said = json.loads(error.read(100_000))
        except (OSError, ValueError):
            said = None
    if isinstance(said, dict) and "code" in said:
        return Answer(taken=False, code=gateway.read(said).code)
    return Answer(taken=False, code=f"http {error.code}")
