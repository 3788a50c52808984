"""The refusals: a small tree of exceptions whose two sentences say what is the matter and what to do next.

::

    Refusal                 the request was understood and is refused        400
    +-- Invalid             a field is wrong; ``fields`` says which          422
    +-- NotSignedIn         sign in first                                    401
    +-- NotAllowed          signed in, but this page is for somebody else    403
    +-- NotFound            no such thing, or not yours to know of           404
    +-- Conflict            the state does not allow it, or it has changed   409
    +-- TooMany             too many tries; wait                             429
    +-- NotAvailable        this part of the product is not running          503

``web.py`` alone turns them into pages or JSON. A refusal may offer a way on: ``way`` is (Chinese, English, address).
"""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the product, not an error of the program
    """A request that was understood and is refused, with a sentence in each language."""

    status = 400

    def __init__(
        self, zh: str, en: str, *, fields: dict[str, tuple[str, str]] | None = None, way: tuple[str, str, str] | None = None
    ) -> None:
        """Keep the Chinese and the English sentence, the fields they belong to and a way on."""
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.fields = fields or {}
        self.way = way


class Invalid(Refusal):
    """What was entered cannot be taken as it stands."""

    status = 422


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
