"""Which building somebody means by an address as people write it; nothing where it could be two."""

import re
import unicodedata

from timebank.places.models import Building
from timebank.places.queries import buildings

FLAT = re.compile(r"(?<!\d)(\d{1,2})(\d{2})(?!\d)", re.ASCII)
STOREY = re.compile(r"(\d{1,2})(?:楼|层)", re.ASCII)


def building_at(community_id: int, written: str) -> Building | None:
    """Return the building an address names: the longest name that stands in it, with its compound's where several are called so."""
    said = _plain(written)
    known = [(each, _plain(each.name), _plain(each.compound.name)) for each in buildings(community_id)]
    named = [(each, name, compound) for each, name, compound in known if _stands(name, said)]
    longest = max((len(name) for _each, name, _compound in named), default=0)
    best = [(each, compound) for each, name, compound in named if len(name) == longest]
    if len(best) > 1:
        best = [(each, compound) for each, compound in best if _stands(compound, said)]
    return best[0][0] if len(best) == 1 else None


def floor_in(written: str) -> int:
    """Return the floor an address names, by its storey or its flat; the ground floor where it names none."""
    said = _plain(written)
    storey = STOREY.search(said)
    if storey is not None:
        return max(1, int(storey[1]))
    flats = FLAT.findall(said)
    return max(1, int(flats[-1][0])) if flats else 1


def _stands(name: str, said: str) -> bool:
    """Say whether a name stands in an address, not as the end of a longer number."""
    return bool(name) and re.search(rf"(?<!\d){re.escape(name)}" if name[0].isdigit() else re.escape(name), said) is not None


def _plain(written: str) -> str:
    """Return an address without blanks and signs, in half width; 号楼 and 栋 are 号."""
    said = "".join(unicodedata.normalize("NFKC", written).split()).casefold()
    return re.sub(r"号楼|幢|栋|座", "号", re.sub(r"[-—－,，.。·]", "", said))
