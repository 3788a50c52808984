"""What the pages of certificates share: the blueprint, and a certificate as an answer."""

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from timebank.certificates.models import Certificate
from timebank.certificates.printing import print_certificate
from timebank.outside import outside
from timebank.papers.answers import as_pdf, speaks
from timebank.web import settings

blueprint = Blueprint("certificates", __name__)


def certificate_pdf(certificate: Certificate) -> AnyResponse:
    """Answer with a certificate of the register."""
    made = print_certificate(certificate, outside.address, language=speaks(), font_dir=settings().font_dir)
    return as_pdf(made, f"{certificate.number}.pdf")
