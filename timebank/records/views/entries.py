"""手工与补录: entering what no check-in shows, the list that waits for a second person, posting and refusing."""

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access import one_hand
from timebank.access.guards import may, this_user
from timebank.access.models import User
from timebank.catalogue.models import ServiceKind
from timebank.db import db
from timebank.errors import Conflict, Invalid, wrong
from timebank.forms import args, in_full, sentences, take
from timebank.proposals import elsewhere
from timebank.proposals.elsewhere import Elsewhere
from timebank.records import queries
from timebank.records.schemas import DecisionForm, EntryForm, KinForm, RulesForm, WhoArgs
from timebank.records.views.shared import blueprint, mine, volunteer_or_404
from timebank.sentences import Pair, Sentence, the_day
from timebank.visits.actions import ceilings, entering
from timebank.visits.actions.kin import why_not
from timebank.visits.entries import EntrySort, ManualEntry
from timebank.visits.models import Offer
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, Page, found, submitted, voiced


@blueprint.get("/entries")
def entries() -> str:
    """List the entries that wait for a second person, and those decided."""
    return _list_page({})


def _list_page(errors: dict[str, str]) -> str:
    """Return the list with what the community has settled about entries."""
    community_id, me = mine(), this_user()
    pending = queries.entries(community_id, pending=True)
    return render_template(
        "records/entries.html",
        pending=pending,
        decided=queries.entries(community_id, pending=False),
        why_not={each.id: _why_not(each) for each in pending},
        rules=ceilings.rules_of(community_id),
        kinships=queries.kinships(community_id),
        office=[(each.id, each.shown_name) for each in queries.office_of(community_id) if entering.may_name_kin(each, this_user())],
        volunteers=[(each.id, each.name) for each in volunteers.volunteers(community_id)],
        given=request.form,
        errors=errors,
        me=me,
    )


def _why_not(entry: ManualEntry) -> str:
    """Return why the reader cannot decide on an entry, nothing when they can."""
    why = _bar(entry, this_user())
    return voiced(why) if why else ""


def _bar(entry: ManualEntry, reader: User) -> Pair | None:
    """Return why somebody cannot decide on an entry, in both languages; None when they can."""
    if entry.entered_by == reader.id:
        return Sentence("是你录入的，要由另一位同事核准。")
    return one_hand.why_one(entry.entered_by, reader) or why_not(reader, entry.volunteer)


def _waiting(community_id: int, reader: User) -> list[Elsewhere]:
    """Return the entries that wait, for the one list of all that waits for a second person."""
    return [
        Elsewhere(
            title=_title(each),
            asked_by=each.enterer.shown_name,
            asked_at=each.entered_at,
            href=url_for("records.entry", entry_id=each.id),
            why_not=_bar(each, reader),
        )
        for each in queries.entries(community_id, pending=True)
    ]


def _title(entry: ManualEntry) -> Pair:
    """Return an entry in a line, in both languages."""
    name, day, minutes = entry.volunteer.name, entry.day, entry.minutes
    sort = Sentence("补录") if entry.sort is EntrySort.BACK_ENTRY else Sentence("手工记录")
    return Sentence(
        "%(sort)s：%(name)s %(day)s %(kind)s %(minutes)s 分钟",
        sort=sort,
        name=name,
        day=the_day(day),
        kind=entry.kind.words,
        minutes=minutes,
    )


elsewhere.register(_waiting)


@blueprint.route("/entries/new", methods=["GET", "POST"])
def enter() -> Page:
    """Choose a volunteer, then enter what no check-in shows."""
    if request.method == "GET":
        asked = args(WhoArgs())
        return _form_page(volunteer_or_404(asked["volunteer"]) if asked["volunteer"] else None, asked["visit"], {})
    volunteer_id = request.form.get("volunteer", type=int) or 0
    try:
        said = take(EntryForm(), request.form)
        with submitted() as taken:
            entry = entering.enter(_draft(said), this_user())
            flash(_("已录入，等另一位同事核准。核准以前不算数。"), "done")
            return taken.redirect(url_for(".entry", entry_id=entry.id))
    except Invalid as error:
        return _form_page(volunteer_or_404(volunteer_id), None, in_full(error)), UNPROCESSABLE
    except Conflict as error:
        db.session.rollback()
        return _form_page(volunteer_or_404(volunteer_id), None, {"form": voiced(error.words)}), error.status


def _draft(said: dict[str, Any]) -> entering.Draft:
    """Return what a form describes; the kind is the planned visit's where there was one."""
    volunteer = volunteer_or_404(said["volunteer"])
    made = _offer(volunteer, said["visit"]) if said["visit"] else None
    kind = made.visit.kind if made else db.session.get(ServiceKind, said["kind"]) if said["kind"] else None
    if kind is None:
        raise wrong("kind", "请选做了什么。")
    place = said["place"] or (made.visit.household.building.compound.name if made else "")
    return entering.Draft(
        volunteer=volunteer,
        kind=kind,
        started=clock.at(said["day"], said["started"]),
        ended=clock.at(said["day"], said["ended"]),
        place=place,
        reason=said["reason"],
        evidence=said["evidence"],
        offer=made,
    )


