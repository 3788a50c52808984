"""登记了两次的人: who may be twice in a register, both side by side, the asking for a merger, and what was merged."""

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.credit import queries as credit
from timebank.db import db
from timebank.doubles import actions, queries
from timebank.doubles.models import Merger
from timebank.doubles.schemas import MergerForm
from timebank.elders.models import Elder, FamilyMember
from timebank.errors import Refusal
from timebank.forms import take
from timebank.ledger import queries as book
from timebank.places import queries as places
from timebank.visits.models import HelpRequest, ServiceRecord
from timebank.visits.queries import live_offers_of
from timebank.volunteers.models import Volunteer
from timebank.web import found, submitted, voiced

blueprint = Blueprint("doubles", __name__, url_prefix="/doubles")
KINDS: dict[str, type[Elder] | type[Volunteer]] = {"elders": Elder, "volunteers": Volunteer}
Table = dict[str, Any]


def _community() -> int:
    """Return the community whose registers the reader sees."""
    return places.community_seen_by(this_user()).id


def same_words(same: tuple[str, ...]) -> list[str]:
    """Return what two rows have in common, in words."""
    words = {"name": _("同名"), "sound": _("名字同音"), "phone": _("同一个电话"), "place": _("同一栋楼"), "born": _("同一年生")}
    return [words[each] for each in same]


@blueprint.get("")
def index() -> str:
    """List who may be in a register twice, and what was merged."""
    mine = _community()
    lists = []
    for name, kind in KINDS.items():
        pairs = queries.pairs(mine, kind)
        people = queries.people(kind, {number for each in pairs for number in (each.one, each.other)})
        lists.append((name, [(people[each.one], people[each.other], same_words(each.same)) for each in pairs]))
    return render_template("doubles/index.html", lists=lists, merged=[_merged(each) for each in queries.mergers(mine)])


def _merged(made: Merger) -> Table:
    """Return a merger as a row, and whether it can still be taken apart."""
    is_elder = made.kept_elder_id is not None
    kept: Any = found(made.kept)
    href = url_for("people.elder", elder_id=kept.id) if is_elder else url_for("people.volunteer", volunteer_id=kept.id)
    undo = made.undone_at is None and clock.now() - made.at <= actions.UNDO
    return {"made": made, "kept": kept, "gone": found(made.gone), "href": href, "undo": undo}


@blueprint.get("/<any(elders, volunteers):kind>/<int:one>/<int:other>")
def beside(kind: str, one: int, other: int) -> str:
    """Show two rows side by side, and what would go where."""
    return _beside(kind, *_two(kind, one, other))


def _two(kind: str, one: int, other: int) -> tuple[Any, Any]:
    """Return two rows of the reader's community."""
    mine = _community()
    return found(queries.person(KINDS[kind], mine, one)), found(queries.person(KINDS[kind], mine, other))


def _beside(kind: str, one: Any, other: Any) -> str:  # noqa: ANN401 - rows of either register
    """Return the page of two rows."""
    return render_template(
        "doubles/beside.html",
        kind=kind,
        people=[one, other],
        rows=list(zip(*(_facts(each) for each in (one, other)), strict=True)),
        why_not=[_why_not(one, other), _why_not(other, one)],
        hrefs=[
            url_for("people.elder", elder_id=each.id) if kind == "elders" else url_for("people.volunteer", volunteer_id=each.id)
            for each in (one, other)
        ],
    )


def _why_not(kept: Any, gone: Any) -> str:  # noqa: ANN401 - rows of either register
    """Return why the one cannot be kept and the other go; nothing when it can."""
    try:
        actions.must_merge(kept, gone)
    except Refusal as refusal:
        return voiced(refusal.words)
    return ""


def _facts(person: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - rows of either register
    """Return what is compared of one row, in words."""
    common = [
        (_("编号"), person.number),
        (_("姓名"), person.name),
        (_("电话"), person.phone or "—"),
        (_("出生年"), str(person.birth_year or "—")),
    ]
    if isinstance(person, Elder):
        account = credit.account_of(person)
        return [
            *common,
            (_("住处"), f"{person.household.building.name} {_('%(floor)s 楼', floor=person.household.floor)}"),
            (_("求助单"), str(_count(HelpRequest.id, HelpRequest.elder_id == person.id))),
            (_("家属"), str(_count(FamilyMember.id, FamilyMember.elder_id == person.id))),
            (_("时间账户"), _("%(minutes)s 分钟", minutes=account.balance if account else 0)),
        ]
    return [
        *common,
        (_("单位"), person.unit.name if person.unit else "—"),
        (_("服务记录"), str(_count(ServiceRecord.id, ServiceRecord.volunteer_id == person.id))),
        (_("时间账户"), _("%(minutes)s 分钟", minutes=book.balance(person.account_id))),
        (_("手上的"), str(len(live_offers_of(person, clock.today(), clock.today().max)))),
        (_("能登录"), _("能") if person.user_id else _("不能")),
    ]


def _count(column: Any, mine: Any) -> int:  # noqa: ANN401 - a column and a condition
    """Return how many rows there are."""
    return db.session.scalar(select(func.count(column)).where(mine)) or 0


@blueprint.post("/<any(elders, volunteers):kind>/<int:one>/<int:other>")
def ask(kind: str, one: int, other: int) -> AnyResponse:
    """Ask a second person to agree that two rows are one person."""
    said = take(MergerForm(), request.form)
    with submitted() as taken:
        both = _two(kind, one, other)
        kept = found(next((each for each in both if each.id == said["kept"]), None))
        gone = next(each for each in both if each is not kept)
        actions.ask(kept, gone, this_user(), said["reason"])
        flash(_("已提请：第二个人看过同意，就合并。"), "done")
        return taken.redirect(url_for(".index"))


@blueprint.post("/merged/<int:merger_id>/undo")
def undo(merger_id: int) -> AnyResponse:
    """Take two rows apart again."""
    with submitted() as taken:
        actions.undo(found(queries.merger_in(_community(), merger_id)), this_user())
        flash(_("已经拆开，各归各的。"), "done")
        return taken.redirect(url_for(".index"))
