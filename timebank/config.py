"""Every setting on one line: name, environment variable ``TIMEBANK_<NAME>``, type, default, meaning."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from timebank.errors import Refusal

MIN_SECRET = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one running service."""

    instance: str = field(default="instance", metadata={"help": "folder of the database, the queue and the keys"})
    database_url: str = field(default="", metadata={"help": "SQLAlchemy URL; empty = SQLite in the instance folder"})
    jobs_url: str = field(
        default="", metadata={"help": "job queue; empty = SQLite file in the instance folder, else postgresql+psycopg:// or redis://"}
    )
    secret_key: str = field(default="", metadata={"help": "signs cookies; empty = made once and kept in the instance folder"})
    data_key: str = field(default="", metadata={"help": "encrypts care notes and doors; empty = derived from secret_key"})
    old_keys: str = field(default="", metadata={"help": "earlier keys, with commas: they open what was sealed with them"})
    product_name: str = field(default="时间银行", metadata={"help": "name shown on pages, after the community's name"})
    locale: str = field(default="zh", metadata={"help": "zh or en: language of a first visit"})
    https: bool = field(default=False, metadata={"help": "cookies only over HTTPS; set it behind TLS"})
    second_factor: bool = field(
        default=False, metadata={"help": "administrators and coordinators sign in with a second step: a code of an app"}
    )
    demo: bool = field(default=False, metadata={"help": "shows sign-in codes and one-click links; never in real use"})
    demo_clock: str = field(default="", metadata={"help": "ISO instant the demo's clock starts at"})
    geocoder: str = field(
        default="", metadata={"help": "map service asked where a building is: amap, baidu, nominatim; empty = nobody is asked"}
    )
    geocoder_key: str = field(default="", metadata={"help": "the key that service gave"})
    geocoder_url: str = field(default="", metadata={"help": "the service's address, such as http://10.0.0.8; empty = its own"})
    tiles_url: str = field(default="", metadata={"help": "map tiles template; empty = maps are drawn without tiles"})
    roads_url: str = field(
        default="",
        metadata={
            "help": "an OSRM for minutes by road, such as http://10.0.0.8/{mode} ({mode} becomes foot or bike); empty = straight lines"
        },
    )
    solve_seconds: int = field(default=15, metadata={"help": "time given to the engine for a week"})
    backup_folder: str = field(default="", metadata={"help": "folder for a backup every night by the service itself; empty = none"})
    backups_kept: int = field(default=30, metadata={"help": "so many of these backups are kept"})
    workers: int = field(default=2, metadata={"help": "job threads inside the service; 0 = only `timebank worker` answers"})
    api_per_minute: int = field(default=600, metadata={"help": "calls that one token of the API may make in a minute"})
    hooks_private: bool = field(default=False, metadata={"help": "webhooks may call addresses of the office's own network, over HTTP too"})
    hooks_hosts: str = field(
        default="", metadata={"help": "hosts that webhooks may call, with commas: 10.0.0.8, it.example.cn; empty = any"}
    )
    log: str = field(default="words", metadata={"help": "words or json: what is written to stderr; as JSON each request has a line"})
    metrics_token: str = field(default="", metadata={"help": "whoever brings it reads /metrics; empty = nothing is counted"})
    font_dir: str = field(default="", metadata={"help": "folder of fonts for PDF; empty = the packaged ones"})
    trusted_proxies: str = field(default="", metadata={"help": "reverse proxies whose word on who asks is believed: 127.0.0.1, 10.0.0.0/8"})
    plain_http: bool = field(default=False, metadata={"help": "serve beyond this machine without TLS, in a closed network only"})
    base_url: str = field(default="", metadata={"help": "address people open, printed on papers; empty = no certificates"})

    @property
    def instance_path(self) -> Path:
        """The instance folder as an absolute path."""
        return Path(self.instance).resolve()

    @property
    def database(self) -> str:
        """The database URL, the embedded SQLite file when none is set."""
        return self.database_url or f"sqlite:///{self.instance_path / 'timebank.db'}"

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **given: object) -> "Settings":
        """Read the environment and a ``.env`` file in the working folder; arguments win over both."""
        found = {**_dotenv(Path(".env")), **(os.environ if environ is None else environ)}
        values: dict[str, object] = {}
        for each in fields(cls):
            raw = found.get(f"TIMEBANK_{each.name.upper()}")
            if raw is not None:
                values[each.name] = _coerce(each.name, raw, type(each.default))
        return cls(**{**values, **given})  # type: ignore[arg-type]


def _coerce(name: str, raw: str, kind: type) -> object:
    """Turn a variable's text into the setting's type."""
    if kind is bool:
        return raw.strip().lower() in {"1", "true", "yes", "on"}
    if kind is int:
        if not raw.strip().isdecimal():
            raise Refusal("设置 TIMEBANK_%(upper)s 要填整数。", upper=name.upper())
        return int(raw)
    return raw


def _dotenv(path: Path) -> dict[str, str]:
    """Return the NAME=value lines of a file, nothing when there is none."""
    if not path.is_file():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip('"') for name, value in pairs}
