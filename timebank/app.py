"""``create_app``: the only place that knows all rooms."""

import secrets
from pathlib import Path

from flask import Blueprint, Flask, appcontext_popped, appcontext_pushed, send_from_directory
from sqlalchemy.engine import make_url
from werkzeug.wrappers import Response

from timebank import clock, collecting, health, hosts, jobs, navigation, queue, sealed, web
from timebank.access import guards
from timebank.access import views as access_views
from timebank.cases import models as cases_models
from timebank.cases import views as cases_views
from timebank.config import MIN_SECRET, Settings
from timebank.credit import views as credit_views
from timebank.db import after_commit, db, pooled_options
from timebank.errors import Refusal
from timebank.exchange import views as exchange_views
from timebank.lending import views as lending_views
from timebank.notices import channels
from timebank.notices import views as notices_views
from timebank.outside import outside
from timebank.oversight import views as oversight_views
from timebank.paths import PACKAGE, find
from timebank.planning import models as planning_models
from timebank.planning import views as planning_views
from timebank.posts import models as posts_models
from timebank.posts import views as posts_views
from timebank.proposals import views as proposals_views
from timebank.recognition import models as recognition_models
from timebank.recognition import views as recognition_views
from timebank.records import models as records_models
from timebank.records import views as records_views
from timebank.service import Service
from timebank.stations import models as stations_models
from timebank.stations import views as stations_views
from timebank.streets import views as streets_views
from timebank.visits.views import (
    account,
    away,
    duties,
    duty_desk,
    elder_desk,
    family,
    late_meals,
    need_desk,
    own_time,
    people,
    phone,
    shopping,
    volunteer_desk,
)

MODELS = (
    planning_models,
    posts_models,
    records_models,
    recognition_models,
    stations_models,
    cases_models,
)  # each imports the tables it stands on
MAX_UPLOAD = 8 * 1024 * 1024


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    """Build the service from its settings."""
    settings = settings or Settings.load()
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    app = Service("timebank", static_folder=str(PACKAGE / "static"), template_folder=str(find("templates")))
    app.testing = testing
    app.extensions["timebank"] = settings
    _configure(app, settings)
    appcontext_pushed.connect(_rest, app)
    appcontext_popped.connect(_go_on, app)
    db.init_app(app)
    hosts.init_app(app)
    web.init_app(app)
    guards.init_app(app)
    navigation.init_app(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    app.add_url_rule("/vendor/<path:filename>", "vendor", _vendor)
    queue.jobs.later = after_commit
    queue.jobs.open(settings.jobs_url, settings.instance_path, immediate=testing)
    jobs.register(app)
    channels.carriers.messages = channels.Terminal() if settings.demo else channels.Outbox()
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
        recognition_views.blueprint,
        lending_views.blueprint,
        streets_views.blueprint,
        records_views.blueprint,
        cases_views.blueprint,
        proposals_views.blueprint,
        oversight_views.blueprint,
        stations_views.blueprint,
        phone.blueprint,
        posts_views.office.blueprint,
        posts_views.phone.blueprint,
        duties.blueprint,
        duty_desk.blueprint,
        own_time.blueprint,
        family.blueprint,
        away.blueprint,
        account.blueprint,
        credit_views.blueprint,
        exchange_views.blueprint,
        need_desk.blueprint,
        late_meals.blueprint,
        shopping.blueprint,
        people.blueprint,
        elder_desk.blueprint,
        volunteer_desk.blueprint,
        navigation.blueprint,
        health.blueprint,
    ]


def _configure(app: Flask, settings: Settings) -> None:
    """Set Flask's own settings from ours."""
    secret = settings.secret_key or _kept_secret(settings.instance_path / "secret.key")
    if len(secret) < MIN_SECRET:
        raise Refusal(
            f"TIMEBANK_SECRET_KEY 太短，至少 {MIN_SECRET} 个字符。",
            f"TIMEBANK_SECRET_KEY is too short: use at least {MIN_SECRET} characters.",
        )
    sealed.sealer.use(settings.data_key or secret)
    if settings.demo_clock:
        clock.clock.start_at(clock.parse_instant(settings.demo_clock))
    outside.use(settings.base_url, demo=settings.demo)
    options = pooled_options(settings.database)
    app.config.update(
        SECRET_KEY=secret,
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
        BABEL_TRANSLATION_DIRECTORIES=str(PACKAGE / "translations"),
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _kept_secret(file: Path) -> str:
    """Return the secret kept in the instance folder, made on the first start."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()


def _vendor(filename: str) -> Response:
    """Serve a file fetched at install."""
    return send_from_directory(PACKAGE / "vendor", filename)
