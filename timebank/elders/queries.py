"""Reads of elders: how an elder is named to people who need not know the whole name."""

from timebank.access.masking import mask_name, surname_of
from timebank.elders.models import Elder

COURTESY = {"F": "奶奶", "M": "爷爷"}


def courtesy_name(elder: Elder) -> str:
    """Return the surname and 奶奶 or 爷爷, a masked name when the gender is not known."""
    title = COURTESY.get(elder.gender)
    return f"{surname_of(elder.name)}{title}" if title else mask_name(elder.name)
