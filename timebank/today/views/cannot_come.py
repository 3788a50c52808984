"""谁今天来不了: pick the person, see what is left, hand it over as chosen or note it only; one press does it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from marshmallow import fields, validate
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import db
from timebank.desk.views.volunteers import say_turns
from timebank.errors import Conflict
from timebank.forms import Day, Form, Whole, Words, args, take
from timebank.notices.templates import render
from timebank.planning import cover, queries, taking, words
from timebank.planning.actions import covering
from timebank.planning.board import Board
from timebank.planning.cover import Line
from timebank.planning.models import Plan
from timebank.planning.taking import Way
from timebank.planning.views.board import Table
from timebank.planning.views.shared import my_community
from timebank.planning.words import _, ngettext
from timebank.today.views import lines, takers
from timebank.today.views.shared import blueprint
from timebank.visits import on_duty
from timebank.visits import queries as visits
from timebank.visits.actions import leaving, offering, telling
from timebank.visits.duties import Duty, DutyState
from timebank.visits.models import Offer, OfferState, Visit
from timebank.visits.states import LIVE
from timebank.volunteers.lent import serving, until_elsewhere
from timebank.volunteers.models import Volunteer
from timebank.web import LARGEST, found, joined, listed, submitted, voiced

AHEAD = timedelta(days=14)
FARTHEST = timedelta(days=60)
SHOWN_PEOPLE = 60
WHOLE_WAYS = 2
FRIDAY = 4
WAY = "way-"
MANY = 9876
WHYS = ("ill", "family", "")


class WhoArgs(Form):
    """Who cannot come, and until when."""

    q = Words(30, load_default="")
    who = Whole(1, LARGEST, load_default=None)
    until = fields.String(load_default="today", validate=validate.OneOf(["today", "friday", "date"]))
    last = Day(load_default=None)


class LeaveForm(WhoArgs):
    """Who cannot come, until when and why, and whether others are asked."""

    who = Whole(1, LARGEST, required=True)
    why = fields.String(load_default="", validate=validate.OneOf(WHYS))
    then = fields.String(load_default="ask", validate=validate.OneOf(["ask", "note"]))


def reason_of(why: str) -> str:
    """Return the reason that only coordinators read."""
    return {"ill": "病了", "family": "家里有事"}.get(why, "")


def last_day(asked: Table) -> date:
    """Return until which day somebody cannot come; never before today, never farther than two months."""
    today = clock.today()
    if asked["until"] == "friday":
        return max(today, clock.monday_of(today) + timedelta(days=FRIDAY))
    if asked["until"] == "date":
        return min(max(asked["last"] or today + timedelta(days=1), today), today + FARTHEST)
    return today


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who has something left to do, with what it is; ``turns`` are those of duty."""

    volunteer: Volunteer
    offers: list[Offer]
    turns: list[Duty]

    @property
    def what(self) -> str:
        """The first things left, with their times."""
        found_lines = sorted(cover.lines_of(self.volunteer, self.offers), key=lambda line: (line.day, line.start))
        named = [*map(_short, found_lines), *(f"{words.weekday(each.day)} {clock.hhmm(each.start)} {each.title}" for each in self.turns)]
        return listed(named[: lines.NAMED]) + (_("等 %(count)s 件", count=len(named)) if len(named) > lines.NAMED else "")

    def fits(self, said: str) -> bool:
        """Say whether somebody is meant: by name, by pinyin with or without gaps, by the last digits of the telephone."""
        key = self.volunteer.sort_key.lower()
        initials = "".join(each[:1] for each in key.split())
        said = said.lower().strip()
        named = said in self.volunteer.name or key.startswith(said) or key.replace(" ", "").startswith(said.replace(" ", ""))
        return named or initials == said or (said.isdecimal() and self.volunteer.phone.endswith(said))


def _short(line: Line) -> str:
    """Return a thing in a few words: what it is, and when."""
    kind = words.short_kind(line.visits[0].kind)
    what = f"{kind} {words.meals(len(line.visits), line.boxes)}" if line.is_meal else kind
    day = "" if line.day == clock.today() else f"{words.weekday(line.day)} "
    return f"{day}{clock.hhmm(line.start)} {what}"


