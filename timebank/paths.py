"""Where the folders beside the code are found: in a wheel inside the package, in a checkout one level up."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def find(folder: str) -> Path:
    """Return the folder ``templates`` or ``seeds``, wherever this installation keeps it."""
    inside = PACKAGE / f"_{folder}"
    return inside if inside.is_dir() else PACKAGE.parent / folder
