"""The gate before the service begins: what would let strangers in, or lose what people write, is refused with the way out.

Refused are a key that others know, a demo that strangers can reach (it shows sign-in codes), sign-in cookies that travel without
TLS beyond this machine, a database elsewhere that is spoken to openly, and a port that somebody else has: then people would open
another service by our address.
"""

import contextlib
import ipaddress
import socket

from sqlalchemy.engine import make_url

from timebank.config import Settings
from timebank.errors import Refusal

FEWEST_SIGNS = 10
"""A key with fewer different signs is a word somebody typed, not one that was drawn."""
KNOWN = ("change", "secret", "example", "timebank", "password", "0123456789", "please", "default", "insecure")
"""Words that stand in the samples of handbooks, ours included."""
DRAW_ONE = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"


def refuse_known_key(name: str, key: str) -> None:
    """Refuse a key that stands in a handbook or was typed by hand."""
    plain = key.lower()
    if key and (len(set(key)) < FEWEST_SIGNS or any(word in plain for word in KNOWN)):
        raise Refusal(
            "TIMEBANK_%(name)s 是一串别人也知道的字，不能用。钥匙要随机生成、只有本机知道：%(draw)s", name=name.upper(), draw=DRAW_ONE
        )


def refuse_open_demo(host: str, *, agreed: bool) -> None:
    """Refuse to show the demo beyond this machine unless somebody said that strangers may come in."""
    if not agreed and not is_this_machine(host):
        raise Refusal(
            "演示会显示登录码，谁连得上 %(host)s 谁就能登录成任何人，所以只给本机看。确实要给别的机器看（数据是编的），加 --for-strangers。",
            host=host,
        )


def refuse_open_cookies(settings: Settings, host: str) -> None:
    """Refuse to serve beyond this machine while sign-in cookies may travel without TLS."""
    if settings.https or settings.plain_http:
        return
    if settings.base_url.strip().lower().startswith("https://"):
        raise Refusal("TIMEBANK_BASE_URL 是 https，可登录用的 cookie 还允许不加密传送。请设 TIMEBANK_HTTPS=1。")
    if not is_this_machine(host):
        raise Refusal(
            "在 %(host)s 上不加密地提供服务，别人能截到登录。请放在带 TLS 的反向代理后面（--host 127.0.0.1、TIMEBANK_HTTPS=1）；只在封闭的内网里用，设 TIMEBANK_PLAIN_HTTP=1。",
            host=host,
        )


def refuse_open_database(settings: Settings) -> None:
    """Refuse a database or a queue on another machine that is spoken to without TLS, or with whoever answers by its name."""
    if settings.plain_http:
        return
    for name, said in (("database_url", settings.database_url), ("jobs_url", settings.jobs_url)):
        if _goes_openly(said):
            raise Refusal(
                "TIMEBANK_%(upper)s 连的是别的机器，却不加密、不核对证书，路上谁都能读到。请在地址后面加 ?sslmode=verify-full&sslrootcert=证书文件（Redis 用 rediss://）；只在封闭的内网里用，设 TIMEBANK_PLAIN_HTTP=1。",
                upper=name.upper(),
            )


def _goes_openly(said: str) -> bool:
    """Say whether an address leads to another machine without TLS and a checked certificate."""
    if not said:
        return False
    where = make_url(said)
    hosts = where.query.get("host", where.host or "")
    near = all(each.startswith("/") or is_this_machine(each) for each in ([hosts] if isinstance(hosts, str) else hosts) if each)
    if near or where.drivername.startswith("sqlite"):
        return False
    return where.drivername != "rediss" and where.query.get("sslmode") != "verify-full"


def refuse_busy(host: str, port: int) -> None:
    """Refuse a port that somebody else serves at."""
    with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(
                "%(host)s:%(port)s 用不了（%(strerror)s）。请停掉占用它的程序，或用 --port 换一个，并同时改反向代理和 TIMEBANK_BASE_URL。",
                host=host,
                port=port,
                strerror=error.strerror,
            ) from error


def is_this_machine(host: str) -> bool:
    """Say whether an address to listen on is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