def people_left(community_id: int) -> list[Left]:
    """Return who has something left today or in the coming days, whoever is needed soonest first."""
    rows = db.session.scalars(
        select(Offer)
        .join(Offer.visit)
        .where(
            Visit.community_id == community_id,
            Offer.day >= clock.today(),
            Offer.day <= clock.today() + AHEAD,
            Offer.state.in_(LIVE),
            Offer.started_at.is_(None),
            Offer.outcome.is_(None),
        )
        .options(joinedload(Offer.volunteer), joinedload(Offer.round))
        .options(joinedload(Offer.visit).options(joinedload(Visit.kind), joinedload(Visit.request)))
        .order_by(Offer.day, Offer.start, Offer.id)
    )
    grouped: dict[int, list[Offer]] = {}
    for made in rows:
        if made.state is OfferState.ACCEPTED or clock.at(made.day, made.start + made.visit.minutes) > clock.now():
            grouped.setdefault(made.volunteer_id, []).append(made)
    turns: dict[int, list[Duty]] = {}
    people = {number: members[0].volunteer for number, members in grouped.items()}
    for each in on_duty.day_duties(community_id, clock.today(), clock.today() + AHEAD):
        if each.volunteer is not None and each.state in (DutyState.ASKED, DutyState.AGREED) and each.ends > clock.now():
            turns.setdefault(each.volunteer.id, []).append(each)
            people.setdefault(each.volunteer.id, each.volunteer)
    return [Left(who, grouped.get(number, []), turns.get(number, [])) for number, who in people.items()]


@blueprint.get("/today/cannot-come")
def cannot_come() -> str:
    """Show who could be meant, and of the one who is meant what is left and who could take it."""
    asked = args(WhoArgs())
    community = my_community()
    everybody = people_left(community.id)
    matching = [each for each in everybody if not asked["q"] or each.fits(asked["q"])]
    chosen = serving(community.id, asked["who"], clock.today()) if asked["who"] else None
    if chosen is None and asked["q"] and matching:
        chosen = matching[0].volunteer
    last = until_elsewhere(chosen, community.id, last_day(asked)) if chosen else last_day(asked)
    today = clock.today()
    friday = clock.monday_of(today) + timedelta(days=FRIDAY)
    return render_template(
        "today/cannot_come.html",
        community=community.name,
        asked=asked,
        count=len(everybody),
        people=matching[:SHOWN_PEOPLE],
        more=max(0, len(matching) - SHOWN_PEOPLE),
        chosen=chosen,
        last=last,
        today=today,
        friday=friday if friday > today else None,
        mode=takers.mode,
        **(_chosen(community.id, chosen, last) if chosen else {}),
    )


def _chosen(community_id: int, who: Volunteer, last: date) -> Table:
    """Return what somebody leaves behind with the ways to hand it over, the best already chosen."""
    left = leaving.left_of(who, last)
    mine = sorted(cover.lines_of(who, left), key=lambda line: (line.day, line.start))
    things = _things(community_id, mine, who)
    _merge(things)
    heard = {number for thing in things for number in thing["chosen"]["people"]}
    everybody = len(queries.people(community_id, clock.monday_of(clock.today())))
    own = render("handed_over", who.user.locale, {"what": telling.first_words(left)}) if left and who.user else None
    return {
        "things": things,
        "turns": leaving.turns_of(who, clock.today(), last),
        "them": takers.them(who),
        "they": takers.they(who),
        "first": _first(mine),
        "anybody": any(option["people"] for thing in things for option in thing["options"]),
        "own_message": own,
        "hears": len(heard) + (own is not None),
        "people_asked": len(heard),
        "handed": sum(1 for thing in things if thing["chosen"]["people"]),
        "others": max(0, everybody - 1),
        "soon": any(line.is_meal and line.day == clock.today() for line in mine),
    }


