"""One cell each: plain functions that turn what stands in a cell into a value, or say in two sentences why not.

Every parser takes a cell as a spreadsheet gives it (text, number, date, time, nothing) and is strict about what a
database or a plan could choke on: control characters, formulas, dates that do not exist, numbers without end.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from timebank import phones
from timebank.errors import Invalid

Parser = Callable[[Any], Any]
Windows = list[tuple[int, int]]

LONGEST = 500
DAY = 1440
LARGEST = 10**15
FIRST_YEAR, LAST_YEAR = 1900, 2100
FORMULA = ("=", "@")
# What stands beside words without being seen: blanks of every width, and the marks of files and of line breaks.
UNSEEN = "\u200b\u2060\ufeff"
CLEAR = "清空"
CLEARS = {CLEAR, "clear"}
NOT_FREE = {"无", "没空", "没有空"}
# Full-width digits and letters; punctuation stays, for in Chinese it is meant.
NARROW = {wide: wide - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for wide in range(ord(first), ord(last) + 1)}
HALF_DAYS = {"上午": (480, 720), "下午": (810, 1050), "全天": (480, 1050)}
WEEKDAYS = {name: index for index, name in enumerate("一二三四五六日")} | {"天": 6, "七": 6}
YES = {"是", "有", "y", "yes", "true", "1", "√", "✓"}
NO = {"否", "无", "没有", "n", "no", "false", "0", "×"}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_WINDOW = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", re.ASCII)
# How other systems keep Excel from reading a number: ="17000090204".
_LITERAL = re.compile(r'="([^"]*)"')
WENT_WRONG = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
"""What a spreadsheet shows where a formula went wrong."""
_NAME = re.compile(r"[^\W\d_]+(?:[·• ][^\W\d_]+)*")


def is_blank(cell: object) -> bool:
    """Say whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not trimmed(cell))


def trimmed(words: str) -> str:
    """Return words without the white space around them, and with every blank inside as a plain one."""
    inside = "".join(" " if sign.isspace() and sign != "\n" else sign for sign in words.replace("\r\n", "\n"))
    return inside.strip(f" \n{UNSEEN}")


def is_clear(cell: object) -> bool:
    """Say whether a cell bids what stands in the register to be cleared."""
    return isinstance(cell, str) and trimmed(cell).lower() in CLEARS


def shown(cell: object) -> str:
    """Return a cell as it may be repeated in a sentence: short, and without anything that cannot be seen."""
    words = printable(str(cell))
    return words if len(words) <= 30 else words[:29] + "…"


def printable(words: str) -> str:
    """Return words with a mark for everything that cannot be seen."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)


def text(most: int = LONGEST) -> Parser:
    """Return a parser of free words of at most this many characters."""

    def parse(cell: Any) -> str:  # noqa: ANN401 - whatever a spreadsheet holds
        words = _plain(cell)
        if len(words) > most:
            raise Invalid("最多 %(most)s 个字，现在有 %(count)s 个，请写短一些。", most=most, count=len(words))
        return words

    return parse


def _plain(cell: Any) -> str:  # noqa: ANN401
    """Return a cell as composed text; refuse formulas and what cannot be printed."""
    if isinstance(cell, int | float):
        # Written so that a NaN is refused as well.
        if not abs(cell) < LARGEST:
            raise Invalid("%(cell)s 不像这里要填的内容，请核对。", cell=shown(cell))
        cell = int(cell) if cell == int(cell) else cell
    words = trimmed(unicodedata.normalize("NFC", str(cell)).translate(NARROW))
    if literal := _LITERAL.fullmatch(words):
        words = trimmed(literal[1])
    if words.startswith(FORMULA):
        raise Invalid("“%(words_)s”像一个公式，不能导入；请改成普通文字。", words_=shown(words))
    if words.upper() in WENT_WRONG:
        raise Invalid("“%(words_)s”是公式算错的结果，请在表里改好再导入。", words_=shown(words))
    # Cc holds NUL, Cs lone surrogates, Cf the signs that turn the reading direction round.
    if any(unicodedata.category(c) in {"Cc", "Cs", "Cf", "Co"} and c != "\n" for c in words):
        raise Invalid("里面有看不见的控制字符，请删掉后重新输入。")
    return words


def _half_width(cell: Any) -> str:  # noqa: ANN401
    """Return a cell of digits and signs in half width, however it was typed."""
    return unicodedata.normalize("NFKC", _plain(cell))


def name(cell: Any) -> str:  # noqa: ANN401
    """Parse a person's name: letters, at most 50, with · between the parts of a longer one."""
    words: str = text(50)(cell)
    if not _NAME.fullmatch(words):
        raise Invalid("“%(words_)s”不像姓名：姓名里只能有文字和“·”。", words_=shown(words))
    return words


def code(cell: Any) -> str:  # noqa: ANN401
    """Parse a number or code by which a row is found again, such as E001."""
    words: str = text(32)(_half_width(cell))
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", words):
        raise Invalid("编号“%(words_)s”只能用字母、数字和短横线。", words_=shown(words))
    return words


def codes(cell: Any) -> list[str]:  # noqa: ANN401
    """Parse several codes, parted by semicolons or commas."""
    return [code(part) for part in re.split(r"[;；,，、\s]+", _plain(cell)) if part]


def words_list(cell: Any) -> list[str]:  # noqa: ANN401
    """Parse several words, parted by semicolons or commas."""
    return [text(40)(part) for part in re.split(r"[;；,，、]+", _plain(cell)) if part.strip()]


def mobile(cell: Any) -> str:  # noqa: ANN401
    """Parse a mobile number, however it is grouped; a leading +86 is dropped."""
    words = _plain(cell)
    found = phones.mobile(words)
    if found is None:
        raise Invalid("“%(words_)s”不是手机号：应为 1 开头的 11 位数字，只写一个号码。", words_=shown(words))
    return found


