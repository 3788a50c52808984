"""现在要人: an emergency is written down, the free and near are asked, and it stays in sight until it is closed with a result."""

from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import fields, validate
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock
from timebank.access.guards import this_user
from timebank.audit import AuditRow
from timebank.catalogue.models import Evidence, ServiceKind
from timebank.db import db
from timebank.elders import queries as elders
from timebank.elders.models import Elder
from timebank.errors import Invalid
from timebank.forms import Form, Whole, Words, sentences, take
from timebank.hours import DAY_AT_MOST
from timebank.places import queries as places
from timebank.planning import queries, taking, words
from timebank.planning.actions import covering
from timebank.planning.cover import Line
from timebank.planning.taking import Way
from timebank.planning.views.board import Table
from timebank.planning.views.shared import my_community
from timebank.planning.words import _
from timebank.today.views import lines, takers
from timebank.today.views.shared import blueprint
from timebank.visits import queries as visits
from timebank.visits.models import HelpRequest, Offer, OfferState, Visit
from timebank.visits.states import LIVE, TO_COME, Why
from timebank.volunteers.models import Volunteer
from timebank.web import LARGEST, UNPROCESSABLE, Page, found, listed, submitted

MATCHES = 8
USUAL_FACES = 3
SHOWN = 8
SOON = 45
FIRST_KIND = "VISIT"
FIRST_KINDS = (FIRST_KIND, "MED", "DRUG", "FIX", "SHOP")


class NeedForm(Form):
    """Who needs somebody now, what for, and how many people."""

    elder = Whole(1, LARGEST, required=True)
    kind = Words(20, required=True)
    words = Words(200, load_default="")
    start = fields.String(load_default="now", validate=validate.OneOf(["now", "soon"]))
    minutes = Whole(5, DAY_AT_MOST, load_default=None)
    people = Whole(1, 2, load_default=1)
    rang = fields.Boolean(load_default=False)


class CloseForm(Form):
    """How it ended, or that it is an ordinary need after all."""

    result = Words(200, load_default="")
    ordinary = fields.Boolean(load_default=False)


def kinds() -> list[ServiceKind]:
    """Return the kinds that somebody can be needed for now: at the door, by the clock; looking in comes first."""
    rows = db.session.scalars(
        select(ServiceKind)
        .where(ServiceKind.evidence == Evidence.TIMED, ServiceKind.at_door, ServiceKind.from_canteen.is_(False), ServiceKind.enabled)
        .order_by(ServiceKind.position, ServiceKind.id)
    )
    rank = {code: place for place, code in enumerate(FIRST_KINDS)}
    return sorted(rows, key=lambda each: rank.get(each.code, len(rank)))


def kind_word(kind: ServiceKind) -> str:
    """Return what is needed as one says it on the telephone."""
    return _("去看一眼、陪着") if kind.code == FIRST_KIND else words.kind_words(kind)


@blueprint.get("/today/now")
def now() -> str:
    """Show the form: 120 first, then who, then what."""
    return _form({})


def _form(errors: dict[str, str]) -> str:
    """Return the form with what was entered and what is wrong with it."""
    community = my_community()
    said = request.values.get("elder", "")
    elder = elders.elder_of(community.id, int(said)) if said.isdecimal() and int(said) <= LARGEST else None
    q = request.args.get("q", "").strip()[:40]
    known = kinds()
    return render_template(
        "today/now.html",
        community=community.name,
        elder=elder,
        q=q,
        matches=elders.elders(community.id, q)[:MATCHES] if q and elder is None else [],
        usual=_usual(elder) if elder else [],
        family=_family(elder) if elder else [],
        kinds=[(each.code, kind_word(each)) for each in known[: len(FIRST_KINDS)]],
        more_kinds=[(each.code, kind_word(each)) for each in known[len(FIRST_KINDS) :]],
        given=request.form or {"kind": known[0].code if known else "", "start": "now", "people": "1"},
        errors=errors,
    )


def _usual(elder: Elder) -> list[tuple[Volunteer, int]]:
    """Return who has been at an elder's door most often."""
    served = visits.times_served(elder.community_id, {elder.household_id})
    often = sorted(served.items(), key=lambda each: -each[1])[:USUAL_FACES]
    known = [(db.session.get(Volunteer, who), times) for (_home, who), times in often]
    return [(who, times) for who, times in known if who is not None and who.active]


def _family(elder: Elder) -> list[tuple[str, str]]:
    """Return the telephones of those who speak for an elder."""
    return [(user.shown_name, user.phone) for link, user in elders.family_of(elder) if link.approved_at]


@blueprint.post("/today/now")
def need() -> Page:
    """Write down that somebody is needed; nothing is sent before a name is pressed."""
    community = my_community()
    try:
        said = take(NeedForm(), request.form)
        with submitted() as taken:
            elder = found(elders.elder_of(community.id, said["elder"]))
            kind = found(next((each for each in kinds() if each.code == said["kind"]), None))
            made = covering.need_now(
                elder,
                kind,
                said["words"],
                this_user(),
                minutes=said["minutes"],
                people=said["people"],
                later=said["start"] == "soon",
            )
            if said["rang"]:
                _note_rang(made)
            return taken.redirect(url_for(".case", request_id=made.id))
    except Invalid as error:
        return _form(sentences(error)), UNPROCESSABLE


