"""Mail and the robots of work groups, handed over by Apprise; it is loaded only where something is sent, for it is large."""

import importlib.util
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from timebank.notices.gateways import Answer

ROBOTS = {"wecom": "wecombot", "dingtalk": "dingtalk", "feishu": "feishu", "json": "json", "jsons": "jsons"}
"""The robots a group may have, by Apprise's own names; the last two are an address of the office's own."""
SECURITY = ("ssl", "starttls", "insecure")


def is_installed() -> bool:
    """Say whether Apprise is there; it comes with the extra ``channels``."""
    return importlib.util.find_spec("apprise") is not None


def robot_url(settings: Mapping[str, str]) -> str:
    """Return Apprise's address of a robot."""
    kind, key, secret = ROBOTS[settings["kind"]], quote(settings.get("key", ""), safe=""), quote(settings.get("secret", ""), safe="")
    if kind.startswith("json"):
        return f"{kind}://{settings.get('address', '')}"
    return f"{kind}://{secret}@{key}" if kind == "dingtalk" and secret else f"{kind}://{key}"


def mail_url(settings: Mapping[str, str], to: str) -> str:
    """Return Apprise's address of a mailbox, by way of the office's own server."""
    asked = {"from": settings["sender"], "to": to, "mode": settings.get("security", SECURITY[0])}
    named = {"user": settings.get("user", ""), "pass": settings.get("secret", "")}
    scheme = "mailto" if asked["mode"] == "insecure" else "mailtos"
    address = f"{settings['host']}:{settings['port']}"
    return f"{scheme}://{address}?{urlencode(asked | {name: word for name, word in named.items() if word}, quote_via=quote)}"


def send(url: str, title: str, text: str) -> Answer:
    """Hand one message over; what was not taken on has a code of ours, for Apprise has none."""
    if not is_installed():
        return Answer(taken=False, code="not installed")
    import apprise

    way = apprise.Apprise()
    if not way.add(url):
        return Answer(taken=False, code="settings")
    taken = bool(way.notify(body=text, title=title))
    return Answer(taken=taken, code="" if taken else "failed")
