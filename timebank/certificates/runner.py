"""The job that makes a batch of certificates: a few are issued, printed outside the write unit, and kept; then the next."""

from timebank.certificates import batches
from timebank.certificates.models import Certificate, CertificateBatch
from timebank.certificates.printing import print_certificate
from timebank.db import db, transaction
from timebank.errors import Refusal
from timebank.papers.facts import Language
from timebank.web import settings

AT_A_TIME = 20


def run(batch_id: int) -> None:
    """Make what is left of a batch."""
    while _make_some(batch_id):
        pass


def _make_some(batch_id: int) -> bool:
    """Issue and print the next few certificates; say whether any was finished, so that a stuck batch ends instead of turning round."""
    with transaction():
        batch = db.session.get_one(CertificateBatch, batch_id)
        lines = batches.issue_next(batch, AT_A_TIME)
        issued = {line.id: line.certificate_id for line in lines if line.certificate_id is not None and line.done_at is None}
        base_url, language = batch.base_url, batch.language
        finished = bool(issued) or any(line.done_at is not None for line in lines)
    printed = {line_id: _print(certificate_id, base_url, "en" if language == "en" else "zh") for line_id, certificate_id in issued.items()}
    with transaction():
        for line_id, paper in printed.items():
            if isinstance(paper, Refusal):
                batches.refuse(line_id, paper)
            else:
                batches.keep_paper(line_id, paper)
    return finished


def _print(certificate_id: int, base_url: str, language: Language) -> bytes | Refusal:
    """Print one certificate, or return why it cannot be printed."""
    certificate = db.session.get_one(Certificate, certificate_id)
    try:
        return print_certificate(certificate, base_url, language=language, font_dir=settings().font_dir)
    except Refusal as refusal:
        return refusal
