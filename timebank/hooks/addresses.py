"""Which addresses may be called: public ones over TLS; those of the office's own network only where a setting allows it.

A name is looked up anew for every call, and the call goes to the very address that was judged: a name that leads elsewhere a moment
later leads nowhere.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from timebank.config import Settings
from timebank.errors import Invalid
from timebank.sentences import Sentence

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: the host as it is named, the very address, the port, the path, and whether by TLS."""

    host: str
    address: str
    port: int
    path: str
    tls: bool


class NotPublic(Invalid):
    """An address that leads into a private network."""


class NotListed(Invalid):
    """An address at a host that is none of those the settings name."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the settings say of where calls may go: whether inside, and to which hosts; to any where none is named."""

    private: bool = False
    hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Bounds":
        """Return the bounds of the running service."""
        return cls(settings.hooks_private, frozenset(each.strip().lower() for each in settings.hooks_hosts.split(",") if each.strip()))


def target_of(url: str, bounds: Bounds) -> Target:
    """Return where a call to an address goes; refuse one that is none, is not safe, is not among the hosts, or leads inside."""
    private = bounds.private
    parts = _parts(url, private=private)
    port = parts[1]
    if bounds.hosts and parts[0] not in bounds.hosts:
        raise NotListed(
            "管理员只许往几台主机外呼，这个地址不在里面。请换一个，或请管理员把它加进 TIMEBANK_HOOKS_HOSTS。",
            fields={"url": Sentence("不在许可的主机里")},
        )
    found = _looked_up(parts[0], port)
    if not private and not all(ipaddress.ip_address(each).is_global for each in found):
        raise NotPublic(
            "这个地址在内网里，不能往那里发。请换一个公网的 https 地址；确实要发到内网，请管理员设好 TIMEBANK_HOOKS_PRIVATE。",
            fields={"url": Sentence("内网地址")},
        )
    return Target(parts[0], found[0], port, parts[2], tls=parts[3])


def _parts(url: str, *, private: bool) -> tuple[str, int, str, bool]:
    """Return host, port, path and whether it is TLS; plain HTTP only where the inside is allowed."""
    schemes = {"https", "http"} if private else {"https"}
    try:
        parts = urlsplit(url)
        host, tls = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        fits = parts.scheme in schemes and host and not parts.username and not parts.password and url.isascii()
        fits = fits and len(url) <= LONGEST and not any(sign.isspace() or sign < " " for sign in url)
    except ValueError:
        fits = False
    if not fits:
        raise Invalid("回调地址要是 https 开头的网址，不带用户名和密码。请核对。", fields={"url": Sentence("网址不对")})
    return host, port, f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", tls


def _looked_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Invalid("找不到这个地址的主机。请核对网址。", fields={"url": Sentence("找不到主机")}) from error
    return list(dict.fromkeys(str(row[4][0]).split("%", 1)[0] for row in rows))
