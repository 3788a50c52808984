"""What the pages of reports share: the blueprint."""

from flask import Blueprint

blueprint = Blueprint("reports", __name__)
