"""What a proof says: a ceiling, which proof gave it and why nothing lower came."""

from enum import StrEnum
from typing import Self


class Way(StrEnum):
    """How a ceiling was proved.

    `trivial`: only what some window fits can be served; `rows`: the linear programme of what any plan must obey; `branching`: the same
    rows with whole unknowns, searched; `prices`: whole weeks of single volunteers at prices under which they do not compete; `columns`: the
    same at the best prices there are.
    """

    TRIVIAL = "trivial"
    ROWS = "rows"
    COLUMNS = "columns"
    PRICES = "prices"
    BRANCHING = "branching"


class End(StrEnum):
    """Why a proof went no further.

    `proved`: a plan at hand reaches the ceiling; `time`: there was no more, or a stop was asked for; `labels`: too many trips begun had to
    be kept in mind; `no_gain`: every proof this size of week is tried with was carried to its end.
    """

    PROVED = "proved"
    TIME = "time"
    LABELS = "labels"
    NO_GAIN = "no_gain"


class Ceiling(int):
    """A served weight no plan exceeds: a whole number that also knows its proof; `ended` is None while that may still go on."""

    proof: Way
    ended: End | None

    def __new__(cls, weight: int, proof: Way = Way.TRIVIAL, ended: End | None = None) -> Self:
        """Make a ceiling of a weight."""
        made = super().__new__(cls, weight)
        made.proof, made.ended = proof, ended
        return made

    def lower(self, proved: int, proof: Way) -> "Ceiling":
        """Give the lower one of this ceiling and a newly proved one."""
        return Ceiling(proved, proof) if proved < self else self

    def ending(self, reason: End | None) -> "Ceiling":
        """Give the same ceiling with the reason why its proof went no further."""
        return Ceiling(self, self.proof, reason)

    def beside(self, served: int) -> "Ceiling":
        """Give the same ceiling as it stands beside a plan that serves so much."""
        return self.ending(End.PROVED) if self <= served else self

    def said(self) -> dict[str, str | None]:
        """Say the proof and the reason, fit for JSON."""
        return {"proof": str(self.proof), "ended": None if self.ended is None else str(self.ended)}
