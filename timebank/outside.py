"""The address this service is reached at from outside: whatever is printed or sent carries the setting's, never that of a request.

A request's Host is whatever its sender likes. So the setting ``base_url`` alone says what a QR code leads to and which hosts are
answered; without it nothing that carries an address is issued. The demo needs no setting: it prints where it is served.
"""

from urllib.parse import urlsplit

from timebank.errors import NotAvailable, Refusal

SETTING = "TIMEBANK_BASE_URL"
SAMPLE = "https://time.example.cn"
THIS_MACHINE = ("localhost", "127.0.0.1")  # whoever looks after the machine, and its watchers, come in by these
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never listened on
DEMO = "http://127.0.0.1:5000"


class Outside:
    """Holds the address of the running service; set once by ``create_app``."""

    def __init__(self) -> None:
        """Start without an address."""
        self._set = ""
        self._served = ""

    def use(self, base_url: str, *, demo: bool) -> None:
        """Take the address of the setting; refuse one that does not lead to a page."""
        self._set = _checked(base_url) if base_url.strip() else ""
        self._served = DEMO if demo else ""

    def serve_at(self, host: str, port: int) -> None:
        """Learn where a demo is served; an installation goes by its setting alone."""
        if self._served:
            place = THIS_MACHINE[1] if host in EVERYWHERE else host
            self._served = f"http://[{place}]:{port}" if ":" in place else f"http://{place}:{port}"

    @property
    def is_known(self) -> bool:
        """Whether there is an address to print."""
        return bool(self._set or self._served)

    @property
    def address(self) -> str:
        """The address to print, without a slash at its end; refused while nobody has set one."""
        self.must_be_known()
        return self._set or self._served

    def must_be_known(self) -> None:
        """Refuse to issue what carries an address while nobody has set one."""
        if not self.is_known:
            raise NotAvailable(
                "还没有设置本系统对外的网址，印出来的证明没有地方可查，所以不开具。请管理员设好 %(setting)s（比如 %(sample)s），重启后再来。",
                setting=SETTING,
                sample=SAMPLE,
            )

    @property
    def hosts(self) -> list[str] | None:
        """The hosts that are answered: that of the setting and this machine itself; without a setting, every one."""
        return [urlsplit(self._set).hostname or "", *THIS_MACHINE] if self._set else None


def _checked(base_url: str) -> str:
    """Return an address as it is printed; it has a scheme and a host, perhaps a port, and nothing behind them."""
    found = base_url.strip().rstrip("/")
    try:
        parts = urlsplit(found)
        fits = parts.scheme in {"http", "https"} and parts.hostname and f"{parts.scheme}://{parts.netloc}" == found
        fits = fits and not parts.username and (parts.port or 1) > 0 and not any(sign.isspace() for sign in found)
    except ValueError:
        fits = False
    if not fits:
        raise Refusal("设置 %(setting)s 要写成网址，只到主机名（和端口），比如 %(sample)s。", setting=SETTING, sample=SAMPLE)
    return found


outside = Outside()
