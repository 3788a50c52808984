"""What the pages of stations share: the blueprint, whose rows a reader sees, how a form that is refused keeps what was typed."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from babel.dates import get_day_names
from flask import Blueprint, request
from flask_babel import get_locale
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.clock import hhmm
from timebank.elders import queries as elders
from timebank.elders.models import Elder
from timebank.errors import Conflict, Invalid
from timebank.forms import in_full, sentences
from timebank.places import queries as places
from timebank.places.models import Station
from timebank.sentences import CHINESE, Pair, Sentence
from timebank.stations import queries, words
from timebank.stations.actions import people
from timebank.stations.models import CALLED_IN, Attendance, Kind, Opening, Outcome, Progress, Service, SessionState, Sort, Source, Turn
from timebank.volunteers import queries as volunteers
from timebank.web import LARGEST, UNPROCESSABLE, Page, Submission, found, language, submitted, voiced

blueprint = Blueprint("stations", __name__, url_prefix="/stations")
Errors = dict[str, str]
FOUND = 8
"""So many elders of the register are shown where one is looked for."""
TABLES: dict[type[StrEnum], Mapping[Any, Pair]] = {
    Service: words.SERVICES,
    Kind: words.KINDS,
    SessionState: words.STATES,
    Turn: words.TURNS,
    Source: words.SOURCES,
    Sort: words.SORTS,
    Progress: words.PROGRESS,
    Outcome: words.OUTCOMES,
}


def mine() -> int:
    """Return the community whose stations the reader sees."""
    return places.community_seen_by(this_user()).id


def attempt(act: Callable[[Submission], AnyResponse], page: Callable[[Errors], str]) -> Page:
    """Take a form; one that is refused is shown again on its page with the sentence, and with all that was typed."""
    try:
        with submitted() as taken:
            return act(taken)
    except Invalid as error:
        said = sentences(error)
        return page(said if voiced(error.words) in said.values() else in_full(error)), UNPROCESSABLE
    except Conflict as error:
        return page({"form": voiced(error.words)}), error.status


def person(community_id: int, elder_id: int | None, name: str, phone: str) -> people.Person:
    """Return who a form means."""
    elder = found(elders.elder_of(community_id, elder_id)) if elder_id else None
    return people.person(community_id, elder=elder, name=name, phone=phone)


def looked_words() -> str:
    """Return the words somebody is looked for by, of an address or a form; signs nobody types are left out."""
    return "".join(sign for sign in request.values.get("q", "") if sign.isprintable()).strip()[:40]


def looked_for() -> dict[str, Any]:
    """Return whom a form looks for in the register: the words, the elder chosen, and those who could be meant."""
    q, number = looked_words(), request.values.get("elder", 0, type=int)
    chosen: Elder | None = elders.elder_of(mine(), number) if 0 < number <= LARGEST else None
    return {"q": q, "elder": chosen, "elders": elders.elders(mine(), q)[:FOUND] if q and chosen is None else []}


def station_of(community_id: int, station_id: int | None) -> Station | None:
    """Return the station a form names."""
    return found(queries.station_in(community_id, station_id)) if station_id else None


def choices(kind: type[StrEnum], some: Sequence[StrEnum] = ()) -> list[tuple[str, str]]:
    """Return the values of an enum with their words, for a form."""
    return [(each.value, station_word(each)) for each in (some or kind)]


def station_choices(community_id: int) -> list[tuple[int | str, str]]:
    """Return the stations of a community for a form, none first."""
    return [("", voiced(Sentence.of("stations", "不在服务站"))), *((each.id, each.name) for each in queries.stations(community_id))]


def volunteer_choices(community_id: int) -> list[tuple[int | str, str]]:
    """Return the volunteers of a community for a form, none first."""
    return [("", voiced(Sentence.of("stations", "请选"))), *((each.id, each.name) for each in volunteers.volunteers(community_id))]


@blueprint.app_template_filter("station_word")
def station_word(value: StrEnum) -> str:
    """Return what a kind, a state or a step is called."""
    return voiced(TABLES[type(value)][value])


@blueprint.app_template_filter("turn_word")
def turn_word(row: Attendance) -> str:
    """Return where somebody stands; of whoever simply comes, that they came."""
    if row.turn is Turn.SERVED and row.session.kind not in CALLED_IN:
        return voiced(words.CAME)
    return station_word(row.turn)


@blueprint.app_template_filter("kind_icon")
def kind_icon(kind: Kind) -> str:
    """Return the picture of a kind of session."""
    return words.ICONS[kind]


@blueprint.app_template_filter("opening_hours")
def opening_hours(hours: Sequence[Opening]) -> str:
    """Return opening hours in the reader's language."""
    spans = [(each.weekday, each.start, each.end) for each in hours]
    if language() == CHINESE:
        return queries.in_words(spans)
    names = get_day_names("abbreviated", locale=get_locale())
    return "; ".join(
        ", ".join(f"{names[first]}{f'-{names[last]}' if last > first else ''}" for first, last in days)
        + " "
        + ", ".join(f"{hhmm(start)}-{hhmm(end)}" for start, end in times)
        for days, times in queries.together(spans)
    )
