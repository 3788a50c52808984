"""Which kinds of messages somebody wants: each kind can be refused by a press; what is urgent or guards an identity always comes."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select

from timebank import audit, clock
from timebank.db import db
from timebank.notices.models import NoticeChoice

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "evening": ("tomorrow", "my_tomorrow"),
    "soon": ("soon", "my_soon"),
    "arrived": ("arrived",),
    "delivered": ("delivered",),
    "answers": ("request_accepted", "request_declined"),
    "changes": ("day_changed", "family_not_coming", "family_after_all"),
    "offers": ("offer", "hand", "swap"),
    "station": ("group",),
    "thanks": ("thanks",),
    "books": ("statement", "star"),
}
"""The kinds that can be refused, with the templates of each; what somebody has promised and is otherwise now is none of them."""
OF_VOLUNTEERS: Final = frozenset({"offers", "thanks", "books"})
"""Kinds that only a volunteer is sent."""
ASKED_FOR: Final = frozenset({"delivered"})
"""Kinds that come only to whoever has asked for them: a meal every noon is news to few."""
OF: Final = {template: kind for kind, templates in KINDS.items() for template in templates}


def wants(user_id: int, template: str) -> bool:
    """Say whether somebody wants messages of a template."""
    kind = OF.get(template)
    if kind is None:
        return True
    chosen = db.session.get(NoticeChoice, (user_id, kind))
    return chosen.wanted if chosen is not None else kind not in ASKED_FOR


def wanted_of(user_id: int) -> dict[str, bool]:
    """Return every kind with whether somebody wants it."""
    chosen = {each.kind: each.wanted for each in db.session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == user_id))}
    return {kind: chosen.get(kind, kind not in ASKED_FOR) for kind in KINDS}


def choose(user_id: int, wanted: set[str], among: Collection[str] = KINDS) -> None:
    """Keep which kinds somebody wants; the others they were asked about they do not."""
    before = wanted_of(user_id)
    changed = {kind: kind in wanted for kind in KINDS if kind in among and before[kind] != (kind in wanted)}
    for kind, yes in changed.items():
        row = db.session.get(NoticeChoice, (user_id, kind)) or NoticeChoice(user_id=user_id, kind=kind)
        row.wanted, row.chosen_at = yes, clock.now()
        db.session.add(row)
    audit.record("choose_messages", "user", user_id, kinds=sorted(changed))
