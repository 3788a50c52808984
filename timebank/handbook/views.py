"""The page of the handbook, for administrators."""

from flask import Blueprint, render_template

from timebank.handbook import text
from timebank.handbook.safety import SAFETY
from timebank.handbook.settings import told
from timebank.handbook.trouble import TROUBLES

blueprint = Blueprint("handbook", __name__, url_prefix="/handbook")
CHAPTERS = (text.INSTALL, text.FIRST_DAY, text.BACKUP, text.UPGRADE, text.KEYS, text.POSTGRESQL, text.SEVERAL, text.WATCH, *SAFETY)


@blueprint.get("/")
def index() -> str:
    """Show the whole handbook."""
    return render_template("handbook/index.html", chapters=CHAPTERS, troubles=TROUBLES, settings=told())
