"""Certificates of the register as papers in bytes, while they hold and are whole."""

from collections.abc import Sequence
from datetime import date

from timebank import clock
from timebank.certificates.actions import is_whole
from timebank.certificates.models import Certificate
from timebank.errors import Conflict
from timebank.papers import pdf
from timebank.papers.facts import CertificatePaper, Issuer, KindTotal, Language

CHECK = "/check"


def print_certificate(certificate: Certificate, base_url: str, *, language: Language, font_dir: str = "") -> bytes:
    """Print a certificate of the register while it holds and still says what was sealed when it was issued."""
    return print_certificates([certificate], base_url, language=language, font_dir=font_dir)


def print_certificates(certificates: Sequence[Certificate], base_url: str, *, language: Language, font_dir: str = "") -> bytes:
    """Print certificates of the register as one file, while each holds and says what was sealed when it was issued."""
    for each in certificates:
        _must_be_printable(each)
    papers = [certificate_paper(each, base_url) for each in certificates]
    return pdf.certificates(papers, language=language, font_dir=font_dir)


def _must_be_printable(certificate: Certificate) -> None:
    """Refuse to print what holds no more, or was changed in the register."""
    if not certificate.is_valid:
        raise Conflict("这份证明已经失效，不能再打印。请开具新的。")
    if not is_whole(certificate):
        raise Conflict("登记簿里的内容和出具时的指纹不一致，不能打印。请联系管理员核对。")


def certificate_paper(certificate: Certificate, base_url: str) -> CertificatePaper:
    """Return a certificate as its paper; ``base_url`` is where the check page is reached from outside."""
    said, base = certificate.content, base_url.rstrip("/") + CHECK
    return CertificatePaper(
        number=certificate.number,
        check_code=certificate.check_code,
        check_url=f"{base}/{certificate.number}/{certificate.check_code}",
        check_page=base.split("://", 1)[-1],
        issued_on=date.fromisoformat(said["issued_on"]),
        volunteer_name=said["volunteer_name"],
        volunteer_no=said["volunteer_no"],
        period_from=certificate.period_from,
        period_to=certificate.period_to,
        total_minutes=said["total_minutes"],
        visit_count=said["visit_count"],
        by_kind=tuple(KindTotal(**kind) for kind in said["by_kind"]),
        issuer=Issuer(**{name: said[name] for name in ("unit", "unit_code", "responsible", "handler", "phone")}),
        content_sha256=certificate.content_sha256,
        id_type=said["id_type"],
        id_last4=said["id_last4"],
        entered_minutes=said.get("entered_minutes"),
        name_latin=said.get("name_latin", ""),
        national_no=certificate.national_no,
        reported=certificate.reported_at is not None,
        seal_required=said["seal_required"],
        remarks=said["remarks"],
        demo=clock.clock.is_demo,
        older_minutes=said.get("older_minutes", 0),
        older_systems=said.get("older_systems", ""),
    )
