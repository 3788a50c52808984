"""几个人一起改: choose people of a register and one thing to change, see who would become what, then change all of them or none."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from marshmallow import ValidationError, fields, validate, validates_schema
from werkzeug.wrappers import Response as AnyResponse

from timebank import clock
from timebank.access.guards import this_user
from timebank.db import db
from timebank.desk import many
from timebank.elders import queries as elders
from timebank.elders.models import CareLevel, Elder
from timebank.errors import wrong
from timebank.forms import Day, Form, Whole, Words, take
from timebank.places import queries as places
from timebank.sentences import Sentence
from timebank.volunteers import queries as volunteers
from timebank.volunteers.models import Volunteer
from timebank.web import found, listed, submitted, voiced

blueprint = Blueprint("many", __name__, url_prefix="/many/<any(elders, volunteers):kind>")
WHAT = {"elders": ("building", "diet", "lives_alone", "level"), "volunteers": ("team", "unit", "skill", "insured_until", "max_week")}
NUMBER = {"low": 1, "high": 999_999_999}
Table = dict[str, Any]


class FindArgs(Form):
    """By which words people are found."""

    q = Words(40, load_default="")


class ManyForm(Form):
    """Who is changed, what of them, and to what."""

    who = fields.List(Whole(**NUMBER), load_default=list)
    what = fields.String(required=True, error_messages={"required": lazy_gettext("请选要改哪一项。")}, validate=validate.Length(max=20))
    building = Whole(**NUMBER, load_default=None)
    diet = Words(60, load_default="")
    lives_alone = fields.Boolean(load_default=False)
    level = fields.Enum(CareLevel, by_value=True, load_default=CareLevel.UNKNOWN)
    team = Whole(**NUMBER, load_default=None)
    unit = Whole(**NUMBER, load_default=None)
    from_day = Day(load_default=None)
    reason = Words(100, load_default="")
    skill = Whole(**NUMBER, load_default=None)
    proof = Words(60, load_default="")
    expires = Day(load_default=None)
    insured_until = Day(load_default=None)
    max_week = Whole(1, 5040, load_default=None)

    @validates_schema
    def whole(self, data: Table, **_kwargs: object) -> None:
        """Want somebody, not too many, and a value for what is changed."""
        if not data["who"]:
            raise ValidationError({"who": [lazy_gettext("请至少勾一个人。")]})
        if len(data["who"]) > many.MOST:
            raise ValidationError({"who": [lazy_gettext("一次最多改 %(count)s 个人，请分几次。", count=many.MOST)]})
        if data["what"] in {"building", "team", "skill", "insured_until", "max_week"} and data[data["what"]] is None:
            raise ValidationError({data["what"]: [lazy_gettext("请选好或填好要改成什么。")]})
        if data["what"] in {"team", "unit"} and not data["reason"]:
            raise ValidationError({"reason": [lazy_gettext("请写原因。")]})


@dataclass(frozen=True, slots=True)
class Wanted:
    """One change as somebody wants it: what, to what in words, how it is done and how it is looked at."""

    what: str
    to: str
    act: Any
    look: Any


def _community() -> int:
    """Return the community whose people the reader changes."""
    return places.community_seen_by(this_user()).id


def words_of(what: str) -> str:
    """Return what a thing that several people can have changed is called."""
    words: dict[str, str] = {
        "building": _("住哪一栋"),
        "diet": _("饮食"),
        "lives_alone": _("是否独居"),
        "level": _("自理程度"),
        "team": _("加入服务队"),
        "unit": _("所属单位"),
        "skill": _("技能和证明"),
        "insured_until": _("保险到期日"),
        "max_week": _("每周上限"),
    }
    return words[what]


def _levels() -> dict[CareLevel, str]:
    """Return how self-reliance is said."""
    words = {CareLevel.UNKNOWN: _("没有评估"), CareLevel.ABLE: _("能自理"), CareLevel.PARTLY: _("半自理"), CareLevel.LOST: _("不能自理")}
    return dict(words)


@blueprint.get("")
def choose(kind: str) -> str:
    """Show the people that were looked for, and what can be changed of several."""
    asked = take(FindArgs(), request.args)
    mine = _community()
    rows = (elders.register(mine, asked["q"]) if kind == "elders" else volunteers.register(mine, asked["q"])).limit(many.MOST + 1)
    people = list(db.session.scalars(rows))
    return render_template(
        "desk/many.html",
        kind=kind,
        asked=asked,
        people=people[: many.MOST],
        more=len(people) > many.MOST,
        most=many.MOST,
        what=[(each, words_of(each)) for each in WHAT[kind]],
        buildings=[(each.id, f"{each.compound.name} {each.name}") for each in places.buildings(mine)],
        levels=[(level.value, word) for level, word in _levels().items()],
        teams=[(each.id, each.name) for each in volunteers.teams(mine)],
        units=[("", _("不属于单位")), *((each.id, each.name) for each in volunteers.units_now(mine))],
        skills=[(each.id, voiced(each.words)) for each in volunteers.skills()],
        today=clock.today(),
    )


@blueprint.get("/look")
def look(kind: str) -> str:
    """Show who would become what, and for whom it breaks: everything is tried and nothing stays."""
    said = take(ManyForm(), request.args)
    mine = _community()
    wanted = _wanted(kind, mine, said)
    if kind == "elders":
        lines = many.try_out(lambda: many.chosen(Elder, mine, said["who"]), wanted.act, wanted.look)
    else:
        lines = many.try_out(lambda: many.chosen(Volunteer, mine, said["who"]), wanted.act, wanted.look)
    return render_template(
        "desk/many_look.html",
        kind=kind,
        what=words_of(wanted.what),
        to=wanted.to,
        lines=[(each, voiced(each.refusal.words) if each.refusal else "") for each in sorted(lines, key=_first_broken)],
        broken=sum(1 for each in lines if each.refusal),
        news=sum(1 for each in lines if each.is_news),
        given=[(name, value) for name, value in request.args.items(multi=True) if name in ManyForm().fields and name != "who"],
    )


def _first_broken(line: many.Line) -> tuple[bool, bool]:
    """Put first what breaks, last who stays as they are."""
    return line.refusal is None, not line.is_news


@blueprint.post("")
def change(kind: str) -> AnyResponse:
    """Change everybody who was chosen, or nobody when it breaks for one."""
    said = take(ManyForm(), request.form)
    mine = _community()
    with submitted() as taken:
        wanted = _wanted(kind, mine, said)
        if kind == "elders":
            count = many.carry_out(many.chosen(Elder, mine, said["who"]), wanted.act, wanted.look, wanted.what)
        else:
            count = many.carry_out(many.chosen(Volunteer, mine, said["who"]), wanted.act, wanted.look, wanted.what)
        flash(ngettext("改好了 %(count)s 位。", "改好了 %(count)s 位。", count, count=count), "done")
        return taken.redirect(url_for("elders.index" if kind == "elders" else "people.volunteers"))


def _wanted(kind: str, mine: int, said: Table) -> Wanted:
    """Return the change a form asks for; its things must be of the reader's community."""
    what = said["what"]
    if what not in WHAT[kind]:
        sentence = Sentence("这一项不能几个人一起改，请从页面上选。")
        raise wrong("what", sentence)
    return _for_elders(what, mine, said) if kind == "elders" else _for_volunteers(what, mine, said)


