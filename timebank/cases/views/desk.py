"""接件台: what comes in is written down, listed, searched, and called back."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.access.guards import this_user
from timebank.cases import queries, words
from timebank.cases.actions import intake
from timebank.cases.actions.intake import Brought
from timebank.cases.models import Door, State
from timebank.cases.queries import Asked
from timebank.cases.schemas import STATES, IntakeForm, ListArgs
from timebank.cases.states import OPEN
from timebank.cases.views.shared import blueprint, mine, place_choices, place_chosen, shown
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.volunteers.sight import sight_of
from timebank.web import UNPROCESSABLE, Page, submitted


@blueprint.get("/cases")
def index() -> str:
    """List the tickets a reader sees, what is due first on top."""
    user, community_id = this_user(), mine()
    if sight_of(user).is_nothing:
        return render_template("today/no_part.html", role=user.role)
    asked = args(ListArgs())
    state = asked["state"] if asked["state"] in STATES else "open"
    found_ones = queries.listed(community_id, user, _wanted(asked, state), asked["page"])
    counted = queries.counts(community_id, user)
    return render_template(
        "cases/index.html",
        rows=[shown(each, user) for each in found_ones.rows],
        listed=found_ones,
        asked={**asked, "state": state},
        tabs=_tabs(state, counted, asked["q"]),
        sorts=words.choices(words.SORTS),
        topics=words.choices(words.TOPICS),
        page_href=lambda page: url_for(".index", **{**request.args.to_dict(), "page": page}),
        due=queries.due(community_id, user),
        to_call=counted.get(State.ENDED, 0),
    )


def _wanted(asked: dict[str, Any], state: str) -> Asked:
    """Return what of the tickets an address asks for."""
    return Asked(
        state=State(state) if state in set(State) else None,
        is_open=state == "open" and not asked["due"],
        sort=asked["sort"],
        topic=asked["topic"],
        outcome=asked["outcome"],
        is_due=asked["due"],
        is_mine=asked["mine"],
        words=asked["q"],
    )


def _tabs(chosen: str, counted: dict[State, int], said: str) -> list[dict[str, Any]]:
    """Return the states as tabs with their counts; words that are looked for go along."""
    open_ones = sum(counted.get(each, 0) for each in OPEN)
    names: list[tuple[str, str, int]] = [("open", _("没办完的"), open_ones)]
    names += [(state.value, word, counted.get(state, 0)) for state, word in zip(State, _state_words(), strict=True)]
    names.append(("all", _("全部"), sum(counted.values())))
    return [
        {"href": url_for(".index", state=key, q=said or None), "word": f"{word} {count}" if count else word, "current": key == chosen}
        for key, word, count in names
    ]


def _state_words() -> list[str]:
    """Return what the states are called."""
    return [word for _key, word in words.choices(words.STATES)]


@blueprint.route("/cases/new", methods=["GET", "POST"])
def new() -> Page:
    """Write down what somebody brings."""
    if sight_of(this_user()).is_nothing:
        return render_template("today/no_part.html", role=this_user().role)
    if request.method == "GET":
        return _intake_page({})
    try:
        said = take(IntakeForm(), request.form)
        with submitted() as taken:
            made = intake.take_in(mine(), _brought(said), this_user())
            flash(_("记下了，编号 %(number)s。现在分类，定由谁办。", number=made.number), "done")
            return taken.redirect(url_for(".show", ticket_id=made.id))
    except Invalid as error:
        return _intake_page(sentences(error)), UNPROCESSABLE


def _brought(said: dict[str, Any]) -> Brought:
    """Return what the form of the desk says."""
    compound, building = place_chosen(mine(), said["place"])
    named = ("sort", "door", "name", "phone", "about", "words", "consent")
    return Brought(compound=compound, building=building, **{name: said[name] for name in named})


def _intake_page(errors: dict[str, str]) -> str:
    """Return the form of the desk."""
    return render_template(
        "cases/new.html",
        given=request.form or {"door": Door.DESK.value, "q": ""},
        errors=errors,
        sorts=words.choices(words.SORTS),
        doors=[each for each in words.choices(words.DOORS) if each[0] != Door.ONLINE.value],
        consents=words.choices(words.CONSENTS),
        places=place_choices(mine()),
    )


@blueprint.get("/cases/calls")
def calls() -> str:
    """List who is to be called back."""
    user = this_user()
    rows = [shown(each, user) for each in queries.to_call(mine(), user)]
    return render_template("cases/calls.html", rows=rows, today=clock.today(), outcomes=dict(words.choices(words.OUTCOMES)))
