"""What next after a visit failed at the door, in words: for its page, which asks, and for Today, which leads there."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from timebank.planning import words
from timebank.visits.actions import again
from timebank.visits.models import Outcome, Visit


def outcome_word(outcome: Outcome | None) -> str:
    """Return what was found at a door, in words."""
    found_words = {
        Outcome.NO_ANSWER: _("没人应门"),
        Outcome.REFUSED: _("老人不要"),
        Outcome.WRONG_ADDRESS: _("地址不对"),
        Outcome.NOT_READY: _("还没准备好"),
    }
    return str(found_words.get(outcome, _("其他"))) if outcome else ""


def tried_again(shown: Visit) -> dict[str, Any]:
    """Return what the page of a visit shows of its tries: those before, what was found, what may come next."""
    return {
        "tries": [
            (each, words.day_words(each.day or each.occurrence), outcome_word(again.found_at_door(each))) for each in again.history(shown)
        ],
        "asks_next": again.asks(shown),
        "found_there": outcome_word(again.found_at_door(shown)),
        "next_days": [(day.isoformat(), words.day_words(day)) for day in again.choices(shown)],
        "next_visit": again.next_of(shown),
    }


def failed_ones(community_id: int) -> list[dict[str, Any]]:
    """Return what Today says of visits that failed and of which nobody has said what next, each with its page."""
    return [
        {
            "icon": "return",
            "word": _(
                "%(who)s%(what)s没做成：%(found)s",
                who=words.elders_of(each),
                what=words.kind_words(each.kind),
                found=outcome_word(again.found_at_door(each)),
            ),
            "text": _("接下来怎么办"),
            "href": url_for("planning.visit", visit_id=each.id),
        }
        for each in again.waiting(community_id)
    ]
