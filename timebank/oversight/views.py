"""Pages of the trail: the inspector's and administrator's, with its workbook, and each person's own of who looked and changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file, url_for
from flask_babel import gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from timebank import audit, clock, excel
from timebank.access.circles import OFFICE
from timebank.access.guards import this_user
from timebank.access.masking import mask_name
from timebank.access.models import User
from timebank.audit import AuditRow
from timebank.db import transaction
from timebank.elders.models import Elder
from timebank.errors import Invalid
from timebank.family.views import family
from timebank.forms import args, in_full, take
from timebank.leafing import Leaf, leaf_of
from timebank.oversight import beside, queries, unmasking, words
from timebank.oversight.queries import Asked, Behind
from timebank.oversight.schemas import ReasonForm, TrailArgs
from timebank.phone.views import phone
from timebank.places import queries as places
from timebank.places.models import Community
from timebank.proposals.views import state_word
from timebank.visits import queries as visits
from timebank.volunteers.models import Volunteer
from timebank.web import UNPROCESSABLE, submitted, voiced

blueprint = Blueprint("oversight", __name__)
A_PAGE = 25
SEARCHED = timedelta(days=30)
LONGEST = timedelta(days=92)
NAMED_IN_FULL = frozenset(OFFICE)


@dataclass(frozen=True, slots=True)
class Told:
    """One row of the trail in words."""

    at: datetime
    who: str
    role: str
    deed: str
    about: str
    changes: list[tuple[str, str, str]]
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader asked for: the terms, the rows of one group, and how many there are of each."""

    community: Community
    terms: dict[str, Any]
    asked: Asked
    rows: list[AuditRow]
    counts: dict[str, int]


def _find() -> Found:
    """Return what the address asks for; a name or an actor without days means the last thirty."""
    terms = args(TrailArgs())
    community = places.community_seen_by(this_user())
    last: date = terms["last"] or max(terms["first"] or clock.today(), clock.today())
    first: date = terms["first"] or (last - SEARCHED if terms["who"] or terms["words"] else last)
    first, last = min(first, last), max(first, last)
    asked = Asked(max(first, last - LONGEST), last, terms["who"], terms["thing"], terms["words"])
    rows = queries.trail(community.id, asked)
    counts = dict.fromkeys(words.GROUPS, 0)
    for row in rows:
        counts[words.group(row.verb, row.subject)] += 1
    shown = [row for row in rows if terms["group"] in {"", words.group(row.verb, row.subject)}]
    return Found(community, terms, asked, shown, counts)


@blueprint.get("/trail")
def trail() -> str:
    """Show who changed what, a page at a time; that somebody looked for a name or a person is noted."""
    page = _trail_page({})
    terms = args(TrailArgs())
    if terms["who"] or terms["words"]:
        audit.handed_out("search", "audit", "", who=terms["who"], thing=terms["thing"], by_name=bool(terms["words"]))
    return page


def _paged(found: Found) -> Leaf[AuditRow]:
    """Return the page that is shown."""
    return leaf_of(found.rows, found.terms["page"], A_PAGE)


@blueprint.post("/trail")
def unmask() -> AnyResponse | tuple[str, int]:
    """Show the names of this page in full, for a reason that is written down."""
    try:
        reason = take(ReasonForm(), request.form)["reason"]
        with submitted() as taken:
            found = _find()
            made = unmasking.unmask(found.community.id, list(_paged(found).rows), reason, this_user())
            return taken.redirect(_here(".trail", page=found.terms["page"], names=made.id))
    except Invalid as error:
        return _trail_page(in_full(error)), UNPROCESSABLE


def _trail_page(errors: dict[str, str]) -> str:
    """Return the page of the trail, with what was wrong in the form on it."""
    found = _find()
    listed = _paged(found)
    page, pages, mine = listed.page, listed.pages, list(listed.rows)
    shown = unmasking.shown(found.terms["names"], this_user())
    rows = told(mine, unmasking.named(shown))
    waiting = beside.waiting(found.community.id, this_user())
    actors = [
        ("", _("任何人")),
        *((f"user:{each.id}", f"{each.shown_name} · {role_word(each)}") for each in queries.staff(found.community.id)),
    ]
    return render_template(
        "oversight/trail.html",
        rows=rows,
        shown=shown,
        shown_until=unmasking.until(shown) if shown is not None else None,
        unmask_href=_here(".unmask", page=page),
        errors=errors,
        given=request.form,
        asked=found.asked,
        terms=found.terms,
        counts=found.counts,
        groups=words.GROUPS,
        actors=[*actors, (queries.SYSTEM, _("系统"))],
        things=[("", _("全部")), *((name, voiced(pair)) for name, pair in words.THINGS.items())],
        page=page,
        pages=pages,
        total=sum(found.counts.values()),
        excel_href=_here(".trail_excel"),
        page_href=lambda number: _here(".trail", page=number),
        group_href=lambda name: _here(".trail", group=name, page=None),
        waiting=waiting[: beside.SHOWN],
        waiting_count=len(waiting),
        state_word=state_word,
        settled=beside.settled(found.community.id),
        books=beside.books(found.community, examine=found.terms["examine"]),
        examine_href=_here(".trail", examine="1"),
        day_href=lambda by: _here(".trail", page=None, first=_by(found.asked.first, by), last=_by(found.asked.last, by)),
    )


def _here(endpoint: str, **other: str | int | None) -> str:
    """Return an address with what is looked for now, some of it otherwise."""
    known: dict[str, Any] = {
        name: request.args[name] for name in ("who", "thing", "words", "group", "first", "last") if request.args.get(name)
    }
    return url_for(endpoint, **{name: value for name, value in (known | other).items() if value not in {None, ""}})


