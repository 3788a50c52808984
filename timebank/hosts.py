"""Which names this service answers to: once ``base_url`` is set, a request with another Host is refused before anything is done for it."""

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import SecurityError

from timebank.outside import outside
from timebank.sentences import Sentence
from timebank.web import problem, wants_json

BAD_REQUEST = 400


def init_app(app: Flask) -> None:
    """Let an app answer to its own names only; comes before every other rule of a request."""
    app.config["TRUSTED_HOSTS"] = outside.hosts
    app.before_request(refuse_others)
    app.register_error_handler(SecurityError, show_refusal)


def refuse_others() -> None:
    """Refuse what came in by another name; without this the reader would be looked up first."""
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception


def show_refusal(_error: SecurityError) -> Response:
    """Say where this service is; under another name nothing of ours can be linked to, and no reader has a language there."""
    zh, en = words = Sentence("这个网址不是本系统的。请从 %(address)s 进来。", address=outside.address)
    if wants_json():
        return problem(BAD_REQUEST, words)
    page = current_app.jinja_env.get_template("other_host.html").render(zh=zh, en=en, address=outside.address)
    return Response(page, BAD_REQUEST, content_type="text/html; charset=utf-8")