def _offer(volunteer: Volunteer, visit_id: int) -> Offer:
    """Return the accepted visit that took place without check-in."""
    rows = queries.back_enterable(volunteer, clock.today() - ceilings.reach(volunteer.community_id))
    made = next((each for each in rows if each.visit_id == visit_id), None)
    if made is None:
        raise Invalid("这次上门不能补录：不是这位志愿者的，或者已经有记录。", fields={"visit": Sentence("请从列表里选")})
    return made


def _form_page(volunteer: Volunteer | None, visit_id: int | None, errors: dict[str, str]) -> str:
    """Return the form; without a volunteer, the list to choose one from."""
    community_id = mine()
    offers = queries.back_enterable(volunteer, clock.today() - ceilings.reach(community_id)) if volunteer else []
    chosen = next((made for made in offers if made.visit_id == visit_id), None)
    why = why_not(this_user(), volunteer) if volunteer else None
    kinds = db.session.scalars(select(ServiceKind).where(ServiceKind.enabled).order_by(ServiceKind.position, ServiceKind.id))
    return render_template(
        "records/enter.html",
        volunteer=volunteer,
        volunteers=[(each.id, each.name) for each in volunteers.volunteers(community_id)],
        offers=offers,
        kinds=[(each.id, voiced(each.words)) for each in kinds],
        why_not=voiced(why) if why else "",
        given=request.form or _as_form(chosen),
        rules=ceilings.rules_of(community_id),
        today=clock.today(),
        errors=errors,
    )


def _as_form(made: Offer | None) -> dict[str, Any]:
    """Return what stands in the form of a planned visit: its day and times, for the person to correct."""
    if made is None:
        return {}
    end = min(made.start + made.visit.minutes, 24 * 60)
    return {
        "visit": str(made.visit_id),
        "day": made.day.isoformat(),
        "started": clock.hhmm(made.start),
        "ended": clock.hhmm(end),
        "place": made.visit.household.building.compound.name,
    }


@blueprint.get("/entries/<int:entry_id>")
def entry(entry_id: int) -> str:
    """Show one entry with who did what, and the way to decide on it."""
    return _entry_page(found(queries.entry_in(mine(), entry_id)), {})


def _entry_page(shown: ManualEntry, errors: dict[str, str]) -> str:
    """Return the page of one entry."""
    return render_template(
        "records/entry.html",
        entry=shown,
        record=queries.record_of_entry(shown),
        why_not=_why_not(shown),
        deciding=may("records.post_entry"),
        given=request.form,
        errors=errors,
    )


@blueprint.post("/entries/<int:entry_id>/post")
def post_entry(entry_id: int) -> Page:
    """Post somebody else's entry; record and credit are written together."""
    try:
        with submitted() as taken:
            record = entering.post(found(queries.entry_in(mine(), entry_id)), this_user())
            flash(_("已核准，记入 %(minutes)s 分钟。", minutes=record.minutes), "done")
            return taken.redirect(url_for(".entry", entry_id=entry_id))
    except Invalid as error:
        db.session.rollback()
        return _entry_page(found(queries.entry_in(mine(), entry_id)), {"form": voiced(error.words)}), UNPROCESSABLE


@blueprint.post("/entries/<int:entry_id>/refuse")
def refuse_entry(entry_id: int) -> Page:
    """Refuse somebody else's entry, with a reason."""
    try:
        decision = take(DecisionForm(), request.form)["decision"]
        with submitted() as taken:
            entering.refuse(found(queries.entry_in(mine(), entry_id)), this_user(), decision)
            flash(_("没有同意，原因记下了，什么也没有入账。"), "done")
            return taken.redirect(url_for(".entry", entry_id=entry_id))
    except Invalid as error:
        db.session.rollback()
        return _entry_page(found(queries.entry_in(mine(), entry_id)), sentences(error)), UNPROCESSABLE


@blueprint.post("/entries/rules")
def settle_rules() -> Page:
    """Settle the ceilings of entries by hand and the share of call-backs."""
    try:
        said = take(RulesForm(), request.form)
        with submitted() as taken:
            asked = ceilings.propose_rules(mine(), this_user(), **said)
            flash(_("已经提请，第二个人核准以后按新的上限。") if asked else _("没有改动。"), "done")
            return taken.redirect(url_for(".entries") + "#rules")
    except Invalid as error:
        return _list_page(sentences(error)), UNPROCESSABLE


@blueprint.post("/entries/kin")
def add_kin() -> Page:
    """Note that somebody of the office is family of a volunteer."""
    try:
        said = take(KinForm(), request.form)
        with submitted() as taken:
            user = found(next((each for each in queries.office_of(mine()) if each.id == said["user"]), None))
            entering.name_kin(user, volunteer_or_404(said["volunteer"]), said["relation"], this_user())
            return taken.redirect(url_for(".entries") + "#kin")
    except Invalid as error:
        return _list_page(sentences(error)), UNPROCESSABLE


@blueprint.post("/entries/kin/<int:kinship_id>/drop")
def drop_kin(kinship_id: int) -> AnyResponse:
    """Take a kinship back that was noted by mistake."""
    with submitted() as taken:
        entering.drop_kin(found(queries.kinship_in(mine(), kinship_id)), this_user())
        return taken.redirect(url_for(".entries") + "#kin")
