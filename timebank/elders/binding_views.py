"""老人, for the office, where families are bound: who asks to belong to whom, binding at the desk, the code on paper, and consents.

The pages stand beside the others of ``views``; they are a file of their own because what binds a family is.
"""

from flask import flash, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.access.masking import mask_name
from timebank.elders import actions, binding, consents, queries
from timebank.elders.models import FamilyClaim, Said
from timebank.elders.schemas import BindForm, ConsentGivenForm, DeclineForm, MatchForm, SaidForm
from timebank.elders.views import blueprint, community_id, elder_or_404
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.outside import outside
from timebank.places import queries as places
from timebank.web import UNPROCESSABLE, Page, found, qr, submitted, voiced

__all__ = ["blueprint"]
CODE = "family_code"
MATCHES = 8


@blueprint.get("/families")
def families() -> str:
    """List who asks to belong to an elder and whom the office has not found yet, and who waits for its word."""
    return _families_page({})


def _families_page(errors: dict[str, str], wrong: int = 0) -> str:
    """Return the list; ``wrong`` is the claim whose form was refused."""
    mine = community_id()
    claims = queries.open_claims(mine)
    words = request.args.get("q", "").strip()
    return render_template(
        "elders/families.html",
        claims=[(each, queries.elders(mine, words or each.name)[:MATCHES]) for each in claims],
        waiting=queries.waiting_families(mine),
        words=words,
        errors=errors,
        wrong=wrong,
        given=request.form,
    )


def _claim(family_claim_id: int) -> FamilyClaim:
    """Return a claim of the reader's community."""
    return found(queries.claim_in(community_id(), family_claim_id))


@blueprint.post("/families/<int:family_claim_id>/match")
def match_family(family_claim_id: int) -> AnyResponse:
    """Say which elder a family means; next the elder is asked."""
    chosen = take(MatchForm(), request.form)["elder"]
    with submitted() as taken:
        elder = elder_or_404(chosen)
        binding.match(_claim(family_claim_id), elder, this_user())
        flash(_("找到了%(name)s。下一步问老人愿不愿意，再批准。", name=elder.name), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder.id) + "#family")


@blueprint.post("/families/<int:family_claim_id>/decline")
def decline_family(family_claim_id: int) -> Page:
    """Say why a family is not bound."""
    try:
        reason = take(DeclineForm(), request.form)["reason"]
        with submitted() as taken:
            binding.decline(_claim(family_claim_id), reason, this_user())
            flash(_("已回绝，家属会看到原因。"), "done")
            return taken.redirect(url_for(".families"))
    except Invalid as error:
        return _families_page(sentences(error), family_claim_id), UNPROCESSABLE


@blueprint.route("/<int:elder_id>/family", methods=["GET", "POST"])
def bind_family(elder_id: int) -> Page:
    """Bind a family at the desk: their number, who they are, and how the elder agreed."""
    if request.method == "GET":
        return _bind_page(elder_id, {})
    try:
        said = take(BindForm(), request.form)
        with submitted() as taken:
            binding.bind_at_desk(elder_or_404(elder_id), said["phone"], said["name"], said["relation"], said["said"], this_user())
            _say_asked()
            return taken.redirect(url_for("people.elder", elder_id=elder_id) + "#family")
    except Invalid as error:
        return _bind_page(elder_id, sentences(error)), UNPROCESSABLE


def _bind_page(elder_id: int, errors: dict[str, str]) -> str:
    """Return the form that binds a family."""
    return render_template("elders/bind.html", elder=elder_or_404(elder_id), given=request.form, errors=errors)


def _say_asked() -> None:
    """Say that a relative waits for a second person, or a day."""
    flash(_("已经提请。第二个人核准，或者 24 小时没有人反对，这位家属就能看到上门安排。"), "done")


@blueprint.post("/<int:elder_id>/family/<int:link_id>/approve")
def approve_family(elder_id: int, link_id: int) -> AnyResponse:
    """Let a relative speak for an elder who has been asked."""
    said: Said | None = take(SaidForm(), request.form)["said"]
    with submitted() as taken:
        if actions.approve_family(found(queries.link_of(elder_or_404(elder_id), link_id)), this_user(), said):
            _say_asked()
        else:
            flash(_("没有改动。"), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder_id) + "#family")


@blueprint.post("/<int:elder_id>/family/<int:link_id>/drop")
def drop_family(elder_id: int, link_id: int) -> AnyResponse:
    """Let a relative speak for an elder no more; each is told."""
    with submitted() as taken:
        binding.end(found(queries.link_of(elder_or_404(elder_id), link_id)), this_user())
        flash(_("已解除，老人和家属会收到消息。"), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder_id) + "#family")


@blueprint.route("/<int:elder_id>/family-code", methods=["GET", "POST"])
def family_code(elder_id: int) -> Page:
    """Make a code for the elder's paper and show it once, to be printed or copied."""
    if request.method == "POST":
        with submitted() as taken:
            elder = elder_or_404(elder_id)
            session[CODE] = [elder.id, binding.make_code(elder, this_user())]
            return taken.redirect(url_for(".family_code", elder_id=elder_id))
    kept = session.pop(CODE, None)
    code = kept[1] if isinstance(kept, list) and kept[0] == elder_id else None
    elder = elder_or_404(elder_id)
    return render_template(
        "elders/family_code.html",
        elder=elder,
        courtesy=voiced((queries.courtesy_name(elder), mask_name(elder.name))),
        code=code,
        qr=qr(outside.address + url_for("family_bind.mine", code=code)) if code and outside.is_known else None,
        station_phone=places.community_seen_by(this_user()).phone,
    )


@blueprint.post("/<int:elder_id>/consent/give")
def give_consent(elder_id: int) -> AnyResponse:
    """Write down a consent that was asked for: whose word, and how it was heard."""
    said = take(ConsentGivenForm(), request.form)
    with submitted() as taken:
        elder = elder_or_404(elder_id)
        consents.give(elder, said["purpose"], said["said"], given_by=said["given_by"], heard_by=this_user().id)
        flash(_("已记下同意。"), "done")
        return taken.redirect(url_for("people.elder", elder_id=elder_id) + "#consents")
