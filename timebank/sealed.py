"""Columns that hold sensitive words (care notes, doors): encrypted before they reach the database."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator


class Sealer:
    """Holds the keys of the running service, the newest first; set once by ``create_app``.

    What is written is sealed with the newest key; the earlier ones only open, and check, what was sealed with them.
    """

    def __init__(self) -> None:
        """Start without a key."""
        self._fernet: MultiFernet | None = None
        self._digest = b""
        self.mark = ""
        self.seal_keys: dict[str, bytes] = {}

    def use(self, key: str, *earlier: str) -> None:
        """Derive the keys from secrets: one that opens and closes columns, one for the chain of seals."""
        self._digest = _digest_of(key)
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_digest_of(each))) for each in (key, *earlier)])
        self.mark = mark_of(key)
        self.seal_keys = {mark_of(each): hashlib.sha256(b"timebank chain of seals\0" + each.encode()).digest() for each in (key, *earlier)}

    def key_for(self, whom: str) -> str:
        """Return a key of 256 bits for what is kept elsewhere and belongs to one session or person; it tells nothing of the service's own."""
        said = b"timebank key of " + whom.encode()
        return base64.b64encode(hmac.digest(self._digest, said, "sha256")).decode()

    @property
    def fernet(self) -> MultiFernet:
        """The cipher; an error when the service was not set up."""
        if self._fernet is None:
            msg = "sealed columns need create_app to have set a key"
            raise RuntimeError(msg)
        return self._fernet

    @property
    def seal_key(self) -> bytes:
        """The key that new seals are made with."""
        return self.seal_keys[self.mark]


def _digest_of(key: str) -> bytes:
    """Return what the ciphers of one secret are made of."""
    return hashlib.sha256(b"timebank sealed columns\0" + key.encode()).digest()


def mark_of(key: str) -> str:
    """Return a mark that tells one key from another and gives nothing of it away."""
    return hashlib.sha256(b"timebank mark of a key\0" + key.encode()).hexdigest()[:16]


sealer = Sealer()


class Sealed(TypeDecorator[str]):
    """Text that is encrypted at rest."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in."""
        del dialect
        return None if value is None else sealer.fernet.encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out; a value sealed with another key reads as nothing."""
        del dialect
        if value is None:
            return None
        try:
            return sealer.fernet.decrypt(value.encode()).decode()
        except InvalidToken:
            return None
