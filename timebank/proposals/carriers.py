"""Who carries a proposal out, and in what words it is shown: each room with such a verb registers itself here."""

from collections.abc import Callable
from dataclasses import dataclass

from timebank.access.models import User
from timebank.proposals.models import Kind, Proposal
from timebank.sentences import Pair, Sentence

NOTHING: Pair = Sentence("（没有）")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes, in Chinese and English, from what to what."""

    name: Pair
    before: Pair
    after: Pair


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal in words: what it is about, in both languages, and what would change."""

    title: Pair
    changes: tuple[Change, ...]


def or_nothing(said: str) -> Pair:
    """Return words as they stand, or that there are none."""
    return (said, said) if said else NOTHING


def nobody_barred(_proposal: Proposal, _by: User) -> Pair | None:
    """Return that anybody of the office but who asked may decide."""
    return None


@dataclass(frozen=True, slots=True)
class Carrier:
    """How one kind is carried out (``by`` is the second person, None when its wait is over), shown, and who may not decide on it."""

    carry: Callable[[Proposal, User | None], None]
    show: Callable[[Proposal], Shown]
    why_not: Callable[[Proposal, User], Pair | None] = nobody_barred


_carriers: dict[Kind, Carrier] = {}


def register(kind: Kind, carrier: Carrier) -> None:
    """Say who carries a kind out."""
    _carriers[kind] = carrier


def of(kind: Kind) -> Carrier:
    """Return who carries a kind out."""
    return _carriers[kind]
