"""What the pages of stars share: the blueprint."""

from flask import Blueprint

blueprint = Blueprint("stars", __name__)
