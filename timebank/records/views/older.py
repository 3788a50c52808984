"""Pages of what an older system recorded: the batches, and one of them to be accepted or refused by a second person."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.access.models import User
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.places.tenancy import community_seen_by
from timebank.proposals import elsewhere
from timebank.proposals.elsewhere import Elsewhere
from timebank.records import older
from timebank.records.actions import older as verbs
from timebank.records.schemas import AcceptOlderForm, RefuseOlderForm
from timebank.records.views.shared import blueprint
from timebank.sentences import Sentence
from timebank.web import UNPROCESSABLE, found, submitted

SHOWN = 200


@blueprint.get("/older")
def older_list() -> str:
    """Show every batch with how much is in it."""
    community = community_seen_by(this_user())
    return render_template("records/older_list.html", batches=older.batches(community.id), sizes=older.sizes(community))


@blueprint.get("/older/<int:older_id>")
def older_batch(older_id: int) -> str:
    """Show one batch."""
    return _page(older_id, {})


def _page(older_id: int, errors: dict[str, str]) -> str:
    """Return the page of a batch."""
    batch = found(older.batch_in(community_seen_by(this_user()).id, older_id))
    why = verbs.why_not(batch, this_user()) if batch.waits else None
    shown = {"rows": older.rows_of(batch, SHOWN), "seen": older.digest_of(batch)}
    return render_template("records/older.html", batch=batch, why=why, errors=errors, **shown)


@blueprint.post("/older/<int:older_id>/accept")
def accept_older(older_id: int) -> AnyResponse:
    """Accept a batch as it was seen."""
    seen = take(AcceptOlderForm(), request.form)["seen"]
    with submitted() as form:
        verbs.accept(found(older.batch_in(community_seen_by(this_user()).id, older_id)), this_user(), seen)
        flash(_("已收下，在每个人的账上另列。"), "done")
        return form.redirect(url_for(".older_batch", older_id=older_id))


@blueprint.post("/older/<int:older_id>/refuse")
def refuse_older(older_id: int) -> AnyResponse | tuple[str, int]:
    """Refuse a batch."""
    try:
        reason = take(RefuseOlderForm(), request.form)["reason"]
        with submitted() as form:
            verbs.refuse(found(older.batch_in(community_seen_by(this_user()).id, older_id)), this_user(), reason)
            return form.redirect(url_for(".older_batch", older_id=older_id))
    except Invalid as error:
        return _page(older_id, sentences(error)), UNPROCESSABLE


def _waiting(community_id: int, reader: User) -> list[Elsewhere]:
    """Return the batches that wait, for the one list of all that waits for a second person."""
    return [
        Elsewhere(
            title=Sentence("旧系统的服务记录：%(system)s", system=each.system),
            asked_by=each.noter.shown_name if each.noter else "—",
            asked_at=each.noted_at,
            href=url_for("records.older_batch", older_id=each.id),
            why_not=verbs.why_not(each, reader),
        )
        for each in older.batches(community_id)
        if each.waits
    ]


elsewhere.register(_waiting)
