"""Papers of many people as one file to be printed at once: a file holds as many as a page waits for without impatience, more comes in parts."""

from collections.abc import Sequence
from typing import TypeVar

from timebank.errors import NotFound

A_FILE = 100
Paper = TypeVar("Paper")


def parts(count: int) -> list[tuple[int, int]]:
    """Return which papers, counted from one, stand in each part."""
    return [(first, min(first + A_FILE - 1, count)) for first in range(1, count + 1, A_FILE)]


def part_of(papers: Sequence[Paper], number: int) -> Sequence[Paper]:
    """Return the papers of one part."""
    found = papers[(number - 1) * A_FILE : number * A_FILE] if number >= 1 else []
    if not found:
        raise NotFound("没有要打印的，或者没有这一部分。请回到列表再看。")
    return found
