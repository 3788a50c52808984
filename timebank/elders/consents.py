"""What an elder agrees to: the words that are read out or shown, who heard the answer, and what is erased when it is taken back."""

from timebank import audit, clock
from timebank.db import db
from timebank.elders import queries
from timebank.elders.models import CareLevel, Consent, Elder, Purpose, Said
from timebank.sentences import Sentence

VERSION = "2"
TEXTS: dict[Purpose, tuple[str, str]] = {
    Purpose.SERVICE: Sentence(
        "志愿者按约好的时间上门帮忙。社区为此记下姓名、住处、电话和每次上门的时间，只给要来的人和办这件事的人看。随时可以说不要。"
    ),
    Purpose.HEALTH: Sentence("社区记下自理程度、饮食忌口和照护提示，上门的人照着做。加密保存，谁看过都留痕。说不要的当天就清空。"),
    Purpose.DOOR: Sentence("社区记下怎么找到门、怎么敲门这样的提示，只在上门前后给来的人看。说不要的当天就清空。"),
}


def give(elder: Elder, purpose: Purpose, said: Said, *, given_by: str = "elder", heard_by: int | None = None) -> Consent:
    """Write down a consent given now: whose word it is, how and by whom it was heard, and the words it answers."""
    given = Consent(
        elder_id=elder.id,
        purpose=purpose,
        given_by=given_by,
        channel=said.value,
        version=VERSION,
        heard_by=heard_by,
        words=TEXTS[purpose][0],
        given_at=clock.now(),
    )
    db.session.add(given)
    db.session.flush()
    audit.record("consent", "elder", elder.id, purpose=purpose.value)
    return given


def withdraw(elder: Elder, purpose: Purpose) -> None:
    """Note that a consent is withdrawn, and erase what was only written down because of it."""
    held = queries.consents(elder).get(purpose)
    if held is None:
        return
    held.withdrawn_at = clock.now()
    with audit.changing("withdraw_consent", elder, purpose=purpose.value):
        if purpose is Purpose.HEALTH:
            elder.level, elder.diet, elder.care_note = CareLevel.UNKNOWN, None, None
        if purpose is Purpose.DOOR:
            elder.household.door_note = None
