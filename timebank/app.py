"""``create_app``: the only place that knows all rooms."""

import hashlib
import secrets
from pathlib import Path

from flask import Blueprint, Flask, appcontext_popped, appcontext_pushed, send_from_directory
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Serializer, Signer
from sqlalchemy.engine import make_url
from werkzeug.wrappers import Response

from timebank import (
    clock,
    collecting,
    filters,
    gate,
    health,
    hosts,
    jobs,
    logs,
    metrics,
    navigation,
    packing,
    queue,
    sealed,
    seals,
    sentences,
    web,
)
from timebank.access import guards, refused, second_views, token_views
from timebank.access import views as access_views
from timebank.api import forms as api_forms
from timebank.api import spec as api
from timebank.api import views as api_views
from timebank.books import views as books_views
from timebank.cases import models as cases_models
from timebank.cases import views as cases_views
from timebank.certificates import views as certificates_views
from timebank.config import MIN_SECRET, Settings
from timebank.credit import views as credit_views
from timebank.db import after_commit, db, let_go, pooled_options
from timebank.desk import views as desk_views
from timebank.doubles import models as doubles_models
from timebank.doubles import views as doubles_views
from timebank.errors import Refusal
from timebank.exchange import views as exchange_views
from timebank.family import views as family_views
from timebank.feeds import views as feeds_views
from timebank.handbook import views as handbook_views
from timebank.lending import views as lending_views
from timebank.notices import channels
from timebank.notices import views as notices_views
from timebank.office import models as office_models
from timebank.office import views as office_views
from timebank.outside import outside
from timebank.oversight import views as oversight_views
from timebank.papers import answers
from timebank.paths import PACKAGE, find
from timebank.phone import views as phone_views
from timebank.places import asking
from timebank.planning import models as planning_models
from timebank.planning import views as planning_views
from timebank.planning.views import lunch
from timebank.planning.views import swaps as swaps_views
from timebank.posts import models as posts_models
from timebank.posts import views as posts_views
from timebank.proposals import views as proposals_views
from timebank.proxies import BehindProxies, proxies
from timebank.records import models as records_models
from timebank.records import views as records_views
from timebank.reports import views as reports_views
from timebank.schema import is_current
from timebank.service import Service
from timebank.stars import views as stars_views
from timebank.stations import models as stations_models
from timebank.stations import views as stations_views
from timebank.streets import views as streets_views
from timebank.today import views as today_views