def _left(line: Line) -> str:
    """Return in how long something must be begun or done, or by how long it is over."""
    if line.minutes_left < 0:
        return _("过了 %(time)s", time=lines.ago(-line.minutes_left))
    return _("%(time)s后", time=lines.ago(line.minutes_left))


def _first(mine: Sequence[Line]) -> str:
    """Return how many things are left and how soon the first of them must be begun or done."""
    if not mine:
        return ""
    if mine[0].minutes_left < 0:
        return _("还有 %(count)s 件，先到的已过了 %(time)s", count=len(mine), time=lines.ago(-mine[0].minutes_left))
    return _("还有 %(count)s 件，先到的在 %(time)s后", count=len(mine), time=lines.ago(mine[0].minutes_left))


def _things(community_id: int, mine: Sequence[Line], who: Volunteer) -> list[Table]:
    """Return each thing left with its ways; nobody is chosen twice while somebody else is free."""
    plans: dict[date, tuple[Plan | None, Board | None]] = {}
    taken: set[int] = set()
    things = []
    for line in mine:
        monday = clock.monday_of(line.day)
        if monday not in plans:
            plan = queries.plan_of(community_id, monday)
            plans[monday] = (plan, takers.laid(plan))
        plan, board = plans[monday]
        options = _options(plan, line, who, board) if plan else [_nobody()]
        chosen = next((each for each in options if each["people"] and not taken.intersection(each["people"])), options[0])
        taken |= set(chosen["people"])
        things.append(_thing(line, options, chosen))
    return things


def _thing(line: Line, options: list[Table], chosen: Table) -> Table:
    """Return one thing left as its card says it."""
    soon = line.minutes_left < lines.HOUR
    for number, option in enumerate(options):
        option["id"] = f"{line.key}-{number}"
    return {
        "line": line,
        "name": f"{WAY}{line.key}",
        "title": lines.title(line),
        "icon": line.visits[0].kind.icon,
        "meal": line.is_meal,
        "when": _when(line),
        "place": _("最晚 %(time)s 送完", time=clock.hhmm(line.until)) if line.is_meal else words.address(line.visits[0]),
        "left": _left(line),
        "soon": soon,
        "options": options,
        "chosen": chosen,
    }


def _when(line: Line) -> str:
    """Return when a thing is, with its day where that is not today."""
    first = line.visits[0]
    start = line.lost.start if line.lost else line.start
    span = _("%(time)s 取餐", time=clock.hhmm(line.start)) if line.is_meal else words.span(start, start + first.minutes)
    return span if line.day == clock.today() else f"{words.day_words(line.day)} {span}"


def _options(plan: Plan, line: Line, who: Volunteer, board: Board | None) -> list[Table]:
    """Return the ways to hand a thing over: whole, in two, a part of it, or nobody yet."""
    ways = [way for way in taking.ways(plan, line, without=who, board=board) if who.id not in {each.id for each in way.volunteers}]
    whole = [way for way in ways if len(way.visits) == len(line.visits)]
    parts = taking.split(plan, line, ways, without=who, board=board)
    options = [_option(line, [way]) for way in whole[:WHOLE_WAYS]]
    if parts is not None:
        options.append(_option(line, list(parts)))
    if not options and ways:
        options.append(_option(line, ways[:1]))
    return [*options, _nobody()]


def _nobody() -> Table:
    """Return the way that asks nobody yet."""
    return {
        "value": "",
        "label": _("先不请人"),
        "note": _("留在“要有人去”，一会儿再请"),
        "cost": "",
        "people": [],
        "messages": [],
        "doors": [],
    }


