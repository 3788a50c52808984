"""A sentence that waits for its reader: one message of the catalogue, and what goes into its gaps.

The Chinese of a message is its name and stands where it is said; every other language stands in the catalogues
(translations/*/LC_MESSAGES/messages.po) and is looked up when somebody reads::

    Sentence("还有 %(count)s 件没有人接，请先安排。", count=3).to("en")

A gap takes a number, a word, another sentence, a pair of words (Chinese, English) from the database, or a list of those.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Self

from babel import Locale
from babel.dates import format_date
from babel.support import Translations

from timebank import translations

CHINESE = "zh"
WRITTEN = (CHINESE, "en")
FOLDER = Path(translations.__file__).parent

Pair = tuple[str, str]
"""Words in Chinese and in English, as two columns of the database keep them."""


class Said(Pair):
    """Words that know every language; as a pair they are their Chinese and their English."""

    def to(self, language: str) -> str:
        """Return the words as a reader of a language has them."""
        return self[0 if language == CHINESE else 1]


class Sentence(Said):
    """A message with its gaps filled, in the language of whoever reads; as a pair it is its Chinese and its English."""

    msgid: str
    gaps: Mapping[str, object]
    context: str | None
    number: int | None

    def __new__(cls, msgid: str, /, **gaps: object) -> Self:
        """Make a sentence of a message and what fills each ``%(gap)s``."""
        return cls._made(None, None, msgid, gaps)

    @classmethod
    def many(cls, count: int, msgid: str, /, **gaps: object) -> Self:
        """Make a sentence about so many things; languages with a plural say it in the form of the count, a gap ``count``."""
        return cls._made(None, count, msgid, {"count": count, **gaps})

    @classmethod
    def of(cls, context: str, msgid: str, /, **gaps: object) -> Self:
        """Make a sentence whose Chinese is used in several senses: the context (``msgctxt``) says in which."""
        return cls._made(context, None, msgid, gaps)

    @classmethod
    def many_of(cls, context: str, count: int, msgid: str, /, **gaps: object) -> Self:
        """Make a sentence about so many things whose Chinese is used in several senses."""
        return cls._made(context, count, msgid, {"count": count, **gaps})

    @classmethod
    def _made(cls, context: str | None, count: int | None, msgid: str, gaps: Mapping[str, object]) -> Self:
        made = super().__new__(cls, (filled(msgid, gaps, CHINESE), filled(msgid, gaps, "en", context, count)))
        made.msgid, made.gaps, made.context, made.number = msgid, gaps, context, count
        return made

    def to(self, language: str) -> str:
        """Return the sentence as a reader of a language has it; in Chinese where the catalogue has no other."""
        return filled(self.msgid, self.gaps, language, self.context, self.number)


class Paragraph(Said):
    """Sentences one after the other, each with its full stop."""

    parts: tuple[Pair, ...]

    def __new__(cls, parts: Iterable[Pair]) -> Self:
        """Put sentences together."""
        told = tuple(parts)
        made = super().__new__(cls, (_in_a_row(told, CHINESE), _in_a_row(told, "en")))
        made.parts = told
        return made

    def to(self, language: str) -> str:
        """Return the sentences as a reader of a language has them."""
        return _in_a_row(self.parts, language)


def _in_a_row(parts: Iterable[Pair], language: str) -> str:
    stop = filled("。", {}, language)
    return ("" if language == CHINESE else " ").join(f"{to(part, language)}{stop}" for part in parts)


class Dated(Said):
    """A day or a month in words: a pattern of days (Unicode TR 35) that every language has in its catalogue as it writes it."""

    day: date
    pattern: Sentence

    def __new__(cls, day: date, pattern: Sentence) -> Self:
        """Show a day by a pattern such as M月d日."""
        made = super().__new__(cls, (_written(day, pattern, CHINESE), _written(day, pattern, "en")))
        made.day, made.pattern = day, pattern
        return made

    def to(self, language: str) -> str:
        """Return the day as a reader of a language has it."""
        return _written(self.day, self.pattern, language)


def _written(day: date, pattern: Sentence, language: str) -> str:
    return str(format_date(day, pattern.to(language), locale=language))


def to(words: Pair, language: str) -> str:
    """Return a sentence, or the one of a pair of words, for a reader of a language.

    A pair is what an office wrote in two languages: a third has it from its catalogue if that knows the Chinese, else in English.
    """
    if isinstance(words, Said):
        return words.to(language)
    if language in WRITTEN:
        return words[WRITTEN.index(language)]
    known = catalogue(language).gettext(words[0]) if words[0] else ""
    return known if known != words[0] else words[1]


def the_day(day: date) -> Pair:
    """Return a day as it stands within a sentence."""
    return Dated(day, DAY)


def the_moment(at: datetime) -> Pair:
    """Return a day and its time as they stand within a sentence; the instant is in the office's own zone."""
    return Sentence("%(day)s%(time)s", day=the_day(at.date()), time=f"{at:%H:%M}")


def the_month(month: date) -> Pair:
    """Return a month as it stands within a sentence."""
    return Dated(month, MONTH)


def filled(msgid: str, gaps: Mapping[str, object], language: str, context: str | None = None, count: int | None = None) -> str:
    """Return a message with its gaps filled; a message without gaps may hold a bare per cent sign."""
    if language == CHINESE:
        text = msgid
    else:
        known = catalogue(language)
        if count is not None:
            text = known.ngettext(msgid, msgid, count) if context is None else known.npgettext(context, msgid, msgid, count)
        else:
            text = known.gettext(msgid) if context is None else known.pgettext(context, msgid)
    return text % {name: _said(value, language) for name, value in gaps.items()} if gaps else text


def _said(value: object, language: str) -> object:
    """Return what stands in a gap."""
    if isinstance(value, tuple):
        return to(value, language)
    if isinstance(value, list):
        return ("、" if language == CHINESE else ", ").join(str(_said(each, language)) for each in value)
    return value


@cache
def languages() -> tuple[str, ...]:
    """Return the languages one can read: Chinese, and those that have a catalogue."""
    return CHINESE, *sorted(path.parts[-3] for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))


@cache
def own_name(language: str) -> str:
    """Return what a language calls itself, with a capital where it has any."""
    name = Locale.parse(language).language_name or language
    return name[:1].upper() + name[1:]


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the catalogue of a language, compiled if its source is newer; an empty one where there is none."""
    translations.refresh(FOLDER)
    return Translations.load(FOLDER, [language])


DAY, MONTH = Sentence.of("in a sentence", "M月d日"), Sentence.of("in a sentence", "y年M月")
