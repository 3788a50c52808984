"""Pages of the office on the time account in use: the pool, grants, links to check, who left minutes behind, and the rules."""

from dataclasses import asdict

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.credit import actions, proposed, queries, rules
from timebank.credit.models import GiftLink
from timebank.credit.schemas import DecideForm, MinutesForm, PassOnForm
from timebank.elders import queries as elders
from timebank.elders.models import Elder
from timebank.errors import Invalid
from timebank.forms import sentences, take
from timebank.ledger import queries as book
from timebank.ledger.refusals import spoken
from timebank.places import queries as places
from timebank.proposals.models import Proposal
from timebank.volunteers import queries as volunteers
from timebank.web import UNPROCESSABLE, Page, found, joined, submitted, voiced

blueprint = Blueprint("credit", __name__, url_prefix="/credit")


@blueprint.app_template_filter("spoken")
def _spoken(minutes: int) -> str:
    """Return a length of time in the reader's words, such as 2 小时 15 分钟."""
    return voiced(spoken(minutes))


@blueprint.app_template_global("relation_word")
def relation_word(relation: str) -> str:
    """Return what an elder is to a volunteer, in words."""
    return str(dict(relation_choices())[relation])


def relation_choices() -> list[tuple[str, str]]:
    """Return the relations for a select."""
    return [
        ("self", _("本人")),
        ("spouse", _("配偶")),
        ("parent", _("父母")),
        ("grandparent", _("祖父母、外祖父母")),
        ("parent_in_law", _("配偶的父母")),
        ("friend", _("朋友")),
    ]


def community_id() -> int:
    """Return the community whose accounts the reader sees."""
    return places.community_seen_by(this_user()).id


def _elder(elder_id: int) -> Elder:
    """Return an elder of the reader's community."""
    return found(elders.elder_of(community_id(), elder_id))


def _me() -> str:
    """Return the reader as the ledger names who asked."""
    return f"user:{this_user().id}"


@blueprint.get("")
def office() -> str:
    """Show the pool and the sums of the book, and what waits for the office."""
    return _office_page({})


def _office_page(errors: dict[str, str]) -> str:
    """Return the page of the pool, with what was wrong in a form on it."""
    mine = community_id()
    return render_template(
        "credit/office.html",
        totals=book.totals(mine),
        on=queries.terms_of(mine),
        links=queries.links_to_check(mine),
        elders=[("", _("请选老人")), *((each.id, f"{each.name} · {each.number}") for each in elders.elders(mine))],
        month=queries.granted(mine, clock.today()),
        leavers=[(each, book.balance(each.account_id), _relatives(each.id)) for each in queries.leavers(mine)],
        gone=queries.gone_elders(mine),
        errors=errors,
    )


def _relatives(volunteer_id: int) -> list[tuple[int | str, str]]:
    """Return the checked relatives of a volunteer for a select, the pool first."""
    volunteer = found(volunteers.volunteer_in(community_id(), volunteer_id))
    checked = [link for link in queries.links_of(volunteer) if link.agreed and link.elder is not None]
    return [("", _("公共时间池")), *((link.id, link.elder.name) for link in checked if link.elder is not None)]


@blueprint.post("/links/<int:link_id>")
def decide_link(link_id: int) -> Page:
    """Bind a link to the elder it means, or refuse it."""
    try:
        said = take(DecideForm(), request.form)
        with submitted() as taken:
            link: GiftLink = found(queries.link_in(community_id(), link_id))
            actions.decide_link(link, _elder(said["elder"]) if said["elder"] else None, this_user())
            flash(_("已关联，志愿者可以送时间了。") if link.agreed else _("已记下：没有关联。"), "done")
            return taken.redirect(url_for(".office"))
    except Invalid as error:
        return _office_page(sentences(error)), UNPROCESSABLE


@blueprint.post("/grants/<int:elder_id>")
def grant(elder_id: int) -> Page:
    """Grant a priority elder minutes from the pool."""
    try:
        minutes = take(MinutesForm(), request.form)["minutes"]
        with submitted() as taken:
            made = proposed.grant(_elder(elder_id), minutes, key=taken.key, by=this_user())
            flash(_("超过默认的补助数，已经提请，等第二个人核准。") if isinstance(made, Proposal) else _("已补助。"), "done")
            return taken.redirect(url_for(".office"))
    except Invalid as error:
        return _office_page(sentences(error)), UNPROCESSABLE


@blueprint.post("/grants")
def grant_month() -> AnyResponse:
    """Grant every priority elder what is left of the month."""
    with submitted() as taken:
        count, waiting = proposed.grant_month(community_id(), this_user())
        said = [_("本月补助已发给 %(count)s 位老人。", count=count) if count else ""]
        said += [_("%(count)s 位超过默认的补助数，等第二个人核准。", count=waiting) if waiting else ""]
        flash(joined(said) or _("本月的补助都发过了。"), "done")
        return taken.redirect(url_for(".office"))


@blueprint.post("/leavers/<int:volunteer_id>")
def pass_on(volunteer_id: int) -> AnyResponse:
    """Pass on what a volunteer who serves no more has left."""
    chosen = take(PassOnForm(), request.form)["link"]
    with submitted() as taken:
        volunteer = found(volunteers.volunteer_in(community_id(), volunteer_id))
        to = found(queries.link_of(volunteer, chosen)) if chosen else None
        actions.pass_on(volunteer, to, key=taken.key, actor=_me())
        flash(_("余额已转走。"), "done")
        return taken.redirect(url_for(".office"))


@blueprint.post("/gone/<int:elder_id>")
def take_back(elder_id: int) -> AnyResponse:
    """Pass what stands on a gone elder's account to the pool."""
    with submitted() as taken:
        actions.take_back(_elder(elder_id), key=taken.key, actor=_me())
        flash(_("余额已进公共时间池。"), "done")
        return taken.redirect(url_for(".office"))


@blueprint.get("/rules", endpoint="rules")
def show_rules() -> str:
    """Show the twenty rules as they are here."""
    return _rules_page({})


def _rules_page(errors: dict[str, str]) -> str:
    """Return the page of the rules, with what was wrong in the form on it."""
    on = queries.terms_of(community_id())
    return render_template(
        "credit/rules.html",
        rows=[(code, voiced(rules.sentence(code, on)), _settings(code)) for code in rules.SENTENCES],
        given={name: request.form.get(name, value) for name, value in asdict(on).items()},
        words={word: voiced(pair) for word, pair in rules.WORDS.items()},
        errors=errors,
    )


def _settings(code: str) -> list[rules.Line]:
    """Return what of a rule can be changed."""
    return [line for line in rules.catalogue() if line.code == code and line.setting]


@blueprint.post("/rules")
def change_rules() -> Page:
    """Ask for other numbers of the rules; a second person decides, and each change is on record."""
    names = {line.setting for line in rules.catalogue() if line.setting}
    try:
        with submitted() as taken:
            given = {name: value.strip() for name, value in request.form.items() if name in names}
            asked = proposed.propose_settings(community_id(), given, this_user())
            flash(_("已经提请，第二个人核准以后新规则才生效。") if asked else _("没有改动。"), "done")
            return taken.redirect(url_for(".rules"))
    except Invalid as error:
        return _rules_page(sentences(error)), UNPROCESSABLE