def _by(day: date, days: int) -> str:
    """Return another day as an address names it."""
    return (day + timedelta(days=days)).isoformat()


@blueprint.get("/trail.xlsx")
def trail_excel() -> AnyResponse:
    """Give what is looked for as a workbook, a line for each field; that it left the house is noted."""
    found = _find()
    asked = found.asked
    head = [_("时间"), _("谁"), _("身份"), _("做了什么"), _("对谁"), _("改了哪一项"), _("原来"), _("现在"), _("分钟")]
    lines = [
        [f"{each.at:%Y-%m-%d %H:%M}", each.who, each.role, each.deed, each.about, *change, each.minutes]
        for each in told(found.rows)
        for change in each.changes or [("", "", "")]
    ]
    notes = [_("姓名遮住；电话只留首尾；住址、备注这类文字只写改过，不写内容。")]
    book = excel.workbook(_("谁改过什么"), [excel.Sheet(_("操作记录"), head, lines, notes=notes)], clock.now())
    with transaction():
        audit.record("export", "audit", "", first=asked.first.isoformat(), last=asked.last.isoformat(), rows=len(found.rows))
    name = f"trail-{asked.first}-{asked.last}.xlsx"
    return send_file(BytesIO(book), mimetype=excel.MIME, as_attachment=True, download_name=name)


def told(rows: Sequence[AuditRow], named: frozenset[unmasking.Person] = unmasking.NOBODY) -> list[Told]:
    """Return rows in words, people masked but for those that are ``named``."""
    behind = queries.behind(rows)
    return [
        Told(
            at=row.at,
            who=_who(behind.actors.get(row.actor), row.actor, named),
            role=_role(row, behind.actors.get(row.actor)),
            deed=words.deed(row.verb, row.subject),
            about=_about(row, behind, named),
            changes=words.changes(row.verb, row.detail),
            minutes=row.detail.get("minutes"),
        )
        for row in rows
    ]


def _role(row: AuditRow, user: User | None) -> str:
    """Return as what somebody did something, and that they were there by an invitation, which whoever made it could have used."""
    if row.detail.get("invited_by") is None:
        return role_word(user)
    return str(_("%(role)s · 用 %(number)s 号用户给的链接", role=role_word(user), number=row.detail["invited_by"]))


def _who(user: User | None, actor: str, named: frozenset[unmasking.Person]) -> str:
    """Return who did something."""
    if user is not None:
        return _named(user, named)
    return str(_("访客") if actor == "visitor" else _("系统"))


def _named(user: User, named: frozenset[unmasking.Person]) -> str:
    """Return a user's name: of the office in full, volunteers and families masked unless they are named."""
    return user.shown_name if user.role in NAMED_IN_FULL or ("user", user.id) in named else masked(user)


def _name(kind: str, person: Volunteer | Elder | None, named: frozenset[unmasking.Person]) -> str:
    """Return the name of a volunteer or an elder, masked unless they are named."""
    if person is None:
        return ""
    return person.name if (kind, person.id) in named else mask_name(person.name)


def masked(user: User) -> str:
    """Return a user's masked name, the masked telephone of somebody who has not said a name."""
    return mask_name(user.name) or user.shown_name


def role_word(user: User | None) -> str:
    """Return what somebody is, nothing where nobody did it."""
    return voiced(words.VALUES[user.role.value]) if user is not None else ""


def _about(row: AuditRow, behind: Behind, named: frozenset[unmasking.Person]) -> str:
    """Return whom a row is about: the volunteer, the elder, the door, masked; a door by its compound."""
    user, home = behind.users.get(row.id), behind.homes.get(row.id)
    volunteer, elder = behind.volunteers.get(row.id), behind.elders.get(row.id)
    where = home.building.compound.name if home else ""
    people = (_name("volunteer", volunteer, named), _name("elder", elder, named))
    parts = [_named(user, named) if user else "", *people, where]
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed on a person's own page: when, by whom, what, and which fields."""

    at: datetime
    by: str
    deed: str
    fields: tuple[str, ...]


def _entries(things: Sequence[tuple[str, str]]) -> list[Entry]:
    """Return who looked at and changed some things, as the person they are about reads it; what was done alike in a minute, once."""
    rows = queries.about(things)
    actors = queries.actors_of(rows)
    return list(
        dict.fromkeys(
            Entry(
                row.at.replace(second=0, microsecond=0),
                _by_whom(actors.get(row.actor)),
                words.deed(row.verb, row.subject),
                _fields(words.changes(row.verb, row.detail)),
            )
            for row in rows
        )
    )


def _by_whom(user: User | None) -> str:
    """Return who did something, to somebody whom it is about: by role and masked name."""
    if user is None:
        return str(_("系统自动"))
    return str(_("您自己")) if user.id == this_user().id else f"{role_word(user)} {masked(user)}"


def _fields(changes: list[tuple[str, str, str]]) -> tuple[str, ...]:
    """Return the fields of a change, with what they were and are where that may be said."""
    return tuple(
        f"{name}{gettext('：')}{before or _('空')} → {after or _('空')}" if before or after else name for name, before, after in changes
    )


@blueprint.get("/my/trail")
def mine() -> str:
    """Show a volunteer who looked at their data and changed it."""
    volunteer = phone.me()
    return phone.show("oversight/mine.html", volunteer, "phone.mine", entries=_entries(queries.things_of_volunteer(volunteer)))


@blueprint.get("/family/trail")
def of_family() -> str:
    """Show a family who looked at their elder's data and changed it."""
    parts: list[tuple[Elder, list[Entry]]] = [
        (elder, _entries(queries.things_of_elder(elder))) for elder in visits.elders_of_user(family.reader())
    ]
    return family.show("oversight/family.html", parts=parts, back_href=url_for("family.home"))
