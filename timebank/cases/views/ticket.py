"""The page of one ticket: what was brought, its steps, and the next step as the filled button."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema

from timebank import audit, clock
from timebank.access.guards import may, this_user
from timebank.access.models import User
from timebank.cases import reading, words
from timebank.cases.actions import handling, intake
from timebank.cases.models import Deed, Ticket, TicketStep
from timebank.cases.schemas import CallForm, ConsentForm, ElderForm, EndForm, NoteForm, RaiseForm, ReasonForm, ReopenForm, SortForm
from timebank.cases.views.shared import blueprint, charge_choices, charge_chosen, moment, shown, ticket_here
from timebank.elders import queries as elders
from timebank.errors import Conflict, Invalid
from timebank.forms import sentences, take
from timebank.visits.views import cards
from timebank.web import Page, found, submitted, voiced

Act = Callable[[Ticket, dict[str, Any], User], object]
MATCHES = 6
SECRET = {Deed.TAKE_IN, Deed.SORT, Deed.BEGIN, Deed.TAKE_OVER, Deed.RAISE, Deed.END, Deed.TRY, Deed.CALL, Deed.REOPEN}
"""The steps of a confidential mediation that the rest of the office sees, without their words."""


@blueprint.get("/cases/<int:ticket_id>")
def show(ticket_id: int) -> str:
    """Show one ticket; who reads a mediation's words is noted."""
    ticket = ticket_here(ticket_id)
    if reading.reads_words(ticket, this_user()):
        audit.look("ticket", ticket.id)
    return ticket_page(ticket_id, {})


def ticket_page(ticket_id: int, errors: dict[str, str], wrong: str = "") -> str:
    """Return the page of a ticket; ``wrong`` is the form that was not taken, whose words stay in it."""
    ticket, user = ticket_here(ticket_id), this_user()
    reads = reading.reads_words(ticket, user)
    said = request.args.get("q", "").strip()[:40]
    return render_template(
        "cases/ticket.html",
        **shown(ticket, user),
        reads=reads,
        works=reading.works_on(ticket, user),
        is_sorting=may("cases.sort") and reads,
        door=voiced(words.DOORS[ticket.door]),
        consent=voiced(words.CONSENTS[ticket.consent]) if ticket.consent else "",
        level=voiced(words.LEVELS[ticket.level]) if ticket.level else "",
        outcome=voiced(words.OUTCOMES[ticket.outcome]) if ticket.outcome else "",
        heard=voiced(words.HEARD[ticket.heard]) if ticket.heard else "",
        steps=[_line(ticket, each, reads=reads) for each in reversed(ticket.steps) if reads or each.deed in SECRET],
        fates=words.choices(words.FATES),
        fate_words=dict(words.choices(words.FATES)),
        choices={name: words.choices(getattr(words, name)) for name in ("SORTS", "TOPICS", "OUTCOMES", "HEARD", "WAYS", "CONSENTS")},
        charges=charge_choices(ticket.community_id),
        usual_due=handling.usual_due(ticket.sort).isoformat(),
        today=clock.today(),
        matches=_matches(ticket, said) if reads and ticket.elder is None else [],
        looked_for=said,
        tries_left=max(0, handling.MOST_TRIES - ticket.tries),
        given=request.form,
        errors=errors,
        marked={f"{wrong}-{name}": sentence for name, sentence in errors.items()},
        wrong=wrong,
        date_words=cards.date_words,
        request_state=_request_state,
    )


def _matches(ticket: Ticket, said: str) -> list[Any]:
    """Return which registered elders it may be about: those looked for, else those with the name or the number."""
    if said:
        return elders.elders(ticket.community_id, said)[:MATCHES]
    guesses = [each for word in (ticket.about or ticket.name, ticket.phone) if word for each in elders.elders(ticket.community_id, word)]
    return list(dict.fromkeys(guesses))[:MATCHES]


def _request_state(request_made: Any) -> str:  # noqa: ANN401 - a request of the room below
    """Return where a request for help made from a ticket stands, in words."""
    names = {"new": _("待处理"), "accepted": _("已接下"), "declined": _("已婉拒"), "ended": _("已结束")}
    return str(names[request_made.state.value])


def _things(ticket: Ticket, detail: dict[str, Any]) -> list[str]:
    """Return what a step names by number: the paper, the kind of help."""
    papers = [each.name for each in ticket.papers if each.id == detail.get("paper")]
    helps = [voiced(each.kind.words) for each in ticket.requests if each.id == detail.get("request")]
    return papers + helps


def _line(ticket: Ticket, made: TicketStep, *, reads: bool) -> dict[str, Any]:
    """Return a step as a line: what it was, by whom and when, with its words where the reader reads them."""
    detail = made.detail
    parts = [made.by.shown_name if made.by else ""]
    for name, table in (
        ("outcome", words.OUTCOMES),
        ("heard", words.HEARD),
        ("level", words.LEVELS),
        ("consent", words.CONSENTS),
        ("fate", words.FATES),
    ):
        if name in detail:
            parts.append(voiced({each.value: pair for each, pair in table.items()}[detail[name]]))
    parts += _things(ticket, detail)
    if "day" in detail:
        parts.append(cards.date_words(date.fromisoformat(detail["day"])))
    if "due" in detail:
        parts.append(_("到 %(day)s", day=cards.date_words(date.fromisoformat(detail["due"]))))
    text = " · ".join(filter(None, parts))
    return {
        "state": "done",
        "title": voiced(words.DEEDS[made.deed]),
        "text": f"{text}{_('：')}{made.note}" if made.note and reads else text,
        "time": moment(made.at),
    }