def _option(line: Line, ways: Sequence[Way]) -> Table:
    """Return one way, of one person or two, with what it costs and the messages word for word."""
    done = sum(len(way.visits) for way in ways)
    cost = [_("%(time)s 送完", time=clock.hhmm(way.end)) if line.is_meal else words.span(way.start, way.end) for way in ways]
    facts = [*(takers.known(way, line) for way in ways[:1]), *(takers.hours(way) for way in ways)]
    short = len(line.visits) - done
    return {
        "value": ";".join(takers.choice(way) for way in ways),
        "label": _label(line, ways),
        "note": " · ".join(facts) + (" · " + _("另 %(count)s 户还没人", count=short) if short else ""),
        "cost": listed(cost),
        "travel": _("路上多 %(minutes)s 分钟", minutes=max(0, sum(way.travel for way in ways))),
        "people": [each.id for way in ways for each in way.volunteers],
        "messages": [_message(line, way, each) for way in ways for each in way.volunteers],
        "doors": _doors(line, ways),
    }


def _label(line: Line, ways: Sequence[Way]) -> str:
    """Return what a way is called."""
    if len(ways) > 1:
        halves = listed(f"{way.volunteer.name} {_doors_word(way)}" for way in ways)
        return _("分给两位：%(halves)s", halves=halves)
    way = ways[0]
    names = listed(each.name for each in way.volunteers)
    if not line.is_meal:
        return _("请%(who)s，%(time)s", who=names, time=clock.hhmm(way.start))
    if len(way.visits) < len(line.visits):
        return _("请%(who)s接 %(doors)s", who=names, doors=_doors_word(way))
    return _("整轮给%(who)s", who=names) if len(line.visits) > 1 else _("请%(who)s送", who=names)


def _doors_word(way: Way) -> str:
    """Return how many doors a way has."""
    return ngettext("%(doors)s 户", "%(doors)s 户", len(way.visits), doors=len(way.visits))


def _message(line: Line, way: Way, who: Volunteer) -> Table:
    """Return the message to somebody, word for word, and how it goes; ``many`` is it with more things in it (#n in all)."""
    begins = clock.at(line.day, way.start)
    at_once = begins - timedelta(hours=offering.LATEST_ANSWER_HOURS) < clock.now()
    if who.staff:
        how = _("专职，不用回复")
    elif who.user is None:
        how = _("没有手机，打 %(phone)s", phone=who.phone)
    else:
        how = _("消息 + 电话，现在") if at_once else _("消息")
    many = _text(line, way, who, MANY).replace(str(MANY), "#n")
    return {
        "who": who.id,
        "name": who.name,
        "how": how,
        "text": _text(line, way, who, len(way.visits)),
        "one": _text(line, way, who, 1),
        "many": many,
        "count": len(way.visits),
        "first": f"{line.day:%Y%m%d}-{min(way.at.values()):04d}",
        "call": who.user is None,
        "lang": who.user.locale if who.user else None,
        "hidden": False,
    }


def _text(line: Line, way: Way, who: Volunteer, count: int) -> str:
    """Return what somebody will read, or be told on the telephone, about so many visits."""
    what = covering.words_of(line.visits[0].kind, line.day, way.start, count)
    return render("now", who.user.locale, {"what": what}) if who.user else voiced(what)


def _merge(things: Sequence[Table]) -> None:
    """Let whoever is asked for several things read one message about them, as it will be sent."""
    mine: dict[int, list[Table]] = {}
    for thing in things:
        for option in thing["options"]:
            for message in option["messages"]:
                message["hidden"] = option is not thing["chosen"]
                if not message["hidden"]:
                    mine.setdefault(message["who"], []).append(message)
    for messages in mine.values():
        first, *others = sorted(messages, key=lambda each: str(each["first"]))
        total = sum(each["count"] for each in messages)
        if others:
            first["text"] = first["many"].replace("#n", str(total))
        for each in others:
            each["hidden"] = True


def _doors(line: Line, ways: Sequence[Way]) -> list[Table]:
    """Return each door of a trip with who comes instead, and its old and new time."""
    if not line.is_meal:
        return []
    served = visits.times_served(line.visits[0].community_id, {visit.household_id for visit in line.visits})
    mine = {number: way for way in ways for number in way.visits}
    return [_door(visit, mine.get(visit.id), served) for visit in line.visits]


