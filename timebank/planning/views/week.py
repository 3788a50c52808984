"""周计划: one week, how it stands, and the one button that plans it."""

from flask import render_template

from timebank.planning.views.shared import blueprint, my_community


@blueprint.get("/plan")
def week() -> str:
    """Show a week."""
    return render_template("planning/week.html", community=my_community().name)
