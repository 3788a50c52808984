"""Taps of a phone that was without a network: what is refused when it comes is kept with both sides, and told in words."""

import contextlib
from collections.abc import Callable, Generator
from typing import Any

from flask import request
from flask_babel import gettext as _

from timebank.db import transaction
from timebank.errors import Conflict, Invalid
from timebank.visits.actions import mismatching
from timebank.visits.mismatches import Deed, Mismatch
from timebank.visits.models import Offer, Outcome
from timebank.web import wants_json


@contextlib.contextmanager
def kept_when_refused(deed: Deed, said: dict[str, Any], find: Callable[[], Offer]) -> Generator[None]:
    """Keep a tap that a phone tells of later and that is refused; one that is told of as it is made is refused on the page."""
    try:
        yield
    except Conflict as error:
        if said["at"] is not None:
            tap = mismatching.Tap(
                key=request.form["_key"], deed=deed, at=said["at"], outcome=said.get("outcome"), note=said.get("note", "")
            )
            with transaction():
                mismatching.keep(find(), tap, error)
        raise


def must_be_told(error: Invalid) -> None:
    """Let a phone that sends what it kept have the sentence: it shows no page."""
    if wants_json():
        raise error


def outcome_words() -> dict[Outcome, tuple[str, str, str]]:
    """Return what may be wrong at a door: the icon, the words, and what comes next."""
    return {
        Outcome.UNWELL: ("alert", _("老人不舒服"), _("先陪着，协调员会马上打给你")),
        Outcome.NO_ANSWER: ("house", _("没人应门"), _("打过两次电话了？东西带回，不放门口")),
        Outcome.REFUSED: ("close", _("老人说今天不要"), _("餐带回食堂，其他的不用补")),
        Outcome.WRONG_ADDRESS: ("place", _("地址不对"), _("在上面写一下你看到的门牌")),
        Outcome.NOT_READY: ("clock", _("还没准备好，做不了"), _("在上面写一句缺什么")),
        Outcome.OTHER: ("document", _("别的情况"), _("在上面写一句")),
    }


def deed_word(mismatch: Mismatch) -> str:
    """Return what a tap said, in the words of its button."""
    deeds = {Deed.PICK_UP: _("取好了"), Deed.DELIVER: _("送到了"), Deed.CHECK_IN: _("签到"), Deed.CHECK_OUT: _("签退")}
    return str(deeds.get(mismatch.deed) or outcome_words()[mismatch.outcome or Outcome.OTHER][1])
