"""What an account's movements add up to, for a person who reads a statement: a reversal is never spending."""

from collections.abc import Iterable

from timebank.ledger.models import CREDITS, TransferKind
from timebank.ledger.queries import Line
from timebank.papers import words
from timebank.papers.facts import Language, Moved

FIRST_VERSION = ":v1"
OF_CORRECTIONS = {TransferKind.REVERSAL, TransferKind.TAKE_BACK, TransferKind.ADVANCE, TransferKind.REPAY}


def moved(lines: Iterable[Line]) -> Moved:
    """Return what some movements add up to; a reversal, the credit of the record's new version, and what is owed are one correction."""
    credited = spent = returned = corrected = 0
    for line in lines:
        if line.kind in OF_CORRECTIONS or is_new_version(line):
            corrected += line.minutes
        elif line.kind is TransferKind.RELEASE:
            returned += line.minutes
        elif line.minutes > 0:
            credited += line.minutes
        else:
            spent -= line.minutes
    return Moved(credited, spent, returned, corrected)


def said(line: Line, language: Language) -> str:
    """Return the words of a movement of an account."""
    return words.one(words.CREDITED_ANEW, language) if is_new_version(line) else words.movement(line.kind, line.minutes, language)


def is_new_version(line: Line) -> bool:
    """Say whether a movement credits a record anew after a correction."""
    return line.kind in CREDITS and line.source.startswith("record:") and not line.source.endswith(FIRST_VERSION)