def _note_rang(made: HelpRequest) -> None:
    """Note that 120 was rung, once."""
    if not any(row.verb == "rang_120" for row in _trail(made)):
        audit.record("rang_120", "help_request", made.id)
        db.session.flush()


def _trail(made: HelpRequest) -> list[AuditRow]:
    """Return what was noted of an emergency, in order."""
    rows = select(AuditRow).where(AuditRow.subject == "help_request", AuditRow.subject_id == str(made.id)).order_by(AuditRow.id)
    return list(db.session.scalars(rows))


def my_case(request_id: int) -> HelpRequest:
    """Return an emergency of the reader's community."""
    asked = found(visits.request_of(my_community().id, request_id))
    return found(asked if asked.urgent or any(row.verb == "need_now" for row in _trail(asked)) else None)


@blueprint.get("/today/now/<int:request_id>")
def case(request_id: int) -> Page:
    """Show an emergency: who could be there first, who was asked, and what has been done."""
    asked = my_case(request_id)
    if not asked.urgent:
        return redirect(url_for("requests.show", request_id=asked.id), 303)
    return _case(asked, {})


def _case(asked: HelpRequest, errors: dict[str, str]) -> str:
    """Return the page of an emergency."""
    visit = found(next(iter(asked.visits), None))
    live = [made for made in visit.offers if made.state in LIVE]
    going = [made for made in live if made.state is OfferState.ACCEPTED]
    line = lines.line_with(asked.community_id, [visit.id]) if asked.closed_at is None else None
    near = _near(asked, line, visit) if line and visit.state in TO_COME and len(going) < visit.crew else []
    waiting = [made for made in live if made.state is OfferState.SENT]
    return render_template(
        "today/case.html",
        community=my_community().name,
        asked=asked,
        visit=visit,
        elder=asked.elder or visit.household.elders[0],
        whom=lines.whom(visit),
        where=words.address(visit),
        kind=kind_word(asked.kind),
        live=[_asked(made) for made in live],
        near=_with_the_filled_one(near, waiting),
        missing=max(0, visit.crew - len(going)),
        steps=_steps(asked, visit),
        rang=any(row.verb == "rang_120" for row in _trail(asked)),
        family=_family(asked.elder or visit.household.elders[0]),
        last=lines.last_offer([visit]),
        day=_day(visit).isoformat(),
        map=_map(asked, visit, near),
        errors=errors,
        given=request.form,
        over=clock.now() > clock.at(_day(visit), visit.window_to),
    )


def _day(visit: Visit) -> date:
    """Return the day of an emergency."""
    return visit.day or date.fromisoformat(visit.days[0])


def _near(asked: HelpRequest, line: Line, visit: Visit) -> list[Table]:
    """Return who could be there: on duty and familiar first, then whoever is at the door soonest."""
    plan = queries.plan_of(asked.community_id, clock.monday_of(_day(visit)))
    ways = taking.ways(plan, line) if plan else []
    busy = {made.volunteer_id for made in visit.offers if made.state in LIVE}
    free = [way for way in ways if way.volunteer.id not in busy]
    timed = [(way, _minutes_to(way, visit)) for way in free]
    ranked = sorted(timed, key=lambda each: (each[1] > SOON, not (each[0].volunteer.staff or each[0].known), each[1]))[:SHOWN]
    return [_person(way, minutes, line, rank) for rank, (way, minutes) in enumerate(ranked, start=1)]


def _minutes_to(way: Way, visit: Visit) -> int:
    """Return in how many minutes somebody could be at the door: when they are free, and not before the way from home."""
    home = visit.household.building
    start = way.start - clock.minute_of(clock.now())
    return max(start, *(takers.minutes_to(each, home.lat, home.lon) for each in way.volunteers if each.id not in way.going))


def _person(way: Way, minutes: int, line: Line, rank: int) -> Table:
    """Return somebody near as their row says it."""
    one = way.volunteer
    new = [each for each in way.volunteers if each.id not in way.going]
    facts = [takers.known(way, line), takers.hours(way)]
    return {
        "rank": rank,
        "people": new,
        "names": listed(each.name for each in new),
        "staff": one.staff,
        "mode": takers.mode(one),
        "soon": minutes <= SOON,
        "minutes": lines.ago(minutes),
        "far": takers.far(one, line),
        "lat": one.lat,
        "lon": one.lon,
        "facts": facts,
        "button": _("请这两位现在去") if len(new) > 1 else _("请%(them)s现在去", them=takers.them(one)),
        "choice": takers.choice(way),
        "filled": False,
    }


def _with_the_filled_one(near: list[Table], waiting: list[Offer]) -> list[Table]:
    """Fill the first button, once whoever was asked has kept silent for three minutes; nobody is asked by itself."""
    newest = max((made.sent_at for made in waiting), default=None)
    silent = newest is None or (clock.now() - newest).total_seconds() >= lines.CALL_AFTER * 60
    if near and silent:
        near[0]["filled"] = True
    return near


