"""What the office sees of a message to somebody's door: all but the visit code, which shows at the door that somebody was there.

Whoever reads it at the desk could tell it to somebody who stays at home. Only where a message has to be passed on by telephone is it read
there, and that is on record.
"""

import re

CODE = re.compile(r"(到访码|code )\d{4}(?!\d)")


def without_code(text: str | None) -> str:
    """Return a message with its visit code hidden."""
    return CODE.sub(r"\1····", text or "")


def has_code(text: str | None) -> bool:
    """Say whether a message tells a visit code."""
    return CODE.search(text or "") is not None
