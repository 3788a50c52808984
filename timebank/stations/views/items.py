"""取件: what is left at the stations, taking a thing in, its page from mending to handing out."""

from collections.abc import Callable
from datetime import timedelta

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.forms import args, take
from timebank.stations import queries
from timebank.stations.actions import items as verbs
from timebank.stations.models import Item, Sort
from timebank.stations.schemas import FinishForm, HandOutForm, ItemForm, LookArgs, ReachedForm, UntilForm
from timebank.stations.views.shared import Errors, attempt, blueprint, choices, looked_for, mine, person, station_of, volunteer_choices
from timebank.volunteers import queries as volunteers
from timebank.web import Page, Submission, found


@blueprint.get("/items")
def items() -> str:
    """Find a thing by number, name or telephone; those whose owners have to be called stand first."""
    asked = args(LookArgs())
    rows = queries.items(mine(), asked["q"], gone=asked["gone"], station_id=asked["station"])
    return render_template(
        "stations/items.html",
        rows=rows,
        q=asked["q"],
        gone=asked["gone"],
        to_call=[] if asked["gone"] or asked["q"] else queries.to_call(mine()),
        is_late=queries.is_late,
    )


@blueprint.route("/items/new", methods=["GET", "POST"])
def bring() -> Page:
    """Take something in."""
    if request.method == "GET":
        return _new_page({})

    def act(taken: Submission) -> AnyResponse:
        said = take(ItemForm(), request.form)
        station = found(station_of(mine(), said["station"]))
        brought = verbs.Brought(sort=said["sort"], what=said["what"], fault=said["fault"], until=said["until"])
        made = verbs.bring(station, brought, person(mine(), said["elder"], said["name"], said["phone"]))
        flash(_("收下了，单号 %(number)s。请把取件单打印给主人。", number=made.number), "done")
        return taken.redirect(url_for(".item", item_id=made.id))

    return attempt(act, _new_page)


def _new_page(errors: Errors) -> str:
    """Return the form of a thing; who brings it is looked for in the register first."""
    asked = looked_for()
    parcel_until = (clock.today() + timedelta(days=verbs.KEPT_DAYS)).isoformat()
    stations = [(each.id, each.name) for each in queries.stations(mine())]
    given = {"sort": request.args.get("sort", Sort.REPAIR.value), "name": asked["q"], **request.form.to_dict()}
    return render_template(
        "stations/item_new.html",
        sorts=choices(Sort),
        stations=stations,
        **asked,
        parcel_until=parcel_until,
        given=given,
        errors=errors,
    )


@blueprint.get("/items/<int:item_id>")
def item(item_id: int) -> str:
    """Show a thing: where it is, the next step, and handing it out."""
    return _page(item_id, {})


def _page(item_id: int, errors: Errors) -> str:
    """Return the page of a thing."""
    shown = found(queries.item_in(mine(), item_id))
    return render_template(
        "stations/item.html",
        item=shown,
        is_late=queries.is_late(shown),
        volunteers=volunteer_choices(mine()),
        today=clock.today(),
        given=request.form,
        errors=errors,
    )


def _step(item_id: int, act: Callable[[Item], str]) -> Page:
    """Take one step with a thing and go back to its page."""

    def stepped(taken: Submission) -> AnyResponse:
        said = act(found(queries.item_in(mine(), item_id)))
        flash(said, "done")
        return taken.redirect(url_for(".item", item_id=item_id))

    return attempt(stepped, lambda errors: _page(item_id, errors))


@blueprint.post("/items/<int:item_id>/take-up")
def take_up(item_id: int) -> Page:
    """Begin to mend."""

    def act(thing: Item) -> str:
        verbs.take_up(thing)
        return str(_("开始修了。"))

    return _step(item_id, act)


@blueprint.post("/items/<int:item_id>/finish")
def finish(item_id: int) -> Page:
    """Mended, or not to be mended."""

    def act(thing: Item) -> str:
        said = take(FinishForm(), request.form)
        mender = volunteers.volunteer_in(mine(), said["mender"]) if said["mender"] else None
        told = verbs.finish(thing, mender, said["result"], mended=said["mended"])
        return str(_("记下了，已经发消息告诉主人。")) if told else str(_("记下了。主人收不到消息，请打电话告诉。"))

    return _step(item_id, act)


@blueprint.post("/items/<int:item_id>/called")
def called(item_id: int) -> Page:
    """Note a call to its owner."""

    def act(thing: Item) -> str:
        reached = take(ReachedForm(), request.form)["reached"]
        verbs.called(thing, reached=reached)
        return str(_("记下了，主人知道了。")) if reached else str(_("记下了，没打通，还在打电话名单上。"))

    return _step(item_id, act)


@blueprint.post("/items/<int:item_id>/hand-out")
def hand_out(item_id: int) -> Page:
    """Hand it out, once."""

    def act(thing: Item) -> str:
        said = take(HandOutForm(), request.form)
        verbs.hand_out(thing, said["to"], this_user(), had_ticket=said["ticket"], check_note=said["check_note"])
        return str(_("交给%(name)s了。", name=thing.handed_to))

    return _step(item_id, act)


@blueprint.post("/items/<int:item_id>/keep")
def keep(item_id: int) -> Page:
    """Keep it longer."""

    def act(thing: Item) -> str:
        verbs.keep_longer(thing, take(UntilForm(), request.form)["until"])
        return str(_("保管的日子改好了。"))

    return _step(item_id, act)