def _asked(made: Offer) -> Table:
    """Return somebody who was asked, and how that stands."""
    waited = max(0, int((clock.now() - made.sent_at).total_seconds() // 60))
    if made.state is OfferState.ACCEPTED:
        word = _("到了") if made.started_at is not None else _("有人了")
        state = {"word": word, "kind": "soft", "icon": "tick"}
    else:
        state = {"word": _("已问 %(time)s", time=lines.ago(waited)) if waited else _("刚问"), "kind": "ginkgo", "icon": "clock"}
    return {
        "offer": made,
        "who": made.volunteer,
        "chip": state,
        "waits": made.state is OfferState.SENT,
        "said_yes": _("%(they)s答应了", they=takers.they(made.volunteer)),
    }


def _steps(asked: HelpRequest, visit: Visit) -> list[Table]:
    """Return what has been done with its times, and what is still open."""
    done: list[tuple[datetime, str, str]] = [(asked.asked_at, _("记下了"), asked.note or "")]
    done += [(row.at, _("120 已打"), "") for row in _trail(asked) if row.verb == "rang_120"]
    for made in visit.offers:
        done += _of_offer(made)
    steps = [
        {"state": "done", "title": said, "text": text, "time": clock.hhmm(clock.minute_of(at))}
        for at, said, text in sorted(done, key=lambda each: each[0])
    ]
    missing = visit.crew - sum(1 for made in visit.offers if made.state is OfferState.ACCEPTED)
    if asked.closed_at is not None:
        steps.append({"state": "done", "title": _("收起来了"), "text": asked.reason, "time": clock.hhmm(clock.minute_of(asked.closed_at))})
    elif missing > 0:
        steps.append({"state": "current", "title": _("还缺 %(count)s 位", count=missing), "text": _("谁先答应就是谁"), "time": ""})
    else:
        steps.append({"state": "to_do", "title": _("告诉家属，再收起来"), "text": _("有人进了门再说一次结果"), "time": ""})
    return steps


def _of_offer(made: Offer) -> list[tuple[datetime, str, str]]:
    """Return what was done about one person."""
    who = made.volunteer.name
    found_ones = [(made.sent_at, _("请了%(who)s", who=who), "")]
    if made.state is OfferState.ACCEPTED and made.answered_at:
        found_ones.append((made.answered_at, _("%(who)s答应了", who=who), ""))
    if made.state is OfferState.DECLINED and made.answered_at:
        found_ones.append((made.answered_at, _("%(who)s去不了", who=who), ""))
    if made.state is OfferState.WITHDRAWN and made.over_at:
        first = made.reason == Why.ELSEWHERE.value
        found_ones.append((made.over_at, _("已告诉%(who)s不用去", who=who), _("别人先答应了") if first else ""))
    if made.started_at is not None:
        found_ones.append((made.started_at, _("%(who)s到了", who=who), ""))
    return found_ones


def _map(asked: HelpRequest, visit: Visit, near: list[Table]) -> Table:
    """Return the map: the door, and the homes of those on the list with its numbers."""
    home = visit.household.building
    stops = [{"lat": each["lat"], "lon": each["lon"], "number": each["rank"], "label": each["names"]} for each in near]
    return {
        "routes": [{"chosen": True, "name": each["label"], "stops": [each], "from_canteen": False} for each in stops],
        "door": [{"lat": home.lat, "lon": home.lon, "label": lines.whom(visit)}],
        "buildings": [(house.lat, house.lon) for house in places.buildings(asked.community_id)],
    }


@blueprint.post("/today/now/<int:request_id>/rang")
def rang(request_id: int) -> AnyResponse:
    """Note that 120 was rung."""
    asked = my_case(request_id)
    with submitted() as taken:
        _note_rang(asked)
        return taken.redirect(url_for(".case", request_id=request_id))


@blueprint.post("/today/now/<int:request_id>/close")
def close_case(request_id: int) -> Page:
    """Close an emergency with its result, or let it be an ordinary need."""
    asked = my_case(request_id)
    try:
        said = take(CloseForm(), request.form)
        with submitted() as taken:
            flash(*_close(asked, said))
            return taken.redirect(url_for(".today"))
    except Invalid as error:
        return _case(asked, sentences(error)), UNPROCESSABLE


def _close(asked: HelpRequest, said: dict[str, Any]) -> tuple[str, str]:
    """Close an emergency and return the sentence that says so; a second press changes nothing."""
    if asked.closed_at is not None:
        return _("同事已经收起来了：%(result)s", result=asked.reason), "late"
    if not asked.urgent:
        return _("已经记成普通求助了。"), "late"
    covering.close_now(asked, this_user(), said["result"], ordinary=said["ordinary"])
    if said["ordinary"]:
        return _("记成普通求助了，没有人去就还在“要有人去”里。"), "done"
    return _("收起来了，结果记下了。还没动身的会收到“不用去了”。"), "done"
