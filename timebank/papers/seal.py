"""The seal of a certificate: the digest of what is printed on it, so that it can be recomputed from the paper alone.

The sealed text has one line "place=content" for each thing the paper states, without white space and with wide signs as
narrow ones, so that nobody's way of typing changes it; the places are numbered alike on Chinese and English papers.
Anybody can write those lines down and take their SHA-256; the page "check on paper" and ``timebank seal`` do the same.
The seal shows that a paper agrees with itself, no more: whoever forges a paper works its digest out anew. Whether it was
issued and still holds only the register knows, so ``checking`` compares with that.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from timebank.hours import hours_text, shares_text

BEFORE = ("number", "issued_on", "volunteer_name", "volunteer_no", "id_type", "id_last4", "period_from", "period_to")
KIND = len(BEFORE) + 1
TOTAL = KIND + 1
AFTER = ("unit", "unit_code", "responsible", "handler", "phone", "remarks")
TWO_TOTALS = TOTAL + len(AFTER) + 1
LATIN = TWO_TOTALS + 1
OLDER = LATIN + 1
# A place with nothing behind it, as on a form that was not filled in: the paper does not state it.
NOTHING = re.compile(r"\d{1,2}=", re.ASCII)
MISREAD = str.maketrans({"o": "0", "l": "1", "i": "1"})


def lines(content: Mapping[str, Any]) -> list[str]:
    """Return the lines of a certificate's content in the order of the paper; what is not printed has no line."""
    kinds = content["by_kind"]
    hours = hours_of_kinds([kind["minutes"] for kind in kinds], content.get("entered_minutes"))
    total = content["total_minutes"]
    return [
        *_said(BEFORE, 1, content),
        *(_line(KIND, kind["content"], kind["visits"], kind["minutes"], share) for kind, share in zip(kinds, hours, strict=True)),
        _line(TOTAL, content["visit_count"], total, hours_text(total)),
        *_said(AFTER, TOTAL + 1, content),
        *_two_totals(total, content.get("entered_minutes")),
        *_said(("name_latin",), LATIN, {"name_latin": content.get("name_latin")}),
        *_older(content),
    ]


def hours_of_kinds(minutes: Sequence[int], entered: int | None) -> list[str]:
    """Return the hours of a certificate's kinds: half up; on older ones, which do not say what was entered, so that they add up."""
    return shares_text(minutes) if entered is None else [hours_text(each) for each in minutes]


def digest(text: Iterable[str]) -> str:
    """Return the digest of some lines, however they were typed; empty lines and places left empty do not count."""
    clean = [line for line in map(plain, text) if line and not NOTHING.fullmatch(line)]
    return hashlib.sha256("".join(f"{line}\n" for line in clean).encode()).hexdigest()


def plain(line: str) -> str:
    """Return a line without white space, wide signs as narrow ones."""
    return "".join(unicodedata.normalize("NFKC", line).split())


def same(printed: str, computed: str) -> bool:
    """Say whether a digest as it was typed from the paper is this one."""
    return typed(printed) == computed


def typed(printed: str) -> str:
    """Return a digest as it is stored, however it was typed from the paper: no spaces, and no letter where only a figure can stand."""
    return plain(printed).lower().translate(MISREAD)


def number_on(text: Iterable[str]) -> str:
    """Return the number that stands in some copied lines, nothing when there is none."""
    place = f"{BEFORE.index('number') + 1}="
    return next((line.removeprefix(place) for line in map(plain, text) if line.startswith(place)), "")


def _said(names: Iterable[str], first: int, content: Mapping[str, Any]) -> list[str]:
    """Return the lines of the things that are stated, each under its place."""
    return [_line(place, content[name]) for place, name in enumerate(names, first) if content[name]]


def _two_totals(total: int, entered: int | None) -> list[str]:
    """Return the line of what the system signed and what was entered afterwards; older certificates do not say."""
    if entered is None:
        return []
    signed = total - entered
    return [_line(TWO_TOTALS, signed, hours_text(signed), entered, hours_text(entered))]


def _older(content: Mapping[str, Any]) -> list[str]:
    """Return the line of what older systems recorded, where the paper says so."""
    minutes = content.get("older_minutes")
    return [_line(OLDER, minutes, hours_text(minutes), content["older_systems"])] if minutes else []


def _line(place: int, *parts: object) -> str:
    """Return one line."""
    return plain(f"{place}={'/'.join(map(str, parts))}")


DIGEST_LENGTH = 64
