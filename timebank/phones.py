"""Telephone numbers of China as people write them: one way inside, what a telephone is told to dial, and what is shown of them masked."""

import re
import unicodedata

HYPHENS = re.compile(r"[()\[\]._·\u2010-\u2015\u2212]+")
COUNTRY = re.compile(r"^(?:\+|00)?86-?")
EXTENSION = re.compile(r"-?(?:转|轉|分机号?|内线|extension|ext|x|#|,)[:-]?([0-9]{1,6})$", re.IGNORECASE)
MOBILE = re.compile(r"0?(1[3-9][0-9]{9})")
LOCAL = re.compile(r"[1-9][0-9]{2,3}-?[0-9]{4}")
LANDLINE = re.compile(r"0?(10|2[0-9]|[3-9][0-9]{2})-?([0-9]{7,8}|[0-9]{3,4}-[0-9]{4})(?:-([0-9]{1,6}))?")


def mobile(words: str) -> str | None:
    """Return the eleven digits of a mobile number, None when it is not one."""
    found = MOBILE.fullmatch(COUNTRY.sub("", _plain(words)).replace("-", ""))
    return found[1] if found else None


def landline(words: str) -> str | None:
    """Return a landline number as 0532-88880000, with an extension as 0532-88880000-801, None when it is not one."""
    parts = _parts(words)
    return "-".join(part for part in parts if part) if parts else None


def can_be_rung(words: str) -> bool:
    """Say whether a number is whole: a mobile's, a landline's, or one of seven or eight digits within the town."""
    return bool(mobile(words) or landline(words) or LOCAL.fullmatch(_plain(words)))


def dialled(phone: str) -> str:
    """Return what a link that dials carries: the digits, and after a pause those of the extension."""
    if found := mobile(phone):
        return found
    area, number, extension = _parts(phone) or ("", *EXTENSION.sub(r"|\1", _plain(phone)).partition("|")[::2])
    digits = re.sub(r"[^0-9+]", "", area + number)
    return f"{digits},{extension}" if extension else digits


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden: 138****1234, of a landline the last two digits."""
    if known := mobile(phone):
        return f"{known[:3]}****{known[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:]


def _plain(words: str) -> str:
    """Return what was written without blanks, its digits and hyphens of one kind, brackets as hyphens."""
    said = HYPHENS.sub("-", re.sub(r"[\s'’`]", "", unicodedata.normalize("NFKC", words)))
    return re.sub(r"-{2,}", "-", said).strip("-")


def _parts(words: str) -> tuple[str, str, str] | None:
    """Return area code, number and extension of a landline; only after the country's code may the area's 0 be left out."""
    said = EXTENSION.sub(r"-\1", _plain(words))
    home = COUNTRY.sub("", said)
    found = LANDLINE.fullmatch(home) if home != said or home.startswith("0") else None
    return (f"0{found[1]}", found[2].replace("-", ""), found[3] or "") if found else None
