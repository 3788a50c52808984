"""Who somebody is at a station: an elder of the register where there is one, else a name and a telephone; never nobody."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from timebank import phones
from timebank.db import db
from timebank.elders.models import Elder, ElderState
from timebank.errors import Invalid
from timebank.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a row keeps them."""

    name: str
    phone: str
    elder: Elder | None = None

    @property
    def who(self) -> str:
        """What is the same for the same person."""
        if self.elder is not None:
            return f"elder {self.elder.id}"
        return f"{unicodedata.normalize('NFKC', self.name).casefold().replace(' ', '')} {phones.dialled(self.phone)}"

    def columns(self) -> dict[str, Any]:
        """Return the columns of a row that says who."""
        return {"name": self.name, "phone": self.phone, "who": self.who, "elder_id": self.elder.id if self.elder else None}


def person(community_id: int, *, elder: Elder | None = None, name: str = "", phone: str = "") -> Person:
    """Return who is meant: an elder chosen, or one whose name and telephone these are, else a name with a telephone that can be dialled."""
    if elder is not None:
        return Person(elder.name, elder.phone, elder)
    name = " ".join(name.split())
    if not name:
        raise Invalid("请写是谁：从名册里选一位，或者写姓名。", fields={"name": Sentence("请写姓名，或者从名册里选一位。")})
    number = _number(phone)
    known = _known(community_id, name, number)
    return Person(known.name, known.phone, known) if known else Person(name, number)


def _number(phone: str) -> str:
    """Return a telephone as it is kept; refuse one nobody can dial."""
    if not phone.strip():
        return ""
    number = phones.mobile(phone) or phones.landline(phone)
    if number is None:
        raise Invalid(
            "这个电话看不懂。手机写 11 位，座机写区号和号码，例如 0534-2612345；没有电话就空着。",
            fields={"phone": Sentence("电话看不懂，请重新写。")},
        )
    return number


def _known(community_id: int, name: str, number: str) -> Elder | None:
    """Return the elder whose name and telephone these are."""
    if not number:
        return None
    rows = select(Elder).where(Elder.community_id == community_id, Elder.name == name, Elder.state == ElderState.ACTIVE)
    return next((each for each in db.session.scalars(rows) if phones.dialled(each.phone) == phones.dialled(number)), None)
