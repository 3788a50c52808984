"""志愿者: the forms of the office about a volunteer: the person, skills and proofs.

What touches visits, stopping, free times and time off, is in the room above (``desk.views.volunteers``).
"""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from timebank.catalogue.models import Skill
from timebank.errors import Invalid
from timebank.forms import minutes_of, sentences, take
from timebank.places import queries as places
from timebank.sentences import Sentence
from timebank.volunteers import actions, queries
from timebank.volunteers.actions import Person, Span
from timebank.volunteers.models import Travel, Volunteer
from timebank.volunteers.schemas import SkillForm, VolunteerForm
from timebank.volunteers.views.shared import blueprint, community_id, volunteer_or_404
from timebank.web import UNPROCESSABLE, Page, found, submitted

WEEK = 7


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Write down a volunteer who is new here."""
    if request.method == "GET":
        return form_page(None, {})
    try:
        said = take(VolunteerForm(), request.form)
        with submitted() as taken:
            volunteer = actions.add_volunteer(community_id(), person_of({**said, "active": True}))
            flash(_("已登记 %(name)s。接着写哪天有空，就能排班了；技能在他的页面上补。", name=volunteer.name), "done")
            return taken.redirect(url_for(".times", volunteer_id=volunteer.id))
    except Invalid as error:
        return form_page(None, sentences(error)), UNPROCESSABLE


def person_of(said: dict[str, Any]) -> Person:
    """Return the person a form describes; unit and building must be the community's own."""
    mine = community_id()
    unit, home = said.pop("unit", None), said.pop("home")
    return Person(
        **said,
        unit=found(next((each for each in queries.units_now(mine) if each.id == unit), None)) if unit else None,
        home=found(next((each for each in places.buildings(mine) if each.id == home), None)) if home else None,
    )


def form_page(volunteer: Volunteer | None, errors: dict[str, str], **more: Any) -> str:  # noqa: ANN401 - a template takes anything
    """Return the form of a volunteer."""
    mine = community_id()
    return render_template(
        "volunteers/form.html",
        volunteer=volunteer,
        **more,
        given=request.form or (_as_form(volunteer) if volunteer else _fresh()),
        errors=errors,
        units=[("", _("没有单位")), *((each.id, each.name) for each in queries.units_now(mine))],
        homes=[
            ("", _("不变") if volunteer else _("请选楼栋")),
            *((each.id, f"{each.compound.name} {each.name}") for each in places.buildings(mine)),
        ],
    )


def _fresh() -> dict[str, Any]:
    """Return what stands in the form of somebody new."""
    return {"travel": Travel.WALK.value, "boxes": 6, "max_day": 180, "max_week": 360, "has_phone": "1", "active": "1"}


def _as_form(volunteer: Volunteer) -> dict[str, Any]:
    """Return a volunteer as the form would say it."""
    return {
        "name": volunteer.name,
        "phone": volunteer.phone,
        "gender": volunteer.gender.value if volunteer.gender else "",
        "birth_year": volunteer.birth_year or "",
        "home": "",
        "travel": volunteer.travel.value,
        "boxes": volunteer.boxes,
        "radius": volunteer.radius or "",
        "max_day": volunteer.max_day,
        "max_week": volunteer.max_week,
        "insured_until": volunteer.insured_until.isoformat() if volunteer.insured_until else "",
        "has_phone": "1" if volunteer.has_phone else "",
        "active": "1" if volunteer.active else "",
    }


@blueprint.route("/<int:volunteer_id>/skills", methods=["GET", "POST"])
def skills(volunteer_id: int) -> Page:
    """Show the skills of a volunteer and note one, with its proof."""
    if request.method == "GET":
        return _skills_page(volunteer_id, {})
    try:
        said = take(SkillForm(), request.form)
        with submitted() as taken:
            actions.hold_skill(volunteer_or_404(volunteer_id), _skill(said["skill"]), said["proof"], said["expires"])
            flash(_("已记下。"), "done")
            return taken.redirect(url_for(".skills", volunteer_id=volunteer_id))
    except Invalid as error:
        return _skills_page(volunteer_id, sentences(error)), UNPROCESSABLE


def _skill(skill_id: int) -> Skill:
    """Return a skill of the catalogue."""
    return found(next((each for each in queries.skills() if each.id == skill_id), None))


def _skills_page(volunteer_id: int, errors: dict[str, str]) -> str:
    """Return the page of skills."""
    volunteer = volunteer_or_404(volunteer_id)
    return render_template("volunteers/skills.html", volunteer=volunteer, skills=queries.skills(), given=request.form, errors=errors)


@blueprint.post("/<int:volunteer_id>/skills/<int:held_id>/drop")
def drop_skill(volunteer_id: int, held_id: int) -> AnyResponse:
    """Note that a skill is held no more."""
    with submitted() as taken:
        volunteer = volunteer_or_404(volunteer_id)
        actions.drop_skill(volunteer, found(queries.held_skill_of(volunteer, held_id)))
        return taken.redirect(url_for(".skills", volunteer_id=volunteer_id))


def week_of(form: MultiDict[str, str]) -> dict[int, list[Span]]:
    """Return the free times of seven weekdays, each written like 8:30-11:30 14:00-17:00."""
    read = {weekday: _spans(form.get(f"day{weekday}", "")) for weekday in range(WEEK)}
    wrong = {f"day{weekday}": Sentence("写成 8:30-11:30 14:00-17:00 这样") for weekday, spans in read.items() if spans is None}
    if wrong:
        raise Invalid("时段没有看懂，请照样子写。", fields=wrong)
    return {weekday: spans or [] for weekday, spans in read.items()}


def _spans(said: str) -> list[Span] | None:
    """Return the spans of a line, None when it cannot be read."""
    spans = []
    for part in said.replace("，", " ").replace("、", " ").replace("；", " ").replace(",", " ").split():
        ends = [minutes_of(end) for end in part.replace("–", "-").replace("—", "-").replace("~", "-").replace("－", "-").split("-")]
        if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
            return None
        spans.append((ends[0], ends[1]))
    return spans
