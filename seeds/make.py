"""Write a community's four workbooks: places, volunteers, elders, needs. ``python seeds/make.py NAME [FOLDER]``.

The same script always writes the same bytes: one seed, a constant date of creation, and nothing asked of clock or network.
"""

import importlib
import sys
from pathlib import Path

from timebank.exchange.columns import WORKBOOKS
from timebank.exchange.writing import write_workbook


def main(name: str, folder: Path) -> None:
    """Write the workbooks of a community into a folder."""
    rows = importlib.import_module(f"{name}.rows").all_rows()
    for workbook in WORKBOOKS:
        write_workbook(folder / f"{workbook.stem}.xlsx", workbook, rows[workbook.stem])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / sys.argv[1])
