"""What the pages of import and export share: the blueprint, and a file as an answer."""

from io import BytesIO

from flask import Blueprint, send_file
from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("exchange", __name__, url_prefix="/import")
ZIP = "application/zip"


def as_file(content: bytes, name: str, mimetype: str) -> AnyResponse:
    """Return a file to save, under a name without a person in it."""
    return send_file(BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name)
