"""Names for ids: the engine's sentences as a coordinator reads them, with people, doors, kinds and skills called by name."""

import re
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any, Self

from sqlalchemy import or_, select

from matching import reasons
from matching.referee.check import Breach
from timebank.catalogue.models import ServiceKind, Skill
from timebank.db import db
from timebank.elders.models import Elder
from timebank.places.models import Building, Canteen, Compound
from timebank.planning import snapshot
from timebank.sentences import WRITTEN, Pair, Said, Sentence, catalogue
from timebank.visits.models import Visit
from timebank.volunteers.lent import LentWeek
from timebank.volunteers.models import Volunteer

DOOR = re.compile(r"b(\d+)-f(\d+)")
INSURED = Sentence.of("planning", "志愿者保险")
GAP = re.compile(r"(?<=[\u3000-\u9fff（）：；，。、]) +(?=[\u3000-\u9fff（）：；，。、])")


class Names:
    """What the ids of one community's week are called, in both languages; each sort of thing is read once for a page, when a sentence asks."""

    def __init__(self, community_id: int) -> None:
        """Keep whose names they are."""
        self._community = community_id

    @cached_property
    def _people(self) -> dict[int, str]:
        lent = select(LentWeek.volunteer_id).where(LentWeek.community_id == self._community)
        mine = or_(Volunteer.community_id == self._community, Volunteer.id.in_(lent))
        return dict(db.session.execute(select(Volunteer.id, Volunteer.name).where(mine)).all())

    @cached_property
    def _kitchens(self) -> dict[int, str]:
        return dict(db.session.execute(select(Canteen.id, Canteen.name).where(Canteen.community_id == self._community)).all())

    @cached_property
    def _houses(self) -> dict[int, str]:
        mine = select(Building.id, Building.name).join(Compound).where(Compound.community_id == self._community)
        return dict(db.session.execute(mine).all())

    @cached_property
    def _skills(self) -> dict[str, Pair]:
        rows = db.session.execute(select(Skill.code, Skill.name, Skill.name_en))
        return {code: (zh, en) for code, zh, en in rows} | {snapshot.INSURED: INSURED}

    def volunteer(self, name: str) -> str:
        """Return the name of a volunteer by the engine's id."""
        return self._people.get(snapshot.number(name), name)

    def skills(self, codes: Iterable[str]) -> list[Pair]:
        """Return what some skills are called."""
        return [self._skills.get(code, (code, code)) for code in codes]

    def near(self, place: str) -> Pair:
        """Return the building of a place, nothing where it is none: what may be told to anybody."""
        door = DOOR.fullmatch(place)
        house = self._houses.get(int(door[1]), "") if door else ""
        return house, house

    def say(self, words: reasons.Words, fields: dict[str, Any]) -> Pair:
        """Return one of the engine's sentences in Chinese and English."""
        return OfTheEngine(self, words, fields)

    def filled(self, words: reasons.Words, fields: dict[str, Any]) -> Pair:
        """Return one of the engine's sentences with its fields called by name, in Chinese and English."""
        known = self.skills(fields.get("skills", ()))
        zh = reasons.say(words, {**fields, "skills": [name for name, _ in known]}, lambda kind, name: self._called(kind, name, 0)).zh
        en = reasons.say(words, {**fields, "skills": [name for _, name in known]}, lambda kind, name: self._called(kind, name, 1)).en
        return GAP.sub("", zh), en

    def breach(self, broken: Breach) -> Pair:
        """Return the referee's sentence about a broken rule; a refusal of the volunteer's own is said as one."""
        if broken.rule == "excluded" and broken.fields.get("by") == "visit":
            return self.declined([broken.volunteer or ""])
        return self.say(reasons.RULES[broken.rule], dict(broken.fields))

    def declined(self, people: Iterable[str]) -> Pair:
        """Return that some people, by the engine's ids, have declined a visit."""
        names = [(name, name) for name in map(self.volunteer, people)]
        return Sentence.many(len(names), "%(names)s已经婉拒了这一件。", names=names)

    def _called(self, kind: str, name: str, language: int) -> str:
        """Return the name of a thing of the engine's files."""
        if kind == "volunteer":
            return self.volunteer(name)
        if kind == "canteen":
            return self._kitchens.get(snapshot.number(name), name)
        if kind == "visit":
            return self._visit(name, language)
        if kind == "elder":
            return self._door(name)
        return self._place(name, language)

    def _visit(self, name: str, language: int) -> str:
        """Return whose visit it is and of what kind."""
        found = db.session.scalars(select(Visit).where(Visit.community_id == self._community, Visit.id == snapshot.number(name))).first()
        if found is None:
            return name
        kind: ServiceKind = found.kind
        names = [each.name for each in found.household.elders]
        return f"{'、'.join(names)}的{kind.name}" if language == 0 else f"{kind.name_en} for {', '.join(names)}"

    def _door(self, name: str) -> str:
        """Return who lives behind a door."""
        found = db.session.scalars(select(Elder.name).where(Elder.household_id == snapshot.number(name)).order_by(Elder.id))
        return "、".join(found) or name

    def _place(self, name: str, language: int) -> str:
        """Return the building and the floor of a place."""
        door = DOOR.fullmatch(name)
        if door is None:
            return name
        house = self._houses.get(int(door[1]), name)
        return f"{house} {door[2]} 楼" if language == 0 else f"{house}, floor {door[2]}"


class OfTheEngine(Said):
    """A sentence of the engine's, which has Chinese and English of its own; a third language has it where its catalogue knows the Chinese."""

    _fill: Callable[[reasons.Words], Pair]
    _words: reasons.Words

    def __new__(cls, names: Names, words: reasons.Words, fields: dict[str, Any]) -> Self:
        """Call the fields of a sentence by name."""
        made = super().__new__(cls, names.filled(words, fields))
        made._fill, made._words = partial(names.filled, fields=fields), words
        return made

    def to(self, language: str) -> str:
        """Return the sentence as a reader of a language has it."""
        if language in WRITTEN:
            return self[WRITTEN.index(language)]
        known = catalogue(language).gettext(self._words.zh)
        return self[1] if known == self._words.zh else self._fill(self._words._replace(en=known))[1]
