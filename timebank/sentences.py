"""A sentence that waits for its reader: one message of the catalogue, and what goes into its gaps.

The Chinese of a message is its name and stands where it is said; every other language stands in the catalogues
(translations/*/LC_MESSAGES/messages.po) and is looked up when somebody reads::

    Sentence("还有 %(count)s 件没有人接，请先安排。", count=3).to("en")

A gap takes a number, a word, another sentence, a pair of words (Chinese, English) from the database, or a list of those.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Self

from babel.support import Translations

from timebank import translations

CHINESE = "zh"
FOLDER = Path(translations.__file__).parent

Pair = tuple[str, str]
"""Words in Chinese and in English, as two columns of the database keep them."""


class Sentence(Pair):
    """A message with its gaps filled, in the language of whoever reads; as a pair it is its Chinese and its English."""

    msgid: str
    gaps: Mapping[str, object]

    def __new__(cls, msgid: str, /, **gaps: object) -> Self:
        """Make a sentence of a message and what fills each ``%(gap)s``."""
        made = super().__new__(cls, (filled(msgid, gaps, CHINESE), filled(msgid, gaps, "en")))
        made.msgid, made.gaps = msgid, gaps
        return made

    def to(self, language: str) -> str:
        """Return the sentence as a reader of a language has it; in Chinese where the catalogue has no other."""
        return filled(self.msgid, self.gaps, language)


def to(words: Pair, language: str) -> str:
    """Return a sentence, or the one of a pair of words, for a reader of a language."""
    return words.to(language) if isinstance(words, Sentence) else words[0 if language == CHINESE else 1]


def the_day(day: date) -> Pair:
    """Return a day as it stands within a sentence."""
    return f"{day.month}月{day.day}日", f"{day:%Y-%m-%d}"


def the_month(month: date) -> Pair:
    """Return a month as it stands within a sentence."""
    return f"{month.year}年{month.month}月", f"{month:%Y-%m}"


def filled(msgid: str, gaps: Mapping[str, object], language: str) -> str:
    """Return a message with its gaps filled; a message without gaps may hold a bare per cent sign."""
    text = msgid if language == CHINESE else catalogue(language).gettext(msgid)
    return text % {name: _said(value, language) for name, value in gaps.items()} if gaps else text


def _said(value: object, language: str) -> object:
    """Return what stands in a gap."""
    if isinstance(value, tuple):
        return to(value, language)
    if isinstance(value, list):
        return ("、" if language == CHINESE else ", ").join(str(_said(each, language)) for each in value)
    return value


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the catalogue of a language, compiled if its source is newer; an empty one where there is none."""
    translations.refresh(FOLDER)
    return Translations.load(FOLDER, [language])
