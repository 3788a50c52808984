"""服务种类: which services are offered here, at which times of day; how long one takes waits for a second person."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.catalogue import actions, queries
from timebank.catalogue.models import ServiceKind
from timebank.clock import hhmm
from timebank.errors import Invalid, wrong
from timebank.exchange import cells
from timebank.forms import take
from timebank.office.proposed import propose_minutes
from timebank.office.queries import Step
from timebank.office.schemas import KindForm
from timebank.office.views.shared import Errors, attempt, blueprint, given, mine, page
from timebank.proposals.models import Kind
from timebank.proposals.queries import subjects_waiting, waiting_on
from timebank.web import Page, Submission, found, submitted


@blueprint.get("/kinds")
def kinds() -> str:
    """Show every kind, on and off, with its minutes and times."""
    waiting = subjects_waiting(Kind.SERVICE_KIND)
    rows = [(each, spans(each), f"service_kind:{each.id}" in waiting) for each in queries.kinds()]
    return page("office/kinds.html", Step.KINDS, rows=rows)


def spans(kind: ServiceKind) -> str:
    """Return the times of day of a kind as they are typed."""
    return ", ".join(f"{hhmm(start)}-{hhmm(end)}" for start, end in kind.windows)


def _kind(kind_id: int) -> ServiceKind:
    """Return a kind of the catalogue."""
    return found(next((each for each in queries.kinds() if each.id == kind_id), None))


@blueprint.post("/kinds/<int:kind_id>/switch")
def switch_kind(kind_id: int) -> AnyResponse:
    """Offer a kind, or no more."""
    with submitted() as taken:
        kind = _kind(kind_id)
        actions.switch(kind, mine().id, enabled=not kind.enabled)
        return taken.redirect(url_for(".kinds"))


@blueprint.route("/kinds/<int:kind_id>", methods=["GET", "POST"])
def kind(kind_id: int) -> Page:
    """Show the numbers of a kind and take what is changed; minutes and cap are asked for."""

    def shown(errors: Errors) -> str:
        here = _kind(kind_id)
        fields: dict[str, Any] = {name: getattr(here, name) for name in ("minutes", "weight")}
        known = given(**fields, credit_cap=here.credit_cap or "", windows=spans(here))
        waits = waiting_on(Kind.SERVICE_KIND, f"service_kind:{here.id}")
        return page("office/kind.html", Step.KINDS, kind=here, given=known, errors=errors, waits=waits)

    def act(taken: Submission) -> AnyResponse:
        said, here, by = take(KindForm(), request.form), _kind(kind_id), this_user()
        actions.change(here, mine().id, _windows(said["windows"]), said["weight"])
        asked = propose_minutes(here, mine().id, said["minutes"], said["credit_cap"], by)
        flash(_("时段存好了。时长和上限已经提请，第二个人核准才改。") if asked else _("存好了。"), "news" if asked else "done")
        return taken.redirect(url_for(".kinds"))

    return shown({}) if request.method == "GET" else attempt(act, shown)


def _windows(words: str) -> list[tuple[int, int]]:
    """Return times of day as somebody types them."""
    try:
        return cells.windows(words)
    except Invalid as error:
        sentence = (error.zh, error.en)
        raise wrong("windows", sentence) from error
