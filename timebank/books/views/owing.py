"""欠回: what is owed after corrections, who owes it, from which record, what has been paid back; and asking to write one off."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.books.views.shared import blueprint
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.ledger import claims
from timebank.papers import words
from timebank.papers.answers import scope, speaks
from timebank.papers.schemas import ReasonForm
from timebank.proposals import queries as proposals
from timebank.proposals.models import Kind
from timebank.visits.actions import owing as debts
from timebank.web import UNPROCESSABLE, found, submitted

SETTLED_SHOWN = 100


@blueprint.get("/books/owing")
def owing() -> str:
    """List what is owed, the oldest first, and what was settled, the latest first."""
    return _page({}, 0)


def _page(errors: dict[str, str], wrong: int) -> str:
    """Return the list; ``wrong`` is the claim whose form was refused."""
    listed = claims.claims(scope())
    still_open = debts.debts(each for each in listed if each.open)
    return render_template(
        "books/owing.html",
        still_open=still_open,
        settled=debts.debts([each for each in listed if not each.open][: -SETTLED_SHOWN - 1 : -1]),
        waiting={each.claim.advance.seq for each in still_open if proposals.waiting_on(Kind.WRITE_OFF, debts.subject_of(each.claim))},
        total=sum(each.claim.open for each in still_open),
        what=lambda record: words.what(record, speaks()),
        given=request.form,
        errors=errors,
        wrong=wrong,
    )


@blueprint.post("/books/owing/<int:seq>/write-off")
def write_off(seq: int) -> AnyResponse | tuple[str, int]:
    """Ask for a claim to be given up; it takes effect when a second person agrees."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            (debt,) = debts.debts([found(claims.claim_in(scope(), seq))])
            debts.propose_write_off(debt, reason, this_user())
            flash(_("已经提请核销，第二个人核准以后生效。"), "done")
            return taken.redirect(url_for(".owing"))
    except Invalid as error:
        return _page(sentences(error), seq), UNPROCESSABLE