def taken_step(ticket_id: int, form: Schema, name: str, act: Act, done: str) -> Page:
    """Take a form of a ticket's page: do it, say so and show the ticket; what is refused is told on the page, nothing typed is lost."""
    ticket_here(ticket_id)
    try:
        said = take(form, request.form)
        with submitted() as taken:
            act(ticket_here(ticket_id), said, this_user())
            flash(done, "done")
            return taken.redirect(url_for(".show", ticket_id=ticket_id))
    except (Invalid, Conflict) as error:
        told = sentences(error) if isinstance(error, Invalid) else {"form": voiced(error.words)}
        return ticket_page(ticket_id, told, name), error.status


@blueprint.post("/cases/<int:ticket_id>/sort")
def sort(ticket_id: int) -> Page:
    """Sort a ticket to somebody with a day, and begin at once where that is wished."""

    def act(ticket: Ticket, said: dict[str, Any], user: User) -> None:
        charge = charge_chosen(ticket.community_id, said["charge"], said["charge_name"])
        handling.sort_out(ticket, user, sort=said["sort"], topic=said["topic"], charge=charge, due=said["due"], note=said["note"])
        if said["begin"]:
            handling.begin(ticket, user)

    return taken_step(ticket_id, SortForm(), "sort", act, _("分好了，交办了。"))


@blueprint.post("/cases/<int:ticket_id>/begin")
def begin(ticket_id: int) -> Page:
    """Take a ticket in hand."""
    return taken_step(ticket_id, ReasonForm(), "begin", lambda ticket, _said, user: handling.begin(ticket, user), _("开始办了。"))


@blueprint.post("/cases/<int:ticket_id>/note")
def note(ticket_id: int) -> Page:
    """Write down what happened."""
    return taken_step(
        ticket_id, NoteForm(), "note", lambda ticket, said, user: handling.note(ticket, user, said["note"], said["due"]), _("记下了。")
    )


@blueprint.post("/cases/<int:ticket_id>/take-over")
def take_over(ticket_id: int) -> Page:
    """Take a ticket into one's own hands."""
    return taken_step(
        ticket_id,
        ReasonForm(),
        "take_over",
        lambda ticket, said, user: handling.take_over(ticket, user, said["reason"]),
        _("由你接手了，原因记在经过里。"),
    )


@blueprint.post("/cases/<int:ticket_id>/raise")
def raise_level(ticket_id: int) -> Page:
    """Give a mediation to the next level."""

    def act(ticket: Ticket, said: dict[str, Any], user: User) -> None:
        charge = charge_chosen(ticket.community_id, said["charge"], said["charge_name"])
        handling.raise_level(ticket, user, said["reason"], charge=charge, due=said["due"])

    return taken_step(ticket_id, RaiseForm(), "raise", act, _("转到上一级了。"))


@blueprint.post("/cases/<int:ticket_id>/consent")
def consent(ticket_id: int) -> Page:
    """Note what the person says for whom somebody else reported."""
    return taken_step(
        ticket_id,
        ConsentForm(),
        "consent",
        lambda ticket, said, user: intake.set_consent(ticket, said["consent"], user, said["note"]),
        _("记下了。"),
    )


@blueprint.post("/cases/<int:ticket_id>/elder")
def name_elder(ticket_id: int) -> Page:
    """Note which registered elder it is about."""

    def act(ticket: Ticket, said: dict[str, Any], user: User) -> None:
        intake.name_elder(ticket, found(elders.elder_of(ticket.community_id, said["elder"])), user)

    return taken_step(ticket_id, ElderForm(), "elder", act, _("记下了是哪位老人。"))


@blueprint.post("/cases/<int:ticket_id>/end")
def end(ticket_id: int) -> Page:
    """Note how the work ended."""
    return taken_step(
        ticket_id,
        EndForm(),
        "end",
        lambda ticket, said, user: handling.end(ticket, user, said["outcome"], said["answer"]),
        _("结果记下了，接下来回访。"),
    )


@blueprint.post("/cases/<int:ticket_id>/call")
def call(ticket_id: int) -> Page:
    """Note what was heard on the return call."""
    return taken_step(
        ticket_id,
        CallForm(),
        "call",
        lambda ticket, said, user: handling.call_back(ticket, user, said["heard"], said["way"], said["words"]),
        _("回访记下了。"),
    )


@blueprint.post("/cases/<int:ticket_id>/reopen")
def reopen(ticket_id: int) -> Page:
    """Take a ticket up again."""
    return taken_step(
        ticket_id,
        ReopenForm(),
        "reopen",
        lambda ticket, said, user: handling.reopen(ticket, user, said["reason"], said["due"]),
        _("重新办了。"),
    )
