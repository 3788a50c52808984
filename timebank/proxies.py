"""Who is behind a reverse proxy: the address a request came from, believed only as far as the office's own proxies say it.

A proxy writes the address it was asked from behind what stands in ``X-Forwarded-For`` already; whatever stands there before is the
sender's own word. So the line is read from its end, past the proxies of the setting ``trusted_proxies``, and the first other
address is whoever asks. Without the setting nothing is believed: everybody is who the connection is from.
"""

import ipaddress
import logging
from collections.abc import Callable, Iterable
from typing import Any

from timebank.errors import Refusal

SCHEMES = ("http", "https")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

log = logging.getLogger(__name__)


class Proxies:
    """Holds the office's own proxies; set once by ``create_app``."""

    def __init__(self) -> None:
        """Start without any."""
        self._own: tuple[Network, ...] = ()
        self._told = False

    def use(self, setting: str) -> None:
        """Take the addresses and networks of the setting, separated by commas."""
        try:
            self._own = tuple(ipaddress.ip_network(each.strip(), strict=False) for each in setting.split(",") if each.strip())
        except ValueError as error:
            raise Refusal("设置 TIMEBANK_TRUSTED_PROXIES 要写反向代理的地址，用逗号隔开，比如 127.0.0.1, 10.0.0.0/8。") from error

    @property
    def are_known(self) -> bool:
        """Whether there are any."""
        return bool(self._own)

    def client(self, peer: str, forwarded: str) -> str:
        """Return who asks: the last address of the line that is none of our proxies', if the connection is from one of them."""
        found = peer
        for each in reversed(forwarded.split(",")):
            if not self._is_own(found):
                break
            if not _address(each.strip()):
                break
            found = each.strip()
        return found

    def scheme(self, peer: str, said: str, otherwise: str) -> str:
        """Return by which scheme the proxy was asked; of anybody else nothing is believed."""
        word = said.rsplit(",", maxsplit=1)[-1].strip().lower()
        return word if word in SCHEMES and self._is_own(peer) else otherwise

    def warn(self, forwarded: str) -> None:
        """Say once in the log that a proxy is there which nobody told us of: everybody behind it counts as one."""
        if forwarded and not self._own and not self._told:
            self._told = True
            log.warning("requests come through a proxy: set TIMEBANK_TRUSTED_PROXIES to its address, or everybody behind it counts as one")

    def _is_own(self, peer: str) -> bool:
        """Say whether an address is that of a proxy of ours."""
        address = _address(peer)
        return address is not None and any(address in network for network in self._own)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address as it was written down, one of the old kind inside a new one as the old one."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


proxies = Proxies()


class BehindProxies:
    """A WSGI application that is told who really asks, and by which scheme."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        """Stand before an application."""
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Correct a request's address and scheme, and pass it on."""
        peer, forwarded = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", "")
        proxies.warn(forwarded)
        environ["REMOTE_ADDR"] = proxies.client(peer, forwarded)
        environ["wsgi.url_scheme"] = proxies.scheme(peer, environ.get("HTTP_X_FORWARDED_PROTO", ""), environ["wsgi.url_scheme"])
        return self._app(environ, start_response)
