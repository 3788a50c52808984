"""每周核查: the flags of a week and the call-backs drawn by chance, each settled with a result."""

from datetime import date, timedelta

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.elders import queries as elders
from timebank.errors import Invalid
from timebank.forms import args, sentences, take
from timebank.records import checklists
from timebank.records.actions import checking
from timebank.records.hands import Hands
from timebank.records.models import CallBack, Heard, Settled
from timebank.records.schemas import CallForm, SettleForm, WeekArgs, WeekForm
from timebank.records.views.shared import blueprint, mine
from timebank.web import UNPROCESSABLE, Page, found, submitted

WEEK = timedelta(days=7)


@blueprint.get("/checks")
def checks() -> str:
    """Show the check of a week: unless another one is asked for this week's, where it has found something already, else last week's."""
    asked: date | None = args(WeekArgs())["week"]
    monday = clock.monday_of(clock.today())
    return _page(asked or (monday if checklists.has_found(mine(), monday) else monday - WEEK), {})


def _page(week: date, errors: dict[str, str]) -> str:
    """Return the page of a week's check."""
    community_id = mine()
    check = checklists.check_of(community_id, week)
    after = week + WEEK
    findings, calls = (checklists.findings_of(check), checklists.calls_of(check)) if check else ([], [])
    hands = Hands(community_id, [*(each.record for each in findings), *(each.record for each in calls)])
    return render_template(
        "records/checks.html",
        week=week,
        last=week + timedelta(days=6),
        name=clock.week_name(week),
        before=clock.week_name(week - WEEK),
        after=clock.week_name(after) if after <= clock.today() else None,
        has_begun=clock.today() >= week,
        is_over=clock.today() >= after,
        check=check,
        findings=findings,
        calls=calls,
        way=lambda record: hands.way(this_user(), record),
        elsewhere=checklists.open_elsewhere(community_id, week),
        whom_to_call=whom_to_call,
        given=request.form,
        errors=errors,
    )


def whom_to_call(made: CallBack) -> list[tuple[str, str]]:
    """Return the names and numbers to ask about a visit: who lives there, then who speaks for them; of a round, its first door."""
    record = made.record
    offers = record.round.offers if record.round is not None else []
    visit = record.visit or next((each.visit for each in offers), None)
    if visit is None:
        return []
    people = [(each.name, each.phone) for each in visit.household.elders if each.phone]
    family = [user for each in visit.household.elders for link, user in elders.family_of(each) if link.approved_at is not None]
    return people + [(user.shown_name, user.phone) for user in family]


@blueprint.post("/checks")
def check() -> AnyResponse:
    """Check a week, so far when it is not over."""
    week = take(WeekForm(), request.form)["week"]
    with submitted() as taken:
        checking.check_week(mine(), week)
        flash(_("这一周查过了，要核对的列在下面。"), "done")
        return taken.redirect(url_for(".checks", week=clock.week_name(week)))


@blueprint.post("/findings/<int:finding_id>")
def settle(finding_id: int) -> Page:
    """Settle a flag with what was found."""
    finding = found(checklists.finding_in(mine(), finding_id))
    week = finding.check.week
    try:
        said = take(SettleForm(), request.form)
        with submitted() as taken:
            checking.settle(found(checklists.finding_in(mine(), finding_id)), said["settled"], said["result"], this_user())
            words = _("已提出异议，5 个工作日内答复。") if said["settled"] is Settled.OBJECTED else _("结果记下了。")
            flash(words, "done")
            return taken.redirect(url_for(".checks", week=clock.week_name(week)))
    except Invalid as error:
        return _page(week, {f"f{finding_id}": next(iter(sentences(error).values()))}), UNPROCESSABLE


@blueprint.post("/call-backs/<int:call_id>")
def call(call_id: int) -> Page:
    """Note what was heard on the telephone."""
    made = found(checklists.call_in(mine(), call_id))
    week = made.check.week
    try:
        said = take(CallForm(), request.form)
        with submitted() as taken:
            checking.call(found(checklists.call_in(mine(), call_id)), said["heard"], said["words"], this_user(), said["score"])
            words = _("已提出异议，5 个工作日内答复。") if said["heard"] is Heard.WRONG else _("结果记下了。")
            flash(words, "done")
            return taken.redirect(url_for(".checks", week=clock.week_name(week)))
    except Invalid as error:
        return _page(week, {f"c{call_id}": next(iter(sentences(error).values()))}), UNPROCESSABLE
