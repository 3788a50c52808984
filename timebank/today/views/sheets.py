"""Papers of a day: day sheets for volunteers without a phone, and the kitchen's count with labels."""

from datetime import date, timedelta

from flask import render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock
from timebank.access.actions import make_link
from timebank.access.guards import may, this_user
from timebank.access.models import Purpose
from timebank.db import transaction
from timebank.errors import Invalid
from timebank.forms import Day, args, take
from timebank.outside import outside
from timebank.papers import pdf
from timebank.papers.answers import as_pdf, scope, speaks
from timebank.papers.schemas import DayArgs
from timebank.places import queries as places
from timebank.places import tenancy
from timebank.places.models import Canteen
from timebank.today import sheets as papers
from timebank.today import turn_sheets
from timebank.today.schemas import SheetsForm
from timebank.today.views.shared import blueprint
from timebank.visits import on_duty
from timebank.volunteers.models import Volunteer
from timebank.volunteers.sight import sight_of
from timebank.web import found, settings


@blueprint.get("/sheets")
def sheets() -> str:
    """Say whose sheets can be printed for a day, and which kitchens pack."""
    day = args(DayArgs())["day"] or clock.today()
    community = tenancy.community_seen_by(this_user())
    if sight_of(this_user()).is_nothing:
        return render_template("today/no_part.html", role=this_user().role)
    return render_template(
        "today/sheets.html",
        day=day,
        carriers=papers.carriers(community.id, day) if may("today.day_sheets") else [],
        canteens=_canteens(community.id),
        codes=outside.is_known,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
    )


@blueprint.post("/sheets/<day>/volunteers.pdf")
def day_sheets(day: str) -> AnyResponse:
    """Print day sheets; a volunteer who can sign in gets a code on the sheet that lasts for the day."""
    on, community = _day(day), tenancy.community_seen_by(this_user())
    chosen = take(SheetsForm(), request.form)["volunteer"]
    with transaction():
        links = {volunteer.id: _link(volunteer, on) for volunteer, _doors in papers.carriers(community.id, on) if volunteer.id in chosen}
        found_sheets = papers.day_sheets(community, on, chosen, speaks(), links)
        audit.record("print_sheets", "community", community.id, day=on.isoformat(), volunteers=sorted(links))
    made = pdf.day_sheets(found_sheets, clock.now(), language=speaks(), font_dir=settings().font_dir, demo=clock.clock.is_demo)
    return as_pdf(made, f"day-sheets-{on}.pdf")


@blueprint.get("/sheets/<day>/kitchen-<int:canteen_id>.pdf")
def kitchen(day: str, canteen_id: int) -> AnyResponse:
    """Print the kitchen's count and labels."""
    canteen = found(next((each for each in _canteens(scope()) if each.id == canteen_id), None))
    paper = papers.kitchen_sheet(canteen, _day(day), speaks())
    audit.handed_out("print", "canteen", canteen.id, day=day)
    return as_pdf(pdf.canteen_sheet(paper, language=speaks(), font_dir=settings().font_dir), f"kitchen-{day}.pdf")


@blueprint.get("/sheets/turns/<int:duty_id>.pdf")
def turn_sheet(duty_id: int) -> AnyResponse:
    """Print the sign-in sheet of one turn of duty."""
    community = tenancy.community_seen_by(this_user())
    paper = turn_sheets.turn_sheet(found(on_duty.duty_in(community.id, duty_id)), community)
    audit.handed_out("print", "duty", duty_id)
    return as_pdf(pdf.turn_sheet(paper, language=speaks(), font_dir=settings().font_dir), f"sign-in-{paper.on}-{duty_id}.pdf")


def _link(volunteer: Volunteer, day: date) -> str:
    """Return the address that signs a volunteer in until the end of the day; nothing for who has no user, or while there is no address."""
    if volunteer.user is None or not outside.is_known:
        return ""
    token = make_link(volunteer.user, Purpose.DAY_SHEET, clock.at(day + timedelta(days=1), 0), limit=3)
    return outside.address + url_for("access.link", token=token)


def _day(words: str) -> date:
    """Return the day named in an address."""
    try:
        day: date = Day().deserialize(words)
    except ValidationError as error:
        raise Invalid("日期不对，请从页面上的按钮进来。") from error
    return day


def _canteens(community_id: int) -> list[Canteen]:
    """Return the canteens of a community that the reader sees."""
    sight = sight_of(this_user())
    return [each for each in places.canteens(community_id) if sight.whole or each.id in sight.canteens]
