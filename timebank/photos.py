"""Photographs that people take with a phone: only the picture stays, never where and with what it was taken.

A JPEG is a row of segments. What a camera writes about itself, the place, the time and small pictures of the whole, stands in segments
of their own (``APP1`` to ``APP15``, comments) before the picture, which needs none of them; they are left out, byte by byte, and
nothing is decoded: a picture that unpacks into gigabytes costs nothing here.
"""

from collections.abc import Generator

from timebank.errors import wrong

MOST_BYTES = 1_500_000
MEGABYTE = 1_000_000
BEGIN, SCAN, END = 0xD8, 0xDA, 0xD9
FIRST_APP, LAST_APP, COMMENT = 0xE1, 0xEF, 0xFE
ALONE = {0x01, *range(0xD0, 0xD8)}
"""Marks without anything behind them."""
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def clean(photo: bytes) -> bytes:
    """Return a photograph without anything but its picture; refuse what is none, and one that nobody has shrunk."""
    if len(photo) > MOST_BYTES:
        size = f"{len(photo) / MEGABYTE:.1f}"
        raise wrong("photo", "这张照片有 %(size)s MB，太大了。用手机截个图再传一次；传不上也没关系，交到服务站就行。", size=size)
    try:
        return _picture_only(photo)
    except (IndexError, ValueError):
        raise wrong("photo", "这不是能用的照片。请用手机拍一张（JPG）再传；传不上也没关系，交到服务站就行。") from None


def _picture_only(photo: bytes) -> bytes:
    """Return the pieces a picture needs; one without a frame is none."""
    pieces = list(_pieces(photo))
    if not any(mark in FRAMES for mark, _piece in pieces):
        raise ValueError
    return photo[:2] + b"".join(piece for mark, piece in pieces if not (FIRST_APP <= mark <= LAST_APP or mark == COMMENT))


def _pieces(photo: bytes) -> Generator[tuple[int, bytes]]:
    """Walk over a photograph: each segment with its mark, the coded picture under 0; what hangs behind its end is not looked at."""
    if photo[0] != 0xFF or photo[1] != BEGIN:
        raise ValueError
    at, mark = 2, BEGIN
    while mark != END:
        while photo[at + 1] == 0xFF:
            at += 1
        mark = photo[at + 1]
        ends = at + 2 if mark in {END, *ALONE} else at + 2 + int.from_bytes(photo[at + 2 : at + 4], "big")
        if photo[at] != 0xFF or ends > len(photo):
            raise ValueError
        yield mark, photo[at:ends]
        at = ends
        if mark == SCAN:
            at = _next_mark(photo, at)
            yield 0, photo[ends:at]


def _next_mark(photo: bytes, at: int) -> int:
    """Return where the coded picture ends: at the next mark that is no part of it."""
    at = photo.index(0xFF, at)
    while photo[at + 1] == 0 or photo[at + 1] in ALONE:
        at = photo.index(0xFF, at + 2)
    return at