def _door(visit: Visit, way: Way | None, served: dict[tuple[int, int], int]) -> Table:
    """Return one door as the table shows it."""
    return {
        "where": words.address(visit),
        "who": lines.whom(visit),
        "boxes": visit.boxes,
        "by": way.volunteer.name if way else _("还没人"),
        "known": bool(way and served.get((visit.household_id, way.volunteer.id))),
        "old": clock.hhmm(visit.start) if visit.start is not None else "—",
        "new": clock.hhmm(way.at[visit.id]) if way else "—",
    }


@blueprint.post("/today/cannot-come")
def hand_over() -> AnyResponse:
    """Note that somebody cannot come, and ask those who were chosen for what is left; the rest stays in sight."""
    asked = take(LeaveForm(), request.form)
    community = my_community()
    try:
        with submitted() as taken:
            who = found(serving(community.id, asked["who"], clock.today()))
            last = until_elsewhere(who, community.id, last_day(asked))
            _must_have_some(who, last)
            choices = _choices(community.id, who, last) if asked["then"] == "ask" else []
            left, done = covering.replace(who, last, reason_of(asked["why"]), choices, this_user())
            flash(*_said(who, left, done))
            return taken.redirect(url_for(".today"))
    except Conflict as error:
        flash(voiced(error.words), "late")
        return AnyResponse(status=303, headers={"Location": url_for(".today")})


def _must_have_some(who: Volunteer, last: date) -> None:
    """Refuse for somebody who has nothing left; a colleague may have pressed before."""
    if not leaving.left_of(who, last) and not leaving.turns_of(who, clock.today(), last):
        raise Conflict("%(who)s这几天已经没有要做的了，可能同事刚才记过。没有再发消息。", who=who.name)


def _choices(community_id: int, who: Volunteer, last: date) -> list[covering.Choice]:
    """Return what was chosen for each thing left: its key, the visits, and whom; only people who serve this community then."""
    weeks = {clock.monday_of(clock.today()), clock.monday_of(last)}
    mine = {each.id for week in weeks for each in queries.people(community_id, week)} - {who.id}
    chosen: list[covering.Choice] = []
    for name, said in request.form.items():
        if not name.startswith(WAY):
            continue
        for part in said.split(";"):
            people, numbers = takers.read_choice(part)
            if people and mine.issuperset(people):
                chosen.append((name.removeprefix(WAY), numbers, people))
    return chosen


def _said(who: Volunteer, left: leaving.Left, done: Sequence[covering.Asked]) -> tuple[str, str]:
    """Say who was asked and what is still nobody's."""
    offers = [made for asked in done for made in asked.offers]
    named = listed(dict.fromkeys(made.volunteer.name for made in offers))
    covered = {made.visit_id for made in offers}
    open_ones = _open(each.visit for each in left.offers if each.visit_id not in covered)
    first = _("记下了，%(who)s来不了。", who=who.name)
    asking = _("已请%(who)s，等回话。", who=named) if named else ""
    calls = _calls(offers)
    turns = say_turns(left)
    rest = ngettext("还有 %(count)s 户没人，在“要有人去”里。", "还有 %(count)s 户没人，在“要有人去”里。", open_ones, count=open_ones)
    return joined(filter(None, [first, asking, calls, rest if open_ones else "", turns])), "late" if open_ones or turns else "done"


def _open(found_visits: Iterable[Visit]) -> int:
    """Count the visits that are nobody's."""
    return len({visit.id for visit in found_visits if visit.state.value in {"open", "offered"}})


def _calls(offers: Sequence[Offer]) -> str:
    """Say whom to telephone at once: what begins within two hours, and whoever has no telephone of the service."""
    urgent = [made for made in offers if not made.volunteer.staff and (offering.is_at_once(made) or made.volunteer.user_id is None)]
    numbers: dict[int, Any] = {made.volunteer_id: f"{made.volunteer.name} {made.volunteer.phone}" for made in urgent}
    return _("请现在打：%(numbers)s。", numbers=listed(numbers.values())) if numbers else ""
