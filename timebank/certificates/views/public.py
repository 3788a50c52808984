"""The public check of a certificate: number and code together or nothing, and never more than what is needed to trust it."""

from flask import render_template, request
from flask_babel import gettext

from timebank.access.clients import measures
from timebank.certificates import checking
from timebank.certificates.checking import Answer
from timebank.certificates.models import Certificate
from timebank.certificates.schemas import ID_TYPES, CheckArgs, MaskedForm, PaperForm
from timebank.certificates.views.shared import blueprint
from timebank.db import transaction
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.papers import seal
from timebank.sentences import Sentence
from timebank.web import UNPROCESSABLE, voiced

NOT_FOUND = 404
PLACES = range(1, seal.LATIN + 1)

Page = str | tuple[str, int]


@blueprint.route("/check", methods=["GET", "POST"])
def check() -> Page:
    """Ask for number, check code and digest, and answer; what a paper says in masked places is sent, so that no address holds a name."""
    if request.method == "POST":
        return _answer_masked()
    asked = args(CheckArgs())
    if not asked["number"] and not asked["code"]:
        return render_template("certificates/check.html", asked=asked, tried=False)
    return _answer(**asked)


@blueprint.get("/check/<number>/<code>")
def check_link(number: str, code: str) -> Page:
    """Answer the QR code of a certificate."""
    return _answer(number, code)


@blueprint.route("/check/paper", methods=["GET", "POST"])
def check_paper() -> Page:
    """Compare what somebody copied from a paper with the register; without a code, only work out its digest. Nothing is kept."""
    if request.method == "GET":
        asked = args(CheckArgs())
        blank = "".join(f"{place}={asked['number'] if place == 1 else ''}\n" for place in PLACES)
        return _paper_page({"lines": blank, "code": asked["code"], "digest": asked["digest"]})
    try:
        asked = take(PaperForm(), request.form)
        return _compare(asked["lines"].splitlines(), asked["code"], asked["digest"])
    except Invalid as error:
        return _paper_page(request.form, sentences(error)), UNPROCESSABLE


def _compare(lines: list[str], code: str, digest: str) -> Page:
    """Say whether copied lines are what the register holds; without a code only what digest they have, which proves nothing."""
    computed = seal.digest(lines)
    if not code:
        return _paper_page(request.form, computed=computed, fits=seal.same(digest, computed) if digest else None)
    number = seal.number_on(lines)
    if not number:
        raise Invalid("抄下的内容里没有编号，没法和登记簿核对。请在“1=”后面写上证明的编号。", fields={"lines": Sentence("第 1 行缺编号")})
    found = _found(number, code)
    if found is None:
        return _paper_page(request.form, computed=computed, unknown=True), NOT_FOUND
    return _paper_page(request.form, computed=computed, answer=checking.compare(found, lines, digest), shown=checking.shown(found))


def _paper_page(entered: object, errors: dict[str, str] | None = None, **said: object) -> str:
    """Return the page that takes a copied paper, with what is said of it."""
    return render_template("certificates/check_paper.html", entered=entered, errors=errors or {}, **said)


def _answer(number: str, code: str, digest: str = "") -> Page:
    """Say what may be known of a certificate, and whether a digest is its own."""
    found = _found(number, code)
    if found is None:
        return _not_found(number, digest)
    return _checked_page(found, digest=digest, to_digest=checking.answer(found, digest) if digest else None)


def _answer_masked() -> Page:
    """Say whether a paper says in the masked places what the register holds."""
    found = _found(request.form.get("number", ""), request.form.get("code", ""))
    if found is None:
        return _not_found(request.form.get("number", ""))
    try:
        asked = take(MaskedForm(), request.form)
    except Invalid as error:
        return _checked_page(found, errors=sentences(error)), UNPROCESSABLE
    return _checked_page(found, to_masked=checking.compare_masked(found, asked))


def _not_found(number: str, digest: str = "") -> Page:
    """Say that there is no such certificate; the same for a wrong number and a wrong code."""
    return render_template("certificates/check.html", asked={"number": number, "digest": digest}, tried=True), NOT_FOUND


def _checked_page(
    found: Certificate,
    *,
    digest: str = "",
    to_digest: Answer | None = None,
    to_masked: Answer | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    """Return the page that shows what the register holds, with what it answers to a digest or to the masked places."""
    return render_template(
        "certificates/checked.html",
        shown=checking.shown(found),
        code=found.check_code,
        entered=request.form,
        digest=digest,
        to_digest=to_digest,
        to_masked=to_masked,
        id_types=[("", gettext("证明上没有")), *((each, voiced(words)) for each, words in ID_TYPES.items())],
        errors=errors or {},
    )


def _found(number: str, code: str) -> Certificate | None:
    """Return the certificate of a number and a code; a wrong try is counted, a right one is answered whoever failed before."""
    found = checking.check(number, code)
    if found is None:
        with transaction():
            for source, times in measures("check"):
                checking.note_wrong_try(source, times)
    return found