MODELS = (
    doubles_models,
    planning_models,
    posts_models,
    records_models,
    stations_models,
    cases_models,
    office_models,
)  # each imports the tables it stands on
MAX_UPLOAD = 8 * 1024 * 1024


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    """Build the service from its settings."""
    settings = settings or Settings.load()
    app = Service("timebank", static_folder=str(PACKAGE / "static"), template_folder=str(find("templates")))
    app.testing = testing
    app.wsgi_app = BehindProxies(app.wsgi_app)  # type: ignore[method-assign]
    configure(app, settings)
    appcontext_pushed.connect(_rest, app)
    appcontext_popped.connect(_go_on, app)
    db.init_app(app)
    app.teardown_appcontext(let_go)
    logs.init_app(app)
    metrics.init_app(app, settings)
    hosts.init_app(app)
    packing.init_app(app)
    web.init_app(app)
    guards.init_app(app)
    refused.init_app(app)
    filters.register(app)
    answers.register(app)
    navigation.init_app(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    api_forms.init_app(app)
    app.add_url_rule("/vendor/<path:filename>", "vendor", _vendor)
    begin(app, settings)
    return app


def begin(app: Flask, settings: Settings) -> None:
    """Make an app the one of its process that answers jobs and sends messages."""
    queue.jobs.later = after_commit
    queue.jobs.open(settings.jobs_url, settings.instance_path, immediate=app.testing)
    jobs.register(app)
    channels.carriers.messages = channels.Terminal() if settings.demo else channels.Outbox()


def ready_app() -> Flask:
    """Return the service on a database that is up to date."""
    app = create_app()
    with app.app_context():
        if not is_current():
            raise Refusal("数据库还没有建好，请先运行 timebank init。")
    return app


def _rest(_app: Flask, **_more: object) -> None:
    """Let the collector of garbage rest while the service is at work."""
    collecting.begin()


def _go_on(_app: Flask, **_more: object) -> None:
    """Let it catch up."""
    collecting.end()


def blueprints() -> list[Blueprint]:
    """Return the pages of every room."""
    return [
        access_views.blueprint,
        notices_views.blueprint,
        planning_views.blueprint,
        books_views.blueprint,
        certificates_views.blueprint,
        reports_views.blueprint,
        stars_views.blueprint,
        today_views.blueprint,
        lending_views.blueprint,
        doubles_views.blueprint,
        streets_views.blueprint,
        records_views.blueprint,
        cases_views.blueprint,
        proposals_views.blueprint,
        oversight_views.blueprint,
        stations_views.blueprint,
        posts_views.office.blueprint,
        posts_views.phone.blueprint,
        *desk_views.BLUEPRINTS,
        *phone_views.BLUEPRINTS,
        *family_views.BLUEPRINTS,
        lunch.blueprint,
        swaps_views.blueprint,
        credit_views.blueprint,
        exchange_views.blueprint,
        office_views.blueprint,
        navigation.blueprint,
        health.blueprint,
        metrics.blueprint,
        handbook_views.blueprint,
        token_views.blueprint,
        second_views.blueprint,
        feeds_views.blueprint,
        api.blueprint,
        *api_views.every(),
    ]


class _Cookies(SecureCookieSessionInterface):
    """Signs the cookie of a browser with SHA-256."""

    digest_method = staticmethod(hashlib.sha256)


def _sign_with_sha256(app: Flask) -> None:
    """Let whatever is signed be signed with SHA-256; cookies and cards of earlier versions, signed with SHA-1, are still read."""
    Signer.default_digest_method = staticmethod(hashlib.sha256)
    Serializer.default_fallback_signers = [{"digest_method": hashlib.sha1}]
    app.session_interface = _Cookies()


def configure(app: Flask, settings: Settings) -> None:
    """Set Flask's own settings from ours, and what stands once in a process: the seal, the clock of a demo, the address."""
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    app.extensions["timebank"] = settings
    kept = [settings.secret_key] if settings.secret_key else kept_secrets(settings.instance_path / "secret.key")
    secret, *before = kept
    if len(secret) < MIN_SECRET:
        raise Refusal("TIMEBANK_SECRET_KEY 太短，至少 %(min_secret)s 个字符。", min_secret=MIN_SECRET)
    for name in ("secret_key", "data_key", "metrics_token"):
        gate.refuse_known_key(name, getattr(settings, name))
    older = [each.strip() for each in settings.old_keys.split(",") if each.strip()]
    sealed.sealer.use(settings.data_key or secret, *([] if settings.data_key else before), *older)
    seals.head.keep_in(settings.instance_path, settings.database)
    if settings.demo_clock:
        clock.clock.start_at(clock.parse_instant(settings.demo_clock))
    asking.can_ask(settings)
    outside.use(settings.base_url, demo=settings.demo)
    proxies.use(settings.trusted_proxies)
    options = pooled_options(settings.database)
    _sign_with_sha256(app)
    app.config.update(
        SECRET_KEY=secret,
        SECRET_KEY_FALLBACKS=before,
        SQLALCHEMY_DATABASE_URI=make_url(settings.database),
        SQLALCHEMY_ENGINE_OPTIONS=options,
        SESSION_COOKIE_NAME="__Host-timebank" if settings.https else "timebank",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=settings.https,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_TRANSLATION_DIRECTORIES=str(sentences.FOLDER),
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def kept_secrets(file: Path) -> list[str]:
    """Return the secrets kept in the instance folder, the newest first; the first one is made on the first start."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _vendor(filename: str) -> Response:
    """Serve a file fetched at install."""
    return send_from_directory(PACKAGE / "vendor", filename)
