"""Puts the tables of the rows at hand into the README, between the two lines that mark each place."""

import re
from collections.abc import Mapping
from pathlib import Path

README = Path(__file__).with_name("README.md")


def filled(text: str, tables: Mapping[str, str]) -> str:
    """Return the text with each marked place holding its table; a place without a table stays as it is."""

    def place(found: re.Match[str]) -> str:
        begin, name, _, end = found.groups()
        return f"{begin}\n{tables[name]}\n{end}" if name in tables else found[0]

    return re.sub(r"(<!-- table (\w+) -->)\n(.*?)\n(<!-- end -->)", place, text, flags=re.DOTALL)
