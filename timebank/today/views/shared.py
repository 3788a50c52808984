"""What the pages of today share: the blueprint."""

from flask import Blueprint

blueprint = Blueprint("today", __name__)
