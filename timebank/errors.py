"""The refusals: a small tree of exceptions whose sentence says what is the matter and what to do next.

::

    Refusal                 the request was understood and is refused        400
    +-- Invalid             a field is wrong; ``fields`` says which          422
    +-- NotSignedIn         sign in first                                    401
    +-- NotAllowed          signed in, but this page is for somebody else    403
    +-- NotFound            no such thing, or not yours to know of           404
    +-- Conflict            the state does not allow it, or it has changed   409
    +-- TooMany             too many tries; wait                             429
    +-- NotAvailable        this part of the product is not running          503

``web.py`` alone turns them into pages or JSON, in the reader's language (sentences.py). A refusal may offer a way on: ``way`` is
what it is called and its address. Programs tell refusals apart by ``code``, a word that stays when the sentences are written better: its own where one is given, else that of
its class.
"""

import re
from collections.abc import Mapping
from functools import cached_property

from timebank.sentences import Pair, Sentence

Way = tuple[Pair, str]
"""A way on: what it is called, and its address."""

WORD = re.compile(r"(?<!^)(?=[A-Z])")


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the product, not an error of the program
    """A request that was understood and is refused, with a sentence in each language."""

    status = 400
    code = "refusal"

    def __init_subclass__(cls) -> None:
        """Give every kind of refusal the code of its name, such as not_signed_in."""
        super().__init_subclass__()
        cls.code = WORD.sub("_", cls.__name__).lower()

    def __init__(
        self,
        words: str | Pair,
        *,
        fields: Mapping[str, Pair] | None = None,
        way: Way | None = None,
        code: str | None = None,
        **gaps: object,
    ) -> None:
        """Keep the sentence, or the message and what fills its gaps, the fields it belongs to, a way on and a code of its own."""
        super().__init__(words)
        self.said = words
        self.gaps = gaps
        self.fields = dict(fields or {})
        self.way = way
        self.code = code or type(self).code

    def __str__(self) -> str:
        """Return the sentence in English, for whoever reads a traceback."""
        return self.en

    @cached_property
    def words(self) -> Pair:
        """The sentence, put together when somebody reads it: a process that may open no file can refuse as well."""
        return Sentence(self.said, **self.gaps) if isinstance(self.said, str) else self.said

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return self.words[0]

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self.words[1]


class Invalid(Refusal):
    """What was entered cannot be taken as it stands."""

    status = 422


def wrong(field: str, words: str | Pair, *, code: str | None = None, **gaps: object) -> Invalid:
    """Return the refusal of what stands in one field; its sentence stands beside the field."""
    sentence = Sentence(words, **gaps) if isinstance(words, str) else words
    return Invalid(sentence, fields={field: sentence}, code=code)


class NotSignedIn(Refusal):
    """The page is only for people who have signed in."""

    status = 401


class NotAllowed(Refusal):
    """The page is for another role or another community."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or it is not this reader's to know of."""

    status = 404


class Conflict(Refusal):
    """The state of things does not allow it, or has changed meanwhile."""

    status = 409


class TooMany(Refusal):
    """Too many tries."""

    status = 429


class NotAvailable(Refusal):
    """A part of the product is not running."""

    status = 503