def _for_elders(what: str, mine: int, said: Table) -> Wanted:
    """Return a change of elders; of what they eat a preview says only whether anything is written down."""
    if what == "building":
        building = found(next((each for each in places.buildings(mine) if each.id == said["building"]), None))
        return Wanted(what, building.name, many.move(building), lambda elder: elder.household.building.name)
    if what == "diet":
        words = said["diet"] or _("不记")
        return Wanted(
            what, words, many.describe(diet=said["diet"]), lambda elder: words if (elder.diet or "") == said["diet"] else _("另外的")
        )
    if what == "lives_alone":
        alone = {True: _("独居"), False: _("不独居")}
        return Wanted(
            what, alone[said["lives_alone"]], many.describe(lives_alone=said["lives_alone"]), lambda elder: alone[elder.lives_alone]
        )
    levels = _levels()
    return Wanted(what, levels[said["level"]], many.describe(level=said["level"]), lambda elder: levels[CareLevel(elder.level)])


def _for_volunteers(what: str, mine: int, said: Table) -> Wanted:
    """Return a change of volunteers."""
    if what == "team":
        team = found(volunteers.team_in(mine, said["team"]))
        return Wanted(
            what, team.name, many.join(team, said["reason"]), lambda one: listed(each.name for each in volunteers.teams_of(one)) or "—"
        )
    if what == "unit":
        unit = found(volunteers.unit_in(mine, said["unit"])) if said["unit"] else None
        names = {each.id: each.name for each in volunteers.units(mine)}
        act = many.belong(unit, said["from_day"] or clock.today(), said["reason"])
        return Wanted(
            what, unit.name if unit else _("不属于单位"), act, lambda one: names.get(volunteers.standings(one)[-1].unit_id or 0, "—")
        )
    if what == "skill":
        skill = found(next((each for each in volunteers.skills() if each.id == said["skill"]), None))
        name = voiced(skill.words)
        return Wanted(what, name, many.hold(skill, said["proof"], said["expires"]), lambda one: _held(one, skill.id))
    if what == "insured_until":
        day = said["insured_until"]
        return Wanted(what, f"{day:%Y-%m-%d}", many.set_to(insured_until=day), lambda one: f"{one.insured_until or '—'}")
    minutes = said["max_week"]
    text = _("%(minutes)s 分钟", minutes=minutes)
    return Wanted(what, text, many.set_to(max_week=minutes), lambda one: _("%(minutes)s 分钟", minutes=one.max_week))


def _held(one: Volunteer, skill_id: int) -> str:
    """Return how a volunteer holds a skill: by which proof and until when."""
    held = next((each for each in one.skills if each.skill_id == skill_id), None)
    if held is None:
        return "—"
    return " ".join(filter(None, [held.proof or _("有"), f"{held.expires:%Y-%m-%d}" if held.expires else ""]))
