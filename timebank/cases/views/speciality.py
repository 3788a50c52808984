"""一社一特: what a community is known for, on its own page, on Today and on the page where people ask for help."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from timebank import clock
from timebank.cases import counting, keeping, words
from timebank.cases.actions import registering
from timebank.cases.models import Sort
from timebank.cases.registers import Speciality
from timebank.cases.schemas import SpecialityForm
from timebank.cases.views.shared import blueprint, mine
from timebank.errors import Invalid
from timebank.family.views.family import community_here
from timebank.forms import sentences, take
from timebank.web import UNPROCESSABLE, Page, submitted, voiced


@blueprint.app_context_processor
def _for_pages() -> dict[str, Any]:
    """Give pages the speciality of the community whose page it is, read only where a page asks for it."""
    return {"speciality_here": _here}


def _here() -> Speciality | None:
    """Return the speciality of the community whose pages a family reads."""
    community = community_here()
    return keeping.speciality(community.id) if community else None


@blueprint.get("/cases/speciality")
def speciality() -> str:
    """Show what the community is known for, and how much of it was done this year."""
    return _page({})


def _page(errors: dict[str, str]) -> str:
    """Return the page of the speciality."""
    community_id, year = mine(), clock.today().year
    kept = keeping.speciality(community_id)
    sorts = [Sort(each) for each in kept.sorts] if kept else []
    counted = counting.shares(community_id, year).sorts
    return render_template(
        "cases/speciality.html",
        kept=kept,
        rows=[(voiced(words.SORTS[each]), counted.get(each.value, counting.Share()), each.value) for each in sorts],
        year=year,
        sorts=words.choices(words.SORTS),
        chosen=request.form.getlist("sorts") if errors else [each.value for each in sorts],
        given=request.form if errors else {"title": kept.title, "words": kept.words, "doings": "\n".join(kept.doings)} if kept else {},
        errors=errors,
    )


@blueprint.post("/cases/speciality")
def set_speciality() -> Page:
    """Say what the community is known for."""
    try:
        said = take(SpecialityForm(), request.form)
        with submitted() as taken:
            registering.set_speciality(mine(), said["title"], said["words"], said["sorts"], said["doings"].splitlines())
            flash(_("已存好，今天页和居民的页面上看得到。"), "done")
            return taken.redirect(url_for(".speciality"))
    except Invalid as error:
        return _page(sentences(error)), UNPROCESSABLE
