"""院子和楼: one by one on a map, or many at once from a pasted column; each can be moved and changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit
from timebank.drawing import Frame, frame
from timebank.errors import Invalid, Refusal, wrong
from timebank.forms import take
from timebank.office.pasting import houses_of
from timebank.office.queries import Step
from timebank.office.schemas import BuildingForm, ColumnForm, FindForm
from timebank.office.views.shared import Errors, attempt, blueprint, given, mine, page, point_of
from timebank.places import actions, asking, queries
from timebank.places.actions import House
from timebank.places.models import Building
from timebank.places.points import PAPER, beside
from timebank.sentences import Sentence
from timebank.web import UNPROCESSABLE, Page, Submission, found, settings, submitted, voiced

WIDE, HIGH = 720, 400
AROUND = 260
"""So many metres of paper stand around what is on it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper buildings are put on: its frame, each building's place, and the corner from which a press is measured."""

    frame: Frame
    spots: list[tuple[Building, tuple[float, float]]]

    @property
    def hundred(self) -> float:
        """The drawing units of a hundred metres, one step of the grid."""
        return round(100 * self.frame.units_per_metre, 1)

    @property
    def columns(self) -> list[float]:
        """The places of the grid's upright lines."""
        return [round(self.hundred * number, 1) for number in range(1, int(WIDE / self.hundred) + 1)]

    @property
    def rows(self) -> list[float]:
        """The places of the grid's level lines."""
        return [round(self.hundred * number, 1) for number in range(1, int(HIGH / self.hundred) + 1)]

    @property
    def measures(self) -> dict[str, float]:
        """What the page's script needs to turn a press into degrees."""
        return {"west": self.frame.west, "north": self.frame.north, "scale": self.frame.units_per_metre, "squeeze": self.frame.squeeze}


def sheet_of(rows: Sequence[Building]) -> Sheet:
    """Return the paper with a community's buildings, and room around them for more."""
    known = [(each.lat, each.lon) for each in rows] or [PAPER]
    room = [beside(each, east, north) for each in known for east, north in ((-AROUND, -AROUND), (AROUND, AROUND))]
    paper = frame(room, WIDE, HIGH, margin=10)
    return Sheet(paper, [(each, paper.xy(each.lat, each.lon)) for each in rows])


@blueprint.route("/buildings", methods=["GET", "POST"])
def buildings() -> Page:
    """Show the buildings on paper and in a list, and take one more; the form keeps yard and floors for the next."""
    if request.method == "GET":
        return _page({}, request.args)

    def act(taken: Submission) -> AnyResponse:
        said = take(BuildingForm(), request.form)
        made = actions.add_building(mine().id, _house(said))
        flash(_("%(name)s放好了。接着放下一栋。", name=f"{made.compound.name} {made.name}"), "done")
        lift = "1" if made.lift else None
        return taken.redirect(url_for(".buildings", compound=made.compound.name, floors=made.floors, lift=lift))

    return attempt(act, lambda errors: _page(errors, request.form))


def _page(errors: Errors, shown: Any, pasted: str = "") -> str:  # noqa: ANN401 - a form or the arguments of an address
    """Return the page of all buildings."""
    rows = queries.buildings(mine().id)
    return page(
        "office/buildings.html", Step.BUILDINGS, rows=rows, sheet=sheet_of(rows), given=shown, errors=errors, pasted=pasted, building=None,
        can_ask=asking.can_ask(settings()),
    )  # fmt: skip


def _house(said: dict[str, Any]) -> House:
    """Return the building a form describes."""
    named = {name: said[name] for name in ("compound", "name", "floors", "lift", "access")}
    return House(**named, point=point_of(said))


@blueprint.post("/buildings/column")
def paste_buildings() -> Page:
    """Take many buildings from a pasted column; a line that cannot be read is named, and then none is taken."""

    def act(taken: Submission) -> AnyResponse:
        wanted = houses_of(take(ColumnForm(), request.form)["lines"])
        for number, house in enumerate(wanted, start=1):
            try:
                actions.add_building(mine().id, house)
            except Invalid as error:
                raise _in_line(number, error) from error
        flash(_("放好了 %(count)s 栋。", count=len(wanted)), "done")
        return taken.redirect(url_for(".buildings"))

    return attempt(act, lambda errors: _page(errors, {}, request.form.get("lines", "")))


def _in_line(number: int, error: Invalid) -> Invalid:
    """Return a refusal that names the line it is about."""
    sentence = Sentence("第 %(row)s 行：%(why)s", row=number, why=error.words)
    return wrong("lines", sentence)


@blueprint.route("/buildings/<int:building_id>", methods=["GET", "POST"])
def building(building_id: int) -> Page:
    """Show one building and take what is changed of it, its place too."""
    number = building_id

    def act(taken: Submission) -> AnyResponse:
        actions.edit_building(_one(number), _house(take(BuildingForm(), request.form)))
        flash(_("存好了。"), "done")
        return taken.redirect(url_for(".buildings"))

    return _of_one(number, {}) if request.method == "GET" else attempt(act, lambda errors: _of_one(number, errors))


def _one(number: int) -> Building:
    """Return a building of the office's own."""
    return found(next((each for each in queries.buildings(mine().id) if each.id == number), None))


def _of_one(number: int, errors: Errors) -> str:
    """Return the page of one building, with the coordinate that was found for it, if any."""
    rows, here = queries.buildings(mine().id), _one(number)
    known = {"compound": here.compound.name, "name": here.name, "floors": here.floors, "access": here.access}
    spot = {name: request.args[name] for name in ("spot", "datum") if name in request.args}
    fields = given(**known, lift="1" if here.lift else "", lat=here.lat, lon=here.lon, **spot)
    return page(
        "office/buildings.html", Step.BUILDINGS, rows=rows, sheet=sheet_of(rows), given=fields, errors=errors, pasted="", building=here,
        can_ask=asking.can_ask(settings()),
    )  # fmt: skip


@blueprint.post("/buildings/find")
def find_building() -> Page:
    """Ask the map's service where a building is, and lead back to its form with what was found, to be confirmed or not."""
    said = take(FindForm(), request.form)
    community, number = mine(), said["building"]
    address = f"{community.street.name}{community.name}{said['compound']}{said['name']}"
    try:
        at = asking.ask(settings(), address)  # before any write unit: nobody waits for somebody outside
    except Refusal as refusal:
        wrong = {"spot": voiced(refusal.words)}
        return (_of_one(number, wrong) if number else _page(wrong, request.form)), UNPROCESSABLE
    with submitted() as taken:
        audit.record("locate", "community", community.id, service=settings().geocoder)
        flash(_("找到“%(where)s”，坐标填在下面了。对照一下再存。", where=at.said or address), "news")
        spot: dict[str, Any] = {"spot": f"{at.point[0]}, {at.point[1]}", "datum": "wgs84"}
        if number:
            return taken.redirect(url_for(".building", building_id=number, **spot))
        kept: dict[str, Any] = {name: request.form.get(name) for name in ("floors", "access", "lift")}
        return taken.redirect(url_for(".buildings", compound=said["compound"], name=said["name"], **kept, **spot))
