"""Pages of export: the rosters of the community looked at, one person's data, and everything."""

import io
import zipfile

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.db import db, forget_reads, transaction
from timebank.elders.models import Elder
from timebank.errors import Invalid, NotFound
from timebank.excel import MIME
from timebank.exchange import going_out, one_person
from timebank.exchange.schemas import EverythingForm, PersonForm
from timebank.exchange.views.shared import ZIP, as_file, blueprint
from timebank.exchange.whole import Order, new_mark
from timebank.forms import sentences, take
from timebank.places.tenancy import community_seen_by
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE

Person = Elder | Volunteer


@blueprint.get("/out")
def out() -> str:
    """Show what can be taken along."""
    return _out_page({})


def _out_page(errors: dict[str, str]) -> str:
    """Return the page of export."""
    return render_template("exchange/out.html", whose=community_seen_by(this_user()), errors=errors)


@blueprint.post("/out/rosters")
def rosters() -> AnyResponse:
    """Give the four workbooks of the community looked at, filled, in one file."""
    mark = new_mark()
    with transaction():
        community = community_seen_by(this_user())
        books = going_out.export_rosters(community, mark)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as packed:
        for name, content in books:
            packed.writestr(name, content)
    return as_file(made.getvalue(), f"rosters-{community.slug}-{mark}.zip", ZIP)


@blueprint.post("/out/<kind>/<int:person_id>")
def person(kind: str, person_id: int) -> AnyResponse:
    """Give everything that is kept about one person of the community looked at."""
    form = take(PersonForm(), request.form)["form"]
    with transaction():
        one = _one_of(kind, person_id)
        told = one_person.export(one)
    if form == "json":
        return as_file(one_person.as_json(told), f"{kind}-{one.number}.json", "application/json")
    return as_file(one_person.as_workbook(told), f"{kind}-{one.number}.xlsx", MIME)


def _one_of(kind: str, person_id: int) -> Person:
    """Return somebody of the community looked at, an elder or a volunteer."""
    known: dict[str, Person | None] = {"elder": db.session.get(Elder, person_id), "volunteer": db.session.get(Volunteer, person_id)}
    one = known.get(kind)
    if one is None or one.community_id != community_seen_by(this_user()).id:
        raise NotFound("这里没有这个人。请回到名单再找。")
    return one


@blueprint.post("/out/everything")
def everything() -> AnyResponse | tuple[str, int]:
    """Give everything of every community in one file."""
    try:
        asked = take(EverythingForm(), request.form)
    except Invalid as refusal:
        return _out_page(sentences(refusal)), UNPROCESSABLE
    forget_reads()
    order = Order(asked["passphrase"], in_clear=asked["in_clear"])
    made = io.BytesIO()
    going_out.export_everything(made, order)
    return as_file(made.getvalue(), f"timebank-all-{order.mark}.zip", ZIP)
