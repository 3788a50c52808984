"""The command `bound`: how much weight any plan of a week can serve at most (ceiling.py says how it is proved)."""

from matching.model import Week
from matching.proof.ceiling import prove
from matching.proof.proved import Ceiling
from matching.search.problem import compile_week


def bound(week: Week, *, seconds: float = 60.0, pins: int = 0) -> Ceiling:
    """Prove how much weight can be served at most.

    Parameters
    ----------
    week : Week
        The week to be planned.
    seconds : float
        Wall time the proof may take; what is proved by then is returned.
    pins : int
        How many pins a plan that is known keeps; plans that keep fewer need not be covered.

    Returns
    -------
    Ceiling
        A served weight that no plan of the week exceeds: a whole number with `proof`, the proof that gave it (`trivial`, `rows`, `columns`,
        `prices`, `branching`), and `ended`, why that went no further (`proved`, `time`, `labels`, `no_gain`).
    """
    return prove(compile_week(week), seconds=seconds, pins=pins)