def telephone(cell: Any) -> str:  # noqa: ANN401
    """Parse a mobile or a landline number with its area code; many elders have only the latter."""
    words = _plain(cell)
    found = phones.mobile(words) or phones.landline(words)
    if found is None:
        raise Invalid(
            "“%(words_)s”不像电话：手机写 11 位数字；座机带区号，如 0532-88880000；分机写 0532-88880000-801。只写一个号码。",
            words_=shown(words),
        )
    return found


def day(cell: Any) -> date:  # noqa: ANN401
    """Parse a date: a date cell, or 2026-11-25, 2026/11/25, 2026.11.25, 2026年11月25日."""
    if isinstance(cell, datetime):
        cell = cell.date()
    read: date | None = cell if isinstance(cell, date) else None
    if read is None:
        found = _DATE.fullmatch(_half_width(cell))
        try:
            read = date(int(found[1]), int(found[2]), int(found[3])) if found else None
        except ValueError:
            read = None
    if read is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise Invalid("没有这一天，请写成 2026-11-25 这样的日期。")
    return read


def whole(least: int, most: int) -> Parser:
    """Return a parser of whole numbers between two ends."""

    def parse(cell: Any) -> int:  # noqa: ANN401
        value = number(least, most)(cell)
        if value != int(value):
            raise Invalid("“%(cell)s”不是整数。", cell=shown(cell))
        return int(value)

    return parse


def number(least: float, most: float) -> Parser:
    """Return a parser of numbers between two ends."""

    def parse(cell: Any) -> float:  # noqa: ANN401
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            words = _half_width(cell)
            if not re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]{1,20})?", words):
                raise Invalid("“%(words_)s”不是数字。", words_=shown(words))
            cell = float(words)
        # A NaN is not within any two ends, so it is refused here as well.
        if not least <= cell <= most:
            raise Invalid("%(cell)s 超出范围，应在 %(least)s 到 %(most)s 之间。", cell=shown(cell), least=least, most=most)
        return float(cell)

    return parse


class Choice:
    """A parser of one of these words."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Keep the words and what each stands for."""
        self.options = options

    def __call__(self, cell: Any) -> Any:  # noqa: ANN401
        """Return what a word stands for."""
        words = _plain(cell)
        if words not in self.options:
            allowed = "、".join(self.options)
            raise Invalid("“%(words_)s”不在可选项里：%(allowed)s。", words_=shown(words), allowed=allowed)
        return self.options[words]


def yes_no(cell: Any) -> bool:  # noqa: ANN401
    """Parse yes or no."""
    if isinstance(cell, bool):
        return cell
    words = _plain(cell).lower()
    if words in YES:
        return True
    if words in NO:
        return False
    raise Invalid("“%(words_)s”请改为“是”或“否”。", words_=shown(words))


def windows(cell: Any) -> Windows:  # noqa: ANN401
    """Parse the free times of a day, such as 9:00-11:30,14:00-17:00, or 上午, 下午, 全天."""
    if isinstance(cell, time | float | int):
        raise Invalid("请写起止时间，如 9:00-11:30。")
    words = _half_width(cell)
    if words in NOT_FREE:
        return []
    words = re.sub(r"\s*[-~\N{EN DASH}\N{EM DASH}至到]+\s*", "-", words)
    found = sorted(_window(part) for part in re.split(r"[,;、\s]+", words) if part)
    if any(after[0] < before[1] for before, after in itertools.pairwise(found)):
        raise Invalid("同一天的时段互相重叠，请合并成一段。")
    return found


def _window(part: str) -> tuple[int, int]:
    """Return one window in minutes after midnight."""
    if part in HALF_DAYS:
        return HALF_DAYS[part]
    found = _WINDOW.fullmatch(part)
    begin, end = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
    if not found or begin >= end or end > DAY or int(found[2]) > 59 or int(found[4]) > 59:
        raise Invalid("时段“%(part)s”看不懂，请写成 9:00-11:30。", part=shown(part))
    return begin, end


def window(cell: Any) -> tuple[int, int]:  # noqa: ANN401
    """Parse exactly one window, such as 9:00-11:30."""
    found = windows(cell)
    if len(found) != 1:
        raise Invalid("这里只能写一个时段，如 9:00-11:30。")
    return found[0]


def minute(cell: Any) -> int:  # noqa: ANN401
    """Parse a time of day, such as 16:00; Excel's own times too."""
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    words = _half_width(cell)
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", words, re.ASCII)
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY + 1
    if found is None or int(found[2]) > 59 or minutes > DAY:
        raise Invalid("时间“%(words_)s”看不懂，请写成 16:00。", words_=shown(words))
    return minutes


def weekdays(cell: Any) -> list[int]:  # noqa: ANN401
    """Parse days of the week, such as 一,三,五 or 工作日; Monday is 0."""
    words = re.sub(r"周|星期|礼拜", "", _half_width(cell))
    if words in {"工作日", "每个工作日"}:
        return [0, 1, 2, 3, 4]
    if words in {"每天", "天天"}:
        return list(range(7))
    parts = [part for part in re.split(r"[,，、;；\s]*", words) if part]
    if not parts or any(part not in WEEKDAYS for part in parts):
        raise Invalid("星期“%(words_)s”看不懂，请写成“一,三,五”或“工作日”。", words_=shown(words))
    return sorted({WEEKDAYS[part] for part in parts})


def days(cell: Any) -> list[date]:  # noqa: ANN401
    """Parse one or several dates, parted by commas."""
    if isinstance(cell, date):
        return [day(cell)]
    return sorted({day(part) for part in re.split(r"[,，、;；\s]+", _plain(cell)) if part})
