"""Verbs of the catalogue: what is offered here, when, and how much it weighs; how long it takes is changed by two people."""

from collections.abc import Sequence

from timebank import audit
from timebank.catalogue.models import ServiceKind
from timebank.errors import wrong
from timebank.sentences import Sentence

Window = tuple[int, int]


def switch(kind: ServiceKind, community_id: int, *, enabled: bool) -> None:
    """Offer a kind from now on, or no more; what was agreed on stays."""
    if kind.enabled != enabled:
        kind.enabled = enabled
        audit.record("switch_kind", "community", community_id, kind=kind.id, enabled=enabled)


def change(kind: ServiceKind, community_id: int, windows: Sequence[Window], weight: int) -> None:
    """Change the times of day at which a kind can be asked for, and how much one of it weighs in the plan."""
    if not windows:
        sentence = Sentence("请至少写一段时间，如 9:00-11:30。")
        raise wrong("windows", sentence)
    wanted = [list(each) for each in windows]
    if (kind.windows, kind.weight) == (wanted, weight):
        return
    before = {"windows": kind.windows, "weight": kind.weight}
    kind.windows, kind.weight = wanted, weight
    audit.record("change_kind", "community", community_id, kind=kind.id, before=before, after={"windows": wanted, "weight": weight})


def set_minutes(kind: ServiceKind, community_id: int, minutes: int, credit_cap: int | None) -> None:
    """Set how long a kind takes and how much of it is credited at most; two people stand for this."""
    before = [kind.minutes, kind.credit_cap]
    kind.minutes, kind.credit_cap = minutes, credit_cap
    audit.record("set_kind_minutes", "community", community_id, kind=kind.id, before=before, after=[minutes, credit_cap])
