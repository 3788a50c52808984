"""One request of a family: where it stands, and cancelling it.

The pages stand beside the others of ``family``; they are a file of their own because that one is full.
"""

from datetime import date, timedelta

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.desk.views.people import eaters as eaters_of
from timebank.desk.views.people import how_often, until
from timebank.family.views import following
from timebank.family.views.family import blueprint, reader, show
from timebank.visits import queries
from timebank.visits.actions import calling_off
from timebank.visits.coming import could_come
from timebank.visits.models import HelpRequest, Pattern, RequestState
from timebank.visits.registers import state_of
from timebank.visits.states import TO_COME
from timebank.visits.views import cards, kitchen_words
from timebank.web import found, submitted

__all__ = ["blueprint"]


@blueprint.get("/family/requests/<int:request_id>")
def request_page(request_id: int) -> str:
    """Show one request and where it stands."""
    asked = _request(request_id)
    visits = [following.follow(each) for each in queries.visits_of_user(reader()) if each.request_id == asked.id]
    return show(
        "family/request.html",
        asked=asked,
        state=state_of(asked),
        until=until(asked),
        often=how_often(asked) if asked.pattern is not Pattern.ONCE else "",
        eaters=eaters_of(asked),
        visits=visits,
        steps=following.request_steps(asked, visits),
        could=could_come(asked) if state_of(asked) is RequestState.NEW else None,
        courtesy=following.courtesy,
        day_words=cards.day_short,
        wished=[cards.day_words(date.fromisoformat(day)) for day in asked.dates],
        back_href=url_for(".home"),
    )


def _request(request_id: int) -> HelpRequest:
    """Return a request of this very reader, or of an elder they speak for."""
    return found(next((each for each in queries.requests_of_user(reader()) if each.id == request_id), None))


@blueprint.get("/family/requests/<int:request_id>/cancel")
def cancelling(request_id: int) -> str:
    """Show what will happen when a request is cancelled."""
    asked = _request(request_id)
    visits = [each for each in asked.visits if each.state in TO_COME and (each.day or each.occurrence) >= clock.today()]
    return show(
        "family/cancel.html",
        asked=asked,
        visits=visits,
        names=following.names_of(visits),
        kitchen=kitchen_words.dropping(visits, family=True),
        back_href=url_for(".request_page", request_id=asked.id),
    )


@blueprint.post("/family/requests/<int:request_id>/cancel")
def cancel(request_id: int) -> AnyResponse:
    """Cancel a request: whoever was to come is told."""
    with submitted() as taken:
        calling_off.cancel_request(_request(request_id), clock.today() - timedelta(days=1), reader())
        flash(_("已经取消。有人要来的，会收到消息。"), "done")
        return taken.redirect(url_for(".request_page", request_id=request_id))
