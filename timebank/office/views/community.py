"""社区: its name, its telephone and the unit that records its service; the first one is founded here."""

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank.access.guards import this_user
from timebank.access.models import Role
from timebank.certificates.issuer import ISSUER, hold_back_issuer
from timebank.errors import NotAllowed
from timebank.forms import take
from timebank.office.queries import Step
from timebank.office.schemas import CommunityForm
from timebank.office.views.shared import Errors, attempt, blueprint, community_or_none, given, page
from timebank.places import actions, tenancy
from timebank.places.actions import Sign
from timebank.web import Page, Submission


@blueprint.route("/community", methods=["GET", "POST"])
def community() -> Page:
    """Show the community and take what is changed; without one, found it."""
    if request.method == "GET":
        return _community_page({})

    def act(taken: Submission) -> AnyResponse:
        said = take(CommunityForm(), request.form)
        known = community_or_none()
        if known is None:
            return _found(taken, said)
        actions.rename_community(known, said["street"], said["name"])
        waits = hold_back_issuer(known, {name: said[name] for name in ISSUER})
        flash(_("存好了。印在证明上的几项等第二个人核准才改。") if waits else _("存好了。"), "news" if waits else "done")
        return taken.redirect(url_for(".community"))

    return attempt(act, _community_page)


@blueprint.route("/community/new", methods=["GET", "POST"])
def another_community() -> Page:
    """Found one more community."""
    if request.method == "GET":
        return _new_page({})
    return attempt(lambda taken: _found(taken, take(CommunityForm(), request.form)), _new_page)


def _found(taken: Submission, said: dict[str, str]) -> AnyResponse:
    """Found a community and look at it from now on."""
    user = this_user()
    if user.role is not Role.ADMIN:
        raise NotAllowed("新建社区要由管理员来做。请联系管理员。")
    tenancy.look_at(user, actions.add_community(Sign(**said)))
    flash(_("%(name)s建好了。", name=said["name"]), "done")
    return taken.redirect(url_for(".first_day"))


def _community_page(errors: Errors) -> str:
    """Return the form of the community the reader looks at."""
    known = community_or_none()
    if known is None:
        return _new_page(errors)
    fields = {name: getattr(known, name) for name in ("name", *ISSUER)} | {"street": known.street.name}
    return page("office/community.html", Step.COMMUNITY, known=known, given=given(**fields), errors=errors)


def _new_page(errors: Errors) -> str:
    """Return the form of a new community."""
    return page("office/community.html", Step.COMMUNITY, known=None, given=given(), errors=errors)
